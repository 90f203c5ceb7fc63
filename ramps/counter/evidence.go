package counter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/uploads"
)

// PhotoRule says when a photo of the document is needed. The zero value is
// PhotoOptional.
type PhotoRule string

// When a photo is needed.
const (
	PhotoOptional PhotoRule = "optional"
	// PhotoAbove: above an amount.
	PhotoAbove PhotoRule = "above"
	// PhotoAlways: never without.
	PhotoAlways PhotoRule = "always"
)

// Proof is how a beneficiary confirmed to have the cash. The zero value is not
// at all.
type Proof string

// The proofs.
const (
	// ProofDrawn: a signature drawn on the teller's screen.
	ProofDrawn Proof = "drawn"
	// ProofPaper: the pre-receipt signed on paper, which the outlet keeps.
	ProofPaper Proof = "paper"
)

// Valid reports whether it is one of the proofs.
func (p Proof) Valid() bool { return p == ProofDrawn || p == ProofPaper }

// EvidenceKind says what evidence is. The zero value is unspecified.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidencePhoto     EvidenceKind = "photo"
	EvidenceSignature EvidenceKind = "signature"
)

// Evidence is a photo of a document or a signature. It is personal data: what
// it shows is stored sealed with the beneficiary's data key only.
type Evidence struct {
	ID       EvidenceID     `json:"id"`
	TenantID remit.TenantID `json:"tenant_id"`
	PickupID PickupID       `json:"pickup_id"`
	Kind     EvidenceKind   `json:"kind"`
	// Size and SHA256, in hex, are of what it shows, unsealed.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// OutletID and TellerID are where and by whom it was taken; Day is the outlet's.
	OutletID OutletID  `json:"outlet_id"`
	TellerID TellerID  `json:"teller_id"`
	Day      string    `json:"day"`
	At       time.Time `json:"at"`
	// Sealed is what it shows, sealed; empty once it was dropped because the
	// payment was not made with it.
	Sealed []byte `json:"-"`
}

// Signed is a beneficiary's confirmation of a paid pickup.
type Signed struct {
	Proof Proof `json:"proof"`
	// Signature is of ProofDrawn.
	Signature *Evidence `json:"signature,omitempty"`
}

// photosAtOnce bounds how many photos are read at a time.
const photosAtOnce = 2

// takePhoto reads a photo and seals it. What is wrong with it is no error: it is
// told only to who may reserve, with all else that is wrong.
func (s *Service) takePhoto(ctx context.Context, p Pickup, r Reserve) (*Evidence, *remit.FieldError, error) {
	if len(r.Photo) == 0 {
		return nil, nil, nil
	}
	photo, err := s.photos.Read(ctx, r.Photo)
	reason := remit.ReasonAttachmentRefused
	switch {
	case errors.Is(err, uploads.ErrPhotoLarge):
		reason = remit.ReasonPhotoTooLarge
	case errors.Is(err, uploads.ErrPhotoSmall):
		reason = remit.ReasonPhotoTooSmall
	case errors.Is(err, uploads.ErrPhotoEmpty), errors.Is(err, uploads.ErrPhotoRefused):
	case err != nil:
		return nil, nil, fmt.Errorf("read photo: %w", err)
	}
	if err != nil {
		return nil, &remit.FieldError{Field: "photo", Reason: reason, Message: err.Error()}, nil
	}
	e, err := s.seal(ctx, p, EvidencePhoto, string(r.ID), photo.Content)
	return e, nil, err
}

// seal makes evidence of a pickup. The same reservation makes it under the same id.
func (s *Service) seal(ctx context.Context, p Pickup, kind EvidenceKind, seed string, content []byte) (*Evidence, error) {
	sum := sha256.Sum256(content)
	e := Evidence{
		TenantID: p.TenantID, PickupID: p.ID, Kind: kind, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]),
	}
	e.ID = remit.DeriveID[EvidenceID](PrefixEvidence, s.clock.Now(), string(p.ID)+"/"+seed+"/"+string(kind)+"/"+e.SHA256)
	var err error
	if e.Sealed, err = s.store.SealEvidence(ctx, p, e.ID, content); err != nil {
		return nil, fmt.Errorf("seal %s: %w", kind, err)
	}
	return &e, nil
}

// keep stores evidence that is taken now, and drops what it replaces.
func (st stand) keep(ctx context.Context, tx Tx, before, e *Evidence) error {
	if before != nil && (e == nil || before.ID != e.ID) {
		if err := tx.DropEvidence(ctx, before.ID); err != nil {
			return err
		}
	}
	if e == nil {
		return nil
	}
	e.OutletID, e.TellerID, e.At, e.Day = st.outlet.ID, st.teller.ID, tx.Now(), st.outlet.Hours.Day(tx.Now())
	return tx.PutEvidence(ctx, *e)
}

// Confirmation is what a teller confirms a reservation with.
type Confirmation struct {
	PickupID      PickupID
	ReservationID ReservationID
	// Proof is how the beneficiary confirmed; empty where none is needed.
	Proof Proof
	// Signature is what was drawn, of ProofDrawn; see ParseSignature.
	Signature string
}

