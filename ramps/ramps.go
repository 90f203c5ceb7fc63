package ramps

import (
	"context"
	"net/http"
	"time"

	"github.com/openremit/remit"
)

// Direction says which way the money goes. The zero value is unspecified.
type Direction string

// The directions.
const (
	// PayIn collects the originator's money.
	PayIn Direction = "pay_in"
	// PayOut delivers to the beneficiary.
	PayOut Direction = "pay_out"
	// Refund returns a pay-in to the originator by the way it came.
	Refund Direction = "refund"
)

// Status is a provider's answer to an order. The zero value is unspecified and
// is treated as unknown.
type Status string

// The answers of a provider, and the statuses of an order.
const (
	// StatusQueued: stored, not yet with the provider.
	StatusQueued Status = "queued"
	// StatusUnknown: sent, the answer is not known; look up.
	StatusUnknown Status = "unknown"
	// StatusAccepted: the provider has it and will say how it ends.
	StatusAccepted Status = "accepted"
	// StatusSucceeded and StatusFailed are final.
	StatusSucceeded Status = "succeeded"
	StatusFailed    Status = "failed"
	// StatusCanceled: withdrawn at the provider before it took effect; final.
	StatusCanceled Status = "canceled"
)

// Final reports whether the status never changes by itself any more.
func (s Status) Final() bool {
	return s == StatusSucceeded || s == StatusFailed || s == StatusCanceled
}

// Fixer says who may mend a failure.
type Fixer string

// The fixers.
const (
	FixerCaller   Fixer = "caller"
	FixerOperator Fixer = "operator"
	FixerProvider Fixer = "provider"
)

// Order is one instruction to a provider as it is stored: ids and amounts, no
// personal data. Its id is the idempotent reference that the provider sees.
type Order struct {
	ID           remit.RampOrderID
	RemittanceID remit.RemittanceID
	TenantID     remit.TenantID
	Direction    Direction
	Provider     string
	// Method is a remit.FundingMethod or remit.PayoutMethod.
	Method  string
	Country remit.Country
	Amount  remit.Money
	// RefundOf is the pay-in order that a refund returns.
	RefundOf remit.RampOrderID
	Status   Status
	Reason   remit.Reason
	// ProviderReference is the provider's own name for it.
	ProviderReference string
	// Received is what actually came in on a pay-in, when it succeeded.
	Received remit.Money
	// CancelRequested asks the desk to withdraw the order.
	CancelRequested bool
	Tries           int
	// NextTry is when the desk looks at it again.
	NextTry   time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Instruction is an order with the personal data that the provider needs, put
// together just before it is sent and never stored.
type Instruction struct {
	Order Order
	// Party is the originator of a pay-in or refund, the beneficiary of a payout.
	Party remit.Party
	// Account is where a payout goes, by the corridor's field names.
	Account map[string]string
	// PickupCode is what the beneficiary shows for cash.
	PickupCode string
	// From is the country that the remittance comes from.
	From remit.Country
}

// Answer is what a provider says about an order.
type Answer struct {
	Status            Status
	Reason            remit.Reason
	Fixer             Fixer
	ProviderReference string
	// Received is what came in, for a pay-in that succeeded.
	Received remit.Money
	// Detail is the provider's own words, for operators; never personal data.
	Detail string
}

// Capability is one thing a provider can do.
type Capability struct {
	Direction Direction
	Country   remit.Country
	Currency  string
	Method    string
}

// Callback is an authenticated message from a provider.
type Callback struct {
	// ID is the provider's id of the message, for telling repeats apart.
	ID        string
	Reference remit.RampOrderID
	Answer    Answer
}

// Provider moves fiat in or out. Every method is idempotent by the order's id.
type Provider interface {
	// Name is the provider's name in configuration, corridors and accounts.
	Name() string
	Capabilities() []Capability
	// Validate checks an account and, where the provider can, its name before
	// money moves. Errors: invalid with the fields; unavailable.
	Validate(ctx context.Context, in Instruction) error
	// Submit sends the order, again with the same reference if called again.
	// Trouble on the way is an Answer of StatusUnknown, not an error.
	Submit(ctx context.Context, in Instruction) Answer
	// Lookup asks what became of an order. An order the provider has never seen
	// is StatusQueued: it may be submitted.
	Lookup(ctx context.Context, o Order) Answer
	// Cancel withdraws an order, if the provider still can. It answers
	// StatusCanceled, or the order's true status. After StatusCanceled a
	// submission that is late on its way, or never came, has no effect.
	Cancel(ctx context.Context, o Order) Answer
	// ParseCallback authenticates a callback request, whose body the caller has
	// read within its limit. Errors: unauthenticated, invalid.
	ParseCallback(h http.Header, body []byte) (Callback, error)
}

// Store keeps ramp orders. Each method is one transaction.
type Store interface {
	// DueRampOrders returns orders that are not final and whose NextTry has come.
	DueRampOrders(ctx context.Context, limit int) ([]Order, error)
	// RampOrder returns one order. Errors: not_found.
	RampOrder(ctx context.Context, id remit.RampOrderID) (Order, error)
	// Instruction puts an order together with the personal data it needs.
	Instruction(ctx context.Context, o Order) (Instruction, error)
	// MarkRampSending moves a queued order to unknown before its first byte
	// leaves, plans the next look and counts the try. A conflict if it is not queued.
	MarkRampSending(ctx context.Context, id remit.RampOrderID, next time.Time) error
	// SaveRampAnswer records what the provider said and plans the next look. When the status becomes
	// accepted or final, the notice to the workflow is stored in the same
	// transaction. A final status is never replaced: it then reports false, and
	// a contradicting one (failed after succeeded) is stored as an event for operators.
	// Nor is accepted replaced by queued or unknown: that would let it be sent again.
	SaveRampAnswer(ctx context.Context, id remit.RampOrderID, a Answer, next time.Time) (changed bool, err error)
	// RecordCallback stores a callback once by provider and id; it reports
	// whether it is new.
	RecordCallback(ctx context.Context, provider, id string) (fresh bool, err error)
}
