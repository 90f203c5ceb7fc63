package solana_test

import (
	"slices"
	"testing"

	sdk "github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
)

// Bytes that do not land are sent again every two seconds until they have
// expired, and only then are others made.
func TestResendsUntilExpired(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	c.faulty.set(settlementtest.Faults{DropSubmits: 1 << 30})
	store := settlementtest.NewStore(t, c.clock)
	engine := settlement.NewEngine(settlement.EngineOptions{Rail: c.rail(t), Store: store, Clock: c.clock, Logger: discard})
	order := orderIn(remit.USDCSolana, 5, c.newWallets(t, 1, true)[0], 1)
	store.Enqueue(order)
	const rounds = 400
	expired := 0
	for round := range rounds {
		if _, err := engine.Step(t.Context()); err != nil {
			t.Fatalf("step: %v", err)
		}
		engine.Wait()
		c.advance(t, 1)
		if list := store.Attempts(); expired == 0 && len(list) > 1 {
			expired = round
			c.faulty.set(settlementtest.Faults{})
		}
	}
	attempts := store.Attempts()
	if len(attempts) != 2 || attempts[0].Status != settlement.AttemptFailed || attempts[1].Status != settlement.AttemptSettled || attempts[0].Hash == attempts[1].Hash {
		t.Fatalf("attempts are %+v; want one that expired and then one that settled", attempts)
	}
	if expired <= 150+finalAfter {
		t.Errorf("other bytes were made after %d slots, before the first had finally expired", expired)
	}
	// The clock moves 0.4 s a round, so that two seconds are five of them.
	if most, sends := expired/5+1, attempts[0].Sends; sends > most || sends < most-2 {
		t.Errorf("in %d slots the same bytes were sent %d times, want %d", expired, sends, most)
	}
	if got := c.books(t); len(got) != 1 || got[0].Hash != attempts[1].Hash {
		t.Errorf("the books have %+v, want one payment", got)
	}
}

// The price is what three quarters of the recent blocks took, below the ceiling.
func TestUnitPrice(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	list := orders(c.newWallets(t, 2, true)...)
	for _, test := range []struct {
		recent   string
		ceiling  uint64
		from, to uint64
	}{
		{`[]`, 0, 1_000, 2_024},
		{`[{"slot":1,"prioritizationFee":0},{"slot":2,"prioritizationFee":10}]`, 0, 1_000, 2_024},
		{`[{"slot":1,"prioritizationFee":0},{"slot":2,"prioritizationFee":5000},{"slot":3,"prioritizationFee":7000},{"slot":4,"prioritizationFee":90000}]`, 0, 90_000, 91_024},
		{`[{"slot":1,"prioritizationFee":1},{"slot":2,"prioritizationFee":2},{"slot":3,"prioritizationFee":3},{"slot":4,"prioritizationFee":40000},{"slot":5,"prioritizationFee":99000}]`, 0, 40_000, 41_024},
		{`[{"slot":1,"prioritizationFee":900000000}]`, 0, 998_000, 1_000_000},
		{`[{"slot":1,"prioritizationFee":900000000}]`, 20_000, 18_000, 20_000},
	} {
		o := c.options(t)
		o.Endpoint, o.MaxUnitPrice = c.scripted(t, map[string]answer{"getRecentPrioritizationFees": result("%s", test.recent)}), test.ceiling
		a, _, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil {
			t.Fatalf("prepare: %v", err)
		}
		price := uint64(0)
		for _, ix := range decode(t, a).Message.Instructions {
			if ix.Data[0] == 3 && len(ix.Data) == 9 {
				for _, b := range slices.Backward(ix.Data[1:]) {
					price = price<<8 | uint64(b)
				}
			}
		}
		if price < test.from || price > test.to {
			t.Errorf("after %s with ceiling %d the price is %d, want %d to %d", test.recent, test.ceiling, price, test.from, test.to)
		}
	}
}
