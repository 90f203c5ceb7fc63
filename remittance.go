package remit

import "time"

// Remittance is one customer's instruction, from accepted quote to payout. It
// holds no personal data: parties are named by id.
type Remittance struct {
	ID            RemittanceID
	TenantID      TenantID
	CustomerID    CustomerID
	BeneficiaryID BeneficiaryID
	// Quote is the quote as accepted; it never changes afterwards.
	Quote Quote
	// Reference is the tenant's own name for it; Purpose is the declared purpose.
	Reference string
	Purpose   string
	// FundingSource is an opaque token that names where the funding provider
	// collects the money, such as a tokenised card. Empty lets the provider ask
	// the originator. Never a card or account number.
	FundingSource string

	State  State
	Funds  Funds
	Reason Reason
	// ResumeState is the state that a review or a required action returns to.
	ResumeState State
	// LastEvent is the number of the newest event.
	LastEvent int64

	// Rail carries or carried the settlement, empty until chosen; RailsTried
	// lists those known to have failed.
	Rail       Rail
	RailsTried []Rail
	// The orders in force, empty until placed.
	PayInOrder      RampOrderID
	SettlementOrder OrderID
	PayoutOrder     RampOrderID
	RefundOrder     RampOrderID
	// TreasuryHold reserves the stablecoin while settling.
	TreasuryHold HoldID
	// SettlementHash is the transaction on chain, once final.
	SettlementHash string
	// OpenCase is the case that a review waits for.
	OpenCase CaseID

	CreatedAt time.Time
	UpdatedAt time.Time
}

// Event is one numbered fact in a remittance's history: 1, 2, 3… without gaps.
type Event struct {
	RemittanceID RemittanceID
	TenantID     TenantID
	// Number counts from 1 per remittance; Feed orders all events of a tenant.
	Number int64
	Feed   int64
	// Type is the name of the fact: "remittance.funded" for a move of state,
	// "settlement.submitted" and the like for facts in between.
	Type   string
	State  State
	Funds  Funds
	Reason Reason
	At     time.Time
	// Facts are small public facts: amounts, providers, hashes. Never personal data.
	Facts map[string]string
}

// NoticeKind says what a notice to a remittance's workflow is about.
type NoticeKind string

// The kinds of notices.
const (
	// NoticeStart asks that the workflow of the remittance be started.
	NoticeStart NoticeKind = "start"
	// NoticeFunding, NoticePayout and NoticeRefund: a ramp order has an answer.
	NoticeFunding NoticeKind = "funding"
	NoticePayout  NoticeKind = "payout"
	NoticeRefund  NoticeKind = "refund"
	// NoticeSettlement: a settlement order has an answer.
	NoticeSettlement NoticeKind = "settlement"
	// NoticeReview: a case was decided.
	NoticeReview NoticeKind = "review"
	// NoticeCancel: the caller asks to cancel.
	NoticeCancel NoticeKind = "cancel"
	// NoticeFreeze: a party of the remittance matched a list after the money was
	// released; the payout is to be withdrawn. Ref is the case.
	NoticeFreeze NoticeKind = "freeze"
)

// Notice tells a remittance's workflow that something is known. It is written
// in the transaction that makes it true and delivered at least once; the
// workflow reads the truth from the store and treats a repeated notice as none.
type Notice struct {
	RemittanceID RemittanceID `json:"remittance_id"`
	Kind         NoticeKind   `json:"kind"`
	// Ref is the order or case that the notice is about.
	Ref string `json:"ref"`
	// Status is the order's status or the case's disposition.
	Status string `json:"status"`
	Reason Reason `json:"reason,omitempty"`
}
