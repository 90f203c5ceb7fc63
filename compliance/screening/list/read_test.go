package list_test

import (
	"embed"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening/list"
)

//go:embed testdata
var testdata embed.FS

var update = flag.Bool("update", false, "write the golden files")

// fixture is one folder of testdata, with the few real public entries in it.
func fixture(t testing.TB, name string) fs.FS {
	t.Helper()
	folder, err := fs.Sub(testdata, "testdata/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// fixtures are the folders and the lists in them.
var fixtures = map[string]map[string]int{
	"ofac-csv":      {"ofac-sdn": 9},
	"ofac-cons":     {"ofac-consolidated": 4},
	"ofac-xml":      {"ofac-consolidated": 2},
	"ofac-advanced": {"ofac-sdn": 4},
	"un":            {"un": 5},
	"eu-csv":        {"eu": 3},
	"eu-xml":        {"eu": 3},
	"eu-names":      {"eu": 4},
	"uk-csv":        {"uk": 3},
	"uk-tables":     {"uk": 4},
	"opensanctions": {"opensanctions": 3},
	"own-csv":       {"own-fraud": 2, "own-regulator": 1},
	"own-json":      {"own-fraud": 2},
}

func TestReadFormats(t *testing.T) {
	t.Parallel()
	for name, want := range fixtures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := list.Read(fixture(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Counts(), want) {
				t.Errorf("got %v, want %v", got.Counts(), want)
			}
			compareGolden(t, name, got)
		})
	}
}

// compareGolden compares lists with testdata/golden, or writes them there.
func compareGolden(t *testing.T, name string, got list.Lists) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	path := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(text) {
		t.Errorf("%s differs from %s; run with -update and look at the difference", name, path)
	}
}

