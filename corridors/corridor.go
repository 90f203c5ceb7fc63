package corridors

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Corridor is a way for money from one country to another. It is read only.
type Corridor struct {
	ID       remit.CorridorID
	From, To remit.Country
	// Source is what the originator pays in, the sending country's currency.
	Source remit.Asset
	// Target is what is paid out unless the caller asks for another currency
	// that a payout option offers.
	Target remit.Asset
	// FXMarginBasisPoints is taken through the rate, against the mid rate.
	FXMarginBasisPoints int64
	// Fees are due whatever the methods are.
	Fees    []Fee
	Funding []FundingOption
	Payouts []PayoutOption
	// Rails and the providers are in order of preference.
	Rails            []remit.Rail
	FundingProviders []string
	PayoutProviders  []string
	// Lifetime is how long a quote is firm.
	Lifetime time.Duration
	// Coin is what crosses.
	Coin Coin
	// Settlement is how payments on chain travel.
	Settlement Settlement
}

// Settlement is how the payments of a corridor travel on chain.
type Settlement struct {
	Mode remit.SettlementMode
	// Window is how long a netted payment may wait for others; zero otherwise.
	Window time.Duration
}

// SettlementOf is how the payments of a payout option travel. Nobody but its
// beneficiary is paid with a payment to a wallet: it is never netted.
func (c Corridor) SettlementOf(o PayoutOption) Settlement {
	if o.Method == remit.PayoutWallet && c.Settlement.Mode == remit.SettlementNetted {
		return Settlement{Mode: remit.SettlementBatched}
	}
	return c.Settlement
}

// FundingOption is one way to pay in.
type FundingOption struct {
	Method remit.FundingMethod
	// Min and Max bound the source total.
	Min, Max remit.Money
	Fees     []Fee
}

// PayoutOption is one way to pay out, in one currency.
type PayoutOption struct {
	Method   remit.PayoutMethod
	Currency remit.Asset
	// Min and Max bound what the beneficiary receives.
	Min, Max remit.Money
	// WholeUnits: the payout network carries no fraction of a major unit.
	WholeUnits bool
	// FXMarginBasisPoints is the corridor's unless the option has its own.
	FXMarginBasisPoints int64
	Fees                []Fee
	Delivery            Delivery
}

// Delivery is how long a payout takes once it is under way, from funding on.
type Delivery struct {
	P50Seconds int64
	P95Seconds int64
}

// Fee is one line of a tariff: a fixed amount and a share.
type Fee struct {
	Kind        remit.FeeKind
	Description string
	// Fixed is in the source currency.
	Fixed remit.Money
	// BasisPoints is the share of the principal, or of the other fees.
	BasisPoints int64
	// OfFees makes it a share of the fees that are no such share themselves,
	// as value added tax is.
	OfFees bool
}

// FundingOption returns the way to pay in by a method.
func (c Corridor) FundingOption(m remit.FundingMethod) (FundingOption, bool) {
	i := slices.IndexFunc(c.Funding, func(o FundingOption) bool { return o.Method == m })
	if i < 0 {
		return FundingOption{}, false
	}
	return c.Funding[i], true
}

// PayoutOption returns the way to pay out by a method in a currency.
func (c Corridor) PayoutOption(m remit.PayoutMethod, currency remit.Asset) (PayoutOption, bool) {
	i := slices.IndexFunc(c.Payouts, func(o PayoutOption) bool { return o.Method == m && o.Currency == currency })
	if i < 0 {
		return PayoutOption{}, false
	}
	return c.Payouts[i], true
}

// Currencies lists what can be paid out, the corridor's own target first.
func (c Corridor) Currencies() []remit.Asset {
	list := []remit.Asset{c.Target}
	for _, o := range c.Payouts {
		if !slices.Contains(list, o.Currency) {
			list = append(list, o.Currency)
		}
	}
	return list
}

// clone copies a corridor, so that a caller cannot change the catalogue.
func (c Corridor) clone() Corridor {
	c.Fees = slices.Clone(c.Fees)
	c.Funding = slices.Clone(c.Funding)
	for i := range c.Funding {
		c.Funding[i].Fees = slices.Clone(c.Funding[i].Fees)
	}
	c.Payouts = slices.Clone(c.Payouts)
	for i := range c.Payouts {
		c.Payouts[i].Fees = slices.Clone(c.Payouts[i].Fees)
	}
	c.Rails = slices.Clone(c.Rails)
	c.Coin.Rails = slices.Clone(c.Coin.Rails)
	c.FundingProviders = slices.Clone(c.FundingProviders)
	c.PayoutProviders = slices.Clone(c.PayoutProviders)
	return c
}
