package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// testRetention: what was delivered long ago is forgotten, in as many pages as
// it takes; what was not delivered, or not long ago, stays.
func testRetention(t *testing.T, w *world) {
	const old = 150
	for range old {
		w.remittance()
	}
	waits := w.remittance()
	pending := func() []workflows.NumberedNotice {
		t.Helper()
		all, err := w.s.PendingNotices(w.ctx, 1000)
		w.must(err)
		return all
	}
	deliver := func(keep ...remit.RemittanceID) {
		t.Helper()
		var numbers []int64
		for _, n := range pending() {
			if !slices.Contains(keep, n.RemittanceID) {
				numbers = append(numbers, n.Number)
			}
		}
		w.must(w.s.Delivered(w.ctx, numbers))
	}
	callback := func(provider string, n int) bool {
		t.Helper()
		fresh, err := w.s.RecordCallback(w.ctx, provider, fmt.Sprintf("cb-%03d", n))
		w.must(err)
		return fresh
	}
	deliver(waits.ID)
	for n := range old {
		callback("bank", n)
		callback("wallets", n)
	}
	w.clock.Advance(10 * time.Minute)
	w.remittance()
	deliver(waits.ID)
	callback("bank", old)

	for _, c := range []struct {
		before             time.Time
		notices, callbacks int64
	}{{Start, 0, 0}, {Start.Add(time.Minute), old, 2 * old}, {Start.Add(time.Minute), 0, 0}, {Start.Add(time.Hour), 1, 1}} {
		notices, err := w.s.ForgetNotices(w.ctx, c.before)
		w.must(err)
		callbacks, err := w.s.ForgetCallbacks(w.ctx, c.before)
		w.must(err)
		if notices != c.notices || callbacks != c.callbacks {
			t.Fatalf("before %s forgot %d notices and %d callbacks, want %d and %d", c.before, notices, callbacks, c.notices, c.callbacks)
		}
	}
	if left := pending(); len(left) != 1 || left[0].RemittanceID != waits.ID {
		t.Fatalf("left %+v, want the one that waits", left)
	}
	if !callback("bank", 1) || callback("bank", 1) {
		t.Fatal("a callback that was forgotten is new once")
	}
	// Numbers go on where they were.
	last := pending()[0].Number
	w.clock.Advance(time.Minute)
	next := w.remittance()
	if got := w.notices(next.ID); len(got) != 1 || got[0].Number <= last {
		t.Fatalf("got %+v after notice %d", got, last)
	}
}
