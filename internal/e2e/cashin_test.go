package e2e_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	remitv1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// desk is a person at a counter of the demo, with an open drawer.
type desk struct {
	*gateway
	by     *remitv1.CounterCaller
	outlet string
}

// deskAt opens a drawer for a person of an outlet of the demo.
func (g *gateway) deskAt(outlet, role, currency, cash string) desk {
	g.t.Helper()
	counters := remitv1.NewCounterServiceClient(g.Conn)
	agents := remitv1.NewAgentServiceClient(g.Conn)
	all, err := agents.ListOutlets(g.ctx(""), &remitv1.ListOutletsRequest{})
	if err != nil {
		g.t.Fatalf("outlets: %v", err)
	}
	for _, o := range all.GetOutlets() {
		if o.GetName() != outlet {
			continue
		}
		people, err := agents.ListTellers(g.ctx(""), &remitv1.ListTellersRequest{OutletId: o.GetId()})
		if err != nil {
			g.t.Fatalf("tellers: %v", err)
		}
		for _, p := range people.GetTellers() {
			if p.GetRole() != role {
				continue
			}
			d := desk{g, &remitv1.CounterCaller{TellerId: p.GetId()}, o.GetId()}
			if _, err := counters.OpenDrawer(g.ctx(nextKey("drawer")), &remitv1.OpenDrawerRequest{
				By: d.by, Counts: []*remitv1.CashCount{{Currency: currency, Total: cash}},
			}); err != nil {
				g.t.Fatalf("drawer at %s: %v", outlet, err)
			}
			return d
		}
	}
	g.t.Fatalf("there is no %s at %s", role, outlet)
	return desk{}
}

func (g *gateway) cashIn() remitv1.CashInServiceClient { return remitv1.NewCashInServiceClient(g.Conn) }

// passport is a document with the name and birth date that are given.
func passport(name, born string) *remitv1.IdentityDocument {
	return &remitv1.IdentityDocument{Type: "passport", Number: "X1234567", Issuer: "US", Expires: "2031-01-31", BirthDate: born, Name: name}
}

// bring begins a deposit: quote, customer, beneficiary, warning, disclosures.
func (d desk) bring(amount, customer string) *remitv1.Deposit {
	d.t.Helper()
	in := d.cashIn()
	quote, err := in.CreateCashInQuote(d.ctx(nextKey("quote")), &remitv1.CreateCashInQuoteRequest{
		By: d.by, To: "CO", PayoutMethod: "cash", SourceAmount: &remitv1.Money{Currency: "USD", Amount: amount},
	})
	if err != nil {
		d.t.Fatalf("quote: %v", err)
	}
	beneficiary, err := in.CreateCashInBeneficiary(d.ctx(nextKey("beneficiary")), &remitv1.CreateCashInBeneficiaryRequest{
		By: d.by, Party: &remitv1.Party{GivenName: "Lucia", FamilyName: "Ospina Vargas", Country: "CO", City: "Bogotá", Phone: "+573001234567"}, PayoutMethod: "cash",
	})
	if err != nil {
		d.t.Fatalf("beneficiary: %v", err)
	}
	terms, err := in.GetCashInTerms(d.ctx(""), &remitv1.GetCashInTermsRequest{TellerId: d.by.GetTellerId(), Language: "es"})
	if err != nil {
		d.t.Fatalf("terms: %v", err)
	}
	request := &remitv1.CreateDepositRequest{
		By: d.by, QuoteId: quote.GetQuote().GetId(), CustomerId: customer, BeneficiaryId: beneficiary.GetBeneficiaryId(), Purpose: "family_support",
		Identity: passport("Julian Marin", "1986-03-09"), WarningVersion: terms.GetTerms().GetWarning().GetVersion(),
		DisclosuresVersion: terms.GetTerms().GetDisclosuresVersion(), Language: "es",
	}
	for _, q := range terms.GetTerms().GetWarning().GetQuestions() {
		answer := "yes"
		if q.GetRiskyAnswer() == answer {
			answer = "no"
		}
		request.Answers = append(request.Answers, &remitv1.CashInAnswer{Id: q.GetId(), Answer: answer})
	}
	if _, err := in.CreateDeposit(d.ctx(nextKey("deposit")), request); status.Code(err) != codes.InvalidArgument {
		d.t.Fatalf("got %v, want that the customer must accept the disclosures", err)
	}
	for _, clause := range terms.GetTerms().GetDisclosures() {
		request.Accepted = append(request.Accepted, clause.GetId())
	}
	key := nextKey("deposit")
	made, err := in.CreateDeposit(d.ctx(key), request)
	if err != nil {
		d.t.Fatalf("deposit: %v", err)
	}
	again, err := in.CreateDeposit(d.ctx(key), request)
	if err != nil || again.GetDeposit().GetId() != made.GetDeposit().GetId() {
		d.t.Fatalf("the same again made %s and %v", again.GetDeposit().GetId(), err)
	}
	return d.becomes(made.GetDeposit().GetId(), "waiting").GetDeposit()
}

