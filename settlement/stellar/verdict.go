package stellar

import (
	"net/http"

	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/xdr"
)

// Verdict is what is to be done after an answer; [Table] lists them all. No
// verdict on
// a submission ends an attempt: the same bytes may have been sent before with
// the reply lost, so only the ledger ends it (see [Rail.Lookup]).
type Verdict string

// The verdicts. The zero value is unspecified and is treated as Person.
const (
	// LookUp: the network has it or may have it; the ledger will tell.
	LookUp Verdict = "look up"
	// Resend: it was not taken now; look it up, then send the same bytes again.
	Resend Verdict = "resend"
	// Person: the same bytes will not be taken, and new ones made the same way
	// would not be either, until somebody mends something. The attempt waits for
	// its time bound; nothing new is prepared meanwhile.
	Person Verdict = "needs a person"
	// KnownFailed: a ledger holds it without effect, for good. Never the verdict
	// on a submission.
	KnownFailed Verdict = "known failed"
	// Settled: a ledger holds it with its effect.
	Settled Verdict = "settled"
)

// OfStatus is the verdict on a status of the asynchronous submission. An ERROR
// is decided by its result code.
func OfStatus(status string, code xdr.TransactionResultCode) Verdict {
	switch status {
	case stellarcore.TXStatusPending, stellarcore.TXStatusDuplicate:
		return LookUp
	case stellarcore.TXStatusTryAgainLater:
		return Resend
	case stellarcore.TXStatusError:
		return OfRefusal(code)
	default:
		return Person
	}
}

// OfHTTP is the verdict on a submission that was answered with an HTTP status
// and without one of its own; 0 is no answer at all.
func OfHTTP(status int) Verdict {
	switch status {
	case 0, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return LookUp // It may have been taken.
	case http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable:
		return Resend
	default:
		return Person // A malformed envelope, a refusing proxy, a Horizon that takes no submissions.
	}
}

// OfRefusal is the verdict on the result code of a transaction that was refused
// before any ledger: nothing was taken, not even the fee.
func OfRefusal(code xdr.TransactionResultCode) Verdict {
	switch code {
	case xdr.TransactionResultCodeTxSuccess, xdr.TransactionResultCodeTxFeeBumpInnerSuccess:
		return LookUp // Cannot be with a refusal; the ledger decides.
	case xdr.TransactionResultCodeTxTooLate:
		return LookUp // Past its time bound; a later ledger proves it.
	case xdr.TransactionResultCodeTxBadSeq:
		return LookUp // It was applied already, or another one took its number.
	case xdr.TransactionResultCodeTxTooEarly, xdr.TransactionResultCodeTxInsufficientFee,
		xdr.TransactionResultCodeTxInternalError:
		return Resend // The network's clock, a surge, a fault: each passes.
	case xdr.TransactionResultCodeTxFailed, xdr.TransactionResultCodeTxMissingOperation,
		xdr.TransactionResultCodeTxBadAuth, xdr.TransactionResultCodeTxBadAuthExtra,
		xdr.TransactionResultCodeTxInsufficientBalance, xdr.TransactionResultCodeTxNoAccount,
		xdr.TransactionResultCodeTxNotSupported, xdr.TransactionResultCodeTxFeeBumpInnerFailed,
		xdr.TransactionResultCodeTxBadSponsorship, xdr.TransactionResultCodeTxBadMinSeqAgeOrGap,
		xdr.TransactionResultCodeTxMalformed, xdr.TransactionResultCodeTxSorobanInvalid,
		xdr.TransactionResultCodeTxFrozenKeyAccessed:
		return Person
	default:
		return Person
	}
}
