package settlementtest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// soakPayments is how many orders the soak pays; REMIT_SOAK_PAYMENTS says
	// otherwise, and REMIT_SOAK_SEED how the faults are drawn.
	soakPayments = 300
	soakSeed     = 20_260
	// soakRounds is about how many rounds it takes to place them.
	soakRounds = 100
	// frozenFor is how long a chain stands still while the clock goes on.
	frozenFor = 20 * time.Second
)

func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// soak pays orders in all modes while everything goes wrong in turn, seeded, and
// then compares the books.
func soak(t *testing.T, w *world) {
	total, seed := fromEnv("REMIT_SOAK_PAYMENTS", soakPayments), uint64(fromEnv("REMIT_SOAK_SEED", soakSeed))
	rng := rand.New(rand.NewPCG(seed, seed))
	good := w.destinations(12)
	bad := w.h.BadDestination(t)
	isBad := make(map[remit.OrderID]bool)
	for w.number < total {
		for range rng.IntN(2*total/soakRounds + 1) {
			d := good[rng.IntN(len(good))]
			if rng.IntN(25) == 0 {
				d = bad
			}
			id := w.placeAs(soakMode(rng), d)[0]
			isBad[id] = d == bad
		}
		w.h.Misbehave(t, w.trouble(rng))
		w.step()
		switch rng.IntN(16) {
		case 0:
			w.h.Expire(t)
		case 1:
			w.h.Rail = w.h.Restart(t)
			w.engine = w.newEngine(w.h.Rail, w.store)
			w.h.Advance(t)
		case 2:
			w.h.Clock.Advance(frozenFor) // and the chain stands still
		default:
			w.h.Advance(t)
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
	if settled < total/2 {
		t.Errorf("%d of %d orders settled; the faults should have stopped fewer", settled, w.number)
	}
	sends := 0
	for _, a := range w.store.Attempts() {
		sends += a.Sends
	}
	t.Logf("%d orders, %d settled, %d attempts, sent %d times", w.number, settled, len(w.store.Attempts()), sends)
}

// soakMode draws how an order travels.
func soakMode(rng *rand.Rand) settlement.Mode {
	switch rng.IntN(10) {
	case 0:
		return settlement.ModeSingle
	case 1, 2:
		return settlement.ModeNetted
	default:
		return settlement.ModeBatched
	}
}

// trouble draws the faults of one round.
func (w *world) trouble(rng *rand.Rand) Faults {
	switch rng.IntN(12) {
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
	case 6:
		return Faults{RateLimitPct: 10 + rng.IntN(60)}
	case 7:
		return Faults{HidePct: 30 + rng.IntN(71)}
	case 8:
		return Faults{SkipPct: 10 + rng.IntN(40), LoseReplies: 1}
	case 9:
		return Faults{RateLimitPct: 20, HidePct: 30, LoseReplies: 1, DropSubmits: 1}
	default:
		return Faults{}
	}
}
