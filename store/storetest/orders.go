package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

func (w *world) attempt(orders ...settlement.Order) settlement.Attempt {
	a := settlement.Attempt{
		ID: id[remit.AttemptID](w, remit.PrefixAttempt), Rail: remit.RailStellar, Bytes: []byte{1, 2, 3}, Source: "GCHANNEL", Sequence: 7, Expiry: 99,
	}
	a.Hash = "hash-of-" + string(a.ID)
	for _, o := range orders {
		a.Orders = append(a.Orders, o.ID)
	}
	return a
}

func testSettlement(t *testing.T, w *world) {
	w.fundTreasury(3_900_000_000)
	r1, o1 := w.settling()
	_, o2 := w.settling(func(o *settlement.Order) { o.Claimable = true })
	queued, err := w.s.QueuedOrders(w.ctx, remit.RailStellar, 10)
	w.must(err)
	if len(queued) != 2 || queued[0].ID != o1.ID || queued[0].Amount != o1.Amount || queued[0].TenantID != w.tenant || queued[0].Claimable || !queued[1].Claimable {
		t.Fatalf("got %+v", queued)
	}
	a := w.attempt(o1, o2)
	w.must(w.s.SaveAttempt(w.ctx, a))
	w.refused(w.s.SaveAttempt(w.ctx, w.attempt(o1)), remit.KindConflict, "")
	open, err := w.s.OpenAttempts(w.ctx, remit.RailStellar)
	w.must(err)
	if len(open) != 1 || open[0].Status != settlement.AttemptSigned || !slices.Equal(open[0].Orders, a.Orders) || !slices.Equal(open[0].Bytes, a.Bytes) {
		t.Fatalf("got %+v", open)
	}
	w.must(w.s.MarkSent(w.ctx, a.ID))
	w.must(w.s.MarkSent(w.ctx, a.ID))
	w.bumps(a.ID)
	outcome := settlement.Outcome{Status: settlement.OutcomeSettled, Result: "ok", Fee: remit.NewMoney(remit.USDCStellar, 100), Claims: map[remit.OrderID]settlement.Claim{
		o2.ID: {ID: "00ab", Status: settlement.ClaimOpen, Since: Start, Until: Start.Add(time.Hour)},
	}}
	w.refused(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeUnknown}), remit.KindInternal, "")
	w.must(w.s.FinishAttempt(w.ctx, a.ID, outcome))
	w.must(w.s.FinishAttempt(w.ctx, a.ID, outcome))
	w.refused(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeFailed}), remit.KindConflict, "")
	w.refused(w.s.MarkSent(w.ctx, a.ID), remit.KindConflict, "")
	w.refused(w.s.SaveBump(w.ctx, a.ID, settlement.Bump{Hash: "late", Bytes: []byte{1}}), remit.KindConflict, "")
	got, err := w.s.SettlementOrder(w.ctx, o1.ID)
	w.must(err)
	if got.Status != settlement.OrderSettled || got.Hash != a.Hash || got.Attempt != a.ID || got.Claim != (settlement.Claim{}) {
		t.Fatalf("got %+v", got)
	}
	if left, err := w.s.SettlementOrder(w.ctx, o2.ID); err != nil || left.Claim != outcome.Claims[o2.ID] || !left.Claimable {
		t.Fatalf("got %+v and %v, want what was left to claim", left, err)
	}
	detail, err := w.s.RemittanceDetail(w.ctx, w.tenant, r1.ID)
	w.must(err)
	if len(detail.Attempts) != 1 || detail.Attempts[0].Sends != 2 || detail.Attempts[0].Fee != outcome.Fee || len(detail.Attempts[0].Orders) != 2 {
		t.Fatalf("got %+v", detail.Attempts)
	}
	want := []string{"remittance.created", "remittance.funded", "remittance.settling", "settlement.submitted", "settlement.final"}
	if types := w.eventTypes(r1.ID); !slices.Equal(types, want) {
		t.Fatalf("got events %q, want %q", types, want)
	}
	notices := w.notices(r1.ID)
	if last := notices[len(notices)-1]; len(notices) != 2 || last.Kind != remit.NoticeSettlement || last.Ref != string(o1.ID) || last.Status != "settled" {
		t.Fatalf("got %+v", notices)
	}
	var settled []remit.OrderID
	for o, err := range w.s.SettledOrders(w.ctx) {
		w.must(err)
		settled = append(settled, o.ID)
	}
	if !slices.Equal(settled, []remit.OrderID{o1.ID, o2.ID}) {
		t.Fatalf("got %v", settled)
	}
}

