package rampstest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// patience is how long a call may hang in the suite before it is given up.
const patience = 200 * time.Millisecond

// world is one provider and its far side in one test.
type world struct {
	ramps.Provider
	Backend
	t *testing.T
}

// Run holds a provider to its contract. newProvider makes a provider and its
// far side afresh for each test.
func Run(t *testing.T, newProvider func(t *testing.T) (ramps.Provider, Backend)) {
	tests := map[string]func(*world){
		"submit is idempotent":                      submitTwice,
		"one reference from many callers":           submitConcurrently,
		"a reference is never another order":        submitOther,
		"a lost request was never seen":             lostRequest,
		"a refusal to serve was never seen":         unavailable,
		"a lost reply is found":                     lostReply(LoseReply),
		"half a reply is found":                     lostReply(HalfReply),
		"silence is found":                          lostReply(Hang),
		"an outage after the effect is found":       lostReply(UnavailableAfter),
		"a caller who left gets unknown":            callerLeft,
		"an unknown reference may be submitted":     lookupUnknown,
		"a lookup without an answer is unknown":     lookupTrouble,
		"a refusal has a reason and stays":          refused,
		"it may reject after it accepted":           rejectedLater,
		"an accepted order is found until it ends":  acceptedThenEnds,
		"a pay-in tells what came in":               payIn,
		"a refund returns a pay-in once":            refundOnce,
		"cancel before the end":                     cancelAccepted,
		"cancel after the end":                      cancelEnded,
		"cancel before it was seen":                 cancelUnseen,
		"cancel against submit":                     cancelRace,
		"cancel without an answer is unknown":       cancelTrouble,
		"a callback tells the end":                  callback,
		"a doubled callback has one id":             callbackTwice,
		"a late callback is an older state":         callbackReordered,
		"callbacks of strangers are refused":        callbackForged,
		"callbacks from another time are refused":   callbackStale,
		"it says what it can do":                    capabilities,
		"validate passes an account in good order":  validateGood,
		"validate that cannot ask is not a verdict": validateTrouble,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, b := newProvider(t)
			test(&world{Provider: p, Backend: b, t: t})
		})
	}
}

// submit sends an order with the suite's patience.
func (w *world) submit(in ramps.Instruction) ramps.Answer {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience*10)
	defer cancel()
	return w.Submit(ctx, in)
}

func (w *world) lookup(in ramps.Instruction) ramps.Answer { return w.Lookup(w.t.Context(), in.Order) }

func (w *world) order(way Way) ramps.Instruction {
	w.t.Helper()
	return w.Instruction(w.t, ramps.PayOut, way)
}

func (w *world) want(what string, got ramps.Answer, statuses ...ramps.Status) {
	w.t.Helper()
	if !slices.Contains(statuses, got.Status) {
		w.t.Fatalf("%s: got %q (%s), want %q", what, got.Status, got.Detail, statuses)
	}
	if got.Status == ramps.StatusFailed && (got.Reason == "" || got.Fixer == "") {
		w.t.Fatalf("%s: a failure without a reason or a fixer: %+v", what, got)
	}
}

// moved checks what the far side's books hold for an order.
func (w *world) moved(in ramps.Instruction, want ...int64) {
	w.t.Helper()
	if got := w.Movements(w.t, in.Order.ID); !slices.Equal(got, want) {
		w.t.Fatalf("far side's books: got %v, want %v", got, want)
	}
}

func submitTwice(w *world) {
	in := w.order(AtOnce)
	first, second := w.submit(in), w.submit(in)
	w.want("first", first, ramps.StatusSucceeded)
	w.want("second", second, ramps.StatusSucceeded)
	if first.ProviderReference == "" || first.ProviderReference != second.ProviderReference {
		w.t.Errorf("provider references %q and %q: want one", first.ProviderReference, second.ProviderReference)
	}
	w.moved(in, in.Order.Amount.Minor)
}

func submitConcurrently(w *world) {
	in := w.order(AtOnce)
	var callers sync.WaitGroup
	answers := make([]ramps.Answer, 8)
	for i := range answers {
		callers.Go(func() { answers[i] = w.submit(in) })
	}
	callers.Wait()
	for _, a := range answers {
		w.want("each", a, ramps.StatusSucceeded)
	}
	w.moved(in, in.Order.Amount.Minor)
}

func submitOther(w *world) {
	in := w.order(AtOnce)
	w.want("first", w.submit(in), ramps.StatusSucceeded)
	other := in
	other.Order.Amount.Minor++
	// Not failed: something was paid under this reference.
	w.want("other amount", w.submit(other), ramps.StatusUnknown)
	w.want("lookup of other amount", w.lookup(other), ramps.StatusUnknown)
	w.moved(in, in.Order.Amount.Minor)
}

func neverSeen(trouble Trouble) func(*world) {
	return func(w *world) {
		in := w.order(AtOnce)
		w.Break(w.t, trouble)
		w.want("submit", w.submit(in), ramps.StatusUnknown)
		w.want("lookup", w.lookup(in), ramps.StatusQueued)
		w.moved(in)
		w.want("again", w.submit(in), ramps.StatusSucceeded)
		w.moved(in, in.Order.Amount.Minor)
	}
}

