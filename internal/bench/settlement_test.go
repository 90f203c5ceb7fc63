package bench_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/keypair"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/devnet/solanarpc"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/signer"
	solanarail "github.com/openremit/remit/settlement/solana"
	"github.com/openremit/remit/settlement/stellar"
)

var (
	burst  = flag.Int("burst", 4000, "payments that are placed at once")
	steady = flag.Int("steady", 1000, "payments that are placed at a steady pace")
	pace   = flag.Int("pace", 100, "payments a second of the steady pace")
)

const (
	benchPassphrase = "Remit settlement benchmark"
	benchChannels   = 16
	benchPayees     = 64
	benchInterval   = 200 * time.Millisecond
	// benchFinal is how many slots after its own a Solana transaction is final.
	benchFinal = solanarpc.DefaultFinalizedDepth
)

// ground is a chain with a rail on it, whose blocks the benchmark makes.
type ground struct {
	rail   settlement.Rail
	payees []string
	// make makes the next block and returns its number; finalAfter is how many
	// blocks after its own a transaction is final.
	make       func() (int64, error)
	finalAfter int64

	mu   sync.Mutex
	made map[int64]time.Time
}

// run makes blocks until ctx ends.
func (g *ground) run(ctx context.Context) error {
	ticker := time.NewTicker(benchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		n, err := g.make()
		if err != nil {
			return err
		}
		g.mu.Lock()
		g.made[n] = time.Now()
		g.mu.Unlock()
	}
}

// final is when a transaction of a block was final.
func (g *ground) final(block int64) (time.Time, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.made[block+g.finalAfter]
	return at, ok
}

// submits notes when each attempt was sent first.
type submits struct {
	settlement.Rail
	mu    sync.Mutex
	first map[remit.AttemptID]time.Time
}

func (s *submits) Submit(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	s.mu.Lock()
	if _, again := s.first[a.ID]; !again {
		s.first[a.ID] = time.Now()
	}
	s.mu.Unlock()
	return s.Rail.Submit(ctx, a)
}

// BenchmarkSettlement pays through the engine on a stand-in chain with a ledger
// or slot every 200 ms, its orders in memory: a burst for the rate, then a
// steady pace for what the engine adds to the chain's own time.
//
//	go test ./internal/bench -run - -bench Settlement -benchtime 1x
func BenchmarkSettlement(b *testing.B) {
	for name, open := range map[string]func(*testing.B) *ground{"stellar": openStellar, "solana": openSolana} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				g := open(b)
				ctx, stop := context.WithCancel(b.Context())
				var wait sync.WaitGroup
				wait.Go(func() {
					if err := g.run(ctx); err != nil {
						b.Error(err)
					}
				})
				g.pay(b)
				stop()
				wait.Wait()
			}
		})
	}
}

// pay pays the burst and the steady orders and reports.
func (g *ground) pay(b *testing.B) {
	b.Helper()
	clock := remit.SystemClock{}
	store := settlementtest.NewStore(b, clock)
	rail := &submits{Rail: g.rail, first: make(map[remit.AttemptID]time.Time)}
	done := make(chan struct{}, 1)
	engine := settlement.NewEngine(settlement.EngineOptions{
		Rail: rail, Store: store, Clock: clock, Logger: slog.New(slog.DiscardHandler), Poll: benchInterval,
		Finished: func() {
			select {
			case done <- struct{}{}:
			default:
			}
		},
	})
	ctx, stop := context.WithCancel(b.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := engine.Run(ctx); err != nil {
			b.Error(err)
		}
	})
	defer wait.Wait()
	defer stop()

	cpu, start := processorTime(b), time.Now()
	for i := range *burst {
		store.Enqueue(g.order(i))
	}
	engine.Kick()
	settled(b, store, *burst, done)
	took, used := time.Since(start), processorTime(b)-cpu
	b.ReportMetric(float64(*burst)/took.Seconds(), "payments/s")
	b.ReportMetric(float64((used/time.Duration(*burst)).Nanoseconds())/1000, "cpu-µs")
	b.ReportMetric(float64(took.Nanoseconds())/1e9, "burst-s")
	g.reportBatches(b, store)

	ticker := time.NewTicker(time.Second / time.Duration(*pace))
	defer ticker.Stop()
	for i := range *steady {
		<-ticker.C
		store.Enqueue(g.order(*burst + i))
		engine.Kick()
	}
	settled(b, store, *burst+*steady, done)
	g.reportOverhead(b, store, rail)
}

