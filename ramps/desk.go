package ramps

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
)

// Defaults of DeskOptions.
const (
	DefaultConcurrency   = 32
	DefaultPoll          = time.Second
	DefaultCallTimeout   = 15 * time.Second
	DefaultFirstRetry    = time.Second
	DefaultLastRetry     = 5 * time.Minute
	DefaultFirstAccepted = 30 * time.Second
	DefaultLastAccepted  = 15 * time.Minute
)

const (
	// duePage is how many due orders are read at a time, and mostDue when those at
	// the front wait for room at their providers.
	duePage, mostDue = 256, 16_384
	// maxLane is how many orders wait in memory for a provider's turn.
	maxLane = 256
	// maxRounds bounds a Pass over a store in which orders stay due.
	maxRounds = 1000
	// callMargin is how much longer than a call a sending may take before
	// another desk looks it up.
	callMargin = 5 * time.Second
)

// DeskOptions configure a desk; Store, Providers and Clock are required.
type DeskOptions struct {
	Store     Store
	Providers []Provider
	Clock     remit.Clock
	// Logger receives what an operator should see; by default nothing is logged.
	Logger *slog.Logger
	// Metrics registers the desk's metrics; by default they are not served.
	Metrics prometheus.Registerer
	// Concurrency is how many calls to one provider run at a time.
	Concurrency int
	// Poll is how often due orders are looked for when nobody kicks.
	Poll time.Duration
	// CallTimeout bounds one call to a provider.
	CallTimeout time.Duration
	// FirstRetry and LastRetry bound the wait before an order whose fate is
	// unknown is looked up again; it grows with the order's age.
	FirstRetry, LastRetry time.Duration
	// FirstAccepted and LastAccepted bound the same wait for an order that the
	// provider accepted and should tell about by callback.
	FirstAccepted, LastAccepted time.Duration
}

// Desk carries stored orders to providers. Several desks may share a store:
// its compare-and-set and the providers' idempotence keep them from paying
// twice. Make one with NewDesk.
type Desk struct {
	opts      DeskOptions
	store     Store
	clock     remit.Clock
	log       *slog.Logger
	metrics   *metrics
	providers map[string]Provider
	kick      chan struct{}
	workers   sync.WaitGroup

	mu       sync.Mutex // guards what follows
	claimed  map[remit.RampOrderID]bool
	lanes    map[string]*lane
	breakers map[breakerKey]*breaker
}

// lane is the traffic to one provider.
type lane struct {
	running int
	waiting []Order
	// overflow says that due orders were left in the store for lack of room.
	overflow bool
}

// NewDesk makes a desk. It errs when an option is missing, two providers have
// one name, or the metrics are already registered.
func NewDesk(o DeskOptions) (*Desk, error) {
	if o.Store == nil || o.Clock == nil || len(o.Providers) == 0 {
		return nil, errors.New("ramp desk: store, clock and providers are required")
	}
	byName, err := providersByName(o.Providers)
	if err != nil {
		return nil, fmt.Errorf("ramp desk: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	for value, fallback := range map[*time.Duration]time.Duration{
		&o.Poll: DefaultPoll, &o.CallTimeout: DefaultCallTimeout,
		&o.FirstRetry: DefaultFirstRetry, &o.LastRetry: DefaultLastRetry,
		&o.FirstAccepted: DefaultFirstAccepted, &o.LastAccepted: DefaultLastAccepted,
	} {
		if *value <= 0 {
			*value = fallback
		}
	}
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, fmt.Errorf("ramp desk: %w", err)
	}
	return &Desk{
		opts: o, store: o.Store, clock: o.Clock, log: o.Logger, metrics: m, providers: byName,
		kick: make(chan struct{}, 1), claimed: map[remit.RampOrderID]bool{},
		lanes: map[string]*lane{}, breakers: map[breakerKey]*breaker{},
	}, nil
}

