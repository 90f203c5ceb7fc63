package screening

import (
	"context"
	"io/fs"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening/list"
)

// Lists holds the index in force. It is safe for concurrent use: a query is
// answered wholly from one index.
type Lists struct {
	index    atomic.Pointer[Index]
	updating sync.Mutex
}

var _ compliance.Screener = (*Lists)(nil)

// NewLists holds an index until an update replaces it.
func NewLists(index *Index) *Lists {
	l := &Lists{}
	l.index.Store(index)
	return l
}

// Index returns the index in force, nil when there is none.
func (l *Lists) Index() *Index { return l.index.Load() }

// Screen answers queries from the index in force, see compliance.Screener.
func (l *Lists) Screen(ctx context.Context, queries ...compliance.ScreenQuery) (compliance.Screening, error) {
	index := l.index.Load()
	if index == nil {
		return compliance.Screening{}, remit.Errorf(remit.KindUnavailable, remit.ReasonScreeningDown, "no list is loaded")
	}
	return index.Screen(ctx, queries...)
}

// Versions names the state of each list in force.
func (l *Lists) Versions() map[string]string {
	index := l.index.Load()
	if index == nil {
		return map[string]string{}
	}
	return index.Versions()
}

// Counts returns how many entries each list in force has.
func (l *Lists) Counts() map[string]int {
	index := l.index.Load()
	if index == nil {
		return map[string]int{}
	}
	return index.Counts()
}

// Reload takes the lists of a folder into use, such as one that another process
// updated. With an error the old ones stay. It reports whether anything changed.
func (l *Lists) Reload(folder fs.FS) (changed bool, err error) {
	l.updating.Lock()
	defer l.updating.Unlock()
	index, err := Load(folder)
	if err != nil {
		return false, err
	}
	return l.take(index), nil
}

func (l *Lists) take(index *Index) bool {
	old := l.index.Swap(index)
	return old == nil || !maps.Equal(old.versions, index.versions)
}

// Update fetches lists into dir, checks them, and takes those into use that
// passed, see list.Update. With an error those that did not pass are as they
// were; changed reports whether others are in force than before.
func (l *Lists) Update(ctx context.Context, dir string, fetch list.Fetch, settings list.Settings) (changed bool, err error) {
	l.updating.Lock()
	defer l.updating.Unlock()
	updated, err := list.Update(ctx, dir, fetch, settings)
	if len(updated.Lists.Lists) == 0 {
		return false, err
	}
	old := l.index.Load()
	if old != nil && maps.Equal(old.versions, updated.Lists.Versions()) {
		return false, err
	}
	return l.take(FromLists(updated.Lists)), err
}
