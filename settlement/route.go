package settlement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
)

// Want is a payment that looks for a rail.
type Want struct {
	// Amount is in the coin, before a rail is chosen.
	Amount remit.Money
	// Wish is the caller's: one rail, or auto.
	Wish remit.Rail
	// Tried are the rails that are known to have failed it.
	Tried []remit.Rail
	// Provider is the off-ramp that is to receive it; Wallet, if given, is the
	// address on the wished rail that is to receive it instead.
	Provider string
	Wallet   string
}

// Refusal says why a rail cannot carry a payment now. The zero value is none.
type Refusal string

// The refusals, in the order in which they are looked for.
const (
	RefusedNotWished     Refusal = "not_wished"
	RefusedTried         Refusal = "tried"
	RefusedNotCarried    Refusal = "coin_not_carried"
	RefusedNoDestination Refusal = "no_destination"
	RefusedPaused        Refusal = "coin_paused"
	RefusedUnhealthy     Refusal = "unhealthy"
	RefusedShort         Refusal = "treasury_short"
)

// Route is a rail that can carry a payment.
type Route struct {
	Rail remit.Rail
	// Amount is in the rail's asset, Destination where the off-ramp receives it.
	Amount      remit.Money
	Destination string
	// Reserve is the most that the coin itself takes on top of the amount.
	Reserve remit.Money
	// Fee is the estimated network fee and Cost that and the price of the time,
	// both in the coin with nine decimals, the coin taken at par.
	Fee, Cost remit.Money
	// P95 is the time to final that was reckoned with, and Measured whether it
	// was measured or assumed.
	P95      time.Duration
	Measured bool
}

// Refused is a rail that cannot.
type Refused struct {
	Rail remit.Rail
	Why  Refusal
	// Detail is for operators.
	Detail string
}

// Choice is what the router answers.
type Choice struct {
	// Usable are the rails that can carry the payment, best first.
	Usable []Route
	// Refused are the others, in configured order.
	Refused []Refused
}

// Reason sums up why no rail is usable, for the remittance that waits: the
// treasury if filling it up would help, the coin if that is paused, and
// otherwise the rails.
func (c Choice) Reason() remit.Reason {
	reason := remit.ReasonRailUnavailable
	for _, r := range c.Refused {
		switch r.Why {
		case RefusedShort:
			return remit.ReasonTreasuryShort
		case RefusedPaused:
			reason = remit.ReasonCoinPaused
		case RefusedNotWished, RefusedTried, RefusedNotCarried, RefusedNoDestination, RefusedUnhealthy:
		}
	}
	return reason
}

// LogValue shows the choice in a log line.
func (c Choice) LogValue() slog.Value {
	var list []slog.Attr
	for i, r := range c.Usable {
		list = append(list, slog.String(string(r.Rail), fmt.Sprintf("%d: costs %s, p95 %s", i+1, r.Cost, r.P95)))
	}
	for _, r := range c.Refused {
		list = append(list, slog.String(string(r.Rail), string(r.Why)+": "+r.Detail))
	}
	return slog.GroupValue(list...)
}

// Defaults of a router.
const (
	defaultCheckEvery   = 5 * time.Second
	defaultCheckTimeout = 5 * time.Second
	defaultCheckOldest  = 15 * time.Second
	defaultMeasureEvery = 30 * time.Second
	// defaultSecondNanos prices a second of p95 at ten millionths of a dollar:
	// a minute weighs as much as a fee of 0.0006.
	defaultSecondNanos = 10_000
	maxSecondNanos     = 1_000_000_000
	maxAssumedNanos    = 1_000_000_000_000
	// maxP95 bounds what a time may weigh.
	maxP95 = 24 * time.Hour
	// nanoScale is the scale of costs.
	nanoScale = 9
)

