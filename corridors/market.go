package corridors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// rateRetryAfter is when a caller who found no rate should ask again.
const rateRetryAfter = 5 * time.Minute

// market is what the market says for one order.
type market struct {
	// in prices the source currency in the coin's reference currency, and out
	// that in the payout currency; mid is their product.
	in, out, mid remit.Rate
	asOf         time.Time
}

// market asks for the two legs and refuses rates that are too old.
func (q *Quoter) market(ctx context.Context, o order, now time.Time) (market, error) {
	reference := o.corridor.Coin.Reference
	m := market{in: identity(reference), out: identity(reference), asOf: now}
	var err error
	if source := o.corridor.Source; source != reference {
		if m.in, err = q.leg(ctx, source, reference, now, &m.asOf); err != nil {
			return market{}, err
		}
	}
	if target := o.payout.Currency; target != reference {
		if m.out, err = q.leg(ctx, reference, target, now, &m.asOf); err != nil {
			return market{}, err
		}
	}
	if m.mid, err = m.in.Mul(m.out); err != nil {
		return market{}, fmt.Errorf("quote %s: %w", o.corridor.ID, err)
	}
	return m, nil
}

// leg asks for one rate, checks its age and lowers asOf to its moment.
func (q *Quoter) leg(ctx context.Context, base, quote remit.Asset, now time.Time, asOf *time.Time) (remit.Rate, error) {
	unavailable := func(err error, why string) error {
		e := remit.Wrap(err, remit.KindUnavailable, remit.ReasonRateUnavailable,
			"there is no rate from %s to %s that can be relied on now: %s; try again later", base.Code, quote.Code, why)
		e.RetryAfter = rateRetryAfter
		return e
	}
	rate, moment, err := q.Rates.Mid(ctx, base, quote)
	switch {
	case errors.Is(err, ErrNotQuoted):
		return remit.Rate{}, unavailable(err, "nobody quotes it")
	case err != nil:
		return remit.Rate{}, unavailable(fmt.Errorf("mid rate %s to %s: %w", base.Code, quote.Code, err), "its source does not answer")
	case rate.Base != base || rate.Quote != quote || rate.Num <= 0 || rate.Den <= 0:
		return remit.Rate{}, unavailable(fmt.Errorf("asked for %s to %s and got %s", base, quote, rate), "its source answers nonsense")
	}
	bound := q.MaxRateAge
	if bound == 0 {
		bound = DefaultMaxRateAge
	}
	if bound > 0 {
		if marketAge(moment, now) > bound {
			return remit.Rate{}, unavailable(nil, "the newest is of "+moment.UTC().Format(time.RFC3339))
		}
		if moment.Sub(now) > maxRateAhead {
			return remit.Rate{}, unavailable(nil, "it is dated in the future")
		}
	}
	*asOf = older(*asOf, moment.UTC())
	return rate, nil
}

// settle fills what crosses, what it costs and the margin that is left. The
// coin is priced at one of its reference currency.
func (m market) settle(quote *remit.Quote, coin remit.Asset, marginBasisPoints int64) error {
	target, source := quote.Target.Asset, quote.Principal.Asset
	toCoin := remit.Rate{Base: target, Quote: coin, Num: m.out.Den, Den: m.out.Num}
	ofCoin := remit.Rate{Base: coin, Quote: source, Num: m.in.Den, Den: m.in.Num}
	var err error
	if quote.Settlement, _, err = toCoin.Convert(quote.Target, remit.RoundUp); err != nil {
		return fmt.Errorf("settlement: %w", err)
	}
	if quote.CostOfSettlement, _, err = ofCoin.Convert(quote.Settlement, remit.RoundUp); err != nil {
		return fmt.Errorf("cost of settlement: %w", err)
	}
	margin, err := quote.Principal.Sub(quote.CostOfSettlement)
	if err != nil {
		return fmt.Errorf("margin: %w", err)
	}
	if margin.Minor < 0 {
		return fmt.Errorf("margin of %s on %s is negative", margin, quote.Principal)
	}
	quote.Fees = append(quote.Fees, remit.FeeLine{
		Kind:        remit.FeeFXMargin,
		Description: "Exchange margin of " + percent(marginBasisPoints) + " against the mid rate",
		Amount:      margin, IncludedInRate: true,
	})
	quote.Mid, quote.MidAsOf = m.mid, m.asOf
	return nil
}

// percent writes basis points for people: 65 is "0.65%".
func percent(basisPoints int64) string {
	return remit.Money{Asset: remit.Asset{Scale: 2}, Minor: basisPoints}.Decimal() + "%"
}
