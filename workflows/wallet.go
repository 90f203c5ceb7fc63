package workflows

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/settlement"
)

// payee is whom a settlement order pays, and how.
type payee struct {
	// wish is the rail that the payment is bound to, or remit.RailAuto.
	wish remit.Rail
	// wallet is the beneficiary's own address on that rail; empty where an
	// off-ramp receives.
	wallet string
	memo   string
	// claimable lets the money be left on chain for the wallet to claim.
	claimable bool
	mode      remit.SettlementMode
	window    time.Duration
}

// toWallet reports whether the payment on chain is the payout: it goes to the
// beneficiary's own wallet and no off-ramp comes after it.
func toWallet(q remit.Quote) bool { return q.PayoutProvider == remit.ProviderWallet }

// payee reads whom a remittance's settlement pays.
func (s *Steps) payee(ctx context.Context, r remit.Remittance) (payee, error) {
	q := r.Quote
	p := payee{
		wish: q.Rail, memo: memo(r.ID), mode: q.SettlementMode, window: time.Duration(q.SettlementWindowSeconds) * time.Second,
	}
	if !toWallet(q) {
		return p, nil
	}
	subject, err := s.Book.Subject(ctx, r.ID, compliance.GateRelease)
	if err != nil {
		return payee{}, fmt.Errorf("read the beneficiary's wallet: %w", err)
	}
	account := subject.Beneficiary.Account
	p.wish, p.wallet = remit.Rail(account["network"]), account["address"]
	// The memo is the beneficiary's to give: one of ours would tell a custodian of
	// nobody, and hide from the rail that an account which requires one has none.
	if p.memo = account["memo"]; p.memo != "" {
		// A custodial wallet knows its customer by the memo, and a transaction has
		// one memo only.
		p.mode, p.window = settlement.ModeSingle, 0
	}
	// Only the holder of a wallet's own key can claim: not a custodian's customer,
	// whom a memo names, or a muxed address.
	if p.wish == remit.RailStellar && p.memo == "" && strings.HasPrefix(p.wallet, "G") {
		p.claimable = true
		if p.mode == remit.SettlementNetted {
			p.mode, p.window = remit.SettlementBatched, 0
		}
	}
	return p, nil
}

// walletPaidMoves take a settled remittance on: to its end where the final payment
// was the payout, or on to wait for the wallet to claim what was left for it.
func walletPaidMoves(r remit.Remittance, o settlement.Order) []Move {
	facts := map[string]string{"amount": r.Quote.Target.String(), "method": string(r.Quote.Payout), "provider": remit.ProviderWallet}
	moves := []Move{{
		Remittance: r.ID, From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner,
		EventType: "remittance.paying_out", Facts: facts,
	}}
	r.State, r.Funds = remit.StatePayingOut, remit.FundsWithPartner
	if o.Claim.ID == "" {
		return append(moves, walletCompletedMove(r, o.Hash, settledPayout(r, o)))
	}
	moves = append(moves, Move{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, EventType: "remittance.claimable", Facts: map[string]string{
			"claim": o.Claim.ID, "rail": string(o.Rail), "amount": o.Amount.String(), "until": o.Claim.Until.UTC().Format(time.RFC3339),
		},
	})
	return append(moves, claimEndedMoves(r, o)...)
}

// walletCompletedMove ends a remittance whose beneficiary's wallet has the coin.
func walletCompletedMove(r remit.Remittance, hash string, entries []ledger.Entry) Move {
	facts := map[string]string{"amount": r.Quote.Target.String()}
	if hash != "" {
		facts["provider_reference"] = hash
	}
	return Move{
		Remittance: r.ID, From: remit.StatePayingOut, To: remit.StateCompleted, Funds: remit.FundsPaid,
		EventType: "remittance.completed", Entries: entries, Facts: facts,
	}
}

// claimEndedMoves are what follows once it is known who has what was left to
// claim; none while nobody has it.
func claimEndedMoves(r remit.Remittance, o settlement.Order) []Move {
	switch o.Claim.Status {
	case settlement.ClaimClaimed:
		return []Move{walletCompletedMove(r, o.Claim.Hash, append(claimedEntries(r, o), settledPayout(r, o)...))}
	case settlement.ClaimReclaimed:
		moves := refundMoves(r, r.Quote.SourceTotal, remit.ReasonNotClaimed)
		moves[0].Entries = append(moves[0].Entries, reclaimedEntries(r, o)...)
		return moves
	case settlement.ClaimOpen:
		return nil
	default:
		return nil
	}
}

