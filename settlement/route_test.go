package settlement_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// payer is a rail that the test puts into any state.
type payer struct {
	name     remit.Rail
	balances []remit.Money
	trouble  error
	// unread are the assets whose balance it does not tell.
	unread []remit.Asset
	// hangs makes it answer only when the asker gives up.
	hangs bool
	// charges is the most that its coins take, in minor units.
	charges int64
}

func (p *payer) Name() remit.Rail { return p.name }

func (p *payer) Assets() []remit.Asset {
	var list []remit.Asset
	for _, b := range p.balances {
		list = append(list, b.Asset)
	}
	return list
}

func (p *payer) MostCharge(amount remit.Money) remit.Money {
	return remit.NewMoney(amount.Asset, p.charges)
}

func (p *payer) Health(ctx context.Context) error {
	if p.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return p.trouble
}

func (p *payer) Balance(_ context.Context, a remit.Asset) (remit.Money, error) {
	i := slices.IndexFunc(p.balances, func(m remit.Money) bool { return m.Asset == a })
	if i < 0 || slices.Contains(p.unread, a) {
		return remit.Money{}, errors.New("no such account")
	}
	return p.balances[i], nil
}

// past is what rails' payments took.
type past map[remit.Rail][]settlement.Paid

func (p past) Paid(_ context.Context, rail remit.Rail, _ time.Time, limit int) ([]settlement.Paid, error) {
	return p[rail][:min(limit, len(p[rail]))], nil
}

// prices is what everything costs.
type prices map[string]string

func (p prices) Price(_ context.Context, coin, reference remit.Asset) (settlement.Price, error) {
	r, err := remit.ParseRate(coin, reference, p[coin.Code+"/"+reference.Code])
	return settlement.Price{Rate: r, At: start}, err
}

// junction is a router with everything that it looks at.
type junction struct {
	t               *testing.T
	clock           *remit.FakeClock
	stellar, solana *payer
	past            past
	prices          prices
	pauses          map[string]string
	destinations    map[remit.Asset]string
	log             bytes.Buffer
	registry        *prometheus.Registry
	options         settlement.RouterOptions
}

var (
	eurcStellar  = remit.Asset{Code: "EURC_STELLAR", Scale: 7}
	usdtSolana   = remit.Asset{Code: "USDT_SOLANA", Scale: 9}
	eurc, usdt   = remit.Asset{Code: "EURC", Scale: 6}, remit.Asset{Code: "USDT", Scale: 6}
	hundred      = remit.NewMoney(remit.USDC, 100_000_000)
	anyRail      = settlement.Want{Amount: hundred, Wish: remit.RailAuto, Provider: "bank"}
	longEnough   = time.Minute
	stellarFirst = []remit.Rail{remit.RailStellar, remit.RailSolana}
	solanaFirst  = []remit.Rail{remit.RailSolana, remit.RailStellar}
)

func newJunction(t *testing.T) *junction {
	t.Helper()
	j := &junction{
		t: t, clock: remit.NewFakeClock(start), past: past{}, registry: prometheus.NewRegistry(), pauses: map[string]string{},
		stellar:      &payer{name: remit.RailStellar, balances: []remit.Money{remit.NewMoney(remit.USDCStellar, 5_000_0000000), remit.NewMoney(eurcStellar, 5_000_0000000)}},
		solana:       &payer{name: remit.RailSolana, balances: []remit.Money{remit.NewMoney(remit.USDCSolana, 5_000_000000), remit.NewMoney(usdtSolana, 5_000_000000000)}},
		prices:       prices{"USDC/USD": "1", "EURC/EUR": "1", "USDT/USD": "1", "XLM/USD": "0.25", "SOL/USD": "200", "XLM/EUR": "0.22", "SOL/EUR": "180"},
		destinations: map[remit.Asset]string{remit.USDCStellar: "GPARTNER", eurcStellar: "GPARTNER", remit.USDCSolana: "Partner", usdtSolana: "Partner"},
	}
	j.options = settlement.RouterOptions{
		Lanes: []settlement.Lane{
			{Payer: j.stellar, Native: xlm, Assumed: settlement.Assumed{P95: 8 * time.Second, FeeNanos: 3_000}},
			{Payer: j.solana, Native: sol, Assumed: settlement.Assumed{P95: 16 * time.Second, FeeNanos: 100_000}},
		},
		Destination: func(provider string, _ remit.Rail, asset remit.Asset) (string, bool) {
			address, ok := j.destinations[asset]
			return address, ok && provider == "bank"
		},
		History: j.past, Prices: j.prices, Clock: j.clock, Logger: slog.New(slog.NewTextHandler(&j.log, nil)), Metrics: j.registry,
		SecondNanos: 10_000, CheckOldest: 15 * time.Second, CheckTimeout: 10 * time.Millisecond,
	}
	return j
}

