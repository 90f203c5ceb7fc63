package workflows

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// Settle reads what became of the settlement order: final, it orders the
// payout; known failed, it takes the next rail or refunds.
func (s *Steps) Settle(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil || r.State != remit.StateSettling {
		return standing(r), err
	}
	o, err := s.Book.SettlementOrder(ctx, r.SettlementOrder)
	if err != nil {
		return Standing{}, fmt.Errorf("read settlement order: %w", err)
	}
	switch o.Status {
	case settlement.OrderSettled:
		return s.settled(ctx, r, o)
	case settlement.OrderFailed:
		return s.settlementFailed(ctx, r, o)
	default:
		return standing(r), nil
	}
}

// settled books the final payment and orders the payout in one transaction. A
// payment to the beneficiary's own wallet was the payout.
func (s *Steps) settled(ctx context.Context, r remit.Remittance, o settlement.Order) (Standing, error) {
	q := r.Quote
	settled := Move{
		Remittance: r.ID, From: remit.StateSettling, To: remit.StateSettled, Funds: remit.FundsWithPartner,
		EventType: "remittance.settled", Entries: settledEntries(r, o.Leg, o.Amount, o.Claim.ID != ""),
		Facts:  map[string]string{"rail": string(o.Rail), "hash": o.Hash, "amount": o.Amount.String()},
		Change: func(r *remit.Remittance) { r.SettlementHash, r.TreasuryHold = o.Hash, "" },
	}
	if toWallet(q) {
		at, err := s.apply(ctx, r.ID, append([]Move{settled}, walletPaidMoves(r, o)...)...)
		if at.State == remit.StatePayingOut {
			at.Wait = max(time.Second, s.untilReclaim(o))
		}
		return at, err
	}
	payout := payoutOrder(r, FirstPayout(r))
	return s.apply(ctx, r.ID, settled, Move{
		Remittance: r.ID, From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner,
		EventType: "remittance.paying_out", RampOrder: &payout,
		Facts:  map[string]string{"amount": q.Target.String(), "method": string(q.Payout), "provider": q.PayoutProvider},
		Change: func(r *remit.Remittance) { r.PayoutOrder = payout.ID },
	})
}

// settlementFailed undoes the leg and takes the next rail, or refunds when no
// other may carry it.
func (s *Steps) settlementFailed(ctx context.Context, r remit.Remittance, o settlement.Order) (Standing, error) {
	undo := unreleaseEntries(r, o.Leg)
	next := r
	next.RailsTried = append(append([]remit.Rail{}, r.RailsTried...), o.Rail)
	if r.Quote.Rail == remit.RailAuto && o.Reason != remit.ReasonDestinationInvalid && !toWallet(r.Quote) {
		at, lacking, err := s.placeNext(ctx, next, o, undo)
		if err != nil || lacking == "" {
			return at, err
		}
	}
	moves := refundMoves(r, r.Quote.SourceTotal, orElse(o.Reason, remit.ReasonSettlementFailed))
	moves[0].Entries = undo
	change := moves[0].Change
	moves[0].Change = func(r *remit.Remittance) {
		change(r)
		r.TreasuryHold, r.RailsTried = "", next.RailsTried
	}
	return s.apply(ctx, r.ID, moves...)
}

// placeNext is place for a remittance that is settling already: the failed
// rail is noted with the same move that places the next.
func (s *Steps) placeNext(ctx context.Context, next remit.Remittance, failed settlement.Order, undo []ledger.Entry) (Standing, remit.Reason, error) {
	note := Move{
		Remittance: next.ID, From: remit.StateSettling, To: remit.StateSettling, Funds: remit.FundsInTransit,
		Reason: failed.Reason, EventType: "settlement.failed", Facts: map[string]string{"rail": string(failed.Rail)},
		Change: func(r *remit.Remittance) { r.RailsTried = next.RailsTried },
	}
	return s.place(ctx, next, failed.Release, nil, undo, note)
}

