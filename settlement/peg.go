package settlement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
)

// PegCause says why a coin is paused. The zero value is not paused.
type PegCause string

// The causes.
const (
	// PegOff: the price was off the peg beyond the bound, often enough and long enough.
	PegOff PegCause = "off_peg"
	// PegStale: there has been no new price for too long.
	PegStale PegCause = "price_stale"
	// PegUnobserved: there has been no price since the start.
	PegUnobserved PegCause = "price_unobserved"
	// PegByOperator: an operator paused it.
	PegByOperator PegCause = "by_operator"
)

// Defaults of a guard.
const (
	defaultPegEvery        = 10 * time.Second
	defaultPegTimeout      = 5 * time.Second
	defaultPegBound        = 100
	defaultPegPauseAfter   = 3
	defaultPegPauseOver    = 20 * time.Second
	defaultPegResumeAfter  = 6
	defaultPegResumeOver   = 5 * time.Minute
	defaultPegStale        = 5 * time.Minute
	pegAhead               = time.Minute
	wholeBasisPoints       = 10_000
	maxPegBoundBasisPoints = 5_000
)

// GuardOptions says how a coin's peg is watched. Zero fields take defaults.
type GuardOptions struct {
	// Coin is watched against Reference, the currency that it is to be worth one of.
	Coin, Reference remit.Asset
	Source          PriceSource
	// Bound is how far the price may be from one, in basis points: 100.
	// ResumeBound is how near it must be again, half of it.
	Bound, ResumeBound int64
	// A coin is paused after PauseAfter prices in a row beyond the bound that
	// span PauseOver, and resumed after ResumeAfter within the resume bound that
	// span ResumeOver. One odd price does neither.
	PauseAfter, ResumeAfter int
	PauseOver, ResumeOver   time.Duration
	// StaleAfter is how old the newest price may be.
	StaleAfter time.Duration
	// Every is the time between askings, Timeout how long one may take.
	Every, Timeout time.Duration
	// Pauses returns the coins that operators have paused, with why; see
	// [FilePauses]. An error pauses the coin.
	Pauses func() (map[string]string, error)
	// Memory keeps that the coin is off its peg across restarts; see
	// [FilePegMemory]. Without one the first price after a restart decides.
	Memory PegMemory
	Clock  remit.Clock
	Logger *slog.Logger
	// Metrics is where what is counted is registered, if anywhere.
	Metrics prometheus.Registerer
}

// Guard knows whether a coin holds its peg. It starts paused and lets the coin
// pass at the first price near the peg; from then on one price changes nothing.
// When the process ends it forgets the prices that it saw, but neither that the
// coin was off its peg, if it has a memory, nor what operators wrote.
type Guard struct {
	GuardOptions
	metrics pegMetrics

	mu sync.Mutex
	// cause is why the coin is paused, empty while it is not; since when.
	cause PegCause
	since time.Time
	// newest is the last price that was taken.
	newest Price
	// streak counts the prices in a row that speak for a change, from first on.
	streak int
	first  time.Time
	// byOperator says that an operator paused it, or that what operators paused
	// cannot be read; note is what there is to say about it.
	byOperator bool
	note       string
}

// Peg is where a coin stands, to be shown.
type Peg struct {
	Coin, Reference remit.Asset
	// Cause is why it is paused, empty while it is not.
	Cause PegCause
	// Note is the operator's word.
	Note  string
	Since time.Time
	// Price is the newest one, with how far it is from one in basis points.
	Price                Price
	DeviationBasisPoints int64
}

// Paused reports whether nothing new may be settled in the coin.
func (p Peg) Paused() bool { return p.Cause != "" }

