package counter

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// refundExpiry is how long cash that goes back to the originator waits. It is
// theirs: after it the workflow orders the refund anew.
const refundExpiry = 5 * 365 * 24 * time.Hour

// await makes the deposit of a pay-in order ready: from now on the cash may be
// taken. A pay-in that no teller began is refused, since nobody would take it.
func (p *Provider) await(ctx context.Context, o ramps.Order) ramps.Answer {
	return p.onDeposit(ctx, o, func(ctx context.Context, tx Tx, d Deposit) (Deposit, error) {
		if d.State != DepositBegun {
			return d, nil
		}
		d.OrderID = o.ID
		if d.State = DepositWaiting; !tx.Now().Before(d.ExpiresAt) {
			d.State, d.Reason = DepositExpired, remit.ReasonFundingExpired
		}
		return d, tx.PutDeposit(ctx, d)
	})
}

// withdraw ends a deposit whose cash was not taken.
func (p *Provider) withdraw(ctx context.Context, o ramps.Order) ramps.Answer {
	a := p.onDeposit(ctx, o, func(ctx context.Context, tx Tx, d Deposit) (Deposit, error) {
		if d.State.Final() {
			return d, nil
		}
		d.State, d.Reason, d.OrderID = DepositCanceled, remit.ReasonCanceledByCaller, o.ID
		return d, tx.PutDeposit(ctx, d)
	})
	if a.Status == ramps.StatusFailed && a.Reason == remit.ReasonMethodNotOffered {
		return ramps.Answer{Status: ramps.StatusCanceled} // Nobody began it, and nobody can any more.
	}
	return a
}

// lookupDeposit says what became of a pay-in order.
func (p *Provider) lookupDeposit(ctx context.Context, o ramps.Order) ramps.Answer {
	d, err := p.store.Deposit(ctx, o.TenantID, DepositOf(o.RemittanceID))
	switch {
	case remit.KindOf(err) == remit.KindNotFound, err == nil && d.State == DepositBegun:
		return ramps.Answer{Status: ramps.StatusQueued}
	case err != nil:
		return unknown(err)
	}
	return answerOfDeposit(d, o)
}

// onDeposit runs one act on the deposit of an order and answers where it then stands.
func (p *Provider) onDeposit(ctx context.Context, o ramps.Order, act func(context.Context, Tx, Deposit) (Deposit, error)) ramps.Answer {
	var after Deposit
	err := p.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		d, err := tx.Deposit(ctx, DepositOf(o.RemittanceID))
		if err != nil {
			return err
		}
		after, err = act(ctx, tx, d)
		return err
	})
	if remit.KindOf(err) == remit.KindNotFound {
		return ramps.Answer{Status: ramps.StatusFailed, Reason: remit.ReasonMethodNotOffered, Fixer: ramps.FixerCaller, Detail: "no counter began this deposit"}
	}
	if err != nil {
		return unknown(err)
	}
	return answerOfDeposit(after, o)
}

// answerOfDeposit is a deposit in the words of ramps.
func answerOfDeposit(d Deposit, o ramps.Order) ramps.Answer {
	if d.Amount != o.Amount || (d.OrderID != "" && d.OrderID != o.ID) {
		return ramps.Answer{Status: ramps.StatusUnknown, Fixer: ramps.FixerOperator, Detail: "the deposit is of another order"}
	}
	a := ramps.Answer{ProviderReference: orElse(d.Receipt, string(d.ID))}
	switch d.State {
	case DepositWaiting:
		a.Status = ramps.StatusAccepted
	case DepositTaken:
		a.Status, a.Received = ramps.StatusSucceeded, d.Amount
	case DepositCanceled:
		a.Status = ramps.StatusCanceled
	case DepositExpired:
		return expiredAnswer(d)
	case DepositBegun:
		a.Status = ramps.StatusUnknown
	default:
		a.Status = ramps.StatusUnknown
	}
	return a
}

// payBack makes the pickup by which the originator fetches the cash back, at the
// counters of the agent who took it.
func (p *Provider) payBack(ctx context.Context, o ramps.Order) ramps.Answer {
	return p.change(ctx, o, func(ctx context.Context, tx Tx, before Pickup, there bool) (Pickup, error) {
		if there {
			return before, nil
		}
		d, err := tx.Deposit(ctx, DepositOf(o.RemittanceID))
		if err != nil {
			return Pickup{}, fmt.Errorf("read the deposit that is refunded: %w", err)
		}
		if d.State != DepositTaken || d.TenantID != o.TenantID || o.Amount.Asset != d.Amount.Asset || o.Amount.Minor > d.Amount.Minor {
			return Pickup{}, remit.Invalid("amount", remit.ReasonFieldInvalid, "no such cash was taken")
		}
		made := blank(o, tx.Now())
		made.State, made.Reach, made.ExpiresAt = StateWaiting, Reach{AgentID: d.AgentID}, tx.Now().Add(refundExpiry)
		made.CodeHash = p.coder.Hash(p.coder.Code(RefundSeed(o.RemittanceID)))
		return made, tx.PutPickup(ctx, made)
	})
}