// becomes waits until a deposit is shown in a state or progress.
func (d desk) becomes(id, state string) *remitv1.GetDepositResponse {
	d.t.Helper()
	var shown *remitv1.GetDepositResponse
	d.until(endTimeout, "deposit "+state, func() bool {
		var err error
		shown, err = d.cashIn().GetDeposit(d.ctx(""), &remitv1.GetDepositRequest{DepositId: id, TellerId: d.by.GetTellerId()})
		if err != nil {
			d.t.Fatalf("deposit %s: %v", id, err)
		}
		return shown.GetDeposit().GetState() == state || shown.GetDeposit().GetProgress() == state
	})
	return shown
}

// take takes the cash of a deposit, twice as after a lost answer.
func (d desk) take(id string) *remitv1.Deposit {
	d.t.Helper()
	var taken *remitv1.TakeDepositResponse
	for range 2 {
		var err error
		taken, err = d.cashIn().TakeDeposit(d.ctx(nextKey("take")), &remitv1.TakeDepositRequest{DepositId: id, By: d.by})
		if err != nil {
			d.t.Fatalf("take %s: %v", id, err)
		}
	}
	return taken.GetDeposit()
}

// pay finds, reserves and pays a pickup in cash.
func (d desk) pay(code, name string, identity *remitv1.IdentityDocument) *remitv1.Pickup {
	d.t.Helper()
	counters := remitv1.NewCounterServiceClient(d.Conn)
	found, err := counters.FindPickup(d.ctx(""), &remitv1.FindPickupRequest{By: d.by, Code: code, BeneficiaryName: name})
	if err != nil {
		d.t.Fatalf("find %s: %v", name, err)
	}
	held, err := counters.ReservePickup(d.ctx(nextKey("reserve")), &remitv1.ReservePickupRequest{
		PickupId: found.GetFound().GetPickup().GetId(), By: d.by, Code: code, Identity: identity,
	})
	if err != nil {
		d.t.Fatalf("reserve: %v", err)
	}
	p := held.GetFound().GetPickup()
	paid, err := counters.ConfirmPickup(d.ctx(nextKey("confirm")), &remitv1.ConfirmPickupRequest{
		PickupId: p.GetId(), By: d.by, ReservationId: p.GetReservation().GetId(), Proof: "paper",
	})
	if err != nil {
		d.t.Fatalf("confirm: %v", err)
	}
	return paid.GetPickup()
}

// ties checks that an outlet's day ties to the ledger.
func (d desk) ties() *remitv1.GetDayReportResponse {
	d.t.Helper()
	report, err := remitv1.NewAgentServiceClient(d.Conn).GetDayReport(d.ctx(""), &remitv1.GetDayReportRequest{OutletId: d.outlet})
	if err != nil {
		d.t.Fatalf("report: %v", err)
	}
	if !report.GetTies() {
		d.t.Fatalf("the day at %s does not tie: %v", d.outlet, report.GetLines())
	}
	return report
}

