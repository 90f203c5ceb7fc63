package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
)

// period is the month that the tests are in.
const period = "from=2026-11-01&to=2026-11-30"

// worked is a day at a counter: 5000.00 came, 0.50 is missing.
func (g *gateway) worked(n network) {
	g.t.Helper()
	topUp := g.at("counter", "POST", "/v1/top-ups", fmt.Sprintf(`{"by":{"teller_id":%q},"outlet_id":%q,"amount":{"currency":"PHP","amount":"5000"}}`, n.manager, n.outlet)).ok(g.t)
	g.at("network", "POST", "/v1/top-ups/"+topUp.text("id")+":decide", `{"approve":true,"reference":"wire 7"}`).ok(g.t)
	by := fmt.Sprintf(`"by":{"teller_id":%q}`, n.teller)
	drawer := g.at("counter", "POST", "/v1/counter/drawers", `{`+by+`,"counts":[{"currency":"PHP","total":"2000","pieces":[{"value":"500","count":"4"}]}]}`).ok(g.t)
	g.at("counter", "POST", "/v1/counter/drawers/"+drawer.text("id")+":close", `{`+by+`,"counts":[{"currency":"PHP","total":"1999.50"}],"note":"a coin rolled away"}`).ok(g.t)
	g.at("counter", "POST", "/v1/counter/drawers/"+drawer.text("id")+":decide", fmt.Sprintf(`{"by":{"teller_id":%q},"approve":true}`, n.manager)).ok(g.t)
}

// TestStatementCSV: every row adds up to the cent, the end is what the ledger
// holds, and no cell is a formula.
func TestStatementCSV(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	g.at("network", "PUT", "/v1/outlets/"+n.outlet, strings.Replace(strings.Replace(strings.Replace(outletBody(n.agent), fmt.Sprintf(`"agent_id":%q,`, n.agent), "", 1),
		`"country":"PH",`, "", 1), `"Quiapo"`, `"=HYPERLINK(\"http://x\",\"Quiapo, \u00d1\")"`, 1)).ok(t)
	g.worked(n)
	a := g.at("network", "GET", "/v1/agents/"+n.agent+"/statement:export?"+period, "").ok(t)
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/csv") {
		t.Errorf("the content type is %q", got)
	}
	if got := a.header.Get("Content-Disposition"); !strings.Contains(got, n.agent+"-2026-11-01-2026-11-30.csv") {
		t.Errorf("the disposition is %q", got)
	}
	if !strings.HasSuffix(a.body, "\r\n") || strings.Count(a.body, "\n") != strings.Count(a.body, "\r\n") {
		t.Error("lines do not end in CRLF")
	}
	rows, err := csv.NewReader(bytes.NewReader([]byte(a.body))).ReadAll()
	must(t, err)
	cell := func(row []string, column string) string { return row[slices.Index(rows[0], column)] }
	balance := int64(0)
	var records []string
	for _, row := range rows[1:] {
		records = append(records, cell(row, "record"))
		for _, text := range row {
			if text != "" && strings.ContainsRune("=+@\t\r", rune(text[0])) {
				t.Errorf("a cell is a formula: %q", text)
			}
		}
		for _, column := range []string{"amount", "effect", "balance"} {
			decimal, minor := cell(row, column), cell(row, column+"_minor")
			if decimal == "" && minor == "" {
				continue
			}
			if digits, err := strconv.ParseInt(strings.ReplaceAll(decimal, ".", ""), 10, 64); err != nil || strconv.FormatInt(digits, 10) != minor {
				t.Errorf("%s is %q and %q in minor units", column, decimal, minor)
			}
		}
		if cell(row, "record") == "movement" {
			effect, err := strconv.ParseInt(cell(row, "effect_minor"), 10, 64)
			must(t, err)
			balance += effect
			if got := cell(row, "balance_minor"); got != strconv.FormatInt(balance, 10) {
				t.Errorf("after %s the balance is %s, want %d", cell(row, "kind"), got, balance)
			}
			if got := cell(row, "outlet"); got != `'=HYPERLINK("http://x","Quiapo, Ñ")` {
				t.Errorf("the outlet is %q", got)
			}
		}
	}
	if want := []string{"opening", "movement", "movement", "movement", "movement", "closing", "position", "position", "position", "ties"}; !slices.Equal(records, want) {
		t.Errorf("records %v, want %v", records, want)
	}
	held := int64(0)
	list, err := g.store.Balances(t.Context(), "")
	must(t, err)
	for _, b := range list {
		if b.Account == ledger.Agent(n.outlet) || b.Account == ledger.Drawer(n.teller) {
			held += b.Posted.Minor
		}
	}
	if balance != 499_950 || held != balance {
		t.Errorf("the file ends with %d, the ledger with %d, want 499950", balance, held)
	}
}

