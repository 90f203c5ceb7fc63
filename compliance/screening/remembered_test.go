package screening_test

import (
	"os"
	"reflect"
	"sync"
	"testing"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// TestRememberedWords asks an index that remembers words, and loses them again,
// from several sides at once: it answers as one that nobody asked before.
func TestRememberedWords(t *testing.T) {
	t.Parallel()
	read := func() *screening.Index {
		x, err := screening.Load(os.DirFS("sample"))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	used := read()
	var texts []string
	for _, words := range []string{"Hassan", "Trading", "LLC", "O", "حسن", "李", "Al-Hassan", "77"} {
		for _, more := range []string{"", " Trading Limited", " حسن"} {
			texts = append(texts, words+more)
		}
	}
	kinds := []list.Kind{list.Person, list.Company}
	var sides sync.WaitGroup
	for range 4 {
		sides.Go(func() {
			for range 5 {
				for _, text := range texts {
					for _, kind := range kinds {
						used.Search(screening.Query{Kind: kind, Names: []string{text}}, 1, 10) //nolint:errcheck // Compared below.
					}
				}
			}
		})
	}
	sides.Wait()
	found := 0
	for _, text := range texts {
		for _, kind := range kinds {
			q := screening.Query{Kind: kind, Names: []string{text}}
			want, wantErr := read().Search(q, 1, 10)
			got, err := used.Search(q, 1, 10)
			if (err == nil) != (wantErr == nil) || !reflect.DeepEqual(got, want) {
				t.Errorf("%q as %q: %v, %v; before anybody asked %v, %v", text, kind, got, err, want, wantErr)
			}
			found += len(got)
		}
	}
	if found == 0 {
		t.Error("nothing was found")
	}
}