// RouterOptions says how rails are chosen. Zero durations and prices take defaults.
type RouterOptions struct {
	// Lanes are the rails; of equal ones the first is preferred.
	Lanes []Lane
	// Guards watch the coins that may be settled in. A coin that nobody watches
	// is not settled in.
	Guards []*Guard
	// Destination is where an off-ramp receives an asset on a rail.
	Destination func(provider string, rail remit.Rail, asset remit.Asset) (address string, ok bool)
	History     History
	// Prices prices the chains' native assets.
	Prices PriceSource
	Clock  remit.Clock
	Logger *slog.Logger
	// Metrics is where what is counted is registered, if anywhere.
	Metrics prometheus.Registerer
	// SecondNanos is what a second of p95 weighs against the fee, in billionths
	// of the coin.
	SecondNanos int64
	// CheckEvery is the time between two askings of a rail, CheckTimeout how
	// long one may take, and CheckOldest how old an answer counts.
	CheckEvery, CheckTimeout, CheckOldest time.Duration
	// MeasureEvery is the time between two looks at history and prices.
	MeasureEvery time.Duration
}

// Router chooses rails by what is known of them: it asks in the background, and
// answers at once. Nothing that it says reserves anything; the ledger's hold does.
type Router struct {
	RouterOptions
	lanes      []*lane
	guards     map[remit.Asset]*Guard
	references []remit.Asset
	metrics    routeMetrics

	mu sync.Mutex
	// waiting is why payments of a coin found no rail last, empty when they did.
	waiting map[remit.Asset]remit.Reason
}

// NewRouter makes a router; Run starts it. The error names every wrong option.
func NewRouter(o RouterOptions) (*Router, error) {
	o = o.withDefaults()
	r := &Router{RouterOptions: o, guards: make(map[remit.Asset]*Guard), waiting: make(map[remit.Asset]remit.Reason)}
	var wrong []error
	if len(o.Lanes) == 0 || o.Destination == nil || o.History == nil || o.Prices == nil || o.Clock == nil {
		wrong = append(wrong, errors.New("lanes, destination, history, prices and clock are required"))
	}
	if o.SecondNanos < 0 || o.SecondNanos > maxSecondNanos {
		wrong = append(wrong, fmt.Errorf("a second is priced at %d billionths, not from 0 to %d", o.SecondNanos, maxSecondNanos))
	}
	if o.CheckOldest <= o.CheckEvery {
		wrong = append(wrong, fmt.Errorf("answers are too old after %s and asked for every %s", o.CheckOldest, o.CheckEvery))
	}
	for _, g := range o.Guards {
		if r.guards[g.Coin] != nil {
			wrong = append(wrong, fmt.Errorf("%s has two guards", g.Coin.Code))
		}
		r.guards[g.Coin] = g
		if !slices.Contains(r.references, g.Reference) {
			r.references = append(r.references, g.Reference)
		}
	}
	var err error
	if r.metrics, err = newRouteMetrics(o.Metrics); err != nil {
		return nil, err
	}
	for _, l := range o.Lanes {
		if err := l.check(); err != nil {
			wrong = append(wrong, err)
			continue
		}
		r.lanes = append(r.lanes, &lane{
			Lane: l, clock: o.Clock, log: o.Logger.With("rail", l.Payer.Name()), prices: o.Prices, past: o.History,
			limits: laneLimits{o.CheckEvery, o.CheckTimeout, o.CheckOldest, o.MeasureEvery}, metrics: r.metrics,
			worth: make(map[remit.Asset]remit.Rate),
		})
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("choose rails: %w", errors.Join(wrong...))
	}
	return r, nil
}

func (o RouterOptions) withDefaults() RouterOptions {
	o.CheckEvery = cmp.Or(o.CheckEvery, defaultCheckEvery)
	o.CheckTimeout = cmp.Or(o.CheckTimeout, defaultCheckTimeout)
	o.CheckOldest = cmp.Or(o.CheckOldest, defaultCheckOldest)
	o.MeasureEvery = cmp.Or(o.MeasureEvery, defaultMeasureEvery)
	o.SecondNanos = cmp.Or(o.SecondNanos, defaultSecondNanos)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o
}

