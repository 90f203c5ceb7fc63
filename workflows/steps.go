package workflows

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// Rails chooses rails. It is implemented by settlement.Router.
type Rails interface {
	// Route judges every rail for a payment: those that can carry it now, best
	// first, and why the others cannot. It reserves nothing.
	Route(want settlement.Want) settlement.Choice
}

// Steps are the local activities of the story. Each reads where the remittance
// stands, and does what is next in one transaction, or nothing if that was
// done already: any step may run again at any time.
type Steps struct {
	Book    Book
	Decider compliance.Decider
	Rails   Rails
	Clock   remit.Clock
	// Placed is called after a move that placed or canceled orders; a hint to
	// carry them at once.
	Placed func(Move)
}

func standing(r remit.Remittance) Standing {
	return Standing{State: r.State, Reason: r.Reason, Funds: r.Funds}
}

// apply commits moves and hints at placed orders. A lost race is answered with
// where the remittance stands now: the story goes on from there. A conflict
// over anything but the state is an error: taken for a lost race it would be
// lost again, in silence, for ever.
func (s *Steps) apply(ctx context.Context, id remit.RemittanceID, moves ...Move) (Standing, error) {
	r, err := s.Book.Apply(ctx, moves...)
	if remit.KindOf(err) == remit.KindConflict && remit.ReasonOf(err) == remit.ReasonStateConflict {
		now, readErr := s.Book.Remittance(ctx, id)
		if readErr != nil {
			return Standing{}, fmt.Errorf("read after a lost race: %w", readErr)
		}
		if now.State != moves[0].From {
			return standing(now), nil
		}
	}
	if err != nil {
		return Standing{}, fmt.Errorf("apply %s → %s: %w", moves[0].From, moves[len(moves)-1].To, err)
	}
	for _, m := range moves {
		if m.RampOrder != nil || m.CancelRampOrder != "" || m.SettlementOrder != nil {
			s.Placed(m)
		}
	}
	at := standing(r)
	at.Moved = true
	return at, nil
}

// Intake decides whether the remittance may go on, and asks for the money.
func (s *Steps) Intake(ctx context.Context, in StepInput) (Standing, error) {
	r, err := s.Book.Remittance(ctx, in.RemittanceID)
	if err != nil {
		return Standing{}, err
	}
	switch r.State {
	case remit.StateCreated:
		if in.Canceling {
			return s.apply(ctx, r.ID, endMove(r, remit.StateCanceled, remit.ReasonCanceledByCaller))
		}
		return s.decideIntake(ctx, r)
	case remit.StateInReview:
		if r.Funds != remit.FundsNone {
			return standing(r), nil // Money came in: it is a review of later.
		}
		return s.afterIntakeReview(ctx, r, in.Canceling)
	default:
		return standing(r), nil
	}
}

func (s *Steps) decideIntake(ctx context.Context, r remit.Remittance) (Standing, error) {
	d, err := s.decide(ctx, r, compliance.GateIntake, 1)
	if err != nil {
		return Standing{}, err
	}
	switch d.Outcome {
	case compliance.OutcomeAllow:
		return s.askForMoney(ctx, r, &d)
	case compliance.OutcomeReject, compliance.OutcomeBlock:
		// Before any money moved there is nothing to block.
		m := endMove(r, remit.StateRejected, firstReason(d))
		m.Decision = &d
		return s.apply(ctx, r.ID, m)
	default:
		// Review, RFI, and whatever is not understood: a person decides.
		return s.apply(ctx, r.ID, s.reviewMove(r, d))
	}
}

func (s *Steps) afterIntakeReview(ctx context.Context, r remit.Remittance, canceling bool) (Standing, error) {
	c, err := s.Book.Case(ctx, r.OpenCase)
	if err != nil {
		return Standing{}, fmt.Errorf("read case of review: %w", err)
	}
	switch c.Status {
	case compliance.CaseApproved:
		back := reviewedMove(r, remit.StateCreated)
		r.State = remit.StateCreated
		if canceling {
			return s.apply(ctx, r.ID, back, endMove(r, remit.StateCanceled, remit.ReasonCanceledByCaller))
		}
		return s.askForMoney(ctx, r, nil, back)
	case compliance.CaseRejected:
		m := endMove(r, remit.StateRejected, remit.ReasonReviewRejected)
		m.Change = closeCase
		return s.apply(ctx, r.ID, m)
	case compliance.CaseBlocked:
		// Before any money moved there is nothing to keep.
		m := endMove(r, remit.StateRejected, remit.ReasonSanctionsMatch)
		m.Change = closeCase
		return s.apply(ctx, r.ID, m)
	default:
		return standing(r), nil
	}
}

