package solanarpc

import (
	"github.com/gagliardetto/solana-go"
)

// Instructions of the token programs.
const (
	tokInitMint           = 0
	tokInitAccount        = 1
	tokTransfer           = 3
	tokApprove            = 4
	tokRevoke             = 5
	tokSetAuthority       = 6
	tokMintTo             = 7
	tokBurn               = 8
	tokClose              = 9
	tokFreeze             = 10
	tokThaw               = 11
	tokTransferChecked    = 12
	tokApproveChecked     = 13
	tokMintToChecked      = 14
	tokBurnChecked        = 15
	tokInitAccount2       = 16
	tokInitAccount3       = 18
	tokInitMint2          = 20
	tokGetAccountDataSize = 21
	tokInitImmutableOwner = 22
)

// Errors of the token programs.
var (
	errTokNotRentExempt   = custom(0)
	errTokFunds           = custom(1)
	errTokInvalidMint     = custom(2)
	errTokMintMismatch    = custom(3)
	errTokOwnerMismatch   = custom(4)
	errTokFixedSupply     = custom(5)
	errTokInUse           = custom(6)
	errTokInstruction     = custom(12)
	errTokState           = custom(13)
	errTokOverflow        = custom(14)
	errTokAuthorityType   = custom(15)
	errTokCannotFreeze    = custom(16)
	errTokFrozen          = custom(17)
	errTokDecimals        = custom(18)
	errTokHasBalance      = custom(11)
	errTokImmutableOwner  = custom(34)
	tokenInstructionNames = map[byte]string{
		tokInitMint: "InitializeMint", tokInitAccount: "InitializeAccount", tokTransfer: "Transfer", tokApprove: "Approve",
		tokRevoke: "Revoke", tokSetAuthority: "SetAuthority", tokMintTo: "MintTo", tokBurn: "Burn", tokClose: "CloseAccount",
		tokFreeze: "FreezeAccount", tokThaw: "ThawAccount", tokTransferChecked: "TransferChecked",
		tokApproveChecked: "ApproveChecked", tokMintToChecked: "MintToChecked", tokBurnChecked: "BurnChecked",
		tokInitAccount2: "InitializeAccount2", tokInitAccount3: "InitializeAccount3", tokInitMint2: "InitializeMint2",
		tokGetAccountDataSize: "GetAccountDataSize", tokInitImmutableOwner: "InitializeImmutableOwner",
	}
)

// token runs SPL Token and the base instructions of Token-2022.
func (v *invocation) token() *ixError {
	if len(v.data) == 0 {
		return errTokInstruction
	}
	kind, args := v.data[0], v.data[1:]
	if err := v.use(tokenUnits(v.program, kind)); err != nil {
		return err
	}
	if name, ok := tokenInstructionNames[kind]; ok && v.program == token2022 {
		v.log("Instruction: %s", name)
	}
	switch kind {
	case tokTransfer, tokApprove, tokMintTo, tokBurn:
		if !v.fits(args, 8) {
			return v.badTokenData()
		}
		return v.tokenMove(kind, le.Uint64(args), -1)
	case tokTransferChecked, tokApproveChecked, tokMintToChecked, tokBurnChecked:
		if !v.fits(args, 9) {
			return v.badTokenData()
		}
		return v.tokenMove(kind, le.Uint64(args), int(args[8]))
	case tokInitMint, tokInitMint2:
		return v.tokenInitMint(kind, args)
	case tokInitAccount, tokInitAccount2, tokInitAccount3:
		return v.tokenInitAccount(kind, args)
	case tokSetAuthority:
		return v.tokenSetAuthority(args)
	case tokRevoke:
		return v.tokenRevoke()
	case tokClose:
		return v.tokenClose()
	case tokFreeze, tokThaw:
		return v.tokenFreeze(kind == tokFreeze)
	case tokGetAccountDataSize:
		return v.tokenDataSize()
	case tokInitImmutableOwner:
		return v.tokenImmutableOwner()
	case tokInitCloseAuthority, tokFee, tokDefaultState, tokReallocate, tokMemoTransfer, tokInitNonTransferable,
		tokInitPermanentDelegate, tokHook, tokPausable:
		if v.program == token2022 {
			return v.tokenExtension(kind, args)
		}
	}
	return errTokInstruction
}

