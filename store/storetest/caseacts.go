package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/workflows"
)

// testCaseLocks has many people ask for something to do at once.
func testCaseLocks(t *testing.T, w *world) {
	const n = 24
	open := make(map[remit.CaseID]bool)
	for i := range n {
		c, err := w.s.RaiseAlert(w.ctx, compliance.NewAlert{
			Key: fmt.Sprint("alert/", i), TenantID: w.tenant, CustomerID: id[remit.CustomerID](w, remit.PrefixCustomer), Kind: compliance.CaseKindRescreen,
		})
		w.must(err)
		open[c.ID] = true
	}
	taken := make([]remit.CaseID, n+4)
	other, _ := Open(t, w.dsn, w.vault)
	errs := together(len(taken), func(i int) error {
		s := w.s
		if i%2 == 1 {
			s = other
		}
		c, err := s.TakeNextCase(w.ctx, w.tenant, "", officer(fmt.Sprint("person", i)))
		taken[i] = c.ID
		return err
	})
	nothing := 0
	for i, err := range errs {
		switch {
		case remit.KindOf(err) == remit.KindNotFound:
			nothing++
		case err != nil:
			t.Fatal(err)
		case !open[taken[i]]:
			t.Fatalf("case %s was taken twice, or is none", taken[i])
		default:
			delete(open, taken[i])
		}
	}
	if nothing != 4 || len(open) != 0 {
		t.Fatalf("%d found nothing, want 4; %d were not taken", nothing, len(open))
	}
	mine := taken[slices.IndexFunc(errs, func(err error) bool { return err == nil })]
	c, err := w.s.Case(w.ctx, w.tenant, mine)
	w.must(err)
	holder := compliance.Person{Actor: c.Lock.By, Works: true, Decides: true, Blocks: true}
	again, err := w.s.TakeNextCase(w.ctx, w.tenant, "", holder)
	w.must(err)
	if again.ID != mine || !slices.Equal(w.history(again), []string{"opened", "taken"}) {
		t.Fatalf("got %s with %q, want the case that is held, taken once", again.ID, w.history(again))
	}
	for what, act := range map[string]func() error{
		"take":     func() error { _, err := w.s.TakeCase(w.ctx, w.tenant, mine, ana); return err },
		"put back": func() error { _, err := w.s.PutBackCase(w.ctx, w.tenant, mine, ana); return err },
		"decide": func() error {
			_, err := w.s.DecideCase(w.ctx, w.tenant, mine, ana, verdict(compliance.CaseRejected))
			return err
		},
		"escalate": func() error { _, err := w.s.EscalateCase(w.ctx, w.tenant, mine, ana, "too big for me"); return err },
	} {
		if err := act(); remit.ReasonOf(err) != remit.ReasonCaseLocked {
			t.Fatalf("%s of another's: got %v", what, err)
		}
	}
	_, err = w.s.AddCaseNote(w.ctx, w.tenant, mine, ana, "seen it before")
	w.must(err)
	w.clock.Advance(compliance.LockSpan)
	c, err = w.s.TakeCase(w.ctx, w.tenant, mine, ana)
	w.must(err)
	if c.Lock.By != ana.Actor {
		t.Fatalf("got lock %+v once the other had lapsed", c.Lock)
	}
	c, err = w.s.PutBackCase(w.ctx, w.tenant, mine, ana)
	w.must(err)
	if c.Lock.By.ID != "" || !slices.Equal(w.history(c), []string{"opened", "taken", "note", "taken", "put_back"}) || c.History[2].Text != "seen it before" {
		t.Fatalf("got %+v", c)
	}
	_, err = w.s.PutBackCase(w.ctx, w.tenant, mine, ana)
	w.must(err)
	// A proposal waits for others than who made it; the reporting officer's inbox
	// for who may block.
	plain := ana
	plain.Blocks = false
	for _, left := range taken {
		if left != "" && left != mine {
			_, err = w.s.DecideCase(w.ctx, w.tenant, left, ben, verdict(compliance.CaseRejected))
			w.must(err)
		}
	}
	_, err = w.s.EscalateCase(w.ctx, w.tenant, mine, ben, "too big for me")
	w.must(err)
	_, err = w.s.TakeNextCase(w.ctx, w.tenant, "", plain)
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.TakeNextCase(w.ctx, w.tenant, compliance.InboxReview, ana)
	w.refused(err, remit.KindNotFound, "")
	c, err = w.s.TakeNextCase(w.ctx, w.tenant, compliance.InboxMLRO, ana)
	w.must(err)
	if c.ID != mine || c.Inbox != compliance.InboxMLRO {
		t.Fatalf("got %+v", c)
	}
}

