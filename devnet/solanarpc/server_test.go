package solanarpc_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/gagliardetto/solana-go/rpc"
)

// bothPrograms runs a test under SPL Token and under Token-2022.
func bothPrograms(t *testing.T, run func(t *testing.T, w *world)) {
	for name, program := range map[string]solana.PublicKey{"spl token": solana.TokenProgramID, "token-2022": solana.Token2022ProgramID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, options())
			w.seed(program)
			run(t, w)
		})
	}
}

func TestTransferWithAccountCreation(t *testing.T) {
	t.Parallel()
	bothPrograms(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		alice := w.newKey()
		before := w.lamports(w.treasury, confirmed)
		tx := w.build(w.blockhash(), unitLimit(60_000), unitPrice(50_000), w.openATA(alice), w.pay(1_500_000, alice), memo("order:42 ünï", w.treasury))
		msg := base64.StdEncoding.EncodeToString(must(tx.Message.MarshalBinary()))
		quoted := must(w.client.GetFeeForMessage(ctx, msg, confirmed)).Value
		sim := must(w.client.SimulateTransactionWithOpts(ctx, tx, &rpc.SimulateTransactionOpts{SigVerify: true, Commitment: confirmed})).Value
		if sim.Err != nil || *sim.UnitsConsumed == 0 || len(sim.Logs) == 0 {
			t.Fatalf("simulation = %+v, want success with units and logs", sim)
		}
		sig := must(w.send(tx, false))
		if got := w.status(sig); got != nil {
			t.Errorf("status before a block = %+v, want none", got)
		}
		w.advance(2)
		if got := w.tokens(w.address(alice), confirmed); got != "1500000" {
			t.Errorf("alice has %s, want 1500000", got)
		}
		r := must(w.client.GetTransaction(ctx, sig, &rpc.GetTransactionOpts{Commitment: confirmed, Encoding: solana.EncodingBase64}))
		rent := must(w.client.GetMinimumBalanceForRentExemption(ctx, uint64(len(w.data(w.address(alice)))), confirmed))
		if quoted == nil || *quoted != 8_000 || r.Meta.Fee != 8_000 {
			t.Errorf("fee charged %d, quoted %v, want 8000", r.Meta.Fee, quoted)
		}
		if got, want := before-w.lamports(w.treasury, confirmed), 8_000+rent; got != want {
			t.Errorf("treasury paid %d lamports, want %d", got, want)
		}
		if got := asJSON(must(r.Transaction.GetTransaction()).Signatures[0]); got != asJSON(sig) {
			t.Errorf("returned transaction has signature %s, want %s", got, sig)
		}
		if n := len(r.Meta.PreTokenBalances); n != 1 {
			t.Errorf("%d token balances before, want 1", n)
		}
		if n := len(r.Meta.PostTokenBalances); n != 2 {
			t.Errorf("%d token balances after, want 2", n)
		}
		again := w.land(w.openATA(alice))
		if s := w.status(again); s == nil || s.Err != nil {
			t.Errorf("idempotent creation again = %+v, want success", s)
		}
	})
}

// data is an account's bytes at confirmed.
func (w *world) data(key solana.PublicKey) []byte {
	return must(w.client.GetAccountInfoWithOpts(context.Background(), key, &rpc.GetAccountInfoOpts{Encoding: solana.EncodingBase64, Commitment: confirmed})).GetBinary()
}

func TestCompressedAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	got := must(w.client.GetAccountInfoWithOpts(context.Background(), w.source, &rpc.GetAccountInfoOpts{Encoding: solana.EncodingBase64Zstd, Commitment: confirmed})).GetBinary()
	if want := w.data(w.source); !bytes.Equal(got, want) || len(want) != 165 {
		t.Errorf("compressed account has %d bytes, want the %d of the plain one", len(got), len(want))
	}
}

