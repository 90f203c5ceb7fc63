package solana

import (
	"context"
	"encoding/binary"
	"slices"

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

// Extensions of Token-2022, by number (extension/mod.rs).
const (
	extTransferFee          = 1
	extMintCloseAuthority   = 3
	extConfidentialMint     = 4
	extConfidentialAccount  = 5
	extDefaultState         = 6
	extMemoTransfer         = 8
	extNonTransferable      = 9
	extInterestBearing      = 10
	extPermanentDelegate    = 12
	extTransferHook         = 14
	extConfidentialFee      = 16
	extMetadataPointer      = 18
	extMetadata             = 19
	extGroupPointer         = 20
	extGroup                = 21
	extMemberPointer        = 22
	extMember               = 23
	extConfidentialMintBurn = 24
	extScaledAmount         = 25
	extPausable             = 26
)

// Layout of the extensions that matter. TransferFeeConfig ends with two fees of
// epoch, most and basis points; ConfidentialTransferAccount has, after keys and
// ciphertexts, a byte that says whether it also takes plain transfers.
const (
	feeConfigSize  = 108
	olderFeeAt     = 72
	newerFeeAt     = 90
	pausableSize   = 33
	plainCreditsAt = 262
)

// tokenAccount is a token account as the chain has it.
type tokenAccount struct {
	mint, owner solana.PublicKey
	amount      uint64
	frozen      bool
	// wantsMemo says that the account takes a transfer only right after a memo;
	// hiddenOnly that it takes none whose amount can be seen.
	wantsMemo, hiddenOnly bool
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
	extended := extensions(data)
	memo, confidential := extended[extMemoTransfer], extended[extConfidentialAccount]
	return tokenAccount{
		mint: solana.PublicKeyFromBytes(data[:ownerAt]), owner: solana.PublicKeyFromBytes(data[ownerAt:amountAt]),
		amount: binary.LittleEndian.Uint64(data[amountAt:]), frozen: data[stateAt] == stateFrozen,
		wantsMemo: len(memo) > 0 && memo[0] == 1, hiddenOnly: len(confidential) > plainCreditsAt && confidential[plainCreditsAt] == 0,
	}, true
}

// extensions reads the extensions of a Token-2022 account or mint, by number.
func extensions(data []byte) map[uint16][]byte {
	out := make(map[uint16][]byte)
	for at := extensionsAt; at+4 <= len(data); {
		kind, size := binary.LittleEndian.Uint16(data[at:]), int(binary.LittleEndian.Uint16(data[at+2:]))
		if at += 4; kind == 0 || at+size > len(data) {
			break
		}
		out[kind] = data[at : at+size]
		at += size
	}
	return out
}

// maxAccounts is the most accounts that one call reads.
const maxAccounts = 100

// accounts reads accounts as of the rail's commitment; nil where there is none.
func (r *Rail) accounts(ctx context.Context, doing string, keys ...solana.PublicKey) ([]*rpc.Account, error) {
	found := make([]*rpc.Account, 0, len(keys))
	for part := range slices.Chunk(keys, maxAccounts) {
		out, err := ask(ctx, r, doing, func(ctx context.Context, n *node) (*rpc.GetMultipleAccountsResult, error) {
			return n.GetMultipleAccountsWithOpts(ctx, part, &rpc.GetMultipleAccountsOpts{
				Encoding: solana.EncodingBase64, Commitment: r.commitment,
			})
		})
		if err != nil {
			return nil, err
		}
		if len(out.Value) != len(part) {
			return nil, remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable,
				"Solana cannot be used now: a node answered %d of %d accounts", len(out.Value), len(part))
		}
		found = append(found, out.Value...)
	}
	return found, nil
}
