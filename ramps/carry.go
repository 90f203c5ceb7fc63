package ramps

import (
	"context"
	"time"

	"github.com/openremit/remit"
)

// maxSteps bounds what is done with an order in one go: a lookup that finds it
// was never seen, its submission, and a cancellation asked for meanwhile.
const maxSteps = 4

// carry takes an order as far as it goes now.
func (d *Desk) carry(ctx context.Context, o Order) {
	for range maxSteps {
		if o.Status.Final() {
			return
		}
		if again := d.step(ctx, &o); !again {
			return
		}
	}
}

// step does the one next thing with an order and reports whether something
// else is to follow at once.
func (d *Desk) step(ctx context.Context, o *Order) (again bool) {
	p := d.providers[o.Provider]
	if p == nil {
		d.log.Error("ramp order for a provider that is not configured", "ramp_order_id", o.ID, "provider", o.Provider)
		return d.postpone(ctx, o, d.clock.Now().Add(d.opts.LastRetry))
	}
	if o.CancelRequested && o.Status == StatusQueued && o.Tries == 0 {
		return d.withdrawUnsent(ctx, o)
	}
	b := d.breaker(o.Provider, o.Method)
	if until, ok := b.admit(d.clock.Now()); !ok {
		return d.postpone(ctx, o, until)
	}
	switch {
	case o.CancelRequested:
		return d.cancel(ctx, p, b, o)
	case o.Status == StatusQueued:
		return d.submit(ctx, p, b, o)
	default:
		return d.lookup(ctx, p, b, o)
	}
}

// withdrawUnsent cancels an order that was never sent. It takes the order like
// a sender would, so that no other desk sends it meanwhile.
func (d *Desk) withdrawUnsent(ctx context.Context, o *Order) (again bool) {
	if !d.mark(ctx, o) {
		return false
	}
	d.save(ctx, o, Answer{Status: StatusCanceled}, d.clock.Now())
	return false
}

// mark claims a queued order for sending in the store, before the first byte.
func (d *Desk) mark(ctx context.Context, o *Order) bool {
	err := d.store.MarkRampSending(ctx, o.ID, d.clock.Now().Add(d.opts.CallTimeout+callMargin))
	switch {
	case err == nil:
		o.Status = StatusUnknown
		o.Tries++
		return true
	case remit.KindOf(err) == remit.KindConflict:
		// Another desk was quicker: it is theirs.
		return false
	default:
		d.log.Error("ramp order cannot be marked as sent", "ramp_order_id", o.ID, "error", err)
		return false
	}
}

// submit sends a queued order.
func (d *Desk) submit(ctx context.Context, p Provider, b *breaker, o *Order) (again bool) {
	in, err := d.store.Instruction(ctx, *o)
	if err != nil {
		b.release()
		d.log.Error("ramp order cannot be put together", "ramp_order_id", o.ID, "error", err)
		return d.postpone(ctx, o, d.retryAt(o))
	}
	first := o.Tries == 0
	if !d.mark(ctx, o) {
		b.release()
		return false
	}
	in.Order = *o
	a := d.call(ctx, b, o, callSubmit, func(ctx context.Context) Answer { return p.Submit(ctx, in) })
	switch a.Status {
	case StatusAccepted:
		return d.save(ctx, o, a, d.acceptedAt(o))
	case StatusSucceeded, StatusFailed, StatusCanceled:
		return d.save(ctx, o, a, d.clock.Now())
	case StatusUnknown, StatusQueued:
	}
	// Nothing else is an answer to a submission. The first look comes soon;
	// after that it slows down with age.
	a.Status = StatusUnknown
	next := d.retryAt(o)
	if first {
		next = d.clock.Now().Add(d.opts.FirstRetry)
	}
	return d.save(ctx, o, a, next)
}

// lookup asks what became of an order that was sent.
func (d *Desk) lookup(ctx context.Context, p Provider, b *breaker, o *Order) (again bool) {
	a := d.call(ctx, b, o, callLookup, func(ctx context.Context) Answer { return p.Lookup(ctx, *o) })
	switch a.Status {
	case StatusAccepted:
		return d.save(ctx, o, a, d.acceptedAt(o))
	case StatusSucceeded, StatusFailed, StatusCanceled:
		return d.save(ctx, o, a, d.clock.Now())
	case StatusQueued:
		if o.Status == StatusAccepted {
			// It said that it has it. Sending it again to one who forgot would pay twice.
			d.log.Error("provider no longer knows an order that it accepted", "ramp_order_id", o.ID, "provider", o.Provider)
			return d.postpone(ctx, o, d.acceptedAt(o))
		}
		d.save(ctx, o, a, d.clock.Now())
		return o.Status == StatusQueued
	case StatusUnknown:
	}
	return d.postpone(ctx, o, d.retryAt(o))
}

