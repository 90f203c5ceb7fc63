package corridors

import (
	"fmt"

	"github.com/openremit/remit"
)

// price fills amounts, fee lines and rate.
//
// With the source fixed, the fees are taken from the total and the rest is
// converted. With the target fixed, the principal is the least that gives the
// target at our best rate; since one minor unit of the source may be worth many
// of the target, the rate is then lowered by that fraction, so that the
// beneficiary receives exactly what was asked. The same is done where a payout
// network carries whole units only.
func (o order) price(best remit.Rate) (remit.Quote, error) {
	t := newTariff(o.corridor, o.funding, o.payout)
	var quote remit.Quote
	var err error
	if o.field == "source_amount" {
		quote, err = o.fromSource(t, best)
	} else {
		quote, err = o.fromTarget(t, best)
	}
	if err != nil && remit.KindOf(err) == remit.KindInternal {
		return remit.Quote{}, fmt.Errorf("price %s: %w", o.corridor.ID, err)
	}
	return quote, err
}

func (o order) fromSource(t tariff, best remit.Rate) (remit.Quote, error) {
	quote := remit.Quote{SourceTotal: o.fixed, Rate: best}
	var err error
	if quote.Principal, quote.Fees, err = t.split(o.fixed); err != nil {
		return remit.Quote{}, err
	}
	if quote.Target, _, err = best.Convert(quote.Principal, remit.RoundDown); err != nil {
		return remit.Quote{}, err
	}
	if step := o.payout.wholeStep(); o.payout.WholeUnits && quote.Target.Minor%step != 0 {
		quote.Target.Minor -= quote.Target.Minor % step
	}
	if !quote.Principal.IsPositive() || !quote.Target.IsPositive() {
		return remit.Quote{}, remit.InvalidFields([]remit.FieldError{fieldError(o.field, remit.ReasonAmountBelowMinimum,
			"%s pays out nothing after fees; %s", o.fixed, o.payoutLimits())})
	}
	if quote.Rate, err = exactRate(quote.Principal, quote.Target, best); err != nil {
		return remit.Quote{}, err
	}
	return quote, nil
}

func (o order) fromTarget(t tariff, best remit.Rate) (remit.Quote, error) {
	quote := remit.Quote{Target: o.fixed}
	var err error
	if quote.Principal, _, err = best.Inverse().Convert(o.fixed, remit.RoundUp); err != nil {
		return remit.Quote{}, err
	}
	if quote.Rate, err = exactRate(quote.Principal, quote.Target, best); err != nil {
		return remit.Quote{}, err
	}
	var fees remit.Money
	if quote.Fees, fees, err = t.lines(quote.Principal); err != nil {
		return remit.Quote{}, err
	}
	quote.SourceTotal, err = quote.Principal.Add(fees)
	return quote, err
}

// exactRate returns best where it gives the target, otherwise the rate that does.
func exactRate(principal, target remit.Money, best remit.Rate) (remit.Rate, error) {
	got, _, err := best.Convert(principal, remit.RoundDown)
	if err != nil {
		return remit.Rate{}, err
	}
	if got == target {
		return best, nil
	}
	return fitRate(principal, target, best)
}

// checkFixed checks the given amount against the limits that it is itself
// subject to, before any rate is asked for.
func (o order) checkFixed() []remit.FieldError {
	if o.field == "source_amount" {
		if o.funding.Method == "" {
			return nil
		}
		return o.checkRange(o.fixed, o.funding.Min, o.funding.Max, "is", o.fundingLimits())
	}
	if o.payout.Method == "" {
		return nil
	}
	if o.payout.WholeUnits && o.fixed.Minor%o.payout.wholeStep() != 0 {
		return []remit.FieldError{fieldError(o.field, remit.ReasonAmountMalformed,
			"%s has a fraction; %s payouts in %s carry whole units only", o.fixed, o.payout.Method, o.payout.Currency.Code)}
	}
	return o.checkRange(o.fixed, o.payout.Min, o.payout.Max, "is", o.payoutLimits())
}

// checkLimits checks the other side, which only the price shows.
func (o order) checkLimits(quote remit.Quote) []remit.FieldError {
	if o.field == "source_amount" {
		return o.checkRange(quote.Target, o.payout.Min, o.payout.Max, "would be paid out, which is", o.payoutLimits())
	}
	return o.checkRange(quote.SourceTotal, o.funding.Min, o.funding.Max, "would be charged, which is", o.fundingLimits())
}

func (o order) checkRange(amount, least, most remit.Money, is, limits string) []remit.FieldError {
	switch {
	case amount.Minor < least.Minor:
		return []remit.FieldError{fieldError(o.field, remit.ReasonAmountBelowMinimum, "%s %s too little; %s", amount, is, limits)}
	case amount.Minor > most.Minor:
		return []remit.FieldError{fieldError(o.field, remit.ReasonAmountAboveMaximum, "%s %s too much; %s", amount, is, limits)}
	}
	return nil
}

func (o order) fundingLimits() string {
	return fmt.Sprintf("%s takes %s to %s, fees included", o.funding.Method, o.funding.Min, o.funding.Max)
}

func (o order) payoutLimits() string {
	return fmt.Sprintf("%s payouts in %s are from %s to %s", o.payout.Method, o.To, o.payout.Min, o.payout.Max)
}
