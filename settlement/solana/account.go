package solana

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
)

// Layout of the accounts of both token programs (spl-token state.rs). A
// Token-2022 account goes on after accountSize with its kind and extensions.
const (
	accountSize   = 165
	ownerAt       = 32
	amountAt      = 64
	stateAt       = 108
	stateFrozen   = 2
	mintSize      = 82
	decimalsAt    = 44
	initializedAt = 45
	kindAt        = 165
	extensionsAt  = 166
	kindMint      = 1
	kindAccount   = 2
)

// Extensions of Token-2022 that change how a payment is made (extension/mod.rs).
const (
	extTransferFee  = 1
	extMemoTransfer = 8
	extTransferHook = 14
)

// tokenAccount is a token account as the chain has it.
type tokenAccount struct {
	mint, owner solana.PublicKey
	amount      uint64
	frozen      bool
	// wantsMemo says that the account takes a transfer only right after a memo.
	wantsMemo bool
}

// readTokenAccount reads an account that belongs to a token program, and says
// whether it is a token account at all.
func readTokenAccount(a *rpc.Account, program solana.PublicKey) (tokenAccount, bool) {
	if a == nil || a.Owner != program || a.Data == nil {
		return tokenAccount{}, false
	}
	data := a.Data.GetBinary()
	isAccount := len(data) == accountSize || (len(data) > kindAt && data[kindAt] == kindAccount)
	if !isAccount || data[stateAt] == 0 {
		return tokenAccount{}, false
	}
	memo := extension(data, extMemoTransfer)
	return tokenAccount{
		mint: solana.PublicKeyFromBytes(data[:ownerAt]), owner: solana.PublicKeyFromBytes(data[ownerAt:amountAt]),
		amount: binary.LittleEndian.Uint64(data[amountAt:]), frozen: data[stateAt] == stateFrozen,
		wantsMemo: len(memo) > 0 && memo[0] == 1,
	}, true
}

// extension finds an extension's value in the data of a Token-2022 account or
// mint; nil when it is not there.
func extension(data []byte, kind uint16) []byte {
	for at := extensionsAt; at+4 <= len(data); {
		found, size := binary.LittleEndian.Uint16(data[at:]), int(binary.LittleEndian.Uint16(data[at+2:]))
		if at += 4; at+size > len(data) {
			return nil
		}
		if found == kind {
			return data[at : at+size]
		}
		at += size
	}
	return nil
}

// checkMint checks once that the token is what the rail was made for.
func (r *Rail) checkMint(ctx context.Context) error {
	r.mu.Lock()
	good := r.mintGood
	r.mu.Unlock()
	if good {
		return nil
	}
	a, err := r.accounts(ctx, "read mint", r.mint)
	if err != nil {
		return err
	}
	if err := r.judgeMint(a[0]); err != nil {
		return remit.Wrap(err, remit.KindPrecondition, remit.ReasonRailUnavailable, "the mint of the Solana rail cannot be used")
	}
	r.mu.Lock()
	r.mintGood = true
	r.mu.Unlock()
	return nil
}

func (r *Rail) judgeMint(a *rpc.Account) error {
	if a == nil {
		return fmt.Errorf("there is no account %s", r.mint)
	}
	if a.Owner != r.program {
		return fmt.Errorf("%s belongs to program %s, not to %s", r.mint, a.Owner, r.program)
	}
	data := a.Data.GetBinary()
	isMint := len(data) == mintSize || (len(data) > kindAt && data[kindAt] == kindMint)
	if !isMint || data[initializedAt] != 1 {
		return fmt.Errorf("%s is no mint", r.mint)
	}
	if data[decimalsAt] != r.asset().Scale {
		return fmt.Errorf("%s has %d decimals, want %d", r.mint, data[decimalsAt], r.asset().Scale)
	}
	if hook := extension(data, extTransferHook); len(hook) >= 64 && solana.PublicKeyFromBytes(hook[32:64]) != (solana.PublicKey{}) {
		return errors.New("its transfer hook needs accounts that the rail does not give")
	}
	// TransferFeeConfig ends with two fees of epoch, maximum and basis points.
	if fee := extension(data, extTransferFee); len(fee) >= 108 &&
		(binary.LittleEndian.Uint16(fee[88:]) != 0 || binary.LittleEndian.Uint16(fee[106:]) != 0) {
		return errors.New("it takes a fee from transfers, so that less would arrive than was ordered")
	}
	return nil
}

// accounts reads accounts as of the rail's commitment; nil where there is none.
func (r *Rail) accounts(ctx context.Context, doing string, keys ...solana.PublicKey) ([]*rpc.Account, error) {
	out, err := ask(ctx, r, doing, func(ctx context.Context, n *node) (*rpc.GetMultipleAccountsResult, error) {
		return n.GetMultipleAccountsWithOpts(ctx, keys, &rpc.GetMultipleAccountsOpts{
			Encoding: solana.EncodingBase64, Commitment: r.commitment,
		})
	})
	if err != nil {
		return nil, err
	}
	if len(out.Value) != len(keys) {
		return nil, remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable,
			"Solana cannot be used now: a node answered %d of %d accounts", len(out.Value), len(keys))
	}
	return out.Value, nil
}
