//go:build !race

package testenv

// raceFlags is empty: nobody looks for data races.
var raceFlags []string
