package solana

import (
	"encoding/binary"
	"fmt"
	"sort"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit/settlement"
)

// Instruction tags of the programs that the rail speaks to.
const (
	tagUnitLimit       = 2
	tagUnitPrice       = 3
	tagOpenIdempotent  = 1
	tagTransferChecked = 12
	// tagTransferFee is Token-2022's family of fee instructions, and
	// tagCheckedWithFee the transfer among them.
	tagTransferFee    = 26
	tagCheckedWithFee = 1
)

// unitsCeiling is the most compute units that a transaction may ask for.
const unitsCeiling = 1_400_000

// offer is what a transaction pays for being executed.
type offer struct {
	limit uint32
	price uint64 // micro-lamports a unit
}

// build makes the unsigned transaction that pays the orders, of version 0 if it
// is given a table and takes accounts from it. Its instructions are made anew each time: solana-go changes the account lists it is given.
func (r *Rail) build(list []payee, memo string, hash solana.Hash, o offer, table *lookupTable) (*solana.Transaction, error) {
	limit, price := budget(o)
	ixs := []solana.Instruction{limit, price}
	if memo != "" {
		ixs = append(ixs, solana.NewInstruction(solana.MemoProgramID, nil, []byte(memo)))
	}
	opened := make(map[solana.PublicKey]bool)
	for _, p := range list {
		if p.create && !opened[p.account] {
			opened[p.account] = true
			ixs = append(ixs, r.open(p))
		}
		ixs = append(ixs, r.transfer(p))
	}
	options := []solana.TransactionOption{solana.TransactionPayer(r.treasury)}
	if table != nil {
		options = append(options, solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{table.address: table.forBuilding(list)}))
	}
	tx, err := solana.NewTransaction(ixs, hash, options...)
	if err != nil {
		return nil, fmt.Errorf("build transaction: %w", err)
	}
	return tx, nil
}

// budget are the instructions that say what is paid for execution.
func budget(o offer) (limit, price solana.Instruction) {
	return solana.NewInstruction(solana.ComputeBudget, nil, binary.LittleEndian.AppendUint32([]byte{tagUnitLimit}, o.limit)),
		solana.NewInstruction(solana.ComputeBudget, nil, binary.LittleEndian.AppendUint64([]byte{tagUnitPrice}, o.price))
}

// open creates the payee's associated token account, unless it is there.
func (r *Rail) open(p payee) solana.Instruction {
	return solana.NewInstruction(solana.SPLAssociatedTokenAccountProgramID, solana.AccountMetaSlice{
		solana.Meta(r.treasury).WRITE().SIGNER(), solana.Meta(p.account).WRITE(), solana.Meta(p.wallet),
		solana.Meta(p.token.mint), solana.Meta(solana.SystemProgramID), solana.Meta(p.token.program),
	}, []byte{tagOpenIdempotent})
}

// transfer moves what the payee is owed, and the mint's fee on top, checked
// against the mint, its decimals and its fee.
func (r *Rail) transfer(p payee) solana.Instruction {
	t := p.token
	data := []byte{tagTransferChecked}
	if p.takesFee {
		data = []byte{tagTransferFee, tagCheckedWithFee}
	}
	data = append(binary.LittleEndian.AppendUint64(data, p.gross), t.asset.Scale)
	if p.takesFee {
		data = binary.LittleEndian.AppendUint64(data, p.fee)
	}
	return solana.NewInstruction(t.program, solana.AccountMetaSlice{
		solana.Meta(t.source).WRITE(), solana.Meta(t.mint), solana.Meta(p.account).WRITE(), solana.Meta(r.treasury).SIGNER(),
	}, data)
}

// memo is what a transaction carries for its orders: a text, or the Merkle root
// of its orders in hex.
func memo(batch settlement.Batch) string {
	text, root := batch.Memo()
	if root != nil {
		return root.String()
	}
	return text
}

// batchOf gathers the orders of payees again.
func batchOf(mode settlement.Mode, list []payee) settlement.Batch {
	out := settlement.Batch{Mode: mode}
	for _, p := range list {
		out.Orders = append(out.Orders, p.Orders...)
	}
	return out
}

// Limits of a cluster on what one transaction does.
const (
	maxLocks = 64 // accounts
	maxTrace = 64 // instructions, with those that programs call
	// opensBy is how many instructions opening an account calls, and fundedBy
	// how many more when somebody sent lamports to it before.
	opensBy  = 4
	fundedBy = 2
)

// fit takes as many of the payees, in order, as one transaction holds, and says
// whether it takes the table for that: only if more fit.
func (r *Rail) fit(mode settlement.Mode, list []payee, table *lookupTable) ([]payee, *lookupTable, error) {
	plain, err := r.fitIn(mode, list, nil)
	if err != nil {
		return nil, nil, err
	}
	if table != nil && plain < len(list) {
		more, err := r.fitIn(mode, list, table)
		if err != nil {
			return nil, nil, err
		}
		if more > plain {
			return list[:more], table, nil
		}
	}
	if plain == 0 {
		return nil, nil, fmt.Errorf("one payment does not fit in %d bytes", maxPacket)
	}
	return list[:plain], nil, nil
}

// fitIn is how many of the payees one transaction holds.
func (r *Rail) fitIn(mode settlement.Mode, list []payee, table *lookupTable) (int, error) {
	var failed error
	tooMany := sort.Search(len(list), func(i int) bool {
		some := list[:i+1]
		tx, err := r.build(some, memo(batchOf(mode, some)), solana.Hash{}, offer{}, table)
		if err != nil {
			failed = err
			return true
		}
		size, err := sizeOf(tx)
		if err != nil {
			failed = err
			return true
		}
		trace := len(tx.Message.Instructions)
		for _, p := range some {
			if p.create {
				trace += opensBy
				if p.funded {
					trace += fundedBy
				}
			}
		}
		return size > maxPacket || len(tx.Message.AccountKeys)+tx.Message.NumLookups() > maxLocks || trace > maxTrace
	})
	return tooMany, failed
}

// sizeOf is the size on the wire, with the one signature that will be there.
func sizeOf(tx *solana.Transaction) (int, error) {
	message, err := tx.Message.MarshalBinary()
	if err != nil {
		return 0, fmt.Errorf("encode message: %w", err)
	}
	return 1 + len(solana.Signature{}) + len(message), nil
}
