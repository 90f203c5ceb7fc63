package solanarpc

import (
	"github.com/gagliardetto/solana-go"
)

const (
	ataCreate           = 0
	ataCreateIdempotent = 1
	ataInvalidOwner     = 0
	ataBaseUnits        = 2_000 // before it knows whether to create
	ataUnitsPerBump     = 1_500 // for each address tried in the derivation
	ataExistsUnits      = 1_000
	ataSizeUnits        = 1_900 // for asking for the size
	ataFundUnits        = 3_000 // for making the account
	ataOpenUnits        = 4_500 // for initializing it
)

// ata runs the Associated Token Account program.
func (v *invocation) ata() *ixError {
	kind := byte(ataCreate)
	if len(v.data) > 0 {
		kind = v.data[0]
	}
	if kind > ataCreateIdempotent || len(v.data) > 1 {
		return errInvalidData
	}
	if kind == ataCreate {
		v.log("Create")
	} else {
		v.log("CreateIdempotent")
	}
	if err := v.need(6); err != nil {
		return err
	}
	wallet, mint, program := v.key(2), v.key(3), v.key(5)
	address, bump, err := solana.FindProgramAddress([][]byte{wallet[:], program[:], mint[:]}, ataProgram)
	if used := v.use(ataBaseUnits + ataUnitsPerBump*(256-uint64(bump))); used != nil {
		return used
	}
	if err != nil || address != v.key(1) {
		v.log("Error: Associated address does not match seed derivation")
		return errInvalidSeeds
	}
	if kind == ataCreateIdempotent && v.acct(1).owner == program {
		if used := v.use(ataExistsUnits); used != nil {
			return used
		}
		return v.ataExisting()
	}
	if v.acct(1).owner != systemProgram {
		return errIllegalOwner
	}
	return v.ataOpen(program)
}

// ataExisting accepts the account if it is the one that would be created.
func (v *invocation) ataExisting() *ixError {
	t, err := readTokenAccount(v.acct(1))
	switch {
	case err != nil:
		return err
	case t.owner() != v.key(2):
		v.log("Associated token account owner does not match address derivation")
		return custom(ataInvalidOwner)
	case t.mint() != v.key(3):
		return errInvalidAccountData
	}
	return nil
}

// ataOpen creates and initializes the account.
func (v *invocation) ataOpen(program solana.PublicKey) *ixError {
	payer, self, wallet, mint := v.metas[0], v.metas[1], v.key(2), v.metas[3]
	mint.writable, mint.signer = false, false
	if err := v.use(ataSizeUnits); err != nil {
		return err
	}
	if err := v.call(program, []meta{mint}, []byte{tokGetAccountDataSize, 7, 0}); err != nil {
		return err
	}
	size := tokenAccountSize
	if r := v.rt.returned; r != nil && len(r.data) == 8 {
		size = int(le.Uint64(r.data))
	}
	if err := v.use(ataFundUnits); err != nil {
		return err
	}
	if err := v.fund(payer, self, size, program); err != nil {
		return err
	}
	only := meta{index: self.index, writable: self.writable}
	v.log("Initialize the associated token account")
	if err := v.use(ataOpenUnits); err != nil {
		return err
	}
	if err := v.call(program, []meta{only}, []byte{tokInitImmutableOwner}); err != nil {
		return err
	}
	return v.call(program, []meta{only, mint}, append([]byte{tokInitAccount3}, wallet[:]...))
}

// fund makes the account, also when somebody already sent lamports to its address.
func (v *invocation) fund(payer, self meta, size int, owner solana.PublicKey) *ixError {
	if !self.writable || !payer.writable || !payer.signer {
		return errPrivilege
	}
	made := v.rt.accts[self.index]
	need, has, key := rentExemptMinimum(size), made.lamports, made.key
	if has == 0 {
		data := make([]byte, 52)
		le.PutUint64(data[4:], need)
		le.PutUint64(data[12:], uint64(size))
		copy(data[20:], owner[:])
		return v.call(systemProgram, []meta{payer, self}, data, key)
	}
	if has < need {
		data := make([]byte, 12)
		data[0] = sysTransfer
		le.PutUint64(data[4:], need-has)
		if err := v.call(systemProgram, []meta{payer, self}, data); err != nil {
			return err
		}
	}
	allocate := make([]byte, 12)
	allocate[0] = sysAllocate
	le.PutUint64(allocate[4:], uint64(size))
	if err := v.call(systemProgram, []meta{self}, allocate, key); err != nil {
		return err
	}
	assign := append([]byte{sysAssign, 0, 0, 0}, owner[:]...)
	return v.call(systemProgram, []meta{self}, assign, key)
}
