package settlement_test

import (
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

var xlm, sol = remit.Asset{Code: "XLM", Scale: 7}, remit.Asset{Code: "SOL", Scale: 9}

// times is n payments that took 1, 2, … n seconds, each for a fee.
func times(n int, fee remit.Money) []settlement.Paid {
	var list []settlement.Paid
	for i := range n {
		list = append(list, settlement.Paid{Took: time.Duration(n-i) * time.Second, Fee: fee})
	}
	return list
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n        int
		p50, p95 time.Duration
		measured bool
	}{
		{0, 0, 0, false},
		{1, 1, 1, false},
		{2, 1, 2, false},
		{19, 10, 19, false},
		{20, 10, 19, true},
		{100, 50, 95, true},
		{101, 51, 96, true},
	} {
		got := settlement.Measure(times(c.n, remit.NewMoney(xlm, 100)))
		if got.Payments != c.n || got.P50 != c.p50*time.Second || got.P95 != c.p95*time.Second || got.Measured() != c.measured {
			t.Errorf("%d payments: got %+v, want p50 %ds and p95 %ds", c.n, got, c.p50, c.p95)
		}
	}
}

func TestMeasureFee(t *testing.T) {
	t.Parallel()
	got := settlement.Measure([]settlement.Paid{
		{}, {Fee: remit.NewMoney(xlm, 100)}, {Fee: remit.NewMoney(sol, 9_000)}, {Fee: remit.NewMoney(xlm, 101)},
	})
	if want := remit.NewMoney(xlm, 101); got.Fee != want {
		t.Errorf("got a fee of %s, want %s: the average of those in one asset, rounded up", got.Fee, want)
	}
}
