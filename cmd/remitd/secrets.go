package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/workflows"
)

// secrets are what one installation keeps to itself. They are made on first
// use and kept in a file that only its owner reads.
type secrets struct {
	// PayloadKey seals workflow histories; PickupKey derives pickup codes.
	PayloadKey []byte `json:"payload_key"`
	PickupKey  []byte `json:"pickup_key"`
	// BankAPIKey and BankCallbackSecret are shared with the sandbox provider.
	BankAPIKey         string `json:"bank_api_key"`
	BankCallbackSecret string `json:"bank_callback_secret"`
	// DemoAPIKey is the demo tenant's.
	DemoAPIKey string `json:"demo_api_key"`
	// ChainSeed makes the keys of the stand-in chains' issuers and partners.
	ChainSeed []byte `json:"chain_seed"`
}

const secretSize = 32

func loadSecrets(path string) (secrets, error) {
	s, err := readSecrets(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	random := func() []byte {
		b := make([]byte, secretSize)
		if _, err := rand.Read(b); err != nil {
			panic(err) // crypto/rand never errs on a working machine (Go 1.24).
		}
		return b
	}
	token := func() string { return base64.RawURLEncoding.EncodeToString(random()) }
	s = secrets{
		PayloadKey: random(), PickupKey: random(), BankAPIKey: token(),
		BankCallbackSecret: "whsec_" + base64.StdEncoding.EncodeToString(random()),
		DemoAPIKey:         "sk_dev_" + token(), ChainSeed: random(),
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return secrets{}, fmt.Errorf("encode secrets: %w", err)
	}
	if err := writeFileAtomic(path, text, 0o600); err != nil {
		return secrets{}, fmt.Errorf("keep secrets: %w", err)
	}
	return s, nil
}

// readSecrets reads the secrets of a development gateway that has run before.
// Errors: one that wraps fs.ErrNotExist when none has.
func readSecrets(path string) (secrets, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return secrets{}, fmt.Errorf("read the secrets of the data folder: %w", err)
	}
	var s secrets
	if err := json.Unmarshal(text, &s); err != nil {
		return secrets{}, fmt.Errorf("read secrets %s: %w", path, err)
	}
	return s, nil
}

// secondAPIKey is the key of the demo tenant's second officer.
func (s secrets) secondAPIKey() string {
	mac := hmac.New(sha256.New, []byte(s.DemoAPIKey))
	mac.Write([]byte("demo second officer"))
	return "sk_dev_" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// writeFileAtomic writes a file so that a crash leaves the old or the new one.
func writeFileAtomic(path string, content []byte, mode fs.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, writeErr := temporary.Write(content)
	err = errors.Join(writeErr, temporary.Chmod(mode), temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// pickupCode derives the code that a beneficiary shows for cash. It is never
// stored: whoever holds the key can derive it again, nobody else can guess it.
// Payout orders after the first have codes of their own, so that a code that was
// withdrawn opens nothing. Without a key there are no codes.
func (s secrets) pickupCode(r remit.Remittance, payout remit.RampOrderID) string {
	seed := string(r.ID)
	if payout != workflows.FirstPayout(r) {
		seed += "/" + string(payout)
	}
	coder, err := counter.NewCoder(s.PickupKey)
	if err != nil {
		return ""
	}
	return coder.Text(seed)
}
