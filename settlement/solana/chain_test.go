package solana_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/solanarpc"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/solana"
)

const (
	sol          = sdk.LAMPORTS_PER_SOL
	finalAfter   = solanarpc.DefaultFinalizedDepth
	advanceSlots = 8
	expireSlots  = 150 + finalAfter + 2
)

// start is when the clocks of these tests begin.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// keyring is the real signer, with one key and one token to pay.
func keyring(t testing.TB, k sdk.PrivateKey, mint sdk.PublicKey) settlement.Signer {
	t.Helper()
	return keyringFor(t, k, signer.Policy{SolanaMints: map[remit.Asset]string{remit.USDCSolana: mint.String()}})
}

// signs is the real signer of the chain's treasury.
func (c *chain) signs(t testing.TB) settlement.Signer {
	t.Helper()
	if c.maxFee == 0 {
		return keyring(t, c.treasury, c.mint.PublicKey())
	}
	return keyringFor(t, c.treasury, signer.Policy{
		SolanaMints: map[remit.Asset]string{remit.USDCSolana: c.mint.PublicKey().String()}, SolanaFees: map[remit.Asset]int64{remit.USDCSolana: c.maxFee},
	})
}

func keyringFor(t testing.TB, k sdk.PrivateKey, policy signer.Policy) settlement.Signer {
	t.Helper()
	ring, err := signer.NewKeyring(map[string][]byte{"treasury": k[:ed25519.SeedSize]})
	if err != nil {
		t.Fatalf("new keyring: %v", err)
	}
	ring.SetPolicy(policy)
	return ring
}

// chain is a node with a mint and a funded treasury, known by its RPC only.
type chain struct {
	url      string
	client   *rpc.Client
	clock    *remit.FakeClock
	genesis  sdk.Hash
	program  sdk.PublicKey
	mint     sdk.PrivateKey
	treasury sdk.PrivateKey
	faulty   *faulty
	// maxFee is the bound of what the mint takes of transfers, in basis points.
	maxFee int64
	// wallets are the owners of the token accounts paid, by account.
	wallets map[sdk.PublicKey]sdk.PublicKey
}

// newStandIn starts the stand-in for a node, and seeds it.
func newStandIn(t testing.TB, program sdk.PublicKey) *chain {
	t.Helper()
	clock := remit.NewFakeClock(start)
	node, err := solanarpc.New(solanarpc.Options{Now: clock.Now})
	if err != nil {
		t.Fatalf("new node: %v", err)
	}
	srv := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		srv.Close()
		if err := node.Close(); err != nil {
			t.Errorf("close node: %v", err)
		}
	})
	return seed(t, srv.URL, clock, program, standInFaults)
}

// realVMTurn is held by the test that uses the real virtual machine: its clock
// is the same for all.
var realVMTurn sync.Mutex

// newRealVM seeds a server over the real virtual machine, or skips the test.
func newRealVM(t testing.TB, program sdk.PublicKey) *chain {
	t.Helper()
	url := os.Getenv("REMIT_SVM_RPC")
	if url == "" {
		t.Skip("REMIT_SVM_RPC does not name a server over the real virtual machine")
	}
	realVMTurn.Lock()
	t.Cleanup(realVMTurn.Unlock)
	return seed(t, url, remit.NewFakeClock(start), program, realVMFaults)
}

// seed makes a mint and a treasury on a node.
func seed(t testing.TB, url string, clock *remit.FakeClock, program sdk.PublicKey, words faultWords) *chain {
	t.Helper()
	c := &chain{
		url: url, client: rpc.New(url), clock: clock, program: program, mint: newKey(t), treasury: newKey(t),
		faulty: &faulty{next: http.DefaultTransport, faultWords: words}, wallets: make(map[sdk.PublicKey]sdk.PublicKey),
	}
	var err error
	if c.genesis, err = c.client.GetGenesisHash(t.Context()); err != nil {
		t.Fatalf("genesis hash: %v", err)
	}
	if _, err := c.client.RequestAirdrop(t.Context(), c.treasury.PublicKey(), 100*sol, rpc.CommitmentProcessed); err != nil {
		t.Fatalf("airdrop: %v", err)
	}
	c.advance(t, 2)
	owner := c.treasury.PublicKey()
	c.createMint(t, decimals)
	c.issue(t, owner, settlementtest.Funding)
	c.advance(t, finalAfter+1)
	return c
}

// createMint makes the mint, with the treasury as its authority.
func (c *chain) createMint(t testing.TB, decimals byte) {
	t.Helper()
	const mintSize, mintRent = 82, 1_461_600
	owner := c.treasury.PublicKey()
	initialize := append([]byte{20, decimals}, owner[:]...)
	initialize = append(append(initialize, 1), owner[:]...)
	c.instruct(t,
		system.NewCreateAccountInstruction(mintRent, mintSize, c.program, owner, c.mint.PublicKey()).Build(),
		sdk.NewInstruction(c.program, sdk.AccountMetaSlice{sdk.Meta(c.mint.PublicKey()).WRITE()}, initialize))
}

