package solanarpc

import (
	"math/bits"
)

// Limits of a transaction's compute budget.
const (
	maxUnits          = 1_400_000
	defaultUnits      = 200_000
	defaultBuiltin    = 3_000
	minHeap, maxHeap  = 32 << 10, 256 << 10
	microPerLamport   = 1_000_000
	unitsOfBuiltin    = 150
	budgetHeapFrame   = 1
	budgetLimit       = 2
	budgetPrice       = 3
	budgetLoadedBytes = 4
)

// budget is what a transaction may spend on computing and what it pays for that.
type budget struct {
	known bool
	limit uint64
	price uint64 // micro-lamports a unit
	fee   uint64
}

// readBudget sums up the compute-budget instructions. Unlike other
// instructions they are judged before anything runs, so a bad one costs nothing.
func readBudget(tx *transaction) (budget, *txError) {
	if tx.budget.known {
		return tx.budget, nil
	}
	var limit, implied, price uint64
	seen := [5]bool{}
	for i, ix := range tx.ixs {
		program := tx.keys[ix.program]
		if builtinBudgets[program] {
			implied += defaultBuiltin
		} else {
			implied += defaultUnits
		}
		if program != budgetProgram {
			continue
		}
		bad := &txError{name: txInstruction, index: i, ix: errInvalidData}
		want := [5]int{0, 5, 5, 9, 5}
		if len(ix.data) == 0 || ix.data[0] < budgetHeapFrame || ix.data[0] > budgetLoadedBytes || len(ix.data) < want[ix.data[0]] {
			return budget{}, bad
		}
		kind := ix.data[0]
		if seen[kind] {
			return budget{}, &txError{name: txDuplicate, index: i}
		}
		seen[kind] = true
		switch kind {
		case budgetHeapFrame:
			if n := le.Uint32(ix.data[1:]); n < minHeap || n > maxHeap || n%1024 != 0 {
				return budget{}, bad
			}
		case budgetLimit:
			limit = uint64(le.Uint32(ix.data[1:]))
		case budgetPrice:
			price = le.Uint64(ix.data[1:])
		case budgetLoadedBytes:
			if le.Uint32(ix.data[1:]) == 0 {
				return budget{}, refused(txDataSizeLimit)
			}
		}
	}
	if !seen[budgetLimit] {
		limit = implied
	}
	limit = min(limit, maxUnits)
	tx.budget = budget{known: true, limit: limit, price: price, fee: feeOf(tx.required, price, limit)}
	return tx.budget, nil
}

// feeOf is the whole fee: per signature, plus the price of the units asked for, rounded up.
func feeOf(signatures int, price, limit uint64) uint64 {
	hi, lo := bits.Mul64(price, limit)
	if hi >= microPerLamport {
		return 1<<64 - 1
	}
	q, r := bits.Div64(hi, lo, microPerLamport)
	if r > 0 {
		q++
	}
	fee, carry := bits.Add64(q, uint64(signatures)*lamportsPerSig, 0)
	if carry != 0 {
		return 1<<64 - 1
	}
	return fee
}
