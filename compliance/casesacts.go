package compliance

import (
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Act is something that a person does with a case.
type Act string

// The acts, in the order in which they are offered.
const (
	ActTake     Act = "take"
	ActPutBack  Act = "put_back"
	ActNote     Act = "note"
	ActAttach   Act = "attach"
	ActEscalate Act = "escalate"
	ActAsk      Act = "request_information"
	ActApprove  Act = "approve"
	ActReject   Act = "reject"
	ActBlock    Act = "block"
	ActUnblock  Act = "unblock"
	ActReturn   Act = "return"
	// ActFreeze orders the payout withdrawn.
	ActFreeze Act = "freeze"
)

// Acts lists all acts.
func Acts() []Act {
	return []Act{
		ActTake, ActPutBack, ActNote, ActAttach, ActEscalate, ActAsk, ActApprove, ActReject, ActBlock, ActUnblock, ActReturn, ActFreeze,
	}
}

// Person is who acts on a case, and what they may do with cases at all.
type Person struct {
	Actor
	// Works: take cases, write notes, ask for information. Decides: approve and
	// reject, as the first or the second person. Blocks: block money, and return
	// it by licence.
	Works, Decides, Blocks bool
}

// may reports whether the person may do such an act at all.
func (p Person) may(act Act) bool {
	switch act {
	case ActTake, ActPutBack, ActNote, ActAttach, ActEscalate, ActAsk:
		return p.Works
	case ActApprove, ActReject, ActReturn, ActFreeze:
		return p.Decides
	case ActBlock, ActUnblock:
		return p.Blocks
	default:
		return false
	}
}

// Allowed lists what the person may do with the case now.
func (c *Case) Allowed(p Person, now time.Time) []Act {
	var out []Act
	for _, act := range Acts() {
		if c.Check(act, p, now) == nil {
			out = append(out, act)
		}
	}
	return out
}

// Check tells whether the person may do an act with the case now. It is the one
// place that says so: acts are checked with it, and pages are told by it what
// to offer. Errors: forbidden; forbidden with ReasonSecondPerson; conflict with
// ReasonCaseDecided or ReasonCaseLocked; precondition with ReasonCaseNotPending.
func (c *Case) Check(act Act, p Person, now time.Time) error {
	if !p.may(act) {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "%s may not %s a case", p.Name, words[act])
	}
	switch act {
	case ActNote, ActAttach:
		return nil // Also of others' cases and decided ones: the file goes on.
	case ActUnblock:
		return c.checkUnblock(p, now)
	default:
	}
	switch {
	case c.Status.Decided():
		return remit.Errorf(remit.KindConflict, remit.ReasonCaseDecided, "the case was %s by %s before", c.Status, c.DecidedBy.Name)
	case c.Lock.Holds(now) && c.Lock.By.ID != p.ID:
		return c.locked()
	}
	switch act {
	case ActPutBack:
		if !c.Lock.Holds(now) {
			return wrongStatus("nobody holds the case")
		}
	case ActTake:
		if c.Status == CasePending && c.Proposal.By.ID == p.ID {
			return ownProposal()
		}
	case ActEscalate:
		if c.Status == CasePending || c.Inbox == InboxMLRO {
			return wrongStatus("the case is %s in the inbox %s; it cannot be escalated", c.Status, c.Inbox)
		}
	case ActAsk:
		if c.Status != CaseOpen {
			return wrongStatus("the case is %s; a question can be asked about an open case", c.Status)
		}
		if c.RemittanceID == "" {
			return wrongStatus("no remittance waits for the case, so nobody can be asked by its events")
		}
	case ActApprove:
		if c.unblocking() {
			return wrongStatus("the return of blocked money waits for a second person")
		}
		if err := c.checkEscalated(p); err != nil {
			return err
		}
		if c.Status == CasePending && c.Proposal.By.ID == p.ID {
			return ownProposal()
		}
	case ActReject:
		if err := c.checkEscalated(p); err != nil {
			return err
		}
		return c.checkReject()
	case ActBlock:
		if c.unblocking() {
			return wrongStatus("the money is blocked already; return the proposal instead")
		}
		if operational(c.Kind) && len(c.Hits) == 0 {
			return wrongStatus("the case is about money that is stuck, not about who sends it")
		}
	case ActReturn:
		if c.Status != CasePending {
			return wrongStatus("the case is %s; only a pending one can be returned", c.Status)
		}
		if c.Proposal.By.ID == p.ID {
			return ownProposal()
		}
	case ActFreeze:
		if !c.PayoutOut {
			return wrongStatus("the case has no payout that could be withdrawn")
		}
	default:
	}
	return nil
}

// words name acts in messages.
var words = map[Act]string{
	ActTake: "take", ActPutBack: "put back", ActNote: "write a note into", ActAttach: "put a document into", ActEscalate: "escalate",
	ActAsk: "ask about", ActApprove: "approve", ActReject: "reject", ActBlock: "block the money of", ActUnblock: "return the blocked money of",
	ActReturn: "return", ActFreeze: "freeze the payout of",
}

