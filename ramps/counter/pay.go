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

// reserved returns a pickup whose reservation is the one named and holds.
func reserved(ctx context.Context, tx Tx, tenant remit.TenantID, id PickupID, reservation ReservationID) (Pickup, error) {
	p, err := tx.Pickup(ctx, id)
	switch {
	case err != nil:
		return p, err
	case p.TenantID != tenant:
		return p, remit.NotFound("pickup", string(id))
	case p.State == StatePaid && p.Reservation.ID != reservation:
		return p, remit.Errorf(remit.KindConflict, remit.ReasonPickupPaid, "this payment was paid already; give no cash")
	case p.State == StatePaid || p.State == StateCanceled:
		return p, nil
	case !p.held(tx.Now()) || p.Reservation.ID != reservation:
		return p, remit.Errorf(remit.KindConflict, remit.ReasonReservationLapsed, "this reservation ended; nothing was paid: look the payment up and reserve it again")
	}
	return p, nil
}

// Approve is a manager's word for what the teller may not do alone. Errors:
// forbidden for who is no manager of the outlet, or the teller; as Confirm.
func (s *Service) Approve(ctx context.Context, c Caller, id PickupID, reservation ReservationID) (Pickup, error) {
	var p Pickup
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err != nil {
			return err
		}
		if p, err = reserved(ctx, tx, c.TenantID, id, reservation); err != nil {
			return err
		}
		if p.State == StateCanceled {
			return errNotPayable(at.agent)
		}
		if err := at.manages(p.Reservation.AgentID, p.Reservation.OutletID, p.Reservation.TellerID); err != nil {
			return err
		}
		if p.State.Final() || p.Reservation.approved() {
			return nil
		}
		r := *p.Reservation
		r.ApprovedBy = at.teller.ID
		p.Reservation = &r
		return tx.PutPickup(ctx, p)
	})
	if err != nil {
		return Pickup{}, err
	}
	s.tell(ctx, c, "pickup.approve", string(id), "", map[string]string{"reservation": string(reservation)})
	return p, nil
}

// Confirm pays a reserved pickup: one transaction marks it paid, takes the cash
// out of the drawer, accrues the commission and answers the payout order. Only
// when it has answered is the cash handed over. The same again answers the
// same. Errors: conflict with ReasonPickupPaid, ReasonReservationLapsed or
// ReasonPickupChanged; precondition with ReasonPickupNotPayable,
// ReasonApprovalNeeded, ReasonDrawerShort; those of a caller who may not work.
// A reservation that can never be confirmed any more is given up.
func (s *Service) Confirm(ctx context.Context, c Caller, id PickupID, reservation ReservationID) (Pickup, error) {
	return s.ConfirmSigned(ctx, c, Confirmation{PickupID: id, ReservationID: reservation})
}

// ConfirmSigned is Confirm with the beneficiary's signature. Errors: as
// Confirm; invalid with ReasonProofNeeded where the counter takes another or
// wants one, and with ReasonSignatureInvalid.
func (s *Service) ConfirmSigned(ctx context.Context, c Caller, in Confirmation) (Pickup, error) {
	id, reservation := in.PickupID, in.ReservationID
	signed, err := s.sign(ctx, c, in)
	if err != nil {
		return Pickup{}, err
	}
	var p Pickup
	var lapsed error
	fresh := false
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		fresh, lapsed = false, nil
		at, err := s.stand(ctx, tx, c)
		// Who reserved in time may end it a few minutes after closing.
		err = unless(err, remit.ReasonOutletClosed, remit.ReasonOutsideHours)
		// What was paid is told even to somebody who may not pay any more.
		if paid, again := paidBefore(ctx, tx, c, id, reservation); again {
			p = paid
			return nil
		}
		if err != nil {
			return err
		}
		if p, err = reserved(ctx, tx, c.TenantID, id, reservation); err != nil {
			return err
		}
		held := p
		if p, err = s.pay(ctx, tx, at, held, signed); remit.ReasonOf(err) == remit.ReasonPickupChanged || remit.ReasonOf(err) == remit.ReasonReservationLapsed {
			lapsed = err
			if err := at.keep(ctx, tx, held.Photo, nil); err != nil {
				return err
			}
			return tx.PutPickup(ctx, held.givenUp(tx.Now()))
		}
		fresh = true
		return err
	})
	if err == nil {
		err = lapsed
	}
	if err != nil {
		return Pickup{}, err
	}
	if fresh {
		s.metrics.payouts.Inc()
		s.tell(ctx, c, "pickup.pay", string(id), "", map[string]string{"receipt": p.Receipt, "amount": p.Amount.String(), "proof": string(in.Proof)})
	}
	return p, nil
}

