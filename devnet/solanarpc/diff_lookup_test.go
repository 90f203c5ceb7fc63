package solanarpc_test

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"

	"github.com/gagliardetto/solana-go"
)

// errorIn finds the error of an answer.
var errorIn = regexp.MustCompile(`"(err|error)":(\{"(InstructionError|Insuff)[^}]*\}|\{[^}]*\}|"[^"]*"|null)`)

func tableIx(accounts solana.AccountMetaSlice, kind uint32, data ...byte) solana.Instruction {
	return solana.NewInstruction(solana.AddressLookupTableProgramID, accounts, append(binary.LittleEndian.AppendUint32(nil, kind), data...))
}

// recentSlot is one that a table may be made with. The server over the real VM
// keeps a single one in its sysvar; there is no such account here.
func (r *rig) recentSlot() uint64 {
	a, err := r.client.GetAccountInfo(r.Context(), solana.SysVarSlotHashesPubkey)
	if err != nil {
		return must(r.client.GetSlot(r.Context(), processed)) - 3
	}
	return binary.LittleEndian.Uint64(a.Value.Data.GetBinary()[8:])
}

// newTable answers a table's address and the instruction that makes it.
func (r *rig) newTable(slot uint64, authority solana.PublicKey) (solana.PublicKey, solana.Instruction) {
	recent := binary.LittleEndian.AppendUint64(nil, slot)
	table, bump, err := solana.FindProgramAddress([][]byte{authority[:], recent}, solana.AddressLookupTableProgramID)
	if err != nil {
		r.Fatalf("derive table: %v", err)
	}
	return table, tableIx(solana.AccountMetaSlice{
		solana.Meta(table).WRITE(), solana.Meta(authority), solana.Meta(r.payer).WRITE().SIGNER(), solana.Meta(solana.SystemProgramID),
	}, 0, append(recent, bump)...)
}

func (r *rig) extend(table, authority solana.PublicKey, keys ...solana.PublicKey) solana.Instruction {
	data := binary.LittleEndian.AppendUint64(nil, uint64(len(keys)))
	for _, k := range keys {
		data = append(data, k[:]...)
	}
	return tableIx(solana.AccountMetaSlice{
		solana.Meta(table).WRITE(), solana.Meta(authority).SIGNER(), solana.Meta(r.payer).WRITE().SIGNER(), solana.Meta(solana.SystemProgramID),
	}, 2, data...)
}

func (r *rig) owned(kind uint32, table, authority solana.PublicKey) solana.Instruction {
	return tableIx(solana.AccountMetaSlice{solana.Meta(table).WRITE(), solana.Meta(authority).SIGNER(), solana.Meta(r.payer).WRITE()}, kind)
}

// looked builds a transaction that takes what it can from a table.
func (r *rig) looked(table solana.PublicKey, entries solana.PublicKeySlice, ixs ...solana.Instruction) *solana.Transaction {
	r.Helper()
	tx := must(solana.NewTransaction(ixs, r.hash(), solana.TransactionPayer(r.payer), solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{table: entries})))
	must(tx.Sign(func(k solana.PublicKey) *solana.PrivateKey { p := r.keys[k]; return &p }))
	return tx
}

// lookupScenario makes a table, pays by it and closes it. The tables of the two
// nodes have other addresses, by their slots, so only what does not name them
// is compared. Nor is what the server over the real VM does otherwise than a
// cluster: its words for an index that is not there, and the end of a table.
func lookupScenario(b *bank) {
	slot := b.recentSlot()
	table, create := b.newTable(slot, b.payer)
	_, old := b.newTable(slot-5_000, b.payer)
	_, future := b.newTable(slot+1_000_000, b.payer)
	b.tryQuiet("create with an old slot", b.build(b.payer, old))
	b.tryQuiet("create with a slot to come", b.build(b.payer, future))
	b.tryQuiet("create", b.build(b.payer, create))
	b.tryQuiet("create again", b.build(b.payer, create))
	dave := b.key("dave")
	daves := b.of(dave, b.mint)
	entries := solana.PublicKeySlice{b.mine, b.mint, b.hers, solana.SystemProgramID, b.his}
	b.fund(b.alice, sol)
	b.tryQuiet("extend by another", b.build(b.payer, b.extend(table, b.alice, entries...)))
	b.tryQuiet("extend by nothing", b.build(b.payer, b.extend(table, b.payer)))
	b.tryQuiet("extend", b.build(b.payer, b.extend(table, b.payer, entries[:3]...)))
	b.tryQuiet("extend more", b.build(b.payer, b.extend(table, b.payer, entries[3:]...)))
	b.advance(2)
	pay := func(to solana.PublicKey, n uint64) solana.Instruction {
		return b.transfer(n, 6, b.mine, b.mint, to, b.payer)
	}
	b.tryQuiet("pay by the table", b.looked(table, entries, pay(b.hers, 5), pay(b.his, 6), b.openATA(dave, b.mint), pay(daves, 7)))
	b.note("arrived", "%s %s", b.ask("getTokenAccountBalance", b.his.String(), map[string]any{"commitment": "processed"}), b.ask("getTokenAccountBalance", daves.String(), map[string]any{"commitment": "processed"}))
	b.tryQuiet("fails by the table", b.looked(table, entries, pay(b.hers, 5), pay(b.frozen, 6)))
	wrong := b.looked(b.mint, solana.PublicKeySlice{b.hers}, pay(b.hers, 5))
	b.note("no table", "%.90s", b.ask("sendTransaction", base64.StdEncoding.EncodeToString(must(wrong.MarshalBinary())), map[string]any{"encoding": "base64", "preflightCommitment": "processed"}))
	both := b.looked(table, entries, pay(b.hers, 5))
	both.Message.AddressTableLookups[0].ReadonlyIndexes = append(both.Message.AddressTableLookups[0].ReadonlyIndexes, 0)
	must(both.Sign(func(k solana.PublicKey) *solana.PrivateKey { p := b.keys[k]; return &p }))
	b.tryQuiet("an address twice", both)
	b.tryQuiet("close at once", b.build(b.payer, b.owned(4, table, b.payer)))
	b.tryQuiet("deactivate by another", b.build(b.payer, b.owned(3, table, b.alice)))
	b.tryQuiet("deactivate", b.build(b.payer, b.owned(3, table, b.payer)))
	b.tryQuiet("deactivate again", b.build(b.payer, b.owned(3, table, b.payer)))
	b.tryQuiet("extend when deactivated", b.build(b.payer, b.extend(table, b.payer, daves)))
	b.tryQuiet("no table at all", b.build(b.payer, b.owned(3, b.mint, b.payer)))
	b.tryQuiet("unknown instruction", b.build(b.payer, b.owned(9, table, b.payer)))
}

// tryQuiet simulates and lands a transaction, and notes its end only.
func (r *rig) tryQuiet(label string, tx *solana.Transaction) {
	r.Helper()
	text := base64.StdEncoding.EncodeToString(must(tx.MarshalBinary()))
	sim := r.ask("simulateTransaction", text, map[string]any{"encoding": "base64", "commitment": "processed"})
	r.note(label, "simulation: %s", errorIn.FindString(sim))
	sent := r.ask("sendTransaction", text, map[string]any{"encoding": "base64", "skipPreflight": true})
	r.note(label, "sent: %s", errorIn.FindString(sent))
	r.advance(2)
	sig := tx.Signatures[0]
	st := must(r.client.GetSignatureStatuses(r.Context(), true, sig)).Value[0]
	if st == nil {
		r.note(label, "never landed")
		return
	}
	r.note(label, "status: %s", asJSON(st.Err))
}
