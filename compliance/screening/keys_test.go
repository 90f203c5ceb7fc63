package screening_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// TestKeysNameThePairAndNothingElse: by random lists and parties, the key of a
// hit is the same whatever else is listed, and another one once anything that is
// compared of the party, or anything that is said of the entry, changes.
func TestKeysNameThePairAndNothingElse(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 11))
	syllables := []string{"zo", "ka", "ri", "mel", "tu", "bar", "shen", "qui", "dov", "lam"}
	word := func() string {
		out := ""
		for range 3 + rng.IntN(2) {
			out += syllables[rng.IntN(len(syllables))]
		}
		return out
	}
	entry := func(id int, name string) list.Entry {
		return list.Entry{
			List: "test", ID: fmt.Sprint(id), Kind: list.Person, Names: []list.Name{{Text: name}}, Digest: fmt.Sprintf("%d of %s", id, name),
		}
	}
	keys := func(entries []list.Entry, q compliance.ScreenQuery) []string {
		found, err := screening.NewIndex(entries).Screen(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, h := range found.Hits {
			out = append(out, h.Key)
		}
		slices.Sort(out)
		return out
	}
	for range 60 {
		name := word() + " " + word()
		entries := []list.Entry{entry(0, name)}
		for i := range rng.IntN(40) {
			entries = append(entries, entry(i+1, word()+" "+word()))
		}
		q := compliance.ScreenQuery{
			Role: compliance.RoleBeneficiary, PartyID: "ben_" + word(), Kind: compliance.PartyPerson, Names: []string{name},
			Countries: []remit.Country{"PH"}, Wallets: []string{word()},
		}
		was := keys(entries[:1], q)
		if len(was) != 1 {
			t.Fatalf("%q finds %d hits on itself", name, len(was))
		}
		if all := keys(entries, q); !slices.Contains(all, was[0]) {
			t.Errorf("the key changed with what else is listed: %v, was %v", all, was)
		}
		again := entries[0]
		again.Digest += ", and more"
		if now := keys([]list.Entry{again}, q); slices.Equal(now, was) {
			t.Error("the key is the same after the entry changed")
		}
		for what, change := range map[string]func(*compliance.ScreenQuery){
			"role":      func(q *compliance.ScreenQuery) { q.Role = compliance.RoleOriginator },
			"id":        func(q *compliance.ScreenQuery) { q.PartyID += "x" },
			"name":      func(q *compliance.ScreenQuery) { q.Names = append(slices.Clone(q.Names), word()) },
			"birth":     func(q *compliance.ScreenQuery) { q.DateOfBirth = "1990-01-02" },
			"countries": func(q *compliance.ScreenQuery) { q.Countries = []remit.Country{"PH", "US"} },
			"wallets":   func(q *compliance.ScreenQuery) { q.Wallets = append(slices.Clone(q.Wallets), word()) },
		} {
			other := q
			change(&other)
			if now := keys(entries[:1], other); slices.Contains(now, was[0]) {
				t.Errorf("the key is the same after the %s of the party changed", what)
			}
		}
	}
}
