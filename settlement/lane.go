package settlement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/openremit/remit"
)

// Payer is what the router asks of a rail. Every [Rail] is one.
type Payer interface {
	Name() remit.Rail
	// Assets are the forms of coins that it pays in.
	Assets() []remit.Asset
	// Health errs when it cannot be used now.
	Health(ctx context.Context) error
	// Balance is the treasury's balance of an asset on chain.
	Balance(ctx context.Context, asset remit.Asset) (remit.Money, error)
}

// Lane is a rail with what the router must know about it.
type Lane struct {
	Payer Payer
	// LowWater are the amounts, one per asset, that payments leave in the
	// treasury: what is reserved for other uses, or for what is on its way.
	LowWater []remit.Money
	// Native is the chain's own asset, in which it takes its fees.
	Native remit.Asset
	// Assumed is gone by until enough was measured.
	Assumed Assumed
}

// Assumed is what a payment is taken to take.
type Assumed struct {
	// P95 is the time from the order placed to final.
	P95 time.Duration
	// FeeNanos is the network's fee, in billionths of the coin's reference
	// currency. It serves too while the native asset has no price.
	FeeNanos int64
}

// lane is a lane with what is known of it.
type lane struct {
	Lane
	clock   remit.Clock
	log     *slog.Logger
	prices  PriceSource
	past    History
	limits  laneLimits
	metrics routeMetrics

	// checking is held by the one check that runs.
	checking sync.Mutex

	mu sync.Mutex
	// asked is when the last check that was answered began; trouble is what it found.
	asked    time.Time
	trouble  error
	balances map[remit.Asset]remit.Money
	measured time.Time
	speed    Speed
	// worth prices the native asset, by reference currency.
	worth map[remit.Asset]remit.Rate
}

type laneLimits struct {
	every, timeout, oldest, measureEvery time.Duration
}

// run checks until ctx ends. A rail that hangs hangs its own lane only, and
// becomes unusable by its answer's age.
func (l *lane) run(ctx context.Context, references []remit.Asset) {
	ticker := time.NewTicker(l.limits.every)
	defer ticker.Stop()
	for {
		l.check(ctx, references)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// check asks the rail once and, now and then, the history and the prices.
func (l *lane) check(ctx context.Context, references []remit.Asset) {
	l.checking.Lock()
	defer l.checking.Unlock()
	began := l.clock.Now()
	asking, cancel := context.WithTimeout(ctx, l.limits.timeout)
	balances, err := l.ask(asking)
	cancel()
	if ctx.Err() != nil {
		return // The gateway ends; that says nothing about the rail.
	}
	l.note(began, balances, err)
	if l.due(began) {
		l.measure(ctx, began, references)
	}
}

// ask returns the treasury's balances. A good answer counts however late it
// comes: its age is counted from the asking.
func (l *lane) ask(ctx context.Context) (map[remit.Asset]remit.Money, error) {
	if err := l.Payer.Health(ctx); err != nil {
		return nil, err
	}
	balances := make(map[remit.Asset]remit.Money)
	var failed []error
	for _, a := range l.Payer.Assets() {
		b, err := l.Payer.Balance(ctx, a)
		if err == nil && b.Asset != a {
			err = fmt.Errorf("the answer is %s", b)
		}
		if err != nil {
			// The other assets can be paid all the same.
			failed = append(failed, fmt.Errorf("read the treasury's balance of %s: %w", a.Code, err))
			continue
		}
		balances[a] = b
	}
	if len(balances) == 0 {
		return nil, errors.Join(failed...)
	}
	return balances, nil
}

func (l *lane) note(at time.Time, balances map[remit.Asset]remit.Money, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked.IsZero() || (l.trouble == nil) != (err == nil) {
		l.log.Info("rail health", "usable", err == nil, "err", err)
	}
	l.asked, l.trouble, l.balances = at, err, balances
	l.metrics.healthy(l.Payer.Name(), err == nil)
}

func (l *lane) due(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.measured.IsZero() || now.Sub(l.measured) >= l.limits.measureEvery
}

// measure reads the history and the prices. What cannot be read stays as it was
// last known: it only orders the rails, and passes none.
func (l *lane) measure(ctx context.Context, now time.Time, references []remit.Asset) {
	ctx, cancel := context.WithTimeout(ctx, l.limits.timeout)
	defer cancel()
	list, err := l.past.Paid(ctx, l.Payer.Name(), now.Add(-speedWindow), speedOrders)
	if err != nil {
		l.log.Warn("measure what payments take", "err", err)
	}
	worth := make(map[remit.Asset]remit.Rate)
	for _, reference := range references {
		p, priceErr := l.prices.Price(ctx, l.Native, reference)
		if priceErr == nil && (p.Rate.Base != l.Native || p.Rate.Quote != reference) {
			priceErr = fmt.Errorf("asked for %s in %s and got %s", l.Native, reference, p.Rate)
		}
		if priceErr != nil {
			l.log.Warn("no price of the native asset, its fees are estimated as before", "err", priceErr)
			continue
		}
		worth[reference] = p.Rate
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.measured = now
	if err == nil {
		l.speed = Measure(list)
		l.metrics.measured(l.Payer.Name(), l.speed)
	}
	for reference, rate := range worth {
		l.worth[reference] = rate
	}
}

// known is what is known of a lane at one moment.
type known struct {
	asked    time.Time
	trouble  error
	balances map[remit.Asset]remit.Money
	speed    Speed
	worth    remit.Rate
}

func (l *lane) known(reference remit.Asset) known {
	l.mu.Lock()
	defer l.mu.Unlock()
	return known{l.asked, l.trouble, l.balances, l.speed, l.worth[reference]}
}

// lowWater is what payments leave of an asset.
func (l *lane) lowWater(a remit.Asset) remit.Money {
	for _, m := range l.LowWater {
		if m.Asset == a {
			return m
		}
	}
	return remit.Money{Asset: a}
}

// mostCharge bounds what the coin of an amount takes on top of it.
func (l *lane) mostCharge(amount remit.Money) remit.Money {
	if c, ok := l.Payer.(Charger); ok {
		return c.MostCharge(amount)
	}
	return remit.Money{Asset: amount.Asset}
}