// bumps stores two offers for an open attempt, one of them twice.
func (w *world) bumps(attempt remit.AttemptID) {
	xlm := remit.Asset{Code: "XLM", Scale: 7}
	first := settlement.Bump{Hash: "bump 1", Bytes: []byte{4, 5}, Source: "GFEE", Bid: remit.NewMoney(xlm, 2000)}
	second := settlement.Bump{Hash: "bump 2", Bytes: []byte{6}, Source: "GFEE", Bid: remit.NewMoney(xlm, 20_000)}
	for _, b := range []settlement.Bump{first, second, first} {
		w.must(w.s.SaveBump(w.ctx, attempt, b))
	}
	w.refused(w.s.SaveBump(w.ctx, attempt, settlement.Bump{Hash: "no bytes"}), remit.KindInternal, "")
	w.refused(w.s.SaveBump(w.ctx, "att_none", first), remit.KindNotFound, "")
	open, err := w.s.OpenAttempts(w.ctx, remit.RailStellar)
	w.must(err)
	if len(open) != 1 || len(open[0].Bumps) != 2 || open[0].Sends != 2 {
		w.t.Fatalf("got %+v, want one attempt with two bumps", open)
	}
	for i, want := range []settlement.Bump{first, second} {
		got := open[0].Bumps[i]
		if got.Hash != want.Hash || !slices.Equal(got.Bytes, want.Bytes) || got.Source != want.Source || got.Bid != want.Bid || got.CreatedAt.IsZero() {
			w.t.Errorf("got bump %+v, want %+v", got, want)
		}
	}
}

func testSettlementFailures(t *testing.T, w *world) {
	w.fundTreasury(5_850_000_000)
	r1, bad := w.settling()
	_, good := w.settling()
	_, idle := w.settling()
	a := w.attempt(bad, good)
	w.must(w.s.SaveAttempt(w.ctx, a))
	// A channel account is occupied alone, and nothing of a refused attempt stays.
	w.refused(w.s.SaveAttempt(w.ctx, w.attempt(idle)), remit.KindConflict, "")
	w.refused(w.s.FailQueued(w.ctx, map[remit.OrderID]remit.Reason{idle.ID: remit.ReasonDestinationInvalid, good.ID: remit.ReasonInternal}), remit.KindConflict, "")
	failed := settlement.Outcome{Status: settlement.OutcomeFailed, Failed: map[remit.OrderID]remit.Reason{bad.ID: remit.ReasonDestinationInvalid}, Result: "op_no_trust"}
	strange := failed
	strange.Failed = map[remit.OrderID]remit.Reason{idle.ID: remit.ReasonInternal}
	w.refused(w.s.FinishAttempt(w.ctx, a.ID, strange), remit.KindInternal, "")
	w.must(w.s.FinishAttempt(w.ctx, a.ID, failed))
	queued, err := w.s.QueuedOrders(w.ctx, remit.RailStellar, 10)
	w.must(err)
	if len(queued) != 2 || queued[0].ID != good.ID || queued[1].ID != idle.ID {
		t.Fatalf("got %+v, want the good and the idle one queued", queued)
	}
	got, err := w.s.SettlementOrder(w.ctx, bad.ID)
	w.must(err)
	if got.Status != settlement.OrderFailed || got.Reason != remit.ReasonDestinationInvalid {
		t.Fatalf("got %+v", got)
	}
	notices := w.notices(r1.ID)
	if last := notices[len(notices)-1]; last.Kind != remit.NoticeSettlement || last.Status != "failed" || last.Reason != remit.ReasonDestinationInvalid {
		t.Fatalf("got %+v", notices)
	}
	again := w.attempt(good)
	w.must(w.s.SaveAttempt(w.ctx, again))
	of, err := w.s.OrdersOf(w.ctx, again.ID)
	w.must(err)
	if len(of) != 1 || of[0].ID != good.ID || of[0].Attempt != again.ID {
		t.Fatalf("got %+v", of)
	}
	reasons := map[remit.OrderID]remit.Reason{idle.ID: remit.ReasonRailUnavailable}
	w.must(w.s.FailQueued(w.ctx, reasons))
	w.must(w.s.FailQueued(w.ctx, reasons))
	w.refused(w.s.MarkSent(w.ctx, "att_none"), remit.KindNotFound, "")
	w.verify()
}

// place puts a ramp order beside a fact of its remittance.
func (w *world) place(r remit.Remittance, o ramps.Order, cancel remit.RampOrderID) error {
	m := workflows.Move{Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, EventType: "order.placed", CancelRampOrder: cancel}
	if o.ID != "" {
		m.RampOrder = &o
	}
	_, err := w.s.Apply(w.ctx, m)
	return err
}

