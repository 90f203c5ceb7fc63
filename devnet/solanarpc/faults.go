package solanarpc

import (
	"math/rand/v2"
	"slices"
	"sync"
)

// Faults are the ways in which the node misbehaves. The zero value behaves.
// Percentages are drawn from a seeded source: 100 is always, 0 never.
type Faults struct {
	// Down breaks every connection before anything is read from the call.
	Down bool `json:"down"`
	// DelayMs holds every answer back by so many milliseconds.
	DelayMs int `json:"delay_ms"`
	// RateLimitPct of calls are answered with HTTP 429.
	RateLimitPct float64 `json:"rate_limit_pct"`
	// UnavailablePct of calls are answered with HTTP 503 and do nothing.
	UnavailablePct float64 `json:"unavailable_pct"`
	// DropPct of sent transactions are accepted, answered, and never land.
	DropPct float64 `json:"drop_pct"`
	// HangupPct of sends break the connection after the transaction was
	// accepted: it lands, but the caller does not hear.
	HangupPct float64 `json:"hangup_pct"`
	// UnavailableAfterPct of sends answer HTTP 503 after the transaction was accepted.
	UnavailableAfterPct float64 `json:"unavailable_after_pct"`
	// HideStatusPct of statuses asked for are unknown to getSignatureStatuses.
	HideStatusPct float64 `json:"hide_status_pct"`
	// LandDelaySlots is how many slots later than the next one transactions land.
	LandDelaySlots int `json:"land_delay_slots"`
	// MinUnitPrice is the compute-unit price below which nothing lands.
	MinUnitPrice uint64 `json:"min_unit_price"`
	// BehindSlots makes the node unhealthy by so many slots.
	BehindSlots int `json:"behind_slots"`
	// Frozen stops the slot clock of Run.
	Frozen bool `json:"frozen"`
	// Methods limits Down, DelayMs, RateLimitPct and UnavailablePct to calls of these.
	Methods []string `json:"methods"`
}

// faultBox holds the faults in force and the source of chance.
type faultBox struct {
	mu     sync.Mutex
	preset Faults
	now    Faults
	rng    *rand.Rand
}

func newFaultBox(preset Faults) *faultBox {
	return &faultBox{preset: preset, now: preset, rng: rand.New(rand.NewPCG(1, 1))}
}

// Faults are the faults in force.
func (s *Server) Faults() Faults {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	f := s.faults.now
	f.Methods = slices.Clone(f.Methods)
	return f
}

// SetFaults replaces all faults.
func (s *Server) SetFaults(f Faults) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	f.Methods = slices.Clone(f.Methods)
	s.faults.now = f
}

// ResetFaults goes back to the faults of Options and to the start of the random sequence.
func (s *Server) ResetFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.now, s.faults.rng = s.faults.preset, rand.New(rand.NewPCG(1, 1))
}

// hit draws whether something with that percentage happens now.
func (b *faultBox) hit(pct float64) bool {
	if pct <= 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rng.Float64()*100 < pct
}

// concerns says whether the faults on calls apply to one of these methods.
func (f *Faults) concerns(methods []string) bool {
	if len(f.Methods) == 0 {
		return true
	}
	return slices.ContainsFunc(methods, func(m string) bool { return slices.Contains(f.Methods, m) })
}
