package solana

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Layout of an address lookup table (agave, address-lookup-table state.rs).
const (
	tableHead        = 56
	tableDeactivated = 4
	tableMost        = 256
	tableNever       = 1<<64 - 1
)

// tableFresh is how long a table that was read is used without looking again.
// It can only have grown since, unless its authority, the treasury, took it away.
const tableFresh = time.Minute

// errNoTable says that there is no table to use.
var errNoTable = errors.New("no lookup table that can be used")

// lookupTable is the treasury's table, as it is at finalized: no fork can put
// another account where an entry is.
type lookupTable struct {
	address solana.PublicKey
	entries solana.PublicKeySlice
	readAt  time.Time
}

// table answers the configured table; nil when there is none that can be used
// now, so that transactions name all their accounts.
func (r *Rail) table(ctx context.Context) *lookupTable {
	r.mu.Lock()
	at, have := r.tableAt, r.tableRead
	r.mu.Unlock()
	if at.IsZero() {
		return nil
	}
	if have != nil && r.clock.Now().Sub(have.readAt) < tableFresh {
		return have
	}
	read, err := r.readTable(ctx, at, rpc.CommitmentFinalized)
	if err != nil {
		r.log.Warn("solana lookup table", "table", at, "err", err)
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tableAt == at {
		r.tableRead = read
	}
	return read
}

// UseTable makes the rail use a lookup table from now on, as Options.LookupTable
// does from the start; empty for none. What was read of a table is read again.
// Errors: invalid for what is no address.
func (r *Rail) UseTable(address string) error {
	var at solana.PublicKey
	if address != "" {
		var err error
		if at, err = solana.PublicKeyFromBase58(address); err != nil {
			return remit.Invalid("lookup_table", remit.ReasonFieldInvalid, "%q is not a base58 address", address)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tableAt, r.tableRead = at, nil
	return nil
}

// tableInUse is the address of the table in use, zero for none.
func (r *Rail) tableInUse() solana.PublicKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tableAt
}

// readTable reads a table of the treasury. Errors: unavailable; errNoTable when
// it is not there, not the treasury's, or deactivated.
func (r *Rail) readTable(ctx context.Context, at solana.PublicKey, c rpc.CommitmentType) (*lookupTable, error) {
	out, err := ask(ctx, r, "read lookup table", func(ctx context.Context, n *node) (*rpc.GetAccountInfoResult, error) {
		return n.GetAccountInfoWithOpts(ctx, at, &rpc.GetAccountInfoOpts{Encoding: solana.EncodingBase64, Commitment: c})
	})
	if errors.Is(err, rpc.ErrNotFound) {
		return nil, errNoTable
	}
	if err != nil {
		return nil, err
	}
	a := out.Value
	if a == nil || a.Data == nil || a.Owner != solana.AddressLookupTableProgramID {
		return nil, errNoTable
	}
	data := a.Data.GetBinary()
	const authorityAt = 21
	if len(data) < tableHead || data[0] != 1 || binary.LittleEndian.Uint64(data[tableDeactivated:]) != tableNever ||
		data[authorityAt] != 1 || solana.PublicKeyFromBytes(data[authorityAt+1:authorityAt+33]) != r.treasury {
		return nil, errNoTable
	}
	t := &lookupTable{address: at, readAt: r.clock.Now()}
	for at := tableHead; at+32 <= len(data); at += 32 {
		t.entries = append(t.entries, solana.PublicKeyFromBytes(data[at:at+32]))
	}
	return t, nil
}

// forBuilding are the entries that a transaction of these payees may take from
// the table. The mint of a token that takes a fee is kept out, so that the
// stored transaction says by itself what was taken of which token.
func (t *lookupTable) forBuilding(list []payee) solana.PublicKeySlice {
	entries := slices.Clone(t.entries)
	for i, e := range entries {
		for _, p := range list {
			if p.takesFee && p.token.mint == e {
				entries[i] = t.address // which is no account of the transaction
			}
		}
	}
	return entries
}

// shown is the table as the signer is shown it.
func (t *lookupTable) shown() settlement.LookupTable {
	out := settlement.LookupTable{Address: t.address.String(), Entries: make([]string, len(t.entries))}
	for i, e := range t.entries {
		out.Entries[i] = e.String()
	}
	return out
}

// LookupTable answers the treasury's table as it is at finalized, for the signer
// to be told of it. Errors: unavailable; precondition when there is none.
func (r *Rail) LookupTable(ctx context.Context) (settlement.LookupTable, error) {
	at := r.tableInUse()
	t, err := r.readTable(ctx, at, rpc.CommitmentFinalized)
	if errors.Is(err, errNoTable) {
		return settlement.LookupTable{}, remit.Wrap(err, remit.KindPrecondition, remit.ReasonRailUnavailable, "the treasury has no lookup table %s on Solana", at)
	}
	if err != nil {
		return settlement.LookupTable{}, err
	}
	return t.shown(), nil
}