func testRampOrders(t *testing.T, w *world) {
	r := w.remittance()
	o := w.rampOrder(r, ramps.PayIn)
	w.must(w.place(r, o, ""))
	w.must(w.place(r, o, ""))
	other := o
	other.Amount.Minor++
	w.refused(w.place(r, other, ""), remit.KindConflict, "")
	due, err := w.s.DueRampOrders(w.ctx, 10)
	w.must(err)
	if len(due) != 1 || due[0].ID != o.ID || due[0].Status != ramps.StatusQueued || due[0].Amount != o.Amount {
		t.Fatalf("got %+v", due)
	}
	next := Start.Add(time.Minute)
	w.must(w.s.MarkRampSending(w.ctx, o.ID, next))
	w.refused(w.s.MarkRampSending(w.ctx, o.ID, next), remit.KindConflict, "")
	if due, err = w.s.DueRampOrders(w.ctx, 10); err != nil || len(due) != 0 {
		t.Fatalf("got %+v and %v before the next look", due, err)
	}
	answer := func(a ramps.Answer, want bool) {
		t.Helper()
		changed, err := w.s.SaveRampAnswer(w.ctx, o.ID, a, next)
		w.must(err)
		if changed != want {
			t.Fatalf("%+v: changed is %t", a, changed)
		}
	}
	answer(ramps.Answer{Status: ramps.StatusUnknown}, false)
	answer(ramps.Answer{Status: ramps.StatusAccepted, ProviderReference: "P-1"}, true)
	answer(ramps.Answer{}, false)
	answer(ramps.Answer{Status: ramps.StatusQueued}, false)
	w.must(w.place(r, ramps.Order{}, o.ID))
	got, err := w.s.RampOrder(w.ctx, o.ID)
	w.must(err)
	if got.Status != ramps.StatusAccepted || got.ProviderReference != "P-1" || !got.CancelRequested || got.Tries != 1 {
		t.Fatalf("got %+v", got)
	}
	answer(ramps.Answer{Status: ramps.StatusSucceeded, Received: dollars(19_999)}, true)
	answer(ramps.Answer{Status: ramps.StatusSucceeded}, false)
	got, err = w.s.RampOrder(w.ctx, o.ID)
	w.must(err)
	if got.Status != ramps.StatusSucceeded || got.Received != dollars(19_999) {
		t.Fatalf("got %+v", got)
	}
	var kinds []string
	for _, n := range w.notices(r.ID) {
		kinds = append(kinds, string(n.Kind)+" "+n.Status)
	}
	if want := []string{"start created", "funding accepted", "funding succeeded"}; !slices.Equal(kinds, want) {
		t.Fatalf("got %q, want %q", kinds, want)
	}
	fresh, err := w.s.RecordCallback(w.ctx, "bank", "cb-1")
	w.must(err)
	again, err := w.s.RecordCallback(w.ctx, "bank", "cb-1")
	w.must(err)
	if !fresh || again {
		t.Fatalf("got %t and %t, want new once", fresh, again)
	}
}

func testRampContradiction(t *testing.T, w *world) {
	r := w.remittance()
	o := w.rampOrder(r, ramps.PayOut)
	w.must(w.place(r, o, ""))
	answer := func(s ramps.Status) bool {
		changed, err := w.s.SaveRampAnswer(w.ctx, o.ID, ramps.Answer{Status: s, Reason: remit.ReasonPayoutRejected}, Start)
		w.must(err)
		return changed
	}
	if !answer(ramps.StatusSucceeded) || answer(ramps.StatusFailed) || answer(ramps.StatusUnknown) {
		t.Fatal("want the first final status to stay")
	}
	want := []string{"remittance.created", "order.placed", "payout.succeeded", "payout.contradicted"}
	if got := w.eventTypes(r.ID); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got, err := w.s.RampOrder(w.ctx, o.ID); err != nil || got.Status != ramps.StatusSucceeded {
		t.Fatalf("got %+v and %v", got, err)
	}
	_, err := w.s.SaveRampAnswer(w.ctx, "rmp_none", ramps.Answer{Status: ramps.StatusFailed}, Start)
	w.refused(err, remit.KindNotFound, "")
	_, err = w.s.SaveRampAnswer(w.ctx, o.ID, ramps.Answer{Status: "odd"}, Start)
	w.refused(err, remit.KindInternal, "")
}

