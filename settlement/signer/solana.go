package signer

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"

	bin "github.com/gagliardetto/binary"
	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// Bounds of a Solana transaction.
const (
	maxMessage = 1232
	// versioned is the first byte of a message of version 0.
	versioned = 0x80
	// maxPriority is the most that may be paid for priority: 0.01 SOL.
	maxPriority     = 10_000_000
	microPerLamport = 1_000_000
	// wholeBasisPoints is all of an amount.
	wholeBasisPoints = 10_000
)

// Instruction tags (spl-token, associated-token-account, compute-budget).
const (
	tagTransferChecked = 12
	tagTransferFee     = 26
	tagCheckedWithFee  = 1
	tagOpen            = 0
	tagOpenIdempotent  = 1
	tagUnitLimit       = 2
	tagUnitPrice       = 3
	// maxUnits is the most that a transaction takes, also without a limit of its own.
	maxUnits = 1_400_000
)

// solanaCheck is a message under judgement.
type solanaCheck struct {
	policy Policy
	keys   []solana.PublicKey
	signer solana.PublicKey
	orders bool
	owed   debts
	// wallets are the destinations that orders name.
	wallets []solana.PublicKey

	price, limit uint64
}

// judgeSolana refuses a message that does more than pay the orders from the
// signer's own token account, opening destinations' accounts on the way.
func (p Policy) judgeSolana(r settlement.SignRequest, owed debts) error {
	if !bytes.Equal(r.Payload, r.Transaction) {
		return refuse("what is to be signed is not the transaction shown")
	}
	if len(r.Transaction) > maxMessage {
		return refuse("the message has %d bytes", len(r.Transaction))
	}
	m, err := decodeMessage(r.Transaction)
	if err != nil {
		return err
	}
	keys, err := p.resolve(m, r.Tables)
	if err != nil {
		return err
	}
	c := solanaCheck{policy: p, keys: keys, orders: len(r.Batch.Orders) > 0, owed: owed, limit: maxUnits}
	if m.Header.NumRequiredSignatures != 1 || c.keys[0].String() != r.Key {
		return refuse("the key is not the only signer")
	}
	c.signer = c.keys[0]
	for _, o := range r.Batch.Orders {
		w, err := solana.PublicKeyFromBase58(o.Destination)
		if err != nil {
			return refuse("order %s has no address for its destination", o.ID)
		}
		c.wallets = append(c.wallets, w)
	}
	for i, ix := range m.Instructions {
		if err := c.instruction(i, ix); err != nil {
			return err
		}
	}
	fee := new(big.Int).Mul(new(big.Int).SetUint64(c.price), new(big.Int).SetUint64(c.limit))
	if fee.Cmp(big.NewInt(maxPriority*microPerLamport)) > 0 {
		return refuse("it pays more than %d lamports for priority", maxPriority)
	}
	return nil
}

// decodeMessage reads a message, legacy or of version 0, and no more than it
// takes to write it again byte for byte: what is signed has one reading.
func decodeMessage(b []byte) (*solana.Message, error) {
	if len(b) == 0 || (b[0]&versioned != 0 && b[0] != versioned) {
		return nil, refuse("the message is neither a legacy one nor of version 0")
	}
	var m solana.Message
	if err := m.UnmarshalWithDecoder(bin.NewBinDecoder(b)); err != nil {
		return nil, remit.Wrap(err, remit.KindForbidden, remit.ReasonForbidden, "the signer refuses: the message is not readable")
	}
	again, err := m.MarshalBinary()
	if err != nil || !bytes.Equal(again, b) {
		return nil, refuse("the message has more than one reading")
	}
	return &m, nil
}

func (c *solanaCheck) instruction(i int, ix solana.CompiledInstruction) error {
	accounts := make([]solana.PublicKey, len(ix.Accounts))
	for j, a := range ix.Accounts {
		accounts[j] = c.keys[a]
	}
	switch program := c.keys[ix.ProgramIDIndex]; program {
	case solana.ComputeBudget:
		return c.budget(ix.Data)
	case solana.MemoProgramID:
		return nil
	case solana.SPLAssociatedTokenAccountProgramID:
		return c.open(ix.Data, accounts)
	case solana.AddressLookupTableProgramID:
		return c.table(ix.Data, accounts)
	case solana.TokenProgramID, solana.Token2022ProgramID:
		return c.transfer(program, ix.Data, accounts)
	default:
		return refuse("instruction %d is to program %s", i, program)
	}
}

