package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
)

// counterCells are the rows of the counters as a group sees them. They are made
// when the first unit asks for one.
type counterCells struct {
	agents    *cells[string, counter.Agent]
	outlets   *cells[string, counter.Outlet]
	tellers   *cells[string, counter.Teller]
	pickups   *cells[string, counter.Pickup]
	drawers   *cells[string, counter.Drawer]
	deposits  *cells[string, counter.Deposit]
	topUps    *cells[string, counter.TopUp]
	guards    *cells[string, counter.Guard]
	usage     *cells[string, counter.Usage]
	evidence  *cells[string, counter.Evidence]
	returns   *cells[string, counter.FloatReturn]
	movements []counter.Movement
	facts     []outletEvent
	// suspicions are reports, without their words.
	suspicions *cells[string, counter.Suspicion]
}

// atCounter returns the group's rows of the counters.
func (tx *Tx) atCounter() *counterCells {
	if tx.counter == nil {
		tx.counter = &counterCells{
			agents: bodies[counter.Agent](tx.log, "agents"), outlets: bodies[counter.Outlet](tx.log, "outlets"),
			tellers: bodies[counter.Teller](tx.log, "tellers"), pickups: bodies[counter.Pickup](tx.log, "pickups"),
			drawers: bodies[counter.Drawer](tx.log, "drawers"), deposits: bodies[counter.Deposit](tx.log, "deposits"), topUps: bodies[counter.TopUp](tx.log, "top_ups"),
			guards: bodies[counter.Guard](tx.log, "counter_guards"), usage: bodies[counter.Usage](tx.log, "counter_usage"),
			suspicions: bodies[counter.Suspicion](tx.log, "suspicions"),
			evidence:   bodies[counter.Evidence](tx.log, "counter_evidence"),
			returns:    bodies[counter.FloatReturn](tx.log, "float_returns"),
		}
	}
	return tx.counter
}

// bodies are cells of a table that keeps its rows as JSON.
func bodies[V any](log *undoLog, table string) *cells[string, V] {
	return newCells(log, "SELECT id, body, version FROM "+table+" WHERE id IN (", ")", func(c *cells[string, V], row scanner) error {
		var id, body string
		var version int64
		if err := row.Scan(&id, &body, &version); err != nil {
			return err
		}
		v, err := readBody[V](body)
		if err == nil {
			c.loaded(id, v, version)
		}
		return err
	})
}

func readBody[V any](body string) (v V, err error) {
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return v, fmt.Errorf("read a row of the counters: %w", err)
	}
	return v, nil
}

// writeBodies writes the changed rows of a table. columns are those between id
// and body; changes of them are written as well.
func writeBodies[V any](tx *Tx, c *cells[string, V], table string, columns []string, values func(V) []any) []statement {
	rows := changedRows(c, c.changed, func(id string, v V) []any {
		return append(append([]any{id}, values(v)...), toJSON(v))
	})
	all := append(append([]string{"id"}, columns...), "body", "version")
	sets := make([]string, 0, len(all))
	for _, name := range all[1:] {
		sets = append(sets, name+" = excluded."+name)
	}
	return tx.writeRows("INSERT INTO "+table+" ("+strings.Join(all, ", ")+") VALUES ",
		" ON CONFLICT (id) DO UPDATE SET "+strings.Join(sets, ", ")+" WHERE "+table+".version = excluded.version - 1", len(all), rows, true)
}

// writeCounter writes all that changed at the counters.
func (tx *Tx) writeCounter() []statement {
	c := tx.counter
	if c == nil {
		return nil
	}
	none := func() []any { return nil }
	out := writeBodies(tx, c.agents, "agents", []string{"tenant_id"}, func(a counter.Agent) []any { return []any{string(a.TenantID)} })
	out = append(out, writeBodies(tx, c.outlets, "outlets", []string{"tenant_id", "agent_id", "country", "city"}, func(o counter.Outlet) []any {
		return []any{string(o.TenantID), string(o.AgentID), string(o.Country), strings.ToLower(o.City)}
	})...)
	out = append(out, writeBodies(tx, c.tellers, "tellers", []string{"tenant_id", "agent_id", "outlet_id", "staff_id"}, func(t counter.Teller) []any {
		return []any{string(t.TenantID), string(t.AgentID), string(t.OutletID), string(t.StaffID)}
	})...)
	out = append(out, writeBodies(tx, c.pickups, "pickups", []string{"tenant_id", "code_hash", "state", "expires_at"}, func(p counter.Pickup) []any {
		return []any{string(p.TenantID), string(p.CodeHash), string(p.State), micros(p.ExpiresAt)}
	})...)
	out = append(out, writeBodies(tx, c.deposits, "deposits", []string{"tenant_id", "outlet_id", "state", "expires_at"}, func(d counter.Deposit) []any {
		return []any{string(d.TenantID), string(d.OutletID), string(d.State), micros(d.ExpiresAt)}
	})...)
	out = append(out, writeBodies(tx, c.drawers, "drawers", []string{"tenant_id", "outlet_id", "opened_at", "closed_at"}, func(d counter.Drawer) []any {
		return []any{string(d.TenantID), string(d.OutletID), micros(d.OpenedAt), micros(d.ClosedAt)}
	})...)
	out = append(out, writeBodies(tx, c.topUps, "top_ups", []string{"tenant_id", "outlet_id", "state"}, func(t counter.TopUp) []any {
		return []any{string(t.TenantID), string(t.OutletID), string(t.State)}
	})...)
	out = append(out, writeBodies(tx, c.returns, "float_returns", []string{"tenant_id", "outlet_id", "state"}, func(r counter.FloatReturn) []any {
		return []any{string(r.TenantID), string(r.OutletID), string(r.State)}
	})...)
	out = append(out, tx.writeOutletEvents()...)
	out = append(out, writeBodies(tx, c.guards, "counter_guards", nil, func(counter.Guard) []any { return none() })...)
	out = append(out, writeBodies(tx, c.usage, "counter_usage", nil, func(counter.Usage) []any { return none() })...)
	out = append(out, tx.writeEvidence()...)
	out = append(out, writeBodies(tx, c.suspicions, "suspicions", []string{"tenant_id", "teller_id"}, func(r counter.Suspicion) []any {
		return []any{string(r.TenantID), string(r.TellerID)}
	})...)
	return append(out, tx.writeMovements()...)
}

