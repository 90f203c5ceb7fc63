package settlementtest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// nettingWindow is how long the suite's netted orders wait for others.
const nettingWindow = time.Minute

// placeAs stores an order to each destination in a mode.
func (w *world) placeAs(mode settlement.Mode, destinations ...string) []remit.OrderID {
	ids := make([]remit.OrderID, len(destinations))
	for i, d := range destinations {
		o := w.newOrder(d)
		o.Mode = mode
		if mode == settlement.ModeNetted {
			o.Window = nettingWindow
		}
		ids[i] = o.ID
		w.store.Enqueue(o)
	}
	return ids
}

func paysSingly(t *testing.T, w *world) {
	ids := w.placeAs(settlement.ModeSingle, w.destinations(3)...)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	for _, a := range w.store.Attempts() {
		if len(a.Orders) != 1 {
			t.Errorf("an attempt carries %d single orders", len(a.Orders))
		}
	}
	for _, p := range w.h.Books(t) {
		if p.Memo == "" {
			t.Errorf("payment of %d has no memo of its own", p.Amount)
		}
	}
}

// paysNetted places orders over a while: those of one destination go together
// when the first one's window has passed, beside others that do not wait.
func paysNetted(t *testing.T, w *world) {
	d, other := w.h.Destination(t), w.h.Destination(t)
	first := w.placeAs(settlement.ModeNetted, d, d)
	lone := w.placeAs(settlement.ModeNetted, other)
	quick := w.place(d)
	w.until("the order that does not wait is paid", func() bool { return w.store.Order(quick[0]).Status == settlement.OrderSettled })
	late := w.placeAs(settlement.ModeNetted, d)
	if at := w.h.Clock.Now(); at.Sub(w.store.Order(first[0]).CreatedAt) < nettingWindow {
		w.wantStatus(settlement.OrderQueued, "", append(append(first, lone...), late...)...)
	}
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", append(append(first, lone...), late...)...)
	hash := w.store.Order(first[0]).Hash
	if w.store.Order(first[1]).Hash != hash || w.store.Order(lone[0]).Hash == hash {
		t.Error("netted orders of one destination took two transactions, or those of two destinations one")
	}
	for _, a := range w.store.Attempts() {
		if a.Hash != hash {
			continue
		}
		orders, err := w.store.OrdersOf(w.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := settlement.Prove(orders, first[1])
		if err != nil || proof.Verify() != nil {
			t.Errorf("proof of a netted order: %v, %v", err, proof.Verify())
		}
		for _, p := range w.h.Books(t) {
			if p.Hash == hash && p.Memo != proof.Root.String() {
				t.Errorf("memo of the netted payment is %q, want the root %s", p.Memo, proof.Root)
			}
		}
	}
}

// paysFull places as many orders to one destination as share a payment: they go
// before their window has passed, and one more waits for its own.
func paysFull(t *testing.T, w *world) {
	const most = 3
	w.engine.MaxNetted = most
	d := w.h.Destination(t)
	begun := w.h.Clock.Now()
	ids := w.placeAs(settlement.ModeNetted, append(w.destinations(1), slices.Repeat([]string{d}, most-1)...)...)
	w.h.Advance(t)
	w.step()
	if len(w.store.Attempts()) > 0 {
		t.Fatalf("%d orders of a payment of %d went before their window had passed", most-1, most)
	}
	ids = append(ids[1:], w.placeAs(settlement.ModeNetted, d, d)...)
	w.h.Advance(t)
	w.step()
	attempts := w.store.Attempts()
	if passed := w.h.Clock.Now().Sub(begun); passed >= nettingWindow {
		t.Fatalf("the window passed in the test's first %s", passed)
	}
	if len(attempts) != 1 || !slices.Equal(attempts[0].Orders, ids[:most]) {
		t.Fatalf("attempts are %+v, want one of the oldest %d orders %v", attempts, most, ids[:most])
	}
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	if w.store.Order(ids[most]).Hash == attempts[0].Hash {
		t.Errorf("a payment of at most %d took another order", most)
	}
}

func failsNetted(t *testing.T, w *world) {
	bad := w.h.BadDestination(t)
	ids := w.placeAs(settlement.ModeNetted, bad, bad)
	good := w.place(w.destinations(2)...)
	w.finish()
	w.wantStatus(settlement.OrderFailed, remit.ReasonDestinationInvalid, ids...)
	w.wantStatus(settlement.OrderSettled, "", good...)
}
