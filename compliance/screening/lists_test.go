package screening_test

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openremit/remit/compliance/screening"
)

// source serves list files as OFAC does, by upper-case names.
func source(t *testing.T, folder fstest.MapFS) (screening.Fetch, *int) {
	t.Helper()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := folder[strings.ToLower(strings.TrimPrefix(r.URL.Path, "/"))]
		switch {
		case status != http.StatusOK:
			w.WriteHeader(status)
		case !ok:
			http.NotFound(w, r)
		default:
			if _, err := w.Write(file.Data); err != nil {
				t.Errorf("serve %s: %v", r.URL.Path, err)
			}
		}
	}))
	t.Cleanup(server.Close)
	urls := map[string]string{}
	for name := range screening.OfficialURLs() {
		urls[name] = server.URL + "/" + strings.ToUpper(name)
	}
	return screening.FetchHTTP(server.Client(), urls), &status
}

func TestUpdateTakesGoodListsIntoUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := files(t)
	fetch, _ := source(t, folder)
	lists := screening.NewLists(nil)
	changed, err := lists.Update(t.Context(), dir, fetch)
	if err != nil || !changed {
		t.Fatalf("first update: changed %t, %v", changed, err)
	}
	if score(t, lists, person("Vladimir Putin"), "35096") < alert {
		t.Error("a listed name does not alert after the update")
	}
	changed, err = lists.Update(t.Context(), dir, fetch)
	if err != nil || changed {
		t.Errorf("same lists again: changed %t, %v", changed, err)
	}
	before := lists.Versions()
	folder["sdn.csv"].Data = append(folder["sdn.csv"].Data, []byte(line("99999", "QUUX, Zebedee", `"individual"`, ""))...)
	if changed, err = lists.Update(t.Context(), dir, fetch); err != nil || !changed {
		t.Fatalf("one entry more: changed %t, %v", changed, err)
	}
	if score(t, lists, person("Zebedee Quux"), "99999") < alert || maps.Equal(before, lists.Versions()) {
		t.Error("the new entry is not in force")
	}
	other := screening.NewLists(nil)
	if changed, err := other.Reload(os.DirFS(dir)); err != nil || !changed || !maps.Equal(other.Versions(), lists.Versions()) {
		t.Errorf("another process reads changed %t, versions %v, %v", changed, other.Versions(), err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 3 { // CURRENT, the folder in force and the one before.
		t.Errorf("the folder holds %v (%v)", left, err)
	}
}

func TestUpdateRefusesBadListsAndKeepsTheOld(t *testing.T) {
	t.Parallel()
	rows := func(text []byte, keep int) []byte {
		return []byte(strings.Join(strings.SplitAfter(string(text), "\n")[:keep], ""))
	}
	for _, tt := range []struct {
		why     string
		spoil   func(fstest.MapFS, *int)
		refused bool
	}{
		{"malformed", func(f fstest.MapFS, _ *int) { f["sdn.csv"].Data = append(f["sdn.csv"].Data, "1,2\n"...) }, true},
		{"a web page", func(f fstest.MapFS, _ *int) { f["alt.csv"].Data = []byte("<html>busy</html>") }, true},
		{"cut off", func(f fstest.MapFS, _ *int) { f["sdn.csv"].Data = f["sdn.csv"].Data[:50_000] }, true},
		{"empty", func(f fstest.MapFS, _ *int) { f["sdn.csv"].Data = nil }, true},
		{"shrunken", func(f fstest.MapFS, _ *int) {
			f["sdn.csv"].Data = rows(f["sdn.csv"].Data, 200)
			f["alt.csv"].Data, f["add.csv"].Data = nil, nil
		}, true},
		{"a file missing", func(f fstest.MapFS, _ *int) { delete(f, "alt.csv") }, false},
		{"the server down", func(_ fstest.MapFS, status *int) { *status = http.StatusServiceUnavailable }, false},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			folder := files(t)
			fetch, status := source(t, folder)
			lists := screening.NewLists(nil)
			if _, err := lists.Update(t.Context(), dir, fetch); err != nil {
				t.Fatal(err)
			}
			before := lists.Versions()
			tt.spoil(folder, status)
			changed, err := lists.Update(t.Context(), dir, fetch)
			if err == nil || changed || errors.Is(err, screening.ErrRefused) != tt.refused {
				t.Errorf("changed %t, error %v, want it refused: %t", changed, err, tt.refused)
			}
			if !maps.Equal(before, lists.Versions()) {
				t.Error("the lists in force changed")
			}
			stored, err := screening.Load(os.DirFS(dir))
			if err != nil || !maps.Equal(before, stored.Versions()) {
				t.Errorf("the stored lists changed: %v", err)
			}
			if left, err := filepath.Glob(filepath.Join(dir, "new-*")); err != nil || len(left) != 0 {
				t.Errorf("the update left %v behind (%v)", left, err)
			}
		})
	}
}

func TestReloadKeepsTheOldOnError(t *testing.T) {
	t.Parallel()
	lists := screening.NewLists(sample(t))
	before := lists.Versions()
	for _, folder := range []fs.FS{
		fstest.MapFS{},
		fstest.MapFS{"CURRENT": {Data: []byte("../../etc\n")}},
		fstest.MapFS{"CURRENT": {Data: []byte("lists-gone\n")}},
	} {
		if changed, err := lists.Reload(folder); err == nil || changed {
			t.Errorf("reload of a bad folder: changed %t, %v", changed, err)
		}
	}
	if !maps.Equal(before, lists.Versions()) {
		t.Error("the lists in force changed")
	}
}

func TestOfficialURLsNameEachFile(t *testing.T) {
	t.Parallel()
	needed, optional := screening.FileNames()
	urls := screening.OfficialURLs()
	for _, name := range append(needed, optional...) {
		if !strings.HasPrefix(urls[name], "https://") {
			t.Errorf("%s has address %q", name, urls[name])
		}
	}
}
