package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/workflows"
)

const listedBody = `{"party":{"given_name":"Victor","family_name":"Bout","country":"PH"},
	"payout_method":"mobile_money","account":{"operator":"gcash","phone":"+639171234567"}}`

// screened is a gateway that knows lists and a policy.
func screened(t *testing.T) (*gateway, *screening.Lists) {
	t.Helper()
	index, err := screening.Sample()
	must(t, err)
	lists := screening.NewLists(index)
	rules, err := policy.Default(t.Context())
	must(t, err)
	return setup(t, func(o *api.Options) {
		o.Screen, o.Policy = lists, rules
		o.ListsInForce = func() []api.ScreeningList {
			return []api.ScreeningList{{Name: "ofac-sdn", Version: "1", Entries: 284, UpdatedAt: noon}}
		}
	}), lists
}

// inReview makes a remittance to a listed name and stops it for its hits. It
// returns both ids.
func (g *gateway) inReview(lists *screening.Lists) (remittance, caseID string) {
	g.t.Helper()
	body := fmt.Sprintf(`{"quote_id":%q,"customer_id":%q,"beneficiary_id":%q,"reference":"inv-1","purpose":"family_support","funding_source":"tok_ok"}`,
		g.call("POST", "/v1/quotes", quoteBody).ok(g.t).text("id"), g.call("POST", "/v1/customers", customerBody).ok(g.t).text("id"),
		g.call("POST", "/v1/beneficiaries", listedBody).ok(g.t).text("id"))
	remittance = g.call("POST", "/v1/remittances", body).ok(g.t).text("id")
	ctx := g.t.Context()
	subject, err := g.store.Subject(ctx, remit.RemittanceID(remittance), compliance.GateIntake)
	must(g.t, err)
	found, err := compliance.Explain(ctx, lists, &subject.Customer, &subject.Beneficiary)
	must(g.t, err)
	d := compliance.Decision{
		ID: remit.NewID[remit.DecisionID](remit.PrefixDecision, g.clock.Now()), Gate: compliance.GateIntake, Outcome: compliance.OutcomeReview,
		Reasons: []remit.Reason{remit.ReasonSanctionsHit}, PolicyHash: "ab12", InputHash: "cd34", ListVersions: map[string]string{"ofac-sdn": "2026-11-20"},
	}
	for _, hit := range found {
		d.Hits = append(d.Hits, hit)
	}
	c := compliance.Case{
		ID: remit.NewID[remit.CaseID](remit.PrefixCase, g.clock.Now()), Kind: compliance.CaseKindGate, Gate: d.Gate, Decision: d.ID, Reasons: d.Reasons, Hits: d.Hits,
	}
	_, err = g.store.Apply(ctx, workflows.Move{
		Remittance: remit.RemittanceID(remittance), From: remit.StateCreated, To: remit.StateInReview, Funds: remit.FundsNone,
		EventType: "remittance.in_review", Reason: remit.ReasonSanctionsHit, OpenCase: &c, Decision: &d,
		Change: func(r *remit.Remittance) { r.OpenCase, r.ResumeState = c.ID, remit.StateCreated },
	})
	must(g.t, err)
	return remittance, string(c.ID)
}

// acts are what the caller of an answer may do with the case.
func (a answer) acts() []string {
	var out []string
	list, _ := a.json["allowed_acts"].([]any)
	for _, act := range list {
		out = append(out, act.(string)) //nolint:forcetypeassert // the contract says so
	}
	return out
}

