package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// CancelPayIn asks the provider to withdraw the pay-in because the caller canceled.
func (s *Steps) CancelPayIn(ctx context.Context, in StepInput) (Standing, error) {
	return s.withdrawPayIn(ctx, in.RemittanceID, remit.ReasonCanceledByCaller)
}

// ExpirePayIn asks the provider to withdraw the pay-in because it took too long.
func (s *Steps) ExpirePayIn(ctx context.Context, in StepInput) (Standing, error) {
	return s.withdrawPayIn(ctx, in.RemittanceID, remit.ReasonFundingExpired)
}

// withdrawPayIn asks for the withdrawal, once, and changes no state: only the
// provider's word ends the wait, because the money may be on its way already.
func (s *Steps) withdrawPayIn(ctx context.Context, id remit.RemittanceID, why remit.Reason) (Standing, error) {
	r, err := s.Book.Remittance(ctx, id)
	if err != nil || r.State != remit.StateAwaitingFunds || r.Reason == why {
		return standing(r), err
	}
	return s.apply(ctx, id, Move{
		Remittance: id, From: r.State, To: r.State, Funds: r.Funds, Reason: why,
		EventType: "funding.withdrawing", CancelRampOrder: r.PayInOrder,
	})
}

// Fund reads what became of the pay-in.
func (s *Steps) Fund(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil || r.State != remit.StateAwaitingFunds {
		return standing(r), err
	}
	o, err := s.Book.RampOrder(ctx, r.PayInOrder)
	if err != nil {
		return Standing{}, fmt.Errorf("read pay-in order: %w", err)
	}
	switch o.Status {
	case ramps.StatusSucceeded:
		return s.funded(ctx, r, o, in.Canceling)
	case ramps.StatusFailed:
		m := endMove(r, remit.StateCanceled, orElse(o.Reason, remit.ReasonFundingDeclined))
		return s.apply(ctx, r.ID, m)
	case ramps.StatusCanceled:
		if r.Reason == remit.ReasonFundingExpired {
			return s.apply(ctx, r.ID, endMove(r, remit.StateExpired, remit.ReasonFundingExpired))
		}
		return s.apply(ctx, r.ID, endMove(r, remit.StateCanceled, remit.ReasonCanceledByCaller))
	default:
		return standing(r), nil
	}
}

// funded books the money that came in. What is not exactly the quoted amount,
// or came after the caller withdrew or the time was up, goes back whole.
func (s *Steps) funded(ctx context.Context, r remit.Remittance, o ramps.Order, canceling bool) (Standing, error) {
	if o.Received.Asset.IsZero() {
		o.Received = o.Amount // The provider does not say: it is what was asked for.
	}
	funded := Move{
		Remittance: r.ID, From: r.State, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
		Facts:   map[string]string{"amount": o.Received.String(), "provider": o.Provider},
		Entries: []ledger.Entry{fundingEntry(r, o)},
	}
	why := remit.Reason("")
	switch {
	case o.Received != r.Quote.SourceTotal:
		why = remit.ReasonFundingMismatch
	case canceling:
		why = remit.ReasonCanceledByCaller
	case r.Reason == remit.ReasonFundingExpired:
		why = remit.ReasonFundingExpired
	}
	r.State, r.Funds = remit.StateFunded, remit.FundsHeld
	if why == "" {
		return s.fundedAndOn(ctx, r, funded)
	}
	return s.apply(ctx, r.ID, append([]Move{funded}, refundMoves(r, o.Received, why)...)...)
}

// fundedAndOn books the money that came in and, in the same transaction, what
// the release gate makes of it. The money is booked whatever keeps the gate
// from deciding; the story comes to the gate again then.
func (s *Steps) fundedAndOn(ctx context.Context, r remit.Remittance, funded Move) (Standing, error) {
	at, err := s.decideRelease(ctx, r, funded)
	if err == nil {
		return at, nil
	}
	at, fundErr := s.apply(ctx, r.ID, funded)
	if fundErr != nil {
		return Standing{}, errors.Join(err, fundErr)
	}
	return at, nil
}

// Release decides whether the money may leave, and places the settlement order.
func (s *Steps) Release(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil {
		return Standing{}, err
	}
	switch r.State {
	case remit.StateFunded:
		return s.decideRelease(ctx, r)
	case remit.StateInReview:
		if withdrawn(r) {
			return standing(r), nil
		}
		return s.afterReleaseReview(ctx, r, in.Canceling)
	default:
		return standing(r), nil
	}
}

