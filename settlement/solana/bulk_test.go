package solana_test

import (
	"testing"

	sdk "github.com/gagliardetto/solana-go"

	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
)

// TestLookupAll: many attempts at once are told of as each would be alone.
func TestLookupAll(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	rail := newRail(t, c.options(t))
	send := func(name string) settlement.Attempt {
		a := c.prepared(t)
		if o := rail.Submit(t.Context(), a); o.Status != settlement.OutcomePending {
			t.Fatalf("submit %s: %+v", name, o)
		}
		return a
	}
	expired := c.prepared(t)
	final := send("final")
	c.advance(t, expireSlots)
	fresh := c.prepared(t)
	pending := send("pending")
	c.advance(t, 2)
	garbled := fresh
	garbled.ID, garbled.Hash = "att_garbled", "not a signature"

	all := map[string]settlement.Attempt{"expired": expired, "final": final, "fresh": fresh, "pending": pending, "garbled": garbled}
	want := map[string]settlement.OutcomeStatus{
		"expired": settlement.OutcomeFailed, "final": settlement.OutcomeSettled, "fresh": settlement.OutcomeUnknown,
		"pending": settlement.OutcomePending, "garbled": settlement.OutcomeUnknown,
	}
	list := make([]settlement.Attempt, 0, len(all))
	for _, a := range all {
		list = append(list, a)
	}
	got := rail.LookupAll(t.Context(), list)
	for name, a := range all {
		alone := rail.Lookup(t.Context(), a)
		if got[a.ID].Status != want[name] || alone.Status != want[name] {
			t.Errorf("%s: together %+v, alone %+v, want %s", name, got[a.ID], alone, want[name])
		}
	}
	c.faulty.set(settlementtest.Faults{Down: true})
	for id, o := range rail.LookupAll(t.Context(), list) {
		if o.Status != settlement.OutcomeUnknown {
			t.Errorf("%s on a node that is down: %+v, want unknown", id, o)
		}
	}
	c.faulty.set(settlementtest.Faults{})
	short := c.scripted(t, map[string]answer{"getSignatureStatuses": result(`{"context":{"slot":9},"value":[null]}`)})
	for id, o := range c.at(t, short).LookupAll(t.Context(), list) {
		if o.Status != settlement.OutcomeUnknown {
			t.Errorf("%s by an answer that is too short: %+v, want unknown", id, o)
		}
	}
	if got := rail.LookupAll(t.Context(), nil); len(got) != 0 {
		t.Errorf("nothing looked up: %v", got)
	}
}
