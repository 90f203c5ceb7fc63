package screening

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// ErrRefused means that fetched lists were not taken into use; those in force stay.
var ErrRefused = errors.New("lists refused")

// maxShrink is by how much, in percent, a list may lose entries in one update.
const maxShrink = 10

// current is the file that names the folder in force. It is replaced by a
// rename, so that a crash leaves either the old or the new one in force.
const current = "CURRENT"

// Lists holds the index in force. It is safe for concurrent use: a query is
// answered wholly from one index.
type Lists struct {
	index    atomic.Pointer[Index]
	updating sync.Mutex
}

var _ compliance.Screener = (*Lists)(nil)

// NewLists holds an index until an update replaces it.
func NewLists(index *Index) *Lists {
	l := &Lists{}
	l.index.Store(index)
	return l
}

// Screen answers queries from the index in force, see compliance.Screener.
func (l *Lists) Screen(ctx context.Context, queries ...compliance.ScreenQuery) (compliance.Screening, error) {
	index := l.index.Load()
	if index == nil {
		return compliance.Screening{}, remit.Errorf(remit.KindUnavailable, remit.ReasonScreeningDown, "no list is loaded")
	}
	return index.Screen(ctx, queries...)
}

// Versions names the state of each list in force.
func (l *Lists) Versions() map[string]string {
	index := l.index.Load()
	if index == nil {
		return map[string]string{}
	}
	return index.Versions()
}

// Counts returns how many entries each list in force has.
func (l *Lists) Counts() map[string]int {
	index := l.index.Load()
	if index == nil {
		return map[string]int{}
	}
	return index.Counts()
}

// Reload takes the lists of a folder into use, such as one that another process
// updated. With an error the old ones stay. It reports whether anything changed.
func (l *Lists) Reload(folder fs.FS) (changed bool, err error) {
	l.updating.Lock()
	defer l.updating.Unlock()
	index, err := Load(folder)
	if err != nil {
		return false, err
	}
	return l.take(index), nil
}

func (l *Lists) take(index *Index) bool {
	old := l.index.Swap(index)
	return old == nil || fmt.Sprint(old.versions) != fmt.Sprint(index.versions)
}

// Fetch returns one list file by its name (see FileNames). For an optional
// file that the source does not have it returns fs.ErrNotExist.
type Fetch func(ctx context.Context, name string) (io.ReadCloser, error)

// OfficialURLs are the addresses at which OFAC publishes its list files.
func OfficialURLs() map[string]string {
	urls := map[string]string{}
	const base = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
	needed, optional := FileNames()
	for _, name := range append(needed, optional...) {
		urls[name] = base + strings.ToUpper(name)
	}
	return urls
}

// FetchHTTP fetches list files from addresses by file name. The client decides
// about proxies and time limits.
func FetchHTTP(client *http.Client, urls map[string]string) Fetch {
	return func(ctx context.Context, name string) (io.ReadCloser, error) {
		url, ok := urls[name]
		if !ok {
			return nil, fmt.Errorf("fetch %s: no address: %w", name, fs.ErrNotExist)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, fmt.Errorf("fetch %s: %w", name, err)
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, fmt.Errorf("fetch %s: %w", name, err)
		}
		if response.StatusCode != http.StatusOK {
			response.Body.Close() // The status already tells what is wrong.
			if response.StatusCode == http.StatusNotFound {
				return nil, fmt.Errorf("fetch %s: %s: %w", name, response.Status, fs.ErrNotExist)
			}
			return nil, fmt.Errorf("fetch %s: %s", name, response.Status)
		}
		return response.Body, nil
	}
}