// givenUp is a pickup whose reservation ended. Who held it still sees that.
func (p Pickup) givenUp(now time.Time) Pickup {
	r := *p.Reservation
	r.Until = now
	p.State, p.Reservation, p.Identity, p.Photo = StateWaiting, &r, nil, nil
	return p
}

// paidBefore returns a pickup that this reservation of this teller paid.
func paidBefore(ctx context.Context, tx Tx, c Caller, id PickupID, reservation ReservationID) (Pickup, bool) {
	p, err := tx.Pickup(ctx, id)
	again := err == nil && p.TenantID == c.TenantID && p.State == StatePaid && p.Reservation.ID == reservation && p.Reservation.TellerID == c.TellerID
	return p, again
}

// pay decides and writes all that paying is.
func (s *Service) pay(ctx context.Context, tx Tx, at stand, p Pickup, signed *Signed) (Pickup, error) {
	now := tx.Now()
	_, version, payable, err := tx.Payout(ctx, p)
	if err != nil {
		return p, err
	}
	if err := at.mayPay(p, payable, now); err != nil {
		return p, err
	}
	needs, err := at.limits(ctx, tx, p.Amount)
	if err != nil {
		return p, err
	}
	r := p.Reservation
	grown := slices.ContainsFunc(needs, func(n Approval) bool { return !slices.Contains(r.Needs, n) })
	switch {
	case version != r.PartyVersion:
		return p, errChanged()
	case !r.approved():
		return p, remit.Errorf(remit.KindPrecondition, remit.ReasonApprovalNeeded, "a manager must approve this payout first")
	case grown:
		return p, remit.Errorf(remit.KindConflict, remit.ReasonReservationLapsed, "the limits of the day are used up meanwhile; reserve again and ask a manager")
	case at.teller.Drawer != r.DrawerID:
		return p, remit.Errorf(remit.KindConflict, remit.ReasonReservationLapsed, "the drawer was closed meanwhile; reserve again")
	}
	if _, err := at.openDrawer(ctx, tx); err != nil {
		return p, err
	}
	if err := at.holdsCash(ctx, tx, p.Amount); err != nil {
		return p, err
	}
	if err := s.signed(ctx, tx, at, p, signed); err != nil {
		return p, err
	}
	p.Signed = signed
	day := at.outlet.Hours.Day(now)
	at.outlet.Receipts++
	if err := tx.PutOutlet(ctx, at.outlet); err != nil {
		return p, err
	}
	p.State, p.PaidAt, p.PaidDay = StatePaid, now, day
	p.Receipt = fmt.Sprintf("%s-%06d", at.outlet.ID[len(at.outlet.ID)-6:], at.outlet.Receipts)
	if !p.Refund {
		p.Commission = at.agent.Commissions[p.Amount.Asset.Code].of(p.Amount)
	}
	if err := tx.PutPickup(ctx, p); err != nil {
		return p, err
	}
	if err := at.book(ctx, tx, p, day, now); err != nil {
		return p, err
	}
	return p, tx.Answer(ctx, p.OrderID, ramps.Answer{Status: ramps.StatusSucceeded, ProviderReference: p.Receipt})
}

// book moves the cash, accrues the commission and counts against the limits.
func (st stand) book(ctx context.Context, tx Tx, p Pickup, day string, now time.Time) error {
	m := Movement{
		Key: "counter/" + string(p.ID) + "/paid", Kind: MovePayout, TenantID: p.TenantID, AgentID: st.agent.ID, OutletID: st.outlet.ID,
		TellerID: st.teller.ID, DrawerID: st.teller.Drawer, PickupID: p.ID, RemittanceID: p.RemittanceID, Amount: p.Amount, At: now,
	}
	if p.Refund {
		m.Kind = MoveRefund
	}
	if err := tx.Move(ctx, m); err != nil {
		return shortOf(err, errDrawerShort(p.Amount))
	}
	if err := st.earn(ctx, tx, m, "counter/"+string(p.ID)+"/commission", p.Commission); err != nil {
		return err
	}
	for _, key := range []string{usageKey(st.teller.ID, day, p.Amount.Asset.Code), usageKey(st.outlet.ID, day, p.Amount.Asset.Code)} {
		if err := use(ctx, tx, key, p.Amount.Minor); err != nil {
			return err
		}
	}
	return nil
}

