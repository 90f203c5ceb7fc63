package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQuoteToRemittance(t *testing.T) {
	t.Parallel()
	g := setup(t)
	quote := g.call("POST", "/v1/quotes", quoteBody).ok(t)
	if quote.text("source_amount", "amount") != "200.00" || quote.text("rate", "inverse") == "" || quote.text("target_amount", "currency") != "PHP" {
		t.Errorf("quote: %s", quote.body)
	}
	created := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t)
	id := created.text("id")
	if created.text("state") != "created" || created.text("funds") != "none" || created.text("since") == "" || created.text("funding_source") != "tok_ok" {
		t.Errorf("created: %s", created.body)
	}
	if g.kicks.Load() != 1 {
		t.Errorf("got %d kicks, want 1", g.kicks.Load())
	}
	if got := g.call("GET", "/v1/remittances/"+id, "").ok(t); got.text("id") != id || got.text("fees_total", "currency") != "USD" {
		t.Errorf("get: %s", got.body)
	}
	list := g.call("GET", "/v1/remittances?reference=inv-1&state=created&page_size=5", "").ok(t)
	if !strings.Contains(list.body, id) {
		t.Errorf("list: %s", list.body)
	}
	events := g.call("GET", "/v1/remittances/"+id+"/events?after=0", "").ok(t)
	if !strings.Contains(events.body, `"number":1`) && !strings.Contains(events.body, `"number": 1`) {
		t.Errorf("events: %s", events.body)
	}
	if feed := g.call("GET", "/v1/events", "").ok(t); !strings.Contains(feed.body, id) || feed.text("next_after") == "0" {
		t.Errorf("feed: %s", feed.body)
	}
	if canceled := g.call("POST", "/v1/remittances/"+id+":cancel", "").ok(t); canceled.text("id") != id {
		t.Errorf("cancel: %s", canceled.body)
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	g := setup(t)
	for path, want := range map[string]string{
		"/v1/corridors?from=US": `US-PH`,
		"/v1/corridors/US-PH":   `mobile_money`,
		"/v1/corridors/US-PH/required-fields?payout_method=mobile_money&amount=200": `operator`,
		"/v1/balances":          `balances`,
		"/v1/cases?status=open": `cases`,
		"/v1/customers":         `next_page_token`,
		"/v1/beneficiaries":     `next_page_token`,
		"/v1/events?after=0":    `next_after`,
		"/openapi.json":         `swagger`,
		"/docs":                 `Quick start`,
		"/healthz":              `ok`,
		"/readyz":               `ready`,
	} {
		if a := g.call("GET", path, "").ok(t); !strings.Contains(a.body, want) {
			t.Errorf("GET %s: no %q in %s", path, want, a.body)
		}
	}
	if a := g.call("GET", "/metrics", "").ok(t); !strings.Contains(a.body, "remit_api_calls_total{code=\"OK\"") {
		t.Errorf("metrics: %s", a.body)
	}
	if a := g.call("POST", "/v1/ledger:verify", "{}").ok(t); a.json["clean"] != true {
		t.Errorf("verify: %s", a.body)
	}
	valid := g.call("POST", "/v1/beneficiaries:validate", beneficiaryBody).ok(t)
	if valid.json["valid"] != true {
		t.Errorf("validate: %s", valid.body)
	}
	wrong := g.call("POST", "/v1/beneficiaries:validate", strings.Replace(beneficiaryBody, "gcash", "nobody", 1)).ok(t)
	if wrong.json["valid"] != false || !strings.Contains(wrong.body, "account.operator") {
		t.Errorf("validate wrong: %s", wrong.body)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	g := setup(t)
	other := strings.NewReplacer(`"200"`, `"201"`, "Alice", "Alicia", "Maria", "Marie", "inv-1", "inv-2")
	for path, body := range map[string]string{
		"/v1/quotes": quoteBody, "/v1/customers": customerBody, "/v1/beneficiaries": beneficiaryBody,
		"/v1/remittances": g.remittanceBody(),
	} {
		key := freshKey()
		first := g.callAs(g.key, key, "POST", path, body).ok(t)
		before := g.rows()
		again := g.callAs(g.key, key, "POST", path, body).ok(t)
		if squash(again.body) != squash(first.body) || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s again: got %s, want %s", path, again.body, first.body)
		}
		g.refused(g.callAs(g.key, key, "POST", path, other.Replace(body)), want{status: 422, reason: "IDEMPOTENCY_KEY_REUSED"})
		if after := g.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%s again wrote something: %v, before %v", path, after, before)
		}
		// Another tenant's same key is another key.
		if theirs := g.callAs(g.other, key, "POST", path, body); path != "/v1/remittances" && theirs.ok(t).text("id") == first.text("id") {
			t.Errorf("%s: two tenants got one thing", path)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	g := setup(t)
	var made, listed []string
	for range 5 {
		g.clock.Advance(time.Second)
		made = append(made, g.call("POST", "/v1/customers", customerBody).ok(t).text("id"))
	}
	for token := ""; ; {
		page := g.call("GET", "/v1/customers?page_size=2&page_token="+token, "").ok(t)
		customers, _ := page.json["customers"].([]any)
		for _, c := range customers {
			listed = append(listed, answer{json: c.(map[string]any)}.text("id"))
		}
		if token = page.text("next_page_token"); token == "" {
			break
		}
	}
	slices.Reverse(made)
	if !slices.Equal(listed, made) {
		t.Errorf("got customers %v, want %v", listed, made)
	}
}

// TestRefusedRequestFreesItsKey: a mended request may use the key again.
func TestRefusedRequestFreesItsKey(t *testing.T) {
	t.Parallel()
	g := setup(t)
	key := freshKey()
	g.refused(g.callAs(g.key, key, "POST", "/v1/quotes", strings.Replace(quoteBody, `"200"`, `"0"`, 1)), want{reason: "AMOUNT_NOT_POSITIVE", field: "source_amount.amount"})
	g.callAs(g.key, key, "POST", "/v1/quotes", quoteBody).ok(t)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	g := setup(t)
	body := g.remittanceBody()
	id := g.call("POST", "/v1/remittances", body).ok(t).text("id")
	before := g.rows()
	g.refused(g.callAs("", "k", "GET", "/v1/remittances", ""), want{status: 401, reason: "UNAUTHENTICATED"})
	g.refused(g.callAs("sk_wrong", "k", "GET", "/v1/remittances", ""), want{status: 401, reason: "UNAUTHENTICATED"})
	g.refused(g.callAs(g.reader, "k", "POST", "/v1/quotes", quoteBody), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	g.refused(g.callAs(g.reader, "k", "POST", "/v1/ledger:verify", "{}"), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	g.refused(g.callAs(g.reader, "k", "GET", "/v1/balances?prefix=treasury/", ""), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	g.callAs(g.reader, "", "GET", "/v1/balances", "").ok(t)
	for _, path := range []string{"/v1/remittances/" + id, "/v1/remittances/" + id + "/events"} {
		g.refused(g.callAs(g.other, "k", "GET", path, ""), want{status: 404, reason: "NOT_FOUND"})
	}
	g.refused(g.callAs(g.other, "k", "POST", "/v1/remittances/"+id+":cancel", ""), want{status: 404, reason: "NOT_FOUND"})
	g.refused(g.callAs(g.other, "k", "POST", "/v1/remittances", body), want{status: 404, reason: "NOT_FOUND", field: "quote_id"})
	if after := g.rows(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("something was written: %v, before %v", after, before)
	}
}

// want is what a refusal says; zero fields take what a wrong field says.
type want struct {
	status       int
	reason       string
	field        string
	todo, detail string
}

// refused checks that an answer is one whole problem.
func (g *gateway) refused(a answer, w want) {
	g.t.Helper()
	if w.status == 0 {
		w.status = http.StatusBadRequest
	}
	if w.todo == "" {
		w.todo = "fix"
	}
	if a.status != w.status || a.header.Get("Content-Type") != "application/problem+json" {
		g.t.Errorf("got status %d as %s, want %d as a problem: %s", a.status, a.header.Get("Content-Type"), w.status, a.body)
		return
	}
	if a.text("reason") != w.reason || a.text("what_to_do") != w.todo || a.text("detail") == "" || a.text("title") == "" ||
		a.text("type") == "" || a.json["status"] != float64(w.status) {
		g.t.Errorf("got %s, want reason %s, to do %s", a.body, w.reason, w.todo)
	}
	if id := a.text("request_id"); id == "" || id != a.header.Get("X-Request-Id") {
		g.t.Errorf("request id %q in the body, %q in the header", id, a.header.Get("X-Request-Id"))
	}
	fields, ok := a.json["fields"].([]any)
	if !ok || (w.field != "" && !strings.Contains(fmt.Sprint(fields), "field:"+w.field+" ")) || !strings.Contains(a.body, w.detail) {
		g.t.Errorf("got %s, want field %s and %q", a.body, w.field, w.detail)
	}
}

// squash drops the spaces that the JSON writer puts in at random.
func squash(s string) string { return strings.Join(strings.Fields(s), "") }
