package solanarpc_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/openremit/remit/devnet/solanarpc"
)

// reopen starts a node on a copy of a journal, as a crash would have left it.
func (w *world) reopen(path string, cut int64) *world {
	w.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		w.Fatalf("read journal: %v", err)
	}
	crashed := filepath.Join(w.TempDir(), "crashed.journal")
	if err := os.WriteFile(crashed, body[:int64(len(body))-cut], 0o600); err != nil {
		w.Fatalf("copy journal: %v", err)
	}
	o := options()
	o.Seed, o.StatePath = [32]byte{}, crashed // the seed is in the journal
	next := open(w.TB, o)
	next.keys, next.treasury, next.mint, next.program, next.source = w.keys, w.treasury, w.mint, w.program, w.source
	return next
}

func TestRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "solana.journal")
	w := setup(t, func(o *solanarpc.Options) { o.StatePath = path })
	ctx := context.Background()
	alice := w.newKey()
	sig := w.land(w.openATA(alice), w.pay(70, alice), memo("first", w.treasury))
	bad := must(w.send(w.build(w.blockhash(), w.pay(1<<60, alice)), true))
	w.advance(3)
	latest := must(w.client.GetLatestBlockhash(ctx, processed)).Value

	next := w.reopen(path, 0)
	if got, want := next.node.State().Slot, w.node.State().Slot; got != want {
		t.Errorf("slot after restart = %d, want %d", got, want)
	}
	if next.node.GenesisHash() != w.node.GenesisHash() || next.node.FaucetAddress() != w.node.FaucetAddress() {
		t.Error("another chain came up")
	}
	if s := next.status(sig); s == nil || s.Err != nil || asJSON(s) != asJSON(w.status(sig)) {
		t.Errorf("status after restart = %s, want %s", asJSON(s), asJSON(w.status(sig)))
	}
	if s := next.status(bad); s == nil || asJSON(s.Err) != `{"InstructionError":[0,{"Custom":1}]}` {
		t.Errorf("failed status after restart = %s", asJSON(s))
	}
	if got := next.tokens(next.address(alice), confirmed); got != "70" {
		t.Errorf("alice has %s after restart, want 70", got)
	}
	if got, want := asJSON(next.node.Books(0)), asJSON(w.node.Books(0)); got != want {
		t.Errorf("books after restart = %s, want %s", got, want)
	}
	must(next.client.GetTransaction(ctx, sig, &rpc.GetTransactionOpts{Encoding: solana.EncodingBase64, Commitment: confirmed}))
	again := must(next.client.GetLatestBlockhash(ctx, processed)).Value
	if again.Blockhash != latest.Blockhash || again.LastValidBlockHeight != latest.LastValidBlockHeight {
		t.Errorf("latest blockhash after restart = %v, want %v", again, latest)
	}
	must(next.send(next.build(latest.Blockhash, next.pay(1, alice)), true))
	next.advance(2)
	if got := next.tokens(next.address(alice), confirmed); got != "71" {
		t.Errorf("alice has %s, want 71: an earlier blockhash should be good", got)
	}
}

func TestTornJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "solana.journal")
	w := setup(t, func(o *solanarpc.Options) { o.StatePath = path })
	alice := w.newKey()
	w.land(w.openATA(alice), w.pay(70, alice))
	before := w.node.State().Slot
	sig := must(w.send(w.build(w.blockhash(), w.pay(5, alice)), false))
	w.advance(1) // the frame that is torn
	next := w.reopen(path, 7)
	if got := next.node.State().Slot; got != before {
		t.Errorf("slot = %d, want %d: the torn block never was", got, before)
	}
	if s := next.status(sig); s != nil {
		t.Errorf("status of a torn block's transaction = %+v, want none", s)
	}
	must(next.send(next.build(next.blockhash(), next.pay(6, alice)), false))
	next.advance(2)
	if got := next.tokens(next.address(alice), confirmed); got != "76" {
		t.Errorf("alice has %s, want 76", got)
	}
}

func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "solana.journal")
	w := setup(t, func(o *solanarpc.Options) { o.StatePath = path })
	w.advance(5)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body[len(body)/2] ^= 1
	damaged := filepath.Join(t.TempDir(), "damaged.journal")
	if err := os.WriteFile(damaged, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := solanarpc.New(solanarpc.Options{StatePath: damaged}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged journal = %v, want a refusal", err)
	}
	if after, err := os.ReadFile(damaged); err != nil || len(after) != len(body) {
		t.Errorf("the damaged journal was cut to %d bytes of %d (%v)", len(after), len(body), err)
	}
}

func TestJournalInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "solana.journal")
	setup(t, func(o *solanarpc.Options) { o.StatePath = path })
	if _, err := solanarpc.New(solanarpc.Options{StatePath: path}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second node on one journal = %v, want a refusal", err)
	}
	other := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(other, []byte("these are somebody's notes, which must not be overwritten"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := solanarpc.New(solanarpc.Options{StatePath: other}); err == nil {
		t.Error("a file that is no journal was taken for an empty one")
	}
}

const childPath = "REMIT_TEST_SOLANARPC_JOURNAL"

// TestChildNode is not a test: TestKill runs it as a process of its own.
func TestChildNode(t *testing.T) {
	path := os.Getenv(childPath)
	if path == "" {
		t.Skip("only runs as the child of TestKill")
	}
	w := setup(t, func(o *solanarpc.Options) { o.StatePath = path })
	alice := w.newKey()
	w.land(w.openATA(alice))
	sigs := make([]string, 0, 40)
	for i := range 40 {
		sigs = append(sigs, w.land(w.pay(uint64(i+1), alice)).String())
	}
	fmt.Printf("child %s\n", asJSON(map[string]any{"sigs": sigs, "account": w.address(alice), "slot": w.node.State().Slot}))
	_, _ = io.Copy(io.Discard, os.Stdin) // until killed
}

func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "solana.journal")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestChildNode$")
	cmd.Env = append(os.Environ(), childPath+"="+path)
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start child: %v", err)
	}
	var seen struct {
		Sigs    []solana.Signature `json:"sigs"`
		Account solana.PublicKey   `json:"account"`
		Slot    uint64             `json:"slot"`
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "child "); ok {
			if err := json.Unmarshal([]byte(text), &seen); err != nil {
				t.Fatalf("read child: %v", err)
			}
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatalf("kill child: %v", err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	w := open(t, solanarpc.Options{StatePath: path})
	if len(seen.Sigs) != 40 || w.node.State().Slot != seen.Slot {
		t.Fatalf("%d signatures, slot %d, want 40 and slot %d", len(seen.Sigs), w.node.State().Slot, seen.Slot)
	}
	for _, sig := range seen.Sigs {
		if s := w.status(sig); s == nil || s.Err != nil {
			t.Errorf("%s after the kill = %+v, want success", sig, s)
		}
	}
	if got := w.tokens(seen.Account, confirmed); got != "820" {
		t.Errorf("balance after the kill = %s, want 820", got)
	}
}
