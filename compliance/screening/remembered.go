package screening

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/openremit/remit/compliance/screening/name"
)

// slotBits says how many words an index remembers: 1<<slotBits at most.
const slotBits = 14

// remembered keeps what the last words were like. The same few thousand words
// make most names, and the most common are those that are like the most others.
// A word takes the slot of another, so that it never grows, and it goes with its
// index. It holds single words, never a whole name.
type remembered struct {
	slots [1 << slotBits]atomic.Pointer[recollection]
}

// recollection is one word with the listed words like it.
type recollection struct {
	text, stands string
	bare         bool
	alikes       []like
}

// recall returns the listed words that a word is like, as alikes does; nobody
// may change them.
func (x *Index) recall(s *name.Spelling, stands string, alts []string, t *tally) []like {
	if len(alts) > 0 {
		return x.alikes(s, stands, alts, t)
	}
	slot := &x.remembered.slots[hash('r', s.Text, stands, "")&(1<<slotBits-1)]
	if had := slot.Load(); had != nil && had.text == s.Text && had.stands == stands && had.bare == s.Bare {
		return had.alikes
	}
	alikes := slices.Clone(x.alikes(s, stands, nil, t))
	slot.Store(&recollection{text: strings.Clone(s.Text), stands: stands, bare: s.Bare, alikes: alikes})
	return alikes
}
