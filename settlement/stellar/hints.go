package stellar

import (
	"sync"
	"time"

	"github.com/openremit/remit"
)

const (
	// maxNotes bounds the submissions whose last answer is remembered.
	maxNotes = 1_000
)

// hints is what the rail remembers to save requests and time. Nothing depends
// on it: after a restart it is empty.
type hints struct {
	mu sync.Mutex
	// used is the highest sequence number of a channel seen in a ledger.
	used map[string]int64
	// notes are the last answers to submissions, by hash.
	notes map[string]string
	// trouble is what a person has to mend; it is believed until the time.
	trouble string
	until   time.Time
}

func newHints() hints {
	return hints{used: make(map[string]int64), notes: make(map[string]string)}
}

// use remembers that a channel's sequence number is used up.
func (r *Rail) use(channel string, sequence int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used[channel] = max(r.used[channel], sequence)
}

func (r *Rail) usedOf(channel string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used[channel]
}

// note remembers the answer to a submission, and trouble that needs a person for
// as long as an attempt lives.
func (r *Rail) note(hash string, verdict Verdict, text string) {
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.notes) >= maxNotes {
		clear(r.notes)
	}
	r.notes[hash] = text
	if verdict == Person {
		r.trouble, r.until = text, now.Add(r.Bound)
	}
}

// forget drops the note of a submission and returns it as the end of a sentence.
func (r *Rail) forget(hash string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, ok := r.notes[hash]
	delete(r.notes, hash)
	if !ok {
		return ""
	}
	return "; the last answer to sending it was " + text
}

// settled clears the trouble: the network takes what the rail makes.
func (r *Rail) settled() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trouble = ""
}

// inTrouble errs while what the rail makes is refused by the network: orders had
// better wait unsent than in attempts that can only expire.
func (r *Rail) inTrouble() error {
	now := r.Clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.trouble == "" || !r.until.After(now) {
		return nil
	}
	return remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "the network refuses this rail's transactions: %s", r.trouble)
}
