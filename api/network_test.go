package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// treasuryCalls are all calls of the treasury, with what one that may be made would need.
func treasuryCalls(c *crew) (reads, money []struct{ method, path, body string }) {
	type call = struct{ method, path, body string }
	reads = []call{
		{"GET", "/v1/network", ""}, {"GET", "/v1/network?low_only=true&page_size=1", ""}, {"GET", "/v1/network/outlets/" + c.outlet, ""}, {"GET", "/v1/float-returns", ""},
		{"GET", "/v1/floats", ""}, {"GET", "/v1/top-ups", ""}, {"GET", "/v1/agents", ""}, {"GET", "/v1/outlets", ""}, {"GET", "/v1/people", ""},
		{"GET", "/v1/agents/" + c.agent + "/statement", ""}, {"GET", "/v1/outlets/" + c.outlet + "/daybook", ""}, {"GET", "/v1/outlets/" + c.outlet + "/float", ""},
	}
	money = []call{
		{"POST", "/v1/top-ups/top_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"approve":true}`},
		{"POST", "/v1/float-returns/ret_01k9zc7v4ye3t8m5q2w6x0b1nd:decide", `{"approve":true}`},
		{"POST", "/v1/outlets/" + c.outlet + "/collections", fmt.Sprintf(`{"amount":{"currency":"PHP","amount":"1"},"handed_over_by":%q,"reference":"slip"}`, c.network.teller)},
		{"POST", "/v1/agents/" + c.agent + "/commission:pay", `{"amount":{"currency":"PHP","amount":"1"}}`},
	}
	return reads, money
}

// TestTreasuryRoles: the treasury runs floats and sees the network; the auditor sees
// it and moves nothing; nobody else sees it.
func TestTreasuryRoles(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	reads, money := treasuryCalls(c)
	suspend := fmt.Sprintf(`{"outlet_id":%q,"suspended":true,"reason":"cash"}`, c.second)
	for role, may := range map[compliance.Role]struct{ reads, moves bool }{
		compliance.RoleTreasurer: {true, true}, compliance.RoleAuditor: {reads: true},
		compliance.RoleMLRO: {}, compliance.RoleOfficer: {}, compliance.RoleAnalyst: {},
	} {
		token := c.signIn(c.hire(tenantOne, "A"+string(role), role))
		for _, call := range reads {
			if a := c.do(token, call.method, call.path, call.body); (a.status == http.StatusOK) != may.reads || !may.reads && a.status != http.StatusForbidden {
				t.Errorf("%s by %s: got %d %s", call.path, role, a.status, a.body)
			}
		}
		for _, call := range append(money, struct{ method, path, body string }{"POST", "/v1/suspensions", suspend}) {
			if a := c.do(token, call.method, call.path, call.body); (a.status == http.StatusForbidden) == may.moves {
				t.Errorf("%s by %s: got %d %s", call.path, role, a.status, a.body)
			}
		}
		// Nobody who signs in makes those who could ask for float.
		for _, call := range []struct{ method, path, body string }{
			{"POST", "/v1/agents", agentBody}, {"POST", "/v1/outlets", outletBody(c.agent)}, {"POST", "/v1/tellers", tellerBody(c.outlet, "manager")},
			{"POST", "/v1/tellers:invite", inviteBody(c.outlet, "x@one.example", "manager")},
		} {
			if a := c.do(token, call.method, call.path, call.body); a.status != http.StatusForbidden {
				t.Errorf("%s by %s: got %d %s", call.path, role, a.status, a.body)
			}
		}
	}
	for _, token := range []string{c.teller, c.manager, c.admin} {
		for _, call := range append(money, struct{ method, path, body string }{"GET", "/v1/network", ""}) {
			if a := c.do(token, call.method, call.path, call.body); a.status != http.StatusForbidden {
				t.Errorf("%s at a counter: got %d %s", call.path, a.status, a.body)
			}
		}
	}
	treasurer := c.signIn(c.hire(tenantOne, "Tilda", compliance.RoleTreasurer))
	for _, path := range []string{"/v1/customers", "/v1/remittances", "/v1/cases", "/v1/staff", "/v1/audit", "/v1/events"} {
		if a := c.do(treasurer, "GET", path, ""); a.status != http.StatusForbidden {
			t.Errorf("the treasury reads %s: %d", path, a.status)
		}
	}
	for _, p := range []compliance.Permission{compliance.PermitFloatsManage, compliance.PermitAgentsSuspend, "agents.manage"} {
		if slices.Contains(compliance.RoleMLRO.Permissions(), p) {
			t.Errorf("the MLRO has %s", p)
		}
	}
}

// TestTreasury: what outlets ask for and hand back is decided by another person,
// once, stands in the trail, and makes one fact in the feed when a float is low.
func TestTreasury(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	one, two := c.signIn(c.hire(tenantOne, "Tilda", compliance.RoleTreasurer)), c.signIn(c.hire(tenantOne, "Tim", compliance.RoleTreasurer))
	ask := fmt.Sprintf(`{"outlet_id":%q,"amount":{"currency":"PHP","amount":"5000"}}`, c.outlet)
	top := c.do(c.manager, "POST", "/v1/top-ups", ask).ok(t).text("id")
	if a := c.do(one, "GET", "/v1/network", "").ok(t); !strings.Contains(a.body, top) || !strings.Contains(a.body, `"total":3`) || !strings.Contains(a.body, `"low":3`) {
		t.Errorf("got %s", a.body)
	}
	for _, token := range []string{one, two} {
		if a := c.do(token, "POST", "/v1/top-ups/"+top+":decide", `{"approve":true,"reference":"wire 7"}`).ok(t); a.text("state") != "posted" {
			t.Errorf("got %s", a.body)
		}
	}
	if a := c.do(two, "POST", "/v1/top-ups/"+top+":decide", `{"approve":false,"reason":"no"}`); a.status != http.StatusConflict {
		t.Errorf("refused after it was given: %d %s", a.status, a.body)
	}
	offer := fmt.Sprintf(`{"outlet_id":%q,"amount":{"currency":"PHP","amount":"4950"},"reference":"slip 9"}`, c.outlet)
	c.refused(c.do(c.teller, "POST", "/v1/float-returns", offer), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	back := c.do(c.manager, "POST", "/v1/float-returns", offer).ok(t).text("id")
	if a := c.do(c.manager, "GET", "/v1/float-returns?outlet_id="+c.outlet, "").ok(t); !strings.Contains(a.body, back) {
		t.Errorf("got %s", a.body)
	}
	for range 2 {
		c.do(one, "POST", "/v1/float-returns/"+back+":decide", `{"approve":true}`).ok(t)
	}
	collect := fmt.Sprintf(`{"amount":{"currency":"PHP","amount":%%q},"handed_over_by":%q,"reference":"seal 3"}`, c.network.manager)
	c.refused(c.do(one, "POST", "/v1/outlets/"+c.outlet+"/collections", fmt.Sprintf(collect, "51")), want{status: 409, reason: "FLOAT_NEEDED", todo: "fix"})
	c.do(one, "POST", "/v1/outlets/"+c.outlet+"/collections", fmt.Sprintf(collect, "20")).ok(t)
	desk := c.do(one, "GET", "/v1/network/outlets/"+c.outlet, "").ok(t)
	for _, text := range []string{`"30.00"`, "float_return", "wire 7", "seal 3", `"requested_by_name":"X"`, `"decided_by_name":"Tilda"`, `"state":"open"`} {
		if !strings.Contains(desk.body, text) {
			t.Errorf("the outlet does not say %s: %s", text, desk.body)
		}
	}
	if a := c.do(one, "GET", "/v1/outlets/"+c.outlet+"/daybook", "").ok(t); !strings.Contains(a.body, `"ties":true`) {
		t.Errorf("got %s", a.body)
	}
	events := c.at("reader", "GET", "/v1/events", "").ok(t)
	if strings.Count(events.body, "outlet.float_low") != 1 || !strings.Contains(events.body, c.outlet) {
		t.Errorf("the feed has %s", events.body)
	}
	if a := c.at("theirs", "GET", "/v1/network/outlets/"+c.outlet, ""); a.status != http.StatusNotFound {
		t.Errorf("another tenant sees the outlet: %d", a.status)
	}
	c.trail(map[string]string{"float.decide": top, "float.decide_return": back, "float.offer": back, "float.collect": ""})
}

// trail checks that acts stand in the trail with their amount.
func (c *crew) trail(acts map[string]string) {
	c.t.Helper()
	records, err := c.store.AuditRecords(c.t.Context(), tenantOne, api.AuditFilter{Limit: 500})
	must(c.t, err)
	for act, subject := range acts {
		done := slices.ContainsFunc(records, func(r compliance.AuditRecord) bool {
			return r.Act == act && r.Phase == compliance.AuditResult && r.Outcome == compliance.AuditDone && r.Facts["amount"] != "" && (subject == "" || r.Subject == subject)
		})
		if !done {
			c.t.Errorf("the trail does not say that %s was done to %s", act, subject)
		}
	}
}

// TestSuspendByTreasury: an outlet or agent is kept from working with a reason
// and let work again with one; both stand in the trail.
func TestSuspendByTreasury(t *testing.T) {
	t.Parallel()
	c := withCrew(t)
	treasurer := c.signIn(c.hire(tenantOne, "Tilda", compliance.RoleTreasurer))
	say := func(body string) answer { return c.do(treasurer, "POST", "/v1/suspensions", body) }
	for _, id := range []string{fmt.Sprintf(`"outlet_id":%q`, c.outlet), fmt.Sprintf(`"agent_id":%q`, c.agent)} {
		c.refused(say(`{`+id+`,"suspended":true}`), want{status: 400, reason: "FIELD_REQUIRED", todo: "fix"})
		say(`{` + id + `,"suspended":true,"reason":"cash"}`).ok(t)
		if a := c.do(treasurer, "GET", "/v1/network/outlets/"+c.outlet, "").ok(t); !strings.Contains(a.body, `"state":"suspended"`) {
			t.Errorf("got %s", a.body)
		}
		say(`{` + id + `,"suspended":false,"reason":"cleared"}`).ok(t)
		if a := c.do(treasurer, "GET", "/v1/network/outlets/"+c.outlet, "").ok(t); !strings.Contains(a.body, `"state":"open"`) {
			t.Errorf("got %s", a.body)
		}
	}
}
