package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// testPaid: what settled orders took is read back, those of the rail and the
// window only, the newest first and no more than asked for.
func testPaid(t *testing.T, w *world) {
	w.fundTreasury(4 * 1_950_000_000)
	lumens := remit.Asset{Code: "XLM", Scale: 7}
	since := w.clock.Now()
	paid := func(rail remit.Rail, since time.Time, limit int) []settlement.Paid {
		t.Helper()
		list, err := w.s.Paid(w.ctx, rail, since, limit)
		w.must(err)
		return list
	}
	settle := func(fee remit.Money, took time.Duration, orders ...settlement.Order) {
		t.Helper()
		a := w.attempt(orders...)
		w.must(w.s.SaveAttempt(w.ctx, a))
		w.clock.Advance(took)
		w.must(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{Status: settlement.OutcomeSettled, Fee: fee}))
	}
	_, o1 := w.settling()
	_, o2 := w.settling()
	settle(remit.NewMoney(lumens, 301), 7*time.Second, o1, o2)
	_, o3 := w.settling()
	settle(remit.Money{}, 3*time.Second, o3)
	_, failed := w.settling()
	a := w.attempt(failed)
	w.must(w.s.SaveAttempt(w.ctx, a))
	w.must(w.s.FinishAttempt(w.ctx, a.ID, settlement.Outcome{
		Status: settlement.OutcomeFailed, Failed: map[remit.OrderID]remit.Reason{failed.ID: remit.ReasonDestinationInvalid},
	}))

	share := settlement.Paid{Took: 7 * time.Second, Fee: remit.NewMoney(lumens, 151)}
	want := []settlement.Paid{{Took: 3 * time.Second}, share, share}
	if got := paid(remit.RailStellar, since, 10); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := paid(remit.RailStellar, since, 2); !slices.Equal(got, want[:2]) {
		t.Errorf("the newest two: got %+v, want %+v", got, want[:2])
	}
	if got := paid(remit.RailStellar, since.Add(8*time.Second), 10); !slices.Equal(got, want[:1]) {
		t.Errorf("since the first were final: got %+v, want %+v", got, want[:1])
	}
	if got := paid(remit.RailSolana, since, 10); len(got) > 0 {
		t.Errorf("on another rail: got %+v", got)
	}
}
