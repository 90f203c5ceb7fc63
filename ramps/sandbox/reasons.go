package sandbox

import (
	"net/http"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Codes of the company that the adapter itself acts on.
const codeOrderUnknown = "order_unknown"

// why is what a code means to the gateway: the reason and who may mend it.
type why struct {
	reason remit.Reason
	fixer  ramps.Fixer
}

// reasons is the one table from the company's codes to the gateway's.
var reasons = map[string]why{
	"account_closed":       {remit.ReasonAccountClosed, ramps.FixerCaller},
	"account_unknown":      {remit.ReasonAccountUnknown, ramps.FixerCaller},
	"name_mismatch":        {remit.ReasonNameMismatch, ramps.FixerCaller},
	"payout_rejected":      {remit.ReasonPayoutRejected, ramps.FixerCaller},
	"returned":             {remit.ReasonPayoutRejected, ramps.FixerCaller},
	"source_declined":      {remit.ReasonFundingDeclined, ramps.FixerCaller},
	"insufficient_funds":   {remit.ReasonInsufficientFunds, ramps.FixerCaller},
	"refund_declined":      {remit.ReasonProviderRejected, ramps.FixerOperator},
	"refund_not_possible":  {remit.ReasonProviderRejected, ramps.FixerOperator},
	"method_not_offered":   {remit.ReasonMethodNotOffered, ramps.FixerOperator},
	"currency_not_offered": {remit.ReasonUnknownCurrency, ramps.FixerOperator},
	"amount_out_of_range":  {remit.ReasonProviderRejected, ramps.FixerOperator},
	"malformed":            {remit.ReasonProviderRejected, ramps.FixerOperator},
}

// reasonOf translates a code; one that is not in the table is a rejection that
// an operator should look at.
func reasonOf(code string) why {
	if w, ok := reasons[code]; ok {
		return w
	}
	return why{remit.ReasonProviderRejected, ramps.FixerOperator}
}

// refusal judges an answer to a submission other than 2xx. Only 400 and 422
// with a code of the table say that the company refused this order and keeps
// nothing of it. All else leaves it open: a 401 or 429 may stand before an
// order that an earlier try has placed, and a 409 says that there is one.
func refusal(res response) ramps.Answer {
	code := res.problem().Code
	w, known := reasons[code]
	definite := res.status == http.StatusBadRequest || res.status == http.StatusUnprocessableEntity
	if !definite || !known {
		return unknown(res.err())
	}
	return ramps.Answer{Status: ramps.StatusFailed, Reason: w.reason, Fixer: w.fixer, Detail: res.err().Error()}
}
