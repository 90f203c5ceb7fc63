package store

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	orderColumns = `id, remittance_id, tenant_id, leg, rail, asset, minor, destination, memo, release_decision,
	mode, due_at, reserve_minor, claimable, claim, claim_status, claim_since, claim_until, claim_hash, reclaims, status, reason, attempt, hash, created_at, updated_at, version`
	selectOrders = "SELECT " + orderColumns + " FROM orders"
	insertOrders = "INSERT INTO orders (" + orderColumns + ") VALUES "
	updateOrders = ` ON CONFLICT (id) DO UPDATE SET status = excluded.status, reason = excluded.reason, attempt = excluded.attempt,
	hash = excluded.hash, claim = excluded.claim, claim_status = excluded.claim_status, claim_since = excluded.claim_since,
	claim_until = excluded.claim_until, claim_hash = excluded.claim_hash, updated_at = excluded.updated_at, version = excluded.version WHERE orders.version = excluded.version - 1`
)

func scanOrder(row scanner) (o settlement.Order, version int64, err error) {
	var asset string
	var leg, due, reserve, claimable, since, until, created, updated int64
	err = row.Scan(&o.ID, &o.RemittanceID, &o.TenantID, &leg, &o.Rail, &asset, &o.Amount.Minor, &o.Destination, &o.Memo, &o.Release,
		&o.Mode, &due, &reserve, &claimable,
		&o.Claim.ID, &o.Claim.Status, &since, &until, &o.Claim.Hash, &o.Reclaims, &o.Status, &o.Reason, &o.Attempt, &o.Hash, &created, &updated, &version)
	if err == nil {
		o.Amount.Asset, err = remit.ParseAsset(asset)
	}
	if err != nil {
		return o, 0, fmt.Errorf("read a settlement order: %w", err)
	}
	o.Leg, o.Claimable, o.CreatedAt, o.UpdatedAt = int(leg), claimable != 0, fromMicros(created), fromMicros(updated)
	if o.Claim.ID != "" && until != 0 {
		o.Claim.Since, o.Claim.Until = fromMicros(since), fromMicros(until)
	}
	if reserve > 0 {
		o.Reserve = remit.NewMoney(o.Amount.Asset, reserve)
	}
	if o.Mode == settlement.ModeNetted {
		o.Window = fromMicros(due).Sub(o.CreatedAt)
	}
	return o, version, nil
}

func fillOrder(c *cells[remit.OrderID, settlement.Order], row scanner) error {
	o, version, err := scanOrder(row)
	if err != nil {
		return err
	}
	c.loaded(o.ID, o, version)
	return nil
}

func (tx *Tx) writeOrders() []statement {
	rows := changedRows(tx.orders, tx.orders.changed, func(_ remit.OrderID, o settlement.Order) []any {
		return []any{
			string(o.ID), string(o.RemittanceID), string(o.TenantID), int64(o.Leg), string(o.Rail), o.Amount.Asset.String(), o.Amount.Minor,
			o.Destination, o.Memo, string(o.Release), string(o.Mode), micros(o.CreatedAt.Add(o.Window)), o.Reserve.Minor, flag(o.Claimable), o.Claim.ID, string(o.Claim.Status), momentOf(o.Claim.Since), momentOf(o.Claim.Until), o.Claim.Hash, string(o.Reclaims), string(o.Status), string(o.Reason), string(o.Attempt), o.Hash,
			micros(o.CreatedAt), micros(o.UpdatedAt),
		}
	})
	return tx.writeRows(insertOrders, updateOrders, 27, rows, true)
}

// momentOf is the stored form of a time that may not be set.
func momentOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return micros(t)
}

// flag is the stored form of a yes or no.
func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// placeOrder stores a new settlement order. The same order again does nothing.
func (tx *Tx) placeOrder(ctx context.Context, r *remit.Remittance, o settlement.Order) error {
	if o.ID == "" || o.Rail == "" || !o.Amount.IsPositive() || o.Leg < 1 || (o.RemittanceID != "" && o.RemittanceID != r.ID) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %q is malformed", o.ID)
	}
	switch o.Mode {
	case "":
		o.Mode = settlement.ModeBatched
	case settlement.ModeSingle, settlement.ModeBatched, settlement.ModeNetted:
	default:
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s travels as %q", o.ID, string(o.Mode))
	}
	if o.Reserve.IsPositive() && o.Reserve.Asset != o.Amount.Asset || o.Reserve.Minor < 0 {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s reserves %s for %s", o.ID, o.Reserve, o.Amount)
	}
	if o.Window < 0 || (o.Window > 0 && o.Mode != settlement.ModeNetted) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s is %s and waits %s for others", o.ID, o.Mode, o.Window)
	}
	o.RemittanceID, o.TenantID = r.ID, r.TenantID
	if err := tx.wellReclaimed(ctx, &o); err != nil {
		return err
	}
	o.Status, o.Reason, o.Attempt, o.Hash = settlement.OrderQueued, "", "", ""
	before, there, err := get(ctx, tx, tx.orders, o.ID)
	if err != nil {
		return err
	}
	if there {
		if before.RemittanceID != o.RemittanceID || before.Leg != o.Leg || before.Rail != o.Rail || before.Amount != o.Amount || before.Reserve.Minor != o.Reserve.Minor || before.Destination != o.Destination || before.Claimable != o.Claimable || before.Reclaims != o.Reclaims {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "settlement order %s is there with other content", o.ID)
		}
		return nil
	}
	o.CreatedAt, o.UpdatedAt = tx.now, tx.now
	tx.orders.put(o.ID, o)
	return nil
}

