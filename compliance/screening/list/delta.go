package list

import "slices"

// Delta is what changed from one version of a list to the next.
type Delta struct {
	List string
	// Before and After count the entries.
	Before, After int
	// Added, Removed and Changed are ids, sorted. An entry is changed when
	// anything is that the list says of it, see Entry.Digest.
	Added, Removed, Changed []string
}

// Empty reports whether nothing changed.
func (d Delta) Empty() bool { return len(d.Added)+len(d.Removed)+len(d.Changed) == 0 }

// Compare tells what changed between two versions of a list.
func Compare(before, after List) Delta {
	d := Delta{List: after.Name, Before: len(before.Entries), After: len(after.Entries)}
	if d.List == "" {
		d.List = before.Name
	}
	had := make(map[string]string, len(before.Entries))
	for i := range before.Entries {
		had[before.Entries[i].ID] = before.Entries[i].Digest
	}
	for i := range after.Entries {
		e := &after.Entries[i]
		digest, ok := had[e.ID]
		switch {
		case !ok:
			d.Added = append(d.Added, e.ID)
		case digest != e.Digest:
			d.Changed = append(d.Changed, e.ID)
		}
		delete(had, e.ID)
	}
	for id := range had {
		d.Removed = append(d.Removed, id)
	}
	slices.Sort(d.Added)
	slices.Sort(d.Removed)
	slices.Sort(d.Changed)
	return d
}
