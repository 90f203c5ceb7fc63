package store

import (
	"context"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// OpenClaims returns a rail's settled orders whose claim is open and whose id is
// after the given one, by id, at most limit.
func (s *Store) OpenClaims(ctx context.Context, rail remit.Rail, after remit.OrderID, limit int) ([]settlement.Order, error) {
	return s.orders(ctx, " WHERE claim_status = 'open' AND reclaims = '' AND rail = $1 AND id > $2 ORDER BY id LIMIT $3",
		string(rail), string(after), int64(max(limit, 0)))
}

// FinishClaim ends the open claim of an order, with an event and a notice. The
// same end again does nothing. Errors: not_found; conflict if it ended otherwise
// before; precondition if there is no claim; internal for an outcome that is no end.
func (s *Store) FinishClaim(ctx context.Context, id remit.OrderID, o settlement.ClaimOutcome) error {
	return s.commit(ctx, "finish a claim", needs{orders: []remit.OrderID{id}}, func(ctx context.Context, tx *Tx) error {
		return tx.endClaim(ctx, id, o)
	})
}

func (tx *Tx) endClaim(ctx context.Context, id remit.OrderID, outcome settlement.ClaimOutcome) error {
	o, there, err := get(ctx, tx, tx.orders, id)
	if err != nil {
		return err
	}
	switch {
	case !there:
		return remit.NotFound("settlement order", string(id))
	case !outcome.Status.Ended():
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "the claim of order %s cannot end as %q", id, string(outcome.Status))
	case o.Claim.Status == outcome.Status:
		return nil
	case o.Claim.Status.Ended():
		return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "the claim of order %s was %s before, not %s", id, o.Claim.Status, outcome.Status)
	case o.Claim.Status != settlement.ClaimOpen || o.Reclaims != "":
		return remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "order %s left nothing to claim", id)
	}
	row, there, err := get(ctx, tx, tx.remittances, o.RemittanceID)
	if err != nil {
		return err
	}
	if !there {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s has no remittance", o.ID)
	}
	o.Claim.Status, o.Claim.Hash, o.UpdatedAt = outcome.Status, outcome.Hash, tx.now
	tx.orders.put(o.ID, o)
	facts := map[string]string{"order": string(o.ID), "rail": string(o.Rail), "claim": o.Claim.ID}
	if outcome.Hash != "" {
		facts["hash"] = outcome.Hash
	}
	tx.event(&row.Remittance, "claim."+string(outcome.Status), "", facts)
	tx.remittances.put(row.ID, row)
	tx.notice(remit.Notice{RemittanceID: o.RemittanceID, Kind: remit.NoticeSettlement, Ref: string(o.ID), Status: string(outcome.Status)})
	return nil
}

// wellReclaimed takes the claim of an order that takes back from the order that
// left it, and errs unless that one is the remittance's own, has an open claim of
// just that amount, and was not netted with others. Of an order that pays it
// clears the claim.
func (tx *Tx) wellReclaimed(ctx context.Context, o *settlement.Order) error {
	if o.Claimable && o.Mode == settlement.ModeNetted {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s is netted and may be left to claim", o.ID)
	}
	o.Claim = settlement.Claim{}
	if o.Reclaims == "" {
		return nil
	}
	left, there, err := get(ctx, tx, tx.orders, o.Reclaims)
	if err != nil {
		return err
	}
	if !there || left.RemittanceID != o.RemittanceID || left.Rail != o.Rail || left.Amount != o.Amount || left.Claim.ID == "" ||
		left.Reclaims != "" || o.Claimable || o.Mode != settlement.ModeSingle {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "settlement order %s cannot take back what order %q left", o.ID, o.Reclaims)
	}
	o.Claim = settlement.Claim{ID: left.Claim.ID, Since: left.Claim.Since, Until: left.Claim.Until}
	return nil
}
