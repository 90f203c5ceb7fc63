package stellar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// defaultReclaim is after how long what nobody has claimed may be taken back.
	defaultReclaim = 30 * 24 * time.Hour
	// minReclaim is the least of that: the beneficiary needs time, and signers
	// refuse less.
	minReclaim = 24 * time.Hour
	// claimReserve is what a claimable balance with two claimants keeps back of
	// the treasury's lumens until it is claimed, in stroops.
	claimReserve = 2 * baseReserve
)

// way is how a payment is made, when not as a plain payment.
type way struct {
	// claim: as a claimable balance, because the destination cannot hold it now.
	claim bool
	// swap: through the market, because the destination takes another asset.
	swap *swapWay
}

// ways are by the first order of a payment.
type ways map[remit.OrderID]way

// claimable reports whether a payment may be made as a claimable balance: when
// all of its orders say so. A muxed address cannot claim.
func claimable(p settlement.Payment) bool {
	return strings.HasPrefix(p.Destination, "G") && !slices.ContainsFunc(p.Orders, func(o settlement.Order) bool { return !o.Claimable })
}

// claim makes a payment as a claimable balance: the destination may claim it at
// any time, and the treasury once it has waited long enough.
func (r *Rail) claim(p settlement.Payment, coin Coin) txnbuild.Operation {
	back := txnbuild.NotPredicate(txnbuild.BeforeRelativeTimePredicate(int64(r.Reclaim / time.Second)))
	return &txnbuild.CreateClaimableBalance{
		Amount: p.Amount.Decimal(), Asset: coin.credit(), SourceAccount: r.Treasury,
		Destinations: []txnbuild.Claimant{txnbuild.NewClaimant(p.Destination, nil), txnbuild.NewClaimant(r.Treasury, &back)},
	}
}

// affordClaims rejects the claimable balances for which the treasury has too few
// lumens: they keep back some until they are claimed.
func (r *Rail) affordClaims(treasury protocol.Account, batch settlement.Batch, how ways, rejected map[remit.OrderID]remit.Reason) (settlement.Batch, error) {
	lumens, err := spendableLumens(treasury)
	if err != nil {
		return batch, err
	}
	payments, err := batch.Payments()
	if err != nil {
		return batch, fmt.Errorf("pick claimable balances: %w", err)
	}
	payable := settlement.Batch{Mode: batch.Mode}
	for _, p := range payments {
		if how[p.Orders[0].ID].claim {
			if lumens -= claimReserve; lumens < minLumens {
				r.reject(rejected, refused(remit.ReasonTreasuryShort, "the treasury has too few lumens for the reserve of another claimable balance"), p.Orders...)
				continue
			}
		}
		payable.Orders = append(payable.Orders, p.Orders...)
	}
	return payable, nil
}

// claims names the claimable balances that an attempt made, by order. Their ids
// follow from its bytes.
func claims(a settlement.Attempt) (map[remit.OrderID]string, error) {
	generic, err := txnbuild.TransactionFromXDR(string(a.Bytes))
	if err != nil {
		return nil, fmt.Errorf("its bytes are no transaction: %w", err)
	}
	tx, ok := generic.Transaction()
	if !ok {
		return nil, errForeign
	}
	out := make(map[remit.OrderID]string)
	for i, op := range tx.Operations() {
		if _, ok := op.(*txnbuild.CreateClaimableBalance); !ok {
			continue
		}
		id, err := tx.ClaimableBalanceID(i)
		if err != nil {
			return nil, fmt.Errorf("name claimable balance: %w", err)
		}
		for order := range a.Culprits(i, "claim") {
			out[order] = id
		}
	}
	return out, nil
}

// ClaimReason sorts the result codes of a claimable balance's creation in a
// ledger (stellar-core, CreateClaimableBalanceResultCode), as PaymentReason does.
func ClaimReason(code xdr.CreateClaimableBalanceResultCode) remit.Reason {
	switch code {
	case xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceSuccess:
		return ""
	case xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceLowReserve,
		xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceUnderfunded:
		return remit.ReasonTreasuryShort
	case xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceNoTrust,
		xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceNotAuthorized:
		return remit.ReasonRailUnavailable // The treasury's own trustline.
	case xdr.CreateClaimableBalanceResultCodeCreateClaimableBalanceMalformed:
		return remit.ReasonSettlementFailed
	default:
		return remit.ReasonSettlementFailed
	}
}
