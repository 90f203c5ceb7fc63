package stellar_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/devnet/stellarrpc"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/stellar"
)

const (
	passphrase = "Remit Devnet ; November 2026"
	bound      = 60 * time.Second
	ledgerTime = 5 * time.Second
	// rpcWindow is for how many ledgers Stellar RPC keeps transactions.
	rpcWindow = 400
)

// public are the endpoints of Horizon's public API that the rail may use.
var public = regexp.MustCompile(`^(GET /|GET /fee_stats|GET /paths/strict-send|GET /claimable_balances/[0-9a-f]{72}(/operations)?|GET /accounts/G[A-Z2-7]{55}|GET /accounts/G[A-Z2-7]{55}/transactions|` +
	`GET /transactions/[0-9a-f]{64}|POST /transactions|POST /transactions_async)$`)

// publicRPC are the methods of Stellar RPC that the rail may use.
var publicRPC = regexp.MustCompile(`^POST /rpc get(Network|LedgerEntries|FeeStats|Transaction|Transactions)$|^POST /rpc sendTransaction$`)

// keys is the gateway's own keyring, of which a test can have the policy refuse
// or the signatures be wrong.
type keys struct {
	*signer.Keyring
	held   map[string]*keypair.Full
	refuse func(settlement.SignRequest) error
	forger *keypair.Full
}

func newKeys(t testing.TB, names ...string) *keys {
	t.Helper()
	k := &keys{held: make(map[string]*keypair.Full)}
	seeds := make(map[string][]byte)
	for _, name := range names {
		full := key(name)
		k.held[full.Address()] = full
		seed := seedOf(name)
		seeds[name] = seed[:]
	}
	ring, err := signer.NewKeyring(seeds)
	must(t, err)
	k.Keyring = ring
	return k
}

func (k *keys) Sign(ctx context.Context, r settlement.SignRequest) ([]byte, error) {
	if k.refuse != nil {
		if err := k.refuse(r); err != nil {
			return nil, err
		}
	}
	if k.forger != nil {
		return k.forger.Sign(r.Payload)
	}
	return k.Keyring.Sign(ctx, r)
}

// chain is a network with an issuer, a treasury of 5000 USDC and channels, and
// the way to it, on which a test may put its own answers.
type chain struct {
	t        testing.TB
	net      *horizon.Server
	clock    *remit.FakeClock
	url      string
	overRPC  bool
	issuer   *keypair.Full
	treasury *keypair.Full
	channels []string
	signer   *keys
	store    *settlementtest.Store
	engine   *settlement.Engine
	rail     *stellar.Rail
	orders   int
	// stall is how many Advances go by without a ledger.
	stall int

	mu sync.Mutex
	// answer replaces an answer of the network, when set and not nil.
	answer func(req *http.Request) *http.Response
	seen   map[string]bool
}

// makeChain makes a network with so many channels, for one kind of server.
type makeChain func(t testing.TB, channels int) *chain

// both runs a test over Horizon and over Stellar RPC.
func both(t *testing.T, test func(t *testing.T, newChain makeChain)) {
	t.Parallel()
	t.Run("horizon", func(t *testing.T) { test(t, newChain) })
	t.Run("rpc", func(t *testing.T) { test(t, newRPCChain) })
}

func newChain(t testing.TB, channels int) *chain    { return makeChainOver(t, channels, false) }
func newRPCChain(t testing.TB, channels int) *chain { return makeChainOver(t, channels, true) }

func makeChainOver(t testing.TB, channels int, overRPC bool) *chain {
	t.Helper()
	return makeChainOf(t, channels, overRPC, horizon.Options{})
}

