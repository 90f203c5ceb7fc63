package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/workflows"
)

// officer is a person who may do everything with cases.
func officer(name string) compliance.Person {
	return compliance.Person{
		Actor: compliance.Actor{Kind: compliance.ActorStaff, ID: "stf_" + name, Name: name}, Works: true, Decides: true, Blocks: true,
	}
}

var ana, ben = officer("ana"), officer("ben")

// hit is a hit of one role.
func hit(key, role string) compliance.Hit {
	return compliance.Hit{
		Key: key, Role: role, Kind: compliance.HitName, List: "ofac-sdn", EntryID: "e-" + key, EntryName: "Listed " + key, ScoreBasisPoints: 9_100,
		Why: []string{"family name equal"}, Explanation: &compliance.Explanation{
			Words: []compliance.WordPair{{Asked: "Quintanarro", Listed: "Quintanaro", AlikeBasisPoints: 9_000}},
			Entry: compliance.ListedParty{List: "ofac-sdn", ID: "e-" + key, Names: []string{"Listed " + key}},
		},
	}
}

// inReview brings a fresh remittance to review at the intake gate.
func (w *world) inReview(hits ...compliance.Hit) (remit.Remittance, compliance.Case) {
	w.t.Helper()
	r := w.remittance()
	d := compliance.Decision{
		ID: id[remit.DecisionID](w, remit.PrefixDecision), Gate: compliance.GateIntake, Outcome: compliance.OutcomeReview,
		Reasons: []remit.Reason{remit.ReasonSanctionsHit}, Hits: hits,
	}
	return w.review(r, d, remit.FundsNone)
}

// review stops a remittance by a decision.
func (w *world) review(r remit.Remittance, d compliance.Decision, funds remit.Funds) (remit.Remittance, compliance.Case) {
	w.t.Helper()
	c := compliance.Case{
		ID: id[remit.CaseID](w, remit.PrefixCase), RemittanceID: r.ID, Kind: compliance.CaseKindGate, Gate: d.Gate, Decision: d.ID,
		Reasons: d.Reasons, Hits: d.Hits,
	}
	r, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: r.State, To: remit.StateInReview, Funds: funds, EventType: "remittance.in_review",
		Facts: map[string]string{"case_id": string(c.ID)}, Reason: remit.ReasonSanctionsHit, OpenCase: &c, Decision: &d,
		Change: func(r *remit.Remittance) { r.OpenCase, r.ResumeState = c.ID, remit.StateCreated },
	})
	w.must(err)
	got, err := w.s.Case(w.ctx, w.tenant, r.OpenCase)
	w.must(err)
	return r, got
}

func verdict(status compliance.CaseStatus) compliance.Verdict {
	return compliance.Verdict{Decision: status, Note: "compared the passports"}
}

// history returns the kinds of a case's lines, having checked their numbers.
func (w *world) history(c compliance.Case) []string {
	w.t.Helper()
	var out []string
	for i, e := range c.History {
		if e.Number != int64(i+1) {
			w.t.Fatalf("line %d of %s has number %d", i+1, c.ID, e.Number)
		}
		out = append(out, e.Kind)
	}
	return out
}

func (w *world) reviews(r remit.RemittanceID, c remit.CaseID) (statuses []string) {
	w.t.Helper()
	for _, n := range w.notices(r) {
		if n.Kind == remit.NoticeReview && n.Ref == string(c) {
			statuses = append(statuses, n.Status)
		}
	}
	return statuses
}

