package solanarpc_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	ata "github.com/gagliardetto/solana-go/programs/associated-token-account"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/gagliardetto/solana-go/rpc"
)

// rig is one of the two nodes that are compared, and what was seen on it. Both
// use the same keys, so that even addresses must agree.
type rig struct {
	*testing.T
	url    string
	client *rpc.Client
	salt   string
	keys   map[solana.PublicKey]solana.PrivateKey
	payer  solana.PublicKey
	notes  []note
}

type note struct {
	label, seen string
	units       uint64
}

func newRig(t *testing.T, url, salt string) *rig {
	r := &rig{T: t, url: url, client: rpc.New(url), salt: salt, keys: map[solana.PublicKey]solana.PrivateKey{}}
	frozen := `{"frozen":true}`
	if r.realVM() {
		frozen = `{"frozen":1}`
	}
	r.admin("/_fault", frozen)
	r.payer = r.key("payer")
	r.fund(r.payer, 500*sol)
	return r
}

// realVM tells the two kinds of node apart: they spell some faults differently.
func (r *rig) realVM() bool {
	resp, err := http.Get(r.url + "/_state")
	if err != nil {
		r.Fatalf("state of %s: %v", r.url, err)
	}
	defer resp.Body.Close()
	var m map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil {
		r.Fatalf("state of %s: %v", r.url, err)
	}
	_, ok := m["strictCommitment"]
	return ok
}

func (r *rig) admin(path, body string) {
	r.Helper()
	resp, err := http.Post(r.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		r.Fatalf("post %s: %v", path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		r.Fatalf("post %s %s: %s", path, body, resp.Status)
	}
}

func (r *rig) advance(n int) { r.admin("/_advance", fmt.Sprintf(`{"slots":%d}`, n)) }

// key makes the same key for a name on both nodes.
func (r *rig) key(name string) solana.PublicKey {
	seed := sha256.Sum256([]byte(r.salt + name))
	k := solana.PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
	r.keys[k.PublicKey()] = k
	return k.PublicKey()
}

func (r *rig) fund(to solana.PublicKey, lamports uint64) {
	r.Helper()
	if _, err := r.client.RequestAirdrop(context.Background(), to, lamports, processed); err != nil {
		r.Fatalf("airdrop: %v", err)
	}
	r.advance(1)
}

func (r *rig) note(label, format string, args ...any) {
	r.notes = append(r.notes, note{label: label, seen: fmt.Sprintf(format, args...)})
}

func (r *rig) hash() solana.Hash {
	return must(r.client.GetLatestBlockhash(context.Background(), processed)).Value.Blockhash
}

func (r *rig) build(payer solana.PublicKey, ixs ...solana.Instruction) *solana.Transaction {
	r.Helper()
	tx, err := solana.NewTransaction(ixs, r.hash(), solana.TransactionPayer(payer))
	if err != nil {
		r.Fatalf("build: %v", err)
	}
	if _, err := tx.Sign(func(k solana.PublicKey) *solana.PrivateKey {
		if p, ok := r.keys[k]; ok {
			return &p
		}
		return nil
	}); err != nil {
		r.Fatalf("sign: %v", err)
	}
	return tx
}

// try sends a transaction with preflight, then lands it without, and notes
// every answer: refusal, status, fee and balances.
func (r *rig) try(label string, ixs ...solana.Instruction) {
	r.Helper()
	r.tryTx(label, r.build(r.payer, ixs...))
}

func (r *rig) tryTx(label string, tx *solana.Transaction) {
	r.Helper()
	ctx := context.Background()
	if sim, err := r.client.SimulateTransactionWithOpts(ctx, tx, &rpc.SimulateTransactionOpts{Commitment: processed, SigVerify: true}); err != nil {
		r.note(label, "simulation refused: %d %s", rpcError(err).Code, rpcError(err).Message)
	} else {
		var units uint64
		if sim.Value.UnitsConsumed != nil {
			units = *sim.Value.UnitsConsumed
		}
		r.notes = append(r.notes, note{label: label, seen: "simulation: " + asJSON(sim.Value.Err), units: units})
	}
	if _, err := r.client.SendTransactionWithOpts(ctx, tx, rpc.TransactionOpts{PreflightCommitment: processed}); err != nil {
		_, data := refusal(err)
		r.note(label, "send: %d %s", rpcError(err).Code, data)
		r.note(words, "%s", rpcError(err).Message)
		if _, err := r.client.SendTransactionWithOpts(ctx, tx, rpc.TransactionOpts{SkipPreflight: true}); err != nil {
			r.note(label, "send without preflight: %d %s", rpcError(err).Code, rpcError(err).Message)
		}
	}
	r.advance(2)
	r.outcome(label, tx.Signatures[0])
}

// outcome notes the status and the recorded effects of a signature.
func (r *rig) outcome(label string, sig solana.Signature) {
	r.Helper()
	st := must(r.client.GetSignatureStatuses(context.Background(), true, sig)).Value[0]
	if st == nil {
		r.note(label, "never landed")
		return
	}
	r.note(label, "status: %s %s", asJSON(st.Err), st.ConfirmationStatus)
	if outOfUnits.MatchString(asJSON(st.Err)) {
		return // how far it came is as exact as the units are: roughly
	}
	r.note(label, "transaction: %s", r.ask("getTransaction", sig.String(), map[string]any{"commitment": "confirmed", "encoding": "json", "maxSupportedTransactionVersion": 0}))
	if st.Err != nil {
		return // what is malformed is parsed more strictly here
	}
	r.note(label, "parsed: %s", r.ask("getTransaction", sig.String(), map[string]any{"commitment": "confirmed", "encoding": "jsonParsed", "maxSupportedTransactionVersion": 0}))
}

// volatile are the fields that differ between any two nodes.
var volatile = map[string]bool{
	"slot": true, "blockTime": true, "context": true, "recentBlockhash": true, "logs": true, "logMessages": true, "signature": true,
	"computeUnitsConsumed": true, "unitsConsumed": true, "signatures": true, "rentEpoch": true, "loadedAccountsDataSize": true, "blockhash": true, "lastValidBlockHeight": true,
}

// ask calls a method and answers its result or error without the volatile fields.
func (r *rig) ask(method string, params ...any) string {
	r.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		r.Fatalf("encode %s: %v", method, err)
	}
	resp, err := http.Post(r.url, "application/json", bytes.NewReader(body))
	if err != nil {
		r.Fatalf("%s: %v", method, err)
	}
	defer resp.Body.Close()
	var m map[string]any
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		r.Fatalf("%s: %v", method, err)
	}
	delete(m, "id")
	return strings.ReplaceAll(asJSON(steady(m)), "\ufffd\ufffd", "(unparseable)")
}

