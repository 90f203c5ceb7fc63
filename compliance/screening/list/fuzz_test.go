package list_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/openremit/remit/compliance/screening/list"
)

// sound checks what holds of whatever was read.
func sound(t *testing.T, got list.Lists, err error) {
	t.Helper()
	if err != nil {
		var bad *list.FileError
		if !errors.As(err, &bad) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got an error without a file: %v", err)
		}
		if len(got.Lists) > 0 {
			t.Error("got lists beside an error")
		}
		return
	}
	for _, l := range got.Lists {
		seen := map[string]bool{}
		for _, e := range l.Entries {
			if e.List != l.Name || e.ID == "" || seen[e.ID] || len(e.Names) == 0 || len(e.Digest) != 32 {
				t.Errorf("got an unsound entry of %s", l.Name)
			}
			seen[e.ID] = true
			for _, n := range e.Names {
				if n.Text == "" || !utf8.ValidString(n.Text) {
					t.Errorf("got an unsound name %q", n.Text)
				}
			}
			for _, b := range e.Births {
				if b.From.Year < 1 || b.From.Year > 9999 || b.From.Month > 12 || b.To.Year < b.From.Year {
					t.Errorf("got an unsound birth %+v", b)
				}
			}
			for _, c := range e.Countries {
				if !c.Valid() {
					t.Errorf("got an unsound country %q", c)
				}
			}
		}
	}
}

// fuzz reads a fixture in which one file is what the fuzzer makes of it.
func fuzz(f *testing.F, folder, name string) {
	f.Helper()
	given := files(f, folder)
	f.Add(given[name].Data)
	f.Add(zipped(given[name].Data))
	f.Add(given[name].Data[:len(given[name].Data)/2])
	f.Fuzz(func(t *testing.T, text []byte) {
		m := files(t, folder)
		m[name] = &fstest.MapFile{Data: text}
		got, err := list.Read(m, list.WithLimits(list.Limits{FileBytes: 1 << 20}))
		sound(t, got, err)
	})
}

func FuzzOFACEntries(f *testing.F)   { fuzz(f, "ofac-csv", "sdn.csv") }
func FuzzOFACAliases(f *testing.F)   { fuzz(f, "ofac-csv", "alt.csv") }
func FuzzOFACAddresses(f *testing.F) { fuzz(f, "ofac-csv", "add.csv") }
func FuzzOFACComments(f *testing.F)  { fuzz(f, "ofac-cons", "cons_comments.csv") }
func FuzzOFACXML(f *testing.F)       { fuzz(f, "ofac-xml", "consolidated.xml") }
func FuzzAdvancedXML(f *testing.F)   { fuzz(f, "ofac-advanced", "sdn_advanced.xml") }
func FuzzUN(f *testing.F)            { fuzz(f, "un", "consolidated.xml") }
func FuzzFSFCSV(f *testing.F)        { fuzz(f, "eu-csv", "fsf.csv") }
func FuzzFSFXML(f *testing.F)        { fuzz(f, "eu-xml", "fsf.xml") }
func FuzzEUNames(f *testing.F)       { fuzz(f, "eu-names", "names.csv") }
func FuzzUK(f *testing.F)            { fuzz(f, "uk-csv", "UK-Sanctions-List.csv") }
func FuzzUKNames(f *testing.F)       { fuzz(f, "uk-tables", "subject_names.csv") }
func FuzzUKSubjects(f *testing.F)    { fuzz(f, "uk-tables", "subjects.csv") }
func FuzzOpenSanctions(f *testing.F) { fuzz(f, "opensanctions", "targets.simple.csv") }
func FuzzOwnCSV(f *testing.F)        { fuzz(f, "own-csv", "own.csv") }
func FuzzOwnJSON(f *testing.F)       { fuzz(f, "own-json", "own.json") }

func FuzzBirth(f *testing.F) {
	for _, text := range []string{"12 Mar 1975", "circa 1961 to 1963", "dd/mm/1958", "1960-02-30", "Nov. 1971"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, ok := list.ParseBirth(text)
		if ok && (b.From.Year < 1 || b.To.Year < b.From.Year || b.From.Month > 12 || b.From.Day > 31 || b.From.Month == 0 && b.From.Day > 0) {
			t.Errorf("%q: got %+v", text, b)
		}
	})
}
