package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	attemptColumns       = "a.id, a.rail, a.bytes, a.hash, a.source, a.sequence, a.expiry, a.status, a.result, a.fee_asset, a.fee_minor, a.sends, a.mode, a.bumps, a.charges, a.created_at, a.updated_at, a.version"
	selectAttemptsOrders = "SELECT " + attemptColumns + ", o.order_id FROM attempts a JOIN attempt_orders o ON o.attempt_id = a.id"
	insertAttempts       = `INSERT INTO attempts (id, rail, bytes, hash, source, sequence, expiry, status, result, fee_asset, fee_minor, sends,
	mode, bumps, charges, created_at, updated_at, version) VALUES `
	updateAttempts = ` ON CONFLICT (id) DO UPDATE SET status = excluded.status, result = excluded.result, fee_asset = excluded.fee_asset,
	fee_minor = excluded.fee_minor, sends = excluded.sends, bumps = excluded.bumps, charges = excluded.charges, updated_at = excluded.updated_at, version = excluded.version
	WHERE attempts.version = excluded.version - 1`
	insertAttemptOrders = "INSERT INTO attempt_orders (attempt_id, place, order_id) VALUES "
)

// scanAttempt reads a row of selectAttemptsOrders: an attempt with one order.
func scanAttempt(row scanner) (a settlement.Attempt, version int64, err error) {
	var asset, bumps, charges string
	var order remit.OrderID
	var sends, created, updated int64
	err = row.Scan(&a.ID, &a.Rail, &a.Bytes, &a.Hash, &a.Source, &a.Sequence, &a.Expiry, &a.Status, &a.Result, &asset, &a.Fee.Minor,
		&sends, &a.Mode, &bumps, &charges, &created, &updated, &version, &order)
	if err == nil && asset != "" {
		a.Fee.Asset, err = remit.ParseAsset(asset)
	}
	if err == nil {
		a.Bumps, err = readBumps(bumps)
	}
	if err == nil {
		a.Charges, err = readCharges(charges)
	}
	if err != nil {
		return a, 0, fmt.Errorf("read a settlement attempt: %w", err)
	}
	a.Orders, a.Sends, a.CreatedAt, a.UpdatedAt = []remit.OrderID{order}, int(sends), fromMicros(created), fromMicros(updated)
	return a, version, nil
}

func fillAttempt(c *cells[remit.AttemptID, settlement.Attempt], row scanner) error {
	a, version, err := scanAttempt(row)
	if err != nil {
		return err
	}
	if before, there := c.peek(a.ID); there {
		a.Orders = append(before.Orders, a.Orders...)
	}
	c.loaded(a.ID, a, version)
	return nil
}

func (tx *Tx) writeAttempts() []statement {
	var carried [][]any
	rows := changedRows(tx.attempts, tx.attempts.changed, func(id remit.AttemptID, a settlement.Attempt) []any {
		if tx.attempts.rows[id].version == 0 {
			for i, order := range a.Orders {
				carried = append(carried, []any{string(id), int64(i + 1), string(order)})
			}
		}
		return []any{
			string(a.ID), string(a.Rail), a.Bytes, a.Hash, a.Source, a.Sequence, a.Expiry, string(a.Status), a.Result,
			assetText(a.Fee.Asset), a.Fee.Minor, int64(a.Sends), string(a.Mode), bumpsText(a.Bumps), chargesText(a.Charges), micros(a.CreatedAt), micros(a.UpdatedAt),
		}
	})
	return append(tx.writeRows(insertAttempts, updateAttempts, 18, rows, true), tx.writeRows(insertAttemptOrders, "", 3, carried, false)...)
}

// assetText is the stored form of an asset that may be unspecified.
func assetText(a remit.Asset) string {
	if a.IsZero() {
		return ""
	}
	return a.String()
}

// OpenAttempts returns the rail's attempts that are signed or sent, oldest first.
func (s *Store) OpenAttempts(ctx context.Context, rail remit.Rail) ([]settlement.Attempt, error) {
	return s.attempts(ctx, " WHERE a.rail = $1 AND a.status IN ('signed', 'sent') ORDER BY a.id, o.place", string(rail))
}

