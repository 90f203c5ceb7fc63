package horizon

import (
	"encoding/binary"
	"math"
	"math/bits"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/xdr"
)

const maxInt64 = math.MaxInt64

// The result codes that payments and path payments share, with the same numbers in each.
const (
	codeOK               int32 = 0
	codeMalformed        int32 = -1
	codeUnderfunded      int32 = -2
	codeSrcNoTrust       int32 = -3
	codeSrcNotAuthorized int32 = -4
	codeNoDestination    int32 = -5
	codeNoTrust          int32 = -6
	codeNotAuthorized    int32 = -7
	codeLineFull         int32 = -8
	codeTooFewOffers     int32 = -10
	codeCrossSelf        int32 = -11
	codeOverLimit        int32 = -12
)

// verdict is what the ledger says of a transaction, before it is put into XDR.
type verdict struct {
	code  xdr.TransactionResultCode
	fee   int64
	ops   []xdr.OperationResult
	inner *verdict // inside a fee bump
}

func (v verdict) ok() bool {
	return v.code == xdr.TransactionResultCodeTxSuccess || v.code == xdr.TransactionResultCodeTxFeeBumpInnerSuccess
}

// wrap puts the verdict on the inner transaction into its fee bump's.
func (v verdict) wrap(fee int64) verdict {
	code := xdr.TransactionResultCodeTxFeeBumpInnerFailed
	if v.ok() {
		code = xdr.TransactionResultCodeTxFeeBumpInnerSuccess
	}
	return verdict{code: code, fee: fee, inner: &v}
}

func (v verdict) result(tx *transaction) xdr.TransactionResult {
	r := xdr.TransactionResult{FeeCharged: xdr.Int64(v.fee), Result: xdr.TransactionResultResult{Code: v.code}}
	switch {
	case v.inner != nil:
		in := xdr.InnerTransactionResult{FeeCharged: xdr.Int64(v.inner.fee),
			Result: xdr.InnerTransactionResultResult{Code: v.inner.code}}
		if v.inner.listsOps() {
			in.Result.Results = &v.inner.ops
		}
		r.Result.InnerResultPair = &xdr.InnerTransactionResultPair{TransactionHash: tx.inner, Result: in}
	case v.listsOps():
		r.Result.Results = &v.ops
	}
	return r
}

func (v verdict) listsOps() bool {
	return v.code == xdr.TransactionResultCodeTxSuccess || v.code == xdr.TransactionResultCodeTxFailed
}

// opResult builds a result that carries nothing but its code, which is every failure and most successes.
func opResult(kind xdr.OperationType, code int32) xdr.OperationResult {
	var raw [12]byte
	binary.BigEndian.PutUint32(raw[4:], uint32(kind))
	binary.BigEndian.PutUint32(raw[8:], uint32(code))
	var r xdr.OperationResult
	if err := r.UnmarshalBinary(raw[:]); err != nil {
		panic("horizon: result code needs a value: " + kind.String())
	}
	return r
}

// refused is a result on the operation as such: not authorised, no source account, not supported.
func refused(code xdr.OperationResultCode) xdr.OperationResult {
	return xdr.OperationResult{Code: code}
}

// opInner is the operation's own result code; ok is false where the operation as such was refused.
func opInner(r xdr.OperationResult) (code int32, ok bool) {
	if r.Code != xdr.OperationResultCodeOpInner {
		return 0, false
	}
	raw, err := r.Tr.MarshalBinary()
	if err != nil || len(raw) < 8 {
		return 0, false
	}
	return int32(binary.BigEndian.Uint32(raw[4:])), true
}

func opSucceeded(r xdr.OperationResult) bool {
	code, ok := opInner(r)
	return ok && code == codeOK
}

var txCodeNames = map[xdr.TransactionResultCode]string{
	xdr.TransactionResultCodeTxFeeBumpInnerSuccess: "tx_fee_bump_inner_success",
	xdr.TransactionResultCodeTxSuccess:             "tx_success",
	xdr.TransactionResultCodeTxFailed:              "tx_failed",
	xdr.TransactionResultCodeTxTooEarly:            "tx_too_early",
	xdr.TransactionResultCodeTxTooLate:             "tx_too_late",
	xdr.TransactionResultCodeTxMissingOperation:    "tx_missing_operation",
	xdr.TransactionResultCodeTxBadSeq:              "tx_bad_seq",
	xdr.TransactionResultCodeTxBadAuth:             "tx_bad_auth",
	xdr.TransactionResultCodeTxInsufficientBalance: "tx_insufficient_balance",
	xdr.TransactionResultCodeTxNoAccount:           "tx_no_source_account",
	xdr.TransactionResultCodeTxInsufficientFee:     "tx_insufficient_fee",
	xdr.TransactionResultCodeTxBadAuthExtra:        "tx_bad_auth_extra",
	xdr.TransactionResultCodeTxInternalError:       "tx_internal_error",
	xdr.TransactionResultCodeTxNotSupported:        "tx_not_supported",
	xdr.TransactionResultCodeTxFeeBumpInnerFailed:  "tx_fee_bump_inner_failed",
	xdr.TransactionResultCodeTxBadMinSeqAgeOrGap:   "tx_bad_minseq_age_or_gap",
	xdr.TransactionResultCodeTxMalformed:           "tx_malformed",
}

