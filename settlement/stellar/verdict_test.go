package stellar_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

// refusals says for each result code what is done when a transaction is refused
// with it before any ledger.
var refusals = map[xdr.TransactionResultCode]stellar.Verdict{
	xdr.TransactionResultCodeTxFeeBumpInnerSuccess: stellar.LookUp,
	xdr.TransactionResultCodeTxSuccess:             stellar.LookUp,
	xdr.TransactionResultCodeTxFailed:              stellar.Person,
	xdr.TransactionResultCodeTxTooEarly:            stellar.Resend,
	xdr.TransactionResultCodeTxTooLate:             stellar.LookUp,
	xdr.TransactionResultCodeTxMissingOperation:    stellar.Person,
	xdr.TransactionResultCodeTxBadSeq:              stellar.LookUp,
	xdr.TransactionResultCodeTxBadAuth:             stellar.Person,
	xdr.TransactionResultCodeTxInsufficientBalance: stellar.Person,
	xdr.TransactionResultCodeTxNoAccount:           stellar.Person,
	xdr.TransactionResultCodeTxInsufficientFee:     stellar.Resend,
	xdr.TransactionResultCodeTxBadAuthExtra:        stellar.Person,
	xdr.TransactionResultCodeTxInternalError:       stellar.Resend,
	xdr.TransactionResultCodeTxNotSupported:        stellar.Person,
	xdr.TransactionResultCodeTxFeeBumpInnerFailed:  stellar.Person,
	xdr.TransactionResultCodeTxBadSponsorship:      stellar.Person,
	xdr.TransactionResultCodeTxBadMinSeqAgeOrGap:   stellar.Person,
	xdr.TransactionResultCodeTxMalformed:           stellar.Person,
	xdr.TransactionResultCodeTxSorobanInvalid:      stellar.Person,
	xdr.TransactionResultCodeTxFrozenKeyAccessed:   stellar.Person,
}

// TestSubmissions plays every answer to a submission and checks that none ends
// the attempt, and that new orders wait just while a person is needed.
func TestSubmissions(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	order := c.order(c.destination("a").Address())
	a := c.prepare(order)
	type row struct {
		name    string
		status  int
		body    string
		want    settlement.OutcomeStatus
		verdict stellar.Verdict
	}
	async := func(status string) string { return fmt.Sprintf(`{"tx_status":%q,"hash":%q}`, status, a.Hash) }
	rows := []row{
		{"PENDING", http.StatusCreated, async("PENDING"), settlement.OutcomePending, stellar.LookUp},
		{"DUPLICATE", http.StatusConflict, async("DUPLICATE"), settlement.OutcomePending, stellar.LookUp},
		{"TRY_AGAIN_LATER", http.StatusServiceUnavailable, async("TRY_AGAIN_LATER"), settlement.OutcomeUnknown, stellar.Resend},
		{"a status of tomorrow", http.StatusOK, async("MAYBE"), settlement.OutcomeUnknown, stellar.Person},
		{"ERROR without a result", http.StatusBadRequest, async("ERROR"), settlement.OutcomeUnknown, stellar.Person},
		{"half an answer", http.StatusCreated, `{"tx_stat`, settlement.OutcomeUnknown, stellar.LookUp},
	}
	for status, verdict := range map[int]stellar.Verdict{
		http.StatusBadRequest: stellar.Person, http.StatusUnauthorized: stellar.Person, http.StatusForbidden: stellar.Person,
		http.StatusNotFound: stellar.Person, http.StatusMethodNotAllowed: stellar.Person, http.StatusNotAcceptable: stellar.Person,
		http.StatusRequestEntityTooLarge: stellar.Person, http.StatusUnsupportedMediaType: stellar.Person, http.StatusNotImplemented: stellar.Person,
		http.StatusRequestTimeout: stellar.LookUp, http.StatusGatewayTimeout: stellar.LookUp,
		http.StatusTooEarly: stellar.Resend, http.StatusTooManyRequests: stellar.Resend, http.StatusInternalServerError: stellar.Resend,
		http.StatusBadGateway: stellar.Resend, http.StatusServiceUnavailable: stellar.Resend,
	} {
		rows = append(rows, row{fmt.Sprint("HTTP ", status), status, `{"title":"no"}`, settlement.OutcomeUnknown, verdict})
	}
	for code, verdict := range refusals {
		body := fmt.Sprintf(`{"tx_status":"ERROR","hash":%q,"error_result_xdr":%q}`, a.Hash, resultXDR(t, code))
		rows = append(rows, row{code.String(), http.StatusBadRequest, body, settlement.OutcomeUnknown, verdict})
	}
	for _, row := range rows {
		rail := c.newRail(nil)
		c.answering(func(req *http.Request) *http.Response {
			if req.Method == http.MethodPost {
				return canned(req, row.status, row.body)
			}
			return nil
		})
		if o := rail.Submit(t.Context(), a); o.Status != row.want || o.Result == "" {
			t.Errorf("%s: got %+v, want %s with a result", row.name, o, row.want)
		}
		_, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil)
		if (err != nil) != (row.verdict == stellar.Person) {
			t.Errorf("%s, %q: preparing another: got %v", row.name, row.verdict, err)
		}
		c.answering(nil)
	}
	c.lookup(a, settlement.OutcomeUnknown)
}

func TestVerdictsCoverEveryCode(t *testing.T) {
	t.Parallel()
	for n := int32(-64); n <= 64; n++ {
		code := xdr.TransactionResultCode(n)
		if !code.ValidEnum(n) {
			continue
		}
		want, listed := refusals[code]
		if got := stellar.OfRefusal(code); !listed || got != want {
			t.Errorf("%s: got %q, want %q (listed: %v)", code, got, want, listed)
		}
	}
	if got := stellar.OfRefusal(-99); got != stellar.Person {
		t.Errorf("an unknown code: got %q, want a person", got)
	}
	if got := stellar.OfHTTP(0); got != stellar.LookUp {
		t.Errorf("no answer: got %q, want a look up", got)
	}
}

