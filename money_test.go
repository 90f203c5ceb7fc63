package remit_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/openremit/remit"
)

var usd, php, jpy = remit.MustFiat("USD"), remit.MustFiat("PHP"), remit.MustFiat("JPY")

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asset remit.Asset
		text  string
		minor int64
		ok    bool
	}{
		{usd, "200", 20000, true},
		{usd, "200.05", 20005, true},
		{usd, "0.5", 50, true},
		{usd, "0", 0, true},
		{jpy, "12000", 12000, true},
		{remit.USDCStellar, "1.0000001", 10000001, true},
		{usd, "200.005", 0, false},
		{jpy, "1.5", 0, false},
		{usd, "", 0, false},
		{usd, ".5", 0, false},
		{usd, "5.", 0, false},
		{usd, "-1", 0, false},
		{usd, "+1", 0, false},
		{usd, "1e3", 0, false},
		{usd, "1,000", 0, false},
		{usd, " 1", 0, false},
		{usd, "1.0.0", 0, false},
		{usd, "٣", 0, false},
		{usd, strings.Repeat("9", 19), 0, false},
		{remit.USDCStellar, strings.Repeat("9", 18), 0, false},
	} {
		got, err := remit.ParseMoney(c.asset, c.text)
		if (err == nil) != c.ok || got.Minor != c.minor {
			t.Errorf("ParseMoney(%s, %q) = %d, %v; want %d, ok %v", c.asset, c.text, got.Minor, err, c.minor, c.ok)
		}
		if err != nil && remit.KindOf(err) != remit.KindInvalid {
			t.Errorf("ParseMoney(%s, %q): kind %s, want invalid", c.asset, c.text, remit.KindOf(err))
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"0", "1.23", "-1", "1e9", "999999999999999999", "0.0000001", "..", "١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range []remit.Asset{jpy, usd, remit.USDCStellar} {
			m, err := remit.ParseMoney(a, s)
			if err != nil {
				continue
			}
			again, err := remit.ParseMoney(a, m.Decimal())
			if err != nil || again != m {
				t.Errorf("%q → %v → %v, %v", s, m, again, err)
			}
		}
	})
}

func TestArithmeticRefuses(t *testing.T) {
	t.Parallel()
	most := remit.NewMoney(usd, math.MaxInt64)
	least := remit.NewMoney(usd, math.MinInt64)
	one := remit.NewMoney(usd, 1)
	if _, err := most.Add(one); !errors.Is(err, remit.ErrOverflow) {
		t.Errorf("most + 1: %v, want overflow", err)
	}
	if _, err := least.Sub(one); !errors.Is(err, remit.ErrOverflow) {
		t.Errorf("least - 1: %v, want overflow", err)
	}
	if _, err := one.Sub(least); !errors.Is(err, remit.ErrOverflow) {
		t.Errorf("1 - least: %v, want overflow", err)
	}
	if _, err := one.Add(remit.NewMoney(php, 1)); !errors.Is(err, remit.ErrAssetMismatch) {
		t.Errorf("USD + PHP: %v, want asset mismatch", err)
	}
	if got := least.Decimal(); got != "-92233720368547758.08" {
		t.Errorf("least = %s", got)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	rate, err := remit.ParseRate(usd, php, "56.105")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		minor    int64
		rounding remit.Rounding
		want     int64
		exact    bool
	}{
		{20000, remit.RoundDown, 1122100, true},
		{1, remit.RoundDown, 56, false},
		{1, remit.RoundUp, 57, false},
		{1, remit.RoundHalfEven, 56, false},
		{-1, remit.RoundDown, -56, false},
		{-1, remit.RoundUp, -57, false},
	} {
		got, exact, err := rate.Convert(remit.NewMoney(usd, c.minor), c.rounding)
		if err != nil || got.Minor != c.want || exact != c.exact || got.Asset != php {
			t.Errorf("convert %d by %d = %v, %v, %v; want %d, %v", c.minor, c.rounding, got, exact, err, c.want, c.exact)
		}
	}
	if _, _, err := rate.Convert(remit.NewMoney(usd, 1), remit.RoundUnspecified); !errors.Is(err, remit.ErrRoundingUnspecified) {
		t.Errorf("unspecified rounding: %v", err)
	}
	if _, _, err := rate.Convert(remit.NewMoney(php, 1), remit.RoundDown); !errors.Is(err, remit.ErrAssetMismatch) {
		t.Errorf("wrong asset: %v", err)
	}
	if _, _, err := (remit.Rate{}).Convert(remit.NewMoney(usd, 1), remit.RoundDown); err == nil {
		t.Error("the zero rate converts")
	}
	if got := rate.Inverse().Decimal(6); got != "0.017824" {
		t.Errorf("inverse = %s", got)
	}
}

// FuzzConvert holds Convert to the exact rational, whatever the numbers.
func FuzzConvert(f *testing.F) {
	f.Add(int64(20000), int64(56105), int64(1000))
	f.Add(int64(-1), int64(1), int64(3))
	f.Fuzz(func(t *testing.T, minor, num, den int64) {
		rate, err := remit.NewRate(usd, jpy, num, den)
		if err != nil {
			return
		}
		down, exact, err := rate.Convert(remit.NewMoney(usd, minor), remit.RoundDown)
		if err != nil {
			return
		}
		want := new(big.Rat).Mul(big.NewRat(minor, 100), big.NewRat(num, den))
		diff := new(big.Rat).Sub(want, new(big.Rat).SetInt64(down.Minor))
		if diff.Abs(diff).Cmp(big.NewRat(1, 1)) >= 0 || exact != (diff.Sign() == 0) {
			t.Errorf("%d × %d/%d = %d, exact %v; want %s", minor, num, den, down.Minor, exact, want.FloatString(4))
		}
	})
}
