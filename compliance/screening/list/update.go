package list

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/openremit/remit"
)

// ErrRefused means that a fetched list was not taken into use; the one in force stays.
var ErrRefused = errors.New("list refused")

// RefusedError says which list was refused and why. It wraps ErrRefused.
type RefusedError struct {
	List string
	// Had and Has count the entries of the list in force and of the one
	// refused; Has is 0 when that could not be read.
	Had, Has int
	// Err is what is wrong with the list; nil when it has lost too many entries.
	Err error
}

// Error names the list, both counts and what is wrong.
func (e *RefusedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s refused, %d entries stay in force: %v", e.List, e.Had, e.Err)
	}
	return fmt.Sprintf("%s refused: it has %d entries and had %d", e.List, e.Has, e.Had)
}

// Unwrap returns ErrRefused and the cause.
func (e *RefusedError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrRefused}
	}
	return []error{ErrRefused, e.Err}
}

// Outcome is what an update did with one list, for metrics and alarms.
type Outcome struct {
	List string
	// Result is "updated", "unchanged", "refused" or "unreachable".
	Result string
	// Before and After count the entries in force before the update and after it.
	Before, After int
	// Err says why a list was refused or could not be reached.
	Err error
}

// Settings are how lists are updated. A zero field stands for its default.
type Settings struct {
	// Sources are what is fetched; OfficialSources.
	Sources []Source
	// Keep is how many folders of lists are kept, those in force and before; 5, at least 2.
	Keep int
	// MaxShrink is by how much, in percent, a list may lose entries in one update; 10.
	MaxShrink int
	// MayShrink names lists that may lose any number of entries, and lists that
	// may go because they have no source any more: for an operator who has made
	// sure that this is meant.
	MayShrink []string
	// Clock tells the time that folders are named by; the system's.
	Clock remit.Clock
	// Observe is told what became of each list.
	Observe func(Outcome)
	Limits  Limits
	// step is called before each step that a crash may fall between.
	step func(name string) error
}

// Updated is what an update did.
type Updated struct {
	// Changed says that other lists are in force than before.
	Changed bool
	// Folder is the name of the folder in force, empty when there is none.
	Folder   string
	Outcomes []Outcome
	// Deltas are the lists that changed, with the entries that did.
	Deltas []Delta
	// Lists are those in force.
	Lists Lists
}

// Update fetches all lists, checks each, and puts those that passed in force
// together with the former state of those that did not.
//
// A list is refused when a file of it is malformed, when it is another list
// than its source is for, or when it has lost more entries than allowed; a
// *RefusedError says so. A list that cannot be fetched stays as it is, too. The
// error joins what is wrong with all of them; Updated is valid beside it. Lists
// in force for which there is no source any more stay unless MayShrink names
// them. Where no lists are in force yet, all must pass.
//
// Lists are kept in dir in a folder for each state, with a manifest of what
// must be in it; the file CURRENT names the one in force and is replaced by a
// rename. A crash at any point leaves the old or the new state in force, and
// leftovers that a later update removes. Updates of one dir at the same time do
// no harm, but the work twice.
func Update(ctx context.Context, dir string, fetch Fetch, settings Settings) (Updated, error) {
	u := &updating{Settings: settings.withDefaults(), dir: dir, fetch: fetch}
	result, err := u.run(ctx)
	if err != nil {
		return result, fmt.Errorf("update lists: %w", err)
	}
	return result, nil
}

func (s Settings) withDefaults() Settings {
	if s.Sources == nil {
		s.Sources = OfficialSources()
	}
	if s.Keep == 0 {
		s.Keep = 5
	}
	s.Keep = max(s.Keep, 2)
	if s.MaxShrink == 0 {
		s.MaxShrink = 10
	}
	if s.Clock == nil {
		s.Clock = remit.SystemClock{}
	}
	s.Limits = s.Limits.withDefaults()
	if s.step == nil {
		s.step = func(string) error { return nil }
	}
	return s
}

// updating is one update under way.
type updating struct {
	Settings
	dir   string
	fetch Fetch
	// before are the lists in force, had their counts; the counts are known even
	// when the lists can no longer be read.
	before       Lists
	beforeFolder string
	had          map[string]int
	// crashed keeps what a crash would have left behind.
	crashed bool
}

// at marks a step.
func (u *updating) at(name string) error {
	if err := u.step(name); err != nil {
		u.crashed = true
		return err
	}
	return nil
}

func (u *updating) run(ctx context.Context) (result Updated, err error) {
	if err := u.checkSources(); err != nil {
		return Updated{}, err
	}
	if err := os.MkdirAll(u.dir, 0o755); err != nil {
		return Updated{}, err
	}
	if err := u.open(); err != nil {
		return Updated{}, err
	}
	stage, err := os.MkdirTemp(u.dir, "new-")
	if err != nil {
		return Updated{}, err
	}
	defer func() {
		if !u.crashed {
			err = errors.Join(err, os.RemoveAll(stage))
		}
	}()
	folder := filepath.Join(stage, "folder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return Updated{}, err
	}
	result = Updated{Folder: u.beforeFolder, Lists: u.before}
	m := &manifest{Files: map[string]string{}, Lists: map[string]listState{}}
	var wrong []error
	for _, source := range u.Sources {
		outcome, err := u.one(ctx, source, stage, folder, m, &result)
		if err != nil {
			return Updated{}, err
		}
		result.Outcomes = append(result.Outcomes, outcome)
		if outcome.Err != nil {
			wrong = append(wrong, outcome.Err)
		}
	}
	if err := u.retainOthers(folder, m); err != nil {
		return Updated{}, err
	}
	if len(wrong) > 0 && u.beforeFolder == "" {
		u.observe(result.Outcomes, true)
		return Updated{}, errors.Join(wrong...)
	}
	if len(m.Lists) > 0 && u.differs(m) {
		if err := u.install(folder, m, &result); err != nil {
			return Updated{}, errors.Join(append(wrong, err)...)
		}
	}
	u.observe(result.Outcomes, false)
	return result, errors.Join(wrong...)
}