// foreignToken makes a second token of c.mint and opens its account for a wallet.
func (c *chain) foreignToken(t testing.TB, wallet sdk.PublicKey) sdk.PublicKey {
	t.Helper()
	c.createMint(t, decimals)
	c.instruct(t, c.openIx(t, wallet))
	return c.account(t, wallet)
}

// decimals is the decimals of USDC.
const decimals = 6

func newKey(t testing.TB) sdk.PrivateKey {
	t.Helper()
	k, err := sdk.NewRandomPrivateKey()
	if err != nil {
		t.Fatalf("draw key: %v", err)
	}
	return k
}

// advance makes blocks and moves the clock with them.
func (c *chain) advance(t testing.TB, slots int) {
	t.Helper()
	c.clock.Advance(time.Duration(slots) * solanarpc.DefaultSlotInterval)
	answer, err := http.Post(c.url+"/_advance", "application/json", bytes.NewReader(fmt.Appendf(nil, `{"slots":%d}`, slots)))
	if err != nil {
		t.Fatalf("advance: %v", err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("advance: %s %v", answer.Status, err)
	}
}

// instruct lands a transaction of the treasury.
func (c *chain) instruct(t testing.TB, ixs ...sdk.Instruction) {
	t.Helper()
	latest, err := c.client.GetLatestBlockhash(t.Context(), rpc.CommitmentProcessed)
	if err != nil {
		t.Fatalf("latest blockhash: %v", err)
	}
	tx, err := sdk.NewTransaction(ixs, latest.Value.Blockhash, sdk.TransactionPayer(c.treasury.PublicKey()))
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	if _, err := tx.Sign(func(k sdk.PublicKey) *sdk.PrivateKey {
		if k == c.mint.PublicKey() {
			return &c.mint
		}
		return &c.treasury
	}); err != nil {
		t.Fatalf("sign: %v", err)
	}
	if _, err := c.client.SendTransactionWithOpts(t.Context(), tx, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed}); err != nil {
		t.Fatalf("send: %v", err)
	}
	c.advance(t, 1)
}

// account is a wallet's token account.
func (c *chain) account(t testing.TB, wallet sdk.PublicKey) sdk.PublicKey {
	t.Helper()
	a, err := solanarpc.TokenAddress(wallet, c.mint.PublicKey(), c.program)
	if err != nil {
		t.Fatalf("token address: %v", err)
	}
	return a
}

// openIx opens a wallet's token account unless it is there.
func (c *chain) openIx(t testing.TB, wallet sdk.PublicKey) sdk.Instruction {
	return sdk.NewInstruction(sdk.SPLAssociatedTokenAccountProgramID, sdk.AccountMetaSlice{
		sdk.Meta(c.treasury.PublicKey()).WRITE().SIGNER(), sdk.Meta(c.account(t, wallet)).WRITE(), sdk.Meta(wallet),
		sdk.Meta(c.mint.PublicKey()), sdk.Meta(sdk.SystemProgramID), sdk.Meta(c.program),
	}, []byte{1})
}

// issue opens a wallet's token account and mints into it.
func (c *chain) issue(t testing.TB, wallet sdk.PublicKey, amount uint64) {
	t.Helper()
	c.instruct(t, c.openIx(t, wallet), sdk.NewInstruction(c.program, sdk.AccountMetaSlice{
		sdk.Meta(c.mint.PublicKey()).WRITE(), sdk.Meta(c.account(t, wallet)).WRITE(), sdk.Meta(c.treasury.PublicKey()).SIGNER(),
	}, binary.LittleEndian.AppendUint64([]byte{7}, amount)))
}

// freeze opens a wallet's token account and freezes it.
func (c *chain) freeze(t testing.TB, wallet sdk.PublicKey) {
	t.Helper()
	c.instruct(t, c.openIx(t, wallet), sdk.NewInstruction(c.program, sdk.AccountMetaSlice{
		sdk.Meta(c.account(t, wallet)).WRITE(), sdk.Meta(c.mint.PublicKey()), sdk.Meta(c.treasury.PublicKey()).SIGNER(),
	}, []byte{10}))
}

// wallet makes a fresh wallet that the books know.
func (c *chain) wallet(t testing.TB) sdk.PublicKey {
	t.Helper()
	w := newKey(t).PublicKey()
	c.wallets[c.account(t, w)] = w
	return w
}

// coin is the chain's mint as an asset.
func (c *chain) coin(a remit.Asset) solana.Coin {
	return solana.Coin{Asset: a, Mint: c.mint.PublicKey().String(), Program: c.program.String(), MaxFeeBasisPoints: c.maxFee}
}

