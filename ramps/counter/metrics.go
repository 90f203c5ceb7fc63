package counter

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what happens at the counters; labels are from closed sets.
type metrics struct {
	looks      *prometheus.CounterVec // found, wrong, limited
	locks      *prometheus.CounterVec // code, teller, outlet
	payouts    prometheus.Counter
	expired    prometheus.Counter
	lowFloat   prometheus.Counter
	deposits   prometheus.Counter
	suspicions prometheus.Counter
	// fullDrawer counts drawers that then held more than they should.
	fullDrawer prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		looks:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "remit_counter_looks_total", Help: "Look-ups of pickups, by result."}, []string{"result"}),
		locks:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "remit_counter_locks_total", Help: "Locks after wrong tries, by what was locked."}, []string{"what"}),
		payouts:    prometheus.NewCounter(prometheus.CounterOpts{Name: "remit_counter_payouts_total", Help: "Pickups paid."}),
		expired:    prometheus.NewCounter(prometheus.CounterOpts{Name: "remit_counter_expired_total", Help: "Pickups that nobody fetched in time."}),
		lowFloat:   prometheus.NewCounter(prometheus.CounterOpts{Name: "remit_counter_low_float_total", Help: "Times that cash was taken from a float which then was below its warning level."}),
		suspicions: prometheus.NewCounter(prometheus.CounterOpts{Name: "remit_counter_suspicions_total", Help: "Reports of suspicion from counters."}),
		deposits:   prometheus.NewCounter(prometheus.CounterOpts{Name: "remit_counter_deposits_total", Help: "Deposits of cash taken in."}),
		fullDrawer: prometheus.NewCounter(prometheus.CounterOpts{Name: "remit_counter_full_drawer_total", Help: "Times that cash was taken into a drawer which then held more than it should."}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.looks, m.locks, m.payouts, m.expired, m.lowFloat, m.deposits, m.fullDrawer, m.suspicions} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}
