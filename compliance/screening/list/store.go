package list

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// currentName is the file that names the folder in force. It is replaced by
	// a rename, so that a crash leaves either the old or the new one in force.
	currentName = "CURRENT"
	// manifestName is the file that tells what a folder must hold.
	manifestName = "MANIFEST.json"
	// folderPrefix begins the names of folders of lists.
	folderPrefix = "lists-"
)

// manifest says of a stored folder what it holds.
type manifest struct {
	// Files maps the name of each file to the SHA-256 of its content, decompressed, in hex.
	Files map[string]string `json:"files"`
	// Lists maps the name of each list to what it is.
	Lists map[string]listState `json:"lists"`
}

// listState is what a manifest says of a list.
type listState struct {
	Version string `json:"version"`
	Entries int    `json:"entries"`
	Dated   string `json:"dated,omitempty"`
	// Source is which source of an update the list came from.
	Source string `json:"source"`
}

// Current returns the folder in force below dir, where Update puts lists. It
// returns an error that wraps fs.ErrNotExist when there is none.
func Current(dir string) (fs.FS, error) {
	name, err := currentFolder(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("open lists in force: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
		return nil, fmt.Errorf("open lists in force: %w", err)
	}
	return os.DirFS(filepath.Join(dir, name)), nil
}

// currentFolder reads CURRENT.
func currentFolder(folder fs.FS) (string, error) {
	text, err := fs.ReadFile(folder, currentName)
	if err != nil {
		return "", err
	}
	name := string(bytes.TrimSpace(text))
	if !strings.HasPrefix(name, folderPrefix) || !fs.ValidPath(name) || strings.ContainsAny(name, `/\`) {
		return "", &FileError{File: currentName, Line: 1, Reason: "it does not name a folder of lists"}
	}
	return name, nil
}

// follow returns the folder that CURRENT names, or the folder itself when it
// has no such file.
func follow(folder fs.FS) (fs.FS, error) {
	name, err := currentFolder(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return folder, nil
	}
	if err != nil {
		return nil, err
	}
	return fs.Sub(folder, name)
}

func readManifest(folder fs.FS) (*manifest, error) {
	text, err := fs.ReadFile(folder, manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, &FileError{File: manifestName, Reason: "it is no proper JSON", Err: err}
	}
	return m, nil
}

// checkManifest compares the files that were read with the manifest, if there is one.
func (r *reading) checkManifest() error {
	m, err := readManifest(r.folder)
	if m == nil || err != nil {
		return err
	}
	seen := 0
	for _, f := range r.read {
		want, ok := m.Files[f.path]
		if !ok {
			return f.errorf(0, "the manifest does not have it")
		}
		if want != hex.EncodeToString(f.sum[:]) {
			return f.errorf(0, "its content is not what the manifest says")
		}
		seen++
	}
	if seen != len(m.Files) {
		return &FileError{File: manifestName, Reason: fmt.Sprintf("it names %d files and %d are there", len(m.Files), seen)}
	}
	return nil
}
