package sandbox

import (
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// currencies lists the countries that the company serves, each in its currency.
var currencies = map[remit.Country]string{
	"AE": "AED", "AT": "EUR", "AU": "AUD", "BD": "BDT", "BE": "EUR", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CI": "XOF", "CM": "XAF",
	"CN": "CNY", "CO": "COP", "DE": "EUR", "EG": "EGP", "ES": "EUR", "ET": "ETB", "FR": "EUR", "GB": "GBP", "GH": "GHS", "GT": "GTQ",
	"HK": "HKD", "ID": "IDR", "IE": "EUR", "IN": "INR", "IT": "EUR", "JP": "JPY", "KE": "KES", "KR": "KRW", "KW": "KWD", "LK": "LKR",
	"MA": "MAD", "MX": "MXN", "MY": "MYR", "NG": "NGN", "NL": "EUR", "NP": "NPR", "NZ": "NZD", "PH": "PHP", "PK": "PKR", "PT": "EUR",
	"QA": "QAR", "RW": "RWF", "SA": "SAR", "SG": "SGD", "SN": "XOF", "TH": "THB", "TZ": "TZS", "UG": "UGX", "US": "USD", "VN": "VND",
	"ZA": "ZAR", "ZM": "ZMW", "ZW": "ZWG",
}

// DefaultCapabilities lists all that the company can do: every direction and
// method in every country it serves, sorted by country.
func DefaultCapabilities() []ramps.Capability {
	countries := make([]remit.Country, 0, len(currencies))
	for c := range currencies {
		countries = append(countries, c)
	}
	slices.Sort(countries)
	var out []ramps.Capability
	for _, c := range countries {
		for _, d := range []ramps.Direction{ramps.PayIn, ramps.Refund} {
			for _, m := range []remit.FundingMethod{remit.FundingBankDebit, remit.FundingCard} {
				out = append(out, ramps.Capability{Direction: d, Country: c, Currency: currencies[c], Method: string(m)})
			}
		}
		for _, m := range []remit.PayoutMethod{remit.PayoutBank, remit.PayoutMobileMoney, remit.PayoutCash} {
			out = append(out, ramps.Capability{Direction: ramps.PayOut, Country: c, Currency: currencies[c], Method: string(m)})
		}
	}
	return out
}
