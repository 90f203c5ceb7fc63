package settlement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/openremit/remit"
)

// Limits of the engine.
const (
	// defaultGather is how long the first order waits for company.
	defaultGather = 50 * time.Millisecond
	// defaultPoll is how often open attempts are looked up without a kick.
	defaultPoll = 500 * time.Millisecond
	// defaultGiveUp is how long an order may wait for a rail that cannot be
	// used before it is failed, unsent, so that another rail may carry it.
	defaultGiveUp = 10 * time.Second
	// defaultNetted is the most orders that share a netted payment.
	defaultNetted = 1_000
	// defaultOpen is how many attempts may be open at once, and maxTalks how
	// many conversations with the chain there are at a time.
	defaultOpen = 256
	maxTalks    = 16
	// resendEvery is the least time between two sendings of the same bytes.
	resendEvery = 2 * time.Second
	// maintainEvery is how often a rail looks after its accounts.
	maintainEvery = 5 * time.Second
	// callTimeout bounds one conversation with the chain.
	callTimeout = 45 * time.Second
)

// EngineOptions says how an engine works. Zero fields take the defaults above.
type EngineOptions struct {
	Rail   Rail
	Store  Store
	Clock  remit.Clock
	Logger *slog.Logger
	// Gather is how long the first queued order waits for others; Poll how
	// often the chain is asked; GiveUp how long an unusable rail is waited for.
	Gather, Poll, GiveUp time.Duration
	// MaxOpen bounds the attempts that are open at once.
	MaxOpen int
	// MaxNetted is the most orders that share a netted payment: once as many have
	// gathered they go, before their window has passed.
	MaxNetted int
	// Finished is called after orders ended; a hint to deliver their notices.
	Finished func()
}

// Engine carries the orders of one rail to their end. Exactly one engine runs
// per rail; it keeps nothing in memory that a restart would miss.
type Engine struct {
	EngineOptions
	kick chan struct{}

	mu sync.Mutex
	// tending holds the attempts that a goroutine looks after right now, with
	// the time of the last sending of their bytes.
	tending  map[remit.AttemptID]bool
	lastSend map[remit.AttemptID]time.Time
	wait     sync.WaitGroup
	// maintaining is set while the rail looks after its accounts, which it began
	// to at maintained.
	maintaining bool
	maintained  time.Time
	claims      claimWatch
	// talks holds a token for each conversation with the chain.
	talks chan struct{}

	// unusableSince is when Prepare began to err, the zero time while it does
	// not. Only Step touches it.
	unusableSince time.Time
}

// NewEngine makes an engine; Run starts it.
func NewEngine(o EngineOptions) *Engine {
	if o.Gather == 0 {
		o.Gather = defaultGather
	}
	if o.Poll == 0 {
		o.Poll = defaultPoll
	}
	if o.GiveUp == 0 {
		o.GiveUp = defaultGiveUp
	}
	if o.MaxOpen == 0 {
		o.MaxOpen = defaultOpen
	}
	if o.MaxNetted == 0 {
		o.MaxNetted = defaultNetted
	}
	if o.Finished == nil {
		o.Finished = func() {}
	}
	o.Logger = o.Logger.With("rail", o.Rail.Name())
	return &Engine{
		EngineOptions: o, kick: make(chan struct{}, 1),
		tending: make(map[remit.AttemptID]bool), lastSend: make(map[remit.AttemptID]time.Time),
		talks: make(chan struct{}, maxTalks),
	}
}

// Kick says that there is something to do.
func (e *Engine) Kick() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns when nothing is under way any more.
func (e *Engine) Run(ctx context.Context) error {
	ticker := time.NewTicker(e.Poll)
	defer ticker.Stop()
	gather := time.NewTimer(e.Gather)
	defer gather.Stop()
	defer e.wait.Wait()
	step := e.Step
	for {
		again, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			e.Logger.Error("settlement step", "err", err)
		}
		if again {
			gather.Reset(e.Gather)
		}
		// The chain is asked at its own pace, however often orders come.
		step = e.sendQueued
		select {
		case <-ctx.Done():
			return nil
		case <-gather.C:
		case <-e.kick:
		case <-ticker.C:
			step = e.Step
		}
	}
}

