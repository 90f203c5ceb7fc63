package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

const listedRow = `99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n"

// collect shows a pickup code at the counter and returns the status.
func (g *gateway) collect(order, code string) int {
	g.t.Helper()
	body := strings.NewReader(fmt.Sprintf(`{"pickup_code":%q}`, code))
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, g.Counterparts.Bank+"/v1/orders/"+order+"/collect", body)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+g.Counterparts.BankAPIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		g.t.Fatal(err)
	}
	return response.StatusCode
}

// hasEvent reports whether something happened to a remittance.
func (g *gateway) hasEvent(id, kind string) bool {
	g.t.Helper()
	page, err := g.remittances().ListRemittanceEvents(g.ctx(""), &remitv1.ListRemittanceEventsRequest{Id: id})
	if err != nil {
		g.t.Fatalf("events of %s: %v", id, err)
	}
	return slices.ContainsFunc(page.GetEvents(), func(e *remitv1.Event) bool { return e.GetType() == kind })
}

// TestListedWhileCashWaits has a beneficiary put on a list while cash waits: the
// codes are withdrawn, and people reject, block or approve; what was approved is
// fetched with a code of its own.
func TestListedWhileCashWaits(t *testing.T) {
	t.Parallel()
	g := start(t, "--pickup-delay", "10h")
	send := func() string {
		return g.send(order{payout: "cash", account: map[string]string{}, beneficiary: xyzzy()})
	}
	ids := map[string]string{"rejected": send(), "approved": send(), "blocked": send()}
	before := make(map[string]*remitv1.Remittance)
	for decision, id := range ids {
		before[decision] = g.reaches(id, "ready_for_pickup")
	}
	g.list(listedRow)
	for decision, id := range ids {
		k := g.inReview(id)
		wants(t, g.remittance(id), "with_partner", "SANCTIONS_HIT")
		if k.GetKind() != "rescreen" || k.GetInbox() != "sanctions" || len(k.GetHits()) != 1 || k.GetHits()[0].GetRole() != "beneficiary" {
			t.Errorf("got %v", k)
		}
		if status := g.collect(before[decision].GetPayout().GetId(), before[decision].GetPickupCode()); status != http.StatusConflict {
			t.Errorf("a code that was withdrawn is answered with %d at the counter", status)
		}
		g.decide(g.ctx(nextKey("case")), k.GetId(), decision, "")
		if decision == "approved" {
			g.decide(g.second(nextKey("case")), k.GetId(), decision, "")
		}
	}
	wants(t, g.reaches(ids["rejected"], "refunded"), "returned", "REVIEW_REJECTED")
	wants(t, g.reaches(ids["blocked"], "blocked"), "blocked", "SANCTIONS_TRUE_MATCH")
	again := g.reaches(ids["approved"], "ready_for_pickup")
	if again.GetPayout().GetId() == before["approved"].GetPayout().GetId() || again.GetPickupCode() == before["approved"].GetPickupCode() || again.GetPickupCode() == "" {
		t.Errorf("approved, it waits under %s with the code as before: %v", again.GetPayout().GetId(), again.GetPickupCode() == before["approved"].GetPickupCode())
	}
	if status := g.collect(again.GetPayout().GetId(), before["approved"].GetPickupCode()); status != http.StatusForbidden {
		t.Errorf("the old code is answered with %d at the counter", status)
	}
	if status := g.collect(again.GetPayout().GetId(), again.GetPickupCode()); status != http.StatusOK {
		t.Errorf("the new code is answered with %d at the counter", status)
	}
	wants(t, g.reaches(ids["approved"], "completed"), "paid", "")
	g.booksAgree()
}

// TestPaidWhileFreezing: the counter pays while the bank does not hear that the
// payout is withdrawn. What was paid is paid, and the case says so.
func TestPaidWhileFreezing(t *testing.T) {
	t.Parallel()
	g := start(t, "--pickup-delay", "10h")
	id := g.send(order{payout: "cash", account: map[string]string{}, beneficiary: xyzzy()})
	r := g.reaches(id, "ready_for_pickup")
	g.post(g.Counterparts.Bank+"/_fault", map[string]any{"mode": "fail", "on": "cancel"})
	g.list(listedRow)
	g.until(endTimeout, "the payout is being withdrawn", func() bool { return g.hasEvent(id, "payout.withdrawing") })
	if status := g.collect(r.GetPayout().GetId(), r.GetPickupCode()); status != http.StatusOK {
		t.Fatalf("the counter answers %d", status)
	}
	g.call(http.MethodDelete, g.Counterparts.Bank+"/_fault", nil, nil)
	wants(t, g.reaches(id, "completed"), "paid", "")
	if !g.hasEvent(id, "payout.not_stopped") {
		t.Error("nothing says that the payout could not be stopped")
	}
	page, err := g.cases().ListCases(g.ctx(""), &remitv1.ListCasesRequest{RemittanceId: id})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.GetCases()) != 1 || !slices.Contains(page.GetCases()[0].GetReasons(), "PAYOUT_NOT_STOPPED") || page.GetCases()[0].GetStatus() != "open" {
		t.Errorf("the cases are %v, want an open one that says so", page.GetCases())
	}
	g.booksAgree()
}

// TestChangedCustomer: who changes into somebody listed is found at once, and
// does not get past the release gate.
func TestChangedCustomer(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.list(listedRow)
	g.until(endTimeout, "the lists are in use", func() bool {
		var text string
		g.get(g.REST+"/metrics", &text)
		return strings.Contains(text, `remit_rescreen_behind_seconds 0`)
	})
	id := g.send(order{source: "tok_pending", payout: "bank"})
	r := g.reaches(id, "awaiting_funds")
	customer, err := g.customers().UpdateCustomer(g.ctx(nextKey("change")), &remitv1.UpdateCustomerRequest{
		Id: r.GetCustomerId(), Version: 1, Party: &remitv1.Party{GivenName: "Plughomir", FamilyName: "Xyzzykov", Country: "US", Nationality: "US", DateOfBirth: "1988-04-12", AddressLine: "12 Oak Street", City: "Austin", PostalCode: "73301", Phone: "+15125550123", DocumentType: "passport", DocumentNumber: "X1234567"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if customer.GetCustomer().GetVersion() != 2 {
		t.Errorf("changed to version %d", customer.GetCustomer().GetVersion())
	}
	g.until(endTimeout, "the change is found", func() bool {
		page, err := g.cases().ListCases(g.ctx(""), &remitv1.ListCasesRequest{RemittanceId: id})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.GetCases()) == 1 && page.GetCases()[0].GetKind() == "rescreen"
	})
	g.until(endTimeout, "the bank has the order", func() bool { return g.remittance(id).GetFunding().GetStatus() == "accepted" })
	g.post(g.Counterparts.Bank+"/_orders/"+g.remittance(id).GetFunding().GetId()+"/finish", map[string]any{"outcome": "succeed"})
	k := g.inReview(id)
	wants(t, g.remittance(id), "held", "SANCTIONS_HIT")
	if k.GetGate() != "release" || len(k.GetHits()) != 1 {
		t.Errorf("got %v", k)
	}
	g.decide(g.ctx(nextKey("case")), k.GetId(), "rejected", "")
	g.reaches(id, "refunded")
	g.booksAgree()
}
