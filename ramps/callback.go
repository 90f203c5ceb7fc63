package ramps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/openremit/remit"
)

// MaxCallbackBody bounds a callback's body, in bytes.
const MaxCallbackBody = 64 << 10

// CallbackHandler serves POST /callbacks/{provider}. It answers 2xx only after
// what a callback says is stored, so a provider that repeats until then loses
// nothing; a repeated callback gets 2xx again. A callback that contradicts what
// is known is not believed: the provider is asked.
//
// It answers 401 to a signature that does not match, 400 to a body that cannot
// be read, 404 for an unknown provider or order, 413 to a body beyond
// MaxCallbackBody, and 503 when it could not be stored now.
func CallbackHandler(providers []Provider, store Store, desk *Desk) http.Handler {
	byName := make(map[string]Provider, len(providers))
	for _, p := range providers {
		byName[p.Name()] = p
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /callbacks/{provider}", func(w http.ResponseWriter, r *http.Request) {
		p := byName[r.PathValue("provider")]
		if p == nil {
			http.Error(w, "no such provider", http.StatusNotFound)
			return
		}
		status, result := takeCallback(w, r, p, store, desk)
		desk.metrics.calledBack(p.Name(), result)
		if status/100 == 2 {
			w.WriteHeader(status)
			return
		}
		http.Error(w, result, status)
	})
	return mux
}

// takeCallback reads, authenticates and stores one callback.
func takeCallback(w http.ResponseWriter, r *http.Request, p Provider, store Store, desk *Desk) (status int, result string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxCallbackBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return http.StatusRequestEntityTooLarge, "too_large"
		}
		return http.StatusBadRequest, "malformed"
	}
	c, err := p.ParseCallback(r.Header, body)
	switch remit.KindOf(err) {
	case "":
	case remit.KindInvalid:
		desk.log.Warn("callback cannot be read", "provider", p.Name(), "error", err)
		return http.StatusBadRequest, "malformed"
	default:
		desk.log.Warn("callback refused", "provider", p.Name(), "error", err)
		return http.StatusUnauthorized, "unauthenticated"
	}
	// What is recorded only tells repeats apart: the answer is stored for a
	// repeat as well, because the first may have crashed in between.
	fresh, err := store.RecordCallback(r.Context(), p.Name(), c.ID)
	if err == nil {
		err = desk.believe(r.Context(), p, c)
	}
	switch {
	case remit.KindOf(err) == remit.KindNotFound:
		desk.log.Error("callback about an order that is not ours", "provider", p.Name(), "ramp_order_id", c.Reference)
		return http.StatusNotFound, "unknown_order"
	case err != nil:
		desk.log.Error("callback cannot be stored", "provider", p.Name(), "ramp_order_id", c.Reference, "error", err)
		return http.StatusServiceUnavailable, "not_stored"
	case !fresh:
		return http.StatusOK, "repeated"
	}
	return http.StatusOK, "stored"
}

// believe stores what an authenticated callback says, or what the provider
// answers when the callback does not fit with what is known.
func (d *Desk) believe(ctx context.Context, p Provider, c Callback) error {
	o, err := d.store.RampOrder(ctx, c.Reference)
	if err != nil {
		return fmt.Errorf("read ramp order: %w", err)
	}
	if o.Provider != p.Name() {
		return remit.NotFound("ramp order", string(c.Reference))
	}
	a := c.Answer
	news := a.Status == StatusAccepted || a.Status.Final()
	switch {
	case o.Status.Final() && (a.Status == o.Status || !a.Status.Final()):
		return nil // a repeat, or an old one that comes late
	case o.Status.Final() || o.Status == StatusQueued || !news:
		if a, err = d.ask(ctx, p, o); err != nil {
			return err
		}
	}
	next := d.clock.Now()
	if a.Status == StatusAccepted {
		next = d.acceptedAt(&o)
	}
	if o.CancelRequested {
		next = d.clock.Now() // The cancellation is still to be carried out.
	}
	changed, err := d.store.SaveRampAnswer(ctx, o.ID, a, next)
	if err != nil {
		return fmt.Errorf("store answer: %w", err)
	}
	d.metrics.answered(&o, a.Status)
	switch {
	case a.Status.Final() && !changed:
		d.contradicted(ctx, &o, a)
	case a.Status.Final():
	case o.CancelRequested:
		d.Kick()
	case d.canceledSince(ctx, &o):
		d.postpone(ctx, &o, d.clock.Now())
		d.Kick()
	}
	return nil
}

// ask looks an order up because a callback contradicts what is known of it.
func (d *Desk) ask(ctx context.Context, p Provider, o Order) (Answer, error) {
	d.log.Warn("callback does not fit, asking the provider", "provider", p.Name(), "ramp_order_id", o.ID, "status", string(o.Status))
	ctx, cancel := context.WithTimeout(ctx, d.opts.CallTimeout)
	defer cancel()
	a := p.Lookup(ctx, o)
	if a.Status != StatusAccepted && !a.Status.Final() {
		return Answer{}, remit.Errorf(remit.KindUnavailable, remit.ReasonProviderUnavailable, "the provider does not say what became of the order")
	}
	return a, nil
}
