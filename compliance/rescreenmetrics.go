package compliance

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// rescreenMetrics are what a rescreener counts; nothing names a party.
type rescreenMetrics struct {
	parties *prometheus.CounterVec
	frozen  prometheus.Counter
	errors  prometheus.Counter
	behind  prometheus.Gauge
	still   prometheus.Gauge
}

func newRescreenMetrics(r prometheus.Registerer) (*rescreenMetrics, error) {
	m := &rescreenMetrics{
		parties: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_rescreen_parties_total", Help: "Parties that were compared with the lists again, by what came of it.",
		}, []string{"result"}),
		frozen: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "remit_rescreen_frozen_total", Help: "Remittances whose payout was to be withdrawn because of a party.",
		}),
		errors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "remit_rescreen_errors_total", Help: "How often rescreening was interrupted by an error.",
		}),
		behind: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "remit_rescreen_behind_seconds", Help: "For how long the lists in force are not yet applied to all parties; 0 when they are.",
		}),
		still: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "remit_rescreen_still_seconds", Help: "For how long a rescreen that is under way did not move; 0 when none is.",
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.parties, m.frozen, m.errors, m.behind, m.still} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics of rescreening: %w", err)
		}
	}
	return m, nil
}

// tell sets the gauges by the newest rescreen.
func (m *rescreenMetrics) tell(newest Rescreen, version string, now time.Time) {
	if newest.ListsVersion == version && !newest.FinishedAt.IsZero() {
		m.behind.Set(0)
		m.still.Set(0)
		return
	}
	if newest.ListsVersion == version && newest.Number > 0 {
		m.behind.Set(now.Sub(newest.StartedAt).Seconds())
		m.still.Set(now.Sub(newest.MovedAt).Seconds())
	}
}
