package compliance

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// CaseStatus is where a case stands.
type CaseStatus string

// The statuses of a case.
const (
	// CaseOpen: somebody has to look at it.
	CaseOpen CaseStatus = "open"
	// CaseWaiting: a question waits for the tenant's answer; its clock stands.
	CaseWaiting CaseStatus = "waiting"
	// CasePending: a decision was proposed and a second person must agree.
	CasePending CaseStatus = "pending"
	// CaseApproved: every hit is a false positive, the remittance goes on.
	CaseApproved CaseStatus = "approved"
	// CaseRejected: the remittance ends, the originator gets the money back.
	CaseRejected CaseStatus = "rejected"
	// CaseBlocked: a true match; money that came in is kept.
	CaseBlocked CaseStatus = "blocked"
	// CaseUnblocked: blocked money was returned by licence.
	CaseUnblocked CaseStatus = "unblocked"
)

// Undecided are the statuses of cases that need a person or an answer.
func Undecided() []CaseStatus { return []CaseStatus{CaseOpen, CaseWaiting, CasePending} }

// Decided reports whether a case with this status needs nobody any more.
func (s CaseStatus) Decided() bool { return !slices.Contains(Undecided(), s) }

// Inbox is where a case waits for the people who decide cases of its sort.
type Inbox string

// The inboxes.
const (
	// InboxSanctions has the cases with hits.
	InboxSanctions Inbox = "sanctions"
	// InboxReview has what the policy wants a person to see.
	InboxReview Inbox = "review"
	// InboxOperations has money that needs an operator.
	InboxOperations Inbox = "operations"
	// InboxMLRO has what was escalated to the reporting officer.
	InboxMLRO Inbox = "mlro"
)

// The kinds of cases and alerts.
const (
	CaseKindGate            = "gate"
	CaseKindRescreen        = "rescreen"
	CaseKindRefundStuck     = "refund_stuck"
	CaseKindProviderDispute = "provider_dispute"
	CaseKindReport          = "report"
)

// operational reports whether a kind is about money that is stuck and not
// about who sends it.
func operational(kind string) bool {
	return kind == CaseKindRefundStuck || kind == CaseKindProviderDispute
}

// Gateway is the actor of what no person did.
var Gateway = Actor{Kind: ActorGateway, Name: "gateway"}

// Case is the file of what needs a person's decision on one remittance or party.
type Case struct {
	ID       remit.CaseID
	TenantID remit.TenantID
	// RemittanceID is empty where the case is about a party only.
	RemittanceID  remit.RemittanceID
	CustomerID    remit.CustomerID
	BeneficiaryID remit.BeneficiaryID
	// Kind is what the case is about: the kind of its first alert, or gate once a
	// gate has asked.
	Kind string
	// Gate and Decision are those of the newest alert of a gate.
	Gate     Gate
	Decision remit.DecisionID
	// Advice is the most severe outcome that a gate decided; empty without one.
	Advice  Outcome
	Status  CaseStatus
	Inbox   Inbox
	Reasons []remit.Reason
	Hits    []Hit
	// Version counts the changes of what the file says; taking and putting back
	// do not count.
	Version int64
	// Note is the reason of who decided last.
	Note      string
	DecidedBy Actor
	// ProposedBy is who proposed what a second person completed.
	ProposedBy Actor
	OpenedAt   time.Time
	// DueAt is when it should be decided; it moves on by what the clock stood
	// still. Span is the time that was given when it was set.
	DueAt     time.Time
	Span      time.Duration
	DecidedAt time.Time
	// StoppedAt is since when the clock stands still, zero while it runs; Stopped
	// is for how long it did before.
	StoppedAt time.Time
	Stopped   time.Duration
	Lock      Lock
	Proposal  *Proposal
	Question  *Question
	// FrozenAt is when a person ordered the payout withdrawn; zero where nobody did.
	FrozenAt time.Time
	// MoneyBlocked is set while the remittance's money is kept as blocked.
	MoneyBlocked bool
	// PayoutOut is set while the remittance has a payout, to come or under way, that
	// may be ordered withdrawn. It is read with a whole file only.
	PayoutOut bool

	// What follows is read with a whole file only. Events and Alerts count what
	// there is even where it was not read.
	Events       int64
	AlertCount   int64
	Documents    int64
	Alerts       []Alert
	History      []CaseEvent
	Attachments  []Attachment
	Dispositions []HitDisposition
}

