package store

import (
	"context"
	"errors"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps/counter"
)

// Books is counter.Store's.
func (s *Store) Books(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID, tellers []counter.TellerID, from, to time.Time) (b counter.Books, err error) {
	held, accounts := heldBy(outlet, tellers)
	args := padded(accounts)
	err = s.picture(ctx, "read an outlet's books",
		movementSums(tenant, outlet, micros(from), &b.Before), movementSums(tenant, outlet, allTime, &b.AllTime),
		statement{
			// A commission of an earlier release names no teller; who paid it out does.
			sql: `SELECT m.kind, COALESCE(NULLIF(m.teller_id, ''), p.teller_id, ''), m.to_teller, m.asset, CAST(SUM(m.minor) AS BIGINT), COUNT(*)
				FROM counter_movements m LEFT JOIN counter_movements p ON m.kind = 'commission' AND p.id = 'counter/' || m.pickup_id || '/paid'
				WHERE m.tenant_id = $1 AND m.outlet_id = $2 AND m.at >= $3 AND m.at < $4 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
			args: []any{string(tenant), string(outlet), micros(from), micros(to)},
			each: func(row scanner) error {
				var m counter.MovementSum
				var asset string
				err := row.Scan(&m.Kind, &m.TellerID, &m.ToTeller, &asset, &m.Amount.Minor, &m.Count)
				return errors.Join(err, addSum(&b.Within, m, asset))
			},
		},
		statement{
			sql: "SELECT account, asset, posted FROM balances WHERE posted <> 0 AND account IN (" + inList(1, len(args)) + ")", args: args,
			each: func(row scanner) error {
				key, minor, err := scanSum(row)
				b.Held = append(b.Held, counter.Holding{TellerID: held[key.Account], Amount: remit.NewMoney(key.Asset, minor)})
				return err
			},
		},
		unbooked(" AND m.outlet_id = $2", tenant, string(outlet), from, to, &b.Unbooked))
	counter.SortHoldings(b.Held)
	return b, err
}

// AgentBooks is counter.Store's.
func (s *Store) AgentBooks(ctx context.Context, tenant remit.TenantID, agent counter.AgentID, from, to time.Time) (b counter.AgentBooks, err error) {
	sums := func(from, to int64, out *[]counter.MovementSum) statement {
		return statement{
			sql: `SELECT kind, asset, CAST(SUM(minor) AS BIGINT), COUNT(*) FROM counter_movements
				WHERE tenant_id = $1 AND agent_id = $2 AND at >= $3 AND at < $4 GROUP BY kind, asset ORDER BY kind, asset`,
			args: []any{string(tenant), string(agent), from, to},
			each: func(row scanner) error {
				var m counter.MovementSum
				var asset string
				err := row.Scan(&m.Kind, &asset, &m.Amount.Minor, &m.Count)
				return errors.Join(err, addSum(out, m, asset))
			},
		}
	}
	var before, all []counter.MovementSum
	err = s.picture(ctx, "read an agent's books", sums(0, micros(from), &before), sums(micros(from), micros(to), &b.Within), sums(0, allTime, &all),
		unbooked(" AND m.agent_id = $2 AND m.outlet_id = ''", tenant, string(agent), from, to, &b.Unbooked))
	for _, m := range before {
		b.Before = append(b.Before, m.Movement)
	}
	for _, m := range all {
		b.AllTime = append(b.AllTime, m.Movement)
	}
	return b, err
}

func addSum(out *[]counter.MovementSum, m counter.MovementSum, asset string) (err error) {
	m.Amount.Asset, err = remit.ParseAsset(asset)
	*out = append(*out, m)
	return err
}

// heldBy are the accounts of an outlet's float and its tellers' drawers.
func heldBy(outlet counter.OutletID, tellers []counter.TellerID) (map[ledger.Account]counter.TellerID, []string) {
	float := ledger.Agent(string(outlet))
	held, list := map[ledger.Account]counter.TellerID{float: ""}, []string{string(float)}
	for _, id := range tellers {
		drawer := ledger.Drawer(string(id))
		held[drawer], list = id, append(list, string(drawer))
	}
	return held, list
}

// picture runs reads that see the same moment.
func (s *Store) picture(ctx context.Context, doing string, list ...statement) error {
	tx, err := s.reads.BeginTx(ctx, &s.dialect.snapshot)
	if err != nil {
		return s.dialect.mapError(doing, err)
	}
	err = txRunner{tx}.run(ctx, list...)
	if end := tx.Rollback(); err == nil {
		err = end
	}
	if err != nil {
		return s.dialect.mapError(doing, err)
	}
	return nil
}

// unbooked counts the movements that the journal does not have with the same
// accounts and amount.
func unbooked(where string, tenant remit.TenantID, whose string, from, to time.Time, count *int) statement {
	return statement{
		sql: `SELECT m.kind, m.agent_id, m.outlet_id, m.teller_id, m.to_teller, m.asset, m.minor, COALESCE(p.debit, ''), COALESCE(p.credit, ''),
				COALESCE(p.asset, ''), COALESCE(p.minor, 0), COALESCE(p.moves, 0)
			FROM counter_movements m LEFT JOIN journal j ON j.key = m.id LEFT JOIN postings p ON p.seq = j.seq AND p.place = 1
			WHERE m.tenant_id = $1` + where + ` AND m.at >= $3 AND m.at < $4`,
		args: []any{string(tenant), whose, micros(from), micros(to)},
		each: func(row scanner) error {
			var m counter.Movement
			var moved, posted string
			var debit, credit ledger.Account
			var minor, moves int64
			if err := row.Scan(&m.Kind, &m.AgentID, &m.OutletID, &m.TellerID, &m.ToTeller, &moved, &m.Amount.Minor, &debit, &credit, &posted, &minor, &moves); err != nil {
				return err
			}
			want, _, err := postingOf(m)
			if err != nil || want.Debit != debit || want.Credit != credit || moved != posted || m.Amount.Minor != minor || moves != 1 {
				*count++
			}
			return nil
		},
	}
}

// MovementsAfter is counter.Store's. A negative limit is none.
func (s *Store) MovementsAfter(ctx context.Context, tenant remit.TenantID, agent counter.AgentID, outlet counter.OutletID, from, to time.Time,
	after counter.Movement, limit int,
) ([]counter.Movement, error) {
	if limit < 0 {
		limit = 1<<31 - 1
	}
	last := int64(-1)
	if !after.At.IsZero() {
		last = micros(after.At)
	}
	var out []counter.Movement
	err := s.query(ctx, "read movements", "SELECT "+movementColumns+` FROM counter_movements
		WHERE tenant_id = $1 AND agent_id = $2 AND ($3 = '' OR outlet_id = $3) AND at >= $4 AND at < $5 AND (at > $6 OR at = $6 AND id > $7)
		ORDER BY at, id LIMIT $8`,
		[]any{string(tenant), string(agent), string(outlet), micros(from), micros(to), last, after.Key, int64(limit)}, func(row scanner) error {
			m, err := scanMovement(row)
			out = append(out, m)
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// scanMovement reads a row of movementColumns.
func scanMovement(row scanner) (m counter.Movement, err error) {
	var asset string
	var at int64
	err = row.Scan(&m.Key, &m.Kind, &m.TenantID, &m.AgentID, &m.OutletID, &m.TellerID, &m.ToTeller, &m.DrawerID, &m.PickupID,
		&m.RemittanceID, &asset, &m.Amount.Minor, &at, &m.DepositID, &m.Reference)
	if err == nil {
		m.Amount.Asset, err = remit.ParseAsset(asset)
	}
	m.At = fromMicros(at)
	return m, err
}

// OutletCash is counter.Store's.
func (s *Store) OutletCash(ctx context.Context, tenant remit.TenantID) (map[counter.OutletID][]counter.Holding, error) {
	out := make(map[counter.OutletID][]counter.Holding)
	err := s.query(ctx, "read floats", `SELECT o.id, '', b.asset, b.posted FROM outlets o JOIN balances b ON b.account = 'agent/' || o.id WHERE o.tenant_id = $1
		UNION ALL SELECT t.outlet_id, t.id, b.asset, b.posted FROM tellers t JOIN balances b ON b.account = 'drawer/' || t.id
		WHERE t.tenant_id = $1 AND t.outlet_id <> ''`, []any{string(tenant)}, func(row scanner) error {
		var id counter.OutletID
		var h counter.Holding
		var asset string
		err := row.Scan(&id, &h.TellerID, &asset, &h.Amount.Minor)
		if err == nil {
			h.Amount.Asset, err = remit.ParseAsset(asset)
		}
		out[id] = append(out[id], h)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
