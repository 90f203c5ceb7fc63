package compliance_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
	"github.com/openremit/remit/compliance/screening"
)

// wantGate is how long the gate may take for 99 of 100 remittances.
const wantGate = 5 * time.Millisecond

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

// parties are ordinary names of many countries, in their own scripts.
func parties(t testing.TB) []remit.Party {
	t.Helper()
	text, err := os.ReadFile("screening/testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []remit.Party
	var given []string
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(fields) != 3 {
			continue
		}
		names := strings.Split(fields[2], "|")
		switch fields[1] {
		case "given":
			given = names
		case "family":
			for i := range 100 {
				country := remit.Country(strings.ToUpper(fields[0][len(fields[0])-2:]))
				out = append(out, remit.Party{
					GivenName: given[i*7%len(given)], FamilyName: names[i*13%len(names)], Country: country, Nationality: country,
					DateOfBirth: fmt.Sprintf("%d-%02d-%02d", 1950+i%50, 1+i%12, 1+i%28), DocumentType: "passport", DocumentNumber: fmt.Sprintf("X%07d", i),
				})
			}
		}
	}
	return out
}

// TestGateSpeed measures a whole decision with all lists: both parties screened,
// then the whole policy.
func TestGateSpeed(t *testing.T) {
	if os.Getenv("REMIT_BENCH_SCREENING") == "" {
		t.Skip("REMIT_BENCH_SCREENING is not set")
	}
	index, err := screening.Load(os.DirFS(sharedLists(t)))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Default(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	gate := compliance.NewGate(screening.NewLists(index), rules, remit.NewFakeClock(now), slog.New(slog.DiscardHandler))
	usd := remit.MustFiat("USD")
	people := parties(t)
	outcomes := map[compliance.Outcome]int{}
	var took []time.Duration
	for i, one := range people {
		other := people[(i*31+17)%len(people)]
		s := compliance.Subject{
			Gate: compliance.GateIntake, At: now,
			Remittance: remit.Remittance{ID: "rem_1", Purpose: "family_support", Quote: remit.Quote{
				From: "US", To: "PH", Funding: remit.FundingCard, Payout: remit.PayoutBank, Rail: remit.RailAuto,
				SourceTotal: remit.NewMoney(usd, 20_000), Principal: remit.NewMoney(usd, 19_000),
				Target: remit.NewMoney(remit.MustFiat("PHP"), 1_100_000), Settlement: remit.NewMoney(remit.USDCStellar, 1_900_000_000),
			}},
			Customer:    remit.Customer{ID: "cus_1", Tier: remit.TierVerified, Party: one},
			Beneficiary: remit.Beneficiary{ID: "ben_1", Method: remit.PayoutBank, Party: other},
			Velocity:    compliance.Velocity{Amount24h: remit.NewMoney(usd, 0), Amount30d: remit.NewMoney(usd, 0)},
		}
		started := time.Now()
		d, err := gate.Decide(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(started))
		outcomes[d.Outcome]++
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%d decisions of the gate with all lists: p50 %s, p99 %s, longest %s; %v", len(took), took[len(took)/2].Round(time.Microsecond),
		p99.Round(time.Microsecond), took[len(took)-1].Round(time.Microsecond), outcomes)
	if p99 >= wantGate {
		t.Errorf("99 of 100 decisions take up to %s, want below %s", p99, wantGate)
	}
}
