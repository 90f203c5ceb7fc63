package ramps_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/rampstest"
	"github.com/openremit/remit/ramps/sandbox"
)

const (
	testKey    = "key"
	testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// env is a store in memory, a real bank over HTTP and its provider.
type env struct {
	t        *testing.T
	clock    *remit.FakeClock
	store    *rampstest.Store
	bank     *bank.Bank
	provider ramps.Provider
}

func setup(t *testing.T) *env {
	t.Helper()
	e := &env{t: t, clock: remit.NewFakeClock(start)}
	e.store = rampstest.NewStore(e.clock)
	b, err := bank.New(bank.Options{APIKey: testKey, Clock: e.clock})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.Handler())
	t.Cleanup(server.Close)
	e.bank = b
	if e.provider, err = sandbox.New(sandbox.Options{
		BaseURL: server.URL, APIKey: testKey, CallbackSecret: testSecret, Clock: e.clock, Timeout: 3 * time.Second,
	}); err != nil {
		t.Fatal(err)
	}
	return e
}

// desk makes a desk over the store and providers.
func (e *env) desk(store ramps.Store, providers ...ramps.Provider) *ramps.Desk {
	e.t.Helper()
	d, err := ramps.NewDesk(ramps.DeskOptions{Store: store, Providers: providers, Clock: e.clock, Poll: time.Hour})
	if err != nil {
		e.t.Fatal(err)
	}
	return d
}

// place stores a payout to a number, whose end may be magic.
func (e *env) place(number string) remit.RampOrderID {
	return e.placeWith(sandbox.Name, number)
}

func (e *env) placeWith(provider, number string) remit.RampOrderID {
	in := ramps.Instruction{
		Order: ramps.Order{
			ID: remit.NewID[remit.RampOrderID](remit.PrefixRampOrder, e.clock.Now()), Direction: ramps.PayOut, Provider: provider,
			Method: string(remit.PayoutBank), Country: "PH", Amount: remit.NewMoney(remit.MustFiat("PHP"), 1_122_100),
		},
		Party:   remit.Party{GivenName: "Maria", FamilyName: "Santos", Country: "PH"},
		Account: map[string]string{"account_number": number},
	}
	e.store.Place(in)
	return in.Order.ID
}

func (e *env) order(id remit.RampOrderID) ramps.Order {
	e.t.Helper()
	o, err := e.store.RampOrder(e.t.Context(), id)
	if err != nil {
		e.t.Fatal(err)
	}
	return o
}

func (e *env) want(id remit.RampOrderID, want ramps.Status) {
	e.t.Helper()
	if got := e.order(id); got.Status != want {
		e.t.Fatalf("order is %q (%s), want %q", got.Status, got.Reason, want)
	}
}

// moved is how often money moved for an order by the bank's books.
func (e *env) moved(id remit.RampOrderID) int { return len(e.bank.Movements(string(id))) }

func (e *env) pass(d *ramps.Desk) {
	e.t.Helper()
	if err := d.Pass(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// until passes and moves the clock until the order ends.
func (e *env) until(d *ramps.Desk, id remit.RampOrderID) {
	e.t.Helper()
	for range 200 {
		e.pass(d)
		if e.order(id).Status.Final() {
			return
		}
		e.clock.Advance(time.Second)
	}
	e.t.Fatalf("the order does not end: %+v", e.order(id))
}

func (e *env) fault(f bank.Fault) {
	e.t.Helper()
	if err := e.bank.AddFault(f); err != nil {
		e.t.Fatal(err)
	}
}

var errDied = errors.New("the process has died")

// life is a process that dies at its n-th boundary: from there on nothing that
// it does has an effect any more.
type life struct {
	mu   sync.Mutex
	left int
	dead bool
}

func (l *life) lives() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		l.dead = true
	}
	l.left--
	return !l.dead
}

// mortalStore is a store as a process that dies sees it. Each method has two
// boundaries: before its effect and after.
type mortalStore struct {
	ramps.Store
	*life
}

func (s mortalStore) DueRampOrders(ctx context.Context, limit int) ([]ramps.Order, error) {
	if !s.lives() {
		return nil, errDied
	}
	return s.Store.DueRampOrders(ctx, limit)
}

func (s mortalStore) RampOrder(ctx context.Context, id remit.RampOrderID) (ramps.Order, error) {
	if !s.lives() {
		return ramps.Order{}, errDied
	}
	return s.Store.RampOrder(ctx, id)
}

func (s mortalStore) Instruction(ctx context.Context, o ramps.Order) (ramps.Instruction, error) {
	if !s.lives() {
		return ramps.Instruction{}, errDied
	}
	return s.Store.Instruction(ctx, o)
}

func (s mortalStore) MarkRampSending(ctx context.Context, id remit.RampOrderID, next time.Time) error {
	if !s.lives() {
		return errDied
	}
	err := s.Store.MarkRampSending(ctx, id, next)
	if !s.lives() {
		return errDied
	}
	return err
}

func (s mortalStore) SaveRampAnswer(ctx context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (bool, error) {
	if !s.lives() {
		return false, errDied
	}
	changed, err := s.Store.SaveRampAnswer(ctx, id, a, next)
	if !s.lives() {
		return false, errDied
	}
	return changed, err
}

// mortalProvider is a provider as a process that dies sees it.
type mortalProvider struct {
	ramps.Provider
	*life
}

func (p mortalProvider) around(do func() ramps.Answer) ramps.Answer {
	if !p.lives() {
		return ramps.Answer{Status: ramps.StatusUnknown}
	}
	a := do()
	if !p.lives() {
		return ramps.Answer{Status: ramps.StatusUnknown}
	}
	return a
}

func (p mortalProvider) Submit(ctx context.Context, in ramps.Instruction) ramps.Answer {
	return p.around(func() ramps.Answer { return p.Provider.Submit(ctx, in) })
}

func (p mortalProvider) Lookup(ctx context.Context, o ramps.Order) ramps.Answer {
	return p.around(func() ramps.Answer { return p.Provider.Lookup(ctx, o) })
}

func (p mortalProvider) Cancel(ctx context.Context, o ramps.Order) ramps.Answer {
	return p.around(func() ramps.Answer { return p.Provider.Cancel(ctx, o) })
}

// fake is a provider made of functions, for what a real one cannot be told to do.
type fake struct {
	name         string
	submitFunc   func(context.Context, ramps.Instruction) ramps.Answer
	lookupFunc   func(context.Context, ramps.Order) ramps.Answer
	cancelFunc   func(context.Context, ramps.Order) ramps.Answer
	callbackFunc func(http.Header, []byte) (ramps.Callback, error)
}

func (f *fake) Name() string                                      { return f.name }
func (f *fake) Capabilities() []ramps.Capability                  { return nil }
func (f *fake) Validate(context.Context, ramps.Instruction) error { return nil }
func (f *fake) Submit(ctx context.Context, in ramps.Instruction) ramps.Answer {
	return f.submitFunc(ctx, in)
}
func (f *fake) Lookup(ctx context.Context, o ramps.Order) ramps.Answer { return f.lookupFunc(ctx, o) }
func (f *fake) Cancel(ctx context.Context, o ramps.Order) ramps.Answer { return f.cancelFunc(ctx, o) }
func (f *fake) ParseCallback(h http.Header, body []byte) (ramps.Callback, error) {
	return f.callbackFunc(h, body)
}