var (
	lostRequest = neverSeen(LoseRequest)
	unavailable = neverSeen(Unavailable)
)

func lostReply(trouble Trouble) func(*world) {
	return func(w *world) {
		in := w.order(AtOnce)
		w.Break(w.t, trouble)
		ctx, cancel := context.WithTimeout(w.t.Context(), patience)
		defer cancel()
		w.want("submit", w.Submit(ctx, in), ramps.StatusUnknown)
		w.want("lookup", w.lookup(in), ramps.StatusSucceeded)
		w.want("again", w.submit(in), ramps.StatusSucceeded)
		w.moved(in, in.Order.Amount.Minor)
	}
}

func callerLeft(w *world) {
	in := w.order(AtOnce)
	ctx, cancel := context.WithCancel(w.t.Context())
	cancel()
	w.want("submit", w.Submit(ctx, in), ramps.StatusUnknown)
	w.want("lookup", w.Lookup(ctx, in.Order), ramps.StatusUnknown)
	w.want("cancel", w.Cancel(ctx, in.Order), ramps.StatusUnknown)
}

func lookupUnknown(w *world) {
	w.want("lookup", w.lookup(w.order(AtOnce)), ramps.StatusQueued)
}

func lookupTrouble(w *world) {
	for _, trouble := range []Trouble{LoseRequest, Unavailable, HalfReply} {
		w.Break(w.t, trouble)
		w.want(string(trouble), w.lookup(w.order(AtOnce)), ramps.StatusUnknown)
	}
}

func refused(w *world) {
	in := w.order(Refused)
	w.want("submit", w.submit(in), ramps.StatusFailed)
	w.want("again", w.submit(in), ramps.StatusFailed)
	w.want("lookup", w.lookup(in), ramps.StatusFailed)
	w.moved(in)
}

func rejectedLater(w *world) {
	in := w.order(Waits)
	w.want("submit", w.submit(in), ramps.StatusAccepted)
	w.Finish(w.t, in.Order.ID, false)
	w.want("lookup", w.lookup(in), ramps.StatusFailed)
	w.want("again", w.submit(in), ramps.StatusFailed)
	w.moved(in)
}

func acceptedThenEnds(w *world) {
	in := w.order(Waits)
	w.want("submit", w.submit(in), ramps.StatusAccepted)
	w.want("lookup", w.lookup(in), ramps.StatusAccepted)
	w.moved(in)
	w.Finish(w.t, in.Order.ID, true)
	w.want("lookup after the end", w.lookup(in), ramps.StatusSucceeded)
	w.moved(in, in.Order.Amount.Minor)
}

func payIn(w *world) {
	in := w.Instruction(w.t, ramps.PayIn, AtOnce)
	for what, a := range map[string]ramps.Answer{"submit": w.submit(in), "lookup": w.lookup(in)} {
		w.want(what, a, ramps.StatusSucceeded)
		if a.Received != in.Order.Amount {
			w.t.Errorf("%s: received %s, want %s", what, a.Received, in.Order.Amount)
		}
	}
}

func refundOnce(w *world) {
	in := w.Instruction(w.t, ramps.PayIn, AtOnce)
	w.want("pay-in", w.submit(in), ramps.StatusSucceeded)
	back := w.refundOf(in)
	w.want("refund", w.submit(back), ramps.StatusSucceeded)
	w.want("again", w.submit(back), ramps.StatusSucceeded)
	w.moved(back, back.Order.Amount.Minor)
	second := w.refundOf(in)
	w.want("a second refund", w.submit(second), ramps.StatusFailed)
	w.moved(second)
}

func (w *world) refundOf(payIn ramps.Instruction) ramps.Instruction {
	back := w.Instruction(w.t, ramps.Refund, AtOnce)
	back.Order.RefundOf, back.Order.Method = payIn.Order.ID, payIn.Order.Method
	back.Order.Amount, back.Order.Country = payIn.Order.Amount, payIn.Order.Country
	return back
}

func capabilities(w *world) {
	if w.Name() == "" {
		w.t.Error("it has no name")
	}
	for _, c := range w.Capabilities() {
		_, err := remit.Fiat(c.Currency)
		if err != nil || !c.Country.Valid() || c.Method == "" || c.Direction == "" {
			w.t.Errorf("capability %+v is malformed", c)
		}
	}
}

func validateGood(w *world) {
	if err := w.Validate(w.t.Context(), w.order(AtOnce)); err != nil {
		w.t.Errorf("validate: %v", err)
	}
}

func validateTrouble(w *world) {
	for _, trouble := range []Trouble{LoseRequest, Unavailable} {
		w.Break(w.t, trouble)
		if err := w.Validate(w.t.Context(), w.order(AtOnce)); remit.KindOf(err) != remit.KindUnavailable {
			w.t.Errorf("%s: got %v, want an unavailable error", trouble, err)
		}
	}
}
