package solanarpc_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"regexp"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/gagliardetto/solana-go/rpc"
)

// scenarios are run on both nodes.
func scenarios() map[string]func(*rig) {
	out := map[string]func(*rig){"system": systemScenario, "memo": memoScenario, "budget": budgetScenario, "life": lifeScenario, "wire": wireScenario}
	for name, program := range map[string]solana.PublicKey{"spl": solana.TokenProgramID, "2022": solana.Token2022ProgramID} {
		out["transfers "+name] = func(r *rig) { transferScenario(newBank(r, program)) }
		out["authorities "+name] = func(r *rig) { authorityScenario(newBank(r, program)) }
		out["supply "+name] = func(r *rig) { supplyScenario(newBank(r, program)) }
		out["accounts "+name] = func(r *rig) { accountScenario(newBank(r, program)) }
		out["reads "+name] = func(r *rig) { readScenario(newBank(r, program)) }
	}
	return out
}

// unsigned is an instruction whose accounts are not marked as signers.
func unsigned(ix solana.Instruction) solana.Instruction {
	return remeta(ix, func(m *solana.AccountMeta) { m.IsSigner = false })
}

// readonly is an instruction whose accounts are not marked as writable.
func readonly(ix solana.Instruction) solana.Instruction {
	return remeta(ix, func(m *solana.AccountMeta) { m.IsWritable = false })
}

func remeta(ix solana.Instruction, change func(*solana.AccountMeta)) solana.Instruction {
	metas := solana.AccountMetaSlice{}
	for _, m := range ix.Accounts() {
		c := *m
		change(&c)
		metas = append(metas, &c)
	}
	return solana.NewInstruction(ix.ProgramID(), metas, must(ix.Data()))
}

// cut keeps the first n accounts of an instruction.
func cut(ix solana.Instruction, n int) solana.Instruction {
	return solana.NewInstruction(ix.ProgramID(), ix.Accounts()[:n], must(ix.Data()))
}

// with replaces the data of an instruction.
func with(ix solana.Instruction, data ...byte) solana.Instruction {
	return solana.NewInstruction(ix.ProgramID(), ix.Accounts(), data)
}

