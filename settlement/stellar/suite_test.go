package stellar_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stellar/go-stellar-sdk/keypair"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
)

func TestSuite(t *testing.T) { both(t, suite) }

func suite(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	settlementtest.Run(t, func(t *testing.T) *settlementtest.Harness {
		t.Parallel()
		c := newChain(t, 4)
		made := make(map[string]*keypair.Full)
		var n atomic.Int32
		return &settlementtest.Harness{
			Rail: c.rail, Clock: c.clock, LandsLate: true,
			Restart: func(testing.TB) settlement.Rail { return c.newRail(nil) },
			Destination: func(testing.TB) string {
				k := c.destination(fmt.Sprint(n.Add(1)))
				made[k.Address()] = k
				return k.Address()
			},
			BadDestination: func(t testing.TB) string {
				k := key(fmt.Sprint("distrustful ", n.Add(1)))
				must(t, c.net.CreateAccount(t.Context(), k.Address(), "10"))
				return k.Address()
			},
			Spoil: func(_ testing.TB, destination string) { c.distrust(made[destination]) },
			Advance: func(testing.TB) {
				if c.stall > 0 {
					c.stall--
					c.clock.Advance(ledgerTime)
					return
				}
				c.advance()
			},
			Expire: func(testing.TB) {
				if c.stall == 0 {
					c.advance() // what the network has taken lands first
				}
				c.expire()
			},
			Misbehave: func(t testing.TB, f settlementtest.Faults) {
				must(t, c.net.SetFaults(horizon.Faults{Down: f.Down, LoseReplies: f.LoseReplies, DropSubmits: f.DropSubmits}))
				c.stall = f.LandLate
				c.answering(c.refusing(f)) //nolint:bodyclose // the client that asked closes it
			},
			Books: func(testing.TB) []settlementtest.Payment {
				var out []settlementtest.Payment
				for _, p := range c.net.Books() {
					if p.From == c.treasury.Address() && p.Asset == "USDC:"+c.issuer.Address() {
						out = append(out, settlementtest.Payment{Hash: p.Hash, Destination: p.To, Amount: p.Stroops, Memo: p.Memo})
					}
				}
				return out
			},
		}
	})
}

// refusing answers some calls with 429, and some questions after a transaction as
// if it had never been seen; nil when it would do neither.
func (c *chain) refusing(f settlementtest.Faults) func(*http.Request) *http.Response {
	if f.RateLimitPct == 0 && f.HidePct == 0 {
		return nil
	}
	rng, mu := rand.New(rand.NewPCG(1, uint64(f.RateLimitPct))), sync.Mutex{}
	hits := func(percent int) bool {
		mu.Lock()
		defer mu.Unlock()
		return rng.IntN(100) < percent
	}
	return func(req *http.Request) *http.Response {
		switch {
		case hits(f.RateLimitPct):
			return canned(req, http.StatusTooManyRequests, `{"type":"https://stellar.org/horizon-errors/rate_limit_exceeded","title":"Rate Limit Exceeded","status":429}`)
		case hits(f.HidePct):
			return c.hidden(req)
		default:
			return nil
		}
	}
}

func TestCrashBetweenSaveAndSubmit(t *testing.T) { both(t, crashBetweenSaveAndSubmit) }

func crashBetweenSaveAndSubmit(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	orders := c.place(c.destination("a").Address())
	a := c.prepare(orders...)
	must(t, c.store.SaveAttempt(t.Context(), a))
	c.rounds(2)
	c.want(settlement.OrderSettled, "", orders...)
	if got := c.store.Attempts(); len(got) != 1 || got[0].Hash != a.Hash {
		t.Errorf("got %d attempts, want the stored one alone", len(got))
	}
}

func TestHundredInOneTransaction(t *testing.T) { both(t, hundredInOneTransaction) }

func hundredInOneTransaction(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	list := make([]string, 100)
	for i := range list {
		list[i] = c.destination(fmt.Sprint(i)).Address()
	}
	orders := c.place(list...)
	c.rounds(1)
	c.want(settlement.OrderSettled, "", orders...)
	if a := c.store.Attempts(); len(a) != 1 || a[0].Fee.Minor != 100*100 {
		t.Errorf("got %d attempts, the first for %s; want one for 10000 stroops", len(a), a[0].Fee)
	}
}

func TestCulpritIsTakenOut(t *testing.T) { both(t, culpritIsTakenOut) }

func culpritIsTakenOut(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	good, bad := c.destination("good"), c.destination("bad")
	c.prepare(c.order(bad.Address())) // believed from now on
	c.distrust(bad)
	orders := c.place(good.Address(), bad.Address(), good.Address())
	c.rounds(4)
	c.want(settlement.OrderSettled, "", orders[0], orders[2])
	c.want(settlement.OrderFailed, remit.ReasonDestinationInvalid, orders[1])
	if a := c.store.Attempts(); len(a) != 2 || a[0].Result == "" || !a[0].Fee.IsPositive() {
		t.Errorf("got attempts %+v, want a failed one with its result and fee and a settled one", a)
	}
}

func TestTwoChannelsInParallel(t *testing.T) { both(t, twoChannelsInParallel) }

func twoChannelsInParallel(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 2)
	d := c.destination("a").Address()
	first := c.place(d)
	c.step()
	second := c.place(d)
	c.step()
	open, err := c.store.OpenAttempts(t.Context(), remit.RailStellar)
	must(t, err)
	if len(open) != 2 || open[0].Source == open[1].Source || c.net.Pending() != 2 {
		t.Fatalf("got %d open attempts, %d pending; want two on two channels", len(open), c.net.Pending())
	}
	c.rounds(1)
	c.want(settlement.OrderSettled, "", first[0], second[0])
}

func TestInsufficientTreasury(t *testing.T) { both(t, insufficientTreasury) }

func insufficientTreasury(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	d := c.destination("a").Address()
	rich, poor := c.order(d), c.order(d)
	poor.Amount.Minor = 5000_0000000
	c.store.Enqueue(rich, poor)
	c.rounds(4)
	c.want(settlement.OrderSettled, "", rich)
	c.want(settlement.OrderFailed, remit.ReasonTreasuryShort, poor)
}

func TestBusyIsNotUnusable(t *testing.T) { both(t, busyIsNotUnusable) }

func busyIsNotUnusable(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	d := c.destination("a").Address()
	first := c.place(d)
	c.step()
	second := c.place(d)
	for range 4 { // the network stalls for longer than the engine would wait for an unusable rail
		c.clock.Advance(ledgerTime)
		c.step()
	}
	c.want(settlement.OrderQueued, "", second...)
	c.rounds(3)
	c.want(settlement.OrderSettled, "", first[0], second[0])
}

func TestOneHiccupDoesNotFailOldOrders(t *testing.T) { both(t, oneHiccupDoesNotFailOldOrders) }

func oneHiccupDoesNotFailOldOrders(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	must(t, c.net.SetFaults(horizon.Faults{DropSubmits: 1000}))
	orders := c.place(c.destination("a").Address())
	c.step()
	c.expire()
	c.step() // known failed, queued again
	must(t, c.net.SetFaults(horizon.Faults{Down: true}))
	c.step()
	c.want(settlement.OrderQueued, "", orders...)
	must(t, c.net.SetFaults(horizon.Faults{}))
	c.rounds(2)
	c.want(settlement.OrderSettled, "", orders...)
}
