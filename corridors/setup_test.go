package corridors_test

import (
	"flag"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
)

var update = flag.Bool("update", false, "write golden files anew")

// friday is a market day in the hour after the table of rates.
var friday = time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)

func setup(t testing.TB) (*corridors.Quoter, *remit.FakeClock) {
	t.Helper()
	catalogue, err := corridors.Load()
	if err != nil {
		t.Fatal(err)
	}
	clock := remit.NewFakeClock(friday)
	rates, err := corridors.LoadTableRates(clock)
	if err != nil {
		t.Fatal(err)
	}
	return &corridors.Quoter{Catalogue: catalogue, Rates: rates, Clock: clock, CashInProviders: map[remit.Country]string{"US": "counter"}}, clock
}

// rat is an amount in major units, or a rate, as an exact ratio.
func rat(m remit.Money) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(m.Asset.Scale)), nil)
	return new(big.Rat).SetFrac(big.NewInt(m.Minor), scale)
}

// minor rounds major units to minor units of an asset.
func minor(t testing.TB, a remit.Asset, r *big.Rat, up bool) int64 {
	t.Helper()
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(a.Scale)), nil)
	r = new(big.Rat).Mul(r, new(big.Rat).SetInt(scale))
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if up && rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		t.Fatalf("%s does not fit", r)
	}
	return q.Int64()
}

// mids is the mid rates of the two legs, to and from the coin's currency.
func mids(t testing.TB, q *corridors.Quoter, source, reference, target remit.Asset) (toCoin, fromCoin *big.Rat) {
	t.Helper()
	leg := func(base, quote remit.Asset) *big.Rat {
		if base == quote {
			return big.NewRat(1, 1)
		}
		r, _, err := q.Rates.Mid(t.Context(), base, quote)
		if err != nil {
			t.Fatal(err)
		}
		return big.NewRat(r.Num, r.Den)
	}
	return leg(source, reference), leg(reference, target)
}

// checkEquations proves what remit.Quote promises, computed anew.
func checkEquations(t testing.TB, q *corridors.Quoter, r corridors.Request, got remit.Quote) {
	t.Helper()
	fees, margin := int64(0), int64(-1)
	for _, line := range got.Fees {
		if line.Amount.Asset != got.SourceTotal.Asset || line.Amount.Minor < 0 || line.Description == "" {
			t.Errorf("%+v: bad fee line %+v", r, line)
		}
		if line.IncludedInRate != (line.Kind == remit.FeeFXMargin) {
			t.Errorf("%+v: %s included in rate: %t", r, line.Kind, line.IncludedInRate)
		}
		if line.IncludedInRate {
			if margin >= 0 {
				t.Errorf("%+v: two margin lines", r)
			}
			margin = line.Amount.Minor
			continue
		}
		fees += line.Amount.Minor
	}
	if margin < 0 {
		t.Errorf("%+v: no margin line", r)
	}
	if got.SourceTotal.Minor != got.Principal.Minor+fees {
		t.Errorf("%+v: total %s is not principal %s plus fees %d", r, got.SourceTotal, got.Principal, fees)
	}
	if got.Principal.Minor != got.CostOfSettlement.Minor+margin {
		t.Errorf("%+v: principal %s is not cost %s plus margin %d", r, got.Principal, got.CostOfSettlement, margin)
	}
	target := new(big.Rat).Mul(rat(got.Principal), big.NewRat(got.Rate.Num, got.Rate.Den))
	if want := minor(t, got.Target.Asset, target, false); got.Target.Minor != want {
		t.Errorf("%+v: target %s, principal at the rate %d", r, got.Target, want)
	}
	corridor, err := q.Catalogue.Corridor(got.Corridor)
	if err != nil {
		t.Fatal(err)
	}
	coin := corridor.Coin
	toCoin, fromCoin := mids(t, q, got.Principal.Asset, coin.Reference, got.Target.Asset)
	coins := new(big.Rat).Quo(rat(got.Target), fromCoin)
	if want := minor(t, coin.Asset, coins, true); got.Settlement != remit.NewMoney(coin.Asset, want) {
		t.Errorf("%+v: settlement %s, want %d", r, got.Settlement, want)
	}
	if want := minor(t, got.Principal.Asset, new(big.Rat).Quo(rat(got.Settlement), toCoin), true); got.CostOfSettlement.Minor != want {
		t.Errorf("%+v: cost %s, want %d", r, got.CostOfSettlement, want)
	}
	if mid := new(big.Rat).Mul(toCoin, fromCoin); mid.Cmp(big.NewRat(got.Mid.Num, got.Mid.Den)) != 0 || mid.Cmp(big.NewRat(got.Rate.Num, got.Rate.Den)) < 0 {
		t.Errorf("%+v: mid %s, want %s and rate %s not above it", r, got.Mid, mid, got.Rate)
	}
	if r.SourceAmount != "" && got.SourceTotal.Decimal() != r.SourceAmount {
		t.Errorf("%+v: charges %s", r, got.SourceTotal)
	}
	if r.TargetAmount != "" && got.Target.Decimal() != r.TargetAmount {
		t.Errorf("%+v: pays out %s", r, got.Target)
	}
	checkRest(t, q, r, got)
}

