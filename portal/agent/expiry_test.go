package agent_test

import (
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
)

// TestNotFetchedInTime goes over the last day of three payments: who reserved in
// time is paid, whose reservation ran out is not, and nobody is afterwards.
func TestNotFetchedInTime(t *testing.T) {
	browser := browse(t)
	w := open(t)
	tess := w.hire("Tess Reyes", counter.RoleTeller, 0)
	w.drawer(tess, 5_000_000)
	reserved, lapsed, never := w.coder.Code("in time"), w.coder.Code("too slow"), w.coder.Code("never")
	w.waiting(reserved, 100_000)
	late := w.waiting(lapsed, 200_000)
	w.waiting(never, 400_000)

	w.clock.Advance(counter.DefaultExpiry - 5*time.Minute)
	slow, quick := w.window(browser).signIn(tess), w.window(browser).signIn(tess)
	w.clock.Advance(-w.clock.Now().Sub(noon.Add(counter.DefaultExpiry - 5*time.Minute)))
	for code, one := range map[counter.Code]*window{lapsed: slow, reserved: quick} {
		one.look(string(code), "Maria Santos")
		one.captures("Maria Santos")
		one.Click("button.go")
		one.Shows("Reserved for you")
		one.Click("a.go")
		one.AwaitSeen(".sure button.go")
	}

	w.clock.Advance(6 * time.Minute) // The time is over, the reservations hold.
	w.sweeps(1)
	quick.Click(".sure button.go")
	quick.Shows("Hand over ₱ 1,000.00 to Maria Santos now.")

	w.clock.Advance(5 * time.Minute) // They ran out too.
	w.sweeps(1)
	slow.Click(".sure button.go")
	slow.Shows("Nothing was paid here", "This payment was not fetched in time.")
	slow.looks("expired-held")
	for _, code := range []counter.Code{lapsed, never} {
		slow.look(string(code), "Maria Santos")
		slow.Shows("This payment was not fetched in time. The sender gets the money back.")
	}
	slow.looks("expired")
	if got := w.cash(tess); got != 4_900_000 {
		t.Errorf("the drawer holds %d, want what one payment of 1,000.00 left", got)
	}
	r, err := w.s.Remittance(w.ctx, w.tenant, late)
	w.must(err)
	order, err := w.s.RampOrder(w.ctx, r.PayoutOrder)
	w.must(err)
	if order.Status != ramps.StatusFailed || order.Reason != remit.ReasonPickupExpired {
		t.Errorf("the payout order is %s (%s), want failed (%s)", order.Status, order.Reason, remit.ReasonPickupExpired)
	}
	w.sound()
}

// sweeps ends what was not fetched in time, which is so many.
func (w *world) sweeps(want int) {
	w.t.Helper()
	n, err := w.service.Sweep(w.ctx)
	w.must(err)
	if n != want {
		w.t.Errorf("%d payments ended, want %d", n, want)
	}
}
