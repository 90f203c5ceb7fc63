package rampstest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Store is a ramps.Store in memory. It keeps the contract and nothing more.
type Store struct {
	clock remit.Clock

	mu             sync.Mutex
	orders         map[remit.RampOrderID]*ramps.Order
	instructions   map[remit.RampOrderID]ramps.Instruction
	callbacks      map[string]bool
	notices        map[remit.RampOrderID][]ramps.Status
	contradictions map[remit.RampOrderID][]ramps.Status
}

var _ ramps.Store = (*Store)(nil)

// NewStore makes an empty store.
func NewStore(clock remit.Clock) *Store {
	return &Store{
		clock: clock, orders: map[remit.RampOrderID]*ramps.Order{}, instructions: map[remit.RampOrderID]ramps.Instruction{},
		callbacks: map[string]bool{}, notices: map[remit.RampOrderID][]ramps.Status{}, contradictions: map[remit.RampOrderID][]ramps.Status{},
	}
}

// Place stores an order with what it needs, queued and due now.
func (s *Store) Place(in ramps.Instruction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	in.Order.Status, in.Order.NextTry, in.Order.CreatedAt, in.Order.UpdatedAt = ramps.StatusQueued, now, now, now
	o := in.Order
	s.orders[o.ID], s.instructions[o.ID] = &o, in
}

// RequestCancel asks that an order be withdrawn and makes it due.
func (s *Store) RequestCancel(id remit.RampOrderID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[id]; !o.Status.Final() {
		o.CancelRequested, o.NextTry = true, s.clock.Now()
	}
}

// Notices lists the statuses of which the order's workflow was told.
func (s *Store) Notices(id remit.RampOrderID) []ramps.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notices[id])
}

// Contradictions lists final answers that came after another final one.
func (s *Store) Contradictions(id remit.RampOrderID) []ramps.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.contradictions[id])
}

// DueRampOrders is ramps.Store's.
func (s *Store) DueRampOrders(_ context.Context, limit int) ([]ramps.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	var due []ramps.Order
	for _, o := range s.orders {
		if !o.Status.Final() && !o.NextTry.After(now) {
			due = append(due, *o)
		}
	}
	slices.SortFunc(due, func(a, b ramps.Order) int {
		if c := a.NextTry.Compare(b.NextTry); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return due[:min(limit, len(due))], nil
}

// RampOrder is ramps.Store's.
func (s *Store) RampOrder(_ context.Context, id remit.RampOrderID) (ramps.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err != nil {
		return ramps.Order{}, err
	}
	return *o, nil
}

// Instruction is ramps.Store's.
func (s *Store) Instruction(_ context.Context, o ramps.Order) (ramps.Instruction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.instructions[o.ID]
	if !ok {
		return ramps.Instruction{}, remit.NotFound("ramp order", string(o.ID))
	}
	in.Order = o
	return in, nil
}

// MarkRampSending is ramps.Store's.
func (s *Store) MarkRampSending(_ context.Context, id remit.RampOrderID, next time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err != nil {
		return err
	}
	if o.Status != ramps.StatusQueued {
		return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ramp order %s is %s", id, o.Status)
	}
	o.Status, o.NextTry, o.UpdatedAt = ramps.StatusUnknown, next, s.clock.Now()
	o.Tries++
	return nil
}

// SaveRampAnswer is ramps.Store's.
func (s *Store) SaveRampAnswer(_ context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err != nil {
		return false, err
	}
	if o.Status.Final() {
		if a.Status.Final() && a.Status != o.Status {
			s.contradictions[id] = append(s.contradictions[id], a.Status)
		}
		return false, nil
	}
	before := o.Status
	o.NextTry, o.UpdatedAt = next, s.clock.Now()
	// What was learnt is not unlearnt: accepted stays so until it ends.
	if before != ramps.StatusAccepted || a.Status == ramps.StatusAccepted || a.Status.Final() {
		o.Status, o.Reason, o.Received = a.Status, a.Reason, a.Received
	}
	if a.ProviderReference != "" {
		o.ProviderReference = a.ProviderReference
	}
	changed := o.Status != before
	if changed && (o.Status == ramps.StatusAccepted || o.Status.Final()) {
		s.notices[id] = append(s.notices[id], o.Status)
	}
	return changed, nil
}

// RecordCallback is ramps.Store's.
func (s *Store) RecordCallback(_ context.Context, provider, id string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := provider + "\x00" + id
	fresh := !s.callbacks[key]
	s.callbacks[key] = true
	return fresh, nil
}

func (s *Store) find(id remit.RampOrderID) (*ramps.Order, error) {
	o := s.orders[id]
	if o == nil {
		return nil, remit.NotFound("ramp order", string(id))
	}
	return o, nil
}