// SettlementOrder returns a settlement order of any tenant. Errors: not_found.
func (s *Store) SettlementOrder(ctx context.Context, id remit.OrderID) (settlement.Order, error) {
	list, err := s.orders(ctx, " WHERE id = $1", string(id))
	if err != nil {
		return settlement.Order{}, err
	}
	if len(list) == 0 {
		return settlement.Order{}, remit.NotFound("settlement order", string(id))
	}
	return list[0], nil
}

// QueuedOrders returns the queued orders of a rail whose window has passed, in
// the order in which it did, at most limit.
func (s *Store) QueuedOrders(ctx context.Context, rail remit.Rail, limit int) ([]settlement.Order, error) {
	return s.orders(ctx, " WHERE status = 'queued' AND rail = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
		string(rail), micros(s.clock.Now()), int64(max(limit, 0)))
}

// NettedOrders returns the queued netted orders of a rail that share a payment,
// oldest first, at most limit.
func (s *Store) NettedOrders(ctx context.Context, rail remit.Rail, n settlement.Netting, limit int) ([]settlement.Order, error) {
	return s.orders(ctx, ` WHERE status = 'queued' AND mode = 'netted' AND rail = $1 AND destination = $2 AND asset = $3
		ORDER BY created_at, id LIMIT $4`, string(rail), n.Destination, n.Asset.String(), int64(max(limit, 0)))
}

// FullNetting returns the payment of a rail that at least count queued netted
// orders share, the one waiting longest if there are several; nil if none.
func (s *Store) FullNetting(ctx context.Context, rail remit.Rail, count int) (*settlement.Netting, error) {
	var out *settlement.Netting
	err := s.query(ctx, "look for full netted payments", `SELECT destination, asset FROM orders
		WHERE status = 'queued' AND mode = 'netted' AND rail = $1
		GROUP BY destination, asset HAVING COUNT(*) >= $2 ORDER BY MIN(created_at), destination, asset LIMIT 1`,
		[]any{string(rail), int64(count)}, func(row scanner) error {
			var n settlement.Netting
			var asset string
			err := row.Scan(&n.Destination, &asset)
			if err == nil {
				n.Asset, err = remit.ParseAsset(asset)
			}
			out = &n
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// OrdersOf returns the orders of an attempt, in the order of the attempt.
func (s *Store) OrdersOf(ctx context.Context, id remit.AttemptID) ([]settlement.Order, error) {
	return s.orders(ctx, ` JOIN (SELECT order_id, place FROM attempt_orders WHERE attempt_id = $1) carried
		ON carried.order_id = orders.id ORDER BY carried.place`, string(id))
}

// orders reads settlement orders by what follows FROM orders.
func (s *Store) orders(ctx context.Context, rest string, args ...any) ([]settlement.Order, error) {
	var out []settlement.Order
	err := s.query(ctx, "read settlement orders", selectOrders+rest, args, func(row scanner) error {
		o, _, err := scanOrder(row)
		out = append(out, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// endOrder ends an order as settled or failed, with its event and its notice.
func (tx *Tx) endOrder(ctx context.Context, o settlement.Order) error {
	row, there, err := get(ctx, tx, tx.remittances, o.RemittanceID)
	if err != nil {
		return err
	}
	if !there {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s has no remittance", o.ID)
	}
	o.UpdatedAt = tx.now
	tx.orders.put(o.ID, o)
	facts := map[string]string{"order": string(o.ID), "rail": string(o.Rail)}
	kind := "settlement.failed"
	switch {
	case o.Reclaims != "" && o.Status == settlement.OrderSettled:
		kind, facts["hash"], facts["claim"] = "settlement.reclaimed", o.Hash, o.Claim.ID
	case o.Reclaims != "":
		kind, facts["claim"] = "settlement.reclaim_failed", o.Claim.ID
	case o.Status == settlement.OrderSettled:
		kind, facts["hash"] = "settlement.final", o.Hash
		if o.Claim.ID != "" {
			facts["claim"] = o.Claim.ID
		}
	}
	tx.event(&row.Remittance, kind, o.Reason, facts)
	tx.remittances.put(row.ID, row)
	tx.notice(remit.Notice{
		RemittanceID: o.RemittanceID, Kind: remit.NoticeSettlement, Ref: string(o.ID), Status: string(o.Status), Reason: o.Reason,
	})
	return nil
}
