package workflows

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// Move is one step of a remittance: the change of state, the event, the ledger
// entries, the orders and the case that go with it, all in one transaction or not at all.
type Move struct {
	Remittance remit.RemittanceID
	// From is the state the move starts from: if the remittance is not there
	// the move is a conflict. To is where it ends; equal to From for a fact in between.
	From, To remit.State
	// Funds after the move.
	Funds  remit.Funds
	Reason remit.Reason
	// EventType names the event, such as "remittance.funded".
	EventType string
	Facts     map[string]string
	// Change sets further fields of the remittance (orders, rail, hold, case).
	// It must not touch ids, state, funds, reason or times.
	Change  func(*remit.Remittance)
	Entries []ledger.Entry
	// What the move places or stores beside it; nil for nothing.
	RampOrder       *ramps.Order
	CancelRampOrder remit.RampOrderID
	SettlementOrder *settlement.Order
	Decision        *compliance.Decision
	OpenCase        *compliance.Case
}

// Book is where remittances are kept. It is implemented by the store.
type Book interface {
	// Apply commits moves of one remittance in order, in one transaction.
	// Errors: conflict when it is not in the state the first move starts from
	// or an entry's key was used with other input; precondition with
	// ReasonInsufficientFunds when a guarded account cannot afford an entry;
	// not_found.
	Apply(ctx context.Context, moves ...Move) (remit.Remittance, error)
	// Remittance returns one remittance of any tenant. Errors: not_found.
	Remittance(ctx context.Context, id remit.RemittanceID) (remit.Remittance, error)
	// Subject returns all that a gate looks at.
	Subject(ctx context.Context, id remit.RemittanceID, gate compliance.Gate) (compliance.Subject, error)
	// PartiesChanged reports whether originator or beneficiary were changed at or
	// after a time.
	PartiesChanged(ctx context.Context, r remit.Remittance, since time.Time) (bool, error)
	// Case returns a case of any tenant. Errors: not_found.
	Case(ctx context.Context, id remit.CaseID) (compliance.Case, error)
	// Decision returns a stored decision. Errors: not_found.
	Decision(ctx context.Context, id remit.DecisionID) (compliance.Decision, error)
	// RampOrder and SettlementOrder return orders. Errors: not_found.
	RampOrder(ctx context.Context, id remit.RampOrderID) (ramps.Order, error)
	SettlementOrder(ctx context.Context, id remit.OrderID) (settlement.Order, error)
}

// Outbox holds the notices that are to reach workflows.
type Outbox interface {
	// PendingNotices returns undelivered notices whose time has come, oldest
	// first, at most limit, with their numbers.
	PendingNotices(ctx context.Context, limit int) ([]NumberedNotice, error)
	// Delivered marks notices as delivered.
	Delivered(ctx context.Context, numbers []int64) error
	// Postpone plans notices that could not be delivered for later.
	Postpone(ctx context.Context, numbers []int64, until time.Time) error
	// Arrived returns a channel that receives after notices were committed by
	// this process; it is a hint, never the only way.
	Arrived() <-chan struct{}
}

// NumberedNotice is a notice with its place in the outbox.
type NumberedNotice struct {
	Number int64
	remit.Notice
}
