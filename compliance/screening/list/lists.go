package list

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// List is one list in one version.
type List struct {
	// Name is "ofac-sdn", "ofac-consolidated", "un", "eu", "uk",
	// "opensanctions", or "own-" and the name of one's own list.
	Name string
	// Version changes whenever the content of the list's files does: a hash in hex.
	Version string
	// Dated is when the list was published, where its files tell.
	Dated Date
	// Files are the paths that it was read from.
	Files   []string
	Entries []Entry
}

// Passed is a file that was not read into any list, and why; among
// Lists.Warnings one that was, and why it may not be whole.
type Passed struct{ File, Reason string }

// Lists is what a folder holds, by the names of the lists.
type Lists struct {
	Lists  []List
	Passed []Passed
	// Warnings are files that were read, and what speaks against trusting them.
	Warnings []Passed `json:",omitempty"`
}

// Get returns a list by its name.
func (l Lists) Get(name string) (List, bool) {
	for _, one := range l.Lists {
		if one.Name == name {
			return one, true
		}
	}
	return List{}, false
}

// Counts returns how many entries each list has.
func (l Lists) Counts() map[string]int {
	m := map[string]int{}
	for _, one := range l.Lists {
		m[one.Name] = len(one.Entries)
	}
	return m
}

// Versions names the state of each list.
func (l Lists) Versions() map[string]string {
	m := map[string]string{}
	for _, one := range l.Lists {
		m[one.Name] = one.Version
	}
	return m
}

