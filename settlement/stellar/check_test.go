package stellar_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

// trust opens a trustline to USDC with a limit.
func (c *chain) trust(k *keypair.Full, limit string) {
	c.t.Helper()
	asset, err := c.credit().ToChangeTrustAsset()
	must(c.t, err)
	_, err = c.net.Apply(c.t.Context(), k, nil, &txnbuild.ChangeTrust{Line: asset, Limit: limit})
	must(c.t, err)
}

func (c *chain) credit() txnbuild.CreditAsset {
	return txnbuild.CreditAsset{Code: "USDC", Issuer: c.issuer.Address()}
}

// wantMemo makes an account require memos, as SEP-29 says.
func (c *chain) wantMemo(k *keypair.Full) {
	c.t.Helper()
	_, err := c.net.Apply(c.t.Context(), k, nil, &txnbuild.ManageData{Name: "config.memo_required", Value: []byte("1")})
	must(c.t, err)
}

// setFlags lets the issuer change what it lets a trustline do.
func (c *chain) setFlags(k *keypair.Full, set, clear []txnbuild.TrustLineFlag) {
	c.t.Helper()
	_, err := c.net.Apply(c.t.Context(), c.issuer, nil,
		&txnbuild.SetOptions{SetFlags: []txnbuild.AccountFlag{txnbuild.AuthRequired, txnbuild.AuthRevocable}},
		&txnbuild.SetTrustLineFlags{Trustor: k.Address(), Asset: c.credit(), SetFlags: set, ClearFlags: clear})
	must(c.t, err)
}

