package counter

import (
	"strings"
	"time"

	"github.com/openremit/remit"
)

// DepositID names cash that a customer brings for one remittance: dep_….
type DepositID string

// PrefixDeposit is the prefix of ids of deposits.
const PrefixDeposit = "dep"

// DepositOf names the deposit of a remittance: there is one at most.
func DepositOf(id remit.RemittanceID) DepositID {
	return DepositID(PrefixDeposit + strings.TrimPrefix(string(id), remit.PrefixRemittance))
}

// DepositState is where a deposit stands. The zero value is unspecified.
type DepositState string

// The states of a deposit.
const (
	// DepositBegun: the customer agreed; the gates look at the remittance. No cash
	// is taken yet.
	DepositBegun DepositState = "begun"
	// DepositWaiting: the pay-in order has come; the cash may be taken.
	DepositWaiting DepositState = "waiting"
	// DepositTaken: the cash is in the drawer. Final.
	DepositTaken DepositState = "taken"
	// DepositCanceled: withdrawn before cash was taken. Final.
	DepositCanceled DepositState = "canceled"
	// DepositExpired: the quote's time was up before cash was taken. Final.
	DepositExpired DepositState = "expired"
)

// Final reports whether the state never changes any more.
func (s DepositState) Final() bool {
	return s == DepositTaken || s == DepositCanceled || s == DepositExpired
}

// Told is what a customer was shown and said, as a record.
type Told struct {
	// Version and Language say which text it was.
	Version  string `json:"version"`
	Language string `json:"language"`
	// Answers are the customer's, by question; Accepted the disclosures agreed to.
	Answers  map[string]string `json:"answers,omitempty"`
	Accepted []string          `json:"accepted,omitempty"`
	At       time.Time         `json:"at"`
}

// Deposit is cash that a customer brings to a counter for one remittance. It is
// the pay-in order as the counters see it.
type Deposit struct {
	ID            DepositID           `json:"id"`
	TenantID      remit.TenantID      `json:"tenant_id"`
	AgentID       AgentID             `json:"agent_id"`
	OutletID      OutletID            `json:"outlet_id"`
	TellerID      TellerID            `json:"teller_id"`
	RemittanceID  remit.RemittanceID  `json:"remittance_id"`
	QuoteID       remit.QuoteID       `json:"quote_id"`
	CustomerID    remit.CustomerID    `json:"customer_id"`
	BeneficiaryID remit.BeneficiaryID `json:"beneficiary_id"`
	// OrderID is the pay-in order, empty until it came.
	OrderID remit.RampOrderID `json:"order_id,omitempty"`
	Amount  remit.Money       `json:"amount"`
	Target  remit.Money       `json:"target"`
	State   DepositState      `json:"state"`
	Reason  remit.Reason      `json:"reason,omitempty"`
	// Warning and Disclosures are what the customer was shown, and said.
	Warning     Told `json:"warning"`
	Disclosures Told `json:"disclosures"`
	// Identity is the document, sealed with the customer's data key; NameScore how
	// well its name fits, in basis points.
	Identity  []byte `json:"identity,omitempty"`
	NameScore int    `json:"name_score"`
	// Needs lists what a manager must approve; ApprovedBy who did.
	Needs      []Approval `json:"needs,omitempty"`
	ApprovedBy TellerID   `json:"approved_by,omitempty"`
	// What follows is of a deposit that was taken. Received and Change are as
	// counted, if they were noted; TakenDay is the outlet's.
	TakenBy    TellerID    `json:"taken_by,omitempty"`
	DrawerID   DrawerID    `json:"drawer_id,omitempty"`
	Received   *Count      `json:"received,omitempty"`
	Change     *Count      `json:"change,omitempty"`
	Receipt    string      `json:"receipt,omitempty"`
	Commission remit.Money `json:"commission"`
	TakenAt    time.Time   `json:"taken_at"`
	TakenDay   string      `json:"taken_day,omitempty"`
	// OverMaximum says that the drawer then held more than it should.
	OverMaximum bool `json:"over_maximum,omitempty"`
	// CancelAsked says that the customer wants the cash back.
	CancelAsked bool      `json:"cancel_asked,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	// ExpiresAt is when the quote ends: no cash is taken from then on.
	ExpiresAt time.Time `json:"expires_at"`
}

// approved reports whether nothing is left to approve.
func (d Deposit) approved() bool { return len(d.Needs) == 0 || d.ApprovedBy != "" }

// overdue reports whether its time is up.
func (d Deposit) overdue(now time.Time) bool {
	return !d.State.Final() && !now.Before(d.ExpiresAt)
}

// CancelWindow is how long after paying the customer may cancel, as long as the
// money was not paid out.
const CancelWindow = 30 * time.Minute

// CancelUntil is when the right to cancel ends; zero until the cash was taken.
func (d Deposit) CancelUntil() time.Time {
	if d.State != DepositTaken {
		return time.Time{}
	}
	return d.TakenAt.Add(CancelWindow)
}

// How a deposit is shown while its cash was not taken.
const (
	shownChecking = "checking"
	shownNotNow   = "not_now"
)

// Shown is the state of a deposit as people at the counter may see it. What
// stopped a remittance is not told: not_now is all there is to know.
func (d Deposit) Shown(r remit.Remittance, now time.Time) string {
	switch {
	case d.State.Final():
		return string(d.State)
	case d.overdue(now):
		return string(DepositExpired)
	case r.ID == "" || r.State == remit.StateCreated:
		return shownChecking
	case r.State == remit.StateAwaitingFunds && d.State == DepositWaiting && r.PayInOrder == d.OrderID:
		return string(DepositWaiting)
	case r.State == remit.StateAwaitingFunds:
		return shownChecking
	default:
		return shownNotNow
	}
}

// Progress is how far the money is once the cash was taken; what stops it on
// its way is not told.
func (d Deposit) Progress(r remit.Remittance, refund Pickup) string {
	if d.State != DepositTaken {
		return ""
	}
	switch r.State {
	case remit.StateReadyForPickup:
		return "ready_for_pickup"
	case remit.StateCompleted:
		return "delivered"
	case remit.StateRefunding:
		if refund.State == StateWaiting || refund.State == StateReserved {
			return "refund_waiting"
		}
		return "refunding"
	case remit.StateRefunded:
		return "refunded"
	default:
		return "sending"
	}
}

// RefundSeed is the seed of the code with which a remittance that was paid in
// cash is fetched back. It is printed on the receipt.
func RefundSeed(id remit.RemittanceID) string { return "refund/" + string(id) }

// ApprovalWarning needs a manager: what the customer answered to the warning is
// a sign of fraud.
const ApprovalWarning Approval = "warning"