func providersByName(list []Provider) (map[string]Provider, error) {
	out := make(map[string]Provider, len(list))
	for _, p := range list {
		if _, twice := out[p.Name()]; twice {
			return nil, fmt.Errorf("two providers are named %q", p.Name())
		}
		out[p.Name()] = p
	}
	return out, nil
}

// Run carries orders until the context ends. Calls under way then run to their
// end, so that their answers are stored; no new ones begin.
func (d *Desk) Run(ctx context.Context) error {
	defer d.workers.Wait()
	poll := time.NewTicker(d.opts.Poll)
	defer poll.Stop()
	for {
		if err := d.dispatch(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("due ramp orders cannot be read", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.kick:
		case <-poll.C:
		}
	}
}

// Kick wakes the desk at once: an order was enqueued, or its cancellation asked
// for. It never blocks; kicks that come together count as one.
func (d *Desk) Kick() {
	select {
	case d.kick <- struct{}{}:
	default:
	}
}

// Pass carries every order that is due now and returns when all of that is
// done. It is for those who pace the desk themselves, instead of Run.
func (d *Desk) Pass(ctx context.Context) error {
	for range maxRounds {
		err := d.dispatch(ctx)
		d.workers.Wait()
		if err != nil {
			return err
		}
		select {
		case <-d.kick: // a lane was full, or somebody enqueued
		default:
			return nil
		}
	}
	return nil
}

// dispatch starts work on all due orders for which there is room. It looks past
// those that wait for room: a slow provider must not hold up the others.
func (d *Desk) dispatch(ctx context.Context) error {
	for page := duePage; page <= mostDue; {
		if ctx.Err() != nil {
			return nil
		}
		limit := page + d.claims()
		due, err := d.store.DueRampOrders(ctx, limit)
		if err != nil {
			return fmt.Errorf("read due ramp orders: %w", err)
		}
		started := 0
		for _, o := range due {
			if d.start(ctx, o) {
				started++
			}
		}
		if len(due) < limit {
			return nil
		}
		if started == 0 {
			page *= 4
		}
	}
	return nil
}

func (d *Desk) claims() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.claimed)
}

// start claims an order and gives it to a worker of its provider's lane. It
// reports false when the order is claimed already or the lane is full.
func (d *Desk) start(ctx context.Context, o Order) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.claimed[o.ID] {
		return false
	}
	l := d.lanes[o.Provider]
	if l == nil {
		l = &lane{}
		d.lanes[o.Provider] = l
	}
	switch {
	case l.running < d.opts.Concurrency:
		l.running++
		d.workers.Go(func() { d.work(ctx, l, o) })
	case len(l.waiting) < maxLane:
		l.waiting = append(l.waiting, o)
	default:
		l.overflow = true
		return false
	}
	d.claimed[o.ID] = true
	return true
}

// work carries an order, then those that wait in the lane.
func (d *Desk) work(ctx context.Context, l *lane, o Order) {
	// A call that has begun is not broken off by a shutdown: its answer counts.
	calls := context.WithoutCancel(ctx)
	d.carry(calls, o)
	for {
		next, ok := d.next(ctx, l, o.ID)
		if !ok {
			return
		}
		o = next
		// It may have changed while it waited.
		if fresh, err := d.store.RampOrder(calls, o.ID); err != nil {
			d.log.Error("ramp order cannot be read", "ramp_order_id", o.ID, "error", err)
		} else {
			d.carry(calls, fresh)
		}
	}
}

// next gives up the claim on a finished order and takes the lane's next one.
func (d *Desk) next(ctx context.Context, l *lane, done remit.RampOrderID) (Order, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.claimed, done)
	if ctx.Err() != nil {
		for _, o := range l.waiting {
			delete(d.claimed, o.ID)
		}
		l.waiting = nil
	}
	if len(l.waiting) > 0 {
		o := l.waiting[0]
		l.waiting = l.waiting[1:]
		return o, true
	}
	l.running--
	if l.overflow {
		l.overflow = false
		d.Kick()
	}
	return Order{}, false
}
