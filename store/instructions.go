package store

import (
	"context"
	"iter"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// Instruction puts an order together with the personal data it needs. Errors:
// not_found; precondition when the person was erased.
func (s *Store) Instruction(ctx context.Context, o ramps.Order) (ramps.Instruction, error) {
	row, err := s.remittance(ctx, o.RemittanceID)
	if err != nil {
		return ramps.Instruction{}, err
	}
	out := ramps.Instruction{Order: o, From: row.Quote.From}
	if o.Direction == ramps.PayOut {
		b, err := s.Beneficiary(ctx, row.TenantID, row.BeneficiaryID)
		if err != nil {
			return ramps.Instruction{}, err
		}
		out.Party, out.Account = b.Party, b.Account
		if o.Method == string(remit.PayoutCash) && s.pickup != nil {
			out.PickupCode = s.pickup(row.Remittance, o.ID)
		}
	} else {
		c, err := s.Customer(ctx, row.TenantID, row.CustomerID)
		if err != nil {
			return ramps.Instruction{}, err
		}
		out.Party = c.Party
		if row.FundingSource != "" {
			out.Account = map[string]string{"token": row.FundingSource}
		}
	}
	if out.Party == (remit.Party{}) {
		return ramps.Instruction{}, remit.Errorf(remit.KindPrecondition, remit.ReasonNotFound, "the identity for order %s was erased", o.ID)
	}
	return out, nil
}

// iteratePage is how many rows the iterators read at once.
const iteratePage = 500

// AllRemittances walks every remittance of every tenant, oldest id first.
func (s *Store) AllRemittances(ctx context.Context) iter.Seq2[remit.Remittance, error] {
	return pages(func(after remit.RemittanceID) ([]remit.Remittance, error) {
		return s.remittances(ctx, " WHERE r.id > $1 ORDER BY r.id LIMIT $2", string(after), int64(iteratePage))
	}, func(r remit.Remittance) remit.RemittanceID { return r.ID })
}

// AllRampOrders walks every ramp order, oldest id first.
func (s *Store) AllRampOrders(ctx context.Context) iter.Seq2[ramps.Order, error] {
	return pages(func(after remit.RampOrderID) ([]ramps.Order, error) {
		return s.rampOrders(ctx, " WHERE id > $1 ORDER BY id LIMIT $2", string(after), int64(iteratePage))
	}, func(o ramps.Order) remit.RampOrderID { return o.ID })
}

// SettledOrders walks every settlement order whose payment is final on chain, oldest id
// first.
func (s *Store) SettledOrders(ctx context.Context) iter.Seq2[settlement.Order, error] {
	return pages(func(after remit.OrderID) ([]settlement.Order, error) {
		return s.orders(ctx, " WHERE id > $1 AND status = 'settled' AND reclaims = '' ORDER BY id LIMIT $2", string(after), int64(iteratePage))
	}, func(o settlement.Order) remit.OrderID { return o.ID })
}

// pages walks pages of rows that are ordered by key.
func pages[K ~string, V any](read func(after K) ([]V, error), key func(V) K) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		var after K
		for {
			page, err := read(after)
			if err != nil {
				var none V
				yield(none, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
				after = key(v)
			}
			if len(page) < iteratePage {
				return
			}
		}
	}
}
