package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// offer offers float back as the manager of the outlet.
func (c *counters) offer(by counter.Caller, minor int64) (counter.FloatReturn, error) {
	c.t.Helper()
	return c.service.OfferFloat(c.ctx, by, id[counter.FloatReturnID](c.world, counter.PrefixFloatReturn), c.outlet.ID, pesos(minor), "slip 4711")
}

// holdsFloat checks what the outlet's float holds.
func (c *counters) holdsFloat(minor int64) {
	c.t.Helper()
	lines, err := c.service.FloatOf(c.ctx, c.tenant, c.outlet.ID)
	c.must(err)
	if len(lines) != 1 || lines[0].Float != pesos(minor) {
		c.t.Fatalf("the float holds %v, want %s", lines, pesos(minor))
	}
}

// testFloatReturns: float leaves an outlet once, by two people, and never more
// than it can spare; what left it is in the statement, which ties.
func testFloatReturns(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 5_000_000)
	w.clock.Advance(time.Minute)
	manager := c.teller(c.outlet, counter.RoleManager)
	teller := c.teller(c.outlet, counter.RoleTeller)

	_, err := c.offer(teller, 100)
	w.refused(err, remit.KindForbidden, remit.ReasonForbidden)
	_, err = c.offer(manager, 5_000_001)
	w.refused(err, remit.KindPrecondition, remit.ReasonFloatNeeded)
	_, err = c.offer(manager, 0)
	w.refused(err, remit.KindInvalid, remit.ReasonAmountNotPositive)
	refused, err := c.offer(manager, 1_000_000)
	w.must(err)
	given, err := c.offer(manager, 2_000_000)
	w.must(err)
	waiting, err := w.s.WaitingReturns(w.ctx, w.tenant, 10)
	w.must(err)
	if len(waiting) != 2 || waiting[0].ID != refused.ID {
		t.Errorf("waiting: %+v, want both, the older one first", waiting)
	}
	c.holdsFloat(5_000_000)

	_, err = c.service.DecideFloatReturn(w.ctx, c.operator(), refused.ID, false, " ")
	w.refused(err, remit.KindInvalid, remit.ReasonFieldRequired)
	_, err = c.service.DecideFloatReturn(w.ctx, manager, given.ID, true, "")
	w.refused(err, remit.KindForbidden, remit.ReasonSecondPerson)
	theirs := c.operator()
	theirs.TenantID = "ten_other"
	_, err = c.service.DecideFloatReturn(w.ctx, theirs, given.ID, true, "")
	w.refused(err, remit.KindNotFound, remit.ReasonNotFound)
	for range 2 {
		r, err := c.service.DecideFloatReturn(w.ctx, c.operator(), refused.ID, false, "the seal was broken")
		w.must(err)
		if r.State != counter.FloatReturnRefused || r.Reason == "" {
			t.Fatalf("got %+v", r)
		}
		_, err = c.service.DecideFloatReturn(w.ctx, c.operator(), given.ID, true, "")
		w.must(err)
	}
	_, err = c.service.DecideFloatReturn(w.ctx, c.operator(), refused.ID, true, "")
	w.refused(err, remit.KindConflict, remit.ReasonStateConflict)
	c.holdsFloat(3_000_000)
	c.collects(manager)

	st, err := c.service.Settlement(w.ctx, w.tenant, c.agent.ID, "", "", "")
	w.must(err)
	left := counter.StatementLine{Kind: counter.MoveFloatReturn, Count: 2, Amount: pesos(2_500_000), Effect: pesos(-2_500_000)}
	if !st.Ties || st.Totals[0].Closing != pesos(2_500_000) || !slices.Contains(st.Totals[0].Lines, left) {
		t.Errorf("the statement is %+v, ties %v, want %+v", st.Totals, st.Ties, left)
	}
	book, err := c.service.DayBook(w.ctx, w.tenant, c.outlet.ID, "")
	w.must(err)
	report, err := c.service.DayReport(w.ctx, w.tenant, c.outlet.ID, "")
	w.must(err)
	if !book.Ties || !report.Ties || book.Balances[0].Closing != pesos(2_500_000) {
		t.Errorf("the day is %+v, ties %v and %v", book.Balances, book.Ties, report.Ties)
	}
	moves, err := w.s.FloatMovements(w.ctx, w.tenant, c.outlet.ID, 2)
	w.must(err)
	if len(moves) != 2 || moves[0].Kind != counter.MoveFloatReturn || moves[1].Kind != counter.MoveFloatReturn {
		t.Errorf("the newest movements are %+v", moves)
	}
	w.verify()
}

