package compliance

import (
	"time"

	"github.com/openremit/remit"
)

// CaseKindSuspicion is what a person at a counter reported.
const CaseKindSuspicion = "suspicion"

// Lines of a case's history about reports from counters.
const (
	// EventReported has the reporter's words.
	EventReported = "reported"
	// EventFreeze: a person ordered the payout to be withdrawn.
	EventFreeze = "freeze_ordered"
)

// Report writes a report from a counter into the file.
func (c *Case) Report(by Actor, text string, facts map[string]string, now time.Time) {
	c.Version++
	c.line(EventReported, by, now, text, facts)
}

// Freeze writes into the file that a person ordered the payout to be withdrawn.
// Errors: forbidden for who may not decide; conflict with ReasonCaseDecided or
// ReasonCaseLocked.
func (c *Case) Freeze(p Person, note string, now time.Time) error {
	switch {
	case !p.Decides:
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "%s may not freeze a payout", p.Name)
	case c.Status.Decided():
		return remit.Errorf(remit.KindConflict, remit.ReasonCaseDecided, "the case was %s by %s before", c.Status, c.DecidedBy.Name)
	case c.Lock.Holds(now) && c.Lock.By.ID != p.ID:
		return c.locked()
	}
	c.Version++
	c.line(EventFreeze, p.Actor, now, note, nil)
	return nil
}
