package stellar_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/stellar"
)

// reclaimTime is for how long the wallets of these tests alone may claim.
const reclaimTime = 10 * time.Minute

// shortly has the rail leave money to claim for a short time only.
func (c *chain) shortly() {
	c.setRail(func(o *stellar.Options) { o.Reclaim, o.ShortReclaim = reclaimTime, true })
	c.signer.SetPolicy(signer.Policy{
		StellarPassphrase: passphrase, StellarAssets: c.rail.AssetNames(), StellarReclaim: int64(reclaimTime / time.Second),
	})
}

// left pays a wallet that has no trustline, and returns the order with its claim.
func (c *chain) left(wallet *keypair.Full) settlement.Order {
	c.t.Helper()
	o := c.claimable(wallet.Address())
	c.rounds(2)
	got := c.store.Order(o.ID)
	if got.Status != settlement.OrderSettled || got.Claim.Status != settlement.ClaimOpen {
		c.t.Fatalf("got %+v, want it left to claim", got)
	}
	return got
}

// backOf enqueues an order that takes back what another left.
func (c *chain) backOf(o settlement.Order, try int) settlement.Order {
	back := o
	back.ID, back.Leg, back.Mode, back.Claimable = remit.OrderID(fmt.Sprintf("%s_back_%d", o.ID, try)), o.Leg+try, settlement.ModeSingle, false
	back.Reclaims, back.Claim.Status, back.Hash, back.Attempt = o.ID, "", "", ""
	c.store.Enqueue(back)
	return back
}

func (c *chain) ask(o settlement.Order, want settlement.ClaimStatus, says string) settlement.ClaimOutcome {
	c.t.Helper()
	got := c.rail.LookupClaim(c.t.Context(), o)
	if got.Status != want || !strings.Contains(got.Result, says) {
		c.t.Errorf("claim of %s is %+v, want %q and %q said", o.ID, got, want, says)
	}
	return got
}

func (c *chain) claimed(wallet *keypair.Full, o settlement.Order) {
	c.t.Helper()
	c.trust(wallet, "1000")
	must(c.t, c.take(wallet, o.Claim.ID))
	c.clock.Advance(ledgerTime)
}

func TestClaimIsFoundOut(t *testing.T) { both(t, claimIsFoundOut) }

func claimIsFoundOut(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	c.shortly()
	wallet := c.stranger("a")
	o := c.left(wallet)
	if o.Claim.Until.Sub(o.Claim.Since) != reclaimTime || o.Claim.Since.After(c.clock.Now()) || c.clock.Now().Sub(o.Claim.Since) > time.Minute {
		t.Errorf("claim is %+v at %s", o.Claim, c.clock.Now())
	}
	c.ask(o, settlement.ClaimOpen, "")
	c.claimed(wallet, o)
	c.advance()
	c.rounds(2)
	if got := c.store.Order(o.ID).Claim; got.Status != settlement.ClaimClaimed || (got.Hash == "") != c.overRPC {
		t.Errorf("the watch found %+v, want it claimed, with the transaction that Horizon tells", got)
	}
}

// TestTakesBack: after its time the treasury takes back what nobody claimed.
func TestTakesBack(t *testing.T) { both(t, takesBack) }

func takesBack(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	c.shortly()
	o := c.left(c.stranger("a"))
	early := c.backOf(o, 1)
	c.rounds(3)
	c.want(settlement.OrderFailed, remit.ReasonSettlementFailed, early)
	c.ask(o, settlement.ClaimOpen, "")
	c.clock.Advance(reclaimTime)
	c.advance()
	back := c.backOf(o, 2)
	c.rounds(3)
	if got := c.store.Order(back.ID); got.Status != settlement.OrderSettled {
		t.Errorf("taking back is %s %s", got.Status, got.Reason)
	}
	if got := c.store.Order(o.ID).Claim; got.Status != settlement.ClaimReclaimed || got.Hash != c.store.Order(back.ID).Hash {
		t.Errorf("the claim is %+v, want it taken back", got)
	}
	if n := c.holds(c.treasury.Address()); n != 5000_0000000 {
		t.Errorf("got %d stroops in the treasury, want all", n)
	}
	if c.overRPC {
		c.ask(o, "", "cannot say by whom")
	} else {
		c.ask(o, settlement.ClaimReclaimed, "treasury")
	}
	again := c.backOf(o, 3)
	c.rounds(3)
	c.want(settlement.OrderFailed, remit.ReasonClaimGone, again)
}

