package solana_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/solanarpc"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/solana"
)

const sol = sdk.LAMPORTS_PER_SOL

// start is when the chains of these tests begin.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestRail(t *testing.T) {
	t.Parallel()
	for _, program := range []sdk.PublicKey{sdk.TokenProgramID, sdk.Token2022ProgramID} {
		t.Run(program.Short(4), func(t *testing.T) {
			t.Parallel()
			settlementtest.Run(t, func(t *testing.T) *settlementtest.Harness {
				t.Parallel()
				return newChain(t, program).harness(t)
			})
		})
	}
}

// key signs for one address.
type key struct{ sdk.PrivateKey }

func (k key) Sign(_ context.Context, r settlement.SignRequest) ([]byte, error) {
	if r.Key != k.PublicKey().String() {
		return nil, remit.NotFound("key", r.Key)
	}
	return ed25519.Sign(ed25519.PrivateKey(k.PrivateKey), r.Payload), nil
}

// chain is a node with a mint and a funded treasury.
type chain struct {
	node     *solanarpc.Server
	url      string
	clock    *remit.FakeClock
	program  sdk.PublicKey
	mint     sdk.PublicKey
	treasury sdk.PrivateKey
	faulty   *faulty
	wallets  map[sdk.PublicKey]sdk.PrivateKey
}

func newChain(t testing.TB, program sdk.PublicKey) *chain {
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
	c := &chain{
		node: node, url: srv.URL, clock: clock, program: program, treasury: newKey(t), wallets: make(map[sdk.PublicKey]sdk.PrivateKey),
		faulty: &faulty{next: http.DefaultTransport, dropped: `{"drop_pct":100}`, lost: `{"hangup_pct":100}`, late: `{"land_delay_slots":%d}`},
	}
	ctx := t.Context()
	if _, err := node.Airdrop(ctx, c.treasury.PublicKey(), 100*sol); err != nil {
		t.Fatalf("airdrop: %v", err)
	}
	c.mint, err = node.CreateMint(ctx, solanarpc.Mint{
		Authority: c.treasury.PublicKey(), FreezeAuthority: c.treasury.PublicKey(), Decimals: 6, Token2022: program == sdk.Token2022ProgramID,
	})
	if err != nil {
		t.Fatalf("create mint: %v", err)
	}
	if _, err := node.MintTo(ctx, c.mint, c.treasury, c.treasury.PublicKey(), settlementtest.Funding); err != nil {
		t.Fatalf("mint: %v", err)
	}
	c.advance(t, solanarpc.DefaultFinalizedDepth+1)
	return c
}

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
	if err := c.node.Advance(slots); err != nil {
		t.Fatalf("advance: %v", err)
	}
}

func (c *chain) options() solana.Options {
	return solana.Options{
		Endpoint: c.url, GenesisHash: c.node.GenesisHash().String(), Mint: c.mint.String(), TokenProgram: c.program.String(),
		Treasury: c.treasury.PublicKey().String(), Signer: key{c.treasury}, Clock: c.clock,
		HTTPClient: &http.Client{Transport: c.faulty},
	}
}

func (c *chain) rail(t testing.TB) settlement.Rail { return newRail(t, c.options()) }

func newRail(t testing.TB, o solana.Options) *solana.Rail {
	t.Helper()
	r, err := solana.New(o)
	if err != nil {
		t.Fatalf("new rail: %v", err)
	}
	return r
}

// account is a wallet's token account.
func (c *chain) account(t testing.TB, wallet sdk.PublicKey) sdk.PublicKey {
	t.Helper()
	a, err := solanarpc.TokenAddress(wallet, c.mint, c.program)
	if err != nil {
		t.Fatalf("token address: %v", err)
	}
	return a
}

