package workflows

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
)

// A payout is frozen when a party of the remittance matches a list after the
// money was released. It is withdrawn at the provider first, whose answer
// decides the race with the counter: what was paid is paid. Only a payout that
// is known not to take place waits for a person.

// withdrawn reports whether a remittance is in review because its payout was
// withdrawn, and not because a gate stopped it.
func withdrawn(r remit.Remittance) bool {
	return r.State == remit.StateInReview && r.Funds == remit.FundsWithPartner
}

// freeze does what a hit on a party asks of the payout. It reports whether that
// was all there is to do now.
func (s *Steps) freeze(ctx context.Context, r remit.Remittance, o ramps.Order, in StepInput) (at Standing, done bool, err error) {
	id := r.OpenCase // The withdrawal was asked for, or has ended.
	if id == "" {
		id = in.Freeze
	}
	if id == "" || (o.Status == ramps.StatusSucceeded && !withdrawn(r)) {
		return Standing{}, false, nil
	}
	c, err := s.Book.Case(ctx, id)
	if err != nil {
		return Standing{}, true, fmt.Errorf("read the case that freezes: %w", err)
	}
	released := c.Status == compliance.CaseApproved
	switch {
	case withdrawn(r):
		at, err = s.frozen(ctx, r, o, c, in.Canceling)
	case released && !o.CancelRequested:
		return Standing{}, false, nil // Nothing was withdrawn before it was released.
	case unpaid(o):
		stop := frozenMove(r, c)
		r.State, r.OpenCase = remit.StateInReview, c.ID
		// It may be decided already: then there is no notice left to wake the story.
		at, err = s.frozen(ctx, r, o, c, in.Canceling, stop)
	case o.CancelRequested && r.OpenCase != "":
		at = standing(r) // The provider has not answered yet.
	default:
		at, err = s.apply(ctx, r.ID, withdrawMove(r, c))
	}
	return at, true, err
}

// unpaid reports whether a payout is known not to take place.
func unpaid(o ramps.Order) bool {
	return o.Status == ramps.StatusFailed || o.Status == ramps.StatusCanceled
}

// withdrawMove asks the provider to withdraw the payout.
func withdrawMove(r remit.Remittance, c compliance.Case) Move {
	return Move{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, Reason: caseReason(c), EventType: "payout.withdrawing",
		Facts: map[string]string{"case_id": string(c.ID), "order_id": string(r.PayoutOrder)}, CancelRampOrder: r.PayoutOrder,
		Change: func(r *remit.Remittance) { r.OpenCase = c.ID },
	}
}

// frozenMove stops a remittance whose payout does not take place any more. The
// value stays with the off-ramp until a person has decided.
func frozenMove(r remit.Remittance, c compliance.Case) Move {
	resume := r.State
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StateInReview, Funds: remit.FundsWithPartner, Reason: caseReason(c),
		EventType: "remittance.in_review", Facts: map[string]string{"case_id": string(c.ID)},
		Change: func(r *remit.Remittance) { r.OpenCase, r.ResumeState = c.ID, resume },
	}
}

// frozen follows what the person decided of a payout that was withdrawn: a new
// order, with a code of its own, or the money back, or blocked. before are moves
// of the same transaction.
func (s *Steps) frozen(ctx context.Context, r remit.Remittance, o ramps.Order, c compliance.Case, canceling bool, before ...Move) (Standing, error) {
	if !unpaid(o) {
		return s.unfrozen(ctx, r, o, c)
	}
	var moves []Move
	switch c.Status {
	case compliance.CaseApproved:
		switch {
		case o.Status == ramps.StatusFailed:
			moves = unpaidMoves(r, orElse(o.Reason, remit.ReasonPayoutRejected))
		case canceling:
			moves = unpaidMoves(r, remit.ReasonCanceledByCaller)
		default:
			moves = []Move{payAgainMove(r)}
		}
	case compliance.CaseRejected:
		moves = unpaidMoves(r, remit.ReasonReviewRejected)
	case compliance.CaseBlocked:
		m := blockedMove(r)
		m.Entries = append([]ledger.Entry{reverseReleaseEntry(r, leg(r))}, m.Entries...)
		moves = []Move{m}
	default:
		if len(before) == 0 {
			return standing(r), nil
		}
	}
	return s.apply(ctx, r.ID, slices.Concat(before, moves)...)
}