// listKey orders what a node may list in any order: accounts by address.
func listKey(v any) string {
	m, ok := v.(map[string]any)
	if _, parsed := m["account"]; !ok || !parsed {
		return ""
	}
	return fmt.Sprint(m["pubkey"])
}

func steady(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if volatile[k] {
				delete(v, k)
				continue
			}
			v[k] = steady(x)
		}
	case []any:
		for i := range v {
			v[i] = steady(v[i])
		}
		slices.SortStableFunc(v, func(a, b any) int { return strings.Compare(listKey(a), listKey(b)) })
	}
	return v
}

// bank is the tokens of one token program on a rig.
type bank struct {
	*rig
	program                 solana.PublicKey
	mint, other, fixed      solana.PublicKey
	alice, bob              solana.PublicKey
	mine, hers, his, frozen solana.PublicKey
	plain, otherMine        solana.PublicKey
}

func (b *bank) of(wallet, mint solana.PublicKey) solana.PublicKey {
	a, _, err := solana.FindProgramAddress([][]byte{wallet[:], b.program[:], mint[:]}, solana.SPLAssociatedTokenAccountProgramID)
	if err != nil {
		b.Fatalf("derive: %v", err)
	}
	return a
}

func (b *bank) under(ix solana.Instruction) solana.Instruction {
	return solana.NewInstruction(b.program, ix.Accounts(), must(ix.Data()))
}

func (b *bank) openATA(wallet, mint solana.PublicKey) solana.Instruction {
	return ata.NewCreateIdempotentInstructionWithTokenProgram(b.payer, wallet, mint, b.program).Build()
}

func (b *bank) transfer(n uint64, places uint8, from, mint, to, owner solana.PublicKey) solana.Instruction {
	return b.under(token.NewTransferCheckedInstruction(n, places, from, mint, to, owner, nil).Build())
}

func (b *bank) newMint(label, name string, freeze bool) solana.PublicKey {
	b.Helper()
	m := b.key(name + b.program.String())
	init := token.NewInitializeMint2InstructionBuilder().SetDecimals(decimals).SetMintAuthority(b.payer).SetMintAccount(m)
	if freeze {
		init.SetFreezeAuthority(b.payer)
	}
	b.try(label, system.NewCreateAccountInstruction(1_461_600, 82, b.program, b.payer, m).Build(), b.under(init.Build()))
	return m
}

