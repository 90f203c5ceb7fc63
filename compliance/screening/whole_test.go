package screening_test

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
)

// sharedLists finds the lists of past days in the folder of shared data,
// wherever above this one that stands.
func sharedLists(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		data := filepath.Join(dir, "shared", "data", "sanctions")
		if _, err := os.Stat(data); err == nil {
			return data
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("the whole lists are not on this machine")
		}
		dir = up
	}
}

// wholeList is the whole SDN list of a past day.
func wholeList(t testing.TB) string { return filepath.Join(sharedLists(t), "ofac-sdn-2023-12-28") }

func wholeIndex(t testing.TB) *screening.Index {
	t.Helper()
	index, err := screening.Load(os.DirFS(wholeList(t)))
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// records reads one file of the whole list.
func records(t testing.TB, dir, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimRight(text, "\x1a\r\n")))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// kinds tells for each entry whether it is a person.
func kinds(t testing.TB, dir string) map[string]compliance.PartyKind {
	t.Helper()
	out := map[string]compliance.PartyKind{}
	for _, row := range records(t, dir, "sdn.csv") {
		switch strings.TrimSpace(row[2]) {
		case "individual":
			out[row[0]] = compliance.PartyPerson
		case "-0-":
			out[row[0]] = compliance.PartyCompany
		}
	}
	return out
}

// TestMistypedNamesOfTheWholeListAlert asks for listed names with one random
// letter dropped, doubled, swapped or changed. What it misses are words of two or
// three letters, where one letter makes another name.
func TestMistypedNamesOfTheWholeListAlert(t *testing.T) {
	t.Parallel()
	dir := wholeList(t)
	index := wholeIndex(t)
	random := rand.New(rand.NewPCG(1, 2))
	asked, found := 0, 0
	for i, row := range records(t, dir, "sdn.csv") {
		kind := partyKind(row[2])
		if i%7 != 0 || kind == "" || len(strings.Fields(row[1])) < 2 {
			continue
		}
		q := company(mistype(random, row[1]))
		q.Kind = kind
		asked++
		if score(t, index, q, row[0]) >= alert {
			found++
		}
	}
	t.Logf("mistyped names: %d of %d alert", found, asked)
	if found*100 < asked*95 {
		t.Errorf("%d of %d mistyped names alert, want 95%%", found, asked)
	}
}

func partyKind(text string) compliance.PartyKind {
	switch strings.TrimSpace(text) {
	case "individual":
		return compliance.PartyPerson
	case "-0-":
		return compliance.PartyCompany
	default:
		return ""
	}
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

func mistype(random *rand.Rand, name string) string {
	letters := []byte(name)
	var places []int
	for i := 1; i < len(letters)-1; i++ {
		if letter(letters[i]) && letter(letters[i+1]) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return name
	}
	at := places[random.IntN(len(places))]
	switch random.IntN(4) {
	case 0:
		return string(slices.Delete(letters, at, at+1))
	case 1:
		return string(slices.Insert(letters, at, letters[at]))
	case 2:
		letters[at], letters[at+1] = letters[at+1], letters[at]
	default:
		letters[at] = "aeioustrn"[random.IntN(9)]
	}
	return string(letters)
}

// TestWithheldAliasesAlert takes each eighth alias out of the list and asks
// for it. Many aliases are wholly other names, which nothing can find; the bar is
// what spelling can find.
func TestWithheldAliasesAlert(t *testing.T) {
	t.Parallel()
	dir := wholeList(t)
	kind := kinds(t, dir)
	var kept strings.Builder
	writer := csv.NewWriter(&kept)
	var withheld [][]string
	for i, row := range records(t, dir, "alt.csv") {
		if i%8 == 0 && kind[row[0]] != "" {
			withheld = append(withheld, row)
		} else if err := writer.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	writer.Flush()
	folder := fstest.MapFS{"alt.csv": {Data: []byte(kept.String() + "\x1a")}}
	for _, name := range []string{"sdn.csv", "add.csv"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: text}
	}
	index, err := screening.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	for who, bar := range map[compliance.PartyKind]int{compliance.PartyPerson: 50, compliance.PartyCompany: 40} {
		asked, found := 0, 0
		for _, row := range withheld {
			if kind[row[0]] != who {
				continue
			}
			asked++
			q := company(row[3])
			q.Kind = who
			if score(t, index, q, row[0]) >= alert {
				found++
			}
		}
		t.Logf("withheld aliases of a %s: %d of %d alert", who, found, asked)
		if found*100 < asked*bar {
			t.Errorf("%d of %d withheld aliases of a %s alert, want %d%%", found, asked, who, bar)
		}
	}
}

// TestOrdinaryNamesOnTheWholeList counts false alarms on common names of the
// corridors' countries, with and without a birth date.
func TestOrdinaryNamesOnTheWholeList(t *testing.T) {
	t.Parallel()
	index := wholeIndex(t)
	given := strings.Fields("Maria Jose John Michael Sarah David Grace Priya Rahul Anna Juan Carlos Fatima Ahmed Mohammed Ali Omar Aisha " +
		"Chinedu Ngozi Kwame Wei Yuki Emily Thomas Elena Ivan Olga Thandi Sipho Siti Budi Rosa Luis Pedro Amina")
	family := strings.Fields("Santos Cruz Reyes Garcia Smith Jones Brown Sharma Patel Singh Kumar Okafor Adeyemi Mensah Wanjiru Otieno " +
		"Nguyen Tran Tanaka Rossi Silva Gonzalez Hernandez Lopez Martinez Khan Hussain Begum Rahman Dlamini Nkosi Mueller Novak Popov Ivanova Lee")
	alarms := func(born string) (n int) {
		for _, g := range given {
			for _, f := range family {
				q := person(g + " " + f)
				q.DateOfBirth = born
				found, err := index.Screen(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(found.Hits, func(h compliance.Hit) bool { return h.ScoreBasisPoints >= alert }) {
					n++
				}
			}
		}
		return n
	}
	asked := len(given) * len(family)
	without, with := alarms(""), alarms("1996-02-29")
	t.Logf("%d ordinary names: %d alert without a birth date, %d with one", asked, without, with)
	if without*100 > asked*6 || with*100 > asked {
		t.Errorf("of %d ordinary names %d alert without a birth date (want at most 6%%) and %d with one (1%%)", asked, without, with)
	}
}

// TestNoQueryTakesLong asks for the names that have most like them.
func TestNoQueryTakesLong(t *testing.T) {
	t.Parallel()
	index := wholeIndex(t)
	for _, name := range []string{
		strings.TrimSpace(strings.Repeat("Mohammed Ali Hassan ", 10)), strings.TrimSpace(strings.Repeat("company limited bank ", 10)),
		"Muhammad Ahmad Ali Hasan Husayn Abdullah Ibrahim Mahmud Khalid Salih", strings.Repeat("al ", 30),
	} {
		started := time.Now()
		if _, err := index.Screen(t.Context(), person(name)); err != nil {
			t.Fatal(err)
		}
		// Far above what it takes, so that a busy machine does not fail it.
		if took := time.Since(started); took > 2*time.Second {
			t.Errorf("%q took %s", name, took)
		}
	}
}

func BenchmarkScreenWholeList(b *testing.B) {
	index := wholeIndex(b)
	names := []string{
		"Maria Santos", "John Smith", "Mohammed Ali", "Fatima Begum", "Juan dela Cruz", "Grace Wanjiru", "Vladimir Putin", "Ali Hassan Ahmed",
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := index.Screen(b.Context(), person(names[i%len(names)])); err != nil {
			b.Fatal(err)
		}
	}
}
