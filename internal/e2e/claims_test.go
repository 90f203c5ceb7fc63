package e2e_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stellar/go-stellar-sdk/amount"
	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/keypair"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// TestWalletClaims pays a wallet that has no trustline: the remittance is not
// completed before the wallet has claimed the money.
func TestWalletClaims(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{"horizon", "rpc"} {
		t.Run(backend, func(t *testing.T) {
			g := start(t, "--stellar-backend", backend)
			wallet := g.newWallet()
			id := g.send(toWallet("stellar", wallet.Address(), ""))
			claim := g.claimOf(id)
			wants(t, g.remittance(id), "with_partner", "")
			g.claimStands(id, claim, "open")
			g.treasuryAgrees()
			g.Kill()
			g.Run()
			g.take(wallet, claim)
			wants(t, g.reaches(id, "completed"), "paid", "")
			g.claimStands(id, claim, "claimed")
			g.ends(id, "remittance.paying_out", "remittance.claimable", "claim.claimed", "remittance.completed")
			g.hasGaplessEvents(id)
			g.treasuryAgrees()
			g.booksAgree()
		})
	}
}

// TestUnclaimedIsRefunded: what the wallet does not claim in its time is taken
// back, and the originator gets the money back.
func TestUnclaimedIsRefunded(t *testing.T) {
	t.Parallel()
	g := start(t, "--claim-time", "8s")
	wallet := g.newWallet()
	id := g.send(toWallet("stellar", wallet.Address(), ""))
	claim := g.claimOf(id)
	wants(t, g.reaches(id, "refunded"), "returned", "NOT_CLAIMED")
	g.claimStands(id, claim, "reclaimed")
	g.hasGaplessEvents(id)
	if err := g.tryTake(wallet, claim); err == nil {
		t.Error("the wallet claimed what was taken back")
	}
	g.treasuryAgrees()
	g.booksAgree()
}

// claimStands wants what the gateway says of a claim. Which transaction ended it
// Stellar RPC cannot always tell.
func (g *gateway) claimStands(id, claim, status string) {
	g.t.Helper()
	c := g.remittance(id).GetSettlement().GetClaim()
	if c.GetId() != claim || c.GetStatus() != status || !c.GetClaimableUntil().IsValid() || (status == "open" && c.GetHash() != "") {
		g.t.Errorf("the claim of %s is %v, want %s of %s", id, c, status, claim)
	}
}

// newWallet makes an account with lumens and no trustline.
func (g *gateway) newWallet() *keypair.Full {
	g.t.Helper()
	k, err := keypair.Random()
	if err != nil {
		g.t.Fatal(err)
	}
	g.get(g.Counterparts.Horizon+"/friendbot?addr="+url.QueryEscape(k.Address()), nil)
	return k
}

// claimOf waits until a remittance's money is left to claim, and names what it is.
func (g *gateway) claimOf(id string) string {
	g.t.Helper()
	claim := ""
	g.until(endTimeout, id+" is left to claim", func() bool {
		page, err := g.remittances().ListRemittanceEvents(g.ctx(""), &remitv1.ListRemittanceEventsRequest{Id: id})
		if err != nil {
			g.t.Fatalf("events of %s: %v", id, err)
		}
		for _, e := range page.GetEvents() {
			if e.GetType() == "remittance.claimable" {
				claim = e.GetFacts()["claim"]
			}
		}
		return claim != ""
	})
	return claim
}

// take opens the wallet's trustline and claims.
func (g *gateway) take(wallet *keypair.Full, claim string) {
	g.t.Helper()
	if err := g.tryTake(wallet, claim); err != nil {
		g.t.Fatalf("claim %s: %v", claim, err)
	}
}

func (g *gateway) tryTake(wallet *keypair.Full, claim string) error {
	g.t.Helper()
	client := &horizonclient.Client{HorizonURL: g.Counterparts.Horizon + "/"}
	root, err := client.Root()
	if err != nil {
		g.t.Fatal(err)
	}
	account, err := client.AccountDetail(horizonclient.AccountRequest{AccountID: wallet.Address()})
	if err != nil {
		g.t.Fatal(err)
	}
	line, err := g.usdc().ToChangeTrustAsset()
	if err != nil {
		g.t.Fatal(err)
	}
	tx, err := txnbuild.NewTransaction(txnbuild.TransactionParams{
		SourceAccount: &account, IncrementSequenceNum: true, BaseFee: txnbuild.MinBaseFee,
		Preconditions: txnbuild.Preconditions{TimeBounds: txnbuild.NewTimeout(60)},
		Operations:    []txnbuild.Operation{&txnbuild.ChangeTrust{Line: line, Limit: "1000"}, &txnbuild.ClaimClaimableBalance{BalanceID: claim}},
	})
	if err != nil {
		g.t.Fatal(err)
	}
	if tx, err = tx.Sign(root.NetworkPassphrase, wallet); err != nil {
		g.t.Fatal(err)
	}
	_, err = client.SubmitTransaction(tx)
	return err
}

// treasuryAccount is the treasury as the chain has it.
func (g *gateway) treasuryAccount() protocol.Account {
	g.t.Helper()
	var account protocol.Account
	g.get(g.Counterparts.Horizon+"/accounts/"+g.Counterparts.Treasury["stellar"], &account)
	return account
}

func (g *gateway) usdc() txnbuild.CreditAsset {
	g.t.Helper()
	for _, b := range g.treasuryAccount().Balances {
		if b.Asset.Code == "USDC" {
			return txnbuild.CreditAsset{Code: b.Asset.Code, Issuer: b.Asset.Issuer}
		}
	}
	g.t.Fatal("the treasury has no USDC")
	return txnbuild.CreditAsset{}
}

// treasuryAgrees checks that the treasury's account in the ledger is what the
// chain has, and that the ledger is clean.
func (g *gateway) treasuryAgrees() {
	g.t.Helper()
	report, err := remitv1.NewLedgerServiceClient(g.Conn).VerifyLedger(g.ctx(""), &remitv1.VerifyLedgerRequest{})
	if err != nil || !report.GetClean() {
		g.t.Fatalf("ledger: %v, %v", report.GetFindings(), err)
	}
	held := int64(0)
	for _, b := range g.treasuryAccount().Balances {
		if b.Asset.Code == "USDC" {
			if held, err = amount.ParseInt64(b.Balance); err != nil {
				g.t.Fatal(err)
			}
		}
	}
	for _, b := range report.GetBalances() {
		if b.GetAccount() == "treasury/stellar" && strings.HasPrefix(b.GetPosted().GetCurrency(), "USDC") {
			if got := minor(g, b.GetPosted()); got != held {
				g.t.Errorf("the ledger has %d in the treasury, the chain %d", got, held)
			}
			return
		}
	}
	g.t.Error("the ledger has no treasury on Stellar")
}

// leftToClaim reports whether a transaction left an amount to claim.
func (g *gateway) leftToClaim(p chainPayment) bool {
	g.t.Helper()
	var page struct {
		Embedded struct {
			Records []struct {
				Type   string `json:"type"`
				Amount string `json:"amount"`
			} `json:"records"`
		} `json:"_embedded"`
	}
	g.get(g.Counterparts.Horizon+"/transactions/"+p.hash+"/operations", &page)
	for _, op := range page.Embedded.Records {
		if op.Type == "create_claimable_balance" && op.Amount == amount.StringFromInt64(p.amount) {
			return true
		}
	}
	return false
}