// unfrozen is frozen for a remittance whose payout is not known to be withdrawn.
// A commit that hung and took place when nobody expected it any more can stop a
// remittance that had been ordered anew: the order decides, as ever.
func (s *Steps) unfrozen(ctx context.Context, r remit.Remittance, o ramps.Order, c compliance.Case) (Standing, error) {
	if o.Status != ramps.StatusSucceeded && c.Status != compliance.CaseApproved {
		if o.CancelRequested {
			return standing(r), nil
		}
		return s.apply(ctx, r.ID, withdrawMove(r, c))
	}
	back := Move{
		Remittance: r.ID, From: r.State, To: remit.StatePayingOut, Funds: r.Funds, Reason: r.Reason, EventType: "remittance.paying_out",
		Facts: map[string]string{"order_id": string(o.ID)},
	}
	if o.Status == ramps.StatusSucceeded {
		r.State = remit.StatePayingOut
		return s.completed(ctx, r, o, back)
	}
	back.Change = closeCase
	return s.apply(ctx, r.ID, back)
}

// payAgainMove orders the payout anew. The order is named after the withdrawn
// one, so that whoever takes the step orders one and the same.
func payAgainMove(r remit.Remittance) Move {
	order := payoutOrder(r, remit.DeriveID[remit.RampOrderID](remit.PrefixRampOrder, r.CreatedAt, entryKey(r, "payout/after/"+string(r.PayoutOrder))))
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StatePayingOut, Funds: remit.FundsWithPartner, Reason: remit.ReasonReviewApproved,
		EventType: "remittance.paying_out", RampOrder: &order,
		Facts:  map[string]string{"amount": order.Amount.String(), "method": order.Method, "provider": order.Provider, "case_id": string(r.OpenCase)},
		Change: func(r *remit.Remittance) { closeCase(r); r.PayoutOrder = order.ID },
	}
}

// unpaidMoves bring the money of a payout that does not take place back: the
// stablecoin stays with the off-ramp as our float.
func unpaidMoves(r remit.Remittance, why remit.Reason) []Move {
	moves := refundMoves(r, r.Quote.SourceTotal, why)
	moves[0].Entries = []ledger.Entry{reverseReleaseEntry(r, leg(r))}
	change := moves[0].Change
	moves[0].Change = func(r *remit.Remittance) { change(r); closeCase(r) }
	return moves
}

// notStopped is the fact that a payout took place although it was to be
// withdrawn, told to the case as well; none for any other payout.
func notStopped(r remit.Remittance, o ramps.Order) []Move {
	if r.OpenCase == "" || !o.CancelRequested {
		return nil
	}
	return []Move{{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, Reason: remit.ReasonPayoutNotStopped, EventType: "payout.not_stopped",
		Facts: map[string]string{"case_id": string(r.OpenCase), "order_id": string(o.ID)}, Change: closeCase,
		OpenCase: &compliance.Case{
			ID:   remit.DeriveID[remit.CaseID](remit.PrefixCase, r.CreatedAt, entryKey(r, "not-stopped/"+string(o.ID))),
			Kind: compliance.CaseKindRescreen, Reasons: []remit.Reason{remit.ReasonPayoutNotStopped},
		},
	}}
}

// FirstPayout is the id of a remittance's first payout order. Those after it are
// ordered when a withdrawn payout was approved.
func FirstPayout(r remit.Remittance) remit.RampOrderID {
	return remit.DeriveID[remit.RampOrderID](remit.PrefixRampOrder, r.CreatedAt, entryKey(r, "payout"))
}

// payoutOrder makes an order of the payout.
func payoutOrder(r remit.Remittance, id remit.RampOrderID) ramps.Order {
	q := r.Quote
	return ramps.Order{
		ID: id, RemittanceID: r.ID, TenantID: r.TenantID, Direction: ramps.PayOut, Provider: q.PayoutProvider,
		Method: string(q.Payout), Country: q.To, Amount: q.Target, Status: ramps.StatusQueued,
	}
}

// leg is the number of the rail that settled.
func leg(r remit.Remittance) int { return len(r.RailsTried) + 1 }

func caseReason(c compliance.Case) remit.Reason {
	for _, reason := range c.Reasons {
		if reason != remit.ReasonSuspicion { // Nobody outside learns that somebody reported.
			return reason
		}
	}
	if len(c.Reasons) > 0 {
		return remit.ReasonUnderReview
	}
	return remit.ReasonSanctionsHit
}