// router makes the router and lets it look once.
func (j *junction) router() *settlement.Router {
	j.t.Helper()
	for coin, reference := range map[remit.Asset]remit.Asset{remit.USDC: usd, eurc: remit.MustFiat("EUR"), usdt: usd} {
		g, err := settlement.NewGuard(settlement.GuardOptions{
			Coin: coin, Reference: reference, Source: &market{price: "1", at: start}, Clock: j.clock, StaleAfter: longEnough,
			Pauses: func() (map[string]string, error) { return j.pauses, nil },
		})
		if err != nil {
			j.t.Fatal(err)
		}
		j.options.Guards = append(j.options.Guards, g)
	}
	r, err := settlement.NewRouter(j.options)
	if err != nil {
		j.t.Fatal(err)
	}
	r.Check(j.t.Context())
	return r
}

func railsOf(c settlement.Choice) []remit.Rail {
	var list []remit.Rail
	for _, r := range c.Usable {
		list = append(list, r.Rail)
	}
	return list
}

// refusals is why each rail is refused.
func refusals(c settlement.Choice) map[remit.Rail]settlement.Refusal {
	m := make(map[remit.Rail]settlement.Refusal)
	for _, r := range c.Refused {
		m[r.Rail] = r.Why
	}
	return m
}

func TestRouteRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(j *junction, w *settlement.Want)
		// usable are the rails left; stellar is why that one is refused.
		usable  []remit.Rail
		stellar settlement.Refusal
		detail  string
		reason  remit.Reason
	}{
		{"another wish", func(_ *junction, w *settlement.Want) { w.Wish = remit.RailSolana }, solanaFirst[:1], settlement.RefusedNotWished, "asks for solana", ""},
		{"tried", func(_ *junction, w *settlement.Want) { w.Tried = stellarFirst[:1] }, solanaFirst[:1], settlement.RefusedTried, "failed", ""},
		{"a coin of the other rail", func(_ *junction, w *settlement.Want) { w.Amount.Asset = usdt }, solanaFirst[:1], settlement.RefusedNotCarried, "USDT", ""},
		{"no address", func(j *junction, _ *settlement.Want) { delete(j.destinations, remit.USDCStellar) }, solanaFirst[:1], settlement.RefusedNoDestination, "no address of bank", ""},
		{"in trouble", func(j *junction, _ *settlement.Want) { j.stellar.trouble = errors.New("the ledger lags") }, solanaFirst[:1], settlement.RefusedUnhealthy, "the ledger lags", ""},
		{"hangs", func(j *junction, _ *settlement.Want) { j.stellar.hangs = true }, solanaFirst[:1], settlement.RefusedUnhealthy, "deadline", ""},
		{"no balance told", func(j *junction, _ *settlement.Want) { j.stellar.unread = j.stellar.Assets() }, solanaFirst[:1], settlement.RefusedUnhealthy, "no such account", ""},
		{"this balance not told", func(j *junction, _ *settlement.Want) { j.stellar.unread = []remit.Asset{remit.USDCStellar} }, solanaFirst[:1], settlement.RefusedUnhealthy, "USDC_STELLAR", ""},
		{"short", func(j *junction, _ *settlement.Want) { j.stellar.balances[0].Minor = 999_999_999 }, solanaFirst[:1], settlement.RefusedShort, "99.9999999", ""},
		{"just enough, and what the coin takes", func(j *junction, _ *settlement.Want) {
			j.stellar.balances[0].Minor, j.stellar.charges = 1_000_000_007, 7
		}, stellarFirst, "", "", ""},
		{"short by what the coin takes", func(j *junction, _ *settlement.Want) {
			j.stellar.balances[0].Minor, j.stellar.charges = 1_000_000_006, 7
		}, solanaFirst[:1], settlement.RefusedShort, "100.0000006", ""},
		{"short by the low-water mark", func(j *junction, _ *settlement.Want) {
			j.options.Lanes[0].LowWater = []remit.Money{remit.NewMoney(remit.USDCStellar, 4_900_0000001)}
		}, solanaFirst[:1], settlement.RefusedShort, "stay", ""},
		{"just enough", func(j *junction, _ *settlement.Want) {
			j.options.Lanes[0].LowWater = []remit.Money{remit.NewMoney(remit.USDCStellar, 4_900_0000000)}
		}, stellarFirst, "", "", ""},
		{"paused", func(j *junction, _ *settlement.Want) { j.pauses["USDC"] = "trouble" }, nil, settlement.RefusedPaused, "trouble", remit.ReasonCoinPaused},
		{"another coin paused", func(j *junction, _ *settlement.Want) { j.pauses["EURC"] = "trouble" }, stellarFirst, "", "", ""},
		{"a coin that nobody watches", func(j *junction, w *settlement.Want) {
			j.stellar.balances = append(j.stellar.balances, remit.NewMoney(remit.Asset{Code: "PYUSD_STELLAR", Scale: 7}, 1<<50))
			j.destinations[remit.Asset{Code: "PYUSD_STELLAR", Scale: 7}] = "GPARTNER"
			w.Amount.Asset.Code = "PYUSD"
		}, nil, settlement.RefusedPaused, "nobody watches", remit.ReasonCoinPaused},
		{"one short, one in trouble", func(j *junction, _ *settlement.Want) {
			j.stellar.balances[0].Minor, j.solana.trouble = 0, errors.New("down")
		}, nil, settlement.RefusedShort, "holds USDC 0.0", remit.ReasonTreasuryShort},
		{"both in trouble", func(j *junction, _ *settlement.Want) {
			j.stellar.trouble, j.solana.trouble = errors.New("down"), errors.New("down")
		}, nil, settlement.RefusedUnhealthy, "down", remit.ReasonRailUnavailable},
		{"both tried", func(_ *junction, w *settlement.Want) { w.Tried = stellarFirst }, nil, settlement.RefusedTried, "failed", remit.ReasonRailUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, w := newJunction(t), anyRail
			c.spoil(j, &w)
			got := j.router().Route(w)
			if !slices.Equal(railsOf(got), c.usable) || refusals(got)[remit.RailStellar] != c.stellar {
				t.Errorf("usable %v, refused %v; want %v, stellar %q", railsOf(got), got.Refused, c.usable, c.stellar)
			}
			for _, r := range got.Refused {
				if r.Rail == remit.RailStellar && !strings.Contains(r.Detail, c.detail) {
					t.Errorf("the detail is %q, want something about %q", r.Detail, c.detail)
				}
			}
			if len(c.usable) == 0 && got.Reason() != c.reason {
				t.Errorf("waits for %s, want %s", got.Reason(), c.reason)
			}
		})
	}
}

