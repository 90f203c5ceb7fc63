package counter

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// MovementKind says what a movement of cash or float was. The zero value is
// unspecified and refused.
type MovementKind string

// The kinds of movements. The float is the outlet's: agent/<outlet> in the
// ledger; the drawer is the teller's: drawer/<teller>; the partner is the one
// that sells us the cash: partner/counter.
const (
	// MoveTopUp: from the partner into the float.
	MoveTopUp MovementKind = "top_up"
	// MoveFloatReturn: from the float back to the partner.
	MoveFloatReturn MovementKind = "float_return"
	// MoveToDrawer and MoveFromDrawer: between the float and a drawer.
	MoveToDrawer   MovementKind = "to_drawer"
	MoveFromDrawer MovementKind = "from_drawer"
	// MovePayout: from a drawer to a beneficiary; the partner owes it until the
	// remittance completes.
	MovePayout MovementKind = "payout"
	// MoveOver and MoveShort: a count found more or less than the ledger.
	MoveOver  MovementKind = "over"
	MoveShort MovementKind = "short"
	// MoveHandover: from a drawer to the next teller's.
	MoveHandover MovementKind = "handover"
	// MoveCashIn: from a customer into a drawer; the on-ramp "counter" owes it to
	// the remittance. MoveRefund: back to the customer.
	MoveCashIn MovementKind = "cash_in"
	MoveRefund MovementKind = "refund"
	// MoveCommission: earned by the agent for a payout.
	MoveCommission MovementKind = "commission"
	// MoveCommissionPaid: paid to the agent.
	MoveCommissionPaid MovementKind = "commission_paid"
)

// Movement is one movement of cash, float or commission. It is in the ledger
// as one entry with the same key.
type Movement struct {
	// Key names it; the same one again has no effect.
	Key      string
	Kind     MovementKind
	TenantID remit.TenantID
	AgentID  AgentID
	OutletID OutletID
	// TellerID is whose drawer it goes through; ToTeller, of a handover, to whom.
	TellerID TellerID
	ToTeller TellerID
	DrawerID DrawerID
	// PickupID and RemittanceID are of payouts and commissions.
	PickupID PickupID
	// DepositID is of cash that was taken in.
	DepositID    DepositID
	RemittanceID remit.RemittanceID
	Amount       remit.Money
	// Reference is how a payment of commission was made; empty otherwise.
	Reference string
	At        time.Time
}

// Tx is one transaction over the things of the counters. Rows that are read are
// locked until it ends; what is put is written if the act succeeds.
type Tx interface {
	// Now is the time of everything the transaction writes.
	Now() time.Time
	// Agent and the like return one thing. Errors: not_found.
	Agent(ctx context.Context, id AgentID) (Agent, error)
	PutAgent(ctx context.Context, a Agent) error
	Outlet(ctx context.Context, id OutletID) (Outlet, error)
	PutOutlet(ctx context.Context, o Outlet) error
	Teller(ctx context.Context, id TellerID) (Teller, error)
	PutTeller(ctx context.Context, t Teller) error
	Pickup(ctx context.Context, id PickupID) (Pickup, error)
	PutPickup(ctx context.Context, p Pickup) error
	Deposit(ctx context.Context, id DepositID) (Deposit, error)
	PutDeposit(ctx context.Context, d Deposit) error
	Drawer(ctx context.Context, id DrawerID) (Drawer, error)
	PutDrawer(ctx context.Context, d Drawer) error
	TopUp(ctx context.Context, id TopUpID) (TopUp, error)
	PutTopUp(ctx context.Context, t TopUp) error
	FloatReturn(ctx context.Context, id FloatReturnID) (FloatReturn, error)
	PutFloatReturn(ctx context.Context, r FloatReturn) error
	// ReservedPickups returns a tenant's pickups that are reserved as the
	// transaction sees them, also those whose reservation lapsed.
	ReservedPickups(ctx context.Context, tenant remit.TenantID) ([]Pickup, error)
	// Fact puts a fact about an outlet into its tenant's feed.
	Fact(ctx context.Context, f OutletFact) error
	// PutEvidence stores evidence with what it shows, sealed; DropEvidence forgets
	// what it shows.
	PutEvidence(ctx context.Context, e Evidence) error
	DropEvidence(ctx context.Context, id EvidenceID) error
	// Guard and Usage return the zero value for what is not there.
	Guard(ctx context.Context, key string) (Guard, error)
	PutGuard(ctx context.Context, key string, g Guard) error
	Usage(ctx context.Context, key string) (Usage, error)
	PutUsage(ctx context.Context, key string, u Usage) error
	// Move books a movement. Errors: precondition with ReasonInsufficientFunds;
	// conflict for a key with other content.
	Move(ctx context.Context, m Movement) error
	// Float and Cash are what an outlet's float and a teller's drawer hold.
	Float(ctx context.Context, outlet OutletID, a remit.Asset) (remit.Money, error)
	Cash(ctx context.Context, teller TellerID, a remit.Asset) (remit.Money, error)
	// Payout returns the payout order of a pickup as it stands, and the version
	// of the beneficiary. payable is false while the remittance must not be
	// paid, for whatever reason.
	Payout(ctx context.Context, p Pickup) (o ramps.Order, party int64, payable bool, err error)
	// Funding returns the pay-in order of a deposit, if it has come. payable is
	// false while no cash may be taken for the remittance, for whatever reason.
	Funding(ctx context.Context, d Deposit) (o ramps.Order, payable bool, err error)
	// RequestCancel asks the workflow to undo the remittance of a deposit; it
	// reports false where there is none, or it is past undoing.
	RequestCancel(ctx context.Context, d Deposit) (asked bool, err error)
	// Answer records how a payout order ended and wakes its remittance.
	Answer(ctx context.Context, order remit.RampOrderID, a ramps.Answer) error
}