// Lock says who works on a case. It holds until it ends, whoever it is.
type Lock struct {
	By    Actor
	Until time.Time
}

// Holds reports whether somebody holds the lock at a time.
func (l Lock) Holds(now time.Time) bool { return l.By.ID != "" && now.Before(l.Until) }

// Proposal is a decision that waits for a second person.
type Proposal struct {
	Decision CaseStatus       `json:"decision"`
	By       Actor            `json:"by"`
	Note     string           `json:"-"`
	At       time.Time        `json:"at"`
	Hits     []HitDisposition `json:"hits,omitempty"`
	Licence  string           `json:"licence,omitempty"`
	// From is what a decided case was decided as before; it is so again when the
	// proposal is returned.
	From CaseStatus `json:"from,omitempty"`
}

// Question waits for the tenant's answer.
type Question struct {
	Text     string
	By       Actor
	At       time.Time
	Deadline time.Time
}

// Alert is one finding that needs a person.
type Alert struct {
	// Number counts the alerts of a case: 1, 2, 3….
	Number   int64
	Kind     string
	Reasons  []remit.Reason
	Decision remit.DecisionID
	HitKeys  []string
	At       time.Time
}

// NewAlert is a finding on its way into a case. Alerts about one remittance
// gather in its one undecided case; those about a party without a remittance in
// the undecided case that already concerns the party.
type NewAlert struct {
	// Key names the finding within the tenant; the same key again adds nothing.
	Key      string
	TenantID remit.TenantID
	// RemittanceID, or else CustomerID or BeneficiaryID, says what it is about.
	// Those of a remittance need not be said.
	RemittanceID  remit.RemittanceID
	CustomerID    remit.CustomerID
	BeneficiaryID remit.BeneficiaryID
	Kind          string
	// Gate, Decision and Outcome are set by gates only.
	Gate     Gate
	Decision remit.DecisionID
	Outcome  Outcome
	Reasons  []remit.Reason
	Hits     []Hit
	// CaseID names the case if one must be made; derived from Key when empty.
	CaseID remit.CaseID
}

// The kinds of lines in a case's history.
const (
	EventOpened     = "opened"
	EventAlert      = "alert"
	EventTaken      = "taken"
	EventPutBack    = "put_back"
	EventNote       = "note"
	EventAttachment = "attachment"
	EventEscalated  = "escalated"
	EventAsked      = "information_requested"
	EventAnswered   = "answered"
	EventProposed   = "proposed"
	EventReturned   = "returned"
	EventDecided    = "decided"
	EventLapsed     = "lapsed"
)

// CaseEvent is one line of a case's history.
type CaseEvent struct {
	// Number counts the lines of a case: 1, 2, 3… without gaps.
	Number int64
	Kind   string
	By     Actor
	At     time.Time
	// Text is in the words of whoever acted and stored sealed.
	Text string
	// Facts are small and never personal data.
	Facts map[string]string
}

// Attachment is a document of a case, without its content.
type Attachment struct {
	ID        remit.DocumentID
	Name      string
	MediaType string
	Size      int64
	// SHA256 is of the content, in hex.
	SHA256 string
	By     Actor
	At     time.Time
}

// The dispositions of a hit.
const (
	FalsePositive = "false_positive"
	TrueMatch     = "true_match"
)

// HitDisposition is what was said of one hit, by whom, and who agreed.
type HitDisposition struct {
	Key         string    `json:"key"`
	Disposition string    `json:"disposition"`
	By          Actor     `json:"by,omitzero"`
	Second      Actor     `json:"second,omitzero"`
	At          time.Time `json:"at,omitzero"`
}

// HasHit reports whether a hit of this key is in the case.
func (c *Case) HasHit(key string) bool {
	return slices.ContainsFunc(c.Hits, func(h Hit) bool { return h.Key == key })
}

// line appends a line to the history.
func (c *Case) line(kind string, by Actor, now time.Time, text string, facts map[string]string) {
	c.Events++
	c.History = append(c.History, CaseEvent{Number: c.Events, Kind: kind, By: by, At: now, Text: text, Facts: facts})
}

// ReleasedHit is a pair of party and list entry that was found to be a false
// positive, remembered until the party or the entry changes.
type ReleasedHit struct {
	Key     string
	List    string
	EntryID string
	Case    remit.CaseID
	By      Actor
	Second  Actor
	At      time.Time
}
