package signer_test

import (
	"encoding/base64"
	"testing"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
)

// FuzzSolana shows a keyring whatever bytes: it must not panic, and without
// orders it must sign nothing that moves tokens.
func FuzzSolana(f *testing.F) {
	wallet := solana.PublicKeyFromBytes(pub(2))
	for _, ixs := range [][]solana.Instruction{
		{open(wallet, mint)}, {transfer(ata(wallet), 5)}, append(budget(1, 1), open(wallet, mint), transfer(ata(wallet), 5)),
	} {
		tx, err := solana.NewTransaction(ixs, solana.Hash{1}, solana.TransactionPayer(treasury))
		if err != nil {
			f.Fatal(err)
		}
		message, err := tx.Message.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	looked, err := solana.NewTransaction(append(budget(1, 1), open(treasury, mint)), solana.Hash{}, solana.TransactionPayer(treasury),
		solana.TransactionAddressTables(map[solana.PublicKey]solana.PublicKeySlice{mint: {solana.SystemProgramID, ata(treasury)}}))
	if err != nil {
		f.Fatal(err)
	}
	message, err := looked.Message.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(message)
	shown := table(mint, solana.SystemProgramID, ata(treasury))
	k := setup(f)
	k.SetPolicy(signer.Policy{SolanaMints: map[remit.Asset]string{remit.USDCSolana: mint.String()}, SolanaTables: []signer.TablePin{signer.Pin(shown)}})
	f.Fuzz(func(t *testing.T, message []byte) {
		_, err := k.Sign(t.Context(), settlement.SignRequest{
			Rail: remit.RailSolana, Key: treasury.String(), Payload: message, Transaction: message, Tables: []settlement.LookupTable{shown},
		})
		if err != nil {
			return
		}
		var m solana.Message
		if err := m.UnmarshalBase64(base64.StdEncoding.EncodeToString(message)); err != nil {
			t.Fatalf("signed what cannot be read: %v", err)
		}
		for _, ix := range m.Instructions {
			switch p := m.AccountKeys[ix.ProgramIDIndex]; p {
			case solana.ComputeBudget, solana.MemoProgramID, solana.SPLAssociatedTokenAccountProgramID, solana.AddressLookupTableProgramID:
			default:
				t.Fatalf("signed an instruction to %s without an order", p)
			}
		}
	})
}
