package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestCounterActsAreAudited: what is done at counters has an intent and a result,
// with what the service knows of it, and nothing is in the trail twice.
func TestCounterActsAreAudited(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	by := fmt.Sprintf(`"by":{"teller_id":%q}`, n.teller)
	begin := len(g.trail(g.key))
	if begin != 8 {
		t.Errorf("four acts on the network left %d records, want an intent and a result each:\n%s", begin, strings.Join(g.trail(g.key), "\n"))
	}
	drawer := g.at("counter", "POST", "/v1/counter/drawers", `{`+by+`,"counts":[]}`).ok(t).text("id")
	g.at("counter", "POST", "/v1/counter/pickups:find", `{`+by+`,"code":"7KQ-2M9","beneficiary_name":"Maria Santos"}`)
	g.at("counter", "GET", "/v1/counter/pickups/pic_01k9zc7v4ye3t8m5q2w6x0b1nd?teller_id="+n.teller, "")
	g.at("reader", "GET", "/v1/counter/pickups/pic_01k9zc7v4ye3t8m5q2w6x0b1nd?teller_id="+n.teller, "")
	wantTrail(t, g.trail(g.key)[begin:],
		"intent counter drawer.open", "result counter drawer.open done",
		"intent counter pickup.find", "result counter pickup.find refused PICKUP_CODE_MALFORMED",
		"intent counter pickup.view", "result counter pickup.view refused NOT_FOUND",
		"fact reader pickup.view refused FORBIDDEN",
	)
	resp, err := v1.NewAuditServiceClient(g.conn).ListAuditRecords(g.as(g.key), &v1.ListAuditRecordsRequest{PageSize: 500})
	must(t, err)
	for _, r := range resp.GetRecords() {
		if r.GetAct() == "drawer.open" && r.GetPhase() == "result" && (r.GetSubject() != drawer || r.GetFacts()["teller_id"] != n.teller) {
			t.Errorf("the opening of drawer %s is told as %v", drawer, r)
		}
		if text := fmt.Sprint(r); strings.Contains(text, "7KQ") || strings.Contains(text, "Maria") {
			t.Errorf("a code or a name is in the trail: %s", text)
		}
	}
}

// TestGetStand: whoever works at a counter is told where, and nobody else is.
func TestGetStand(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	n := g.network()
	g.newKey(tenantOne, "elsewhere", api.ScopeCounter, api.Scope("agent=agt_01k9zc7v4ye3t8m5q2w6x0b1nd"))
	const path = "/v1/counter/stand?teller_id="
	shown := g.at("counter", "GET", path+n.teller, "").ok(t)
	for what, want := range map[string]string{"teller": n.teller, "outlet": n.outlet, "agent": n.agent} {
		if part, ok := shown.json[what].(map[string]any); !ok || part["id"] != want {
			t.Errorf("the %s is %v, want %s", what, shown.json[what], want)
		}
	}
	admin := g.at("network", "POST", "/v1/tellers", fmt.Sprintf(`{"agent_id":%q,"name":"Ada","role":"agent_admin","trained_until":"2027-11-20T17:00:00Z"}`, n.agent)).ok(t).text("id")
	if whole := g.at("counter", "GET", path+admin, "").ok(t); whole.json["outlet"] != nil || !strings.Contains(whole.body, n.agent) {
		t.Errorf("who works at no outlet is told %s", whole.body)
	}
	for name, c := range map[string]struct {
		key, teller string
		status      int
	}{
		"a key without the scope": {"reader", n.teller, 403},
		"another tenant":          {"theirs", n.teller, 404},
		"another agent's key":     {"elsewhere", n.teller, 404},
		"nobody named":            {"counter", "", 400},
		"no id":                   {"counter", "Tess", 400},
		"an unknown teller":       {"counter", "tel_01k9zc7v4ye3t8m5q2w6x0b1nd", 404},
	} {
		if a := g.at(c.key, "GET", path+c.teller, ""); a.status != c.status {
			t.Errorf("%s: got %d %s, want %d", name, a.status, a.body, c.status)
		}
	}
	before := g.trail(g.key)
	g.at("counter", "GET", path+n.teller, "").ok(t)
	if !slices.Equal(g.trail(g.key), before) {
		t.Error("a look at one's own stand is in the trail")
	}
}
