package ledger

import "math"

type rate float64 // want `float64: money`

func half(x int64) int64 {
	y := math.Sqrt(4)   // want `y is a float64: money`
	var z float32 = 1.5 // want `float32: money`
	_, _ = y, z
	return x / 2
}
