package api

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// moneyMessage is an amount on the wire; nil for no money of no asset.
func moneyMessage(m remit.Money) *v1.Money {
	if m.Asset.IsZero() {
		return nil
	}
	return &v1.Money{Currency: m.Asset.Code, Amount: m.Decimal()}
}

// Decimals of a rate that people read.
const (
	maxRateDecimals = 9
	minRateDecimals = 4
)

// rateMessage is a rate on the wire; nil for none.
func rateMessage(r remit.Rate) *v1.Rate {
	if r.IsZero() {
		return nil
	}
	return &v1.Rate{
		Base: r.Base.Code, Quote: r.Quote.Code,
		Value: rateText(r), Inverse: rateText(r.Inverse()),
		Ratio: strconv.FormatInt(r.Num, 10) + "/" + strconv.FormatInt(r.Den, 10),
	}
}

// rateText writes a rate without the zeros that say nothing.
func rateText(r remit.Rate) string {
	whole, fraction, _ := strings.Cut(r.Decimal(maxRateDecimals), ".")
	fraction = strings.TrimRight(fraction, "0")
	if short := minRateDecimals - len(fraction); short > 0 {
		fraction += strings.Repeat("0", short)
	}
	return whole + "." + fraction
}

// timeMessage is a moment on the wire; nil for none.
func timeMessage(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// feeMessages are fee lines on the wire, with the sum of those that are added
// to the principal.
func feeMessages(q remit.Quote) (lines []*v1.FeeLine, total *v1.Money) {
	for _, f := range q.Fees {
		lines = append(lines, &v1.FeeLine{
			Kind: string(f.Kind), Description: f.Description, Amount: moneyMessage(f.Amount), IncludedInRate: f.IncludedInRate,
		})
	}
	sum, err := q.SourceTotal.Sub(q.Principal)
	if err != nil {
		return lines, nil
	}
	return lines, moneyMessage(sum)
}

func partyMessage(p remit.Party) *v1.Party {
	return &v1.Party{
		GivenName: p.GivenName, FamilyName: p.FamilyName, CompanyName: p.CompanyName, DateOfBirth: p.DateOfBirth,
		Nationality: string(p.Nationality), Country: string(p.Country),
		AddressLine: p.AddressLine, City: p.City, PostalCode: p.PostalCode, Phone: p.Phone, Email: p.Email,
		DocumentType: p.DocumentType, DocumentNumber: p.DocumentNumber,
	}
}

// partyOf reads an identity; the catalogue says what is wrong with it.
func partyOf(p *v1.Party) remit.Party {
	return remit.Party{
		GivenName: p.GetGivenName(), FamilyName: p.GetFamilyName(), CompanyName: p.GetCompanyName(), DateOfBirth: p.GetDateOfBirth(),
		Nationality: remit.Country(p.GetNationality()), Country: remit.Country(p.GetCountry()),
		AddressLine: p.GetAddressLine(), City: p.GetCity(), PostalCode: p.GetPostalCode(),
		Phone: p.GetPhone(), Email: p.GetEmail(),
		DocumentType: p.GetDocumentType(), DocumentNumber: p.GetDocumentNumber(),
	}
}

// tierNames are the KYC tiers on the wire.
var tierNames = map[remit.KYCTier]string{
	remit.TierNone: "none", remit.TierBasic: "basic", remit.TierVerified: "verified", remit.TierEnhanced: "enhanced",
}

// tierOf reads a tier; what is no tier is none, which lets nothing pass.
func tierOf(name string) remit.KYCTier {
	for tier, n := range tierNames {
		if n == name {
			return tier
		}
	}
	return remit.TierNone
}

func customerMessage(c remit.Customer) *v1.Customer {
	return &v1.Customer{
		Id: string(c.ID), Party: partyMessage(c.Party), KycTier: tierNames[c.Tier],
		Reference: c.Reference, CreatedAt: timeMessage(c.CreatedAt), Version: c.Version, UpdatedAt: timeMessage(c.UpdatedAt),
	}
}

func beneficiaryMessage(b remit.Beneficiary) *v1.Beneficiary {
	return &v1.Beneficiary{
		Id: string(b.ID), Party: partyMessage(b.Party), PayoutMethod: string(b.Method),
		Account: b.Account, CreatedAt: timeMessage(b.CreatedAt), Version: b.Version, UpdatedAt: timeMessage(b.UpdatedAt),
	}
}

func quoteMessage(q remit.Quote) *v1.Quote {
	fees, total := feeMessages(q)
	return &v1.Quote{
		Id: string(q.ID), Corridor: string(q.Corridor), From: string(q.From), To: string(q.To),
		FundingMethod: string(q.Funding), PayoutMethod: string(q.Payout), Rail: string(q.Rail),
		SourceAmount: moneyMessage(q.SourceTotal), Principal: moneyMessage(q.Principal),
		Fees: fees, FeesTotal: total,
		Rate: rateMessage(q.Rate), MidRate: rateMessage(q.Mid), MidRateAt: timeMessage(q.MidAsOf),
		TargetAmount: moneyMessage(q.Target), SettlementAmount: moneyMessage(q.Settlement),
		DeliveryP50Seconds: int32(q.DeliveryP50Seconds), DeliveryP95Seconds: int32(q.DeliveryP95Seconds),
		CreatedAt: timeMessage(q.CreatedAt), ExpiresAt: timeMessage(q.ExpiresAt), RemittanceId: string(q.RemittanceID),
		SettlementMode: string(cmp.Or(q.SettlementMode, remit.SettlementBatched)), SettlementWindowSeconds: int32(q.SettlementWindowSeconds),
	}
}

func eventMessage(e remit.Event) *v1.Event {
	return &v1.Event{
		RemittanceId: string(e.RemittanceID), Number: int32(e.Number), Feed: e.Feed, Type: e.Type,
		State: string(e.State), Funds: string(e.Funds), Reason: string(e.Reason), At: timeMessage(e.At), Facts: e.Facts,
	}
}

func eventMessages(events []remit.Event) []*v1.Event {
	list := make([]*v1.Event, len(events))
	for i, e := range events {
		list[i] = eventMessage(e)
	}
	return list
}
