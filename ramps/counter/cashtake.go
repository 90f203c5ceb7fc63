package counter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Take is cash as it was counted, if it was noted.
type Take struct {
	DepositID DepositID
	// Received is what the customer gave, Change what they got back; received
	// without change is the amount.
	Received, Change *Count
}

func errDepositExpired() error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonDepositExpired, "the price held until its time was up; take no cash and quote again")
}

// errNotNow says nothing of why: whoever is told must not learn more.
func errNotNow(a Agent) error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonDepositNotNow, "this cannot be taken now; take no cash, try later or call %s", orElse(a.Phone, "the support line"))
}

// open refuses a deposit whose cash is not taken any more.
func (d Deposit) open(now time.Time) error {
	switch {
	case d.State == DepositTaken:
		return remit.Errorf(remit.KindConflict, remit.ReasonDepositTaken, "another counter took this cash already; take none and give back what you were given")
	case d.State == DepositCanceled:
		return remit.Errorf(remit.KindPrecondition, remit.ReasonDepositCanceled, "this was canceled; take no cash")
	case d.State == DepositExpired || d.overdue(now):
		return errDepositExpired()
	}
	return nil
}

// TakeDeposit records that the cash was counted and taken: one transaction puts
// it into the drawer, accrues the commission, numbers the receipt and answers
// the pay-in order, which wakes the remittance. Any teller of the outlet may.
// The same again answers the same. Errors: precondition with ReasonDepositNotNow
// for whatever stops the remittance, ReasonDepositExpired, ReasonDepositCanceled,
// ReasonApprovalNeeded, ReasonCounterLimit, ReasonDrawerNotOpen; conflict with
// ReasonDepositTaken; invalid with ReasonCountMismatch; those of a caller who may
// not work.
func (s *Service) TakeDeposit(ctx context.Context, c Caller, in Take) (Deposit, error) {
	var d Deposit
	var refusal error
	fresh := false
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		fresh, refusal = false, nil
		at, err := s.stand(ctx, tx, c)
		// What was taken is told even to somebody who may not work any more.
		if before, readErr := tx.Deposit(ctx, in.DepositID); readErr == nil && before.TenantID == c.TenantID &&
			before.State == DepositTaken && before.TakenBy == c.TellerID {
			d = before
			return nil
		}
		if err == nil {
			err = at.outletOnly()
		}
		if err != nil {
			return err
		}
		if d, err = at.ofOutlet(ctx, tx, c.TenantID, in.DepositID); err != nil {
			return err
		}
		d, refusal, err = s.take(ctx, tx, at, d, in)
		fresh = err == nil && refusal == nil
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Deposit{}, err
	}
	if fresh {
		s.metrics.deposits.Inc()
		s.tell(ctx, c, "deposit.take", string(d.ID), "", map[string]string{"receipt": d.Receipt, "amount": d.Amount.String()})
	}
	if fresh && d.OverMaximum {
		s.metrics.fullDrawer.Inc()
		s.log.WarnContext(ctx, "drawer holds more than it should", "outlet_id", d.OutletID, "teller_id", d.TakenBy, "currency", d.Amount.Asset.Code)
	}
	return d, nil
}

// take decides and writes all that taking the cash is. A refusal that is no
// error changed what a manager must approve, which is to be kept.
func (s *Service) take(ctx context.Context, tx Tx, at stand, d Deposit, in Take) (after Deposit, refusal, err error) {
	now := tx.Now()
	if err := d.open(now); err != nil {
		return d, nil, err
	}
	if err := counted(d.Amount, in); err != nil {
		return d, nil, err
	}
	order, payable, err := tx.Funding(ctx, d)
	if err != nil {
		return d, nil, err
	}
	if !payable || d.State != DepositWaiting || order.Amount != d.Amount {
		return d, nil, errNotNow(at.agent)
	}
	if _, err := at.openDrawer(ctx, tx); err != nil {
		return d, nil, err
	}
	needs, err := at.cashInLimits(ctx, tx, d.Amount)
	if err != nil {
		return d, nil, err
	}
	needed := remit.Errorf(remit.KindPrecondition, remit.ReasonApprovalNeeded, "a manager must approve this first; take no cash yet")
	for _, n := range needs {
		if !slices.Contains(d.Needs, n) {
			// The day's limit was used up meanwhile, or another teller takes it.
			d.Needs, d.ApprovedBy, refusal = append(slices.Clone(d.Needs), n), "", needed
		}
	}
	if refusal != nil {
		return d, refusal, tx.PutDeposit(ctx, d)
	}
	if !d.approved() {
		return d, nil, needed
	}
	if d.ApprovedBy == at.teller.ID {
		return d, nil, remit.Errorf(remit.KindForbidden, remit.ReasonSecondPerson, "another person must take it; nobody approves their own doing")
	}
	d, err = at.taken(ctx, tx, d, in)
	if err != nil {
		return d, nil, err
	}
	return d, nil, tx.Answer(ctx, d.OrderID, ramps.Answer{Status: ramps.StatusSucceeded, ProviderReference: d.Receipt, Received: d.Amount})
}

