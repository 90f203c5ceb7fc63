package stellar_test

import (
	"slices"
	"testing"

	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement/stellar"
)

// enum is a type of result code.
type enum interface {
	~int32
	ValidEnum(int32) bool
	String() string
}

// names are the codes of a type, as the protocol's definition lists them.
func names[C enum]() []string {
	var out []string
	for n := int32(-256); n <= 256; n++ {
		if C(n).ValidEnum(n) {
			out = append(out, C(n).String())
		}
	}
	return out
}

// TestTableCoversEveryCode walks every code of the protocol, so that a new one
// cannot be left out.
func TestTableCoversEveryCode(t *testing.T) {
	t.Parallel()
	got := make(map[string][]string)
	for _, row := range stellar.Table() {
		got[row.Layer] = append(got[row.Layer], row.Code)
		if row.Why == "" || row.Source == "" || row.Verdict == "" {
			t.Errorf("%s %s: got %+v, want a verdict, its meaning and source", row.Layer, row.Code, row)
		}
		if row.Reason != "" && row.Verdict != stellar.KnownFailed {
			t.Errorf("%s %s fails its order and is not known failed", row.Layer, row.Code)
		}
	}
	for layer, want := range map[string][]string{
		stellar.LayerRefusal:   names[xdr.TransactionResultCode](),
		stellar.LayerLedger:    names[xdr.TransactionResultCode](),
		stellar.LayerOperation: names[xdr.OperationResultCode](),
		stellar.LayerPayment:   names[xdr.PaymentResultCode](),
		stellar.LayerClaim:     names[xdr.CreateClaimableBalanceResultCode](),
		stellar.LayerPath:      names[xdr.PathPaymentStrictSendResultCode](),
		stellar.LayerStatus:    {"PENDING", "DUPLICATE", "TRY_AGAIN_LATER", "ERROR"},
	} {
		have := slices.Clone(got[layer])
		slices.Sort(have)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(have, want) {
			t.Errorf("%s: got %q, want %q", layer, have, want)
		}
	}
	if n := len(got[stellar.LayerHTTP]); n < 15 {
		t.Errorf("got %d HTTP statuses", n)
	}
}

// TestTableEndsNothingBeforeALedger: only a ledger says that an attempt failed.
func TestTableEndsNothingBeforeALedger(t *testing.T) {
	t.Parallel()
	before := []string{stellar.LayerHTTP, stellar.LayerStatus, stellar.LayerRefusal}
	for _, row := range stellar.Table() {
		final := row.Verdict == stellar.KnownFailed || row.Verdict == stellar.Settled
		if final == slices.Contains(before, row.Layer) {
			t.Errorf("%s %s is %q", row.Layer, row.Code, row.Verdict)
		}
	}
}

func TestPathReasons(t *testing.T) {
	t.Parallel()
	for code, want := range map[xdr.PathPaymentStrictSendResultCode]remit.Reason{
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendSuccess:        "",
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendUnderDestmin:   remit.ReasonRailUnavailable,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendTooFewOffers:   remit.ReasonRailUnavailable,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendOfferCrossSelf: remit.ReasonRailUnavailable,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendLineFull:       remit.ReasonDestinationInvalid,
		xdr.PathPaymentStrictSendResultCodePathPaymentStrictSendUnderfunded:    remit.ReasonTreasuryShort,
		-99: remit.ReasonSettlementFailed,
	} {
		if got := stellar.PathReason(code); got != want {
			t.Errorf("%s: got %q, want %q", code, got, want)
		}
	}
}
