//go:build race

package testenv

// Race says that the race detector watches: how pages look needs no second look
// then, as it is the same and takes much longer.
const Race = true

// raceFlags builds the gateway under the race detector where the tests are.
// SQLite is left out as in `make test-race`.
var raceFlags = []string{"-race", "-gcflags=modernc.org/...=-race=false"}
