package counter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Reserve is what a teller asks to pay.
type Reserve struct {
	// ID names the reservation; the same one again answers the same.
	ID       ReservationID
	PickupID PickupID
	// Code is asked for again: whoever reserves has it before them.
	Code     string
	Identity Identity
	// Photo is a photo of the document as it was sent, JPEG or PNG; see
	// uploads.Photos. The rules of the country say whether it is needed.
	Photo []byte
}

// Reserve holds a pickup for a teller who has the beneficiary and a document at
// the counter, for a few minutes. Until it is confirmed no cash may be handed
// over. Errors: as Find; invalid with what is wrong with the document, and with
// ReasonNameMismatch; precondition for limits and a drawer that is not open or
// does not hold enough.
func (s *Service) Reserve(ctx context.Context, c Caller, r Reserve) (Found, error) {
	code, err := ParseCode(r.Code)
	if err != nil {
		return Found{}, err
	}
	p, err := s.store.Pickup(ctx, c.TenantID, r.PickupID)
	if err != nil {
		return Found{}, fmt.Errorf("read pickup: %w", err)
	}
	hash := s.coder.Hash(code)
	right := hash == p.CodeHash
	var party remit.Party
	var version int64
	var sealed []byte
	var photo *Evidence
	var badPhoto *remit.FieldError
	if right {
		if party, version, err = s.store.Payee(ctx, p); err != nil {
			return Found{}, fmt.Errorf("read beneficiary: %w", err)
		}
		if sealed, err = s.store.SealIdentity(ctx, p, r.Identity); err != nil {
			return Found{}, fmt.Errorf("seal identity: %w", err)
		}
		if photo, badPhoto, err = s.takePhoto(ctx, p, r); err != nil {
			return Found{}, err
		}
	}
	var at stand
	var out outcome
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) (err error) {
		out = outcome{}
		if at, err = s.stand(ctx, tx, c); err != nil {
			return err
		}
		if err = at.outletOnly(); err != nil {
			return err
		}
		if !right {
			out, err = countTry(ctx, tx, c, at, hash, false)
			return err
		}
		if p, err = tx.Pickup(ctx, r.PickupID); err != nil {
			return err
		}
		if p.Reservation != nil && p.Reservation.ID == r.ID && p.Reservation.TellerID == at.teller.ID && (p.held(tx.Now()) || p.State == StatePaid) {
			return nil // The same again.
		}
		p, err = s.reserve(ctx, tx, at, p, reserveInput{Reserve: r, party: party, version: version, sealed: sealed, photo: photo, badPhoto: badPhoto})
		if err != nil {
			return err
		}
		return tx.PutPickup(ctx, p)
	})
	if err != nil {
		return Found{}, err
	}
	if s.alarm(ctx, c, at, out); out.refusal != nil {
		return Found{}, out.refusal
	}
	s.tell(ctx, c, "pickup.reserve", string(p.ID), "", map[string]string{"outlet": string(at.outlet.ID)})
	return s.found(ctx, c, p, party)
}

type reserveInput struct {
	Reserve
	party   remit.Party
	version int64
	sealed  []byte
	// photo is nil for none, badPhoto what is wrong with one.
	photo    *Evidence
	badPhoto *remit.FieldError
}

// check returns all that is wrong with the document and its photo.
func (s *Service) check(p Pickup, in reserveInput, today string) error {
	fields := s.identity.Check(p.Country, in.Identity, today, in.party.DateOfBirth)
	switch {
	case in.badPhoto != nil:
		fields = append(fields, *in.badPhoto)
	case in.photo == nil && s.identity.PhotoNeeded(p.Country, p.Amount):
		fields = append(fields, remit.FieldError{Field: "photo", Reason: remit.ReasonPhotoNeeded, Message: "take a photo of the document; this amount is not paid without one here"})
	}
	return remit.InvalidFields(fields)
}

