package solanarpc

import (
	"github.com/gagliardetto/solana-go"
)

// Kinds of authority that SetAuthority changes.
const (
	authMint   = 0
	authFreeze = 1
	authOwner  = 2
	authClose  = 3
	// maxAuthority is the highest kind of Token-2022, for its extensions.
	maxAuthority = 16
)

// readOption reads the one-byte option of a key that instruction data carries.
func readOption(b []byte) (key *solana.PublicKey, ok bool) {
	switch {
	case len(b) >= 1 && b[0] == 0:
		return nil, true
	case len(b) >= 33 && b[0] == 1:
		k := solana.PublicKeyFromBytes(b[1:33])
		return &k, true
	default:
		return nil, false
	}
}

func (v *invocation) tokenInitMint(kind byte, args []byte) *ixError {
	if len(args) < 34 {
		return v.badTokenData()
	}
	freeze, ok := readOption(args[33:])
	if !ok {
		return v.badTokenData()
	}
	n := 1
	if kind == tokInitMint {
		n = 2
	}
	if err := v.need(n); err != nil {
		return err
	}
	a := v.acct(0)
	switch {
	case v.program == token2022 && a.owner != v.program:
		return errIncorrectProgramID
	case len(a.data) != mintSize && (v.program == tokenProgram || !exactly(a.data)):
		return errInvalidAccountData
	case a.data[mintInitAt] != 0:
		return errTokInUse
	case !a.rentExempt():
		return errTokNotRentExempt
	}
	authority := solana.PublicKeyFromBytes(args[1:33])
	m := tokenView{a}
	m.setOption(mintAuthorityAt, &authority)
	m.setOption(mintFreezeAt, freeze)
	d := a.edit()
	d[mintDecimalsAt], d[mintInitAt] = args[0], 1
	if len(d) > accountTypeOffset {
		d[accountTypeOffset] = 1
	}
	if m.extension(extDefaultState) != 0 && freeze == nil && d[m.extension(extDefaultState)] == stateFrozen {
		return errTokCannotFreeze
	}
	return nil
}

// exactly says whether data has room for the extensions in it and for no more.
func exactly(data []byte) bool {
	return len(data) > accountTypeOffset && walk(data, func(uint16, int, int) bool { return false }) == len(data)
}

func (v *invocation) tokenInitAccount(kind byte, args []byte) *ixError {
	n := map[byte]int{tokInitAccount: 4, tokInitAccount2: 3, tokInitAccount3: 2}[kind]
	if kind != tokInitAccount && len(args) < 32 {
		return v.badTokenData()
	}
	if err := v.need(n); err != nil {
		return err
	}
	owner := v.key(min(2, len(v.metas)-1))
	if kind != tokInitAccount {
		owner = solana.PublicKeyFromBytes(args[:32])
	}
	a := v.acct(0)
	extended := v.program == token2022 && len(a.data) > tokenAccountSize
	switch {
	case len(a.data) != tokenAccountSize && !extended:
		return errInvalidAccountData
	case a.data[tokStateAt] != 0:
		return errTokInUse
	case !a.rentExempt():
		return errTokNotRentExempt
	}
	if m := v.acct(1); m.owner != v.program {
		return errIncorrectProgramID
	} else if _, err := readMint(m); err != nil {
		return errTokInvalidMint
	}
	mint := v.key(1)
	d := a.edit()
	copy(d, mint[:])
	copy(d[tokOwnerAt:], owner[:])
	d[tokStateAt] = stateInitialized
	if extended {
		d[accountTypeOffset] = 2
	}
	return v.extendAccount(tokenView{v.acct(1)}, extended)
}

// extendAccount gives a new account the extensions that its mint asks for, and
// the state that its accounts begin in.
func (v *invocation) extendAccount(m tokenView, extended bool) *ixError {
	var failed *ixError
	walk(m.data, func(kind uint16, at, _ int) bool {
		if kind == extDefaultState {
			v.acct(0).edit()[tokStateAt] = m.data[at]
		}
		need, ok := accountExtensions[kind]
		switch {
		case ok && !extended:
			failed = errInvalidAccountData
		case ok:
			failed = v.addExtension(0, need.kind, make([]byte, need.size))
		}
		return failed != nil
	})
	return failed
}

func (v *invocation) tokenSetAuthority(args []byte) *ixError {
	if len(args) < 1 {
		return v.badTokenData()
	}
	if args[0] > maxAuthority {
		return errTokInstruction
	}
	next, ok := readOption(args[1:])
	if !ok {
		return v.badTokenData()
	}
	if err := v.need(2); err != nil {
		return err
	}
	if t, err := v.tokenAccount(0); err == nil {
		return v.setAccountAuthority(t, args[0], next)
	} else if err == errUninitialized && len(v.acct(0).data) != mintSize {
		return err
	}
	m, err := v.mintAccount(0)
	if err != nil && v.program == tokenProgram && len(v.acct(0).data) != mintSize {
		return errInvalidArgument
	}
	if err != nil {
		return err
	}
	at, missing := mintAuthorityAt, errTokFixedSupply
	switch args[0] {
	case authMint:
	case authFreeze:
		at, missing = mintFreezeAt, errTokCannotFreeze
	default:
		return errTokAuthorityType
	}
	holder, ok := m.option(at)
	if !ok {
		return missing
	}
	if err := v.authorize(holder, 1); err != nil {
		return err
	}
	m.setOption(at, next)
	return nil
}

