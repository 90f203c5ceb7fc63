package list_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening/list"
)

// issuers serves list files; a test may change them.
type issuers map[string][]byte

func (i issuers) fetch(_ context.Context, name string) (io.ReadCloser, error) {
	text, ok := i[name]
	if !ok {
		return nil, fmt.Errorf("fetch %s: %w", name, fs.ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

// newIssuers serves the fixtures under the names of the official sources.
func newIssuers(t testing.TB) issuers {
	t.Helper()
	out := issuers{}
	for _, folder := range []string{"ofac-csv", "ofac-cons"} {
		for name, f := range files(t, folder) {
			out[name] = f.Data
		}
	}
	out["un.xml"] = files(t, "un")["consolidated.xml"].Data
	out["eu.xml"] = files(t, "eu-xml")["fsf.xml"].Data
	out["uk.csv"] = files(t, "uk-csv")["UK-Sanctions-List.csv"].Data
	return out
}

// desk is where a test updates lists.
type desk struct {
	dir      string
	issuers  issuers
	clock    *remit.FakeClock
	settings list.Settings
	outcomes map[string]list.Outcome
}

func setup(t testing.TB) *desk {
	t.Helper()
	d := &desk{dir: t.TempDir(), issuers: newIssuers(t), clock: remit.NewFakeClock(time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC))}
	d.settings = list.Settings{Clock: d.clock, Keep: 3, Observe: func(o list.Outcome) { d.outcomes[o.List] = o }}
	return d
}

func (d *desk) update(t testing.TB) (list.Updated, error) {
	t.Helper()
	d.clock.Advance(time.Hour)
	d.outcomes = map[string]list.Outcome{}
	return list.Update(t.Context(), d.dir, d.issuers.fetch, d.settings)
}

func (d *desk) mustUpdate(t testing.TB) list.Updated {
	t.Helper()
	got, err := d.update(t)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// inForce reads the lists in force.
func (d *desk) inForce(t testing.TB) list.Lists {
	t.Helper()
	folder, err := list.Current(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := list.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// grown adds an entry to the UN's list.
func grown(text []byte, id string) []byte {
	return bytes.Replace(text, []byte("<INDIVIDUALS>"), []byte("<INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>NEW</FIRST_NAME><SECOND_NAME>ENTRY</SECOND_NAME><REFERENCE_NUMBER>"+id+"</REFERENCE_NUMBER></INDIVIDUAL>"), 1)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	d := setup(t)
	if _, err := list.Current(d.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v before the first update, want that there is none", err)
	}
	first := d.mustUpdate(t)
	want := map[string]int{"ofac-sdn": 9, "ofac-consolidated": 4, "un": 5, "eu": 3, "uk": 3}
	check(t, "counts", d.inForce(t).Counts(), want)
	check(t, "changed", first.Changed, true)
	check(t, "outcome", d.outcomes["un"], list.Outcome{List: "un", Result: "updated", After: 5})
	check(t, "deltas", len(first.Deltas), 5)

	again := d.mustUpdate(t)
	check(t, "changed by the same", again.Changed, false)
	check(t, "folder", again.Folder, first.Folder)
	check(t, "outcome", d.outcomes["un"].Result, "unchanged")

	d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.001")
	next := d.mustUpdate(t)
	check(t, "delta", next.Deltas, []list.Delta{{List: "un", Before: 5, After: 6, Added: []string{"XXi.001"}}})
	check(t, "counts", d.inForce(t).Counts()["un"], 6)

	// The folder above is followed to the same lists.
	got, err := list.Read(os.DirFS(d.dir))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "versions", got.Versions(), next.Lists.Versions())
}

func TestUpdateRefusesAShrunkList(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.mustUpdate(t)
	whole := d.issuers["uk.csv"]
	rows := bytes.SplitAfter(whole, []byte("\n"))
	d.issuers["uk.csv"] = bytes.Join(rows[:4], nil)
	d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.001")
	got, err := d.update(t)
	var refused *list.RefusedError
	if !errors.As(err, &refused) || !errors.Is(err, list.ErrRefused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	check(t, "refusal", *refused, list.RefusedError{List: "uk", Had: 3, Has: 1})
	check(t, "outcome", d.outcomes["uk"].Result, "refused")
	check(t, "counts", d.inForce(t).Counts(), map[string]int{"ofac-sdn": 9, "ofac-consolidated": 4, "un": 6, "eu": 3, "uk": 3})
	check(t, "changed", got.Changed, true)

	d.settings.MayShrink = []string{"uk"}
	d.mustUpdate(t)
	check(t, "counts when it may", d.inForce(t).Counts()["uk"], 1)
}

func TestUpdateRefusesBrokenLists(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(issuers){
		"cut short":    func(i issuers) { i["un.xml"] = i["un.xml"][:len(i["un.xml"])/2] },
		"a web page":   func(i issuers) { i["un.xml"] = []byte("<html><body>busy</body></html>") },
		"empty":        func(i issuers) { i["un.xml"] = nil },
		"another list": func(i issuers) { i["un.xml"] = i["eu.xml"] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t)
			before := d.mustUpdate(t)
			spoil(d.issuers)
			got, err := d.update(t)
			var refused *list.RefusedError
			if !errors.As(err, &refused) || refused.List != "un" || refused.Had != 5 || refused.Err == nil {
				t.Fatalf("got %v, want a refusal of un", err)
			}
			check(t, "changed", got.Changed, false)
			check(t, "versions", d.inForce(t).Versions(), before.Lists.Versions())
			entries, err := filepath.Glob(filepath.Join(d.dir, "new-*"))
			if err != nil || len(entries) > 0 {
				t.Errorf("left behind: %v %v", entries, err)
			}
		})
	}
}

func TestUpdateWithoutOneIssuer(t *testing.T) {
	t.Parallel()
	d := setup(t)
	eu := d.issuers["eu.xml"]
	delete(d.issuers, "eu.xml")
	if _, err := d.update(t); err == nil {
		t.Fatal("a first update passed without one of the lists")
	}
	if _, err := list.Current(d.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want nothing in force", err)
	}
	d.issuers["eu.xml"] = eu
	d.mustUpdate(t)

	delete(d.issuers, "eu.xml")
	delete(d.issuers, "cons_comments.csv") // Optional: the list is another then, but whole.
	d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.001")
	got, err := d.update(t)
	if !errors.Is(err, fs.ErrNotExist) || !got.Changed {
		t.Errorf("got %v and %v, want the others updated and an error", got.Changed, err)
	}
	check(t, "outcome", d.outcomes["eu"].Result, "unreachable")
	check(t, "counts", d.inForce(t).Counts(), map[string]int{"ofac-sdn": 9, "ofac-consolidated": 4, "un": 6, "eu": 3, "uk": 3})
}

func TestUpdateKeepsAListWithoutSource(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.mustUpdate(t)
	d.settings.Sources = list.OfficialSources()[:4]
	d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.001")
	d.mustUpdate(t)
	check(t, "uk", d.inForce(t).Counts()["uk"], 3)
	d.settings.MayShrink = []string{"uk"}
	d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.002")
	d.mustUpdate(t)
	check(t, "uk", d.inForce(t).Counts()["uk"], 0)
}

func TestUpdatePrunes(t *testing.T) {
	t.Parallel()
	d := setup(t)
	// What the program before this one left: a folder that is not named by time.
	if err := os.Mkdir(filepath.Join(d.dir, "lists-0badcafe"), 0o755); err != nil {
		t.Fatal(err)
	}
	for n := range 6 {
		d.issuers["un.xml"] = grown(d.issuers["un.xml"], fmt.Sprintf("XXi.%03d", n))
		d.mustUpdate(t)
	}
	folders, err := filepath.Glob(filepath.Join(d.dir, "lists-*"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "folders kept", len(folders), 3)
	check(t, "in force", d.inForce(t).Counts()["un"], 11)
}

var errCrash = errors.New("crash")

// A crash at any step leaves the old or the new lists in force, whole, and the
// next update goes through.
func TestUpdateSurvivesCrashes(t *testing.T) {
	t.Parallel()
	steps := []string{"fetch ofac-sdn", "fetch un", "fetch uk", "rename", "switch", "current", "prune"}
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			d := setup(t)
			d.mustUpdate(t)
			d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.001")
			calm := d.settings
			d.settings = list.WithStep(d.settings, func(name string) error {
				if name == step {
					return errCrash
				}
				return nil
			})
			if _, err := d.update(t); !errors.Is(err, errCrash) {
				t.Fatalf("got %v, want a crash", err)
			}
			want := 5
			if step == "prune" {
				want = 6
			}
			check(t, "in force after the crash", d.inForce(t).Counts()["un"], want)

			d.settings = calm
			d.clock.Advance(48 * time.Hour)
			d.issuers["un.xml"] = grown(d.issuers["un.xml"], "XXi.002")
			d.mustUpdate(t)
			check(t, "in force after the next update", d.inForce(t).Counts()["un"], 7)
		})
	}
}

// Lists that were changed on the disk are not read, and an update mends them.
func TestManifest(t *testing.T) {
	t.Parallel()
	d := setup(t)
	got := d.mustUpdate(t)
	spoiled := filepath.Join(d.dir, got.Folder, "un.xml")
	if err := os.WriteFile(spoiled, grown(d.issuers["un.xml"], "XXi.001"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := list.Read(os.DirFS(d.dir))
	var bad *list.FileError
	if !errors.As(err, &bad) || bad.File != "un.xml" || !strings.Contains(bad.Reason, "manifest") {
		t.Fatalf("got %v, want that un.xml is not what the manifest says", err)
	}
	if err := os.Remove(spoiled); err != nil {
		t.Fatal(err)
	}
	if _, err := list.Read(os.DirFS(d.dir)); err == nil {
		t.Error("a folder with a file missing was read")
	}
	d.mustUpdate(t)
	check(t, "after mending", d.inForce(t).Counts()["un"], 5)
}

func TestCurrentNamesAFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "..", "lists-x/..", "/etc", "other", "lists-gone"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "CURRENT"), []byte(name+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := list.Current(dir); err == nil {
			t.Errorf("CURRENT %q was followed", name)
		}
		if _, err := list.Read(os.DirFS(dir)); err == nil {
			t.Errorf("CURRENT %q was read", name)
		}
	}
}

func TestFetchHTTP(t *testing.T) {
	t.Parallel()
	served := newIssuers(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := served[strings.TrimPrefix(r.URL.Path, "/")]
		switch {
		case !ok:
			http.NotFound(w, r)
		case r.URL.Path == "/uk.csv":
			// The issuer breaks off.
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			_, _ = w.Write(text[:len(text)/2]) // The test looks at what arrives.
		default:
			_, _ = w.Write(text)
		}
	}))
	t.Cleanup(server.Close)
	sources := list.OfficialSources()
	for i := range sources {
		for j := range sources[i].Files {
			f := &sources[i].Files[j]
			if !strings.HasPrefix(f.URL, "https://") {
				t.Errorf("%s is fetched from %s", f.Name, f.URL)
			}
			f.URL = server.URL + "/" + f.Name
		}
	}
	fetch := list.FetchHTTP(server.Client(), sources)
	settings := list.Settings{Sources: sources[:4], Clock: remit.NewFakeClock(time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC))}
	dir := t.TempDir()
	got, err := list.Update(t.Context(), dir, fetch, settings)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "lists", len(got.Lists.Lists), 4)
	settings.Sources = sources
	got, err = list.Update(t.Context(), dir, fetch, settings)
	if err == nil || !strings.Contains(err.Error(), "uk") {
		t.Errorf("got %v, want that uk broke off", err)
	}
	check(t, "lists", len(got.Lists.Lists), 4)
	if _, err := fetch(t.Context(), "nobody.csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that there is no such file", err)
	}
}

func TestUpdateOfWeakSources(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "../x", ".hidden", "CURRENT", "MANIFEST.json"} {
		d := setup(t)
		d.settings.Sources = []list.Source{{List: "un", Files: []list.SourceFile{{Name: name}}}}
		if _, err := d.update(t); err == nil {
			t.Errorf("file name %q was used", name)
		}
	}
}
