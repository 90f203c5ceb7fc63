package stellar

import (
	"net/http"

	"github.com/stellar/go-stellar-sdk/protocols/stellarcore"
	"github.com/stellar/go-stellar-sdk/xdr"
)

const (
	fromHorizonSubmit = "Horizon, internal/actions/submit_transaction_async.go"
	fromHTTP          = "RFC 9110, section 15; proxies answer so before Horizon or RPC is reached"
	fromQueue         = "herder/TransactionQueue.cpp"
	fromTransaction   = "transactions/TransactionFrame.cpp, commonValid"
	fromBump          = "transactions/FeeBumpTransactionFrame.cpp"
	fromOperation     = "transactions/OperationFrame.cpp"
	fromPayment       = "transactions/PaymentOpFrame.cpp"
	fromClaim         = "transactions/CreateClaimableBalanceOpFrame.cpp"
	fromPath          = "transactions/PathPaymentStrictSendOpFrame.cpp"
	fromPathBase      = "transactions/PathPaymentOpFrameBase.cpp"
)

// httpMeanings are the statuses of a submission that is answered without one of
// the network's own; 0 is no answer at all.
var httpMeanings = map[int]meaning{
	0:                                {"no answer, or half of one: it may have been taken", fromHTTP},
	http.StatusBadRequest:            {"the envelope is not readable", fromHorizonSubmit},
	http.StatusUnauthorized:          {"the server wants credentials", fromHTTP},
	http.StatusForbidden:             {"Horizon takes no submissions, or a proxy refuses", fromHorizonSubmit},
	http.StatusNotFound:              {"a wrong address", fromHTTP},
	http.StatusMethodNotAllowed:      {"the server takes no submissions", fromHorizonSubmit},
	http.StatusNotAcceptable:         {"a wrong address or proxy", fromHTTP},
	http.StatusRequestTimeout:        {"it may have been taken", fromHTTP},
	http.StatusRequestEntityTooLarge: {"a proxy takes no envelope of that size", fromHTTP},
	http.StatusUnsupportedMediaType:  {"a proxy changed the request", fromHorizonSubmit},
	http.StatusTooEarly:              {"not passed on", fromHTTP},
	http.StatusTooManyRequests:       {"not passed on: the server's limit of requests", "Horizon, internal/httpx/rate_limiter.go"},
	http.StatusInternalServerError:   {"the server failed, before or after it passed it on", fromHorizonSubmit},
	http.StatusNotImplemented:        {"the server takes no submissions", fromHTTP},
	http.StatusBadGateway:            {"the server behind the proxy failed", fromHTTP},
	http.StatusServiceUnavailable:    {"the server is behind the ledger or overloaded", fromHorizonSubmit},
	http.StatusGatewayTimeout:        {"not in a ledger while the server waited: it may come yet", "Horizon, internal/actions/submit_transaction.go"},
}

var statusMeanings = map[string]meaning{
	stellarcore.TXStatusPending:       {"taken into the queue", fromQueue},
	stellarcore.TXStatusDuplicate:     {"in the queue already", fromQueue},
	stellarcore.TXStatusTryAgainLater: {"not taken: the source has another in the queue, or it was there before and is banned for some ledgers", fromQueue},
	stellarcore.TXStatusError:         {"refused; the result code decides (shown for txFAILED)", fromQueue},
}

// refusalMeanings are the codes of a transaction that was refused before any
// ledger.
var refusalMeanings = map[xdr.TransactionResultCode]meaning{
	xdr.TransactionResultCodeTxFeeBumpInnerSuccess: {"no refusal; the ledger decides", fromBump},
	xdr.TransactionResultCodeTxSuccess:             {"no refusal; the ledger decides", fromTransaction},
	xdr.TransactionResultCodeTxFailed:              {"an operation is malformed or not signed for", fromOperation},
	xdr.TransactionResultCodeTxTooEarly:            {"the network's clock is behind its lower bound", fromTransaction},
	xdr.TransactionResultCodeTxTooLate:             {"past its time bound; a later ledger proves that it is in none", fromTransaction},
	xdr.TransactionResultCodeTxMissingOperation:    {"it has no operation", fromTransaction},
	xdr.TransactionResultCodeTxBadSeq:              {"it was applied already, or another took its number", fromTransaction},
	xdr.TransactionResultCodeTxBadAuth:             {"a signature is missing, wrong or for another network", fromTransaction},
	xdr.TransactionResultCodeTxInsufficientBalance: {"the fee's payer would fall below its reserve", fromTransaction},
	xdr.TransactionResultCodeTxNoAccount:           {"the source account does not exist", fromTransaction},
	xdr.TransactionResultCodeTxInsufficientFee:     {"others offer more, or a replacement offers less than ten times", fromQueue},
	xdr.TransactionResultCodeTxBadAuthExtra:        {"a signature is not needed", fromTransaction},
	xdr.TransactionResultCodeTxInternalError:       {"a fault of the network's node", fromTransaction},
	xdr.TransactionResultCodeTxNotSupported:        {"the protocol does not have what it uses", fromTransaction},
	xdr.TransactionResultCodeTxFeeBumpInnerFailed:  {"what the fee bump is around is refused; its own code decides", fromBump},
	xdr.TransactionResultCodeTxBadSponsorship:      {"a sponsorship is left open", fromTransaction},
	xdr.TransactionResultCodeTxBadMinSeqAgeOrGap:   {"a precondition on the sequence number does not hold", fromTransaction},
	xdr.TransactionResultCodeTxMalformed:           {"its preconditions are malformed", fromTransaction},
	xdr.TransactionResultCodeTxSorobanInvalid:      {"a contract call is malformed; the rail makes none", fromTransaction},
	xdr.TransactionResultCodeTxFrozenKeyAccessed:   {"it touches an entry that validators have frozen", fromTransaction},
}

