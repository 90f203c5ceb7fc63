package e2e_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// order is what a test sends; zero fields take an ordinary US → PH remittance.
type order struct {
	to, currency     string
	amount           string
	funding, payout  string
	rail             string
	account          map[string]string
	originator       *remitv1.Party
	beneficiary      *remitv1.Party
	tier             string
	source           string
	beneficiaryPhone string
}

var keys atomic.Int64

func nextKey(what string) string { return fmt.Sprintf("e2e-%s-%d", what, keys.Add(1)) }

// send accepts a fresh quote and returns the remittance's id.
func (g *gateway) send(o order) string {
	g.t.Helper()
	o = o.withDefaults()
	quote, err := g.quotes().CreateQuote(g.ctx(nextKey("quote")), &remitv1.CreateQuoteRequest{
		From: "US", To: o.to, FundingMethod: o.funding, PayoutMethod: o.payout, Rail: o.rail,
		SourceAmount: &remitv1.Money{Currency: "USD", Amount: o.amount},
	})
	if err != nil {
		g.t.Fatalf("quote: %v", err)
	}
	customer, err := g.customers().CreateCustomer(g.ctx(nextKey("customer")), &remitv1.CreateCustomerRequest{
		Party: o.originator, KycTier: o.tier,
	})
	if err != nil {
		g.t.Fatalf("customer: %v", err)
	}
	beneficiary, err := g.beneficiaries().CreateBeneficiary(g.ctx(nextKey("beneficiary")), &remitv1.CreateBeneficiaryRequest{
		Party: o.beneficiary, PayoutMethod: o.payout, Account: o.account,
	})
	if err != nil {
		g.t.Fatalf("beneficiary: %v", err)
	}
	created, err := g.remittances().CreateRemittance(g.ctx(nextKey("remittance")), &remitv1.CreateRemittanceRequest{
		QuoteId: quote.GetQuote().GetId(), CustomerId: customer.GetCustomer().GetId(),
		BeneficiaryId: beneficiary.GetBeneficiary().GetId(), Purpose: "family_support", FundingSource: o.source,
	})
	if err != nil {
		g.t.Fatalf("remittance: %v", err)
	}
	return created.GetRemittance().GetId()
}

func (o order) withDefaults() order {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&o.to, "PH")
	set(&o.amount, "200")
	set(&o.funding, "card")
	set(&o.payout, "mobile_money")
	set(&o.rail, "auto")
	set(&o.tier, "verified")
	set(&o.source, "tok_ok")
	set(&o.beneficiaryPhone, "+639171234567")
	if o.originator == nil {
		o.originator = &remitv1.Party{
			GivenName: "Alice", FamilyName: "Walker", DateOfBirth: "1988-04-12", Country: "US", Nationality: "US",
			AddressLine: "12 Oak Street", City: "Austin", PostalCode: "73301", Phone: "+15125550123",
			DocumentType: "passport", DocumentNumber: "X1234567",
		}
	}
	if o.beneficiary == nil {
		o.beneficiary = &remitv1.Party{
			GivenName: "Maria", FamilyName: "Santos", Country: "PH", Nationality: "PH", Phone: o.beneficiaryPhone,
			AddressLine: "7 Mabini Street", City: "Manila", PostalCode: "1000",
		}
	}
	if o.account == nil {
		switch o.payout {
		case "mobile_money":
			o.account = map[string]string{"operator": "gcash", "phone": o.beneficiaryPhone}
		case "bank":
			o.account = map[string]string{"bank_code": "BOPIPHMM", "account_number": "1234567899"}
		}
	}
	return o
}

// remittance reads a remittance.
func (g *gateway) remittance(id string) *remitv1.Remittance {
	g.t.Helper()
	r, err := g.remittances().GetRemittance(g.ctx(""), &remitv1.GetRemittanceRequest{Id: id})
	if err != nil {
		g.t.Fatalf("get %s: %v", id, err)
	}
	return r.GetRemittance()
}

// reaches waits until a remittance is in a state and returns it.
func (g *gateway) reaches(id, state string) *remitv1.Remittance {
	g.t.Helper()
	var r *remitv1.Remittance
	defer func() {
		if g.t.Failed() {
			g.t.Logf("the story of %s so far: %v", id, g.story(id))
		}
	}()
	g.until(endTimeout, fmt.Sprintf("%s is %s", id, state), func() bool {
		r = g.remittance(id)
		if r.GetState() != state && ended(r.GetState()) {
			g.t.Fatalf("%s ended as %s (%s), want %s", id, r.GetState(), r.GetReason(), state)
		}
		return r.GetState() == state
	})
	return r
}

// story is a remittance with its events, for the log of a failed test.
func (g *gateway) story(id string) string {
	page, err := g.remittances().ListRemittanceEvents(g.ctx(""), &remitv1.ListRemittanceEventsRequest{Id: id})
	if err != nil {
		return err.Error()
	}
	lines := g.remittance(id).String()
	for _, e := range page.GetEvents() {
		lines += "\n" + e.String()
	}
	return lines
}

func ended(state string) bool {
	switch state {
	case "completed", "refunded", "rejected", "canceled", "expired", "blocked":
		return true
	}
	return false
}

// wants checks a remittance's reason and funds.
func wants(t *testing.T, r *remitv1.Remittance, funds, reason string) {
	t.Helper()
	if r.GetFunds() != funds || (reason != "" && r.GetReason() != reason) {
		t.Errorf("%s is %s with funds %s for %q; want funds %s for %q", r.GetId(), r.GetState(), r.GetFunds(), r.GetReason(), funds, reason)
	}
}
