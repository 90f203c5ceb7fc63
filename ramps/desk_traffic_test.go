package ramps_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// TestKickDrains: with a poll of an hour, one kick carries everything that is
// due, many pages of it, and at most so many calls at a time.
func TestKickDrains(t *testing.T) {
	t.Parallel()
	e := setup(t)
	const orders, most = 2000, 8
	var running, peak, ended atomic.Int32
	done := make(chan struct{})
	p := &fake{name: "quick", submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
		now := running.Add(1)
		defer running.Add(-1)
		for old := peak.Load(); now > old && !peak.CompareAndSwap(old, now); old = peak.Load() {
		}
		if ended.Add(1) == orders {
			close(done)
		}
		return ramps.Answer{Status: ramps.StatusSucceeded}
	}}
	d, err := ramps.NewDesk(ramps.DeskOptions{
		Store: e.store, Providers: []ramps.Provider{p}, Clock: e.clock, Poll: time.Hour, Concurrency: most, Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	ids := make([]remit.RampOrderID, orders)
	for i := range ids {
		ids[i] = e.placeWith("quick", "1234567890")
	}
	d.Kick()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Errorf("%d of %d were sent", ended.Load(), orders)
	}
	cancel()
	run.Wait()
	if got := peak.Load(); got > most {
		t.Errorf("%d calls at a time, want at most %d", got, most)
	}
	for _, id := range ids {
		e.want(id, ramps.StatusSucceeded)
	}
}

// TestStuckProviderHoldsNobodyUp: a provider whose calls hang keeps its own
// lane busy and no other.
func TestStuckProviderHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	e := setup(t)
	free := make(chan struct{})
	stuck := &fake{name: "stuck", submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
		<-free
		return ramps.Answer{Status: ramps.StatusSucceeded}
	}}
	paid := make(chan struct{})
	quick := &fake{name: "quick", submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
		close(paid)
		return ramps.Answer{Status: ramps.StatusSucceeded}
	}}
	for range 200 {
		e.placeWith("stuck", "1234567890")
	}
	e.placeWith("quick", "1234567890")
	d := e.desk(e.store, stuck, quick)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-paid:
	case <-time.After(30 * time.Second):
		t.Error("the quick provider got nothing")
	}
	cancel()
	close(free)
	run.Wait()
}

// TestTwoDesks: two processes over one store pay each order once.
func TestTwoDesks(t *testing.T) {
	t.Parallel()
	e := setup(t)
	ids := make([]remit.RampOrderID, 50)
	for i := range ids {
		ids[i] = e.place([]string{"1234567890", "1234560004", "1234560006"}[i%3])
	}
	for range 60 {
		var both sync.WaitGroup
		for range 2 {
			d := e.desk(e.store, e.provider)
			both.Go(func() {
				if err := d.Pass(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		e.clock.Advance(time.Second)
	}
	for i, id := range ids {
		want, moved := ramps.StatusSucceeded, 1
		if i%3 == 2 {
			want, moved = ramps.StatusFailed, 0
		}
		e.want(id, want)
		if got := e.moved(id); got != moved {
			t.Errorf("money moved %d times, want %d", got, moved)
		}
		if got := e.store.Contradictions(id); len(got) != 0 {
			t.Errorf("contradictions %q", got)
		}
	}
}

// TestPassCarriesMoreThanALane: one pass is all that is due, also when it is
// more than a lane holds at a time. It hid behind tests of fifty orders.
func TestPassCarriesMoreThanALane(t *testing.T) {
	t.Parallel()
	e := setup(t)
	p := &fake{name: "quick", submitFunc: func(context.Context, ramps.Instruction) ramps.Answer {
		return ramps.Answer{Status: ramps.StatusSucceeded}
	}}
	ids := make([]remit.RampOrderID, 1000)
	for i := range ids {
		ids[i] = e.placeWith("quick", "1234567890")
	}
	e.pass(e.desk(e.store, p))
	for _, id := range ids {
		e.want(id, ramps.StatusSucceeded)
	}
}