// order pays one of the payees.
func (g *ground) order(i int) settlement.Order {
	now := time.Now()
	return settlement.Order{
		ID: remit.NewID[remit.OrderID](remit.PrefixOrder, now), RemittanceID: remit.NewID[remit.RemittanceID](remit.PrefixRemittance, now),
		Leg: 1, Rail: g.rail.Name(), Amount: remit.NewMoney(g.rail.Assets()[0], int64(10_000+i)), Destination: g.payees[i%len(g.payees)],
		Memo: strconv.Itoa(i), Release: "dec_bench", Mode: settlement.ModeBatched,
	}
}

// settled waits until so many orders are final.
func settled(b *testing.B, store *settlementtest.Store, n int, done <-chan struct{}) {
	b.Helper()
	timeout := time.NewTimer(completionTimeout)
	defer timeout.Stop()
	for {
		final := 0
		for _, o := range store.Orders() {
			switch o.Status {
			case settlement.OrderSettled:
				final++
			case settlement.OrderFailed:
				b.Fatalf("order %s failed: %s", o.ID, o.Reason)
			case settlement.OrderQueued, settlement.OrderAttempting:
			}
		}
		if final == n {
			return
		}
		select {
		case <-done:
		case <-timeout.C:
			b.Fatalf("%d of %d orders are final after %s", final, n, completionTimeout)
		}
	}
}

func (g *ground) reportBatches(b *testing.B, store *settlementtest.Store) {
	attempts := store.Attempts()
	most, orders, fees := 0, 0, int64(0)
	for _, a := range attempts {
		most, orders, fees = max(most, len(a.Orders)), orders+len(a.Orders), fees+a.Fee.Minor
	}
	b.ReportMetric(float64(most), "batch-max")
	b.ReportMetric(float64(orders)/float64(len(attempts)), "batch-mean")
	unit := map[remit.Rail]string{remit.RailStellar: "stroops", remit.RailSolana: "lamports"}[g.rail.Name()]
	b.ReportMetric(float64(fees)/float64(orders), unit+"/payment")
}

