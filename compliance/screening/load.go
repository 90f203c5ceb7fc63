package screening

import (
	"io/fs"

	"github.com/openremit/remit/compliance/screening/list"
)

// Load reads the list files of a folder and of those in it, see list.Read, and
// indexes them. The folder may be one that Lists.Update keeps. Errors: those of
// list.Read; a folder without lists gives one that wraps fs.ErrNotExist.
func Load(folder fs.FS, options ...list.Option) (*Index, error) {
	lists, err := list.Read(folder, options...)
	if err != nil {
		return nil, err
	}
	return FromLists(lists), nil
}

// FromLists indexes lists that were read.
func FromLists(lists list.Lists) *Index {
	var all []list.Entry
	for _, one := range lists.Lists {
		all = append(all, one.Entries...)
	}
	x := NewIndex(all)
	x.versions = lists.Versions()
	for _, w := range lists.Warnings {
		x.warnings = append(x.warnings, w.File+": "+w.Reason)
	}
	return x
}
