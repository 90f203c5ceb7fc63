package settlement

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
)

// routeMetrics count choices. The labels are the configured rails and the
// refusals of this package.
type routeMetrics struct {
	best    *prometheus.CounterVec
	refused *prometheus.CounterVec
	final   *prometheus.GaugeVec
	health  *prometheus.GaugeVec
}

func newRouteMetrics(r prometheus.Registerer) (routeMetrics, error) {
	m := routeMetrics{
		best: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_route_best_total", Help: "Payments for which a rail was the best one; none when no rail was usable.",
		}, []string{"rail"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "remit_route_refused_total", Help: "Payments that a rail could not carry, by why.",
		}, []string{"rail", "why"}),
		final: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_rail_final_seconds", Help: "The time from order to final of the last hour's payments, by quantile; 0 without any.",
		}, []string{"rail", "quantile"}),
		health: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "remit_rail_healthy", Help: "1 when the rail's last answer was that it can be used.",
		}, []string{"rail"}),
	}
	return m, registerAll(r, m.best, m.refused, m.final, m.health)
}

func (m routeMetrics) healthy(rail remit.Rail, good bool) {
	g := m.health.WithLabelValues(string(rail))
	g.Set(0)
	if good {
		g.Set(1)
	}
}

func (m routeMetrics) measured(rail remit.Rail, s Speed) {
	m.final.WithLabelValues(string(rail), "0.5").Set(s.P50.Seconds())
	m.final.WithLabelValues(string(rail), "0.95").Set(s.P95.Seconds())
}

func (m routeMetrics) chosen(c Choice) {
	best := "none"
	if len(c.Usable) > 0 {
		best = string(c.Usable[0].Rail)
	}
	m.best.WithLabelValues(best).Inc()
	for _, r := range c.Refused {
		m.refused.WithLabelValues(string(r.Rail), string(r.Why)).Inc()
	}
}

// pegMetrics show one coin. The label is the coin's code.
type pegMetrics struct {
	paused    prometheus.Gauge
	deviation prometheus.Gauge
	failures  prometheus.Counter
}

func newPegMetrics(r prometheus.Registerer, coin remit.Asset) (pegMetrics, error) {
	labels := prometheus.Labels{"coin": coin.Code}
	m := pegMetrics{
		paused: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "remit_coin_paused", Help: "1 while nothing new is settled in a coin.", ConstLabels: labels,
		}),
		deviation: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "remit_coin_deviation_basis_points", Help: "How far the newest price of a coin is from its peg.", ConstLabels: labels,
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "remit_coin_price_failures_total", Help: "Askings for a coin's price that brought none.", ConstLabels: labels,
		}),
	}
	return m, registerAll(r, m.paused, m.deviation, m.failures)
}

func (m pegMetrics) show(p Peg) {
	m.paused.Set(0)
	if p.Paused() {
		m.paused.Set(1)
	}
	m.deviation.Set(float64(p.DeviationBasisPoints)) //nolint:nofloat // a gauge takes nothing else, and nothing is calculated with it
}

func registerAll(r prometheus.Registerer, list ...prometheus.Collector) error {
	if r == nil {
		return nil
	}
	var failed error
	for _, c := range list {
		failed = errors.Join(failed, r.Register(c))
	}
	if failed != nil {
		return fmt.Errorf("register settlement metrics: %w", failed)
	}
	return nil
}