// makeChainOf makes a network of its own size.
func makeChainOf(t testing.TB, channels int, overRPC bool, o horizon.Options) *chain {
	t.Helper()
	c := &chain{
		t: t, overRPC: overRPC, clock: remit.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)), seen: make(map[string]bool),
		issuer: key("issuer"), treasury: key("treasury"),
	}
	o.NetworkPassphrase, o.Now = passphrase, c.clock.Now
	net, err := horizon.New(o)
	must(t, err)
	c.net = net
	service, err := stellarrpc.New(net, stellarrpc.Options{Now: c.clock.Now, Window: rpcWindow})
	must(t, err)
	mux := http.NewServeMux()
	mux.Handle("/", net.Handler())
	mux.Handle("/rpc", service.Handler())
	srv := httptest.NewServer(mux)
	c.url = srv.URL
	t.Cleanup(func() { must(t, net.Close()); srv.Close() })
	names := []string{"treasury", "new treasury"}
	for i := range channels {
		names = append(names, fmt.Sprint("channel ", i))
		k := key(names[len(names)-1])
		c.channels = append(c.channels, k.Address())
		must(t, net.CreateAccount(t.Context(), k.Address(), "10"))
	}
	for _, k := range []*keypair.Full{c.issuer, c.treasury} {
		must(t, net.CreateAccount(t.Context(), k.Address(), "1000"))
	}
	must(t, net.Trust(t.Context(), c.treasury, "USDC", c.issuer.Address()))
	must(t, net.Issue(t.Context(), c.issuer, "USDC", c.treasury.Address(), "5000"))
	for i := channels; i < channels+4; i++ {
		names = append(names, fmt.Sprint("channel ", i)) // Held, and not opened yet.
	}
	c.signer = newKeys(t, names...)
	c.store = settlementtest.NewStore(t, c.clock)
	c.setRail(nil)
	return c
}

// setRail makes the rail and its engine anew; the signer's policy names the
// rail's coins.
func (c *chain) setRail(change func(*stellar.Options)) {
	c.t.Helper()
	c.rail = c.newRail(change)
	c.signer.SetPolicy(signer.Policy{StellarPassphrase: passphrase, StellarAssets: c.rail.AssetNames()})
	c.engine = settlement.NewEngine(settlement.EngineOptions{
		Rail: c.rail, Store: c.store, Clock: c.clock, Logger: slog.New(slog.DiscardHandler),
	})
}

// newRail makes the rail anew, as a process does that starts again.
func (c *chain) newRail(change func(*stellar.Options)) *stellar.Rail {
	c.t.Helper()
	o := stellar.Options{
		Horizon: c.url, Passphrase: passphrase, Coins: []stellar.Coin{c.usdc()}, Treasury: c.treasury.Address(), Channels: c.channels,
		Signer: c.signer, Clock: c.clock, HTTP: &http.Client{Transport: c}, Bound: bound,
	}
	if c.overRPC {
		o.Horizon, o.RPC = "", c.url+"/rpc"
	}
	if change != nil {
		change(&o)
	}
	rail, err := stellar.New(o)
	must(c.t, err)
	return rail
}

func (c *chain) usdc() stellar.Coin {
	return stellar.Coin{Asset: remit.USDCStellar, Code: "USDC", Issuer: c.issuer.Address()}
}

// RoundTrip lets through what the public API has.
func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	call := req.Method + " " + req.URL.Path
	if c.overRPC {
		call += " " + callOf(c.t, req).Method
	}
	if !c.overRPC && !public.MatchString(call) || c.overRPC && !publicRPC.MatchString(call) {
		c.t.Errorf("the rail calls %s, which is not of the public API", call)
	}
	c.mu.Lock()
	answer := c.answer
	c.seen[call] = true
	c.mu.Unlock()
	if answer != nil {
		if resp := answer(req); resp != nil {
			return resp, nil
		}
	}
	return http.DefaultTransport.RoundTrip(req)
}

// answering puts a test's own answers in the way; nil takes them away.
func (c *chain) answering(f func(req *http.Request) *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = f
}

// canned makes an answer.
func canned(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewBufferString(body)),
	}
}

// advance lets one ledger close.
func (c *chain) advance() {
	c.t.Helper()
	c.clock.Advance(ledgerTime)
	must(c.t, c.net.CloseLedger())
}

// expire lets the bound of everything that is signed go by.
func (c *chain) expire() {
	c.t.Helper()
	c.clock.Advance(bound + ledgerTime)
	must(c.t, c.net.CloseLedger())
}

