package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// testGroupRefusedByDatabase has units that only an index of the database
// refuses: two open attempts may not share a channel account.
func testGroupRefusedByDatabase(t *testing.T, w *world) {
	const n = 12
	w.fundTreasury(n * 1_950_000_000)
	attempts := make([]settlement.Attempt, n)
	for i := range attempts {
		_, o := w.settling()
		attempts[i] = w.attempt(o)
	}
	errs := together(2*n, func(i int) error {
		if i < n {
			return w.s.SaveAttempt(w.ctx, attempts[i])
		}
		return w.s.PostEntries(w.ctx, w.entry(fmt.Sprintf("beside/%d", i), ledger.OnRamp("bank"), ledger.Tenant(w.tenant), dollars(1)))
	})
	won := 0
	for i, err := range errs {
		switch {
		case err == nil && i < n:
			won++
		case err != nil && i >= n:
			t.Fatalf("a good unit was refused with a bad one: %v", err)
		case err != nil:
			w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
		}
	}
	if won != 1 {
		t.Fatalf("%d attempts took one channel account", won)
	}
	queued, err := w.s.QueuedOrders(w.ctx, remit.RailStellar, 100)
	w.must(err)
	if len(queued) != n-1 {
		t.Fatalf("%d orders are queued, want %d", len(queued), n-1)
	}
	w.wantBalance(ledger.Tenant(w.tenant), usd, n, 0)
	w.verify()
}

// testTwoProcesses has two committers on one database.
func testTwoProcesses(t *testing.T, w *world) {
	other, _ := Open(t, w.dsn, w.vault)
	r := w.remittance()
	account := ledger.Tenant(w.tenant)
	const n = 60
	moved := 0
	errs := together(2*n, func(i int) error {
		s := w.s
		if i%2 == 1 {
			s = other
		}
		if i < 20 {
			_, err := s.Apply(w.ctx, workflows.Move{
				Remittance: r.ID, From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
				Entries: []ledger.Entry{w.entry(fmt.Sprintf("two/%d", i), ledger.OnRamp("bank"), ledger.Remittance(r.ID), dollars(20_000))},
			})
			return err
		}
		return s.PostEntries(w.ctx, w.entry(fmt.Sprintf("two/%d", i), ledger.OnRamp("bank"), account, dollars(1)))
	})
	for i, err := range errs {
		switch {
		case err == nil && i < 20:
			moved++
		case i < 20:
			w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
		default:
			w.must(err)
		}
	}
	if moved != 1 {
		t.Fatalf("%d moves won, want exactly one", moved)
	}
	w.wantBalance(account, usd, 2*n-20, 0)
	w.wantBalance(ledger.Remittance(r.ID), usd, 20_000, 0)
	if report := w.verify(); report.Entries != 2*n-20+1 {
		t.Fatalf("got %d entries, want %d", report.Entries, 2*n-19)
	}
	if got := w.eventTypes(r.ID); len(got) != 2 {
		t.Fatalf("got events %q", got)
	}
}

// testSnapshots sums balances with snapshots taken in between. Stores of this
// suite snapshot after ten records.
func testSnapshots(t *testing.T, w *world) {
	posted := int64(0)
	for round := range 4 {
		for i := range 7 {
			w.must(w.s.PostEntries(w.ctx, w.entry(fmt.Sprintf("snap/%d/%d", round, i), ledger.OnRamp("bank"), ledger.Tenant(w.tenant), dollars(3)),
				w.entry(fmt.Sprintf("fx/%d/%d", round, i), ledger.FX(usd, php), ledger.Rounding, dollars(1))))
			posted++
		}
		for range 2 { // The first read snapshots, the second starts from there.
			all, err := w.s.Balances(w.ctx, "")
			w.must(err)
			found := 0
			for _, b := range all {
				want := map[ledger.Account]int64{
					ledger.OnRamp("bank"): 3 * posted, ledger.Tenant(w.tenant): 3 * posted, ledger.FX(usd, php): -posted, ledger.Rounding: posted,
				}
				if n, known := want[b.Account]; known {
					found++
					if b.Posted.Minor != n {
						w.must(errors.New(fmt.Sprint(b.Account, " has ", b.Posted, ", want ", n)))
					}
				}
			}
			if found != 4 {
				t.Fatalf("found %d of 4 accounts in %v", found, all)
			}
		}
	}
	w.verify()
}
