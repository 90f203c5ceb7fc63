package remit

import "strings"

// coinScale is the scale of a coin before a rail is chosen: six decimals, which
// every rail carries exactly.
const coinScale = 6

// maxCoinCode is the longest code that a Stellar asset can have.
const maxCoinCode = 12

// USDC is the settlement coin unless a corridor names another: the amount
// before a rail is chosen.
var USDC = Asset{Code: "USDC", Scale: coinScale}

// Coin returns the settlement coin of a code, as it is before a rail is chosen,
// or an invalid error with reason UNKNOWN_CURRENCY. It checks the form only:
// which coins there are, and on which rails, is configuration.
func Coin(code string) (Asset, error) {
	_, fiat := fiatScales[code]
	if code == "" || len(code) > maxCoinCode || fiat || strings.ContainsFunc(code, notCoinLetter) {
		return Asset{}, Invalid("coin", ReasonUnknownCurrency,
			"%q is not the code of a coin: 1 to %d capitals and digits, and not a currency's", clip(code), maxCoinCode)
	}
	return Asset{Code: code, Scale: coinScale}, nil
}

func notCoinLetter(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }

// RailAsset returns a coin as the asset of one rail: CODE_STELLAR with the seven
// decimals of every Stellar asset, CODE_SOLANA with the six of the usual mints.
func RailAsset(coin Asset, rail Rail) (Asset, error) {
	if known, err := Coin(coin.Code); err != nil || coin != known {
		return Asset{}, Errorf(KindInternal, ReasonInternal, "put %q on rail %q: it is not a coin before a rail is chosen", coin, clip(string(rail)))
	}
	switch rail {
	case RailStellar:
		return Asset{Code: coin.Code + "_STELLAR", Scale: USDCStellar.Scale}, nil
	case RailSolana:
		return Asset{Code: coin.Code + "_SOLANA", Scale: USDCSolana.Scale}, nil
	case RailAuto:
		return Asset{}, Errorf(KindInternal, ReasonInternal, "put %s on a rail before one was chosen", coin)
	default:
		return Asset{}, Errorf(KindInvalid, ReasonRailNotOffered, "%q is not a rail", clip(string(rail)))
	}
}

// CoinOf returns the coin of which an asset is the form on one rail:
// USDC/6 of USDC_STELLAR/7. It errs on an asset that is on no rail.
func CoinOf(onRail Asset) (Asset, error) {
	code, rail, _ := strings.Cut(onRail.Code, "_")
	coin, err := Coin(code)
	if err != nil || rail == "" || onRail.Scale > MaxScale {
		return Asset{}, Errorf(KindInternal, ReasonInternal, "%q is not a coin on a rail", onRail)
	}
	return coin, nil
}

// OnRail returns an amount of a coin as the asset of one rail, exactly.
func OnRail(m Money, rail Rail) (Money, error) {
	a, err := RailAsset(m.Asset, rail)
	if err != nil {
		return Money{}, err
	}
	return m.InRailAsset(a)
}

// InRailAsset returns an amount of a coin in the asset that is the coin on one
// rail, exactly. It serves mints whose scale is not the usual one. Errors:
// internal for an asset that is not this coin's or has fewer decimals; invalid
// for an amount that is more than the rail carries.
func (m Money) InRailAsset(a Asset) (Money, error) {
	if coin, err := CoinOf(a); err != nil || coin != m.Asset || a.Scale < coinScale {
		return Money{}, Errorf(KindInternal, ReasonInternal, "%s cannot be put into %s exactly", m, a)
	}
	unit := pow10(a.Scale - coinScale)
	if m.Minor > (1<<63-1)/unit || m.Minor < -(1<<63-1)/unit {
		return Money{}, Wrap(ErrOverflow, KindInvalid, ReasonAmountAboveMaximum, "%s is more than a payment in %s carries", m, a)
	}
	return Money{Asset: a, Minor: m.Minor * unit}, nil
}
