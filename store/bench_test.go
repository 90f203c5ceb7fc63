package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
	"github.com/openremit/remit/workflows"
)

// callers is how many callers post at once.
const callers = 128

// BenchmarkHotAccount posts entries that all touch one guarded account, from
// 128 callers at once, each entry a unit of its own, with every commit on disk.
//
//	go test ./store -run - -bench HotAccount -benchtime 20000x
func BenchmarkHotAccount(b *testing.B) {
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			s, _ := storetest.Open(b, fresh(b), filepath.Join(b.TempDir(), "vault.key"))
			var next atomic.Int64
			var failed atomic.Pointer[error]
			done := make(chan struct{}, callers)
			b.ResetTimer()
			for range callers {
				go func() {
					defer func() { done <- struct{}{} }()
					for i := next.Add(1); i <= int64(b.N) && failed.Load() == nil; i = next.Add(1) {
						if err := s.PostEntries(b.Context(), hotEntry(i)); err != nil {
							failed.Store(&err)
						}
					}
				}()
			}
			for range callers {
				<-done
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			if err := failed.Load(); err != nil {
				b.Fatal(*err)
			}
			report, err := s.VerifyLedger(b.Context())
			if err != nil || !report.Clean() || report.Entries != int64(b.N) {
				b.Fatalf("the ledger is not as it should be: %v %+v", err, report)
			}
		})
	}
}

func hotEntry(i int64) ledger.Entry {
	return ledger.Entry{
		ID:  remit.DeriveID[remit.EntryID](remit.PrefixEntry, storetest.Start.Add(time.Duration(i)*time.Millisecond), fmt.Sprint(i)),
		Key: fmt.Sprintf("hot/%d", i), Action: ledger.ActionPost, Remittance: "rem_benchmark",
		Postings: []ledger.Posting{{
			Debit: ledger.Treasury(remit.RailStellar), Credit: ledger.Capital, Amount: remit.NewMoney(remit.USDCStellar, 1+i%100),
		}},
	}
}

// BenchmarkRemittance takes remittances from creation to completion, each by
// its own caller, 128 at once: the store's part of a remittance.
//
//	go test ./store -run - -bench Remittance -benchtime 2000x
func BenchmarkRemittance(b *testing.B) {
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			s, _ := storetest.Open(b, fresh(b), filepath.Join(b.TempDir(), "vault.key"))
			benchmarkPeople(b, s)
			var next atomic.Int64
			var failed atomic.Pointer[error]
			done := make(chan struct{}, callers)
			b.ResetTimer()
			for range callers {
				go func() {
					defer func() { done <- struct{}{} }()
					for i := next.Add(1); i <= int64(b.N) && failed.Load() == nil; i = next.Add(1) {
						if err := carry(b.Context(), s, i); err != nil {
							failed.Store(&err)
						}
					}
				}()
			}
			for range callers {
				<-done
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "remittances/s")
			if err := failed.Load(); err != nil {
				b.Fatal(*err)
			}
			if report, err := s.VerifyLedger(b.Context()); err != nil || !report.Clean() {
				b.Fatalf("the ledger is not as it should be: %v %+v", err, report)
			}
		})
	}
}

// benchmarkPeople stores a tenant, a customer and a beneficiary, and funds the
// treasury.
func benchmarkPeople(b testing.TB, s *store.Store) {
	b.Helper()
	ctx := b.Context()
	for _, err := range []error{
		s.CreateTenant(ctx, "ten_1", "One"),
		s.CreateCustomer(ctx, remit.Customer{ID: "cus_1", TenantID: "ten_1", Party: remit.Party{FamilyName: "A"}}),
		s.CreateBeneficiary(ctx, remit.Beneficiary{ID: "ben_1", TenantID: "ten_1", Party: remit.Party{FamilyName: "B"}}),
		s.PostEntries(ctx, ledger.Entry{ID: "ent_0", Key: "treasury", Action: ledger.ActionPost, Postings: []ledger.Posting{{
			Debit: ledger.Treasury(remit.RailStellar), Credit: ledger.Capital, Amount: remit.NewMoney(remit.USDCStellar, 1<<60),
		}}}),
	} {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// create makes a remittance of a fresh quote.
func create(ctx context.Context, s *store.Store, name string) error {
	quote := remit.Quote{
		ID: remit.QuoteID("qte_" + name), TenantID: "ten_1", SourceTotal: remit.NewMoney(remit.MustFiat("USD"), 20_000),
		ExpiresAt: storetest.Start.Add(time.Hour),
	}
	if err := s.CreateQuote(ctx, quote); err != nil {
		return err
	}
	_, err := s.CreateRemittance(ctx, api.NewRemittance{
		ID: remit.RemittanceID("rem_" + name), TenantID: "ten_1", QuoteID: quote.ID, CustomerID: "cus_1", BeneficiaryID: "ben_1",
	})
	return err
}

// carry creates a remittance and applies the moves of its life.
func carry(ctx context.Context, s *store.Store, i int64) error {
	name := fmt.Sprint(i)
	usd, coin := remit.NewMoney(remit.MustFiat("USD"), 20_000), remit.NewMoney(remit.USDCStellar, 1_950_000_000)
	if err := create(ctx, s, name); err != nil {
		return err
	}
	id := remit.RemittanceID("rem_" + name)
	post := func(step string, postings ...ledger.Posting) ledger.Entry {
		return ledger.Entry{ID: remit.EntryID("ent_" + name + step), Key: name + step, Action: ledger.ActionPost, Postings: postings}
	}
	own, transit, partner := ledger.Remittance(id), ledger.InTransit(remit.RailStellar), ledger.Partner("payer")
	fx := ledger.FX(usd.Asset, coin.Asset)
	hold := post("/hold", ledger.Posting{Debit: transit, Credit: ledger.Treasury(remit.RailStellar), Amount: coin})
	hold.Action, hold.Hold = ledger.ActionHold, remit.HoldID("hld_"+name)
	settle := ledger.Entry{ID: remit.EntryID("ent_" + name + "s"), Key: name + "/settle", Action: ledger.ActionSettleHold, Hold: hold.Hold}
	for _, m := range []workflows.Move{
		{
			From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld,
			Entries: []ledger.Entry{post("/fund", ledger.Posting{Debit: ledger.OnRamp("bank"), Credit: own, Amount: usd})},
		},
		{From: remit.StateFunded, To: remit.StateSettling, Funds: remit.FundsInTransit, Entries: []ledger.Entry{hold}},
		{
			From: remit.StateSettling, To: remit.StateSettled, Funds: remit.FundsWithPartner,
			Entries: []ledger.Entry{settle, post("/arrive", ledger.Posting{Debit: partner, Credit: transit, Amount: coin})},
		},
		{From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner},
		{
			From: remit.StatePayingOut, To: remit.StateCompleted, Funds: remit.FundsPaid,
			Entries: []ledger.Entry{post("/paid", ledger.Posting{Debit: own, Credit: fx, Amount: usd}, ledger.Posting{Debit: fx, Credit: partner, Amount: coin})},
		},
	} {
		m.Remittance, m.EventType = id, "remittance."+string(m.To)
		if _, err := s.Apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkCounter pays at counters, five attempts for every code.
//
//	go test ./store -run - -bench Counter -benchtime 500x
func BenchmarkCounter(b *testing.B) {
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) { storetest.BenchCounter(b, fresh) })
	}
}
