package stellar

import (
	"fmt"
	"maps"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// xlm is the asset that fees are paid in.
var xlm = remit.Asset{Code: "XLM", Scale: 7}

// outcomeOf reads a transaction that is in a ledger: its end is final.
func (r *Rail) outcomeOf(a settlement.Attempt, tx protocol.Transaction) settlement.Outcome {
	if !isAttempt(a, tx) || tx.Ledger < 1 {
		return unknown(fmt.Sprintf("horizon answers with transaction %q of ledger %d", tx.Hash, tx.Ledger))
	}
	r.use(a.Source, a.Sequence)
	r.forget(a.Hash)
	fee := remit.Money{Asset: xlm, Minor: tx.FeeCharged}
	if tx.Successful {
		r.settled()
		left, err := claims(a, tx.LedgerCloseTime.UTC())
		if err != nil {
			return unknown(string(Person) + ": settled, but " + err.Error())
		}
		return settlement.Outcome{Status: settlement.OutcomeSettled, Claims: left, Result: fmt.Sprintf("ledger %d", tx.Ledger), Fee: fee}
	}
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(tx.ResultXdr, &result); err != nil {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "failed; result not readable: " + err.Error(), Fee: fee}
	}
	return settlement.Outcome{
		Status: settlement.OutcomeFailed, Failed: culprits(a, result),
		Result: fmt.Sprintf("ledger %d %s", tx.Ledger, codes(result)), Fee: fee,
	}
}

// culprits reads the result codes of an applied transaction that failed, and
// names the orders whose payment cannot succeed as it stands. The others may be
// paid by a new attempt. An operation that was refused as such (no treasury, no
// signature) is not its order's fault: the next Prepare checks the treasury.
func culprits(a settlement.Attempt, result xdr.TransactionResult) map[remit.OrderID]remit.Reason {
	operations, ok := result.OperationResults()
	if !ok || len(operations) != a.Payments() {
		return nil
	}
	failed := make(map[remit.OrderID]remit.Reason)
	for i, op := range operations {
		if _, reason := operationReason(op); reason != "" {
			maps.Copy(failed, a.Culprits(i, reason))
		}
	}
	return failed
}

// operationReason is the code of an operation that pays and why it failed, empty
// for one that succeeded or that is none.
func operationReason(op xdr.OperationResult) (code fmt.Stringer, reason remit.Reason) {
	tr, ok := op.GetTr()
	switch {
	case !ok:
		return op.Code, ""
	case tr.PaymentResult != nil:
		return tr.PaymentResult.Code, PaymentReason(tr.PaymentResult.Code)
	case tr.CreateClaimableBalanceResult != nil:
		return tr.CreateClaimableBalanceResult.Code, ClaimReason(tr.CreateClaimableBalanceResult.Code)
	case tr.ClaimClaimableBalanceResult != nil:
		return tr.ClaimClaimableBalanceResult.Code, ReclaimReason(tr.ClaimClaimableBalanceResult.Code)
	case tr.PathPaymentStrictSendResult != nil:
		return tr.PathPaymentStrictSendResult.Code, PathReason(tr.PathPaymentStrictSendResult.Code)
	default:
		return op.Code, ""
	}
}

// PaymentReason sorts the result codes of a payment in a ledger
// (stellar-core, PaymentResultCode): each but success is known failed, and this
// is why. A code that is not known here fails its order too, as it was not paid
// and would come again.
func PaymentReason(code xdr.PaymentResultCode) remit.Reason {
	switch code {
	case xdr.PaymentResultCodePaymentSuccess:
		return ""
	case xdr.PaymentResultCodePaymentNoDestination, xdr.PaymentResultCodePaymentNoTrust,
		xdr.PaymentResultCodePaymentNotAuthorized, xdr.PaymentResultCodePaymentLineFull:
		return remit.ReasonDestinationInvalid
	case xdr.PaymentResultCodePaymentUnderfunded:
		return remit.ReasonTreasuryShort
	case xdr.PaymentResultCodePaymentSrcNoTrust, xdr.PaymentResultCodePaymentSrcNotAuthorized:
		return remit.ReasonRailUnavailable
	case xdr.PaymentResultCodePaymentMalformed, xdr.PaymentResultCodePaymentNoIssuer:
		return remit.ReasonSettlementFailed
	default:
		return remit.ReasonSettlementFailed
	}
}

// codes writes a result's codes in one line, with the operations that failed by
// their place.
func codes(result xdr.TransactionResult) string {
	text := result.Result.Code.String()
	if pair, ok := result.Result.GetInnerResultPair(); ok {
		text += " " + pair.Result.Result.Code.String()
	}
	operations, _ := result.OperationResults()
	for i, op := range operations {
		if op.Code != xdr.OperationResultCodeOpInner {
			text += fmt.Sprintf(" %d:%s", i, op.Code)
			continue
		}
		if code, reason := operationReason(op); reason != "" {
			text += fmt.Sprintf(" %d:%s", i, code)
		}
	}
	return text
}