// PayOut reads what became of the payout, or of what was left to claim.
func (s *Steps) PayOut(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil || (r.State != remit.StatePayingOut && r.State != remit.StateReadyForPickup && !withdrawn(r)) {
		return standing(r), err
	}
	if toWallet(r.Quote) {
		return s.awaitClaim(ctx, r)
	}
	o, err := s.Book.RampOrder(ctx, r.PayoutOrder)
	if err != nil {
		return Standing{}, fmt.Errorf("read payout order: %w", err)
	}
	if at, done, err := s.freeze(ctx, r, o, in); done || err != nil {
		return at, err
	}
	if in.Canceling && recallable(r, o) {
		return s.apply(ctx, r.ID, recallMove(r))
	}
	switch o.Status {
	case ramps.StatusSucceeded:
		return s.completed(ctx, r, o)
	case ramps.StatusFailed, ramps.StatusCanceled:
		why := orElse(o.Reason, remit.ReasonPayoutRejected)
		if o.Status == ramps.StatusCanceled && o.CancelRequested {
			why = remit.ReasonCanceledByCaller // What freezes a payout was told apart before.
		}
		moves := refundMoves(r, r.Quote.SourceTotal, why)
		moves[0].Entries = []ledger.Entry{reverseReleaseEntry(r, leg(r))}
		return s.apply(ctx, r.ID, moves...)
	case ramps.StatusAccepted:
		if o.Method != string(remit.PayoutCash) || r.State == remit.StateReadyForPickup {
			return standing(r), nil
		}
		return s.apply(ctx, r.ID, Move{
			Remittance: r.ID, From: r.State, To: remit.StateReadyForPickup, Funds: r.Funds,
			EventType: "remittance.ready_for_pickup", Facts: map[string]string{"amount": r.Quote.Target.String()},
		})
	default:
		return standing(r), nil
	}
}

// recallable reports whether a payout can still be asked back: one in cash, or of
// money that was paid in in cash, which the customer may cancel, that is not
// known to be paid or withdrawn.
func recallable(r remit.Remittance, o ramps.Order) bool {
	inCash := r.Quote.Payout == remit.PayoutCash || r.Quote.Funding == remit.FundingCash
	return inCash && !o.CancelRequested && !o.Status.Final()
}

// recallMove asks the provider to withdraw the cash that the caller took back.
// The provider's answer decides the race with the counter.
func recallMove(r remit.Remittance) Move {
	return Move{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, Reason: remit.ReasonCanceledByCaller, EventType: "payout.recalling",
		Facts: map[string]string{"order_id": string(r.PayoutOrder)}, CancelRampOrder: r.PayoutOrder,
	}
}

func (s *Steps) completed(ctx context.Context, r remit.Remittance, o ramps.Order, before ...Move) (Standing, error) {
	settled, err := s.Book.SettlementOrder(ctx, r.SettlementOrder)
	if err != nil {
		return Standing{}, fmt.Errorf("read settlement order: %w", err)
	}
	return s.apply(ctx, r.ID, append(append(slices.Clone(before), notStopped(r, o)...), Move{
		Remittance: r.ID, From: r.State, To: remit.StateCompleted, Funds: remit.FundsPaid,
		EventType: "remittance.completed", Entries: []ledger.Entry{payoutEntry(r, settled.Amount)},
		Facts: map[string]string{"amount": r.Quote.Target.String(), "provider_reference": o.ProviderReference},
	})...)
}

// refundMoves bring an amount back: by a refund order the way the money came,
// or at once to the tenant's balance, where there is nobody to wait for.
func refundMoves(r remit.Remittance, amount remit.Money, why remit.Reason) []Move {
	m := Move{
		Remittance: r.ID, From: r.State, To: remit.StateRefunding, Funds: remit.FundsHeld, Reason: why,
		EventType: "remittance.refunding", Facts: map[string]string{"amount": amount.String()},
		Change: func(*remit.Remittance) {},
	}
	if r.Quote.Funding == remit.FundingBalance {
		return []Move{m, balanceRefundMove(r, why)}
	}
	order := refundOrder(r, amount, "1")
	m.RampOrder = &order
	m.Change = func(r *remit.Remittance) { r.RefundOrder = order.ID }
	return []Move{m}
}

