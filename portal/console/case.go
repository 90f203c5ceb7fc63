package console

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// Bounds of the case page.
const (
	caseGraphNodes  = 30
	wholeGraphNodes = 100
	maxEvents       = 500
	// maxWatched is among how many of a party's newest cases one is watched.
	maxWatched = 50
)

// caseFile is all that is known of a case and of what it is about.
type caseFile struct {
	Case        *v1.Case
	Remittance  *v1.Remittance
	Customer    *v1.Customer
	Beneficiary *v1.Beneficiary
	Events      []*v1.Event
	// Proof shows that a transaction paid; nil while none is final.
	Proof      *v1.SettlementProof
	Rules      []ruledReason
	Threshold  int32
	PolicyHash string
}

// caseData is what the case page shows.
type caseData struct {
	*caseFile
	Hits     []hitTab
	Hit      *hitView
	Timeline []timelineRow
	Stations []station
	Chain    *chainView
	Graph    graphView
	Panel    panel
	// Changes are what happened since the person last saw the case.
	Changes []*v1.CaseEvent
	// Evidence is what counters took of the payments.
	Evidence evidenceView
	Problem  *portal.Problem
	MayWork  bool
}

func (c *Console) casePage(v *visit) error {
	return c.showCase(v, http.StatusOK, panelInput{Act: v.r.URL.Query().Get("do")}, nil)
}

// showCase renders the case, with what the person had written and the refusal
// of it where there is one.
func (c *Console) showCase(v *visit, status int, in panelInput, problem *portal.Problem) error {
	file, graph, err := c.readCase(v, caseGraphNodes)
	if err != nil {
		return err
	}
	data := caseData{caseFile: file, Problem: problem, MayWork: v.may(permCasesWork)}
	data.Hits, data.Hit = hitViews(file, v.r.URL.Query().Get("hit"))
	data.Timeline = timeline(file)
	data.Stations = stations(file.Remittance)
	data.Chain = chainOf(file)
	data.Graph = c.drawGraph(v.ctx, graph)
	data.Evidence = newEvidenceView(v, file)
	data.Panel = newPanel(file, in, v.r.URL.Query().Get("hit"))
	if problem != nil && problem.Reason == string(remit.ReasonCaseChanged) {
		for _, e := range file.Case.GetHistory() {
			if int64(e.GetNumber()) > in.Seen {
				data.Changes = append(data.Changes, e)
			}
		}
	}
	page := c.page(v, caseTitle(file), data)
	page.Path = casePath(file.Case.GetId())
	return c.show(v, status, "case.html", page)
}

func casePath(id string) string { return home + "/cases/" + id }

// hitWallet is the kind of a hit on a wallet's address.
const hitWallet = "wallet"

func caseTitle(f *caseFile) string {
	if hits := f.Case.GetHits(); len(hits) > 0 {
		if hits[0].GetKind() == hitWallet {
			return capital(hits[0].GetRole()) + " with a listed wallet"
		}
		return capital(hits[0].GetRole()) + " like a listed name"
	}
	if reasons := f.Case.GetReasons(); len(reasons) > 0 {
		return reasonWord(reasons[0])
	}
	return orSame(kindWords, f.Case.GetKind())
}

// readCase reads the case and, side by side, all that belongs to it.
func (c *Console) readCase(v *visit, nodes int32) (*caseFile, *v1.GetCaseGraphResponse, error) {
	answer, err := c.cases.GetCase(v.read(), &v1.GetCaseRequest{Id: v.r.PathValue("id")})
	if err != nil {
		return nil, nil, err
	}
	f := &caseFile{Case: answer.GetCase()}
	var graph *v1.GetCaseGraphResponse
	tasks := []func() error{
		func() (err error) {
			graph, err = c.cases.GetCaseGraph(v.read(), &v1.GetCaseGraphRequest{Id: f.Case.GetId(), MaxNodes: nodes})
			return ignoreMissing(err)
		},
		func() error { return c.readRules(v, f) },
	}
	if id := f.Case.GetRemittanceId(); id != "" {
		tasks = append(tasks, func() error {
			answer, err := c.remittances.GetRemittance(v.read(), &v1.GetRemittanceRequest{Id: id})
			if err = ignoreMissing(err); err != nil {
				return err
			}
			f.Remittance = answer.GetRemittance()
			return c.readProof(v, f)
		}, func() error {
			answer, err := c.remittances.ListRemittanceEvents(v.read(), &v1.ListRemittanceEventsRequest{Id: id, Limit: maxEvents})
			f.Events = answer.GetEvents()
			return ignoreMissing(err)
		})
	}
	if id := f.Case.GetCustomerId(); id != "" {
		tasks = append(tasks, func() error {
			answer, err := c.customers.GetCustomer(v.read(), &v1.GetCustomerRequest{Id: id})
			f.Customer = answer.GetCustomer()
			return ignoreMissing(err)
		})
	}
	if id := f.Case.GetBeneficiaryId(); id != "" {
		tasks = append(tasks, func() error {
			answer, err := c.beneficiaries.GetBeneficiary(v.read(), &v1.GetBeneficiaryRequest{Id: id})
			f.Beneficiary = answer.GetBeneficiary()
			return ignoreMissing(err)
		})
	}
	return f, graph, together(tasks...)
}

