package list_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/openremit/remit/compliance/screening/list"
)

// shared finds real lists beside the source tree, or skips the test.
func shared(t testing.TB) fs.FS {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		dir := filepath.Join(at, "shared", "data", "sanctions")
		if _, err := os.Stat(dir); err == nil {
			return os.DirFS(dir)
		}
		if filepath.Dir(at) == at {
			t.Skip("no folder shared/data/sanctions above: the real lists are not here")
		}
		at = filepath.Dir(at)
	}
}

func TestReadRealLists(t *testing.T) {
	t.Parallel()
	got, err := list.Read(shared(t))
	if err != nil {
		t.Fatal(err)
	}
	entities, names := 0, 0
	for _, l := range got.Lists {
		n := 0
		for i := range l.Entries {
			n += len(l.Entries[i].Names)
		}
		t.Logf("%s version %s dated %s: %d entries, %d names, from %v", l.Name, l.Version, l.Dated, len(l.Entries), n, l.Files)
		entities += len(l.Entries)
		names += n
	}
	for _, p := range got.Passed {
		t.Logf("passed over %s: %s", p.File, p.Reason)
	}
	t.Log(entities, names)
	want := map[string]int{"ofac-sdn": 13821, "ofac-consolidated": 443, "un": 1003, "uk": 6046, "eu": 5316}
	for name, n := range want {
		if got.Counts()[name] != n {
			t.Errorf("%s has %d entries, want %d", name, got.Counts()[name], n)
		}
	}
	if entities < 26_500 || entities > 26_700 || names < 75_000 || names > 85_000 {
		t.Errorf("got %d entries with %d names, want about 26,600 and 80,000", entities, names)
	}
}

// What the entries say must be read, not only their names.
func TestRealFacts(t *testing.T) {
	t.Parallel()
	lists, err := list.Read(shared(t))
	if err != nil {
		t.Fatal(err)
	}
	type facts struct{ births, documents, countries, wallets, weak, unborn int }
	for name, want := range map[string]facts{
		"ofac-sdn": {births: 7300, documents: 13_000, countries: 12_400, wallets: 263, weak: 3200, unborn: 125},
		"un":       {births: 880, documents: 440, countries: 830, weak: 600, unborn: 55},
		"uk":       {births: 3500, documents: 2300, countries: 4500, weak: 600, unborn: 2900},
		"eu":       {countries: 2360, unborn: 4110},
	} {
		l, ok := lists.Get(name)
		if !ok {
			t.Errorf("there is no list %s", name)
			continue
		}
		var got facts
		for i := range l.Entries {
			e := &l.Entries[i]
			got.births += len(e.Births)
			got.documents += len(e.Documents)
			got.wallets += len(e.Wallets)
			if len(e.Countries) > 0 {
				got.countries++
			}
			if e.Kind == list.Person && len(e.Births) == 0 {
				got.unborn++
			}
			for _, n := range e.Names {
				if n.Kind == list.Weak {
					got.weak++
				}
			}
		}
		if got.births < want.births || got.documents < want.documents || got.countries < want.countries ||
			got.wallets < want.wallets || got.weak < want.weak || got.unborn > want.unborn {
			t.Errorf("%s: got %+v, want at least %+v (unborn: at most)", name, got, want)
		}
	}
}

// A later load of the same files must say the same, so that no customer's
// cleared hit lapses for nothing.
func TestReadingIsStable(t *testing.T) {
	t.Parallel()
	folder := shared(t)
	first, err := list.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	second, err := list.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Error("two readings of the same files differ")
	}
}

func TestDeltaOfRealLists(t *testing.T) {
	t.Parallel()
	folder := shared(t)
	read := func(name string) list.List {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := list.Read(fstest.MapFS{"sdn.csv": {Data: text}}, list.Partial())
		if err != nil {
			t.Fatal(err)
		}
		one, ok := got.Get("ofac-sdn")
		if !ok {
			t.Fatalf("%s is not recognised as the SDN list", name)
		}
		return one
	}
	before, after := read("ofac-sdn-2023-12-28/sdn.csv"), read("ofac-sdn-2024-05-03/sdn.csv")
	got := list.Compare(before, after)
	if len(got.Added) != 1256 || len(got.Removed) != 112 || len(got.Changed) != 48 {
		t.Errorf("got %d added, %d removed, %d changed; want 1256, 112, 48", len(got.Added), len(got.Removed), len(got.Changed))
	}
}

func BenchmarkReadRealLists(b *testing.B) {
	folder := shared(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := list.Read(folder); err != nil {
			b.Fatal(err)
		}
	}
}