func newBank(r *rig, program solana.PublicKey) *bank {
	r.Helper()
	b := &bank{rig: r, program: program, alice: r.key("alice"), bob: r.key("bob")}
	b.mint = b.newMint("create mint", "mint", true)
	b.other = b.newMint("create second mint", "other", false)
	b.fixed = b.newMint("create third mint", "fixed", true)
	b.mine, b.hers, b.his = b.of(b.payer, b.mint), b.of(b.alice, b.mint), b.of(b.bob, b.mint)
	carol := r.key("carol")
	b.frozen, b.otherMine = b.of(carol, b.mint), b.of(b.payer, b.other)
	b.try("open accounts", b.openATA(b.payer, b.mint), b.openATA(b.alice, b.mint), b.openATA(b.bob, b.mint))
	b.try("open more accounts", b.openATA(carol, b.mint), b.openATA(b.payer, b.other), b.openATA(b.payer, b.fixed))
	b.plain = b.key("plain" + program.String())
	b.try("plain account", system.NewCreateAccountInstruction(2_039_280, 165, program, b.payer, b.plain).Build(),
		b.under(token.NewInitializeAccount3Instruction(b.payer, b.plain, b.mint).Build()))
	b.try("issue", b.under(token.NewMintToInstruction(1_000_000, b.mint, b.mine, b.payer, nil).Build()),
		b.under(token.NewMintToCheckedInstruction(1_000, decimals, b.mint, b.hers, b.payer, nil).Build()),
		b.under(token.NewMintToInstruction(1_000, b.other, b.otherMine, b.payer, nil).Build()),
		b.under(token.NewFreezeAccountInstruction(b.frozen, b.mint, b.payer, nil).Build()))
	return b
}

// words labels notes of an error's sentence. The server over the real VM has
// no sentence for some errors and gives their name or JSON instead.
const words = "words"

var unspoken = regexp.MustCompile(`: ([A-Za-z]+|\{.*\})$`)

// outOfUnits are the two errors of a program that ran out of compute units:
// which one depends on the very machine instruction.
var outOfUnits = regexp.MustCompile(`ComputationalBudgetExceeded|ProgramFailedToComplete|Computational budget exceeded|Program failed to complete`)

// TestAgainstRealVM runs the same scenarios here and on a JSON-RPC server over
// the real virtual machine, named by REMIT_SVM_RPC, and compares all answers.
func TestAgainstRealVM(t *testing.T) {
	t.Parallel()
	real := os.Getenv("REMIT_SVM_RPC")
	if real == "" {
		t.Skip("REMIT_SVM_RPC names no server over the real Solana VM to compare with")
	}
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		t.Fatal(err)
	}
	salt := base64.StdEncoding.EncodeToString(raw[:])
	for name, run := range scenarios() {
		t.Run(name, func(t *testing.T) {
			ours, theirs := newRig(t, open(t, options()).url, salt+name), newRig(t, real, salt+name)
			run(ours)
			run(theirs)
			compare(t, ours.notes, theirs.notes)
		})
	}
}

func compare(t *testing.T, ours, theirs []note) {
	t.Helper()
	if len(ours) != len(theirs) {
		t.Errorf("%d answers here, %d there", len(ours), len(theirs))
	}
	for i := range min(len(ours), len(theirs)) {
		a, b := ours[i], theirs[i]
		if b.label == words && unspoken.MatchString(b.seen) {
			continue
		}
		if a.label != b.label || outOfUnits.ReplaceAllString(a.seen, "out of units") != outOfUnits.ReplaceAllString(b.seen, "out of units") {
			here, there := around(a.seen, b.seen)
			t.Errorf("%s\n here: %s\nthere: %s", b.label, here, there)
		}
		if strings.HasSuffix(b.seen, "null") {
			compareUnits(t, a, b)
		}
	}
}

func compareUnits(t *testing.T, a, b note) {
	t.Helper()
	if off := int64(a.units) - int64(b.units); off > 400+int64(b.units)/4 || -off > 400+int64(b.units)/4 {
		t.Errorf("%s: %d units here, %d there", b.label, a.units, b.units)
	}
	if os.Getenv("REMIT_SVM_UNITS") != "" {
		t.Logf("units %6d here %6d there: %s", a.units, b.units, b.label)
	}
}

// around cuts two long answers down to where they part.
func around(a, b string) (string, string) {
	const kept, shown = 120, 300
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	cut := func(s string) string {
		from := max(0, at-kept)
		return s[from:min(len(s), from+shown)]
	}
	return cut(a), cut(b)
}
