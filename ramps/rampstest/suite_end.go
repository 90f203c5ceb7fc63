package rampstest

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

func cancelAccepted(w *world) {
	in := w.order(Waits)
	w.want("submit", w.submit(in), ramps.StatusAccepted)
	w.want("cancel", w.Cancel(w.t.Context(), in.Order), ramps.StatusCanceled)
	w.want("again", w.Cancel(w.t.Context(), in.Order), ramps.StatusCanceled)
	w.want("lookup", w.lookup(in), ramps.StatusCanceled)
	w.want("submit again", w.submit(in), ramps.StatusCanceled)
	w.moved(in)
}

func cancelEnded(w *world) {
	in := w.order(AtOnce)
	w.want("submit", w.submit(in), ramps.StatusSucceeded)
	w.want("cancel", w.Cancel(w.t.Context(), in.Order), ramps.StatusSucceeded)
	w.moved(in, in.Order.Amount.Minor)

	in = w.order(Refused)
	w.want("submit", w.submit(in), ramps.StatusFailed)
	w.want("cancel", w.Cancel(w.t.Context(), in.Order), ramps.StatusFailed)
}

// cancelUnseen is what keeps a submission that is late on its way from paying
// after its cancellation was believed.
func cancelUnseen(w *world) {
	in := w.order(AtOnce)
	w.want("cancel", w.Cancel(w.t.Context(), in.Order), ramps.StatusCanceled)
	w.want("submit", w.submit(in), ramps.StatusCanceled)
	w.want("lookup", w.lookup(in), ramps.StatusCanceled)
	w.moved(in)
}

func cancelRace(w *world) {
	for range 10 {
		in := w.order(AtOnce)
		var both sync.WaitGroup
		var submitted, canceled ramps.Answer
		both.Go(func() { submitted = w.submit(in) })
		both.Go(func() { canceled = w.Cancel(w.t.Context(), in.Order) })
		both.Wait()
		w.want("submit", submitted, ramps.StatusSucceeded, ramps.StatusCanceled)
		w.want("cancel", canceled, submitted.Status)
		if submitted.Status == ramps.StatusCanceled {
			w.moved(in)
		} else {
			w.moved(in, in.Order.Amount.Minor)
		}
	}
}

func cancelTrouble(w *world) {
	in := w.order(Waits)
	w.want("submit", w.submit(in), ramps.StatusAccepted)
	w.Break(w.t, LoseReply)
	w.want("cancel", w.Cancel(w.t.Context(), in.Order), ramps.StatusUnknown)
	w.want("lookup", w.lookup(in), ramps.StatusCanceled)
}

// ended submits an order that waits, ends it well, and returns its callbacks.
func (w *world) ended(count int, troubles ...Trouble) (ramps.Instruction, []Delivery) {
	w.t.Helper()
	in := w.order(Waits)
	w.want("submit", w.submit(in), ramps.StatusAccepted)
	for _, trouble := range troubles {
		w.Break(w.t, trouble)
	}
	w.Finish(w.t, in.Order.ID, true)
	return in, w.Callbacks(w.t, in.Order.ID, count)
}

func (w *world) parse(in ramps.Instruction, d Delivery) ramps.Callback {
	w.t.Helper()
	c, err := w.ParseCallback(d.Header, d.Body)
	if err != nil {
		w.t.Fatalf("parse callback: %v", err)
	}
	if c.ID == "" || c.Reference != in.Order.ID {
		w.t.Fatalf("callback %q is about %q, want %q", c.ID, c.Reference, in.Order.ID)
	}
	return c
}

func callback(w *world) {
	in, got := w.ended(1)
	w.want("callback", w.parse(in, got[0]).Answer, ramps.StatusSucceeded)
}

func callbackTwice(w *world) {
	in, got := w.ended(2, DoubleCallback)
	first, second := w.parse(in, got[0]), w.parse(in, got[1])
	if first.ID != second.ID {
		w.t.Errorf("one message has the ids %q and %q", first.ID, second.ID)
	}
	w.want("first", first.Answer, ramps.StatusSucceeded)
	w.want("second", second.Answer, ramps.StatusSucceeded)
}

func callbackReordered(w *world) {
	in, got := w.ended(2, ReorderCallbacks)
	first, second := w.parse(in, got[0]), w.parse(in, got[1])
	if first.ID == second.ID {
		w.t.Errorf("two messages have the id %q", first.ID)
	}
	w.want("first", first.Answer, ramps.StatusSucceeded)
	w.want("second", second.Answer, ramps.StatusAccepted)
}

func callbackForged(w *world) {
	_, got := w.ended(1)
	sent := got[0]
	refuse := func(what string, h http.Header, body []byte) {
		w.t.Helper()
		if _, err := w.ParseCallback(h, body); remit.KindOf(err) != remit.KindUnauthenticated {
			w.t.Errorf("%s: got %v, want an unauthenticated error", what, err)
		}
	}
	refuse("no headers", http.Header{}, sent.Body)
	refuse("another body", sent.Header, bytes.Replace(sent.Body, []byte("succeeded"), []byte("failed"), 1))
	refuse("an empty body", sent.Header, nil)
	for name, values := range sent.Header {
		if !signs(name) {
			continue
		}
		h := sent.Header.Clone()
		h.Set(name, values[0]+"1")
		refuse("altered "+name, h, sent.Body)
		h.Del(name)
		refuse("without "+name, h, sent.Body)
	}
}

// signs reports whether a header is not one of the plain ones of HTTP.
func signs(name string) bool {
	switch name {
	case "Accept-Encoding", "Content-Length", "Content-Type", "User-Agent":
		return false
	}
	return true
}

func callbackStale(w *world) {
	in, got := w.ended(1)
	w.parse(in, got[0])
	const tooOld = time.Hour
	w.Advance(tooOld)
	if _, err := w.ParseCallback(got[0].Header, got[0].Body); remit.KindOf(err) != remit.KindUnauthenticated {
		w.t.Errorf("an hour old: got %v, want an unauthenticated error", err)
	}
}
