package signer_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
)

// A signer takes accounts from a table only as far as it knows the table.
func TestLookupTables(t *testing.T) {
	t.Parallel()
	a, thief := solana.PublicKeyFromBytes(pub(2)), solana.PublicKeyFromBytes(pub(7))
	at := solana.PublicKeyFromBytes(pub(5))
	entries := solana.PublicKeySlice{ata(treasury), mint, ata(a), solana.SystemProgramID}
	known := table(at, entries...)
	for _, test := range []struct {
		name    string
		pin     signer.TablePin
		shown   []settlement.LookupTable
		used    solana.PublicKeySlice
		pays    solana.PublicKey
		refusal string
	}{
		{"as known", signer.Pin(known), []settlement.LookupTable{known}, entries, ata(a), ""},
		{"has grown", signer.Pin(known), []settlement.LookupTable{table(at, append(slices.Clone(entries), ata(thief))...)}, entries, ata(a), ""},
		{"uses what was added", signer.Pin(table(at, entries[:2]...)), []settlement.LookupTable{known}, entries, ata(a), "of which 2 are known"},
		{"not allowed", signer.TablePin{}, []settlement.LookupTable{known}, entries, ata(a), "is not allowed"},
		{"not shown", signer.Pin(known), nil, entries, ata(a), "is not shown"},
		{"another is shown", signer.Pin(known), []settlement.LookupTable{table(thief, entries...)}, entries, ata(a), "is not shown"},
		{"shown shorter", signer.Pin(known), []settlement.LookupTable{table(at, entries[:3]...)}, entries, ata(a), "not shown as it is known"},
		{"shown otherwise", signer.Pin(known), []settlement.LookupTable{table(at, entries[0], mint, ata(thief), entries[3])}, entries, ata(a), "not shown as it is known"},
		{"pays another entry", signer.Pin(table(at, entries[0], mint, ata(a), ata(thief))), []settlement.LookupTable{table(at, entries[0], mint, ata(a), ata(thief))},
			solana.PublicKeySlice{entries[0], mint, ata(a), ata(thief)}, ata(thief), "not ordered"},
		{"the chain has another", signer.Pin(table(at, entries[0], mint, ata(thief))), []settlement.LookupTable{table(at, entries[0], mint, ata(thief))},
			entries[:3], ata(a), "not ordered"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.SetPolicy(signer.Policy{SolanaMints: map[remit.Asset]string{remit.USDCSolana: mint.String()}, SolanaTables: []signer.TablePin{test.pin}})
			tx, err := solana.NewTransaction(append(budget(50_000, 1_000), transfer(test.pays, 5)), solana.Hash{1}, solana.TransactionPayer(treasury),
				solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{at: test.used}))
			if err != nil {
				t.Fatalf("build: %v", err)
			}
			message, err := tx.Message.MarshalBinary()
			if err != nil {
				t.Fatalf("encode: %v", err)
			}
			checkBy(t, k, settlement.SignRequest{
				Rail: remit.RailSolana, Key: treasury.String(), Payload: message, Transaction: message, Tables: test.shown,
				Batch: settlement.Batch{Orders: []settlement.Order{order(remit.RailSolana, "ord_1", a.String(), 5)}},
			}, pub(0), test.refusal)
		})
	}
}

func table(at solana.PublicKey, entries ...solana.PublicKey) settlement.LookupTable {
	out := settlement.LookupTable{Address: at.String()}
	for _, e := range entries {
		out.Entries = append(out.Entries, e.String())
	}
	return out
}

// What a key does with its own tables is signed as housekeeping, and nothing else.
func TestTableHousekeeping(t *testing.T) {
	t.Parallel()
	other, at := solana.PublicKeyFromBytes(pub(2)), solana.PublicKeyFromBytes(pub(5))
	about := func(kind uint32, accounts ...*solana.AccountMeta) solana.Instruction {
		return solana.NewInstruction(solana.AddressLookupTableProgramID, accounts, binary.LittleEndian.AppendUint32(nil, kind))
	}
	own := func(last solana.PublicKey) []*solana.AccountMeta {
		return []*solana.AccountMeta{solana.Meta(at).WRITE(), solana.Meta(treasury).SIGNER(), solana.Meta(last).WRITE()}
	}
	mine := func() []*solana.AccountMeta { return append(own(treasury), solana.Meta(solana.SystemProgramID)) }
	paid := []settlement.Order{order(remit.RailSolana, "ord_1", other.String(), 5)}
	for _, test := range []struct {
		name    string
		ix      solana.Instruction
		orders  []settlement.Order
		refusal string
	}{
		{"create", about(0, mine()...), nil, ""},
		{"extend", about(2, mine()...), nil, ""},
		{"deactivate", about(3, own(treasury)[:2]...), nil, ""},
		{"close", about(4, own(treasury)...), nil, ""},
		{"close to another", about(4, own(other)...), nil, "goes to another"},
		{"freeze", about(1, own(treasury)[:2]...), nil, "unchangeable"},
		{"of another", about(3, solana.Meta(at).WRITE(), solana.Meta(other)), nil, "not the key's own"},
		{"with orders", about(2, mine()...), paid, "with orders"},
		{"cut short", solana.NewInstruction(solana.AddressLookupTableProgramID, mine(), []byte{2}), nil, "not the key's own"},
	} {
		tx, err := solana.NewTransaction(append(budget(50_000, 1_000), test.ix), solana.Hash{1}, solana.TransactionPayer(treasury))
		if err != nil {
			t.Fatalf("build: %v", err)
		}
		message, err := tx.Message.MarshalBinary()
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		check(t, settlement.SignRequest{
			Rail: remit.RailSolana, Key: treasury.String(), Payload: message, Transaction: message, Batch: settlement.Batch{Orders: test.orders},
		}, pub(0), test.refusal)
	}
}
