package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// purse is a rail with a treasury whose balance a test says.
type purse struct {
	settlement.Rail
	held remit.Money
}

func (p *purse) Name() remit.Rail { return remit.RailStellar }

func (p *purse) Balance(context.Context, remit.Asset) (remit.Money, error) { return p.held, nil }

// gauge reads a gauge of one rail and coin.
func gauge(t *testing.T, registry *prometheus.Registry, name string) string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().String()
		}
	}
	return ""
}

// TestLowWater: a treasury that falls below its mark is told of once, and once
// more when it is above it again.
func TestLowWater(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	metrics, err := newTreasuryMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	rail := &purse{}
	w := &watchedRail{
		Rail: rail, marks: []remit.Money{remit.NewMoney(remit.USDCStellar, 100)}, metrics: metrics,
		log: slog.New(slog.NewTextHandler(&log, nil)), isLow: make(map[remit.Asset]bool),
	}
	for i, step := range []struct {
		arm         bool
		minor       int64
		lines       int
		low         int
		told, gauge string
	}{
		{false, 0, 0, 0, "", "value:1"}, // not filled yet
		{true, 100, 0, 0, "", "value:0"},
		{true, 99, 1, 1, "level=WARN msg=\"the treasury is below its low-water mark: send it more\" rail=stellar held=\"USDC 0.0000099\" low_water=\"USDC 0.0000100\"", "value:1"},
		{true, 98, 1, 1, "", "value:1"},
		{true, 101, 2, 0, "level=INFO msg=\"the treasury is above its low-water mark again\"", "value:0"},
	} {
		if step.arm {
			w.arm()
		}
		rail.held = remit.NewMoney(remit.USDCStellar, step.minor)
		if got, err := w.Balance(t.Context(), remit.USDCStellar); err != nil || got != rail.held {
			t.Fatalf("balance %s, %v", got, err)
		}
		if lines := strings.Count(log.String(), "\n"); lines != step.lines || !strings.Contains(log.String(), step.told) || len(w.low()) != step.low {
			t.Errorf("step %d: %d low, the log is\n%s", i, len(w.low()), log.String())
		}
		if got := gauge(t, registry, "remit_treasury_low"); got != step.gauge {
			t.Errorf("step %d: the gauge is %q, want %q", i, got, step.gauge)
		}
	}
}
