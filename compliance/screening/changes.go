package screening

import (
	"maps"
	"slices"

	"github.com/openremit/remit/compliance/screening/list"
)

// mostTold is how many entries of each kind a change names.
const mostTold = 20

// Change is what changed from one version of a list to the next.
type Change struct {
	list.Delta
	// From and To are the versions; empty where the list is new, or gone.
	From, To string
	// Names are the first names of the entries that are told, by id.
	Names map[string]string
}

// Told returns the first ids of a kind of change, which Names names.
func (Change) Told(ids []string) []string { return ids[:min(len(ids), mostTold)] }

// Changes tells what changed from one index to the next, by list. Before may be nil.
func Changes(before, after *Index) []Change {
	if before == nil {
		before = &Index{}
	}
	had, has := before.lists(), after.lists()
	var out []Change
	for _, name := range slices.Sorted(maps.Keys(merged(before.versions, after.versions))) {
		from, to := before.versions[name], after.versions[name]
		if from == to {
			continue
		}
		c := Change{Delta: list.Compare(list.List{Name: name, Entries: had[name]}, list.List{Name: name, Entries: has[name]}), From: from, To: to}
		wanted := make(map[string]bool)
		for _, ids := range [][]string{c.Added, c.Removed, c.Changed} {
			for _, id := range c.Told(ids) {
				wanted[id] = true
			}
		}
		c.Names = make(map[string]string, len(wanted))
		for _, entries := range [][]list.Entry{had[name], has[name]} {
			for i := range entries {
				if wanted[entries[i].ID] && len(entries[i].Names) > 0 {
					c.Names[entries[i].ID] = entries[i].Names[0].Text
				}
			}
		}
		out = append(out, c)
	}
	return out
}

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	if out == nil {
		out = make(map[string]string, len(b))
	}
	maps.Copy(out, b)
	return out
}

// lists are the entries by list.
func (x *Index) lists() map[string][]list.Entry {
	out := make(map[string][]list.Entry, len(x.versions))
	for i := range x.entries {
		out[x.entries[i].List] = append(out[x.entries[i].List], x.entries[i])
	}
	return out
}
