package bank_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
)

// listener takes callbacks and answers what it is told to.
type listener struct {
	url string

	mu      sync.Mutex
	status  int
	arrived chan heard
}

type heard struct {
	id    string
	order bank.Order
}

func listen(t *testing.T) *listener {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{status: http.StatusNoContent, arrived: make(chan heard, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if err := verifier.VerifyIgnoringTimestamp(body, r.Header); err != nil {
			t.Error(err)
		}
		var message struct {
			Type  string     `json:"type"`
			Order bank.Order `json:"order"`
		}
		if err := json.Unmarshal(body, &message); err != nil || message.Type != "order.updated" {
			t.Errorf("callback %q: %v", body, err)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		w.WriteHeader(l.status)
		l.arrived <- heard{r.Header.Get("webhook-id"), message.Order}
	}))
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *listener) answer(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = status
}

func (l *listener) next(t *testing.T) heard {
	t.Helper()
	select {
	case h := <-l.arrived:
		return h
	case <-time.After(30 * time.Second):
		t.Fatal("no callback came")
		return heard{}
	}
}

// run runs the bank until stop is called.
func run(t *testing.T, b *bank.Bank) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return func() { cancel(); done.Wait() }
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	l := listen(t)
	e := setup(t, bank.Options{CallbackURL: l.url, CallbackSecret: testSecret})
	defer run(t, e.bank)()

	// What the answer said already is not told again.
	e.submit(payOut("a", "1234567890"))
	e.submit(payOut("b", "1234560005"))
	first, second := l.next(t), l.next(t)
	if first.id != second.id || first.order.Reference != "b" || first.order.Status != bank.StatusSucceeded || second.order != first.order {
		t.Errorf("twice: %+v and %+v", first, second)
	}
	e.submit(payOut("c", "1234560006"))
	if got := l.next(t); got.order.Reference != "c" || got.order.Code != "payout_rejected" {
		t.Errorf("rejected later: %+v", got)
	}
	e.submit(payOut("d", "1234560007"))
	if got := l.next(t); got.order.Status != bank.StatusFailed || got.order.Code != "returned" {
		t.Errorf("returned: %+v", got)
	}
	e.submit(payOut("e", "1234560008"))
	first, second = l.next(t), l.next(t)
	if first.order.Status != bank.StatusSucceeded || second.order.Status != bank.StatusAccepted || first.id == second.id {
		t.Errorf("reordered: %+v and %+v", first, second)
	}
	e.submit(payOut("f", "1234560009"))
	e.must("POST", "/v1/orders/f/cancel", nil)
	if got := l.next(t); got.order.Status != bank.StatusCanceled {
		t.Errorf("canceled: %+v", got)
	}
	e.must("POST", "/_fault", bank.Fault{Mode: bank.FaultDropCallback, Count: 1})
	e.submit(payOut("g", "1234560009"))
	e.must("POST", "/v1/orders/g/cancel", nil)
	e.submit(payOut("h", "1234560006"))
	if got := l.next(t); got.order.Reference != "h" {
		t.Errorf("after a dropped callback: %+v", got)
	}
}

// TestCallbacksAreRepeated: until they are answered with 2xx, in the order of
// the changes, and also by the next process.
func TestCallbacksAreRepeated(t *testing.T) {
	t.Parallel()
	l := listen(t)
	path := filepath.Join(t.TempDir(), "bank.journal")
	options := bank.Options{CallbackURL: l.url, CallbackSecret: testSecret, StatePath: path, Clock: remit.SystemClock{}}
	e := setup(t, options)
	l.answer(http.StatusInternalServerError)
	stop := run(t, e.bank)
	e.submit(payOut("a", "1234560007"))
	e.submit(payOut("b", "1234560006"))
	tries := map[string]int{}
	for tries["a"] < 2 || tries["b"] < 2 {
		tries[l.next(t).order.Reference]++
	}
	stop()
	if err := e.bank.Close(); err != nil {
		t.Fatal(err)
	}
	for len(l.arrived) > 0 {
		<-l.arrived
	}
	l.answer(http.StatusOK)
	again := setup(t, options)
	stop = run(t, again.bank)
	got := map[string]string{}
	for range 2 {
		h := l.next(t)
		got[h.order.Reference] = h.order.Code
	}
	for again.bank.Undelivered() > 0 {
		runtime.Gosched() // the answers are on their way back
	}
	if got["a"] != "returned" || got["b"] != "payout_rejected" {
		t.Errorf("after the restart: %v", got)
	}
	stop()
	if err := again.bank.Close(); err != nil {
		t.Fatal(err)
	}
	// Nothing is left to tell: a new change is the next thing that is heard.
	third := setup(t, options)
	defer run(t, third.bank)()
	third.submit(payOut("c", "1234560006"))
	if h := l.next(t); h.order.Reference != "c" {
		t.Errorf("heard again of %s", h.order.Reference)
	}
}

func TestNewRefusesBadOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]bank.Options{
		"no key":      {},
		"bad address": {APIKey: testKey, CallbackURL: "nowhere", CallbackSecret: testSecret},
		"no secret":   {APIKey: testKey, CallbackURL: "http://127.0.0.1:1"},
		"bad secret":  {APIKey: testKey, CallbackURL: "http://127.0.0.1:1", CallbackSecret: "not base64!"},
		"bad journal": {APIKey: testKey, StatePath: "/dev/null/journal"},
	} {
		if b, err := bank.New(o); err == nil {
			t.Errorf("%s: no error (%v)", name, b.Close())
		}
	}
}