// observe reports outcomes; with failed nothing was taken into use.
func (u *updating) observe(outcomes []Outcome, failed bool) {
	for _, o := range outcomes {
		if failed && o.Err == nil {
			o.Result, o.After = "unchanged", o.Before
		}
		if u.Observe != nil {
			u.Observe(o)
		}
	}
}

// checkSources refuses sources whose files would take each other's place.
func (u *updating) checkSources() error {
	seen := map[string]bool{currentName: true, manifestName: true}
	for _, source := range u.Sources {
		for _, f := range source.Files {
			if seen[f.Name] || f.Name == "" || filepath.Base(f.Name) != f.Name || strings.HasPrefix(f.Name, ".") {
				return fmt.Errorf("file %q of %s: the name cannot be used", f.Name, source.List)
			}
			seen[f.Name] = true
		}
	}
	return nil
}

// open reads the lists in force. When they are damaged only their counts are
// known, from the manifest.
func (u *updating) open() error {
	u.had = map[string]int{}
	name, err := currentFolder(os.DirFS(u.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	folder := os.DirFS(filepath.Join(u.dir, name))
	m, err := readManifest(folder)
	if m != nil && err == nil {
		for list, state := range m.Lists {
			u.had[list] = state.Entries
		}
	}
	lists, err := Read(folder, WithLimits(u.Limits))
	if err != nil {
		return nil // An update is what mends damaged lists.
	}
	u.before, u.beforeFolder = lists, name
	for list, n := range lists.Counts() {
		u.had[list] = n
	}
	return nil
}

// one fetches and checks a list and puts its files, or those in force, into the
// folder. An error is of the disk; what is wrong with the list is in the outcome.
func (u *updating) one(ctx context.Context, source Source, stage, folder string, m *manifest, result *Updated) (Outcome, error) {
	o := Outcome{List: source.List, Before: u.had[source.List], After: u.had[source.List]}
	if err := u.at("fetch " + source.List); err != nil {
		return o, err
	}
	place := filepath.Join(stage, source.List)
	if err := os.Mkdir(place, 0o755); err != nil {
		return o, err
	}
	if err := u.fetchAll(ctx, source, place); err != nil {
		var broken *RefusedError
		o.Result, o.Err = "unreachable", err
		if errors.As(err, &broken) {
			broken.Had = o.Before
			o.Result = "refused"
		}
		return o, u.retain(source.List, folder, m)
	}
	next, err := u.check(source, place)
	if err != nil {
		o.Result, o.Err = "refused", err
		return o, u.retain(source.List, folder, m)
	}
	before, _ := u.before.Get(source.List)
	o.Result, o.After = "unchanged", len(next.Entries)
	if before.Version != next.Version {
		o.Result = "updated"
		result.Deltas = append(result.Deltas, Compare(before, next))
	}
	for _, f := range next.Files {
		if err := os.Rename(filepath.Join(place, f), filepath.Join(folder, f)); err != nil {
			return o, err
		}
	}
	return o, m.add(folder, next, source.List, u.Limits)
}

// check reads a fetched list and compares it with the one in force.
func (u *updating) check(source Source, place string) (List, error) {
	had := u.had[source.List]
	lists, err := Read(os.DirFS(place), WithLimits(u.Limits))
	if err != nil {
		return List{}, &RefusedError{List: source.List, Had: had, Err: err}
	}
	next, ok := lists.Get(source.List)
	if !ok || len(lists.Lists) != 1 || len(lists.Passed) > 0 {
		return List{}, &RefusedError{List: source.List, Had: had, Err: errors.New("the files are of another list")}
	}
	has := len(next.Entries)
	if has*100 < had*(100-u.MaxShrink) && !slices.Contains(u.MayShrink, source.List) {
		return List{}, &RefusedError{List: source.List, Had: had, Has: has}
	}
	return next, nil
}

// fetchAll fetches the files of a source.
func (u *updating) fetchAll(ctx context.Context, source Source, place string) error {
	for _, f := range source.Files {
		err := u.fetchOne(ctx, source, f.Name, place)
		if err != nil && !(f.Optional && errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("%s: %w", source.List, err)
		}
	}
	return nil
}

// fetchOne writes one file and syncs it to the disk.
func (u *updating) fetchOne(ctx context.Context, source Source, name, place string) (err error) {
	body, err := u.fetch(ctx, name)
	if err != nil {
		return err
	}
	defer body.Close() // Read only: nothing to lose.
	size, err := writeFile(filepath.Join(place, name), io.LimitReader(body, u.Limits.FileBytes+1))
	if err != nil {
		return fmt.Errorf("fetch %s: %w", name, err)
	}
	if size > u.Limits.FileBytes {
		return &RefusedError{List: source.List, Err: &FileError{File: name, Reason: fmt.Sprintf("it has over %d bytes", u.Limits.FileBytes)}}
	}
	return nil
}