// TestCashToCash brings cash to a counter in Miami and fetches it at one in
// Bogotá; another time the customer cancels and gets the cash back. The ledger
// is clean, and both counters' days tie.
func TestCashToCash(t *testing.T) {
	t.Parallel()
	g := start(t)
	miami := g.deskAt("Little Havana", "teller", "USD", "0")
	bogota := g.deskAt("Chapinero", "teller", "COP", "5000000")
	saved, err := g.cashIn().SaveCashInCustomer(g.ctx(nextKey("customer")), &remitv1.SaveCashInCustomerRequest{
		By: miami.by, Identity: passport("Julian Marin", "1986-03-09"), Party: &remitv1.Party{
			GivenName: "Julian", FamilyName: "Marin", DateOfBirth: "1986-03-09", Country: "US", Nationality: "US", Phone: "+13055550111",
			AddressLine: "12 Calle Ocho", City: "Miami", PostalCode: "33135",
		},
	})
	if err != nil {
		t.Fatalf("customer: %v", err)
	}
	customer := saved.GetCustomer()
	if customer.GetKycTier() != "verified" || customer.GetDocumentEnd() != "4567" {
		t.Errorf("got %v, want who showed a document to be verified", customer)
	}
	found, err := g.cashIn().FindCashInCustomer(g.ctx(""), &remitv1.FindCashInCustomerRequest{By: miami.by, Phone: "+1 305 555-0111", DateOfBirth: "1986-03-09"})
	if err != nil || found.GetCustomer().GetId() != customer.GetId() {
		t.Errorf("got %v and %v, want the customer who was here", found, err)
	}

	sent := miami.bring("200", customer.GetId())
	if taken := miami.take(sent.GetId()); taken.GetReceipt() == "" || taken.GetProgress() == "" {
		t.Errorf("got %v, want a receipt", taken)
	}
	receipt := miami.becomes(sent.GetId(), "ready_for_pickup")
	if receipt.GetPickupCode() == "" || receipt.GetRefundCode() == "" || receipt.GetOriginatorName() != "Julian Marin" {
		t.Errorf("got %v, want what the receipt prints", receipt)
	}
	bogota.pay(receipt.GetPickupCode(), "Lucia Ospina Vargas", passport("Lucia Ospina Vargas", "1990-02-01"))
	g.reaches(sent.GetRemittanceId(), "completed")

	back := miami.bring("150", customer.GetId())
	miami.take(back.GetId())
	miami.becomes(back.GetId(), "ready_for_pickup")
	if _, err := g.cashIn().CancelDeposit(g.ctx(nextKey("cancel")), &remitv1.CancelDepositRequest{DepositId: back.GetId(), By: miami.by}); err != nil {
		t.Fatalf("cancel: %v", err)
	}
	refund := miami.becomes(back.GetId(), "refund_waiting")
	if p := miami.pay(refund.GetRefundCode(), "Julian Marin", passport("Julian Marin", "1986-03-09")); !p.GetRefund() {
		t.Errorf("got %v, want a refund", p)
	}
	g.reaches(back.GetRemittanceId(), "refunded")

	early := miami.bring("100", customer.GetId())
	if _, err := g.cashIn().CancelDeposit(g.ctx(nextKey("cancel")), &remitv1.CancelDepositRequest{DepositId: early.GetId(), By: miami.by}); err != nil {
		t.Fatalf("cancel before the cash: %v", err)
	}
	g.reaches(early.GetRemittanceId(), "canceled")

	lines := make(map[string]string)
	for _, l := range miami.ties().GetLines() {
		lines[l.GetKind()] = l.GetAmount().GetAmount()
	}
	if lines[string(counter.MoveCashIn)] != "350.00" || lines[string(counter.MoveRefund)] != "150.00" {
		t.Errorf("got %v, want 350 taken and 150 given back", lines)
	}
	bogota.ties()
	balances, err := remitv1.NewTreasuryServiceClient(g.Conn).ListBalances(g.ctx(""), &remitv1.ListBalancesRequest{Prefix: "onramp/" + counter.Name})
	if err != nil {
		t.Fatalf("balances: %v", err)
	}
	for _, b := range balances.GetBalances() {
		if b.GetPosted().GetAmount() != remit.NewMoney(remit.MustFiat("USD"), 0).Decimal() {
			t.Errorf("got %v, want the counters to owe nothing", b)
		}
	}
	g.booksAgree()
}
