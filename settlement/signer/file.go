package signer

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	fileMode = 0o600
	// maxFile bounds the key file, in bytes.
	maxFile = 1 << 20
)

// OpenFile makes a keyring of the seeds in a file, a JSON object of names and
// seeds in hex. A missing file is an empty keyring, and is made when Ensure adds
// the first key. A file that others can read or write is refused. One process
// at a time may use a file.
func OpenFile(path string) (*Keyring, error) {
	seeds, err := readSeeds(path)
	if err != nil {
		return nil, fmt.Errorf("open key file %s: %w", path, err)
	}
	k, err := NewKeyring(seeds)
	if err != nil {
		return nil, fmt.Errorf("open key file %s: %w", path, err)
	}
	k.save = func(seeds map[string][]byte) error { return writeSeeds(path, seeds) }
	return k, nil
}

func readSeeds(path string) (map[string][]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if others := info.Mode().Perm() & 0o077; others != 0 {
		return nil, fmt.Errorf("others than its owner have access to it (mode %04o); set mode %04o", info.Mode().Perm(), fileMode)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var named map[string]string
	if err := json.Unmarshal(text, &named); err != nil {
		return nil, errors.New("it is not a JSON object of names and seeds") // The cause may quote a seed.
	}
	seeds := make(map[string][]byte, len(named))
	for name, seed := range named {
		b, err := hex.DecodeString(seed)
		if err != nil || len(b) != ed25519.SeedSize {
			return nil, fmt.Errorf("the seed of key %q is not %d bytes in hex", name, ed25519.SeedSize)
		}
		seeds[name] = b
	}
	return seeds, nil
}

// writeSeeds replaces the file at once, and only after the new one is on disk.
func writeSeeds(path string, seeds map[string][]byte) (err error) {
	named := make(map[string]string, len(seeds))
	for name, seed := range seeds {
		named[name] = hex.EncodeToString(seed)
	}
	text, err := json.MarshalIndent(named, "", "\t")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // Made with mode 0600.
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil // The keys are in place; only the directory could not be synced.
	}
	return errors.Join(dir.Sync(), dir.Close())
}
