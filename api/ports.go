package api

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// Scope is one thing that an API key may do.
type Scope string

// The scopes. A key holds a list of them.
const (
	ScopeRead    Scope = "read"    // read the tenant's own things
	ScopeWrite   Scope = "write"   // create and cancel the tenant's own things
	ScopeReview  Scope = "review"  // see and decide the tenant's cases
	ScopeOperate Scope = "operate" // treasury balances and ledger verification, across tenants

	ScopeCounter       Scope = "counter"        // pay out and keep drawers, as the tellers that a key names
	ScopeAgentsManage  Scope = "agents.manage"  // keep agents, outlets and tellers, and decide top-ups
	ScopeAgentsRead    Scope = "agents.read"    // see agents, outlets, people and their books
	ScopeAgentsSuspend Scope = "agents.suspend" // keep agents, outlets and people there from working
	ScopeFloatsManage  Scope = "floats.manage"  // give float and take it back, book commissions paid

	// What a member of staff may do follows from their role; see Role. A key with
	// ScopeReview may do with cases what all of these together may.
	ScopeSession      Scope = "session"      // the caller's own session, password and passkeys
	ScopeCasesRead    Scope = "cases.read"   // see cases and who they are about
	ScopeCasesWork    Scope = "cases.work"   // take cases, write notes, ask for information
	ScopeCasesDecide  Scope = "cases.decide" // approve and reject, as the first or the second person
	ScopeCasesBlock   Scope = "cases.block"  // block money, and return it by licence
	ScopeAuditRead    Scope = "audit.read"   // read and verify the audit trail
	ScopeStaffManage  Scope = "staff.manage" // add, change, suspend and reset people
	ScopeListsRefresh Scope = "lists.update" // read the screening lists anew
)

// Key is an API key as stored: only the hash of its secret is kept.
type Key struct {
	ID       remit.KeyID
	TenantID remit.TenantID
	// Name says who uses it; it is the actor in decisions and the audit log.
	Name   string
	Scopes []Scope
	// ExpiresAt is zero for a key that does not expire; RevokedAt for one in force.
	ExpiresAt time.Time
	RevokedAt time.Time

	// StaffID and SessionID are set when a person who signed in makes the call
	// instead: ID is then empty, and Name and Scopes are the person's.
	StaffID   remit.StaffID
	SessionID remit.SessionID
}

// Page asks for one page of a list, newest first.
type Page struct {
	// Size is 1 to 100.
	Size int
	// After is the id after which the page starts, empty for the first page.
	After string
}

// RemittanceFilter narrows a list of remittances; zero fields do not filter.
type RemittanceFilter struct {
	State      remit.State
	CustomerID remit.CustomerID
	Reference  string
}

// NewRemittance is what a remittance is made of.
type NewRemittance struct {
	ID            remit.RemittanceID
	TenantID      remit.TenantID
	QuoteID       remit.QuoteID
	CustomerID    remit.CustomerID
	BeneficiaryID remit.BeneficiaryID
	Reference     string
	Purpose       string
	// FundingSource is kept with the remittance; see remit.Remittance.
	FundingSource string
}

// RemittanceDetail is a remittance with the orders that carry it.
type RemittanceDetail struct {
	Remittance remit.Remittance
	RampOrders []ramps.Order
	Orders     []settlement.Order
	Attempts   []settlement.Attempt
	Decisions  []compliance.Decision
}

// IdempotencyRecord is what is known of a key that a caller used.
type IdempotencyRecord struct {
	// FirstSeen is when the key was first used; ids of what the request makes
	// are derived from it, so repeating an interrupted request makes the same things.
	FirstSeen time.Time
	// Done reports whether Response is the stored answer.
	Done     bool
	Response []byte
}

