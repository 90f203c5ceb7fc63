package storetest

import (
	"slices"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/settlement"
)

// testCharges: what a coin takes of a transaction is stored with its attempt and
// booked once, and the end of an attempt never fails for lack of money.
func testCharges(t *testing.T, w *world) {
	const amount, most = 1_950_000_000, 500
	coin, treasury := remit.USDCStellar, ledger.Treasury(remit.RailStellar)
	reserve := func(o *settlement.Order) { o.Reserve = remit.NewMoney(coin, most) }
	// The treasury holds just what two orders and the third's amount reserve.
	w.fundTreasury(3*amount + 2*most)
	r1, o1 := w.settling(reserve)
	_, o2 := w.settling(reserve)
	r3, o3 := w.settling()
	if got, err := w.s.SettlementOrder(w.ctx, o1.ID); err != nil || got.Reserve != o1.Reserve {
		t.Fatalf("got %+v and %v", got, err)
	}
	w.wantBalance(treasury, coin, 3*amount+2*most, 3*amount+2*most)
	finish := func(a settlement.Attempt, outcome settlement.Outcome) {
		t.Helper()
		w.must(w.s.SaveAttempt(w.ctx, a))
		w.must(w.s.MarkSent(w.ctx, a.ID))
		w.must(w.s.FinishAttempt(w.ctx, a.ID, outcome))
		w.must(w.s.FinishAttempt(w.ctx, a.ID, outcome))
	}
	finish(w.attempt(o1, o2), settlement.Outcome{Status: settlement.OutcomeFailed, Result: "expired"})
	w.wantBalance(ledger.TokenExpense, coin, 0, 0)
	charged := settlement.Outcome{Status: settlement.OutcomeSettled, Charges: []remit.Money{remit.NewMoney(coin, 620)}}
	finish(w.attempt(o1, o2), charged)
	detail, err := w.s.RemittanceDetail(w.ctx, w.tenant, r1.ID)
	w.must(err)
	if n := len(detail.Attempts); n != 2 || !slices.Equal(detail.Attempts[n-1].Charges, charged.Charges) {
		t.Fatalf("got %+v", detail.Attempts)
	}
	// What was reserved and not taken is free at once.
	w.wantBalance(treasury, coin, 3*amount+2*most+380, 3*amount+2*most)
	w.settleHold(r1)
	w.wantBalance(treasury, coin, 2*amount+most+380, 2*amount+most)
	// The third reserved nothing and is charged more than is free: what others
	// reserve stays theirs, and the rest is booked as in transit.
	finish(w.attempt(o3), settlement.Outcome{Status: settlement.OutcomeSettled, Charges: []remit.Money{remit.NewMoney(coin, 400)}})
	w.settleHold(r3)
	w.wantBalance(treasury, coin, amount+most, amount+most)
	w.wantBalance(ledger.InTransit(remit.RailStellar), coin, 2*amount-20, 0)
	w.wantBalance(ledger.TokenExpense, coin, 620+400-most, 0) // but for the second's hold
	w.verify()
}

// settleHold books a remittance's hold as paid.
func (w *world) settleHold(r remit.Remittance) {
	w.t.Helper()
	w.must(w.s.PostEntries(w.ctx, ledger.Entry{
		ID: id[remit.EntryID](w, remit.PrefixEntry), Key: string(r.ID) + "/settle/1", Action: ledger.ActionSettleHold, Hold: r.TreasuryHold,
	}))
}
