package counter

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// DrawerState is where a drawer stands. The zero value is unspecified.
type DrawerState string

// The states of a drawer.
const (
	// DrawerOpen: the teller works with it.
	DrawerOpen DrawerState = "open"
	// DrawerCounted: counted blind for closing and found over or short; a manager
	// must approve the difference. Nothing moves meanwhile.
	DrawerCounted DrawerState = "counted"
	// DrawerOffered: counted for the next teller, who counts again to take it over.
	DrawerOffered DrawerState = "offered"
	// DrawerClosed: the cash is back in the outlet's float, or with the next teller. Final.
	DrawerClosed DrawerState = "closed"
)

// Pieces is how many notes or coins of one value there are.
type Pieces struct {
	// Minor is the value of one in minor units.
	Minor int64 `json:"minor"`
	Count int64 `json:"count"`
}

// Count is counted cash of one currency.
type Count struct {
	Total remit.Money `json:"total"`
	// Pieces, if given, add up to the total.
	Pieces []Pieces `json:"pieces,omitempty"`
}

// maxPieces bounds the values that are counted, maxPieceCount the pieces of one.
const (
	maxPieces     = 30
	maxPieceCount = 1_000_000
)

// validate refuses a count that is negative or does not add up.
func (c Count) validate() error {
	wrong := remit.Invalid("counts", remit.ReasonCountMismatch, "the pieces do not add up to %s; count again", c.Total)
	if c.Total.Asset.IsZero() || c.Total.Minor < 0 || len(c.Pieces) > maxPieces {
		return wrong
	}
	if len(c.Pieces) == 0 {
		return nil
	}
	sum := int64(0)
	for _, p := range c.Pieces {
		if p.Minor <= 0 || p.Count < 0 || p.Count > maxPieceCount || p.Minor > c.Total.Minor+1 && p.Count > 0 {
			return wrong
		}
		if p.Count > 0 && p.Minor > (1<<62)/p.Count {
			return wrong
		}
		if sum += p.Minor * p.Count; sum < 0 || sum > c.Total.Minor {
			return wrong
		}
	}
	if sum != c.Total.Minor {
		return wrong
	}
	return nil
}

// validateCounts refuses counts of one currency twice.
func validateCounts(counts []Count) error {
	var seen []remit.Asset
	for _, c := range counts {
		if err := c.validate(); err != nil {
			return err
		}
		if slices.Contains(seen, c.Total.Asset) {
			return remit.Invalid("counts", remit.ReasonFieldInvalid, "%s is counted twice", c.Total.Asset.Code)
		}
		seen = append(seen, c.Total.Asset)
	}
	return nil
}

func countOf(counts []Count, a remit.Asset) remit.Money {
	for _, c := range counts {
		if c.Total.Asset == a {
			return c.Total
		}
	}
	return remit.NewMoney(a, 0)
}

// Difference is what a count found more (over) or less (short, negative) than the ledger.
type Difference struct {
	Expected remit.Money `json:"expected"`
	Counted  remit.Money `json:"counted"`
}

// Over is what there is too much; negative for what is missing.
func (d Difference) Over() remit.Money {
	return remit.NewMoney(d.Expected.Asset, d.Counted.Minor-d.Expected.Minor)
}

// Drawer is one session of a teller's drawer, from opening to closing. What it
// holds is in the ledger.
type Drawer struct {
	ID       DrawerID       `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	AgentID  AgentID        `json:"agent_id"`
	OutletID OutletID       `json:"outlet_id"`
	TellerID TellerID       `json:"teller_id"`
	State    DrawerState    `json:"state"`
	// Opening and Closing are what was counted then.
	Opening []Count `json:"opening"`
	Closing []Count `json:"closing,omitempty"`
	// Differences are what the closing count found; empty while it is open, so
	// that counting is blind.
	Differences []Difference `json:"differences,omitempty"`
	// Reason is the teller's word on a difference.
	Reason string `json:"reason,omitempty"`
	// ApprovedBy approved the difference; NextTeller takes the drawer over.
	ApprovedBy TellerID  `json:"approved_by,omitempty"`
	NextTeller TellerID  `json:"next_teller,omitempty"`
	OpenedAt   time.Time `json:"opened_at"`
	ClosedAt   time.Time `json:"closed_at"`
}

// off reports whether a count found a difference.
func (d Drawer) off() bool {
	return slices.ContainsFunc(d.Differences, func(x Difference) bool { return x.Counted != x.Expected })
}

// TopUpState is where a top-up stands. The zero value is unspecified.
type TopUpState string

// The states of a top-up.
const (
	// TopUpRequested waits for the operator.
	TopUpRequested TopUpState = "requested"
	// TopUpPosted was approved: the float holds it. Final.
	TopUpPosted TopUpState = "posted"
	// TopUpRefused is final.
	TopUpRefused TopUpState = "refused"
)

// TopUp is a request for float.
type TopUp struct {
	ID       TopUpID        `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	AgentID  AgentID        `json:"agent_id"`
	OutletID OutletID       `json:"outlet_id"`
	Amount   remit.Money    `json:"amount"`
	State    TopUpState     `json:"state"`
	// RequestedBy and DecidedBy are who, by the id of the actor.
	RequestedBy string `json:"requested_by"`
	DecidedBy   string `json:"decided_by,omitempty"`
	// Reference is how the money was sent, such as the bank's name of it.
	Reference string `json:"reference,omitempty"`
	// Reason is the operator's word to who asked, such as why it was refused.
	Reason    string    `json:"reason,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	DecidedAt time.Time `json:"decided_at"`
}
