package settlementtest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// point is a moment in the life of an attempt at which a process can die.
type point string

const (
	beforeSave   point = "before the attempt is stored"
	afterSave    point = "after the attempt is stored"
	beforeSubmit point = "before the bytes leave"
	afterSubmit  point = "after the bytes left"
	beforeFinish point = "before the end is stored"
	afterFinish  point = "after the end is stored"
)

var errDead = errors.New("the process is dead")

// process is an engine's store and rail, both of which stop at a point.
type process struct {
	settlement.Store
	settlement.Rail
	dies point
	dead atomic.Bool
}

// reach dies at the point, and says whether the process is dead.
func (p *process) reach(at point) bool {
	if at == p.dies {
		p.dead.Store(true)
	}
	return p.dead.Load()
}

func (p *process) OpenAttempts(ctx context.Context, rail remit.Rail) ([]settlement.Attempt, error) {
	if p.dead.Load() {
		return nil, errDead
	}
	return p.Store.OpenAttempts(ctx, rail)
}

func (p *process) SaveAttempt(ctx context.Context, a settlement.Attempt) error {
	if p.reach(beforeSave) {
		return errDead
	}
	err := p.Store.SaveAttempt(ctx, a)
	if p.reach(afterSave) {
		return errDead
	}
	return err
}

func (p *process) MarkSent(ctx context.Context, id remit.AttemptID) error {
	if p.dead.Load() {
		return errDead
	}
	return p.Store.MarkSent(ctx, id)
}

func (p *process) SaveBump(ctx context.Context, id remit.AttemptID, b settlement.Bump) error {
	if p.dead.Load() {
		return errDead
	}
	return p.Store.SaveBump(ctx, id, b)
}

func (p *process) Submit(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	if p.reach(beforeSubmit) {
		return settlement.Outcome{Status: settlement.OutcomeUnknown}
	}
	o := p.Rail.Submit(ctx, a)
	if p.reach(afterSubmit) {
		return settlement.Outcome{Status: settlement.OutcomeUnknown}
	}
	return o
}

func (p *process) FinishAttempt(ctx context.Context, id remit.AttemptID, o settlement.Outcome) error {
	if p.reach(beforeFinish) {
		return errDead
	}
	err := p.Store.FinishAttempt(ctx, id, o)
	if p.reach(afterFinish) {
		return errDead
	}
	return err
}

func (p *process) FinishClaim(ctx context.Context, id remit.OrderID, o settlement.ClaimOutcome) error {
	if p.dead.Load() {
		return errDead
	}
	return p.Store.FinishClaim(ctx, id, o)
}

func (p *process) FailQueued(ctx context.Context, failed map[remit.OrderID]remit.Reason) error {
	if p.dead.Load() {
		return errDead
	}
	return p.Store.FailQueued(ctx, failed)
}

// dies lets the process die at each point, one after another, on one chain, and
// start again.
func dies(t *testing.T, w *world) {
	for _, at := range []point{beforeSave, afterSave, beforeSubmit, afterSubmit, beforeFinish, afterFinish} {
		ids := w.place(w.destinations(2)...)
		w.runUntilDeath(at)
		w.h.Rail = w.h.Restart(t)
		w.engine = w.newEngine(w.h.Rail, w.store)
		w.finish()
		w.wantStatus(settlement.OrderSettled, "", ids...)
		if t.Failed() {
			t.Fatalf("the process had died %s", at)
		}
	}
}

// runUntilDeath runs an engine until its process dies.
func (w *world) runUntilDeath(at point) {
	w.Helper()
	p := &process{Store: w.store, Rail: w.h.Rail, dies: at}
	engine := w.newEngine(p, p)
	for range maxRounds {
		w.h.Advance(w)
		if _, err := engine.Step(w.Context()); err != nil && !errors.Is(err, errDead) {
			w.Fatalf("step: %v", err)
		}
		engine.Wait()
		if p.dead.Load() {
			return
		}
	}
	w.Fatalf("the process never came to %s", at)
}
