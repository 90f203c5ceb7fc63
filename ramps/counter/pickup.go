package counter

import (
	"time"

	"github.com/openremit/remit"
)

// State is where a pickup stands. The zero value is unspecified.
type State string

// The states of a pickup.
const (
	// StateWaiting: the beneficiary may fetch it.
	StateWaiting State = "waiting"
	// StateReserved: a teller has the beneficiary at the counter. A reservation
	// whose time is over counts as waiting.
	StateReserved State = "reserved"
	// StatePaid: confirmed; the teller hands the cash over. Final.
	StatePaid State = "paid"
	// StateCanceled: withdrawn before it was paid. Final.
	StateCanceled State = "canceled"
	// StateExpired: not fetched in time. Final.
	StateExpired State = "expired"
)

// Final reports whether the state never changes any more.
func (s State) Final() bool { return s == StatePaid || s == StateCanceled || s == StateExpired }

// Reach says at which counters a pickup may be paid.
type Reach struct {
	// AgentID and OutletID restrict it to a network or one outlet; both empty is
	// anywhere in the country.
	AgentID  AgentID  `json:"agent_id,omitempty"`
	OutletID OutletID `json:"outlet_id,omitempty"`
}

// Approval is what needs a manager. The zero value is unspecified.
type Approval string

// What needs a manager.
const (
	// ApprovalPayoutLimit and ApprovalDayLimit: above what the teller may pay alone.
	ApprovalPayoutLimit Approval = "payout_limit"
	ApprovalDayLimit    Approval = "day_limit"
	// ApprovalName: the name on the document is not quite the beneficiary's.
	ApprovalName Approval = "name"
)

// Reservation is a teller's claim on a pickup, for a short time.
type Reservation struct {
	ID       ReservationID `json:"id"`
	AgentID  AgentID       `json:"agent_id"`
	OutletID OutletID      `json:"outlet_id"`
	TellerID TellerID      `json:"teller_id"`
	DrawerID DrawerID      `json:"drawer_id"`
	At       time.Time     `json:"at"`
	Until    time.Time     `json:"until"`
	// PartyVersion is the version of the beneficiary that was compared.
	PartyVersion int64 `json:"party_version"`
	// NameScore is how well the document's name fits, in basis points.
	NameScore int `json:"name_score"`
	// Needs lists what a manager must approve; ApprovedBy who did.
	Needs      []Approval `json:"needs,omitempty"`
	ApprovedBy TellerID   `json:"approved_by,omitempty"`
}

// approved reports whether nothing is left to approve.
func (r Reservation) approved() bool { return len(r.Needs) == 0 || r.ApprovedBy != "" }

// Pickup is cash that waits for its beneficiary.
type Pickup struct {
	ID           PickupID           `json:"id"`
	OrderID      remit.RampOrderID  `json:"order_id"`
	TenantID     remit.TenantID     `json:"tenant_id"`
	RemittanceID remit.RemittanceID `json:"remittance_id"`
	Country      remit.Country      `json:"country"`
	Amount       remit.Money        `json:"amount"`
	CodeHash     CodeHash           `json:"code_hash"`
	Reach        Reach              `json:"reach"`
	// Refund marks cash that goes back to the originator, who then is the one who
	// fetches it.
	Refund bool  `json:"refund,omitempty"`
	State  State `json:"state"`
	// Reservation is the last one, if any; of a paid pickup the one it was paid by.
	Reservation *Reservation `json:"reservation,omitempty"`
	// Identity is what was captured of the document, sealed with the
	// beneficiary's data key.
	Identity []byte `json:"identity,omitempty"`
	// Photo is that of the document, if one was taken; Signed how the beneficiary
	// of a paid pickup confirmed.
	Photo  *Evidence `json:"photo,omitempty"`
	Signed *Signed   `json:"signed,omitempty"`
	// Receipt, Commission, PaidAt and PaidDay are of a paid pickup; PaidDay is
	// the outlet's.
	Receipt    string      `json:"receipt,omitempty"`
	Commission remit.Money `json:"commission"`
	PaidAt     time.Time   `json:"paid_at"`
	PaidDay    string      `json:"paid_day,omitempty"`
	CreatedAt  time.Time   `json:"created_at"`
	ExpiresAt  time.Time   `json:"expires_at"`
}

// pickupID names the pickup of a payout order.
func pickupID(order remit.RampOrderID, at time.Time) PickupID {
	return remit.DeriveID[PickupID](PrefixPickup, at, string(order))
}

// held reports whether a reservation holds at a moment.
func (p Pickup) held(now time.Time) bool {
	return p.State == StateReserved && p.Reservation != nil && now.Before(p.Reservation.Until)
}

// StateAt is the state as people see it: a reservation that ran out is none.
func (p Pickup) StateAt(now time.Time) State {
	switch {
	case p.State == StateReserved && !p.held(now):
		return StateWaiting
	default:
		return p.State
	}
}

// overdue reports whether nobody may fetch it any more.
func (p Pickup) overdue(now time.Time) bool {
	return !p.State.Final() && !p.held(now) && !now.Before(p.ExpiresAt)
}

// errPickupNotFound is the one answer to a wrong code, a wrong name and both.
func errPickupNotFound() error {
	return remit.Errorf(remit.KindNotFound, remit.ReasonPickupNotFound,
		"no payment fits this code and name; check both with the customer")
}

// errNotPayable says nothing of why: whoever is told must not learn more.
func errNotPayable(a Agent) error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonPickupNotPayable,
		"this payment cannot be paid now; give no cash and call %s", orElse(a.Phone, "the support line"))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