// collects: the treasury books what it collected, and nobody what they handed over.
func (c *counters) collects(manager counter.Caller) {
	c.t.Helper()
	staff := c.hire("carrier", "manager")
	own := c.teller(c.outlet, counter.RoleManager, func(t *counter.Teller) { t.StaffID = staff.ID })
	in := counter.Collect{
		ID: id[counter.FloatReturnID](c.world, counter.PrefixFloatReturn), OutletID: c.outlet.ID, Amount: pesos(500_000),
		HandedOver: manager.TellerID, Reference: "courier, seal 88",
	}
	_, err := c.service.CollectFloat(c.ctx, counter.Caller{TenantID: c.tenant, Actor: string(staff.ID)}, in)
	c.refused(err, remit.KindForbidden, remit.ReasonSecondPerson)
	stranger := in
	stranger.HandedOver = c.teller(c.newOutlet(c.agent, "Cubao"), counter.RoleTeller).TellerID
	_, err = c.service.CollectFloat(c.ctx, c.operator(), stranger)
	c.refused(err, remit.KindInvalid, remit.ReasonFieldInvalid)
	for range 2 {
		r, err := c.service.CollectFloat(c.ctx, c.operator(), in)
		c.must(err)
		if r.State != counter.FloatReturnPosted || r.DecidedBy != "key_operator" {
			c.t.Fatalf("got %+v", r)
		}
	}
	changed := in
	changed.Amount = pesos(600_000)
	_, err = c.service.CollectFloat(c.ctx, c.operator(), changed)
	c.refused(err, remit.KindConflict, remit.ReasonStateConflict)
	top, err := c.service.RequestTopUp(c.ctx, own, id[counter.TopUpID](c.world, counter.PrefixTopUp), c.outlet.ID, pesos(1))
	c.must(err)
	_, err = c.service.DecideTopUp(c.ctx, counter.Caller{TenantID: c.tenant, Actor: string(staff.ID)}, top.ID, true, "wire", "")
	c.refused(err, remit.KindForbidden, remit.ReasonSecondPerson)
	waiting, err := c.s.WaitingTopUps(c.ctx, c.tenant, 10)
	c.must(err)
	if len(waiting) != 1 || waiting[0].ID != top.ID {
		c.t.Errorf("waiting top-ups: %+v", waiting)
	}
	c.holdsFloat(2_500_000)
}

// testFloatSpare: what payments need that tellers hold stays in the float, and of
// those who take the last of it at the same time one does.
func testFloatSpare(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 3_000_000)
	manager := c.teller(c.outlet, counter.RoleManager)
	teller := c.teller(c.outlet, counter.RoleTeller)
	c.open(teller, 1_100_000)
	_, code := c.waiting()
	_, err := c.reserve(teller, code)
	w.must(err)
	_, err = c.service.MoveCash(w.ctx, teller, "back", counter.MoveFromDrawer, pesos(100_000))
	w.must(err)
	// The drawer lacks what the payment is more than the drawer holds.
	const need = paid - 1_000_000
	_, err = c.offer(manager, 2_000_000-need+1)
	w.refused(err, remit.KindPrecondition, remit.ReasonFloatNeeded)
	returns := make([]counter.FloatReturn, 4)
	for i := range returns {
		returns[i], err = c.offer(manager, 2_000_000-need)
		w.must(err)
	}
	errs := make([]error, len(returns))
	var all sync.WaitGroup
	for i, r := range returns {
		all.Add(1)
		go func() {
			defer all.Done()
			_, errs[i] = c.service.DecideFloatReturn(w.ctx, c.operator(), r.ID, true, "")
		}()
	}
	all.Wait()
	posted := 0
	for _, err := range errs {
		if err == nil {
			posted++
			continue
		}
		w.refused(err, remit.KindPrecondition, remit.ReasonFloatNeeded)
	}
	if posted != 1 {
		t.Errorf("%d of %d returns were booked, want 1: %v", posted, len(returns), errs)
	}
	c.holdsFloat(need)
	_, err = c.service.MoveCash(w.ctx, teller, "fill", counter.MoveToDrawer, pesos(need))
	w.must(err)
	w.verify()
}

