package stellar_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/stellar"
)

// bazaar is a network with a market that gives euros for dollars, and a
// destination that takes euros only.
type bazaar struct {
	*chain
	maker, payee *keypair.Full
	euros        txnbuild.CreditAsset
}

func newBazaar(t *testing.T, slippage, least int64) *bazaar {
	t.Helper()
	b := &bazaar{chain: newChain(t, 1)}
	issuer := key("euro issuer")
	b.euros = txnbuild.CreditAsset{Code: "EURC", Issuer: issuer.Address()}
	must(t, b.net.CreateAccount(t.Context(), issuer.Address(), "100"))
	b.maker, b.payee = b.destination("maker"), b.stranger("euro payee")
	for _, k := range []*keypair.Full{b.maker, b.payee} {
		must(t, b.net.Trust(t.Context(), k, "EURC", issuer.Address()))
	}
	must(t, b.net.Issue(t.Context(), issuer, "EURC", b.maker.Address(), "1000"))
	b.setRail(func(o *stellar.Options) {
		o.Swaps = map[string]stellar.Swap{b.payee.Address(): {Code: "EURC", Issuer: issuer.Address(), Slippage: slippage}}
	})
	b.signer.SetPolicy(signer.Policy{StellarPassphrase: passphrase, StellarAssets: b.rail.AssetNames(),
		StellarSwaps: map[string]signer.StellarSwap{b.payee.Address(): {Asset: "EURC:" + issuer.Address(), Least: least}}})
	return b
}

// sell offers euros, each for so many cents.
func (b *bazaar) sell(euros string, cents int32) {
	b.t.Helper()
	_, err := b.net.Apply(b.t.Context(), b.maker, nil, &txnbuild.ManageSellOffer{
		Selling: b.euros, Buying: b.credit(), Amount: euros, Price: xdr.Price{N: xdr.Int32(cents), D: 100},
	})
	must(b.t, err)
}

func (b *bazaar) arrived() int64 {
	n, _ := b.net.Balance(b.payee.Address(), b.euros.Code+":"+b.euros.Issuer)
	return n
}

func TestSwapOnTheWay(t *testing.T) {
	t.Parallel()
	b := newBazaar(t, 100, 7_000)
	b.sell("100", 125)
	o, plain := b.order(b.payee.Address()), b.order(b.destination("plain").Address())
	o.Amount.Minor = 10_0000000
	b.store.Enqueue(o, plain)
	b.rounds(2)
	b.want(settlement.OrderSettled, "", plain)
	if got := b.store.Order(o.ID); got.Status != settlement.OrderSettled || b.arrived() != 8_0000000 || len(b.store.Attempts()) != 1 {
		t.Errorf("got %+v and %d stroops of euros, want 8 euros in the same transaction", got, b.arrived())
	}
}

// TestPriceMovesBeyondTheSlippage between the promise and the ledger: nothing is
// sent, and the order may go another way.
func TestPriceMovesBeyondTheSlippage(t *testing.T) {
	t.Parallel()
	b := newBazaar(t, 100, 1)
	b.sell("100", 125)
	orders := b.place(b.payee.Address())
	a := b.prepare(orders...)
	must(t, b.store.SaveAttempt(t.Context(), a))
	_, err := b.net.Apply(t.Context(), b.maker, nil, &txnbuild.ManageSellOffer{
		Selling: b.euros, Buying: b.credit(), Amount: "100", Price: xdr.Price{N: 128, D: 100}, OfferID: b.offer()})
	must(t, err)
	b.rounds(3)
	b.want(settlement.OrderFailed, remit.ReasonRailUnavailable, orders...)
	if b.arrived() != 0 {
		t.Errorf("got %d stroops of euros, want none", b.arrived())
	}
}

