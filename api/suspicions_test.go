package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// TestSuspicionReports: a partner's system and a teller report; the officer
// reads it in the queue, the reporter reads that it is in progress, and nobody
// else anything.
func TestSuspicionReports(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	body := fmt.Sprintf(`{"by":{"teller_id":%q},"category":"structuring","text":"Three friends sent the same sum."}`, n.teller)
	key := freshKey()
	first := g.callAs("sk_test_counter", key, "POST", "/v1/counter/suspicions", body).ok(t)
	if again := g.callAs("sk_test_counter", key, "POST", "/v1/counter/suspicions", body).ok(t); again.text("id") != first.text("id") || first.text("state") != "in_progress" {
		t.Errorf("got %s and then %s", first.body, again.body)
	}
	mlro, teller := g.signIn(g.hire(tenantOne, "Mel", compliance.RoleMLRO)), ""
	tess := g.hire(tenantOne, "Tess", compliance.RoleTeller)
	g.at("network", "PUT", "/v1/tellers/"+n.teller, fmt.Sprintf(`{"name":"X","role":"teller","staff_id":%q,"trained_until":"2027-11-20T17:00:00Z"}`, tess.ID)).ok(t)
	teller = g.signIn(tess)
	as := func(token, method, path, body string) answer { return g.callAs(token, freshKey(), method, path, body) }
	queue := as(mlro, "GET", "/v1/cases?kind=suspicion", "").ok(t)
	list, _ := queue.json["cases"].([]any)
	if len(list) != 1 {
		t.Fatalf("the queue is %s", queue.body)
	}
	one, _ := list[0].(map[string]any)
	id, _ := one["id"].(string)
	whole := as(mlro, "GET", "/v1/cases/"+id, "").ok(t)
	if !strings.Contains(whole.body, "Three friends") || one["inbox"] != "mlro" {
		t.Errorf("the case is %s", whole.body)
	}
	reports, _ := whole.json["reports"].([]any)
	report, _ := reports[0].(map[string]any)
	if report["id"] != first.text("id") || report["category"] != "structuring" || report["outlet_name"] == "" || report["agent_name"] == "" || report["teller_id"] != n.teller {
		t.Errorf("the report is %v", report)
	}
	if strings.Contains(queue.body, "Three friends") {
		t.Errorf("the queue says what was reported: %s", queue.body)
	}
	g.refused(as(mlro, "POST", "/v1/cases/"+id+":freeze", `{"note":"stop"}`), want{status: 409, reason: "CASE_NOT_PENDING", todo: "fix"})
	as(mlro, "POST", "/v1/cases/"+id+":decide", `{"decision":"approved","note":"They are a family."}`).ok(t)
	own := as(teller, "GET", "/v1/counter/suspicions", "").ok(t)
	if !strings.Contains(own.body, `"in_progress"`) || strings.Contains(own.body, "approved") || strings.Contains(own.body, id) || strings.Contains(own.body, "friends") {
		t.Errorf("the teller reads %s", own.body)
	}
	for _, path := range []string{"/v1/cases", "/v1/cases/" + id, "/v1/audit"} {
		if a := as(teller, "GET", path, ""); a.status != 403 && a.status != 404 {
			t.Errorf("a teller reads %s: %d", path, a.status)
		}
	}
	freeze := "/v1/cases/" + id + ":freeze"
	g.refused(as(mlro, "POST", freeze, `{"note":"stop"}`), want{status: 409, reason: "CASE_ALREADY_DECIDED", todo: "fix"})
	g.refused(as(teller, "POST", freeze, `{"note":"stop"}`), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	for _, who := range []compliance.Role{compliance.RoleAnalyst, compliance.RoleMLRO} {
		g.refused(as(g.signIn(g.hire(tenantOne, "r"+string(who), who)), "POST", "/v1/counter/suspicions", body), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	}
	g.newKey(tenantOne, "elsewhere", api.ScopeCounter, api.Scope("agent=agt_01k9zc7v4ye3t8m5q2w6x0b1nd"))
	for name, status := range map[string]int{"theirs": 404, "elsewhere": 404, "reader": 403} {
		if a := g.at(name, "POST", "/v1/counter/suspicions", body); a.status != status {
			t.Errorf("%s reports: %d %s, want %d", name, a.status, a.body, status)
		}
	}
	if a := g.at("counter", "POST", "/v1/counter/suspicions", strings.Replace(body, `"category"`, `"pickup_id":"pic_01k9zc7v4ye3t8m5q2w6x0b1nd","category"`, 1)); a.status != 404 {
		t.Errorf("about no such payment: %d %s", a.status, a.body)
	}
	g.refused(g.at("counter", "POST", "/v1/counter/suspicions", strings.Replace(body, "structuring", "gossip", 1)), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
	var text string
	must(t, g.db.QueryRowContext(t.Context(), `SELECT (SELECT COALESCE(GROUP_CONCAT(body), '') FROM suspicions) || (SELECT COALESCE(GROUP_CONCAT(text), '') FROM case_events)
		|| (SELECT COALESCE(GROUP_CONCAT(facts), '') FROM audit)`).Scan(&text))
	if strings.Contains(text, "friends") {
		t.Error("the words of a report are stored in the clear")
	}
}
