package horizon

import (
	"encoding/json"
	"fmt"
	"net/http"
)

const (
	typeHAL     = "application/hal+json; charset=utf-8"
	typeProblem = "application/problem+json; charset=utf-8"
)

// problem is an error answer of Horizon. It is also a Go error, so that handlers simply return it.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Extras map[string]any `json:"extras,omitempty"`
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

func newProblem(kind, title string, status int, detail string, extras map[string]any) *problem {
	return &problem{Type: "https://stellar.org/horizon-errors/" + kind, Title: title, Status: status, Detail: detail, Extras: extras}
}

func notFound() *problem {
	return newProblem("not_found", "Resource Missing", http.StatusNotFound, "The resource at the url requested was not found.  "+
		"This usually occurs for one of two reasons:  The url requested is not valid, or no data in our database could be found "+
		"with the parameters provided.", nil)
}

func badField(field, reason string) *problem {
	return newProblem("bad_request", "Bad Request", http.StatusBadRequest, "The request you sent was invalid in some way.",
		map[string]any{"invalid_field": field, "reason": reason})
}

func badRequest(detail string) *problem {
	return newProblem("bad_request", "Bad Request", http.StatusBadRequest, detail, nil)
}

func malformedEnvelope(envelope string) *problem {
	return newProblem("transaction_malformed", "Transaction Malformed", http.StatusBadRequest,
		"Horizon could not decode the transaction envelope in this request. A transaction should be an XDR TransactionEnvelope "+
			"struct encoded using base64.  The envelope read from this request is echoed in the `extras.envelope_xdr` field of "+
			"this response for your convenience.", map[string]any{"envelope_xdr": envelope})
}

func transactionFailed(envelope, result string, codes any) *problem {
	return newProblem("transaction_failed", "Transaction Failed", http.StatusBadRequest,
		"The transaction failed when submitted to the stellar network. The `extras.result_codes` field on this response contains "+
			"further details.  Descriptions of each code can be found at: "+
			"https://developers.stellar.org/api/errors/http-status-codes/horizon-specific/transaction-failed/",
		map[string]any{"envelope_xdr": envelope, "result_codes": codes, "result_xdr": result})
}

func submissionTimeout(tx *transaction) *problem {
	return newProblem("transaction_submission_timeout", "Transaction Submission Timeout", http.StatusGatewayTimeout,
		"Your transaction submission request has timed out. This does not necessarily mean the submission has failed. Before "+
			"resubmitting, please use the transaction hash provided in `extras.hash` to poll the GET /transactions endpoint for "+
			"sometime and check if it was included in a ledger.", map[string]any{"hash": tx.id(), "envelope_xdr": tx.envelope})
}

func unsupportedMedia() *problem {
	return newProblem("unsupported_media_type", "Unsupported Media Type", http.StatusUnsupportedMediaType,
		"The request has an unsupported content type. Presently, the only supported content type is "+
			"application/x-www-form-urlencoded.", nil)
}

func unavailable() *problem {
	return newProblem("service_unavailable", "Service Unavailable", http.StatusServiceUnavailable,
		"The service is down for the moment.", nil)
}

// writeJSON writes a body without escaping & and <, as Horizon does.
func writeJSON(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body) // the caller has hung up: nobody is left to tell
}
