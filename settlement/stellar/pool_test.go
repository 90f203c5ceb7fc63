package stellar_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

func channelKey(number int) (string, error) {
	return key(fmt.Sprint("channel ", number)).Address(), nil
}

// pooled makes the rail open channels itself.
func (c *chain) pooled(least, most int) {
	c.t.Helper()
	c.setRail(func(o *stellar.Options) {
		o.Channels, o.ChannelKey, o.MinChannels, o.MaxChannels = nil, channelKey, least, most
	})
}

// alone enqueues an order that wants a transaction of its own.
func (c *chain) alone(destination string) settlement.Order {
	o := c.order(destination)
	o.Mode = settlement.ModeSingle
	c.store.Enqueue(o)
	return o
}

// open counts the attempts that are open, each on a channel of its own.
func (c *chain) open() int {
	c.t.Helper()
	list, err := c.store.OpenAttempts(c.t.Context(), remit.RailStellar)
	must(c.t, err)
	sources := make(map[string]bool)
	for _, a := range list {
		sources[a.Source] = true
	}
	if len(sources) != len(list) {
		c.t.Errorf("%d attempts share %d channels", len(list), len(sources))
	}
	return len(list)
}

func TestPoolGrowsUnderLoad(t *testing.T) { both(t, poolGrowsUnderLoad) }

func poolGrowsUnderLoad(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	c.pooled(1, 3)
	must(t, c.setup(c.rail))
	d := c.destination("a").Address()
	var orders []settlement.Order
	for range 40 {
		orders = append(orders, c.alone(d))
	}
	most := 0
	for range 60 {
		c.step()
		most = max(most, c.open())
		c.clock.Advance(2 * time.Second) // more looks than ledgers
		c.step()
		most = max(most, c.open())
		c.advance()
	}
	c.want(settlement.OrderSettled, "", orders...)
	if most != 3 {
		t.Errorf("got %d attempts open at most, want as many as the pool may have", most)
	}
	// Another process finds them again, without any load.
	c.pooled(1, 3)
	must(t, c.setup(c.rail))
	for range 3 {
		c.alone(d)
	}
	c.step()
	if n := c.open(); n != 3 {
		t.Errorf("after a restart: got %d attempts open, want 3", n)
	}
}

func TestPoolDoesNotGrowWithoutLoad(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	c.pooled(1, 3)
	must(t, c.setup(c.rail))
	d := c.destination("a").Address()
	for range 5 {
		c.alone(d)
		c.rounds(2)
	}
	if c.net.HasAccount(key("channel 1").Address()) {
		t.Error("a channel was opened for nothing")
	}
}

// drain leaves a channel with so many stroops above its reserve.
func (c *chain) drain(stroops int64) {
	c.t.Helper()
	_, err := c.net.Apply(c.t.Context(), c.signer.held[c.channels[0]], nil, &txnbuild.Payment{
		Destination: c.treasury.Address(), Asset: txnbuild.NativeAsset{},
		Amount: remit.NewMoney(remit.USDCStellar, 9_0000000-stroops-100).Decimal(),
	})
	must(c.t, err)
}

func TestLowChannelIsToppedUp(t *testing.T) { both(t, lowChannelIsToppedUp) }

func lowChannelIsToppedUp(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	c.drain(50) // too few for any fee
	orders := c.place(c.destination("a").Address())
	for range 2 {
		c.step() // seen to be low; sent
		c.clock.Advance(5 * time.Second)
	}
	c.setRail(nil) // another process, which knows nothing of what was sent
	for range 2 {
		c.step()
		c.clock.Advance(5 * time.Second)
	}
	if c.net.Pending() != 1 {
		t.Fatalf("got %d pending, want one top-up", c.net.Pending())
	}
	c.advance()
	c.rounds(4)
	c.want(settlement.OrderSettled, "", orders...)
	c.expire()
	c.rounds(3)
	if lumens, _ := c.net.Balance(c.channels[0], "native"); lumens > 1_0000000+50+10_0000000 {
		t.Errorf("got %d stroops on the channel, want it topped up once", lumens)
	}
}

// TestPoorTreasuryTopsUpNothing: it keeps what it needs itself.
func TestPoorTreasuryTopsUpNothing(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	_, err := c.net.Apply(t.Context(), c.treasury, nil,
		&txnbuild.Payment{Destination: c.issuer.Address(), Amount: "997", Asset: txnbuild.NativeAsset{}})
	must(t, err)
	c.drain(1000)
	orders := c.place(c.destination("a").Address())
	c.rounds(3)
	c.want(settlement.OrderSettled, "", orders...)
	if err := c.rail.Maintain(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("got %v, want a call for lumens", err)
	}
}

func TestSetupRefusesSharedChannels(t *testing.T) { both(t, setupRefusesSharedChannels) }

func setupRefusesSharedChannels(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	for name, change := range map[string]*txnbuild.SetOptions{
		"another signer": {Signer: &txnbuild.Signer{Address: key("somebody").Address(), Weight: 1}},
		"no weight":      {MasterWeight: txnbuild.NewThreshold(0)},
	} {
		c := newChain(t, 2)
		_, err := c.net.Apply(t.Context(), c.signer.held[c.channels[0]], nil, change)
		must(t, err)
		if err := c.setup(c.rail); remit.KindOf(err) != remit.KindPrecondition || !strings.Contains(err.Error(), c.channels[0]) {
			t.Errorf("%s: got %v, want the channel refused", name, err)
		}
		d := c.destination("a").Address()
		for range 3 {
			if a := c.prepare(c.order(d)); a.Source != c.channels[1] {
				t.Errorf("%s: got channel %s used", name, a.Source)
			}
		}
	}
}

func TestMovedSequenceNumber(t *testing.T) { both(t, movedSequenceNumber) }

func movedSequenceNumber(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	var log bytes.Buffer
	c.setRail(func(o *stellar.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	d := c.destination("a").Address()
	first := c.place(d)
	c.rounds(1)
	_, err := c.net.Apply(t.Context(), c.signer.held[c.channels[0]], nil, &txnbuild.BumpSequence{BumpTo: 0})
	must(t, err)
	second := c.place(d)
	c.rounds(2)
	c.want(settlement.OrderSettled, "", first[0], second[0])
	all := c.store.Attempts()
	if len(all) != 2 || all[1].Sequence != all[0].Sequence+2 {
		t.Errorf("got attempts %+v, want the second two numbers on", all)
	}
	if strings.Count(log.String(), "moved by somebody else") != 1 {
		t.Errorf("got log %q, want it told once", log.String())
	}
}
