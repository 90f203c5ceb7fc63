package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// leftToClaim settles an order by leaving it for its destination to claim.
func (w *world) leftToClaim() (remit.Remittance, settlement.Order) {
	w.t.Helper()
	r, o := w.settling(func(o *settlement.Order) { o.Claimable = true })
	a := w.attempt(o)
	w.must(w.s.SaveAttempt(w.ctx, a))
	w.must(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeSettled, Claims: map[remit.OrderID]settlement.Claim{
		o.ID: {ID: "claim-of-" + string(o.ID), Status: settlement.ClaimOpen, Since: Start, Until: Start.Add(time.Hour)},
	}}))
	o, err := w.s.SettlementOrder(w.ctx, o.ID)
	w.must(err)
	return r, o
}

// takingBack is an order that takes back what another left, not placed yet.
func (w *world) takingBack(o settlement.Order, leg int) settlement.Order {
	back := o
	back.ID, back.Leg, back.Mode, back.Claimable, back.Reclaims = id[remit.OrderID](w, remit.PrefixOrder), leg, settlement.ModeSingle, false, o.ID
	return back
}

// placeSettlement puts a settlement order beside a fact of its remittance.
func (w *world) placeSettlement(r remit.Remittance, o settlement.Order) error {
	o.RemittanceID = r.ID
	_, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, EventType: "order.placed", SettlementOrder: &o,
	})
	return err
}

// testClaims: what was left to claim ends once, as claimed or taken back, and only
// an order that names it takes it back.
func testClaims(t *testing.T, w *world) {
	w.fundTreasury(3 * 1_950_000_000)
	_, plain := w.settling()
	r1, o1 := w.leftToClaim()
	r2, o2 := w.leftToClaim()
	open := func(after remit.OrderID, want ...remit.OrderID) {
		t.Helper()
		list, err := w.s.OpenClaims(w.ctx, remit.RailStellar, after, 10)
		w.must(err)
		var got []remit.OrderID
		for _, o := range list {
			got = append(got, o.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("open claims after %q are %v, want %v", after, got, want)
		}
	}
	open("", o1.ID, o2.ID)
	open(o1.ID, o2.ID)
	claimed, reclaimed := settlement.ClaimOutcome{Status: settlement.ClaimClaimed, Hash: "h"}, settlement.ClaimOutcome{Status: settlement.ClaimReclaimed}
	w.refused(w.s.FinishClaim(w.ctx, plain.ID, claimed), remit.KindPrecondition, "")
	w.refused(w.s.FinishClaim(w.ctx, "ord_none", claimed), remit.KindNotFound, "")
	w.refused(w.s.FinishClaim(w.ctx, o1.ID, settlement.ClaimOutcome{}), remit.KindInternal, "")
	w.must(w.s.FinishClaim(w.ctx, o1.ID, claimed))
	w.must(w.s.FinishClaim(w.ctx, o1.ID, claimed))
	w.refused(w.s.FinishClaim(w.ctx, o1.ID, reclaimed), remit.KindConflict, "")
	open("", o2.ID)
	if got, err := w.s.SettlementOrder(w.ctx, o1.ID); err != nil || got.Claim.Status != settlement.ClaimClaimed || got.Claim.Hash != "h" || got.Claim.ID != o1.Claim.ID {
		t.Fatalf("got %+v and %v", got, err)
	}
	notices := w.notices(r1.ID)
	if last := notices[len(notices)-1]; last.Kind != remit.NoticeSettlement || last.Status != "claimed" || last.Ref != string(o1.ID) {
		t.Fatalf("got %+v", last)
	}
	changed := func(change func(*settlement.Order)) settlement.Order {
		o := w.takingBack(o2, 2)
		change(&o)
		return o
	}
	w.refused(w.placeSettlement(r2, w.takingBack(o1, 2)), remit.KindInternal, "")
	w.refused(w.placeSettlement(r2, changed(func(o *settlement.Order) { o.Amount.Minor-- })), remit.KindInternal, "")
	w.refused(w.placeSettlement(r2, changed(func(o *settlement.Order) { o.Mode = settlement.ModeBatched })), remit.KindInternal, "")
	back := w.takingBack(o2, 2)
	w.must(w.placeSettlement(r2, back))
	queued, err := w.s.QueuedOrders(w.ctx, remit.RailStellar, 10)
	w.must(err)
	i := slices.IndexFunc(queued, func(o settlement.Order) bool { return o.ID == back.ID })
	if i < 0 || queued[i].Reclaims != o2.ID || queued[i].Claim.ID != o2.Claim.ID {
		t.Fatalf("queued are %+v, want one that takes back", queued)
	}
	a := w.attempt(back)
	w.must(w.s.SaveAttempt(w.ctx, a))
	w.must(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeSettled}))
	if got, err := w.s.SettlementOrder(w.ctx, o2.ID); err != nil || got.Claim.Status != settlement.ClaimReclaimed || got.Claim.Hash != a.Hash {
		t.Fatalf("got %+v and %v", got, err)
	}
	open("")
	w.refused(w.s.FinishClaim(w.ctx, o2.ID, claimed), remit.KindConflict, "")
	for o, err := range w.s.SettledOrders(w.ctx) {
		w.must(err)
		if o.ID == back.ID {
			t.Fatal("an order that takes back is listed among what was paid")
		}
	}
	if o, _, err := w.s.SettledBatch(w.ctx, w.tenant, r2.ID); err != nil || o.ID != o2.ID {
		t.Fatalf("the payment is %+v and %v, want the first order's", o, err)
	}
	w.verify()
}