// rejectedIntoBlocked reports whether a rejection may have blocked the money, as
// it did in earlier releases where the release gate had found a listed party.
func (c *Case) rejectedIntoBlocked() bool {
	return c.Status == CaseRejected && c.Kind == CaseKindGate && c.Gate == GateRelease && c.MoneyBlocked
}

// checkUnblock allows the return of money that is blocked.
func (c *Case) checkUnblock(p Person, now time.Time) error {
	switch {
	case c.Lock.Holds(now) && c.Lock.By.ID != p.ID:
		return c.locked()
	case c.Status != CaseBlocked && !c.rejectedIntoBlocked() && !c.unblocking():
		return wrongStatus("the case is %s; only blocked money can be returned by licence", c.Status)
	case !c.MoneyBlocked:
		return wrongStatus("no money is blocked for this case")
	case c.unblocking() && c.Proposal.By.ID == p.ID:
		return ownProposal()
	}
	return nil
}

// checkEscalated leaves what was escalated to the reporting officer, but for
// agreeing to what they propose.
func (c *Case) checkEscalated(p Person) error {
	if c.Inbox == InboxMLRO && c.Status != CasePending && !p.Blocks {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "the case was escalated; the reporting officer decides first")
	}
	return nil
}

// checkReject keeps money from going back that a gate found to be a listed
// party's: that is blocked, or approved by two persons.
func (c *Case) checkReject() error {
	if c.unblocking() {
		return wrongStatus("the money is blocked already; return the proposal instead")
	}
	if c.Gate == GateRelease && c.Advice == OutcomeBlock {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonCaseNotPending,
			"the gate found a listed party: its money may not be returned; decide blocked, or have two persons approve")
	}
	return nil
}

// unblocking reports whether the return of blocked money waits for a second person.
func (c *Case) unblocking() bool {
	return c.Status == CasePending && c.Proposal.Decision == CaseUnblocked
}

func (c *Case) locked() error {
	return remit.Errorf(remit.KindConflict, remit.ReasonCaseLocked, "%s works on the case until %s", c.Lock.By.Name, c.Lock.Until.UTC().Format(time.RFC3339))
}

func wrongStatus(format string, args ...any) error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonCaseNotPending, format, args...)
}

func ownProposal() error {
	return remit.Errorf(remit.KindForbidden, remit.ReasonSecondPerson, "another person must agree; nobody is the second person of their own proposal")
}

// LockSpan is for how long a case is locked for who took it.
const LockSpan = 30 * time.Minute

// Take locks the case for a person, or longer if they hold it.
func (c *Case) Take(p Person, now time.Time) error {
	if err := c.Check(ActTake, p, now); err != nil {
		return err
	}
	if !c.Lock.Holds(now) {
		c.line(EventTaken, p.Actor, now, "", nil)
	}
	c.Lock = Lock{By: p.Actor, Until: now.Add(LockSpan)}
	return nil
}

// PutBack gives up the person's lock; without one it does nothing.
func (c *Case) PutBack(p Person, now time.Time) error {
	if p.may(ActPutBack) && !c.Status.Decided() && !c.Lock.Holds(now) {
		return nil
	}
	if err := c.Check(ActPutBack, p, now); err != nil {
		return err
	}
	c.Lock = Lock{}
	c.line(EventPutBack, p.Actor, now, "", nil)
	return nil
}

// AddNote writes a note into the file.
func (c *Case) AddNote(p Person, text string, now time.Time) error {
	if err := c.Check(ActNote, p, now); err != nil {
		return err
	}
	c.Version++
	c.line(EventNote, p.Actor, now, text, nil)
	return nil
}

// MaxDocuments bounds the documents of a case.
const MaxDocuments = 20

// Attach puts a document into the file; see ReadDocument. Errors: those of
// Check; invalid with ReasonAttachmentRefused when the file is full.
func (c *Case) Attach(p Person, a Attachment, now time.Time) error {
	if err := c.Check(ActAttach, p, now); err != nil {
		return err
	}
	if c.Documents >= MaxDocuments {
		return remit.Invalid("content", remit.ReasonAttachmentRefused, "the file holds %d documents already", MaxDocuments)
	}
	a.By, a.At = p.Actor, now
	c.Version++
	c.Documents++
	c.Attachments = append(c.Attachments, a)
	c.line(EventAttachment, p.Actor, now, a.Name, map[string]string{"attachment": string(a.ID), "media_type": a.MediaType})
	return nil
}

