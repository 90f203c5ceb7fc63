package screening_test

import (
	"errors"
	"testing"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// FuzzSearch asks for anything: no query may break the engine, and every score
// is the sum of its points unless the ends of the scale cut it.
func FuzzSearch(f *testing.F) {
	x := sample(f)
	for _, text := range []string{
		"Vladimir Putin", "Putin V.V.", "GUZMAN J. A.", "abdul abd", "Abdul Haq (عبد الحق خان)", "a8du1 ra5hid", "M/V Grace", "김정은", "习近平", "ъ", "l1",
		"al al al", "Zebedee Quag mire", "ПуTин Владимиp", "ﷺ (a b) ﷺ ﷺ",
	} {
		f.Add(text, uint8(0))
	}
	kinds := []list.Kind{list.Person, list.Company, list.Vessel, list.Aircraft, ""}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		matches, err := x.Search(screening.Query{Kind: kinds[int(kind)%len(kinds)], Names: []string{text}}, 1, 20)
		if err != nil {
			if !errors.Is(err, screening.ErrUnscreened) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, m := range matches {
			sum := 10_000
			for _, p := range m.Points {
				sum += p.Points
			}
			if m.Score < 1 || m.Score > 10_000 || sum != m.Score {
				t.Fatalf("%q scores %d with points that make %d: %v", text, m.Score, sum, m.Points)
			}
		}
	})
}
