package corridors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
)

const (
	// DefaultMaxRateAge is how old a mid rate may be, weekends not counted. The
	// European Central Bank publishes once a working day, so a day and a few
	// hours of grace.
	DefaultMaxRateAge = 30 * time.Hour
	// AnyRateAge lets a rate of any age pass, for a dated table in development.
	AnyRateAge = time.Duration(-1)
	// maxRateAhead is how far a rate's moment may lie in the future, for clocks
	// that differ a little.
	maxRateAhead = 5 * time.Minute
)

// Request asks for a quote. The text amounts are decimal, without currency.
type Request struct {
	TenantID remit.TenantID
	// ID is the quote's id; where it is empty a fresh one is made.
	ID       remit.QuoteID
	From, To remit.Country
	// SourceAmount is what the originator pays, fees included; TargetAmount is
	// what the beneficiary receives. Exactly one is given.
	SourceAmount string
	TargetAmount string
	// Currency is what is paid out; empty is the corridor's usual one.
	Currency string
	Funding  remit.FundingMethod
	Payout   remit.PayoutMethod
	// Rail is stellar, solana or auto; empty is auto.
	Rail remit.Rail
}

// Quoter makes firm quotes. It is safe for concurrent use; its fields must not
// be changed once it is used.
type Quoter struct {
	Catalogue *Catalogue
	Rates     Rates
	Clock     remit.Clock
	// MaxRateAge is how old a mid rate may be, weekends not counted. Zero is
	// DefaultMaxRateAge, AnyRateAge lets all pass.
	MaxRateAge time.Duration
	// CashProviders names who pays cash in a country instead of the corridor's
	// first provider.
	CashProviders map[remit.Country]string
	// CashInProviders names who takes cash in a country. Nobody does elsewhere,
	// whatever the corridors offer.
	CashInProviders map[remit.Country]string
}

// order is a request that was understood.
type order struct {
	Request
	corridor Corridor
	funding  FundingOption
	payout   PayoutOption
	// field names the amount that was given; fixed is that amount, in the
	// source or the payout currency.
	field string
	fixed remit.Money
}

// Quote prices a request and stores nothing. Errors: invalid, with every field
// that is wrong (from, to, currency, funding, payout, rail, source_amount,
// target_amount); unavailable with remit.ReasonRateUnavailable when there is no
// mid rate or only an old one.
func (q *Quoter) Quote(ctx context.Context, r Request) (remit.Quote, error) {
	o, fields := q.understand(r)
	if len(fields) > 0 {
		return remit.Quote{}, remit.InvalidFields(fields)
	}
	now := q.Clock.Now()
	m, err := q.market(ctx, o, now)
	if err != nil {
		return remit.Quote{}, err
	}
	best, err := customerRate(m.mid, o.payout.FXMarginBasisPoints)
	if err != nil {
		return remit.Quote{}, fmt.Errorf("quote %s: %w", o.corridor.ID, err)
	}
	quote, err := o.price(best)
	if err != nil {
		return remit.Quote{}, err
	}
	if fields := o.checkLimits(quote); len(fields) > 0 {
		return remit.Quote{}, remit.InvalidFields(fields)
	}
	if err := m.settle(&quote, o.corridor.Coin.Asset, o.payout.FXMarginBasisPoints); err != nil {
		return remit.Quote{}, fmt.Errorf("quote %s: %w", o.corridor.ID, err)
	}
	q.complete(&quote, o, now)
	return quote, nil
}

// CashProvider names who pays cash in a country instead of the corridor's
// provider, empty for nobody.
func (q *Quoter) CashProvider(to remit.Country) string { return q.CashProviders[to] }

// complete fills what does not depend on the price.
func (q *Quoter) complete(quote *remit.Quote, o order, now time.Time) {
	quote.ID, quote.TenantID = o.ID, o.TenantID
	if quote.ID == "" {
		quote.ID = remit.NewID[remit.QuoteID](remit.PrefixQuote, now)
	}
	quote.Corridor, quote.From, quote.To = o.corridor.ID, o.From, o.To
	quote.Funding, quote.Payout, quote.Rail = o.Funding, o.Payout, o.Rail
	quote.FundingProvider, quote.PayoutProvider = o.corridor.FundingProviders[0], o.corridor.PayoutProviders[0]
	if provider := q.CashProviders[o.To]; o.Payout == remit.PayoutCash && provider != "" {
		quote.PayoutProvider = provider
	}
	if o.Funding == remit.FundingCash {
		quote.FundingProvider = q.CashInProviders[o.From]
	}
	if o.Payout == remit.PayoutWallet {
		quote.PayoutProvider = remit.ProviderWallet
	}
	to := q.Catalogue.countries[o.To]
	rule, _ := to.Payout(o.Payout) // The catalogue was checked: there is one.
	travel := o.corridor.SettlementOf(o.payout)
	quote.SettlementMode, quote.SettlementWindowSeconds = travel.Mode, int64(travel.Window/time.Second)
	quote.DeliveryP50Seconds, quote.DeliveryP95Seconds = to.estimate(now.Add(travel.Window), rule.Hours, o.payout.Delivery)
	// Nobody knows who else will send: the whole window is counted.
	quote.DeliveryP50Seconds += quote.SettlementWindowSeconds
	quote.DeliveryP95Seconds += quote.SettlementWindowSeconds
	quote.CreatedAt, quote.ExpiresAt = now, now.Add(o.corridor.Lifetime)
}