// TestRouteNeedsFreshAnswers: a rail is healthy by what it said lately, not by
// having said nothing bad.
func TestRouteNeedsFreshAnswers(t *testing.T) {
	t.Parallel()
	j := newJunction(t)
	r := j.router()
	j.clock.Advance(15 * time.Second)
	if got := r.Route(anyRail); len(got.Usable) != 2 {
		t.Errorf("after fifteen seconds: %v", got.Refused)
	}
	j.clock.Advance(time.Microsecond)
	if got := r.Route(anyRail); len(got.Usable) != 0 || got.Refused[0].Why != settlement.RefusedUnhealthy {
		t.Errorf("a moment later: %v", railsOf(got))
	}
	r.Check(t.Context())
	if got := r.Route(anyRail); len(got.Usable) != 2 {
		t.Errorf("after another answer: %v", got.Refused)
	}
}

func TestRouteBeforeTheFirstAnswer(t *testing.T) {
	t.Parallel()
	j := newJunction(t)
	r, err := settlement.NewRouter(j.options)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Route(anyRail); len(got.Usable) > 0 {
		t.Errorf("usable: %v", got.Usable)
	}
}

func TestRouteOrder(t *testing.T) {
	t.Parallel()
	took := func(p95 time.Duration, fee remit.Money) []settlement.Paid {
		return slices.Repeat([]settlement.Paid{{Took: p95, Fee: fee}}, 20)
	}
	for _, c := range []struct {
		name  string
		setup func(j *junction)
		want  []remit.Rail
		// cost of the best, in billionths.
		cost int64
	}{
		{"as assumed", func(*junction) {}, stellarFirst, 3_000 + 80_000},
		{"stellar is slow", func(j *junction) {
			j.past[remit.RailStellar] = took(40*time.Second, remit.NewMoney(xlm, 100))
		}, solanaFirst, 100_000 + 160_000},
		{"stellar is slow, too few to say", func(j *junction) {
			j.past[remit.RailStellar] = took(40*time.Second, remit.NewMoney(xlm, 100))[:19]
		}, stellarFirst, 3_000 + 80_000},
		{"stellar is dear", func(j *junction) {
			j.past[remit.RailStellar] = took(8*time.Second, remit.NewMoney(xlm, 20_000)) // 0.0005 dollars
		}, solanaFirst, 100_000 + 160_000},
		{"measured", func(j *junction) {
			j.past[remit.RailStellar] = took(6500*time.Millisecond, remit.NewMoney(xlm, 100))
		}, stellarFirst, 2_500 + 65_000},
		{"no price of the native asset", func(j *junction) {
			delete(j.prices, "XLM/USD")
			j.past[remit.RailStellar] = took(5*time.Second, remit.NewMoney(xlm, 1<<40))
		}, stellarFirst, 3_000 + 50_000},
		{"a tie", func(j *junction) {
			j.options.Lanes[1].Assumed = j.options.Lanes[0].Assumed
		}, stellarFirst, 83_000},
		{"a tie, in the other order", func(j *junction) {
			j.options.Lanes[1].Assumed = j.options.Lanes[0].Assumed
			slices.Reverse(j.options.Lanes)
		}, solanaFirst, 83_000},
		{"time is worth more", func(j *junction) {
			j.options.SecondNanos = 1_000_000
			j.options.Lanes[1].Assumed.P95 = 7 * time.Second
		}, solanaFirst, 100_000 + 7_000_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := newJunction(t)
			c.setup(j)
			got := j.router().Route(anyRail)
			if !slices.Equal(railsOf(got), c.want) {
				t.Fatalf("got %+v %v, want %v", got.Usable, got.Refused, c.want)
			}
			best := got.Usable[0]
			if want := (remit.Money{Asset: remit.Asset{Code: "USDC", Scale: 9}, Minor: c.cost}); best.Cost != want {
				t.Errorf("the best costs %s, want %s", best.Cost, want)
			}
		})
	}
}

