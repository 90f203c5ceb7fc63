package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stellar/go-stellar-sdk/keypair"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// toWallet is an order that pays a beneficiary's own wallet in Colombia.
func toWallet(network, address, memo string) order {
	account := map[string]string{"network": network, "address": address}
	if memo != "" {
		account["memo"] = memo
	}
	return order{to: "CO", payout: "wallet", account: account, beneficiary: &remitv1.Party{
		GivenName: "Luz Elena", FamilyName: "Mejía", Country: "CO", DocumentType: "national_id", DocumentNumber: "52123456",
	}}
}

// TestWallets pays wallets on both rails: the payment on chain is the payout.
func TestWallets(t *testing.T) {
	t.Parallel()
	g := start(t)
	stranger, err := keypair.Random()
	if err != nil {
		t.Fatal(err)
	}
	plain := g.send(toWallet("stellar", g.Counterparts.Wallet["stellar"], ""))
	custodial := g.send(toWallet("stellar", g.Counterparts.Wallet["stellar"], "104552"))
	onSolana := g.send(toWallet("solana", g.Counterparts.Wallet["solana"], ""))
	// A custodian's customer cannot claim: what it cannot be paid comes back.
	lost := g.send(toWallet("stellar", stranger.Address(), "104553"))
	for id, rail := range map[string]string{plain: "stellar", custodial: "stellar", onSolana: "solana"} {
		r := g.reaches(id, "completed")
		wants(t, r, "paid", "")
		s := r.GetSettlement()
		if r.GetRail() != rail || s.GetDestination() != g.Counterparts.Wallet[rail] || r.GetPayout() != nil {
			t.Errorf("%s was paid on %s to %s, payout %v; want %s's wallet and no payout", id, r.GetRail(), s.GetDestination(), r.GetPayout(), rail)
		}
		if r.GetTargetAmount().GetCurrency() != "USD" || minor(g, r.GetTargetAmount()) != cents(g, s.GetAmount(), rail) {
			t.Errorf("%s: %s arrived, want %s", id, s.GetAmount(), r.GetTargetAmount())
		}
		g.hasGaplessEvents(id)
		g.ends(id, "remittance.settled", "remittance.paying_out", "remittance.completed")
	}
	if s := g.remittance(custodial).GetSettlement(); s.GetMemo() != "104552" || s.GetMode() != "single" || g.stellarMemo(s.GetHash()) != "104552" {
		t.Errorf("the custodian is told %q in a %s transaction, on chain %q; want its memo alone", s.GetMemo(), s.GetMode(), g.stellarMemo(s.GetHash()))
	}
	wants(t, g.reaches(lost, "refunded"), "returned", "DESTINATION_INVALID")
	g.booksAgree()
}

// cents is an amount on a rail in cents, exactly.
func cents(g *gateway, m *remitv1.Money, rail string) int64 {
	g.t.Helper()
	unit := map[string]int64{"stellar": 100_000, "solana": 10_000}[rail]
	if minor(g, m)%unit != 0 {
		g.t.Errorf("%s is not whole cents", m)
	}
	return minor(g, m) / unit
}

// ends checks the last events of a remittance.
func (g *gateway) ends(id string, types ...string) {
	g.t.Helper()
	page, err := g.remittances().ListRemittanceEvents(g.ctx(""), &remitv1.ListRemittanceEventsRequest{Id: id})
	if err != nil {
		g.t.Fatalf("events of %s: %v", id, err)
	}
	var got []string
	for _, e := range page.GetEvents() {
		got = append(got, e.GetType())
	}
	if len(got) < len(types) || !slices.Equal(got[len(got)-len(types):], types) {
		g.t.Errorf("%s: events %q, want them to end with %q", id, got, types)
	}
}

// stellarMemo is the memo of a transaction as the chain has it, a hash in hex.
func (g *gateway) stellarMemo(hash string) string {
	g.t.Helper()
	var tx struct {
		Memo     string `json:"memo"`
		MemoType string `json:"memo_type"`
	}
	g.get(g.Counterparts.Horizon+"/transactions/"+hash, &tx)
	if tx.MemoType != "hash" {
		return tx.Memo
	}
	raw, err := base64.StdEncoding.DecodeString(tx.Memo)
	if err != nil {
		g.t.Fatalf("memo %q of %s: %v", tx.Memo, hash, err)
	}
	return hex.EncodeToString(raw)
}

// TestNetted: remittances of one window share a payment, and each proves its part.
func TestNetted(t *testing.T) {
	t.Parallel()
	g := start(t)
	var ids []string
	for _, rail := range []string{"stellar", "solana"} {
		for range 3 {
			ids = append(ids, g.send(order{to: "IN", payout: "bank", rail: rail, account: map[string]string{
				"ifsc": "SBIN0000691", "account_number": "30012345678",
			}, beneficiary: &remitv1.Party{
				GivenName: "Asha", FamilyName: "Iyer", Country: "IN", AddressLine: "14 Marine Drive", City: "Mumbai", PostalCode: "400020", Phone: "+919820098200",
			}}))
		}
	}
	transactions := make(map[string]int)
	for _, id := range ids {
		r := g.reaches(id, "completed")
		transactions[r.GetSettlement().GetHash()]++
		resp, err := g.remittances().GetSettlementProof(g.ctx(""), &remitv1.GetSettlementProofRequest{RemittanceId: id})
		if err != nil {
			t.Fatal(err)
		}
		p := resp.GetProof()
		if p.GetMode() != "netted" || p.GetTransactionHash() != r.GetSettlement().GetHash() || p.GetMemo() != p.GetRoot() {
			t.Errorf("proof of %s is %v", id, p)
		}
		if p.GetRail() == "stellar" && g.stellarMemo(p.GetTransactionHash()) != p.GetRoot() {
			t.Errorf("%s has the memo %s on chain, want the root %s", p.GetTransactionHash(), g.stellarMemo(p.GetTransactionHash()), p.GetRoot())
		}
	}
	if len(transactions) > 4 {
		t.Errorf("%d remittances took %d transactions", len(ids), len(transactions))
	}
	g.booksAgree()
}
