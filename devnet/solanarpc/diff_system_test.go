package solanarpc_test

import (
	"context"
	"encoding/base64"
	"math"
	"regexp"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/rpc"
)

func systemScenario(r *rig) {
	alice, fresh := r.key("alice"), r.key("fresh")
	pay := func(n uint64, from, to solana.PublicKey) solana.Instruction {
		return system.NewTransferInstruction(n, from, to).Build()
	}
	r.try("transfer", pay(sol, r.payer, alice))
	r.try("transfer of nothing", pay(0, r.payer, fresh))
	r.try("transfer to itself", pay(5, r.payer, r.payer))
	r.try("below rent", pay(100, r.payer, fresh))
	r.try("exactly rent", pay(890_880, r.payer, fresh))
	r.try("too much", pay(1_000*sol, r.payer, alice))
	r.try("unsigned", unsigned(pay(5, alice, r.payer)))
	r.try("from a missing account", pay(5, r.key("nobody"), r.payer))
	r.try("leaves less than rent", pay(800_000, fresh, alice))
	r.try("leaves nothing", pay(890_880, fresh, alice))
	r.try("one account", cut(pay(5, r.payer, alice), 1))
	r.try("short data", with(pay(5, r.payer, alice), 2, 0, 0, 0))
	r.try("no data", with(pay(5, r.payer, alice)))
	r.try("unknown instruction", with(pay(5, r.payer, alice), 77, 0, 0, 0))
	r.try("read-only", readonly(pay(5, r.payer, alice)))
	r.try("read-only destination", remeta(pay(5, r.payer, alice), func(m *solana.AccountMeta) { m.IsWritable = m.PublicKey == r.payer }))
	made := r.key("made")
	r.try("create", system.NewCreateAccountInstruction(5_000_000, 10, solana.MemoProgramID, r.payer, made).Build())
	r.try("create again", system.NewCreateAccountInstruction(5_000_000, 10, solana.MemoProgramID, r.payer, made).Build())
	r.try("transfer from it", pay(5, made, alice))
	r.try("create too poor", system.NewCreateAccountInstruction(5, 10, solana.MemoProgramID, r.payer, r.key("made2")).Build())
	r.try("create too large", system.NewCreateAccountInstruction(500*sol, 11<<20, solana.MemoProgramID, r.payer, r.key("made2")).Build())
	r.try("create unaffordable", system.NewCreateAccountInstruction(5_000*sol, 10, solana.MemoProgramID, r.payer, r.key("made2")).Build())
	r.try("create unsigned", remeta(system.NewCreateAccountInstruction(5_000_000, 10, solana.MemoProgramID, r.payer, r.key("made2")).Build(), func(m *solana.AccountMeta) { m.IsSigner = m.PublicKey == r.payer }))
	r.try("allocate", system.NewAllocateInstruction(10, alice).Build())
	r.try("allocate again", system.NewAllocateInstruction(10, alice).Build())
	r.try("assign", system.NewAssignInstruction(solana.MemoProgramID, alice).Build())
	r.try("assign again", system.NewAssignInstruction(solana.TokenProgramID, alice).Build())
	r.tryTx("payer without account", r.build(r.key("nobody"), memo("x", r.key("nobody"))))
	r.tryTx("payer of another program", r.build(alice, memo("x", alice)))
	low := r.key("low")
	r.fund(low, 893_000)
	r.tryTx("payer falls below rent", r.build(low, memo("x", low)))
	tiny := r.key("tiny")
	r.fund(tiny, 900_000)
	r.tryTx("payer stays above rent", r.build(tiny, memo("x", tiny)))
	r.tryTx("payer empties", r.build(tiny, pay(890_000, tiny, r.payer)))
	r.tryTx("payer cannot pay the price", r.build(tiny, unitLimit(1_000_000), unitPrice(1_000_000_000), memo("x", tiny)))
	seeded := must(solana.CreateWithSeed(r.payer, "seed", solana.MemoProgramID))
	r.try("create with seed", system.NewCreateAccountWithSeedInstruction(r.payer, "seed", 2_000_000, 8, solana.MemoProgramID, r.payer, seeded, r.payer).Build())
	r.try("create with wrong seed", system.NewCreateAccountWithSeedInstruction(r.payer, "wrong", 2_000_000, 8, solana.MemoProgramID, r.payer, seeded, r.payer).Build())
}