func TestSeventeenTransfers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	wallets := make([]solana.PublicKey, 17)
	for i := range wallets {
		wallets[i] = w.newKey()
		w.land(w.openATA(wallets[i]))
	}
	ixs := []solana.Instruction{unitLimit(100_000), unitPrice(1_000), memo("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", w.treasury)}
	for i, k := range wallets {
		ixs = append(ixs, w.pay(uint64(100+i), k))
	}
	sig := w.land(ixs...)
	books := w.node.Books(0)
	if len(books) != 17 {
		t.Fatalf("%d transfers in the books, want 17", len(books))
	}
	for i, b := range books {
		if b.Sequence != i+1 || b.Signature != sig || b.Amount != uint64(100+i) || b.DestinationOwner != wallets[i] || b.SourceOwner != w.treasury || len(b.Memo) != 64 || b.Mint != w.mint {
			t.Errorf("line %d = %+v", i, b)
		}
	}
	if got := w.node.Books(16); len(got) != 1 || got[0].Sequence != 17 {
		t.Errorf("books after 16 = %+v, want the last line", got)
	}
	ixs = append(ixs, w.pay(1, wallets[0]), w.pay(1, wallets[1]), w.pay(1, wallets[2]), w.pay(1, wallets[3]))
	ixs = append(ixs, memo("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", w.treasury))
	if _, err := w.send(w.build(w.blockhash(), ixs...), true); rpcError(err).Code != -32602 {
		t.Errorf("oversized transaction = %v, want -32602", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	alice, frozen, poor := w.newKey(), w.newKey(), w.newKey()
	w.land(w.openATA(alice), w.openATA(frozen), w.pay(500, alice))
	w.land(token.NewFreezeAccountInstruction(w.address(frozen), w.mint, w.treasury, nil).Build())
	tests := []struct {
		name string
		ixs  []solana.Instruction
		want string
	}{
		{"insufficient tokens", []solana.Instruction{memo("x", w.treasury), w.pay(1<<50, alice)}, `{"InstructionError":[1,{"Custom":1}]}`},
		{"frozen account", []solana.Instruction{w.pay(1, frozen)}, `{"InstructionError":[0,{"Custom":17}]}`},
		{"wrong decimals", []solana.Instruction{w.payWith(1, 7, w.source, w.address(alice), w.treasury)}, `{"InstructionError":[0,{"Custom":18}]}`},
		{"wrong owner", []solana.Instruction{w.payWith(1, 6, w.address(alice), w.source, w.treasury)}, `{"InstructionError":[0,{"Custom":4}]}`},
		{"no such destination", []solana.Instruction{w.pay(1, poor)}, `{"InstructionError":[0,"InvalidAccountData"]}`},
		{"unit limit too low", []solana.Instruction{unitLimit(200), w.pay(1, alice)}, `{"InstructionError":[1,"ProgramFailedToComplete"]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, got := refusal(second(w.send(w.build(w.blockhash(), tt.ixs...), false)))
			if code != -32002 || got != tt.want {
				t.Errorf("refused with %d %s, want -32002 %s", code, got, tt.want)
			}
			before := w.lamports(w.treasury, confirmed)
			sig, err := w.send(w.build(w.blockhash(), append(tt.ixs, memo(tt.name, w.treasury))...), true)
			if err != nil {
				t.Fatalf("send without preflight: %v", err)
			}
			w.advance(2)
			if s := w.status(sig); s == nil || asJSON(s.Err) != tt.want {
				t.Errorf("status = %+v, want err %s", s, tt.want)
			}
			if paid := before - w.lamports(w.treasury, confirmed); paid != 5_000 {
				t.Errorf("failed transaction cost %d, want the fee of 5000", paid)
			}
		})
	}
	if n := len(w.node.Books(0)); n != 1 {
		t.Errorf("%d transfers in the books, want the one that succeeded", n)
	}
	if code, got := refusal(second(w.send(w.buildFor(poor, w.blockhash(), memo("x", poor)), false))); code != -32002 || got != `"AccountNotFound"` {
		t.Errorf("payer without account = %d %s", code, got)
	}
}

func second[T any](_ T, err error) error { return err }

func TestDuplicatesAndExpiry(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := context.Background()
	alice := w.newKey()
	w.land(w.openATA(alice))
	tx := w.build(w.blockhash(), w.pay(5, alice))
	sig := must(w.send(tx, false))
	must(w.send(tx, false)) // twice in the queue is once
	w.advance(2)
	if code, got := refusal(second(w.send(tx, false))); code != -32002 || got != `"AlreadyProcessed"` {
		t.Errorf("landed transaction again = %d %s", code, got)
	}
	if again := must(w.send(tx, true)); again != sig {
		t.Errorf("signature = %s, want %s", again, sig)
	}
	w.advance(2)
	if got := w.tokens(w.address(alice), confirmed); got != "5" {
		t.Errorf("alice has %s, want 5: money moved twice", got)
	}

	latest := must(w.client.GetLatestBlockhash(ctx, processed)).Value
	edge, late := w.build(latest.Blockhash, w.pay(6, alice)), w.build(latest.Blockhash, w.pay(7, alice))
	w.advance(150)
	if h := must(w.client.GetBlockHeight(ctx, processed)); h != latest.LastValidBlockHeight {
		t.Fatalf("block height %d, want %d", h, latest.LastValidBlockHeight)
	}
	if !must(w.client.IsBlockhashValid(ctx, latest.Blockhash, processed)).Value {
		t.Error("blockhash is not valid at its last height")
	}
	must(w.send(edge, true))
	w.advance(1)
	if got := w.tokens(w.address(alice), processed); got != "11" {
		t.Errorf("alice has %s, want 11: the last block should take it", got)
	}
	if code, got := refusal(second(w.send(late, false))); code != -32002 || got != `"BlockhashNotFound"` {
		w.advance(1)
		code, got = refusal(second(w.send(late, false)))
		if code != -32002 || got != `"BlockhashNotFound"` {
			t.Errorf("expired blockhash = %d %s", code, got)
		}
	}
	lost := must(w.send(late, true))
	w.advance(3)
	if s := w.status(lost); s != nil {
		t.Errorf("expired transaction has status %+v", s)
	}
}

func TestFinality(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := context.Background()
	alice := w.newKey()
	sig := must(w.send(w.build(w.blockhash(), w.openATA(alice), w.pay(5, alice)), false))
	w.advance(1)
	if s := w.status(sig); s.ConfirmationStatus != rpc.ConfirmationStatusProcessed || *s.Confirmations != 0 {
		t.Errorf("after its block: %+v", s)
	}
	if got := w.tokens(w.address(alice), confirmed); got != "Invalid param: could not find account" {
		t.Errorf("confirmed sees %s one block early", got)
	}
	w.advance(1)
	if s := w.status(sig); s.ConfirmationStatus != rpc.ConfirmationStatusConfirmed {
		t.Errorf("one block later: %+v", s)
	}
	w.advance(30)
	if s := w.status(sig); s.ConfirmationStatus != rpc.ConfirmationStatusConfirmed {
		t.Errorf("31 blocks later: %+v", s)
	}
	if _, err := w.client.GetTransaction(ctx, sig, &rpc.GetTransactionOpts{Encoding: solana.EncodingBase64, Commitment: finalized}); !errors.Is(err, rpc.ErrNotFound) {
		t.Errorf("finalized transaction before finality: %v, want not found", err)
	}
	if w.node.Books(0)[0].Finalized {
		t.Error("books call the transfer final before it is")
	}
	w.advance(1)
	if s := w.status(sig); s.ConfirmationStatus != rpc.ConfirmationStatusFinalized || s.Confirmations != nil {
		t.Errorf("32 blocks later: %+v", s)
	}
	if got := w.tokens(w.address(alice), finalized); got != "5" || !w.node.Books(0)[0].Finalized {
		t.Errorf("finalized balance = %s, want 5 and a final line in the books", got)
	}
	w.advance(400)
	r := must(w.client.GetSignatureStatuses(ctx, false, sig))
	if r.Value[0] != nil || w.status(sig) == nil {
		t.Errorf("old status without history = %+v, with history must be known", r.Value[0])
	}
}
