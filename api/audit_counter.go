package api

import (
	"context"
	"maps"
	"strings"
	"sync"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ramps/counter"
)

// auditToldKey finds in a context the act that is being written into the trail.
type auditToldKey struct{}

// auditTold collects what a service tells of the act that the call is: it becomes
// part of the act's result, so that nothing is in the trail twice.
type auditTold struct {
	act string

	mu      sync.Mutex
	subject string
	facts   map[string]string
}

func (a *auditTold) tell(subject string, facts map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.subject, a.facts = subject, maps.Clone(facts)
}

// add completes a result with what was told. What the service knows counts more
// than what the caller sent.
func (a *auditTold) add(e compliance.AuditEntry) compliance.AuditEntry {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.subject != "" {
		e.Subject = a.subject
	}
	if len(a.facts) > 0 {
		facts := maps.Clone(e.Facts)
		if facts == nil {
			facts = make(map[string]string, len(a.facts))
		}
		maps.Copy(facts, a.facts)
		e.Facts = facts
	}
	return e
}

// CounterAudit writes what the counter service tells into the trail: as part of
// the result of the call that it happened in, and as a fact where it is another
// act than the call, such as a lock, or happened in none.
func CounterAudit(trail interface {
	AppendAudit(ctx context.Context, e compliance.AuditEntry) (int64, error)
}) func(context.Context, counter.AuditEvent) error {
	return func(ctx context.Context, e counter.AuditEvent) error {
		if call, ok := ctx.Value(auditToldKey{}).(*auditTold); ok && call.act == e.Act && e.Reason == "" {
			call.tell(e.Subject, e.Facts)
			return nil
		}
		entry := compliance.AuditEntry{
			TenantID: e.TenantID, Phase: compliance.AuditFact, Act: e.Act, Subject: e.Subject, Outcome: compliance.AuditDone, Reason: e.Reason, Facts: e.Facts,
			Actor: compliance.Actor{Kind: compliance.ActorKey, ID: e.Actor, Name: e.ActorName},
		}
		if e.Reason != "" {
			entry.Outcome = compliance.AuditRefused
		}
		switch {
		case e.Actor == "":
			entry.Actor.Kind = compliance.ActorGateway
		case strings.HasPrefix(e.Actor, remit.PrefixStaff+"_"):
			entry.Actor.Kind = compliance.ActorStaff
		}
		_, err := trail.AppendAudit(ctx, entry)
		return err
	}
}
