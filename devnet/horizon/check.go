package horizon

import (
	"math"

	"github.com/stellar/go-stellar-sdk/xdr"
)

// check says whether the transaction may enter a ledger that closes at now. Nothing is changed. The order of the
// checks is that of stellar-core, because the first that fails names the answer.
func (s *state) check(tx *transaction, now, baseFee int64) verdict {
	if !tx.env.IsFeeBump() {
		return s.checkInner(tx, now, baseFee, true)
	}
	if v := s.checkBump(tx, baseFee); !v.ok() {
		return v
	}
	inner := s.checkInner(tx, now, baseFee, false)
	if inner.ok() {
		return inner
	}
	return inner.wrap(baseFee * tx.units())
}

// checkBump checks what a fee bump adds: its fee, its source and its signatures.
func (s *state) checkBump(tx *transaction, baseFee int64) verdict {
	fee := baseFee * tx.units()
	if tx.bid() < fee {
		return verdict{code: xdr.TransactionResultCodeTxInsufficientFee, fee: fee}
	}
	innerUnits := max(int64(len(tx.env.Operations())), 1)
	if due, ok := mulDiv(int64(tx.env.Fee()), tx.units(), innerUnits, true); !ok || tx.bid() < due {
		return verdict{code: xdr.TransactionResultCodeTxInsufficientFee, fee: due}
	}
	payer := s.account(tx.feeSource())
	if payer == nil {
		return verdict{code: xdr.TransactionResultCodeTxNoAccount, fee: fee}
	}
	sigs := newChecker(tx, tx.hash, tx.env.FeeBumpSignatures())
	switch {
	case !sigs.account(payer, levelLow):
		return verdict{code: xdr.TransactionResultCodeTxBadAuth, fee: fee}
	case s.spendable(payer) < tx.bid():
		return verdict{code: xdr.TransactionResultCodeTxInsufficientBalance, fee: fee}
	case !sigs.allUsed():
		return verdict{code: xdr.TransactionResultCodeTxBadAuthExtra, fee: fee}
	}
	return verdict{code: xdr.TransactionResultCodeTxSuccess, fee: fee}
}

func (s *state) checkInner(tx *transaction, now, baseFee int64, pays bool) verdict {
	ops := tx.env.Operations()
	v := verdict{fee: innerFee(tx, baseFee, pays)}
	v.code = s.checkCommon(tx, now, baseFee, pays)
	if v.code != xdr.TransactionResultCodeTxSuccess {
		return v
	}
	sigs := newChecker(tx, tx.inner, tx.env.Signatures())
	a := s.account(tx.source())
	if !sigs.account(a, levelLow) || !extraSigned(sigs, tx.env.ExtraSigners()) {
		v.code = xdr.TransactionResultCodeTxBadAuth
		return v
	}
	if pays && s.spendable(a) < tx.bid() {
		v.code = xdr.TransactionResultCodeTxInsufficientBalance
		return v
	}
	v.ops = make([]xdr.OperationResult, len(ops))
	for i, op := range ops {
		v.ops[i] = s.checkOp(tx, op, sigs)
		if !opSucceeded(v.ops[i]) {
			v.code = xdr.TransactionResultCodeTxFailed
		}
	}
	if v.ok() && !sigs.allUsed() {
		v.code, v.ops = xdr.TransactionResultCodeTxBadAuthExtra, nil
	}
	return v
}

// innerFee is the fee_charged of a refusal: the least fee that would have done. Nothing is taken.
func innerFee(tx *transaction, baseFee int64, pays bool) int64 {
	least := baseFee * max(int64(len(tx.env.Operations())), 1)
	if pays {
		return least
	}
	return min(least, int64(tx.env.Fee()))
}

