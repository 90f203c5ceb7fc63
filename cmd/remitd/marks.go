package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// treasuryMetrics show what treasuries hold. The labels are the configured rails
// and coins.
type treasuryMetrics struct {
	balance, low *prometheus.GaugeVec
}

func newTreasuryMetrics(r prometheus.Registerer) (treasuryMetrics, error) {
	labels := []string{"rail", "coin"}
	m := treasuryMetrics{
		balance: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_treasury_minor_units", Help: "What a treasury holds of a coin on chain, in the smallest units of the coin there.",
		}, labels),
		low: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_treasury_low", Help: "1 while a treasury holds less of a coin than its low-water mark.",
		}, labels),
	}
	for _, c := range []prometheus.Collector{m.balance, m.low} {
		if err := r.Register(c); err != nil {
			return m, fmt.Errorf("register treasury metrics: %w", err)
		}
	}
	return m, nil
}

// watchedRail is a rail whose treasury's balances, whenever they are read, are
// shown and held against the low-water marks.
type watchedRail struct {
	settlement.Rail
	marks   []remit.Money
	metrics treasuryMetrics
	log     *slog.Logger

	mu sync.Mutex
	// armed says that crossings are told of.
	armed bool
	// isLow are the assets that were below their marks when last read.
	isLow map[remit.Asset]bool
}

// Balance implements settlement.Payer.
func (w *watchedRail) Balance(ctx context.Context, asset remit.Asset) (remit.Money, error) {
	held, err := w.Rail.Balance(ctx, asset)
	if err == nil && held.Asset == asset {
		w.note(held)
	}
	return held, err
}

// MostCharge bounds what a coin takes on top of an amount, where the rail says so.
func (w *watchedRail) MostCharge(amount remit.Money) remit.Money {
	if c, ok := w.Rail.(interface {
		MostCharge(amount remit.Money) remit.Money
	}); ok {
		return c.MostCharge(amount)
	}
	return remit.Money{Asset: amount.Asset}
}

// note shows a balance, and says so when it crosses its mark.
func (w *watchedRail) note(held remit.Money) {
	labels := []string{string(w.Name()), held.Asset.DisplayCode()}
	w.metrics.balance.WithLabelValues(labels...).Set(float64(held.Minor)) //nolint:nofloat // a gauge takes nothing else, and nothing is calculated with it
	at := slices.IndexFunc(w.marks, func(m remit.Money) bool { return m.Asset == held.Asset })
	if at < 0 {
		return
	}
	low := held.Minor < w.marks[at].Minor
	w.metrics.low.WithLabelValues(labels...).Set(0)
	if low {
		w.metrics.low.WithLabelValues(labels...).Set(1)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.armed || w.isLow[held.Asset] == low {
		return
	}
	w.isLow[held.Asset] = low
	if low {
		w.log.Warn("the treasury is below its low-water mark: send it more", "rail", w.Name(), "held", held.String(), "low_water", w.marks[at].String())
		return
	}
	w.log.Info("the treasury is above its low-water mark again", "rail", w.Name(), "held", held.String(), "low_water", w.marks[at].String())
}

// arm begins to tell of crossings.
func (w *watchedRail) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = true
}

// low lists the assets that were below their marks when last read.
func (w *watchedRail) low() []remit.Money {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []remit.Money
	for _, m := range w.marks {
		if w.isLow[m.Asset] {
			out = append(out, m)
		}
	}
	return out
}
