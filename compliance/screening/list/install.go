package list

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// add notes a list and its files.
func (m *manifest) add(folder string, l List, source string, limits Limits) error {
	m.Lists[l.Name] = listState{Version: l.Version, Entries: len(l.Entries), Dated: l.Dated.String(), Source: source}
	for _, name := range l.Files {
		f := &file{folder: os.DirFS(folder), path: name, limits: limits}
		in, err := f.open()
		if err != nil {
			return err
		}
		err = in.done()
		in.close()
		if err != nil {
			return err
		}
		m.Files[name] = hex.EncodeToString(f.sum[:])
	}
	return nil
}

// retain copies the files of a list in force into the folder.
func (u *updating) retain(list, folder string, m *manifest) error {
	before, ok := u.before.Get(list)
	if !ok {
		return nil
	}
	for _, name := range before.Files {
		in, err := os.Open(filepath.Join(u.dir, u.beforeFolder, name))
		if err != nil {
			return err
		}
		_, err = writeFile(filepath.Join(folder, filepath.Base(name)), in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return m.add(folder, before, list, u.Limits)
}

// retainOthers retains the lists in force that have no source.
func (u *updating) retainOthers(folder string, m *manifest) error {
	for _, l := range u.before.Lists {
		sourced := slices.ContainsFunc(u.Sources, func(s Source) bool { return s.List == l.Name })
		if sourced || slices.Contains(u.MayShrink, l.Name) {
			continue
		}
		if err := u.retain(l.Name, folder, m); err != nil {
			return err
		}
	}
	return nil
}

// differs reports whether the folder in force has other lists than the manifest.
func (u *updating) differs(m *manifest) bool {
	now := u.before.Versions()
	if len(now) != len(m.Lists) {
		return true
	}
	for name, state := range m.Lists {
		if now[name] != state.Version {
			return true
		}
	}
	return false
}

// install puts a folder in force.
func (u *updating) install(folder string, m *manifest, result *Updated) error {
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	if _, err := writeFile(filepath.Join(folder, manifestName), bytes.NewReader(append(text, '\n'))); err != nil {
		return err
	}
	// What other processes will read, and no list by itself, is what must be right.
	lists, err := Read(os.DirFS(folder), WithLimits(u.Limits))
	if err != nil {
		return fmt.Errorf("read what was put together: %w", err)
	}
	if err := syncFolder(folder); err != nil {
		return err
	}
	if err := u.at("rename"); err != nil {
		return err
	}
	name := u.folderName(lists)
	if err := os.Rename(folder, filepath.Join(u.dir, name)); err != nil {
		return err
	}
	if err := syncFolder(u.dir); err != nil {
		return err
	}
	if err := u.at("switch"); err != nil {
		return err
	}
	if err := u.switchTo(name); err != nil {
		return err
	}
	result.Changed, result.Folder, result.Lists = true, name, lists
	if err := u.at("prune"); err != nil {
		return err
	}
	return u.prune(name)
}

// folderTime is how folders are named by time; the names sort by it.
const folderTime = "20060102T150405.000000Z"

func (u *updating) folderName(lists Lists) string {
	var versions strings.Builder
	for _, l := range lists.Lists {
		versions.WriteString(l.Version)
	}
	sum := sha256.Sum256([]byte(versions.String()))
	return folderPrefix + u.Clock.Now().UTC().Format(folderTime) + "-" + hex.EncodeToString(sum[:4])
}

// switchTo replaces CURRENT.
func (u *updating) switchTo(name string) (err error) {
	file, err := os.CreateTemp(u.dir, "new-"+currentName+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && !u.crashed {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.WriteString(name + "\n")
	if err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := u.at("current"); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), filepath.Join(u.dir, currentName)); err != nil {
		return err
	}
	return syncFolder(u.dir)
}

// leftover is how old what a crash has left must be before it is removed: older
// than any update takes.
const leftover = 24 * time.Hour

// prune removes the oldest folders and what crashes have left.
func (u *updating) prune(inForce string) error {
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return err
	}
	var folders []string
	for _, e := range entries {
		switch {
		case e.IsDir() && strings.HasPrefix(e.Name(), folderPrefix):
			folders = append(folders, e.Name())
		case strings.HasPrefix(e.Name(), "new-"):
			if err := u.pruneLeftover(e); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(folders, func(a, b string) int { return strings.Compare(folderAge(a), folderAge(b)) })
	for _, name := range folders[:max(0, len(folders)-u.Keep)] {
		if name == inForce || name == u.beforeFolder {
			continue
		}
		if err := os.RemoveAll(filepath.Join(u.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (u *updating) pruneLeftover(e fs.DirEntry) error {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // Another update has just finished.
	}
	if err != nil {
		return err
	}
	if u.Clock.Now().Sub(info.ModTime()) < leftover {
		return nil
	}
	return os.RemoveAll(filepath.Join(u.dir, e.Name()))
}

// folderAge sorts folders that were not named by time before all others.
func folderAge(name string) string {
	rest := strings.TrimPrefix(name, folderPrefix)
	stamp, _, ok := strings.Cut(rest, "-")
	if _, err := time.Parse(folderTime, stamp); !ok || err != nil {
		return ""
	}
	return rest
}

// writeFile writes a file and syncs it to the disk.
func writeFile(name string, from io.Reader) (size int64, err error) {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	size, err = io.Copy(out, from)
	return size, errors.Join(err, out.Sync(), out.Close())
}

// syncFolder makes what was renamed into a folder last.
func syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil // It has no such thing.
	}
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