// askForMoney brings the money in: it places a pay-in order, or draws on the
// tenant's balance at once. before are moves of the same transaction.
func (s *Steps) askForMoney(ctx context.Context, r remit.Remittance, d *compliance.Decision, before ...Move) (Standing, error) {
	if r.Quote.Funding != remit.FundingBalance {
		return s.apply(ctx, r.ID, append(before, payInMove(r, d))...)
	}
	at, err := s.apply(ctx, r.ID, append(slices.Clone(before), balanceMove(r, d))...)
	if remit.ReasonOf(err) == remit.ReasonInsufficientFunds {
		end := endMove(r, remit.StateCanceled, remit.ReasonInsufficientBalance)
		end.Decision = d
		return s.apply(ctx, r.ID, append(before, end)...)
	}
	return at, err
}

func balanceMove(r remit.Remittance, d *compliance.Decision) Move {
	q := r.Quote
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
		Facts:   map[string]string{"amount": q.SourceTotal.String(), "method": string(q.Funding)},
		Entries: []ledger.Entry{balanceEntry(r)}, Decision: d,
	}
}

func payInMove(r remit.Remittance, d *compliance.Decision) Move {
	q := r.Quote
	order := ramps.Order{
		ID:           remit.DeriveID[remit.RampOrderID](remit.PrefixRampOrder, r.CreatedAt, entryKey(r, "payin")),
		RemittanceID: r.ID, TenantID: r.TenantID, Direction: ramps.PayIn, Provider: q.FundingProvider,
		Method: string(q.Funding), Country: q.From, Amount: q.SourceTotal, Status: ramps.StatusQueued,
	}
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StateAwaitingFunds, Funds: remit.FundsNone,
		EventType: "remittance.awaiting_funds", RampOrder: &order, Decision: d,
		Facts:  map[string]string{"amount": q.SourceTotal.String(), "method": string(q.Funding), "provider": q.FundingProvider},
		Change: func(r *remit.Remittance) { r.PayInOrder = order.ID },
	}
}

// decide asks the gate and names the decision after the gate and its turn, so
// that a repeated step stores it once.
func (s *Steps) decide(ctx context.Context, r remit.Remittance, gate compliance.Gate, turn int) (compliance.Decision, error) {
	subject, err := s.Book.Subject(ctx, r.ID, gate)
	if err != nil {
		return compliance.Decision{}, fmt.Errorf("read subject of gate %s: %w", gate, err)
	}
	d, err := s.Decider.Decide(ctx, subject)
	if err != nil {
		return compliance.Decision{}, fmt.Errorf("decide at gate %s: %w", gate, err)
	}
	d.ID = decisionID(r, gate, turn)
	d.RemittanceID, d.Gate = r.ID, gate
	if d.ListVersions == nil {
		d.ListVersions = make(map[string]string)
	}
	d.ListVersions[allListsVersion] = s.Decider.ListsVersion()
	return d, nil
}

// allListsVersion is the key under which a decision keeps the version of all
// lists and policy together.
const allListsVersion = "all"

func decisionID(r remit.Remittance, gate compliance.Gate, turn int) remit.DecisionID {
	return remit.DeriveID[remit.DecisionID](remit.PrefixDecision, r.CreatedAt, entryKey(r, string(gate)+"/"+strconv.Itoa(turn)))
}

// reviewMove stops the remittance for a person and opens the case, or joins the
// one that is undecided: the Book then says which.
func (s *Steps) reviewMove(r remit.Remittance, d compliance.Decision) Move {
	c := compliance.Case{
		ID:       remit.DeriveID[remit.CaseID](remit.PrefixCase, r.CreatedAt, string(d.ID)),
		TenantID: r.TenantID, RemittanceID: r.ID, Kind: compliance.CaseKindGate, Gate: d.Gate, Decision: d.ID,
		Status: compliance.CaseOpen, Reasons: d.Reasons, Hits: d.Hits,
	}
	resume := r.State
	return Move{
		Remittance: r.ID, From: r.State, To: remit.StateInReview, Funds: r.Funds, Reason: firstReason(d),
		EventType: "remittance.in_review", Facts: map[string]string{"case_id": string(c.ID)}, Decision: &d, OpenCase: &c,
		Change: func(r *remit.Remittance) { r.OpenCase, r.ResumeState = c.ID, resume },
	}
}

// reviewedMove takes an approved remittance back to where it was stopped.
func reviewedMove(r remit.Remittance, to remit.State) Move {
	return Move{
		Remittance: r.ID, From: remit.StateInReview, To: to, Funds: r.Funds, Reason: remit.ReasonReviewApproved,
		EventType: "remittance.review_approved", Facts: map[string]string{"case_id": string(r.OpenCase)}, Change: closeCase,
	}
}

func closeCase(r *remit.Remittance) { r.OpenCase, r.ResumeState = "", "" }

// endMove ends a remittance before any money moved.
func endMove(r remit.Remittance, to remit.State, why remit.Reason) Move {
	return Move{
		Remittance: r.ID, From: r.State, To: to, Funds: remit.FundsNone, Reason: why, EventType: "remittance." + string(to),
	}
}

func firstReason(d compliance.Decision) remit.Reason {
	if len(d.Reasons) == 0 {
		return remit.ReasonPolicyUndecided
	}
	return d.Reasons[0]
}
