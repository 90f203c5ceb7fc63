package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// MaxMoves bounds the moves of one Apply.
const MaxMoves = 16

// Apply commits moves of one remittance in order, in one transaction: states
// by compare-and-set, numbered events, ledger entries, orders, decisions and
// cases. Errors: conflict when the remittance is not in the state the first
// move starts from, or a key or id was used with other content; precondition
// with ReasonInsufficientFunds; not_found; internal for a move that the table
// of lawful moves does not have.
func (s *Store) Apply(ctx context.Context, moves ...workflows.Move) (remit.Remittance, error) {
	if len(moves) == 0 || len(moves) > MaxMoves {
		return remit.Remittance{}, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "%d moves, want 1 to %d", len(moves), MaxMoves)
	}
	n := needs{remittances: []remit.RemittanceID{moves[0].Remittance}}
	for _, m := range moves {
		if m.Remittance != moves[0].Remittance {
			return remit.Remittance{}, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "moves of two remittances in one step")
		}
		n.move(m)
	}
	var out remit.Remittance
	err := s.commit(ctx, "apply moves", n, func(ctx context.Context, tx *Tx) error {
		for _, m := range moves {
			if err := tx.move(ctx, m); err != nil {
				return err
			}
		}
		row, _ := tx.remittances.peek(moves[0].Remittance)
		out = row.Remittance
		return nil
	})
	if err != nil {
		return remit.Remittance{}, err
	}
	return out, nil
}

// move adds what a move looks at.
func (n *needs) move(m workflows.Move) {
	n.entries(m.Entries)
	n.rampOrders = append(n.rampOrders, m.CancelRampOrder)
	if m.RampOrder != nil {
		n.rampOrders = append(n.rampOrders, m.RampOrder.ID)
	}
	if m.SettlementOrder != nil {
		n.orders = append(n.orders, m.SettlementOrder.ID)
	}
	if m.Decision != nil {
		n.decisions = append(n.decisions, m.Decision.ID)
	}
	if m.OpenCase != nil {
		n.cases = append(n.cases, m.OpenCase.ID)
	}
}

func (tx *Tx) move(ctx context.Context, m workflows.Move) error {
	row, there, err := get(ctx, tx, tx.remittances, m.Remittance)
	if err != nil {
		return err
	}
	if !there {
		return remit.NotFound("remittance", string(m.Remittance))
	}
	if row.State != m.From {
		return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "the remittance is %s, not %s", row.State, m.From)
	}
	if m.EventType == "" || (m.To != m.From && !m.From.CanBecome(m.To)) || !m.To.Allows(m.Funds) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "remittance %s: no lawful move from %s to %s with funds %s (event %q)",
			m.Remittance, m.From, m.To, m.Funds, m.EventType)
	}
	if err := change(&row.Remittance, m.Change); err != nil {
		return err
	}
	// A fact in between keeps the reason of the state unless it brings its own.
	if m.To != m.From || m.Reason != "" {
		row.Reason = m.Reason
	}
	row.State, row.Funds = m.To, m.Funds
	if m.OpenCase != nil {
		opened, err := tx.openCase(ctx, &row.Remittance, *m.OpenCase, m.Decision)
		if err != nil {
			return err
		}
		m.Facts = gathered(&row.Remittance, m, opened)
	}
	tx.event(&row.Remittance, m.EventType, m.Reason, m.Facts)
	tx.remittances.put(row.ID, row)
	return tx.beside(ctx, &row.Remittance, m)
}

// change runs a move's Change on what it may touch.
func change(r *remit.Remittance, f func(*remit.Remittance)) error {
	if f == nil {
		return nil
	}
	before := *r
	r.RailsTried = slices.Clone(r.RailsTried)
	quote := r.Quote
	f(r)
	if r.ID != before.ID || r.TenantID != before.TenantID || r.CustomerID != before.CustomerID || r.BeneficiaryID != before.BeneficiaryID ||
		r.State != before.State || r.Funds != before.Funds || r.Reason != before.Reason || r.LastEvent != before.LastEvent ||
		!r.CreatedAt.Equal(before.CreatedAt) || !r.UpdatedAt.Equal(before.UpdatedAt) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "a move of %s changes what only the store may", before.ID)
	}
	r.Quote, r.Reference, r.Purpose = quote, before.Reference, before.Purpose
	return nil
}

// beside stores what a move places beside the state.
func (tx *Tx) beside(ctx context.Context, r *remit.Remittance, m workflows.Move) error {
	for _, e := range m.Entries {
		if e.Remittance == "" {
			e.Remittance = r.ID
		}
		if err := tx.post(ctx, e); err != nil {
			return fmt.Errorf("move %s to %s: %w", r.ID, m.To, err)
		}
	}
	if m.RampOrder != nil {
		if err := tx.placeRampOrder(ctx, r, *m.RampOrder); err != nil {
			return err
		}
	}
	if m.CancelRampOrder != "" {
		if err := tx.cancelRampOrder(ctx, m.CancelRampOrder); err != nil {
			return err
		}
	}
	if m.Decision != nil {
		if err := tx.storeDecision(ctx, r, *m.Decision); err != nil {
			return err
		}
	}
	if m.SettlementOrder != nil {
		if err := tx.placeOrder(ctx, r, *m.SettlementOrder); err != nil {
			return err
		}
	}
	return nil
}

// gathered names the case that the move's alert came into instead of the one
// that the move would have opened, and returns the facts that say so.
func gathered(r *remit.Remittance, m workflows.Move, opened remit.CaseID) map[string]string {
	if opened == m.OpenCase.ID {
		return m.Facts
	}
	if r.OpenCase == m.OpenCase.ID {
		r.OpenCase = opened
	}
	facts := maps.Clone(m.Facts)
	if facts["case_id"] == string(m.OpenCase.ID) {
		facts["case_id"] = string(opened)
	}
	return facts
}
