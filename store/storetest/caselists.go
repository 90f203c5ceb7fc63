package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// testCaseLists lists, links and counts cases.
func testCaseLists(t *testing.T, w *world) {
	var ids []remit.CaseID
	for range 7 {
		_, c := w.inReview(hit("l", compliance.RoleOriginator))
		ids = append(ids, c.ID)
	}
	later := w.remittance()
	w.clock.Advance(3*time.Hour + 30*time.Minute)
	_, fresh := w.review(later, compliance.Decision{
		ID: id[remit.DecisionID](w, remit.PrefixDecision), Gate: compliance.GateIntake, Outcome: compliance.OutcomeReview,
	}, remit.FundsNone)
	for _, byDue := range []bool{false, true} {
		var got []remit.CaseID
		page := api.CasePage{Size: 3, ByDue: byDue}
		for {
			list, err := w.s.Cases(w.ctx, w.tenant, api.CaseFilter{}, page)
			w.must(err)
			for _, c := range list {
				got = append(got, c.ID)
				page.After, page.AfterDue = c.ID, c.DueAt
			}
			if len(list) < 3 {
				break
			}
		}
		want := append(slices.Clone(ids), fresh.ID)
		if !byDue {
			slices.Reverse(want)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("by due %v: got %v, want %v", byDue, got, want)
		}
	}
	_, err := w.s.TakeCase(w.ctx, w.tenant, ids[0], ana)
	w.must(err)
	_, err = w.s.RequestInformation(w.ctx, w.tenant, ids[1], ana, "who?", time.Hour)
	w.must(err)
	_, err = w.s.DecideCase(w.ctx, w.tenant, ids[2], ana, verdict(compliance.CaseRejected))
	w.must(err)
	for name, tt := range map[string]struct {
		f    api.CaseFilter
		want int
	}{
		"attention": {api.CaseFilter{Standing: compliance.StandingAttention}, 5}, "good": {api.CaseFilter{Standing: compliance.StandingGood}, 1},
		"late": {api.CaseFilter{Standing: compliance.StandingLate}, 0}, "stopped": {api.CaseFilter{Standing: compliance.StandingStopped}, 1},
		"mine": {api.CaseFilter{HeldBy: ana.ID}, 1}, "another's": {api.CaseFilter{HeldBy: ben.ID}, 0}, "nobody's": {api.CaseFilter{HeldByNobody: true}, 6},
		"undecided": {api.CaseFilter{Undecided: true}, 7}, "rejected": {api.CaseFilter{Status: compliance.CaseRejected}, 1},
		"review": {api.CaseFilter{Inbox: compliance.InboxReview}, 1}, "sanctions": {api.CaseFilter{Inbox: compliance.InboxSanctions}, 7},
		"kind": {api.CaseFilter{Kind: compliance.CaseKindGate}, 8}, "customer": {api.CaseFilter{CustomerID: w.customer.ID}, 8},
		"nobody": {api.CaseFilter{CustomerID: "cus_none"}, 0}, "remittance": {api.CaseFilter{RemittanceID: fresh.RemittanceID}, 1},
	} {
		list, err := w.s.Cases(w.ctx, w.tenant, tt.f, api.CasePage{Size: 100})
		w.must(err)
		if len(list) != tt.want {
			t.Errorf("%s: got %d cases, want %d", name, len(list), tt.want)
		}
		for _, c := range list {
			if standing, _, _ := c.Clock(w.clock.Now()); tt.f.Standing != "" && standing != tt.f.Standing {
				t.Errorf("%s: a case is %s by its own clock", name, standing)
			}
		}
	}
	if list, err := w.s.Cases(w.ctx, "ten_none", api.CaseFilter{}, api.CasePage{Size: 100}); err != nil || len(list) != 0 {
		t.Fatalf("another tenant sees %v, %v", list, err)
	}
	w.countsCases()
	w.linksCase(fresh, ids)
}

// countsCases checks the statistics of testCaseLists.
func (w *world) countsCases() {
	w.t.Helper()
	stats, err := w.s.CaseStatistics(w.ctx, w.tenant, 2)
	w.must(err)
	today := stats.Days[1]
	if len(stats.Days) != 2 || today.Remittances != 8 || today.Alerted != 8 || today.Decided != 1 || today.FalsePositive != 0 || today.Late != 0 ||
		today.Day.Format(time.DateOnly) != Start.Format(time.DateOnly) {
		w.t.Fatalf("got days %+v", stats.Days)
	}
	if len(stats.Corridors) != 1 || stats.Corridors[0].Corridor != "US-PH" || stats.Corridors[0].Volume != dollars(8*20_000) || stats.Corridors[0].Decided != 1 {
		w.t.Fatalf("got corridors %+v", stats.Corridors)
	}
	want := map[compliance.Inbox]int64{compliance.InboxSanctions: 6, compliance.InboxReview: 1}
	for _, in := range stats.Inboxes {
		if in.Undecided != want[in.Inbox] || (in.Undecided > 0) == in.OldestAt.IsZero() {
			w.t.Fatalf("got inboxes %+v", stats.Inboxes)
		}
	}
	none, err := w.s.CaseStatistics(w.ctx, "ten_none", 366)
	w.must(err)
	if len(none.Days) != 366 || len(none.Corridors) != 0 || none.Days[365].Remittances != 0 {
		w.t.Fatalf("another tenant's counts are %+v", none)
	}
}