// versionOf answers the script with a case's version. It asks the list of cases:
// looking at a case would write a record of its own into the audit trail, every
// few seconds.
func (c *Console) versionOf(v *visit) error {
	q := v.r.URL.Query()
	answer, err := c.cases.ListCases(v.read(), &v1.ListCasesRequest{PageSize: maxWatched, RemittanceId: q.Get("remittance"), CustomerId: q.Get("customer")})
	if err != nil {
		return v.told(err)
	}
	for _, one := range answer.GetCases() {
		if one.GetId() == v.r.PathValue("id") {
			return sendJSON(v.w, http.StatusOK, map[string]string{"version": strconv.FormatInt(one.GetVersion(), 10)})
		}
	}
	return v.told(portal.Missing(v.caller.RequestID))
}

// Party returns the party of a role.
func (f *caseFile) Party(role string) *v1.Party {
	if role == roleBeneficiary {
		return f.Beneficiary.GetParty()
	}
	return f.Customer.GetParty()
}

// Originator and BeneficiaryName name the parties in full.
func (f *caseFile) Originator() string { return fullName(f.Customer.GetParty()) }

// BeneficiaryName names who receives, in full.
func (f *caseFile) BeneficiaryName() string { return fullName(f.Beneficiary.GetParty()) }

// Operational reports whether the case is about money that is stuck: deciding it
// closes the file and moves nothing by itself.
func (f *caseFile) Operational() bool {
	return f.Case.GetKind() == "refund_stuck" || f.Case.GetKind() == "provider_dispute"
}

// Moves reports whether a remittance waits for the decision.
func (f *caseFile) Moves() bool { return f.Remittance != nil && !f.Operational() && !f.Over() }

// Over reports whether the money has arrived at one end or the other.
func (f *caseFile) Over() bool {
	switch f.Remittance.GetFunds() {
	case string(remit.FundsPaid), string(remit.FundsReturned):
		return true
	}
	return false
}

// Held reports whether money that came in waits for the decision, and Out
// whether it is beyond us, to be called back first.
func (f *caseFile) Held() bool { return f.Remittance.GetFunds() != string(remit.FundsNone) }

// Waits reports whether the remittance stands still until a person decides.
func (f *caseFile) Waits() bool { return f.Remittance.GetState() == string(remit.StateInReview) }

// Frozen reports whether a person ordered the payout withdrawn.
func (f *caseFile) Frozen() bool { return f.Case.GetFrozenAt() != nil }

// Withdrawing reports whether a freeze was ordered and the provider has not
// answered yet.
func (f *caseFile) Withdrawing() bool {
	return f.Frozen() && !f.Decided() && !f.Waits() && !f.Over()
}

// Out reports whether the payout is with the partner.
func (f *caseFile) Out() bool { return f.Remittance.GetFunds() == string(remit.FundsWithPartner) }

// ReasonWord says a reason of the case in words.
func (f *caseFile) ReasonWord(reason string) string {
	hits := f.Case.GetHits()
	if reason == string(remit.ReasonSanctionsHit) && len(hits) > 0 && !slices.ContainsFunc(hits, func(h *v1.Hit) bool { return h.GetKind() != hitWallet }) {
		return "A wallet is a listed one"
	}
	return reasonWord(reason)
}

// Decided reports whether the case is over.
func (f *caseFile) Decided() bool { return f.Case.GetDecidedAt() != nil }

// ruledReason is a reason with the rules that give it, in the policy's words.
type ruledReason struct {
	Reason string
	Rules  []*v1.PolicyRule
}

// ruleBook remembers the policy's rules for a little, since the policy is the
// same on every case and its tests are run each time that it is asked for.
type ruleBook struct {
	mu     sync.Mutex
	until  time.Time
	policy *v1.GetPolicyResponse
}

// ruleAge is how long the rules are remembered.
const ruleAge = time.Minute

