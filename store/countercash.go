package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
)

// Deposit is counter.Tx's.
func (t counterTx) Deposit(ctx context.Context, id counter.DepositID) (counter.Deposit, error) {
	return row(ctx, t.Tx, t.atCounter().deposits, "deposit", string(id))
}

// PutDeposit is counter.Tx's.
func (t counterTx) PutDeposit(ctx context.Context, d counter.Deposit) error {
	return keepRow(ctx, t.Tx, t.atCounter().deposits, string(d.ID), d)
}

// Funding is counter.Tx's: payable only while the remittance waits for this very
// order and nobody asked to withdraw it.
func (t counterTx) Funding(ctx context.Context, d counter.Deposit) (o ramps.Order, payable bool, err error) {
	if d.OrderID == "" {
		return ramps.Order{}, false, nil
	}
	o, there, err := get(ctx, t.Tx, t.rampOrders, d.OrderID)
	if err != nil || !there {
		return ramps.Order{}, false, err
	}
	r, there, err := get(ctx, t.Tx, t.remittances, d.RemittanceID)
	if err != nil || !there {
		return o, false, err
	}
	payable = r.State == remit.StateAwaitingFunds && r.PayInOrder == o.ID && r.cancelRequested.IsZero() && !o.CancelRequested && !o.Status.Final()
	return o, payable, nil
}

// RequestCancel is counter.Tx's. Once cash was taken the wish is heard until the
// money was paid out: the workflow withdraws the payout, if it still can.
func (t counterTx) RequestCancel(ctx context.Context, d counter.Deposit) (asked bool, err error) {
	r, there, err := get(ctx, t.Tx, t.remittances, d.RemittanceID)
	if err != nil || !there {
		return false, err
	}
	after := d.State == counter.DepositTaken && undoable(r.State)
	if !cancelable(r.Remittance) && !after {
		return false, nil
	}
	t.requestCancel(&r)
	return true, nil
}

// undoable reports whether a remittance that was paid in cash may still be
// brought back although its settlement has begun.
func undoable(s remit.State) bool {
	switch s {
	case remit.StateAwaitingFunds, remit.StateSettling, remit.StateSettled, remit.StatePayingOut, remit.StateReadyForPickup:
		return true
	default:
		return false
	}
}

// requestCancel notes the wish to cancel and notifies the workflow, once.
func (tx *Tx) requestCancel(row *remittanceRow) {
	if !row.cancelRequested.IsZero() {
		return
	}
	row.cancelRequested = tx.now
	tx.event(&row.Remittance, "remittance.cancel_requested", remit.ReasonCanceledByCaller, nil)
	tx.remittances.put(row.ID, *row)
	tx.notice(remit.Notice{RemittanceID: row.ID, Kind: remit.NoticeCancel, Ref: string(row.ID), Reason: remit.ReasonCanceledByCaller})
}

// Deposit is counter.Store's.
func (s *Store) Deposit(ctx context.Context, tenant remit.TenantID, id counter.DepositID) (counter.Deposit, error) {
	return bodyOf[counter.Deposit](ctx, s, "deposit", "deposits", tenant, string(id))
}

// OpenDeposits is counter.Store's.
func (s *Store) OpenDeposits(ctx context.Context, tenant remit.TenantID, outlet counter.OutletID, now time.Time, limit int) ([]counter.Deposit, error) {
	return bodyList[counter.Deposit](ctx, s, "read open deposits", "deposits",
		" WHERE tenant_id = $1 AND outlet_id = $2 AND state IN ('begun', 'waiting') AND expires_at > $3 ORDER BY id DESC LIMIT $4",
		string(tenant), string(outlet), micros(now), int64(limit))
}

// OverdueDeposits is counter.Store's.
func (s *Store) OverdueDeposits(ctx context.Context, now time.Time, limit int) ([]counter.Deposit, error) {
	return bodyList[counter.Deposit](ctx, s, "read overdue deposits", "deposits",
		" WHERE state IN ('begun', 'waiting') AND expires_at <= $1 ORDER BY expires_at LIMIT $2", micros(now), int64(limit))
}

// depositPlace names where a document is sealed.
func depositPlace(d counter.Deposit) string { return "deposits/" + string(d.ID) }

// SealOriginator is counter.Store's: who erases the customer erases the document.
func (s *Store) SealOriginator(ctx context.Context, d counter.Deposit, id counter.Identity) ([]byte, error) {
	key, err := s.ownerKey(ctx, "customers/"+string(d.CustomerID), "customer")
	if err != nil {
		return nil, err
	}
	return sealJSON(key, id, depositPlace(d))
}

