package solanarpc_test

import (
	"encoding/binary"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
)

// extended makes a mint of Token-2022 with extensions, each given by its size
// and the instruction that initializes it.
func (b *bank) extended(name string, spare uint64, exts map[string][]byte, order ...string) solana.PublicKey {
	b.Helper()
	m, size := b.key(name), 166+spare
	var inits []solana.Instruction
	for _, n := range order {
		size += 4 + extensionSizes[n]
		inits = append(inits, solana.NewInstruction(b.program, solana.AccountMetaSlice{solana.Meta(m).WRITE()}, exts[n]))
	}
	inits = append([]solana.Instruction{system.NewCreateAccountInstruction((size+128)*6960, size, b.program, b.payer, m).Build()}, inits...)
	init := token.NewInitializeMint2InstructionBuilder().SetDecimals(decimals).SetMintAuthority(b.payer).SetMintAccount(m).SetFreezeAuthority(b.payer)
	b.try("create "+name, append(inits, b.under(init.Build()))...)
	return m
}

var extensionSizes = map[string]uint64{"fee": 108, "pause": 33, "frozen": 1, "delegate": 32, "close": 32, "hook": 64, "stuck": 0}

// extensionScenario pays with coins that have the extensions of Token-2022.
func extensionScenario(b *bank) {
	me, nobody := b.payer, make([]byte, 32)
	option := append([]byte{1}, me[:]...)
	fee := append(append([]byte{26, 0}, option...), option...)
	fee = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint16(fee, 150), 900)
	inits := map[string][]byte{
		"fee": fee, "pause": append([]byte{44, 0}, me[:]...), "frozen": {28, 0, 2}, "delegate": append([]byte{35}, me[:]...),
		"close": append([]byte{25}, option...), "hook": append(append([]byte{36, 0}, me[:]...), nobody...), "stuck": {32},
	}
	alice := b.key("alice")
	for _, list := range [][]string{{"fee"}, {"pause"}, {"frozen"}, {"stuck"}, {"fee", "pause", "delegate", "close", "hook"}} {
		name := "coin"
		for _, n := range list {
			name += " " + n
		}
		m := b.extended(name, 0, inits, list...)
		from, to := b.of(me, m), b.of(alice, m)
		b.try(name+": open", b.openATA(me, m), b.openATA(alice, m))
		b.try(name+": thaw", b.under(token.NewThawAccountInstruction(from, m, me, nil).Build()), b.under(token.NewThawAccountInstruction(to, m, me, nil).Build()))
		b.try(name+": issue", b.under(token.NewMintToInstruction(10_000_000, m, from, me, nil).Build()))
		b.try(name+": transfer", b.transfer(1_001, 6, from, m, to, me))
		b.try(name+": transfer a lot", b.transfer(1_000_000, 6, from, m, to, me))
		b.try(name+": unchecked", b.under(token.NewTransferInstruction(10, from, to, me, nil).Build()))
		for _, named := range []uint64{0, 16, 15} {
			b.try(name+": with a fee", b.withFee(1_001, named, from, m, to))
		}
		b.try(name+": too much with a fee", b.withFee(1<<60, 900, from, m, to))
		b.try(name+": with a fee, no decimals", with(b.withFee(1_001, 16, from, m, to), 26, 1, 0))
		pause := func(kind byte, by solana.PublicKey) solana.Instruction {
			return solana.NewInstruction(b.program, solana.AccountMetaSlice{solana.Meta(m).WRITE(), solana.Meta(by).SIGNER()}, []byte{44, kind})
		}
		b.try(name+": pause by another", pause(1, alice))
		b.try(name+": pause", pause(1, me))
		b.try(name+": while paused", b.transfer(5, 6, from, m, to, me))
		b.try(name+": issue while paused", b.under(token.NewMintToInstruction(1, m, from, me, nil).Build()))
		b.try(name+": resume", pause(2, me))
		b.try(name+": transfer again", b.transfer(5, 6, from, m, to, me))
		b.try(name+": close", b.under(token.NewCloseAccountInstruction(to, alice, alice, nil).Build()))
		b.note(name, "%s", b.ask("getAccountInfo", to.String(), map[string]any{"encoding": "base64", "commitment": "confirmed"}))
	}
	b.extended("coin with room to spare", 9, inits, "pause")
	b.extended("coin twice", 0, inits, "pause", "pause")
	memoScenario2022(b, alice)
}

func (b *bank) withFee(amount, fee uint64, from, mint, to solana.PublicKey) solana.Instruction {
	data := append(binary.LittleEndian.AppendUint64([]byte{26, 1}, amount), decimals)
	return solana.NewInstruction(b.program, b.transfer(0, 6, from, mint, to, b.payer).Accounts(), binary.LittleEndian.AppendUint64(data, fee))
}

// memoScenario2022 pays an account that wants a memo before each transfer.
func memoScenario2022(b *bank, owner solana.PublicKey) {
	grow := solana.NewInstruction(b.program, solana.AccountMetaSlice{
		solana.Meta(b.hers).WRITE(), solana.Meta(b.payer).WRITE().SIGNER(), solana.Meta(solana.SystemProgramID), solana.Meta(owner).SIGNER(),
	}, []byte{29, 8, 0})
	turn := func(off byte) solana.Instruction {
		return solana.NewInstruction(b.program, solana.AccountMetaSlice{solana.Meta(b.hers).WRITE(), solana.Meta(owner).SIGNER()}, []byte{30, off})
	}
	pay := b.transfer(10, 6, b.mine, b.mint, b.hers, b.payer)
	b.try("memo without room", turn(0))
	b.try("memo room", grow)
	b.try("memo on", turn(0))
	b.try("pay without a memo", pay)
	b.try("pay after a memo", memo("m", b.payer), pay)
	b.try("pay twice after a memo", memo("m", b.payer), pay, pay)
	b.try("memo off", turn(1))
	b.try("pay without a memo again", pay)
}
