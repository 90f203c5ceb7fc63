package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/store"
)

// waitsEvery is the time between two looks at what waits.
const waitsEvery = 15 * time.Second

// waitMetrics show what waits for somebody outside. The label is the kind.
type waitMetrics struct {
	count, oldest *prometheus.GaugeVec
	read          func(context.Context) ([]store.Wait, error)
	clock         remit.Clock
	log           *slog.Logger
}

func newWaitMetrics(r prometheus.Registerer, read func(context.Context) ([]store.Wait, error), clock remit.Clock, log *slog.Logger) (*waitMetrics, error) {
	labels := []string{"what"}
	m := &waitMetrics{
		count: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_waiting", Help: "How much waits for Temporal (notice), a chain (order, attempt) or a provider (ramp_order).",
		}, labels),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_waiting_oldest_seconds", Help: "How long the oldest of what waits has waited; 0 when nothing does.",
		}, labels),
		read: read, clock: clock, log: log,
	}
	for _, c := range []prometheus.Collector{m.count, m.oldest} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of what waits: %w", err)
		}
	}
	return m, nil
}

// run looks again and again until ctx ends.
func (m *waitMetrics) run(ctx context.Context) error {
	ticker := time.NewTicker(waitsEvery)
	defer ticker.Stop()
	for {
		m.look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look shows what waits now.
func (m *waitMetrics) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, waitsEvery)
	defer cancel()
	list, err := m.read(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.log.Error("read what waits", "error", err.Error())
		}
		return
	}
	for _, w := range list {
		age := 0.0 //nolint:nofloat // a gauge takes nothing else
		if w.Count > 0 {
			age = max(0, m.clock.Now().Sub(w.Oldest).Seconds())
		}
		m.count.WithLabelValues(w.What).Set(float64(w.Count)) //nolint:nofloat // a gauge takes nothing else
		m.oldest.WithLabelValues(w.What).Set(age)
	}
}
