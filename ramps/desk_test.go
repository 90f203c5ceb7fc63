package ramps_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/rampstest"
)

func TestDeskCarriesToTheEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		number  string
		status  ramps.Status
		reason  remit.Reason
		notices []ramps.Status
		moved   int
	}{
		"at once":        {"1234567890", ramps.StatusSucceeded, "", []ramps.Status{ramps.StatusSucceeded}, 1},
		"refused":        {"1234560001", ramps.StatusFailed, remit.ReasonAccountClosed, []ramps.Status{ramps.StatusFailed}, 0},
		"silent":         {"1234560003", ramps.StatusSucceeded, "", []ramps.Status{ramps.StatusSucceeded}, 1},
		"lost reply":     {"1234560004", ramps.StatusSucceeded, "", []ramps.Status{ramps.StatusSucceeded}, 1},
		"rejected later": {"1234560006", ramps.StatusFailed, remit.ReasonPayoutRejected, []ramps.Status{ramps.StatusAccepted, ramps.StatusFailed}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			id := e.place(c.number)
			e.until(e.desk(e.store, e.provider), id)
			if o := e.order(id); o.Status != c.status || o.Reason != c.reason {
				t.Errorf("order is %q %q, want %q %q", o.Status, o.Reason, c.status, c.reason)
			}
			if got := e.store.Notices(id); !slices.Equal(got, c.notices) {
				t.Errorf("notices %q, want %q", got, c.notices)
			}
			if got := e.moved(id); got != c.moved {
				t.Errorf("money moved %d times, want %d", got, c.moved)
			}
		})
	}
}

// TestDeskCrashesAnywhere lets the process die at every boundary of its store
// and its provider, before and after each effect, and resumes with a new one.
func TestDeskCrashesAnywhere(t *testing.T) {
	t.Parallel()
	scenarios := map[string]struct {
		number string
		faults []bank.Fault
		cancel bool
		unsent bool // cancel before the first pass
		ends   []ramps.Status
	}{
		"canceled unsent": {number: "1234567890", unsent: true, ends: []ramps.Status{ramps.StatusCanceled}},
		"at once":         {number: "1234567890", ends: []ramps.Status{ramps.StatusSucceeded}},
		"refused":         {number: "1234560001", ends: []ramps.Status{ramps.StatusFailed}},
		"lost reply":      {number: "1234560004", ends: []ramps.Status{ramps.StatusSucceeded}},
		"accepted":        {number: "1234560005", ends: []ramps.Status{ramps.StatusSucceeded}},
		"lost request":    {number: "1234567890", faults: []bank.Fault{{Mode: bank.FaultDown, On: "submit", Count: 2}}, ends: []ramps.Status{ramps.StatusSucceeded}},
		"outage":          {number: "1234567890", faults: []bank.Fault{{Mode: bank.FaultFail, Count: 3}}, ends: []ramps.Status{ramps.StatusSucceeded}},
		"canceled":        {number: "1234560009", cancel: true, ends: []ramps.Status{ramps.StatusCanceled}},
		"canceled late": {number: "1234567890", cancel: true, faults: []bank.Fault{{Mode: bank.FaultLoseReply, On: "submit", Count: 1}},
			ends: []ramps.Status{ramps.StatusCanceled, ramps.StatusSucceeded}},
	}
	for name, c := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 0; ; n++ {
				e := setup(t)
				for _, f := range c.faults {
					e.fault(f)
				}
				id := e.place(c.number)
				if c.unsent {
					e.store.RequestCancel(id)
				}
				first := &life{left: n}
				for range 3 {
					d := e.desk(mortalStore{e.store, first}, mortalProvider{e.provider, first})
					if err := d.Pass(t.Context()); err != nil && !first.dead {
						t.Fatal(err)
					}
					if c.cancel {
						e.store.RequestCancel(id)
					}
					e.clock.Advance(time.Minute)
				}
				e.until(e.desk(e.store, e.provider), id)
				checkEnd(t, e, id, n, c.ends)
				if !first.dead {
					break // it died at every boundary there is
				}
			}
		})
	}
}

func checkEnd(t *testing.T, e *env, id remit.RampOrderID, n int, ends []ramps.Status) {
	t.Helper()
	o := e.order(id)
	want := 0
	if o.Status == ramps.StatusSucceeded {
		want = 1
	}
	if !slices.Contains(ends, o.Status) || e.moved(id) != want {
		t.Fatalf("died at boundary %d: order is %q and money moved %d times; want one of %q", n, o.Status, e.moved(id), ends)
	}
	if got := len(e.bank.Orders()); got > 1 {
		t.Fatalf("died at boundary %d: the bank saw %d references", n, got)
	}
	last := e.store.Notices(id)
	if len(last) == 0 || last[len(last)-1] != o.Status {
		t.Fatalf("died at boundary %d: notices %q, order is %q", n, last, o.Status)
	}
}

