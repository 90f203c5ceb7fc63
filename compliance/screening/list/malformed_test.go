package list_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openremit/remit/compliance/screening/list"
)

// files copies a fixture so that a test may spoil it.
func files(t testing.TB, names ...string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range names {
		folder := fixture(t, name)
		entries, err := fs.ReadDir(folder, ".")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			text, err := fs.ReadFile(folder, e.Name())
			if err != nil {
				t.Fatal(err)
			}
			out[e.Name()] = &fstest.MapFile{Data: text}
		}
	}
	return out
}

// replace spoils a file of a fixture.
func replace(t testing.TB, folder, name, old, with string) fstest.MapFS {
	t.Helper()
	out := files(t, folder)
	if !bytes.Contains(out[name].Data, []byte(old)) {
		t.Fatalf("%s/%s has no %q", folder, name, old)
	}
	out[name].Data = bytes.Replace(out[name].Data, []byte(old), []byte(with), 1)
	return out
}

func without(m fstest.MapFS, name string) fstest.MapFS {
	m = maps.Clone(m)
	delete(m, name)
	return m
}

func one(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }

func cut(t testing.TB, folder, name string, keep float64) fstest.MapFS {
	t.Helper()
	out := files(t, folder)
	out[name].Data = out[name].Data[:int(float64(len(out[name].Data))*keep)]
	return out
}

// atLineEnd leaves the first rows of a file.
func atLineEnd(t *testing.T, folder, name string) fstest.MapFS {
	t.Helper()
	out := files(t, folder)
	rows := bytes.SplitAfter(out[name].Data, []byte("\n"))
	out[name].Data = bytes.Join(rows[:max(1, len(rows)/2)], nil)
	return out
}

// TestFilesWithoutAnyMark reads files in OFAC's format that others write, who know
// nothing of its mark at the end, with a warning.
func TestFilesWithoutAnyMark(t *testing.T) {
	t.Parallel()
	folder := files(t, "ofac-csv")
	whole, err := list.Read(folder)
	if err != nil || len(whole.Warnings) > 0 {
		t.Fatalf("files with marks are read with %v, %v", whole.Warnings, err)
	}
	for _, f := range folder {
		f.Data = bytes.TrimSuffix(f.Data, []byte("\x1a"))
	}
	got, err := list.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) != 1 || len(got.Lists[0].Entries) != len(whole.Lists[0].Entries) {
		t.Errorf("files without marks give %d entries and the warnings %v", len(got.Lists[0].Entries), got.Warnings)
	}
}

// TestPartial reads with a warning what is refused otherwise: one file without the
// mark that the others have, and a list without one of its files.
func TestPartial(t *testing.T) {
	t.Parallel()
	noAliases := files(t, "ofac-csv")
	delete(noAliases, "alt.csv")
	for name, c := range map[string]struct {
		folder fs.FS
		want   string
	}{
		"cut":     {atLineEnd(t, "ofac-csv", "alt.csv"), "no mark"},
		"missing": {noAliases, "table of aliases"},
	} {
		if _, err := list.Read(c.folder); err == nil {
			t.Errorf("%s: read as whole", name)
		}
		got, err := list.Read(c.folder, list.Partial())
		if err != nil || len(got.Lists) != 1 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0].Reason, c.want) {
			t.Errorf("%s: %d lists, %v, %v; want a warning of %q", name, len(got.Lists), got.Warnings, err, c.want)
		}
	}
}