// TestCaseStory works on a case by REST, as two officers do.
func TestCaseStory(t *testing.T) {
	t.Parallel()
	g, lists := screened(t)
	remittance, id := g.inReview(lists)
	second := g.newKey(tenantOne, "second", api.ScopeReview)
	analyst := g.newKey(tenantOne, "analyst", api.ScopeCasesRead, api.ScopeCasesWork)
	path := "/v1/cases/" + id

	shown := g.call("GET", path, "").ok(t)
	for _, want := range []string{`"asked":"victor"`, `"listed":`, `"current":true`, `"inbox":"sanctions"`, `"standing":"good"`, `"kind":"opened"`, `"outcome":"review"`,
		`"policy_hash":"ab12"`, `"input_hash":"cd34"`, `"list_versions":{"ofac-sdn":"2026-11-20"}`, `"entry":{"list":"ofac-sdn"`} {
		if !strings.Contains(strings.ToLower(strings.ReplaceAll(shown.body, " ", "")), want) {
			t.Errorf("the case does not tell %s: %s", want, shown.body)
		}
	}
	if got := shown.acts(); !slices.Equal(got, []string{"take", "note", "attach", "escalate", "request_information", "approve", "reject", "block"}) {
		t.Errorf("a reviewer may %v", got)
	}
	if got := g.callAs(analyst, "", "GET", path, "").ok(t).acts(); !slices.Equal(got, []string{"take", "note", "attach", "escalate", "request_information"}) {
		t.Errorf("an analyst may %v", got)
	}
	if listed := g.call("GET", "/v1/cases", "").ok(t); strings.Contains(strings.ToLower(listed.body), `"asked":"victor"`) || strings.Contains(listed.body, `"history":[{`) {
		t.Errorf("the list tells the party's words or the history: %s", listed.body)
	}

	taken := g.callAs(analyst, freshKey(), "POST", "/v1/cases:takeNext", `{"inbox":"sanctions"}`).ok(t)
	if taken.text("id") != id || taken.text("lock", "by") != "analyst" || !slices.Contains(taken.acts(), "put_back") {
		t.Errorf("took %s", taken.body)
	}
	g.refused(g.call("POST", path+":take", "{}"), want{status: 409, reason: "CASE_LOCKED"})
	g.refused(g.callAs(analyst, freshKey(), "POST", path+":decide", `{"decision":"approved","note":"it is another"}`), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	g.callAs(analyst, freshKey(), "POST", path+"/notes", `{"text":"Born in 1990.\r\nNot the one."}`).ok(t)
	for _, nothing := range []string{"\u200b\u200b", "...", " \r\n "} {
		g.refused(g.callAs(analyst, freshKey(), "POST", path+"/notes", fmt.Sprintf(`{"text":%q}`, nothing)), want{status: 400, reason: "FIELD_REQUIRED", field: "text"})
	}
	g.callAs(analyst, freshKey(), "POST", path+":putBack", "{}").ok(t)
	g.refused(g.call("POST", path+":decide", `{"decision":"approved","note":"it is another","version":"1"}`), want{status: 409, reason: "CASE_CHANGED"})
	version := g.call("GET", path, "").ok(t).text("version")
	pending := g.call("POST", path+":decide", `{"decision":"approved","note":"it is another","version":"`+version+`"}`).ok(t)
	if pending.text("status") != "pending" || pending.text("proposal", "by") != "one" || slices.Contains(pending.acts(), "approve") || slices.Contains(pending.acts(), "return") {
		t.Errorf("got %s", pending.body)
	}
	g.refused(g.call("POST", path+":return", `{"note":"changed my mind"}`), want{status: 403, reason: "SECOND_PERSON_NEEDED", todo: "contact"})
	g.callAs(second, freshKey(), "POST", path+":return", `{"note":"compare the passports first"}`).ok(t)
	g.call("POST", path+":decide", `{"decision":"approved","note":"compared them"}`).ok(t)
	kicks := g.kicks.Load()
	done := g.callAs(second, freshKey(), "POST", path+":decide", `{"decision":"approved","note":"I agree"}`).ok(t)
	if done.text("status") != "approved" || done.text("proposed_by") != "one" || done.text("decided_by") != "second" || g.kicks.Load() == kicks ||
		!strings.Contains(done.body, `"disposition":"false_positive"`) {
		t.Errorf("got %s", done.body)
	}
	g.refused(g.call("POST", path+":decide", `{"decision":"rejected","note":"no, after all"}`), want{status: 409, reason: "CASE_ALREADY_DECIDED"})
	g.refused(g.call("POST", "/v1/remittances/"+remittance+":answer", `{"answer":"to nothing"}`), want{status: 409, reason: "NOTHING_ASKED"})
}

// TestCaseQuestion asks the tenant by its feed, and takes one answer.
func TestCaseQuestion(t *testing.T) {
	t.Parallel()
	g, lists := screened(t)
	remittance, id := g.inReview(lists)
	asked := g.call("POST", "/v1/cases/"+id+":requestInformation", `{"question":"Where was she born?"}`).ok(t)
	if asked.text("status") != "waiting" || asked.text("clock", "standing") != "stopped" || asked.text("information_request", "question") == "" ||
		asked.text("information_request", "deadline") != noon.Add(72*time.Hour).Format(time.RFC3339) {
		t.Errorf("got %s", asked.body)
	}
	if feed := g.call("GET", "/v1/remittances/"+remittance+"/events", "").ok(t); !strings.Contains(feed.body, "case.information_requested") ||
		!strings.Contains(feed.body, "Where was she born?") {
		t.Errorf("the feed does not ask: %s", feed.body)
	}
	if feed := g.call("GET", "/v1/events", "").ok(t); !strings.Contains(feed.body, "Where was she born?") || strings.Contains(feed.body, "sealed") {
		t.Errorf("the tenant's feed does not ask: %s", feed.body)
	}
	var open int
	must(t, g.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM events WHERE facts LIKE '%born%'").Scan(&open))
	if open != 0 {
		t.Error("the question is stored in the open")
	}
	g.refused(g.callAs(g.reader, freshKey(), "POST", "/v1/remittances/"+remittance+":answer", `{"answer":"In Manila."}`), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	answered := g.call("POST", "/v1/remittances/"+remittance+":answer", `{"answer":"In Manila."}`).ok(t)
	if answered.text("remittance_id") != remittance || answered.text("answered_at") == "" || strings.Contains(answered.body, id) {
		t.Errorf("got %s", answered.body)
	}
	if shown := g.call("GET", "/v1/cases/"+id, "").ok(t); shown.text("status") != "open" || !strings.Contains(shown.body, "In Manila.") {
		t.Errorf("got %s", shown.body)
	}
}

// TestCaseDocuments sends documents as large as may be, and disguised ones.
func TestCaseDocuments(t *testing.T) {
	t.Parallel()
	g, lists := screened(t)
	_, id := g.inReview(lists)
	path := "/v1/cases/" + id + "/attachments"
	attach := func(name string, content []byte) answer {
		return g.call("POST", path, fmt.Sprintf(`{"name":%q,"content":%q}`, name, base64.StdEncoding.EncodeToString(content)))
	}
	whole := append([]byte("%PDF-1.7\n"), make([]byte, compliance.MaxDocumentBytes-20)...)
	whole = append(whole, "\n%%EOF\n"...)
	got := attach("folder/statement.pdf", whole).ok(t)
	doc, _ := got.json["attachments"].([]any)[0].(map[string]any)
	if doc["name"] != "statement.pdf" || doc["media_type"] != "application/pdf" || doc["by"] != "one" {
		t.Errorf("got %v", doc)
	}
	back := g.call("GET", path+"/"+doc["id"].(string), "").ok(t) //nolint:forcetypeassert // it is a text
	if content, err := base64.StdEncoding.DecodeString(back.text("content")); err != nil || string(content) != string(whole) {
		t.Errorf("the content came back with %d bytes, %v; want %d", len(content), err, len(whole))
	}
	g.refused(attach("statement.pdf", append(whole, make([]byte, 100)...)), want{status: 400, reason: "ATTACHMENT_REFUSED"})
	g.refused(attach("statement.pdf", []byte("MZ\x90\x00\x03")), want{status: 400, reason: "ATTACHMENT_REFUSED"})
	g.refused(attach("statement.pdf", []byte("<html><script>alert(1)</script>")), want{status: 400, reason: "ATTACHMENT_REFUSED"})
	g.refused(attach("empty.txt", nil), want{status: 400, reason: "ATTACHMENT_REFUSED"})
	g.refused(g.call("POST", "/v1/cases/"+id+"/notes", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 2<<20))), want{status: 413, reason: "BODY_TOO_LARGE"})
	g.refused(g.call("POST", path, `{"name":"x.pdf","content":"`+strings.Repeat("A", 8<<20)+`"}`), want{status: 413, reason: "BODY_TOO_LARGE"})
}

// TestCasesOfOthers: another tenant learns nothing by any call.
func TestCasesOfOthers(t *testing.T) {
	t.Parallel()
	g, lists := screened(t)
	remittance, id := g.inReview(lists)
	const document = "doc_01k9zc7v4ye3t8m5q2w6x0b1nd"
	for _, call := range []struct{ method, path, body string }{
		{"GET", "/v1/cases/" + id, ""}, {"GET", "/v1/cases/" + id + "/graph", ""}, {"GET", "/v1/cases/" + id + "/attachments/" + document, ""},
		{"POST", "/v1/cases:takeNext", "{}"}, {"POST", "/v1/cases/" + id + ":take", "{}"}, {"POST", "/v1/cases/" + id + ":putBack", "{}"},
		{"POST", "/v1/cases/" + id + "/notes", `{"text":"mine"}`}, {"POST", "/v1/cases/" + id + "/attachments", `{"name":"a.txt","content":"aGVsbG8="}`},
		{"POST", "/v1/cases/" + id + ":escalate", `{"note":"mine"}`}, {"POST", "/v1/cases/" + id + ":requestInformation", `{"question":"who?"}`},
		{"POST", "/v1/cases/" + id + ":decide", `{"decision":"approved","note":"mine"}`}, {"POST", "/v1/cases/" + id + ":return", `{"note":"mine"}`},
		{"POST", "/v1/remittances/" + remittance + ":answer", `{"answer":"mine"}`},
	} {
		g.refused(g.callAs(g.other, freshKey(), call.method, call.path, call.body), want{status: 404, reason: "NOT_FOUND"})
	}
	if list := g.callAs(g.other, "", "GET", "/v1/cases", "").ok(t); strings.Contains(list.body, "cas_") {
		t.Errorf("another tenant lists %s", list.body)
	}
	if counts := g.callAs(g.other, "", "GET", "/v1/caseStatistics?days=1", "").ok(t); strings.Contains(counts.body, "US-PH") {
		t.Errorf("another tenant counts %s", counts.body)
	}
	for _, path := range []string{"/v1/cases", "/v1/cases/" + id, "/v1/caseStatistics", "/v1/policy", "/v1/lists"} {
		g.refused(g.callAs(g.reader, "", "GET", path, ""), want{status: 403, reason: "FORBIDDEN", todo: "contact"})
	}
}

// TestCasesInOrder pages through cases by when they are due, and links and counts them.
func TestCasesInOrder(t *testing.T) {
	t.Parallel()
	g, lists := screened(t)
	var ids []string
	for range 5 {
		_, id := g.inReview(lists)
		ids = append(ids, id)
		g.clock.Advance(time.Minute)
	}
	var got []string
	for token := ""; ; {
		page := g.call("GET", "/v1/cases?order=due&page_size=2&status=undecided&page_token="+token, "").ok(t)
		cases, _ := page.json["cases"].([]any)
		for _, c := range cases {
			got = append(got, c.(map[string]any)["id"].(string)) //nolint:forcetypeassert // it is a case
		}
		if token = page.text("next_page_token"); token == "" {
			break
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("got %v, want the soonest due first: %v", got, ids)
	}
	for _, bad := range []string{"order=due&page_token=x", "order=due&page_token=1.cas_x", "page_token=1.cas_x", "holder=them", "standing=bad", "status=done", "customer_id=rem_x"} {
		if a := g.call("GET", "/v1/cases?"+bad, ""); a.status != http.StatusBadRequest {
			t.Errorf("%s: got status %d, want 400: %s", bad, a.status, a.body)
		}
	}
	graph := g.call("GET", "/v1/cases/"+ids[0]+"/graph?max_nodes=3", "").ok(t)
	if nodes, _ := graph.json["nodes"].([]any); len(nodes) != 3 || !strings.Contains(graph.body, `"label":"Alice Walker"`) {
		t.Errorf("got %s", graph.body)
	}
	counts := g.call("GET", "/v1/caseStatistics?days=1", "").ok(t)
	if !strings.Contains(counts.body, `"alerted":"5"`) || !strings.Contains(counts.body, `"corridor_id":"US-PH"`) {
		t.Errorf("got %s", counts.body)
	}
}

// TestPolicyAndLists tells what decides at the gates.
func TestPolicyAndLists(t *testing.T) {
	t.Parallel()
	g, _ := screened(t)
	told := g.call("GET", "/v1/policy", "").ok(t)
	for _, want := range []string{`"path":"remit/sanctions.rego"`, `"path":"facts.json"`, `"reason":"SANCTIONS_TRUE_MATCH"`, `"outcome":"block"`, `"passed":true`} {
		if !strings.Contains(strings.ReplaceAll(told.body, `": "`, `":"`), want) {
			t.Errorf("the policy does not tell %s", want)
		}
	}
	if strings.Contains(told.body, `"passed":false`) || told.text("hash") == "" {
		t.Errorf("got %s", told.body)
	}
	if lists := g.call("GET", "/v1/lists", "").ok(t); !strings.Contains(lists.body, `"entries":284`) {
		t.Errorf("got %s", lists.body)
	}
	plain := setup(t)
	plain.refused(plain.call("GET", "/v1/policy", ""), want{status: 409, reason: "UNAVAILABLE"})
}
