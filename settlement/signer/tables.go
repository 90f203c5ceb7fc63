package signer

import (
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit/settlement"
)

// resolve answers all accounts of a message in the order in which instructions
// number them: its own, then those looked up for writing, then those for
// reading. It refuses a table that the policy does not pin, one that is shown
// otherwise than pinned, an entry after the pinned ones, an account that is there
// twice, and an instruction that names an account that is not there or takes its
// program from a table.
func (p Policy) resolve(m *solana.Message, shown []settlement.LookupTable) (solana.PublicKeySlice, error) {
	if len(m.AccountKeys) == 0 {
		return nil, refuse("the message has no accounts")
	}
	var writable, readonly solana.PublicKeySlice
	for _, l := range m.AddressTableLookups {
		entries, err := p.pinned(l.AccountKey.String(), shown)
		if err != nil {
			return nil, err
		}
		for i, place := range slices.Concat([]uint8(l.WritableIndexes), []uint8(l.ReadonlyIndexes)) {
			if int(place) >= len(entries) {
				return nil, refuse("the message looks up entry %d of table %s, of which %d are known", place, l.AccountKey, len(entries))
			}
			key, err := solana.PublicKeyFromBase58(entries[place])
			if err != nil {
				return nil, refuse("entry %d of table %s is no address", place, l.AccountKey)
			}
			if i < len(l.WritableIndexes) {
				writable = append(writable, key)
			} else {
				readonly = append(readonly, key)
			}
		}
	}
	keys := slices.Concat(m.AccountKeys, writable, readonly)
	seen := make(map[solana.PublicKey]bool, len(keys))
	for _, k := range keys {
		if seen[k] {
			return nil, refuse("the message has account %s twice", k)
		}
		seen[k] = true
	}
	for _, ix := range m.Instructions {
		if int(ix.ProgramIDIndex) >= len(m.AccountKeys) {
			return nil, refuse("the message takes a program from a table or from nowhere")
		}
		for _, a := range ix.Accounts {
			if int(a) >= len(keys) {
				return nil, refuse("the message names an account that it does not have")
			}
		}
	}
	return keys, nil
}

// pinned answers the entries of a table that the policy vouches for.
func (p Policy) pinned(address string, shown []settlement.LookupTable) ([]string, error) {
	at := slices.IndexFunc(p.SolanaTables, func(pin TablePin) bool { return pin.Address == address })
	if at < 0 {
		return nil, refuse("lookup table %s is not allowed", address)
	}
	pin := p.SolanaTables[at]
	for _, t := range shown {
		if t.Address != address {
			continue
		}
		if pin.Entries < 0 || len(t.Entries) < pin.Entries || t.Hash(pin.Entries) != pin.Hash {
			return nil, refuse("lookup table %s is not shown as it is known", address)
		}
		return t.Entries[:pin.Entries], nil
	}
	return nil, refuse("lookup table %s is not shown", address)
}

// Instructions of the AddressLookupTable program, by their first byte.
const (
	tableCreate     = 0
	tableExtend     = 2
	tableDeactivate = 3
	tableClose      = 4
)

// table allows, as housekeeping, what the key does with its own lookup tables:
// it costs rent, and entries mean nothing here before they are pinned.
func (c *solanaCheck) table(data []byte, accounts []solana.PublicKey) error {
	if c.orders {
		return refuse("a transaction with orders changes a lookup table")
	}
	if len(data) < 4 || data[1]|data[2]|data[3] != 0 || len(accounts) < 2 || accounts[1] != c.signer {
		return refuse("an instruction is about a lookup table that is not the key's own")
	}
	switch data[0] {
	case tableCreate, tableExtend:
		if len(accounts) != 4 || accounts[2] != c.signer || accounts[3] != solana.SystemProgramID {
			return refuse("another pays for a lookup table")
		}
	case tableDeactivate:
	case tableClose:
		if len(accounts) != 3 || accounts[2] != c.signer {
			return refuse("the rent of a lookup table goes to another")
		}
	default:
		return refuse("a lookup table is made unchangeable")
	}
	return nil
}