var operationMeanings = map[xdr.OperationResultCode]meaning{
	xdr.OperationResultCodeOpInner:             {"the operation's own code decides", fromOperation},
	xdr.OperationResultCodeOpBadAuth:           {"the treasury's signature did not count any more", fromOperation},
	xdr.OperationResultCodeOpNoAccount:         {"the treasury's account is gone", fromOperation},
	xdr.OperationResultCodeOpNotSupported:      {"the protocol does not have it", fromOperation},
	xdr.OperationResultCodeOpTooManySubentries: {"the account has too many entries", fromOperation},
	xdr.OperationResultCodeOpExceededWorkLimit: {"it took too much work", fromOperation},
	xdr.OperationResultCodeOpTooManySponsoring: {"the treasury sponsors too many entries", fromOperation},
}

var paymentMeanings = map[xdr.PaymentResultCode]meaning{
	xdr.PaymentResultCodePaymentSuccess:          {"undone, because another operation failed", fromPayment},
	xdr.PaymentResultCodePaymentMalformed:        {"the amount or asset is malformed", fromPayment},
	xdr.PaymentResultCodePaymentUnderfunded:      {"the treasury has too little", fromPayment},
	xdr.PaymentResultCodePaymentSrcNoTrust:       {"the treasury has no trustline", fromPayment},
	xdr.PaymentResultCodePaymentSrcNotAuthorized: {"the issuer froze the treasury's trustline", fromPayment},
	xdr.PaymentResultCodePaymentNoDestination:    {"the destination does not exist", fromPayment},
	xdr.PaymentResultCodePaymentNoTrust:          {"the destination has no trustline", fromPayment},
	xdr.PaymentResultCodePaymentNotAuthorized:    {"the issuer froze the destination's trustline", fromPayment},
	xdr.PaymentResultCodePaymentLineFull:         {"the destination's trustline has no room", fromPayment},
	xdr.PaymentResultCodePaymentNoIssuer:         {"the issuer does not exist", fromPayment},
}

var claimMeanings = map[xdr.CreateClaimableBalanceResultCode]meaning{
	xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceSuccess:       {"undone, because another operation failed", fromClaim},
	xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceMalformed:     {"the claimants or the amount are malformed", fromClaim},
	xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceLowReserve:    {"the treasury has too few lumens for the reserve", fromClaim},
	xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceNoTrust:       {"the treasury has no trustline", fromClaim},
	xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceNotAuthorized: {"the issuer froze the treasury's trustline", fromClaim},
	xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceUnderfunded:   {"the treasury has too little", fromClaim},
}

var pathMeanings = map[xdr.PathPaymentStrictSendResultCode]meaning{
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSuccess:          {"undone, because another operation failed", fromPath},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendMalformed:        {"an amount or asset is malformed", fromPath},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendUnderfunded:      {"the treasury has too little", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSrcNoTrust:       {"the treasury has no trustline", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSrcNotAuthorized: {"the issuer froze the treasury's trustline", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNoDestination:    {"the destination does not exist", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNoTrust:          {"the destination has no trustline", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNotAuthorized:    {"the issuer froze the destination's trustline", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendLineFull:         {"the destination's trustline has no room", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendNoIssuer:         {"an issuer does not exist", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendTooFewOffers:     {"the market is too thin", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendOfferCrossSelf:   {"the treasury would trade with itself", fromPathBase},
	xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendUnderDestmin:     {"the price moved beyond the slippage", fromPath},
}
