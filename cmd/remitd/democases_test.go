package main

import (
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestDemoNamesAreListed: those of the demo that are to be stopped by the lists
// are like somebody on the shipped sample, and the others are like nobody.
func TestDemoNamesAreListed(t *testing.T) {
	t.Parallel()
	index, err := screening.Sample()
	if err != nil {
		t.Fatal(err)
	}
	best := func(p *v1.Party) int {
		q := compliance.ScreenQuery{Role: compliance.RoleOriginator, PartyID: "x", Kind: compliance.PartyPerson, DateOfBirth: p.GetDateOfBirth(), Countries: []remit.Country{remit.Country(p.GetCountry())}}
		q.Names = []string{strings.TrimSpace(p.GetGivenName() + " " + p.GetFamilyName())}
		if p.GetCompanyName() != "" {
			q.Kind, q.Names = compliance.PartyCompany, []string{p.GetCompanyName()}
		}
		found, err := index.Screen(t.Context(), q)
		if err != nil || len(found.Unscreened) > 0 {
			t.Fatalf("%s: %v %v", q.Names, found.Unscreened, err)
		}
		score := 0
		for _, h := range found.Hits {
			score = max(score, h.ScoreBasisPoints)
		}
		return score
	}
	const threshold = 8_500
	for _, c := range demoHits() {
		if max(best(c.originator), best(c.beneficiary)) < threshold {
			t.Errorf("%s: nobody in it is like anybody listed", c.reference)
		}
	}
	for _, c := range demoOthers() {
		if best(c.originator) >= threshold || best(c.beneficiary) >= threshold {
			t.Errorf("%s: somebody in it is listed from the beginning", c.reference)
		}
	}
	for _, c := range demoLate() {
		if found, err := index.Screen(t.Context(), lateQuery(c, "cus_x")); err != nil || len(found.Hits) == 0 || found.Hits[0].ScoreBasisPoints < threshold {
			t.Errorf("%s: %s is like nobody listed: %v %v", c.name, c.party.FamilyName, found.Hits, err)
		}
		if levels := (compliance.ServiceLevels{}); c.ago <= levels.Of(compliance.InboxSanctions) {
			t.Errorf("%s: it is not late after %s", c.name, c.ago)
		}
	}
	own, err := demoIndex()
	if err != nil {
		t.Fatal(err)
	}
	found, err := own.Screen(t.Context(), compliance.ScreenQuery{Role: compliance.RoleBeneficiary, PartyID: "x", Kind: compliance.PartyPerson, Names: []string{"Lena Castillo"}, Wallets: []string{demoWallet}})
	if err != nil || len(found.Hits) != 1 || found.Hits[0].Kind != compliance.HitWallet {
		t.Errorf("the demo's wallet is found as %v, %v", found.Hits, err)
	}
	seen := make(map[string]bool)
	for _, c := range demoCaseList() {
		if seen[c.reference] {
			t.Errorf("two cases of the demo are called %s", c.reference)
		}
		seen[c.reference] = true
	}
	if len(seen) < 12 {
		t.Errorf("%d cases, want a dozen", len(seen))
	}
}