// badTokenData is the answer to arguments that do not fit the instruction.
func (v *invocation) badTokenData() *ixError {
	if v.program == token2022 {
		return errInvalidData
	}
	return errTokInstruction
}

// fits says whether arguments have the right size: SPL Token ignores what follows.
func (v *invocation) fits(args []byte, n int) bool {
	return len(args) == n || (len(args) > n && v.program == tokenProgram)
}

// tokenMove runs the instructions that carry an amount. decimals is -1 in the
// unchecked forms, which also lack the mint account.
func (v *invocation) tokenMove(kind byte, amount uint64, decimals int) *ixError {
	switch kind {
	case tokTransfer, tokTransferChecked:
		return v.tokenTransfer(amount, decimals, nil)
	case tokMintTo, tokMintToChecked:
		return v.tokenMint(amount, decimals)
	case tokBurn, tokBurnChecked:
		return v.tokenBurn(amount, decimals)
	default:
		return v.tokenApprove(amount, decimals)
	}
}

// authorize checks that account i is the expected authority and signed.
func (v *invocation) authorize(want solana.PublicKey, i int) *ixError {
	if v.key(i) != want {
		return errTokOwnerMismatch
	}
	if !v.signed(i) {
		return errMissingSignature
	}
	return nil
}

// tokenAccount reads account i. Token-2022 checks whose it is; SPL Token
// leaves that to the runtime, which refuses the write.
func (v *invocation) tokenAccount(i int) (tokenView, *ixError) {
	switch a := v.acct(i); {
	case v.program == token2022 && a.owner != v.program:
		return tokenView{}, errIncorrectProgramID
	case v.program == tokenProgram && len(a.data) != tokenAccountSize:
		return tokenView{}, errInvalidAccountData
	default:
		return readTokenAccount(a)
	}
}

// mintAccount reads account i as a mint.
func (v *invocation) mintAccount(i int) (tokenView, *ixError) {
	if v.program == token2022 && v.acct(i).owner != v.program {
		return tokenView{}, errIncorrectProgramID
	}
	return readMint(v.acct(i))
}

// tokenTransfer moves tokens; fee is what the transfer expects the mint to take,
// nil where it does not say.
func (v *invocation) tokenTransfer(amount uint64, decimals int, fee *uint64) *ixError {
	dst := 1
	if decimals >= 0 {
		dst = 2
	}
	if err := v.need(dst + 2); err != nil {
		return err
	}
	from, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	to, err := v.tokenAccount(dst)
	if err != nil {
		return err
	}
	if decimals >= 0 && v.program == token2022 && v.acct(1).owner != v.program {
		return errIncorrectProgramID
	}
	switch short := from.amount() < amount; {
	case from.frozen():
		return errTokFrozen
	case short && v.program == token2022:
		return errTokFunds
	case to.frozen():
		return errTokFrozen
	case short:
		return errTokFunds
	case from.mint() != to.mint():
		return errTokMintMismatch
	}
	taken, err := v.transferTakes(from, amount, decimals, fee)
	if err != nil {
		return err
	}
	self := v.key(0) == v.key(dst)
	spend, err := v.spender(from, dst+1, amount, self)
	if err != nil {
		return err
	}
	if !self && v.memoMissing(to) {
		return errTokNoMemo
	}
	if self || amount == 0 {
		return v.ownTokenAccounts(0, dst)
	}
	spend()
	from.set(tokAmountAt, from.amount()-amount)
	to = tokenView{v.acct(dst)}
	to.set(tokAmountAt, to.amount()+amount-taken)
	if at := to.extension(extFeeAmount); at != 0 {
		to.set(at, to.u64(at)+taken)
	}
	v.rt.transfers = append(v.rt.transfers, Transfer{
		Instruction: v.rt.top, Source: v.key(0), Destination: v.key(dst), SourceOwner: from.owner(),
		DestinationOwner: to.owner(), Authority: v.key(dst + 1), Mint: from.mint(), Amount: amount, Fee: taken,
	})
	return nil
}

