package api

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc/codes"
)

// metrics counts calls by method and outcome; the labels come from the table of
// rules and the list of codes, both closed.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(registry *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		registry: registry,
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_api_calls_total", Help: "Calls of the API, by method and gRPC code.",
		}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "remit_api_call_seconds", Help: "How long calls of the API took, waits for events included.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}, []string{"method"}),
	}
	own := []prometheus.Collector{m.calls, m.seconds}
	if m.registry == nil {
		m.registry = prometheus.NewRegistry()
		own = append(own, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	var failed error
	for _, c := range own {
		failed = errors.Join(failed, m.registry.Register(c))
	}
	if failed != nil {
		return nil, fmt.Errorf("register API metrics: %w", failed)
	}
	return m, nil
}

func (m *metrics) called(method string, code codes.Code, took time.Duration) {
	if _, known := rules[method]; !known {
		method = "unknown"
	}
	m.calls.WithLabelValues(method, code.String()).Inc()
	m.seconds.WithLabelValues(method).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
