package stellar

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

var _ settlement.Claimer = (*Rail)(nil)

// claimView is what a server shows of a claimable balance.
type claimView struct {
	// open says that it is there, for whoever may claim it.
	open bool
	// by is who claimed it, in the transaction hash, where the server's history says so.
	by, hash string
	// clawedBack says that its issuer took it.
	clawedBack bool
	// gone is the ledger in whose state the balance is not there, 0 when the answer
	// does not say; sound that what the treasury holds of the coin then cannot be
	// clawed back by its issuer, and so no balance that it made.
	gone  uint32
	sound bool
}

// LookupClaim asks the chain what became of what an order left to claim. That it
// is not found proves nothing by itself. It says who has it
//
//   - when a ledger holds the operation that claimed it: Horizon lists those of
//     each claimable balance, or
//   - when it is gone in the state of a ledger that closed after it was made and
//     before the treasury might take it back, and its issuer cannot take it: then
//     only the destination could. That is all that Stellar RPC can show.
func (r *Rail) LookupClaim(ctx context.Context, o settlement.Order) settlement.ClaimOutcome {
	unclear := func(format string, args ...any) settlement.ClaimOutcome {
		return settlement.ClaimOutcome{Result: fmt.Sprintf(format, args...)}
	}
	coin, ok := r.coin(o.Amount.Asset)
	if !ok {
		return unclear("the rail pays no %s", o.Amount.Asset)
	}
	before, err := r.network(ctx)
	if err != nil {
		return unclear("%s", err)
	}
	view, err := r.backend.claimable(ctx, o.Claim.ID, coin, r.Treasury)
	switch {
	case err != nil:
		return unclear("%s", describe(err))
	case view.open:
		return settlement.ClaimOutcome{Status: settlement.ClaimOpen}
	case view.clawedBack:
		return unclear("%s: the issuer took it back in %s", Person, view.hash)
	case view.by == o.Destination:
		return settlement.ClaimOutcome{Status: settlement.ClaimClaimed, Hash: view.hash, Result: "claimed by the destination"}
	case view.by == r.Treasury:
		return settlement.ClaimOutcome{Status: settlement.ClaimReclaimed, Hash: view.hash, Result: "taken back by the treasury"}
	case view.by != "":
		return unclear("%s: it was claimed by %s, who is not known", Person, view.by)
	}
	return r.onlyDestination(ctx, o, view, before)
}

// onlyDestination concludes from the ledgers' times alone that the destination
// claimed what is gone, if nobody else could have.
func (r *Rail) onlyDestination(ctx context.Context, o settlement.Order, view claimView, before head) settlement.ClaimOutcome {
	unclear := func(format string, args ...any) settlement.ClaimOutcome {
		return settlement.ClaimOutcome{Result: fmt.Sprintf(format, args...)}
	}
	if view.gone == 0 || view.gone < before.ledger || before.closedAt.Before(o.Claim.Since) {
		return unclear("it is not found, which proves nothing: %s may lag", r.backend.name())
	}
	after, err := r.network(ctx)
	if err != nil {
		return unclear("%s", err)
	}
	switch {
	case !view.sound:
		return unclear("%s: it is gone, and %s cannot say by whom; the issuer may have taken it", Person, r.backend.name())
	case after.ledger < view.gone || !after.closedAt.Before(o.Claim.Until):
		return unclear("%s: it is gone, and %s cannot say by whom; since %s the treasury may have taken it. Ask a Horizon",
			Person, r.backend.name(), o.Claim.Until.Format(time.RFC3339))
	default:
		return settlement.ClaimOutcome{Status: settlement.ClaimClaimed, Result: "gone while only the destination could claim it"}
	}
}

// reclaiming reports whether the first order of a batch takes back a claimable
// balance, which is then all that the transaction does. Others that take back
// wait for their turn: they must not be paid.
func (r *Rail) reclaiming(batch settlement.Batch) (settlement.Batch, bool) {
	out := settlement.Batch{Mode: batch.Mode}
	for i, o := range batch.Orders {
		if o.Reclaims == "" {
			out.Orders = append(out.Orders, o)
		} else if i == 0 {
			return settlement.Batch{Mode: settlement.ModeSingle, Orders: batch.Orders[:1]}, true
		}
	}
	return out, false
}

// badReclaim answers why an order cannot take anything back, or nil.
func (r *Rail) badReclaim(o settlement.Order) *refusal {
	var id xdr.ClaimableBalanceId
	if _, pays := r.coin(o.Amount.Asset); !pays {
		return refused(remit.ReasonAmountMalformed, "the rail pays no %s", o.Amount.Asset)
	}
	if err := xdr.SafeUnmarshalHex(o.Claim.ID, &id); err != nil {
		return refused(remit.ReasonSettlementFailed, "%q names no claimable balance", o.Claim.ID)
	}
	return nil
}

// takeBack claims a claimable balance for the treasury.
func (r *Rail) takeBack(o settlement.Order) txnbuild.Operation {
	return &txnbuild.ClaimClaimableBalance{BalanceID: o.Claim.ID, SourceAccount: r.Treasury}
}

// ReclaimReason sorts the result codes of a claim in a ledger (stellar-core,
// ClaimClaimableBalanceResultCode), as PaymentReason does. remit.ReasonClaimGone
// is that there is nothing to take back any more.
func ReclaimReason(code xdr.ClaimClaimableBalanceResultCode) remit.Reason {
	switch code {
	case xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceSuccess:
		return ""
	case xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceDoesNotExist:
		return remit.ReasonClaimGone
	case xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceLineFull,
		xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceNoTrust,
		xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceNotAuthorized,
		xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceTrustlineFrozen:
		return remit.ReasonRailUnavailable // The treasury's own trustline.
	case xdr.ClaimClaimableBalanceResultCodeClaimClaimableBalanceCannotClaim:
		return remit.ReasonSettlementFailed // Not yet.
	default:
		return remit.ReasonSettlementFailed
	}
}

var errNotBalance = errors.New("the answer is about another claimable balance")