func balanceRefundMove(r remit.Remittance, why remit.Reason) Move {
	return Move{
		Remittance: r.ID, From: remit.StateRefunding, To: remit.StateRefunded, Funds: remit.FundsReturned, Reason: why,
		EventType: "remittance.refunded", Entries: []ledger.Entry{balanceRefundEntry(r)},
		Facts: map[string]string{"amount": r.Quote.SourceTotal.String()},
	}
}

// refundOrder makes the order of a refund; try tells it from earlier ones.
func refundOrder(r remit.Remittance, amount remit.Money, try string) ramps.Order {
	q := r.Quote
	return ramps.Order{
		ID: remit.DeriveID[remit.RampOrderID](remit.PrefixRampOrder, r.CreatedAt, entryKey(r, "refund/"+try)), RemittanceID: r.ID,
		TenantID: r.TenantID, Direction: ramps.Refund, Provider: q.FundingProvider, Method: string(q.Funding),
		Country: q.From, Amount: amount, RefundOf: r.PayInOrder, Status: ramps.StatusQueued,
	}
}

// Refund reads what became of the refund. A refund that the provider refused
// is ordered again, under a new reference since the old one is known failed,
// and a case tells the operators.
func (s *Steps) Refund(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil || r.State != remit.StateRefunding {
		return standing(r), err
	}
	if r.Quote.Funding == remit.FundingBalance {
		return s.apply(ctx, r.ID, balanceRefundMove(r, r.Reason))
	}
	o, err := s.Book.RampOrder(ctx, r.RefundOrder)
	if err != nil {
		return Standing{}, fmt.Errorf("read refund order: %w", err)
	}
	switch o.Status {
	case ramps.StatusSucceeded:
		return s.apply(ctx, r.ID, Move{
			Remittance: r.ID, From: r.State, To: remit.StateRefunded, Funds: remit.FundsReturned, Reason: r.Reason,
			EventType: "remittance.refunded", Entries: []ledger.Entry{refundEntry(r, o.Provider, o.Amount)},
			Facts: map[string]string{"amount": o.Amount.String(), "provider": o.Provider},
		})
	case ramps.StatusFailed, ramps.StatusCanceled:
		return s.refundAgain(ctx, r, o)
	default:
		return standing(r), nil
	}
}

// refundPatience is how long a refused refund rests before it is tried again.
const refundPatience = 10 * time.Second

// refundAgain orders the refund anew. The new order is named after the refused
// one, so that whoever takes the step, however late and whatever happened in
// between, orders one and the same: each refused refund has one successor.
func (s *Steps) refundAgain(ctx context.Context, r remit.Remittance, refused ramps.Order) (Standing, error) {
	if s.Clock.Now().Sub(refused.UpdatedAt) < refundPatience {
		at := standing(r)
		at.Retry = true
		return at, nil
	}
	order := refundOrder(r, refused.Amount, "after/"+string(refused.ID))
	m := Move{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, Reason: r.Reason, EventType: "refund.refused",
		RampOrder: &order, Facts: map[string]string{"provider": refused.Provider, "why": string(refused.Reason)},
		Change: func(r *remit.Remittance) { r.RefundOrder = order.ID },
	}
	if r.OpenCase == "" {
		c := compliance.Case{
			ID:       remit.DeriveID[remit.CaseID](remit.PrefixCase, r.CreatedAt, entryKey(r, "refund-stuck")),
			TenantID: r.TenantID, RemittanceID: r.ID, Kind: compliance.CaseKindRefundStuck, Status: compliance.CaseOpen,
			Reasons: []remit.Reason{remit.ReasonRefundStuck, refused.Reason},
		}
		m.OpenCase = &c
		change := m.Change
		m.Change = func(r *remit.Remittance) { change(r); r.OpenCase = c.ID }
	}
	return s.apply(ctx, r.ID, m)
}
