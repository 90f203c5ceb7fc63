package stellar

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
)

// Row is one line of the table of answers: what is done after one of them.
type Row struct {
	// Layer is where the answer comes from, Code what it says there.
	Layer, Code string
	Verdict     Verdict
	// Reason is why the orders of an operation that failed are failed; empty
	// where they are not to blame and may go into another attempt.
	Reason remit.Reason
	// Why is the meaning in a few words; Source where it is laid down: a file of
	// stellar-core unless it says otherwise.
	Why, Source string
}

// The layers of the table.
const (
	LayerHTTP      = "HTTP status of a submission"
	LayerStatus    = "status of a submission"
	LayerRefusal   = "transaction refused before a ledger"
	LayerLedger    = "transaction in a ledger"
	LayerOperation = "operation in a ledger"
	LayerPayment   = "payment in a ledger"
	LayerClaim     = "claimable balance in a ledger"
	LayerPath      = "path payment in a ledger"
)

// meaning is the part of a row that no function decides.
type meaning struct{ why, source string }

// Table sorts every answer that the rail knows of: the HTTP and asynchronous
// statuses of a submission, and every result code of transactions and of the
// operations that the rail makes. No answer to a submission ends an attempt;
// only a ledger does, and there everything but success is known failed.
func Table() []Row {
	rows := make([]Row, 0, len(httpMeanings)+len(refusalMeanings)*2)
	for _, status := range sorted(httpMeanings) {
		m := httpMeanings[status]
		rows = append(rows, Row{Layer: LayerHTTP, Code: fmt.Sprint(status), Verdict: OfHTTP(status), Why: m.why, Source: m.source})
	}
	for _, s := range []string{stellarcore.TXStatusPending, stellarcore.TXStatusDuplicate, stellarcore.TXStatusTryAgainLater, stellarcore.TXStatusError} {
		m := statusMeanings[s]
		rows = append(rows, Row{Layer: LayerStatus, Code: s, Verdict: OfStatus(s, xdr.TransactionResultCodeTxFailed), Why: m.why, Source: m.source})
	}
	for _, code := range sorted(refusalMeanings) {
		m := refusalMeanings[code]
		rows = append(rows, Row{Layer: LayerRefusal, Code: code.String(), Verdict: OfRefusal(code), Why: m.why, Source: m.source})
	}
	for _, code := range sorted(refusalMeanings) {
		row := Row{Layer: LayerLedger, Code: code.String(), Verdict: OfLedger(code),
			Why: "applied and without effect but for the fee and the sequence number", Source: "transactions/TransactionFrame.cpp, apply"}
		if row.Verdict == Settled {
			row.Why = "every operation took effect"
		}
		rows = append(rows, row)
	}
	rows = append(rows, ledgerRows(LayerOperation, operationMeanings, func(xdr.OperationResultCode) remit.Reason { return "" })...)
	rows = append(rows, ledgerRows(LayerPayment, paymentMeanings, PaymentReason)...)
	rows = append(rows, ledgerRows(LayerClaim, claimMeanings, ClaimReason)...)
	return append(rows, ledgerRows(LayerPath, pathMeanings, PathReason)...)
}

// OfLedger is the verdict on a transaction that a ledger holds: it is final.
func OfLedger(code xdr.TransactionResultCode) Verdict {
	if code == xdr.TransactionResultCodeTxSuccess || code == xdr.TransactionResultCodeTxFeeBumpInnerSuccess {
		return Settled
	}
	return KnownFailed
}

// ledgerRows are the rows of operations of a transaction that a ledger holds as
// failed: none of them took effect, whatever its own code.
func ledgerRows[C interface {
	cmp.Ordered
	fmt.Stringer
}](layer string, meanings map[C]meaning, reason func(C) remit.Reason) []Row {
	rows := make([]Row, 0, len(meanings))
	for _, code := range sorted(meanings) {
		m := meanings[code]
		rows = append(rows, Row{Layer: layer, Code: code.String(), Verdict: KnownFailed, Reason: reason(code), Why: m.why, Source: m.source})
	}
	return rows
}

// sorted lists the codes of a table, success first and then as they are numbered.
func sorted[C cmp.Ordered](meanings map[C]meaning) []C {
	out := make([]C, 0, len(meanings))
	for code := range meanings {
		out = append(out, code)
	}
	slices.SortFunc(out, func(a, b C) int { return cmp.Compare(b, a) })
	return out
}

// PathReason sorts the result codes of a strict-send path payment in a ledger
// (stellar-core, PathPaymentStrictSendResultCode), as PaymentReason does. Where
// the market does not give what was asked, the order may go another way.
func PathReason(code xdr.PathPaymentStrictSendResultCode) remit.Reason {
	switch code {
	case xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSuccess:
		return ""
	case xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNoDestination,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNoTrust,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNotAuthorized,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendLineFull:
		return remit.ReasonDestinationInvalid
	case xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendUnderfunded:
		return remit.ReasonTreasuryShort
	case xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSrcNoTrust,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSrcNotAuthorized,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendTooFewOffers,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendOfferCrossSelf,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendUnderDestmin:
		return remit.ReasonRailUnavailable
	case xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendMalformed,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNoIssuer:
		return remit.ReasonSettlementFailed
	default:
		return remit.ReasonSettlementFailed
	}
}