// TestStatements: the statement, its movements by page, the day book and floats.
func TestStatements(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	g.worked(n)
	st := g.at("network", "GET", "/v1/agents/"+n.agent+"/statement?"+period, "").ok(t)
	if ties, _ := st.json["ties"].(bool); !ties || !strings.Contains(st.body, `"4999.50"`) || !strings.Contains(st.body, `"-0.50"`) {
		t.Errorf("got %s", st.body)
	}
	token, seen := "", 0
	for range 5 {
		page := g.at("network", "GET", "/v1/agents/"+n.agent+"/movements?page_size=3&"+period+"&page_token="+token, "").ok(t)
		list, _ := page.json["movements"].([]any)
		seen += len(list)
		if token = page.text("next_page_token"); token == "" {
			break
		}
	}
	if seen != 4 {
		t.Errorf("%d movements on all pages, want 4", seen)
	}
	g.refused(g.at("network", "GET", "/v1/agents/"+n.agent+"/movements?page_token=xx", ""), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
	g.refused(g.at("network", "GET", "/v1/agents/"+n.agent+"/statement?from=2026-02-30", ""), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
	g.refused(g.at("network", "GET", "/v1/agents/"+n.agent+"/statement?from=2024-01-01&to=2026-01-01", ""), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
	day := g.at("network", "GET", "/v1/outlets/"+n.outlet+"/daybook", "").ok(t)
	for _, part := range []string{`"approved_by":"` + n.manager, `"value":"500.00"`, `"a coin rolled away"`, `"-0.50"`, `"approved_by_name":"Tess"`} {
		if !strings.Contains(strings.ReplaceAll(day.body, `": `, `":`), part) {
			t.Errorf("the day book has no %s: %s", part, day.body)
		}
	}
	if floats := g.at("network", "GET", "/v1/floats?low_only=true", "").ok(t); strings.Contains(floats.body, n.outlet) {
		t.Errorf("a float of 4999.50 is low: %s", floats.body)
	}
}

// TestStatementReaders: who manages an outlet sees it, who administers the agent
// sees all of it, and nobody else anything.
func TestStatementReaders(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	other := g.at("network", "POST", "/v1/agents", agentBody).ok(t).text("id")
	outlet := g.at("network", "POST", "/v1/outlets", outletBody(other)).ok(t).text("id")
	g.newKey(tenantOne, "bound", api.ScopeCounter, api.Scope("agent="+n.agent))
	paths := func(agent, outlet string) []string {
		var out []string
		for _, path := range []string{"/statement", "/statement:export", "/movements"} {
			out = append(out, "/v1/agents/"+agent+path+"?"+period+"&outlet_id="+outlet)
		}
		return append(out, "/v1/outlets/"+outlet+"/daybook")
	}
	people := make(map[string]string)
	for role, teller := range map[compliance.Role]string{compliance.RoleTeller: n.teller, compliance.RoleManager: n.manager} {
		account := g.hire(tenantOne, string(role), role)
		g.at("network", "PUT", "/v1/tellers/"+teller, fmt.Sprintf(`{"name":"X","role":%q,"staff_id":%q,"trained_until":"2027-11-20T17:00:00Z"}`, role, account.ID)).ok(t)
		people[string(role)] = g.signIn(account)
	}
	admin := g.hire(tenantOne, "admin", compliance.RoleAgentAdmin)
	g.at("network", "POST", "/v1/tellers", fmt.Sprintf(`{"agent_id":%q,"name":"A","role":"agent_admin","staff_id":%q,"trained_until":"2027-11-20T17:00:00Z"}`, n.agent, admin.ID)).ok(t)
	people["admin"] = g.signIn(admin)
	for _, role := range []compliance.Role{compliance.RoleAnalyst, compliance.RoleAuditor, compliance.RoleMLRO} {
		people[string(role)] = g.signIn(g.hire(tenantOne, string(role), role))
	}
	see := func(token, path string, status int) {
		t.Helper()
		if a := g.callAs(token, freshKey(), "GET", path, ""); a.status != status {
			t.Errorf("GET %s: got %d %s, want %d", path, a.status, a.body, status)
		}
	}
	for _, path := range paths(n.agent, n.outlet) {
		see("sk_test_bound", path, http.StatusOK)
		see("sk_test_theirs", path, http.StatusNotFound)
		see("sk_test_reader", path, http.StatusForbidden)
		for who, status := range map[string]int{"manager": 200, "admin": 200, "teller": 403, "analyst": 403, "auditor": 200, "mlro": 403} {
			see(people[who], path, status)
		}
	}
	for _, path := range paths(other, outlet) {
		for _, token := range []string{"sk_test_bound", people["manager"], people["admin"]} {
			see(token, path, http.StatusForbidden)
		}
	}
	whole := "/v1/agents/" + n.agent + "/statement?" + period
	see(people["manager"], whole, http.StatusForbidden)
	see(people["admin"], whole, http.StatusOK)
	see("sk_test_network", "/v1/agents/"+n.agent+"/statement?outlet_id="+outlet, http.StatusNotFound)
	see(people["admin"], "/v1/floats", http.StatusForbidden)
	see("sk_test_bound", "/v1/floats", http.StatusForbidden)
}