func transferScenario(b *bank) {
	ok := b.transfer(10, 6, b.mine, b.mint, b.hers, b.payer)
	b.try("transfer", ok)
	b.try("transfer of nothing", b.transfer(0, 6, b.mine, b.mint, b.hers, b.payer))
	b.try("transfer to itself", b.transfer(10, 6, b.mine, b.mint, b.mine, b.payer))
	b.try("transfer too much to itself", b.transfer(1<<60, 6, b.mine, b.mint, b.mine, b.payer))
	b.try("too much", b.transfer(1<<60, 6, b.mine, b.mint, b.hers, b.payer))
	b.try("wrong decimals", b.transfer(10, 7, b.mine, b.mint, b.hers, b.payer))
	b.try("wrong mint", b.transfer(10, 6, b.mine, b.other, b.hers, b.payer))
	b.try("wrong mint and decimals", b.transfer(10, 7, b.mine, b.other, b.hers, b.payer))
	b.try("too much and wrong decimals", b.transfer(1<<60, 7, b.mine, b.mint, b.hers, b.payer))
	b.try("other mint's account", b.transfer(10, 6, b.mine, b.mint, b.otherMine, b.payer))
	b.try("wrong owner", b.transfer(10, 6, b.hers, b.mint, b.mine, b.payer))
	b.try("owner did not sign", unsigned(b.transfer(10, 6, b.hers, b.mint, b.mine, b.alice)))
	b.try("destination missing", b.transfer(10, 6, b.mine, b.mint, b.key("nobody"), b.payer))
	b.try("source missing", b.transfer(10, 6, b.key("nobody"), b.mint, b.mine, b.payer))
	b.try("destination is a wallet", b.transfer(10, 6, b.mine, b.mint, b.payer, b.payer))
	b.try("destination is a mint", b.transfer(10, 6, b.mine, b.mint, b.mint, b.payer))
	b.try("mint missing", b.transfer(10, 6, b.mine, b.key("nobody"), b.hers, b.payer))
	b.try("frozen destination", b.transfer(10, 6, b.mine, b.mint, b.frozen, b.payer))
	b.try("frozen destination and too much", b.transfer(1<<60, 6, b.mine, b.mint, b.frozen, b.payer))
	b.try("frozen source", b.transfer(10, 6, b.frozen, b.mint, b.mine, b.payer))
	b.try("read-only accounts", readonly(b.transfer(10, 6, b.mine, b.mint, b.hers, b.payer)))
	b.try("read-only transfer of nothing", readonly(b.transfer(0, 6, b.mine, b.mint, b.hers, b.payer)))
	b.try("three accounts", cut(ok, 3))
	b.try("no accounts", cut(ok, 0))
	b.try("unchecked", b.under(token.NewTransferInstruction(10, b.mine, b.hers, b.payer, nil).Build()))
	b.try("unchecked, other mint", b.under(token.NewTransferInstruction(10, b.mine, b.otherMine, b.payer, nil).Build()))
	b.try("unchecked, two accounts", cut(b.under(token.NewTransferInstruction(10, b.mine, b.hers, b.payer, nil).Build()), 2))
	b.try("short data", with(ok, 12, 1, 2, 3))
	b.try("data without decimals", with(ok, 12, 1, 0, 0, 0, 0, 0, 0, 0))
	b.try("data too long", with(ok, 12, 1, 0, 0, 0, 0, 0, 0, 0, 6, 9, 9))
	b.try("unknown instruction", with(ok, 199))
	b.try("no data", with(ok))
	b.try("second fails", ok, b.transfer(1<<60, 6, b.mine, b.mint, b.hers, b.payer))
	b.try("under the wrong program", solana.NewInstruction(swapped(b.program), ok.Accounts(), must(ok.Data())))
	b.try("nothing under the wrong program", solana.NewInstruction(swapped(b.program), ok.Accounts(), must(b.transfer(0, 6, b.mine, b.mint, b.hers, b.payer).Data())))

	for _, n := range []uint32{151, 200, 300, 1_000, 1_500} {
		b.try(fmt.Sprintf("limit of %d units", n), unitLimit(n), ok)
	}
	for _, n := range []uint32{200, 2_000, 5_000, 10_000, 14_000} {
		b.try(fmt.Sprintf("creation with %d units", n), unitLimit(n), b.openATA(b.key("lim"), b.mint))
	}
	b.try("approve", b.under(token.NewApproveInstruction(100, b.mine, b.alice, b.payer, nil).Build()))
	b.fund(b.alice, sol)
	b.try("delegate spends", b.transfer(40, 6, b.mine, b.mint, b.his, b.alice))
	b.try("delegate spends too much", b.transfer(90, 6, b.mine, b.mint, b.his, b.alice))
	b.try("delegate to itself", b.transfer(20, 6, b.mine, b.mint, b.mine, b.alice))
	b.try("delegate spends the rest", b.transfer(60, 6, b.mine, b.mint, b.his, b.alice))
	b.try("delegate has nothing left", b.transfer(1, 6, b.mine, b.mint, b.his, b.alice))
	b.try("approve checked, wrong decimals", b.under(token.NewApproveCheckedInstruction(5, 9, b.mine, b.mint, b.alice, b.payer, nil).Build()))
	b.try("approve checked", b.under(token.NewApproveCheckedInstruction(5, 6, b.mine, b.mint, b.alice, b.payer, nil).Build()))
	b.try("approve another's", b.under(token.NewApproveInstruction(5, b.hers, b.bob, b.payer, nil).Build()))
	b.try("approve frozen", b.under(token.NewApproveInstruction(5, b.frozen, b.bob, b.payer, nil).Build()))
	b.try("burn by delegate", b.under(token.NewBurnInstruction(2, b.mine, b.mint, b.alice, nil).Build()))
	b.try("revoke", b.under(token.NewRevokeInstruction(b.mine, b.payer, nil).Build()))
	b.try("revoke another's", b.under(token.NewRevokeInstruction(b.hers, b.payer, nil).Build()))
}

func swapped(p solana.PublicKey) solana.PublicKey {
	if p == solana.TokenProgramID {
		return solana.Token2022ProgramID
	}
	return solana.TokenProgramID
}

