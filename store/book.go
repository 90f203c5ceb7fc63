package store

import (
	"context"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
)

// Book is the store as workflows see it: its reads go across tenants, where
// those of [Store] that the API uses are one tenant's.
type Book struct{ *Store }

// Book returns the store as workflows.Book.
func (s *Store) Book() Book { return Book{s} }

// Remittance returns one remittance of any tenant. Errors: not_found.
func (b Book) Remittance(ctx context.Context, id remit.RemittanceID) (remit.Remittance, error) {
	r, err := b.remittance(ctx, id)
	return r.Remittance, err
}

// Case returns a case of any tenant. Errors: not_found.
func (b Book) Case(ctx context.Context, id remit.CaseID) (compliance.Case, error) {
	return b.caseOf(ctx, id)
}

// The windows of velocity.
const (
	velocityDay   = 24 * time.Hour
	velocityMonth = 30 * 24 * time.Hour
)

// Subject returns all that a gate looks at, as it stands now. Errors: not_found.
func (s *Store) Subject(ctx context.Context, id remit.RemittanceID, gate compliance.Gate) (compliance.Subject, error) {
	row, err := s.remittance(ctx, id)
	if err != nil {
		return compliance.Subject{}, err
	}
	r := row.Remittance
	out := compliance.Subject{Gate: gate, Remittance: r, At: s.clock.Now()}
	if out.Customer, err = s.Customer(ctx, r.TenantID, r.CustomerID); err != nil {
		return compliance.Subject{}, err
	}
	if out.Beneficiary, err = s.Beneficiary(ctx, r.TenantID, r.BeneficiaryID); err != nil {
		return compliance.Subject{}, err
	}
	asset := r.Quote.SourceTotal.Asset
	v := compliance.Velocity{Amount24h: remit.NewMoney(asset, 0), Amount30d: remit.NewMoney(asset, 0)}
	if v.Count24h, v.Amount24h.Minor, err = s.sentSince(ctx, r, out.At.Add(-velocityDay)); err != nil {
		return compliance.Subject{}, err
	}
	if v.Count30d, v.Amount30d.Minor, err = s.sentSince(ctx, r, out.At.Add(-velocityMonth)); err != nil {
		return compliance.Subject{}, err
	}
	out.Velocity = v
	approved, err := s.casesBy(ctx, " WHERE remittance_id = $1 AND status = 'approved' ORDER BY id", string(id))
	if err != nil {
		return compliance.Subject{}, err
	}
	for _, c := range approved {
		for _, hit := range c.Hits {
			out.Approved = append(out.Approved, hit.Key)
		}
	}
	released, err := s.releasedHits(ctx, r.TenantID, string(r.CustomerID), string(r.BeneficiaryID))
	if err != nil {
		return compliance.Subject{}, err
	}
	for _, key := range released {
		if !slices.Contains(out.Approved, key) {
			out.Approved = append(out.Approved, key)
		}
	}
	return out, nil
}

// sentSince counts and sums what the customer sent in the remittance's source
// currency since a time, other than the remittance itself and what came to nothing.
func (s *Store) sentSince(ctx context.Context, r remit.Remittance, since time.Time) (count, minor int64, err error) {
	err = s.query(ctx, "sum what a customer sent", `SELECT COUNT(*), CAST(COALESCE(SUM(source_minor), 0) AS BIGINT) FROM remittances
		WHERE customer_id = $1 AND created_at >= $2 AND source_asset = $3 AND id <> $4
		AND state NOT IN ('rejected', 'canceled', 'expired', 'refunded')`,
		[]any{string(r.CustomerID), micros(since), r.Quote.SourceTotal.Asset.String(), string(r.ID)},
		func(row scanner) error { return row.Scan(&count, &minor) })
	return count, minor, err
}

// Balances returns the balances of accounts whose name starts with the prefix,
// by account and asset: guarded ones from their rows, the others summed from
// the last snapshot and the postings since.
func (s *Store) Balances(ctx context.Context, prefix string) ([]ledger.Balance, error) {
	tx, err := s.reads.BeginTx(ctx, &s.dialect.snapshot)
	if err != nil {
		return nil, s.dialect.mapError("read balances", err)
	}
	book, err := readBalances(ctx, txRunner{tx}, prefix)
	if end := tx.Rollback(); err == nil {
		err = end
	}
	if err != nil {
		return nil, s.dialect.mapError("read balances", err)
	}
	if prefix == "" && book.head-book.snapshot >= s.lag {
		if err := s.saveSnapshots(ctx, book); err != nil {
			// The balances are right all the same; the next read tries again.
			s.log.Warn("snapshots of balances were not saved", "error", err.Error())
		}
	}
	return book.balances(prefix), nil
}