// cancel withdraws an order that was, or may have been, sent.
func (d *Desk) cancel(ctx context.Context, p Provider, b *breaker, o *Order) (again bool) {
	a := d.call(ctx, b, o, callCancel, func(ctx context.Context) Answer { return p.Cancel(ctx, *o) })
	switch a.Status {
	case StatusAccepted:
		d.save(ctx, o, a, d.acceptedAt(o))
	case StatusSucceeded, StatusFailed, StatusCanceled:
		d.save(ctx, o, a, d.clock.Now())
	case StatusUnknown, StatusQueued:
		d.postpone(ctx, o, d.retryAt(o))
	default:
		d.postpone(ctx, o, d.retryAt(o))
	}
	return false
}

// call makes one call to a provider, times it and tells the breaker how it went.
func (d *Desk) call(ctx context.Context, b *breaker, o *Order, kind callKind, do func(context.Context) Answer) Answer {
	ctx, cancel := context.WithTimeout(ctx, d.opts.CallTimeout)
	defer cancel()
	start := d.clock.Now()
	a := do(ctx)
	if a.Status == "" {
		a.Status = StatusUnknown
	}
	now := d.clock.Now()
	d.metrics.called(o, kind, a.Status, now.Sub(start))
	if changed, state := b.report(kind, a.Status != StatusUnknown, now); changed {
		d.metrics.breaker(o, state)
		d.log.Warn("ramp breaker changed", "provider", o.Provider, "method", o.Method, "state", string(state))
	}
	if a.Status == StatusUnknown {
		d.log.Warn("ramp order without an answer", "ramp_order_id", o.ID, "remittance_id", o.RemittanceID,
			"provider", o.Provider, "call", string(kind), "detail", a.Detail)
	}
	return a
}

// save stores an answer, and reports whether the order wants to be canceled
// since it was read: the plan stored with the answer would else put that off.
func (d *Desk) save(ctx context.Context, o *Order, a Answer, next time.Time) (again bool) {
	changed, err := d.store.SaveRampAnswer(ctx, o.ID, a, next)
	if err != nil {
		// The order stays as it was marked and is looked up when that plan comes.
		d.log.Error("answer about a ramp order cannot be stored", "ramp_order_id", o.ID, "status", string(a.Status), "error", err)
		return false
	}
	d.metrics.answered(o, a.Status)
	if a.Status.Final() && !changed {
		d.contradicted(ctx, o, a)
	}
	o.Status = a.Status
	if a.Status.Final() || a.Status == StatusQueued {
		return false
	}
	return d.canceledSince(ctx, o)
}

// postpone plans the next look and leaves all else as it is. Like save it
// reports whether the order wants to be canceled since it was read.
func (d *Desk) postpone(ctx context.Context, o *Order, next time.Time) (again bool) {
	a := Answer{Status: o.Status, Reason: o.Reason, ProviderReference: o.ProviderReference, Received: o.Received}
	if _, err := d.store.SaveRampAnswer(ctx, o.ID, a, next); err != nil {
		d.log.Error("ramp order cannot be put off", "ramp_order_id", o.ID, "error", err)
		return false
	}
	return d.canceledSince(ctx, o)
}

// canceledSince reads an order anew that was not to be canceled when it was
// read, and reports whether it is by now.
func (d *Desk) canceledSince(ctx context.Context, o *Order) bool {
	if o.CancelRequested {
		return false
	}
	fresh, err := d.store.RampOrder(ctx, o.ID)
	if err != nil {
		d.log.Error("ramp order cannot be read", "ramp_order_id", o.ID, "error", err)
		return false
	}
	if !fresh.CancelRequested {
		return false
	}
	*o = fresh
	return true
}

// contradicted tells operators of a final answer that is not the one with which
// an order ended: what was done about that end cannot be undone by itself.
func (d *Desk) contradicted(ctx context.Context, o *Order, a Answer) {
	now, err := d.store.RampOrder(ctx, o.ID)
	if err != nil {
		d.log.Error("ramp order cannot be read", "ramp_order_id", o.ID, "error", err)
		return
	}
	if now.Status == a.Status {
		return // Another desk was quicker to store the same.
	}
	d.metrics.contradicted(o)
	d.log.Error("provider contradicts how a ramp order ended", "ramp_order_id", o.ID, "remittance_id", o.RemittanceID, "provider", o.Provider,
		"direction", string(o.Direction), "status", string(now.Status), "answer", string(a.Status))
}

// retryAt is when an order is looked at again whose fate is unknown: after a
// quarter of its age, so the waits grow by a quarter each, within the bounds.
func (d *Desk) retryAt(o *Order) time.Time {
	return d.later(o, 4, d.opts.FirstRetry, d.opts.LastRetry)
}

// acceptedAt is when an accepted order is looked up if no callback comes.
func (d *Desk) acceptedAt(o *Order) time.Time {
	return d.later(o, 2, d.opts.FirstAccepted, d.opts.LastAccepted)
}

func (d *Desk) later(o *Order, part time.Duration, least, most time.Duration) time.Time {
	now := d.clock.Now()
	return now.Add(min(max(now.Sub(o.CreatedAt)/part, least), most))
}