// Update fetches all list files into dir, checks them, and takes them into use.
// Nothing changes, and ErrRefused is returned, when a file is malformed, a list
// is missing that was there, or one lost more than a tenth of its entries. Any
// other error (network, disk) changes nothing either. changed is false when the
// lists are the ones in force.
func (l *Lists) Update(ctx context.Context, dir string, fetch Fetch) (changed bool, err error) {
	l.updating.Lock()
	defer l.updating.Unlock()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return false, fmt.Errorf("update lists: %w", err)
	}
	stage, err := os.MkdirTemp(dir, "new-")
	if err != nil {
		return false, fmt.Errorf("update lists: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	if err := fetchAll(ctx, stage, fetch); err != nil {
		return false, fmt.Errorf("update lists: %w", err)
	}
	next, err := Load(os.DirFS(stage))
	if err != nil {
		return false, fmt.Errorf("update lists: %w: %w", ErrRefused, err)
	}
	if err := compare(l.index.Load(), next); err != nil {
		return false, fmt.Errorf("update lists: %w: %w", ErrRefused, err)
	}
	if err := install(dir, stage, next); err != nil {
		return false, fmt.Errorf("update lists: %w", err)
	}
	return l.take(next), nil
}

func fetchAll(ctx context.Context, stage string, fetch Fetch) error {
	needed, optional := FileNames()
	for _, name := range needed {
		if err := fetchOne(ctx, stage, name, fetch); err != nil {
			return err
		}
	}
	for _, name := range optional {
		if err := fetchOne(ctx, stage, name, fetch); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// fetchOne writes one file and syncs it to the disk.
func fetchOne(ctx context.Context, stage, name string, fetch Fetch) (err error) {
	body, err := fetch(ctx, name)
	if err != nil {
		return err
	}
	defer body.Close() // Read only: nothing to lose.
	file, err := os.Create(filepath.Join(stage, name))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, err := io.Copy(file, io.LimitReader(body, maxListFile+1))
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if n > maxListFile {
		return fmt.Errorf("write %s: over %d bytes", name, maxListFile)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// compare refuses an index that has lost a list or too many entries.
func compare(old, next *Index) error {
	if old == nil {
		return nil
	}
	for name, had := range old.counts {
		if has := next.counts[name]; has*100 < had*(100-maxShrink) {
			return fmt.Errorf("%s has %d entries, had %d: more than %d%% less", name, has, had, maxShrink)
		}
	}
	return nil
}

// install puts the fetched folder in force: it gets a name by its content, and
// CURRENT is replaced to name it. The folder before is kept, older ones go.
func install(dir, stage string, next *Index) error {
	name := folderName(next)
	final := filepath.Join(dir, name)
	if _, err := os.Stat(final); errors.Is(err, fs.ErrNotExist) {
		// MkdirTemp makes folders for the owner only; other processes read lists.
		if err := os.Chmod(stage, 0o755); err != nil {
			return err
		}
		if err := os.Rename(stage, final); err != nil {
			return err
		}
	}
	before, err := os.ReadFile(filepath.Join(dir, current))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeCurrent(dir, name); err != nil {
		return err
	}
	folders, err := filepath.Glob(filepath.Join(dir, "lists-*"))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if base := filepath.Base(folder); base != name && base != strings.TrimSpace(string(before)) {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeCurrent(dir, name string) (err error) {
	file, err := os.CreateTemp(dir, current+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.WriteString(name + "\n")
	err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(dir, current))
}

func folderName(x *Index) string {
	parts := []string{"lists"}
	for _, l := range []list{sdn, consolidated} {
		if version := x.versions[l.name]; version != "" {
			parts = append(parts, version)
		}
	}
	return strings.Join(parts, "-")
}

// currentFolder follows CURRENT where there is one.
func currentFolder(folder fs.FS) (fs.FS, error) {
	text, err := fs.ReadFile(folder, current)
	if errors.Is(err, fs.ErrNotExist) {
		return folder, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open lists: %w", err)
	}
	name := string(bytes.TrimSpace(text))
	if !strings.HasPrefix(name, "lists-") || !fs.ValidPath(name) || strings.Contains(name, "/") {
		return nil, fmt.Errorf("open lists: %s does not name a folder", current)
	}
	sub, err := fs.Sub(folder, name)
	if err != nil {
		return nil, fmt.Errorf("open lists: %w", err)
	}
	return sub, nil
}