func (l Lane) check() error {
	switch {
	case l.Payer == nil:
		return errors.New("a lane has no rail")
	case l.Native.IsZero() || l.Assumed.P95 <= 0 || l.Assumed.P95 > maxP95 || l.Assumed.FeeNanos < 0 || l.Assumed.FeeNanos > maxAssumedNanos:
		return fmt.Errorf("rail %s needs a native asset, an assumed p95 up to %s and an assumed fee up to %d billionths", l.Payer.Name(), maxP95, maxAssumedNanos)
	}
	for _, m := range l.LowWater {
		if !slices.Contains(l.Payer.Assets(), m.Asset) || m.Minor < 0 {
			return fmt.Errorf("rail %s has a low-water mark of %s", l.Payer.Name(), m)
		}
	}
	return nil
}

// Run asks the rails and watches the coins until ctx ends.
func (r *Router) Run(ctx context.Context) error {
	var wait sync.WaitGroup
	for _, l := range r.lanes {
		wait.Go(func() { l.run(ctx, r.references) })
	}
	for _, g := range r.Guards {
		wait.Go(func() { _ = g.Run(ctx) })
	}
	wait.Wait()
	return nil
}

// Check asks every rail and every price once, so that the first choice after a
// start need not wait for Run.
func (r *Router) Check(ctx context.Context) {
	var wait sync.WaitGroup
	for _, l := range r.lanes {
		wait.Go(func() { l.check(ctx, r.references) })
	}
	for _, g := range r.Guards {
		wait.Go(func() { g.Observe(ctx) })
	}
	wait.Wait()
}

// Route judges every rail for a payment, by what is known now.
func (r *Router) Route(w Want) Choice {
	var c Choice
	for _, l := range r.lanes {
		route, refused := r.judge(l, w)
		if refused.Why != "" {
			refused.Rail = l.Payer.Name()
			c.Refused = append(c.Refused, refused)
			continue
		}
		c.Usable = append(c.Usable, route)
	}
	slices.SortStableFunc(c.Usable, func(a, b Route) int { return cmp.Compare(a.Cost.Minor, b.Cost.Minor) })
	r.metrics.chosen(c)
	r.tell(w, c)
	return c
}

