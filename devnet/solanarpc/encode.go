package solanarpc

import (
	"strconv"

	"github.com/gagliardetto/solana-go"
)

// encodeMessage writes a transaction field by field.
func encodeMessage(tx *transaction, parsed bool) any {
	sigs := make([]string, len(tx.sigs))
	for i, s := range tx.sigs {
		sigs[i] = s.String()
	}
	ixs := make([]any, len(tx.ixs))
	for i, ix := range tx.ixs {
		ixs[i] = encodeInstruction(tx, ix, nil, parsed)
	}
	msg := map[string]any{"recentBlockhash": tx.blockhash.String(), "instructions": ixs}
	if tx.v0 {
		lookups := make([]any, len(tx.lookups))
		for i, l := range tx.lookups {
			lookups[i] = map[string]any{"accountKey": l.table.String(), "writableIndexes": l.writable, "readonlyIndexes": l.readonly}
		}
		msg["addressTableLookups"] = lookups
	}
	if parsed {
		keys := make([]any, len(tx.keys))
		for i, k := range tx.keys {
			keys[i] = map[string]any{"pubkey": k.String(), "signer": tx.signer(i), "writable": tx.writable(i), "source": source(i < tx.static)}
		}
		msg["accountKeys"] = keys
	} else {
		msg["accountKeys"] = texts(tx.keys[:tx.static])
		msg["header"] = map[string]int{"numRequiredSignatures": tx.required, "numReadonlySignedAccounts": tx.readSigned, "numReadonlyUnsignedAccounts": tx.readOther}
	}
	return map[string]any{"signatures": sigs, "message": msg}
}

func source(static bool) string {
	if static {
		return "transaction"
	}
	return "lookupTable"
}

func texts(keys []solana.PublicKey) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// encodeInner writes the instructions that programs called.
func encodeInner(tx *transaction, groups []innerGroup, parsed bool) []any {
	out := []any{}
	for _, g := range groups {
		list := make([]any, len(g.list))
		for i, ix := range g.list {
			list[i] = encodeInstruction(tx, ix.instruction, &ix.depth, parsed)
		}
		out = append(out, map[string]any{"index": g.index, "instructions": list})
	}
	return out
}

func encodeInstruction(tx *transaction, ix instruction, depth *int, parsed bool) any {
	if !parsed {
		return map[string]any{"programIdIndex": ix.program, "accounts": ix.accounts, "data": encode58(ix.data), "stackHeight": depth}
	}
	program := tx.keys[ix.program]
	accounts := make([]string, len(ix.accounts))
	for i, a := range ix.accounts {
		accounts[i] = tx.keys[a].String()
	}
	out := map[string]any{"programId": program.String(), "stackHeight": depth}
	name, body := parseInstruction(program, accounts, ix.data)
	if body == nil {
		out["accounts"], out["data"] = accounts, encode58(ix.data)
		return out
	}
	out["program"], out["parsed"] = name, body
	return out
}

// parseInstruction names what it knows; a nil body is an instruction left raw.
func parseInstruction(program solana.PublicKey, accounts []string, data []byte) (string, any) {
	switch program {
	case memoV1, memoV2:
		return "spl-memo", string(data)
	case ataProgram:
		if len(accounts) < 6 || len(data) > 1 || (len(data) == 1 && data[0] > ataCreateIdempotent) {
			return "", nil
		}
		kind := "create"
		if len(data) == 1 && data[0] == ataCreateIdempotent {
			kind = "createIdempotent"
		}
		return "spl-associated-token-account", typed(kind, map[string]any{
			"source": accounts[0], "account": accounts[1], "wallet": accounts[2], "mint": accounts[3], "systemProgram": accounts[4], "tokenProgram": accounts[5],
		})
	case systemProgram:
		return "system", parseSystem(accounts, data)
	case tokenProgram, token2022:
		return programName(program), parseToken(accounts, data)
	default:
		return "", nil
	}
}

func typed(kind string, info map[string]any) any { return map[string]any{"type": kind, "info": info} }