func (c *Console) policyInForce(ctx context.Context) (*v1.GetPolicyResponse, error) {
	c.rules.mu.Lock()
	defer c.rules.mu.Unlock()
	if now := c.clock.Now(); c.rules.policy == nil || !now.Before(c.rules.until) {
		answer, err := c.policy.GetPolicy(ctx, &v1.GetPolicyRequest{})
		if err != nil {
			return nil, err
		}
		c.rules.policy, c.rules.until = answer, now.Add(ruleAge)
	}
	return c.rules.policy, nil
}

// readRules finds the rules behind the reasons of a case.
func (c *Console) readRules(v *visit, f *caseFile) error {
	policy, err := c.policyInForce(v.read())
	if err = ignoreMissing(err); err != nil {
		return err
	}
	f.PolicyHash = policy.GetHash()
	for _, reason := range f.Case.GetReasons() {
		one := ruledReason{Reason: reason}
		for _, rule := range policy.GetRules() {
			if rule.GetReason() == reason {
				one.Rules = append(one.Rules, rule)
			}
		}
		f.Rules = append(f.Rules, one)
	}
	f.Threshold = thresholdOf(policy)
	return nil
}

// thresholdOf reads from the policy's facts from which score on a person must
// look; zero where the facts do not say.
func thresholdOf(policy *v1.GetPolicyResponse) int32 {
	for _, file := range policy.GetFiles() {
		if !strings.HasSuffix(file.GetPath(), "facts.json") {
			continue
		}
		var facts struct {
			Screening struct {
				Threshold int32 `json:"threshold_basis_points"`
			} `json:"screening"`
		}
		if json.Unmarshal([]byte(file.GetText()), &facts) == nil {
			return facts.Screening.Threshold
		}
	}
	return 0
}

// graphView is the drawing of who and what is linked, and the same in words.
type graphView struct {
	Drawing template.HTML
	Nodes   []*v1.GraphNode
	Rows    []graphRow
	LeftOut int32
}

// graphRow is an edge in words.
type graphRow struct{ From, Label, To string }

func (c *Console) graphPage(v *visit) error {
	file, graph, err := c.readCase(v, wholeGraphNodes)
	if err != nil {
		return err
	}
	data := caseData{caseFile: file}
	data.Graph = c.drawGraph(v.ctx, graph)
	return c.show(v, http.StatusOK, "graph.html", c.page(v, "Links of "+portal.ShortID(file.Case.GetId()), data))
}

var edgeWords = map[string]string{
	"sent": "sent", "received": "received", "paid_to": "paid to", "shares_account": "shares account", "hit": "is like", "about": "is about",
}

func (c *Console) drawGraph(ctx context.Context, graph *v1.GetCaseGraphResponse) graphView {
	view := graphView{Nodes: graph.GetNodes(), LeftOut: graph.GetLeftOut()}
	if len(view.Nodes) == 0 {
		return view
	}
	labels := make(map[string]string, len(view.Nodes))
	nodes := make([]portal.GraphNode, len(view.Nodes))
	for i, n := range view.Nodes {
		labels[n.GetId()] = n.GetLabel()
		nodes[i] = drawnNode(n)
	}
	edges := make([]portal.GraphEdge, len(graph.GetEdges()))
	for i, e := range graph.GetEdges() {
		label := orSame(edgeWords, e.GetLabel())
		edges[i] = portal.GraphEdge{From: e.GetFrom(), To: e.GetTo(), Label: label}
		view.Rows = append(view.Rows, graphRow{labels[e.GetFrom()], label, labels[e.GetTo()]})
	}
	var err error
	view.Drawing, err = c.grapher.Draw(ctx, nodes, edges, "Who and what is linked: "+strconv.Itoa(len(nodes))+" things around "+nodes[0].Label)
	if err != nil { // The same stands in words below it: no reason to keep the case from being decided.
		c.log.WarnContext(ctx, "links not drawn", "nodes", len(nodes), "error", err.Error())
	}
	return view
}

func drawnNode(n *v1.GraphNode) portal.GraphNode {
	d := portal.GraphNode{ID: n.GetId(), Kind: orSame(map[string]string{"entry": "list entry"}, n.GetKind()), Label: n.GetLabel()}
	switch n.GetKind() {
	case "remittance":
		w := portal.RemittanceState(n.GetStatus())
		d.Status, d.Tone, d.Label = w.Text, w.Tone, portal.AmountText(n.GetLabel())
		d.Href = home + "/cases?status=&find=" + n.GetId()
	case "case":
		w := caseStatus(n.GetStatus())
		d.Status, d.Tone, d.Label = w.Text, w.Tone, orSame(kindWords, n.GetLabel())
		d.Href = casePath(n.GetId())
	case "customer":
		d.Href = home + "/cases?status=&find=" + n.GetId()
	case "entry":
		d.Tone = portal.ToneBad
	}
	return d
}
