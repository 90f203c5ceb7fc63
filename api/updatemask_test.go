package api_test

import (
	"strings"
	"testing"
)

// TestUpdatesOnlyWhatIsNamed: with an update_mask all other fields of agents and
// outlets keep their value; without one the whole record is replaced.
func TestUpdatesOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	g := withCashIn(t)
	agent, outlet := "/v1/agents/"+g.agent, "/v1/outlets/"+g.outlet
	before := g.at("network", "GET", "/v1/agents", "").ok(t).body
	for _, want := range []string{`"commissions"`, `"cash_in_commissions"`, "+63 2 8888", "Bayad"} {
		if !strings.Contains(before, want) {
			t.Fatalf("got %s, want %s", before, want)
		}
	}
	got := g.at("network", "PUT", agent, `{"phone":"+63 2 9999","update_mask":["phone"]}`).ok(t).body
	for _, want := range []string{`"commissions"`, `"cash_in_commissions"`, "+63 2 9999", "Bayad"} {
		if !strings.Contains(got, want) {
			t.Errorf("changing the phone gives %s, want %s", got, want)
		}
	}
	got = g.at("network", "PUT", agent, `{"proofs":["paper"],"cash_in_commissions":[],"update_mask":["proofs","cash_in_commissions"]}`).ok(t).body
	if strings.Contains(got, `"cash_in_commissions"`) && !strings.Contains(got, `"cash_in_commissions":[]`) || !strings.Contains(got, "paper") || !strings.Contains(got, "+63 2 9999") {
		t.Errorf("got %s", got)
	}
	got = g.at("network", "PUT", outlet, `{"address":"2 Rizal Street","low_float":[],"update_mask":["address","low_float"]}`).ok(t).body
	for _, want := range []string{"2 Rizal Street", `"Quiapo"`, `"latitude"`, `"hours"`, `"drawer_maximum"`, "America/New_York", `"USD"`} {
		if !strings.Contains(got, want) {
			t.Errorf("changing the address gives %s, want %s", got, want)
		}
	}
	g.refused(g.at("network", "PUT", outlet, `{"update_mask":["adress"]}`), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
	g.refused(g.at("network", "PUT", outlet, `{"name":"","update_mask":["name"]}`), want{status: 400, reason: "FIELD_REQUIRED", todo: "fix"})
	g.refused(g.at("network", "PUT", "/v1/outlets/out_01k9zc7v4ye3t8m5q2w6x0b1nd", `{"name":"X","update_mask":["name"]}`), want{status: 404, reason: "NOT_FOUND", todo: "fix"})
	got = g.at("network", "PUT", agent, `{"name":"Bayad"}`).ok(t).body
	if strings.Contains(got, "+63 2 9999") {
		t.Errorf("without a mask it is not replaced: %s", got)
	}
}

// TestKnownCustomersKeepWhatWasNotAsked: completing a customer needs no country
// and changes only what is given; who was sent to before is for whoever has the
// customer at the counter.
func TestKnownCustomersKeepWhatWasNotAsked(t *testing.T) {
	t.Parallel()
	c := withCashIn(t)
	const path = "/v1/counter/cash-in/customers"
	made := c.at("counter", "POST", path, `{`+c.by+`,"party":`+strings.Replace(cashParty, `"country":"US"`, `"country":"CA"`, 1)+`,"identity":`+cashPassport+`}`).ok(t)
	id := made.text("id")
	c.at("counter", "POST", path, `{`+c.by+`,"customer_id":"`+id+`","version":"1","party":{"city":"Queens"}}`).ok(t)
	stored := c.call("GET", "/v1/customers/"+id, "").ok(t).body
	for _, want := range []string{`"CA"`, `"Queens"`, `"Julian"`, "+13055550111"} {
		if !strings.Contains(stored, want) {
			t.Errorf("the customer is %s, want %s", stored, want)
		}
	}
	c.refused(c.at("counter", "POST", path, `{`+c.by+`,"party":{"given_name":"A","family_name":"B"}}`), want{status: 400, reason: "FIELD_REQUIRED", todo: "fix"})
	list := "/v1/counter/cash-in/beneficiaries?teller_id=" + c.teller + "&to=CO&payout_method=cash&customer_id="
	if got := c.at("counter", "GET", list+id, "").ok(t).body; strings.Contains(got, "ben_") {
		t.Errorf("got %s", got)
	}
	c.refused(c.at("counter", "GET", list+"cus_01k9zc7v4ye3t8m5q2w6x0b1nd", ""), want{status: 404, reason: "CUSTOMER_NOT_FOUND", todo: "fix"})
	// No outlet pays pesos there, and the quoter of this gateway names no counter for it.
	c.at("counter", "GET", "/v1/counter/cash-in/terms?teller_id="+c.teller, "").ok(t)
}
