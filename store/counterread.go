package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps/counter"
)

var _ counter.Store = (*Store)(nil)

// bodyList reads rows that are kept as JSON.
func bodyList[V any](ctx context.Context, s *Store, doing, table, rest string, args ...any) ([]V, error) {
	var out []V
	err := s.query(ctx, doing, "SELECT body FROM "+table+rest, args, func(row scanner) error {
		var body string
		if err := row.Scan(&body); err != nil {
			return err
		}
		v, err := readBody[V](body)
		out = append(out, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// bodyOf reads one such row of a tenant. Errors: not_found.
func bodyOf[V any](ctx context.Context, s *Store, what, table string, tenant remit.TenantID, id string) (V, error) {
	list, err := bodyList[V](ctx, s, "read "+what, table, " WHERE id = $1 AND tenant_id = $2", id, string(tenant))
	if err == nil && len(list) == 0 {
		err = remit.NotFound(what, id)
	}
	if err != nil {
		var none V
		return none, err
	}
	return list[0], nil
}

// PickupByCode is counter.Store's.
func (s *Store) PickupByCode(ctx context.Context, tenant remit.TenantID, hash counter.CodeHash) (counter.Pickup, error) {
	list, err := bodyList[counter.Pickup](ctx, s, "find a pickup", "pickups", ` WHERE tenant_id = $1 AND code_hash = $2
		ORDER BY CASE WHEN state IN ('waiting', 'reserved') THEN 0 ELSE 1 END, id DESC LIMIT 1`, string(tenant), string(hash))
	if err == nil && (len(list) == 0 || hash == "") {
		err = remit.Errorf(remit.KindNotFound, remit.ReasonPickupNotFound, "there is no such pickup")
	}
	if err != nil {
		return counter.Pickup{}, err
	}
	return list[0], nil
}

// Pickup is counter.Store's.
func (s *Store) Pickup(ctx context.Context, tenant remit.TenantID, id counter.PickupID) (counter.Pickup, error) {
	return bodyOf[counter.Pickup](ctx, s, "pickup", "pickups", tenant, string(id))
}

// OverduePickups is counter.Store's.
func (s *Store) OverduePickups(ctx context.Context, now time.Time, limit int) ([]counter.Pickup, error) {
	return bodyList[counter.Pickup](ctx, s, "read overdue pickups", "pickups",
		" WHERE state IN ('waiting', 'reserved') AND expires_at <= $1 ORDER BY expires_at LIMIT $2", micros(now), int64(limit))
}

// ReservedPickups is counter.Store's.
func (s *Store) ReservedPickups(ctx context.Context, tenant remit.TenantID) ([]counter.Pickup, error) {
	return bodyList[counter.Pickup](ctx, s, "read reserved pickups", "pickups", " WHERE tenant_id = $1 AND state = 'reserved' ORDER BY id", string(tenant))
}

// payee returns the beneficiary of a pickup's remittance.
func (s *Store) payee(ctx context.Context, p counter.Pickup) (remit.Beneficiary, error) {
	r, err := s.remittance(ctx, p.RemittanceID)
	if err != nil {
		return remit.Beneficiary{}, err
	}
	return s.Beneficiary(ctx, r.TenantID, r.BeneficiaryID)
}

// Agent is counter.Store's.
func (s *Store) Agent(ctx context.Context, tenant remit.TenantID, id counter.AgentID) (counter.Agent, error) {
	return bodyOf[counter.Agent](ctx, s, "agent", "agents", tenant, string(id))
}

// Agents is counter.Store's.
func (s *Store) Agents(ctx context.Context, tenant remit.TenantID) ([]counter.Agent, error) {
	return bodyList[counter.Agent](ctx, s, "read agents", "agents", " WHERE tenant_id = $1 ORDER BY id", string(tenant))
}

// Outlet is counter.Store's.
func (s *Store) Outlet(ctx context.Context, tenant remit.TenantID, id counter.OutletID) (counter.Outlet, error) {
	return bodyOf[counter.Outlet](ctx, s, "outlet", "outlets", tenant, string(id))
}

// Outlets is counter.Store's.
func (s *Store) Outlets(ctx context.Context, f counter.OutletFilter) ([]counter.Outlet, error) {
	where, args := []string{"tenant_id = $1"}, []any{string(f.TenantID)}
	for _, by := range []struct{ column, value string }{
		{"agent_id", string(f.AgentID)}, {"country", string(f.Country)}, {"city", strings.ToLower(f.City)},
	} {
		if by.value != "" {
			args = append(args, by.value)
			where = append(where, fmt.Sprintf("%s = $%d", by.column, len(args)))
		}
	}
	return bodyList[counter.Outlet](ctx, s, "read outlets", "outlets", " WHERE "+strings.Join(where, " AND ")+" ORDER BY id", args...)
}

// Teller is counter.Store's.
func (s *Store) Teller(ctx context.Context, tenant remit.TenantID, id counter.TellerID) (counter.Teller, error) {
	return bodyOf[counter.Teller](ctx, s, "teller", "tellers", tenant, string(id))
}

// TellerOfStaff is counter.Store's.
func (s *Store) TellerOfStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID) (counter.Teller, error) {
	list, err := bodyList[counter.Teller](ctx, s, "read teller", "tellers", " WHERE staff_id = $1 AND tenant_id = $2", string(id), string(tenant))
	if err == nil && (len(list) == 0 || id == "") {
		err = remit.NotFound("teller of", string(id))
	}
	if err != nil {
		return counter.Teller{}, err
	}
	return list[0], nil
}

// Tellers is counter.Store's.
func (s *Store) Tellers(ctx context.Context, tenant remit.TenantID, agent counter.AgentID, outlet counter.OutletID) ([]counter.Teller, error) {
	return bodyList[counter.Teller](ctx, s, "read tellers", "tellers",
		" WHERE tenant_id = $1 AND ($2 = '' OR agent_id = $2) AND ($3 = '' OR outlet_id = $3) ORDER BY id", string(tenant), string(agent), string(outlet))
}

// Drawer is counter.Store's.
func (s *Store) Drawer(ctx context.Context, tenant remit.TenantID, id counter.DrawerID) (counter.Drawer, error) {
	return bodyOf[counter.Drawer](ctx, s, "drawer", "drawers", tenant, string(id))
}

// Drawers is counter.Store's.
func (s *Store) Drawers(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID, from, to time.Time) ([]counter.Drawer, error) {
	return bodyList[counter.Drawer](ctx, s, "read drawers", "drawers",
		" WHERE tenant_id = $1 AND outlet_id = $2 AND opened_at < $3 AND (closed_at = 0 OR closed_at >= $4) ORDER BY opened_at, id",
		string(tenant), string(outlet), micros(to), micros(from))
}

// TopUp is counter.Store's.
func (s *Store) TopUp(ctx context.Context, tenant remit.TenantID, id counter.TopUpID) (counter.TopUp, error) {
	return bodyOf[counter.TopUp](ctx, s, "top-up", "top_ups", tenant, string(id))
}

// TopUps is counter.Store's.
func (s *Store) TopUps(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID) ([]counter.TopUp, error) {
	return bodyList[counter.TopUp](ctx, s, "read top-ups", "top_ups", " WHERE tenant_id = $1 AND ($2 = '' OR outlet_id = $2) ORDER BY id DESC LIMIT 200",
		string(tenant), string(outlet))
}

// Movements is counter.Store's.
func (s *Store) Movements(ctx context.Context, tenant remit.TenantID, agent counter.AgentID, outlet counter.OutletID, from, to time.Time) ([]counter.Movement, error) {
	return s.MovementsAfter(ctx, tenant, agent, outlet, from, to, counter.Movement{}, -1)
}

// movementSums is the statement that sums an outlet's movements before a moment.
func movementSums(tenant remit.TenantID, outlet counter.OutletID, before int64, out *[]counter.Movement) statement {
	return statement{
		sql: `SELECT kind, teller_id, to_teller, asset, CAST(SUM(minor) AS BIGINT) FROM counter_movements
			WHERE tenant_id = $1 AND outlet_id = $2 AND at < $3 GROUP BY kind, teller_id, to_teller, asset`,
		args: []any{string(tenant), string(outlet), before},
		each: func(row scanner) error {
			var m counter.Movement
			var asset string
			err := row.Scan(&m.Kind, &m.TellerID, &m.ToTeller, &asset, &m.Amount.Minor)
			if err == nil {
				m.Amount.Asset, err = remit.ParseAsset(asset)
			}
			*out = append(*out, m)
			return err
		},
	}
}

// MovementSums is counter.Store's.
func (s *Store) MovementSums(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID, before time.Time) ([]counter.Movement, error) {
	var out []counter.Movement
	st := movementSums(tenant, outlet, micros(before), &out)
	if err := s.query(ctx, "sum movements", st.sql, st.args, st.each); err != nil {
		return nil, err
	}
	return out, nil
}

// allTime is after every movement.
const allTime = int64(1) << 62

// Holdings is counter.Store's.
func (s *Store) Holdings(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID, tellers []counter.TellerID) (held []counter.Holding, sums []counter.Movement, err error) {
	tx, err := s.reads.BeginTx(ctx, &s.dialect.snapshot)
	if err != nil {
		return nil, nil, s.dialect.mapError("read holdings", err)
	}
	accounts := map[ledger.Account]counter.TellerID{ledger.Agent(string(outlet)): ""}
	list := []string{string(ledger.Agent(string(outlet)))}
	for _, id := range tellers {
		accounts[ledger.Drawer(string(id))] = id
		list = append(list, string(ledger.Drawer(string(id))))
	}
	args := padded(list)
	err = txRunner{tx}.run(ctx, statement{
		sql: "SELECT account, asset, posted FROM balances WHERE posted <> 0 AND account IN (" + inList(1, len(args)) + ")", args: args,
		each: func(row scanner) error {
			key, minor, err := scanSum(row)
			held = append(held, counter.Holding{TellerID: accounts[key.Account], Amount: remit.NewMoney(key.Asset, minor)})
			return err
		},
	}, movementSums(tenant, outlet, allTime, &sums))
	if end := tx.Rollback(); err == nil {
		err = end
	}
	if err != nil {
		return nil, nil, s.dialect.mapError("read holdings", err)
	}
	counter.SortHoldings(held)
	return held, sums, nil
}

// CommissionOwed is counter.Store's.
func (s *Store) CommissionOwed(ctx context.Context, tenant remit.TenantID, agent counter.AgentID) ([]remit.Money, error) {
	if _, err := s.Agent(ctx, tenant, agent); err != nil {
		return nil, err
	}
	account := commissionOwed(agent)
	list, err := s.Balances(ctx, string(account))
	if err != nil {
		return nil, err
	}
	var out []remit.Money
	for _, b := range list {
		if b.Account == account && !b.Posted.IsZero() {
			out = append(out, b.Posted)
		}
	}
	return out, nil
}

// identityPlace names where a document is sealed.
func identityPlace(p counter.Pickup) string { return "pickups/" + string(p.ID) }

// SealIdentity is counter.Store's: who erases the beneficiary erases the document.
func (s *Store) SealIdentity(ctx context.Context, p counter.Pickup, id counter.Identity) ([]byte, error) {
	key, err := s.payeeKey(ctx, p)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(id)
	if err != nil {
		return nil, fmt.Errorf("seal a document: %w", err)
	}
	return seal(key, plain, identityPlace(p))
}

// OpenIdentity is counter.Store's.
func (s *Store) OpenIdentity(ctx context.Context, p counter.Pickup) (counter.Identity, error) {
	var id counter.Identity
	key, err := s.payeeKey(ctx, p)
	if err != nil {
		return id, err
	}
	plain, err := unseal(key, p.Identity, identityPlace(p))
	if err != nil {
		return id, err
	}
	if err := json.Unmarshal(plain, &id); err != nil {
		return id, fmt.Errorf("open a document: %w", err)
	}
	return id, nil
}

func (s *Store) payeeKey(ctx context.Context, p counter.Pickup) ([]byte, error) {
	r, err := s.remittance(ctx, p.RemittanceID)
	if err != nil {
		return nil, err
	}
	if p.Refund {
		return s.ownerKey(ctx, "customers/"+string(r.CustomerID), "customer")
	}
	return s.ownerKey(ctx, "beneficiaries/"+string(r.BeneficiaryID), "beneficiary")
}

// Sender is counter.Store's.
func (s *Store) Sender(ctx context.Context, p counter.Pickup) (remit.Party, error) {
	r, err := s.remittance(ctx, p.RemittanceID)
	if err != nil {
		return remit.Party{}, err
	}
	c, err := s.Customer(ctx, r.TenantID, r.CustomerID)
	return c.Party, err
}

// Payee is counter.Store's.
func (s *Store) Payee(ctx context.Context, p counter.Pickup) (remit.Party, int64, error) {
	if p.Refund {
		return s.refunded(ctx, p)
	}
	b, err := s.payee(ctx, p)
	if err == nil && b.Party == (remit.Party{}) {
		err = remit.Errorf(remit.KindPrecondition, remit.ReasonNotFound, "the beneficiary was erased")
	}
	return b.Party, b.Version, err
}

// refunded is the originator, who fetches what goes back.
func (s *Store) refunded(ctx context.Context, p counter.Pickup) (remit.Party, int64, error) {
	r, err := s.remittance(ctx, p.RemittanceID)
	if err != nil {
		return remit.Party{}, 0, err
	}
	c, err := s.Customer(ctx, r.TenantID, r.CustomerID)
	if err == nil && c.Party == (remit.Party{}) {
		err = remit.Errorf(remit.KindPrecondition, remit.ReasonNotFound, "the customer was erased")
	}
	return c.Party, c.Version, err
}
