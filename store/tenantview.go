package store

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// CreateQuote stores a quote. The same quote again is no error. Errors:
// conflict for the same id with other content.
func (s *Store) CreateQuote(ctx context.Context, q remit.Quote) error {
	q.RemittanceID = ""
	body := toJSON(q)
	return s.write(ctx, "create a quote", func(ctx context.Context, run runner) error {
		var fresh int64
		err := run.run(ctx, statement{
			sql: `INSERT INTO quotes (id, tenant_id, body, expires_at, remittance_id, version) VALUES ($1, $2, $3, $4, '', 1)
				ON CONFLICT (id) DO NOTHING`,
			args: []any{string(q.ID), string(q.TenantID), body, micros(q.ExpiresAt)}, affected: &fresh,
		})
		if err != nil || fresh == 1 {
			return err
		}
		known := ""
		err = run.run(ctx, statement{
			sql: "SELECT body FROM quotes WHERE id = $1", args: []any{string(q.ID)},
			each: func(row scanner) error { return row.Scan(&known) },
		})
		if err == nil && known != body {
			return remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "quote %s is there with other content", q.ID)
		}
		return err
	})
}

// Quote returns a quote of a tenant. Errors: not_found.
func (s *Store) Quote(ctx context.Context, tenant remit.TenantID, id remit.QuoteID) (remit.Quote, error) {
	var out *quoteRow
	err := s.query(ctx, "read a quote", selectQuotes+" WHERE id = $1 AND tenant_id = $2", []any{string(id), string(tenant)},
		func(row scanner) error {
			q, _, err := scanQuote(row)
			out = &q
			return err
		})
	if err != nil {
		return remit.Quote{}, err
	}
	if out == nil {
		return remit.Quote{}, remit.NotFound("quote", string(id))
	}
	return out.Quote, nil
}

// CreateRemittance uses the quote and stores the remittance, its first event
// and the notice that starts its workflow. The same id again returns the stored
// one. Errors: not_found (quote, customer or beneficiary; an erased person is
// none); precondition with ReasonQuoteExpired; conflict with ReasonQuoteUsed,
// or for the same id with other content.
func (s *Store) CreateRemittance(ctx context.Context, n api.NewRemittance) (remit.Remittance, error) {
	if err := s.knownPeople(ctx, n); err != nil {
		return remit.Remittance{}, err
	}
	var out remit.Remittance
	want := needs{remittances: []remit.RemittanceID{n.ID}, quotes: []remit.QuoteID{n.QuoteID}}
	err := s.commit(ctx, "create a remittance", want, func(ctx context.Context, tx *Tx) error {
		row, there, err := get(ctx, tx, tx.remittances, n.ID)
		if err != nil {
			return err
		}
		if there {
			out = row.Remittance
			if out.TenantID != n.TenantID || out.Quote.ID != n.QuoteID || out.CustomerID != n.CustomerID || out.BeneficiaryID != n.BeneficiaryID {
				return remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "remittance %s is there with other content", n.ID)
			}
			return nil
		}
		quote, err := tx.useQuote(ctx, n)
		if err != nil {
			return err
		}
		row = remittanceRow{Remittance: remit.Remittance{
			ID: n.ID, TenantID: n.TenantID, CustomerID: n.CustomerID, BeneficiaryID: n.BeneficiaryID, Quote: quote,
			Reference: n.Reference, Purpose: n.Purpose, FundingSource: n.FundingSource, State: remit.StateCreated, Funds: remit.FundsNone, CreatedAt: tx.now,
		}}
		tx.event(&row.Remittance, "remittance.created", "", nil)
		tx.remittances.put(n.ID, row)
		tx.notice(remit.Notice{RemittanceID: n.ID, Kind: remit.NoticeStart, Ref: string(n.ID), Status: string(remit.StateCreated)})
		out = row.Remittance
		return nil
	})
	if err != nil {
		return remit.Remittance{}, err
	}
	return out, nil
}

// knownPeople checks that the customer and the beneficiary are the tenant's and
// were not erased.
func (s *Store) knownPeople(ctx context.Context, n api.NewRemittance) error {
	var customer, beneficiary bool
	err := s.query(ctx, "look for people", `SELECT c.id FROM customers c JOIN data_keys k ON k.owner = 'customers/' || c.id
		WHERE c.id = $1 AND c.tenant_id = $3
		UNION ALL SELECT b.id FROM beneficiaries b JOIN data_keys k ON k.owner = 'beneficiaries/' || b.id
		WHERE b.id = $2 AND b.tenant_id = $3`,
		[]any{string(n.CustomerID), string(n.BeneficiaryID), string(n.TenantID)}, func(row scanner) error {
			var found string
			err := row.Scan(&found)
			customer = customer || found == string(n.CustomerID)
			beneficiary = beneficiary || found == string(n.BeneficiaryID)
			return err
		})
	switch {
	case err != nil:
		return err
	case !customer:
		return remit.NotFound("customer", string(n.CustomerID))
	case !beneficiary:
		return remit.NotFound("beneficiary", string(n.BeneficiaryID))
	}
	return nil
}

