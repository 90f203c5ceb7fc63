package storetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// testCounterBooks: a period's statement, day book and floats say what moved, to the
// cent, and that the ledger says the same.
func testCounterBooks(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 5_000_000)
	by := c.teller(c.outlet, counter.RoleTeller)
	manager := c.teller(c.outlet, counter.RoleManager)
	d := c.open(by, 2_000_000)
	_, code := c.waiting()
	_, err := c.pay(by, code)
	w.must(err)
	_, err = c.service.CloseDrawer(w.ctx, by, counter.Close{DrawerID: d.ID, Counts: counted(2_000_000 - paid - 700), Reason: "a coin rolled away"})
	w.must(err)
	_, err = c.service.DecideDrawer(w.ctx, manager, d.ID, true)
	w.must(err)
	commission := int64(1000 + paid*50/10_000)
	w.must(c.service.PayCommission(w.ctx, c.operator(), counter.CommissionPayment{Key: "pay-1", AgentID: c.agent.ID, Amount: pesos(1000), Reference: "wire 4711"}))

	st, err := c.service.Settlement(w.ctx, w.tenant, c.agent.ID, "", "", "")
	w.must(err)
	if !st.Ties || len(st.Untied) != 0 || len(st.Outlets) != 1 || len(st.Totals) != 1 {
		w.t.Fatalf("got %+v", st)
	}
	total := st.Totals[0]
	if got, want := total.Closing, pesos(5_000_000-paid-700); got != want || !total.Opening.IsZero() {
		w.t.Errorf("opening %s, closing %s, want %s", total.Opening, got, want)
	}
	for kind, want := range map[counter.MovementKind]counter.StatementLine{
		counter.MoveTopUp:      {Count: 1, Amount: pesos(5_000_000), Effect: pesos(5_000_000)},
		counter.MovePayout:     {Count: 1, Amount: pesos(paid), Effect: pesos(-paid)},
		counter.MoveShort:      {Count: 1, Amount: pesos(700), Effect: pesos(-700)},
		counter.MoveToDrawer:   {Count: 1, Amount: pesos(2_000_000), Effect: pesos(0)},
		counter.MoveCommission: {Count: 1, Amount: pesos(commission), Effect: pesos(0)},
	} {
		want.Kind = kind
		if !slices.Contains(total.Lines, want) {
			w.t.Errorf("%s: got %+v, want %+v", kind, total.Lines, want)
		}
	}
	if want := (counter.CommissionBalance{Opening: pesos(0), Earned: pesos(commission), Paid: pesos(1000), Closing: pesos(commission - 1000)}); len(st.Commission) != 1 || st.Commission[0] != want {
		w.t.Errorf("commission %+v, want %+v", st.Commission, want)
	}
	if want := pesos(5_000_000 - paid - 700 - commission + 1000); len(st.Positions) != 1 || st.Positions[0].Net != want {
		w.t.Errorf("positions %+v, want net %s", st.Positions, want)
	}
	if len(st.Shares) != 1 || st.Shares[0].TellerID != by.TellerID || st.Shares[0].Earned != pesos(commission) {
		w.t.Errorf("shares %+v", st.Shares)
	}
	c.laterStatement(total.Closing)
	c.books(by, d.ID)
	c.pagesOfMovements()

	// What the journal does not have as the movements say it, the statement says.
	w.behind(t, "UPDATE counter_movements SET minor = minor + 1 WHERE kind = 'payout'")
	if st, err = c.service.Settlement(w.ctx, w.tenant, c.agent.ID, "", "", ""); err != nil || st.Ties || !slices.Equal(st.Untied, []string{string(c.outlet.ID)}) {
		w.t.Errorf("a movement was changed: ties %v, untied %v, %v", st.Ties, st.Untied, err)
	}
}

// laterStatement begins with what the one before ended with.
func (c *counters) laterStatement(before remit.Money) {
	c.t.Helper()
	next := c.clock.Now().AddDate(0, 0, 2).Format("2006-01-02")
	st, err := c.service.Settlement(c.ctx, c.tenant, c.agent.ID, c.outlet.ID, next, next)
	c.must(err)
	if st.Totals[0].Opening != before || st.Totals[0].Closing != before || len(st.Totals[0].Lines) != 0 || len(st.Positions) != 0 {
		c.t.Errorf("the next days: %+v, want %s throughout", st.Totals, before)
	}
	for _, days := range [][2]string{{"2026-02-30", "2026-03-01"}, {"2026-03-02", "2026-03-01"}, {"2024-01-01", "2026-01-01"}, {"x", ""}} {
		if _, err := c.service.Settlement(c.ctx, c.tenant, c.agent.ID, "", days[0], days[1]); remit.KindOf(err) != remit.KindInvalid {
			c.t.Errorf("a statement of %v: %v", days, err)
		}
	}
	if _, err := c.service.Settlement(c.ctx, "ten_other", c.agent.ID, "", "", ""); remit.KindOf(err) != remit.KindNotFound {
		c.t.Errorf("another tenant's statement: %v", err)
	}
}

// books checks the day book and the floats.
func (c *counters) books(by counter.Caller, drawer counter.DrawerID) {
	c.t.Helper()
	book, err := c.service.DayBook(c.ctx, c.tenant, c.outlet.ID, "")
	c.must(err)
	if !book.Ties || len(book.Drawers) != 1 || book.Drawers[0].ID != drawer || len(book.Tellers) != 1 || book.Tellers[0].ID != by.TellerID {
		c.t.Fatalf("got %+v", book)
	}
	if b := book.Tellers[0].Balances; len(b) != 1 || !b[0].Closing.IsZero() || len(b[0].Lines) != 4 {
		c.t.Errorf("the teller's day is %+v", b)
	}
	floats, err := c.service.Floats(c.ctx, c.tenant, "")
	c.must(err)
	if len(floats) != 1 || floats[0].Lines[0].Float != book.Balances[0].Closing || floats[0].Low() {
		c.t.Errorf("floats %+v", floats)
	}
}

func (c *counters) pagesOfMovements() {
	c.t.Helper()
	page := counter.MovementPage{AgentID: c.agent.ID, Limit: 2}
	seen := make(map[string]bool)
	for {
		list, err := c.service.PageOfMovements(c.ctx, c.tenant, page)
		c.must(err)
		if len(list) == 0 {
			break
		}
		for _, m := range list {
			if seen[m.Key] {
				c.t.Fatal(fmt.Sprintf("%s is on two pages", m.Key))
			}
			seen[m.Key] = true
		}
		page.After = list[len(list)-1]
	}
	if len(seen) != 7 {
		c.t.Errorf("%d movements on all pages: %v", len(seen), seen)
	}
}

// behind changes the database behind the store's back.
func (w *world) behind(t *testing.T, statement string) {
	t.Helper()
	driver, address := "pgx", w.dsn
	if path, is := strings.CutPrefix(w.dsn, "sqlite:"); is {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	w.must(err)
	_, err = db.ExecContext(w.ctx, statement)
	w.must(err)
	w.must(db.Close())
}