// TestSilenceNeverFails: a day of outage delays orders, by an open breaker too,
// and fails none.
func TestSilenceNeverFails(t *testing.T) {
	t.Parallel()
	e := setup(t)
	e.fault(bank.Fault{Mode: bank.FaultDown})
	ids := make([]remit.RampOrderID, 20)
	for i := range ids {
		ids[i] = e.place("1234567890")
	}
	d := e.desk(e.store, e.provider)
	for range 24 * 4 {
		e.pass(d)
		e.clock.Advance(15 * time.Minute)
	}
	for _, id := range ids {
		if s := e.order(id).Status; s != ramps.StatusUnknown && s != ramps.StatusQueued {
			t.Fatalf("order is %q after a day of silence", s)
		}
	}
	h := d.Health()
	if len(h) != 1 || h[0].State == ramps.BreakerClosed || h[0].Silent == 0 || !h[0].LastAnswer.IsZero() {
		t.Errorf("health %+v, want an open breaker", h)
	}
	e.bank.ClearFaults()
	for _, id := range ids {
		e.clock.Advance(15 * time.Minute)
		e.until(d, id)
		e.want(id, ramps.StatusSucceeded)
		if e.moved(id) != 1 {
			t.Errorf("money moved %d times", e.moved(id))
		}
	}
	if h := d.Health(); h[0].State != ramps.BreakerClosed {
		t.Errorf("health %+v, want a closed breaker", h)
	}
}

// TestLookupsSlowDown: an order whose fate stays unknown is asked about ever
// more rarely, and never sent again.
func TestLookupsSlowDown(t *testing.T) {
	t.Parallel()
	e := setup(t)
	var submits, lookups atomic.Int32
	mute := &fake{
		name:       "mute",
		submitFunc: func(context.Context, ramps.Instruction) ramps.Answer { submits.Add(1); return ramps.Answer{} },
		lookupFunc: func(context.Context, ramps.Order) ramps.Answer { lookups.Add(1); return ramps.Answer{} },
	}
	e.placeWith("mute", "1234567890")
	d := e.desk(e.store, mute)
	const day = 24 * 60 * 60
	for range day / 10 {
		e.pass(d)
		e.clock.Advance(10 * time.Second)
	}
	if got := submits.Load(); got != 1 {
		t.Errorf("it was sent %d times, want once", got)
	}
	if got := lookups.Load(); got < 100 || got > 400 {
		t.Errorf("it was looked up %d times in a day, want some 300", got)
	}
}

// TestForgetfulProvider: who accepted an order and then does not know it any
// more never gets it a second time.
func TestForgetfulProvider(t *testing.T) {
	t.Parallel()
	e := setup(t)
	var submits atomic.Int32
	p := &fake{
		name: "forgetful",
		submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
			submits.Add(1)
			return ramps.Answer{Status: ramps.StatusAccepted}
		},
		lookupFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: ramps.StatusQueued} },
		cancelFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: ramps.StatusQueued} },
	}
	id := e.placeWith("forgetful", "1234567890")
	d := e.desk(e.store, p)
	for i := range 100 {
		e.pass(d)
		e.clock.Advance(time.Hour)
		if i == 50 {
			e.store.RequestCancel(id)
		}
	}
	e.want(id, ramps.StatusAccepted)
	if got := submits.Load(); got != 1 {
		t.Errorf("it was sent %d times, want once", got)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	e := setup(t)
	d := e.desk(e.store, e.provider)

	unsent := e.place("1234567890")
	e.store.RequestCancel(unsent)
	e.pass(d)
	e.want(unsent, ramps.StatusCanceled)
	if got := len(e.bank.Orders()); got != 0 {
		t.Errorf("an order that was never sent reached the bank")
	}

	waits := e.place("1234560009")
	e.pass(d)
	e.want(waits, ramps.StatusAccepted)
	e.store.RequestCancel(waits)
	e.pass(d)
	e.want(waits, ramps.StatusCanceled)

	ended := e.place("1234560004")
	e.pass(d)
	e.want(ended, ramps.StatusUnknown)
	e.store.RequestCancel(ended)
	e.until(d, ended)
	e.want(ended, ramps.StatusSucceeded)
}

// TestCancelWhileSending: a cancellation that comes while the order is being
// sent is acted on at once, not when the next look was planned.
func TestCancelWhileSending(t *testing.T) {
	t.Parallel()
	e := setup(t)
	id := e.placeWith("slow", "1234567890")
	p := &fake{
		name: "slow",
		submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
			e.store.RequestCancel(id)
			return ramps.Answer{Status: ramps.StatusAccepted}
		},
		cancelFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: ramps.StatusCanceled} },
	}
	e.pass(e.desk(e.store, p))
	e.want(id, ramps.StatusCanceled)
}

func TestNewDeskRefusesBadOptions(t *testing.T) {
	t.Parallel()
	clock := remit.NewFakeClock(start)
	store, p := rampstest.NewStore(clock), &fake{name: "one"}
	for name, o := range map[string]ramps.DeskOptions{
		"no store":     {Clock: clock, Providers: []ramps.Provider{p}},
		"no clock":     {Store: store, Providers: []ramps.Provider{p}},
		"no providers": {Store: store, Clock: clock},
		"one name":     {Store: store, Clock: clock, Providers: []ramps.Provider{p, p}},
	} {
		if _, err := ramps.NewDesk(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