// understand checks everything about a request that needs no rate, and says all
// that is wrong at once.
func (q *Quoter) understand(r Request) (order, []remit.FieldError) {
	o := order{Request: r}
	corridor, fields := q.Catalogue.between(r.From, r.To)
	if len(fields) > 0 {
		return o, fields // Nothing else means anything without a corridor.
	}
	o.corridor = corridor
	var ok bool
	offered := corridor.fundingMethods()
	if q.CashInProviders[r.From] == "" {
		offered = slices.DeleteFunc(offered, func(m remit.FundingMethod) bool { return m == remit.FundingCash })
	}
	if o.funding, ok = corridor.FundingOption(r.Funding); !ok || !slices.Contains(offered, r.Funding) {
		fields = append(fields, notOffered("funding", r.Funding, offered, corridor.ID))
	}
	target, bad := o.target()
	fields = append(fields, bad...)
	if o.Rail == "" {
		o.Rail = remit.RailAuto
	}
	if o.Rail == remit.RailAuto && len(corridor.Rails) == 1 {
		o.Rail = corridor.Rails[0] // There is nothing to choose, now or when it fails.
	}
	if o.Rail != remit.RailAuto && !slices.Contains(corridor.Rails, o.Rail) {
		fields = append(fields, fieldError("rail", remit.ReasonRailNotOffered, "rail %q is not offered in %s; write auto, %s",
			clip(string(o.Rail)), corridor.ID, join(corridor.Rails)))
	}
	return o, append(fields, o.readAmount(target)...)
}

// target finds the payout option and returns the currency to be paid out.
func (o *order) target() (remit.Asset, []remit.FieldError) {
	target := o.corridor.Target
	if o.Currency != "" && o.Currency != target.Code {
		i := slices.IndexFunc(o.corridor.Payouts, func(p PayoutOption) bool { return p.Currency.Code == o.Currency })
		if i < 0 {
			var codes []string
			for _, a := range o.corridor.Currencies() {
				codes = append(codes, a.Code)
			}
			return target, []remit.FieldError{fieldError("currency", remit.ReasonUnknownCurrency,
				"%q is not paid out in %s; write one of %s", clip(o.Currency), o.corridor.ID, join(codes))}
		}
		target = o.corridor.Payouts[i].Currency
	}
	var ok bool
	o.payout, ok = o.corridor.PayoutOption(o.Payout, target)
	if !ok && o.Currency == "" {
		// A method that pays out in one other currency only needs no asking.
		if only := o.corridor.payoutsBy(o.Payout); len(only) == 1 {
			o.payout, target, ok = only[0], only[0].Currency, true
		}
	}
	if !ok {
		return target, []remit.FieldError{notOffered("payout", o.Payout, o.corridor.payoutMethods(target), o.corridor.ID+" in "+remit.CorridorID(target.Code))}
	}
	return target, nil
}

// readAmount reads the one amount that is given.
func (o *order) readAmount(target remit.Asset) []remit.FieldError {
	text, asset := o.SourceAmount, o.corridor.Source
	o.field = "source_amount"
	switch {
	case o.SourceAmount != "" && o.TargetAmount != "":
		return []remit.FieldError{fieldError("target_amount", remit.ReasonFieldInvalid,
			"source_amount and target_amount are both given; write the one that is to be exact")}
	case o.SourceAmount == "" && o.TargetAmount == "":
		return []remit.FieldError{fieldError("source_amount", remit.ReasonFieldRequired,
			"no amount is given; write source_amount, what the originator pays, or target_amount, what the beneficiary receives")}
	case o.TargetAmount != "":
		o.field, text, asset = "target_amount", o.TargetAmount, target
	}
	amount, err := remit.ParseMoney(asset, text)
	if err != nil {
		return []remit.FieldError{refield(err, o.field)}
	}
	if !amount.IsPositive() {
		return []remit.FieldError{fieldError(o.field, remit.ReasonAmountNotPositive, "%s is not more than nothing; write a positive amount", amount)}
	}
	o.fixed = amount
	return o.checkFixed()
}

// refield turns the error of reading an amount into one about the named field.
func refield(err error, field string) remit.FieldError {
	var e *remit.Error
	if errors.As(err, &e) {
		return remit.FieldError{Field: field, Reason: e.Reason, Message: e.Message}
	}
	return fieldError(field, remit.ReasonAmountMalformed, "%s is not an amount", field)
}

func notOffered[T ~string](field string, word T, offered []T, where remit.CorridorID) remit.FieldError {
	if word == "" {
		return fieldError(field, remit.ReasonFieldRequired, "%s is missing; write one of %s", field, join(offered))
	}
	return fieldError(field, remit.ReasonMethodNotOffered, "%s %q is not offered in %s; write one of %s", field, clip(string(word)), where, join(offered))
}

func (c Corridor) fundingMethods() []remit.FundingMethod {
	var list []remit.FundingMethod
	for _, o := range c.Funding {
		list = append(list, o.Method)
	}
	return list
}

// payoutMethods lists the methods that pay out in a currency.
func (c Corridor) payoutMethods(currency remit.Asset) []remit.PayoutMethod {
	var list []remit.PayoutMethod
	for _, o := range c.Payouts {
		if o.Currency == currency {
			list = append(list, o.Method)
		}
	}
	return list
}

// payoutsBy lists the options of one method, one per currency.
func (c Corridor) payoutsBy(m remit.PayoutMethod) []PayoutOption {
	var list []PayoutOption
	for _, o := range c.Payouts {
		if o.Method == m {
			list = append(list, o)
		}
	}
	return list
}
