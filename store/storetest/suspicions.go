package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/workflows"
)

const suspicious = "He counted the notes of three other people."

// testSuspicions: a report is one alert with its words sealed, in the reporting
// officer's inbox, and stops nothing until an officer orders it.
func testSuspicions(t *testing.T, w *world) {
	c := newCounters(w)
	by := c.teller(c.outlet, counter.RoleTeller)
	r, code := c.waiting()
	found, err := c.service.Find(w.ctx, by, code, w.beneficiary.Party.Name())
	w.must(err)
	before, err := w.s.Remittance(w.ctx, w.tenant, r.ID)
	w.must(err)
	id1 := id[counter.SuspicionID](w, counter.PrefixSuspicion)
	for range 2 {
		_, err := c.service.ReportSuspicion(w.ctx, by, id1, found.Pickup.ID, "behaviour", suspicious)
		w.must(err)
	}
	_, err = c.service.ReportSuspicion(w.ctx, by, id1, "", "behaviour", suspicious)
	w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
	list, err := w.s.CasesAbout(w.ctx, w.tenant, before.CustomerID, before.BeneficiaryID, "", 10)
	w.must(err)
	if len(list) != 1 {
		t.Fatalf("%d cases, want 1", len(list))
	}
	k, err := w.s.Case(w.ctx, w.tenant, list[0].ID)
	w.must(err)
	if k.Kind != compliance.CaseKindSuspicion || k.Inbox != compliance.InboxMLRO || k.RemittanceID != r.ID || k.AlertCount != 1 || k.Span != 8*time.Hour {
		t.Errorf("the case is %+v", k)
	}
	at := slices.IndexFunc(k.History, func(e compliance.CaseEvent) bool { return e.Kind == compliance.EventReported })
	if at < 0 || k.History[at].Text != suspicious || k.History[at].Facts["category"] != "behaviour" {
		t.Fatalf("the history is %+v", k.History)
	}
	after, err := w.s.Remittance(w.ctx, w.tenant, r.ID)
	w.must(err)
	if after.State != before.State || !after.UpdatedAt.Equal(before.UpdatedAt) || after.Reason != before.Reason {
		t.Errorf("the remittance changed: %+v, before %+v", after, before)
	}
	if got := w.notices(r.ID); slices.ContainsFunc(got, freezes) {
		t.Error("a report froze the payout")
	}
	c.alone(by)
	c.throttled(by)
	for _, e := range c.audited {
		for _, fact := range e.Facts {
			if strings.Contains(fact, "notes") || strings.Contains(fact, string(found.Pickup.ID)) && e.Act == "suspicion.report" {
				t.Errorf("the audit trail says %+v", e)
			}
		}
	}
	c.frozenBy(k, r.ID)
}

func freezes(n workflows.NumberedNotice) bool { return n.Kind == remit.NoticeFreeze }

// alone reports about no payment: each is a case of its own.
func (c *counters) alone(by counter.Caller) {
	c.t.Helper()
	for range 2 {
		_, err := c.service.ReportSuspicion(c.ctx, by, id[counter.SuspicionID](c.world, counter.PrefixSuspicion), "", "other", suspicious)
		c.must(err)
	}
	own, err := c.service.Suspicions(c.ctx, by)
	c.must(err)
	theirs, err := c.service.Suspicions(c.ctx, c.teller(c.outlet, counter.RoleManager))
	c.must(err)
	if len(own) != 3 || len(theirs) != 0 {
		c.t.Errorf("the teller sees %d reports and a manager %d, want 3 and 0", len(own), len(theirs))
	}
}

func (c *counters) throttled(by counter.Caller) {
	c.t.Helper()
	var err error
	for range 8 {
		if _, err = c.service.ReportSuspicion(c.ctx, by, id[counter.SuspicionID](c.world, counter.PrefixSuspicion), "", "other", suspicious); err != nil {
			break
		}
	}
	c.refused(err, remit.KindLimited, remit.ReasonRateLimited)
}

// frozenBy: an officer orders a freeze, which tells the workflow.
func (c *counters) frozenBy(k compliance.Case, r remit.RemittanceID) {
	c.t.Helper()
	analyst := compliance.Person{Actor: compliance.Actor{Kind: compliance.ActorStaff, ID: "stf_a", Name: "Ann"}, Works: true}
	_, err := c.s.OrderFreeze(c.ctx, c.tenant, k.ID, analyst, "stop it")
	c.refused(err, remit.KindForbidden, remit.ReasonForbidden)
	officer := analyst
	officer.ID, officer.Decides = "stf_o", true
	_, err = c.s.OrderFreeze(c.ctx, c.tenant, k.ID, officer, "stop it")
	c.must(err)
	if got := c.notices(r); !slices.ContainsFunc(got, freezes) {
		c.t.Errorf("the workflow was told %v", got)
	}
}
