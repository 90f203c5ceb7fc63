package store

import (
	"context"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps/counter"
)

// FloatReturn is counter.Tx's.
func (t counterTx) FloatReturn(ctx context.Context, id counter.FloatReturnID) (counter.FloatReturn, error) {
	return row(ctx, t.Tx, t.atCounter().returns, "float return", string(id))
}

// PutFloatReturn is counter.Tx's.
func (t counterTx) PutFloatReturn(ctx context.Context, r counter.FloatReturn) error {
	return keepRow(ctx, t.Tx, t.atCounter().returns, string(r.ID), r)
}

// ReservedPickups is counter.Tx's: those that the database has as reserved, and
// those that the group has changed, each as the group has it.
func (t counterTx) ReservedPickups(ctx context.Context, tenant remit.TenantID) ([]counter.Pickup, error) {
	c := t.atCounter().pickups
	keys := slices.Clone(c.changed)
	err := t.read(ctx, statement{
		sql: "SELECT id FROM pickups WHERE tenant_id = $1 AND state = 'reserved' ORDER BY id", args: []any{string(tenant)},
		each: func(row scanner) error {
			var id string
			err := row.Scan(&id)
			keys = append(keys, id)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if err := t.read(ctx, c.reading(keys)...); err != nil {
		return nil, err
	}
	var out []counter.Pickup
	for _, k := range keys {
		if p, there := c.peek(k); there && p.TenantID == tenant && p.State == counter.StateReserved {
			out = append(out, p)
		}
	}
	return out, nil
}

// outletEvent is a fact about an outlet with its place in the feed.
type outletEvent struct {
	feed int64
	counter.OutletFact
}

// Fact is counter.Tx's.
func (t counterTx) Fact(_ context.Context, f counter.OutletFact) error {
	t.moveHead(func(h *head) { h.feed++ })
	list(t.log, &t.atCounter().facts, outletEvent{feed: t.head.feed, OutletFact: f})
	return nil
}

func (tx *Tx) writeOutletEvents() []statement {
	rows := make([][]any, 0, len(tx.counter.facts))
	for _, f := range tx.counter.facts {
		rows = append(rows, []any{f.feed, string(f.TenantID), string(f.OutletID), f.Type, micros(tx.now), toJSON(f.Facts)})
	}
	return tx.writeRows("INSERT INTO outlet_events (feed, tenant_id, outlet_id, type, at, facts) VALUES ", "", 6, rows, false)
}

// FloatReturns is counter.Store's.
func (s *Store) FloatReturns(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID) ([]counter.FloatReturn, error) {
	return bodyList[counter.FloatReturn](ctx, s, "read float returns", "float_returns",
		" WHERE tenant_id = $1 AND ($2 = '' OR outlet_id = $2) ORDER BY id DESC LIMIT 200", string(tenant), string(outlet))
}

// WaitingReturns is counter.Store's.
func (s *Store) WaitingReturns(ctx context.Context, tenant remit.TenantID, limit int) ([]counter.FloatReturn, error) {
	return bodyList[counter.FloatReturn](ctx, s, "read waiting float returns", "float_returns",
		" WHERE tenant_id = $1 AND state = 'requested' ORDER BY id LIMIT $2", string(tenant), int64(limit))
}

// WaitingTopUps is counter.Store's. A row that an earlier release wrote, or
// changed, has no state of its own or an old one: the body says it.
func (s *Store) WaitingTopUps(ctx context.Context, tenant remit.TenantID, limit int) ([]counter.TopUp, error) {
	out, err := bodyList[counter.TopUp](ctx, s, "read waiting top-ups", "top_ups",
		" WHERE tenant_id = $1 AND state IN ('', 'requested') ORDER BY id LIMIT $2", string(tenant), int64(limit))
	return slices.DeleteFunc(out, func(t counter.TopUp) bool { return t.State != counter.TopUpRequested }), err
}

// FloatMovements is counter.Store's.
func (s *Store) FloatMovements(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID, limit int) ([]counter.Movement, error) {
	var out []counter.Movement
	err := s.query(ctx, "read float movements", "SELECT "+movementColumns+` FROM counter_movements
		WHERE tenant_id = $1 AND outlet_id = $2 AND kind IN ('top_up', 'float_return', 'to_drawer', 'from_drawer') ORDER BY at DESC, id DESC LIMIT $3`,
		[]any{string(tenant), string(outlet), int64(limit)}, func(row scanner) error {
			m, err := scanMovement(row)
			out = append(out, m)
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CommissionsOwed is counter.Store's.
func (s *Store) CommissionsOwed(ctx context.Context, tenant remit.TenantID) (map[counter.AgentID][]remit.Money, error) {
	agents, err := s.Agents(ctx, tenant)
	if err != nil {
		return nil, err
	}
	list, err := s.Balances(ctx, string(commissionOwed("")))
	if err != nil {
		return nil, err
	}
	byAccount := make(map[ledger.Account]counter.AgentID, len(agents))
	for _, a := range agents {
		byAccount[commissionOwed(a.ID)] = a.ID
	}
	out := make(map[counter.AgentID][]remit.Money)
	for _, b := range list {
		if id, own := byAccount[b.Account]; own && !b.Posted.IsZero() {
			out[id] = append(out[id], b.Posted)
		}
	}
	return out, nil
}
