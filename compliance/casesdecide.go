package compliance

import (
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// Verdict is what a person decides of a case.
type Verdict struct {
	// Decision is CaseApproved, CaseRejected, CaseBlocked or CaseUnblocked.
	Decision CaseStatus
	Note     string
	// Version is the version of the case that the verdict is about; zero is not
	// checked.
	Version int64
	// Hits names what is said of single hits; see Case.Decide for the others.
	Hits []HitDisposition
	// Licence allows blocked money to be returned; for CaseUnblocked only.
	Licence string
}

// actOf is the act that a decision is.
func actOf(decision CaseStatus) (Act, bool) {
	switch decision {
	case CaseApproved:
		return ActApprove, true
	case CaseRejected:
		return ActReject, true
	case CaseBlocked:
		return ActBlock, true
	case CaseUnblocked:
		return ActUnblock, true
	default:
		return "", false
	}
}

// SecondNeeded reports whether a decision needs two persons: whoever lets go
// what screening or a person stopped, or what was blocked, must not be alone.
func (c *Case) SecondNeeded(decision CaseStatus) bool {
	return decision == CaseUnblocked || (decision == CaseApproved && (len(c.Hits) > 0 || !c.FrozenAt.IsZero()))
}

// Decide records a person's verdict. Where two persons are needed the first
// one's makes the case pending, and the same decision by another person, told
// apart by id, completes it. The same decision by the same person again changes
// nothing. Hits that the verdict does not name are false positives when
// approved, true matches when blocked, and undisposed otherwise. What was said
// of hits is in Dispositions once the case is decided. Errors: invalid; those of
// Check; conflict with ReasonCaseChanged.
func (c *Case) Decide(p Person, v Verdict, levels ServiceLevels, now time.Time) error {
	act, ok := actOf(v.Decision)
	if !ok {
		return remit.Invalid("decision", remit.ReasonFieldInvalid, "a case is decided as approved, rejected, blocked or unblocked")
	}
	if strings.TrimSpace(v.Note) == "" {
		return remit.Invalid("note", remit.ReasonFieldRequired, "a decision needs a note that says why")
	}
	if c.again(p, v) {
		return nil
	}
	if err := c.Check(act, p, now); err != nil {
		return err
	}
	if err := c.sameVersion(v.Version); err != nil {
		return err
	}
	hits, err := c.dispose(v)
	if err != nil {
		return err
	}
	if err := c.checkLicence(v); err != nil {
		return err
	}
	c.Version++
	if c.SecondNeeded(v.Decision) && c.Status != CasePending {
		c.propose(p, v, hits, levels, now)
		return nil
	}
	c.finish(p, v, hits, now)
	return nil
}

// again reports whether the person decided or proposed just this before.
func (c *Case) again(p Person, v Verdict) bool {
	if c.Status == CasePending {
		return c.Proposal.Decision == v.Decision && c.Proposal.By.ID == p.ID && p.ID != ""
	}
	return c.Status == v.Decision && c.DecidedBy.ID == p.ID && p.ID != ""
}

func (c *Case) sameVersion(version int64) error {
	if version != 0 && version != c.Version {
		return remit.Errorf(remit.KindConflict, remit.ReasonCaseChanged,
			"the case is at version %d and the decision was made on %d; read it again", c.Version, version)
	}
	return nil
}

// dispose completes and checks what is said of single hits.
func (c *Case) dispose(v Verdict) ([]HitDisposition, error) {
	said := make(map[string]string, len(v.Hits))
	for _, h := range v.Hits {
		switch {
		case !c.HasHit(h.Key):
			return nil, remit.Invalid("hits", remit.ReasonFieldInvalid, "no hit of this case has the key %q", h.Key)
		case h.Disposition != FalsePositive && h.Disposition != TrueMatch:
			return nil, remit.Invalid("hits", remit.ReasonFieldInvalid, "a hit is a false_positive or a true_match")
		case said[h.Key] != "" && said[h.Key] != h.Disposition:
			return nil, remit.Invalid("hits", remit.ReasonFieldInvalid, "the hit %q is said to be both", h.Key)
		case v.Decision == CaseApproved && h.Disposition == TrueMatch:
			return nil, remit.Invalid("hits", remit.ReasonFieldInvalid, "a case with a true match cannot be approved")
		case v.Decision == CaseUnblocked:
			return nil, remit.Invalid("hits", remit.ReasonFieldInvalid, "a licence says nothing of hits; leave them out")
		}
		said[h.Key] = h.Disposition
	}
	otherwise := map[CaseStatus]string{CaseApproved: FalsePositive, CaseBlocked: TrueMatch}[v.Decision]
	var out []HitDisposition
	matches := 0
	for _, h := range c.Hits {
		what := said[h.Key]
		if what == "" {
			what = otherwise
		}
		if what == TrueMatch {
			matches++
		}
		if what != "" {
			out = append(out, HitDisposition{Key: h.Key, Disposition: what})
		}
	}
	if v.Decision == CaseBlocked && len(c.Hits) > 0 && matches == 0 {
		return nil, remit.Invalid("hits", remit.ReasonFieldInvalid, "a case is blocked for a true match; no hit is said to be one")
	}
	return out, nil
}

// checkLicence wants the licence for what needs one, the same from both persons.
func (c *Case) checkLicence(v Verdict) error {
	licence := strings.TrimSpace(v.Licence)
	switch {
	case v.Decision != CaseUnblocked && licence != "":
		return remit.Invalid("licence", remit.ReasonFieldInvalid, "a licence goes with the decision unblocked only")
	case v.Decision != CaseUnblocked:
		return nil
	case c.Status == CasePending && licence != "" && licence != c.Proposal.Licence:
		return remit.Invalid("licence", remit.ReasonFieldInvalid, "the proposal names the licence %q; agree to that one, or return the case", c.Proposal.Licence)
	case c.Status != CasePending && licence == "":
		return remit.Invalid("licence", remit.ReasonFieldRequired, "blocked money is returned by licence only; name it")
	}
	return nil
}

// propose makes the case wait for a second person.
func (c *Case) propose(p Person, v Verdict, hits []HitDisposition, levels ServiceLevels, now time.Time) {
	if v.Decision == CaseUnblocked {
		c.allow(levels.Of(InboxMLRO), now)
	}
	c.startClock(now)
	from := c.Status
	c.Status, c.Question, c.Lock = CasePending, nil, Lock{}
	c.Proposal = &Proposal{Decision: v.Decision, By: p.Actor, Note: v.Note, At: now, Hits: hits, Licence: strings.TrimSpace(v.Licence)}
	if from.Decided() {
		c.Proposal.From = from
	}
	c.line(EventProposed, p.Actor, now, v.Note, decisionFacts(v.Decision, c.Proposal.Licence))
}

// finish decides the case.
func (c *Case) finish(p Person, v Verdict, hits []HitDisposition, now time.Time) {
	c.startClock(now)
	licence := ""
	c.ProposedBy = Actor{}
	if c.Status == CasePending && c.Proposal.Decision == v.Decision {
		c.ProposedBy, licence = c.Proposal.By, c.Proposal.Licence
	}
	first, second := p.Actor, Actor{}
	if c.ProposedBy.ID != "" {
		first, second = c.ProposedBy, p.Actor
	}
	for _, h := range hits {
		h.By, h.Second, h.At = first, second, now
		c.Dispositions = append(slices.Clip(c.Dispositions), h)
	}
	c.Status, c.DecidedBy, c.DecidedAt, c.Note = v.Decision, p.Actor, now, v.Note
	c.Proposal, c.Question, c.Lock = nil, nil, Lock{}
	c.line(EventDecided, p.Actor, now, v.Note, decisionFacts(v.Decision, licence))
}

func decisionFacts(decision CaseStatus, licence string) map[string]string {
	facts := map[string]string{"decision": string(decision)}
	if licence != "" {
		facts["licence"] = licence
	}
	return facts
}

// Return sends a pending case back to be worked on, or to being blocked.
func (c *Case) Return(p Person, note string, version int64, now time.Time) error {
	if err := c.Check(ActReturn, p, now); err != nil {
		return err
	}
	if err := c.sameVersion(version); err != nil {
		return err
	}
	c.Version++
	c.fall(p.Actor, now, note, map[string]string{})
	return nil
}

// fall takes a proposal away and says so.
func (c *Case) fall(by Actor, now time.Time, text string, facts map[string]string) {
	facts["decision"] = string(c.Proposal.Decision)
	c.Status = CaseOpen
	if c.Proposal.Decision == CaseUnblocked {
		c.Status = CaseBlocked
		if c.Proposal.From != "" {
			c.Status = c.Proposal.From
		}
	}
	c.Proposal, c.Lock = nil, Lock{}
	c.line(EventReturned, by, now, text, facts)
}