func testInstructions(t *testing.T, w *world) {
	r := w.remittance()
	in, err := w.s.Instruction(w.ctx, w.rampOrder(r, ramps.PayIn))
	w.must(err)
	if in.Party != w.customer.Party || in.Account != nil || in.PickupCode != "" {
		t.Fatalf("got %+v", in)
	}
	o := w.rampOrder(r, ramps.PayOut)
	in, err = w.s.Instruction(w.ctx, o)
	w.must(err)
	if in.Party != w.beneficiary.Party || in.Account["account_number"] != "998877665544" || in.PickupCode != "" {
		t.Fatalf("got %+v", in)
	}
	o.Method = string(remit.PayoutCash)
	in, err = w.s.Instruction(w.ctx, o)
	w.must(err)
	if in.PickupCode != pickupCodes().Text(string(r.ID)) {
		t.Fatalf("got %+v", in)
	}
}

func testErasePerson(t *testing.T, w *world) {
	r, late := w.remittance(), w.newRemittance()
	w.must(w.s.ErasePerson(w.ctx, "customers/"+string(w.customer.ID)))
	w.refused(w.s.ErasePerson(w.ctx, "customers/"+string(w.customer.ID)), remit.KindNotFound, "")
	w.refused(w.s.ErasePerson(w.ctx, "tenants/"+string(w.tenant)), remit.KindNotFound, "")
	got, err := w.s.Customer(w.ctx, w.tenant, w.customer.ID)
	w.must(err)
	if got.Party != (remit.Party{}) || got.Reference != w.customer.Reference {
		t.Fatalf("got %+v, want no identity", got)
	}
	_, err = w.s.Instruction(w.ctx, w.rampOrder(r, ramps.PayIn))
	w.refused(err, remit.KindPrecondition, "")
	_, err = w.s.CreateRemittance(w.ctx, late)
	w.refused(err, remit.KindNotFound, "")
}

// testStory walks one remittance to its end and checks the books.
func testStory(t *testing.T, w *world) {
	w.fundTreasury(1_950_000_000)
	r, o := w.settling()
	a := w.attempt(o)
	w.must(w.s.SaveAttempt(w.ctx, a))
	w.must(w.s.MarkSent(w.ctx, a.ID))
	w.must(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeSettled}))
	own, coin, fx := ledger.Remittance(r.ID), remit.USDCStellar, ledger.FX(usd, remit.USDCStellar)
	settle := ledger.Entry{ID: id[remit.EntryID](w, remit.PrefixEntry), Key: string(r.ID) + "/settle", Action: ledger.ActionSettleHold, Hold: r.TreasuryHold}
	arrive := w.entry(string(r.ID)+"/arrive", ledger.Partner("payer"), ledger.InTransit(remit.RailStellar), o.Amount)
	paid := ledger.Entry{
		ID: id[remit.EntryID](w, remit.PrefixEntry), Key: string(r.ID) + "/paid", Action: ledger.ActionPost, Postings: []ledger.Posting{
			{Debit: own, Credit: ledger.RevenueFees, Amount: dollars(500)},
			{Debit: own, Credit: fx, Amount: dollars(19_500)},
			{Debit: fx, Credit: ledger.Partner("payer"), Amount: o.Amount},
		},
	}
	got, err := w.s.Apply(w.ctx,
		workflows.Move{
			Remittance: r.ID, From: remit.StateSettling, To: remit.StateSettled, Funds: remit.FundsWithPartner, EventType: "remittance.settled",
			Change: func(r *remit.Remittance) { r.SettlementHash = a.Hash }, Entries: []ledger.Entry{settle, arrive},
		},
		workflows.Move{Remittance: r.ID, From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner, EventType: "remittance.paying_out"},
		workflows.Move{
			Remittance: r.ID, From: remit.StatePayingOut, To: remit.StateCompleted, Funds: remit.FundsPaid, EventType: "remittance.completed",
			Entries: []ledger.Entry{paid},
		})
	w.must(err)
	if got.State != remit.StateCompleted || got.Funds != remit.FundsPaid || got.SettlementHash != a.Hash {
		t.Fatalf("got %+v", got)
	}
	w.wantBalance(own, usd, 0, 0)
	w.wantBalance(ledger.Treasury(remit.RailStellar), coin, 0, 0)
	w.wantBalance(ledger.InTransit(remit.RailStellar), coin, 0, 0)
	w.wantBalance(ledger.Partner("payer"), coin, 0, 0)
	w.wantBalance(ledger.RevenueFees, usd, 500, 0)
	w.verify()
}