// testCases has two persons approve a case with a hit.
func testCases(t *testing.T, w *world) {
	r, c := w.inReview(hit("hit-1", compliance.RoleOriginator))
	if c.Inbox != compliance.InboxSanctions || !c.DueAt.Equal(Start.Add(4*time.Hour)) || c.CustomerID != w.customer.ID ||
		c.BeneficiaryID != w.beneficiary.ID || c.Advice != compliance.OutcomeReview || len(c.Alerts) != 1 || c.Version != 1 {
		t.Fatalf("got %+v", c)
	}
	if c.Hits[0].Explanation.Words[0].Asked != "" || c.Hits[0].Explanation.Words[0].Listed == "" {
		t.Fatalf("the stored words are %+v, want the listed ones only", c.Hits[0].Explanation.Words)
	}
	open, err := w.s.Cases(w.ctx, w.tenant, api.CaseFilter{Status: compliance.CaseOpen}, api.CasePage{Size: 10})
	w.must(err)
	if len(open) != 1 || open[0].Hits[0].Key != "hit-1" || len(open[0].Alerts) != 1 {
		t.Fatalf("got %+v", open)
	}
	for name, v := range map[string]compliance.Verdict{
		"no note": {Decision: compliance.CaseApproved, Note: " "}, "no decision": {Decision: compliance.CaseOpen, Note: "x"},
		"true match": {Decision: compliance.CaseApproved, Note: "x", Hits: []compliance.HitDisposition{{Key: "hit-1", Disposition: compliance.TrueMatch}}},
		"other hit":  {Decision: compliance.CaseApproved, Note: "x", Hits: []compliance.HitDisposition{{Key: "hit-2", Disposition: compliance.FalsePositive}}},
	} {
		if _, err := w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, v); remit.KindOf(err) != remit.KindInvalid {
			t.Fatalf("%s: got %v, want it invalid", name, err)
		}
	}
	_, err = w.s.DecideCase(w.ctx, "ten_none", c.ID, ana, verdict(compliance.CaseApproved))
	w.refused(err, remit.KindNotFound, "")
	stale := verdict(compliance.CaseApproved)
	stale.Version = c.Version + 1
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, stale)
	w.refused(err, remit.KindConflict, remit.ReasonCaseChanged)

	// One person alone, however often and at once, never completes it.
	for _, err := range together(10, func(int) error {
		_, err := w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, verdict(compliance.CaseApproved))
		return err
	}) {
		w.must(err)
	}
	c, err = w.s.Case(w.ctx, w.tenant, c.ID)
	w.must(err)
	if c.Status != compliance.CasePending || c.Proposal == nil || c.Proposal.By != ana.Actor || c.Proposal.Note != "compared the passports" ||
		len(c.Dispositions) != 0 || len(w.reviews(r.ID, c.ID)) != 0 {
		t.Fatalf("got %+v with notices %v", c, w.reviews(r.ID, c.ID))
	}
	_, err = w.s.ReturnCase(w.ctx, w.tenant, c.ID, ana, "changed my mind", 0)
	w.refused(err, remit.KindForbidden, remit.ReasonSecondPerson)

	for _, err := range together(10, func(int) error {
		_, err := w.s.DecideCase(w.ctx, w.tenant, c.ID, ben, verdict(compliance.CaseApproved))
		return err
	}) {
		w.must(err)
	}
	c, err = w.s.Case(w.ctx, w.tenant, c.ID)
	w.must(err)
	if c.Status != compliance.CaseApproved || c.DecidedBy != ben.Actor || c.ProposedBy != ana.Actor || c.Proposal != nil ||
		c.Note != "compared the passports" || !c.DecidedAt.Equal(Start) {
		t.Fatalf("got %+v", c)
	}
	if got := w.history(c); !slices.Equal(got, []string{"opened", "proposed", "decided"}) {
		t.Fatalf("got history %q", got)
	}
	if got := w.reviews(r.ID, c.ID); !slices.Equal(got, []string{"approved"}) {
		t.Fatalf("got notices %q", got)
	}
	for _, p := range []compliance.Person{ana, ben} {
		_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, p, verdict(compliance.CaseRejected))
		w.refused(err, remit.KindConflict, remit.ReasonCaseDecided)
	}
	subject, err := w.s.Subject(w.ctx, r.ID, compliance.GateIntake)
	w.must(err)
	if len(subject.Approved) != 1 || subject.Approved[0] != "hit-1" {
		t.Fatalf("got approved %q", subject.Approved)
	}
	released, err := w.s.FalsePositives(w.ctx, w.tenant, w.customer.ID, w.beneficiary.ID)
	w.must(err)
	if len(released) != 1 || released[0].Key != "hit-1" || released[0].By != ana.Actor || released[0].Second != ben.Actor || released[0].Case != c.ID {
		t.Fatalf("got released %+v", released)
	}
	for _, none := range []struct {
		tenant      remit.TenantID
		customer    remit.CustomerID
		beneficiary remit.BeneficiaryID
	}{{"ten_none", w.customer.ID, ""}, {w.tenant, "", w.beneficiary.ID}, {w.tenant, "", ""}} {
		released, err := w.s.FalsePositives(w.ctx, none.tenant, none.customer, none.beneficiary)
		w.must(err)
		if len(released) != 0 {
			t.Fatalf("%+v: got released %+v", none, released)
		}
	}
}