func memoScenario(r *rig) {
	v1 := solana.MustPublicKeyFromBase58("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo")
	for _, program := range []solana.PublicKey{solana.MemoProgramID, v1} {
		version := " of " + program.String()[:5]
		say := func(text string, metas ...*solana.AccountMeta) solana.Instruction {
			return solana.NewInstruction(program, metas, []byte(text))
		}
		r.try("memo"+version, say("hello"))
		r.try("memo, 64 bytes"+version, say("0123456789012345678901234567890123456789012345678901234567890123"))
		r.try("memo in other letters"+version, say("ünïcödé 送金", solana.Meta(r.payer).SIGNER()))
		r.try("memo signed"+version, say("hello", solana.Meta(r.payer).SIGNER()))
		r.try("memo unsigned"+version, say("hello", solana.Meta(r.key("nobody"))))
		r.try("memo, no text"+version, say("\xff\xfe"))
		r.try("memo, no text and unsigned"+version, say("\xff\xfe", solana.Meta(r.key("nobody"))))
		r.try("memo, empty"+version, say(""))
		r.try("two memos"+version, say("one"), say("two"))
	}
	r.note("history", "%s", r.ask("getSignaturesForAddress", r.payer.String(), map[string]any{"commitment": "confirmed", "limit": 25}))
}

func budgetScenario(r *rig) {
	hello := memo("hello", r.payer)
	raw := func(data ...byte) solana.Instruction { return solana.NewInstruction(solana.ComputeBudget, nil, data) }
	r.try("limit and price", unitLimit(50_000), unitPrice(12_345), hello)
	r.try("price without limit", unitPrice(12_345), hello)
	r.try("limit above the most", unitLimit(9_000_000), unitPrice(10), hello)
	r.try("no limit at all", hello, hello, hello)
	r.try("limit twice", unitLimit(50_000), unitLimit(50_000), hello)
	r.try("price twice", unitPrice(5), hello, unitPrice(6))
	r.try("limit zero", unitLimit(0), hello)
	r.try("limit too low", unitLimit(500), hello)
	r.try("limit too low for itself", unitLimit(100), hello)
	r.try("limit 150", unitLimit(150), hello)
	r.try("limit too low for a transfer", unitLimit(200), system.NewTransferInstruction(5, r.payer, r.key("x")).Build())
	r.try("enormous price", unitPrice(math.MaxUint64), hello)
	r.try("bad data", raw(9), hello)
	r.try("no data", raw(), hello)
	r.try("short limit", raw(2, 1, 2), hello)
	r.try("long limit", raw(2, 0x40, 0x0d, 3, 0, 9), hello)
	r.try("heap", raw(1, 0, 0, 2, 0), hello)
	r.try("heap, odd", raw(1, 1, 0, 2, 0), hello)
	r.try("heap, small", raw(1, 0, 1, 0, 0), hello)
	r.try("loaded bytes", raw(4, 0, 0, 0, 4), hello)
	r.try("loaded bytes zero", raw(4, 0, 0, 0, 0), hello)
	r.try("unused kind", raw(0, 0, 0, 0, 0, 0, 0, 0, 0), hello)
}

