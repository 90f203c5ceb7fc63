package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestChangeCustomer changes what is given and leaves the rest.
func TestChangeCustomer(t *testing.T) {
	t.Parallel()
	g := setup(t)
	path := "/v1/customers/" + g.call("POST", "/v1/customers", customerBody).ok(t).text("id")
	if got := g.call("GET", path, "").ok(t); got.text("version") != "1" || got.text("updated_at") != "" {
		t.Errorf("a new customer is %s", got.body)
	}
	a := g.callAs(g.key, "change-1", "PATCH", path, `{"version":1,"party":{"given_name":"Alice","family_name":"Walker-Reyes","date_of_birth":"1988-04-12","country":"US"}}`).ok(t)
	if a.text("party", "family_name") != "Walker-Reyes" || a.text("version") != "2" || a.text("kyc_tier") != "verified" || a.text("reference") != "alice" || a.text("updated_at") == "" {
		t.Errorf("changed to %s", a.body)
	}
	if again := g.callAs(g.key, "change-1", "PATCH", path, `{"version":1,"party":{"given_name":"Alice","family_name":"Walker-Reyes","date_of_birth":"1988-04-12","country":"US"}}`).ok(t); again.body != a.body {
		t.Errorf("the same request again answers %s", again.body)
	}
	a = g.call("PATCH", path, `{"version":2,"kyc_tier":"enhanced","reference":""}`).ok(t)
	if a.text("party", "family_name") != "Walker-Reyes" || a.text("kyc_tier") != "enhanced" || a.text("reference") != "" || a.text("version") != "3" {
		t.Errorf("changed to %s", a.body)
	}
	for name, c := range map[string]struct {
		key, body, reason, field string
		status                   int
	}{
		"stale":           {g.key, `{"version":2,"kyc_tier":"basic"}`, "PARTY_CHANGED", "", http.StatusConflict},
		"no version":      {g.key, `{"kyc_tier":"basic"}`, "FIELD_REQUIRED", "version", http.StatusBadRequest},
		"no name":         {g.key, `{"version":3,"party":{"country":"US"}}`, "", "", http.StatusBadRequest},
		"no such tier":    {g.key, `{"version":3,"kyc_tier":"royal"}`, "FIELD_INVALID", "kyc_tier", http.StatusBadRequest},
		"not theirs":      {g.other, `{"version":3,"kyc_tier":"basic"}`, "NOT_FOUND", "", http.StatusNotFound},
		"may only read":   {g.reader, `{"version":3,"kyc_tier":"basic"}`, "FORBIDDEN", "", http.StatusForbidden},
		"unknown field":   {g.key, `{"version":3,"tier":"basic"}`, "FIELD_UNKNOWN", "", http.StatusBadRequest},
		"control letters": {g.key, `{"version":3,"reference":"a\u0007"}`, "FIELD_INVALID", "reference", http.StatusBadRequest},
	} {
		a := g.callAs(c.key, freshKey(), "PATCH", path, c.body)
		if a.status != c.status || (c.reason != "" && a.text("reason") != c.reason) || !strings.Contains(a.body, c.field) {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	if a := g.callAs(g.key, "", "PATCH", path, `{"version":3,"kyc_tier":"basic"}`); a.text("reason") != "IDEMPOTENCY_KEY_REQUIRED" {
		t.Errorf("without a key: %s", a.body)
	}
}

// TestChangeBeneficiary: the account stays while a remittance is on its way to it.
func TestChangeBeneficiary(t *testing.T) {
	t.Parallel()
	g := setup(t)
	body := g.remittanceBody()
	_, rest, _ := strings.Cut(body, `"beneficiary_id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	path := "/v1/beneficiaries/" + id
	a := g.call("PATCH", path, `{"version":1,"account":{"operator":"gcash","phone":"+639171234568"}}`).ok(t)
	if a.text("account", "phone") != "+639171234568" || a.text("party", "given_name") != "Maria" || a.text("version") != "2" {
		t.Errorf("changed to %s", a.body)
	}
	if a := g.call("PATCH", path, `{"version":2,"account":{"operator":"gcash","phone":"12"}}`); a.status != http.StatusBadRequest || !strings.Contains(a.body, "account.phone") {
		t.Errorf("an account that is none: %d %s", a.status, a.body)
	}
	g.call("POST", "/v1/remittances", body).ok(t)
	if a := g.call("PATCH", path, `{"version":2,"account":{"operator":"gcash","phone":"+639171234569"}}`); a.text("reason") != "PARTY_IN_USE" {
		t.Errorf("the account of a remittance under way: %d %s", a.status, a.body)
	}
	a = g.call("PATCH", path, fmt.Sprintf(`{"version":2,"party":{"given_name":"Maria Clara","family_name":"Santos","country":%q}}`, "PH")).ok(t)
	if a.text("party", "given_name") != "Maria Clara" || a.text("account", "phone") != "+639171234568" || a.text("version") != "3" {
		t.Errorf("changed to %s", a.body)
	}
}

// TestJoinedNames: characters that nobody sees stay where a script spells with
// them, and no others; refusals_test.go has those.
func TestJoinedNames(t *testing.T) {
	t.Parallel()
	g := setup(t)
	for why, given := range map[string]string{
		"Persian": "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "Malayalam, at the end": "\u0d28\u0d4d\u200d", "Sinhala": "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
	} {
		a := g.call("POST", "/v1/customers", strings.Replace(customerBody, `"Alice"`, `"`+given+`"`, 1)).ok(t)
		if got := a.text("party", "given_name"); got != given {
			t.Errorf("%s: %q is kept as %q", why, given, got)
		}
	}
}
