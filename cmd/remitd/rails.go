package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	railCheckEvery   = time.Second
	railCheckTimeout = 5 * time.Second
)

// railMonitor knows which rails can be used now, by asking each in the
// background. It implements workflows.Rails.
type railMonitor struct {
	rails []settlement.Rail
	// destinations is where each off-ramp receives, by provider and rail.
	destinations map[string]map[remit.Rail]string
	log          *slog.Logger

	mu      sync.RWMutex
	healthy map[remit.Rail]bool
}

func newRailMonitor(rails []settlement.Rail, destinations map[string]map[remit.Rail]string, log *slog.Logger) *railMonitor {
	return &railMonitor{rails: rails, destinations: destinations, log: log, healthy: make(map[remit.Rail]bool)}
}

// Run asks the rails until ctx ends.
func (m *railMonitor) Run(ctx context.Context) error {
	ticker := time.NewTicker(railCheckEvery)
	defer ticker.Stop()
	for {
		m.check(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// check asks every rail once, all at the same time.
func (m *railMonitor) check(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, railCheckTimeout)
	defer cancel()
	var wait sync.WaitGroup
	for _, rail := range m.rails {
		wait.Add(1)
		go func() {
			defer wait.Done()
			err := rail.Health(ctx)
			if ctx.Err() != nil && err == nil {
				err = ctx.Err()
			}
			m.note(rail.Name(), err)
		}()
	}
	wait.Wait()
}

func (m *railMonitor) note(rail remit.Rail, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, known := m.healthy[rail]
	m.healthy[rail] = err == nil
	if !known || was != (err == nil) {
		m.log.Info("rail health", "rail", rail, "usable", err == nil, "err", err)
	}
}

// Usable returns the healthy rails that the wish allows, in configured order.
func (m *railMonitor) Usable(wish remit.Rail, tried []remit.Rail) []remit.Rail {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var usable []remit.Rail
	for _, rail := range m.rails {
		name := rail.Name()
		if (wish == remit.RailAuto || wish == name) && m.healthy[name] && !slices.Contains(tried, name) {
			usable = append(usable, name)
		}
	}
	return usable
}

// Destination is where an off-ramp receives on a rail.
func (m *railMonitor) Destination(provider string, rail remit.Rail) (string, error) {
	address, ok := m.destinations[provider][rail]
	if !ok {
		return "", fmt.Errorf("no settlement address of %s on %s is configured", provider, rail)
	}
	return address, nil
}