// OpenOriginator is counter.Store's.
func (s *Store) OpenOriginator(ctx context.Context, d counter.Deposit) (counter.Identity, error) {
	var id counter.Identity
	key, err := s.ownerKey(ctx, "customers/"+string(d.CustomerID), "customer")
	if err != nil {
		return id, err
	}
	plain, err := unseal(key, d.Identity, depositPlace(d))
	if err != nil {
		return id, err
	}
	if err := json.Unmarshal(plain, &id); err != nil {
		return id, fmt.Errorf("open a document: %w", err)
	}
	return id, nil
}

// ownerKey is the data key of a person. Errors: precondition when it was erased.
func (s *Store) ownerKey(ctx context.Context, owner, what string) ([]byte, error) {
	key, err := s.dataKey(ctx, owner)
	if remit.KindOf(err) == remit.KindNotFound {
		err = remit.Errorf(remit.KindPrecondition, remit.ReasonNotFound, "the %s was erased", what)
	}
	return key, err
}

// customerHash is the keyed hash by which a tenant's customers are found.
func (s *Store) customerHash(ctx context.Context, tenant remit.TenantID, kind counter.CustomerKey, value string) (string, error) {
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return "", err
	}
	own := hmac.New(sha256.New, key)
	own.Write([]byte("customer key"))
	mac := hmac.New(sha256.New, own.Sum(nil))
	mac.Write([]byte(string(kind) + "\x00" + kind.Normal(value)))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// customerKeys are the statements that write what a customer is found by: only
// that of a row as it was read, if unkeyed.
func (s *Store) customerKeys(ctx context.Context, tenant remit.TenantID, id remit.CustomerID, p remit.Party, unkeyed bool) ([]statement, error) {
	only := ""
	if unkeyed {
		only = " AND keyed = 0"
	}
	var out []statement
	for kind, value := range map[counter.CustomerKey]string{counter.KeyPhone: p.Phone, counter.KeyDocument: p.DocumentNumber} {
		if kind.Normal(value) == "" {
			continue
		}
		hash, err := s.customerHash(ctx, tenant, kind, value)
		if err != nil {
			return nil, err
		}
		out = append(out, statement{
			sql:  "INSERT INTO customer_keys (hash, customer_id) SELECT CAST($1 AS TEXT), id FROM customers WHERE id = $2" + only + " ON CONFLICT (hash, customer_id) DO NOTHING",
			args: []any{hash, string(id)},
		})
	}
	return out, nil
}

// rekey are the statements that replace what a customer is found by.
func (s *Store) rekey(ctx context.Context, c remit.Customer) ([]statement, error) {
	keys, err := s.customerKeys(ctx, c.TenantID, c.ID, c.Party, false)
	if err != nil {
		return nil, err
	}
	return append([]statement{
		{sql: "DELETE FROM customer_keys WHERE customer_id = $1", args: []any{string(c.ID)}},
		{sql: "UPDATE customers SET keyed = 1 WHERE id = $1", args: []any{string(c.ID)}},
	}, keys...), nil
}

// maxSharing bounds how many customers with one phone are looked at.
const maxSharing = 20

// CustomersByKey is counter.Store's.
func (s *Store) CustomersByKey(ctx context.Context, tenant remit.TenantID, kind counter.CustomerKey, value string) ([]remit.Customer, error) {
	if kind.Normal(value) == "" {
		return nil, nil
	}
	hash, err := s.customerHash(ctx, tenant, kind, value)
	if err != nil {
		return nil, err
	}
	return s.customers(ctx, " WHERE c.tenant_id = $1 AND c.id IN (SELECT customer_id FROM customer_keys WHERE hash = $2) ORDER BY c.id DESC LIMIT $3",
		string(tenant), hash, int64(maxSharing))
}

// KeyCustomers writes what customers of earlier releases are found by, some
// hundred at once, and returns how many it was.
func (s *Store) KeyCustomers(ctx context.Context) (int, error) {
	list, err := s.customers(ctx, fmt.Sprintf(" WHERE c.keyed = 0 ORDER BY c.id LIMIT %d", tendRows))
	if err != nil || len(list) == 0 {
		return 0, err
	}
	var statements []statement
	for _, c := range list {
		// Who was changed or erased meanwhile is keyed already: nothing old is written.
		keys, err := s.customerKeys(ctx, c.TenantID, c.ID, c.Party, true)
		if err != nil {
			return 0, err
		}
		statements = append(append(statements, keys...), statement{sql: "UPDATE customers SET keyed = 1 WHERE id = $1 AND keyed = 0", args: []any{string(c.ID)}})
	}
	err = s.write(ctx, "key customers", func(ctx context.Context, run runner) error { return run.run(ctx, statements...) })
	return len(list), err
}
