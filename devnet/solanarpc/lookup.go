package solanarpc

import (
	"slices"

	"github.com/gagliardetto/solana-go"
)

// Layout of an address lookup table, and its limits.
const (
	tableHead        = 56 // bytes before the addresses
	tableDeactivated = 4
	tableExtendedAt  = 12
	tableStartAt     = 20
	tableAuthorityAt = 21
	tableMost        = 256 // addresses
	tableKind        = 1
	// recentSlots is how many slots back a table's slot may be when it is made,
	// and how long one that was deactivated can still be used.
	recentSlots = 512
	never       = 1<<64 - 1
)

// Instructions of the AddressLookupTable program.
const (
	tabCreate     = 0
	tabFreeze     = 1
	tabExtend     = 2
	tabDeactivate = 3
	tabClose      = 4
	unitsOfTable  = 750
	tabBadSeeds   = 1
)

// lookup names addresses of one table that a message refers to.
type lookup struct {
	table              solana.PublicKey
	writable, readonly []int
}

// resolve answers the transaction with the addresses that it looks up, as the
// tables are in a slot.
func (t *transaction) resolve(state view, slot uint64) (*transaction, *txError) {
	if len(t.lookups) == 0 {
		return t, nil
	}
	var writable, readonly []solana.PublicKey
	for _, l := range t.lookups {
		addresses, err := tableAt(state(l.table), slot)
		if err != nil {
			return nil, err
		}
		for _, part := range []struct {
			from []int
			to   *[]solana.PublicKey
		}{{l.writable, &writable}, {l.readonly, &readonly}} {
			for _, i := range part.from {
				if i >= len(addresses) {
					return nil, refused(txTableIndex)
				}
				*part.to = append(*part.to, addresses[i])
			}
		}
	}
	out := *t
	out.keys = slices.Concat(t.keys, writable, readonly)
	out.loadedWritable = len(writable)
	return &out, nil
}

// tableAt reads the addresses of a table that may be used in a slot: not those
// that were added in it.
func tableAt(a *account, slot uint64) ([]solana.PublicKey, *txError) {
	switch {
	case a == nil:
		return nil, refused(txTableNotFound)
	case a.owner != tableProgram:
		return nil, refused(txTableOwner)
	case len(a.data) < tableHead || le.Uint32(a.data) != tableKind:
		return nil, refused(txTableData)
	}
	if gone := le.Uint64(a.data[tableDeactivated:]); gone != never && slot > gone+recentSlots {
		return nil, refused(txTableNotFound)
	}
	list := tableAddresses(a.data)
	if slot <= le.Uint64(a.data[tableExtendedAt:]) {
		list = list[:min(int(a.data[tableStartAt]), len(list))]
	}
	return list, nil
}

func tableAddresses(data []byte) []solana.PublicKey {
	out := make([]solana.PublicKey, (len(data)-tableHead)/32)
	for i := range out {
		copy(out[i][:], data[tableHead+32*i:])
	}
	return out
}

// table runs the AddressLookupTable program.
func (v *invocation) table() *ixError {
	if err := v.use(unitsOfTable); err != nil {
		return err
	}
	if len(v.data) < 4 {
		return errInvalidData
	}
	args := v.data[4:]
	switch kind := le.Uint32(v.data); kind {
	case tabCreate:
		return v.tabCreate(args)
	case tabExtend:
		return v.tabExtend(args)
	case tabFreeze, tabDeactivate, tabClose:
		if err := v.tabOwned(); err != nil {
			return err
		}
		switch kind {
		case tabFreeze:
			return v.tabFreeze()
		case tabDeactivate:
			return v.tabDeactivate()
		default:
			return v.tabClose()
		}
	default:
		return errInvalidData
	}
}

