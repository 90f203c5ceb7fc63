package screening

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/openremit/remit/compliance/screening/list"
)

//go:embed sample
var sampleFiles embed.FS

// Sample indexes the extract of real entries in sample/, see its README. It is
// for development and tests: it holds one entry in forty of a list of 2023. More
// lists are indexed with it.
func Sample(more ...list.Lists) (*Index, error) {
	folder, err := fs.Sub(sampleFiles, "sample")
	if err != nil {
		return nil, fmt.Errorf("open sample lists: %w", err)
	}
	lists, err := list.Read(folder)
	if err != nil {
		return nil, err
	}
	if lists, err = list.Join(append([]list.Lists{lists}, more...)...); err != nil {
		return nil, err
	}
	return FromLists(lists), nil
}
