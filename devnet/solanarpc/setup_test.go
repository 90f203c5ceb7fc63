package solanarpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	ata "github.com/gagliardetto/solana-go/programs/associated-token-account"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/openremit/remit/devnet/solanarpc"
)

const (
	processed = rpc.CommitmentProcessed
	confirmed = rpc.CommitmentConfirmed
	finalized = rpc.CommitmentFinalized
	sol       = solana.LAMPORTS_PER_SOL
	decimals  = 6
)

// world is a node with a mint, a treasury that holds tokens, and a client.
type world struct {
	testing.TB
	node     *solanarpc.Server
	url      string
	client   *rpc.Client
	keys     map[solana.PublicKey]solana.PrivateKey
	treasury solana.PublicKey
	mint     solana.PublicKey
	program  solana.PublicKey
	source   solana.PublicKey
}

// startDate is when the blocks of these tests are made.
var startDate = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func options() solanarpc.Options {
	return solanarpc.Options{Seed: [32]byte{7}, Now: func() time.Time { return startDate }}
}

func setup(t *testing.T, change ...func(*solanarpc.Options)) *world {
	t.Helper()
	o := options()
	for _, f := range change {
		f(&o)
	}
	w := open(t, o)
	w.seed(solana.TokenProgramID)
	return w
}

// open starts a node without anything on it.
func open(t testing.TB, o solanarpc.Options) *world {
	t.Helper()
	node, err := solanarpc.New(o)
	if err != nil {
		t.Fatalf("new node: %v", err)
	}
	return serve(t, node)
}

// serve answers for a node until the test ends.
func serve(t testing.TB, node *solanarpc.Server) *world {
	srv := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		srv.Close()
		if err := node.Close(); err != nil {
			t.Errorf("close node: %v", err)
		}
	})
	return &world{TB: t, node: node, url: srv.URL, client: rpc.New(srv.URL), keys: map[solana.PublicKey]solana.PrivateKey{}}
}

func (w *world) seed(program solana.PublicKey) {
	w.Helper()
	w.program, w.treasury = program, w.newKey()
	ctx := context.Background()
	if _, err := w.node.Airdrop(ctx, w.treasury, 100*sol); err != nil {
		w.Fatalf("airdrop: %v", err)
	}
	mint, err := w.node.CreateMint(ctx, solanarpc.Mint{
		Authority: w.treasury, FreezeAuthority: w.treasury, Decimals: decimals, Token2022: program == solana.Token2022ProgramID,
	})
	if err != nil {
		w.Fatalf("create mint: %v", err)
	}
	w.mint = mint
	if w.source, err = w.node.MintTo(ctx, mint, w.keys[w.treasury], w.treasury, 1_000_000_000); err != nil {
		w.Fatalf("mint to: %v", err)
	}
	w.advance(1)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (w *world) newKey() solana.PublicKey {
	k := must(solana.NewRandomPrivateKey())
	w.keys[k.PublicKey()] = k
	return k.PublicKey()
}

func (w *world) advance(n int) {
	w.Helper()
	if err := w.node.Advance(n); err != nil {
		w.Fatalf("advance: %v", err)
	}
}

func (w *world) address(wallet solana.PublicKey) solana.PublicKey {
	return must(solanarpc.TokenAddress(wallet, w.mint, w.program))
}

func (w *world) blockhash() solana.Hash {
	w.Helper()
	r, err := w.client.GetLatestBlockhash(context.Background(), confirmed)
	if err != nil {
		w.Fatalf("latest blockhash: %v", err)
	}
	return r.Value.Blockhash
}

func (w *world) build(hash solana.Hash, ixs ...solana.Instruction) *solana.Transaction {
	return w.buildFor(w.treasury, hash, ixs...)
}

func (w *world) buildFor(payer solana.PublicKey, hash solana.Hash, ixs ...solana.Instruction) *solana.Transaction {
	w.Helper()
	tx, err := solana.NewTransaction(ixs, hash, solana.TransactionPayer(payer))
	if err != nil {
		w.Fatalf("build: %v", err)
	}
	if _, err := tx.Sign(func(k solana.PublicKey) *solana.PrivateKey {
		if p, ok := w.keys[k]; ok {
			return &p
		}
		return nil
	}); err != nil {
		w.Fatalf("sign: %v", err)
	}
	return tx
}

func (w *world) send(tx *solana.Transaction, skip bool) (solana.Signature, error) {
	return w.client.SendTransactionWithOpts(context.Background(), tx, rpc.TransactionOpts{SkipPreflight: skip, PreflightCommitment: confirmed})
}

// land sends and makes a block and one more, so that the transaction is confirmed.
func (w *world) land(ixs ...solana.Instruction) solana.Signature {
	w.Helper()
	sig, err := w.send(w.build(w.blockhash(), ixs...), false)
	if err != nil {
		w.Fatalf("send: %v", err)
	}
	w.advance(2)
	return sig
}

func (w *world) status(sig solana.Signature) *rpc.SignatureStatusesResult {
	w.Helper()
	r, err := w.client.GetSignatureStatuses(context.Background(), true, sig)
	if err != nil {
		w.Fatalf("statuses: %v", err)
	}
	return r.Value[0]
}

func (w *world) tokens(account solana.PublicKey, c rpc.CommitmentType) string {
	r, err := w.client.GetTokenAccountBalance(context.Background(), account, c)
	if err != nil {
		return rpcError(err).Message
	}
	return r.Value.Amount
}

func (w *world) lamports(account solana.PublicKey, c rpc.CommitmentType) uint64 {
	return must(w.client.GetBalance(context.Background(), account, c)).Value
}

func rpcError(err error) *jsonrpc.RPCError {
	var e *jsonrpc.RPCError
	if errors.As(err, &e) {
		return e
	}
	return &jsonrpc.RPCError{Message: "not an RPC error: " + errText(err)}
}

func errText(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

// refusal is a preflight failure as code and err data.
func refusal(err error) (int, string) {
	e := rpcError(err)
	m, _ := e.Data.(map[string]any)
	return e.Code, asJSON(m["err"])
}

func asJSON(v any) string { return string(must(json.Marshal(v))) }

func (w *world) openATA(wallet solana.PublicKey) solana.Instruction {
	return ata.NewCreateIdempotentInstructionWithTokenProgram(w.treasury, wallet, w.mint, w.program).Build()
}

func (w *world) pay(amount uint64, wallet solana.PublicKey) solana.Instruction {
	return w.payWith(amount, decimals, w.source, w.address(wallet), w.treasury)
}

func (w *world) payWith(amount uint64, places uint8, from, to, owner solana.PublicKey) solana.Instruction {
	return w.under(token.NewTransferCheckedInstruction(amount, places, from, w.mint, to, owner, nil).Build())
}

// under sends a token instruction to the world's token program.
func (w *world) under(ix solana.Instruction) solana.Instruction {
	return solana.NewInstruction(w.program, ix.Accounts(), must(ix.Data()))
}

func memo(text string, signer solana.PublicKey) solana.Instruction {
	return solana.NewInstruction(solana.MemoProgramID, solana.AccountMetaSlice{solana.Meta(signer).SIGNER()}, []byte(text))
}

func unitLimit(n uint32) solana.Instruction {
	return computebudget.NewSetComputeUnitLimitInstruction(n).Build()
}

func unitPrice(n uint64) solana.Instruction {
	return computebudget.NewSetComputeUnitPriceInstruction(n).Build()
}