// TestRouteInTheRailsAsset: the route says what is to be paid where, by the
// decimals that the rail's asset has.
func TestRouteInTheRailsAsset(t *testing.T) {
	t.Parallel()
	j := newJunction(t)
	r := j.router()
	for _, c := range []struct {
		coin remit.Asset
		want remit.Money
		to   string
		fee  int64
	}{
		{remit.USDC, remit.NewMoney(remit.USDCStellar, 1_000_000_000), "GPARTNER", 3_000},
		{eurc, remit.NewMoney(eurcStellar, 1_000_000_000), "GPARTNER", 3_000},
		{usdt, remit.NewMoney(usdtSolana, 100_000_000_000), "Partner", 100_000},
	} {
		w := anyRail
		w.Amount.Asset = c.coin
		got := r.Route(w)
		if len(got.Usable) == 0 {
			t.Fatalf("%s: %v", c.coin, got.Refused)
		}
		if best := got.Usable[0]; best.Amount != c.want || best.Destination != c.to || best.Fee != (remit.Money{Asset: remit.Asset{Code: c.coin.Code, Scale: 9}, Minor: c.fee}) {
			t.Errorf("%s: got %+v, want %s to %s", c.coin, best, c.want, c.to)
		}
	}
}

// TestRouteTellsOnce: the log has one line when payments begin to wait and one
// when they find a rail again, however many wait.
func TestRouteTellsOnce(t *testing.T) {
	t.Parallel()
	j := newJunction(t)
	r := j.router()
	j.pauses["USDC"] = "trouble"
	r.Check(t.Context())
	for range 5 {
		r.Route(anyRail)
	}
	delete(j.pauses, "USDC")
	r.Check(t.Context())
	for range 5 {
		r.Route(anyRail)
	}
	text := j.log.String()
	for line, want := range map[string]int{"no rail can carry": 1, "find a rail again": 1, "paused by an operator: trouble": 2} {
		if got := strings.Count(text, line); got != want {
			t.Errorf("%q is there %d times, want %d:\n%s", line, got, want, text)
		}
	}
}

