package solanarpc

import (
	"math/big"

	"github.com/gagliardetto/solana-go"
)

// Extensions of Token-2022 that are run here, by number.
const (
	extFeeConfig          = 1
	extFeeAmount          = 2
	extCloseAuthority     = 3
	extDefaultState       = 6
	extMemoTransfer       = 8
	extNonTransferable    = 9
	extNonTransferableAcc = 13
	extPermanentDelegate  = 12
	extHook               = 14
	extHookAcc            = 15
	extPausable           = 26
	extPausableAcc        = 27
)

// Instructions of Token-2022 about extensions. Most have a second byte.
const (
	tokInitCloseAuthority     = 25
	tokFee                    = 26
	tokDefaultState           = 28
	tokReallocate             = 29
	tokMemoTransfer           = 30
	tokInitNonTransferable    = 32
	tokInitPermanentDelegate  = 35
	tokHook                   = 36
	tokPausable               = 44
	feeTransferChecked        = 1
	pausablePause             = 1
	pausableResume            = 2
	feeBasisPointsAt          = 106
	feeMostAt                 = 98
	feeConfigSize             = 108
	wholeBasisPoints          = 10_000
	extensionHead             = 4
	maxTransferFeeBasisPoints = 10_000
)

// Errors of Token-2022 about extensions.
var (
	errTokFeeTooHigh   = custom(30)
	errTokMintRequired = custom(31)
	errTokFeeMismatch  = custom(32)
	errTokWithheld     = custom(35)
	errTokNoMemo       = custom(36)
	errTokNonTransfer  = custom(37)
	errTokPaused       = custom(67)
)

// accountExtensions are the extensions that an account needs because of one of its mint.
var accountExtensions = map[uint16]struct {
	kind uint16
	size int
}{
	extFeeConfig: {extFeeAmount, 8}, extNonTransferable: {extNonTransferableAcc, 0}, extHook: {extHookAcc, 1}, extPausable: {extPausableAcc, 0},
}

// walk calls seen for each extension until it says stop, and answers where the
// next one would begin.
func walk(data []byte, seen func(kind uint16, at, size int) (stop bool)) int {
	at := accountTypeOffset + 1
	for at+extensionHead <= len(data) {
		kind, size := le.Uint16(data[at:]), int(le.Uint16(data[at+2:]))
		if kind == 0 || at+extensionHead+size > len(data) || seen(kind, at+extensionHead, size) {
			break
		}
		at += extensionHead + size
	}
	return at
}

// extension is where an extension's value begins, 0 when it is not there.
func (t tokenView) extension(kind uint16) (found int) {
	walk(t.data, func(k uint16, at, _ int) bool {
		if k == kind {
			found = at
		}
		return k == kind
	})
	return found
}

// addExtension writes an extension, over itself if it is there already; there
// must be room for it.
func (v *invocation) addExtension(i int, kind uint16, value []byte) *ixError {
	a := v.acct(i)
	if at := (tokenView{a}).extension(kind); at != 0 {
		copy(a.edit()[at:], value)
		return nil
	}
	at := walk(a.data, func(uint16, int, int) bool { return false })
	if at+extensionHead+len(value) > len(a.data) {
		return errInvalidAccountData
	}
	d := a.edit()
	le.PutUint16(d[at:], kind)
	le.PutUint16(d[at+2:], uint16(len(value)))
	copy(d[at+extensionHead:], value)
	return nil
}

// tokenExtension runs the instructions about extensions.
func (v *invocation) tokenExtension(kind byte, args []byte) *ixError {
	sub := byte(0)
	if kind != tokInitCloseAuthority && kind != tokReallocate && kind != tokInitNonTransferable && kind != tokInitPermanentDelegate {
		if len(args) == 0 {
			return errInvalidData
		}
		sub, args = args[0], args[1:]
	}
	switch {
	case kind == tokFee && sub == feeTransferChecked:
		if len(args) != 17 {
			return errTokInstruction
		}
		fee := le.Uint64(args[9:])
		return v.tokenTransfer(le.Uint64(args), int(args[8]), &fee)
	case kind == tokPausable && (sub == pausablePause || sub == pausableResume):
		return v.tokenPause(sub == pausablePause)
	case kind == tokMemoTransfer:
		return v.tokenRequireMemo(sub == 0)
	case kind == tokReallocate:
		return v.tokenReallocate(args)
	case sub != 0:
		return errTokInstruction
	default:
		return v.tokenInitExtension(kind, args)
	}
}

// tokenInitExtension prepares a mint that is not initialized yet.
func (v *invocation) tokenInitExtension(kind byte, args []byte) *ixError {
	if err := v.need(1); err != nil {
		return err
	}
	a := v.acct(0)
	switch {
	case a.owner != v.program:
		return errIncorrectProgramID
	case len(a.data) <= tokenAccountSize:
		return errInvalidAccountData
	case a.data[mintInitAt] != 0:
		return errTokInUse
	}
	ext, value, ok := readExtensionArgs(kind, args)
	if !ok {
		return errInvalidData
	}
	if kind == tokFee && le.Uint16(value[feeBasisPointsAt:]) > maxTransferFeeBasisPoints {
		return errTokFeeTooHigh
	}
	return v.addExtension(0, ext, value)
}