// TestDestinationsAreChecked wants each reason, and its text in the log.
func TestDestinationsAreChecked(t *testing.T) {
	t.Parallel()
	const bad = remit.ReasonDestinationInvalid
	for name, test := range map[string]struct {
		order  func(c *chain) settlement.Order
		reason remit.Reason
		text   string
	}{
		"no account":   {func(c *chain) settlement.Order { return c.order(key("nobody").Address()) }, bad, "does not exist"},
		"no trustline": {func(c *chain) settlement.Order { return c.order(c.stranger("a").Address()) }, bad, "no trustline"},
		"no address":   {func(c *chain) settlement.Order { return c.order("GARBAGE") }, bad, "no address"},
		"the treasury": {func(c *chain) settlement.Order { return c.order(c.treasury.Address()) }, bad, "the treasury itself"},
		"the treasury, muxed": {func(c *chain) settlement.Order {
			return c.order(muxedOf(c.t, c.treasury.Address(), 1))
		}, bad, "the treasury itself"},
		"a channel":  {func(c *chain) settlement.Order { return c.order(c.channels[0]) }, bad, "channel account"},
		"the issuer": {func(c *chain) settlement.Order { return c.order(c.issuer.Address()) }, bad, "destroys it"},
		"revoked": {func(c *chain) settlement.Order {
			k := c.destination("a")
			c.setFlags(k, nil, []txnbuild.TrustLineFlag{txnbuild.TrustLineAuthorized})
			return c.order(k.Address())
		}, bad, "does not authorise"},
		"never authorised": {func(c *chain) settlement.Order {
			_, err := c.net.Apply(c.t.Context(), c.issuer, nil, &txnbuild.SetOptions{SetFlags: []txnbuild.AccountFlag{txnbuild.AuthRequired}})
			must(c.t, err)
			return c.order(c.destination("late").Address())
		}, bad, "does not authorise"},
		"may only keep its offers up": {func(c *chain) settlement.Order {
			k := c.destination("a")
			c.setFlags(k, []txnbuild.TrustLineFlag{txnbuild.TrustLineAuthorizedToMaintainLiabilities}, []txnbuild.TrustLineFlag{txnbuild.TrustLineAuthorized})
			return c.order(k.Address())
		}, bad, "keep its offers up"},
		"over the limit": {func(c *chain) settlement.Order {
			k := c.stranger("a")
			c.trust(k, "1")
			return c.order(k.Address())
		}, bad, "exceeds the limit"},
		"over the limit with its offers": {func(c *chain) settlement.Order {
			k := c.stranger("a")
			c.trust(k, "2")
			_, err := c.net.Apply(c.t.Context(), k, nil, &txnbuild.ManageBuyOffer{
				Selling: txnbuild.NativeAsset{}, Buying: c.credit(), Amount: "1.5", Price: priceOfOne})
			must(c.t, err)
			return c.order(k.Address())
		}, bad, "room for 0.5"},
		"at the limit": {func(c *chain) settlement.Order {
			k := c.stranger("a")
			c.trust(k, "1.0000001")
			return c.order(k.Address())
		}, "", ""},
		"a memo where one is required": {func(c *chain) settlement.Order {
			k := c.destination("a")
			c.wantMemo(k)
			return c.order(k.Address())
		}, "", ""},
		"no memo where one is required": {func(c *chain) settlement.Order {
			k := c.destination("a")
			c.wantMemo(k)
			o := c.order(k.Address())
			o.Memo = ""
			return o
		}, remit.ReasonFieldInvalid, "requires a memo"},
		"no memo but a muxed address": {func(c *chain) settlement.Order {
			k := c.destination("a")
			c.wantMemo(k)
			o := c.order(muxedOf(c.t, k.Address(), 7))
			o.Memo = ""
			return o
		}, "", ""},
		"nothing":           {func(c *chain) settlement.Order { return c.amount(0) }, remit.ReasonAmountMalformed, "not positive"},
		"less than that":    {func(c *chain) settlement.Order { return c.amount(-1) }, remit.ReasonAmountMalformed, "not positive"},
		"the most there is": {func(c *chain) settlement.Order { return c.amount(1<<63 - 1) }, "", ""},
		"another asset": {func(c *chain) settlement.Order {
			o := c.amount(1)
			o.Amount.Asset = remit.USDCSolana
			return o
		}, remit.ReasonAmountMalformed, "pays no"},
		"a long memo": {func(c *chain) settlement.Order {
			o := c.amount(1)
			o.Memo = strings.Repeat("m", 29)
			return o
		}, remit.ReasonFieldInvalid, "29 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t, 1)
			var log bytes.Buffer
			c.rail = c.newRail(func(o *stellar.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			_, reason := c.rejected(test.order(c))
			if reason != test.reason || !strings.Contains(log.String(), test.text) || (reason == "") != (log.Len() == 0) {
				t.Errorf("got %q with %q, want %q with %q", reason, log.String(), test.reason, test.text)
			}
		})
	}
}

var priceOfOne = xdr.Price{N: 1, D: 1}

// stranger makes an account without a trustline.
func (c *chain) stranger(name string) *keypair.Full {
	c.t.Helper()
	k := key("stranger " + name)
	must(c.t, c.net.CreateAccount(c.t.Context(), k.Address(), "10"))
	return k
}

func (c *chain) amount(minor int64) settlement.Order {
	o := c.order(c.destination("a").Address())
	o.Amount.Minor = minor
	return o
}

// TestLimitCountsTheWholeBatch: each payment fits the trustline, not all do.
func TestLimitCountsTheWholeBatch(t *testing.T) { both(t, limitCountsTheWholeBatch) }

func limitCountsTheWholeBatch(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	k := c.stranger("a")
	c.trust(k, "2.5")
	c.prepare(c.order(k.Address())) // believed to be good from now on
	orders := c.place(k.Address(), k.Address(), k.Address())
	c.rounds(2)
	c.want(settlement.OrderSettled, "", orders[0], orders[1])
	c.want(settlement.OrderFailed, remit.ReasonDestinationInvalid, orders[2])
	if n := len(c.store.Attempts()); n != 1 {
		t.Errorf("got %d attempts, want one that succeeded at once", n)
	}
}

// TestMemoRequiredTravelsAlone: a batch has one memo, its root, which tells such
// a payee nothing.
func TestMemoRequiredTravelsAlone(t *testing.T) { both(t, memoRequiredTravelsAlone) }

func memoRequiredTravelsAlone(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 4)
	plain, wants := c.destination("plain").Address(), c.destination("wants")
	c.wantMemo(wants)
	muxed := muxedOf(t, wants.Address(), 5)
	orders := c.place(plain, wants.Address(), plain, wants.Address(), muxed)
	c.rounds(4)
	memos := make(map[string]string)
	for _, p := range c.net.Books() {
		memos[p.Amount] = p.MemoType + " " + p.Memo
	}
	for i, o := range orders {
		if got := c.store.Order(o.ID); got.Status != settlement.OrderSettled || c.paid(o) != 1 {
			t.Errorf("order %d: got %s, paid %d times", i, got.Status, c.paid(o))
		}
		memo, alone := memos[o.Amount.Decimal()], o.Destination == wants.Address()
		if alone && memo != "text "+o.Memo || !alone && !strings.HasPrefix(memo, "hash ") {
			t.Errorf("order %d: got memo %q", i, memo)
		}
	}
	if n := len(c.store.Attempts()); n != 3 {
		t.Errorf("got %d attempts, want two alone and one together", n)
	}
}

// TestNettedMayGoToMemoRequired: the partner of a netted payment tells it by its
// root, as agreed.
func TestNettedMayGoToMemoRequired(t *testing.T) { both(t, nettedMayGoToMemoRequired) }