const movementColumns = `id, kind, tenant_id, agent_id, outlet_id, teller_id, to_teller, drawer_id, pickup_id, remittance_id, asset, minor, at, deposit_id, reference`

func (tx *Tx) writeMovements() []statement {
	rows := make([][]any, 0, len(tx.counter.movements))
	for _, m := range tx.counter.movements {
		rows = append(rows, []any{
			m.Key, string(m.Kind), string(m.TenantID), string(m.AgentID), string(m.OutletID), string(m.TellerID), string(m.ToTeller),
			string(m.DrawerID), string(m.PickupID), string(m.RemittanceID), m.Amount.Asset.String(), m.Amount.Minor, micros(m.At), string(m.DepositID), m.Reference,
		})
	}
	return tx.writeRows("INSERT INTO counter_movements ("+movementColumns+") VALUES ", "", 15, rows, true)
}

// counterTx is a unit's view of the counters.
type counterTx struct{ *Tx }

var _ counter.Tx = counterTx{}

// AtCounter runs an act at a counter as one unit. See counter.Store.
func (s *Store) AtCounter(ctx context.Context, act func(context.Context, counter.Tx) error) error {
	return s.commit(ctx, "act at a counter", needs{}, func(ctx context.Context, tx *Tx) error { return act(ctx, counterTx{tx}) })
}

// row reads a row of the counters. Errors: not_found.
func row[V any](ctx context.Context, tx *Tx, c *cells[string, V], what, id string) (V, error) {
	v, there, err := get(ctx, tx, c, id)
	if err == nil && !there {
		err = remit.NotFound(what, id)
	}
	return v, err
}

// store changes a row of the counters, which is read first if it was not.
func keepRow[V any](ctx context.Context, tx *Tx, c *cells[string, V], id string, v V) error {
	if _, _, err := get(ctx, tx, c, id); err != nil {
		return err
	}
	c.put(id, v)
	return nil
}

// Now is the time of everything the unit writes.
func (t counterTx) Now() time.Time { return t.now }

// Agent and the like are counter.Tx's.
func (t counterTx) Agent(ctx context.Context, id counter.AgentID) (counter.Agent, error) {
	return row(ctx, t.Tx, t.atCounter().agents, "agent", string(id))
}

// PutAgent is counter.Tx's.
func (t counterTx) PutAgent(ctx context.Context, a counter.Agent) error {
	return keepRow(ctx, t.Tx, t.atCounter().agents, string(a.ID), a)
}

// Outlet is counter.Tx's.
func (t counterTx) Outlet(ctx context.Context, id counter.OutletID) (counter.Outlet, error) {
	return row(ctx, t.Tx, t.atCounter().outlets, "outlet", string(id))
}

// PutOutlet is counter.Tx's.
func (t counterTx) PutOutlet(ctx context.Context, o counter.Outlet) error {
	return keepRow(ctx, t.Tx, t.atCounter().outlets, string(o.ID), o)
}

// Teller is counter.Tx's.
func (t counterTx) Teller(ctx context.Context, id counter.TellerID) (counter.Teller, error) {
	return row(ctx, t.Tx, t.atCounter().tellers, "teller", string(id))
}

// PutTeller is counter.Tx's.
func (t counterTx) PutTeller(ctx context.Context, v counter.Teller) error {
	return keepRow(ctx, t.Tx, t.atCounter().tellers, string(v.ID), v)
}