// entry reads one entry of a fixture.
func entry(t *testing.T, folder, name, id string) list.Entry {
	t.Helper()
	lists, err := list.Read(fixture(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	l, ok := lists.Get(name)
	if !ok {
		t.Fatalf("there is no list %s", name)
	}
	for _, e := range l.Entries {
		if e.ID == id {
			return e
		}
	}
	t.Fatalf("there is no entry %s", id)
	return list.Entry{}
}

func check[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func year(y int) list.Date { return list.Date{Year: y} }

func TestOFACPerson(t *testing.T) {
	t.Parallel()
	e := entry(t, "ofac-csv", "ofac-sdn", "25308")
	check(t, "kind", e.Kind, list.Person)
	check(t, "name", e.Names[0], list.Name{Text: "YAN, Xiaobing", Family: "YAN", Given: "Xiaobing"})
	day := list.Date{Year: 1977, Month: 3, Day: 25}
	check(t, "births", e.Births, []list.Birth{{From: day, To: day}})
	check(t, "countries", e.Countries, []remit.Country{"CN"})
	check(t, "birth countries", e.BirthCountries, []remit.Country{"CN"})
	check(t, "gender", e.Gender, "male")
	check(t, "programs", e.Programs, []string{"SDNTK"})
	if len(e.Wallets) == 0 || len(e.Digest) != 32 {
		t.Errorf("got wallets %v and digest %q", e.Wallets, e.Digest)
	}
}

func TestOFACRemarks(t *testing.T) {
	t.Parallel()
	vessel := entry(t, "ofac-csv", "ofac-sdn", "4243")
	check(t, "kind", vessel.Kind, list.Vessel)
	check(t, "flag", vessel.Countries, []remit.Country{"PA"})
	check(t, "documents", vessel.Documents, []list.Document{{Type: "imo", Number: "7406784"}})
	check(t, "former name", vessel.Names[1], list.Name{Text: "ANA I", Kind: list.Former})

	bank := entry(t, "ofac-csv", "ofac-sdn", "306")
	check(t, "weak alias", bank.Names[1:], []list.Name{{Text: "NATIONAL BANK OF CUBA"}, {Text: "BNC", Kind: list.Weak}})

	about := entry(t, "ofac-csv", "ofac-sdn", "8175")
	check(t, "circa", about.Births[0], list.Birth{From: year(1950), To: year(1950), Circa: true})
	check(t, "passport", about.Documents[0], list.Document{Type: "passport", Number: "A005487", Country: "YE"})
}

// The comments file goes on in the middle of a word of the remarks.
func TestOFACComments(t *testing.T) {
	t.Parallel()
	e := entry(t, "ofac-cons", "ofac-consolidated", "17014")
	found := false
	for _, d := range e.Documents {
		found = found || d == list.Document{Type: "registration", Number: "1027700342890", Country: "RU"}
	}
	if !found {
		t.Errorf("got documents %v, want the registration number that the two files share", e.Documents)
	}
	xml := entry(t, "ofac-xml", "ofac-consolidated", "17014")
	check(t, "primary name of CSV and XML", e.Names[0], xml.Names[0])
}

func TestAdvancedXML(t *testing.T) {
	t.Parallel()
	person := entry(t, "ofac-advanced", "ofac-sdn", "22790")
	check(t, "name", person.Names, []list.Name{{Text: "MADURO MOROS, Nicolas", Family: "MADURO MOROS", Given: "Nicolas"}})
	day := list.Date{Year: 1962, Month: 11, Day: 23}
	check(t, "births", person.Births, []list.Birth{{From: day, To: day}})
	check(t, "documents", person.Documents, []list.Document{{Type: "national_id", Number: "5892464", Country: "VE"}})
	check(t, "birth countries", person.BirthCountries, []remit.Country{"VE"})
	check(t, "gender", person.Gender, "male")
	check(t, "programs", person.Programs, []string{"VENEZUELA"})

	group := entry(t, "ofac-advanced", "ofac-sdn", "27307")
	check(t, "weak alias", group.Names[1], list.Name{Text: "HIDDEN COBRA", Kind: list.Weak})
	check(t, "wallets", group.Wallets, []string{"0x098B716B8Aaf21512996dC57EB0615e2383E2f96"})

	airline := entry(t, "ofac-advanced", "ofac-sdn", "36")
	check(t, "primary name", airline.Names[0].Text, "AEROCARIBBEAN AIRLINES")
	check(t, "countries", airline.Countries, []remit.Country{"CU"})
}

func TestEuropeanUnion(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"eu-csv", "eu-xml"} {
		e := entry(t, folder, "eu", "EU.27.28")
		check(t, folder+" kind", e.Kind, list.Person)
		check(t, folder+" name", e.Names[0], list.Name{Text: "Saddam Hussein Al-Tikriti", Family: "Hussein Al-Tikriti", Given: "Saddam"})
		day := list.Date{Year: 1937, Month: 4, Day: 28}
		check(t, folder+" births", e.Births, []list.Birth{{From: day, To: day}})
		check(t, folder+" countries", e.Countries, []remit.Country{"IQ"})
		check(t, folder+" programs", e.Programs, []string{"IRQ"})
		check(t, folder+" enterprise", entry(t, folder, "eu", "EU.11.3").Kind, list.Company)
	}
	check(t, "weak alias", entry(t, "eu-xml", "eu", "EU.27.28").Names[2], list.Name{Text: "Abou Ali", Kind: list.Weak})
	check(t, "span", entry(t, "eu-xml", "eu", "EU.36.64").Births[1], list.Birth{From: year(1920), To: year(1924), Circa: true})
}

func TestUnitedKingdom(t *testing.T) {
	t.Parallel()
	e := entry(t, "uk-csv", "uk", "AFG0006")
	check(t, "name", e.Names[0], list.Name{Text: "MOHAMMAD HASSAN AKHUND", Family: "AKHUND", Given: "MOHAMMAD HASSAN"})
	check(t, "other script", e.Names[1], list.Name{Text: "محمد حسن آخوند"})
	check(t, "weak alias", e.Names[2].Kind, list.Weak)
	day := list.Date{Year: 1969, Month: 6, Day: 4}
	check(t, "births", e.Births, []list.Birth{{From: year(1958), To: year(1958)}, {From: day, To: day}})
	ship := entry(t, "uk-csv", "uk", "RUS2176")
	check(t, "ship", ship.Documents, []list.Document{{Type: "imo", Number: "9826902"}})
	check(t, "flag", ship.Countries, []remit.Country{"GA"})
}

func TestOwnListsInForce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		day  list.Date
		want map[string]int
	}{
		{list.Date{Year: 2025, Month: 1, Day: 1}, map[string]int{"own-fraud": 0, "own-regulator": 0}},
		{list.Date{Year: 2026, Month: 2, Day: 28}, map[string]int{"own-fraud": 1, "own-regulator": 1}},
		{list.Date{Year: 2026, Month: 6, Day: 1}, map[string]int{"own-fraud": 2, "own-regulator": 0}},
		{list.Date{Year: 2027, Month: 1, Day: 1}, map[string]int{"own-fraud": 1, "own-regulator": 0}},
	} {
		got, err := list.Read(fixture(t, "own-csv"), list.On(tt.day))
		if err != nil {
			t.Fatal(err)
		}
		check(t, tt.day.String(), got.Counts(), tt.want)
	}
}
