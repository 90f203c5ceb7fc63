package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// listFetchTimeout bounds the fetching of one list file.
const listFetchTimeout = 5 * time.Minute

// sanctionsLists are the lists in force, kept in a folder. It implements api.ListUpdater.
type sanctionsLists struct {
	*screening.Lists
	dir   string
	fetch list.Fetch
	clock remit.Clock
	// readAt is when the lists in force were read, in microseconds since 1970.
	readAt atomic.Int64
	// known is what there is to say of them beside their versions.
	known listsKnown
}

// sampleInForce is said while no lists were fetched yet.
const sampleInForce = "This is the sample that comes with the gateway, one entry in forty of a list of 2023: for trying things out, never for real money."

// openLists takes the lists of the folder, or the shipped sample, as sampled
// returns it, where none were fetched yet.
func openLists(ctx context.Context, dir string, sampled func() (*screening.Index, error), clock remit.Clock, log *slog.Logger) (*sanctionsLists, error) {
	index, err := screening.Load(os.DirFS(dir))
	sample := errors.Is(err, fs.ErrNotExist)
	if sample {
		index, err = sampled()
	}
	if err != nil {
		return nil, fmt.Errorf("load sanctions lists: %w", err)
	}
	lists := &sanctionsLists{
		Lists: screening.NewLists(index), dir: dir, clock: clock,
		fetch: list.FetchHTTP(&http.Client{Timeout: listFetchTimeout}, list.OfficialSources()),
	}
	if err := lists.known.open(dir+"-changes.json", log); err != nil {
		return nil, err
	}
	if sample {
		lists.readAt.Store(clock.Now().UnixMicro())
		lists.known.doubts = []api.ListTrouble{{Kind: api.ListDoubtful, Message: sampleInForce, At: clock.Now()}}
		return lists, nil
	}
	lists.taken(ctx, nil)
	return lists, nil
}

// UpdateLists fetches the official lists and puts them in force.
func (l *sanctionsLists) UpdateLists(ctx context.Context) ([]api.ScreeningList, error) {
	before := l.Index()
	_, err := l.Update(ctx, l.dir, l.fetch, list.Settings{Clock: l.clock, Observe: func(o list.Outcome) { l.observe(ctx, o) }})
	if l.Index() != before {
		l.taken(ctx, before)
	}
	if err != nil {
		return nil, remit.Wrap(err, remit.KindUnavailable, remit.ReasonScreeningDown,
			"the lists were not updated and those in force stay; try again later, the log has the cause")
	}
	l.readAt.Store(l.clock.Now().UnixMicro())
	l.known.settle("")
	return l.inForce(), nil
}

// inForce tells the lists in force, by name.
func (l *sanctionsLists) inForce() []api.ScreeningList {
	counts := l.Counts()
	lists := make([]api.ScreeningList, 0, len(counts))
	for name, version := range l.Versions() {
		lists = append(lists, api.ScreeningList{Name: name, Version: version, Entries: counts[name], UpdatedAt: time.UnixMicro(l.readAt.Load()).UTC()})
	}
	slices.SortFunc(lists, func(a, b api.ScreeningList) int { return strings.Compare(a.Name, b.Name) })
	return lists
}
