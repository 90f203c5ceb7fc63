package ledger

import (
	"strings"

	"github.com/openremit/remit"
)

// Side is the side of an account on which its balance is positive. The zero
// value is unspecified.
type Side uint8

// The sides.
const (
	// SideUnspecified is the side of a name that is no account.
	SideUnspecified Side = iota
	// SideDebit: an asset or an expense; debits increase it.
	SideDebit
	// SideCredit: what we owe, earn or own; credits increase it.
	SideCredit
	// SideEither: a position account, which may stand on either side. Its
	// balance is told as credits minus debits, so it can be negative.
	SideEither
)

// String names the side.
func (s Side) String() string {
	switch s {
	case SideDebit:
		return "debit"
	case SideCredit:
		return "credit"
	case SideEither:
		return "either"
	case SideUnspecified:
		return "unspecified"
	default:
		return "unspecified"
	}
}

// The accounts that exist once.
const (
	// RevenueFees is what we earned in fees.
	RevenueFees Account = "revenue/fees"
	// RevenueFX is what we earned by the margin between mid rate and our rate.
	RevenueFX Account = "revenue/fx"
	// NetworkExpense is what chains took in fees.
	NetworkExpense Account = "expense/network"
	// TokenExpense is what coins themselves took of their transfers.
	TokenExpense Account = "expense/token-fees"
	// PartnerExpense is what ramps charge us.
	PartnerExpense Account = "expense/partner"
	// Capital is what the operator put in: the other side of treasury funding.
	Capital Account = "capital/operator"
	// Blocked keeps what the law forbids to pay or to return.
	Blocked Account = "blocked"
	// ReserveInsurance is set aside for losses.
	ReserveInsurance Account = "reserve/insurance"
	// ReserveTax is collected for the tax office and owed to it.
	ReserveTax Account = "reserve/tax"
	// Rounding takes what divisions leave over.
	Rounding Account = "rounding"
)

// Remittance is what we owe in a remittance's name: its originator's money from
// funding until it is paid out or returned.
func Remittance(id remit.RemittanceID) Account { return Account(ownerRemittance + "/" + string(id)) }

// Treasury is our stablecoin on a rail.
func Treasury(rail remit.Rail) Account { return Account(ownerTreasury + "/" + string(rail)) }

// InTransit is stablecoin that left a treasury and has not arrived.
func InTransit(rail remit.Rail) Account { return Account(ownerInTransit + "/" + string(rail)) }

// Claimable is stablecoin that a treasury left on chain for a beneficiary's wallet
// to claim, and that nobody has claimed or taken back yet.
func Claimable(rail remit.Rail) Account { return InTransit(rail) + "-claimable" }

// OnRamp is what an on-ramp collected for us.
func OnRamp(provider string) Account { return Account(ownerOnRamp + "/" + provider) }

// Partner is our float with an off-ramp.
func Partner(provider string) Account { return Account(ownerPartner + "/" + provider) }

// Agent is the float of an outlet.
func Agent(outlet string) Account { return Account(ownerAgent + "/" + outlet) }

// Drawer is the cash of a teller.
func Drawer(teller string) Account { return Account(ownerDrawer + "/" + teller) }

// Tenant is a tenant's prefunded balance.
func Tenant(id remit.TenantID) Account { return Account(ownerTenant + "/" + string(id)) }

// FX is the position between two assets: a change of asset is one posting
// against it in each of them.
func FX(base, quote remit.Asset) Account {
	return Account(ownerFX + "/" + base.Code + "-" + quote.Code)
}

// The owners: the first part of an account's name, which decides its rules.
const (
	ownerRemittance = "remittance"
	ownerTreasury   = "treasury"
	ownerInTransit  = "intransit"
	ownerOnRamp     = "onramp"
	ownerPartner    = "partner"
	ownerAgent      = "agent"
	ownerDrawer     = "drawer"
	ownerTenant     = "tenant"
	ownerFX         = "fx"
)

// MaxAccountLength bounds an account's name, in bytes.
const MaxAccountLength = 96

// rule is what an owner decides for its accounts.
type rule struct {
	normal  Side
	guarded bool
	// bare accounts have no purpose part.
	bare bool
}

// chart is the chart of accounts by owner.
var chart = map[string]rule{
	ownerOnRamp:     {normal: SideDebit},
	ownerTreasury:   {normal: SideDebit, guarded: true},
	ownerInTransit:  {normal: SideDebit},
	ownerPartner:    {normal: SideDebit},
	ownerAgent:      {normal: SideDebit, guarded: true},
	ownerDrawer:     {normal: SideDebit, guarded: true},
	"expense":       {normal: SideDebit},
	ownerRemittance: {normal: SideCredit, guarded: true},
	ownerTenant:     {normal: SideCredit, guarded: true},
	"revenue":       {normal: SideCredit},
	"blocked":       {normal: SideCredit, bare: true},
	"reserve":       {normal: SideCredit},
	"capital":       {normal: SideCredit},
	ownerFX:         {normal: SideEither},
	"rounding":      {normal: SideEither, bare: true},
}

// Owner is the first part of the name.
func (a Account) Owner() string {
	owner, _, _ := strings.Cut(string(a), "/")
	return owner
}

// Normal is the side on which the account's balance is positive,
// SideUnspecified for a name outside the chart.
func (a Account) Normal() Side { return chart[a.Owner()].normal }

// Guarded reports whether the account has a floor: its balance less what holds
// reserve is never below zero on its normal side, in any asset.
func (a Account) Guarded() bool { return chart[a.Owner()].guarded }

// Valid reports whether the name is an account of the chart: a known owner,
// and for all but the bare ones a purpose of letters, digits, '_', '-' and '.'.
func (a Account) Valid() bool {
	if len(a) > MaxAccountLength {
		return false
	}
	owner, purpose, hasPurpose := strings.Cut(string(a), "/")
	r, known := chart[owner]
	if !known || r.bare == hasPurpose {
		return false
	}
	if !r.bare && purpose == "" {
		return false
	}
	for i := 0; i < len(purpose); i++ {
		c := purpose[i]
		letter := (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		if !letter && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
