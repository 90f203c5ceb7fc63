package ramps_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit/ramps"
)

// TestBacklogHoldsNobodyUp: orders of a provider that is slow, more of them than
// a desk holds and all due before, do not keep another's from being carried.
func TestBacklogHoldsNobodyUp(t *testing.T) {
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
	for range 3_000 {
		e.placeWith("stuck", "1234567890")
	}
	e.clock.Advance(time.Second)
	id := e.placeWith("quick", "1234567890")
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
	case <-time.After(10 * time.Second):
		t.Error("the quick provider got nothing")
	}
	cancel()
	close(free)
	run.Wait()
	if !t.Failed() {
		e.want(id, ramps.StatusSucceeded)
	}
}