func nettedMayGoToMemoRequired(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	k := c.destination("a")
	c.wantMemo(k)
	one, two := c.order(k.Address()), c.order(k.Address())
	one.Mode, two.Mode = settlement.ModeNetted, settlement.ModeNetted
	c.store.Enqueue(one, two)
	c.rounds(2)
	for _, o := range []settlement.Order{one, two} {
		if got := c.store.Order(o.ID); got.Status != settlement.OrderSettled {
			t.Errorf("got %+v", got)
		}
	}
	books := c.net.Books()
	want := settlement.Root([]settlement.Order{one, two}).String()
	if last := books[len(books)-1]; last.MemoType != "hash" || !strings.EqualFold(hexMemo(t, last.Memo), want) {
		t.Errorf("got memo %s %q, want the hash %s", last.MemoType, last.Memo, want)
	}
}

func TestRedeemingIssuerIsPaid(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	c.rail = c.newRail(func(o *stellar.Options) { o.Coins[0].Redeems = true })
	if _, reason := c.rejected(c.order(c.issuer.Address())); reason != "" {
		t.Errorf("got %q, want the issuer payable: it redeems", reason)
	}
}

// euro is a second coin of the rail's, of an issuer of its own.
func (c *chain) euro() stellar.Coin {
	return stellar.Coin{Asset: remit.Asset{Code: "EURC_STELLAR", Scale: 7}, Code: "EURC", Issuer: key("euro issuer").Address()}
}

// withEuro opens the second coin and makes the rail pay in both.
func withEuro(t *testing.T, newChain makeChain) *chain {
	t.Helper()
	c := newChain(t, 2)
	issuer := key("euro issuer")
	must(t, c.net.CreateAccount(t.Context(), issuer.Address(), "100"))
	c.setRail(func(o *stellar.Options) { o.Coins = append(o.Coins, c.euro()) })
	must(t, c.setup(c.rail))
	must(t, c.net.Issue(t.Context(), issuer, "EURC", c.treasury.Address(), "70"))
	return c
}

func TestTwoCoinsInOneTransaction(t *testing.T) { both(t, twoCoinsInOneTransaction) }

func twoCoinsInOneTransaction(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := withEuro(t, newChain)
	must(t, c.rail.Health(t.Context()))
	euro := c.euro()
	for asset, want := range map[remit.Asset]int64{remit.USDCStellar: 5000_0000000, euro.Asset: 70_0000000} {
		if got, err := c.rail.Balance(t.Context(), asset); err != nil || got != remit.NewMoney(asset, want) {
			t.Errorf("got %s and %v, want %d of %s", got, err, want, asset)
		}
	}
	if got := c.rail.Assets(); len(got) != 2 || got[0] != remit.USDCStellar || got[1] != euro.Asset {
		t.Errorf("got assets %v", got)
	}
	both, one := c.destination("both"), c.destination("one")
	must(t, c.net.Trust(t.Context(), both, euro.Code, euro.Issuer))
	orders := []settlement.Order{c.order(both.Address()), c.order(both.Address()), c.order(one.Address())}
	orders[1].Amount.Asset, orders[2].Amount.Asset = euro.Asset, euro.Asset
	c.store.Enqueue(orders...)
	c.rounds(2)
	c.want(settlement.OrderSettled, "", orders[0])
	c.want(settlement.OrderFailed, remit.ReasonDestinationInvalid, orders[2])
	if got := c.store.Order(orders[1].ID); got.Status != settlement.OrderSettled || len(c.store.Attempts()) != 1 {
		t.Errorf("got %+v in %d attempts, want both in one", got, len(c.store.Attempts()))
	}
	if n, _ := c.net.Balance(both.Address(), euro.String()); n != orders[1].Amount.Minor {
		t.Errorf("got %d stroops of euro paid, want %d", n, orders[1].Amount.Minor)
	}
}

// TestFrozenCoinLeavesTheOthers: orders in a coin that the treasury cannot pay go
// another way, the rest is paid.
func TestFrozenCoinLeavesTheOthers(t *testing.T) { both(t, frozenCoinLeavesTheOthers) }

func frozenCoinLeavesTheOthers(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := withEuro(t, newChain)
	euro, d := c.euro(), c.destination("a")
	must(t, c.net.Trust(t.Context(), d, euro.Code, euro.Issuer))
	_, err := c.net.Apply(t.Context(), key("euro issuer"), nil,
		&txnbuild.SetOptions{SetFlags: []txnbuild.AccountFlag{txnbuild.AuthRequired, txnbuild.AuthRevocable}},
		&txnbuild.SetTrustLineFlags{Trustor: c.treasury.Address(), Asset: txnbuild.CreditAsset{Code: euro.Code, Issuer: euro.Issuer},
			ClearFlags: []txnbuild.TrustLineFlag{txnbuild.TrustLineAuthorized}})
	must(t, err)
	orders := []settlement.Order{c.order(d.Address()), c.order(d.Address())}
	orders[1].Amount.Asset = euro.Asset
	c.store.Enqueue(orders...)
	c.rounds(2)
	c.want(settlement.OrderSettled, "", orders[0])
	c.want(settlement.OrderFailed, remit.ReasonRailUnavailable, orders[1])
	if err := c.rail.Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("got %v, want the health to tell", err)
	}
}
