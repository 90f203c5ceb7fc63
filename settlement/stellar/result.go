package stellar

import (
	"fmt"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// xlm is the asset that fees are paid in.
var xlm = remit.Asset{Code: "XLM", Scale: 7}

// outcomeOf reads a transaction that is in a ledger: its end is final.
func (r *Rail) outcomeOf(a settlement.Attempt, tx protocol.Transaction) settlement.Outcome {
	fee := remit.Money{Asset: xlm, Minor: tx.FeeCharged}
	if tx.Successful {
		return settlement.Outcome{Status: settlement.OutcomeSettled, Result: fmt.Sprintf("ledger %d", tx.Ledger), Fee: fee}
	}
	codes, failed, err := culprits(a.Orders, tx.ResultXdr)
	if err != nil {
		codes = "failed; result not readable: " + err.Error()
	}
	return settlement.Outcome{Status: settlement.OutcomeFailed, Failed: failed, Result: codes, Fee: fee}
}

// culprits reads the result codes of an applied transaction that failed, and
// names the orders whose payment can never succeed as it stands. The others
// may be paid by a new attempt.
func culprits(orders []remit.OrderID, resultXDR string) (string, map[remit.OrderID]remit.Reason, error) {
	var result xdr.TransactionResult
	if err := xdr.SafeUnmarshalBase64(resultXDR, &result); err != nil {
		return "", nil, fmt.Errorf("decode result: %w", err)
	}
	code := result.Result.Code.String()
	operations, ok := result.OperationResults()
	if !ok {
		return code, nil, nil
	}
	failed := make(map[remit.OrderID]remit.Reason)
	for i, op := range operations {
		if i >= len(orders) {
			break
		}
		if op.Code != xdr.OperationResultCodeOpInner {
			code += fmt.Sprintf(" %d:%s", i, op.Code)
			continue // The treasury's fault (missing, signature), not the order's.
		}
		tr, ok := op.GetTr()
		if !ok || tr.PaymentResult == nil {
			return code, failed, errNotPaid
		}
		if tr.PaymentResult.Code == xdr.PaymentResultCodePaymentSuccess {
			continue
		}
		code += fmt.Sprintf(" %d:%s", i, tr.PaymentResult.Code)
		if reason := paymentReason(tr.PaymentResult.Code); reason != "" {
			failed[orders[i]] = reason
		}
	}
	return code, failed, nil
}

// paymentReason sorts the result codes of a payment (stellar-core,
// PaymentResultCode): which mean that this order can never be paid, and why.
// The empty reason means that the order may be tried again.
func paymentReason(code xdr.PaymentResultCode) remit.Reason {
	switch code {
	case xdr.PaymentResultCodePaymentNoDestination, xdr.PaymentResultCodePaymentNoTrust,
		xdr.PaymentResultCodePaymentNotAuthorized, xdr.PaymentResultCodePaymentLineFull,
		xdr.PaymentResultCodePaymentMalformed, xdr.PaymentResultCodePaymentNoIssuer:
		return remit.ReasonDestinationInvalid
	case xdr.PaymentResultCodePaymentUnderfunded, xdr.PaymentResultCodePaymentSrcNoTrust,
		xdr.PaymentResultCodePaymentSrcNotAuthorized:
		return remit.ReasonTreasuryShort
	case xdr.PaymentResultCodePaymentSuccess:
		return ""
	default:
		return ""
	}
}