// TestWalletWinsTheRace: what the wallet claims first cannot be taken back.
func TestWalletWinsTheRace(t *testing.T) { both(t, walletWinsTheRace) }

func walletWinsTheRace(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	c.shortly()
	wallet := c.stranger("a")
	o := c.left(wallet)
	c.clock.Advance(reclaimTime)
	c.advance()
	c.claimed(wallet, o)
	back := c.backOf(o, 1)
	c.rounds(3)
	c.want(settlement.OrderFailed, remit.ReasonClaimGone, back)
	if n := c.holds(wallet.Address()); n != o.Amount.Minor {
		t.Errorf("the wallet holds %d, want %s", n, o.Amount)
	}
	want := settlement.ClaimClaimed
	if c.overRPC {
		want = settlement.ClaimOpen // Not known: the treasury might have taken it too.
		c.ask(o, "", "Ask a Horizon")
	}
	if got := c.store.Order(o.ID).Claim.Status; got != want {
		t.Errorf("the claim is %s, want %s", got, want)
	}
}

// TestAbsenceProvesNothing: a server that does not find a claim is not believed.
func TestAbsenceProvesNothing(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	c.shortly()
	o := c.left(c.stranger("a"))
	c.answering(func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		if !strings.Contains(req.URL.Path, "/claimable_balances/") {
			return nil
		}
		return canned(req, http.StatusNotFound, `{"type":"https://stellar.org/horizon-errors/not_found","title":"Resource Missing","status":404}`)
	})
	c.ask(o, "", "proves nothing")
	c.answering(func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		if !strings.HasPrefix(req.URL.Path, "/claimable_balances/") || strings.HasSuffix(req.URL.Path, "/operations") {
			return nil
		}
		return canned(req, http.StatusNotFound, `{"type":"https://stellar.org/horizon-errors/not_found","title":"Resource Missing","status":404}`)
	})
	c.ask(o, "", "proves nothing") // Only its creation is there.
	must(t, c.net.SetFaults(horizon.Faults{Down: true}))
	c.ask(o, "", "")
	must(t, c.net.SetFaults(horizon.Faults{}))
	c.answering(nil)
	c.ask(o, settlement.ClaimOpen, "")
}

// TestIssuerThatClawsBack: over Stellar RPC nothing is concluded about a coin that
// its issuer can take out of a claimable balance.
func TestIssuerThatClawsBack(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	c.shortly()
	_, err := c.net.Apply(t.Context(), c.issuer, nil, &txnbuild.SetOptions{SetFlags: []txnbuild.AccountFlag{txnbuild.AuthRevocable, txnbuild.AuthClawbackEnabled}})
	must(t, err)
	// A trustline inherits the power when it is opened.
	_, err = c.net.Apply(t.Context(), c.treasury, nil, &txnbuild.Payment{Destination: c.issuer.Address(), Amount: "5000", Asset: txnbuild.CreditAsset{Code: "USDC", Issuer: c.issuer.Address()}})
	must(t, err)
	_, err = c.net.Apply(t.Context(), c.treasury, nil, &txnbuild.ChangeTrust{Line: txnbuild.CreditAsset{Code: "USDC", Issuer: c.issuer.Address()}.MustToChangeTrustAsset(), Limit: "0"})
	must(t, err)
	must(t, c.net.Trust(t.Context(), c.treasury, "USDC", c.issuer.Address()))
	must(t, c.net.Issue(t.Context(), c.issuer, "USDC", c.treasury.Address(), "5000"))
	wallet := c.stranger("a")
	o := c.left(wallet)
	c.claimed(wallet, o)
	c.advance()
	c.ask(o, "", "the issuer may have taken it")
}