// linksCase checks the graph of a case: another beneficiary has the same account.
func (w *world) linksCase(c compliance.Case, others []remit.CaseID) {
	w.t.Helper()
	double := w.beneficiary
	double.ID, double.Party = id[remit.BeneficiaryID](w, remit.PrefixBeneficiary), remit.Party{GivenName: "Someone", FamilyName: "Else", Country: "PH"}
	w.must(w.s.CreateBeneficiary(w.ctx, double))
	elsewhere := id[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.s.CreateTenant(w.ctx, elsewhere, "Other"))
	foreign := double
	foreign.ID, foreign.TenantID = id[remit.BeneficiaryID](w, remit.PrefixBeneficiary), elsewhere
	w.must(w.s.CreateBeneficiary(w.ctx, foreign))
	_, err := w.s.RaiseAlert(w.ctx, compliance.NewAlert{
		Key: "late hit", TenantID: w.tenant, RemittanceID: c.RemittanceID, Kind: compliance.CaseKindRescreen, Hits: []compliance.Hit{hit("g", compliance.RoleBeneficiary)},
	})
	w.must(err)
	g, err := w.s.CaseGraph(w.ctx, w.tenant, c.ID, 100)
	w.must(err)
	labels := make(map[string]string)
	for _, n := range g.Nodes {
		labels[n.ID] = n.Kind + " " + n.Label
	}
	account := ""
	for _, e := range g.Edges {
		if e.Label == compliance.EdgeShares && e.From == string(double.ID) {
			account = e.To
		}
		if labels[e.From] == "" || labels[e.To] == "" {
			w.t.Fatalf("the edge %+v hangs in the air", e)
		}
	}
	if g.Nodes[0].ID != string(c.ID) || labels[string(w.customer.ID)] != "customer Marisolabella Quintanarro" || labels["ofac-sdn/e-g"] != "entry Listed g" ||
		labels[string(c.RemittanceID)] != "remittance USD 200.00" || labels[account] != "account bank …5544" || labels[string(foreign.ID)] != "" ||
		!slices.Contains(g.Edges, compliance.GraphEdge{From: string(others[0]), To: string(w.customer.ID), Label: compliance.EdgeAbout}) {
		w.t.Fatalf("got %v with %v", labels, g.Edges)
	}
	cut, err := w.s.CaseGraph(w.ctx, w.tenant, c.ID, 4)
	w.must(err)
	if len(cut.Nodes) != 4 || cut.LeftOut != len(g.Nodes)-4 || cut.Nodes[0].ID != string(c.ID) || len(cut.Edges) != 5 {
		w.t.Fatalf("got %+v", cut)
	}
	_, err = w.s.CaseGraph(w.ctx, elsewhere, c.ID, 4)
	w.refused(err, remit.KindNotFound, "")
}

// testCasesIsolated has another tenant try every call.
func testCasesIsolated(t *testing.T, w *world) {
	r, c := w.inReview(hit("i", compliance.RoleOriginator))
	other := id[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.s.CreateTenant(w.ctx, other, "Other"))
	doc, err := compliance.ReadDocument(id[remit.DocumentID](w, remit.PrefixDocument), "a.txt", []byte("text"))
	w.must(err)
	for name, call := range map[string]func() error{
		"Case":         func() error { _, err := w.s.Case(w.ctx, other, c.ID); return err },
		"TakeNextCase": func() error { _, err := w.s.TakeNextCase(w.ctx, other, "", ana); return err },
		"TakeCase":     func() error { _, err := w.s.TakeCase(w.ctx, other, c.ID, ana); return err },
		"PutBackCase":  func() error { _, err := w.s.PutBackCase(w.ctx, other, c.ID, ana); return err },
		"AddCaseNote":  func() error { _, err := w.s.AddCaseNote(w.ctx, other, c.ID, ana, "x"); return err },
		"AddCaseAttachment": func() error {
			_, err := w.s.AddCaseAttachment(w.ctx, other, c.ID, ana, doc)
			return err
		},
		"CaseAttachment": func() error { _, err := w.s.CaseAttachment(w.ctx, other, c.ID, doc.ID); return err },
		"EscalateCase":   func() error { _, err := w.s.EscalateCase(w.ctx, other, c.ID, ana, "x"); return err },
		"RequestInformation": func() error {
			_, err := w.s.RequestInformation(w.ctx, other, c.ID, ana, "x", time.Hour)
			return err
		},
		"AnswerInformationRequest": func() error {
			_, err := w.s.AnswerInformationRequest(w.ctx, other, r.ID, ana.Actor, "x")
			return err
		},
		"DecideCase": func() error {
			_, err := w.s.DecideCase(w.ctx, other, c.ID, ana, verdict(compliance.CaseRejected))
			return err
		},
		"ReturnCase": func() error { _, err := w.s.ReturnCase(w.ctx, other, c.ID, ana, "x", 0); return err },
		"CaseGraph":  func() error { _, err := w.s.CaseGraph(w.ctx, other, c.ID, 10); return err },
		"RaiseAlert": func() error {
			_, err := w.s.RaiseAlert(w.ctx, compliance.NewAlert{Key: "k", TenantID: other, Kind: "x", RemittanceID: r.ID})
			return err
		},
	} {
		if err := call(); remit.KindOf(err) != remit.KindNotFound {
			t.Errorf("%s of another tenant: got %v, want not found", name, err)
		}
	}
	if list, err := w.s.CasesAbout(w.ctx, other, w.customer.ID, w.beneficiary.ID, "", 10); err != nil || len(list) != 0 {
		t.Errorf("CasesAbout of another tenant: got %v, %v", list, err)
	}
	after, err := w.s.Case(w.ctx, w.tenant, c.ID)
	w.must(err)
	if after.Version != c.Version || after.Status != compliance.CaseOpen {
		t.Fatalf("the case changed: %+v", after)
	}
}
