package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// remittanceRow is a remittance with what only the store needs of it.
type remittanceRow struct {
	remit.Remittance
	// cancelRequested is when the caller asked to cancel, zero for never.
	cancelRequested time.Time
}

// quoteRow is a quote and who used it.
type quoteRow struct{ remit.Quote }

const selectRemittances = `SELECT r.id, r.tenant_id, r.customer_id, r.beneficiary_id, r.reference, r.purpose, r.funding_source,
	r.state, r.funds, r.reason, r.resume_state, r.last_event, r.rail, r.rails_tried,
	r.pay_in_order, r.settlement_order, r.payout_order, r.refund_order, r.treasury_hold, r.settlement_hash, r.open_case,
	r.cancel_requested_at, r.created_at, r.updated_at, r.version, q.body
	FROM remittances r JOIN quotes q ON q.id = r.quote_id`

func scanRemittance(row scanner) (r remittanceRow, version int64, err error) {
	var rails, quote string
	var cancel, created, updated int64
	err = row.Scan(&r.ID, &r.TenantID, &r.CustomerID, &r.BeneficiaryID, &r.Reference, &r.Purpose, &r.FundingSource,
		&r.State, &r.Funds, &r.Reason, &r.ResumeState, &r.LastEvent, &r.Rail, &rails,
		&r.PayInOrder, &r.SettlementOrder, &r.PayoutOrder, &r.RefundOrder, &r.TreasuryHold, &r.SettlementHash, &r.OpenCase,
		&cancel, &created, &updated, &version, &quote)
	if err != nil {
		return r, 0, fmt.Errorf("read a remittance: %w", err)
	}
	r.cancelRequested, r.CreatedAt, r.UpdatedAt = fromMicros(cancel), fromMicros(created), fromMicros(updated)
	if err := json.Unmarshal([]byte(rails), &r.RailsTried); err != nil {
		return r, 0, fmt.Errorf("read the rails of remittance %s: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(quote), &r.Quote); err != nil {
		return r, 0, fmt.Errorf("read the quote of remittance %s: %w", r.ID, err)
	}
	r.Quote.RemittanceID = r.ID
	return r, version, nil
}

func fillRemittance(c *cells[remit.RemittanceID, remittanceRow], row scanner) error {
	r, version, err := scanRemittance(row)
	if err != nil {
		return err
	}
	c.loaded(r.ID, r, version)
	return nil
}

const (
	insertRemittances = `INSERT INTO remittances (id, tenant_id, customer_id, beneficiary_id, quote_id, reference, purpose, funding_source,
	source_asset, source_minor, state, funds, reason, resume_state, last_event, rail, rails_tried,
	pay_in_order, settlement_order, payout_order, refund_order, treasury_hold, settlement_hash, open_case,
	cancel_requested_at, created_at, updated_at, corridor, version) VALUES `
	updateRemittances = ` ON CONFLICT (id) DO UPDATE SET state = excluded.state, funds = excluded.funds, reason = excluded.reason,
	resume_state = excluded.resume_state, last_event = excluded.last_event, rail = excluded.rail, rails_tried = excluded.rails_tried,
	pay_in_order = excluded.pay_in_order, settlement_order = excluded.settlement_order, payout_order = excluded.payout_order,
	refund_order = excluded.refund_order, treasury_hold = excluded.treasury_hold, settlement_hash = excluded.settlement_hash,
	open_case = excluded.open_case, cancel_requested_at = excluded.cancel_requested_at, updated_at = excluded.updated_at,
	version = excluded.version WHERE remittances.version = excluded.version - 1`
)

func (tx *Tx) writeRemittances() []statement {
	rows := changedRows(tx.remittances, tx.remittances.changed, func(_ remit.RemittanceID, r remittanceRow) []any {
		return []any{
			string(r.ID), string(r.TenantID), string(r.CustomerID), string(r.BeneficiaryID), string(r.Quote.ID), r.Reference, r.Purpose, r.FundingSource,
			r.Quote.SourceTotal.Asset.String(), r.Quote.SourceTotal.Minor,
			string(r.State), string(r.Funds), string(r.Reason), string(r.ResumeState), r.LastEvent, string(r.Rail), toJSON(r.RailsTried),
			string(r.PayInOrder), string(r.SettlementOrder), string(r.PayoutOrder), string(r.RefundOrder),
			string(r.TreasuryHold), r.SettlementHash, string(r.OpenCase),
			micros(r.cancelRequested), micros(r.CreatedAt), micros(r.UpdatedAt), corridorOf(r.Quote),
		}
	})
	return tx.writeRows(insertRemittances, updateRemittances, 29, rows, true)
}

const selectQuotes = "SELECT id, body, remittance_id, version FROM quotes"

func scanQuote(row scanner) (q quoteRow, version int64, err error) {
	var id remit.QuoteID
	var used remit.RemittanceID
	var body string
	if err := row.Scan(&id, &body, &used, &version); err != nil {
		return q, 0, fmt.Errorf("read a quote: %w", err)
	}
	if err := json.Unmarshal([]byte(body), &q.Quote); err != nil {
		return q, 0, fmt.Errorf("read the quote %s: %w", id, err)
	}
	q.RemittanceID = used
	return q, version, nil
}

func fillQuote(c *cells[remit.QuoteID, quoteRow], row scanner) error {
	q, version, err := scanQuote(row)
	if err != nil {
		return err
	}
	c.loaded(q.ID, q, version)
	return nil
}

// writeQuotes marks used quotes; all else of a quote never changes.
func (tx *Tx) writeQuotes() []statement {
	var out []statement
	for _, id := range tx.quotes.changed {
		row := tx.quotes.rows[id]
		out = append(out, statement{
			sql:  "UPDATE quotes SET remittance_id = $1, version = version + 1 WHERE id = $2 AND version = $3",
			args: []any{string(row.value.RemittanceID), string(id), row.version}, want: 1,
		})
	}
	return out
}

// remittance returns one remittance of any tenant. Errors: not_found.
func (s *Store) remittance(ctx context.Context, id remit.RemittanceID) (remittanceRow, error) {
	var out *remittanceRow
	err := s.query(ctx, "read a remittance", selectRemittances+" WHERE r.id = $1", []any{string(id)}, func(row scanner) error {
		r, _, err := scanRemittance(row)
		out = &r
		return err
	})
	if err != nil {
		return remittanceRow{}, err
	}
	if out == nil {
		return remittanceRow{}, remit.NotFound("remittance", string(id))
	}
	return *out, nil
}

// toJSON writes a value of the store's own making, which always can be; nil
// lists and maps become empty ones.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: a %T cannot be written as JSON: %v", v, err))
	}
	if string(b) == "null" {
		return "[]"
	}
	return string(b)
}
