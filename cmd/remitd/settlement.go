package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openremit/remit"
)

const (
	// settlementFile is looked for in the data folder.
	settlementFile = "settlement.yaml"
	// builtIn is what messages call the configuration of this program.
	builtIn = "built-in settlement configuration"
	// sandboxOffRamp is the payment company that pays out here.
	sandboxOffRamp = "sandbox"
)

// networkFlags choose among what is built in; a file says it itself.
var networkFlags = []string{"stellar", "stellar-backend", "solana"}

// loadSettlement reads how to settle: from the file that is named, or else the
// one in the data folder, or else what is built in, of which the flags choose
// the networks.
func (o devOptions) loadSettlement() (*settlementConfig, error) {
	path := o.settlementPath
	if path == "" {
		path = filepath.Join(o.dir, settlementFile)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && o.settlementPath == "" {
		return o.builtInSettlement()
	}
	if err != nil {
		return nil, fmt.Errorf("read the settlement configuration: %w", err)
	}
	if len(o.given) > 0 {
		return nil, remit.Invalid(o.given[0], remit.ReasonFieldInvalid, "--%s chooses among what is built in, and %s is used: say it there", o.given[0], path)
	}
	return parseSettlement(path, text)
}

// builtInSettlement is each rail as built in for the network that its flag names.
func (o devOptions) builtInSettlement() (*settlementConfig, error) {
	dev, err := parseSettlement(builtIn, standInSettlement)
	if err != nil {
		return nil, err
	}
	test, err := parseSettlement(builtIn, testnetSettlement)
	if err != nil {
		return nil, err
	}
	switch o.stellar {
	case "devnet":
	case "testnet":
		dev.Stellar = test.Stellar
	default:
		return nil, remit.Invalid("stellar", remit.ReasonFieldInvalid, "--stellar is devnet or testnet, not %q", o.stellar)
	}
	switch o.stellarBackend {
	case "horizon":
	case "rpc":
		dev.Stellar.Backend = "rpc"
		dev.Stellar.Endpoints = stellarNetworks[dev.Stellar.Network].rpc
	default:
		return nil, remit.Invalid("stellar-backend", remit.ReasonFieldInvalid, "--stellar-backend is horizon or rpc, not %q", o.stellarBackend)
	}
	switch o.solana {
	case "standin":
	case solanaClusterOfTest:
		dev.Solana = test.Solana
	default:
		return nil, remit.Invalid("solana", remit.ReasonFieldInvalid, "--solana is standin or devnet, not %q", o.solana)
	}
	return dev, nil
}
