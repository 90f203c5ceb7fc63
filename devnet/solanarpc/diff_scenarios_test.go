package solanarpc_test

import (
	"fmt"
	"math"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
)

// scenarios are run on both nodes.
func scenarios() map[string]func(*rig) {
	out := map[string]func(*rig){"system": systemScenario, "memo": memoScenario, "budget": budgetScenario, "life": lifeScenario, "wire": wireScenario}
	out["batches"] = func(r *rig) { batchScenario(newBank(r, solana.TokenProgramID)) }
	out["lookups"] = func(r *rig) { lookupScenario(newBank(r, solana.TokenProgramID)) }
	out["extensions"] = func(r *rig) { extensionScenario(newBank(r, solana.Token2022ProgramID)) }
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