// Escalate hands the case to the reporting officer, with a fresh span.
func (c *Case) Escalate(p Person, note string, levels ServiceLevels, now time.Time) error {
	if err := c.Check(ActEscalate, p, now); err != nil {
		return err
	}
	from := c.Inbox
	c.Inbox, c.Lock = InboxMLRO, Lock{}
	c.Version++
	stands := !c.StoppedAt.IsZero()
	c.startClock(now)
	c.allow(levels.Of(InboxMLRO), now)
	if stands {
		c.stopClock(now)
	}
	c.line(EventEscalated, p.Actor, now, note, map[string]string{"from": string(from), "inbox": string(InboxMLRO)})
	return nil
}

// Ask puts a question to the tenant; the clock stands until it is answered.
func (c *Case) Ask(p Person, text string, deadline time.Duration, now time.Time) error {
	if err := c.Check(ActAsk, p, now); err != nil {
		return err
	}
	c.Status, c.Lock = CaseWaiting, Lock{}
	c.Question = &Question{Text: text, By: p.Actor, At: now, Deadline: now.Add(deadline)}
	c.Version++
	c.stopClock(now)
	c.line(EventAsked, p.Actor, now, text, map[string]string{"deadline": c.Question.Deadline.UTC().Format(time.RFC3339)})
	return nil
}

// Answer takes the tenant's answer to the question. Errors: precondition with
// ReasonNothingAsked.
func (c *Case) Answer(by Actor, text string, now time.Time) error {
	if c.Question == nil {
		return NothingAsked()
	}
	c.Status, c.Question = CaseOpen, nil
	c.Version++
	c.startClock(now)
	c.line(EventAnswered, by, now, text, nil)
	return nil
}

// NothingAsked is the refusal of an answer to no question.
func NothingAsked() error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonNothingAsked, "no question about this remittance waits for an answer")
}

// Lapse opens the case again if the deadline of its question is past, and
// reports whether it was.
func (c *Case) Lapse(now time.Time) bool {
	if c.Question == nil || now.Before(c.Question.Deadline) {
		return false
	}
	deadline := c.Question.Deadline
	c.Status, c.Question = CaseOpen, nil
	c.Version++
	c.startClock(deadline)
	c.line(EventLapsed, Gateway, now, "", map[string]string{"deadline": deadline.UTC().Format(time.RFC3339)})
	return true
}

// Add puts an alert into the case. A proposal that did not know of it falls.
func (c *Case) Add(n NewAlert, levels ServiceLevels, now time.Time) {
	opened := c.Events == 0
	c.AlertCount++
	c.Version++
	alert := Alert{Number: c.AlertCount, Kind: n.Kind, Reasons: slices.Clone(n.Reasons), Decision: n.Decision, At: now}
	for _, hit := range n.Hits {
		alert.HitKeys = append(alert.HitKeys, hit.Key)
		if !c.HasHit(hit.Key) {
			c.Hits = append(slices.Clip(c.Hits), hit)
		}
	}
	for _, reason := range n.Reasons {
		if !slices.Contains(c.Reasons, reason) {
			c.Reasons = append(slices.Clip(c.Reasons), reason)
		}
	}
	c.Alerts = append(c.Alerts, alert)
	if n.Kind == CaseKindGate {
		c.Kind, c.Gate, c.Decision = n.Kind, n.Gate, n.Decision
	}
	if n.Outcome != "" {
		if c.Advice == "" {
			c.Advice = n.Outcome
		}
		c.Advice = n.Outcome.AtLeast(c.Advice)
	}
	inbox := inboxOf(c)
	if n.Kind == CaseKindSuspicion {
		inbox = InboxMLRO // Reports go to the reporting officer and stay there.
	}
	switch {
	case opened:
		c.Inbox = inbox
		c.allow(levels.Of(inbox), now)
	case c.Inbox != InboxMLRO && c.Inbox != inbox:
		c.Inbox = inbox
		if span := levels.Of(inbox); c.StoppedAt.IsZero() && now.Add(span).Before(c.DueAt) {
			c.allow(span, now)
		}
	}
	kind := EventAlert
	if opened {
		kind = EventOpened
	}
	c.line(kind, Gateway, now, "", map[string]string{"alert": n.Kind, "inbox": string(c.Inbox)})
	if c.Status == CasePending {
		c.fall(Gateway, now, "", map[string]string{"why": "new_alert"})
	}
}

// inboxOf says where a case belongs that was not escalated.
func inboxOf(c *Case) Inbox {
	switch {
	case len(c.Hits) > 0:
		return InboxSanctions
	case operational(c.Kind):
		return InboxOperations
	default:
		return InboxReview
	}
}

// Next reports whether the case may be given to a person who asks for something
// to do: it waits for a person, and this one may work on it.
func (c *Case) Next(p Person, now time.Time) bool {
	if c.Check(ActTake, p, now) != nil || c.Status == CaseWaiting {
		return false
	}
	if c.Inbox == InboxMLRO && !p.Blocks {
		return false // The reporting officer's.
	}
	if c.Status != CasePending {
		return true
	}
	if c.unblocking() {
		return p.Blocks
	}
	return p.Decides
}
