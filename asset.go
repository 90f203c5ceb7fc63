package remit

import (
	"fmt"
	"strconv"
	"strings"
)

// Asset is a unit of account: a fiat currency or a stablecoin on one rail.
// USDC on Stellar and USDC on Solana are two assets, because holding one is
// not holding the other. Assets are comparable with ==.
type Asset struct {
	// Code is the ISO 4217 code of a fiat currency, or CODE_RAIL for a coin.
	Code string
	// Scale is the number of decimal digits of the minor unit: 2 for USD, 0
	// for JPY, 7 for a Stellar asset, 6 for USDC on Solana.
	Scale uint8
}

// MaxScale bounds an asset's scale, so that one major unit fits in an int64
// with room to spare.
const MaxScale = 9

// The settlement assets that ship with the gateway.
var (
	USDCStellar = Asset{Code: "USDC_STELLAR", Scale: 7}
	USDCSolana  = Asset{Code: "USDC_SOLANA", Scale: 6}
)

// fiatScales lists the ISO 4217 currencies the gateway knows, with the scale of
// the standard's table A.1.
var fiatScales = map[string]uint8{
	"AED": 2, "AUD": 2, "BDT": 2, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "COP": 2,
	"EGP": 2, "ETB": 2, "EUR": 2, "GBP": 2, "GHS": 2, "GTQ": 2, "HKD": 2, "IDR": 2,
	"INR": 2, "JPY": 0, "KES": 2, "KRW": 0, "KWD": 3, "LKR": 2, "MAD": 2, "MXN": 2,
	"MYR": 2, "NGN": 2, "NPR": 2, "NZD": 2, "PHP": 2, "PKR": 2, "QAR": 2, "RWF": 0,
	"SAR": 2, "SGD": 2, "THB": 2, "TZS": 2, "UGX": 0, "USD": 2, "VND": 0, "XAF": 0,
	"XOF": 0, "ZAR": 2, "ZMW": 2, "ZWG": 2,
}

// Fiat returns the asset of an ISO 4217 currency code, or an invalid error
// with reason UNKNOWN_CURRENCY.
func Fiat(code string) (Asset, error) {
	scale, ok := fiatScales[code]
	if !ok {
		return Asset{}, Invalid("currency", ReasonUnknownCurrency,
			"%q is not a currency this gateway knows; use an ISO 4217 code in capitals, such as USD", clip(code))
	}
	return Asset{Code: code, Scale: scale}, nil
}

// MustFiat is Fiat for codes written in the program text; it panics on an
// unknown one.
func MustFiat(code string) Asset {
	a, err := Fiat(code)
	if err != nil {
		panic(err)
	}
	return a
}

// String returns the asset as CODE/SCALE, such as USD/2, the form in which it
// is stored.
func (a Asset) String() string { return a.Code + "/" + strconv.Itoa(int(a.Scale)) }

// IsZero reports whether the asset is unspecified.
func (a Asset) IsZero() bool { return a == Asset{} }

// DisplayCode is the code that people read: the coin's code without its rail.
func (a Asset) DisplayCode() string {
	code, _, _ := strings.Cut(a.Code, "_")
	return code
}

// ParseAsset reads the stored form CODE/SCALE.
func ParseAsset(s string) (Asset, error) {
	code, scaleText, ok := strings.Cut(s, "/")
	if !ok || code == "" || len(code) > 32 {
		return Asset{}, fmt.Errorf("asset %q is not CODE/SCALE", clip(s))
	}
	for _, r := range code {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return Asset{}, fmt.Errorf("asset code %q has a character other than A-Z, 0-9 and _", clip(code))
		}
	}
	scale, err := strconv.ParseUint(scaleText, 10, 8)
	if err != nil || scale > MaxScale || strconv.FormatUint(scale, 10) != scaleText {
		return Asset{}, fmt.Errorf("asset %q: scale is not a number from 0 to %d", clip(s), MaxScale)
	}
	return Asset{Code: code, Scale: uint8(scale)}, nil
}

// MarshalText writes the stored form.
func (a Asset) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the stored form.
func (a *Asset) UnmarshalText(b []byte) error {
	if len(b) == 0 || string(b) == "/0" {
		*a = Asset{}
		return nil
	}
	parsed, err := ParseAsset(string(b))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// clip shortens text from outside before it is quoted in a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