// String tells it in a line.
func (p Peg) String() string {
	switch {
	case p.Cause == "":
		return fmt.Sprintf("%s holds its peg", p.Coin.Code)
	case p.Cause == PegByOperator:
		return fmt.Sprintf("%s is paused by an operator: %s", p.Coin.Code, p.Note)
	case p.Price.Rate.IsZero():
		return fmt.Sprintf("%s has had no price yet", p.Coin.Code)
	default:
		return fmt.Sprintf("%s is paused since %s (%s): newest price %s %s of %s", p.Coin.Code, p.Since.Format(time.RFC3339), p.Cause,
			p.Price.Rate.Decimal(pegDecimals), p.Reference.Code, p.Price.At.Format(time.RFC3339))
	}
}

const pegDecimals = 6

// NewGuard makes a guard; Run starts it. The error names every wrong option.
func NewGuard(o GuardOptions) (*Guard, error) {
	o = o.withDefaults()
	var wrong []error
	coin, err := remit.Coin(o.Coin.Code)
	if err != nil || coin != o.Coin {
		wrong = append(wrong, fmt.Errorf("%q is not a coin", o.Coin))
	}
	if o.Reference.IsZero() || o.Source == nil || o.Clock == nil {
		wrong = append(wrong, errors.New("reference currency, price source and clock are required"))
	}
	if o.Bound < 1 || o.Bound > maxPegBoundBasisPoints || o.ResumeBound < 0 || o.ResumeBound > o.Bound {
		wrong = append(wrong, fmt.Errorf("bound %d and resume bound %d are not falling and from %d to 0 basis points", o.Bound, o.ResumeBound, maxPegBoundBasisPoints))
	}
	if o.PauseAfter < 1 || o.ResumeAfter < 1 || o.PauseOver < 0 || o.ResumeOver < 0 || o.Every < 0 || o.Timeout < 0 {
		wrong = append(wrong, errors.New("a count or a time is negative"))
	}
	if o.StaleAfter <= o.Every {
		wrong = append(wrong, fmt.Errorf("a price would be stale after %s and is asked for every %s", o.StaleAfter, o.Every))
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("guard the peg of %s: %w", o.Coin.Code, errors.Join(wrong...))
	}
	g := &Guard{GuardOptions: o, cause: PegUnobserved, since: o.Clock.Now()}
	if g.metrics, err = newPegMetrics(o.Metrics, o.Coin); err != nil {
		return nil, err
	}
	g.recall()
	g.show()
	return g, nil
}