// offer is the id of the maker's offer.
func (b *bazaar) offer() int64 {
	b.t.Helper()
	resp, err := http.Get(b.url + "/accounts/" + b.maker.Address() + "/offers")
	must(b.t, err)
	text := read(b.t, resp)
	var page struct {
		Embedded struct {
			Records []struct {
				ID int64 `json:"id,string"`
			} `json:"records"`
		} `json:"_embedded"`
	}
	must(b.t, json.Unmarshal([]byte(text), &page))
	return page.Embedded.Records[0].ID
}

func TestSwapsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		least  int64
		change func(b *bazaar)
		want   remit.Reason
	}{
		"no market":                  {1, func(*bazaar) {}, remit.ReasonRailUnavailable},
		"a price that is no price":   {7_000, func(b *bazaar) { b.sell("100", 500) }, remit.ReasonSettlementFailed},
		"a market that is too thin":  {1, func(b *bazaar) { b.sell("0.1", 125) }, remit.ReasonRailUnavailable},
		"no trustline for the euros": {1, func(b *bazaar) { b.sell("100", 125); b.distrustEuros() }, remit.ReasonDestinationInvalid},
	} {
		b := newBazaar(t, 100, test.least)
		test.change(b)
		if _, reason := b.rejected(b.order(b.payee.Address())); reason != test.want {
			t.Errorf("%s: got %q, want %q", name, reason, test.want)
		}
	}
}

func (b *bazaar) distrustEuros() {
	b.t.Helper()
	asset, err := b.euros.ToChangeTrustAsset()
	must(b.t, err)
	_, err = b.net.Apply(b.t.Context(), b.payee, nil, &txnbuild.ChangeTrust{Line: asset, Limit: "0"})
	must(b.t, err)
}

// TestSlippageIsRoundedForThePayee, to the stroop.
func TestSlippageIsRoundedForThePayee(t *testing.T) {
	t.Parallel()
	for slippage, want := range map[int64]xdr.Int64{0: 8_0000001, 1: 7_9992001, 1000: 7_2000001} {
		b := newBazaar(t, slippage, 1)
		b.sell("100", 125)
		o := b.order(b.payee.Address())
		o.Amount.Minor = 10_0000002 // 8.00000016 euros, of which the market gives 8.0000001
		a := b.prepare(o)
		var e xdr.TransactionEnvelope
		must(t, xdr.SafeUnmarshalBase64(string(a.Bytes), &e))
		op := e.Operations()[0].Body.MustPathPaymentStrictSendOp()
		if op.DestMin != want || op.SendAmount != 10_0000002 {
			t.Errorf("slippage %d: got %d for %d, want %d", slippage, op.DestMin, op.SendAmount, want)
		}
	}
}

func TestSwapNeedsAServerWithMarkets(t *testing.T) {
	t.Parallel()
	b := newBazaar(t, 100, 1)
	b.sell("100", 125)
	b.overRPC = true
	b.rail = b.newRail(func(o *stellar.Options) {
		o.Swaps = map[string]stellar.Swap{b.payee.Address(): {Code: "EURC", Issuer: b.euros.Issuer}}
	})
	if _, reason := b.rejected(b.order(b.payee.Address())); reason != remit.ReasonRailUnavailable {
		t.Errorf("got %q, want another way", reason)
	}
}

func TestSwapOptions(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	good := stellar.Swap{Code: "EURC", Issuer: c.issuer.Address()}
	for name, swaps := range map[string]map[string]stellar.Swap{
		"no address":      {"X": good},
		"no issuer":       {c.issuer.Address(): {Code: "EURC"}},
		"much slippage":   {c.issuer.Address(): {Code: "EURC", Issuer: c.issuer.Address(), Slippage: 1001}},
		"a negative loss": {c.issuer.Address(): {Code: "EURC", Issuer: c.issuer.Address(), Slippage: -1}},
	} {
		o := stellar.Options{Horizon: c.url, Passphrase: passphrase, Coins: []stellar.Coin{c.usdc()}, Treasury: c.treasury.Address(),
			Channels: c.channels, Signer: c.signer, Clock: c.clock, Swaps: swaps}
		if _, err := stellar.New(o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