func TestPaymentReasonsCoverEveryCode(t *testing.T) {
	t.Parallel()
	reasons := map[xdr.PaymentResultCode]remit.Reason{
		xdr.PaymentResultCodePaymentSuccess:          "",
		xdr.PaymentResultCodePaymentMalformed:        remit.ReasonSettlementFailed,
		xdr.PaymentResultCodePaymentUnderfunded:      remit.ReasonTreasuryShort,
		xdr.PaymentResultCodePaymentSrcNoTrust:       remit.ReasonRailUnavailable,
		xdr.PaymentResultCodePaymentSrcNotAuthorized: remit.ReasonRailUnavailable,
		xdr.PaymentResultCodePaymentNoDestination:    remit.ReasonDestinationInvalid,
		xdr.PaymentResultCodePaymentNoTrust:          remit.ReasonDestinationInvalid,
		xdr.PaymentResultCodePaymentNotAuthorized:    remit.ReasonDestinationInvalid,
		xdr.PaymentResultCodePaymentLineFull:         remit.ReasonDestinationInvalid,
		xdr.PaymentResultCodePaymentNoIssuer:         remit.ReasonSettlementFailed,
	}
	for n := int32(-64); n <= 64; n++ {
		code := xdr.PaymentResultCode(n)
		if !code.ValidEnum(n) {
			continue
		}
		want, listed := reasons[code]
		if got := stellar.PaymentReason(code); !listed || got != want {
			t.Errorf("%s: got %q, want %q (listed: %v)", code, got, want, listed)
		}
	}
	if got := stellar.PaymentReason(-99); got != remit.ReasonSettlementFailed {
		t.Errorf("an unknown code: got %q, want the order failed", got)
	}
}

// TestLedgerCodes looks up attempts that a ledger holds as failed: each is known
// failed, with just the payments to blame that failed of themselves.
func TestLedgerCodes(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	d := c.destination("a").Address()
	a := c.prepare(c.order(d), c.order(d))
	ok := xdr.OperationResult{Tr: &xdr.OperationResultTr{Type: xdr.OperationTypePayment,
		PaymentResult: &xdr.PaymentResult{Code: xdr.PaymentResultCodePaymentSuccess}}}
	for n := int32(-64); n < 0; n++ {
		var second []xdr.OperationResult
		if code := xdr.PaymentResultCode(n); code.ValidEnum(n) {
			second = append(second, xdr.OperationResult{Tr: &xdr.OperationResultTr{Type: xdr.OperationTypePayment,
				PaymentResult: &xdr.PaymentResult{Code: code}}})
		}
		if code := xdr.OperationResultCode(n); code.ValidEnum(n) {
			second = append(second, xdr.OperationResult{Code: code})
		}
		for _, op := range second {
			results := []xdr.OperationResult{ok, op}
			text, err := xdr.MarshalBase64(xdr.TransactionResult{Result: xdr.TransactionResultResult{
				Code: xdr.TransactionResultCodeTxFailed, Results: &results}})
			must(t, err)
			c.answering(inLedger(a.Hash, text)) //nolint:bodyclose // The client closes it.
			o := c.lookup(a, settlement.OutcomeFailed)
			want := map[remit.OrderID]remit.Reason{}
			if op.Tr != nil {
				want[a.Orders[1]] = stellar.PaymentReason(op.Tr.PaymentResult.Code)
			}
			if len(o.Failed) != len(want) || o.Failed[a.Orders[1]] != want[a.Orders[1]] {
				t.Errorf("%s: got %v, want %v", o.Result, o.Failed, want)
			}
		}
		if code := xdr.TransactionResultCode(n); code.ValidEnum(n) && code != xdr.TransactionResultCodeTxFailed {
			c.answering(inLedger(a.Hash, resultXDR(t, code))) //nolint:bodyclose // The client closes it.
			if o := c.lookup(a, settlement.OutcomeFailed); len(o.Failed) > 0 {
				t.Errorf("%s: got %v, want nobody blamed", o.Result, o.Failed)
			}
		}
	}
	c.answering(inLedger(a.Hash, "!")) //nolint:bodyclose // The client closes it.
	c.lookup(a, settlement.OutcomeFailed)
}

func inLedger(hash, result string) func(*http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		return canned(req, http.StatusOK, fmt.Sprintf(`{"hash":%q,"ledger":9,"successful":false,"fee_charged":"200","result_xdr":%q}`, hash, result))
	}
}

// resultXDR is a result with a code and no operations.
func resultXDR(t *testing.T, code xdr.TransactionResultCode) string {
	t.Helper()
	result := xdr.TransactionResult{FeeCharged: 100, Result: xdr.TransactionResultResult{Code: code}}
	switch code {
	case xdr.TransactionResultCodeTxSuccess, xdr.TransactionResultCodeTxFailed:
		result.Result.Results = &[]xdr.OperationResult{}
	case xdr.TransactionResultCodeTxFeeBumpInnerSuccess, xdr.TransactionResultCodeTxFeeBumpInnerFailed:
		result.Result.InnerResultPair = &xdr.InnerTransactionResultPair{Result: xdr.InnerTransactionResult{
			Result: xdr.InnerTransactionResultResult{Code: xdr.TransactionResultCodeTxBadAuth}}}
	}
	text, err := xdr.MarshalBase64(result)
	must(t, err)
	return text
}