func (v *invocation) tabCreate(args []byte) *ixError {
	if len(args) < 9 {
		return errInvalidData
	}
	if err := v.need(4); err != nil {
		return err
	}
	slot, authority := le.Uint64(args), v.key(1)
	switch {
	case !v.signed(2):
		return errMissingSignature
	case slot >= v.rt.slot || slot+recentSlots < v.rt.slot:
		return errInvalidData
	}
	want, err := solana.CreateProgramAddress([][]byte{authority[:], args[:8], args[8:9]}, tableProgram)
	if err != nil {
		return custom(tabBadSeeds)
	}
	if want != v.key(0) {
		return errInvalidArgument
	}
	if v.acct(0).owner == tableProgram {
		return nil
	}
	if err := v.fund(v.metas[2], v.metas[0], tableHead, tableProgram); err != nil {
		return err
	}
	d := v.acct(0).edit()
	le.PutUint32(d, tableKind)
	le.PutUint64(d[tableDeactivated:], never)
	d[tableAuthorityAt] = 1
	copy(d[tableAuthorityAt+1:], authority[:])
	return nil
}

// tabOwned checks that the table is one, and that its authority signed.
func (v *invocation) tabOwned() *ixError {
	if err := v.need(2); err != nil {
		return err
	}
	a := v.acct(0)
	if a.owner != tableProgram {
		return errAccountOwner
	}
	if !v.signed(1) {
		return errMissingSignature
	}
	if len(a.data) < tableHead || le.Uint32(a.data) != tableKind {
		return errUninitialized
	}
	if a.data[tableAuthorityAt] == 0 {
		return errImmutable
	}
	if solana.PublicKeyFromBytes(a.data[tableAuthorityAt+1:tableAuthorityAt+33]) != v.key(1) {
		return errIncorrectAuthority
	}
	return nil
}

func (v *invocation) tabExtend(args []byte) *ixError {
	if len(args) < 8 || uint64(len(args)-8)/32 < le.Uint64(args) {
		return errInvalidData
	}
	n := int(le.Uint64(args))
	if err := v.tabOwned(); err != nil {
		return err
	}
	a := v.acct(0)
	have := (len(a.data) - tableHead) / 32
	switch {
	case le.Uint64(a.data[tableDeactivated:]) != never || have >= tableMost:
		return errInvalidArgument
	case n == 0 || have+n > tableMost:
		return errInvalidData
	}
	d := append(a.edit(), args[8:8+32*n]...)
	if le.Uint64(d[tableExtendedAt:]) != v.rt.slot {
		le.PutUint64(d[tableExtendedAt:], v.rt.slot)
		d[tableStartAt] = byte(have)
	}
	a.data = d
	need := rentExemptMinimum(len(d))
	if a.lamports >= need {
		return nil
	}
	if err := v.need(4); err != nil {
		return err
	}
	data := make([]byte, 12)
	data[0] = sysTransfer
	le.PutUint64(data[4:], need-a.lamports)
	return v.call(systemProgram, []meta{v.metas[2], v.metas[0]}, data)
}

func (v *invocation) tabFreeze() *ixError {
	a := v.acct(0)
	switch {
	case le.Uint64(a.data[tableDeactivated:]) != never:
		return errInvalidArgument
	case len(a.data) == tableHead:
		return errInvalidData
	}
	clear(a.edit()[tableAuthorityAt : tableAuthorityAt+33])
	return nil
}

func (v *invocation) tabDeactivate() *ixError {
	a := v.acct(0)
	if le.Uint64(a.data[tableDeactivated:]) != never {
		return errInvalidArgument
	}
	le.PutUint64(a.edit()[tableDeactivated:], v.rt.slot)
	return nil
}

func (v *invocation) tabClose() *ixError {
	if err := v.need(3); err != nil {
		return err
	}
	a := v.acct(0)
	if gone := le.Uint64(a.data[tableDeactivated:]); gone == never || v.rt.slot <= gone+recentSlots || v.key(0) == v.key(2) {
		return errInvalidArgument
	}
	v.acct(2).lamports += a.lamports
	a.lamports = 0
	a.resize(0)
	return nil
}
