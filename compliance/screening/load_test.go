package screening_test

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openremit/remit/compliance/screening"
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

const null = `,-0- `

// line is one row of sdn.csv.
func line(number, name, kind, remarks string) string {
	return number + `,"` + name + `",` + kind + `,"TEST"` + strings.Repeat(null, 7) + `,"` + remarks + `"` + "\r\n"
}

func TestMalformedFilesAreRefusedWithTheLine(t *testing.T) {
	t.Parallel()
	good := line("1", "DOE, Jane", `"individual"`, "DOB 1975.")
	for _, tt := range []struct{ why, file, text, want string }{
		{"a missing column", "sdn.csv", good + `2,"X"` + "\n", "sdn.csv line 2: it has 2 columns"},
		{"an open quote", "sdn.csv", good + `2,"X,`, "sdn.csv line 2"},
		{"a quote inside", "sdn.csv", good + `2,"X"Y",` + "\n", "sdn.csv line 2"},
		{"no number", "sdn.csv", good + line("x", "ROE", "-0- ", ""), "sdn.csv line 2: an entry needs a number"},
		{"no name", "sdn.csv", good + line("2", "", "-0- ", ""), "sdn.csv line 2: an entry needs"},
		{"an unknown kind", "sdn.csv", good + line("2", "ROE", `"robot"`, ""), `sdn.csv line 2: "robot"`},
		{"an entry twice", "sdn.csv", good + good, "sdn.csv line 2: entry 1 is there twice"},
		{"an unreadable name", "sdn.csv", good + line("2", "近平", "-0- ", ""), "entry 2: name cannot be read"},
		{"nothing", "sdn.csv", "", "holds no entries"},
		{"a web page", "sdn.csv", "<html><body>Service unavailable</body></html>", "sdn.csv line 1"},
		{"an alias of nobody", "alt.csv", `7,1,"aka","X",-0- ` + "\n", `alt.csv line 1: there is no entry "7"`},
		{"an alias without name", "alt.csv", `1,1,"aka",-0- ,-0- ` + "\n", "alt.csv line 1: an alias needs a name"},
		{"an address cut off", "add.csv", `1,25,-0- ,"Hav`, "add.csv line 1"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			folder := fstest.MapFS{
				"sdn.csv": {Data: []byte(good)}, "alt.csv": {Data: nil}, "add.csv": {Data: nil},
			}
			folder[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			_, err := screening.Load(folder)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestMissingFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sdn.csv", "alt.csv", "add.csv"} {
		folder := files(t)
		delete(folder, name)
		if _, err := screening.Load(folder); err == nil {
			t.Errorf("lists without %s were loaded", name)
		}
	}
	half := files(t)
	half["cons_prim.csv"] = &fstest.MapFile{Data: []byte(line("1", "DOE, Jane", `"individual"`, ""))}
	if _, err := screening.Load(half); err == nil {
		t.Error("a consolidated list without aliases was loaded")
	}
}

func TestFormsOfTheFormat(t *testing.T) {
	t.Parallel()
	text := line("1", "M\xfcLLER, J\xf6rg", `"individual"`, "DOB circa 1961; alt. DOB Mar 1970; a.k.a. 'SCHMIDT, Hans'; "+
		"alt. Digital Currency Address - ETH 0xAbCd; nationality Germany.") + "\x1a"
	folder := fstest.MapFS{
		"sdn.csv": {Data: []byte(text)}, "alt.csv": {Data: []byte("\x1a")}, "add.csv": {Data: []byte("\x1a")},
		"sdn_comments.csv": {Data: []byte(`1,"; a.k.a. 'WEBER, Karl'."` + "\n")},
	}
	index, err := screening.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Jörg Müller", "Joerg Mueller", "Hans Schmidt", "Karl Weber"} {
		q := person(name)
		if got := score(t, index, q, "1"); got < alert {
			t.Errorf("%s scores %d, want an alert", name, got)
		}
	}
	for day, alerts := range map[string]bool{"1963-05-05": true, "1970-03-31": true, "1966-06-01": false, "1990-01-01": false} {
		q := person("Hans Schmidt")
		q.DateOfBirth = day
		if got := score(t, index, q, "1"); (got >= alert) != alerts {
			t.Errorf("born %s: score is %d, want an alert: %t", day, got, alerts)
		}
	}
	q := person("Someone Else")
	q.Wallets = []string{"0xabCD"}
	if got := score(t, index, q, "1"); got != 10_000 {
		t.Errorf("hexadecimal wallet in other case scores %d", got)
	}
}

func TestVersionNamesTheContent(t *testing.T) {
	t.Parallel()
	first, again := sample(t).Versions(), sample(t).Versions()
	if !maps.Equal(first, again) || len(first["ofac-sdn"]) == 0 {
		t.Errorf("versions are %v and %v", first, again)
	}
	folder := files(t)
	folder["add.csv"].Data = append(folder["add.csv"].Data, []byte("36,1,-0- ,-0- ,\"Cuba\",-0- \n")...)
	changed, err := screening.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if maps.Equal(first, changed.Versions()) {
		t.Error("the version stays when an address is added")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(line("1", "DOE, Jane", `"individual"`, "DOB 12 Mar 1975; a.k.a. 'X'; DOB 1975 to 1977."))
	f.Add(`1,"A"` + "\n\x1a")
	f.Add(line("1", strings.Repeat("a", 10_000), "-0- ", ""))
	f.Fuzz(func(t *testing.T, text string) {
		folder := fstest.MapFS{
			"sdn.csv": {Data: []byte(text)}, "alt.csv": {Data: nil}, "add.csv": {Data: nil},
		}
		if index, err := screening.Load(folder); err == nil && index.Counts()["ofac-sdn"] == 0 {
			t.Error("a list without entries was loaded")
		}
	})
}

func FuzzScreen(f *testing.F) {
	index := sample(f)
	for _, name := range []string{
		"Vladimir Putin", "قاسم سليماني", "习近平", strings.Repeat("Mohammed ", 31), strings.Repeat("\u200b", 10_000),
		"A\u0301\u200d l L.L.C.", "abd al", "abdul", "ﷺ", strings.Repeat("ab ", 5_000), "\xff\xfe",
	} {
		f.Add(name, "1952-10-07")
	}
	f.Fuzz(func(t *testing.T, name, born string) {
		q := person(name)
		q.DateOfBirth = born
		first, err := index.Screen(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		again, err := index.Screen(t.Context(), q)
		if err != nil || len(first.Hits) != len(again.Hits) {
			t.Fatalf("the same query gave %d and %d hits (%v)", len(first.Hits), len(again.Hits), err)
		}
		for i, hit := range first.Hits {
			if hit.ScoreBasisPoints < screening.LeastScore || hit.ScoreBasisPoints > 10_000 || again.Hits[i].Key != hit.Key {
				t.Fatalf("hit %+v is out of bounds or not repeated", hit)
			}
		}
		padded := person("\u200b" + name + "\u200d ")
		padded.DateOfBirth = born
		other, err := index.Screen(t.Context(), padded)
		if err != nil || (len(name) < 1_000 && len(other.Hits) != len(first.Hits)) {
			t.Fatalf("zero-width characters changed %d hits to %d (%v)", len(first.Hits), len(other.Hits), err)
		}
	})
}
