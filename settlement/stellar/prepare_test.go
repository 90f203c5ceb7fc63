package stellar_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

func TestBoundCountsFromTheLaterClock(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	order := c.order(c.destination("a").Address())
	ledger := c.clock.Now()
	for skew, want := range map[time.Duration]time.Time{
		-2 * time.Hour:   ledger.Add(bound), // our clock is behind: a bound by it would be past at once
		0:                ledger.Add(bound),
		30 * time.Second: ledger.Add(30*time.Second + bound),
	} {
		rail := c.newRail(func(o *stellar.Options) { o.Clock = remit.NewFakeClock(ledger.Add(skew)) })
		a, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil)
		must(t, err)
		if a.Expiry != want.Unix() {
			t.Errorf("skew %s: got a bound at %d, want %d", skew, a.Expiry, want.Unix())
		}
		if err := rail.Health(t.Context()); (err != nil) != (skew < 0) {
			t.Errorf("skew %s: got health %v", skew, err)
		}
	}
}

func TestMuxedDestinationIsPaid(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	account := c.destination("a").Address()
	muxed := muxedOf(t, account, 77)
	orders := c.place(muxed, account)
	c.rounds(1)
	for _, o := range orders {
		if got := c.store.Order(o.ID); got.Status != settlement.OrderSettled || c.paid(o) != 1 {
			t.Errorf("%s: got %s, paid %d times", o.Destination, got.Status, c.paid(o))
		}
	}
	if o, reason := c.rejected(c.order(muxedOf(t, c.treasury.Address(), 1))); reason != remit.ReasonDestinationInvalid {
		t.Errorf("%s: got %q, want the treasury itself refused", o.Destination, reason)
	}
}

func muxedOf(t testing.TB, account string, id uint64) string {
	t.Helper()
	muxed, err := xdr.MuxedAccountFromAccountId(account, id)
	must(t, err)
	return muxed.Address()
}

// rejected prepares one order and returns why it was rejected.
func (c *chain) rejected(o settlement.Order) (settlement.Order, remit.Reason) {
	c.t.Helper()
	a, rejected, err := c.rail.Prepare(c.t.Context(), settlement.Batch{Orders: []settlement.Order{o}}, nil)
	if err != nil || (a == nil) == (rejected[o.ID] == "") {
		c.t.Fatalf("prepare: got %v, %v, %v", a, rejected, err)
	}
	return o, rejected[o.ID]
}

func TestMemos(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	d := c.destination("a").Address()
	for memo, want := range map[string]remit.Reason{
		strings.Repeat("m", 28): "", strings.Repeat("m", 29): remit.ReasonFieldInvalid, "": "",
		strings.Repeat("é", 15): remit.ReasonFieldInvalid, "\xff": remit.ReasonFieldInvalid,
	} {
		o := c.order(d)
		o.Memo = memo
		if _, reason := c.rejected(o); reason != want {
			t.Errorf("memo %q: got %q, want %q", memo, reason, want)
		}
	}
}

// TestRefusedOrderDoesNotHoldUpTheOthers lets the signer's policy refuse one
// order in the middle of a batch.
func TestRefusedOrderDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	c := newChain(t, 4)
	d := c.destination("a").Address()
	orders := c.place(d, d, d, d, d, d, d)
	c.signer.refuse = func(r settlement.SignRequest) error {
		for _, o := range r.Batch.Orders {
			if o.ID == orders[4].ID {
				return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "not released")
			}
		}
		return nil
	}
	c.rounds(6)
	c.want(settlement.OrderSettled, "", orders[0], orders[1], orders[2], orders[3], orders[5], orders[6])
	c.want(settlement.OrderFailed, remit.ReasonSettlementFailed, orders[4])
}

func TestWrongSignatureIsNotStored(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	c.signer.forger = key("somebody else")
	orders := c.place(c.destination("a").Address())
	for range 4 {
		c.step()
		c.advance()
	}
	c.want(settlement.OrderFailed, remit.ReasonRailUnavailable, orders...)
	if n := len(c.store.Attempts()); n > 0 {
		t.Errorf("got %d attempts, want none", n)
	}
}

func TestUnusableTreasuryGivesUpUnsent(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(c *chain){
		"key without weight": func(c *chain) {
			_, err := c.net.Apply(t.Context(), c.treasury, nil, &txnbuild.SetOptions{MediumThreshold: txnbuild.NewThreshold(2)})
			must(t, err)
		},
		"frozen": func(c *chain) {
			_, err := c.net.Apply(t.Context(), c.issuer, nil,
				&txnbuild.SetOptions{SetFlags: []txnbuild.AccountFlag{txnbuild.AuthRequired, txnbuild.AuthRevocable}},
				&txnbuild.SetTrustLineFlags{Trustor: c.treasury.Address(), Asset: txnbuild.CreditAsset{Code: "USDC", Issuer: c.issuer.Address()},
					ClearFlags: []txnbuild.TrustLineFlag{txnbuild.TrustLineAuthorized}})
			must(t, err)
		},
		"channel of another key": func(c *chain) {
			_, err := c.net.Apply(t.Context(), c.signer.held[c.channels[0]], nil, &txnbuild.SetOptions{MasterWeight: txnbuild.NewThreshold(0)})
			must(t, err)
		},
	} {
		c := newChain(t, 1)
		orders := c.place(c.destination("a").Address())
		spoil(c)
		for range 4 {
			c.step()
			c.advance()
		}
		c.want(settlement.OrderFailed, remit.ReasonRailUnavailable, orders...)
		if n := len(c.store.Attempts()); n > 0 {
			t.Errorf("%s: got %d attempts, want none", name, n)
		}
	}
}