// checkRest proves that nothing of a quote is left empty.
func checkRest(t testing.TB, q *corridors.Quoter, r corridors.Request, got remit.Quote) {
	t.Helper()
	corridor, err := q.Catalogue.Corridor(got.Corridor)
	if err != nil {
		t.Fatal(err)
	}
	funding, _ := corridor.FundingOption(got.Funding)
	payout, _ := corridor.PayoutOption(got.Payout, got.Target.Asset)
	if got.SourceTotal.Minor < funding.Min.Minor || got.SourceTotal.Minor > funding.Max.Minor || got.Target.Minor < payout.Min.Minor || got.Target.Minor > payout.Max.Minor {
		t.Errorf("%+v: %s or %s is outside the limits", r, got.SourceTotal, got.Target)
	}
	charged := got.SourceTotal.Minor - got.Principal.Minor
	// A fee is its tariff on the principal; with the total fixed, on up to as
	// many minor units less as there are lines that are rounded up.
	all := slices.Concat(corridor.Fees, funding.Fees, payout.Fees)
	slack := int64(0)
	if r.SourceAmount != "" {
		slack = int64(len(all))
	}
	most, least := tariff(all, got.Principal.Minor), tariff(all, got.Principal.Minor-slack)
	if charged > most || charged < least {
		t.Errorf("%+v: fees of %d are not between %d and %d", r, charged, least, most)
	}
	if !got.Principal.IsPositive() || !got.Target.IsPositive() || !got.Settlement.IsPositive() {
		t.Errorf("%+v: nothing arrives: %+v", r, got)
	}
	if got.ExpiresAt.Sub(got.CreatedAt) != corridor.Lifetime || got.CreatedAt != q.Clock.Now() || got.MidAsOf.IsZero() {
		t.Errorf("%+v: times %v, %v, %v", r, got.CreatedAt, got.ExpiresAt, got.MidAsOf)
	}
	if got.FundingProvider == "" || got.PayoutProvider == "" || got.DeliveryP50Seconds <= 0 || got.DeliveryP95Seconds < got.DeliveryP50Seconds {
		t.Errorf("%+v: providers or delivery: %+v", r, got)
	}
	if got.TenantID != r.TenantID || got.From != r.From || got.To != r.To || got.Rail == "" || got.ID == "" {
		t.Errorf("%+v: got %+v", r, got)
	}
}

// tariff is the sum of fees on a principal, each share rounded up.
func tariff(fees []corridors.Fee, principal int64) int64 {
	share := func(base, basisPoints int64) int64 { return (base*basisPoints + 9_999) / 10_000 }
	plain := int64(0)
	for _, f := range fees {
		if !f.OfFees {
			plain += f.Fixed.Minor + share(principal, f.BasisPoints)
		}
	}
	sum := plain
	for _, f := range fees {
		if f.OfFees {
			sum += share(plain, f.BasisPoints)
		}
	}
	return sum
}

// fields lists what an invalid error names, sorted.
func fields(err error) []string {
	var list []string
	for _, f := range fieldErrors(err) {
		list = append(list, f.Field+" "+string(f.Reason))
	}
	slices.Sort(list)
	return list
}
