package compliance

import (
	"time"
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
// From then on it takes two persons to approve the case. Errors: those of Check.
func (c *Case) Freeze(p Person, note string, now time.Time) error {
	if err := c.Check(ActFreeze, p, now); err != nil {
		return err
	}
	c.Version++
	c.FrozenAt = now
	c.line(EventFreeze, p.Actor, now, note, nil)
	return nil
}