func (v *invocation) setAccountAuthority(t tokenView, kind byte, next *solana.PublicKey) *ixError {
	if t.frozen() {
		return errTokFrozen
	}
	switch kind {
	case authOwner:
		if err := v.authorize(t.owner(), 1); err != nil {
			return err
		}
		if t.immutableOwner() {
			return errTokImmutableOwner
		}
		if next == nil {
			return errTokInstruction
		}
		copy(t.edit()[tokOwnerAt:], next[:])
		t.setOption(tokDelegateAt, nil)
		t.set(tokDelegatedAt, 0)
		return nil
	case authClose:
		holder, ok := t.option(tokCloseAt)
		if !ok {
			holder = t.owner()
		}
		if err := v.authorize(holder, 1); err != nil {
			return err
		}
		t.setOption(tokCloseAt, next)
		return nil
	default:
		return errTokAuthorityType
	}
}

func (v *invocation) tokenApprove(amount uint64, decimals int) *ixError {
	delegate := 1
	if decimals >= 0 {
		delegate = 2
	}
	if err := v.need(delegate + 2); err != nil {
		return err
	}
	t, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	if t.frozen() {
		return errTokFrozen
	}
	if decimals >= 0 {
		if err := v.checkMint(1, t, decimals); err != nil {
			return err
		}
	}
	if err := v.authorize(t.owner(), delegate+1); err != nil {
		return err
	}
	key := v.key(delegate)
	t.setOption(tokDelegateAt, &key)
	t.set(tokDelegatedAt, amount)
	return nil
}

func (v *invocation) tokenRevoke() *ixError {
	if err := v.need(2); err != nil {
		return err
	}
	t, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	if t.frozen() {
		return errTokFrozen
	}
	if err := v.authorize(t.owner(), 1); err != nil {
		return err
	}
	t.setOption(tokDelegateAt, nil)
	t.set(tokDelegatedAt, 0)
	return nil
}

func (v *invocation) tokenClose() *ixError {
	if err := v.need(3); err != nil {
		return err
	}
	if v.key(0) == v.key(1) {
		return errInvalidAccountData
	}
	t, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	if t.amount() != 0 {
		return errTokHasBalance
	}
	if at := t.extension(extFeeAmount); at != 0 && t.u64(at) != 0 {
		return errTokWithheld
	}
	holder, ok := t.option(tokCloseAt)
	if !ok {
		holder = t.owner()
	}
	if err := v.authorize(holder, 2); err != nil {
		return err
	}
	v.acct(1).lamports += t.lamports
	t.lamports = 0
	t.resize(0)
	t.loaded.owner = systemProgram
	return nil
}

func (v *invocation) tokenFreeze(freeze bool) *ixError {
	if err := v.need(3); err != nil {
		return err
	}
	t, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	switch {
	case t.frozen() == freeze:
		return errTokState
	case v.key(1) != t.mint():
		return errTokMintMismatch
	}
	m, err := v.mintAccount(1)
	if err != nil {
		return err
	}
	authority, ok := m.option(mintFreezeAt)
	if !ok {
		return errTokCannotFreeze
	}
	if err := v.authorize(authority, 2); err != nil {
		return err
	}
	state := byte(stateInitialized)
	if freeze {
		state = stateFrozen
	}
	t.edit()[tokStateAt] = state
	return nil
}

func (v *invocation) tokenDataSize() *ixError {
	if err := v.need(1); err != nil {
		return err
	}
	if v.acct(0).owner != v.program {
		return errIncorrectProgramID
	}
	m, err := v.mintAccount(0)
	if err != nil {
		return errTokInvalidMint
	}
	size := tokenAccountSize
	if v.program == token2022 {
		size = token2022ATASize
		walk(m.data, func(kind uint16, _, _ int) bool {
			if need, ok := accountExtensions[kind]; ok {
				size += extensionHead + need.size
			}
			return false
		})
	}
	v.rt.returned = &returnData{v.program, le.AppendUint64(nil, uint64(size))}
	return nil
}

func (v *invocation) tokenImmutableOwner() *ixError {
	if err := v.need(1); err != nil {
		return err
	}
	a := v.acct(0)
	if len(a.data) < tokenAccountSize {
		return errInvalidAccountData
	}
	if a.data[tokStateAt] != 0 {
		return errTokInUse
	}
	if v.program == tokenProgram {
		return nil // it has no such thing, and says nothing
	}
	if len(a.data) < token2022ATASize {
		return errInvalidAccountData
	}
	a.edit()[accountTypeOffset] = 2
	return v.addExtension(0, extImmutableOwner, nil)
}