// readExtensionArgs reads what an extension is to hold.
func readExtensionArgs(kind byte, args []byte) (ext uint16, value []byte, ok bool) {
	keyOf := func(k *solana.PublicKey) []byte {
		if k == nil {
			return make([]byte, 32)
		}
		return k[:]
	}
	switch kind {
	case tokInitCloseAuthority:
		k, ok := readOption(args)
		return extCloseAuthority, keyOf(k), ok
	case tokInitPermanentDelegate:
		return extPermanentDelegate, args, len(args) == 32
	case tokInitNonTransferable:
		return extNonTransferable, nil, true
	case tokHook:
		return extHook, args, len(args) == 64
	case tokDefaultState:
		return extDefaultState, args, len(args) == 1 && (args[0] == stateInitialized || args[0] == stateFrozen)
	case tokPausable:
		return extPausable, append(append([]byte(nil), args...), 0), len(args) == 32
	default: // the fee: two authorities, then basis points and the most, now and later
		value = make([]byte, feeConfigSize)
		for i := range 2 {
			k, good := readOption(args)
			if !good {
				return 0, nil, false
			}
			copy(value[32*i:], keyOf(k))
			args = args[1:]
			if k != nil {
				args = args[32:]
			}
		}
		if len(args) != 10 {
			return 0, nil, false
		}
		for _, at := range []int{feeMostAt, feeMostAt - 18} {
			copy(value[at:], args[2:10])
			copy(value[at+8:], args[:2])
		}
		return extFeeConfig, value, true
	}
}

// feeOn is what the mint takes of a transfer, rounded up.
func (t tokenView) feeOn(amount uint64) (fee uint64, takes bool) {
	at := t.extension(extFeeConfig)
	if at == 0 {
		return 0, false
	}
	points, most := le.Uint16(t.data[at+feeBasisPointsAt:]), le.Uint64(t.data[at+feeMostAt:])
	raw := new(big.Int).Mul(new(big.Int).SetUint64(amount), big.NewInt(int64(points)))
	raw.Add(raw, big.NewInt(wholeBasisPoints-1)).Quo(raw, big.NewInt(wholeBasisPoints))
	if !raw.IsUint64() || raw.Uint64() > most {
		return most, true
	}
	return raw.Uint64(), true
}

func (t tokenView) paused() bool {
	at := t.extension(extPausable)
	return at != 0 && t.data[at+32] != 0
}

// unfit says why the mint does not let a transfer happen; given is the fee that
// the transfer names, if it names one.
func (t tokenView) unfit(amount uint64, given *uint64) *ixError {
	if fee, _ := t.feeOn(amount); given != nil && *given != fee {
		return errTokFeeMismatch
	}
	if t.paused() {
		return errTokPaused
	}
	return nil
}

// wantsMint says that an account cannot be moved from without naming its mint.
func (t tokenView) wantsMint() bool {
	return t.extension(extFeeAmount) != 0 || t.extension(extHookAcc) != 0 || t.extension(extPausableAcc) != 0
}

// memoMissing says that an account wants a memo right before what is paid in.
func (v *invocation) memoMissing(t tokenView) bool {
	at := t.extension(extMemoTransfer)
	if at == 0 || t.data[at] != 1 {
		return false
	}
	if v.depth > 1 || v.rt.top == 0 {
		return true
	}
	before := v.rt.accts[v.rt.tx.ixs[v.rt.top-1].program].key
	return before != memoV1 && before != memoV2
}

func (v *invocation) tokenPause(paused bool) *ixError {
	if err := v.need(2); err != nil {
		return err
	}
	m, err := v.mintAccount(0)
	if err != nil {
		return err
	}
	at := m.extension(extPausable)
	if at == 0 {
		return errInvalidAccountData
	}
	if err := v.authorize(solana.PublicKeyFromBytes(m.data[at:at+32]), 1); err != nil {
		return err
	}
	d := m.edit()
	if d[at+32] = 0; paused {
		d[at+32] = 1
	}
	return nil
}

// tokenRequireMemo turns the wish for a memo on or off; there must be room for it.
func (v *invocation) tokenRequireMemo(on bool) *ixError {
	if err := v.need(2); err != nil {
		return err
	}
	t, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	if err := v.authorize(t.owner(), 1); err != nil {
		return err
	}
	if t.extension(extMemoTransfer) == 0 {
		if err := v.addExtension(0, extMemoTransfer, []byte{0}); err != nil {
			return err
		}
	}
	d := t.edit()
	if d[t.extension(extMemoTransfer)] = 0; on {
		d[t.extension(extMemoTransfer)] = 1
	}
	return nil
}

// tokenReallocate makes room for a wish for a memo, the only one it knows.
func (v *invocation) tokenReallocate(args []byte) *ixError {
	if err := v.need(4); err != nil {
		return err
	}
	t, err := v.tokenAccount(0)
	if err != nil {
		return err
	}
	if err := v.authorize(t.owner(), 3); err != nil {
		return err
	}
	if len(args) != 2 || le.Uint16(args) != extMemoTransfer {
		return errTokInstruction
	}
	if t.extension(extMemoTransfer) != 0 {
		return nil
	}
	end := walk(t.data, func(uint16, int, int) bool { return false })
	grown := make([]byte, max(end, accountTypeOffset+1)+extensionHead+1)
	copy(grown, t.data)
	grown[accountTypeOffset] = 2
	t.loaded.data, t.ownsData = grown, true
	if need := rentExemptMinimum(len(grown)); t.lamports < need {
		data := make([]byte, 12)
		data[0] = sysTransfer
		le.PutUint64(data[4:], need-t.lamports)
		return v.call(systemProgram, []meta{v.metas[1], v.metas[0]}, data)
	}
	return nil
}