func lifeScenario(r *rig) {
	ctx := context.Background()
	tx := r.build(r.payer, memo("once", r.payer))
	r.tryTx("first", tx)
	r.tryTx("again", tx)
	r.note("finality", "%s", r.ask("getTransaction", tx.Signatures[0].String(), map[string]any{"encoding": "json"}))
	r.advance(29)
	r.outcome("30 blocks later", tx.Signatures[0])
	r.advance(1)
	r.outcome("31 blocks later", tx.Signatures[0])
	r.advance(1)
	r.outcome("32 blocks later", tx.Signatures[0])
	latest := must(r.client.GetLatestBlockhash(ctx, processed)).Value
	edge := r.build(r.payer, memo("edge", r.payer))
	r.advance(149)
	r.note("height", "%d", int64(latest.LastValidBlockHeight)-int64(must(r.client.GetBlockHeight(ctx, processed))))
	r.note("valid", "%v", must(r.client.IsBlockhashValid(ctx, latest.Blockhash, processed)).Value)
	r.tryTx("last block for it", edge)
	r.tryTx("landed and expired", edge)
	r.tryTx("expired", r.buildOn(latest.Blockhash, memo("late", r.payer)))
	r.tryTx("landed long ago", tx)
	r.tryTx("unknown blockhash", r.buildOn(solana.Hash{1, 2, 3}, memo("lost", r.payer)))
	fresh := must(r.client.GetLatestBlockhash(ctx, processed)).Value.Blockhash
	newest := r.buildOn(fresh, memo("too new", r.payer))
	for _, c := range []rpc.CommitmentType{finalized, confirmed} {
		_, err := r.client.SendTransactionWithOpts(ctx, newest, rpc.TransactionOpts{PreflightCommitment: c})
		_, data := refusal(err)
		r.note("preflight at "+string(c), "%d %s", rpcError(err).Code, data)
	}
	r.advance(400)
	r.note("old status", "%s", r.ask("getSignatureStatuses", []string{tx.Signatures[0].String()}))
	r.note("old status in history", "%s", r.ask("getSignatureStatuses", []string{tx.Signatures[0].String()}, map[string]any{"searchTransactionHistory": true}))
}

func (r *rig) buildOn(hash solana.Hash, ixs ...solana.Instruction) *solana.Transaction {
	tx := must(solana.NewTransaction(ixs, hash, solana.TransactionPayer(r.payer)))
	must(tx.Sign(func(k solana.PublicKey) *solana.PrivateKey { p := r.keys[k]; return &p }))
	return tx
}

// unsigned58 matches a signature, which differs with the blockhash.
var unsigned58 = regexp.MustCompile(`[1-9A-HJ-NP-Za-km-z]{80,90}`)

func wireScenario(r *rig) {
	good := r.build(r.payer, memo("wire", r.payer))
	raw := must(good.MarshalBinary())
	send := func(label string, b []byte) {
		text := base64.StdEncoding.EncodeToString(b)
		for _, skip := range []bool{false, true} {
			r.note(label, "%s", unsigned58.ReplaceAllString(r.ask("sendTransaction", text, map[string]any{"encoding": "base64", "skipPreflight": skip, "preflightCommitment": "processed"}), "a signature"))
		}
		r.note(label, "%s", r.ask("simulateTransaction", text, map[string]any{"encoding": "base64", "commitment": "processed", "sigVerify": true}))
	}
	change := func(at int, to byte) []byte {
		c := append([]byte(nil), raw...)
		c[at] = to
		return c
	}
	send("bad signature", change(10, raw[10]+1))
	send("no signatures", append([]byte{0}, raw[65:]...))
	send("two signatures", append([]byte{2}, append(make([]byte, 64), raw[1:]...)...))
	send("cut off", raw[:len(raw)-3])
	send("trailing", append(append([]byte(nil), raw...), 1))
	send("header without signers", change(65, 0))
	send("header with all read-only", change(66, 1))
	send("version 1", change(65, 129))
	send("empty", nil)
	send("too large", make([]byte, 1233))
	r.advance(2)
	r.note("method", "%s", r.ask("noSuch"))
	r.note("encoding", "%s", r.ask("sendTransaction", "!!", map[string]any{"encoding": "base64"}))
	r.note("encoding 58", "%s", r.ask("sendTransaction", "0OIl"))
	r.note("unknown encoding", "%s", r.ask("sendTransaction", "aa", map[string]any{"encoding": "base32"}))
	r.note("commitment", "%s", r.ask("getSlot", map[string]any{"commitment": "sometime"}))
	r.note("key", "%s", r.ask("getBalance", "abc"))
	r.note("key 2", "%s", r.ask("getBalance", "0OIl"))
	r.note("signature", "%s", r.ask("getSignatureStatuses", []string{"abc"}))
	r.note("min context", "%s", strip(r.ask("getBalance", r.payer.String(), map[string]any{"minContextSlot": int64(1) << 50})))
	r.note("limit", "%s", r.ask("getSignaturesForAddress", r.payer.String(), map[string]any{"limit": 1001}))
	r.note("processed history", "%s", r.ask("getSignaturesForAddress", r.payer.String(), map[string]any{"commitment": "processed"}))
	ix := memo("version zero", r.payer)
	v0 := must(solana.NewTransaction([]solana.Instruction{ix}, r.hash(), solana.TransactionPayer(r.payer)))
	v0.Message.SetVersion(solana.MessageVersionV0)
	must(v0.Sign(func(k solana.PublicKey) *solana.PrivateKey { p := r.keys[k]; return &p }))
	r.tryTx("version zero", v0)
	r.note("version zero, not asked for", "%s", r.ask("getTransaction", v0.Signatures[0].String(), map[string]any{"commitment": "confirmed", "encoding": "base64"}))
	r.try("unknown program", solana.NewInstruction(r.key("program"), nil, []byte{1}))
	r.try("wallet as program", solana.NewInstruction(r.key("funded program"), nil, []byte{1}))
	r.fund(r.key("funded program"), sol)
	r.try("funded wallet as program", solana.NewInstruction(r.key("funded program"), nil, []byte{1}))
	r.try("no instructions", memo("a", r.payer), solana.NewInstruction(solana.ComputeBudget, nil, []byte{2, 0, 0, 1, 0}))
}