func (c *solanaCheck) budget(data []byte) error {
	switch {
	case len(data) == 5 && data[0] == tagUnitLimit:
		c.limit = uint64(binary.LittleEndian.Uint32(data[1:]))
	case len(data) == 9 && data[0] == tagUnitPrice:
		c.price = binary.LittleEndian.Uint64(data[1:])
	default:
		return refuse("an instruction of the compute budget is not its limit or price")
	}
	return nil
}

// open allows the account of a wallet that is paid. Without orders any wallet's
// account may be opened, which moves nothing but its rent.
func (c *solanaCheck) open(data []byte, accounts []solana.PublicKey) error {
	idempotent := len(data) == 1 && data[0] == tagOpenIdempotent
	plain := len(data) == 0 || (len(data) == 1 && data[0] == tagOpen)
	if !idempotent && !plain {
		return refuse("an instruction about a token account does not open one")
	}
	if len(accounts) != 6 {
		return refuse("an instruction to open a token account names %d accounts", len(accounts))
	}
	if _, ok := named(c.policy.SolanaMints, accounts[3].String()); !ok {
		return refuse("a token account is opened for another token")
	}
	if p := accounts[5]; accounts[4] != solana.SystemProgramID || (p != solana.TokenProgramID && p != solana.Token2022ProgramID) {
		return refuse("a token account is opened by other programs than those for it")
	}
	if !c.orders {
		return nil
	}
	for _, w := range c.wallets {
		if w == accounts[2] {
			return nil
		}
	}
	return refuse("a token account is opened for %s, which no order names", accounts[2])
}

// transfer takes a checked transfer off the orders. The destination must be the
// associated account of an order's wallet, or an order's destination itself.
func (c *solanaCheck) transfer(program solana.PublicKey, data []byte, accounts []solana.PublicKey) error {
	amount, fee, decimals, ok := readTransfer(program, data)
	if !ok || len(accounts) != 4 {
		return refuse("an instruction about tokens is not a checked transfer")
	}
	mint, to, authority := accounts[1], accounts[2], accounts[3]
	asset, ok := named(c.policy.SolanaMints, mint.String())
	if !ok || decimals != asset.Scale {
		return refuse("a transfer is of another token")
	}
	if authority != c.signer || amount > math.MaxInt64 || fee > amount {
		return refuse("a transfer is not from the key's own account")
	}
	net := amount - fee
	bound := new(big.Int).Mul(new(big.Int).SetUint64(net), big.NewInt(c.policy.SolanaFees[asset]))
	if new(big.Int).SetUint64(fee).Cmp(bound.Quo(bound, big.NewInt(wholeBasisPoints))) > 0 {
		return refuse("the token takes %d of a transfer, more than is allowed", fee)
	}
	money := remit.NewMoney(asset, int64(net))
	for _, w := range c.wallets {
		associated, _, err := solana.FindProgramAddress([][]byte{w[:], program[:], mint[:]}, solana.SPLAssociatedTokenAccountProgramID)
		if err == nil && (to == associated || to == w) && c.owed[debt{w.String(), money}] > 0 {
			return c.owed.pay(w.String(), money)
		}
	}
	return refuse("a transfer of %s to account %s is not ordered", money, to)
}

// readTransfer reads TransferChecked, or Token-2022's TransferCheckedWithFee,
// whose fee the program compares with the mint's own.
func readTransfer(program solana.PublicKey, data []byte) (amount, fee uint64, decimals byte, ok bool) {
	switch {
	case len(data) == 10 && data[0] == tagTransferChecked:
		return binary.LittleEndian.Uint64(data[1:]), 0, data[9], true
	case len(data) == 19 && program == solana.Token2022ProgramID && data[0] == tagTransferFee && data[1] == tagCheckedWithFee:
		return binary.LittleEndian.Uint64(data[2:]), binary.LittleEndian.Uint64(data[11:]), data[10], true
	default:
		return 0, 0, 0, false
	}
}