// testCaseQuestions asks the tenant, who answers once and does not another time.
func testCaseQuestions(t *testing.T, w *world) {
	r, c := w.inReview(hit("q", compliance.RoleOriginator))
	due := c.DueAt
	_, err := w.s.AnswerInformationRequest(w.ctx, w.tenant, r.ID, ana.Actor, "forty-two")
	w.refused(err, remit.KindPrecondition, remit.ReasonNothingAsked)
	w.clock.Advance(time.Hour)
	c, err = w.s.RequestInformation(w.ctx, w.tenant, c.ID, ana, "Where was the customer born?", 72*time.Hour)
	w.must(err)
	w.clock.Advance(10 * time.Hour)
	standing, left, stopped := c.Clock(w.clock.Now())
	if c.Status != compliance.CaseWaiting || standing != compliance.StandingStopped || left != 3*time.Hour || stopped != 10*time.Hour || c.Question.Text == "" {
		t.Fatalf("got %+v: %s, %s left, stopped %s", c, standing, left, stopped)
	}
	_, err = w.s.RequestInformation(w.ctx, w.tenant, c.ID, ana, "And when?", time.Hour)
	w.refused(err, remit.KindPrecondition, remit.ReasonCaseNotPending)
	_, err = w.s.TakeNextCase(w.ctx, w.tenant, "", ben)
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.AnswerInformationRequest(w.ctx, "ten_none", r.ID, ana.Actor, "Lagos")
	w.refused(err, remit.KindNotFound, "")
	at, err := w.s.AnswerInformationRequest(w.ctx, w.tenant, r.ID, compliance.Actor{ID: "key_x", Name: "shop"}, "In Lagos.")
	w.must(err)
	c, err = w.s.Case(w.ctx, w.tenant, c.ID)
	w.must(err)
	if c.Status != compliance.CaseOpen || !at.Equal(w.clock.Now()) || !c.DueAt.Equal(due.Add(10*time.Hour)) || c.Stopped != 10*time.Hour || c.Question != nil {
		t.Fatalf("got %+v", c)
	}
	if got := w.history(c); !slices.Equal(got, []string{"opened", "information_requested", "answered"}) || c.History[2].Text != "In Lagos." {
		t.Fatalf("got %+v", c.History)
	}
	events, err := w.s.Events(w.ctx, w.tenant, r.ID, 0, 20)
	w.must(err)
	asked := slices.IndexFunc(events, func(e remit.Event) bool { return e.Type == "case.information_requested" })
	if asked < 0 || events[asked].Facts["question"] != "Where was the customer born?" || events[asked].Facts["deadline"] == "" {
		t.Fatalf("got events %+v", events)
	}
	// Nobody answers: the case opens again when the time is past.
	_, err = w.s.RequestInformation(w.ctx, w.tenant, c.ID, ana, "And when?", time.Hour)
	w.must(err)
	if n, err := w.s.LapseQuestions(w.ctx); n != 0 || err != nil {
		t.Fatalf("%d lapsed too early, %v", n, err)
	}
	w.clock.Advance(5 * time.Hour)
	_, err = w.s.AnswerInformationRequest(w.ctx, w.tenant, r.ID, ana.Actor, "too late")
	w.refused(err, remit.KindPrecondition, remit.ReasonNothingAsked)
	for want := range 2 {
		if n, err := w.s.LapseQuestions(w.ctx); n != 1-want || err != nil {
			t.Fatalf("%d lapsed, %v", n, err)
		}
	}
	c, err = w.s.Case(w.ctx, w.tenant, c.ID)
	w.must(err)
	if c.Status != compliance.CaseOpen || c.Stopped != 11*time.Hour || w.history(c)[4] != "lapsed" {
		t.Fatalf("got %+v", c)
	}
}

// testCaseDocuments puts documents into a case until it is full.
func testCaseDocuments(t *testing.T, w *world) {
	_, c := w.inReview()
	read := func(content string) compliance.Document {
		doc, err := compliance.ReadDocument(id[remit.DocumentID](w, remit.PrefixDocument), "Explanation by Quintanarro.txt", []byte(content))
		w.must(err)
		return doc
	}
	first := read("a plain text about Quintanarro")
	for range 2 {
		got, err := w.s.AddCaseAttachment(w.ctx, w.tenant, c.ID, ana, first)
		w.must(err)
		if len(got.Attachments) != 1 || got.Attachments[0].Name != first.Name || got.Attachments[0].SHA256 != first.SHA256 || got.Attachments[0].By != ana.Actor {
			t.Fatalf("got %+v", got.Attachments)
		}
	}
	stolen := first
	stolen.Content, stolen.SHA256 = []byte("other"), "other"
	_, err := w.s.AddCaseAttachment(w.ctx, w.tenant, c.ID, ana, stolen)
	w.refused(err, remit.KindConflict, remit.ReasonIdempotencyReused)
	doc, err := w.s.CaseAttachment(w.ctx, w.tenant, c.ID, first.ID)
	w.must(err)
	if string(doc.Content) != "a plain text about Quintanarro" || doc.MediaType != "text/plain" {
		t.Fatalf("got %+v", doc)
	}
	_, other := w.inReview()
	for name, where := range map[string]struct {
		tenant remit.TenantID
		id     remit.CaseID
	}{"another tenant": {"ten_none", c.ID}, "another case": {w.tenant, other.ID}} {
		if _, err := w.s.CaseAttachment(w.ctx, where.tenant, where.id, first.ID); remit.KindOf(err) != remit.KindNotFound {
			t.Fatalf("%s: got %v", name, err)
		}
	}
	for i := 1; i < compliance.MaxDocuments; i++ {
		_, err := w.s.AddCaseAttachment(w.ctx, w.tenant, c.ID, ana, read(fmt.Sprint("page ", i)))
		w.must(err)
	}
	_, err = w.s.AddCaseAttachment(w.ctx, w.tenant, c.ID, ana, read("one too many"))
	w.refused(err, remit.KindInvalid, remit.ReasonAttachmentRefused)
	_, err = w.s.AddCaseNote(w.ctx, w.tenant, c.ID, ana, "Quintanarro explained it")
	w.must(err)
}