func parseSystem(accounts []string, data []byte) any {
	if len(data) < 12 || len(accounts) == 0 {
		return nil
	}
	switch kind := le.Uint32(data); {
	case kind == sysCreate && len(data) >= 52 && len(accounts) >= 2:
		return typed("createAccount", map[string]any{
			"source": accounts[0], "newAccount": accounts[1], "lamports": le.Uint64(data[4:]), "space": le.Uint64(data[12:]),
			"owner": solana.PublicKeyFromBytes(data[20:52]).String(),
		})
	case kind == sysTransfer && len(accounts) >= 2:
		return typed("transfer", map[string]any{"source": accounts[0], "destination": accounts[1], "lamports": le.Uint64(data[4:])})
	case kind == sysAssign && len(data) >= 36:
		return typed("assign", map[string]any{"account": accounts[0], "owner": solana.PublicKeyFromBytes(data[4:36]).String()})
	case kind == sysAllocate:
		return typed("allocate", map[string]any{"account": accounts[0], "space": le.Uint64(data[4:])})
	default:
		return nil
	}
}

// tokenShapes name the accounts of each token instruction.
var tokenShapes = map[byte][]string{
	tokInitAccount: {"initializeAccount", "account", "mint", "owner"}, tokTransfer: {"transfer", "source", "destination", "authority"},
	tokApprove: {"approve", "source", "delegate", "owner"}, tokRevoke: {"revoke", "source", "owner"},
	tokSetAuthority: {"setAuthority", "account", "authority"}, tokMintTo: {"mintTo", "mint", "account", "mintAuthority"},
	tokBurn: {"burn", "account", "mint", "authority"}, tokClose: {"closeAccount", "account", "destination", "owner"},
	tokFreeze: {"freezeAccount", "account", "mint", "freezeAuthority"}, tokThaw: {"thawAccount", "account", "mint", "freezeAuthority"},
	tokTransferChecked: {"transferChecked", "source", "mint", "destination", "authority"},
	tokMintToChecked:   {"mintToChecked", "mint", "account", "mintAuthority"}, tokBurnChecked: {"burnChecked", "account", "mint", "authority"},
	tokInitAccount3: {"initializeAccount3", "account", "mint"}, tokInitMint2: {"initializeMint2", "mint"},
	tokGetAccountDataSize: {"getAccountDataSize", "mint"}, tokInitImmutableOwner: {"initializeImmutableOwner", "account"},
}

// tokenDataSizes are the least bytes of the instructions that carry any.
var tokenDataSizes = map[byte]int{
	tokTransfer: 9, tokApprove: 9, tokMintTo: 9, tokBurn: 9, tokTransferChecked: 10, tokMintToChecked: 10, tokBurnChecked: 10,
	tokInitAccount3: 33, tokInitMint2: 34, tokSetAuthority: 3,
}

func parseToken(accounts []string, data []byte) any {
	if len(data) == 0 {
		return nil
	}
	shape, ok := tokenShapes[data[0]]
	if !ok || len(accounts) < len(shape)-1 || len(data) < tokenDataSizes[data[0]] {
		return nil
	}
	info := map[string]any{}
	for i, name := range shape[1:] {
		info[name] = accounts[i]
	}
	switch kind := data[0]; {
	case kind == tokTransfer || kind == tokApprove || kind == tokMintTo || kind == tokBurn:
		info["amount"] = strconv.FormatUint(le.Uint64(data[1:]), 10)
	case kind == tokTransferChecked || kind == tokMintToChecked || kind == tokBurnChecked:
		info["tokenAmount"] = newUIAmount(le.Uint64(data[1:]), data[9])
	case kind == tokInitAccount3:
		info["owner"] = solana.PublicKeyFromBytes(data[1:33]).String()
	case kind == tokInitMint2:
		info["decimals"], info["mintAuthority"] = data[1], solana.PublicKeyFromBytes(data[2:34]).String()
	}
	return typed(shape[0], info)
}
