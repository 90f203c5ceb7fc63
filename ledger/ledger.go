package ledger

import (
	"time"

	"github.com/openremit/remit"
)

// Account names an account as owner/purpose, such as "remittance/rem_01h…" or
// "treasury/stellar". An account holds every asset separately.
type Account string

// Posting moves a positive amount from a debit to a credit account, so an entry
// balances per asset by construction.
type Posting struct {
	Debit  Account     `json:"debit"`
	Credit Account     `json:"credit"`
	Amount remit.Money `json:"amount"`
}

// Action says what an entry does. The zero value is unspecified and refused.
type Action string

// The actions of an entry.
const (
	// ActionPost posts the postings at once.
	ActionPost Action = "post"
	// ActionHold reserves the postings: guarded accounts must afford them, the
	// balance does not move yet.
	ActionHold Action = "hold"
	// ActionSettleHold posts a hold's postings and ends it.
	ActionSettleHold Action = "settle_hold"
	// ActionVoidHold ends a hold without posting.
	ActionVoidHold Action = "void_hold"
	// ActionReverse posts the opposite of an earlier entry, once.
	ActionReverse Action = "reverse"
)

// Entry is one atomic business event in the journal.
type Entry struct {
	ID remit.EntryID
	// Key is the idempotency key: one entry per key. The same key with the same
	// input answers the first result; with other input it is a conflict.
	Key    string
	Action Action
	// Postings of a post or a hold; empty for the others.
	Postings []Posting
	// Hold is the hold that a hold entry makes, or that a settle or void ends.
	Hold remit.HoldID
	// Reverses is the key of the entry that a reversal undoes.
	Reverses string
	// Remittance is the remittance the entry belongs to, empty for treasury
	// and tenant funding.
	Remittance remit.RemittanceID
	// Memo says in words what happened; never personal data.
	Memo string
	At   time.Time
}
