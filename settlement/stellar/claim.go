package stellar

import (
	"errors"
	"fmt"
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
	// reclaim: not at all, but what it left to claim is taken back.
	reclaim bool
	// swap: through the market, because the destination takes another asset.
	swap *swapWay
}

// ways are by the first order of a payment.
type ways map[remit.OrderID]way

// claimable reports whether a payment may be made as a claimable balance: when
// its only order says so; what several share could not be taken back for each. A
// muxed address cannot claim.
func claimable(p settlement.Payment) bool {
	return strings.HasPrefix(p.Destination, "G") && len(p.Orders) == 1 && p.Orders[0].Claimable
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

// claims names the claimable balances that an attempt made in a ledger that closed
// at a time, by order. Their ids, and from when on the treasury may take them back,
// follow from its bytes.
func claims(a settlement.Attempt, closed time.Time) (map[remit.OrderID]settlement.Claim, error) {
	generic, err := txnbuild.TransactionFromXDR(string(a.Bytes))
	if err != nil {
		return nil, fmt.Errorf("its bytes are no transaction: %w", err)
	}
	tx, ok := generic.Transaction()
	if !ok {
		return nil, errForeign
	}
	out := make(map[remit.OrderID]settlement.Claim)
	for i, op := range tx.Operations() {
		made, ok := op.(*txnbuild.CreateClaimableBalance)
		if !ok {
			continue
		}
		if closed.IsZero() {
			return nil, errors.New("the answer does not say when its ledger closed")
		}
		id, err := tx.ClaimableBalanceID(i)
		if err != nil {
			return nil, fmt.Errorf("name claimable balance: %w", err)
		}
		for order := range a.Culprits(i, "claim") {
			out[order] = settlement.Claim{ID: id, Status: settlement.ClaimOpen, Since: closed, Until: closed.Add(reclaimAfter(made))}
		}
	}
	return out, nil
}

// reclaimAfter is the time after which the treasury may take a claimable balance
// back, as claim made it.
func reclaimAfter(op *txnbuild.CreateClaimableBalance) time.Duration {
	for _, c := range op.Destinations {
		if not := c.Predicate.NotPredicate; not != nil && *not != nil && (*not).RelBefore != nil {
			return time.Duration(*(*not).RelBefore) * time.Second
		}
	}
	return defaultReclaim
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