// destination makes an account that can be paid.
func (c *chain) destination(name string) *keypair.Full {
	c.t.Helper()
	k := key("destination " + name)
	must(c.t, c.net.CreateAccount(c.t.Context(), k.Address(), "10"))
	must(c.t, c.net.Trust(c.t.Context(), k, "USDC", c.issuer.Address()))
	return k
}

// distrust takes a destination's trustline away.
func (c *chain) distrust(k *keypair.Full) {
	c.t.Helper()
	asset, err := txnbuild.CreditAsset{Code: "USDC", Issuer: c.issuer.Address()}.ToChangeTrustAsset()
	must(c.t, err)
	_, err = c.net.Apply(c.t.Context(), k, nil, &txnbuild.ChangeTrust{Line: asset, Limit: "0"})
	must(c.t, err)
}

// order makes an order of one USDC and as many stroops as there were orders.
func (c *chain) order(destination string) settlement.Order {
	c.orders++
	now := c.clock.Now()
	return settlement.Order{
		ID: remit.NewID[remit.OrderID](remit.PrefixOrder, now), Leg: 1, Rail: remit.RailStellar, TenantID: "ten_test",
		RemittanceID: remit.NewID[remit.RemittanceID](remit.PrefixRemittance, now), Destination: destination,
		Amount: remit.NewMoney(remit.USDCStellar, 10_000_000+int64(c.orders)), Memo: fmt.Sprint("order ", c.orders),
		Release: remit.NewID[remit.DecisionID](remit.PrefixDecision, now),
	}
}

// place enqueues orders and lets them gather.
func (c *chain) place(destinations ...string) []settlement.Order {
	orders := make([]settlement.Order, len(destinations))
	for i, d := range destinations {
		orders[i] = c.order(d)
		c.store.Enqueue(orders[i])
	}
	c.clock.Advance(time.Second)
	return orders
}

// step lets the engine do what there is to do now.
func (c *chain) step() {
	c.t.Helper()
	_, err := c.engine.Step(c.t.Context())
	must(c.t, err)
	c.engine.Wait()
}

// rounds lets engine and ledger work by turns.
func (c *chain) rounds(n int) {
	c.t.Helper()
	for range n {
		c.step()
		c.advance()
	}
	c.step()
}

// paid is how often the order's amount was paid to its destination.
func (c *chain) paid(o settlement.Order) int {
	n := 0
	for _, p := range c.net.Books() {
		if p.From == c.treasury.Address() && p.Asset == "USDC:"+c.issuer.Address() && p.Stroops == o.Amount.Minor {
			n++
		}
	}
	return n
}

// want checks how orders ended, and that just the settled ones were paid, once.
func (c *chain) want(status settlement.OrderStatus, reason remit.Reason, orders ...settlement.Order) {
	c.t.Helper()
	for _, o := range orders {
		got := c.store.Order(o.ID)
		if got.Status != status || got.Reason != reason {
			c.t.Errorf("order of %s: got %s %q, want %s %q", o.Amount, got.Status, got.Reason, status, reason)
		}
		times := 0
		if status == settlement.OrderSettled {
			times = 1
		}
		if n := c.paid(o); n != times {
			c.t.Errorf("order of %s: got paid %d times, want %d", o.Amount, n, times)
		}
	}
}

// prepare makes an attempt of orders without the engine.
func (c *chain) prepare(orders ...settlement.Order) settlement.Attempt {
	c.t.Helper()
	a, rejected, err := c.rail.Prepare(c.t.Context(), settlement.Batch{Orders: orders}, nil)
	if err != nil || a == nil || len(rejected) > 0 {
		c.t.Fatalf("prepare: got %v, %v, %v", a, rejected, err)
	}
	return *a
}

func (c *chain) lookup(a settlement.Attempt, want settlement.OutcomeStatus) settlement.Outcome {
	c.t.Helper()
	o := c.rail.Lookup(c.t.Context(), a)
	if o.Status != want {
		c.t.Errorf("lookup: got %+v, want %s", o, want)
	}
	return o
}

// key makes the same key for the same name, in every run.
func key(name string) *keypair.Full {
	k, err := keypair.FromRawSeed(seedOf(name))
	if err != nil {
		panic(err)
	}
	return k
}

func seedOf(name string) [32]byte { return sha256.Sum256([]byte("stellar rail test " + name)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
