package compliance

import "time"

// ServiceLevels are the spans in which cases should be decided, by inbox; zero
// is the default of each.
type ServiceLevels struct {
	Sanctions, Review, Operations, MLRO time.Duration
}

// The defaults of the service levels.
const (
	defaultSanctionsLevel  = 4 * time.Hour
	defaultReviewLevel     = 24 * time.Hour
	defaultOperationsLevel = 8 * time.Hour
	defaultMLROLevel       = 8 * time.Hour
)

// Of returns the span of an inbox.
func (l ServiceLevels) Of(inbox Inbox) time.Duration {
	given, usual := l.Review, defaultReviewLevel
	switch inbox {
	case InboxSanctions:
		given, usual = l.Sanctions, defaultSanctionsLevel
	case InboxOperations:
		given, usual = l.Operations, defaultOperationsLevel
	case InboxMLRO:
		given, usual = l.MLRO, defaultMLROLevel
	case InboxReview:
	}
	if given > 0 {
		return given
	}
	return usual
}

// CaseStanding is where the service level of a case stands.
type CaseStanding string

// The standings.
const (
	// StandingGood: a quarter of the time or more is left.
	StandingGood CaseStanding = "good"
	// StandingAttention: less than a quarter of the time is left.
	StandingAttention CaseStanding = "attention"
	// StandingLate: it should have been decided.
	StandingLate CaseStanding = "late"
	// StandingStopped: it waits for information.
	StandingStopped CaseStanding = "stopped"
)

// AttentionShare is which part of the time is little: one in AttentionShare.
const AttentionShare = 4

// Clock returns where the service level stands, the time left until due
// (negative when late) and for how long the clock has stood still. The standing
// of a decided case is empty.
func (c *Case) Clock(now time.Time) (standing CaseStanding, left, stopped time.Duration) {
	stopped = c.Stopped
	if !c.StoppedAt.IsZero() {
		left = c.DueAt.Sub(c.StoppedAt)
		stopped += now.Sub(c.StoppedAt)
	} else {
		left = c.DueAt.Sub(now)
	}
	switch {
	case c.Status.Decided():
		return "", 0, stopped
	case !c.StoppedAt.IsZero():
		return StandingStopped, left, stopped
	case left <= 0:
		return StandingLate, left, stopped
	case left < c.Span/AttentionShare:
		return StandingAttention, left, stopped
	default:
		return StandingGood, left, stopped
	}
}

// allow gives the case a fresh span from now.
func (c *Case) allow(span time.Duration, now time.Time) {
	c.Span, c.DueAt = span, now.Add(span)
}

// stopClock has the clock stand still; startClock moves the due time on by what
// it stood still until then.
func (c *Case) stopClock(now time.Time) { c.StoppedAt = now }

func (c *Case) startClock(until time.Time) {
	if c.StoppedAt.IsZero() {
		return
	}
	stood := max(until.Sub(c.StoppedAt), 0)
	c.DueAt, c.Stopped, c.StoppedAt = c.DueAt.Add(stood), c.Stopped+stood, time.Time{}
}
