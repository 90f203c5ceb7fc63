//go:build race

package testenv

// raceFlags builds the gateway under the race detector where the tests are.
// SQLite is left out as in `make test-race`.
var raceFlags = []string{"-race", "-gcflags=modernc.org/...=-race=false"}
