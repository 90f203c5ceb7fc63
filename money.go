package remit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount of one asset in its minor units. The zero value is no
// money of no asset.
type Money struct {
	Asset Asset `json:"asset"`
	// Minor counts minor units: cents for USD/2, stroops for USDC_STELLAR/7.
	Minor int64 `json:"minor"`
}

// MaxAmountDigits bounds the text of an amount before any number is made of it.
const MaxAmountDigits = 18

// NewMoney returns minor units of an asset.
func NewMoney(a Asset, minor int64) Money { return Money{Asset: a, Minor: minor} }

// ParseMoney reads a decimal amount such as "200" or "200.05". It refuses
// signs, exponents, spaces, separators, more fraction digits than the asset
// has, and texts longer than MaxAmountDigits, each with an invalid error that
// says what to write instead.
func ParseMoney(a Asset, text string) (Money, error) {
	bad := func(why string) (Money, error) {
		return Money{}, Invalid("amount", ReasonAmountMalformed, "amount %q %s; write digits with at most %d decimals, such as %s",
			clip(text), why, a.Scale, Money{Asset: a, Minor: 200 * pow10(a.Scale)}.Decimal())
	}
	if text == "" {
		return bad("is empty")
	}
	whole, fraction, hasPoint := strings.Cut(text, ".")
	if len(whole)+len(fraction) > MaxAmountDigits {
		return bad("has too many digits")
	}
	if whole == "" || (hasPoint && fraction == "") {
		return bad("has no digit before or after the point")
	}
	for _, r := range whole + fraction {
		if r < '0' || r > '9' {
			return bad("has a character other than digits and one point")
		}
	}
	if len(fraction) > int(a.Scale) {
		return bad("has too many decimals for " + a.DisplayCode())
	}
	padded := whole + fraction + strings.Repeat("0", int(a.Scale)-len(fraction))
	minor, err := strconv.ParseInt(padded, 10, 64)
	if err != nil {
		return bad("is too large")
	}
	return Money{Asset: a, Minor: minor}, nil
}

// Decimal writes the amount without its code: "200.05", "-0.50".
func (m Money) Decimal() string {
	sign, digits := "", strconv.FormatUint(magnitude(m.Minor), 10)
	if m.Minor < 0 {
		sign = "-"
	}
	scale := int(m.Asset.Scale)
	if scale == 0 {
		return sign + digits
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// String writes the amount for people: "USD 200.05".
func (m Money) String() string {
	if m.Asset.IsZero() {
		return "no money"
	}
	return m.Asset.DisplayCode() + " " + m.Decimal()
}

// Add returns m+n. It errs when the assets differ or the sum does not fit.
func (m Money) Add(n Money) (Money, error) {
	if m.Asset != n.Asset {
		return Money{}, fmt.Errorf("add %s to %s: %w", n.Asset, m.Asset, ErrAssetMismatch)
	}
	sum := m.Minor + n.Minor
	if (n.Minor > 0 && sum < m.Minor) || (n.Minor < 0 && sum > m.Minor) {
		return Money{}, fmt.Errorf("add %s to %s: %w", n, m, ErrOverflow)
	}
	return Money{Asset: m.Asset, Minor: sum}, nil
}

// Sub returns m-n. It errs when the assets differ or the difference does not fit.
func (m Money) Sub(n Money) (Money, error) {
	if n.Minor == math.MinInt64 {
		return Money{}, fmt.Errorf("subtract %s from %s: %w", n, m, ErrOverflow)
	}
	return m.Add(Money{Asset: n.Asset, Minor: -n.Minor})
}

// Cmp compares amounts of one asset: -1, 0 or 1. It errs when the assets differ.
func (m Money) Cmp(n Money) (int, error) {
	if m.Asset != n.Asset {
		return 0, fmt.Errorf("compare %s with %s: %w", m.Asset, n.Asset, ErrAssetMismatch)
	}
	switch {
	case m.Minor < n.Minor:
		return -1, nil
	case m.Minor > n.Minor:
		return 1, nil
	}
	return 0, nil
}

// IsZero reports whether the amount is nothing, of whatever asset.
func (m Money) IsZero() bool { return m.Minor == 0 }

// IsPositive reports whether the amount is more than nothing.
func (m Money) IsPositive() bool { return m.Minor > 0 }

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func pow10(scale uint8) int64 {
	n := int64(1)
	for range scale {
		n *= 10
	}
	return n
}
