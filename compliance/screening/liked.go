package screening

import "sync"

// maxLiked bounds the words whose likenesses are kept.
const maxLiked = 20_000

// liked keeps which listed words a word is like: given names come again and
// again, and the index never changes. When full it starts afresh.
type liked struct {
	mu    sync.RWMutex
	found map[word]map[int32]int
}

func (l *liked) get(w word) (map[int32]int, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	found, ok := l.found[w]
	return found, ok
}

// put keeps a likeness; nobody may change it afterwards.
func (l *liked) put(w word, found map[int32]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.found == nil || len(l.found) >= maxLiked {
		l.found = map[word]map[int32]int{}
	}
	l.found[w] = found
}
