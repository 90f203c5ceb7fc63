package settlementtest

import (
	"math/rand/v2"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	soakPayments = 300
	soakSeed     = 20_260
)

// soak pays some hundred orders while everything goes wrong in turn, seeded, and
// then compares the books.
func soak(t *testing.T, w *world) {
	rng := rand.New(rand.NewPCG(soakSeed, soakSeed))
	good := w.destinations(12)
	bad := w.h.BadDestination(t)
	isBad := make(map[remit.OrderID]bool)
	for w.number < soakPayments {
		for range rng.IntN(7) {
			d := good[rng.IntN(len(good))]
			if rng.IntN(25) == 0 {
				d = bad
			}
			id := w.place(d)[0]
			isBad[id] = d == bad
		}
		w.h.Misbehave(t, w.trouble(rng))
		w.step()
		w.h.Advance(t)
		switch rng.IntN(12) {
		case 0:
			w.h.Expire(t)
		case 1:
			w.h.Rail = w.h.Restart(t)
			w.engine = w.newEngine(w.h.Rail, w.store)
		}
	}
	w.h.Misbehave(t, Faults{})
	w.finish()
	settled := 0
	for _, o := range w.store.Orders() {
		if o.Status == settlement.OrderSettled {
			settled++
		}
		if isBad[o.ID] != (o.Reason == remit.ReasonDestinationInvalid) && o.Reason != remit.ReasonRailUnavailable {
			t.Errorf("order %s to %s is %s %q", o.ID, o.Destination, o.Status, o.Reason)
		}
	}
	if settled < soakPayments/2 {
		t.Errorf("%d of %d orders settled; the faults should have stopped fewer", settled, w.number)
	}
	t.Logf("%d orders, %d settled, %d attempts", w.number, settled, len(w.store.Attempts()))
}

// trouble draws the faults of one round.
func (w *world) trouble(rng *rand.Rand) Faults {
	switch rng.IntN(8) {
	case 0:
		return Faults{Down: true}
	case 1, 2:
		return Faults{LoseReplies: 1 + rng.IntN(3)}
	case 3, 4:
		return Faults{DropSubmits: 1 + rng.IntN(3)}
	case 5:
		if w.h.LandsLate {
			return Faults{LandLate: 1 + rng.IntN(4)}
		}
		return Faults{}
	default:
		return Faults{}
	}
}