// transferTakes checks the mint of a transfer and answers its fee.
func (v *invocation) transferTakes(from tokenView, amount uint64, decimals int, fee *uint64) (uint64, *ixError) {
	if from.extension(extNonTransferableAcc) != 0 {
		return 0, errTokNonTransfer
	}
	if decimals < 0 {
		if from.wantsMint() {
			return 0, errTokMintRequired
		}
		return 0, nil
	}
	if err := v.checkMint(1, from, decimals); err != nil {
		return 0, err
	}
	m, err := v.mintAccount(1)
	if err != nil {
		return 0, err
	}
	extended := 0
	walk(m.data, func(uint16, int, int) bool { extended++; return false })
	if err := v.use(unitsOfExtension * uint64(extended)); err != nil {
		return 0, err
	}
	taken, _ := m.feeOn(amount)
	return taken, m.unfit(amount, fee)
}

// checkMint compares the given mint with the account's and with the decimals the caller expects.
func (v *invocation) checkMint(i int, t tokenView, decimals int) *ixError {
	if v.key(i) != t.mint() {
		return errTokMintMismatch
	}
	m, err := v.mintAccount(i)
	if err != nil {
		return err
	}
	if decimals >= 0 && int(m.decimals()) != decimals {
		return errTokDecimals
	}
	return nil
}

// spender checks owner or delegate of an account and answers what using up the allowance does.
func (v *invocation) spender(t tokenView, i int, amount uint64, self bool) (func(), *ixError) {
	delegate, ok := t.option(tokDelegateAt)
	if !ok || delegate != v.key(i) {
		return func() {}, v.authorize(t.owner(), i)
	}
	if err := v.authorize(delegate, i); err != nil {
		return nil, err
	}
	left := t.u64(tokDelegatedAt)
	if left < amount {
		return nil, errTokFunds
	}
	return func() {
		if self {
			return
		}
		t.set(tokDelegatedAt, left-amount)
		if left == amount {
			t.setOption(tokDelegateAt, nil)
		}
	}, nil
}

// ownTokenAccounts stands in for the write that a transfer of nothing does not do.
func (v *invocation) ownTokenAccounts(indexes ...int) *ixError {
	for _, i := range indexes {
		if v.acct(i).owner != v.program {
			return errIncorrectProgramID
		}
	}
	return nil
}

func (v *invocation) tokenMint(amount uint64, decimals int) *ixError {
	if err := v.need(3); err != nil {
		return err
	}
	to, err := v.tokenAccount(1)
	if err != nil {
		return err
	}
	switch {
	case v.program == token2022 && v.acct(0).owner != v.program:
		return errIncorrectProgramID
	case to.frozen():
		return errTokFrozen
	case v.key(0) != to.mint():
		return errTokMintMismatch
	}
	m, err := v.mintAccount(0)
	if err != nil {
		return err
	}
	if decimals >= 0 && int(m.decimals()) != decimals {
		return errTokDecimals
	}
	if m.paused() {
		return errTokPaused
	}
	authority, ok := m.option(mintAuthorityAt)
	if !ok {
		return errTokFixedSupply
	}
	if err := v.authorize(authority, 2); err != nil {
		return err
	}
	if amount == 0 {
		return v.ownTokenAccounts(0, 1)
	}
	if m.supply()+amount < amount {
		return errTokOverflow
	}
	m.set(mintSupplyAt, m.supply()+amount)
	to.set(tokAmountAt, to.amount()+amount)
	return nil
}

func (v *invocation) tokenBurn(amount uint64, decimals int) *ixError {
	if err := v.need(3); err != nil {
		return err
	}
	from, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	m, err := v.mintAccount(1)
	if err != nil {
		return err
	}
	switch {
	case from.frozen():
		return errTokFrozen
	case from.amount() < amount:
		return errTokFunds
	}
	if err := v.checkMint(1, from, decimals); err != nil {
		return err
	}
	spend, err := v.spender(from, 2, amount, false)
	if err != nil {
		return err
	}
	if amount == 0 {
		return v.ownTokenAccounts(0, 1)
	}
	spend()
	from.set(tokAmountAt, from.amount()-amount)
	m.set(mintSupplyAt, m.supply()-amount)
	return nil
}