// testCaseBlocks blocks money, and returns it by licence and two persons.
func testCaseBlocks(t *testing.T, w *world) {
	r := w.funded()
	d := compliance.Decision{
		ID: id[remit.DecisionID](w, remit.PrefixDecision), Gate: compliance.GateRelease, Outcome: compliance.OutcomeBlock,
		Reasons: []remit.Reason{remit.ReasonSanctionsMatch}, Hits: []compliance.Hit{hit("a", compliance.RoleOriginator), hit("b", compliance.RoleBeneficiary)},
	}
	r, c := w.review(r, d, remit.FundsHeld)
	plain := ana
	plain.Blocks = false
	_, err := w.s.DecideCase(w.ctx, w.tenant, c.ID, plain, verdict(compliance.CaseBlocked))
	w.refused(err, remit.KindForbidden, remit.ReasonForbidden)
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, verdict(compliance.CaseRejected))
	w.refused(err, remit.KindPrecondition, remit.ReasonCaseNotPending)
	nobody := verdict(compliance.CaseBlocked)
	nobody.Hits = []compliance.HitDisposition{{Key: "a", Disposition: compliance.FalsePositive}, {Key: "b", Disposition: compliance.FalsePositive}}
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, nobody)
	w.refused(err, remit.KindInvalid, "")
	half := verdict(compliance.CaseBlocked)
	half.Hits = nobody.Hits[:1]
	c, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, half)
	w.must(err)
	if c.Status != compliance.CaseBlocked || len(c.Dispositions) != 2 || c.Dispositions[0].Disposition != compliance.FalsePositive ||
		c.Dispositions[1].Disposition != compliance.TrueMatch || c.Dispositions[1].Second.ID != "" {
		t.Fatalf("got %+v", c)
	}
	licensed := compliance.Verdict{Decision: compliance.CaseUnblocked, Note: "the authority agreed", Licence: "OFAC 2026-1"}
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, licensed)
	w.refused(err, remit.KindPrecondition, remit.ReasonCaseNotPending) // The money is not blocked yet.
	_, err = w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateInReview, To: remit.StateBlocked, Funds: remit.FundsBlocked, EventType: "remittance.blocked",
	})
	w.must(err)
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, verdict(compliance.CaseUnblocked))
	w.refused(err, remit.KindInvalid, "")
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, verdict(compliance.CaseApproved))
	w.refused(err, remit.KindConflict, remit.ReasonCaseDecided)
	for range 3 {
		c, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, licensed)
		w.must(err)
	}
	if c.Status != compliance.CasePending || c.Proposal.Licence != "OFAC 2026-1" || c.Proposal.By != ana.Actor {
		t.Fatalf("got %+v", c)
	}
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ben, verdict(compliance.CaseApproved))
	w.refused(err, remit.KindPrecondition, remit.ReasonCaseNotPending)
	c, err = w.s.ReturnCase(w.ctx, w.tenant, c.ID, ben, "the licence is for another", c.Version)
	w.must(err)
	if c.Status != compliance.CaseBlocked || c.Proposal != nil {
		t.Fatalf("got %+v, want it blocked again", c)
	}
	_, err = w.s.ReturnCase(w.ctx, w.tenant, c.ID, ben, "again", 0)
	w.refused(err, remit.KindConflict, remit.ReasonCaseDecided)
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ana, licensed)
	w.must(err)
	wrong := licensed
	wrong.Licence = "OFAC 2026-2"
	_, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ben, wrong)
	w.refused(err, remit.KindInvalid, "")
	wrong.Licence = ""
	c, err = w.s.DecideCase(w.ctx, w.tenant, c.ID, ben, wrong)
	w.must(err)
	if c.Status != compliance.CaseUnblocked || c.ProposedBy != ana.Actor || c.DecidedBy != ben.Actor || c.History[len(c.History)-1].Facts["licence"] != "OFAC 2026-1" {
		t.Fatalf("got %+v", c)
	}
	if got := w.reviews(r.ID, c.ID); !slices.Equal(got, []string{"blocked", "unblocked"}) {
		t.Fatalf("got notices %q", got)
	}
	released, err := w.s.FalsePositives(w.ctx, w.tenant, w.customer.ID, w.beneficiary.ID)
	w.must(err)
	if len(released) != 1 || released[0].Key != "a" {
		t.Fatalf("got %+v", released)
	}
}