// checkCommon are the checks that look at the transaction as a whole.
func (s *state) checkCommon(tx *transaction, now, baseFee int64, pays bool) xdr.TransactionResultCode {
	if len(tx.env.Operations()) == 0 {
		return xdr.TransactionResultCodeTxMissingOperation
	}
	next := uint32(s.now.ledger + 1)
	if b := tx.env.TimeBounds(); b != nil {
		if uint64(b.MinTime) > uint64(now) {
			return xdr.TransactionResultCodeTxTooEarly
		}
		if b.MaxTime != 0 && uint64(b.MaxTime) < uint64(now) {
			return xdr.TransactionResultCodeTxTooLate
		}
	}
	if b := tx.env.LedgerBounds(); b != nil {
		if uint32(b.MinLedger) > next {
			return xdr.TransactionResultCodeTxTooEarly
		}
		if b.MaxLedger != 0 && uint32(b.MaxLedger) <= next {
			return xdr.TransactionResultCodeTxTooLate
		}
	}
	if pays && tx.bid() < baseFee*tx.units() {
		return xdr.TransactionResultCodeTxInsufficientFee
	}
	a := s.account(tx.source())
	if a == nil {
		return xdr.TransactionResultCodeTxNoAccount
	}
	if badSeq(tx, a, next) {
		return xdr.TransactionResultCodeTxBadSeq
	}
	age, gap := tx.env.MinSeqAge(), tx.env.MinSeqLedgerGap()
	if age != nil && now-a.seqTime < int64(min(uint64(*age), math.MaxInt64)) ||
		gap != nil && next-a.seqLedger < uint32(*gap) {
		return xdr.TransactionResultCodeTxBadMinSeqAgeOrGap
	}
	return xdr.TransactionResultCodeTxSuccess
}

// badSeq allows the next number only, or with a minimum given, any number above the account's.
func badSeq(tx *transaction, a *account, ledger uint32) bool {
	seq := tx.env.SeqNum()
	if seq == int64(ledger)<<32 {
		return true
	}
	if least := tx.env.MinSeqNum(); least != nil {
		return a.seq < *least || a.seq >= seq
	}
	return a.seq == math.MaxInt64 || seq != a.seq+1
}

func extraSigned(sigs *checker, keys []xdr.SignerKey) bool {
	for _, key := range keys {
		if !sigs.weigh([]signer{{key: key, weight: 1}}, 1) {
			return false
		}
	}
	return true
}

// checkOp checks one operation's signatures and form. A source account that does not exist is no reason to refuse
// the transaction: that is found out, and paid for, in the ledger.
func (s *state) checkOp(tx *transaction, op xdr.Operation, sigs *checker) xdr.OperationResult {
	if !s.opSigned(tx, op, sigs) {
		return refused(xdr.OperationResultCodeOpBadAuth)
	}
	if _, known := opCodeNames[op.Body.Type]; !known || op.Body.Type == xdr.OperationTypeClawbackClaimableBalance {
		return refused(xdr.OperationResultCodeOpNotSupported)
	}
	return formResult(op, malformed(op, tx.opSource(op)))
}

func (s *state) opSigned(tx *transaction, op xdr.Operation, sigs *checker) bool {
	source := tx.opSource(op)
	if a := s.account(source); a != nil {
		return sigs.account(a, neededLevel(op))
	}
	return sigs.missing(source)
}

// formResult is the result of an operation's form check. Operations whose success carries a value answer with an
// empty one of the first kind that does not, since nobody sees it unless another operation fails.
func formResult(op xdr.Operation, code int32) xdr.OperationResult {
	if code != codeOK {
		return opResult(op.Body.Type, code)
	}
	return emptySuccess(op.Body.Type)
}

// emptySuccess is a success before the operation has run, as it is listed beside an operation that was refused.
func emptySuccess(kind xdr.OperationType) xdr.OperationResult {
	switch kind {
	case xdr.OperationTypePathPaymentStrictReceive:
		return inner(xdr.OperationResultTr{Type: kind, PathPaymentStrictReceiveResult: &xdr.PathPaymentStrictReceiveResult{
			Success: &xdr.PathPaymentStrictReceiveResultSuccess{Last: nobody()}}})
	case xdr.OperationTypePathPaymentStrictSend:
		return inner(xdr.OperationResultTr{Type: kind, PathPaymentStrictSendResult: &xdr.PathPaymentStrictSendResult{
			Success: &xdr.PathPaymentStrictSendResultSuccess{Last: nobody()}}})
	case xdr.OperationTypeManageSellOffer, xdr.OperationTypeManageBuyOffer, xdr.OperationTypeCreatePassiveSellOffer:
		return offerResult(kind, nil)
	case xdr.OperationTypeAccountMerge:
		return mergeResult(0)
	case xdr.OperationTypeCreateClaimableBalance:
		return claimableResult(xdr.Hash{})
	default:
		return opResult(kind, codeOK)
	}
}

func inner(tr xdr.OperationResultTr) xdr.OperationResult {
	return xdr.OperationResult{Code: xdr.OperationResultCodeOpInner, Tr: &tr}
}

func nobody() xdr.SimplePaymentResult {
	return xdr.SimplePaymentResult{Destination: xdr.AccountId{Ed25519: &xdr.Uint256{}}}
}