var opRefusedNames = map[xdr.OperationResultCode]string{
	xdr.OperationResultCodeOpBadAuth:           "op_bad_auth",
	xdr.OperationResultCodeOpNoAccount:         "op_no_source_account",
	xdr.OperationResultCodeOpNotSupported:      "op_not_supported",
	xdr.OperationResultCodeOpTooManySubentries: "op_too_many_subentries",
	xdr.OperationResultCodeOpExceededWorkLimit: "op_exceeded_work_limit",
}

// paymentNames start at code -1, as every list in opCodeNames does.
var paymentNames = []string{"op_malformed", "op_underfunded", "op_src_no_trust", "op_src_not_authorized",
	"op_no_destination", "op_no_trust", "op_not_authorized", "op_line_full", "op_no_issuer", "op_too_few_offers",
	"op_cross_self"}

var offerNames = []string{"op_malformed", "op_sell_no_trust", "op_buy_no_trust", "sell_not_authorized",
	"buy_not_authorized", "op_line_full", "op_underfunded", "op_cross_self", "op_sell_no_issuer", "buy_no_issuer",
	"op_offer_not_found", "op_low_reserve"}

var opCodeNames = map[xdr.OperationType][]string{
	xdr.OperationTypeCreateAccount: {"op_malformed", "op_underfunded", "op_low_reserve", "op_already_exists"},
	xdr.OperationTypePayment:       paymentNames,
	xdr.OperationTypePathPaymentStrictReceive: append(paymentNames[:len(paymentNames):len(paymentNames)],
		"op_over_source_max"),
	xdr.OperationTypePathPaymentStrictSend: append(paymentNames[:len(paymentNames):len(paymentNames)],
		"op_under_dest_min"),
	xdr.OperationTypeManageSellOffer:        offerNames,
	xdr.OperationTypeManageBuyOffer:         offerNames,
	xdr.OperationTypeCreatePassiveSellOffer: offerNames,
	xdr.OperationTypeSetOptions: {"op_low_reserve", "op_too_many_signers", "op_bad_flags", "op_invalid_inflation",
		"op_cant_change", "op_unknown_flag", "op_threshold_out_of_range", "op_bad_signer", "op_invalid_home_domain",
		"op_auth_revocable_required"},
	xdr.OperationTypeChangeTrust: {"op_malformed", "op_no_issuer", "op_invalid_limit", "op_low_reserve",
		"op_self_not_allowed", "op_trust_line_missing", "op_cannot_delete", "op_not_aut_maintain_liabilities"},
	xdr.OperationTypeAllowTrust: {"op_malformed", "op_no_trustline", "op_not_required", "op_cant_revoke",
		"op_self_not_allowed", "op_low_reserve"},
	xdr.OperationTypeAccountMerge: {"op_malformed", "op_no_account", "op_immutable_set", "op_has_sub_entries",
		"op_seq_num_too_far", "op_dest_full", "op_is_sponsor"},
	xdr.OperationTypeManageData: {"op_not_supported", "op_data_name_not_found", "op_low_reserve",
		"op_data_invalid_name"},
	xdr.OperationTypeBumpSequence: {"op_bad_seq"},
	xdr.OperationTypeCreateClaimableBalance: {"op_malformed", "op_low_reserve", "op_no_trust", "op_not_authorized",
		"op_underfunded"},
	xdr.OperationTypeClaimClaimableBalance: {"op_does_not_exist", "op_cannot_claim", "op_line_full", "op_no_trust",
		"op_not_authorized"},
	xdr.OperationTypeClawback:                 {"op_malformed", "op_not_clawback_enabled", "op_no_trust", "op_underfunded"},
	xdr.OperationTypeClawbackClaimableBalance: {"op_does_not_exist", "op_not_issuer", "op_not_clawback_enabled"},
	xdr.OperationTypeSetTrustLineFlags: {"op_malformed", "op_no_trustline", "op_cant_revoke", "op_invalid_state",
		"op_low_reserve"},
}

func opName(r xdr.OperationResult) string {
	code, ok := opInner(r)
	if !ok {
		return opRefusedNames[r.Code]
	}
	if code == codeOK {
		return "op_success"
	}
	names := opCodeNames[r.Tr.Type]
	if i := int(-code) - 1; i >= 0 && i < len(names) {
		return names[i]
	}
	return "op_unknown"
}

// resultNames are the codes of a result as Horizon writes them.
func resultNames(r xdr.TransactionResult) protocol.TransactionResultCodes {
	out := protocol.TransactionResultCodes{TransactionCode: txCodeNames[r.Result.Code]}
	ops := r.Result.Results
	if pair := r.Result.InnerResultPair; pair != nil {
		out.InnerTransactionCode = txCodeNames[pair.Result.Result.Code]
		ops = pair.Result.Result.Results
	}
	if ops == nil {
		return out
	}
	for _, op := range *ops {
		out.OperationCodes = append(out.OperationCodes, opName(op))
	}
	return out
}

// mulDiv is a×b÷c without overflow in between; ok is false where the result does not fit.
func mulDiv(a, b, c int64, up bool) (int64, bool) {
	if a < 0 || b < 0 || c <= 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 0, false
	}
	q, rem := bits.Div64(hi, lo, uint64(c))
	if up && rem > 0 {
		q++
	}
	if q > maxInt64 {
		return 0, false
	}
	return int64(q), true
}
