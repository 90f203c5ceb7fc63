package settlementtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Store is a settlement.Store in memory. What no rail and no engine may ask of
// a store fails the test; what may happen in a race is a conflict.
type Store struct {
	t     testing.TB
	clock remit.Clock

	mu       sync.Mutex
	orders   []*settlement.Order // oldest first
	byID     map[remit.OrderID]*settlement.Order
	attempts []*settlement.Attempt
	ended    map[remit.AttemptID]settlement.Outcome
	notices  []remit.Notice
}

// NewStore makes an empty store.
func NewStore(t testing.TB, clock remit.Clock) *Store {
	return &Store{
		t: t, clock: clock, byID: make(map[remit.OrderID]*settlement.Order), ended: make(map[remit.AttemptID]settlement.Outcome),
	}
}

// Enqueue stores orders as queued, created now.
func (s *Store) Enqueue(orders ...settlement.Order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range orders {
		if s.order(o.ID) != nil {
			s.t.Errorf("order %s was enqueued twice", o.ID)
			continue
		}
		o.Status, o.CreatedAt, o.UpdatedAt = settlement.OrderQueued, s.clock.Now(), s.clock.Now()
		s.orders, s.byID[o.ID] = append(s.orders, &o), &o
	}
}

// Orders returns every order, oldest first.
func (s *Store) Orders() []settlement.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]settlement.Order, len(s.orders))
	for i, o := range s.orders {
		out[i] = *o
	}
	return out
}

// Order returns one order; one that is not there fails the test.
func (s *Store) Order(id remit.OrderID) settlement.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.order(id)
	if o == nil {
		s.t.Fatalf("there is no order %s", id)
	}
	return *o
}

// Attempts returns every attempt, oldest first.
func (s *Store) Attempts() []settlement.Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloneAttempts(s.attempts, func(*settlement.Attempt) bool { return true })
}

// Notices returns the notices of ended orders.
func (s *Store) Notices() []remit.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notices)
}

// QueuedOrders implements settlement.Store.
func (s *Store) QueuedOrders(ctx context.Context, rail remit.Rail, limit int) ([]settlement.Order, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list queued orders: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []settlement.Order
	for _, o := range s.orders {
		if o.Rail == rail && o.Status == settlement.OrderQueued && !due(o).After(s.clock.Now()) {
			out = append(out, *o)
		}
	}
	slices.SortStableFunc(out, func(a, b settlement.Order) int { return due(&a).Compare(due(&b)) })
	return out[:min(len(out), limit)], nil
}

// due is when an order's window has passed.
func due(o *settlement.Order) time.Time {
	if o.Mode == settlement.ModeNetted {
		return o.CreatedAt.Add(o.Window)
	}
	return o.CreatedAt
}

// NettedOrders implements settlement.Store.
func (s *Store) NettedOrders(ctx context.Context, rail remit.Rail, n settlement.Netting, limit int) ([]settlement.Order, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list netted orders: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []settlement.Order
	for _, o := range s.orders {
		if o.Rail == rail && o.Status == settlement.OrderQueued && o.Mode == settlement.ModeNetted &&
			nettingOf(o) == n && len(out) < limit {
			out = append(out, *o)
		}
	}
	return out, nil
}

func nettingOf(o *settlement.Order) settlement.Netting {
	return settlement.Netting{Destination: o.Destination, Asset: o.Amount.Asset}
}