func (o GuardOptions) withDefaults() GuardOptions {
	set := func(field *time.Duration, otherwise time.Duration) {
		if *field == 0 {
			*field = otherwise
		}
	}
	set(&o.PauseOver, defaultPegPauseOver)
	set(&o.ResumeOver, defaultPegResumeOver)
	set(&o.StaleAfter, defaultPegStale)
	set(&o.Every, defaultPegEvery)
	set(&o.Timeout, defaultPegTimeout)
	if o.Bound == 0 {
		o.Bound = defaultPegBound
	}
	if o.ResumeBound == 0 {
		o.ResumeBound = o.Bound / 2
	}
	if o.PauseAfter == 0 {
		o.PauseAfter = defaultPegPauseAfter
	}
	if o.ResumeAfter == 0 {
		o.ResumeAfter = defaultPegResumeAfter
	}
	if o.Pauses == nil {
		o.Pauses = func() (map[string]string, error) { return nil, nil }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Logger = o.Logger.With("coin", o.Coin.Code)
	return o
}

// Run asks for prices until ctx ends.
func (g *Guard) Run(ctx context.Context) error {
	ticker := time.NewTicker(g.Every)
	defer ticker.Stop()
	for {
		g.Observe(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Observe asks for one price and draws the conclusions.
func (g *Guard) Observe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	p, err := g.Source.Price(ctx, g.Coin, g.Reference)
	if err == nil && (p.Rate.Base != g.Coin || p.Rate.Quote != g.Reference || p.Rate.IsZero()) {
		err = fmt.Errorf("asked for the price of %s in %s and got %s", g.Coin, g.Reference, p.Rate)
	}
	now := g.Clock.Now()
	if err == nil && p.At.Sub(now) > pegAhead {
		err = fmt.Errorf("the price is of %s, which is not yet", p.At.Format(time.RFC3339))
	}
	paused, pausesErr := g.Pauses()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note, g.byOperator = paused[g.Coin.Code]
	if pausesErr != nil {
		g.note, g.byOperator = "the list of paused coins cannot be read", true
		g.Logger.Error("read the paused coins", "err", pausesErr)
	}
	if err != nil {
		g.Logger.Warn("no price of the coin", "err", err)
		g.metrics.failures.Inc()
	} else if now.Sub(p.At) <= g.StaleAfter && p.At.After(g.newest.At) {
		g.take(p, now)
	}
	g.age(now)
	g.show()
}

// take judges a new price.
func (g *Guard) take(p Price, now time.Time) {
	if p.At.Sub(g.newest.At) > g.StaleAfter {
		g.streak = 0 // Too long ago to be in a row with this one.
	}
	g.age(now)
	g.newest = p
	near := within(p.Rate, g.ResumeBound)
	switch {
	case g.cause == PegUnobserved && near:
		g.change("", now)
	case g.cause == PegUnobserved:
		g.change(PegOff, now)
	case g.cause != "" && g.inRow(near, p, g.ResumeAfter, g.ResumeOver):
		g.change("", now)
	case g.cause == "" && g.inRow(!within(p.Rate, g.Bound), p, g.PauseAfter, g.PauseOver):
		g.change(PegOff, now)
	}
}

// inRow counts a price that speaks for a change, or starts over, and reports
// whether enough have spoken for it over enough time.
func (g *Guard) inRow(speaks bool, p Price, enough int, over time.Duration) bool {
	if !speaks {
		g.streak = 0
		return false
	}
	if g.streak++; g.streak == 1 {
		g.first = p.At
	}
	return g.streak >= enough && p.At.Sub(g.first) >= over
}

// age pauses a coin whose newest price has become too old.
func (g *Guard) age(now time.Time) {
	if g.cause == "" && now.Sub(g.newest.At) > g.StaleAfter {
		g.change(PegStale, now)
	}
}

func (g *Guard) change(cause PegCause, now time.Time) {
	g.cause, g.since, g.streak = cause, now, 0
	g.remember()
	if cause == "" {
		g.Logger.Info("coin may be settled in", "price", g.newest.Rate.Decimal(pegDecimals))
		return
	}
	g.Logger.Error("coin paused: nothing new is settled in it", "cause", cause, "price", g.newest.Rate.Decimal(pegDecimals), "at", g.newest.At)
}

// Peg tells where the coin stands now.
func (g *Guard) Peg() Peg {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.age(g.Clock.Now())
	return g.peg()
}

func (g *Guard) peg() Peg {
	p := Peg{Coin: g.Coin, Reference: g.Reference, Cause: g.cause, Since: g.since, Price: g.newest, DeviationBasisPoints: deviation(g.newest.Rate)}
	if g.byOperator {
		p.Cause, p.Note = PegByOperator, g.note
	}
	return p
}

func (g *Guard) show() { g.metrics.show(g.peg()) }

// within reports whether a price is at most that many basis points from one.
func within(r remit.Rate, basisPoints int64) bool {
	off := new(big.Int).Sub(big.NewInt(r.Num), big.NewInt(r.Den))
	off.Abs(off).Mul(off, big.NewInt(wholeBasisPoints))
	return off.Cmp(new(big.Int).Mul(big.NewInt(basisPoints), big.NewInt(r.Den))) <= 0
}

// deviation is how far a price is from one, in whole basis points towards zero.
func deviation(r remit.Rate) int64 {
	if r.IsZero() {
		return 0
	}
	off := new(big.Int).Sub(big.NewInt(r.Num), big.NewInt(r.Den))
	off.Mul(off, big.NewInt(wholeBasisPoints)).Quo(off, big.NewInt(r.Den))
	if !off.IsInt64() {
		return 1<<63 - 1
	}
	return off.Int64()
}
