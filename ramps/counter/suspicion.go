package counter

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openremit/remit"
)

// SuspicionID names a report of suspicion: sus_….
type SuspicionID string

// PrefixSuspicion begins the ids of reports.
const PrefixSuspicion = "sus"

// Categories are what a suspicion may be about.
func Categories() []string {
	return []string{"identity", "behaviour", "source_of_funds", "structuring", "third_party", "fraud_victim", "staff", "other"}
}

// The bounds of reports.
const (
	// maxSuspicionText is in characters.
	maxSuspicionText = 4000
	// maxReports is how many a teller may make within reportWindow.
	maxReports   = 10
	reportWindow = time.Hour
	// shownReports is how many of their own a teller sees.
	shownReports = 20
)

// Suspicion is a report to the reporting officer. Its words are never part of
// it: they are sealed into the history of its case.
type Suspicion struct {
	ID       SuspicionID    `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	AgentID  AgentID        `json:"agent_id"`
	OutletID OutletID       `json:"outlet_id,omitempty"`
	TellerID TellerID       `json:"teller_id"`
	// Actor and ActorName are who reported.
	Actor     string `json:"actor"`
	ActorName string `json:"actor_name"`
	// PickupID and RemittanceID are the payment it is about, empty for none.
	PickupID     PickupID           `json:"pickup_id,omitempty"`
	RemittanceID remit.RemittanceID `json:"remittance_id,omitempty"`
	Category     string             `json:"category"`
	CreatedAt    time.Time          `json:"created_at"`
}

// ReportSuspicion takes a report to the case queue, once for its id. It stops
// no payment, and nothing of the payment shows that there is a report. It may be
// made after hours. Errors: invalid; not_found for a payment that this counter
// could not pay; limited after too many; those of a caller who may not work.
func (s *Service) ReportSuspicion(ctx context.Context, c Caller, id SuspicionID, pickup PickupID, category, text string) (Suspicion, error) {
	text = strings.TrimSpace(text)
	switch {
	case !slices.Contains(Categories(), category):
		return Suspicion{}, remit.Invalid("category", remit.ReasonFieldInvalid, "choose what the suspicion is about")
	case text == "":
		return Suspicion{}, remit.Invalid("text", remit.ReasonFieldRequired, "write what you saw and heard")
	case utf8.RuneCountInString(text) > maxSuspicionText || !utf8.ValidString(text):
		return Suspicion{}, remit.Invalid("text", remit.ReasonFieldInvalid, "write at most %d characters", maxSuspicionText)
	}
	var wait time.Duration
	again := false
	got, err := s.store.FileSuspicion(ctx, c.TenantID, id, text, func(ctx context.Context, tx Tx, before *Suspicion) (Suspicion, error) {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, afterHours...); err != nil {
			return Suspicion{}, err
		}
		if again = before != nil; again {
			if before.TellerID != at.teller.ID || before.PickupID != pickup || before.Category != category {
				return Suspicion{}, remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this report is there with other content")
			}
			return *before, nil
		}
		r := Suspicion{
			ID: id, TenantID: c.TenantID, AgentID: at.agent.ID, OutletID: at.outlet.ID, TellerID: at.teller.ID, Actor: c.Actor, ActorName: at.teller.Name,
			PickupID: pickup, Category: category, CreatedAt: tx.Now(),
		}
		if pickup != "" {
			p, err := tx.Pickup(ctx, pickup)
			if err == nil && (p.TenantID != c.TenantID || !at.couldPay(p)) {
				err = remit.NotFound("pickup", string(pickup))
			}
			if err != nil {
				return Suspicion{}, err
			}
			r.RemittanceID = p.RemittanceID
		}
		wait, err = countReport(ctx, tx, at.teller.ID)
		if err == nil && wait > 0 {
			e := remit.Errorf(remit.KindLimited, remit.ReasonRateLimited, "you reported %d times within the hour; call the reporting officer instead", maxReports)
			e.RetryAfter = wait
			err = e
		}
		return r, err
	})
	if err != nil {
		return Suspicion{}, err
	}
	if !again {
		s.metrics.suspicions.Inc()
		s.tell(ctx, c, "suspicion.report", string(id), "", map[string]string{"outlet": string(got.OutletID)})
	}
	return got, nil
}

// couldPay reports whether a pickup is one of those that are paid at this
// outlet, or at one of the agent's for its admin.
func (st stand) couldPay(p Pickup) bool {
	return (p.Reach.AgentID == "" || p.Reach.AgentID == st.agent.ID) &&
		(st.outlet.ID == "" || p.Country == st.outlet.Country && (p.Reach.OutletID == "" || p.Reach.OutletID == st.outlet.ID))
}

// countReport counts a report and returns how long to wait if there were too many.
func countReport(ctx context.Context, tx Tx, teller TellerID) (time.Duration, error) {
	key := "suspicions/" + string(teller)
	g, err := tx.Guard(ctx, key)
	if err != nil {
		return 0, err
	}
	now := tx.Now()
	if now.Sub(g.LooksSince) >= reportWindow {
		g.Looks, g.LooksSince = 0, now
	}
	if g.Looks >= maxReports {
		return g.LooksSince.Add(reportWindow).Sub(now), nil
	}
	g.Looks++
	return 0, tx.PutGuard(ctx, key, g)
}

// Suspicions returns the caller's own newest reports.
func (s *Service) Suspicions(ctx context.Context, c Caller) ([]Suspicion, error) {
	return s.store.Suspicions(ctx, c.TenantID, c.TellerID, shownReports)
}
