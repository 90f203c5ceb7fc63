package api

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// CaseFilter narrows a list of cases; zero fields do not filter.
type CaseFilter struct {
	Status compliance.CaseStatus
	// Undecided: open, waiting or pending.
	Undecided    bool
	Inbox        compliance.Inbox
	Kind         string
	CustomerID   remit.CustomerID
	RemittanceID remit.RemittanceID
	// HeldBy is the id of who holds the lock; HeldByNobody wants no one to.
	HeldBy       string
	HeldByNobody bool
	Standing     compliance.CaseStanding
}

// CasePage asks for one page of cases: newest first, or the soonest due first.
type CasePage struct {
	// Size is 1 to 100.
	Size  int
	ByDue bool
	// After is the last case of the page before, empty for the first page, and
	// AfterDue when that was due.
	After    remit.CaseID
	AfterDue time.Time
}

// Cases is what the API reads and writes of cases; part of Store. Writes return
// the case with its whole file. All errors of compliance.Case.Check are theirs
// too, and not_found for a case of another tenant.
type Cases interface {
	// Case returns a case with its whole file.
	Case(ctx context.Context, tenant remit.TenantID, id remit.CaseID) (compliance.Case, error)
	// Cases returns a page of cases with alerts and dispositions.
	Cases(ctx context.Context, tenant remit.TenantID, f CaseFilter, p CasePage) ([]compliance.Case, error)
	// CasesAbout returns cases that concern either party, newest first, but for one.
	CasesAbout(ctx context.Context, tenant remit.TenantID, customer remit.CustomerID, beneficiary remit.BeneficiaryID, other remit.CaseID, limit int) ([]compliance.Case, error)
	// TakeNextCase locks the most urgent case that the person may work on.
	// Errors: not_found when there is none.
	TakeNextCase(ctx context.Context, tenant remit.TenantID, inbox compliance.Inbox, p compliance.Person) (compliance.Case, error)
	TakeCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error)
	PutBackCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error)
	AddCaseNote(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, text string) (compliance.Case, error)
	// AddCaseAttachment stores a document that compliance.ReadDocument read. The
	// same document again is no error.
	AddCaseAttachment(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, doc compliance.Document) (compliance.Case, error)
	CaseAttachment(ctx context.Context, tenant remit.TenantID, id remit.CaseID, document remit.DocumentID) (compliance.Document, error)
	EscalateCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, note string) (compliance.Case, error)
	RequestInformation(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, question string, deadline time.Duration) (compliance.Case, error)
	// AnswerInformationRequest answers the question about a remittance. Errors:
	// not_found; precondition with ReasonNothingAsked.
	AnswerInformationRequest(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, by compliance.Actor, text string) (time.Time, error)
	// DecideCase records a verdict; once it completes the case the workflow is
	// notified.
	DecideCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, v compliance.Verdict) (compliance.Case, error)
	// OrderFreeze has the payout of a case's remittance withdrawn. Errors:
	// forbidden; precondition where there is none to withdraw.
	OrderFreeze(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, note string) (compliance.Case, error)
	ReturnCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, note string, version int64) (compliance.Case, error)
	// CaseGraph returns who and what is linked with a case, at most so many nodes.
	CaseGraph(ctx context.Context, tenant remit.TenantID, id remit.CaseID, most int) (compliance.Graph, error)
	// CaseStatistics counts over the days that end today (UTC).
	CaseStatistics(ctx context.Context, tenant remit.TenantID, days int) (compliance.CaseStatistics, error)
}
