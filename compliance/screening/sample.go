package screening

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed sample
var sampleFiles embed.FS

// Sample indexes the extract of real entries in sample/, see its README. It is
// for development and tests: it holds one entry in forty of a list of 2023.
func Sample() (*Index, error) {
	folder, err := fs.Sub(sampleFiles, "sample")
	if err != nil {
		return nil, fmt.Errorf("open sample lists: %w", err)
	}
	return Load(folder)
}
