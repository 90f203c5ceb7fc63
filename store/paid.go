package store

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// fundingLead is how much older than its settlement order a remittance may be.
// An order's id tells when its remittance was made; this much earlier is looked.
const fundingLead = 48 * time.Hour

// selectPaid reads what settled orders took.
const selectPaid = `SELECT CASE o.mode WHEN 'netted' THEN a.created_at ELSE o.created_at END, o.updated_at, a.fee_asset, a.fee_minor,
	(SELECT COUNT(*) FROM attempt_orders c WHERE c.attempt_id = a.id)
	FROM orders o JOIN attempts a ON a.id = o.attempt
	WHERE o.status = 'settled' AND o.reclaims = '' AND o.id >= $1 AND o.rail = $2 AND o.updated_at >= $3
	ORDER BY o.id DESC LIMIT $4`

// Paid returns what the orders of a rail took that were settled since then, at
// most limit of the newest. The fee of an attempt is shared by its orders alike,
// rounded up. A netted order waits for others before it is placed in an attempt,
// as the corridor wants it: its time counts from there. It walks the index of settled orders by id, from the newest back.
func (s *Store) Paid(ctx context.Context, rail remit.Rail, since time.Time, limit int) ([]settlement.Paid, error) {
	from := remit.DeriveID[remit.OrderID](remit.PrefixOrder, since.Add(-fundingLead), "")
	var out []settlement.Paid
	err := s.query(ctx, "read what payments took", selectPaid,
		[]any{string(from), string(rail), micros(since), int64(max(limit, 0))}, func(row scanner) error {
			var placed, final, minor, orders int64
			var asset string
			if err := row.Scan(&placed, &final, &asset, &minor, &orders); err != nil {
				return fmt.Errorf("read what a payment took: %w", err)
			}
			p := settlement.Paid{Took: fromMicros(final).Sub(fromMicros(placed))}
			if asset != "" {
				var err error
				if p.Fee.Asset, err = remit.ParseAsset(asset); err != nil {
					return fmt.Errorf("read the fee of an attempt: %w", err)
				}
				p.Fee.Minor = (minor + orders - 1) / orders
			}
			out = append(out, p)
			return nil
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}
