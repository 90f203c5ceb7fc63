package corridors

import (
	"fmt"
	"math/big"

	"github.com/openremit/remit"
)

const (
	// wholeBasisPoints is one, in basis points.
	wholeBasisPoints = 10_000
	// rateDigits is how many significant digits a customer's rate has.
	rateDigits = 8
	// maxRateDecimals bounds the decimals of a rate made to fit an amount.
	maxRateDecimals = 15
)

// tariff is the fees that one choice of methods costs.
type tariff struct {
	source remit.Asset
	fees   []Fee
}

func newTariff(c Corridor, in FundingOption, out PayoutOption) tariff {
	t := tariff{source: c.Source}
	for _, group := range [][]Fee{c.Fees, in.Fees, out.Fees} {
		t.fees = append(t.fees, group...)
	}
	return t
}

// lines returns the fee lines of a principal and their sum. Each share is
// rounded up, lines of nothing are left out. The sum never falls as the
// principal rises.
func (t tariff) lines(principal remit.Money) ([]remit.FeeLine, remit.Money, error) {
	total := remit.Money{Asset: t.source}
	lines := make([]remit.FeeLine, 0, len(t.fees)+1)
	for _, ofFees := range []bool{false, true} {
		base := principal
		if ofFees {
			base = total
		}
		for _, fee := range t.fees {
			if fee.OfFees != ofFees {
				continue
			}
			share, err := base.Fraction(fee.BasisPoints, wholeBasisPoints, remit.RoundUp)
			if err != nil {
				return nil, remit.Money{}, fmt.Errorf("fee %s: %w", fee.Kind, err)
			}
			amount, err := share.Add(fee.Fixed)
			if err != nil {
				return nil, remit.Money{}, fmt.Errorf("fee %s: %w", fee.Kind, err)
			}
			if amount.IsZero() {
				continue
			}
			if total, err = total.Add(amount); err != nil {
				return nil, remit.Money{}, fmt.Errorf("sum of fees: %w", err)
			}
			lines = append(lines, remit.FeeLine{Kind: fee.Kind, Description: fee.Description, Amount: amount})
		}
	}
	return lines, total, nil
}

// split divides a source total into a principal and its fee lines. The fees are
// those of the greatest principal that the total affords; the few minor units
// that rounding may leave go to the principal, so that the total is met exactly.
// The principal is not positive when the total does not pay the fees.
func (t tariff) split(total remit.Money) (remit.Money, []remit.FeeLine, error) {
	_, most, err := t.lines(total)
	if err != nil {
		return remit.Money{}, nil, err
	}
	// The fees of the answer are at most those of the total, and at least those
	// of the least answer that this allows: the answer lies in between.
	low := max(total.Minor-most.Minor, 0)
	_, least, err := t.lines(remit.Money{Asset: t.source, Minor: low})
	if err != nil {
		return remit.Money{}, nil, err
	}
	high := total.Minor - least.Minor
	for low < high {
		middle := low + (high-low+1)/2
		_, fees, err := t.lines(remit.Money{Asset: t.source, Minor: middle})
		if err != nil {
			return remit.Money{}, nil, err
		}
		if middle+fees.Minor <= total.Minor {
			low = middle
		} else {
			high = middle - 1
		}
	}
	lines, fees, err := t.lines(remit.Money{Asset: t.source, Minor: low})
	if err != nil {
		return remit.Money{}, nil, err
	}
	principal, err := total.Sub(fees)
	return principal, lines, err
}

// customerRate is the mid rate less the margin, cut to rateDigits significant
// digits in our favour.
func customerRate(mid remit.Rate, marginBasisPoints int64) (remit.Rate, error) {
	num := new(big.Int).Mul(big.NewInt(mid.Num), big.NewInt(wholeBasisPoints-marginBasisPoints))
	den := new(big.Int).Mul(big.NewInt(mid.Den), big.NewInt(wholeBasisPoints))
	smallest := pow10(rateDigits - 1)
	for decimals := range maxRateDecimals + 1 {
		scale := pow10(decimals)
		cut := new(big.Int).Mul(num, scale)
		cut.Quo(cut, den)
		if cut.Cmp(smallest) >= 0 && cut.IsInt64() {
			return remit.NewRate(mid.Base, mid.Quote, cut.Int64(), scale.Int64())
		}
	}
	return remit.Rate{}, fmt.Errorf("rate %s less %d basis points has no %d digits", mid, marginBasisPoints, rateDigits)
}

// fitRate returns the rate with the fewest decimals that turns the principal
// into exactly the target and is no better than best. best must give at least
// the target.
func fitRate(principal, target remit.Money, best remit.Rate) (remit.Rate, error) {
	exact := big.NewRat(target.Minor, principal.Minor)
	exact.Mul(exact, new(big.Rat).SetFrac(pow10(int(principal.Asset.Scale)), pow10(int(target.Asset.Scale))))
	limit := big.NewRat(best.Num, best.Den)
	if exact.Cmp(limit) > 0 {
		return remit.Rate{}, fmt.Errorf("no rate up to %s turns %s into %s", best, principal, target)
	}
	for decimals := range maxRateDecimals + 1 {
		scale := pow10(decimals)
		num := new(big.Int).Mul(exact.Num(), scale)
		num.Add(num, exact.Denom()).Sub(num, big.NewInt(1)).Quo(num, exact.Denom()) // Rounded up.
		if !num.IsInt64() {
			break
		}
		if new(big.Rat).SetFrac(num, scale).Cmp(limit) > 0 {
			continue
		}
		rate, err := remit.NewRate(best.Base, best.Quote, num.Int64(), scale.Int64())
		if err != nil {
			return remit.Rate{}, err
		}
		got, _, err := rate.Convert(principal, remit.RoundDown)
		if err != nil {
			return remit.Rate{}, err
		}
		if got == target {
			return rate, nil
		}
	}
	if !exact.Num().IsInt64() || !exact.Denom().IsInt64() {
		return remit.Rate{}, fmt.Errorf("rate of %s for %s: %w", target, principal, remit.ErrOverflow)
	}
	return remit.NewRate(best.Base, best.Quote, exact.Num().Int64(), exact.Denom().Int64())
}

// wholeStep is one major unit in minor units.
func (o PayoutOption) wholeStep() int64 { return pow10(int(o.Currency.Scale)).Int64() }

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
