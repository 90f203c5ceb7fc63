package remit

import "slices"

//go:generate go test -run TestStatesDocument -update .

// State says what has happened to a remittance. The zero value is unspecified
// and no move starts or ends there.
type State string

// The states of a remittance.
const (
	// StateCreated: a firm quote was accepted, identities are known.
	StateCreated State = "created"
	// StateAwaitingFunds: pay-in instructions were given.
	StateAwaitingFunds State = "awaiting_funds"
	// StateInReview: a person must decide; a case is open.
	StateInReview State = "in_review"
	// StateActionRequired: the caller must answer before a deadline.
	StateActionRequired State = "action_required"
	// StateFunded: the originator's money is ours to move.
	StateFunded State = "funded"
	// StateSettling: a stablecoin payment is submitted or about to be.
	StateSettling State = "settling"
	// StateSettled: the payment is final on chain, or netted by agreement.
	StateSettled State = "settled"
	// StatePayingOut: the payout order is with the off-ramp, or the money waits on
	// chain for the beneficiary's wallet to claim it.
	StatePayingOut State = "paying_out"
	// StateReadyForPickup: cash waits behind a pickup code.
	StateReadyForPickup State = "ready_for_pickup"
	// StateCompleted: the beneficiary has the money.
	StateCompleted State = "completed"
	// StateReturned: the payout came back after completion.
	StateReturned State = "returned"
	// StateRefunding: undone; the money is on its way to the originator.
	StateRefunding State = "refunding"
	// StateRefunded: the originator is whole again.
	StateRefunded State = "refunded"
	// StateRejected: ended by a gate before any money moved.
	StateRejected State = "rejected"
	// StateCanceled: ended before any money moved: the caller withdrew it, or
	// the pay-in was declined.
	StateCanceled State = "canceled"
	// StateExpired: ended because the money did not come in time.
	StateExpired State = "expired"
	// StateBlocked: true sanctions match after funding; kept and reported.
	StateBlocked State = "blocked"
)

// Funds says whose money is where. The zero value is unspecified.
type Funds string

// The places where the money can be.
const (
	// FundsNone: no money has moved.
	FundsNone Funds = "none"
	// FundsHeld: we hold the originator's money.
	FundsHeld Funds = "held"
	// FundsInTransit: the stablecoin is on its way.
	FundsInTransit Funds = "in_transit"
	// FundsWithPartner: the off-ramp has the value, or it waits to be claimed.
	FundsWithPartner Funds = "with_partner"
	// FundsPaid: the beneficiary has it.
	FundsPaid Funds = "paid"
	// FundsReturned: the originator has it back.
	FundsReturned Funds = "returned"
	// FundsBlocked: kept in a blocked account by law.
	FundsBlocked Funds = "blocked"
)

// Lawful is one row of the table of lawful moves.
type Lawful struct {
	From State
	// What says in a sentence what has happened in From.
	What string
	// Funds lists where the money may be in From.
	Funds []Funds
	// To lists the states that may come next; an empty list ends the remittance.
	To []State
}

// LawfulMoves is the one table of states: every move of every remittance is a
// row of it, and the diagram in docs/states.md is drawn from it.
func LawfulMoves() []Lawful {
	return []Lawful{
		{StateCreated, "A firm quote was accepted and identities are known.", []Funds{FundsNone},
			[]State{StateInReview, StateAwaitingFunds, StateFunded, StateRejected, StateCanceled}},
		{StateAwaitingFunds, "Pay-in instructions were given.", []Funds{FundsNone},
			[]State{StateActionRequired, StateFunded, StateExpired, StateCanceled}},
		{StateInReview, "A person must decide; a case is open.", []Funds{FundsNone, FundsHeld, FundsWithPartner},
			[]State{StateCreated, StateFunded, StatePayingOut, StateRejected, StateRefunding, StateBlocked}},
		{StateActionRequired, "The caller must answer before a deadline.", []Funds{FundsNone, FundsHeld, FundsWithPartner},
			[]State{StateAwaitingFunds, StateFunded, StatePayingOut, StateRefunding, StateCanceled}},
		{StateFunded, "The originator's money is ours to move.", []Funds{FundsHeld},
			[]State{StateSettling, StateInReview, StateRefunding}},
		{StateSettling, "A stablecoin payment is submitted or about to be.", []Funds{FundsInTransit},
			[]State{StateSettled, StateSettling, StateRefunding}},
		{StateSettled, "The payment is final on chain.", []Funds{FundsWithPartner},
			[]State{StatePayingOut, StateReadyForPickup}},
		{StatePayingOut, "The payout order is with the off-ramp, or the money waits on chain for the beneficiary's wallet to claim it.", []Funds{FundsWithPartner},
			[]State{StateCompleted, StateReadyForPickup, StateInReview, StateActionRequired, StateRefunding}},
		{StateReadyForPickup, "Cash waits behind a pickup code.", []Funds{FundsWithPartner},
			[]State{StateCompleted, StateInReview, StateActionRequired, StateRefunding}},
		{StateCompleted, "The beneficiary has the money.", []Funds{FundsPaid}, []State{StateReturned}},
		{StateReturned, "The payout came back after completion.", []Funds{FundsHeld},
			[]State{StatePayingOut, StateRefunding}},
		{StateRefunding, "The money is on its way back to the originator.", []Funds{FundsHeld}, []State{StateRefunded}},
		{StateRefunded, "The originator is whole again.", []Funds{FundsReturned}, nil},
		{StateRejected, "A gate refused it before any money moved.", []Funds{FundsNone}, nil},
		{StateCanceled, "Withdrawn by the caller, or the pay-in was declined, before any money moved.", []Funds{FundsNone}, nil},
		{StateExpired, "The money did not come in time.", []Funds{FundsNone}, nil},
		{StateBlocked, "True sanctions match after funding: kept and reported.", []Funds{FundsBlocked}, []State{StateRefunding}},
	}
}

var lawful = func() map[State]Lawful {
	m := make(map[State]Lawful)
	for _, row := range LawfulMoves() {
		m[row.From] = row
	}
	return m
}()

// Valid reports whether s is a state of the table.
func (s State) Valid() bool { _, ok := lawful[s]; return ok }

// CanBecome reports whether the table allows the move from s to next.
func (s State) CanBecome(next State) bool {
	row, ok := lawful[s]
	return ok && slices.Contains(row.To, next)
}

// Allows reports whether the money may be at f while the remittance is in s.
func (s State) Allows(f Funds) bool {
	row, ok := lawful[s]
	return ok && slices.Contains(row.Funds, f)
}

// Ended reports whether nothing further happens by itself: the states without
// a next one, and completed and blocked, which only an outside act leaves.
func (s State) Ended() bool {
	row, ok := lawful[s]
	return ok && (len(row.To) == 0 || s == StateCompleted || s == StateBlocked)
}

// MoneyBeyondRecall reports whether the settlement is final: the point of no
// return, after which value only comes back as a new movement.
func (s State) MoneyBeyondRecall() bool {
	switch s {
	case StateSettled, StatePayingOut, StateReadyForPickup, StateCompleted, StateReturned:
		return true
	default:
		return false
	}
}
