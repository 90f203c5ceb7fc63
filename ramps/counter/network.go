package counter

import (
	"time"

	"github.com/openremit/remit"
)

// Ids of the network. Like all ids they have a prefix.
type (
	// AgentID names a company that pays out for us: agt_….
	AgentID string
	// OutletID names one of its locations: out_….
	OutletID string
	// TellerID names a person who works there: tel_….
	TellerID string
	// PickupID names cash that waits for its beneficiary: pic_….
	PickupID string
	// ReservationID names a teller's claim on a pickup: rsv_….
	ReservationID string
	// DrawerID names one session of a teller's drawer: drw_….
	DrawerID string
	// TopUpID names a request for float: top_….
	TopUpID string
	// EvidenceID names a photo or signature: evd_….
	EvidenceID string
)

// The prefixes of ids.
const (
	PrefixAgent       = "agt"
	PrefixOutlet      = "out"
	PrefixTeller      = "tel"
	PrefixPickup      = "pic"
	PrefixReservation = "rsv"
	PrefixDrawer      = "drw"
	PrefixTopUp       = "top"
	PrefixEvidence    = "evd"
)

// Limit bounds what is paid out in one currency, in minor units; 0 is no limit.
type Limit struct {
	// PerPayout bounds one payout, PerDay all of a day in the outlet's time zone.
	PerPayout int64 `json:"per_payout,omitempty"`
	PerDay    int64 `json:"per_day,omitempty"`
}

// Commission is what an agent earns for a payout in one currency.
type Commission struct {
	// FixedMinor is for each payout, BasisPoints of its amount, rounded down.
	FixedMinor  int64 `json:"fixed_minor,omitempty"`
	BasisPoints int64 `json:"basis_points,omitempty"`
}

// maxBasisPoints is the whole.
const maxBasisPoints = 10_000

// of returns what a payout earns. Division by parts keeps it within 64 bits.
func (c Commission) of(amount remit.Money) remit.Money {
	share := amount.Minor/maxBasisPoints*c.BasisPoints + amount.Minor%maxBasisPoints*c.BasisPoints/maxBasisPoints
	return remit.NewMoney(amount.Asset, c.FixedMinor+share)
}

// Agent is a company that pays out for us.
type Agent struct {
	ID       AgentID        `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	Name     string         `json:"name"`
	// Phone is whom its tellers call when a payment cannot be paid.
	Phone     string `json:"phone"`
	Suspended bool   `json:"suspended"`
	// Commissions are by currency code.
	Commissions map[string]Commission `json:"commissions,omitempty"`
	// Suspension is why it is suspended, where a person said so.
	Suspension *Suspension `json:"suspension,omitempty"`
	// Proofs, if any, are asked for instead of those of the country.
	Proofs []Proof `json:"proofs,omitempty"`
	// CashInCommissions are by currency code, for cash that is taken in.
	CashInCommissions map[string]Commission `json:"cash_in_commissions,omitempty"`
	CreatedAt         time.Time             `json:"created_at"`
}

// Place is where an outlet is, in millionths of a degree.
type Place struct {
	Latitude  int64 `json:"latitude"`
	Longitude int64 `json:"longitude"`
}

// Outlet is a location of an agent.
type Outlet struct {
	ID       OutletID       `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	AgentID  AgentID        `json:"agent_id"`
	Name     string         `json:"name"`
	Country  remit.Country  `json:"country"`
	City     string         `json:"city"`
	Address  string         `json:"address"`
	Place    *Place         `json:"place,omitempty"`
	Hours    Hours          `json:"hours"`
	// Currencies are the codes of those it holds.
	Currencies []string `json:"currencies"`
	// Limits and LowFloat are by currency code; LowFloat is in minor units.
	Limits   map[string]Limit `json:"limits,omitempty"`
	LowFloat map[string]int64 `json:"low_float,omitempty"`
	// DrawerMaximum is what a drawer should hold at most, as LowFloat: more is
	// warned of.
	DrawerMaximum map[string]int64 `json:"drawer_maximum,omitempty"`
	Suspended     bool             `json:"suspended"`
	// Suspension is why it is suspended, where a person said so.
	Suspension *Suspension `json:"suspension,omitempty"`
	// BindDevices lets its tellers work on bound devices only.
	BindDevices bool `json:"bind_devices,omitempty"`
	// Receipts counts the receipts, which are numbered without gaps.
	Receipts  int64     `json:"receipts"`
	CreatedAt time.Time `json:"created_at"`
}

// Role is what a person does at the counters. The zero value may do nothing.
type Role string

// The roles.
const (
	// RoleTeller pays out and keeps a drawer.
	RoleTeller Role = "teller"
	// RoleManager also approves what tellers of the outlet may not do alone.
	RoleManager Role = "manager"
	// RoleAgentAdmin does so for every outlet of the agent.
	RoleAgentAdmin Role = "agent_admin"
)

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return r == RoleTeller || r == RoleManager || r == RoleAgentAdmin }

// Teller is a person who works at a counter, or an agent's manager.
type Teller struct {
	ID       TellerID       `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	AgentID  AgentID        `json:"agent_id"`
	// OutletID is empty for an agent's admin, who belongs to none.
	OutletID OutletID `json:"outlet_id,omitempty"`
	// StaffID is whose session acts as this teller; empty for one who works in
	// the agent's own system and is named by its API key.
	StaffID remit.StaffID `json:"staff_id,omitempty"`
	Name    string        `json:"name"`
	Role    Role          `json:"role"`
	// DeviceID is the one device that may be used, if any.
	DeviceID string `json:"device_id,omitempty"`
	// BindDevice lets the person work on bound devices only; Devices are those
	// that are bound, or wait to be.
	BindDevice bool     `json:"bind_device,omitempty"`
	Devices    []Device `json:"devices,omitempty"`
	Suspended  bool     `json:"suspended"`
	// Suspension is why they are suspended, where a person said so.
	Suspension *Suspension `json:"suspension,omitempty"`
	// TrainedUntil is when the training expires; zero for never trained.
	TrainedUntil time.Time `json:"trained_until"`
	// Shifts are the working hours; empty for all hours of the outlet.
	Shifts Week `json:"shifts"`
	// Limits are by currency code. Above them a manager must approve.
	Limits map[string]Limit `json:"limits,omitempty"`
	// Drawer is the open drawer, empty for none.
	Drawer    DrawerID  `json:"drawer,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Usage is what a teller paid out in a day in one currency.
type Usage struct {
	Minor int64 `json:"minor"`
	Count int64 `json:"count"`
}

// usageKey names the usage of a teller or outlet in a day.
func usageKey[T ~string](who T, day, currency string) string {
	return string(who) + "/" + day + "/" + currency
}