// strip drops the numbers of an answer that names a slot.
func strip(s string) string {
	out := []rune{}
	for _, c := range s {
		if c < '0' || c > '9' {
			out = append(out, c)
		}
	}
	return string(out)
}

func readScenario(b *bank) {
	b.advance(40)
	for _, k := range []solana.PublicKey{b.mint, b.other, b.mine, b.hers, b.frozen, b.plain, b.payer, b.key("nobody")} {
		for _, enc := range []string{"base64", "jsonParsed", "base58"} {
			b.note("account", "%s", b.ask("getAccountInfo", k.String(), map[string]any{"encoding": enc}))
		}
		b.note("slice", "%s", b.ask("getAccountInfo", k.String(), map[string]any{"encoding": "base64", "dataSlice": map[string]int{"offset": 32, "length": 8}}))
		b.note("balance", "%s", b.ask("getBalance", k.String()))
		b.note("token balance", "%s", b.ask("getTokenAccountBalance", k.String()))
		b.note("supply", "%s", b.ask("getTokenSupply", k.String()))
		b.note("by mint", "%s", b.ask("getTokenAccountsByOwner", b.payer.String(), map[string]string{"mint": k.String()}, map[string]any{"encoding": "base64"}))
	}
	b.note("multiple", "%s", b.ask("getMultipleAccounts", []string{b.mine.String(), b.key("nobody").String()}, map[string]any{"encoding": "jsonParsed"}))
	b.note("by program", "%s", b.ask("getTokenAccountsByOwner", b.alice.String(), map[string]string{"programId": b.program.String()}, map[string]any{"encoding": "jsonParsed"}))
	b.note("by nothing", "%s", b.ask("getTokenAccountsByOwner", b.alice.String(), map[string]string{}, map[string]any{"encoding": "jsonParsed"}))
	b.note("by wrong program", "%s", b.ask("getTokenAccountsByOwner", b.alice.String(), map[string]string{"programId": b.payer.String()}))
	b.note("history", "%s", b.ask("getSignaturesForAddress", b.mint.String(), map[string]any{"limit": 4}))
	for _, n := range []int{0, 82, 165, 170} {
		b.note("rent", "%s", b.ask("getMinimumBalanceForRentExemption", n))
	}
	tx := b.build(b.payer, unitLimit(77_777), unitPrice(33), b.openATA(b.key("zoe"), b.mint), b.transfer(7, 6, b.mine, b.mint, b.of(b.key("zoe"), b.mint), b.payer))
	msg := base64.StdEncoding.EncodeToString(must(tx.Message.MarshalBinary()))
	b.note("fee", "%s", b.ask("getFeeForMessage", msg, map[string]any{"commitment": "processed"}))
	b.note("fee of expired", "%s", b.ask("getFeeForMessage", msg))
	text := base64.StdEncoding.EncodeToString(must(tx.MarshalBinary()))
	b.note("simulation with accounts", "%s", b.ask("simulateTransaction", text, map[string]any{
		"encoding": "base64", "commitment": "processed", "innerInstructions": true, "replaceRecentBlockhash": true,
		"accounts": map[string]any{"encoding": "base64", "addresses": []string{b.mine.String(), b.of(b.key("zoe"), b.mint).String()}},
	}))
	b.note("simulation conflict", "%s", b.ask("simulateTransaction", text, map[string]any{"encoding": "base64", "sigVerify": true, "replaceRecentBlockhash": true}))
}

