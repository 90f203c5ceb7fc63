package corridors

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// What a corridor may at most say.
const (
	maxBasisPoints   = 1_000
	maxTaxOfFees     = 3_000
	minQuoteLifetime = 30 * time.Second
	maxQuoteLifetime = 24 * time.Hour
	maxDelivery      = 10 * 24 * time.Hour
	// The window of a netted corridor.
	minWindow = time.Second
	maxWindow = 24 * time.Hour
	// minSourceMinor keeps the margin of one basis point above what rounding a
	// millionth of a coin up can cost; see TestMarginIsNeverNegative.
	minSourceMinor = 100
)

var (
	usd      = remit.MustFiat("USD")
	feeKinds = []remit.FeeKind{remit.FeeOurs, remit.FeePartner, remit.FeeNetwork, remit.FeeTax}
	rails    = []remit.Rail{remit.RailStellar, remit.RailSolana}
	modes    = []remit.SettlementMode{remit.SettlementSingle, remit.SettlementBatched, remit.SettlementNetted}
)

// corridor checks one corridor file over countries and coins and returns what
// it says.
func (f *fileProblems) corridor(over *Catalogue, in corridorFile) Corridor {
	from, okFrom := over.countries[remit.Country(in.From)]
	to, okTo := over.countries[remit.Country(in.To)]
	c := Corridor{
		ID: remit.NewCorridorID(remit.Country(in.From), remit.Country(in.To)), From: from.Code, To: to.Code,
		Source: from.Currency, FXMarginBasisPoints: in.FXMarginBasisPoints,
		Lifetime: time.Duration(in.QuoteSeconds) * time.Second, FundingProviders: in.FundingProviders, PayoutProviders: in.PayoutProviders,
	}
	if !okFrom || !okTo || in.From == in.To {
		f.add("from, to", "%q to %q are not two countries of the data", clip(in.From), clip(in.To))
		return c
	}
	c.Target = f.currency("currency", in.Currency)
	if c.Lifetime < minQuoteLifetime || c.Lifetime > maxQuoteLifetime {
		f.add("quote_seconds", "%d is not from %v to %v", in.QuoteSeconds, minQuoteLifetime, maxQuoteLifetime)
	}
	for _, r := range in.Rails {
		c.Rails = append(c.Rails, oneOf(f, "rails", r, rails...))
	}
	noRepeats(f, "rails", c.Rails, true)
	c.Coin = f.settlesIn(over.coins, in.Coin, c.Rails)
	c.Settlement = f.settlement(in.Settlement)
	noRepeats(f, "funding_providers", c.FundingProviders, true)
	noRepeats(f, "payout_providers", c.PayoutProviders, true)
	if slices.Contains(c.PayoutProviders, remit.ProviderWallet) {
		f.add("payout_providers", "%q is no off-ramp: it stands for the wallets that are paid directly", remit.ProviderWallet)
	}
	c.Fees = f.fees("fees", c.Source, in.Fees)
	for _, o := range in.Funding {
		c.Funding = append(c.Funding, f.fundingOption(from, o))
	}
	for _, o := range in.Payout {
		c.Payouts = append(c.Payouts, f.payoutOption(c, to, o))
	}
	f.wholeCorridor(c)
	return c
}

// wholeCorridor checks what holds between the parts of a corridor.
func (f *fileProblems) wholeCorridor(c Corridor) {
	var funding []remit.FundingMethod
	for _, o := range c.Funding {
		funding = append(funding, o.Method)
	}
	noRepeats(f, "funding", funding, true)
	type way struct {
		method   remit.PayoutMethod
		currency remit.Asset
	}
	var ways []way
	for _, o := range c.Payouts {
		ways = append(ways, way{o.Method, o.Currency})
	}
	noRepeats(f, "payout", ways, true)
	if slices.ContainsFunc(ways, func(w way) bool { return w.method == remit.PayoutWallet }) && len(c.Rails) < len(rails) {
		f.add("rails", "the beneficiary chooses the rail of a wallet: all of %s are needed", join(rails))
	}
	if !slices.ContainsFunc(c.Payouts, func(o PayoutOption) bool { return o.Currency == c.Target }) {
		f.add("currency", "nothing is paid out in %s", c.Target.Code)
	}
	for _, in := range c.Funding {
		for _, out := range c.Payouts {
			t := newTariff(c, in, out)
			if _, total, err := t.lines(in.Min); err != nil || total.Minor >= in.Min.Minor {
				f.add("funding."+string(in.Method)+".min", "%s does not even pay the fees of %s, %v", in.Min, out.Method, err)
			}
		}
	}
}

func (f *fileProblems) settlement(in settlementFile) Settlement {
	s := Settlement{Mode: remit.SettlementBatched}
	if in.Mode != "" {
		s.Mode = oneOf(f, "settlement.mode", in.Mode, modes...)
	}
	if s.Mode != remit.SettlementNetted {
		if in.Window != "" {
			f.add("settlement.window", "only a netted corridor has one")
		}
		return s
	}
	var err error
	s.Window, err = time.ParseDuration(in.Window)
	if err != nil || s.Window < minWindow || s.Window > maxWindow || s.Window%time.Second != 0 {
		f.add("settlement.window", "%q is not a whole number of seconds from %v to %v, such as 10m", clip(in.Window), minWindow, maxWindow)
	}
	return s
}

