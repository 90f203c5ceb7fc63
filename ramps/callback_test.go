package ramps_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/rampstest"
	"github.com/openremit/remit/ramps/sandbox"
)

// post sends a callback to the handler and returns the status of the answer.
func post(t *testing.T, h http.Handler, path, body string) int {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body)))
	return w.Code
}

// TestCallbacksOfTheBank: the bank's real callbacks end accepted orders without
// any lookup, also when they come twice, in another order, or contradict.
func TestCallbacksOfTheBank(t *testing.T) {
	t.Parallel()
	clock := remit.NewFakeClock(start)
	e := &env{t: t, clock: clock, store: rampstest.NewStore(clock)}
	arrived := make(chan int, 100)
	var handler http.Handler
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		w.WriteHeader(rec.Code)
		arrived <- rec.Code
	}))
	t.Cleanup(hook.Close)
	b, err := bank.New(bank.Options{APIKey: testKey, CallbackURL: hook.URL + "/callbacks/sandbox", CallbackSecret: testSecret, Clock: clock, Settle: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.Handler())
	t.Cleanup(server.Close)
	p, err := sandbox.New(sandbox.Options{BaseURL: server.URL, APIKey: testKey, CallbackSecret: testSecret, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	e.bank, e.provider = b, p
	d := e.desk(e.store, p)
	handler = ramps.CallbackHandler([]ramps.Provider{p}, e.store, d)

	plain, twice := e.place("1234567890"), e.place("1234560005")
	rejected, returned, late := e.place("1234560006"), e.place("1234560007"), e.place("1234560008")
	e.pass(d)
	for _, id := range []remit.RampOrderID{plain, twice, rejected, returned, late} {
		e.want(id, ramps.StatusAccepted)
	}
	clock.Advance(time.Second)
	b.Tick()
	clock.Advance(time.Second)
	b.Tick()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	const callbacks = 1 + 2 + 1 + 2 + 2
	for range callbacks {
		select {
		case code := <-arrived:
			if code != http.StatusOK {
				t.Errorf("a callback was answered %d", code)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("callbacks are missing")
		}
	}
	for id, want := range map[remit.RampOrderID]ramps.Status{
		plain: ramps.StatusSucceeded, twice: ramps.StatusSucceeded, rejected: ramps.StatusFailed,
		returned: ramps.StatusSucceeded, late: ramps.StatusSucceeded,
	} {
		e.want(id, want)
		if got := e.store.Notices(id); len(got) != 2 || got[1] != want {
			t.Errorf("notices %q, want accepted and %q", got, want)
		}
	}
	if got := e.store.Contradictions(returned); len(got) != 1 || got[0] != ramps.StatusFailed {
		t.Errorf("contradictions %q, want the failure after success", got)
	}
}

func TestCallbackRefusals(t *testing.T) {
	t.Parallel()
	e := setup(t)
	d := e.desk(e.store, e.provider)
	h := ramps.CallbackHandler([]ramps.Provider{e.provider}, e.store, d)
	for name, c := range map[string]struct {
		path, body string
		want       int
	}{
		"no such provider": {"/callbacks/nobody", "{}", http.StatusNotFound},
		"no signature":     {"/callbacks/sandbox", "{}", http.StatusUnauthorized},
		"too large":        {"/callbacks/sandbox", strings.Repeat("x", ramps.MaxCallbackBody+1), http.StatusRequestEntityTooLarge},
		"other path":       {"/callbacks/sandbox/x", "{}", http.StatusNotFound},
	} {
		if got := post(t, h, c.path, c.body); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/callbacks/sandbox", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d", w.Code)
	}
}

// brittle is a store whose answers sometimes cannot be saved.
type brittle struct {
	ramps.Store
	broken bool
}

func (s *brittle) SaveRampAnswer(ctx context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (bool, error) {
	if s.broken {
		return false, errors.New("disk full")
	}
	return s.Store.SaveRampAnswer(ctx, id, a, next)
}

// TestCallbackIsAnsweredAfterStoring: a callback that could not be stored is
// not acknowledged, and its repeat is stored although it was recorded before.
func TestCallbackIsAnsweredAfterStoring(t *testing.T) {
	t.Parallel()
	e := setup(t)
	said, looked := ramps.StatusSucceeded, ramps.StatusAccepted
	var about remit.RampOrderID
	p := &fake{
		name: "talker",
		submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
			return ramps.Answer{Status: ramps.StatusAccepted}
		},
		lookupFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: looked} },
		callbackFunc: func(_ http.Header, body []byte) (ramps.Callback, error) {
			if len(body) == 0 {
				return ramps.Callback{}, remit.Errorf(remit.KindInvalid, remit.ReasonBodyMalformed, "empty")
			}
			return ramps.Callback{ID: string(body), Reference: about, Answer: ramps.Answer{Status: said}}, nil
		},
	}
	store := &brittle{Store: e.store}
	d := e.desk(store, p)
	h := ramps.CallbackHandler([]ramps.Provider{p}, store, d)
	want := func(body string, code int, status ramps.Status) {
		t.Helper()
		if got := post(t, h, "/callbacks/talker", body); got != code {
			t.Errorf("callback %q: got %d, want %d", body, got, code)
		}
		e.want(about, status)
	}
	about = e.placeWith("talker", "1234567890")
	// Not sent yet as far as we know: the provider is asked, and is not sure.
	looked = ramps.StatusUnknown
	want("early", http.StatusServiceUnavailable, ramps.StatusQueued)
	e.pass(d)
	e.want(about, ramps.StatusAccepted)

	want("", http.StatusBadRequest, ramps.StatusAccepted)
	store.broken = true
	want("1", http.StatusServiceUnavailable, ramps.StatusAccepted)
	store.broken = false
	want("1", http.StatusOK, ramps.StatusSucceeded)
	want("1", http.StatusOK, ramps.StatusSucceeded)

	// A contradiction is not believed while the provider itself does not say so.
	said = ramps.StatusFailed
	want("2", http.StatusServiceUnavailable, ramps.StatusSucceeded)
	looked = ramps.StatusSucceeded
	want("2", http.StatusOK, ramps.StatusSucceeded)
	if got := e.store.Contradictions(about); len(got) != 0 {
		t.Errorf("contradictions %q, want none", got)
	}

	mine := about
	about = e.placeWith("somebody else", "1234567890")
	want("3", http.StatusNotFound, ramps.StatusQueued)
	about = "rmp_unknown"
	if got := post(t, h, "/callbacks/talker", "4"); got != http.StatusNotFound {
		t.Errorf("unknown order: got %d", got)
	}
	about = mine
}
