package store

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// rampStory is how a direction is told in events and notices.
var rampStory = map[ramps.Direction]struct {
	event  string
	notice remit.NoticeKind
}{
	ramps.PayIn:  {"funding", remit.NoticeFunding},
	ramps.PayOut: {"payout", remit.NoticePayout},
	ramps.Refund: {"refund", remit.NoticeRefund},
}

// SaveRampAnswer records what the provider said and plans the next look; it
// reports whether the status changed. What was learnt is never unlearnt: an
// accepted order does not become unknown or queued again. A final status is
// never replaced; a final answer that contradicts it becomes an event.
// Errors: not_found; internal for a status that is no answer.
func (s *Store) SaveRampAnswer(ctx context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (changed bool, err error) {
	err = s.commit(ctx, "save a ramp answer", needs{rampOrders: []remit.RampOrderID{id}}, func(ctx context.Context, tx *Tx) (err error) {
		changed, err = tx.saveRampAnswer(ctx, id, a, next)
		return err
	})
	return changed && err == nil, err
}

// saveRampAnswer is SaveRampAnswer within a unit.
func (tx *Tx) saveRampAnswer(ctx context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (changed bool, err error) {
	switch a.Status {
	case "":
		a.Status = ramps.StatusUnknown
	case ramps.StatusQueued, ramps.StatusUnknown, ramps.StatusAccepted, ramps.StatusSucceeded, ramps.StatusFailed, ramps.StatusCanceled:
	default:
		return false, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "ramp order %s cannot become %q", id, string(a.Status))
	}
	o, there, err := get(ctx, tx, tx.rampOrders, id)
	if err != nil {
		return false, err
	}
	if !there {
		return false, remit.NotFound("ramp order", string(id))
	}
	if o.Status.Final() {
		return false, tx.contradiction(ctx, o, a)
	}
	before := o.Status
	if next.IsZero() {
		next = tx.now
	}
	o.NextTry, o.UpdatedAt = next, tx.now
	if a.ProviderReference != "" {
		o.ProviderReference = a.ProviderReference
	}
	vague := a.Status == ramps.StatusUnknown || a.Status == ramps.StatusQueued
	if before != ramps.StatusAccepted || !vague {
		o.Status, o.Reason = a.Status, a.Reason
	}
	if o.Status == ramps.StatusSucceeded && !a.Received.Asset.IsZero() {
		o.Received = a.Received
	}
	changed = o.Status != before
	tx.rampOrders.put(id, o)
	if changed && (o.Status.Final() || o.Status == ramps.StatusAccepted) {
		return true, tx.tellRamp(ctx, o)
	}
	return changed, nil
}

// tellRamp writes the event and the notice of an order's new status.
func (tx *Tx) tellRamp(ctx context.Context, o ramps.Order) error {
	story := rampStory[o.Direction]
	facts := map[string]string{"order": string(o.ID), "provider": o.Provider}
	if o.Received.IsPositive() {
		facts["received"] = o.Received.Decimal()
		facts["received_asset"] = o.Received.Asset.Code
	}
	if err := tx.rampEvent(ctx, o, story.event+"."+string(o.Status), o.Reason, facts); err != nil {
		return err
	}
	tx.notice(remit.Notice{
		RemittanceID: o.RemittanceID, Kind: story.notice, Ref: string(o.ID), Status: string(o.Status), Reason: o.Reason,
	})
	return nil
}

// contradiction keeps, as an event for operators, a final answer that is not
// the one an order ended with.
func (tx *Tx) contradiction(ctx context.Context, o ramps.Order, a ramps.Answer) error {
	if !a.Status.Final() || a.Status == o.Status {
		return nil
	}
	return tx.rampEvent(ctx, o, rampStory[o.Direction].event+".contradicted", a.Reason, map[string]string{
		"order": string(o.ID), "provider": o.Provider, "status": string(o.Status), "answer": string(a.Status),
	})
}

func (tx *Tx) rampEvent(ctx context.Context, o ramps.Order, kind string, reason remit.Reason, facts map[string]string) error {
	row, there, err := get(ctx, tx, tx.remittances, o.RemittanceID)
	if err != nil {
		return err
	}
	if !there {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "ramp order %s has no remittance", o.ID)
	}
	tx.event(&row.Remittance, kind, reason, facts)
	tx.remittances.put(row.ID, row)
	return nil
}