func TestRouteMetrics(t *testing.T) {
	t.Parallel()
	j := newJunction(t)
	j.solana.trouble = errors.New("down")
	j.past[remit.RailStellar] = times(20, remit.Money{})
	r := j.router()
	r.Route(anyRail)
	r.Route(settlement.Want{Amount: hundred, Wish: remit.RailSolana, Provider: "bank"})
	want := map[string]float64{
		"remit_route_best_total stellar": 1, "remit_route_best_total none": 1, "remit_rail_final_seconds 0.5 stellar": 10,
		"remit_rail_final_seconds 0.95 stellar": 19, "remit_rail_final_seconds 0.5 solana": 0, "remit_rail_final_seconds 0.95 solana": 0,
		"remit_route_refused_total solana unhealthy": 2, "remit_route_refused_total stellar not_wished": 1,
		"remit_rail_healthy stellar": 1, "remit_rail_healthy solana": 0,
	}
	families, err := j.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			got++
			if value := m.GetGauge().GetValue() + m.GetCounter().GetValue(); value != want[name] {
				t.Errorf("%s is %v, want %v", name, value, want[name])
			}
		}
	}
	if got != len(want) {
		t.Errorf("%d metrics, want %d", got, len(want))
	}
}

func TestRouterOptions(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(o *settlement.RouterOptions){
		"no lanes":             func(o *settlement.RouterOptions) { o.Lanes = nil },
		"no rail":              func(o *settlement.RouterOptions) { o.Lanes[0].Payer = nil },
		"no native asset":      func(o *settlement.RouterOptions) { o.Lanes[0].Native = remit.Asset{} },
		"no assumed time":      func(o *settlement.RouterOptions) { o.Lanes[0].Assumed.P95 = 0 },
		"a mark of nothing":    func(o *settlement.RouterOptions) { o.Lanes[0].LowWater = []remit.Money{hundred} },
		"no history":           func(o *settlement.RouterOptions) { o.History = nil },
		"time has no price":    func(o *settlement.RouterOptions) { o.SecondNanos = -1 },
		"old before asked for": func(o *settlement.RouterOptions) { o.CheckEvery = time.Minute },
	} {
		o := newJunction(t).options
		spoil(&o)
		if _, err := settlement.NewRouter(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestRouterRuns: Run asks again and again, and a rail that hangs keeps no other
// from being asked.
func TestRouterRuns(t *testing.T) {
	t.Parallel()
	j := newJunction(t)
	j.solana.hangs = true
	j.options.CheckEvery, j.options.CheckTimeout = time.Millisecond, time.Hour
	asked := make(chan struct{}, 100)
	j.options.Lanes[0].Payer = &counted{j.stellar, asked}
	r, err := settlement.NewRouter(j.options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for range 3 {
		<-asked
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

type counted struct {
	*payer
	asked chan struct{}
}

func (c *counted) Health(ctx context.Context) error {
	select {
	case c.asked <- struct{}{}:
	default:
	}
	return c.payer.Health(ctx)
}

// TestRouteToWallet: a beneficiary's own wallet is paid on its rail and on no
// other, and needs no off-ramp.
func TestRouteToWallet(t *testing.T) {
	t.Parallel()
	r := newJunction(t).router()
	c := r.Route(settlement.Want{Amount: hundred, Wish: remit.RailSolana, Provider: remit.ProviderWallet, Wallet: "Maria"})
	if len(c.Usable) != 1 || c.Usable[0].Rail != remit.RailSolana || c.Usable[0].Destination != "Maria" {
		t.Errorf("got %+v, want Maria's address on Solana", c)
	}
	c = r.Route(settlement.Want{Amount: hundred, Wish: remit.RailAuto, Provider: remit.ProviderWallet, Wallet: "Maria"})
	if len(c.Usable) != 0 || len(c.Refused) != 2 || c.Refused[0].Why != settlement.RefusedNoDestination {
		t.Errorf("got %+v, want no rail for a wallet of which the rail is not said", c)
	}
}