// useQuote marks a quote as used. Errors: not_found; conflict with
// ReasonQuoteUsed; precondition with ReasonQuoteExpired.
func (tx *Tx) useQuote(ctx context.Context, n api.NewRemittance) (remit.Quote, error) {
	quote, there, err := get(ctx, tx, tx.quotes, n.QuoteID)
	switch {
	case err != nil:
		return remit.Quote{}, err
	case !there || quote.TenantID != n.TenantID:
		return remit.Quote{}, remit.NotFound("quote", string(n.QuoteID))
	case quote.RemittanceID != "":
		return remit.Quote{}, remit.Errorf(remit.KindConflict, remit.ReasonQuoteUsed, "the quote was used before; ask for a new one")
	case !tx.now.Before(quote.ExpiresAt):
		return remit.Quote{}, remit.Errorf(remit.KindPrecondition, remit.ReasonQuoteExpired, "the quote has expired; ask for a new one")
	}
	quote.RemittanceID = n.ID
	tx.quotes.put(n.QuoteID, quote)
	return quote.Quote, nil
}

// Remittance returns a remittance of a tenant. Errors: not_found.
func (s *Store) Remittance(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (remit.Remittance, error) {
	return s.remittanceOf(ctx, tenant, id)
}

func (s *Store) remittanceOf(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (remit.Remittance, error) {
	row, err := s.remittance(ctx, id)
	if err != nil {
		return remit.Remittance{}, err
	}
	if row.TenantID != tenant {
		return remit.Remittance{}, remit.NotFound("remittance", string(id))
	}
	return row.Remittance, nil
}

// RemittanceDetail returns a remittance with all that carries it, oldest first.
func (s *Store) RemittanceDetail(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (out api.RemittanceDetail, err error) {
	if out.Remittance, err = s.remittanceOf(ctx, tenant, id); err != nil {
		return api.RemittanceDetail{}, err
	}
	if out.RampOrders, err = s.rampOrders(ctx, " WHERE remittance_id = $1 ORDER BY created_at, id", string(id)); err != nil {
		return api.RemittanceDetail{}, err
	}
	if out.Orders, err = s.orders(ctx, " WHERE remittance_id = $1 ORDER BY leg", string(id)); err != nil {
		return api.RemittanceDetail{}, err
	}
	out.Attempts, err = s.attempts(ctx, ` WHERE a.id IN (SELECT carried.attempt_id FROM attempt_orders carried
		JOIN orders own ON own.id = carried.order_id WHERE own.remittance_id = $1) ORDER BY a.id, o.place`, string(id))
	if err != nil {
		return api.RemittanceDetail{}, err
	}
	if out.Decisions, err = s.decisions(ctx, " WHERE remittance_id = $1 ORDER BY at, id", string(id)); err != nil {
		return api.RemittanceDetail{}, err
	}
	return out, nil
}

// Remittances lists a tenant's remittances that pass the filter, newest first.
func (s *Store) Remittances(ctx context.Context, tenant remit.TenantID, f api.RemittanceFilter, p api.Page) ([]remit.Remittance, error) {
	where, args := " WHERE r.tenant_id = $1", []any{string(tenant)}
	for _, filter := range []struct{ column, value string }{
		{"r.state", string(f.State)}, {"r.customer_id", string(f.CustomerID)}, {"r.reference", f.Reference},
	} {
		if filter.value != "" {
			args = append(args, filter.value)
			where += fmt.Sprintf(" AND %s = $%d", filter.column, len(args))
		}
	}
	rest, args := paged(where, args, "r.id", p)
	return s.remittances(ctx, rest, args...)
}

func (s *Store) remittances(ctx context.Context, rest string, args ...any) ([]remit.Remittance, error) {
	var out []remit.Remittance
	err := s.query(ctx, "read remittances", selectRemittances+rest, args, func(row scanner) error {
		r, _, err := scanRemittance(row)
		out = append(out, r.Remittance)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RequestCancel stores the caller's wish to cancel and notifies the workflow,
// once. Errors: not_found; precondition with ReasonNotCancelable.
func (s *Store) RequestCancel(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (remit.Remittance, error) {
	var out remit.Remittance
	err := s.commit(ctx, "request a cancelation", needs{remittances: []remit.RemittanceID{id}}, func(ctx context.Context, tx *Tx) error {
		row, there, err := get(ctx, tx, tx.remittances, id)
		if err != nil {
			return err
		}
		if !there || row.TenantID != tenant {
			return remit.NotFound("remittance", string(id))
		}
		if !cancelable(row.Remittance) {
			return remit.Errorf(remit.KindPrecondition, remit.ReasonNotCancelable, "a remittance that is %s cannot be canceled", row.State)
		}
		tx.requestCancel(&row)
		out = row.Remittance
		return nil
	})
	if err != nil {
		return remit.Remittance{}, err
	}
	return out, nil
}

// cancelable reports whether a wish to cancel can still be met: no settlement
// has begun and nothing is on its way back, or what is on its way is cash that
// nobody has fetched.
func cancelable(r remit.Remittance) bool {
	switch r.State {
	case remit.StateCreated, remit.StateAwaitingFunds, remit.StateInReview, remit.StateFunded:
		return true
	case remit.StateSettling, remit.StateSettled, remit.StatePayingOut, remit.StateReadyForPickup:
		return r.Quote.Payout == remit.PayoutCash
	case remit.StateActionRequired:
		return r.Funds == remit.FundsNone || r.Funds == remit.FundsHeld
	default:
		return false
	}
}
