package corridors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// ErrNotQuoted says that a source of rates does not know a currency. It is not
// trouble: another source may know it.
var ErrNotQuoted = errors.New("currency is not quoted")

// Rates tells the market's mid rates.
type Rates interface {
	// Mid returns the price of one base unit in quote units, and the moment
	// that it is of. Errors: ErrNotQuoted; unavailable with
	// remit.ReasonRateUnavailable when the source cannot be asked.
	Mid(ctx context.Context, base, quote remit.Asset) (rate remit.Rate, asOf time.Time, err error)
}

// Layered asks several sources of rates, each only for the currencies that
// those before it do not quote. Both legs go over the US dollar, so that a pair
// may have each of its currencies from another source. A source in trouble is
// not passed over: a price must not jump because a source is down.
type Layered struct {
	layers []Rates
}

// NewLayered returns rates that come from the first layer that quotes them.
func NewLayered(layers ...Rates) Layered { return Layered{layers: layers} }

// Mid implements Rates. The moment is the older one of the two legs.
func (l Layered) Mid(ctx context.Context, base, quote remit.Asset) (remit.Rate, time.Time, error) {
	if base == usd || quote == usd {
		return l.leg(ctx, base, quote)
	}
	return overUSD(ctx, l, base, quote)
}

func (l Layered) leg(ctx context.Context, base, quote remit.Asset) (remit.Rate, time.Time, error) {
	for _, layer := range l.layers {
		rate, asOf, err := layer.Mid(ctx, base, quote)
		if !errors.Is(err, ErrNotQuoted) {
			return rate, asOf, err
		}
	}
	return remit.Rate{}, time.Time{}, notQuoted(base, quote)
}

func notQuoted(base, quote remit.Asset) error {
	return fmt.Errorf("mid rate %s to %s: %w", base.Code, quote.Code, ErrNotQuoted)
}

// overUSD chains two legs over the dollar.
func overUSD(ctx context.Context, r Rates, base, quote remit.Asset) (remit.Rate, time.Time, error) {
	in, inAsOf, err := r.Mid(ctx, base, usd)
	if err != nil {
		return remit.Rate{}, time.Time{}, err
	}
	out, outAsOf, err := r.Mid(ctx, usd, quote)
	if err != nil {
		return remit.Rate{}, time.Time{}, err
	}
	rate, err := in.Mul(out)
	if err != nil {
		return remit.Rate{}, time.Time{}, fmt.Errorf("mid rate %s to %s: %w", base.Code, quote.Code, err)
	}
	return rate, older(inAsOf, outAsOf), nil
}

func older(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// identity is one of a currency for one of itself.
func identity(a remit.Asset) remit.Rate { return remit.Rate{Base: a, Quote: a, Num: 1, Den: 1} }

// marketAge is the time from asOf to now without Saturdays and Sundays in UTC,
// when no market makes a new price.
func marketAge(asOf, now time.Time) time.Duration {
	if !asOf.Before(now) {
		return now.Sub(asOf)
	}
	return openTime(now) - openTime(asOf)
}

// openTime is the time of market weekdays from a Monday long ago until t.
func openTime(t time.Time) time.Duration {
	const week, open = 7 * 24 * time.Hour, 5 * 24 * time.Hour
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	since := t.Sub(monday)
	weeks := since / week
	if since < 0 && since%week != 0 {
		weeks--
	}
	return weeks*open + min(since-weeks*week, open)
}
