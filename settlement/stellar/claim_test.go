package stellar_test

import (
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

// claimable enqueues an order that may be left for its destination to claim.
func (c *chain) claimable(destination string) settlement.Order {
	o := c.order(destination)
	o.Claimable = true
	c.store.Enqueue(o)
	c.clock.Advance(time.Second)
	return o
}

// take claims a balance.
func (c *chain) take(k *keypair.Full, id string) error {
	_, err := c.net.Apply(c.t.Context(), k, nil, &txnbuild.ClaimClaimableBalance{BalanceID: id})
	return err
}

func (c *chain) holds(address string) int64 {
	n, _ := c.net.Balance(address, c.usdc().String())
	return n
}

func TestWalletWithoutAccountClaims(t *testing.T) { both(t, walletWithoutAccountClaims) }

func walletWithoutAccountClaims(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	wallet, plain := key("new wallet"), c.destination("a")
	o, ordinary := c.claimable(wallet.Address()), c.claimable(plain.Address())
	c.rounds(2)
	got, paid := c.store.Order(o.ID), c.store.Order(ordinary.ID)
	if got.Status != settlement.OrderSettled || got.Claim.ID == "" || c.holds(c.treasury.Address()) != 5000_0000000-o.Amount.Minor-ordinary.Amount.Minor {
		t.Fatalf("got %+v, want it settled and left to claim", got)
	}
	if paid.Status != settlement.OrderSettled || paid.Claim.ID != "" || c.paid(ordinary) != 1 {
		t.Errorf("got %+v, want it paid plainly beside", paid)
	}
	if err := c.take(c.treasury, got.Claim.ID); err == nil {
		t.Error("the treasury took it back at once")
	}
	must(t, c.net.CreateAccount(t.Context(), wallet.Address(), "10"))
	if err := c.take(wallet, got.Claim.ID); err == nil {
		t.Error("it was claimed without a trustline")
	}
	c.trust(wallet, "100")
	must(t, c.take(wallet, got.Claim.ID))
	if n := c.holds(wallet.Address()); n != o.Amount.Minor {
		t.Errorf("got %d stroops claimed, want %d", n, o.Amount.Minor)
	}
}

func TestUnclaimedIsTakenBack(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	o := c.claimable(c.stranger("a").Address())
	c.rounds(1)
	id := c.store.Order(o.ID).Claim.ID
	c.clock.Advance(30*24*time.Hour - time.Minute)
	if err := c.take(c.treasury, id); err == nil {
		t.Error("it was taken back before its time")
	}
	c.clock.Advance(2 * time.Minute)
	must(t, c.take(c.treasury, id))
	if n := c.holds(c.treasury.Address()); n != 5000_0000000 {
		t.Errorf("got %d stroops in the treasury, want all", n)
	}
}

// TestWhoMayClaim: only an order that says so, to an address that can.
func TestWhoMayClaim(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	stranger := c.stranger("a").Address()
	for name, test := range map[string]struct {
		destination string
		claimable   bool
		want        remit.Reason
	}{
		"allowed":           {stranger, true, ""},
		"not allowed":       {stranger, false, remit.ReasonDestinationInvalid},
		"a muxed address":   {muxedOf(t, stranger, 9), true, remit.ReasonDestinationInvalid},
		"the issuer":        {c.issuer.Address(), true, remit.ReasonDestinationInvalid},
		"the treasury":      {c.treasury.Address(), true, remit.ReasonDestinationInvalid},
		"no address at all": {"G", true, remit.ReasonDestinationInvalid},
	} {
		o := c.order(test.destination)
		o.Claimable = test.claimable
		if _, reason := c.rejected(o); reason != test.want {
			t.Errorf("%s: got %q, want %q", name, reason, test.want)
		}
	}
}

func TestClaimsAwaitLumens(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	_, err := c.net.Apply(t.Context(), c.treasury, nil,
		&txnbuild.Payment{Destination: c.issuer.Address(), Amount: "995.4", Asset: txnbuild.NativeAsset{}})
	must(t, err)
	a, b := c.order(key("a").Address()), c.order(key("b").Address())
	a.Claimable, b.Claimable = true, true
	c.store.Enqueue(a, b)
	c.rounds(2)
	if got := c.store.Order(a.ID); got.Status != settlement.OrderSettled || got.Claim.ID == "" {
		t.Errorf("got %+v, want the first left to claim", got)
	}
	c.want(settlement.OrderFailed, remit.ReasonTreasuryShort, b)
}

// What orders share cannot be taken back for each, so they are not left to claim.
func TestNettedIsNotClaimable(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	wallet := c.stranger("a").Address()
	one, two := c.order(wallet), c.order(wallet)
	one.Mode, two.Mode, one.Claimable, two.Claimable = settlement.ModeNetted, settlement.ModeNetted, true, true
	c.store.Enqueue(one, two)
	c.rounds(2)
	c.want(settlement.OrderFailed, remit.ReasonDestinationInvalid, one, two)
}

func TestClaimReasonsCoverEveryCode(t *testing.T) {
	t.Parallel()
	for n := int32(-64); n <= 64; n++ {
		code := xdr.CreateClaimableBalanceResultCode(n)
		if reason := stellar.ClaimReason(code); code.ValidEnum(n) && (reason == "") != (n == 0) {
			t.Errorf("%s: got %q", code, reason)
		}
	}
	for n := int32(-64); n <= 64; n++ {
		code := xdr.ClaimClaimableBalanceResultCode(n)
		if reason := stellar.ReclaimReason(code); code.ValidEnum(n) && (reason == "") != (n == 0) {
			t.Errorf("%s: got %q", code, reason)
		}
	}
	if got := stellar.ClaimReason(-99); got != remit.ReasonSettlementFailed {
		t.Errorf("an unknown code: got %q", got)
	}
}