// OutletFilter narrows a list of outlets; zero fields do not filter.
type OutletFilter struct {
	TenantID remit.TenantID
	AgentID  AgentID
	Country  remit.Country
	// City is compared without regard to case.
	City string
}

// Holding is what an account of an outlet holds of one asset.
type Holding struct {
	// TellerID is whose drawer it is; empty for the outlet's float.
	TellerID TellerID
	Amount   remit.Money
}

// Store keeps the things of the counters.
type Store interface {
	// AtCounter runs an act in one transaction. The act may be run again from
	// the start and must then begin with nothing. Errors: the act's own.
	AtCounter(ctx context.Context, act func(context.Context, Tx) error) error

	// PickupByCode returns the pickup of a tenant with a code: the one that is
	// not final, else the newest. Errors: not_found.
	PickupByCode(ctx context.Context, tenant remit.TenantID, hash CodeHash) (Pickup, error)
	Pickup(ctx context.Context, tenant remit.TenantID, id PickupID) (Pickup, error)
	// OverduePickups returns pickups that nobody fetched in time.
	OverduePickups(ctx context.Context, now time.Time, limit int) ([]Pickup, error)
	// ReservedPickups returns a tenant's pickups that were reserved, also those
	// whose reservation lapsed, by id.
	ReservedPickups(ctx context.Context, tenant remit.TenantID) ([]Pickup, error)
	// Payee returns who may fetch a pickup, as known now, with the version.
	// Errors: not_found; precondition when the person was erased.
	Payee(ctx context.Context, p Pickup) (remit.Party, int64, error)
	// Sender returns who sent it.
	Sender(ctx context.Context, p Pickup) (remit.Party, error)
	// SealIdentity seals a document with the data key of the beneficiary;
	// OpenIdentity opens it.
	SealIdentity(ctx context.Context, p Pickup, id Identity) ([]byte, error)
	OpenIdentity(ctx context.Context, p Pickup) (Identity, error)
	// SealEvidence seals what evidence shows, as SealIdentity does; OpenEvidence
	// opens it. Evidence returns one with what it shows, sealed. Errors:
	// not_found, also for what was dropped; precondition when the person was erased.
	SealEvidence(ctx context.Context, p Pickup, id EvidenceID, content []byte) ([]byte, error)
	OpenEvidence(ctx context.Context, p Pickup, e Evidence) ([]byte, error)
	Evidence(ctx context.Context, tenant remit.TenantID, id EvidenceID) (Evidence, error)

	// Deposit and the like are of deposits: the open ones of an outlet newest
	// first, the overdue ones of everybody.
	Deposit(ctx context.Context, tenant remit.TenantID, id DepositID) (Deposit, error)
	OpenDeposits(ctx context.Context, tenant remit.TenantID, outlet OutletID, now time.Time, limit int) ([]Deposit, error)
	OverdueDeposits(ctx context.Context, now time.Time, limit int) ([]Deposit, error)
	// SealOriginator seals a document with the data key of a deposit's customer;
	// OpenOriginator opens it.
	SealOriginator(ctx context.Context, d Deposit, id Identity) ([]byte, error)
	OpenOriginator(ctx context.Context, d Deposit) (Identity, error)
	// CustomersByKey returns the tenant's customers with a phone or document
	// number, some at most.
	CustomersByKey(ctx context.Context, tenant remit.TenantID, key CustomerKey, value string) ([]remit.Customer, error)
	// PaidBefore returns whom a customer sent to and who was paid or may fetch the
	// cash now, newest first, some at most.
	PaidBefore(ctx context.Context, tenant remit.TenantID, customer remit.CustomerID) ([]remit.Beneficiary, error)

	Agent(ctx context.Context, tenant remit.TenantID, id AgentID) (Agent, error)
	Agents(ctx context.Context, tenant remit.TenantID) ([]Agent, error)
	Outlet(ctx context.Context, tenant remit.TenantID, id OutletID) (Outlet, error)
	Outlets(ctx context.Context, f OutletFilter) ([]Outlet, error)
	Teller(ctx context.Context, tenant remit.TenantID, id TellerID) (Teller, error)
	// TellerOfStaff returns the teller that a person's session acts as. Errors: not_found.
	TellerOfStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID) (Teller, error)
	Tellers(ctx context.Context, tenant remit.TenantID, agent AgentID, outlet OutletID) ([]Teller, error)
	Drawer(ctx context.Context, tenant remit.TenantID, id DrawerID) (Drawer, error)
	// Drawers returns an outlet's drawers that were open at some time within a span.
	Drawers(ctx context.Context, tenant remit.TenantID, outlet OutletID, from, to time.Time) ([]Drawer, error)
	TopUps(ctx context.Context, tenant remit.TenantID, outlet OutletID) ([]TopUp, error)
	TopUp(ctx context.Context, tenant remit.TenantID, id TopUpID) (TopUp, error)
	// WaitingTopUps and WaitingReturns return what waits for a word, oldest first.
	WaitingTopUps(ctx context.Context, tenant remit.TenantID, limit int) ([]TopUp, error)
	WaitingReturns(ctx context.Context, tenant remit.TenantID, limit int) ([]FloatReturn, error)
	// FloatReturns returns the newest returns, of one outlet if it is given.
	FloatReturns(ctx context.Context, tenant remit.TenantID, outlet OutletID) ([]FloatReturn, error)
	// FloatMovements returns the newest movements of an outlet's float.
	FloatMovements(ctx context.Context, tenant remit.TenantID, outlet OutletID, limit int) ([]Movement, error)
	// Movements returns an agent's, or one outlet's, movements in a span, oldest first.
	Movements(ctx context.Context, tenant remit.TenantID, agent AgentID, outlet OutletID, from, to time.Time) ([]Movement, error)
	// MovementSums returns the sums of an outlet's movements before a moment, by
	// kind, teller, next teller and asset; the rest of each is empty.
	MovementSums(ctx context.Context, tenant remit.TenantID, outlet OutletID, before time.Time) ([]Movement, error)
	// Holdings are what the ledger holds in an outlet's float and its tellers'
	// drawers, and the sums of its movements, both in one picture.
	Holdings(ctx context.Context, tenant remit.TenantID, outlet OutletID, tellers []TellerID) (ledger []Holding, sums []Movement, err error)
	// FileSuspicion runs check in one transaction, with the report of this id if
	// there is one. What is new it stores, and raises it as an alert with its
	// words, sealed, in the case's history. Errors: those of check.
	FileSuspicion(ctx context.Context, tenant remit.TenantID, id SuspicionID, text string,
		check func(ctx context.Context, tx Tx, before *Suspicion) (Suspicion, error)) (Suspicion, error)
	// Suspicions returns a teller's newest reports.
	Suspicions(ctx context.Context, tenant remit.TenantID, teller TellerID, most int) ([]Suspicion, error)
	// Books are an outlet's books of a span, with those of its tellers' drawers.
	Books(ctx context.Context, tenant remit.TenantID, outlet OutletID, tellers []TellerID, from, to time.Time) (Books, error)
	// AgentBooks are the sums of all movements of an agent, by kind and asset.
	AgentBooks(ctx context.Context, tenant remit.TenantID, agent AgentID, from, to time.Time) (AgentBooks, error)
	// OutletCash is what the ledger holds in floats and drawers, by outlet.
	OutletCash(ctx context.Context, tenant remit.TenantID) (map[OutletID][]Holding, error)
	// MovementsAfter returns at most so many movements of an agent, or of one
	// outlet, in a span, oldest first, that come after one.
	MovementsAfter(ctx context.Context, tenant remit.TenantID, agent AgentID, outlet OutletID, from, to time.Time, after Movement, limit int) ([]Movement, error)
	// CommissionOwed is what an agent earned and was not paid.
	CommissionOwed(ctx context.Context, tenant remit.TenantID, agent AgentID) ([]remit.Money, error)
	// CommissionsOwed is that of all agents of a tenant that are owed anything.
	CommissionsOwed(ctx context.Context, tenant remit.TenantID) (map[AgentID][]remit.Money, error)
}
