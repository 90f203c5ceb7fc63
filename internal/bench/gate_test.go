package bench_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
	"github.com/openremit/remit/compliance/screening"
)

// BenchmarkGate decides at the intake gate as the gateway does: both parties
// against the lists that ship with it, then the whole policy.
//
//	go test ./internal/bench -run - -bench Gate
func BenchmarkGate(b *testing.B) {
	index, err := screening.Sample()
	if err != nil {
		b.Fatal(err)
	}
	rules, err := policy.Default(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	gate := compliance.NewGate(screening.NewLists(index), rules, remit.NewFakeClock(now), slog.New(slog.DiscardHandler))
	usd := remit.MustFiat("USD")
	subject := compliance.Subject{
		Gate: compliance.GateIntake, At: now,
		Remittance: remit.Remittance{ID: "rem_1", Purpose: "family_support", Quote: remit.Quote{
			From: "US", To: "PH", Funding: remit.FundingCard, Payout: remit.PayoutBank, Rail: remit.RailAuto,
			SourceTotal: remit.NewMoney(usd, 20_000), Principal: remit.NewMoney(usd, 19_000),
			Target: remit.NewMoney(remit.MustFiat("PHP"), 1_100_000), Settlement: remit.NewMoney(remit.USDCStellar, 1_900_000_000),
		}},
		Customer: remit.Customer{ID: "cus_1", Tier: remit.TierVerified, Party: remit.Party{
			GivenName: "Alice", FamilyName: "Walker", DateOfBirth: "1988-04-12", Country: "US", Nationality: "US",
			DocumentType: "passport", DocumentNumber: "X1234567",
		}},
		Beneficiary: remit.Beneficiary{ID: "ben_1", Method: remit.PayoutBank, Party: remit.Party{
			GivenName: "Maria", FamilyName: "Santos", Country: "PH", Nationality: "PH",
		}},
		Velocity: compliance.Velocity{Amount24h: remit.NewMoney(usd, 0), Amount30d: remit.NewMoney(usd, 0)},
	}
	b.ReportAllocs()
	for b.Loop() {
		d, err := gate.Decide(b.Context(), subject)
		if err != nil {
			b.Fatal(err)
		}
		if d.Outcome != compliance.OutcomeAllow {
			b.Fatalf("the gate says %s for %v", d.Outcome, d.Reasons)
		}
	}
}