// Store is what the API reads and writes. Methods that take a tenant see that
// tenant's things only and answer not_found for those of others. It is
// implemented by package store.
type Store interface {
	PartyStore
	StaffStore
	AuditStore

	// KeyBySecretHash returns the key whose secret has the SHA-256 hash.
	// Errors: not_found.
	KeyBySecretHash(ctx context.Context, hash [32]byte) (Key, error)

	// BeginIdempotent claims a key for a request, or returns what is known of
	// it. Errors: conflict with ReasonIdempotencyReused when the method or
	// the request hash differ; with ReasonIdempotencyBusy while another call
	// with it is under way (claims lapse after a minute).
	BeginIdempotent(ctx context.Context, tenant remit.TenantID, key, method string, requestHash [32]byte) (IdempotencyRecord, error)
	// FinishIdempotent stores the response of a successful request.
	FinishIdempotent(ctx context.Context, tenant remit.TenantID, key string, response []byte) error
	// ReleaseIdempotent gives up a claim after a refused request, so that the
	// caller may send a mended one with the same key.
	ReleaseIdempotent(ctx context.Context, tenant remit.TenantID, key string) error
	// LapseIdempotent gives up a claim after a request of which it is not known
	// how far it came: only the same request takes the key again, and is told
	// the time of the first one.
	LapseIdempotent(ctx context.Context, tenant remit.TenantID, key string) error

	// CreateQuote, CreateCustomer and CreateBeneficiary store new things; the
	// same id again with the same content is no error.
	CreateQuote(ctx context.Context, q remit.Quote) error
	Quote(ctx context.Context, tenant remit.TenantID, id remit.QuoteID) (remit.Quote, error)
	CreateCustomer(ctx context.Context, c remit.Customer) error
	Customer(ctx context.Context, tenant remit.TenantID, id remit.CustomerID) (remit.Customer, error)
	Customers(ctx context.Context, tenant remit.TenantID, p Page) ([]remit.Customer, error)
	CreateBeneficiary(ctx context.Context, b remit.Beneficiary) error
	Beneficiary(ctx context.Context, tenant remit.TenantID, id remit.BeneficiaryID) (remit.Beneficiary, error)
	Beneficiaries(ctx context.Context, tenant remit.TenantID, p Page) ([]remit.Beneficiary, error)

	// CreateRemittance uses the quote and stores the remittance, its first
	// event and the notice that starts its workflow, in one transaction. The
	// same id again returns the stored one. Errors: not_found (quote, customer
	// or beneficiary), precondition with ReasonQuoteExpired, conflict with
	// ReasonQuoteUsed.
	CreateRemittance(ctx context.Context, n NewRemittance) (remit.Remittance, error)
	Remittance(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (remit.Remittance, error)
	RemittanceDetail(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (RemittanceDetail, error)
	// SettledBatch returns the order that settled a remittance and all that the
	// transaction paid, in its order. Errors: not_found; precondition with
	// ReasonNotSettled until an order is final on chain.
	SettledBatch(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (settlement.Order, settlement.Batch, error)
	Remittances(ctx context.Context, tenant remit.TenantID, f RemittanceFilter, p Page) ([]remit.Remittance, error)
	// RequestCancel stores the caller's wish to cancel and notifies the
	// workflow. Errors: not_found; precondition with ReasonNotCancelable once
	// the remittance has ended, or its settlement has begun and it is not to be
	// fetched in cash.
	RequestCancel(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID) (remit.Remittance, error)

	// Events returns a remittance's events with numbers above after; with
	// remittance empty, the tenant's feed above the feed number after. At most limit.
	Events(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, after int64, limit int) ([]remit.Event, error)
	// WaitEvents is Events that waits, until there is one or ctx ends; then it
	// answers an empty list and no error.
	WaitEvents(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, after int64, limit int) ([]remit.Event, error)

	Cases

	// Balances returns the balances of accounts whose name starts with the
	// prefix: a tenant's own is "tenant/<id>"; empty is all, for operators.
	Balances(ctx context.Context, prefix string) ([]ledger.Balance, error)
	// VerifyLedger walks the whole journal. Findings are in the report, not an error.
	VerifyLedger(ctx context.Context) (ledger.Report, error)
}