func (f *fileProblems) fundingOption(from Country, in optionFile) FundingOption {
	where := "funding." + in.Method
	o := FundingOption{Method: oneOf(f, where, in.Method, fundingMethods...)}
	if !slices.Contains(from.Funding, o.Method) {
		f.add(where, "is not a way to pay in in %s", from.Code)
	}
	if in.Currency != "" || in.WholeUnits || in.FXMarginBasisPoints != nil || in.Delivery != (deliveryFile{}) {
		f.add(where, "has keys that only a payout has")
	}
	o.Min, o.Max = f.limits(where, from.Currency, in)
	if o.Min.Minor < minSourceMinor {
		f.add(where+".min", "%s is less than %d minor units", o.Min, minSourceMinor)
	}
	o.Fees = f.fees(where+".fees", from.Currency, in.Fees)
	return o
}

func (f *fileProblems) payoutOption(c Corridor, to Country, in optionFile) PayoutOption {
	where := "payout." + in.Method
	o := PayoutOption{
		Method: oneOf(f, where, in.Method, payoutMethods...), Currency: c.Target, WholeUnits: in.WholeUnits,
		FXMarginBasisPoints: c.FXMarginBasisPoints, Delivery: Delivery{P50Seconds: in.Delivery.P50, P95Seconds: in.Delivery.P95},
	}
	if _, ok := to.Payout(o.Method); !ok {
		f.add(where, "is not a way to pay out in %s", to.Code)
	}
	if in.Currency != "" {
		o.Currency = f.currency(where+".currency", in.Currency)
	}
	if reference := c.Coin.Reference; o.Method == remit.PayoutWallet && o.Currency != reference {
		f.add(where+".currency", "a wallet receives the coin itself, which is %s, not %s", reference.Code, o.Currency.Code)
	}
	if in.FXMarginBasisPoints != nil {
		o.FXMarginBasisPoints = *in.FXMarginBasisPoints
	}
	least := int64(1)
	if reference := c.Coin.Reference; c.Source == reference && o.Currency == reference {
		least = 0 // Dollars for dollars: nothing is converted and nothing rounds.
	}
	if o.FXMarginBasisPoints < least || o.FXMarginBasisPoints > maxBasisPoints {
		f.add(where+".fx_margin_basis_points", "%d is not from %d to %d", o.FXMarginBasisPoints, least, maxBasisPoints)
	}
	o.Min, o.Max = f.limits(where, o.Currency, in)
	if o.WholeUnits && (o.wholeStep() == 0 || o.Min.Minor%o.wholeStep() != 0 || o.Max.Minor%o.wholeStep() != 0) {
		f.add(where, "whole_units with limits %s and %s that are not whole", o.Min, o.Max)
	}
	o.Fees = f.fees(where+".fees", c.Source, in.Fees)
	d := o.Delivery
	if d.P50Seconds <= 0 || d.P95Seconds < d.P50Seconds || d.P95Seconds > int64(maxDelivery/time.Second) {
		f.add(where+".delivery_seconds", "p50 %d and p95 %d are not rising and under %v", d.P50Seconds, d.P95Seconds, maxDelivery)
	}
	return o
}

func (f *fileProblems) limits(where string, a remit.Asset, in optionFile) (least, most remit.Money) {
	least, most = f.money(where+".min", a, in.Min), f.money(where+".max", a, in.Max)
	if least.Minor <= 0 || most.Minor < least.Minor {
		f.add(where, "limits %s to %s are not positive and rising", least, most)
	}
	return least, most
}

func (f *fileProblems) fees(where string, source remit.Asset, in []feeFile) []Fee {
	var list []Fee
	for _, fee := range in {
		out := Fee{Kind: oneOf(f, where, fee.Kind, feeKinds...), Description: fee.Description, BasisPoints: fee.BasisPoints, Fixed: remit.Money{Asset: source}}
		if fee.Fixed != "" {
			out.Fixed = f.money(where+".fixed", source, fee.Fixed)
		}
		most := int64(maxBasisPoints)
		switch fee.Of {
		case "", "principal":
		case "fees":
			out.OfFees, most = true, maxTaxOfFees
			if out.Kind != remit.FeeTax || !out.Fixed.IsZero() {
				f.add(where, "%q: only a tax without a fixed amount is a share of the fees", clip(fee.Description))
			}
		default:
			f.add(where+".of", "%q is neither principal nor fees", clip(fee.Of))
		}
		if out.BasisPoints < 0 || out.BasisPoints > most || (out.BasisPoints == 0 && out.Fixed.IsZero()) {
			f.add(where, "%q: neither fixed nor from 1 to %d basis points", clip(fee.Description), most)
		}
		if out.Description == "" {
			f.add(where+".description", "is missing")
		}
		list = append(list, out)
	}
	return list
}