// Step tends every open attempt and, if orders have gathered, makes new ones.
// It reports whether orders are still gathering.
func (e *Engine) Step(ctx context.Context) (gathering bool, err error) {
	open, err := e.Store.OpenAttempts(ctx, e.Rail.Name())
	if err != nil {
		return false, fmt.Errorf("list open attempts: %w", err)
	}
	e.lookUp(ctx, open)
	e.maintain(ctx)
	e.watchClaims(ctx)
	next, gathering, err := e.pick(ctx)
	if err == nil && len(next.Orders) == 0 {
		next, err = e.pickFull(ctx)
	}
	if err != nil || len(next.Orders) == 0 {
		return gathering, err
	}
	return e.send(ctx, open, next)
}

// sendQueued is Step without a look at what was sent before, nor at how much
// has gathered for netted payments.
func (e *Engine) sendQueued(ctx context.Context) (gathering bool, err error) {
	next, gathering, err := e.pick(ctx)
	if err != nil || len(next.Orders) == 0 {
		return gathering, err
	}
	open, err := e.Store.OpenAttempts(ctx, e.Rail.Name())
	if err != nil {
		return false, fmt.Errorf("list open attempts: %w", err)
	}
	return e.send(ctx, open, next)
}

// send makes attempts of what was picked and of what is queued after it, beside
// those that are open.
func (e *Engine) send(ctx context.Context, open []Attempt, next Batch) (gathering bool, err error) {
	for len(open) < e.MaxOpen && len(next.Orders) > 0 {
		made, more, err := e.attempt(ctx, open, next)
		if err != nil || made == nil {
			return more, err
		}
		open = append(open, *made)
		e.tend(ctx, []Attempt{*made}, func(ctx context.Context, _ []Attempt) {
			e.note(ctx, *made, e.submit(ctx, *made))
		})
		if next, gathering, err = e.pick(ctx); err != nil {
			return false, err
		}
	}
	return gathering, nil
}

// Wait returns when no attempt is being tended.
func (e *Engine) Wait() { e.wait.Wait() }

// pick chooses what the next attempt is to pay: the oldest queued order whose
// time has come, with those that travel with it. It returns no orders when
// there are none, and whether some still gather.
func (e *Engine) pick(ctx context.Context) (next Batch, gathering bool, err error) {
	orders, err := e.queued(ctx)
	if err != nil {
		return Batch{}, false, fmt.Errorf("list queued orders: %w", err)
	}
	var batched []Order
	for _, o := range orders {
		if o.Mode != ModeSingle && o.Mode != ModeNetted {
			batched = append(batched, o)
		}
	}
	for _, o := range orders {
		switch o.Mode {
		case ModeSingle:
			return Batch{Mode: ModeSingle, Orders: []Order{o}}, gathering, nil
		case ModeNetted:
			next, err := e.netted(ctx, Netting{Destination: o.Destination, Asset: o.Amount.Asset})
			return next, gathering, err
		case ModeBatched:
			fallthrough
		default:
			if len(batched) >= e.Rail.MaxBatch() || e.Clock.Now().Sub(batched[0].CreatedAt) >= e.Gather {
				return Batch{Mode: ModeBatched, Orders: batched}, gathering, nil
			}
			gathering = true
		}
	}
	return Batch{}, gathering, nil
}

// pickFull chooses a netted payment that as many orders wait for as can share
// it, though their window has not passed. It returns no orders when none is full.
func (e *Engine) pickFull(ctx context.Context) (Batch, error) {
	full, err := e.Store.FullNetting(ctx, e.Rail.Name(), e.MaxNetted)
	if err != nil {
		return Batch{}, fmt.Errorf("look for full netted payments: %w", err)
	}
	if full == nil {
		return Batch{}, nil
	}
	return e.netted(ctx, *full)
}

// netted gathers the orders that share a netted payment.
func (e *Engine) netted(ctx context.Context, n Netting) (Batch, error) {
	orders, err := e.Store.NettedOrders(ctx, e.Rail.Name(), n, e.MaxNetted)
	if err != nil {
		return Batch{}, fmt.Errorf("list netted orders: %w", err)
	}
	return Batch{Mode: ModeNetted, Orders: orders}, nil
}

