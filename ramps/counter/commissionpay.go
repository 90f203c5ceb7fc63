package counter

import (
	"context"
	"strings"

	"github.com/openremit/remit"
)

// maxPaymentReference bounds, in bytes, how a payment says how it was made.
const maxPaymentReference = 140

// CommissionPayment is commission that the operator paid an agent.
type CommissionPayment struct {
	// Key names the payment: the same one again has no effect.
	Key     string
	AgentID AgentID
	// Amount is more than nothing and at most what is owed.
	Amount remit.Money
	// Reference is how it was paid, such as the bank's name of the transfer; it may
	// be empty.
	Reference string
}

// PayCommission books that an agent was paid commission. Errors: invalid for
// nothing paid or a reference that is too long; not_found; forbidden with
// ReasonSecondPerson for who works for the agent; precondition with
// ReasonInsufficientFunds for more than is owed; conflict for the key of
// another payment.
func (s *Service) PayCommission(ctx context.Context, c Caller, p CommissionPayment) error {
	p.Reference = strings.TrimSpace(p.Reference)
	switch {
	case !p.Amount.IsPositive():
		return remit.Invalid("amount", remit.ReasonAmountNotPositive, "nothing cannot be paid")
	case len(p.Reference) > maxPaymentReference:
		return remit.Invalid("reference", remit.ReasonFieldInvalid, "say how it was paid in at most %d characters", maxPaymentReference)
	}
	employer, err := s.employer(ctx, c)
	if err != nil {
		return err
	}
	paid := false
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		a, err := tx.Agent(ctx, p.AgentID)
		if err == nil && a.TenantID != c.TenantID {
			err = remit.NotFound("agent", string(p.AgentID))
		}
		if err == nil {
			err = notOwn(employer, p.AgentID)
		}
		if err != nil {
			return err
		}
		paid, err = bookCommissionPaid(ctx, tx, a, p)
		return err
	})
	if err == nil && paid {
		s.tell(ctx, c, "commission.pay", string(p.AgentID), "", map[string]string{"amount": p.Amount.String()})
	}
	return err
}

// bookCommissionPaid books a payment; paid is false when it was booked before.
func bookCommissionPaid(ctx context.Context, tx Tx, a Agent, p CommissionPayment) (paid bool, err error) {
	owed, err := tx.Usage(ctx, owedKey(a.ID, p.Amount.Asset))
	if err != nil {
		return false, err
	}
	before, err := tx.Usage(ctx, "paid/"+p.Key)
	switch {
	case err != nil:
		return false, err
	case before.Count > 0 && before.Minor != p.Amount.Minor:
		return false, remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "another amount was paid under this key")
	case before.Count > 0:
		return false, nil
	case owed.Minor < p.Amount.Minor:
		return false, remit.Errorf(remit.KindPrecondition, remit.ReasonInsufficientFunds, "no more can be paid than the agent is owed, %s", remit.NewMoney(p.Amount.Asset, owed.Minor))
	}
	owed.Minor -= p.Amount.Minor
	if err := tx.PutUsage(ctx, owedKey(a.ID, p.Amount.Asset), owed); err != nil {
		return false, err
	}
	if err := tx.PutUsage(ctx, "paid/"+p.Key, Usage{Minor: p.Amount.Minor, Count: 1}); err != nil {
		return false, err
	}
	return true, tx.Move(ctx, Movement{
		Key: "counter/" + p.Key, Kind: MoveCommissionPaid, TenantID: a.TenantID, AgentID: a.ID, Amount: p.Amount, Reference: p.Reference, At: tx.Now(),
	})
}
