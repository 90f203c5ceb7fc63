package remit

import (
	"fmt"
	"math/big"
	"strings"
)

// Rounding says what becomes of the fraction of a minor unit that a division
// leaves. The zero value is unspecified and refused.
type Rounding uint8

// The roundings the gateway uses.
const (
	RoundUnspecified Rounding = iota
	// RoundDown drops the fraction: used for what we pay out, in favour of the
	// liquidity account.
	RoundDown
	// RoundUp takes the next minor unit: used for what we collect.
	RoundUp
	// RoundHalfEven rounds to the nearest and ties to even: used for display.
	RoundHalfEven
)

// Rate is an exact price: Num/Den major units of Quote for one major unit of
// Base. Both are positive. The zero value converts nothing.
type Rate struct {
	Base  Asset `json:"base"`
	Quote Asset `json:"quote"`
	Num   int64 `json:"num"`
	Den   int64 `json:"den"`
}

// MaxRateDigits bounds the text of a rate.
const MaxRateDigits = 15

// ParseRate reads a decimal rate such as "56.105" exactly.
func ParseRate(base, quote Asset, text string) (Rate, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" || len(whole)+len(fraction) > MaxRateDigits {
		return Rate{}, fmt.Errorf("rate %q: want a decimal of at most %d digits", clip(text), MaxRateDigits)
	}
	num, den := int64(0), int64(1)
	for i, r := range whole + fraction {
		if r < '0' || r > '9' {
			return Rate{}, fmt.Errorf("rate %q has a character other than digits and one point", clip(text))
		}
		num = num*10 + int64(r-'0')
		if i >= len(whole) {
			den *= 10
		}
	}
	return NewRate(base, quote, num, den)
}

// NewRate returns num/den quote units for one base unit, reduced to lowest
// terms. Both must be positive and the assets given.
func NewRate(base, quote Asset, num, den int64) (Rate, error) {
	if base.IsZero() || quote.IsZero() {
		return Rate{}, fmt.Errorf("rate needs two assets, got %q and %q", base, quote)
	}
	if num <= 0 || den <= 0 {
		return Rate{}, fmt.Errorf("rate %d/%d: both must be positive", num, den)
	}
	g := gcd(num, den)
	return Rate{Base: base, Quote: quote, Num: num / g, Den: den / g}, nil
}

// IsZero reports whether the rate is unspecified.
func (r Rate) IsZero() bool { return r.Num == 0 }

// Inverse returns the price of one quote unit in base units.
func (r Rate) Inverse() Rate {
	return Rate{Base: r.Quote, Quote: r.Base, Num: r.Den, Den: r.Num}
}

// Mul returns r×s, where s prices r's quote asset: USD→USDC times USDC→PHP is
// USD→PHP. It errs when the assets do not chain or the result does not fit.
func (r Rate) Mul(s Rate) (Rate, error) {
	if r.Quote != s.Base {
		return Rate{}, fmt.Errorf("chain %s→%s with %s→%s: %w", r.Base, r.Quote, s.Base, s.Quote, ErrAssetMismatch)
	}
	num := new(big.Int).Mul(big.NewInt(r.Num), big.NewInt(s.Num))
	den := new(big.Int).Mul(big.NewInt(r.Den), big.NewInt(s.Den))
	g := new(big.Int).GCD(nil, nil, num, den)
	num.Quo(num, g)
	den.Quo(den, g)
	if !num.IsInt64() || !den.IsInt64() {
		return Rate{}, fmt.Errorf("chain %s→%s with %s→%s: %w", r.Base, r.Quote, s.Base, s.Quote, ErrOverflow)
	}
	return Rate{Base: r.Base, Quote: s.Quote, Num: num.Int64(), Den: den.Int64()}, nil
}

// Convert turns an amount of the base asset into the quote asset by the named
// rounding. It errs on another asset, an unspecified rounding or overflow.
// Exact reports whether rounding left nothing over.
func (r Rate) Convert(m Money, rounding Rounding) (converted Money, exact bool, err error) {
	if r.IsZero() {
		return Money{}, false, fmt.Errorf("convert %s: the rate is unspecified", m)
	}
	if m.Asset != r.Base {
		return Money{}, false, fmt.Errorf("convert %s by a rate from %s: %w", m, r.Base, ErrAssetMismatch)
	}
	num := new(big.Int).Mul(big.NewInt(m.Minor), big.NewInt(r.Num))
	num.Mul(num, big.NewInt(pow10(r.Quote.Scale)))
	den := new(big.Int).Mul(big.NewInt(r.Den), big.NewInt(pow10(r.Base.Scale)))
	q, exact, err := divide(num, den, rounding)
	if err != nil {
		return Money{}, false, fmt.Errorf("convert %s: %w", m, err)
	}
	if !q.IsInt64() {
		return Money{}, false, fmt.Errorf("convert %s: %w", m, ErrOverflow)
	}
	return Money{Asset: r.Quote, Minor: q.Int64()}, exact, nil
}

// Fraction returns m×num/den by the named rounding, for fees in basis points
// and shares. den must be positive.
func (m Money) Fraction(num, den int64, rounding Rounding) (Money, error) {
	if den <= 0 {
		return Money{}, fmt.Errorf("fraction %d/%d of %s: the denominator must be positive", num, den, m)
	}
	product := new(big.Int).Mul(big.NewInt(m.Minor), big.NewInt(num))
	q, _, err := divide(product, big.NewInt(den), rounding)
	if err != nil {
		return Money{}, fmt.Errorf("fraction of %s: %w", m, err)
	}
	if !q.IsInt64() {
		return Money{}, fmt.Errorf("fraction %d/%d of %s: %w", num, den, m, ErrOverflow)
	}
	return Money{Asset: m.Asset, Minor: q.Int64()}, nil
}

// Decimal writes the rate with the given number of decimals, rounded half to
// even, for people to read. It is never parsed back into money.
func (r Rate) Decimal(decimals uint8) string {
	if r.IsZero() {
		return "0"
	}
	num := new(big.Int).Mul(big.NewInt(r.Num), big.NewInt(pow10(min(decimals, MaxScale))))
	q, _, err := divide(num, big.NewInt(r.Den), RoundHalfEven)
	if err != nil || !q.IsInt64() {
		return big.NewRat(r.Num, r.Den).FloatString(int(decimals))
	}
	return Money{Asset: Asset{Scale: min(decimals, MaxScale)}, Minor: q.Int64()}.Decimal()
}

// String writes the exact ratio: "1 USD/2 = 56105/1000 PHP/2".
func (r Rate) String() string {
	return fmt.Sprintf("1 %s = %d/%d %s", r.Base, r.Num, r.Den, r.Quote)
}

// divide returns num/den by the named rounding, for a positive den. Down and up
// are toward and away from zero.
func divide(num, den *big.Int, rounding Rounding) (*big.Int, bool, error) {
	quotient, remainder := new(big.Int).QuoRem(num, den, new(big.Int))
	if remainder.Sign() == 0 {
		return quotient, true, nil
	}
	away := big.NewInt(int64(num.Sign()))
	switch rounding {
	case RoundDown:
	case RoundUp:
		quotient.Add(quotient, away)
	case RoundHalfEven:
		twice := remainder.Lsh(remainder.Abs(remainder), 1)
		if c := twice.Cmp(den); c > 0 || (c == 0 && quotient.Bit(0) == 1) {
			quotient.Add(quotient, away)
		}
	case RoundUnspecified:
		return nil, false, ErrRoundingUnspecified
	default:
		return nil, false, ErrRoundingUnspecified
	}
	return quotient, false, nil
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
