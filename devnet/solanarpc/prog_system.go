package solanarpc

import (
	"github.com/gagliardetto/solana-go"
)

// Instructions of the System program.
const (
	sysCreate         = 0
	sysAssign         = 1
	sysTransfer       = 2
	sysCreateWithSeed = 3
	sysAllocate       = 8
)

// Errors of the System program.
const (
	sysInUse           = 0
	sysNegative        = 1
	sysBadLength       = 3
	sysSeedTooLong     = 4
	sysAddressMismatch = 5
)

// system runs the System program.
func (v *invocation) system() *ixError {
	if err := v.use(unitsOfBuiltin); err != nil {
		return err
	}
	if len(v.data) < 4 {
		return errInvalidData
	}
	args := v.data[4:]
	switch le.Uint32(v.data) {
	case sysCreate:
		if len(args) < 48 {
			return errInvalidData
		}
		return v.sysCreateAccount(le.Uint64(args), le.Uint64(args[8:]), solana.PublicKeyFromBytes(args[16:48]), v.signs(1))
	case sysCreateWithSeed:
		return v.sysCreateSeeded(args)
	case sysTransfer:
		if len(args) < 8 {
			return errInvalidData
		}
		if len(v.metas) < 2 {
			return errMissingAccount
		}
		return v.sysMove(le.Uint64(args))
	case sysAssign:
		if len(args) < 32 {
			return errInvalidData
		}
		if len(v.metas) < 1 {
			return errMissingAccount
		}
		return v.sysAssign(0, solana.PublicKeyFromBytes(args[:32]), v.signs(0))
	case sysAllocate:
		if len(args) < 8 {
			return errInvalidData
		}
		if len(v.metas) < 1 {
			return errMissingAccount
		}
		return v.sysAllocate(0, le.Uint64(args), v.signs(0))
	default:
		return errInvalidData
	}
}

func (v *invocation) signs(i int) bool { return i < len(v.metas) && v.signed(i) }

func (v *invocation) sysCreateAccount(lamports, space uint64, owner solana.PublicKey, mayCreate bool) *ixError {
	if len(v.metas) < 2 {
		return errMissingAccount
	}
	if v.acct(1).lamports > 0 {
		v.log("Create Account: account Address { address: %s, base: None } already in use", v.key(1))
		return custom(sysInUse)
	}
	if err := v.sysAllocate(1, space, mayCreate); err != nil {
		return err
	}
	if err := v.sysAssign(1, owner, mayCreate); err != nil {
		return err
	}
	return v.sysMove(lamports)
}

// sysCreateSeeded creates an account whose address is derived from a base key.
func (v *invocation) sysCreateSeeded(args []byte) *ixError {
	if len(args) < 40 {
		return errInvalidData
	}
	base, n := solana.PublicKeyFromBytes(args[:32]), le.Uint64(args[32:])
	if n > uint64(len(args)-40) || uint64(len(args)-40)-n < 48 {
		return errInvalidData
	}
	seed, rest := string(args[40:40+n]), args[40+n:]
	owner := solana.PublicKeyFromBytes(rest[16:48])
	if len(v.metas) < 2 {
		return errMissingAccount
	}
	if n > 32 {
		return custom(sysSeedTooLong)
	}
	want, err := solana.CreateWithSeed(base, seed, owner)
	if err != nil || want != v.key(1) {
		return custom(sysAddressMismatch)
	}
	signed := false
	for i := range v.metas {
		signed = signed || (v.key(i) == base && v.signed(i))
	}
	return v.sysCreateAccount(le.Uint64(rest), le.Uint64(rest[8:]), owner, signed)
}

func (v *invocation) sysAllocate(i int, space uint64, signed bool) *ixError {
	a := v.acct(i)
	switch {
	case !signed:
		v.log("Allocate: 'to' account %s must sign", a.key)
		return errMissingSignature
	case len(a.data) > 0 || a.owner != systemProgram:
		v.log("Allocate: account %s already in use", a.key)
		return custom(sysInUse)
	case space > maxAccountSpace:
		v.log("Allocate: requested %d, max allowed %d", space, maxAccountSpace)
		return custom(sysBadLength)
	}
	a.resize(int(space))
	return nil
}

func (v *invocation) sysAssign(i int, owner solana.PublicKey, signed bool) *ixError {
	a := v.acct(i)
	switch {
	case a.owner == owner:
		return nil
	case !signed:
		return errMissingSignature
	case a.owner != systemProgram:
		return errModifiedProgram
	}
	a.owner = owner
	return nil
}

// sysMove moves lamports from the first account to the second.
func (v *invocation) sysMove(lamports uint64) *ixError {
	from, to := v.acct(0), v.acct(1)
	switch {
	case !v.signed(0):
		v.log("Transfer: `from` account %s must sign", from.key)
		return errMissingSignature
	case len(from.data) > 0:
		v.log("Transfer: `from` must not carry data")
		return errInvalidArgument
	case from.lamports < lamports:
		v.log("Transfer: insufficient lamports %d, need %d", from.lamports, lamports)
		return custom(sysNegative)
	case from.owner != systemProgram && lamports > 0:
		return errExternalSpend
	case !v.metas[0].writable && lamports > 0 && from != to:
		return errReadonlyLamports
	}
	from.lamports -= lamports
	if to.lamports+lamports < to.lamports {
		return errOverflow
	}
	to.lamports += lamports
	return nil
}