func supplyScenario(b *bank) {
	mint := func(n uint64, m, to, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewMintToInstruction(n, m, to, who, nil).Build())
	}
	burn := func(n uint64, from, m, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewBurnInstruction(n, from, m, who, nil).Build())
	}
	b.try("mint", mint(5, b.mint, b.mine, b.payer))
	b.try("mint nothing", mint(0, b.mint, b.mine, b.payer))
	b.try("mint by a stranger", mint(5, b.mint, b.mine, b.alice))
	b.try("mint unsigned", unsigned(mint(5, b.mint, b.mine, b.key("nobody"))))
	b.try("mint to frozen", mint(5, b.mint, b.frozen, b.payer))
	b.try("mint of another mint", mint(5, b.other, b.mine, b.payer))
	b.try("mint overflow", mint(math.MaxUint64, b.mint, b.mine, b.payer))
	b.try("mint checked, wrong decimals", b.under(token.NewMintToCheckedInstruction(5, 9, b.mint, b.mine, b.payer, nil).Build()))
	b.try("mint of a missing mint", mint(5, b.key("nobody"), b.mine, b.payer))
	b.try("mint to a mint", mint(5, b.mint, b.mint, b.payer))
	b.try("mint with two accounts", cut(mint(5, b.mint, b.mine, b.payer), 2))
	b.try("burn", burn(5, b.mine, b.mint, b.payer))
	b.try("burn nothing", burn(0, b.mine, b.mint, b.payer))
	b.try("burn too much", burn(1<<60, b.mine, b.mint, b.payer))
	b.try("burn of another mint", burn(5, b.mine, b.other, b.payer))
	b.try("burn another's", burn(5, b.hers, b.mint, b.payer))
	b.try("burn frozen", burn(0, b.frozen, b.mint, b.payer))
	b.try("burn checked", b.under(token.NewBurnCheckedInstruction(5, 6, b.mine, b.mint, b.payer, nil).Build()))
	b.try("burn checked, wrong decimals", b.under(token.NewBurnCheckedInstruction(5, 7, b.mine, b.mint, b.payer, nil).Build()))
	b.try("give up minting", b.under(token.NewSetAuthorityInstructionBuilder().SetAuthorityType(token.AuthorityMintTokens).SetSubjectAccount(b.fixed).SetAuthorityAccount(b.payer).Build()))
	b.try("mint fixed supply", mint(5, b.fixed, b.of(b.payer, b.fixed), b.payer))
	b.try("take minting back", b.under(token.NewSetAuthorityInstruction(token.AuthorityMintTokens, b.payer, b.fixed, b.payer, nil).Build()))
}

func authorityScenario(b *bank) {
	freeze := func(a, m, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewFreezeAccountInstruction(a, m, who, nil).Build())
	}
	thaw := func(a, m, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewThawAccountInstruction(a, m, who, nil).Build())
	}
	set := func(kind token.AuthorityType, next, subject, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewSetAuthorityInstruction(kind, next, subject, who, nil).Build())
	}
	clearIt := func(kind token.AuthorityType, subject, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewSetAuthorityInstructionBuilder().SetAuthorityType(kind).SetSubjectAccount(subject).SetAuthorityAccount(who).Build())
	}
	b.try("freeze", freeze(b.hers, b.mint, b.payer))
	b.try("freeze twice", freeze(b.hers, b.mint, b.payer))
	b.try("thaw", thaw(b.hers, b.mint, b.payer))
	b.try("thaw twice", thaw(b.hers, b.mint, b.payer))
	b.try("freeze by a stranger", freeze(b.hers, b.mint, b.alice))
	b.try("freeze with another mint", freeze(b.hers, b.other, b.payer))
	b.try("freeze without freeze authority", freeze(b.otherMine, b.other, b.payer))
	b.try("freeze a missing account", freeze(b.key("nobody"), b.mint, b.payer))
	b.try("owner of frozen", set(token.AuthorityAccountOwner, b.payer, b.frozen, b.payer))
	b.try("owner of associated account", set(token.AuthorityAccountOwner, b.alice, b.mine, b.payer))
	b.try("owner of plain account by a stranger", set(token.AuthorityAccountOwner, b.alice, b.plain, b.alice))
	b.try("no owner of plain account", clearIt(token.AuthorityAccountOwner, b.plain, b.payer))
	b.try("close authority", set(token.AuthorityCloseAccount, b.bob, b.plain, b.payer))
	b.try("close authority, by owner again", set(token.AuthorityCloseAccount, b.bob, b.plain, b.payer))
	b.try("close by owner", b.under(token.NewCloseAccountInstruction(b.plain, b.payer, b.payer, nil).Build()))
	b.try("owner of plain account", set(token.AuthorityAccountOwner, b.alice, b.plain, b.payer))
	b.try("mint authority of an account", set(token.AuthorityMintTokens, b.alice, b.plain, b.alice))
	b.try("owner of a mint", set(token.AuthorityAccountOwner, b.alice, b.mint, b.payer))
	b.try("mint authority by a stranger", set(token.AuthorityMintTokens, b.alice, b.mint, b.alice))
	b.try("freeze authority of a mint without", set(token.AuthorityFreezeAccount, b.alice, b.other, b.payer))
	b.try("freeze authority", set(token.AuthorityFreezeAccount, b.alice, b.mint, b.payer))
	b.try("freeze by the former authority", freeze(b.hers, b.mint, b.payer))
	b.try("bad authority kind", with(set(token.AuthorityMintTokens, b.alice, b.mint, b.payer), 6, 99, 0))
	b.try("short authority data", with(set(token.AuthorityMintTokens, b.alice, b.mint, b.payer), 6, 0))
	b.try("authority of a wallet", set(token.AuthorityMintTokens, b.alice, b.payer, b.payer))
}

