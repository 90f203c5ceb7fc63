package settlement

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// Limits of the watch over claims.
const (
	// claimEvery is how often open claims are gone through, and the least time
	// between two questions after one.
	claimEvery = 5 * time.Second
	// claimPage is how many are gone through at a time, and claimAsks how many of
	// them are asked after.
	claimPage, claimAsks = 200, 20
	// A claim is asked after more rarely the older it is: at a claimShare of its
	// age, and at least every claimRarest.
	claimShare  = 100
	claimRarest = 10 * time.Minute
	// maxLooked bounds the claims of which is remembered when they were asked after.
	maxLooked = 10_000
)

// claimWatch is what the watch over claims remembers. Nothing depends on it: a
// restart asks after every open claim once.
type claimWatch struct {
	busy bool
	last time.Time
	// after is the last order of the page before.
	after  remit.OrderID
	looked map[remit.OrderID]time.Time
}

// watchClaims asks after open claims every now and then, where the rail has any.
func (e *Engine) watchClaims(ctx context.Context) {
	rail, ok := e.Rail.(Claimer)
	if !ok {
		return
	}
	now := e.Clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.claims.busy || now.Sub(e.claims.last) < claimEvery {
		return
	}
	e.claims.busy, e.claims.last = true, now
	e.wait.Go(func() {
		callCtx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		if err := e.lookAtClaims(callCtx, rail, now); err != nil && ctx.Err() == nil {
			e.Logger.Error("look after claims", "err", err)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.claims.busy = false
	})
}

// lookAtClaims goes through one page of open claims. Only one runs at a time, and
// what it remembers is its own.
func (e *Engine) lookAtClaims(ctx context.Context, rail Claimer, now time.Time) error {
	w := &e.claims
	open, err := e.Store.OpenClaims(ctx, e.Rail.Name(), w.after, claimPage)
	if err != nil {
		return fmt.Errorf("list open claims: %w", err)
	}
	if len(w.looked) > maxLooked {
		w.looked = nil
	}
	if w.looked == nil {
		w.looked = make(map[remit.OrderID]time.Time)
	}
	asked := 0
	for i, o := range open {
		if asked == claimAsks || ctx.Err() != nil {
			// The next look goes on from here.
			open = open[:i]
			break
		}
		w.after = o.ID
		if now.Sub(w.looked[o.ID]) < claimPatience(now.Sub(o.Claim.Since)) {
			continue
		}
		asked++
		w.looked[o.ID] = now
		if err := e.lookAtClaim(ctx, rail, o); err != nil {
			e.Logger.Error("look after a claim", "order", o.ID, "claim", o.Claim.ID, "err", err)
		}
	}
	if len(open) < claimPage && asked < claimAsks {
		w.after = ""
	}
	return nil
}

// claimPatience is how long a claim of an age rests between two questions.
func claimPatience(age time.Duration) time.Duration {
	return min(max(age/claimShare, claimEvery), claimRarest)
}

func (e *Engine) lookAtClaim(ctx context.Context, rail Claimer, o Order) error {
	outcome := rail.LookupClaim(ctx, o)
	switch {
	case outcome.Status.Ended():
	case outcome.Status == ClaimOpen:
		return nil
	default:
		e.Logger.Warn("not known what became of a claim", "order", o.ID, "remittance_id", o.RemittanceID, "claim", o.Claim.ID, "result", outcome.Result)
		return nil
	}
	if err := e.Store.FinishClaim(ctx, o.ID, outcome); err != nil {
		return fmt.Errorf("finish claim as %s: %w", outcome.Status, err)
	}
	delete(e.claims.looked, o.ID)
	e.Logger.Info("claim ended", "order", o.ID, "remittance_id", o.RemittanceID, "claim", o.Claim.ID, "status", outcome.Status, "hash", outcome.Hash)
	e.Finished()
	return nil
}

// cannotReclaim errs when there are orders that take back on a rail that leaves
// nothing to claim: it would pay them.
func (e *Engine) cannotReclaim(ctx context.Context, orders []Order) error {
	if _, ok := e.Rail.(Claimer); ok {
		return nil
	}
	failed := make(map[remit.OrderID]remit.Reason)
	for _, o := range orders {
		if o.Reclaims != "" {
			failed[o.ID] = remit.ReasonSettlementFailed
		}
	}
	if len(failed) == 0 {
		return nil
	}
	if err := e.Store.FailQueued(ctx, failed); err != nil {
		return fmt.Errorf("fail orders that take back: %w", err)
	}
	e.Finished()
	return fmt.Errorf("%d orders take back on a rail that leaves nothing to claim", len(failed))
}
