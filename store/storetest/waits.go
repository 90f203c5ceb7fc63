package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/workflows"
)

// testWaits: whatever waits for somebody outside is told with its age, and what
// has ended, or waits for its own time, is not.
func testWaits(t *testing.T, w *world) {
	want := func(notice, attempt, order, rampOrder store.Wait) {
		t.Helper()
		got, err := w.s.Waits(w.ctx)
		w.must(err)
		notice.What, attempt.What, order.What, rampOrder.What = "notice", "attempt", "order", "ramp_order"
		if list := []store.Wait{notice, attempt, order, rampOrder}; !slices.Equal(got, list) {
			t.Fatalf("got %+v, want %+v", got, list)
		}
	}
	deliver := func() {
		t.Helper()
		all, err := w.s.PendingNotices(w.ctx, 100)
		w.must(err)
		var numbers []int64
		for _, n := range all {
			numbers = append(numbers, n.Number)
		}
		w.must(w.s.Delivered(w.ctx, numbers))
	}
	none, since := store.Wait{}, func(count int64, after time.Duration) store.Wait {
		return store.Wait{Count: count, Oldest: Start.Add(after)}
	}
	want(none, none, none, none)
	w.fundTreasury(5_850_000_000)
	_, first := w.settling()
	w.settling(func(o *settlement.Order) { o.Mode, o.Window = settlement.ModeNetted, 5*time.Minute })
	want(since(2, 0), none, since(1, 0), none)
	deliver()
	w.clock.Advance(time.Minute)
	a := w.attempt(first)
	w.must(w.s.SaveAttempt(w.ctx, a))
	want(none, since(1, time.Minute), none, none)
	w.must(w.s.MarkSent(w.ctx, a.ID))
	w.clock.Advance(10 * time.Minute)
	want(none, since(1, time.Minute), since(1, 5*time.Minute), none)
	w.must(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeSettled}))
	want(since(1, 11*time.Minute), none, since(1, 5*time.Minute), none)
	deliver()

	r := w.remittance()
	deliver()
	o := w.rampOrder(r, ramps.PayIn)
	_, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: r.State, To: remit.StateAwaitingFunds, Funds: remit.FundsNone, EventType: "remittance.awaiting_funds", RampOrder: &o,
	})
	w.must(err)
	want(none, none, since(1, 5*time.Minute), since(1, 11*time.Minute))
	w.must(w.s.MarkRampSending(w.ctx, o.ID, w.clock.Now()))
	want(none, none, since(1, 5*time.Minute), since(1, 11*time.Minute))
	_, err = w.s.SaveRampAnswer(w.ctx, o.ID, ramps.Answer{Status: ramps.StatusAccepted}, w.clock.Now())
	w.must(err)
	deliver()
	want(none, none, since(1, 5*time.Minute), none)
}
