package settlement

import (
	"context"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Paid is what one settled order took.
type Paid struct {
	// Took is the time from the order placed to final.
	Took time.Duration
	// Fee is its share of the network's fee, in the chain's native asset.
	Fee remit.Money
}

// History tells what was settled. It is implemented by the store, so that every
// process measures the same and nothing needs warming up after a start.
type History interface {
	// Paid returns the orders of a rail that were settled since then, at most
	// limit of the newest.
	Paid(ctx context.Context, rail remit.Rail, since time.Time, limit int) ([]Paid, error)
}

// Limits of what is measured.
const (
	// speedWindow is how far back orders count. What is older says nothing: a
	// rail that was slow and got no orders since is taken for an unknown one,
	// and tried again.
	speedWindow = time.Hour
	// speedOrders bounds the orders that are looked at.
	speedOrders = 1_000
	// speedEnough is how many orders make a measurement.
	speedEnough = 20
)

// Speed is what a rail's payments took within the window.
type Speed struct {
	// Payments is how many there were.
	Payments int
	// P50 and P95 are the least times within which at least that part of them
	// became final, from the order placed on. Zero without payments.
	P50, P95 time.Duration
	// Fee is what a payment cost on average, rounded up, in the native asset;
	// the zero value when none paid a fee.
	Fee remit.Money
}

// Measured reports whether there were payments enough to go by.
func (s Speed) Measured() bool { return s.Payments >= speedEnough }

// Measure sums payments up.
func Measure(list []Paid) Speed {
	s := Speed{Payments: len(list)}
	if len(list) == 0 {
		return s
	}
	took := make([]time.Duration, len(list))
	for i, p := range list {
		took[i] = p.Took
	}
	slices.Sort(took)
	s.P50, s.P95 = took[rank(len(took), 50)], took[rank(len(took), 95)]
	s.Fee = meanFee(list)
	return s
}

// rank is the place, from 0, of the least of n sorted values that is not below
// the given percentage of them.
func rank(n, percent int) int { return (n*percent+99)/100 - 1 }

// meanFee is the average of the fees in the asset of the first of them, rounded up.
func meanFee(list []Paid) remit.Money {
	var sum remit.Money
	count := int64(0)
	for _, p := range list {
		if p.Fee.Asset.IsZero() {
			continue
		}
		if count == 0 {
			sum.Asset = p.Fee.Asset
		}
		next, err := sum.Add(p.Fee)
		if err != nil {
			continue // Another asset, or more than there is: no measure of a fee.
		}
		sum, count = next, count+1
	}
	if count > 0 {
		sum.Minor = (sum.Minor + count - 1) / count
	}
	return sum
}