// attempts reads attempts with their orders; rest must order by attempt and place.
func (s *Store) attempts(ctx context.Context, rest string, args ...any) ([]settlement.Attempt, error) {
	var out []settlement.Attempt
	err := s.query(ctx, "read settlement attempts", selectAttemptsOrders+rest, args, func(row scanner) error {
		a, _, err := scanAttempt(row)
		if err != nil {
			return err
		}
		if n := len(out); n > 0 && out[n-1].ID == a.ID {
			out[n-1].Orders = append(out[n-1].Orders, a.Orders...)
			return nil
		}
		out = append(out, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SettledBatch returns the order that settled a remittance and all that its
// transaction paid, in the order of the attempt. Errors: not_found; precondition
// with ReasonNotSettled until an order is final on chain.
func (s *Store) SettledBatch(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (settlement.Order, settlement.Batch, error) {
	r, err := s.remittanceOf(ctx, tenant, id)
	if err != nil {
		return settlement.Order{}, settlement.Batch{}, err
	}
	// Of all legs one at most is settled: the next is placed when the one before
	// is known to have failed.
	orders, err := s.orders(ctx, " WHERE remittance_id = $1 AND status = 'settled' AND reclaims = ''", string(id))
	if err != nil {
		return settlement.Order{}, settlement.Batch{}, err
	}
	if len(orders) == 0 {
		return settlement.Order{}, settlement.Batch{}, remit.Errorf(remit.KindPrecondition, remit.ReasonNotSettled,
			"remittance %s is %s, and no payment on chain for it is final", id, r.State)
	}
	o := orders[0]
	attempts, err := s.attempts(ctx, " WHERE a.id = $1 ORDER BY a.id, o.place", string(o.Attempt))
	if err != nil {
		return settlement.Order{}, settlement.Batch{}, err
	}
	together, err := s.OrdersOf(ctx, o.Attempt)
	if err != nil {
		return settlement.Order{}, settlement.Batch{}, err
	}
	if len(attempts) != 1 || len(together) != len(attempts[0].Orders) {
		return settlement.Order{}, settlement.Batch{}, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "the attempt %s of order %s is not whole", o.Attempt, o.ID)
	}
	return o, settlement.Batch{Mode: attempts[0].Mode, Orders: together}, nil
}

// SaveAttempt stores a signed attempt and binds its orders to it. Errors:
// conflict, and nothing is stored, if any order is not queued any more or an
// open attempt occupies the source.
func (s *Store) SaveAttempt(ctx context.Context, a settlement.Attempt) error {
	if a.ID == "" || a.Hash == "" || len(a.Bytes) == 0 || len(a.Orders) == 0 {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement attempt %q is malformed", a.ID)
	}
	n := needs{attempts: []remit.AttemptID{a.ID}, orders: a.Orders}
	return s.commit(ctx, "save a settlement attempt", n, func(ctx context.Context, tx *Tx) error {
		if _, there, err := get(ctx, tx, tx.attempts, a.ID); err != nil || there {
			return orConflict(err, "settlement attempt %s is there already", a.ID)
		}
		for i, id := range a.Orders {
			o, there, err := get(ctx, tx, tx.orders, id)
			if err != nil {
				return err
			}
			if !there || o.Status != settlement.OrderQueued || o.Rail != a.Rail || slices.Contains(a.Orders[:i], id) {
				return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "settlement order %s is not queued on %s", id, a.Rail)
			}
			o.Status, o.Attempt, o.UpdatedAt = settlement.OrderAttempting, a.ID, tx.now
			tx.orders.put(id, o)
		}
		saved := a
		saved.Orders = slices.Clone(a.Orders)
		if saved.Mode == "" {
			saved.Mode = settlement.ModeBatched
		}
		saved.Status, saved.CreatedAt, saved.UpdatedAt = settlement.AttemptSigned, tx.now, tx.now
		tx.attempts.put(a.ID, saved)
		return nil
	})
}

// orConflict returns err, or a conflict when there is none.
func orConflict(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, format, args...)
}

// MarkSent counts a sending of an open attempt. The first one is an event of
// each remittance it carries. Errors: not_found; conflict once it has ended.
func (s *Store) MarkSent(ctx context.Context, id remit.AttemptID) error {
	return s.commit(ctx, "mark an attempt as sent", needs{attempts: []remit.AttemptID{id}}, func(ctx context.Context, tx *Tx) error {
		a, there, err := get(ctx, tx, tx.attempts, id)
		if err != nil {
			return err
		}
		switch {
		case !there:
			return remit.NotFound("settlement attempt", string(id))
		case a.Status != settlement.AttemptSigned && a.Status != settlement.AttemptSent:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "settlement attempt %s is %s", id, a.Status)
		}
		first := a.Status == settlement.AttemptSigned
		a.Status, a.Sends, a.UpdatedAt = settlement.AttemptSent, a.Sends+1, tx.now
		tx.attempts.put(id, a)
		if !first {
			return nil
		}
		orders, err := tx.ordersOf(ctx, a)
		if err != nil {
			return err
		}
		for _, o := range orders {
			row, _, err := get(ctx, tx, tx.remittances, o.RemittanceID)
			if err != nil {
				return err
			}
			tx.event(&row.Remittance, "settlement.submitted", "", map[string]string{
				"order": string(o.ID), "rail": string(a.Rail), "hash": a.Hash, "attempt": string(a.ID),
			})
			tx.remittances.put(row.ID, row)
		}
		return nil
	})
}

// ordersOf reads the orders of an attempt and their remittances, all at once.
func (tx *Tx) ordersOf(ctx context.Context, a settlement.Attempt) ([]settlement.Order, error) {
	if err := tx.read(ctx, tx.orders.reading(a.Orders)...); err != nil {
		return nil, err
	}
	out := make([]settlement.Order, 0, len(a.Orders))
	ids := make([]remit.RemittanceID, 0, len(a.Orders))
	for _, id := range a.Orders {
		o, there := tx.orders.peek(id)
		if !there {
			return nil, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "attempt %s carries the order %s, which is not there", a.ID, id)
		}
		out, ids = append(out, o), append(ids, o.RemittanceID)
	}
	return out, tx.read(ctx, tx.remittances.reading(ids)...)
}