// reportOverhead reports, for the steady orders, the time from an order's
// placing until it is known to be final, and how much of it was not the chain's:
// before the first sending and after the block that made it final.
func (g *ground) reportOverhead(b *testing.B, store *settlementtest.Store, rail *submits) {
	var overhead, whole []time.Duration
	orders := make(map[remit.OrderID]settlement.Order)
	for _, o := range store.Orders()[*burst:] {
		orders[o.ID] = o
	}
	for _, a := range store.Attempts() {
		number, err := strconv.ParseInt(a.Result[strings.LastIndexByte(a.Result, ' ')+1:], 10, 64)
		if err != nil {
			b.Fatalf("result %q names no block", a.Result)
		}
		final, known := g.final(number)
		for _, id := range a.Orders {
			o, steady := orders[id]
			if !steady || !known {
				continue
			}
			whole = append(whole, o.UpdatedAt.Sub(o.CreatedAt))
			overhead = append(overhead, rail.first[a.ID].Sub(o.CreatedAt)+o.UpdatedAt.Sub(final))
		}
	}
	if len(overhead) < len(orders)*9/10 {
		b.Fatalf("the blocks of %d of %d orders are known", len(overhead), len(orders))
	}
	slices.Sort(overhead)
	slices.Sort(whole)
	for name, list := range map[string][]time.Duration{"overhead": overhead, "final": whole} {
		b.ReportMetric(float64(list[len(list)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(list[len(list)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
}

func benchSeed(b *testing.B) []byte {
	b.Helper()
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		b.Fatal(err)
	}
	return seed
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func openStellar(b *testing.B) *ground {
	b.Helper()
	ctx := b.Context()
	net, err := horizon.New(horizon.Options{NetworkPassphrase: benchPassphrase, MaxOpsPerLedger: 5000})
	must(b, err)
	server := httptest.NewServer(net.Handler())
	b.Cleanup(func() { must(b, net.Close()); server.Close() })
	issuer, err := keypair.Random()
	must(b, err)
	must(b, net.CreateAccount(ctx, issuer.Address(), "1000"))
	seeds := map[string][]byte{"treasury": benchSeed(b)}
	addresses := make([]string, 0, benchChannels+1)
	for i := range benchChannels {
		seeds[fmt.Sprint("channel/", i)] = benchSeed(b)
	}
	keys, err := signer.NewKeyring(seeds)
	must(b, err)
	keys.SetPolicy(signer.Policy{StellarPassphrase: benchPassphrase, StellarAssets: map[remit.Asset]string{remit.USDCStellar: "USDC:" + issuer.Address()}})
	for i := -1; i < benchChannels; i++ {
		name := "treasury"
		if i >= 0 {
			name = fmt.Sprint("channel/", i)
		}
		public, err := keys.Ensure(name)
		must(b, err)
		address, err := signer.StellarAddress(public)
		must(b, err)
		addresses = append(addresses, address)
	}
	must(b, net.CreateAccount(ctx, addresses[0], "10000"))
	rail, err := stellar.New(stellar.Options{
		Horizon: server.URL, Passphrase: benchPassphrase,
		Coins: []stellar.Coin{{Asset: remit.USDCStellar, Code: "USDC", Issuer: issuer.Address()}}, Treasury: addresses[0], Channels: addresses[1:],
		Signer: keys, Clock: remit.SystemClock{},
	})
	must(b, err)
	g := &ground{rail: rail, made: make(map[int64]time.Time), make: func() (int64, error) {
		err := net.CloseLedger()
		return net.Ledger(), err
	}}
	ledgers, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := g.run(ledgers); err != nil {
			b.Error(err)
		}
	})
	must(b, rail.Setup(ctx))
	stop()
	wait.Wait()
	must(b, net.Issue(ctx, issuer, "USDC", addresses[0], "1000000"))
	for range benchPayees {
		payee, err := keypair.Random()
		must(b, err)
		must(b, net.CreateAccount(ctx, payee.Address(), "10"))
		must(b, net.Trust(ctx, payee, "USDC", issuer.Address()))
		g.payees = append(g.payees, payee.Address())
	}
	return g
}

func openSolana(b *testing.B) *ground {
	b.Helper()
	ctx := b.Context()
	node, err := solanarpc.New(solanarpc.Options{SlotInterval: benchInterval})
	must(b, err)
	server := httptest.NewServer(node.Handler())
	b.Cleanup(func() { server.Close(); must(b, node.Close()) })
	authority := solana.PrivateKey(ed25519.NewKeyFromSeed(benchSeed(b)))
	mint, err := node.CreateMint(ctx, solanarpc.Mint{
		Key: solana.PrivateKey(ed25519.NewKeyFromSeed(benchSeed(b))), Authority: authority.PublicKey(), Decimals: remit.USDCSolana.Scale,
	})
	must(b, err)
	keys, err := signer.NewKeyring(map[string][]byte{"treasury": benchSeed(b)})
	must(b, err)
	keys.SetPolicy(signer.Policy{SolanaMints: map[remit.Asset]string{remit.USDCSolana: mint.String()}})
	public, err := keys.Ensure("treasury")
	must(b, err)
	treasury := solana.PublicKeyFromBytes(public)
	_, err = node.Airdrop(ctx, treasury, 100*solana.LAMPORTS_PER_SOL)
	must(b, err)
	_, err = node.MintTo(ctx, mint, authority, treasury, 1_000_000_000_000)
	must(b, err)
	rail, err := solanarail.New(solanarail.Options{
		Endpoint: server.URL, Coins: []solanarail.Coin{{Asset: remit.USDCSolana, Mint: mint.String()}}, Treasury: treasury.String(), GenesisHash: node.GenesisHash().String(),
		Signer: keys, Clock: remit.SystemClock{},
	})
	must(b, err)
	g := &ground{rail: rail, finalAfter: benchFinal, made: make(map[int64]time.Time), make: func() (int64, error) {
		err := node.Advance(1)
		return int64(node.Slot()), err
	}}
	for range benchPayees {
		payee := solana.PrivateKey(ed25519.NewKeyFromSeed(benchSeed(b))).PublicKey()
		_, err := node.MintTo(ctx, mint, authority, payee, 1)
		must(b, err)
		g.payees = append(g.payees, payee.String())
	}
	must(b, node.Advance(benchFinal+1))
	return g
}
