package ramps

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the desk counts. Labels are from closed sets: providers and
// methods of the configuration, kinds and statuses of this package.
type metrics struct {
	calls     *prometheus.HistogramVec
	answers   *prometheus.CounterVec
	open      *prometheus.GaugeVec
	callbacks *prometheus.CounterVec
	// contradictions are of ends that were told already.
	contradictions *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "remit_ramp_call_seconds", Help: "Time of calls to ramp providers, by what came back.",
			Buckets: []float64{0.005, 0.02, 0.1, 0.5, 2, 10},
		}, []string{"provider", "call", "status"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_ramp_answers_total", Help: "Answers about ramp orders that were stored.",
		}, []string{"provider", "direction", "status"}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_ramp_breaker_open", Help: "1 while calls to a provider's method wait because it does not answer.",
		}, []string{"provider", "method"}),
		callbacks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_ramp_callbacks_total", Help: "Callbacks from ramp providers, by what was done with them.",
		}, []string{"provider", "result"}),
		contradictions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_ramp_contradictions_total", Help: "Final answers of ramp providers that contradict how an order had ended.",
		}, []string{"provider", "direction"}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.calls, m.answers, m.open, m.callbacks, m.contradictions} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) called(o *Order, kind callKind, s Status, took time.Duration) {
	m.calls.WithLabelValues(o.Provider, string(kind), string(s)).Observe(took.Seconds())
}

func (m *metrics) answered(o *Order, s Status) {
	m.answers.WithLabelValues(o.Provider, string(o.Direction), string(s)).Inc()
}

func (m *metrics) breaker(o *Order, s BreakerState) {
	value := 1.0
	if s == BreakerClosed {
		value = 0
	}
	m.open.WithLabelValues(o.Provider, o.Method).Set(value)
}

func (m *metrics) calledBack(provider, result string) {
	m.callbacks.WithLabelValues(provider, result).Inc()
}

func (m *metrics) contradicted(o *Order) {
	m.contradictions.WithLabelValues(o.Provider, string(o.Direction)).Inc()
}
