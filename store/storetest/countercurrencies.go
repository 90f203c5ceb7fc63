package storetest

import (
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps/counter"
)

// testCounterCurrencies: an outlet does not stop holding a currency while there
// is cash of it in its float or in a drawer. Nobody saw, counted or could hand
// back what was left.
func testCounterCurrencies(t *testing.T, w *world) {
	c := newCounters(w)
	both := func(o *counter.Outlet) { o.Currencies = []string{"PHP", "USD"} }
	o := c.newOutlet(c.agent, "Cubao", both)
	teller, manager := c.teller(o, counter.RoleTeller), c.teller(o, counter.RoleManager)
	drop := func() error {
		t.Helper()
		fewer := o
		fewer.Currencies, fewer.LowFloat = []string{"USD"}, nil
		_, err := c.service.PutOutlet(w.ctx, c.operator(), fewer)
		return err
	}
	held := func() {
		t.Helper()
		w.refused(drop(), remit.KindConflict, remit.ReasonStateConflict)
	}
	c.fund(o, 1_000_000)
	held()
	d := c.open(teller, 1_000_000)
	w.wantBalance(ledger.Agent(string(o.ID)), php, 0, 0)
	held()
	// Counted short, the cash waits in the drawer for a manager's word.
	_, err := c.service.CloseDrawer(w.ctx, teller, counter.Close{DrawerID: d.ID, Counts: counted(900_000)})
	w.must(err)
	held()
	_, err = c.service.DecideDrawer(w.ctx, manager, d.ID, true)
	w.must(err)
	held()
	_, err = c.service.CollectFloat(w.ctx, c.operator(), counter.Collect{
		ID: id[counter.FloatReturnID](w, counter.PrefixFloatReturn), OutletID: o.ID, Amount: pesos(900_000), HandedOver: manager.TellerID, Reference: "seal 7",
	})
	w.must(err)
	w.must(drop())
	// What is not dropped may always be said again, and more be held.
	w.must(drop())
	_, err = c.service.PutOutlet(w.ctx, c.operator(), o)
	w.must(err)
	w.verify()
}
