package horizon

import (
	"github.com/stellar/go-stellar-sdk/xdr"
)

// opContext is one operation on its way into the ledger.
type opContext struct {
	tx     *transaction
	index  int
	op     xdr.Operation
	source string
}

// chargeFee takes the fee from who pays it. All fees of a ledger are taken before its first transaction is applied.
func (s *state) chargeFee(tx *transaction, baseFee int64) int64 {
	payer := s.edit(tx.feeSource())
	if payer == nil {
		return 0
	}
	fee := min(baseFee*tx.units(), tx.bid(), payer.balance)
	payer.balance -= fee
	return fee
}

// apply runs the transaction. The sequence number is used up whatever comes of it; the rest is all or nothing.
func (s *state) apply(tx *transaction, fee, baseFee int64) verdict {
	if !tx.env.IsFeeBump() {
		v := s.applyInner(tx)
		v.fee = fee
		return v
	}
	v := s.applyInner(tx)
	v.fee = innerFee(tx, baseFee, false)
	return v.wrap(fee)
}

func (s *state) applyInner(tx *transaction) verdict {
	a := s.account(tx.source())
	switch {
	case a == nil:
		return verdict{code: xdr.TransactionResultCodeTxNoAccount}
	case badSeq(tx, a, s.now.ledger):
		return verdict{code: xdr.TransactionResultCodeTxBadSeq}
	}
	a = s.edit(tx.source())
	a.seq, a.seqLedger, a.seqTime = tx.env.SeqNum(), s.now.ledger, s.now.time
	if v := s.checkSigned(tx); !v.ok() {
		return v
	}
	v := verdict{code: xdr.TransactionResultCodeTxSuccess, ops: make([]xdr.OperationResult, len(tx.env.Operations()))}
	s.begin()
	for i, op := range tx.env.Operations() {
		s.begin()
		v.ops[i] = s.applyOp(opContext{tx: tx, index: i, op: op, source: tx.opSource(op)})
		if opSucceeded(v.ops[i]) {
			s.commit()
			continue
		}
		s.rollback()
		v.code = xdr.TransactionResultCodeTxFailed
	}
	if v.ok() {
		s.commit()
	} else {
		s.rollback()
	}
	return v
}

// checkSigned looks at the signatures once more: an earlier transaction of the ledger may have changed the signers.
func (s *state) checkSigned(tx *transaction) verdict {
	ops := tx.env.Operations()
	v := verdict{code: xdr.TransactionResultCodeTxSuccess, ops: make([]xdr.OperationResult, len(ops))}
	sigs := newChecker(tx, tx.inner, tx.env.Signatures())
	for i, op := range ops {
		v.ops[i] = emptySuccessOrUnsupported(op.Body.Type)
		if !s.opSigned(tx, op, sigs) {
			v.ops[i] = refused(xdr.OperationResultCodeOpBadAuth)
			v.code = xdr.TransactionResultCodeTxFailed
		}
	}
	return v
}

func emptySuccessOrUnsupported(kind xdr.OperationType) xdr.OperationResult {
	if _, known := opCodeNames[kind]; !known {
		return refused(xdr.OperationResultCodeOpNotSupported)
	}
	return emptySuccess(kind)
}

func (s *state) applyOp(c opContext) xdr.OperationResult {
	if s.account(c.source) == nil {
		return refused(xdr.OperationResultCodeOpNoAccount)
	}
	b := c.op.Body
	var code int32
	switch b.Type {
	case xdr.OperationTypeCreateAccount:
		code = s.createAccount(c.source, b.CreateAccountOp)
	case xdr.OperationTypePayment:
		code = s.payment(c.source, b.PaymentOp)
	case xdr.OperationTypePathPaymentStrictSend:
		return s.pathSend(c.source, b.PathPaymentStrictSendOp)
	case xdr.OperationTypePathPaymentStrictReceive:
		return s.pathReceive(c.source, b.PathPaymentStrictReceiveOp)
	case xdr.OperationTypeManageSellOffer:
		o := b.ManageSellOfferOp
		return s.manageOffer(c, o.Selling, o.Buying, int64(o.Amount), o.Price, int64(o.OfferId))
	case xdr.OperationTypeManageBuyOffer:
		o := b.ManageBuyOfferOp
		amount, ok := mulDiv(int64(o.BuyAmount), int64(o.Price.N), int64(o.Price.D), false)
		if !ok {
			return opResult(b.Type, codeMalformed)
		}
		return s.manageOffer(c, o.Selling, o.Buying, amount, xdr.Price{N: o.Price.D, D: o.Price.N}, int64(o.OfferId))
	case xdr.OperationTypeCreatePassiveSellOffer:
		o := b.CreatePassiveSellOfferOp
		return s.manageOffer(c, o.Selling, o.Buying, int64(o.Amount), o.Price, 0)
	case xdr.OperationTypeSetOptions:
		code = s.setOptions(c.source, b.SetOptionsOp)
	case xdr.OperationTypeChangeTrust:
		code = s.changeTrust(c.source, b.ChangeTrustOp)
	case xdr.OperationTypeAllowTrust:
		code = s.allowTrust(c.source, b.AllowTrustOp)
	case xdr.OperationTypeSetTrustLineFlags:
		code = s.setTrustFlags(c.source, b.SetTrustLineFlagsOp)
	case xdr.OperationTypeAccountMerge:
		return s.merge(c.source, address(b.MustDestination()))
	case xdr.OperationTypeManageData:
		code = s.manageData(c.source, b.ManageDataOp)
	case xdr.OperationTypeBumpSequence:
		code = s.bumpSequence(c.source, int64(b.BumpSequenceOp.BumpTo))
	case xdr.OperationTypeCreateClaimableBalance:
		return s.createClaimable(c, b.CreateClaimableBalanceOp)
	case xdr.OperationTypeClaimClaimableBalance:
		code = s.claim(c.source, b.ClaimClaimableBalanceOp)
	case xdr.OperationTypeClawback:
		code = s.clawback(b.ClawbackOp)
	default:
		return refused(xdr.OperationResultCodeOpNotSupported)
	}
	return opResult(b.Type, code)
}
