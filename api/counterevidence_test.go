package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
)

// TestCounterEvidence: who may ask for photos and signatures at all, how large a
// photo may be, and that an agent's own proofs are kept.
func TestCounterEvidence(t *testing.T) {
	t.Parallel()
	g := withCounters(t)
	g.newKey(tenantOne, "decider", api.ScopeCasesDecide)
	n := g.network()
	const pickup = "/v1/counter/pickups/pic_01k00000000000000000000000"
	for name, want := range map[string]want{
		"reader":  {status: 403, reason: "FORBIDDEN", todo: "contact"},
		"decider": {status: 404, reason: "NOT_FOUND", todo: "fix"},
		"theirs":  {status: 404, reason: "NOT_FOUND", todo: "fix"},
	} {
		g.refused(g.at(name, "GET", pickup+"/evidence/photo?teller_id="+n.manager, ""), want)
	}
	g.refused(g.at("decider", "GET", pickup+"/evidence/passport", ""), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
	reserve := func(bytes int) answer {
		return g.at("counter", "POST", pickup+":reserve", fmt.Sprintf(`{"by":{"teller_id":%q},"code":%q,"photo":%q,
			"identity":{"type":"passport","number":"P1","issuer":"PH","expires":"2031-01-31","birth_date":"1990-04-05","name":"Maria Santos"}}`,
			n.teller, "7KQ2M9XD4H", base64.StdEncoding.EncodeToString(make([]byte, bytes))))
	}
	if got := reserve(5 << 20); got.status == 413 || strings.Contains(got.body, "BODY_TOO_LARGE") {
		t.Errorf("5 MiB: got %d %.200s", got.status, got.body)
	}
	if got := reserve(6 << 20); !strings.Contains(got.body, "BODY_TOO_LARGE") {
		t.Errorf("6 MiB: got %d %.200s, want it refused", got.status, got.body)
	}
	body := strings.Replace(agentBody, `{"name"`, `{"proofs":["paper"],"name"`, 1)
	if got := g.at("network", "PUT", "/v1/agents/"+n.agent, body).ok(t); !strings.Contains(got.body, `"proofs":["paper"]`) && !strings.Contains(got.body, `"proofs": ["paper"]`) {
		t.Errorf("got %s", got.body)
	}
	g.refused(g.at("network", "PUT", "/v1/agents/"+n.agent, strings.Replace(body, "paper", "thumb", 1)), want{status: 400, reason: "FIELD_INVALID", todo: "fix"})
}
