package solana_test

import (
	"strings"
	"testing"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// A final answer that another node contradicts is not believed, either way.
func TestNodesDisagree(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	paid, absent := c.prepared(t), c.prepared(t)
	c.rail(t).Submit(t.Context(), paid)
	c.advance(t, expireSlots)
	st, err := c.client.GetSignatureStatuses(t.Context(), true, sdk.MustSignatureFromBase58(paid.Hash))
	if err != nil || st.Value[0] == nil {
		t.Fatalf("status: %v", err)
	}
	slot := st.Value[0].Slot
	status := func(slot uint64, problem, level string) map[string]answer {
		return map[string]answer{"getSignatureStatuses": result(
			`{"context":{"slot":%d},"value":[{"slot":%d,"confirmations":null,"err":%s,"confirmationStatus":%q}]}`, slot+500, slot, problem, level)}
	}
	const failed = `{"InstructionError":[3,{"Custom":1}]}`
	for _, test := range []struct {
		name  string
		say   map[string]answer
		paid  settlement.OutcomeStatus
		other settlement.OutcomeStatus // of the attempt that never landed
		about string
	}{
		{"agree", map[string]answer{}, settlement.OutcomeSettled, settlement.OutcomeFailed, ""},
		{"other end", status(slot, failed, "finalized"), settlement.OutcomeUnknown, settlement.OutcomeFailed, "outcome"},
		{"other slot", status(slot+1, "null", "finalized"), settlement.OutcomeUnknown, settlement.OutcomeSettled, "outcome"},
		{"not yet final there", status(slot, "null", "confirmed"), settlement.OutcomeSettled, settlement.OutcomePending, ""},
		{"forgot", map[string]answer{"getSignatureStatuses": result(`{"context":{"slot":999999999},"value":[null]}`)}, settlement.OutcomeSettled, settlement.OutcomeFailed, ""},
		{"other cluster", map[string]answer{"getGenesisHash": result("%q", newKey(t).PublicKey())}, settlement.OutcomeUnknown, settlement.OutcomeUnknown, "cluster"},
		{"far ahead", map[string]answer{"getSlot": result("%d", slot+5_000)}, settlement.OutcomeUnknown, settlement.OutcomeUnknown, "slot"},
		{"far behind", map[string]answer{"getSlot": result("%d", slot-5_000)}, settlement.OutcomeUnknown, settlement.OutcomeUnknown, "slot"},
		{"does not answer", map[string]answer{
			"getSlot": {status: 503}, "getSignatureStatuses": {status: 503}, "getGenesisHash": {hangUp: true}, "getEpochInfo": {status: 429},
		}, settlement.OutcomeSettled, settlement.OutcomeFailed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			liar := c.scripted(t, test.say)
			for _, order := range [][]string{{c.url, liar}, {liar, c.url}} {
				metrics := prometheus.NewRegistry()
				o := c.options(t)
				o.Endpoint, o.Registerer = strings.Join(order, ","), metrics
				rail := newRail(t, o)
				got, missing := rail.Lookup(t.Context(), paid), rail.Lookup(t.Context(), absent)
				if got.Status != test.paid || (test.about != "") != strings.Contains(got.Result, "disagree") {
					t.Errorf("the payment is %+v, want %s", got, test.paid)
				}
				if missing.Status != test.other {
					t.Errorf("what never landed is %+v, want %s", missing, test.other)
				}
				if all, err := metrics.Gather(); err != nil || (len(all) > 0) != (test.about != "") {
					t.Errorf("disagreements counted are %v, %v", all, err)
				}
			}
		})
	}
}

// Sending to all endpoints needs only one of them to pass the bytes on.
func TestSendToAll(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	gone := c.scripted(t, map[string]answer{"sendTransaction": {hangUp: true}})
	for name, first := range map[string]string{
		"swallows": c.scripted(t, map[string]answer{"sendTransaction": result("%q", sdk.Signature{})}), "breaks off": gone,
	} {
		for _, all := range []bool{false, true} {
			a := c.prepared(t)
			o := c.options(t)
			o.Endpoint, o.SendToAll = first+","+c.url, all
			rail := newRail(t, o)
			if out := rail.Submit(t.Context(), a); out.Status != settlement.OutcomePending {
				t.Errorf("a first node that %s: outcome is %+v, want pending", name, out)
			}
			c.advance(t, finalAfter+2)
			landed := c.rail(t).Lookup(t.Context(), a).Status == settlement.OutcomeSettled
			if want := all || first == gone; landed != want {
				t.Errorf("a first node that %s, to all %t: landed is %t, want %t", name, all, landed, want)
			}
		}
	}
	o := c.options(t)
	o.Endpoint, o.SendToAll = gone, true
	if out := newRail(t, o).Submit(t.Context(), c.prepared(t)); out.Status != settlement.OutcomeUnknown {
		t.Errorf("with no node that takes it the outcome is %+v, want unknown", out)
	}
	if m, err := c.at(t, gone, c.url).Balance(t.Context(), remit.USDCSolana); err != nil || m.Minor == 0 {
		t.Errorf("balance: %v, %v", m, err)
	}
}
