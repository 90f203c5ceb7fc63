package settlementtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// FinishAttempt implements settlement.Store.
func (s *Store) FinishAttempt(ctx context.Context, id remit.AttemptID, o settlement.Outcome) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("finish attempt: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempt(id)
	if a == nil {
		return remit.NotFound("attempt", string(id))
	}
	if o.Status != settlement.OutcomeSettled && o.Status != settlement.OutcomeFailed {
		return s.broken("attempt %s ends as %q", id, o.Status)
	}
	if o.Status == settlement.OutcomeSettled && len(o.Failed) > 0 {
		return s.broken("attempt %s settled, and failed %d orders", id, len(o.Failed))
	}
	for _, charge := range o.Charges {
		if o.Status != settlement.OutcomeSettled || !charge.IsPositive() {
			return s.broken("attempt %s %s is charged %s", id, o.Status, charge)
		}
	}
	for order, claim := range o.Claims {
		if o.Status != settlement.OutcomeSettled || !slices.Contains(a.Orders, order) || claim.ID == "" || claim.Status != settlement.ClaimOpen ||
			!claim.Until.After(claim.Since) || !s.order(order).Claimable {
			return s.broken("attempt %s %s leaves %+v to claim for order %s", id, o.Status, claim, order)
		}
	}
	for order, reason := range o.Failed {
		if !slices.Contains(a.Orders, order) || reason == "" {
			return s.broken("attempt %s fails order %s with reason %q", id, order, reason)
		}
	}
	if !open(a) {
		if before := s.ended[id]; before.Status != o.Status || !maps.Equal(before.Failed, o.Failed) {
			return conflict("attempt %s ended as %s before", id, before.Status)
		}
		return nil
	}
	s.ended[id] = o
	a.Status, a.Result, a.Fee, a.Charges, a.UpdatedAt = settlement.AttemptFailed, o.Result, o.Fee, o.Charges, s.clock.Now()
	if o.Status == settlement.OutcomeSettled {
		a.Status = settlement.AttemptSettled
	}
	for _, orderID := range a.Orders {
		order := s.order(orderID)
		if order.Status != settlement.OrderAttempting || order.Attempt != id {
			return s.broken("order %s left attempt %s before its end", orderID, id)
		}
		reason, failed := o.Failed[orderID]
		switch {
		case o.Status == settlement.OutcomeSettled && order.Reclaims != "":
			if err := s.endClaim(s.order(order.Reclaims), settlement.ClaimOutcome{Status: settlement.ClaimReclaimed, Hash: a.Hash}); err != nil {
				return s.broken("order %s took back: %v", orderID, err)
			}
			s.end(order, settlement.OrderSettled, "", a.Hash)
		case o.Status == settlement.OutcomeSettled:
			order.Claim = o.Claims[orderID]
			s.end(order, settlement.OrderSettled, "", a.Hash)
		case failed:
			s.end(order, settlement.OrderFailed, reason, "")
		default:
			order.Status, order.UpdatedAt = settlement.OrderQueued, s.clock.Now()
		}
	}
	return nil
}

// FinishClaim implements settlement.Store. That a claim ends twice, and otherwise
// than before, fails the test: its money would be in two places.
func (s *Store) FinishClaim(ctx context.Context, id remit.OrderID, o settlement.ClaimOutcome) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("finish claim: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	order := s.order(id)
	if order == nil {
		return remit.NotFound("order", string(id))
	}
	if err := s.endClaim(order, o); err != nil {
		return s.broken("claim of order %s: %v", id, err)
	}
	return nil
}

// endClaim ends a claim, once. The lock is held.
func (s *Store) endClaim(o *settlement.Order, outcome settlement.ClaimOutcome) error {
	switch {
	case o == nil || o.Claim.ID == "" || !outcome.Status.Ended():
		return fmt.Errorf("it ends as %q, and there is none", outcome.Status)
	case o.Claim.Status == outcome.Status:
		return nil
	case o.Claim.Status != settlement.ClaimOpen:
		return fmt.Errorf("it ends as %s by %s and was %s by %s", outcome.Status, outcome.Hash, o.Claim.Status, o.Claim.Hash)
	}
	o.Claim.Status, o.Claim.Hash, o.UpdatedAt = outcome.Status, outcome.Hash, s.clock.Now()
	s.notices = append(s.notices, remit.Notice{
		RemittanceID: o.RemittanceID, Kind: remit.NoticeSettlement, Ref: string(o.ID), Status: string(outcome.Status),
	})
	return nil
}

// OpenClaims implements settlement.Store.
func (s *Store) OpenClaims(ctx context.Context, rail remit.Rail, after remit.OrderID, limit int) ([]settlement.Order, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list open claims: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []settlement.Order
	for _, o := range s.orders {
		if o.Rail == rail && o.Claim.Status == settlement.ClaimOpen && o.Reclaims == "" && o.ID > after {
			out = append(out, *o)
		}
	}
	slices.SortFunc(out, func(a, b settlement.Order) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out[:min(len(out), limit)], nil
}

// FailQueued implements settlement.Store.
func (s *Store) FailQueued(ctx context.Context, failed map[remit.OrderID]remit.Reason) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fail queued orders: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, reason := range failed {
		o := s.order(id)
		if o == nil || reason == "" {
			return s.broken("order %s fails with reason %q", id, reason)
		}
		if o.Status != settlement.OrderQueued {
			return conflict("order %s is %s", id, o.Status)
		}
	}
	for id, reason := range failed {
		s.end(s.order(id), settlement.OrderFailed, reason, "")
	}
	return nil
}

// end ends an order with its notice. The lock is held.
func (s *Store) end(o *settlement.Order, status settlement.OrderStatus, reason remit.Reason, hash string) {
	o.Status, o.Reason, o.Hash, o.UpdatedAt = status, reason, hash, s.clock.Now()
	s.notices = append(s.notices, remit.Notice{
		RemittanceID: o.RemittanceID, Kind: remit.NoticeSettlement, Ref: string(o.ID), Status: string(status), Reason: reason,
	})
}

// order finds an order or nil. The lock is held.
func (s *Store) order(id remit.OrderID) *settlement.Order { return s.byID[id] }

// attempt finds an attempt or nil. The lock is held.
func (s *Store) attempt(id remit.AttemptID) *settlement.Attempt {
	for _, a := range s.attempts {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// broken fails the test: the contract of the store was broken.
func (s *Store) broken(format string, args ...any) error {
	s.t.Errorf("store: "+format, args...)
	return remit.Errorf(remit.KindInternal, remit.ReasonInternal, format, args...)
}

func conflict(format string, args ...any) error {
	return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, format, args...)
}

func open(a *settlement.Attempt) bool {
	return a.Status == settlement.AttemptSigned || a.Status == settlement.AttemptSent
}

func cloneAttempts(list []*settlement.Attempt, keep func(*settlement.Attempt) bool) []settlement.Attempt {
	var out []settlement.Attempt
	for _, a := range list {
		if keep(a) {
			c := *a
			c.Orders, c.Bytes, c.Bumps = slices.Clone(a.Orders), slices.Clone(a.Bytes), slices.Clone(a.Bumps)
			out = append(out, c)
		}
	}
	return out
}