// FullNetting implements settlement.Store.
func (s *Store) FullNetting(ctx context.Context, rail remit.Rail, count int) (*settlement.Netting, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("look for full netted payments: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	gathered := make(map[settlement.Netting]int)
	for _, o := range s.orders {
		if o.Rail == rail && o.Status == settlement.OrderQueued && o.Mode == settlement.ModeNetted {
			gathered[nettingOf(o)]++
		}
	}
	for _, o := range s.orders {
		if n := nettingOf(o); o.Rail == rail && o.Status == settlement.OrderQueued && o.Mode == settlement.ModeNetted && gathered[n] >= count {
			return &n, nil
		}
	}
	return nil, nil
}

// OpenAttempts implements settlement.Store.
func (s *Store) OpenAttempts(ctx context.Context, rail remit.Rail) ([]settlement.Attempt, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list open attempts: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloneAttempts(s.attempts, func(a *settlement.Attempt) bool { return a.Rail == rail && open(a) }), nil
}

// OrdersOf implements settlement.Store.
func (s *Store) OrdersOf(ctx context.Context, id remit.AttemptID) ([]settlement.Order, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list orders of an attempt: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempt(id)
	if a == nil {
		return nil, remit.NotFound("attempt", string(id))
	}
	out := make([]settlement.Order, len(a.Orders))
	for i, o := range a.Orders {
		out[i] = *s.order(o)
	}
	return out, nil
}

// SaveAttempt implements settlement.Store.
func (s *Store) SaveAttempt(ctx context.Context, a settlement.Attempt) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("save attempt: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if wrong := malformed(a); wrong != "" {
		return s.broken("attempt %s %s", a.ID, wrong)
	}
	for _, b := range s.attempts {
		switch {
		case b.ID == a.ID:
			return conflict("attempt %s is stored already", a.ID)
		case b.Hash == a.Hash:
			return s.broken("attempts %s and %s are one transaction %s", b.ID, a.ID, a.Hash)
		case a.Source != "" && b.Source == a.Source && open(b):
			return conflict("source %s is occupied by attempt %s", a.Source, b.ID)
		}
	}
	seen := make(map[remit.OrderID]bool)
	for _, id := range a.Orders {
		o := s.order(id)
		switch {
		case o == nil:
			return s.broken("attempt %s pays order %s, which is not stored", a.ID, id)
		case seen[id]:
			return s.broken("attempt %s pays order %s twice", a.ID, id)
		case o.Rail != a.Rail:
			return s.broken("attempt %s on %s pays an order on %s", a.ID, a.Rail, o.Rail)
		case o.Status != settlement.OrderQueued:
			return conflict("order %s is %s", id, o.Status)
		}
		seen[id] = true
	}
	for _, id := range a.Orders {
		o := s.order(id)
		o.Status, o.Attempt, o.UpdatedAt = settlement.OrderAttempting, a.ID, s.clock.Now()
	}
	a.Orders, a.Bytes = slices.Clone(a.Orders), slices.Clone(a.Bytes)
	s.attempts = append(s.attempts, &a)
	return nil
}

// malformed says what is wrong with an attempt as a rail makes it.
func malformed(a settlement.Attempt) string {
	switch {
	case a.ID == "":
		return "has no id"
	case a.Rail == "":
		return "has no rail"
	case len(a.Orders) == 0:
		return "pays nothing"
	case len(a.Bytes) == 0 || a.Hash == "":
		return "has no bytes or no hash"
	case a.Expiry <= 0:
		return "never expires"
	case a.Status != settlement.AttemptSigned:
		return fmt.Sprintf("is %q when new", a.Status)
	default:
		return ""
	}
}

// MarkSent implements settlement.Store.
func (s *Store) MarkSent(ctx context.Context, id remit.AttemptID) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mark sent: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempt(id)
	if a == nil {
		return remit.NotFound("attempt", string(id))
	}
	if !open(a) {
		return conflict("attempt %s is %s", id, a.Status)
	}
	a.Status, a.UpdatedAt = settlement.AttemptSent, s.clock.Now()
	a.Sends++
	return nil
}

// SaveBump implements settlement.Store.
func (s *Store) SaveBump(ctx context.Context, id remit.AttemptID, b settlement.Bump) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("save bump: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempt(id)
	if a == nil {
		return remit.NotFound("attempt", string(id))
	}
	if !open(a) {
		return conflict("attempt %s is %s", id, a.Status)
	}
	if b.Hash == "" || len(b.Bytes) == 0 || b.Hash == a.Hash || !b.Bid.IsPositive() {
		return s.broken("attempt %s has a malformed bump %q", id, b.Hash)
	}
	if slices.ContainsFunc(a.Bumps, func(have settlement.Bump) bool { return have.Hash == b.Hash }) {
		return nil
	}
	b.Bytes = slices.Clone(b.Bytes)
	a.Bumps, a.UpdatedAt = append(slices.Clone(a.Bumps), b), s.clock.Now()
	return nil
}