// attempt makes an attempt, stored but not sent. It returns nil when there is
// nothing to send now, and whether orders gather.
func (e *Engine) attempt(ctx context.Context, open []Attempt, next Batch) (made *Attempt, gathering bool, err error) {
	busy := make([]string, 0, len(open))
	for _, a := range open {
		if a.Source != "" {
			busy = append(busy, a.Source)
		}
	}
	if err := e.cannotReclaim(ctx, next.Orders); err != nil {
		return nil, false, err
	}
	callCtx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	attempt, rejected, err := e.Rail.Prepare(callCtx, next, busy)
	if errors.Is(err, ErrBusy) || errors.Is(err, ErrPaused) {
		e.unusableSince = time.Time{}
		return nil, false, nil // An attempt that ends kicks; the next step tries again.
	}
	if err != nil {
		return nil, false, e.railUnusable(ctx, next.Orders, err)
	}
	e.unusableSince = time.Time{}
	if len(rejected) > 0 {
		if err := e.Store.FailQueued(ctx, rejected); err != nil {
			return nil, false, fmt.Errorf("fail rejected orders: %w", err)
		}
		e.Finished()
	}
	if attempt == nil {
		return nil, true, nil
	}
	if err := e.Store.SaveAttempt(ctx, *attempt); err != nil {
		if remit.KindOf(err) == remit.KindConflict {
			return nil, true, nil // Another step bound one of the orders first; gather anew.
		}
		return nil, false, fmt.Errorf("save attempt: %w", err)
	}
	return attempt, false, nil
}

// railUnusable fails the orders that have waited too long for a rail that could
// not even prepare. They are in no open attempt: queued means just that. The
// wait counts from when the rail became unusable, so that one bad answer does
// not fail orders that are old for another reason.
func (e *Engine) railUnusable(ctx context.Context, orders []Order, cause error) error {
	if remit.KindOf(cause) != remit.KindUnavailable && !errors.Is(cause, context.DeadlineExceeded) {
		e.Logger.Error("prepare attempt", "err", cause, "orders", len(orders))
	}
	now := e.Clock.Now()
	if e.unusableSince.IsZero() {
		e.unusableSince = now
	}
	failed := make(map[remit.OrderID]remit.Reason)
	for _, o := range orders {
		if now.Sub(o.CreatedAt) >= e.GiveUp && now.Sub(e.unusableSince) >= e.GiveUp {
			failed[o.ID] = remit.ReasonRailUnavailable
		}
	}
	if len(failed) == 0 || ctx.Err() != nil {
		return nil
	}
	e.Logger.Warn("rail unusable, orders given up unsent", "orders", len(failed), "err", cause)
	if err := e.Store.FailQueued(ctx, failed); err != nil {
		return fmt.Errorf("give up queued orders: %w", err)
	}
	e.Finished()
	return nil
}

// lookUp asks after open attempts: after all at once where the rail can.
func (e *Engine) lookUp(ctx context.Context, open []Attempt) {
	if bulk, ok := e.Rail.(BulkRail); ok && len(open) > 1 {
		e.tend(ctx, open, func(ctx context.Context, free []Attempt) {
			outcomes := bulk.LookupAll(ctx, free)
			for _, a := range free {
				e.note(ctx, a, e.advance(ctx, a, outcomes[a.ID]))
			}
		})
		return
	}
	for _, a := range open {
		e.tend(ctx, []Attempt{a}, func(ctx context.Context, _ []Attempt) {
			e.note(ctx, a, e.advance(ctx, a, e.Rail.Lookup(ctx, a)))
		})
	}
}

// tend looks after attempts in a goroutine, those of them that no other does.
func (e *Engine) tend(ctx context.Context, attempts []Attempt, talk func(ctx context.Context, free []Attempt)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	free := slices.DeleteFunc(slices.Clone(attempts), func(a Attempt) bool { return e.tending[a.ID] })
	if len(free) == 0 {
		return
	}
	for _, a := range free {
		e.tending[a.ID] = true
	}
	e.wait.Go(func() {
		e.talks <- struct{}{}
		callCtx, cancel := context.WithTimeout(ctx, callTimeout)
		talk(callCtx, free)
		cancel()
		<-e.talks
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, a := range free {
			delete(e.tending, a.ID)
		}
	})
}

