package ledger

import (
	"time"
	clock "time"
)

type entry struct{ at time.Time }

func age(e entry) time.Duration { return time.Since(e.at) } // want `time.Since: take the time`

var now = clock.Now // want `time.Now: take the time`

func later(a, b time.Time) bool {
	<-time.After(time.Second) // want `time.After: take the time`
	return a.After(b)
}
