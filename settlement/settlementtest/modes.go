package settlementtest

import (
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

func failsNetted(t *testing.T, w *world) {
	bad := w.h.BadDestination(t)
	ids := w.placeAs(settlement.ModeNetted, bad, bad)
	good := w.place(w.destinations(2)...)
	w.finish()
	w.wantStatus(settlement.OrderFailed, remit.ReasonDestinationInvalid, ids...)
	w.wantStatus(settlement.OrderSettled, "", good...)
}