// FinishAttempt ends an open attempt and its orders by a known outcome, and books
// what coins charged for it. Errors:
// not_found; conflict if it ended otherwise before; internal for an outcome
// that is not final or names orders that the attempt does not carry.
func (s *Store) FinishAttempt(ctx context.Context, id remit.AttemptID, o settlement.Outcome) error {
	status := settlement.AttemptSettled
	switch o.Status {
	case settlement.OutcomeSettled:
	case settlement.OutcomeFailed:
		status = settlement.AttemptFailed
	case settlement.OutcomeUnknown, settlement.OutcomePending:
		fallthrough
	default:
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "attempt %s cannot end as %q", id, string(o.Status))
	}
	return s.commit(ctx, "finish a settlement attempt", needs{attempts: []remit.AttemptID{id}}, func(ctx context.Context, tx *Tx) error {
		a, there, err := get(ctx, tx, tx.attempts, id)
		if err != nil {
			return err
		}
		switch {
		case !there:
			return remit.NotFound("settlement attempt", string(id))
		case a.Status == status:
			return nil
		case a.Status != settlement.AttemptSigned && a.Status != settlement.AttemptSent:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "settlement attempt %s has ended as %s", id, a.Status)
		}
		for order := range o.Failed {
			if !slices.Contains(a.Orders, order) {
				return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "attempt %s does not carry the failed order %s", id, order)
			}
		}
		a.Status, a.Result, a.Fee, a.Charges, a.UpdatedAt = status, o.Result, o.Fee, o.Charges, tx.now
		tx.attempts.put(id, a)
		return tx.finishOrders(ctx, a, o)
	})
}

func (tx *Tx) finishOrders(ctx context.Context, a settlement.Attempt, outcome settlement.Outcome) error {
	orders, err := tx.ordersOf(ctx, a)
	if err != nil {
		return err
	}
	if a.Status == settlement.AttemptSettled {
		if err := tx.bookCharges(ctx, a, orders); err != nil {
			return fmt.Errorf("book what coins charged: %w", err)
		}
	}
	for _, o := range orders {
		if o.Status != settlement.OrderAttempting || o.Attempt != a.ID {
			return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "order %s of open attempt %s is %s", o.ID, a.ID, o.Status)
		}
		reason, failed := outcome.Failed[o.ID]
		switch {
		case a.Status == settlement.AttemptSettled && o.Reclaims != "":
			if err := tx.endClaim(ctx, o.Reclaims, settlement.ClaimOutcome{Status: settlement.ClaimReclaimed, Hash: a.Hash}); err != nil {
				return fmt.Errorf("end the claim that order %s took back: %w", o.ID, err)
			}
			o.Status, o.Hash = settlement.OrderSettled, a.Hash
		case a.Status == settlement.AttemptSettled:
			o.Status, o.Hash, o.Claim = settlement.OrderSettled, a.Hash, outcome.Claims[o.ID]
		case failed:
			o.Status, o.Reason = settlement.OrderFailed, reason
		default:
			o.Status, o.UpdatedAt = settlement.OrderQueued, tx.now
			tx.orders.put(o.ID, o)
			continue
		}
		if err := tx.endOrder(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// FailQueued ends queued orders. An order that has failed already is passed
// over. Errors: not_found; conflict, and nothing is stored, if any is in an
// open attempt or settled.
func (s *Store) FailQueued(ctx context.Context, failed map[remit.OrderID]remit.Reason) error {
	ids := make([]remit.OrderID, 0, len(failed))
	for id := range failed {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return s.commit(ctx, "fail queued orders", needs{orders: ids}, func(ctx context.Context, tx *Tx) error {
		for _, id := range ids {
			o, there, err := get(ctx, tx, tx.orders, id)
			switch {
			case err != nil:
				return err
			case !there:
				return remit.NotFound("settlement order", string(id))
			case o.Status == settlement.OrderFailed:
				continue
			case o.Status != settlement.OrderQueued:
				return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "settlement order %s is %s", id, o.Status)
			}
			o.Status, o.Reason = settlement.OrderFailed, failed[id]
			if err := tx.endOrder(ctx, o); err != nil {
				return err
			}
		}
		return nil
	})
}