// counted refuses cash that does not add up to the amount.
func counted(amount remit.Money, in Take) error {
	mismatch := func(field string) error {
		return remit.Invalid(field, remit.ReasonCountMismatch, "what was received less the change is not %s; count again", amount)
	}
	if in.Received == nil {
		if in.Change != nil && in.Change.Total.Minor != 0 {
			return mismatch("received")
		}
		return nil
	}
	kept := in.Received.Total
	for _, n := range []*Count{in.Received, in.Change} {
		if n == nil {
			continue
		}
		if n.Total.Asset != amount.Asset {
			return mismatch("received")
		}
		if err := n.validate(); err != nil {
			return err
		}
	}
	if in.Change != nil {
		kept.Minor -= in.Change.Total.Minor
	}
	if kept != amount {
		return mismatch("change")
	}
	return nil
}

// taken numbers the receipt, moves the cash, accrues the commission and counts
// against the limits.
func (st stand) taken(ctx context.Context, tx Tx, d Deposit, in Take) (Deposit, error) {
	now := tx.Now()
	day, currency := st.outlet.Hours.Day(now), d.Amount.Asset.Code
	st.outlet.Receipts++
	if err := tx.PutOutlet(ctx, st.outlet); err != nil {
		return d, err
	}
	d.State, d.TakenAt, d.TakenDay, d.TakenBy, d.DrawerID = DepositTaken, now, day, st.teller.ID, st.teller.Drawer
	d.Received, d.Change = in.Received, in.Change
	d.Receipt = fmt.Sprintf("%s-%06d", st.outlet.ID[len(st.outlet.ID)-6:], st.outlet.Receipts)
	d.Commission = st.agent.CashInCommissions[currency].of(d.Amount)
	m := Movement{
		Key: "counter/" + string(d.ID) + "/taken", Kind: MoveCashIn, TenantID: d.TenantID, AgentID: st.agent.ID, OutletID: st.outlet.ID,
		TellerID: st.teller.ID, DrawerID: st.teller.Drawer, DepositID: d.ID, RemittanceID: d.RemittanceID, Amount: d.Amount, At: now,
	}
	if err := tx.Move(ctx, m); err != nil {
		return d, err
	}
	if err := st.earn(ctx, tx, m, "counter/"+string(d.ID)+"/commission", d.Commission); err != nil {
		return d, err
	}
	for _, key := range []string{cashInKey(st.teller.ID, day, currency), cashInKey(st.outlet.ID, day, currency)} {
		if err := use(ctx, tx, key, d.Amount.Minor); err != nil {
			return d, err
		}
	}
	if most := st.outlet.DrawerMaximum[currency]; most > 0 {
		cash, err := tx.Cash(ctx, st.teller.ID, d.Amount.Asset)
		if err != nil {
			return d, err
		}
		d.OverMaximum = cash.Minor > most
	}
	return d, tx.PutDeposit(ctx, d)
}

// cashInKey names what a teller or outlet took in in a day.
func cashInKey[T ~string](who T, day, currency string) string {
	return "in/" + usageKey(who, day, currency)
}

// cashInLimits are limits of cash that is taken in: the same as of payouts, and
// counted apart from them.
func (st stand) cashInLimits(ctx context.Context, tx Tx, amount remit.Money) ([]Approval, error) {
	day, currency := st.outlet.Hours.Day(tx.Now()), amount.Asset.Code
	return st.within(ctx, tx, amount, cashInKey(st.outlet.ID, day, currency), cashInKey(st.teller.ID, day, currency))
}

// use counts against a limit.
func use(ctx context.Context, tx Tx, key string, minor int64) error {
	used, err := tx.Usage(ctx, key)
	if err != nil {
		return err
	}
	used.Minor, used.Count = used.Minor+minor, used.Count+1
	return tx.PutUsage(ctx, key, used)
}

// earn accrues a commission for a movement.
func (st stand) earn(ctx context.Context, tx Tx, of Movement, key string, commission remit.Money) error {
	if !commission.IsPositive() {
		return nil
	}
	of.Key, of.Kind, of.Amount, of.DrawerID = key, MoveCommission, commission, ""
	if err := tx.Move(ctx, of); err != nil {
		return err
	}
	return use(ctx, tx, owedKey(st.agent.ID, commission.Asset), commission.Minor)
}

// sweepDeposits ends the deposits whose time is up: their pay-in orders fail
// with ReasonFundingExpired.
func (s *Service) sweepDeposits(ctx context.Context) (ended int, failed error) {
	for {
		due, err := s.store.OverdueDeposits(ctx, s.clock.Now(), sweepPage)
		if err != nil {
			return ended, errors.Join(failed, fmt.Errorf("read overdue deposits: %w", err))
		}
		before := ended
		for _, d := range due {
			done := false
			err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
				done = false
				d, err := tx.Deposit(ctx, d.ID)
				if err != nil || !d.overdue(tx.Now()) {
					return err
				}
				d.State, d.Reason, done = DepositExpired, remit.ReasonFundingExpired, true
				if err := tx.PutDeposit(ctx, d); err != nil || d.OrderID == "" {
					return err
				}
				return tx.Answer(ctx, d.OrderID, expiredAnswer(d))
			})
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("end deposit %s: %w", d.ID, err))
			}
			if done && err == nil {
				ended++
			}
		}
		if len(due) < sweepPage || ended == before {
			return ended, failed
		}
	}
}

func expiredAnswer(d Deposit) ramps.Answer {
	return ramps.Answer{Status: ramps.StatusFailed, Reason: remit.ReasonFundingExpired, Fixer: ramps.FixerCaller, ProviderReference: string(d.ID)}
}