// shortOf words the ledger's refusal for people at a counter.
func shortOf(err, short error) error {
	if remit.ReasonOf(err) == remit.ReasonInsufficientFunds {
		return short
	}
	return err
}

// Release gives a reservation up: nothing was paid. The same again is no
// error. Errors: as Confirm.
func (s *Service) Release(ctx context.Context, c Caller, id PickupID, reservation ReservationID) (Pickup, error) {
	var p Pickup
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, afterHours...); err != nil {
			return err
		}
		if p, err = tx.Pickup(ctx, id); err != nil {
			return err
		}
		switch {
		case p.TenantID != c.TenantID:
			return remit.NotFound("pickup", string(id))
		case p.State == StatePaid:
			return remit.Errorf(remit.KindConflict, remit.ReasonPickupPaid, "this payment was paid already")
		case p.Reservation == nil || p.Reservation.ID != reservation || p.State != StateReserved:
			return nil
		case p.Reservation.TellerID != at.teller.ID && at.manages(p.Reservation.AgentID, p.Reservation.OutletID, p.Reservation.TellerID) != nil:
			return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "another teller holds this reservation")
		}
		if err := at.keep(ctx, tx, p.Photo, nil); err != nil {
			return err
		}
		p.State, p.Reservation, p.Identity, p.Photo = StateWaiting, nil, nil, nil
		return tx.PutPickup(ctx, p)
	})
	if err != nil {
		return Pickup{}, err
	}
	s.tell(ctx, c, "pickup.release", string(id), "", nil)
	return p, nil
}

// Pickup shows where a pickup stands to the teller who holds or held it, such as
// after a lost line. Errors: not_found for everybody else.
func (s *Service) Pickup(ctx context.Context, c Caller, id PickupID) (Found, error) {
	p, err := s.store.Pickup(ctx, c.TenantID, id)
	if err != nil {
		return Found{}, err
	}
	if p.Reservation == nil || p.Reservation.TellerID != c.TellerID {
		return Found{}, remit.NotFound("pickup", string(id))
	}
	party, _, err := s.store.Payee(ctx, p)
	if err != nil && remit.KindOf(err) != remit.KindPrecondition {
		return Found{}, fmt.Errorf("read beneficiary: %w", err)
	}
	return s.found(ctx, c, p, party)
}

// sweepPage is how many overdue pickups one sweep reads at a time.
const sweepPage = 200

// Sweep ends the pickups that nobody fetched in time: their payout orders fail
// with ReasonPickupExpired and the senders get their money back. It returns how
// many it ended. Deposits whose time is up end as well. One that cannot be ended
// keeps none of the others.
func (s *Service) Sweep(ctx context.Context) (ended int, err error) {
	deposits, failed := s.sweepDeposits(ctx)
	for {
		due, err := s.store.OverduePickups(ctx, s.clock.Now(), sweepPage)
		if err != nil {
			return deposits + ended, errors.Join(failed, fmt.Errorf("read overdue pickups: %w", err))
		}
		before := ended
		for _, p := range due {
			done, err := s.expire(ctx, p.ID)
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("end pickup %s: %w", p.ID, err))
			}
			if done && err == nil {
				ended++
			}
		}
		if len(due) < sweepPage || ended == before {
			s.metrics.expired.Add(float64(ended))
			return deposits + ended, failed
		}
	}
}

func (s *Service) expire(ctx context.Context, id PickupID) (done bool, err error) {
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		done = false
		p, err := tx.Pickup(ctx, id)
		if err != nil || !p.overdue(tx.Now()) {
			return err
		}
		p.State, done = StateExpired, true
		if err := tx.PutPickup(ctx, p); err != nil {
			return err
		}
		return tx.Answer(ctx, p.OrderID, ramps.Answer{
			Status: ramps.StatusFailed, Reason: remit.ReasonPickupExpired, Fixer: ramps.FixerCaller, ProviderReference: string(p.ID),
		})
	})
	return done, err
}

// Run sweeps every interval until ctx ends.
func (s *Service) Run(ctx context.Context, interval time.Duration) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweep of pickups", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
