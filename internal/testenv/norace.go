//go:build !race

package testenv

// Race says that the race detector watches.
const Race = false

// raceFlags is empty: nobody looks for data races.
var raceFlags []string