// sign reads and seals what a confirmation is signed with. A payment that was
// made already is not signed again.
func (s *Service) sign(ctx context.Context, c Caller, in Confirmation) (*Signed, error) {
	switch {
	case in.Proof == "":
		return nil, nil
	case !in.Proof.Valid():
		return nil, remit.Invalid("proof", remit.ReasonProofNeeded, "the beneficiary confirms by drawn or paper")
	case in.Proof == ProofPaper:
		return &Signed{Proof: ProofPaper}, nil
	}
	p, err := s.store.Pickup(ctx, c.TenantID, in.PickupID)
	if err != nil {
		return nil, fmt.Errorf("read pickup: %w", err)
	}
	if p.State != StateReserved || p.Reservation == nil || p.Reservation.ID != in.ReservationID || p.Reservation.TellerID != c.TellerID {
		return &Signed{Proof: ProofDrawn}, nil // What comes next refuses it, or answers what was paid.
	}
	drawn, err := ParseSignature(in.Signature)
	if err != nil {
		return nil, err
	}
	e, err := s.seal(ctx, p, EvidenceSignature, string(in.ReservationID), []byte(drawn.String()))
	return &Signed{Proof: ProofDrawn, Signature: e}, err
}

// signed refuses a payment without a proof that the counter takes, and keeps
// the signature.
func (s *Service) signed(ctx context.Context, tx Tx, at stand, p Pickup, signed *Signed) error {
	accepted := s.identity.Proofs(p.Country, at.agent)
	switch {
	case signed == nil && len(accepted) == 0:
		return nil
	case signed == nil || len(accepted) > 0 && !slices.Contains(accepted, signed.Proof):
		return remit.Invalid("proof", remit.ReasonProofNeeded, "the beneficiary must sign before the cash is handed over: %v", accepted)
	case signed.Proof == ProofDrawn && signed.Signature == nil:
		return remit.Errorf(remit.KindConflict, remit.ReasonReservationLapsed, "the reservation changed meanwhile; look the payment up again")
	}
	return at.keep(ctx, tx, nil, signed.Signature)
}

// Evidence shows a photo or a signature of a pickup: to managers of the outlet
// where it was taken on that day, and, with officer, to compliance at any time.
// Every look is told to the audit trail. Errors: not_found where there is
// none; forbidden; precondition once the beneficiary was erased.
func (s *Service) Evidence(ctx context.Context, c Caller, officer bool, id PickupID, kind EvidenceKind) (Evidence, []byte, error) {
	e, content, err := s.evidence(ctx, c, officer, id, kind)
	if err != nil {
		return Evidence{}, nil, err
	}
	s.tell(ctx, c, "pickup.view_evidence", string(id), "", map[string]string{"kind": string(kind), "evidence": string(e.ID)})
	return e, content, nil
}

func (s *Service) evidence(ctx context.Context, c Caller, officer bool, id PickupID, kind EvidenceKind) (Evidence, []byte, error) {
	p, err := s.store.Pickup(ctx, c.TenantID, id)
	if err != nil {
		return Evidence{}, nil, err
	}
	taken := p.Photo
	if kind == EvidenceSignature {
		taken = nil
		if p.Signed != nil {
			taken = p.Signed.Signature
		}
	}
	if !officer {
		// Whether there is any is nobody else's business either.
		if err := s.mayLook(ctx, c, p, taken); err != nil {
			return Evidence{}, nil, err
		}
	}
	if taken == nil {
		return Evidence{}, nil, remit.NotFound(string(kind), string(id))
	}
	e, err := s.store.Evidence(ctx, c.TenantID, taken.ID)
	if err != nil {
		return Evidence{}, nil, err
	}
	content, err := s.store.OpenEvidence(ctx, p, e)
	if err != nil {
		return Evidence{}, nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != e.SHA256 || e.SHA256 != taken.SHA256 {
		return Evidence{}, nil, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "%s %s is not what was taken", kind, e.ID)
	}
	return e, content, nil
}

// mayLook refuses who is no manager of the outlet, on the day.
func (s *Service) mayLook(ctx context.Context, c Caller, p Pickup, taken *Evidence) error {
	refused := remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only the outlet's manager on the same day, and compliance, look at this")
	t, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return err
	}
	if t.Role != RoleManager || t.Suspended || p.Reservation == nil || t.OutletID != p.Reservation.OutletID {
		return refused
	}
	o, err := s.store.Outlet(ctx, c.TenantID, t.OutletID)
	if err != nil {
		return err
	}
	a, err := s.store.Agent(ctx, c.TenantID, t.AgentID)
	if err != nil {
		return err
	}
	if o.Suspended || a.Suspended || taken != nil && (taken.OutletID != o.ID || taken.Day != o.Hours.Day(s.clock.Now())) {
		return refused
	}
	return nil
}