// TestClaimsSurviveFaults leaves money to many wallets, of which some claim, some
// just when it is taken back, and some never, while everything goes wrong in turn.
// The store fails the test if a claim ends in two ways.
func TestClaimsSurviveFaults(t *testing.T) {
	t.Parallel()
	c := newChain(t, 2)
	c.shortly()
	rng := rand.New(rand.NewPCG(7, 11))
	const count = 24
	wallets, orders, tries := make([]*keypair.Full, count), make([]settlement.Order, count), make([]int, count)
	for i := range wallets {
		wallets[i] = c.stranger(fmt.Sprint(i))
		orders[i] = c.order(wallets[i].Address())
		orders[i].Claimable = true
		c.store.Enqueue(orders[i])
	}
	c.rounds(4)
	over := 0
	for round := 0; over < count && round < 400; round++ {
		faults := horizon.Faults{Down: rng.IntN(8) == 0}
		if rng.IntN(3) == 0 {
			faults.LoseReplies, faults.DropSubmits = rng.IntN(2), rng.IntN(2)
		}
		must(t, c.net.SetFaults(faults))
		if rng.IntN(10) == 0 {
			c.engine = settlement.NewEngine(settlement.EngineOptions{Rail: c.rail, Store: c.store, Clock: c.clock, Logger: slog.New(slog.DiscardHandler)})
		}
		c.clock.Advance(time.Duration(rng.IntN(20)) * time.Second)
		c.step()
		must(t, c.net.SetFaults(horizon.Faults{}))
		over = 0
		for i, o := range orders {
			got := c.store.Order(o.ID)
			if got.Claim.Status.Ended() {
				over++
				continue
			}
			if due := c.clock.Now().After(got.Claim.Until); i%3 == 0 && rng.IntN(10) == 0 || i%3 == 1 && due && rng.IntN(2) == 0 {
				if c.claims(wallets[i], got.Claim.ID) {
					continue
				}
			}
			if !c.clock.Now().After(got.Claim.Until.Add(10 * time.Second)) {
				continue
			}
			if tries[i] == 0 || c.store.Order(remit.OrderID(fmt.Sprintf("%s_back_%d", o.ID, tries[i]))).Status == settlement.OrderFailed {
				if tries[i] > 0 && c.store.Order(remit.OrderID(fmt.Sprintf("%s_back_%d", o.ID, tries[i]))).Reason == remit.ReasonClaimGone {
					continue
				}
				tries[i]++
				c.backOf(got, tries[i])
			}
		}
		c.advance()
	}
	ends := make(map[settlement.ClaimStatus]int)
	for i, o := range orders {
		got := c.store.Order(o.ID)
		ends[got.Claim.Status]++
		if has := c.holds(wallets[i].Address()) == o.Amount.Minor; has != (got.Claim.Status == settlement.ClaimClaimed) {
			t.Errorf("the claim of %s is %s, and that the wallet has it is %t", o.ID, got.Claim.Status, has)
		}
	}
	if over != count || ends[settlement.ClaimClaimed] == 0 || ends[settlement.ClaimReclaimed] == 0 {
		t.Errorf("claims ended as %v", ends)
	}
	claimed := int64(0)
	for i := range wallets {
		claimed += c.holds(wallets[i].Address())
	}
	if n := c.holds(c.treasury.Address()); n+claimed != 5000_0000000 {
		t.Errorf("the treasury holds %d and the wallets %d", n, claimed)
	}
}

// claims has a wallet claim, with a trustline if it needs one, and says whether it
// did: the treasury may have been faster.
func (c *chain) claims(wallet *keypair.Full, id string) bool {
	c.trust(wallet, "1000")
	return c.take(wallet, id) == nil
}