// note logs what went wrong with an attempt.
func (e *Engine) note(ctx context.Context, a Attempt, err error) {
	if err != nil && ctx.Err() == nil {
		e.Logger.Error("tend attempt", "attempt", a.ID, "hash", a.Hash, "err", err)
	}
}

// advance brings an attempt a step nearer to its end, by what the chain said of
// it: send the same bytes again if the chain does not have it.
func (e *Engine) advance(ctx context.Context, a Attempt, o Outcome) error {
	switch o.Status {
	case OutcomeSettled, OutcomeFailed:
		return e.finish(ctx, a, o)
	case OutcomePending, OutcomeUnknown:
	}
	raised, err := e.raise(ctx, &a)
	if err != nil {
		return err
	}
	if !raised && (o.Status == OutcomePending || !e.mayResend(a.ID)) {
		return nil
	}
	return e.submit(ctx, a)
}

// submit sends an attempt's bytes.
func (e *Engine) submit(ctx context.Context, a Attempt) error {
	if err := e.Store.MarkSent(ctx, a.ID); err != nil {
		return fmt.Errorf("mark sent: %w", err)
	}
	e.noteSend(a.ID)
	o := e.Rail.Submit(ctx, a)
	if o.Status == OutcomeSettled || o.Status == OutcomeFailed {
		return e.finish(ctx, a, o)
	}
	if o.Status != OutcomePending && ctx.Err() == nil {
		e.Logger.Warn("attempt sent, outcome unknown", "attempt", a.ID, "hash", a.Hash, "result", o.Result)
	}
	return nil
}

// maintain lets the rail look after its accounts every now and then.
func (e *Engine) maintain(ctx context.Context) {
	rail, ok := e.Rail.(Maintainer)
	if !ok {
		return
	}
	now := e.Clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.maintaining || now.Sub(e.maintained) < maintainEvery {
		return
	}
	e.maintaining, e.maintained = true, now
	e.wait.Go(func() {
		callCtx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		if err := rail.Maintain(callCtx); err != nil && ctx.Err() == nil {
			e.Logger.Warn("look after the rail's accounts", "err", err)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.maintaining = false
	})
}

// raise lets the rail offer more for an attempt that does not land, and stores
// the offer before it is sent. It reports whether there is a new one. That none
// could be made is no reason not to send what there is.
func (e *Engine) raise(ctx context.Context, a *Attempt) (bool, error) {
	bumper, ok := e.Rail.(Bumper)
	if !ok {
		return false, nil
	}
	bump, err := bumper.Bump(ctx, *a, func(ctx context.Context) (Batch, error) {
		orders, err := e.Store.OrdersOf(ctx, a.ID)
		return Batch{Mode: a.Mode, Orders: orders}, err
	})
	if err != nil {
		e.Logger.Warn("offer more for an attempt", "attempt", a.ID, "hash", a.Hash, "err", err)
		return false, nil
	}
	if bump == nil {
		return false, nil
	}
	if err := e.Store.SaveBump(ctx, a.ID, *bump); err != nil {
		return false, fmt.Errorf("save bump: %w", err)
	}
	a.Bumps = append(slices.Clone(a.Bumps), *bump)
	e.Logger.Info("offering more for an attempt", "attempt", a.ID, "hash", a.Hash, "bump", bump.Hash, "bid", bump.Bid)
	return true, nil
}

func (e *Engine) finish(ctx context.Context, a Attempt, o Outcome) error {
	if err := e.Store.FinishAttempt(ctx, a.ID, o); err != nil {
		return fmt.Errorf("finish attempt as %s: %w", o.Status, err)
	}
	e.mu.Lock()
	delete(e.lastSend, a.ID)
	e.mu.Unlock()
	e.Logger.Info("attempt ended", "attempt", a.ID, "hash", a.Hash, "orders", len(a.Orders), "status", o.Status, "result", o.Result)
	e.Finished()
	e.Kick()
	return nil
}

func (e *Engine) mayResend(id remit.AttemptID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	last, sent := e.lastSend[id]
	return !sent || e.Clock.Now().Sub(last) >= resendEvery
}

func (e *Engine) noteSend(id remit.AttemptID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lastSend[id] = e.Clock.Now()
}
