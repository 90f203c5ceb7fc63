package solana

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Instructions of the AddressLookupTable program.
const (
	tableCreate = 0
	tableExtend = 2
)

const (
	// oftenPaid is how many payments make an account worth a place in the table:
	// a place costs about 0.0002 SOL of rent and saves 31 bytes each time.
	oftenPaid = 3
	// maxCounted bounds the accounts whose payments are counted.
	maxCounted = 10_000
	// perExtension is how many entries one transaction adds.
	perExtension = 20
	// extensionLands is how long an extension that was sent may take.
	extensionLands = 2 * time.Minute
	// tendUnits is enough for an instruction about a table.
	tendUnits = 20_000
)

// countPaid remembers the accounts that transactions pay into.
func (r *Rail) countPaid(list []payee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range list {
		if _, known := r.paid[p.account]; known || len(r.paid) < maxCounted {
			r.paid[p.account]++
		}
	}
}

// MakeTable makes a lookup table for the treasury and answers its address, to be
// configured as Options.LookupTable, or by UseTable, once it is final. Call it
// once: each call makes another table. Options.KeepTable is told the address
// before anything is sent. Errors: unavailable; forbidden by the signer; those of
// KeepTable.
func (r *Rail) MakeTable(ctx context.Context) (string, error) {
	slot, err := r.recentSlot(ctx)
	if err != nil {
		return "", err
	}
	recent := binary.LittleEndian.AppendUint64(nil, slot)
	address, bump, err := solana.FindProgramAddress([][]byte{r.treasury[:], recent}, solana.AddressLookupTableProgramID)
	if err != nil {
		return "", fmt.Errorf("derive lookup table: %w", err)
	}
	if r.keepTable != nil {
		if err := r.keepTable(address.String()); err != nil {
			return "", fmt.Errorf("keep the lookup table's address: %w", err)
		}
	}
	return address.String(), r.housekeep(ctx, r.aboutTable(address, tableCreate, append(recent, bump)))
}

// recentSlot is one that the program takes: the newest in the sysvar that it
// looks into, or else the newest finalized slot.
func (r *Rail) recentSlot(ctx context.Context) (uint64, error) {
	hashes, err := ask(ctx, r, "read recent slots", func(ctx context.Context, n *node) (*rpc.GetAccountInfoResult, error) {
		return n.GetAccountInfoWithOpts(ctx, solana.SysVarSlotHashesPubkey, &rpc.GetAccountInfoOpts{
			Encoding: solana.EncodingBase64, Commitment: rpc.CommitmentFinalized,
		})
	})
	if err == nil && hashes.Value != nil && hashes.Value.Data != nil {
		const newest = 8
		if b := hashes.Value.Data.GetBinary(); len(b) >= 2*newest {
			return binary.LittleEndian.Uint64(b[newest:]), nil
		}
	}
	if err != nil && !errors.Is(err, rpc.ErrNotFound) {
		return 0, err
	}
	return ask(ctx, r, "read slot", func(ctx context.Context, n *node) (uint64, error) { return n.GetSlot(ctx, rpc.CommitmentFinalized) })
}

// aboutTable is an instruction about a table of the treasury's.
func (r *Rail) aboutTable(table solana.PublicKey, kind uint32, args []byte) solana.Instruction {
	return solana.NewInstruction(solana.AddressLookupTableProgramID, solana.AccountMetaSlice{
		solana.Meta(table).WRITE(), solana.Meta(r.treasury).SIGNER(), solana.Meta(r.treasury).WRITE().SIGNER(), solana.Meta(solana.SystemProgramID),
	}, append(binary.LittleEndian.AppendUint32(nil, kind), args...))
}

// TendTable adds to the table what is missing of the treasury's own accounts, the
// mints, and the accounts that were paid often, as much as one transaction
// holds. It sends and does not wait: call it now and then. Entries count once
// they are final, and for a signer once they are pinned. It answers how many were
// sent. Errors: unavailable; precondition when there is no table; forbidden by the
// signer.
func (r *Rail) TendTable(ctx context.Context) (int, error) {
	table, err := r.readTable(ctx, r.tableInUse(), r.commitment)
	if err != nil {
		return 0, err
	}
	missing := r.missing(table)
	if len(missing) == 0 {
		return 0, nil
	}
	args := binary.LittleEndian.AppendUint64(nil, uint64(len(missing)))
	for _, k := range missing {
		args = append(args, k[:]...)
	}
	if err := r.housekeep(ctx, r.aboutTable(table.address, tableExtend, args)); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.extended, r.extendedAt = missing, r.clock.Now()
	return len(missing), nil
}

// missing are the next entries of the table.
func (r *Rail) missing(table *lookupTable) []solana.PublicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	var want []solana.PublicKey
	for _, t := range r.tokens {
		want = append(want, t.source, t.mint)
	}
	want = append(want, solana.SystemProgramID)
	var often []solana.PublicKey
	for account, n := range r.paid {
		if n >= oftenPaid {
			often = append(often, account)
		}
	}
	slices.SortFunc(often, func(a, b solana.PublicKey) int {
		if d := r.paid[b] - r.paid[a]; d != 0 {
			return d
		}
		return slices.Compare(a[:], b[:])
	})
	underWay := r.clock.Now().Sub(r.extendedAt) < extensionLands
	var out []solana.PublicKey
	for _, k := range append(want, often...) {
		there := slices.Contains(table.entries, k) || (underWay && slices.Contains(r.extended, k))
		if !there && len(out) < perExtension && len(table.entries)+len(out) < tableMost {
			out = append(out, k)
		}
	}
	return out
}

// housekeep signs and sends one instruction that pays nobody.
func (r *Rail) housekeep(ctx context.Context, ix solana.Instruction) error {
	latest, err := ask(ctx, r, "read latest blockhash", func(ctx context.Context, n *node) (*rpc.GetLatestBlockhashResult, error) {
		return n.GetLatestBlockhash(ctx, r.commitment)
	})
	if err != nil {
		return err
	}
	limit, price := budget(offer{limit: tendUnits, price: minUnitPrice})
	tx, err := solana.NewTransaction([]solana.Instruction{limit, price, ix}, latest.Value.Blockhash, solana.TransactionPayer(r.treasury))
	if err != nil {
		return fmt.Errorf("build transaction: %w", err)
	}
	if _, err := r.signed(ctx, tx, settlement.SignRequest{}); err != nil {
		return err
	}
	_, err = ask(ctx, r, "send", func(ctx context.Context, n *node) (solana.Signature, error) {
		return n.SendTransactionWithOpts(ctx, tx, rpc.TransactionOpts{PreflightCommitment: r.commitment})
	})
	return err
}

// signed has the treasury's signature put on a transaction, for what a request
// says of it, and answers its bytes.
func (r *Rail) signed(ctx context.Context, tx *solana.Transaction, about settlement.SignRequest) ([]byte, error) {
	message, err := tx.Message.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	about.Rail, about.Key, about.Payload, about.Transaction = remit.RailSolana, r.treasury.String(), message, message
	signature, err := r.signer.Sign(ctx, about)
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", r.treasury, err)
	}
	if !ed25519.Verify(r.treasury[:], message, signature) {
		return nil, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "the signer's signature for %s does not fit", r.treasury)
	}
	tx.Signatures = []solana.Signature{solana.SignatureFromBytes(signature)}
	raw, err := tx.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("encode transaction: %w", err)
	}
	if len(raw) > maxPacket {
		return nil, fmt.Errorf("transaction has %d bytes, more than %d", len(raw), maxPacket)
	}
	return raw, nil
}