// freeze opens a wallet's token account if need be, and freezes it.
func (c *chain) freeze(t testing.TB, wallet sdk.PublicKey) {
	t.Helper()
	if _, err := c.node.MintTo(t.Context(), c.mint, c.treasury, wallet, 1); err != nil {
		t.Fatalf("open token account: %v", err)
	}
	c.instruct(t, sdk.NewInstruction(c.program, sdk.AccountMetaSlice{
		sdk.Meta(c.account(t, wallet)).WRITE(), sdk.Meta(c.mint), sdk.Meta(c.treasury.PublicKey()).SIGNER(),
	}, []byte{10}))
}

// instruct lands a transaction of the treasury.
func (c *chain) instruct(t testing.TB, ixs ...sdk.Instruction) {
	t.Helper()
	client := rpc.New(c.url)
	latest, err := client.GetLatestBlockhash(t.Context(), rpc.CommitmentProcessed)
	if err != nil {
		t.Fatalf("latest blockhash: %v", err)
	}
	tx, err := sdk.NewTransaction(ixs, latest.Value.Blockhash, sdk.TransactionPayer(c.treasury.PublicKey()))
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	if _, err := tx.Sign(func(sdk.PublicKey) *sdk.PrivateKey { return &c.treasury }); err != nil {
		t.Fatalf("sign: %v", err)
	}
	if _, err := client.SendTransactionWithOpts(t.Context(), tx, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed}); err != nil {
		t.Fatalf("send: %v", err)
	}
	c.advance(t, 1)
}

func (c *chain) harness(t testing.TB) *settlementtest.Harness {
	bad := newKey(t).PublicKey()
	c.freeze(t, bad)
	c.advance(t, 2)
	return &settlementtest.Harness{
		Rail: c.rail(t), Restart: c.rail, Clock: c.clock, LandsLate: true,
		Destination:    func(t testing.TB) string { return newKey(t).PublicKey().String() },
		BadDestination: func(testing.TB) string { return bad.String() },
		Spoil:          func(t testing.TB, d string) { c.freeze(t, sdk.MustPublicKeyFromBase58(d)) },
		Advance:        func(t testing.TB) { c.advance(t, 8) },
		Expire:         func(t testing.TB) { c.advance(t, 150+solanarpc.DefaultFinalizedDepth+2) },
		Misbehave:      func(_ testing.TB, f settlementtest.Faults) { c.faulty.set(f) },
		Books: func(testing.TB) []settlementtest.Payment {
			var out []settlementtest.Payment
			for _, p := range c.node.Books(0) {
				if p.Mint == c.mint && p.SourceOwner == c.treasury.PublicKey() {
					out = append(out, settlementtest.Payment{
						Hash: p.Signature.String(), Destination: p.DestinationOwner.String(), Amount: int64(p.Amount), Memo: p.Memo,
					})
				}
			}
			return out
		},
	}
}

// faulty makes the node misbehave for this client, by a header that the node knows.
type faulty struct {
	next                http.RoundTripper
	dropped, lost, late string

	mu sync.Mutex
	settlementtest.Faults
}

func (f *faulty) set(faults settlementtest.Faults) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Faults = faults
}

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	sends, err := isSend(r)
	if err != nil {
		return nil, err
	}
	if header, down := f.trouble(sends); down {
		return nil, errors.New("the endpoint is down")
	} else if header != "" {
		r = r.Clone(r.Context())
		r.Header.Set("X-Fault", header)
	}
	return f.next.RoundTrip(r)
}

// isSend says whether a call sends a transaction.
func isSend(r *http.Request) (bool, error) {
	if r.GetBody == nil {
		return false, nil
	}
	body, err := r.GetBody()
	if err != nil {
		return false, err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return false, err
	}
	return bytes.Contains(text, []byte(`"sendTransaction"`)), body.Close()
}

func (f *faulty) trouble(sends bool) (header string, down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.Down:
		return "", true
	case !sends:
		return "", false
	case f.DropSubmits > 0:
		f.DropSubmits--
		return f.dropped, false
	case f.LoseReplies > 0:
		f.LoseReplies--
		return f.lost, false
	case f.LandLate > 0:
		return fmt.Sprintf(f.late, 8*f.LandLate), false
	default:
		return "", false
	}
}
