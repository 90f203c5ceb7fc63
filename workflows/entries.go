package workflows

import (
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// The ledger entries of a remittance's story. Each is a pure function of the
// remittance, so repeating a step makes the same entry with the same key.

// entryKey is the idempotency key of a remittance's entry for one act.
func entryKey(r remit.Remittance, act string) string { return string(r.ID) + "/" + act }

func releaseAct(leg int) string { return fmt.Sprintf("release/%d", leg) }

// newEntry makes an entry of a remittance. Its id and key name the act, so the
// same act is the same entry.
func newEntry(r remit.Remittance, act string, action ledger.Action, memo string, postings ...ledger.Posting) ledger.Entry {
	return ledger.Entry{
		ID:  remit.DeriveID[remit.EntryID](remit.PrefixEntry, r.CreatedAt, entryKey(r, act)),
		Key: entryKey(r, act), Action: action, Postings: postings, Remittance: r.ID, Memo: memo,
	}
}

// holdID names the treasury hold of one leg.
func holdID(r remit.Remittance, leg int) remit.HoldID {
	return remit.DeriveID[remit.HoldID](remit.PrefixHold, r.CreatedAt, entryKey(r, fmt.Sprintf("hold/%d", leg)))
}

// fundingEntry books what a provider collected: it owes us, we owe the remittance.
func fundingEntry(r remit.Remittance, o ramps.Order) ledger.Entry {
	return newEntry(r, "funding", ledger.ActionPost, "pay-in collected by "+o.Provider, ledger.Posting{
		Debit: ledger.OnRamp(o.Provider), Credit: ledger.Remittance(r.ID), Amount: o.Received,
	})
}

// balanceEntry books a remittance funded from the tenant's prefunded balance.
func balanceEntry(r remit.Remittance) ledger.Entry {
	return newEntry(r, "funding", ledger.ActionPost, "funded from the prefunded balance", ledger.Posting{
		Debit: ledger.Tenant(r.TenantID), Credit: ledger.Remittance(r.ID), Amount: r.Quote.SourceTotal,
	})
}

// releaseEntries books the fees and the conversion into the settlement asset,
// and reserves it at the rail's treasury. amount is in the rail's own asset.
// reserve, if any, is the most that the coin itself takes beside it: it is held
// as an expense, of which the store gives back what was not taken.
func releaseEntries(r remit.Remittance, rail remit.Rail, amount, reserve remit.Money, leg int) ([]ledger.Entry, error) {
	q, own := r.Quote, ledger.Remittance(r.ID)
	var postings []ledger.Posting
	for _, fee := range q.Fees {
		if !fee.IncludedInRate && fee.Amount.IsPositive() {
			postings = append(postings, ledger.Posting{Debit: own, Credit: ledger.RevenueFees, Amount: fee.Amount})
		}
	}
	margin, err := q.Principal.Sub(q.CostOfSettlement)
	if err != nil {
		return nil, fmt.Errorf("margin of quote %s: %w", q.ID, err)
	}
	if margin.IsPositive() {
		postings = append(postings, ledger.Posting{Debit: own, Credit: ledger.RevenueFX, Amount: margin})
	}
	position := ledger.FX(q.CostOfSettlement.Asset, amount.Asset)
	postings = append(postings,
		ledger.Posting{Debit: own, Credit: position, Amount: q.CostOfSettlement},
		ledger.Posting{Debit: position, Credit: own, Amount: amount})

	held := []ledger.Posting{{Debit: ledger.InTransit(rail), Credit: ledger.Treasury(rail), Amount: amount}}
	if reserve.IsPositive() {
		held = append(held, ledger.Posting{Debit: ledger.TokenExpense, Credit: ledger.Treasury(rail), Amount: reserve})
	}
	hold := newEntry(r, fmt.Sprintf("hold/%d", leg), ledger.ActionHold, "reserve at the treasury for "+string(rail), held...)
	hold.Hold = holdID(r, leg)
	return []ledger.Entry{
		newEntry(r, releaseAct(leg), ledger.ActionPost, "fees, margin and conversion", postings...), hold,
	}, nil
}

// settledEntries books a payment that is final: the treasury paid it, the
// off-ramp has it, or it waits on chain to be claimed.
func settledEntries(r remit.Remittance, leg int, amount remit.Money, claim bool) []ledger.Entry {
	settle := newEntry(r, fmt.Sprintf("settle/%d", leg), ledger.ActionSettleHold, "payment final on "+string(r.Rail))
	settle.Hold = r.TreasuryHold
	to, what := ledger.Partner(r.Quote.PayoutProvider), "received by the off-ramp"
	switch {
	case claim:
		to, what = ledger.Claimable(r.Rail), "left on chain for the beneficiary's wallet to claim"
	case toWallet(r.Quote):
		what = "received by the beneficiary's wallet"
	}
	return []ledger.Entry{settle, newEntry(r, "delivered", ledger.ActionPost, what, ledger.Posting{
		Debit: to, Credit: ledger.InTransit(r.Rail), Amount: amount,
	})}
}

// unreleaseEntries undoes a release whose payment is known to have failed.
func unreleaseEntries(r remit.Remittance, leg int) []ledger.Entry {
	void := newEntry(r, fmt.Sprintf("void/%d", leg), ledger.ActionVoidHold, "payment failed, reservation ended")
	void.Hold = r.TreasuryHold
	return []ledger.Entry{void, reverseReleaseEntry(r, leg)}
}

// reverseReleaseEntry gives fees and conversion back to the remittance. After
// a final settlement it leaves the stablecoin with the off-ramp as our float.
func reverseReleaseEntry(r remit.Remittance, leg int) ledger.Entry {
	reverse := newEntry(r, fmt.Sprintf("unrelease/%d", leg), ledger.ActionReverse, "fees and conversion given back")
	reverse.Reverses = entryKey(r, releaseAct(leg))
	return reverse
}

// payoutEntry books the beneficiary's money: the off-ramp paid it out of what
// it had received.
func payoutEntry(r remit.Remittance, settled remit.Money) ledger.Entry {
	q, own := r.Quote, ledger.Remittance(r.ID)
	position := ledger.FX(settled.Asset, q.Target.Asset)
	return newEntry(r, "payout", ledger.ActionPost, "paid to the beneficiary by "+q.PayoutProvider,
		ledger.Posting{Debit: own, Credit: position, Amount: settled},
		ledger.Posting{Debit: position, Credit: own, Amount: q.Target},
		ledger.Posting{Debit: own, Credit: ledger.Partner(q.PayoutProvider), Amount: q.Target})
}

// settledPayout books the beneficiary's money where the payment on chain was the
// payout: what the wallets' account received is what the remittance owed, in the
// coin itself, so that the account is as it was before.
func settledPayout(r remit.Remittance, o settlement.Order) []ledger.Entry {
	return []ledger.Entry{newEntry(r, "payout", ledger.ActionPost, "paid to the beneficiary's wallet on "+string(o.Rail), ledger.Posting{
		Debit: ledger.Remittance(r.ID), Credit: ledger.Partner(remit.ProviderWallet), Amount: o.Amount,
	})}
}

// claimedEntries book that the wallet claimed what was left for it.
func claimedEntries(r remit.Remittance, o settlement.Order) []ledger.Entry {
	return []ledger.Entry{newEntry(r, "claimed", ledger.ActionPost, "claimed by the beneficiary's wallet", ledger.Posting{
		Debit: ledger.Partner(remit.ProviderWallet), Credit: ledger.Claimable(o.Rail), Amount: o.Amount,
	})}
}

// reclaimedEntries book that the treasury took back what nobody had claimed, and
// give fees and conversion back to the remittance.
func reclaimedEntries(r remit.Remittance, o settlement.Order) []ledger.Entry {
	return []ledger.Entry{newEntry(r, "reclaimed", ledger.ActionPost, "not claimed, taken back by the treasury", ledger.Posting{
		Debit: ledger.Treasury(o.Rail), Credit: ledger.Claimable(o.Rail), Amount: o.Amount,
	}), reverseReleaseEntry(r, o.Leg)}
}

// refundEntry books money that went back the way it came.
func refundEntry(r remit.Remittance, provider string, amount remit.Money) ledger.Entry {
	return newEntry(r, "refund", ledger.ActionPost, "returned to the originator", ledger.Posting{
		Debit: ledger.Remittance(r.ID), Credit: ledger.OnRamp(provider), Amount: amount,
	})
}

// balanceRefundEntry gives the money back to the tenant's prefunded balance.
func balanceRefundEntry(r remit.Remittance) ledger.Entry {
	return newEntry(r, "refund", ledger.ActionPost, "returned to the prefunded balance", ledger.Posting{
		Debit: ledger.Remittance(r.ID), Credit: ledger.Tenant(r.TenantID), Amount: r.Quote.SourceTotal,
	})
}

// blockedEntry moves the originator's money to the blocked account.
func blockedEntry(r remit.Remittance) ledger.Entry {
	return newEntry(r, "block", ledger.ActionPost, "blocked by law", ledger.Posting{
		Debit: ledger.Remittance(r.ID), Credit: ledger.Blocked, Amount: r.Quote.SourceTotal,
	})
}

// unblockedEntry gives blocked money back to the remittance.
func unblockedEntry(r remit.Remittance) ledger.Entry {
	reverse := newEntry(r, "unblock", ledger.ActionReverse, "returned by licence")
	reverse.Reverses = entryKey(r, "block")
	return reverse
}
