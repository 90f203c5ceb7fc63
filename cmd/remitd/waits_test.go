package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/store"
)

// TestWaitMetrics: what waits is shown with its age, and what it was last stays
// while the database cannot say.
func TestWaitMetrics(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	clock := remit.NewFakeClock(start)
	list, failed := []store.Wait{{What: "attempt", Count: 2, Oldest: start}}, error(nil)
	registry := prometheus.NewRegistry()
	m, err := newWaitMetrics(registry, func(context.Context) ([]store.Wait, error) { return list, failed }, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	shows := func(count, oldest string) {
		t.Helper()
		m.look(t.Context())
		if got := gauge(t, registry, "remit_waiting"); !strings.Contains(got, count) {
			t.Errorf("got %s waiting, want %s", got, count)
		}
		if got := gauge(t, registry, "remit_waiting_oldest_seconds"); !strings.Contains(got, oldest) {
			t.Errorf("the oldest has waited %s, want %s", got, oldest)
		}
	}
	clock.Advance(90 * time.Second)
	shows("value:2", "value:90")
	failed = errors.New("the database is away")
	clock.Advance(time.Minute)
	shows("value:2", "value:90")
	list, failed = []store.Wait{{What: "attempt"}}, nil
	shows("value:0", "value:0")
}