func zipped(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // A buffer takes all.
	_ = w.Close()
	return b.Bytes()
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	row := strings.Repeat(`,-0- `, 8)
	sdn := func(text string) fstest.MapFS {
		m := files(t, "ofac-csv")
		m["sdn.csv"].Data = append([]byte(text), m["sdn.csv"].Data...)
		return m
	}
	for _, tt := range []struct {
		name   string
		folder fs.FS
		file   string
		reason string
	}{
		{"empty file", one("sdn.csv", ""), "sdn.csv", "empty"},
		{"blank file", one("sdn.csv", "\r\n \r\n"), "sdn.csv", "empty"},
		{"a web page", one("sdn.csv", "<!DOCTYPE html><html><body>Service unavailable</body></html>"), "sdn.csv", "web page"},
		{"UTF-16", one("uk.csv", "\xff\xfeR\x00e\x00p\x00"), "uk.csv", "UTF-16"},
		{"unknown CSV", one("x.csv", "a,b,c\n1,2,3\n"), "x.csv", "not known"},
		{"unknown XML", one("x.xml", "<feed><entry/></feed>"), "x.xml", "root element is feed"},
		{"other JSON", one("x.json", `{"lists":[]}`), "x.json", "no proper list"},
		{"truncated in a quotation", cut(t, "ofac-csv", "sdn.csv", 0.5), "sdn.csv", "truncated"},
		{"truncated in a row", cut(t, "ofac-csv", "alt.csv", 0.995), "alt.csv", "truncated"},
		{"entry twice", sdn(`36,"AEROCARIBBEAN AIRLINES",-0- ,"CUBA"` + row + "\r\n"), "sdn.csv", "twice"},
		{"entry without name", sdn(`1,-0- ,-0- ,"CUBA"` + row + "\r\n"), "sdn.csv", "needs a number and a name"},
		{"name without letters", sdn(`1,"--",-0- ,"CUBA"` + row + "\r\n"), "sdn.csv", "is no name"},
		{"strange kind", sdn(`1,"X","robot","CUBA"` + row + "\r\n"), "sdn.csv", "not a kind"},
		{"more after the end", replace(t, "ofac-csv", "add.csv", "\r\n306,", "\r\n\x1a\r\n306,"), "add.csv", "more after the end"},
		{"aliases cut at the end of a line", atLineEnd(t, "ofac-csv", "alt.csv"), "alt.csv", "no mark"},
		{"addresses cut at the end of a line", atLineEnd(t, "ofac-csv", "add.csv"), "add.csv", "no mark"},
		{"entries cut at the end of a line", replace(t, "ofac-csv", "sdn.csv", "\r\n\x1a", "\r\n"), "sdn.csv", "no mark"},
		{"comments cut at the end of a line", atLineEnd(t, "ofac-cons", "cons_comments.csv"), "cons_comments.csv", "no mark"},
		{"alias of nobody", replace(t, "ofac-csv", "alt.csv", "\r\n306,", "\r\n99999,"), "alt.csv", "no entry"},
		{"alias of a strange kind", replace(t, "ofac-csv", "alt.csv", `"aka"`, `"zka"`), "alt.csv", "kind of alias"},
		{"aliases missing", without(files(t, "ofac-csv"), "alt.csv"), "sdn.csv", "not complete"},
		{"entries missing", without(files(t, "ofac-csv"), "sdn.csv"), "alt.csv", "are missing"},
		{"zero byte", replace(t, "ofac-csv", "add.csv", "Havana", "Ha\x00ana"), "add.csv", "zero byte"},
		{"XML cut short", cut(t, "un", "consolidated.xml", 0.7), "consolidated.xml", "truncated"},
		{"XML that ends nothing", replace(t, "un", "consolidated.xml", "</INDIVIDUAL>", "</INDIVIDUALS>"), "consolidated.xml", "ends nothing"},
		{"XML id twice", replace(t, "un", "consolidated.xml", "IRi.003", "CDi.001"), "consolidated.xml", "twice"},
		{"XML without a name", replace(t, "un", "consolidated.xml", "<FIRST_NAME>ADF</FIRST_NAME>", "<FIRST_NAME/>"), "", ""},
		{"XML of other bytes", replace(t, "un", "consolidated.xml", "BADEGE", "BAD\xe9GE"), "consolidated.xml", "XML"},
		{"XML in an unread encoding", replace(t, "un", "consolidated.xml", `encoding="UTF-8"`, `encoding="KOI8-R"`), "consolidated.xml", "KOI8-R"},
		{"document type", replace(t, "un", "consolidated.xml", "<CONSOLIDATED_LIST", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><CONSOLIDATED_LIST`), "consolidated.xml", "document type"},
		{"entity of its own", replace(t, "un", "consolidated.xml", "BADEGE", "&e;"), "consolidated.xml", "entity"},
		{"legacy XML of a strange kind", replace(t, "ofac-xml", "consolidated.xml", "Individual", "Robot"), "consolidated.xml", "kind"},
		{"advanced XML of nobody", replace(t, "ofac-advanced", "sdn_advanced.xml", `ID="4243" ProfileID="4243"`, `ID="4243" ProfileID="99"`), "sdn_advanced.xml", "no party"},
		{"EU CSV of other bytes", replace(t, "eu-csv", "fsf.csv", "PUTIN", "PUT\xcfN"), "fsf.csv", "UTF-8"},
		{"EU CSV cut short", cut(t, "eu-csv", "fsf.csv", 0.95), "fsf.csv", "columns"},
		{"EU XML id twice", replace(t, "eu-xml", "fsf.xml", `"EU.36.64" logicalId="1"`, `"EU.27.28" logicalId="13"`), "fsf.xml", "twice"},
		{"UK without an id", replace(t, "uk-csv", "UK-Sanctions-List.csv", ",AFG0001,", ",,"), "UK-Sanctions-List.csv", "Unique ID"},
		{"UK of a strange kind", replace(t, "uk-csv", "UK-Sanctions-List.csv", ",Ship,", ",Robot,"), "UK-Sanctions-List.csv", "kind"},
		{"UK table missing", without(files(t, "uk-tables"), "subject_dobs.csv"), "subjects.csv", "not complete"},
		{"UK subjects missing", without(files(t, "uk-tables"), "subjects.csv"), "subject_names.csv", "missing"},
		{"UK name of nobody", replace(t, "uk-tables", "subject_names.csv", "AFG0001", "AFG9999"), "subject_names.csv", "no subject"},
		{"heading only", one("os.csv", "id,schema,name,aliases,birth_date\n"), "os.csv", "no entries"},
		{"OpenSanctions id twice", replace(t, "opensanctions", "targets.simple.csv", "NK-lazarus", "Q7747"), "targets.simple.csv", "twice"},
		{"own without approval", replace(t, "own-csv", "own.csv", "fraud desk,head of compliance", "fraud desk,Fraud Desk"), "own.csv", "someone else"},
		{"own with no first day", replace(t, "own-csv", "own.csv", "2026-01-01", "2026-01"), "own.csv", "the day from which"},
		{"own that ends too soon", replace(t, "own-csv", "own.csv", "2026-12-31", "2025-12-31"), "own.csv", "before the first"},
		{"own with an unknown field", replace(t, "own-csv", "own.csv", "remarks", "remark"), "own.csv", "no field"},
		{"own with an unknown country", replace(t, "own-csv", "own.csv", "DE|Austria", "DE|Atlantis"), "own.csv", "country"},
		{"own with an unknown document", replace(t, "own-csv", "own.csv", "passport:", "visa:"), "own.csv", "document"},
		{"own with a bad date", replace(t, "own-csv", "own.csv", "1961..1963", "long ago"), "own.csv", "date of birth"},
		{"own JSON with an unknown field", replace(t, "own-json", "own.json", `"gender"`, `"sex"`), "own.json", "sex"},
		{"own JSON cut short", cut(t, "own-json", "own.json", 0.8), "own.json", ""},
		{"own JSON with more behind", replace(t, "own-json", "own.json", "\n}\n", "\n}{}\n"), "own.json", "more after"},
		{"the same own list twice", files(t, "own-csv", "own-json"), "own.json", "also in"},
		{"gzip cut short", fstest.MapFS{"un.xml.gz": {Data: zipped(files(t, "un")["consolidated.xml"].Data)[:2000]}}, "un.xml.gz", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := list.Read(tt.folder)
			if tt.file == "" && tt.reason == "" && err == nil {
				return // Another name of the entry is left.
			}
			var bad *list.FileError
			if !errors.As(err, &bad) || bad.File != tt.file || !strings.Contains(err.Error(), tt.reason) {
				t.Fatalf("got error %v, want one of %s with %q", err, tt.file, tt.reason)
			}
			if len(got.Lists) > 0 {
				t.Errorf("got lists beside the error")
			}
			t.Log(err)
		})
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		folder fs.FS
		line   int
	}{
		{replace(t, "ofac-csv", "alt.csv", "\r\n306,", "\r\n99999,"), 2},
		{replace(t, "own-csv", "own.csv", "1961..1963", "long ago"), 4},
		{replace(t, "eu-xml", "fsf.xml", `"EU.36.64" logicalId="1"`, `"EU.27.28" logicalId="13"`), 15},
	} {
		_, err := list.Read(tt.folder)
		var bad *list.FileError
		if !errors.As(err, &bad) || bad.Line != tt.line {
			t.Errorf("got %v, want line %d", err, tt.line)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		limits list.Limits
		folder fs.FS
		reason string
	}{
		"file":    {list.Limits{FileBytes: 1000}, files(t, "ofac-csv"), "over 1000 bytes"},
		"bomb":    {list.Limits{FileBytes: 1 << 20}, fstest.MapFS{"x.csv.gz": {Data: zipped(append([]byte("id,schema,name,aliases,birth_date\n"), make([]byte, 8<<20)...))}}, "over 1048576 bytes"},
		"field":   {list.Limits{FieldBytes: 50}, files(t, "ofac-csv"), "over 50 bytes"},
		"name":    {list.Limits{NameLetters: 10}, files(t, "un"), "too long"},
		"names":   {list.Limits{EntryNames: 2}, files(t, "un"), "too many names"},
		"facts":   {list.Limits{EntryNames: 9}, one("own.csv", "list,id,name,programs,from,owner,approved_by\nx,1,A,0|1|2|3|4|5|6|7|8|9,2026-01-01,a,b\n"), "too long"},
		"entries": {list.Limits{Entries: 2}, files(t, "un"), "too many entries"},
		"depth":   {list.Limits{Depth: 3}, files(t, "un"), "nested"},
		"files":   {list.Limits{Files: 2}, files(t, "ofac-csv"), "over 2 files"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := list.Read(tt.folder, list.WithLimits(tt.limits))
			if err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("got %v, want %q", err, tt.reason)
			}
		})
	}
}

// Which version of a list is taken when there are several.
func TestVersions(t *testing.T) {
	t.Parallel()
	un := files(t, "un")["consolidated.xml"].Data
	newer := bytes.Replace(un, []byte("2026-02-27"), []byte("2026-03-27"), 1)
	folder := fstest.MapFS{"b/un.xml": {Data: un}, "a/un.xml.gz": {Data: zipped(newer)}, "README.md": {Data: []byte("# Lists")}}
	for name, f := range files(t, "ofac-csv") {
		folder["ofac/"+name] = f
	}
	for name, f := range files(t, "ofac-cons") {
		folder["ofac/"+name] = f
	}
	folder["alone/sdn.csv"] = files(t, "ofac-csv")["sdn.csv"]
	got, err := list.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	l, _ := got.Get("un")
	check(t, "files", l.Files, []string{"a/un.xml.gz"})
	check(t, "date", l.Dated, list.Date{Year: 2026, Month: 3, Day: 27})
	l, _ = got.Get("ofac-sdn")
	check(t, "complete before lone", l.Files[0], "ofac/sdn.csv")
	check(t, "consolidated beside it", got.Counts()["ofac-consolidated"], 4)
	check(t, "passed over", len(got.Passed), 3)
}

// Links to files are read, as some mount folders so; what is no file is refused.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "..data"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "..data", "un.xml"), files(t, "un")["consolidated.xml"].Data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..data", "un.xml"), filepath.Join(dir, "un.xml")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	got, err := list.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "counts", got.Counts(), map[string]int{"un": 5})
	if err := os.Symlink("..data", filepath.Join(dir, "more")); err != nil {
		t.Fatal(err)
	}
	if _, err := list.Read(os.DirFS(dir)); err == nil {
		t.Error("a link to a folder was passed over without a word")
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	read := func(name string) list.Lists {
		got, err := list.Read(fixture(t, name))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got, err := list.Join(read("un"), read("own-csv"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "counts", got.Counts(), map[string]int{"un": 5, "own-fraud": 2, "own-regulator": 1})
	if _, err := list.Join(read("own-json"), read("own-csv")); err == nil {
		t.Error("a list was joined with another of its name")
	}
}

// The EU writes quotation marks within fields as they are.
func TestEUQuotationMarks(t *testing.T) {
	t.Parallel()
	got, err := list.Read(replace(t, "eu-csv", "fsf.csv", "Commercial Bank of Syria", `Commercial "Bank" of Syria`))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "name", got.Lists[0].Entries[2].Names[0].Text, `Commercial "Bank" of Syria`)
}

// The EU's own number tells entries apart where two have one reference.
func TestEUReferenceTwice(t *testing.T) {
	t.Parallel()
	got, err := list.Read(replace(t, "eu-xml", "fsf.xml", "EU.36.64", "EU.27.28"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "id", got.Lists[0].Entries[1].ID, "EU.27.28#1")
}

// A list that is compressed or lies elsewhere is the same version.
func TestVersionIsOfTheContent(t *testing.T) {
	t.Parallel()
	text := files(t, "un")["consolidated.xml"].Data
	plain, err := list.Read(fstest.MapFS{"un.xml": {Data: text}})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := list.Read(fstest.MapFS{"x/y.gz": {Data: zipped(text)}})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "versions", packed.Versions(), plain.Versions())
}

// Rows that only change their number, their order or the day of the file say
// nothing new of an entry.
func TestDigestIsOfWhatIsSaid(t *testing.T) {
	t.Parallel()
	digests := func(folder fs.FS) list.List {
		got, err := list.Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		return got.Lists[0]
	}
	same := func(what string, a, b fs.FS) {
		if d := list.Compare(digests(a), digests(b)); !d.Empty() {
			t.Errorf("%s: got %+v, want no difference", what, d)
		}
	}
	same("date of an EU file", files(t, "eu-csv"), replace(t, "eu-csv", "fsf.csv", "01/09/2026", "02/09/2026"))
	same("last seen", files(t, "opensanctions"), replace(t, "opensanctions", "targets.simple.csv", "2026-09-15T13", "2026-09-16T13"))
	same("number of a row", files(t, "uk-tables"), replace(t, "uk-tables", "subject_names.csv", "00000,", "77777,"))
	swapped := files(t, "ofac-csv")
	rows := strings.SplitAfter(string(swapped["add.csv"].Data), "\r\n")
	rows[0], rows[1] = rows[1], rows[0]
	swapped["add.csv"].Data = []byte(strings.Join(rows, ""))
	same("order of rows", files(t, "ofac-csv"), swapped)

	d := list.Compare(digests(files(t, "ofac-csv")), digests(replace(t, "ofac-csv", "add.csv", "Havana", "Habana")))
	check(t, "changed", d.Changed, []string{"36"})
}