// decideRelease lets go what the intake decision still covers: the same lists,
// policy and parties. Anything newer is decided anew. before are moves of the same
// transaction.
func (s *Steps) decideRelease(ctx context.Context, r remit.Remittance, before ...Move) (Standing, error) {
	intake, err := s.Book.Decision(ctx, decisionID(r, compliance.GateIntake, 1))
	if err != nil {
		return Standing{}, fmt.Errorf("read intake decision: %w", err)
	}
	holds, err := s.holds(ctx, r, intake)
	if err != nil {
		return Standing{}, err
	}
	if holds {
		return s.letGo(ctx, r, intake.ID, nil, before...)
	}
	newest, turn, err := s.released(ctx, r)
	if err != nil {
		return Standing{}, err
	}
	if turn > 1 {
		if holds, err = s.holds(ctx, r, newest); err != nil {
			return Standing{}, err
		}
		if holds {
			// A person approved it, and the treasury was short then: a remittance
			// comes back to funded with a release decision in no other way.
			return s.letGo(ctx, r, newest.ID, nil, before...)
		}
	}
	d, err := s.decide(ctx, r, compliance.GateRelease, turn)
	if err != nil {
		return Standing{}, err
	}
	switch d.Outcome {
	case compliance.OutcomeAllow:
		return s.letGo(ctx, r, d.ID, &d, before...)
	case compliance.OutcomeReject:
		moves := refundMoves(r, r.Quote.SourceTotal, firstReason(d))
		moves[0].Decision = &d
		return s.apply(ctx, r.ID, append(before, moves...)...)
	default:
		// Block too is a person's decision: the case says what the gate advises.
		return s.apply(ctx, r.ID, append(before, s.reviewMove(r, d))...)
	}
}

// holds reports whether a decision still covers the remittance: it was made by
// the lists and the policy in force, and on the parties as they are.
func (s *Steps) holds(ctx context.Context, r remit.Remittance, d compliance.Decision) (bool, error) {
	if d.ListVersions[allListsVersion] != s.Decider.ListsVersion() {
		return false, nil
	}
	changed, err := s.Book.PartiesChanged(ctx, r, d.At)
	if err != nil {
		return false, fmt.Errorf("look for changed parties: %w", err)
	}
	return !changed, nil
}

// released returns the newest release decision that was stored, if any, and
// the turn of the next one.
func (s *Steps) released(ctx context.Context, r remit.Remittance) (newest compliance.Decision, turn int, err error) {
	for turn = 1; ; turn++ {
		d, err := s.Book.Decision(ctx, decisionID(r, compliance.GateRelease, turn))
		if remit.KindOf(err) == remit.KindNotFound {
			return newest, turn, nil
		}
		if err != nil {
			return compliance.Decision{}, 0, fmt.Errorf("read release decision: %w", err)
		}
		newest = d
	}
}

// afterReleaseReview follows what the person decided. Whoever asked to cancel
// meanwhile gets the money back, unless it is blocked.
func (s *Steps) afterReleaseReview(ctx context.Context, r remit.Remittance, canceling bool) (Standing, error) {
	c, err := s.Book.Case(ctx, r.OpenCase)
	if err != nil {
		return Standing{}, fmt.Errorf("read case of review: %w", err)
	}
	refund := func(why remit.Reason) (Standing, error) {
		moves := refundMoves(r, r.Quote.SourceTotal, why)
		change := moves[0].Change
		moves[0].Change = func(r *remit.Remittance) { change(r); closeCase(r) }
		return s.apply(ctx, r.ID, moves...)
	}
	switch c.Status {
	case compliance.CaseApproved:
		if canceling {
			return refund(remit.ReasonCanceledByCaller)
		}
		back := reviewedMove(r, remit.StateFunded)
		r.State = remit.StateFunded
		return s.letGo(ctx, r, c.Decision, nil, back)
	case compliance.CaseBlocked:
		return s.apply(ctx, r.ID, blockedMove(r))
	case compliance.CaseRejected:
		// A case is not rejected any more against a gate that says block; those of
		// earlier releases were, and meant it.
		d, err := s.Book.Decision(ctx, c.Decision)
		if err != nil {
			return Standing{}, fmt.Errorf("read decision of review: %w", err)
		}
		if d.Outcome == compliance.OutcomeBlock {
			return s.apply(ctx, r.ID, blockedMove(r))
		}
		return refund(remit.ReasonReviewRejected)
	default:
		return standing(r), nil
	}
}

// blockedMove keeps the money, as the law wants it of a true match that a
// person confirmed: it may not go back either. The case stays known: a licence
// is told to it.
func blockedMove(r remit.Remittance) Move {
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StateBlocked, Funds: remit.FundsBlocked, Reason: remit.ReasonSanctionsMatch,
		EventType: "remittance.blocked", Entries: []ledger.Entry{blockedEntry(r)},
		Change: func(r *remit.Remittance) { r.ResumeState = "" },
		Facts:  map[string]string{"amount": r.Quote.SourceTotal.String(), "case_id": string(r.OpenCase)},
	}
}

// Unblock returns blocked money once two persons have told the case that the
// authority's licence allows it.
func (s *Steps) Unblock(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil || r.State != remit.StateBlocked || r.OpenCase == "" {
		return standing(r), err
	}
	c, err := s.Book.Case(ctx, r.OpenCase)
	if err != nil {
		return Standing{}, fmt.Errorf("read case of the block: %w", err)
	}
	if c.Status != compliance.CaseUnblocked {
		return standing(r), nil
	}
	moves := refundMoves(r, r.Quote.SourceTotal, remit.ReasonLicensed)
	change := moves[0].Change
	moves[0].Change = func(r *remit.Remittance) { change(r); closeCase(r) }
	moves[0].Entries = []ledger.Entry{unblockedEntry(r)}
	return s.apply(ctx, r.ID, moves...)
}