const (
	// claimLook bounds the wait for a claim: the watch over claims tells what became
	// of it, and this is only in case its notice was lost.
	claimLook = 6 * time.Hour
	// reclaimSlack is how long after its time a claim is taken back: the ledger's
	// clock and ours may differ.
	reclaimSlack = 10 * time.Second
	// reclaimPauseFirst and reclaimPauseMost bound the pauses between tries of
	// taking back that failed.
	reclaimPauseFirst = 10 * time.Minute
	reclaimPauseMost  = 24 * time.Hour
	// maxReclaims bounds those tries; a year of them at the longest pause.
	maxReclaims = 400
)

// awaitClaim follows what became of the money that was left for the wallet to
// claim. Once its time is up it is taken back by an order of its own, which races
// with the wallet on chain: whoever comes first has it, and the other's transaction
// fails.
func (s *Steps) awaitClaim(ctx context.Context, r remit.Remittance) (Standing, error) {
	o, err := s.Book.SettlementOrder(ctx, r.SettlementOrder)
	if err != nil {
		return Standing{}, fmt.Errorf("read settlement order: %w", err)
	}
	if moves := claimEndedMoves(r, o); len(moves) > 0 {
		return s.apply(ctx, r.ID, moves...)
	}
	now := s.Clock.Now()
	if left := s.untilReclaim(o); left > 0 {
		return waiting(r, left), nil
	}
	newest, try, err := s.newestReclaim(ctx, r)
	if err != nil {
		return Standing{}, err
	}
	switch {
	case try == 0:
	case newest.Status != settlement.OrderFailed:
		return waiting(r, lookAgain), nil // Under way.
	case newest.Reason == remit.ReasonClaimGone:
		// The chain has nothing to take back any more. Who has it the watch finds out.
		return waiting(r, claimLook), nil
	default:
		pause := reclaimPauseMost
		if try < 8 {
			pause = min(reclaimPauseFirst<<(try-1), reclaimPauseMost)
		}
		if left := newest.UpdatedAt.Add(pause).Sub(now); left > 0 || try >= maxReclaims {
			return waiting(r, max(left, lookAgain)), nil
		}
	}
	order := settlement.Order{
		ID: reclaimID(r, try+1), RemittanceID: r.ID, TenantID: r.TenantID, Leg: o.Leg + try + 1, Rail: o.Rail, Amount: o.Amount,
		Destination: o.Destination, Memo: memo(r.ID), Release: o.Release, Status: settlement.OrderQueued,
		Mode: settlement.ModeSingle, Reclaims: o.ID,
	}
	return s.apply(ctx, r.ID, Move{
		Remittance: r.ID, From: r.State, To: r.State, Funds: r.Funds, EventType: "remittance.reclaiming", SettlementOrder: &order,
		Facts: map[string]string{"claim": o.Claim.ID, "rail": string(o.Rail), "amount": o.Amount.String(), "order_id": string(order.ID)},
	})
}

// untilReclaim is for how long there is nothing to do about a claim; zero once it
// is to be taken back.
func (s *Steps) untilReclaim(o settlement.Order) time.Duration {
	return min(max(0, o.Claim.Until.Add(reclaimSlack).Sub(s.Clock.Now())), claimLook)
}

// newestReclaim is the newest order that takes the remittance's money back, and
// its number; 0 when there is none.
func (s *Steps) newestReclaim(ctx context.Context, r remit.Remittance) (newest settlement.Order, try int, err error) {
	for ; try < maxReclaims; try++ {
		o, err := s.Book.SettlementOrder(ctx, reclaimID(r, try+1))
		if remit.KindOf(err) == remit.KindNotFound {
			break
		}
		if err != nil {
			return settlement.Order{}, 0, fmt.Errorf("read order that takes back: %w", err)
		}
		newest = o
	}
	return newest, try, nil
}

func reclaimID(r remit.Remittance, try int) remit.OrderID {
	return remit.DeriveID[remit.OrderID](remit.PrefixOrder, r.CreatedAt, entryKey(r, "reclaim/"+strconv.Itoa(try)))
}

// waiting is where a remittance stands that has nothing to do before a time, but
// for what a notice tells.
func waiting(r remit.Remittance, most time.Duration) Standing {
	at := standing(r)
	at.Wait = most
	return at
}
