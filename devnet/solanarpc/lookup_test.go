package solanarpc_test

import (
	"encoding/binary"
	"testing"

	"github.com/gagliardetto/solana-go"
)

// A new entry of a table can be used only after the slot it was added in, and a
// table that was deactivated for some time, and can then be closed.
func TestLookupTableLife(t *testing.T) {
	t.Parallel()
	w := setup(t)
	slot := must(w.client.GetSlot(t.Context(), confirmed)) - 2
	recent := binary.LittleEndian.AppendUint64(nil, slot)
	table, bump, err := solana.FindProgramAddress([][]byte{w.treasury[:], recent}, solana.AddressLookupTableProgramID)
	if err != nil {
		t.Fatal(err)
	}
	owned := func() solana.AccountMetaSlice {
		return solana.AccountMetaSlice{
			solana.Meta(table).WRITE(), solana.Meta(w.treasury).SIGNER(), solana.Meta(w.treasury).WRITE().SIGNER(), solana.Meta(solana.SystemProgramID),
		}
	}
	wallet := w.newKey()
	w.land(w.openATA(wallet))
	to := w.address(wallet)
	entries := solana.PublicKeySlice{w.source, w.mint, to}
	add := binary.LittleEndian.AppendUint64(nil, uint64(len(entries)))
	for _, k := range entries {
		add = append(add, k[:]...)
	}
	w.land(tableIx(owned(), 0, append(recent, bump)...))
	pay := func() *solana.Transaction {
		tx := must(solana.NewTransaction([]solana.Instruction{w.pay(5, wallet)}, w.blockhash(), solana.TransactionPayer(w.treasury),
			solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{table: entries})))
		must(tx.Sign(func(k solana.PublicKey) *solana.PrivateKey { p := w.keys[k]; return &p }))
		return tx
	}
	extended := must(w.send(w.build(w.blockhash(), tableIx(owned(), 2, add...)), false))
	w.advance(1)
	early := pay()
	if _, err := w.send(early, true); err == nil {
		t.Error("an entry is used in the slot that it was added in")
	}
	w.advance(2)
	if w.status(extended).Err != nil {
		t.Fatalf("extend: %v", w.status(extended).Err)
	}
	sent := must(w.send(early, false))
	w.advance(2)
	if st := w.status(sent); st == nil || st.Err != nil || w.tokens(to, confirmed) != "5" {
		t.Errorf("payment by the table: %+v, %s arrived", st, w.tokens(to, confirmed))
	}
	w.land(tableIx(owned(), 3))
	late := must(w.send(pay(), false))
	w.advance(514)
	if st := w.status(late); st == nil || st.Err != nil {
		t.Errorf("payment right after the table was deactivated: %+v", st)
	}
	if _, err := w.send(pay(), false); err == nil {
		t.Error("a table is used long after it was deactivated")
	}
	before := w.lamports(w.treasury, confirmed)
	w.land(tableIx(owned(), 4))
	if after := w.lamports(w.treasury, confirmed); after <= before {
		t.Errorf("closing the table left %d of %d lamports", after, before)
	}
}