// batchScenario pays many in one transaction, and lists what happened page by page.
func batchScenario(b *bank) {
	b.advance(151) // what others paid is not among the recent prices
	wallets := make([]solana.PublicKey, 17)
	for i := range wallets {
		wallets[i] = b.key(string(rune('A' + i)))
	}
	for i := 0; i < len(wallets); i += 6 {
		var open []solana.Instruction
		for _, w := range wallets[i:min(i+6, len(wallets))] {
			open = append(open, b.openATA(w, b.mint))
		}
		b.try("open six", open...)
	}
	ixs := []solana.Instruction{unitLimit(10_000), unitPrice(100_000), memo("0123456789012345678901234567890123456789012345678901234567890123", b.payer)}
	for i, w := range wallets {
		ixs = append(ixs, b.transfer(uint64(i+1), 6, b.mine, b.mint, b.of(w, b.mint), b.payer))
	}
	batch := b.build(b.payer, ixs...)
	b.tryTx("seventeen payments", batch)
	b.try("the last of three fails", b.transfer(1, 6, b.mine, b.mint, b.hers, b.payer), b.transfer(2, 6, b.mine, b.mint, b.his, b.payer), b.transfer(3, 6, b.mine, b.mint, b.frozen, b.payer))
	b.try("pay and create in one", b.openATA(b.key("new"), b.mint), b.transfer(3, 6, b.mine, b.mint, b.of(b.key("new"), b.mint), b.payer), memo("both", b.payer))
	page := map[string]any{"commitment": "confirmed", "limit": 2}
	b.note("newest two", "%s", b.ask("getSignaturesForAddress", b.mine.String(), page))
	page["before"] = batch.Signatures[0].String()
	b.note("two before the batch", "%s", b.ask("getSignaturesForAddress", b.mine.String(), page))
	b.note("since the batch", "%s", b.ask("getSignaturesForAddress", b.mine.String(), map[string]any{"commitment": "confirmed", "until": batch.Signatures[0].String()}))
	page["before"] = solana.Signature{1, 2, 3}.String()
	b.note("before an unknown one", "%s", b.ask("getSignaturesForAddress", b.mine.String(), page))
	for _, keys := range [][]string{nil, {b.mine.String()}, {b.mint.String()}, {b.mine.String(), b.payer.String()}} {
		b.note("prices", "%s", b.ask("getRecentPrioritizationFees", keys))
	}
	looked := b.build(b.payer, memo("table", b.payer))
	looked.Message.SetVersion(solana.MessageVersionV0)
	looked.Message.AddressTableLookups = solana.MessageAddressTableLookupSlice{{AccountKey: b.key("table"), WritableIndexes: []uint8{0}}}
	text := base64.StdEncoding.EncodeToString(must(looked.MarshalBinary()))
	b.note("missing lookup table", "%s", b.ask("sendTransaction", text, map[string]any{"encoding": "base64", "preflightCommitment": "processed"}))
}
