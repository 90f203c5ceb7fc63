package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/workflows"
)

// together runs n functions at once and returns their errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func testGroupWithOneBad(t *testing.T, w *world) {
	account := ledger.Tenant(w.tenant)
	entries := make([]ledger.Entry, 100)
	for i := range entries {
		entries[i] = w.entry(fmt.Sprintf("group/%d", i), ledger.OnRamp("bank"), account, dollars(1))
	}
	entries[50] = w.entry("group/50", ledger.Tenant("ten_empty"), account, dollars(1))
	entries[70] = w.entry("group/70", "nowhere", account, dollars(1))
	errs := together(len(entries), func(i int) error { return w.s.PostEntries(w.ctx, entries[i]) })
	for i, err := range errs {
		switch i {
		case 50:
			w.refused(err, remit.KindPrecondition, remit.ReasonInsufficientFunds)
		case 70:
			w.refused(err, remit.KindInternal, "")
		default:
			w.must(err)
		}
	}
	w.wantBalance(account, usd, 98, 0)
	if report := w.verify(); report.Entries != 98 {
		t.Fatalf("got %d entries, want 98", report.Entries)
	}
}

func testCanceledCaller(t *testing.T, w *world) {
	account := ledger.Tenant(w.tenant)
	errs := together(60, func(i int) error {
		ctx := w.ctx
		if i%3 == 0 {
			canceled, cancel := context.WithCancel(w.ctx)
			cancel()
			ctx = canceled
		}
		return w.s.PostEntries(ctx, w.entry(fmt.Sprintf("canceled/%d", i), ledger.OnRamp("bank"), account, dollars(1)))
	})
	done := int64(0)
	for i, err := range errs {
		switch {
		case err == nil:
			done++
		case i%3 != 0:
			t.Fatalf("a caller who did not cancel got %v", err)
		case !errors.Is(err, context.Canceled) || remit.KindOf(err) != remit.KindUnavailable:
			t.Fatalf("got %v, want unavailable because of the cancelation", err)
		}
	}
	w.wantBalance(account, usd, done, 0)
	w.verify()
}

func testPanickingChange(t *testing.T, w *world) {
	r, other := w.remittance(), w.remittance()
	errs := together(2, func(i int) error {
		if i == 0 {
			_, err := w.s.Apply(w.ctx, workflows.Move{
				Remittance: r.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "x",
				Change: func(*remit.Remittance) { panic("a bug") },
			})
			return err
		}
		_, err := w.s.Apply(w.ctx, workflows.Move{
			Remittance: other.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
		})
		return err
	})
	w.refused(errs[0], remit.KindInternal, "")
	w.must(errs[1])
	if got := w.eventTypes(r.ID); len(got) != 1 {
		t.Fatalf("got events %q of the refused move, want the first one only", got)
	}
}

func testCompareAndSet(t *testing.T, w *world) {
	r := w.remittance()
	const callers = 50
	errs := together(callers, func(i int) error {
		_, err := w.s.Apply(w.ctx, workflows.Move{
			Remittance: r.ID, From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
			Entries: []ledger.Entry{w.entry(fmt.Sprintf("cas/%d", i), ledger.OnRamp("bank"), ledger.Remittance(r.ID), r.Quote.SourceTotal)},
		})
		return err
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
	}
	if won != 1 {
		t.Fatalf("%d callers won, want exactly one", won)
	}
	w.wantBalance(ledger.Remittance(r.ID), usd, 20_000, 0)
	if got := w.eventTypes(r.ID); !slices.Equal(got, []string{"remittance.created", "remittance.funded"}) {
		t.Fatalf("got events %q", got)
	}
	w.verify()
}

// testMovesAreWhole refuses moves at their last part and looks for leftovers.
func testMovesAreWhole(t *testing.T, w *world) {
	r := w.remittance()
	order := w.rampOrder(r, ramps.PayIn)
	decision := compliance.Decision{ID: id[remit.DecisionID](w, remit.PrefixDecision), Gate: compliance.GateIntake, Outcome: compliance.OutcomeAllow}
	to := workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateAwaitingFunds, Funds: remit.FundsNone, EventType: "remittance.awaiting_funds",
		RampOrder: &order, Decision: &decision, Change: func(r *remit.Remittance) { r.PayInOrder = order.ID },
	}
	bad := to
	bad.Entries = []ledger.Entry{
		w.entry("whole/1", ledger.OnRamp("bank"), ledger.Remittance(r.ID), dollars(5)),
		w.entry("whole/2", ledger.Remittance(r.ID), ledger.RevenueFees, dollars(6)),
	}
	_, err := w.s.Apply(w.ctx, to, workflows.Move{
		Remittance: r.ID, From: remit.StateAwaitingFunds, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded", Entries: bad.Entries,
	})
	w.refused(err, remit.KindPrecondition, remit.ReasonInsufficientFunds)
	detail, err := w.s.RemittanceDetail(w.ctx, w.tenant, r.ID)
	w.must(err)
	if detail.Remittance.State != remit.StateCreated || detail.Remittance.PayInOrder != "" || len(detail.RampOrders)+len(detail.Decisions) != 0 {
		t.Fatalf("a refused step left something behind: %+v", detail)
	}
	got, err := w.s.Apply(w.ctx, to)
	w.must(err)
	if got.State != remit.StateAwaitingFunds || got.PayInOrder != order.ID || got.LastEvent != 2 {
		t.Fatalf("got %+v", got)
	}
	stored, err := w.s.Book().Remittance(w.ctx, r.ID)
	w.must(err)
	if fmt.Sprint(stored) != fmt.Sprint(got) {
		t.Fatalf("Apply answered\n%+v\nstored is\n%+v", got, stored)
	}
	if _, err := w.s.Decision(w.ctx, decision.ID); err != nil {
		t.Fatal(err)
	}
	w.verify()
}

func testUnlawfulMoves(_ *testing.T, w *world) {
	r := w.remittance()
	move := workflows.Move{Remittance: r.ID, From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "x"}
	for _, spoil := range []func(*workflows.Move){
		func(m *workflows.Move) { m.To = remit.StateCompleted },
		func(m *workflows.Move) { m.To = "" },
		func(m *workflows.Move) { m.Funds = remit.FundsPaid },
		func(m *workflows.Move) { m.Funds = "" },
		func(m *workflows.Move) { m.EventType = "" },
		func(m *workflows.Move) { m.Change = func(r *remit.Remittance) { r.State = remit.StateCompleted } },
		func(m *workflows.Move) { m.Change = func(r *remit.Remittance) { r.TenantID = "ten_x" } },
	} {
		m := move
		spoil(&m)
		_, err := w.s.Apply(w.ctx, m)
		w.refused(err, remit.KindInternal, "")
	}
	none := move
	none.Remittance = "rem_none"
	_, err := w.s.Apply(w.ctx, none)
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.Apply(w.ctx)
	w.refused(err, remit.KindInternal, "")
	wrong := move
	wrong.From, wrong.To = remit.StateFunded, remit.StateRefunding
	_, err = w.s.Apply(w.ctx, wrong)
	w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
}