// reserve decides and returns the pickup as reserved.
func (s *Service) reserve(ctx context.Context, tx Tx, at stand, p Pickup, in reserveInput) (Pickup, error) {
	now := tx.Now()
	_, version, payable, err := tx.Payout(ctx, p)
	if err != nil {
		return p, err
	}
	if err := at.mayPay(p, payable, now); err != nil {
		return p, err
	}
	if version != in.version {
		return p, errChanged()
	}
	if err := s.check(p, in, at.outlet.Hours.Day(now)); err != nil {
		return p, err
	}
	score := s.names(in.Identity.Name, in.party.Name())
	if score < nameDoubtful {
		return p, remit.Invalid("identity.name", remit.ReasonNameMismatch, "the name on the document is not the beneficiary's; pay nothing and call %s",
			orElse(at.agent.Phone, "the support line"))
	}
	drawer, err := at.openDrawer(ctx, tx)
	if err != nil {
		return p, err
	}
	needs, err := at.limits(ctx, tx, p.Amount)
	if err != nil {
		return p, err
	}
	if score < nameFits {
		needs = append(needs, ApprovalName)
	}
	if err := at.holdsCash(ctx, tx, p.Amount); err != nil {
		return p, err
	}
	if err := at.keep(ctx, tx, p.Photo, in.photo); err != nil {
		return p, err
	}
	p.State, p.Identity, p.Photo = StateReserved, in.sealed, in.photo
	p.Reservation = &Reservation{
		ID: in.ID, AgentID: at.agent.ID, OutletID: at.outlet.ID, TellerID: at.teller.ID, DrawerID: drawer.ID,
		At: now, Until: now.Add(s.reservation), PartyVersion: version, NameScore: score, Needs: needs,
	}
	return p, nil
}

func errChanged() error {
	return remit.Errorf(remit.KindConflict, remit.ReasonPickupChanged, "this payment changed meanwhile; look it up again")
}

// openDrawer returns the teller's open drawer.
func (st stand) openDrawer(ctx context.Context, tx Tx) (Drawer, error) {
	closed := remit.Errorf(remit.KindPrecondition, remit.ReasonDrawerNotOpen, "open your drawer first")
	if st.teller.Drawer == "" {
		return Drawer{}, closed
	}
	d, err := tx.Drawer(ctx, st.teller.Drawer)
	if err == nil && d.State != DrawerOpen {
		err = closed
	}
	return d, err
}

func (st stand) holdsCash(ctx context.Context, tx Tx, amount remit.Money) error {
	cash, err := tx.Cash(ctx, st.teller.ID, amount.Asset)
	if err == nil && cash.Minor < amount.Minor {
		err = errDrawerShort(amount)
	}
	return err
}

func errDrawerShort(amount remit.Money) error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonDrawerShort, "the drawer does not hold %s; take cash from the outlet's float first", amount)
}

// limits refuses what the outlet may not pay out and returns what a manager
// must approve because the teller may not pay it alone.
func (st stand) limits(ctx context.Context, tx Tx, amount remit.Money) ([]Approval, error) {
	currency, day := amount.Asset.Code, st.outlet.Hours.Day(tx.Now())
	return st.within(ctx, tx, amount, usageKey(st.outlet.ID, day, currency), usageKey(st.teller.ID, day, currency))
}

// within is limits, for what was used so far by the outlet and the teller.
func (st stand) within(ctx context.Context, tx Tx, amount remit.Money, outletKey, tellerKey string) ([]Approval, error) {
	currency := amount.Asset.Code
	ofOutlet, err := tx.Usage(ctx, outletKey)
	if err != nil {
		return nil, err
	}
	above := func(l Limit, used Usage) (payout, daily bool) {
		return l.PerPayout > 0 && amount.Minor > l.PerPayout, l.PerDay > 0 && amount.Minor > l.PerDay-used.Minor
	}
	payout, daily := above(st.outlet.Limits[currency], ofOutlet)
	if payout || daily {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonCounterLimit, "this is more than the outlet handles at a time or in a day; send the customer to a larger outlet")
	}
	own, err := tx.Usage(ctx, tellerKey)
	if err != nil {
		return nil, err
	}
	var needs []Approval
	payout, daily = above(st.teller.Limits[currency], own)
	if payout {
		needs = append(needs, ApprovalPayoutLimit)
	}
	if daily {
		needs = append(needs, ApprovalDayLimit)
	}
	return needs, nil
}

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
// many it ended. Deposits whose time is up end as well.
func (s *Service) Sweep(ctx context.Context) (ended int, err error) {
	deposits, err := s.sweepDeposits(ctx)
	if ended = deposits; err != nil {
		return ended, err
	}
	for {
		due, err := s.store.OverduePickups(ctx, s.clock.Now(), sweepPage)
		if err != nil {
			return ended, fmt.Errorf("read overdue pickups: %w", err)
		}
		before := ended
		for _, p := range due {
			done, err := s.expire(ctx, p.ID)
			if err != nil {
				return ended, fmt.Errorf("end pickup %s: %w", p.ID, err)
			}
			if done {
				ended++
			}
		}
		if len(due) < sweepPage || ended == before {
			s.metrics.expired.Add(float64(ended - deposits))
			return ended, nil
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
