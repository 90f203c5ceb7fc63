package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Vault keeps the master key that wraps data keys. A data key seals what
// belongs to one person; without the vault, or without its wrapped key, what
// it sealed cannot be read.
type Vault interface {
	// Seal wraps a data key. owner is whose it is, and must be given again to
	// open it. Errors: unavailable.
	Seal(ctx context.Context, dataKey []byte, owner string) (wrapped []byte, err error)
	// Open unwraps a data key. Errors: unavailable; internal when it was not
	// wrapped by this vault for this owner.
	Open(ctx context.Context, wrapped []byte, owner string) (dataKey []byte, err error)
}

// keySize is the size of master and data keys, in bytes: AES-256.
const keySize = 32

// FileVault is a vault whose master key is in a file.
type FileVault struct{ master tink.AEAD }

// The first line of a key file says what it is.
const keyFileHeader = "remit vault key v1"

// NewFileVault reads the master key from a file, and makes one on first use:
// readable by its owner only. It refuses a file that others may read.
func NewFileVault(path string) (*FileVault, error) {
	key, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeyFile(path); err != nil {
			return nil, err
		}
		key, err = readKeyFile(path)
	}
	if err != nil {
		return nil, err
	}
	master, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("use the vault's key: %w", err)
	}
	return &FileVault{master: master}, nil
}

func readKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the vault's key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("vault key %s can be read by others (mode %04o): set it to 0600", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the vault's key: %w", err)
	}
	header, body, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	key, err := hex.DecodeString(strings.TrimSpace(body))
	if header != keyFileHeader || err != nil || len(key) != keySize {
		return nil, fmt.Errorf("vault key %s is not a %q file", path, keyFileHeader)
	}
	return key, nil
}

// makeKeyFile writes a fresh key whole or not at all. When two processes do so
// at once the first one's key stays.
func makeKeyFile(path string) error {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("make the vault's key: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".vault-*") // CreateTemp makes it 0600.
	if err != nil {
		return fmt.Errorf("make the vault's key: %w", err)
	}
	_, err = fmt.Fprintf(file, "%s\n%s\n", keyFileHeader, hex.EncodeToString(key))
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		if err = os.Link(file.Name(), path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err = errors.Join(err, os.Remove(file.Name())); err != nil {
		return fmt.Errorf("make the vault's key: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync the vault's folder: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("sync the vault's folder: %w", err)
	}
	return nil
}

// Seal wraps a data key with the master key.
func (v *FileVault) Seal(_ context.Context, dataKey []byte, owner string) ([]byte, error) {
	wrapped, err := v.master.Encrypt(dataKey, []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("wrap the data key of %s: %w", owner, err)
	}
	return wrapped, nil
}

// Open unwraps a data key.
func (v *FileVault) Open(_ context.Context, wrapped []byte, owner string) ([]byte, error) {
	key, err := v.master.Decrypt(wrapped, []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("unwrap the data key of %s: %w", owner, err)
	}
	return key, nil
}
