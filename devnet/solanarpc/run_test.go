package solanarpc_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/openremit/remit/devnet/solanarpc"
)

func TestRunWithManyCallers(t *testing.T) {
	t.Parallel()
	w := setup(t, func(o *solanarpc.Options) {
		o.SlotInterval, o.FinalizedDepth = 2*time.Millisecond, 3
		o.StatePath = filepath.Join(t.TempDir(), "solana.journal")
	})
	const callers, each = 6, 10
	alice := w.newKey()
	w.land(w.openATA(alice))
	w.advance(3)
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- w.node.Run(ctx) }()
	var wg sync.WaitGroup
	for c := range callers {
		// Built here: the helpers of the test may end it, which only this goroutine may do.
		txs := make([]*solana.Transaction, each)
		for i := range txs {
			txs[i] = w.build(w.blockhash(), memo(fmt.Sprintf("caller %d payment %d", c, i), w.treasury), w.pay(1, alice))
		}
		wg.Go(func() {
			for _, tx := range txs {
				sig, err := w.send(tx, false)
				for err == nil {
					var r *rpc.GetSignatureStatusesResult
					if r, err = w.client.GetSignatureStatuses(ctx, true, sig); err == nil && r.Value[0] != nil && r.Value[0].ConfirmationStatus == rpc.ConfirmationStatusFinalized {
						break
					}
				}
				if err != nil {
					t.Errorf("caller %d: %v", c, err)
				}
			}
		})
	}
	wg.Wait()
	stop()
	if err := <-ran; err != nil {
		t.Errorf("run = %v, want no error", err)
	}
	if got := w.tokens(w.address(alice), finalized); got != fmt.Sprint(callers*each) {
		t.Errorf("alice has %s, want %d", got, callers*each)
	}
	if n := len(w.node.Books(0)); n != callers*each {
		t.Errorf("%d lines in the books, want %d", n, callers*each)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	node, err := solanarpc.New(options())
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
	if err := node.Advance(1); err == nil {
		t.Error("a closed node made a block")
	}
	if err := node.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	if _, err := solanarpc.New(solanarpc.Options{FinalizedDepth: 1_000}); err == nil {
		t.Error("an absurd finalized depth was accepted")
	}
}

func TestSeeding(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := context.Background()
	key := must(solana.NewRandomPrivateKey())
	m := solanarpc.Mint{Key: key, Authority: w.treasury, Decimals: 2}
	for range 2 { // seeding a kept chain again is no error
		if got := must(w.node.CreateMint(ctx, m)); got != key.PublicKey() {
			t.Errorf("mint = %s, want %s", got, key.PublicKey())
		}
	}
	m.Decimals = 3
	if _, err := w.node.CreateMint(ctx, m); err == nil {
		t.Error("a mint with other decimals was taken for the same")
	}
	if _, err := w.node.MintTo(ctx, w.treasury, key, w.treasury, 1); err == nil {
		t.Error("issued a wallet as if it were a mint")
	}
	if _, err := w.node.MintTo(ctx, w.mint, key, w.treasury, 1); err == nil {
		t.Error("a stranger issued tokens")
	}
	if _, err := w.node.Airdrop(ctx, w.newKey(), 1); err == nil {
		t.Error("an airdrop below rent was given")
	}
	if n := len(w.node.Books(0)); n != 0 {
		t.Errorf("issuing made %d lines in the books, want none", n)
	}
}
