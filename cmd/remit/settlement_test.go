package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// settle pays remittances in one transaction, as the gates and the rail would.
func (g *gateway) settle(mode settlement.Mode, ids ...string) {
	g.t.Helper()
	ctx := g.t.Context()
	attempt := settlement.Attempt{ID: remit.AttemptID("att_" + ids[0][4:]), Rail: remit.RailStellar, Mode: mode, Bytes: []byte{1}, Hash: "hash-of-" + ids[0], Expiry: 9}
	for i, id := range ids {
		r := remit.RemittanceID(id)
		order := settlement.Order{
			ID: remit.OrderID("ord_" + id[4:]), Leg: 1, Rail: remit.RailStellar, Amount: remit.NewMoney(remit.USDCStellar, int64(1_000_0000000+i)),
			Destination: "GPARTNER", Memo: id[4:], Mode: mode,
		}
		_, err := g.store.Book().Apply(ctx, workflows.Move{
			Remittance: r, From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
		}, workflows.Move{
			Remittance: r, From: remit.StateFunded, To: remit.StateSettling, Funds: remit.FundsInTransit, EventType: "remittance.settling",
			SettlementOrder: &order, Change: func(r *remit.Remittance) { r.SettlementOrder = order.ID },
		})
		must(g.t, err)
		attempt.Orders = append(attempt.Orders, order.ID)
	}
	must(g.t, g.store.SaveAttempt(ctx, attempt))
	must(g.t, g.store.FinishAttempt(ctx, attempt.ID, settlement.Outcome{Status: settlement.OutcomeSettled}))
}

// TestSettlementProof: a proof of each way to travel is shown, checked and, once
// written to a file, checked again without a gateway.
func TestSettlementProof(t *testing.T) {
	t.Parallel()
	g := setup(t)
	netted, alone, batched := []string{g.send(), g.send(), g.send()}, g.send(), []string{g.send(), g.send()}
	early := g.send()
	g.run("settlement", "proof", early).is(t, exitFailed, "NOT_SETTLED", "is created")
	g.settle(settlement.ModeNetted, netted...)
	g.settle(settlement.ModeSingle, alone)
	g.settle(settlement.ModeBatched, batched...)
	for _, id := range netted {
		g.run("settlement", "proof", id).is(t, exitOK, "proven:", "netted", "USDC 3,000.0000003 to GPARTNER", "(hash)", "Root", "hash-of-"+netted[0])
	}
	g.run("settlement", "proof", batched[1]).is(t, exitOK, "proven:", "batched", "USDC 1,000.0000001 to GPARTNER")
	g.run("settlement", "proof", alone).is(t, exitOK, "alone:", alone[4:]+" (text)")
	g.run("settlement", "proof", "rem_01k9zc7v4ye3t8m5q2w6x0b1nd").is(t, exitFailed, "NOT_FOUND")
	g.run("settlement", "proof", "nonsense").is(t, exitFailed, "ID_MALFORMED")

	for _, id := range []string{netted[1], alone, batched[0]} {
		text := g.run("settlement", "proof", id, "--json").is(t, exitOK).out
		verify(t, text).is(t, exitOK)
		for what, pair := range map[string][2]string{
			"amount": {`"amount_minor": "1`, `"amount_minor": "2`}, "order": {`"order_id": "ord_`, `"order_id": "ord_x`},
			"remittance": {id, early}, "destination": {"GPARTNER", "GSTRANGER"}, "hash of the leaf": {`"leaf_hash": "`, `"leaf_hash": "00`},
			"asset": {"USDC_STELLAR/7", "USDC_STELLAR/6"}, "no amount": {`"amount_minor": "1`, `"amount_minor": "-1`},
		} {
			if changed := strings.Replace(text, pair[0], pair[1], 1); changed != text {
				verify(t, changed).is(t, exitFailed, "NOT PROVEN")
			} else {
				t.Errorf("%s: no %q in\n%s", what, pair[0], text)
			}
		}
	}
	text := g.run("settlement", "proof", netted[2], "--json").is(t, exitOK).out
	for _, pair := range [][2]string{
		{`"left": true`, `"left": false`}, {`"memo": "`, `"memo": "0`}, {`"root": "`, `"root": "0`}, {`"alone": false`, `"alone": true`},
		{`"path": [`, `"path": [{"hash": "beef", "left": true}, `}, {"hash-of-", ""},
	} {
		changed := strings.Replace(text, pair[0], pair[1], 1)
		if pair[1] == "" {
			changed = strings.Replace(text, "hash-of-"+netted[0], "", 1)
		}
		if changed == text {
			t.Fatalf("no %q in\n%s", pair[0], text)
		}
		verify(t, changed).is(t, exitFailed, "NOT PROVEN")
	}
	verify(t, `{"a_later_field": 1, `+text[1:]).is(t, exitOK)
	verify(t, `[]`).is(t, exitUsage, "no proof in JSON")
	verify(t, strings.Repeat(" ", maxProofBytes+1)).is(t, exitUsage, "larger")
	runWith(t.Context(), nil, "settlement", "verify", filepath.Join(t.TempDir(), "none")).is(t, exitUsage, "none")
}

// verify checks a proof without a gateway.
func verify(t *testing.T, text string) result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "proof.json")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return runWith(t.Context(), nil, "settlement", "verify", path)
}

// TestProofExample: the documented proof is right, and the documented script
// finds so, and finds it wrong once it is changed.
func TestProofExample(t *testing.T) {
	t.Parallel()
	const example, script = "../../docs/examples/settlement-proof.json", "../../docs/examples/verify-settlement-proof.py"
	runWith(t.Context(), nil, "settlement", "verify", example).is(t, exitOK, "proven:", "USDC 1,225.0000000")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to run the documented script")
	}
	out, err := exec.CommandContext(t.Context(), python, script, example).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "proven; now compare on stellar") {
		t.Errorf("%v: %s", err, out)
	}
	text, err := os.ReadFile(example)
	must(t, err)
	changed := filepath.Join(t.TempDir(), "changed.json")
	must(t, os.WriteFile(changed, []byte(strings.Replace(string(text), "2450000000", "9450000000", 1)), 0o600))
	if out, err = exec.CommandContext(t.Context(), python, script, changed).CombinedOutput(); err == nil || !strings.Contains(string(out), "NOT PROVEN") {
		t.Errorf("a changed amount: %v: %s", err, out)
	}
}
