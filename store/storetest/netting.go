package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// netted makes an order one of those that share a payment to a destination.
func netted(destination string, window time.Duration) func(*settlement.Order) {
	return func(o *settlement.Order) {
		o.Mode, o.Window, o.Destination = settlement.ModeNetted, window, destination
	}
}

// testNetting: netted orders wait for their windows, and those of one payment
// are found together, also before, once they are many.
func testNetting(t *testing.T, w *world) {
	w.fundTreasury(19_500_000_000)
	_, a1 := w.settling(netted("GA", time.Minute))
	_, b1 := w.settling(netted("GB", 10*time.Second))
	_, a2 := w.settling(netted("GA", time.Hour))
	_, b2 := w.settling(netted("GB", time.Hour))
	_, alone := w.settling(func(o *settlement.Order) { o.Mode, o.Destination = settlement.ModeSingle, "GA" })
	queued := func(want ...remit.OrderID) {
		t.Helper()
		got, err := w.s.QueuedOrders(w.ctx, remit.RailStellar, 10)
		w.must(err)
		if ids := idsOf(got); !slices.Equal(ids, want) {
			t.Fatalf("queued are %v, want %v", ids, want)
		}
	}
	full := func(count int, want *settlement.Netting) {
		t.Helper()
		got, err := w.s.FullNetting(w.ctx, remit.RailStellar, count)
		w.must(err)
		if (got == nil) != (want == nil) || (got != nil && *got != *want) {
			t.Fatalf("full with %d is %v, want %v", count, got, want)
		}
	}
	toA, toB := settlement.Netting{Destination: "GA", Asset: remit.USDCStellar}, settlement.Netting{Destination: "GB", Asset: remit.USDCStellar}
	queued(alone.ID)
	full(3, nil)
	full(2, &toA)
	together, err := w.s.NettedOrders(w.ctx, remit.RailStellar, toA, 10)
	w.must(err)
	if ids := idsOf(together); !slices.Equal(ids, []remit.OrderID{a1.ID, a2.ID}) || together[1].Window != time.Hour {
		t.Fatalf("netted with GA are %+v", together)
	}
	w.clock.Advance(10 * time.Second)
	queued(alone.ID, b1.ID)

	// What is under way counts no more.
	a := w.attempt(a1, a2)
	a.Mode = settlement.ModeNetted
	w.must(w.s.SaveAttempt(w.ctx, a))
	full(2, &toB)
	full(3, nil)
	if none, err := w.s.FullNetting(w.ctx, remit.RailSolana, 1); err != nil || none != nil {
		t.Fatalf("full on the other rail is %v, %v", none, err)
	}
	open, err := w.s.OpenAttempts(w.ctx, remit.RailStellar)
	w.must(err)
	if len(open) != 1 || open[0].Mode != settlement.ModeNetted {
		t.Fatalf("open is %+v, want a netted attempt", open)
	}
	if together, err = w.s.NettedOrders(w.ctx, remit.RailStellar, toB, 1); err != nil || !slices.Equal(idsOf(together), []remit.OrderID{b1.ID}) {
		t.Fatalf("the oldest netted with GB is %v, %v; want %s before %s", idsOf(together), err, b1.ID, b2.ID)
	}
}

func idsOf(orders []settlement.Order) []remit.OrderID {
	ids := make([]remit.OrderID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	return ids
}