// Pickup is counter.Tx's.
func (t counterTx) Pickup(ctx context.Context, id counter.PickupID) (counter.Pickup, error) {
	return row(ctx, t.Tx, t.atCounter().pickups, "pickup", string(id))
}

// PutPickup is counter.Tx's.
func (t counterTx) PutPickup(ctx context.Context, p counter.Pickup) error {
	return keepRow(ctx, t.Tx, t.atCounter().pickups, string(p.ID), p)
}

// Drawer is counter.Tx's.
func (t counterTx) Drawer(ctx context.Context, id counter.DrawerID) (counter.Drawer, error) {
	return row(ctx, t.Tx, t.atCounter().drawers, "drawer", string(id))
}

// PutDrawer is counter.Tx's.
func (t counterTx) PutDrawer(ctx context.Context, d counter.Drawer) error {
	return keepRow(ctx, t.Tx, t.atCounter().drawers, string(d.ID), d)
}

// TopUp is counter.Tx's.
func (t counterTx) TopUp(ctx context.Context, id counter.TopUpID) (counter.TopUp, error) {
	return row(ctx, t.Tx, t.atCounter().topUps, "top-up", string(id))
}

// PutTopUp is counter.Tx's.
func (t counterTx) PutTopUp(ctx context.Context, v counter.TopUp) error {
	return keepRow(ctx, t.Tx, t.atCounter().topUps, string(v.ID), v)
}

// Guard is counter.Tx's.
func (t counterTx) Guard(ctx context.Context, key string) (counter.Guard, error) {
	g, _, err := get(ctx, t.Tx, t.atCounter().guards, key)
	return g, err
}

// PutGuard is counter.Tx's.
func (t counterTx) PutGuard(ctx context.Context, key string, g counter.Guard) error {
	return keepRow(ctx, t.Tx, t.atCounter().guards, key, g)
}

// Usage is counter.Tx's.
func (t counterTx) Usage(ctx context.Context, key string) (counter.Usage, error) {
	u, _, err := get(ctx, t.Tx, t.atCounter().usage, key)
	return u, err
}

// PutUsage is counter.Tx's.
func (t counterTx) PutUsage(ctx context.Context, key string, u counter.Usage) error {
	return keepRow(ctx, t.Tx, t.atCounter().usage, key, u)
}

// Float is counter.Tx's.
func (t counterTx) Float(ctx context.Context, outlet counter.OutletID, a remit.Asset) (remit.Money, error) {
	return t.posted(ctx, ledger.Agent(string(outlet)), a)
}

// Cash is counter.Tx's.
func (t counterTx) Cash(ctx context.Context, teller counter.TellerID, a remit.Asset) (remit.Money, error) {
	return t.posted(ctx, ledger.Drawer(string(teller)), a)
}

func (t counterTx) posted(ctx context.Context, account ledger.Account, a remit.Asset) (remit.Money, error) {
	b, _, err := get(ctx, t.Tx, t.balances, balanceID(ledger.AccountAsset{Account: account, Asset: a}))
	return remit.NewMoney(a, b.Posted-b.Held), err
}

// Payout is counter.Tx's: payable is false once the workflow asked the order to
// be withdrawn, when the order has ended, and while the remittance is not on
// its way to the beneficiary.
func (t counterTx) Payout(ctx context.Context, p counter.Pickup) (o ramps.Order, party int64, payable bool, err error) {
	o, there, err := get(ctx, t.Tx, t.rampOrders, p.OrderID)
	if err == nil && !there {
		err = remit.Errorf(remit.KindInternal, remit.ReasonInternal, "pickup %s has no payout order", p.ID)
	}
	if err != nil {
		return o, 0, false, err
	}
	r, there, err := get(ctx, t.Tx, t.remittances, p.RemittanceID)
	if err == nil && !there {
		err = remit.Errorf(remit.KindInternal, remit.ReasonInternal, "pickup %s has no remittance", p.ID)
	}
	if err != nil {
		return o, 0, false, err
	}
	who := statement{sql: "SELECT version FROM beneficiaries WHERE id = $1", args: []any{string(r.BeneficiaryID)}}
	if p.Refund {
		who = statement{sql: "SELECT version FROM customers WHERE id = $1", args: []any{string(r.CustomerID)}}
	}
	who.each = func(row scanner) error { return row.Scan(&party) }
	err = t.read(ctx, who)
	if p.Refund {
		payable = r.State == remit.StateRefunding && r.RefundOrder == o.ID && !o.CancelRequested && !o.Status.Final()
		return o, party, payable, err
	}
	onItsWay := r.State == remit.StatePayingOut || r.State == remit.StateReadyForPickup
	payable = onItsWay && r.PayoutOrder == o.ID && !o.CancelRequested && !o.Status.Final()
	return o, party, payable, err
}

// Answer is counter.Tx's: the same path that a provider's callback takes.
func (t counterTx) Answer(ctx context.Context, order remit.RampOrderID, a ramps.Answer) error {
	_, err := t.saveRampAnswer(ctx, order, a, t.now)
	return err
}
