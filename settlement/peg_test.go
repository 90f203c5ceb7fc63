package settlement_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

var (
	start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	usd   = remit.MustFiat("USD")
)

// market is a price source whose answer the test sets.
type market struct {
	price string
	at    time.Time
	err   error
}

func (m *market) Price(_ context.Context, coin, reference remit.Asset) (settlement.Price, error) {
	if m.err != nil {
		return settlement.Price{}, m.err
	}
	r, err := remit.ParseRate(coin, reference, m.price)
	return settlement.Price{Rate: r, At: m.at}, err
}

// watch is a guard with everything that it looks at.
type watch struct {
	t      *testing.T
	clock  *remit.FakeClock
	market *market
	pauses map[string]string
	broken error
	guard  *settlement.Guard
}

// newWatch watches USDC every ten seconds: paused by three prices over twenty
// seconds beyond 100 basis points, resumed by four over thirty within 50, stale
// after a minute.
func newWatch(t *testing.T) *watch {
	t.Helper()
	w := &watch{t: t, clock: remit.NewFakeClock(start), market: &market{}}
	var err error
	w.guard, err = settlement.NewGuard(settlement.GuardOptions{
		Coin: remit.USDC, Reference: usd, Source: w.market, Bound: 100, ResumeBound: 50,
		PauseAfter: 3, PauseOver: 20 * time.Second, ResumeAfter: 4, ResumeOver: 30 * time.Second,
		StaleAfter: time.Minute, Every: 10 * time.Second, Clock: w.clock,
		Pauses: func() (map[string]string, error) { return w.pauses, w.broken },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// see lets ten seconds pass and a fresh price come for each text given; a text
// of nothing is a source that does not answer.
func (w *watch) see(prices ...string) {
	for _, p := range prices {
		w.clock.Advance(10 * time.Second)
		w.market.price, w.market.at, w.market.err = p, w.clock.Now(), nil
		if p == "" {
			w.market.err = errors.New("no answer")
		}
		w.guard.Observe(w.t.Context())
	}
}

func (w *watch) want(cause settlement.PegCause) {
	w.t.Helper()
	if got := w.guard.Peg(); got.Cause != cause || got.Paused() != (cause != "") {
		w.t.Errorf("got %q (%s), want %q", got.Cause, got, cause)
	}
}

func TestGuardPausesAndResumes(t *testing.T) {
	t.Parallel()
	const sound, off, between = "0.9999", "0.9850", "0.9925"
	for _, c := range []struct {
		name   string
		prices []string
		want   settlement.PegCause
	}{
		{"nothing seen", nil, settlement.PegUnobserved},
		{"no answer yet", []string{"", ""}, settlement.PegUnobserved},
		{"the first price near the peg", []string{sound}, ""},
		{"the first price off the peg", []string{off}, settlement.PegOff},
		{"the first price in between", []string{between}, settlement.PegOff},
		{"off twice", []string{sound, off, off}, ""},
		{"off three times", []string{sound, off, off, off}, settlement.PegOff},
		{"above the peg three times", []string{sound, "1.0150", "1.02", "1.0101"}, settlement.PegOff},
		{"at the bound", []string{sound, "0.9900", "1.0100", "0.99"}, ""},
		{"off, with a sound price in between", []string{sound, off, off, sound, off, off}, ""},
		{"off, with one in between that is within the bound", []string{sound, off, off, between, off, off}, ""},
		{"off, with no answer in between", []string{sound, off, "", off, off}, settlement.PegOff},
		{"sound again three times", []string{sound, off, off, off, sound, sound, sound}, settlement.PegOff},
		{"sound again four times", []string{sound, off, off, off, sound, sound, sound, sound}, ""},
		{"sound again, one in between", []string{sound, off, off, off, sound, sound, sound, between, sound}, settlement.PegOff},
		{"back, but not near enough", []string{sound, off, off, off, between, between, between, between, between}, settlement.PegOff},
		{"paused, resumed and off once more", []string{sound, off, off, off, sound, sound, sound, sound, off, off}, ""},
		{"off at the start, then sound once", []string{off, sound}, settlement.PegOff},
		{"off at the start, then sound four times", []string{off, sound, sound, sound, sound}, ""},
		{"silent for a minute", []string{sound, "", "", "", "", "", ""}, ""},
		{"silent for longer", []string{sound, "", "", "", "", "", "", ""}, settlement.PegStale},
		{"silent, then one price", []string{sound, "", "", "", "", "", "", "", sound}, settlement.PegStale},
		{"silent, then four prices", []string{sound, "", "", "", "", "", "", "", sound, sound, sound, sound}, ""},
		{"off twice, silent, off once", []string{sound, off, off, "", "", "", "", "", "", "", off}, settlement.PegStale},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWatch(t)
			w.see(c.prices...)
			w.want(c.want)
		})
	}
}

// TestGuardCountsPricesNotAskings: a source that repeats an old price confirms nothing.
func TestGuardCountsPricesNotAskings(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.see("1.0000", "0.9500")
	for range 4 {
		w.clock.Advance(10 * time.Second)
		w.guard.Observe(t.Context()) // The same price of the same moment.
	}
	w.want("")
	w.clock.Advance(21 * time.Second)
	w.guard.Observe(t.Context())
	w.want(settlement.PegStale)
}

// TestGuardNeedsTime: many prices within a moment are one opinion.
func TestGuardNeedsTime(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.see("1.0000")
	for range 10 {
		w.clock.Advance(time.Second)
		w.market.price, w.market.at = "0.9000", w.clock.Now()
		w.guard.Observe(t.Context())
	}
	w.want("")
	w.see("0.9000", "0.9000")
	w.want(settlement.PegOff)
}

// TestGuardGrowsOldUnasked: a guard that is asked nothing any more does not
// stand by its last word.
func TestGuardGrowsOldUnasked(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.see("1.0000")
	w.clock.Advance(time.Minute)
	w.want("")
	w.clock.Advance(time.Second)
	w.want(settlement.PegStale)
}

func TestGuardRefusesStrangePrices(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(w *watch){
		"of an hour ago":     func(w *watch) { w.market.at = w.clock.Now().Add(-time.Hour) },
		"of tomorrow":        func(w *watch) { w.market.at = w.clock.Now().Add(24 * time.Hour) },
		"not a price at all": func(w *watch) { w.market.price = "-1" },
	} {
		w := newWatch(t)
		w.market.price, w.market.at = "1.0000", w.clock.Now()
		spoil(w)
		w.guard.Observe(t.Context())
		if got := w.guard.Peg(); got.Cause != settlement.PegUnobserved {
			t.Errorf("a price %s: %s", name, got)
		}
	}
}

func TestGuardObeysOperators(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.see("1.0000")
	w.pauses = map[string]string{"EURC": "another coin"}
	w.see("1.0000")
	w.want("")
	w.pauses = map[string]string{"USDC": ""}
	w.see("1.0000")
	w.want(settlement.PegByOperator)
	w.see("0.9", "0.9", "0.9")
	w.pauses = nil
	w.see("0.9")
	w.want(settlement.PegOff) // It was watched meanwhile.
	w.see("1", "1", "1", "1")
	w.want("")
	w.broken = errors.New("the file is not JSON")
	w.see("1.0000")
	w.want(settlement.PegByOperator)
}

func TestFilePauses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "paused.json")
	read := settlement.FilePauses(path)
	if got, err := read(); len(got) > 0 || err != nil {
		t.Errorf("without a file: %v, %v", got, err)
	}
	write(t, path, `{"USDC": "the issuer reports trouble"}`)
	if got, err := read(); got["USDC"] != "the issuer reports trouble" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	write(t, path, `USDC`)
	if got, err := read(); err == nil {
		t.Errorf("a file that is not JSON: %v", got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestGuardOptions(t *testing.T) {
	t.Parallel()
	good := settlement.GuardOptions{Coin: remit.USDC, Reference: usd, Source: &market{}, Clock: remit.NewFakeClock(start)}
	for name, spoil := range map[string]func(o *settlement.GuardOptions){
		"a coin on a rail":     func(o *settlement.GuardOptions) { o.Coin = remit.USDCStellar },
		"no reference":         func(o *settlement.GuardOptions) { o.Reference = remit.Asset{} },
		"no source":            func(o *settlement.GuardOptions) { o.Source = nil },
		"no clock":             func(o *settlement.GuardOptions) { o.Clock = nil },
		"a bound of all":       func(o *settlement.GuardOptions) { o.Bound = 10_000 },
		"resuming further off": func(o *settlement.GuardOptions) { o.ResumeBound = 200 },
		"a negative count":     func(o *settlement.GuardOptions) { o.PauseAfter = -1 },
		"stale between looks":  func(o *settlement.GuardOptions) { o.Every = time.Hour },
	} {
		o := good
		spoil(&o)
		if _, err := settlement.NewGuard(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestGuardMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m := &market{price: "0.9812", at: start}
	clock := remit.NewFakeClock(start)
	g, err := settlement.NewGuard(settlement.GuardOptions{Coin: remit.USDC, Reference: usd, Source: m, Clock: clock, Metrics: registry})
	if err != nil {
		t.Fatal(err)
	}
	g.Observe(t.Context())
	want := map[string]float64{"remit_coin_paused": 1, "remit_coin_deviation_basis_points": -188, "remit_coin_price_failures_total": 0}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		m := f.GetMetric()[0]
		if got := m.GetGauge().GetValue() + m.GetCounter().GetValue(); got != want[f.GetName()] {
			t.Errorf("%s is %v, want %v", f.GetName(), got, want[f.GetName()])
		}
	}
	if len(families) != len(want) {
		t.Errorf("%d metrics, want %d", len(families), len(want))
	}
}
