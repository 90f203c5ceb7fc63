package sim_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// claimTime is for how long a wallet alone may claim what was left for it.
const claimTime = 2 * time.Hour

// claim is what a chain holds for a wallet.
type claim struct {
	id          string
	order       remit.OrderID
	destination string
	amount      int64
	made        time.Time
	// claims is when the wallet claims it, if it ever does.
	claims time.Time
	// ended is when, by whom and in which transaction it was taken.
	ended  time.Time
	status settlement.ClaimStatus
	hash   string
}

// leaves reports whether a payment is left to claim: the wallet cannot hold it yet.
func (c *chain) leaves(o settlement.Order) bool {
	if !o.Claimable {
		return false
	}
	if c.calm {
		return c.unready != ""
	}
	return c.dice.percent(90, "unready", o.ID)
}

// willClaim is when a wallet claims; the zero time for never. Some do just when
// the treasury may take it back.
func (c *chain) willClaim(id remit.OrderID) time.Time {
	now, most := c.closed, claimTime+30*time.Second
	switch {
	case c.calm && c.unready == "claims", !c.calm && c.dice.percent(35, "claims", id):
		return now.Add(time.Duration(1+c.dice.below(600, "claims after", id)) * time.Second)
	case c.calm && c.unready == "claims late", !c.calm && c.dice.percent(30, "claims late", id):
		return now.Add(most - time.Duration(c.dice.below(60, "claims late by", id))*time.Second)
	default:
		return time.Time{}
	}
}

// leave makes the claims of a transaction.
func (c *chain) leave(tx transaction, out *settlement.Outcome) {
	for _, p := range tx.Payments {
		if !p.Claim {
			continue
		}
		id := fmt.Sprintf("claim-%d-%s", tx.Serial, p.Order)
		c.claims[id] = &claim{
			id: id, order: p.Order, destination: p.Destination, amount: p.Amount, made: c.closed, claims: c.willClaim(p.Order), status: settlement.ClaimOpen,
		}
		if out.Claims == nil {
			out.Claims = make(map[remit.OrderID]settlement.Claim)
		}
		out.Claims[p.Order] = settlement.Claim{ID: id, Status: settlement.ClaimOpen, Since: c.closed, Until: c.closed.Add(claimTime)}
	}
}

// takeBack carries out a transaction that takes back a claim.
func (c *chain) takeBack(tx transaction) settlement.Outcome {
	failed := func(why remit.Reason) settlement.Outcome {
		return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "applied and failed", Failed: map[remit.OrderID]remit.Reason{tx.Payments[0].Order: why}}
	}
	held := c.claims[tx.Reclaims]
	switch {
	case held == nil || held.status != settlement.ClaimOpen:
		return failed(remit.ReasonClaimGone)
	case c.closed.Before(held.made.Add(claimTime)):
		c.wrong = append(c.wrong, fmt.Sprintf("claim %s is taken back too early", held.id))
		return failed(remit.ReasonSettlementFailed)
	case !c.calm && c.dice.percent(20, "cannot take back", tx.Serial):
		return failed(remit.ReasonRailUnavailable)
	case held.amount != tx.Payments[0].Amount:
		c.wrong = append(c.wrong, fmt.Sprintf("claim %s of %d is taken back as %d", held.id, held.amount, tx.Payments[0].Amount))
	}
	held.status, held.ended, held.hash = settlement.ClaimReclaimed, c.closed, fmt.Sprintf("%s-%d", c.name, tx.Serial)
	c.balance += held.amount
	return settlement.Outcome{Status: settlement.OutcomeSettled, Result: "applied"}
}

// letClaim lets wallets claim whose time has come.
func (c *chain) letClaim() {
	ids := make([]string, 0, len(c.claims))
	for id := range c.claims {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if h := c.claims[id]; h.status == settlement.ClaimOpen && !h.claims.IsZero() && !h.claims.After(c.closed) {
			h.status, h.ended, h.hash = settlement.ClaimClaimed, c.closed, "by-the-wallet-"+id
		}
	}
}

// LookupClaim asks what became of a claim. Like any answer it may not come.
func (c *chain) LookupClaim(_ context.Context, o settlement.Order) settlement.ClaimOutcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.call("claim", o.Claim.ID)
	held := c.claims[o.Claim.ID]
	switch {
	case c.down || !c.calm && c.dice.percent(20, call...):
		return settlement.ClaimOutcome{Result: "no answer"}
	case held == nil:
		c.wrong = append(c.wrong, fmt.Sprintf("asked for claim %q, which is none", o.Claim.ID))
		return settlement.ClaimOutcome{}
	case held.status == settlement.ClaimOpen || !c.closed.After(held.ended):
		return settlement.ClaimOutcome{Status: settlement.ClaimOpen}
	default:
		return settlement.ClaimOutcome{Status: held.status, Hash: held.hash}
	}
}

// checkClaims: what was left to claim is with the wallet of a remittance that is
// completed, or with the treasury of one that is refunded, as the chain has it.
func (w *world) checkClaims(r remit.Remittance, orders []settlement.Order) (wrong []string) {
	for _, o := range orders {
		if o.Claim.ID == "" || o.Reclaims != "" {
			continue
		}
		for _, c := range w.chains {
			held, ok := c.claims[o.Claim.ID]
			if !ok {
				continue
			}
			if held.order != o.ID || held.status != o.Claim.Status || held.status == settlement.ClaimOpen {
				wrong = append(wrong, fmt.Sprintf("the chain has claim %+v, the store %+v", held, o.Claim))
			}
			if (held.status == settlement.ClaimClaimed) != (r.State == remit.StateCompleted) || (held.status == settlement.ClaimReclaimed) != (r.Reason == remit.ReasonNotClaimed) {
				wrong = append(wrong, fmt.Sprintf("what was left to claim is %s", held.status))
			}
			w.claims[held.status]++
		}
	}
	return wrong
}
