package screening_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// files returns the sample's files to change.
func files(t testing.TB) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"sdn.csv", "alt.csv", "add.csv"} {
		text, err := os.ReadFile("sample/" + name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

// source fetches the files of a folder as OFAC's SDN list.
func source(folder fstest.MapFS) (list.Fetch, list.Settings) {
	fetch := func(_ context.Context, name string) (io.ReadCloser, error) {
		file, ok := folder[name]
		if !ok {
			return nil, fmt.Errorf("fetch %s: %w", name, fs.ErrNotExist)
		}
		return io.NopCloser(bytes.NewReader(file.Data)), nil
	}
	clock := remit.NewFakeClock(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))
	return fetch, list.Settings{Sources: list.OfficialSources()[:1], Clock: clock}
}

func TestUpdateTakesGoodListsIntoUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := files(t)
	fetch, settings := source(folder)
	lists := screening.NewLists(nil)
	changed, err := lists.Update(t.Context(), dir, fetch, settings)
	if err != nil || !changed {
		t.Fatalf("first update: changed %t, %v", changed, err)
	}
	if score(t, lists, person("Vladimir Putin"), "35096") < alert {
		t.Error("a listed name does not alert after the update")
	}
	if changed, err = lists.Update(t.Context(), dir, fetch, settings); err != nil || changed {
		t.Errorf("same lists again: changed %t, %v", changed, err)
	}
	folder["sdn.csv"].Data = append(folder["sdn.csv"].Data, `99999,"QUUX, Zebedee","individual","TEST",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `+"\r\n"...)
	before := lists.Versions()
	if changed, err = lists.Update(t.Context(), dir, fetch, settings); err != nil || !changed {
		t.Fatalf("one entry more: changed %t, %v", changed, err)
	}
	if score(t, lists, person("Zebedee Quux"), "99999") < alert || maps.Equal(before, lists.Versions()) {
		t.Error("the new entry is not in force")
	}
	other := screening.NewLists(nil)
	if changed, err := other.Reload(os.DirFS(dir)); err != nil || !changed || !maps.Equal(other.Versions(), lists.Versions()) {
		t.Errorf("another process reads changed %t, versions %v, %v", changed, other.Versions(), err)
	}
}

func TestUpdateKeepsTheOldOnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := files(t)
	fetch, settings := source(folder)
	lists := screening.NewLists(nil)
	if _, err := lists.Update(t.Context(), dir, fetch, settings); err != nil {
		t.Fatal(err)
	}
	before := lists.Versions()
	folder["sdn.csv"].Data = folder["sdn.csv"].Data[:50_000]
	if changed, err := lists.Update(t.Context(), dir, fetch, settings); err == nil || changed {
		t.Errorf("a file cut off: changed %t, %v", changed, err)
	}
	for _, folder := range []fs.FS{fstest.MapFS{}, fstest.MapFS{"CURRENT": {Data: []byte("../../etc\n")}}} {
		if changed, err := lists.Reload(folder); err == nil || changed {
			t.Errorf("reload of a bad folder: changed %t, %v", changed, err)
		}
	}
	if !maps.Equal(before, lists.Versions()) || score(t, lists, person("Vladimir Putin"), "35096") < alert {
		t.Error("the lists in force changed")
	}
}

func TestVersionNamesTheContent(t *testing.T) {
	t.Parallel()
	first, again := sample(t).Versions(), sample(t).Versions()
	if !maps.Equal(first, again) || len(first["ofac-sdn"]) == 0 {
		t.Errorf("versions are %v and %v", first, again)
	}
	folder := files(t)
	folder["add.csv"].Data = append(folder["add.csv"].Data, []byte("36,1,-0- ,-0- ,\"Cuba\",-0- \r\n")...)
	changed, err := screening.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if maps.Equal(first, changed.Versions()) {
		t.Error("the version stays when an address is added")
	}
}