// letGo books the release and places the settlement order on the best rail
// whose treasury can afford it.
func (s *Steps) letGo(ctx context.Context, r remit.Remittance, release remit.DecisionID, d *compliance.Decision, before ...Move) (Standing, error) {
	at, lacking, err := s.place(ctx, r, release, d, nil, before...)
	if err != nil || lacking == "" {
		return at, err
	}
	return s.wait(ctx, r, lacking, before...)
}

// wait keeps the money as funded, since no rail can carry it now, and tells the
// caller why, once for each reason. A review that ended is booked with it. The
// story comes back after a pause. Of money that came in just now it is said when
// the story comes to the gate: until then it may have passed.
func (s *Steps) wait(ctx context.Context, r remit.Remittance, why remit.Reason, before ...Move) (Standing, error) {
	if len(before) == 0 && r.Reason == why {
		return standing(r), nil
	}
	if len(before) > 0 && before[0].From == remit.StateAwaitingFunds {
		return s.apply(ctx, r.ID, before...)
	}
	return s.apply(ctx, r.ID, append(slices.Clone(before), Move{
		Remittance: r.ID, From: remit.StateFunded, To: remit.StateFunded, Funds: remit.FundsHeld, Reason: why,
		EventType: "remittance.waiting",
	})...)
}

// place tries the usable rails in order. undo holds the entries that end a
// failed leg first. It answers what is lacking when no order was placed.
func (s *Steps) place(ctx context.Context, r remit.Remittance, release remit.DecisionID, d *compliance.Decision,
	undo []ledger.Entry, before ...Move,
) (at Standing, lacking remit.Reason, err error) {
	leg := len(r.RailsTried) + 1
	to, err := s.payee(ctx, r)
	if err != nil {
		return Standing{}, "", err
	}
	choice := s.Rails.Route(settlement.Want{
		Amount: r.Quote.Settlement, Wish: to.wish, Tried: r.RailsTried, Provider: r.Quote.PayoutProvider, Wallet: to.wallet,
	})
	for _, route := range choice.Usable {
		m, err := s.settleMove(r, to, route, leg, release)
		if err != nil {
			return Standing{}, "", err
		}
		m.Entries = slices.Concat(undo, m.Entries)
		m.Decision = d
		at, err := s.apply(ctx, r.ID, append(slices.Clone(before), m)...)
		if remit.ReasonOf(err) == remit.ReasonInsufficientFunds {
			continue // This treasury cannot afford it after all; nothing was booked.
		}
		return at, "", err
	}
	if len(choice.Usable) > 0 {
		return Standing{}, remit.ReasonTreasuryShort, nil
	}
	return Standing{}, choice.Reason(), nil
}

func (s *Steps) settleMove(r remit.Remittance, to payee, route settlement.Route, leg int, release remit.DecisionID) (Move, error) {
	rail, amount := route.Rail, route.Amount
	entries, err := releaseEntries(r, rail, amount, route.Reserve, leg)
	if err != nil {
		return Move{}, err
	}
	order := settlement.Order{
		ID:           remit.DeriveID[remit.OrderID](remit.PrefixOrder, r.CreatedAt, entryKey(r, "order/"+strconv.Itoa(leg))),
		RemittanceID: r.ID, TenantID: r.TenantID, Leg: leg, Rail: rail, Amount: amount, Reserve: route.Reserve,
		Destination: route.Destination, Memo: to.memo, Release: release, Status: settlement.OrderQueued,
		Mode: to.mode, Window: to.window, Claimable: to.claimable && rail == remit.RailStellar,
	}
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StateSettling, Funds: remit.FundsInTransit,
		EventType: "remittance.settling", Entries: entries, SettlementOrder: &order,
		Facts: map[string]string{"rail": string(rail), "amount": amount.String(), "order_id": string(order.ID)},
		Change: func(r *remit.Remittance) {
			r.Rail, r.SettlementOrder, r.TreasuryHold = rail, order.ID, holdID(*r, leg)
		},
	}, nil
}

// memo is the opaque reference that goes on chain: at most 28 bytes, which is
// the limit of a Stellar text memo, and unique like the id it comes from.
func memo(id remit.RemittanceID) string { return string(id)[len(remit.PrefixRemittance)+1:] }

// Withdraw refunds a funded remittance that the caller canceled.
func (s *Steps) Withdraw(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil || r.State != remit.StateFunded {
		return standing(r), err
	}
	return s.apply(ctx, r.ID, refundMoves(r, r.Quote.SourceTotal, remit.ReasonCanceledByCaller)...)
}

func orElse(r, otherwise remit.Reason) remit.Reason {
	if r == "" {
		return otherwise
	}
	return r
}
