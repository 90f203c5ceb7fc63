package solana_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/openremit/remit/settlement/solana"
)

// Whatever the fee, what is left after it is just what was ordered.
func TestFeeAbove(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		points, most, net := uint16(rng.IntN(10_001)), rng.Uint64N(100_000), rng.Uint64N(10_000_000)
		if rng.IntN(4) == 0 {
			most, net = rng.Uint64N(math.MaxInt64), rng.Uint64N(math.MaxInt64)
		}
		gross, fee, ok := solana.FeeAbove(points, most, net)
		switch {
		case !ok && net < math.MaxInt64/10_000 && most < math.MaxInt64/2:
			t.Fatalf("no amount leaves %d after %d basis points up to %d", net, points, most)
		case !ok:
		case gross-fee != net || gross > math.MaxInt64 || solana.FeeOf(points, most, gross) != fee:
			t.Fatalf("%d after %d basis points up to %d: %d less %d", net, points, most, gross, fee)
		}
	}
	for _, test := range []struct {
		points    uint16
		most, net uint64
		want      uint64
	}{
		{0, 0, 7, 7}, {100, 1 << 40, 99, 100}, {100, 1 << 40, 100, 102}, {100, 1, 1_000_000, 1_000_001}, {10_000, 5, 7, 12}, {1, 0, 7, 7},
	} {
		if got, _, ok := solana.FeeAbove(test.points, test.most, test.net); !ok || got != test.want {
			t.Errorf("%d after %d basis points up to %d: %d, want %d", test.net, test.points, test.most, got, test.want)
		}
	}
	if _, _, ok := solana.FeeAbove(100, math.MaxUint64, math.MaxInt64); ok {
		t.Error("an amount beyond int64 is answered")
	}
}