func (c *chain) options(t testing.TB) solana.Options {
	return solana.Options{
		Endpoint: c.url, GenesisHash: c.genesis.String(), Coins: []solana.Coin{c.coin(remit.USDCSolana)},
		Treasury: c.treasury.PublicKey().String(), Signer: c.signs(t), Clock: c.clock,
		HTTPClient: &http.Client{Transport: c.faulty},
	}
}

func (c *chain) rail(t testing.TB) settlement.Rail { return newRail(t, c.options(t)) }

func newRail(t testing.TB, o solana.Options) *solana.Rail {
	t.Helper()
	r, err := solana.New(o)
	if err != nil {
		t.Fatalf("new rail: %v", err)
	}
	return r
}

func (c *chain) harness(t testing.TB) *settlementtest.Harness {
	t.Helper()
	bad := newKey(t).PublicKey()
	c.freeze(t, bad)
	c.advance(t, 2)
	return &settlementtest.Harness{
		Rail: c.rail(t), Restart: c.rail, Clock: c.clock, LandsLate: true,
		Destination:    func(t testing.TB) string { return c.wallet(t).String() },
		BadDestination: func(testing.TB) string { return bad.String() },
		Spoil:          func(t testing.TB, d string) { c.freeze(t, sdk.MustPublicKeyFromBase58(d)) },
		Advance:        func(t testing.TB) { c.advance(t, advanceSlots) },
		Expire:         func(t testing.TB) { c.advance(t, expireSlots) },
		Misbehave:      c.misbehave,
		Books:          c.books,
	}
}

// misbehave replaces the faults of the node.
func (c *chain) misbehave(t testing.TB, f settlementtest.Faults) {
	t.Helper()
	c.faulty.set(f)
	if c.faulty.skipped == "" {
		return
	}
	answer, err := http.Post(c.url+"/_fault", "application/json", strings.NewReader(fmt.Sprintf(c.faulty.skipped, f.SkipPct)))
	if err != nil {
		t.Fatalf("skip slots: %v", err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("skip slots: %s %v", answer.Status, err)
	}
}

// books reads the treasury's transfers from the chain's history.
func (c *chain) books(t testing.TB) []settlementtest.Payment {
	t.Helper()
	source := c.account(t, c.treasury.PublicKey())
	var history []*rpc.TransactionSignature
	for {
		o := rpc.GetSignaturesForAddressOpts{Commitment: rpc.CommitmentConfirmed}
		if len(history) > 0 {
			o.Before = history[len(history)-1].Signature
		}
		page, err := c.client.GetSignaturesForAddressWithOpts(t.Context(), source, &o)
		if err != nil {
			t.Fatalf("history of the treasury: %v", err)
		}
		if len(page) == 0 {
			break
		}
		history = append(history, page...)
	}
	slices.Reverse(history)
	var out []settlementtest.Payment
	for _, h := range history {
		if h.Err == nil {
			out = append(out, c.payments(t, source, h.Signature)...)
		}
	}
	return out
}

func (c *chain) payments(t testing.TB, source sdk.PublicKey, signature sdk.Signature) []settlementtest.Payment {
	t.Helper()
	newest := uint64(0)
	found, err := c.client.GetTransaction(t.Context(), signature, &rpc.GetTransactionOpts{
		Encoding: sdk.EncodingBase64, Commitment: rpc.CommitmentConfirmed, MaxSupportedTransactionVersion: &newest,
	})
	if err != nil {
		t.Fatalf("transaction %s: %v", signature, err)
	}
	tx, err := found.Transaction.GetTransaction()
	if err != nil {
		t.Fatalf("transaction %s: %v", signature, err)
	}
	memo := ""
	var out []settlementtest.Payment
	for _, ix := range tx.Message.Instructions {
		accounts, err := ix.ResolveInstructionAccounts(&tx.Message)
		if err != nil {
			t.Fatalf("transaction %s: %v", signature, err)
		}
		switch program := tx.Message.AccountKeys[ix.ProgramIDIndex]; {
		case program == sdk.MemoProgramID:
			memo = string(ix.Data)
		case program == c.program && ix.Data[0] == 12 && accounts[0].PublicKey == source:
			to := accounts[2].PublicKey
			out = append(out, settlementtest.Payment{
				Hash: signature.String(), Destination: c.wallets[to].String(), Amount: int64(binary.LittleEndian.Uint64(ix.Data[1:])), Memo: memo,
			})
		case program == c.program && ix.Data[0] == 26 && ix.Data[1] == 1 && accounts[0].PublicKey == source:
			// What arrives is less than what is sent by what the token takes.
			to, arrives := accounts[2].PublicKey, binary.LittleEndian.Uint64(ix.Data[2:])-binary.LittleEndian.Uint64(ix.Data[11:])
			out = append(out, settlementtest.Payment{Hash: signature.String(), Destination: c.wallets[to].String(), Amount: int64(arrives), Memo: memo})
		}
	}
	return out
}