// testCaseAlerts gathers alerts into one undecided case.
func testCaseAlerts(t *testing.T, w *world) {
	r, c := w.inReview()
	if c.Inbox != compliance.InboxReview {
		t.Fatalf("got inbox %s, want review for no hits", c.Inbox)
	}
	_, err := w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, compliance.Verdict{Decision: compliance.CaseUnblocked, Note: "x", Licence: "L-1"})
	w.refused(err, remit.KindPrecondition, remit.ReasonCaseNotPending)
	alert := compliance.NewAlert{
		Key: "rescreen/1", TenantID: w.tenant, CustomerID: w.customer.ID, Kind: compliance.CaseKindRescreen,
		Reasons: []remit.Reason{remit.ReasonSanctionsHit}, Hits: []compliance.Hit{hit("h", compliance.RoleOriginator)},
	}
	for _, err := range together(10, func(int) error {
		got, err := w.s.RaiseAlert(w.ctx, alert)
		if err == nil && got.ID != c.ID {
			err = fmt.Errorf("the alert came into %s, want %s", got.ID, c.ID)
		}
		return err
	}) {
		w.must(err)
	}
	c, err = w.s.Case(w.ctx, w.tenant, c.ID)
	w.must(err)
	if len(c.Alerts) != 2 || len(c.Hits) != 1 || c.Inbox != compliance.InboxSanctions || !c.DueAt.Equal(Start.Add(4*time.Hour)) || c.Kind != compliance.CaseKindGate ||
		!slices.Equal(c.Alerts[1].HitKeys, []string{"h"}) || !slices.Equal(w.history(c), []string{"opened", "alert"}) {
		t.Fatalf("got %+v", c)
	}
	// A proposal that did not know of an alert falls.
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, verdict(compliance.CaseApproved))
	w.must(err)
	alert.Key, alert.Hits = "rescreen/2", []compliance.Hit{hit("h", compliance.RoleOriginator), hit("h2", compliance.RoleOriginator)}
	c, err = w.s.RaiseAlert(w.ctx, alert)
	w.must(err)
	if c.Status != compliance.CaseOpen || c.Proposal != nil || len(c.Hits) != 2 ||
		!slices.Equal(w.history(c), []string{"opened", "alert", "proposed", "alert", "returned"}) || c.History[4].Facts["why"] != "new_alert" {
		t.Fatalf("got %+v", c)
	}
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ben, verdict(compliance.CaseApproved))
	w.must(err)
	if got := w.reviews(r.ID, c.ID); len(got) != 0 {
		t.Fatalf("the second person of a fallen proposal completed the case: %q", got)
	}
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, verdict(compliance.CaseRejected))
	w.must(err)
	// Decided: the next alert opens a case of the party alone.
	alert.Key = "rescreen/3"
	party, err := w.s.RaiseAlert(w.ctx, alert)
	w.must(err)
	if party.ID == c.ID || party.RemittanceID != "" || party.CustomerID != w.customer.ID || party.Status != compliance.CaseOpen {
		t.Fatalf("got %+v", party)
	}
	alert.Key = "rescreen/4"
	again, err := w.s.RaiseAlert(w.ctx, alert)
	w.must(err)
	if again.ID != party.ID || len(again.Alerts) != 2 {
		t.Fatalf("got %+v, want it in %s", again, party.ID)
	}
	_, err = w.s.RequestInformation(w.ctx, w.tenant, party.ID, ana, "who is it?", time.Hour)
	w.refused(err, remit.KindPrecondition, remit.ReasonCaseNotPending)
	// A gate joins the undecided case of its remittance, whatever opened it.
	other := w.remittance()
	alert.Key, alert.CustomerID, alert.RemittanceID = "rescreen/5", "", other.ID
	early, err := w.s.RaiseAlert(w.ctx, alert)
	w.must(err)
	stopped, joined := w.review(other, compliance.Decision{
		ID: id[remit.DecisionID](w, remit.PrefixDecision), Gate: compliance.GateIntake, Outcome: compliance.OutcomeReview,
	}, remit.FundsNone)
	if joined.ID != early.ID || stopped.OpenCase != early.ID || joined.Kind != compliance.CaseKindGate || joined.Decision == "" || joined.Gate != compliance.GateIntake {
		t.Fatalf("got %+v, want it in %s", joined, early.ID)
	}
	events, err := w.s.Events(w.ctx, w.tenant, other.ID, 0, 10)
	w.must(err)
	if last := events[len(events)-1]; last.Facts["case_id"] != string(early.ID) {
		t.Fatalf("the event names %q, want %s", last.Facts["case_id"], early.ID)
	}
	for name, bad := range map[string]compliance.NewAlert{
		"no key": {TenantID: w.tenant, Kind: "x", CustomerID: w.customer.ID}, "about nothing": {Key: "k", TenantID: w.tenant, Kind: "x"},
	} {
		if _, err := w.s.RaiseAlert(w.ctx, bad); remit.KindOf(err) != remit.KindInvalid {
			t.Fatalf("%s: got %v", name, err)
		}
	}
	_, err = w.s.RaiseAlert(w.ctx, compliance.NewAlert{Key: "k", TenantID: "ten_none", Kind: "x", RemittanceID: r.ID})
	w.refused(err, remit.KindNotFound, "")
}
