package solana

import (
	"encoding/binary"
	"math"
	"math/big"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// lamportsPerSignature is the base fee of a cluster.
const lamportsPerSignature = 5_000

// feeOf is what the network takes for a transaction: the base fee and the price
// of the units it asks for, rounded up, in lamports. It is taken in full also
// when the transaction fails.
func feeOf(m *solana.Message) int64 {
	var limit, price uint64
	for _, ix := range m.Instructions {
		if programOf(m, ix) != solana.ComputeBudget || len(ix.Data) == 0 {
			continue
		}
		switch {
		case ix.Data[0] == tagUnitLimit && len(ix.Data) == 5:
			limit = uint64(binary.LittleEndian.Uint32(ix.Data[1:]))
		case ix.Data[0] == tagUnitPrice && len(ix.Data) == 9:
			price = binary.LittleEndian.Uint64(ix.Data[1:])
		}
	}
	const microPerLamport = 1_000_000
	priority := new(big.Int).Mul(new(big.Int).SetUint64(limit), new(big.Int).SetUint64(price))
	priority.Add(priority, big.NewInt(microPerLamport-1)).Div(priority, big.NewInt(microPerLamport))
	return priority.Int64() + lamportsPerSignature*int64(m.Header.NumRequiredSignatures)
}

// withCharges adds to the outcome of a settled attempt what the tokens took of
// its transfers, by the fees that it names, which the program held it to.
func (r *Rail) withCharges(a settlement.Attempt, o settlement.Outcome) settlement.Outcome {
	tx, err := solana.TransactionFromBytes(a.Bytes)
	if o.Status != settlement.OutcomeSettled || err != nil {
		return o
	}
	m, taken := &tx.Message, make(map[*token]uint64)
	for _, ix := range m.Instructions {
		if programOf(m, ix) != solana.Token2022ProgramID || len(ix.Data) != 19 || ix.Data[0] != tagTransferFee || len(ix.Accounts) < 2 {
			continue
		}
		for _, t := range r.tokens {
			if at := int(ix.Accounts[1]); at < len(m.AccountKeys) && m.AccountKeys[at] == t.mint {
				taken[t] += binary.LittleEndian.Uint64(ix.Data[11:])
			}
		}
	}
	for _, t := range r.tokens {
		if taken[t] > 0 {
			charge := remit.NewMoney(t.asset, int64(min(taken[t], math.MaxInt64)))
			o.Charges = append(o.Charges, charge)
			o.Result += ", and " + charge.String() + " taken by the token"
		}
	}
	return o
}

// culprit is the index of the order whose instruction failed, -1 when it was
// none of theirs. Opening an account belongs to the transfer that follows it.
func culprit(m *solana.Message, e txError) int {
	if e.name != "InstructionError" || e.index < 0 || e.index >= len(m.Instructions) {
		return -1
	}
	program := programOf(m, m.Instructions[e.index])
	if program == solana.ComputeBudget || program == solana.MemoProgramID {
		return -1
	}
	order := 0
	for _, ix := range m.Instructions[:e.index] {
		if p := programOf(m, ix); p == solana.TokenProgramID || p == solana.Token2022ProgramID {
			order++
		}
	}
	return order
}

func programOf(m *solana.Message, ix solana.CompiledInstruction) solana.PublicKey {
	if int(ix.ProgramIDIndex) >= len(m.AccountKeys) {
		return solana.PublicKey{}
	}
	return m.AccountKeys[ix.ProgramIDIndex]
}

// reasonOf is why an order whose instruction failed is failed, by the table of
// verdicts. The empty reason means that the order may go into a new transaction,
// because Prepare sees what was wrong and puts it right or refuses it; everything
// that Prepare would not see fails the order, or it would be tried for ever.
func reasonOf(e txError) remit.Reason {
	if e.name != "InstructionError" {
		return remit.ReasonSettlementFailed
	}
	return ruleOfFailure(e).Reason
}

// isShort says that the treasury lacks tokens or lamports.
func isShort(e txError) bool {
	switch e.name {
	case "InsufficientFundsForFee", "InsufficientFundsForRent", "AccountNotFound":
		return true
	default:
		return e.inner == "InsufficientFunds" || (e.inner == "Custom" && e.custom == tokenInsufficientFunds)
	}
}
