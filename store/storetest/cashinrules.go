package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/workflows"
)

// testCashInRefusals: deposits that may not begin, with the reason of each.
func testCashInRefusals(t *testing.T, w *world) {
	c := newCashIn(w)
	by := c.cashier()
	begin := func(by counter.Caller, change func(*counter.NewDeposit)) error {
		in := c.beginning(by)
		change(&in)
		_, err := c.service.BeginDeposit(w.ctx, by, in)
		return err
	}
	never := func(t *counter.Teller) { t.TrainedUntil = Start }
	for name, test := range map[string]struct {
		change func(*counter.NewDeposit)
		want   remit.Reason
	}{
		"no warning":       {func(in *counter.NewDeposit) { in.Shown.WarningVersion = "" }, remit.ReasonWarningMissing},
		"not asked":        {func(in *counter.NewDeposit) { delete(in.Shown.Answers, "told_to_send") }, remit.ReasonWarningMissing},
		"no disclosures":   {func(in *counter.NewDeposit) { in.Shown.DisclosuresVersion = "old" }, remit.ReasonDisclosureMissing},
		"fees not told":    {func(in *counter.NewDeposit) { in.Shown.Accepted = []string{"amount", "rate"} }, remit.ReasonDisclosureMissing},
		"no language":      {func(in *counter.NewDeposit) { in.Shown.Language = "tlh" }, remit.ReasonFieldInvalid},
		"document expired": {func(in *counter.NewDeposit) { in.Identity.Expires = "2020-01-31" }, remit.ReasonDocumentExpired},
		"document refused": {func(in *counter.NewDeposit) { in.Identity.Type = "library_card" }, remit.ReasonDocumentRefused},
		"another's":        {func(in *counter.NewDeposit) { in.Identity.Name = "Somebody Else" }, remit.ReasonNameMismatch},
		"another birthday": {func(in *counter.NewDeposit) { in.Identity.BirthDate = "1991-04-05" }, remit.ReasonBirthDateInvalid},
		"not for cash":     {func(in *counter.NewDeposit) { in.Quote = c.quote() }, remit.ReasonMethodNotOffered},
		"other country":    {func(in *counter.NewDeposit) { in.Quote.From = "GB" }, remit.ReasonMethodNotOffered},
		"other currency":   {func(in *counter.NewDeposit) { in.Quote.SourceTotal = pesos(5) }, remit.ReasonCurrencyNotHeld},
		"quote expired":    {func(in *counter.NewDeposit) { in.Quote.ExpiresAt = w.clock.Now() }, remit.ReasonQuoteExpired},
		"customer unknown": {func(in *counter.NewDeposit) { in.Customer.ID = c.another("Unseen", "Person").ID }, remit.ReasonCustomerNotFound},
	} {
		if err := begin(by, test.change); remit.ReasonOf(err) != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	same := func(*counter.NewDeposit) {}
	w.refused(begin(c.teller(c.shop, counter.RoleTeller), same), remit.KindPrecondition, remit.ReasonDrawerNotOpen)
	small := c.dollarShop(func(o *counter.Outlet) { o.Limits = map[string]counter.Limit{"USD": {PerPayout: 100}} })
	w.refused(begin(c.cashierAt(small), same), remit.KindPrecondition, remit.ReasonCounterLimit)
	untrained := c.teller(c.shop, counter.RoleTeller, never)
	w.refused(c.service.NoteCustomer(w.ctx, untrained, w.customer.ID), remit.KindForbidden, remit.ReasonTrainingExpired)
	w.clock.Advance(31 * time.Minute)
	in := c.beginning(by)
	w.clock.Advance(31 * time.Minute)
	in.Quote.ExpiresAt = w.clock.Now().Add(time.Minute)
	_, err := c.service.BeginDeposit(w.ctx, by, in)
	w.refused(err, remit.KindNotFound, remit.ReasonCustomerNotFound)
	c.ties()
}

// another makes a customer with a phone, a document and a birth date.
func (c *cashIn) another(given, family string, change ...func(*remit.Party)) remit.Customer {
	c.t.Helper()
	one := remit.Customer{
		ID: id[remit.CustomerID](c.world, remit.PrefixCustomer), TenantID: c.tenant, Tier: remit.TierBasic, CreatedAt: Start, Version: 1,
		Party: remit.Party{GivenName: given, FamilyName: family, DateOfBirth: "1980-01-02", Country: "US", Phone: "+13055550199", DocumentNumber: "AB-1234567"},
	}
	for _, f := range change {
		f(&one.Party)
	}
	c.must(c.s.CreateCustomer(c.ctx, one))
	return one
}

// testCashInCustomers: a returning customer is found by two exact facts, never
// listed, not after the phone changed, and not once erased.
func testCashInCustomers(t *testing.T, w *world) {
	c := newCashIn(w)
	by := c.cashier()
	find := func(by counter.Caller, in counter.FindCustomer) (remit.Customer, error) {
		return c.service.FindCustomer(w.ctx, by, in)
	}
	mother := c.another("Ana", "Rojas")
	son := c.another("Luis", "Rojas", func(p *remit.Party) { p.DateOfBirth, p.DocumentNumber = "2001-03-04", "ZZ987654" })
	for name, test := range map[string]struct {
		in   counter.FindCustomer
		want remit.CustomerID
	}{
		"phone and name":     {counter.FindCustomer{Phone: "+1 (305) 555-0199", Name: "ana rojas"}, mother.ID},
		"phone and birthday": {counter.FindCustomer{Phone: "+13055550199", DateOfBirth: "2001-03-04"}, son.ID},
		"document and name":  {counter.FindCustomer{DocumentNumber: "ab 1234567", Name: "Ana Rojas"}, mother.ID},
		"wrong name":         {counter.FindCustomer{Phone: "+13055550199", Name: "Eva Rojas"}, ""},
		"wrong birthday":     {counter.FindCustomer{DocumentNumber: "ZZ987654", Name: "Luis Rojas", DateOfBirth: "2001-03-05"}, ""},
		"another's phone":    {counter.FindCustomer{Phone: "+13055550198", Name: "Ana Rojas"}, ""},
	} {
		got, err := find(by, test.in)
		if got.ID != test.want || (test.want == "" && remit.ReasonOf(err) != remit.ReasonCustomerNotFound) {
			t.Errorf("%s: got %q and %v, want %q", name, got.ID, err, test.want)
		}
	}
	_, err := find(by, counter.FindCustomer{Phone: "+13055550199"})
	w.refused(err, remit.KindInvalid, remit.ReasonFieldRequired)
	_, err = find(by, counter.FindCustomer{Name: "Ana Rojas"})
	w.refused(err, remit.KindInvalid, remit.ReasonFieldRequired)
	stranger := by
	stranger.TenantID = "ten_other"
	_, err = find(stranger, counter.FindCustomer{Phone: "+13055550199", Name: "Ana Rojas"})
	if err == nil {
		t.Error("another tenant's teller found a customer")
	}
	mother.Party.Phone = "+13055550177"
	_, err = w.s.UpdateCustomer(w.ctx, mother, "test")
	w.must(err)
	fresh := c.cashier()
	if got, err := find(fresh, counter.FindCustomer{Phone: "+13055550177", Name: "Ana Rojas"}); err != nil || got.ID != mother.ID {
		t.Errorf("got %q and %v by the new phone", got.ID, err)
	}
	if got, err := find(fresh, counter.FindCustomer{Phone: "+13055550199", Name: "Ana Rojas"}); err == nil {
		t.Errorf("found %q by a phone that is another's now", got.ID)
	}
	w.must(w.s.ErasePerson(w.ctx, "customers/"+string(mother.ID)))
	if list, err := w.s.CustomersByKey(w.ctx, w.tenant, counter.KeyPhone, "+13055550177"); err != nil || len(list) != 0 {
		t.Errorf("got %d and %v, want an erased customer to be found by nothing", len(list), err)
	}
	// Wrong tries lock.
	guesser := c.cashier()
	for range 8 {
		if got, err := find(guesser, counter.FindCustomer{Phone: "+13055550100", Name: "Guess Work"}); err == nil {
			t.Errorf("found %q by a guess", got.ID)
		}
	}
	_, err = find(guesser, counter.FindCustomer{Phone: "+13055550199", Name: "Luis Rojas"})
	w.refused(err, remit.KindLimited, remit.ReasonCounterLocked)
}

// testCashInNotNow: no cash is taken while the gate has not passed the
// remittance, and nothing is told of why; it is taken later, by a colleague.
func testCashInNotNow(t *testing.T, w *world) {
	c := newCashIn(w)
	by := c.cashier()
	d := c.begun(by)
	_, err := c.take(by, d)
	w.refused(err, remit.KindPrecondition, remit.ReasonDepositNotNow)
	unsure := err.Error()
	review := workflows.Move{
		Remittance: d.RemittanceID, From: remit.StateCreated, To: remit.StateInReview, Funds: remit.FundsNone, EventType: "remittance.in_review",
		OpenCase: &compliance.Case{
			ID: id[remit.CaseID](w, remit.PrefixCase), TenantID: w.tenant, RemittanceID: d.RemittanceID, Kind: compliance.CaseKindGate,
			Status: compliance.CaseOpen, Reasons: []remit.Reason{remit.ReasonSanctionsHit},
		},
		Change: func(r *remit.Remittance) { r.ResumeState = remit.StateCreated },
	}
	r, err := w.s.Apply(w.ctx, review)
	w.must(err)
	if _, err = c.take(by, d); err == nil || err.Error() != unsure || d.Shown(r, w.clock.Now()) != "not_now" {
		t.Fatalf("got %v, want the sentence that tells nothing", err)
	}
	_, err = w.s.Apply(w.ctx, workflows.Move{
		Remittance: d.RemittanceID, From: remit.StateInReview, To: remit.StateCreated, Funds: remit.FundsNone, EventType: "remittance.review_approved",
	})
	w.must(err)
	c.asked(d)
	list, err := c.service.OpenDeposits(w.ctx, c.cashier())
	w.must(err)
	if len(list) != 1 || list[0].ID != d.ID {
		t.Fatalf("got %+v, want the deposit that waits", list)
	}
	elsewhere := c.cashierAt(c.dollarShop())
	_, err = c.take(elsewhere, d)
	w.refused(err, remit.KindNotFound, "")
	colleague := c.cashier()
	taken, err := c.take(colleague, d)
	w.must(err)
	if taken.TakenBy != colleague.TellerID || taken.TellerID != by.TellerID {
		t.Fatalf("got %+v", taken)
	}
	// One that was rejected sounds the same.
	gone := c.begun(by)
	_, err = w.s.Apply(w.ctx, workflows.Move{Remittance: gone.RemittanceID, From: remit.StateCreated, To: remit.StateRejected, Funds: remit.FundsNone, EventType: "remittance.rejected"})
	w.must(err)
	if _, err = c.take(by, gone); err == nil || err.Error() != unsure {
		t.Fatalf("got %v, want the sentence that tells nothing", err)
	}
	c.ties()
}

// testCashInEnds: deposits that expire or are canceled, before and after cash.
func testCashInEnds(t *testing.T, w *world) {
	c := newCashIn(w)
	by := c.cashier()
	late, order := c.ready(by)
	unasked := c.begun(by)
	w.clock.Advance(15 * time.Minute)
	_, err := c.take(by, late)
	w.refused(err, remit.KindPrecondition, remit.ReasonDepositExpired)
	ended, err := c.service.Sweep(w.ctx)
	w.must(err)
	if got := c.order(order.ID); ended != 2 || got.Status != ramps.StatusFailed || got.Reason != remit.ReasonFundingExpired {
		t.Fatalf("ended %d, order %+v; want the order to fail with the quote's time", ended, got)
	}
	if o := c.asked(unasked); c.order(o.ID).Reason != remit.ReasonFundingExpired {
		t.Fatalf("got %+v, want an order that comes too late to fail", c.order(o.ID))
	}
	_, err = c.take(by, unasked)
	w.refused(err, remit.KindPrecondition, remit.ReasonDepositExpired)

	early, order := c.ready(by)
	for range 2 {
		got, err := c.service.CancelDeposit(w.ctx, by, early.ID)
		w.must(err)
		if got.State != counter.DepositCanceled {
			t.Fatalf("got %+v", got)
		}
	}
	_, err = c.take(by, early)
	w.refused(err, remit.KindPrecondition, remit.ReasonDepositCanceled)
	if n := w.notices(early.RemittanceID); n[len(n)-1].Kind != remit.NoticeCancel {
		t.Fatalf("got %+v, want the workflow to hear of it once", n)
	}
	if a := c.provider.Cancel(w.ctx, c.order(order.ID)); a.Status != ramps.StatusCanceled {
		t.Fatalf("got %+v", a)
	}

	paid, _ := c.ready(by)
	_, err = c.take(by, paid)
	w.must(err)
	c.fundedWith(paid)
	got, err := c.service.CancelDeposit(w.ctx, by, paid.ID)
	w.must(err)
	if !got.CancelAsked || got.State != counter.DepositTaken {
		t.Fatalf("got %+v", got)
	}
	kept, _ := c.ready(by)
	_, err = c.take(by, kept)
	w.must(err)
	w.clock.Advance(counter.CancelWindow)
	_, err = c.service.CancelDeposit(w.ctx, by, kept.ID)
	w.refused(err, remit.KindPrecondition, remit.ReasonNotCancelable)
	c.ties()
}

// testCashInLimits: what a teller may not take alone, a manager approves; the
// drawer that holds too much is told of.
func testCashInLimits(t *testing.T, w *world) {
	c := newCashIn(w)
	c.shop = c.dollarShop(func(o *counter.Outlet) { o.DrawerMaximum = map[string]int64{"USD": 30_000} })
	alone := func(t *counter.Teller) {
		t.Limits = map[string]counter.Limit{"USD": {PerPayout: 20_000, PerDay: 30_000}}
	}
	by, manager := c.cashier(alone), c.teller(c.shop, counter.RoleManager)
	first, _ := c.ready(by)
	second, _ := c.ready(by)
	taken, err := c.take(by, first)
	w.must(err)
	if len(first.Needs) != 0 || taken.OverMaximum {
		t.Fatalf("got %+v", taken)
	}
	// The day's limit was not reached when the second began.
	for range 2 {
		_, err = c.take(by, second)
		w.refused(err, remit.KindPrecondition, remit.ReasonApprovalNeeded)
	}
	_, err = c.service.ApproveDeposit(w.ctx, by, second.ID)
	w.refused(err, remit.KindForbidden, "")
	for range 2 {
		_, err = c.service.ApproveDeposit(w.ctx, manager, second.ID)
		w.must(err)
	}
	if taken, err = c.take(by, second); err != nil || !taken.OverMaximum || taken.ApprovedBy != manager.TellerID {
		t.Fatalf("got %+v and %v, want a drawer that holds too much", taken, err)
	}
	risky, _ := c.ready(c.cashier(), func(in *counter.NewDeposit) { in.Shown.Answers["told_to_send"] = "yes" })
	if len(risky.Needs) != 1 || risky.Needs[0] != counter.ApprovalWarning {
		t.Fatalf("got %v, want a manager to look at who was told to send", risky.Needs)
	}
	_, err = c.take(c.cashier(), risky)
	w.refused(err, remit.KindPrecondition, remit.ReasonApprovalNeeded)
	c.ties()
}

// errLost is a crash between what was stored and its answer.
var errLost = errors.New("the line went dead")

// lossy loses the answer of acts at a counter: before or after they were stored.
type lossy struct {
	counter.Store
	before, after bool
}

func (l lossy) AtCounter(ctx context.Context, act func(context.Context, counter.Tx) error) error {
	if l.before {
		return l.Store.AtCounter(ctx, func(ctx context.Context, tx counter.Tx) error {
			if err := act(ctx, tx); err != nil {
				return err
			}
			return errLost
		})
	}
	err := l.Store.AtCounter(ctx, act)
	if err == nil && l.after {
		return errLost
	}
	return err
}

// testCashInCrash: each act breaks off before and after it was stored, and is
// done again; nothing happens twice or by half.
func testCashInCrash(t *testing.T, w *world) {
	c := newCashIn(w)
	by := c.cashier()
	rules, err := counter.LoadIdentityRules()
	w.must(err)
	broken := func(l lossy) *counter.Service {
		l.Store = w.s
		s, err := counter.NewService(counter.Options{Store: l, Coder: c.coder, Names: sameName, Identity: rules, Clock: w.clock})
		w.must(err)
		return s
	}
	twice := func(what string, act func(*counter.Service) error) {
		t.Helper()
		for _, l := range []lossy{{before: true}, {after: true}} {
			if err := act(broken(l)); !errors.Is(err, errLost) {
				t.Fatalf("%s: got %v, want a crash", what, err)
			}
		}
		if err := act(c.service); err != nil {
			t.Fatalf("%s again: %v", what, err)
		}
	}
	in := c.beginning(by)
	twice("begin", func(s *counter.Service) error { _, err := s.BeginDeposit(w.ctx, by, in); return err })
	d, o := c.ready(by)
	twice("take", func(s *counter.Service) error {
		_, err := s.TakeDeposit(w.ctx, by, counter.Take{DepositID: d.ID})
		return err
	})
	w.wantBalance(ledger.Drawer(string(by.TellerID)), usd, 20_000, 0)
	if got := c.order(o.ID); got.Status != ramps.StatusSucceeded {
		t.Fatalf("got %+v", got)
	}
	c.fundedWith(d)
	twice("cancel", func(s *counter.Service) error { _, err := s.CancelDeposit(w.ctx, by, d.ID); return err })
	heard := 0
	for _, n := range w.notices(d.RemittanceID) {
		if n.Kind == remit.NoticeCancel {
			heard++
		}
	}
	if heard != 1 {
		t.Fatalf("the wish to cancel was told %d times", heard)
	}
	if r := c.ties(); lineOf(r, counter.MoveCashIn) != 20_000 || lineOf(r, counter.MoveCommission) != 300 {
		t.Fatalf("got %+v, want one of each", r.Lines)
	}
}