// Join puts lists of several folders together, such as official ones and one's
// own. It refuses a list that is in more than one.
func Join(all ...Lists) (Lists, error) {
	out := Lists{}
	for _, lists := range all {
		for _, l := range lists.Lists {
			if _, ok := out.Get(l.Name); ok {
				return Lists{}, fmt.Errorf("join lists: %s is in more than one folder", l.Name)
			}
			out.Lists = append(out.Lists, l)
		}
		out.Passed = append(out.Passed, lists.Passed...)
		out.Warnings = append(out.Warnings, lists.Warnings...)
	}
	slices.SortFunc(out.Lists, func(a, b List) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Option changes how Read reads.
type Option func(*reading)

// On leaves out entries that are not in force on a day. Without it all are
// returned, and Entry.InForce tells.
func On(day Date) Option { return func(r *reading) { r.day = day } }

// WithLimits sets the bounds of what is read.
func WithLimits(l Limits) Option { return func(r *reading) { r.limits = l.withDefaults() } }

// Partial accepts lists of which parts are missing or may be cut, such as sdn.csv
// without alt.csv, and warns of each. It is for people who look at files of their
// own making; a gateway screens by whole lists only.
func Partial() Option { return func(r *reading) { r.partial = true } }

// reading is one call of Read.
type reading struct {
	folder  fs.FS
	limits  Limits
	day     Date
	partial bool
	found   []*version
	orphans []orphan
	passed  []Passed
	read    []*file
}

// version is one list as one folder has it.
type version struct {
	*builder
	where   string
	files   []*file
	missing []string
	// warnings go to Lists.Warnings when the version is taken.
	warnings []Passed
}

// orphan is a part of a list of OFAC in a folder that has no entries for it.
type orphan struct {
	file *file
	ids  []string
}

// Read reads all lists of a folder and of the folders in it.
//
// Files are recognised by what they hold; they may be compressed with gzip.
// Files that make one list together (OFAC's sdn.csv, alt.csv, add.csv and
// comments; the five tables of the UK list) must lie in one folder. Where a
// list is there several times, one version is taken whole: a complete one
// before one with parts missing; then the newest, when all versions tell their
// dates; then the one with the most entries. The others are named in Passed, as
// are parts without a list when a complete version of it was found elsewhere,
// and documentation. Where the folder has a file CURRENT, only the folder that
// it names is read; where that has a manifest, its files must be as told there.
//
// Any other file, any malformed one, a list with missing parts and a list of
// one's own that is there twice make Read return a *FileError and nothing else.
func Read(folder fs.FS, options ...Option) (Lists, error) {
	r := &reading{limits: Limits{}.withDefaults()}
	for _, o := range options {
		o(r)
	}
	lists, err := r.all(folder)
	if err != nil {
		return Lists{}, fmt.Errorf("read lists: %w", err)
	}
	return lists, nil
}

func (r *reading) all(folder fs.FS) (Lists, error) {
	folder, err := follow(folder)
	if err != nil {
		return Lists{}, err
	}
	r.folder = folder
	byFolder, order, err := r.walk()
	if err != nil {
		return Lists{}, err
	}
	for _, where := range order {
		if err := r.readFolder(where, byFolder[where]); err != nil {
			return Lists{}, err
		}
	}
	if err := r.checkManifest(); err != nil {
		return Lists{}, err
	}
	return r.choose()
}

// walk gathers the files by folder.
func (r *reading) walk() (byFolder map[string][]string, order []string, err error) {
	byFolder = map[string][]string{}
	count := 0
	err = fs.WalkDir(r.folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(path.Base(name), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || name == manifestName {
			return nil
		}
		if count++; count > r.limits.Files {
			return &FileError{File: name, Reason: fmt.Sprintf("the folder has over %d files", r.limits.Files)}
		}
		if d.Type() != 0 {
			// What is no file may be a link to one; a pipe would keep the reader waiting.
			info, err := fs.Stat(r.folder, name)
			if err != nil {
				return &FileError{File: name, Reason: "open", Err: err}
			}
			if !info.Mode().IsRegular() {
				return &FileError{File: name, Reason: "it is neither a file nor a folder"}
			}
		}
		where := path.Dir(name)
		if byFolder[where] == nil {
			order = append(order, where)
		}
		byFolder[where] = append(byFolder[where], name)
		return nil
	})
	return byFolder, order, err
}

// readFolder reads what one folder holds.
func (r *reading) readFolder(where string, names []string) error {
	var parts []orphan
	tables := map[format]*file{}
	for _, name := range names {
		f := &file{folder: r.folder, path: name, limits: r.limits}
		ids, err := f.recognise()
		if errors.Is(err, errPassed) {
			r.passed = append(r.passed, Passed{name, "it is no list"})
			continue
		}
		if err != nil {
			return err
		}
		r.read = append(r.read, f)
		switch f.format {
		case ofacEntries, ofacAliases, ofacAddresses, ofacComments:
			parts = append(parts, orphan{f, ids})
		case ukSubjects, ukNames, ukBirths, ukIdentifiers, ukCountries:
			if had := tables[f.format]; had != nil {
				return f.errorf(0, "it is the same table as %s, and which belongs to the others cannot be told", had.path)
			}
			tables[f.format] = f
		default:
			if err := r.readFile(where, f); err != nil {
				return err
			}
		}
	}
	if err := r.readOFAC(where, parts); err != nil {
		return err
	}
	return r.readUKTables(where, tables)
}

// readFile reads a list that is one file.
func (r *reading) readFile(where string, f *file) error {
	if f.format == ownCSV || f.format == ownJSON {
		return r.readOwn(where, f)
	}
	b := newBuilder("", r.limits)
	var err error
	switch f.format {
	case ofacXML:
		err = readOFACXML(f, b)
	case ofacAdvanced:
		err = readAdvanced(f, b)
	case unXML:
		err = readUN(f, b)
	case fsfCSV:
		err = readFSFCSV(f, b)
	case fsfXML:
		err = readFSFXML(f, b)
	case euNames:
		err = readEUNames(f, b)
	case ukCSV:
		err = readUK(f, b)
	case openSanctions:
		err = readOpenSanctions(f, b)
	default:
		err = f.errorf(0, "its format is not known")
	}
	if err != nil {
		return err
	}
	if len(b.parties) == 0 {
		return f.errorf(0, "it holds no entries")
	}
	if err := b.check(f); err != nil {
		return err
	}
	r.found = append(r.found, &version{builder: b, where: where, files: []*file{f}})
	return nil
}

// check refuses entries without a name, which nothing would ever match.
func (b *builder) check(f *file) error {
	for _, p := range b.parties {
		if len(p.Names) == 0 {
			return f.errorf(0, "entry %s has no name", clip(p.ID))
		}
	}
	return nil
}

// choose takes one version of each list.
func (r *reading) choose() (Lists, error) {
	versions := map[string][]*version{}
	var names []string
	for _, v := range r.found {
		if versions[v.list] == nil {
			names = append(names, v.list)
		}
		versions[v.list] = append(versions[v.list], v)
	}
	slices.Sort(names)
	out := Lists{Passed: r.passed}
	for _, name := range names {
		best := pick(versions[name])
		if len(best.missing) > 0 && !r.partial {
			return Lists{}, best.files[0].errorf(0, "%s is not complete: %s is missing", name, strings.Join(best.missing, ", "))
		}
		if len(best.missing) > 0 {
			best.warnings = append(best.warnings, Passed{best.files[0].path, name + " is not complete: " + strings.Join(best.missing, ", ") + " is missing"})
		}
		if best.tooMuch != "" {
			return Lists{}, best.files[0].errorf(0, "entry %s is too long", clip(best.tooMuch))
		}
		for _, v := range versions[name] {
			if v == best {
				continue
			}
			if strings.HasPrefix(name, "own-") {
				return Lists{}, v.files[0].errorf(0, "%s is also in %s", name, best.files[0].path)
			}
			for _, f := range v.files {
				out.Passed = append(out.Passed, Passed{f.path, fmt.Sprintf("another version of %s was taken, from %s", name, best.where)})
			}
		}
		out.Lists = append(out.Lists, best.finish(r.day))
		out.Warnings = append(out.Warnings, best.warnings...)
	}
	for _, o := range r.orphans {
		if !r.partial && !r.covered(o, out) {
			return Lists{}, o.file.errorf(0, "the entries that it belongs to are missing")
		}
		out.Passed = append(out.Passed, Passed{o.file.path, "the entries that it belongs to are not in its folder"})
	}
	if len(out.Lists) == 0 {
		return Lists{}, fmt.Errorf("the folder holds no list: %w", fs.ErrNotExist)
	}
	return out, nil
}

// pick returns the version to take, see Read.
func pick(versions []*version) *version {
	dated := true
	for _, v := range versions {
		dated = dated && v.dated != Date{}
	}
	best := versions[0]
	for _, v := range versions[1:] {
		complete, had := len(v.missing) == 0, len(best.missing) == 0
		switch {
		case complete != had:
			if complete {
				best = v
			}
		case dated && v.dated != best.dated:
			if best.dated.before(v.dated) {
				best = v
			}
		case len(v.parties) > len(best.parties):
			best = v
		}
	}
	return best
}

// covered reports whether most of the entries that a part speaks of are in a
// list that was taken.
func (r *reading) covered(o orphan, taken Lists) bool {
	for _, v := range r.found {
		if _, ok := taken.Get(v.list); ok && len(v.missing) == 0 && 2*v.knows(o.ids) > len(o.ids) {
			return true
		}
	}
	return false
}

// knows counts the ids that are entries.
func (b *builder) knows(ids []string) int {
	n := 0
	for _, id := range ids {
		if b.byID[id] != nil {
			n++
		}
	}
	return n
}

func (v *version) finish(day Date) List {
	l := List{Name: v.list, Dated: v.dated, Entries: v.entries(day)}
	sum := sha256.New()
	slices.SortFunc(v.files, func(a, b *file) int { return int(a.format) - int(b.format) })
	for _, f := range v.files {
		l.Files = append(l.Files, f.path)
		sum.Write([]byte{byte(f.format)})
		sum.Write(f.sum[:])
	}
	l.Version = hex.EncodeToString(sum.Sum(nil)[:16])
	return l
}