// testFloatLow: a float that falls below its level is in the tenant's feed once,
// however often cash is taken, and again after it was filled up.
func testFloatLow(t *testing.T, w *world) {
	c := newCounters(w)
	teller := c.teller(c.outlet, counter.RoleTeller)
	manager := c.teller(c.outlet, counter.RoleManager)
	c.fund(c.outlet, 600_000)
	c.open(teller, 100_000) // Leaves the level itself, which is not below it.
	last := c.lowFloats(0)
	for i := range 3 {
		_, err := c.service.MoveCash(w.ctx, teller, fmt.Sprint("more", i), counter.MoveToDrawer, pesos(10_000))
		w.must(err)
	}
	last = c.lowFloats(1, last...)
	if f := last[0].Facts; f["outlet_id"] != string(c.outlet.ID) || f["agent_id"] != string(c.agent.ID) || f["float"] != "PHP 4900.00" || f["low_below"] != "PHP 5000.00" {
		t.Errorf("the fact says %v", f)
	}
	if e := last[0]; e.RemittanceID != "" || e.TenantID != w.tenant || e.At.IsZero() {
		t.Errorf("got %+v", e)
	}
	c.fund(c.outlet, 100_000)
	r, err := c.offer(manager, 100_000)
	w.must(err)
	for range 2 {
		_, err = c.service.DecideFloatReturn(w.ctx, c.operator(), r.ID, true, "")
		w.must(err)
	}
	last = c.lowFloats(1, last...)
	// Raising the level makes a float low as well, and a level above that does not.
	c.fund(c.outlet, 1_000_000)
	for _, level := range []int64{2_000_000, 3_000_000} {
		o, err := w.s.Outlet(w.ctx, w.tenant, c.outlet.ID)
		w.must(err)
		o.LowFloat = map[string]int64{"PHP": level}
		_, err = c.service.PutOutlet(w.ctx, c.operator(), o)
		w.must(err)
	}
	c.lowFloats(1, last...)
	// A refused act tells nothing.
	before, err := w.s.Events(w.ctx, w.tenant, "", 0, 1000)
	w.must(err)
	_, err = c.service.MoveCash(w.ctx, teller, "much", counter.MoveToDrawer, pesos(99_000_000))
	w.refused(err, remit.KindPrecondition, remit.ReasonFloatShort)
	after, err := w.s.Events(w.ctx, w.tenant, "", 0, 1000)
	w.must(err)
	if len(after) != len(before) {
		t.Errorf("a refused act told %d facts", len(after)-len(before))
	}
	if other, err := w.s.Events(w.ctx, "ten_other", "", 0, 1000); err != nil || len(other) != 0 {
		t.Errorf("another tenant reads %v, %v", other, err)
	}
}

// lowFloats reads the feed after the last fact that is known and checks how many
// floats became low since.
func (c *counters) lowFloats(want int, known ...remit.Event) []remit.Event {
	c.t.Helper()
	after := int64(0)
	if len(known) > 0 {
		after = known[len(known)-1].Feed
	}
	var low []remit.Event
	list, err := c.s.Events(c.ctx, c.tenant, "", after, 1000)
	c.must(err)
	for i, e := range list {
		if i > 0 && e.Feed <= list[i-1].Feed {
			c.t.Errorf("the feed is out of order: %d after %d", e.Feed, list[i-1].Feed)
		}
		if e.Type == counter.EventFloatLow {
			low = append(low, e)
		}
	}
	if len(low) != want {
		c.t.Fatalf("%d floats became low, want %d: %+v", len(low), want, low)
	}
	return low
}