// tell logs when payments of a coin begin to find no rail, and when they find
// one again, but not every payment that waits meanwhile.
func (r *Router) tell(w Want, c Choice) {
	if len(w.Tried) > 0 || w.Wish != remit.RailAuto {
		return // What is particular to one payment.
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	coin, now := w.Amount.Asset, remit.Reason("")
	if len(c.Usable) == 0 {
		now = c.Reason()
	}
	if r.waiting[coin] == now {
		return
	}
	r.waiting[coin] = now
	if now != "" {
		r.Logger.Warn("no rail can carry a payment now", "reason", now, "amount", w.Amount.String(), "rails", c)
		return
	}
	r.Logger.Info("payments find a rail again", "rails", c)
}

// judge looks at one rail for one payment.
func (r *Router) judge(l *lane, w Want) (Route, Refused) {
	name := l.Payer.Name()
	if w.Wish != remit.RailAuto && w.Wish != name {
		return Route{}, Refused{Why: RefusedNotWished, Detail: "the quote asks for " + string(w.Wish)}
	}
	if slices.Contains(w.Tried, name) {
		return Route{}, Refused{Why: RefusedTried, Detail: "it is known to have failed this payment"}
	}
	amount, ok := carried(l, w.Amount)
	if !ok {
		return Route{}, Refused{Why: RefusedNotCarried, Detail: "it does not carry " + w.Amount.String()}
	}
	destination, refused := r.destination(name, amount.Asset, w)
	if refused.Why != "" {
		return Route{}, refused
	}
	guard := r.guards[w.Amount.Asset]
	if guard == nil {
		return Route{}, Refused{Why: RefusedPaused, Detail: "nobody watches the peg of " + w.Amount.Asset.Code}
	}
	if peg := guard.Peg(); peg.Paused() {
		return Route{}, Refused{Why: RefusedPaused, Detail: peg.String()}
	}
	k := l.known(guard.Reference)
	if detail := r.unhealthy(k); detail != "" {
		return Route{}, Refused{Why: RefusedUnhealthy, Detail: detail}
	}
	balance, ok := k.balances[amount.Asset]
	if !ok {
		return Route{}, Refused{Why: RefusedUnhealthy, Detail: "it does not tell the treasury's balance of " + amount.Asset.Code}
	}
	lowWater, reserve := l.lowWater(amount.Asset), l.mostCharge(amount)
	need, addErr := amount.Add(reserve)
	if left, err := balance.Sub(lowWater); addErr != nil || err != nil || left.Minor < need.Minor {
		return Route{}, Refused{Why: RefusedShort, Detail: fmt.Sprintf("the treasury holds %s, of which %s stay", balance, lowWater)}
	}
	route := Route{Rail: name, Amount: amount, Reserve: reserve, Destination: destination}
	r.price(&route, l, k, w.Amount.Asset)
	return route, Refused{}
}

// destination is where a payment goes on a rail.
func (r *Router) destination(rail remit.Rail, asset remit.Asset, w Want) (string, Refused) {
	if w.Wallet != "" {
		if w.Wish != rail {
			return "", Refused{Why: RefusedNoDestination, Detail: "a wallet is on one rail, and none is wished for"}
		}
		return w.Wallet, Refused{}
	}
	address, ok := r.Destination(w.Provider, rail, asset)
	if !ok {
		return "", Refused{Why: RefusedNoDestination, Detail: fmt.Sprintf("no address of %s for %s is configured", w.Provider, asset.Code)}
	}
	return address, Refused{}
}

// carried is the amount in the rail's form of the coin, if it has one.
func carried(l *lane, amount remit.Money) (remit.Money, bool) {
	for _, a := range l.Payer.Assets() {
		if coin, err := remit.CoinOf(a); err == nil && coin == amount.Asset {
			m, err := amount.InRailAsset(a)
			return m, err == nil
		}
	}
	return remit.Money{}, false
}

// unhealthy says what keeps a rail from being used: it counts as healthy by a
// fresh good answer only.
func (r *Router) unhealthy(k known) string {
	switch age := r.Clock.Now().Sub(k.asked); {
	case k.asked.IsZero():
		return "it has not answered yet"
	case k.trouble != nil:
		return k.trouble.Error()
	case age > r.CheckOldest:
		return fmt.Sprintf("its last answer is %s old", age.Truncate(time.Millisecond))
	}
	return ""
}

// price estimates what a payment costs.
func (r *Router) price(route *Route, l *lane, k known, coin remit.Asset) {
	unit := remit.Asset{Code: coin.Code, Scale: nanoScale}
	route.P95, route.Measured = l.Assumed.P95, false
	route.Fee = remit.Money{Asset: unit, Minor: l.Assumed.FeeNanos}
	if k.speed.Measured() {
		route.P95, route.Measured = min(k.speed.P95, maxP95), true
		if fee, ok := feeInNanos(k.speed.Fee, k.worth); ok {
			route.Fee.Minor = fee
		}
	}
	seconds := int64(route.P95 / time.Second)
	parts := int64(route.P95 % time.Second)
	route.Cost = remit.Money{Asset: unit, Minor: route.Fee.Minor + seconds*r.SecondNanos + parts*r.SecondNanos/int64(time.Second)}
}

// feeInNanos turns a fee in the native asset into billionths of the reference
// currency, rounded up.
func feeInNanos(fee remit.Money, worth remit.Rate) (int64, bool) {
	if worth.IsZero() || fee.Asset != worth.Base || fee.Minor < 0 {
		return 0, false
	}
	fine := remit.Rate{Base: worth.Base, Quote: remit.Asset{Code: worth.Quote.Code, Scale: nanoScale}, Num: worth.Num, Den: worth.Den}
	m, _, err := fine.Convert(fee, remit.RoundUp)
	return m.Minor, err == nil && m.Minor <= maxAssumedNanos
}