func TestChannelsInUse(t *testing.T) {
	t.Parallel()
	c := newChain(t, 2)
	order := []settlement.Order{c.order(c.destination("a").Address())}
	if _, _, err := c.rail.Prepare(t.Context(), settlement.Batch{Orders: order}, c.channels); !errors.Is(err, settlement.ErrBusy) {
		t.Errorf("got %v, want busy", err)
	}
	for _, channel := range c.channels {
		a, _, err := c.rail.Prepare(t.Context(), settlement.Batch{Orders: order}, []string{channel})
		must(t, err)
		if a.Source == channel {
			t.Error("an occupied channel was taken")
		}
	}
}

// TestLaggingSequenceNumberIsNotUsed reads a channel from a server that has not
// seen the channel's last payment.
func TestLaggingSequenceNumberIsNotUsed(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	order := c.order(c.destination("a").Address())
	a := c.prepare(order)
	resp, err := http.Get(c.url + "/accounts/" + a.Source)
	must(t, err)
	old := read(t, resp)
	c.rail.Submit(t.Context(), a)
	c.advance()
	c.lookup(a, settlement.OutcomeSettled)
	c.answering(func(req *http.Request) *http.Response {
		if req.URL.Path == "/accounts/"+a.Source {
			return canned(req, http.StatusOK, old)
		}
		return nil
	})
	if _, _, err := c.rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	c.answering(nil)
	if next := c.prepare(order); next.Sequence != a.Sequence+1 {
		t.Errorf("got sequence number %d, want %d", next.Sequence, a.Sequence+1)
	}
}

func TestBidKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	order := c.order(c.destination("a").Address())
	for stats, want := range map[[2]int64]uint32{{100, 100}: 100, {50, 50}: 100, {100, 700}: 700, {900, 700}: 900, {1 << 40, 1 << 50}: 1000} {
		c.answering(func(req *http.Request) *http.Response {
			if req.URL.Path != "/fee_stats" {
				return nil
			}
			return canned(req, http.StatusOK, fmt.Sprintf(`{"last_ledger":"1","last_ledger_base_fee":"%d","ledger_capacity_usage":"0.1",`+
				`"fee_charged":{"p80":"%d"},"max_fee":{"p80":"1"}}`, stats[0], stats[1]))
		})
		rail := c.newRail(func(o *stellar.Options) { o.MaxFee = 1000 })
		a, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil)
		must(t, err)
		var envelope xdr.TransactionEnvelope
		must(t, xdr.SafeUnmarshalBase64(string(a.Bytes), &envelope))
		if got := envelope.Fee(); got != want {
			t.Errorf("%v: got a bid of %d, want %d", stats, got, want)
		}
	}
}

func TestNewRefusesNonsense(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	for name, change := range map[string]func(o *stellar.Options){
		"no horizon":          func(o *stellar.Options) { o.Horizon = "" },
		"no network":          func(o *stellar.Options) { o.Passphrase = "" },
		"no channels":         func(o *stellar.Options) { o.Channels = nil },
		"a channel twice":     func(o *stellar.Options) { o.Channels = []string{c.channels[0], c.channels[0]} },
		"treasury as channel": func(o *stellar.Options) { o.Channels = []string{c.treasury.Address()} },
		"a secret":            func(o *stellar.Options) { o.Treasury = keypair.MustRandom().Seed() },
		"no signer":           func(o *stellar.Options) { o.Signer = nil },
		"no clock":            func(o *stellar.Options) { o.Clock = nil },
		"no pool and fixed channels": func(o *stellar.Options) {
			o.ChannelKey, o.MinChannels, o.MaxChannels = channelKey, 1, 2
		},
		"a pool of none": func(o *stellar.Options) { o.Channels, o.ChannelKey = nil, channelKey },
		"a pool that shrinks": func(o *stellar.Options) {
			o.Channels, o.ChannelKey, o.MinChannels, o.MaxChannels = nil, channelKey, 3, 2
		},
		"a negative bound": func(o *stellar.Options) { o.Bound = -1 },
		"no coin":          func(o *stellar.Options) { o.Coins = nil },
		"a coin twice":     func(o *stellar.Options) { o.Coins = []stellar.Coin{c.usdc(), c.usdc()} },
		"a coin of six decimals": func(o *stellar.Options) {
			o.Coins = []stellar.Coin{{Asset: remit.USDCSolana, Code: "USDC", Issuer: c.issuer.Address()}}
		},
		"a coin without a code": func(o *stellar.Options) {
			o.Coins = []stellar.Coin{{Asset: remit.USDCStellar, Issuer: c.issuer.Address()}}
		},
	} {
		o := stellar.Options{Horizon: c.url, Passphrase: passphrase, Coins: []stellar.Coin{c.usdc()}, Treasury: c.treasury.Address(),
			Channels: c.channels, Signer: c.signer, Clock: c.clock}
		change(&o)
		if _, err := stellar.New(o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
