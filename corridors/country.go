package corridors

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Country is what the gateway knows of one country. It is read only.
type Country struct {
	Code     remit.Country
	Name     string
	Currency remit.Asset
	// Location is the zone in which hours and holidays are meant.
	Location *time.Location
	// Weekend lists the days on which banks are closed.
	Weekend []time.Weekday
	// Holidays names the dated days, YYYY-MM-DD, on which banks are closed.
	Holidays map[string]string
	// Mononyms: people with a single name are common, so one name is enough.
	Mononyms bool
	// Funding lists how money can be collected here, empty for a country that
	// only receives.
	Funding []remit.FundingMethod
	// Payouts lists how money can be paid out here, empty for a country that
	// only sends.
	Payouts []CountryPayout
	// Thresholds lists what a remittance sent from here must know from an
	// amount on, in the country's currency, by rising amount.
	Thresholds []Threshold
}

// CountryPayout is one way to pay out in a country.
type CountryPayout struct {
	Method remit.PayoutMethod
	// Hours is when payouts are made; the zero value is round the clock.
	Hours Hours
	// Beneficiary lists party fields that are needed beyond the name.
	Beneficiary []string
	// Account lists the fields of the payout account, in the order in which a
	// form shows them.
	Account []Field
}

// Hours is a window of work on business days, in minutes after local midnight.
// What comes after Closes, the cut-off, is done on the next such day.
type Hours struct {
	OpensMinute  int
	ClosesMinute int
	// EveryDay: the work goes on at weekends and on holidays too, as at a shop.
	EveryDay bool
}

// Always reports whether the work goes on round the clock.
func (h Hours) Always() bool { return h == Hours{} }

// Threshold is what must be known of the parties from an amount on.
type Threshold struct {
	From        remit.Money
	Originator  []string
	Beneficiary []string
}

// Payout returns how the country pays out by a method.
func (c Country) Payout(m remit.PayoutMethod) (CountryPayout, bool) {
	i := slices.IndexFunc(c.Payouts, func(p CountryPayout) bool { return p.Method == m })
	if i < 0 {
		return CountryPayout{}, false
	}
	return c.Payouts[i], true
}
