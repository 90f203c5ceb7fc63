package counter

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
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
