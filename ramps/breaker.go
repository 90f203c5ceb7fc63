package ramps

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// BreakerState is whether calls to a provider's method are let through.
type BreakerState string

// The states of a breaker.
const (
	// BreakerClosed: calls are made.
	BreakerClosed BreakerState = "closed"
	// BreakerOpen: calls wait, because several in a row got no answer.
	BreakerOpen BreakerState = "open"
	// BreakerProbing: one call is made to see whether answers come again.
	BreakerProbing BreakerState = "probing"
)

const (
	// breakerTrips is how many calls of a kind in a row go without an answer
	// before the breaker opens.
	breakerTrips = 5
	// It stays open for breakerFirst, then twice as long each time a probe
	// fails, up to breakerLast.
	breakerFirst = 2 * time.Second
	breakerLast  = time.Minute
)

// callKind is what a provider is asked.
type callKind string

const (
	callSubmit callKind = "submit"
	callLookup callKind = "lookup"
	callCancel callKind = "cancel"
)

type breakerKey struct{ provider, method string }

// breaker spares a provider that does not answer, and the orders' time. It
// delays orders and never fails one.
type breaker struct {
	mu      sync.Mutex
	state   BreakerState
	silent  map[callKind]int // calls in a row without an answer
	until   time.Time
	wait    time.Duration
	lastOK  time.Time
	lastBad time.Time
}

func newBreaker() *breaker {
	return &breaker{state: BreakerClosed, silent: map[callKind]int{}, wait: breakerFirst}
}

// admit asks for one call, which must be followed by report or release. When it
// is refused it says until when.
func (b *breaker) admit(now time.Time) (until time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.state {
	case BreakerOpen:
		if now.Before(b.until) {
			return b.until, false
		}
		b.state = BreakerProbing
		return time.Time{}, true
	case BreakerProbing:
		return now.Add(breakerFirst), false
	case BreakerClosed:
	}
	return time.Time{}, true
}

// release gives an admission back that no call was made with.
func (b *breaker) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == BreakerProbing {
		b.state = BreakerOpen
	}
}

// report says how a call ended, and returns whether that changed the state.
func (b *breaker) report(kind callKind, answered bool, now time.Time) (changed bool, state BreakerState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.state
	if answered {
		b.lastOK, b.silent[kind] = now, 0
		if b.state == BreakerProbing {
			b.state, b.wait = BreakerClosed, breakerFirst
			clear(b.silent)
		}
		return b.state != before, b.state
	}
	b.lastBad = now
	b.silent[kind]++
	switch {
	case b.state == BreakerProbing:
		b.wait = min(2*b.wait, breakerLast)
		b.state, b.until = BreakerOpen, now.Add(b.wait)
	case b.state == BreakerClosed && b.silent[kind] >= breakerTrips:
		b.state, b.until = BreakerOpen, now.Add(b.wait)
	}
	return b.state != before, b.state
}

// breaker returns the breaker of a provider's method.
func (d *Desk) breaker(provider, method string) *breaker {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := breakerKey{provider, method}
	b := d.breakers[key]
	if b == nil {
		b = newBreaker()
		d.breakers[key] = b
	}
	return b
}

// Health is how a provider's method is doing, as far as this process knows.
type Health struct {
	Provider string
	Method   string
	State    BreakerState
	// Silent counts calls in a row without an answer, of the worst kind of call.
	Silent int
	// LastAnswer and LastSilence are when a call last got an answer and last
	// got none; zero for never.
	LastAnswer  time.Time
	LastSilence time.Time
	// RetryAt is when the next call is tried while the breaker is open.
	RetryAt time.Time
}

// Health returns how the methods are doing that were used since the start,
// sorted by provider and method.
func (d *Desk) Health() []Health {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Health, 0, len(d.breakers))
	for key, b := range d.breakers {
		out = append(out, b.health(key))
	}
	slices.SortFunc(out, func(x, y Health) int {
		return strings.Compare(x.Provider+"\x00"+x.Method, y.Provider+"\x00"+y.Method)
	})
	return out
}

func (b *breaker) health(key breakerKey) Health {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := Health{Provider: key.provider, Method: key.method, State: b.state, LastAnswer: b.lastOK, LastSilence: b.lastBad}
	for _, n := range b.silent {
		h.Silent = max(h.Silent, n)
	}
	if b.state == BreakerOpen {
		h.RetryAt = b.until
	}
	return h
}
