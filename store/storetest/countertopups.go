package storetest

import (
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// testCounterTopUps: float is given by another person than asked for it, once;
// a refusal says why and moves nothing.
func testCounterTopUps(t *testing.T, w *world) {
	c := newCounters(w)
	manager := c.teller(c.outlet, counter.RoleManager)
	ask := func() counter.TopUp {
		top, err := c.service.RequestTopUp(w.ctx, manager, id[counter.TopUpID](w, counter.PrefixTopUp), c.outlet.ID, pesos(1_000_000))
		w.must(err)
		return top
	}
	refused, given := ask(), ask()
	_, err := c.service.DecideTopUp(w.ctx, c.operator(), refused.ID, false, "", " ")
	w.refused(err, remit.KindInvalid, remit.ReasonFieldRequired)
	_, err = c.service.DecideTopUp(w.ctx, manager, given.ID, true, "wire 7", "")
	w.refused(err, remit.KindForbidden, remit.ReasonSecondPerson)
	for range 2 {
		top, err := c.service.DecideTopUp(w.ctx, c.operator(), refused.ID, false, "", "the outlet owes last week's cash")
		w.must(err)
		if top.State != counter.TopUpRefused || top.Reason == "" {
			t.Fatalf("got %+v", top)
		}
		_, err = c.service.DecideTopUp(w.ctx, c.operator(), given.ID, true, "wire 7", "")
		w.must(err)
	}
	_, err = c.service.DecideTopUp(w.ctx, c.operator(), refused.ID, true, "wire 8", "")
	w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
	float, err := c.service.FloatOf(w.ctx, w.tenant, c.outlet.ID)
	w.must(err)
	if len(float) != 1 || float[0].Float != pesos(1_000_000) {
		t.Fatalf("the float holds %v, want what was given once", float)
	}
	w.verify()
}
