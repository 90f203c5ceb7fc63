package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// listsKnown is what there is to say of the lists beside their versions: what a
// person must see to, and what the last change of each was. It is safe for
// concurrent use and a prometheus.Collector.
type listsKnown struct {
	log *slog.Logger
	// path keeps the changes across restarts.
	path string

	mu sync.Mutex
	// troubles are by the list; those of the whole folder by the empty name.
	troubles map[string]api.ListTrouble
	// doubts are those of the lists in force.
	doubts  []api.ListTrouble
	changes map[string]api.ListChange
}

// open reads the changes that were kept.
func (k *listsKnown) open(path string, log *slog.Logger) error {
	k.path, k.log = path, log
	k.troubles, k.changes = make(map[string]api.ListTrouble), make(map[string]api.ListChange)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, &k.changes)
	}
	if err != nil {
		return fmt.Errorf("read the changes of the lists: %w", err)
	}
	return nil
}

// keep writes the changes down. Trouble with that is logged: they are for people
// to look at, and screening does not wait for it.
func (k *listsKnown) keep() {
	text, err := json.Marshal(k.changes)
	if err == nil {
		err = os.WriteFile(k.path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(k.path+".new", k.path)
	}
	if err != nil {
		k.log.Error("the changes of the lists are not kept", "err", err)
	}
}

// trouble notes what a person must see to, until it is settled.
func (k *listsKnown) trouble(t api.ListTrouble) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.troubles[t.List] = t
}

// settle takes back the trouble with a list, or with the folder.
func (k *listsKnown) settle(list string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.troubles, list)
}

// taken notes that the lists in force are others than before, what is in doubt
// about them and how they differ. before is nil at the start.
func (l *sanctionsLists) taken(ctx context.Context, before *screening.Index) {
	now, index := l.clock.Now(), l.Index()
	l.readAt.Store(now.UnixMicro())
	k := &l.known
	k.mu.Lock()
	defer k.mu.Unlock()
	k.doubts = nil
	for _, warning := range index.Warnings() {
		file, reason, _ := strings.Cut(warning, ": ")
		k.log.WarnContext(ctx, "a list in force may not be whole", "file", file, "why", reason)
		k.doubts = append(k.doubts, api.ListTrouble{List: file, Kind: api.ListDoubtful, Message: reason, At: now})
	}
	if before == nil {
		return
	}
	changes := screening.Changes(before, index)
	for _, c := range changes {
		told := api.ListChange{
			List: c.List, FromVersion: c.From, ToVersion: c.To, Before: c.Before, After: c.After,
			Added: len(c.Added), Removed: len(c.Removed), Changed: len(c.Changed), At: now,
		}
		for _, kind := range []struct {
			change string
			ids    []string
		}{{"added", c.Added}, {"removed", c.Removed}, {"changed", c.Changed}} {
			for _, id := range c.Told(kind.ids) {
				told.Entries = append(told.Entries, api.ListedEntry{ID: id, Name: c.Names[id], Change: kind.change})
			}
		}
		k.changes[c.List] = told
	}
	if len(changes) > 0 {
		k.keep()
	}
}

// observe notes what an update did with one list.
func (l *sanctionsLists) observe(ctx context.Context, o list.Outcome) {
	if o.Err == nil {
		l.known.settle(o.List)
		return
	}
	kind := api.ListUnreachable
	if o.Result == "refused" {
		kind = api.ListRefused
	}
	l.known.log.ErrorContext(ctx, "a list was not updated and stays as it was", "list", o.List, "result", o.Result, "err", o.Err)
	l.known.trouble(api.ListTrouble{List: o.List, Kind: kind, Message: o.Err.Error(), At: l.clock.Now()})
}

// news tells what there is to say of the lists beside their versions.
func (l *sanctionsLists) news() api.ListsNews {
	k := &l.known
	k.mu.Lock()
	defer k.mu.Unlock()
	var n api.ListsNews
	for _, t := range k.troubles {
		n.Troubles = append(n.Troubles, t)
	}
	slices.SortFunc(n.Troubles, func(a, b api.ListTrouble) int { return strings.Compare(a.List, b.List) })
	n.Troubles = append(n.Troubles, k.doubts...)
	for _, c := range k.changes {
		n.Changes = append(n.Changes, c)
	}
	slices.SortFunc(n.Changes, func(a, b api.ListChange) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.List, b.List)) })
	return n
}

var listTroubles = prometheus.NewDesc("remit_lists_trouble", "Lists that a person must see to, by kind: refused, unreachable or doubtful.", []string{"kind"}, nil)

// Describe implements prometheus.Collector.
func (k *listsKnown) Describe(ch chan<- *prometheus.Desc) { ch <- listTroubles }

// Collect counts the troubles by kind.
func (k *listsKnown) Collect(ch chan<- prometheus.Metric) {
	k.mu.Lock()
	defer k.mu.Unlock()
	count := map[string]int{api.ListRefused: 0, api.ListUnreachable: 0, api.ListDoubtful: len(k.doubts)}
	for _, t := range k.troubles {
		count[t.Kind]++
	}
	for kind, n := range count {
		ch <- prometheus.MustNewConstMetric(listTroubles, prometheus.GaugeValue, float64(n), kind) //nolint:nofloat // a gauge takes nothing else, and nothing is calculated with it
	}
}
