package store

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

const (
	rampOrderColumns = `id, remittance_id, tenant_id, direction, provider, method, country, asset, minor, refund_of,
	status, reason, provider_reference, received_asset, received_minor, cancel_requested, tries, next_try, created_at, updated_at, version`
	selectRampOrders = "SELECT " + rampOrderColumns + " FROM ramp_orders"
	insertRampOrders = "INSERT INTO ramp_orders (" + rampOrderColumns + ") VALUES "
	updateRampOrders = ` ON CONFLICT (id) DO UPDATE SET status = excluded.status, reason = excluded.reason,
	provider_reference = excluded.provider_reference, received_asset = excluded.received_asset, received_minor = excluded.received_minor,
	cancel_requested = excluded.cancel_requested, tries = excluded.tries, next_try = excluded.next_try, updated_at = excluded.updated_at,
	version = excluded.version WHERE ramp_orders.version = excluded.version - 1`
)

func scanRampOrder(row scanner) (o ramps.Order, version int64, err error) {
	var asset, received string
	var cancel, tries, next, created, updated int64
	err = row.Scan(&o.ID, &o.RemittanceID, &o.TenantID, &o.Direction, &o.Provider, &o.Method, &o.Country, &asset, &o.Amount.Minor, &o.RefundOf,
		&o.Status, &o.Reason, &o.ProviderReference, &received, &o.Received.Minor, &cancel, &tries, &next, &created, &updated, &version)
	if err == nil {
		o.Amount.Asset, err = remit.ParseAsset(asset)
	}
	if err == nil && received != "" {
		o.Received.Asset, err = remit.ParseAsset(received)
	}
	if err != nil {
		return o, 0, fmt.Errorf("read a ramp order: %w", err)
	}
	o.CancelRequested, o.Tries = cancel == 1, int(tries)
	o.NextTry, o.CreatedAt, o.UpdatedAt = fromMicros(next), fromMicros(created), fromMicros(updated)
	return o, version, nil
}

func fillRampOrder(c *cells[remit.RampOrderID, ramps.Order], row scanner) error {
	o, version, err := scanRampOrder(row)
	if err != nil {
		return err
	}
	c.loaded(o.ID, o, version)
	return nil
}

func (tx *Tx) writeRampOrders() []statement {
	rows := changedRows(tx.rampOrders, tx.rampOrders.changed, func(_ remit.RampOrderID, o ramps.Order) []any {
		cancel := int64(0)
		if o.CancelRequested {
			cancel = 1
		}
		return []any{
			string(o.ID), string(o.RemittanceID), string(o.TenantID), string(o.Direction), o.Provider, o.Method, string(o.Country),
			o.Amount.Asset.String(), o.Amount.Minor, string(o.RefundOf), string(o.Status), string(o.Reason), o.ProviderReference,
			assetText(o.Received.Asset), o.Received.Minor, cancel, int64(o.Tries), micros(o.NextTry), micros(o.CreatedAt), micros(o.UpdatedAt),
		}
	})
	return tx.writeRows(insertRampOrders, updateRampOrders, 21, rows, true)
}

// placeRampOrder stores a new ramp order. The same order again does nothing.
func (tx *Tx) placeRampOrder(ctx context.Context, r *remit.Remittance, o ramps.Order) error {
	if o.ID == "" || o.Provider == "" || !o.Amount.IsPositive() || o.Direction == "" || (o.RemittanceID != "" && o.RemittanceID != r.ID) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "ramp order %q is malformed", o.ID)
	}
	o.RemittanceID, o.TenantID = r.ID, r.TenantID
	before, there, err := get(ctx, tx, tx.rampOrders, o.ID)
	if err != nil {
		return err
	}
	if there {
		if before.RemittanceID != o.RemittanceID || before.Direction != o.Direction || before.Provider != o.Provider || before.Amount != o.Amount {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ramp order %s is there with other content", o.ID)
		}
		return nil
	}
	o.Status, o.CreatedAt, o.UpdatedAt = ramps.StatusQueued, tx.now, tx.now
	if o.NextTry.IsZero() {
		o.NextTry = tx.now
	}
	tx.rampOrders.put(o.ID, o)
	return nil
}

// cancelRampOrder asks the desk to withdraw an order that is not final.
func (tx *Tx) cancelRampOrder(ctx context.Context, id remit.RampOrderID) error {
	o, there, err := get(ctx, tx, tx.rampOrders, id)
	if err != nil {
		return err
	}
	if !there {
		return remit.NotFound("ramp order", string(id))
	}
	if o.Status.Final() || o.CancelRequested {
		return nil
	}
	o.CancelRequested, o.NextTry, o.UpdatedAt = true, tx.now, tx.now
	tx.rampOrders.put(id, o)
	return nil
}

// RampOrder returns a ramp order of any tenant. Errors: not_found.
func (s *Store) RampOrder(ctx context.Context, id remit.RampOrderID) (ramps.Order, error) {
	list, err := s.rampOrders(ctx, " WHERE id = $1", string(id))
	if err != nil {
		return ramps.Order{}, err
	}
	if len(list) == 0 {
		return ramps.Order{}, remit.NotFound("ramp order", string(id))
	}
	return list[0], nil
}

// DueRampOrders returns orders that are not final and whose NextTry has come,
// the longest due first.
func (s *Store) DueRampOrders(ctx context.Context, limit int) ([]ramps.Order, error) {
	return s.rampOrders(ctx, " WHERE status IN ('queued', 'unknown', 'accepted') AND next_try <= $1 ORDER BY next_try, id LIMIT $2",
		micros(s.clock.Now()), int64(max(limit, 0)))
}

func (s *Store) rampOrders(ctx context.Context, rest string, args ...any) ([]ramps.Order, error) {
	var out []ramps.Order
	err := s.query(ctx, "read ramp orders", selectRampOrders+rest, args, func(row scanner) error {
		o, _, err := scanRampOrder(row)
		out = append(out, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// MarkRampSending moves a queued order to unknown before its first byte leaves.
// Errors: not_found; conflict if it is not queued.
func (s *Store) MarkRampSending(ctx context.Context, id remit.RampOrderID, next time.Time) error {
	return s.commit(ctx, "mark a ramp order as sending", needs{rampOrders: []remit.RampOrderID{id}}, func(ctx context.Context, tx *Tx) error {
		o, there, err := get(ctx, tx, tx.rampOrders, id)
		switch {
		case err != nil:
			return err
		case !there:
			return remit.NotFound("ramp order", string(id))
		case o.Status != ramps.StatusQueued:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ramp order %s is %s", id, o.Status)
		}
		o.Status, o.NextTry, o.UpdatedAt = ramps.StatusUnknown, next, tx.now
		o.Tries++
		tx.rampOrders.put(id, o)
		return nil
	})
}

// RecordCallback stores a callback once; it reports whether it is new.
func (s *Store) RecordCallback(ctx context.Context, provider, id string) (fresh bool, err error) {
	var n int64
	err = s.write(ctx, "record a callback", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql:  "INSERT INTO callbacks (provider, id, received_at) VALUES ($1, $2, $3) ON CONFLICT (provider, id) DO NOTHING",
			args: []any{provider, id, micros(s.clock.Now())}, affected: &n,
		})
	})
	return n == 1, err
}