func accountScenario(b *bank) {
	r := b.rig
	closeIt := func(a, to, who solana.PublicKey) solana.Instruction {
		return b.under(token.NewCloseAccountInstruction(a, to, who, nil).Build())
	}
	b.try("close with a balance", closeIt(b.mine, b.payer, b.payer))
	b.try("close into itself", closeIt(b.plain, b.plain, b.payer))
	b.try("close another's", closeIt(b.his, b.payer, b.payer))
	b.try("close", closeIt(b.plain, b.alice, b.payer))
	b.try("use the closed account", b.transfer(1, 6, b.mine, b.mint, b.plain, b.payer))
	create := b.openATA(b.key("dora"), b.mint)
	b.try("create", with(create, 0))
	b.try("create again", with(create, 0))
	b.try("create again, empty data", with(create))
	b.try("create idempotent", create)
	b.try("create with bad data", with(create, 9))
	b.try("create, five accounts", cut(b.openATA(b.key("emil"), b.mint), 5))
	wrong := remeta(b.openATA(b.key("emil"), b.mint), func(m *solana.AccountMeta) {
		if m.PublicKey == r.key("emil") {
			m.PublicKey = r.key("fay")
		}
	})
	b.try("create for the wrong wallet", wrong)
	b.try("create for a missing mint", b.openATA(b.key("emil"), b.key("nobody")))
	b.try("create for a wallet as mint", b.openATA(b.key("emil"), b.payer))
	b.try("create unsigned payer", remeta(b.openATA(b.key("emil"), b.mint), func(m *solana.AccountMeta) {
		if m.PublicKey == r.payer {
			m.PublicKey, m.IsSigner = b.alice, false
		}
	}))
	r.fund(b.of(b.key("gus"), b.mint), 1_000_000)
	b.try("create at a funded address", b.openATA(b.key("gus"), b.mint))
	r.fund(b.of(b.key("hal"), b.mint), 5_000_000)
	b.try("create at a rich address", b.openATA(b.key("hal"), b.mint))
	poor := b.key("poor")
	r.fund(poor, 1_000_000)
	b.try("create, payer is poor", remeta(b.openATA(b.key("ida"), b.mint), func(m *solana.AccountMeta) {
		if m.PublicKey == r.payer {
			m.PublicKey = poor
		}
	}))
	raw := b.key("raw")
	b.try("mint account, too poor", system.NewCreateAccountInstruction(1_000_000, 82, b.program, b.payer, raw).Build())
	b.try("mint init, too poor", system.NewCreateAccountInstruction(1_000_000, 82, b.program, b.payer, raw).Build(),
		b.under(token.NewInitializeMint2InstructionBuilder().SetDecimals(2).SetMintAuthority(b.payer).SetMintAccount(raw).Build()))
	b.try("mint init of a wallet", b.under(token.NewInitializeMint2InstructionBuilder().SetDecimals(2).SetMintAuthority(b.payer).SetMintAccount(b.payer).Build()))
	b.try("mint init twice", b.under(token.NewInitializeMint2InstructionBuilder().SetDecimals(2).SetMintAuthority(b.payer).SetMintAccount(b.mint).Build()))
	b.try("mint init, old form", system.NewCreateAccountInstruction(1_461_600, 82, b.program, b.payer, raw).Build(),
		b.under(token.NewInitializeMintInstruction(2, b.payer, b.payer, raw, solana.SysVarRentPubkey).Build()))
	b.try("mint init, short data", with(b.under(token.NewInitializeMint2InstructionBuilder().SetDecimals(2).SetMintAuthority(b.payer).SetMintAccount(b.mint).Build()), 20, 2))
	acc := b.key("acc")
	open := func(lamports, size uint64) solana.Instruction {
		return system.NewCreateAccountInstruction(lamports, size, b.program, b.payer, acc).Build()
	}
	init := func(mint solana.PublicKey) solana.Instruction {
		return b.under(token.NewInitializeAccount3Instruction(b.alice, acc, mint).Build())
	}
	b.try("account init, too poor", open(2_000_000, 165), init(b.mint))
	b.try("account init, wrong size", open(3_000_000, 160), init(b.mint))
	b.try("account init, larger", open(3_000_000, 200), init(b.mint))
	b.try("account init, mint is a wallet", open(2_039_280, 165), init(b.payer))
	b.try("account init, mint is an account", open(2_039_280, 165), init(b.mine))
	b.try("account init, old form", open(2_039_280, 165), b.under(token.NewInitializeAccountInstruction(acc, b.mint, b.alice, solana.SysVarRentPubkey).Build()))
	b.try("account init twice", init(b.mint))
	b.try("use a raw account", system.NewCreateAccountInstruction(2_039_280, 165, b.program, b.payer, b.key("acc2")).Build(), b.transfer(1, 6, b.mine, b.mint, b.key("acc2"), b.payer))
}

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
