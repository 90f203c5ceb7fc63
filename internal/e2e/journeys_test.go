package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// TestCompletes sends over each rail, for each way of paying out.
func TestCompletes(t *testing.T) {
	t.Parallel()
	g := start(t)
	ids := make(map[string]string)
	for _, rail := range []string{"stellar", "solana"} {
		for _, payout := range []string{"bank", "mobile_money", "cash"} {
			ids[g.send(order{rail: rail, payout: payout, account: accountFor(payout)})] = rail
		}
	}
	for id, rail := range ids {
		r := g.reaches(id, "completed")
		wants(t, r, "paid", "")
		if r.GetRail() != rail || r.GetSettlement().GetHash() == "" || r.GetSettlement().GetExplorerUrl() == "" {
			t.Errorf("%s: rail %s, hash %q, explorer %q; want %s with a hash to look up", id, r.GetRail(),
				r.GetSettlement().GetHash(), r.GetSettlement().GetExplorerUrl(), rail)
		}
		g.hasGaplessEvents(id)
	}
	g.booksAgree()
}

func accountFor(payout string) map[string]string {
	if payout == "cash" {
		return map[string]string{}
	}
	return nil
}

// hasGaplessEvents checks that a history counts 1, 2, 3….
func (g *gateway) hasGaplessEvents(id string) {
	g.t.Helper()
	page, err := g.remittances().ListRemittanceEvents(g.ctx(""), &remitv1.ListRemittanceEventsRequest{Id: id})
	if err != nil {
		g.t.Fatalf("events of %s: %v", id, err)
	}
	for i, e := range page.GetEvents() {
		if int(e.GetNumber()) != i+1 {
			g.t.Errorf("%s: event %d has number %d", id, i+1, e.GetNumber())
		}
	}
	if len(page.GetEvents()) < 6 {
		g.t.Errorf("%s: %d events tell too little", id, len(page.GetEvents()))
	}
}

// TestGatesAndRefunds goes through the ends other than completion.
func TestGatesAndRefunds(t *testing.T) {
	t.Parallel()
	g := start(t)
	declined := g.send(order{source: "tok_declined"})
	tooMuch := g.send(order{tier: "basic", amount: "2900", payout: "bank"})
	rejectedPayout := g.send(order{beneficiaryPhone: "+639171230006"})
	short := g.send(order{source: "tok_short"})
	withdrawn := g.send(order{source: "tok_pending"})
	balance := g.send(order{funding: "balance"})

	wants(t, g.reaches(declined, "canceled"), "none", "FUNDING_DECLINED")
	wants(t, g.reaches(tooMuch, "rejected"), "none", "KYC_LIMIT_EXCEEDED")
	wants(t, g.reaches(rejectedPayout, "refunded"), "returned", "PAYOUT_REJECTED")
	wants(t, g.reaches(short, "refunded"), "returned", "FUNDING_AMOUNT_MISMATCH")
	wants(t, g.reaches(balance, "completed"), "paid", "")

	g.reaches(withdrawn, "awaiting_funds")
	if _, err := g.remittances().CancelRemittance(g.ctx(nextKey("cancel")), &remitv1.CancelRemittanceRequest{Id: withdrawn}); err != nil {
		t.Fatal(err)
	}
	wants(t, g.reaches(withdrawn, "canceled"), "none", "CANCELED_BY_CALLER")
	g.booksAgree()
}

// A name of the sample list that `remitd dev` ships.
const (
	listedGiven  = "Victor"
	listedFamily = "Bout"
)

// TestStellarDown: Solana carries what Stellar cannot, and what insists on
// Stellar waits for it.
func TestStellarDown(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.post(g.Counterparts.Horizon+"/_fault", map[string]any{"down": true})
	id := g.send(order{rail: "auto"})
	if r := g.reaches(id, "completed"); r.GetRail() != "solana" {
		t.Errorf("carried by %s, want solana", r.GetRail())
	}
	patient := g.send(order{rail: "stellar"})
	g.until(endTimeout, "the other has its money", func() bool {
		return g.remittance(patient).GetState() == "funded" || g.remittance(patient).GetState() == "settling"
	})
	g.post(g.Counterparts.Horizon+"/_fault", map[string]any{})
	g.until(endTimeout, "the other ended", func() bool { return ended(g.remittance(patient).GetState()) })
	g.booksAgree()
}

// TestCoinPaused: while an operator has paused the coin nothing new is settled
// in it, the remittance says so, and goes on by itself afterwards.
func TestCoinPaused(t *testing.T) {
	t.Parallel()
	g := start(t, "--price-every", "200ms")
	paused := filepath.Join(g.Dir, "paused-coins.json")
	if err := os.WriteFile(paused, []byte(`{"USDC": "the issuer reports trouble"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	g.until(endTimeout, "the coin is paused", func() bool {
		var text string
		g.get(g.REST+"/metrics", &text)
		return strings.Contains(text, `remit_coin_paused{coin="USDC"} 1`)
	})
	id := g.send(order{payout: "bank"})
	g.until(endTimeout, "the remittance waits for the coin", func() bool { return g.remittance(id).GetReason() == "COIN_PAUSED" })
	wants(t, g.remittance(id), "held", "COIN_PAUSED")
	if n := len(g.stellarPayments()) + len(g.solanaPayments()); n > 0 {
		t.Errorf("%d payments in a coin that is paused", n)
	}
	if err := os.Remove(paused); err != nil {
		t.Fatal(err)
	}
	wants(t, g.reaches(id, "completed"), "paid", "")
	g.booksAgree()
}

// TestLostReplies: whatever reply is lost, nothing is paid twice.
func TestLostReplies(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.post(g.Counterparts.Horizon+"/_fault", map[string]any{"lose_replies": 3})
	var ids []string
	for i := range 4 {
		ids = append(ids, g.send(order{rail: "stellar", amount: fmt.Sprint(150 + i)}))
	}
	for _, id := range ids {
		g.reaches(id, "completed")
	}
	g.post(g.Counterparts.Solana+"/_fault", map[string]any{"hangup_pct": 100})
	lost := g.send(order{rail: "solana"})
	g.until(endTimeout, "the payment is under way", func() bool { return len(g.solanaPayments()) == 1 })
	g.post(g.Counterparts.Solana+"/_fault", map[string]any{"reset": true})
	g.reaches(lost, "completed")
	for _, source := range []string{"tok_lost_reply", "tok_callback_twice", "tok_callback_reordered"} {
		ids = append(ids, g.send(order{source: source}))
	}
	ids = append(ids, g.send(order{beneficiaryPhone: "+639171230004"}))
	for _, id := range ids {
		g.reaches(id, "completed")
	}
	g.booksAgree()
}

// TestKilled kills the whole gateway while 20 remittances are in flight.
func TestKilled(t *testing.T) {
	t.Parallel()
	g := start(t)
	var ids []string
	for i := range 20 {
		rail := []string{"stellar", "solana"}[i%2]
		ids = append(ids, g.send(order{rail: rail, amount: fmt.Sprint(100 + i), payout: []string{"bank", "mobile_money", "cash"}[i%3], account: accountFor([]string{"bank", "mobile_money", "cash"}[i%3])}))
	}
	g.until(endTimeout, "some are settling", func() bool {
		for _, id := range ids {
			if g.remittance(id).GetState() == "settling" {
				return true
			}
		}
		return false
	})
	g.Kill()
	g.Run()
	for _, id := range ids {
		g.reaches(id, "completed")
		g.hasGaplessEvents(id)
	}
	g.booksAgree()
}
