package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// StaffOptions says how people sign in.
type StaffOptions struct {
	// Issuer is the name that authenticator apps show; "Remit" when empty.
	Issuer string
	// Origin is where the pages are, such as https://desk.example.com: passkeys
	// are bound to its host. Without it there are no passkeys.
	Origin string
	// OIDC signs people in at the company's identity provider; none when empty.
	OIDC OIDCOptions
	// PasswordCost is what hashing a password takes; compliance.DefaultPasswordCost
	// when zero.
	PasswordCost compliance.PasswordCost
}

// staffService answers v1.StaffService.
type staffService struct {
	v1.UnimplementedStaffServiceServer
	*Server
	guard    *signInGuard
	issuer   string
	passkeys *webauthn.WebAuthn
	provider *identityProvider
}

func newStaffService(s *Server, o StaffOptions) (*staffService, error) {
	issuer := o.Issuer
	if issuer == "" {
		issuer = "Remit"
	}
	passkeys, err := newPasskeys(o.Origin, issuer)
	if err != nil {
		return nil, err
	}
	provider, err := newIdentityProvider(o.OIDC, s.clock)
	if err != nil {
		return nil, err
	}
	return &staffService{Server: s, guard: newSignInGuard(o.PasswordCost), issuer: issuer, passkeys: passkeys, provider: provider}, nil
}

// ListStaff returns the tenant's people, by name.
func (s *staffService) ListStaff(ctx context.Context, req *v1.ListStaffRequest) (*v1.ListStaffResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	list, err := s.store.Staff(ctx, callOf(ctx).caller.TenantID)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	resp := &v1.ListStaffResponse{}
	for _, one := range list {
		resp.Staff = append(resp.Staff, s.staffMessage(one))
	}
	return resp, nil
}

// CreateStaff adds a person with the password of a first sign-in.
func (s *staffService) CreateStaff(ctx context.Context, req *v1.CreateStaffRequest) (*v1.CreateStaffResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	id, _, err := derivedID[remit.StaffID](ctx, remit.PrefixStaff)
	if err != nil {
		return nil, err
	}
	password := compliance.NewOneTimePassword()
	hash, err := s.guard.hash(ctx, password)
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	staff, err := s.store.CreateStaff(ctx, NewStaff{
		ID: id, TenantID: callOf(ctx).caller.TenantID, Name: req.GetName(), Email: req.GetEmail(), Role: compliance.Role(req.GetRole()),
		PasswordHash: hash, MustChangePassword: true,
	})
	if err != nil {
		return nil, fmt.Errorf("add staff: %w", err)
	}
	return &v1.CreateStaffResponse{Staff: s.staffMessage(staff), OneTimePassword: password}, nil
}

// UpdateStaff changes a person's role, or suspends them.
func (s *staffService) UpdateStaff(ctx context.Context, req *v1.UpdateStaffRequest) (*v1.UpdateStaffResponse, error) {
	c := s.check(req)
	id := checkID[remit.StaffID](c, remit.PrefixStaff, "id", req.GetId())
	if req.GetRole() == "" && req.Suspended == nil {
		c.add("role", remit.ReasonFieldRequired, "nothing is to be changed; write role or suspended")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := notOneself(ctx, id); err != nil {
		return nil, err
	}
	change := StaffChange{Suspended: req.Suspended}
	if role := compliance.Role(req.GetRole()); role != "" {
		change.Role = &role
	}
	staff, err := s.store.ChangeStaff(ctx, callOf(ctx).caller.TenantID, id, change)
	if err != nil {
		return nil, fmt.Errorf("change staff: %w", err)
	}
	return &v1.UpdateStaffResponse{Staff: s.staffMessage(staff)}, nil
}

// ResetStaff takes a person's second factors and sessions away.
func (s *staffService) ResetStaff(ctx context.Context, req *v1.ResetStaffRequest) (*v1.ResetStaffResponse, error) {
	c := s.check(req)
	id := checkID[remit.StaffID](c, remit.PrefixStaff, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := notOneself(ctx, id); err != nil {
		return nil, err
	}
	password := compliance.NewOneTimePassword()
	hash, err := s.guard.hash(ctx, password)
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	staff, err := s.store.ResetStaff(ctx, callOf(ctx).caller.TenantID, id, hash)
	if err != nil {
		return nil, fmt.Errorf("reset staff: %w", err)
	}
	return &v1.ResetStaffResponse{Staff: s.staffMessage(staff), OneTimePassword: password}, nil
}

// notOneself refuses to change or reset one's own account. Errors: forbidden.
func notOneself(ctx context.Context, id remit.StaffID) error {
	if callOf(ctx).caller.StaffID == id {
		return remit.Errorf(remit.KindForbidden, remit.ReasonOwnAccount, "nobody changes or resets their own account; ask another MLRO")
	}
	return nil
}

func (s *Server) staffMessage(p compliance.Staff) *v1.Staff {
	m := &v1.Staff{
		Id: string(p.ID), Name: p.Name, Email: p.Email, Role: string(p.Role), Suspended: p.Suspended, HasTotp: p.HasTOTP,
		CreatedAt: timeMessage(p.CreatedAt), LastSignInAt: timeMessage(p.LastSignInAt),
	}
	if p.LockedUntil.After(s.clock.Now()) {
		m.LockedUntil = timeMessage(p.LockedUntil)
	}
	for _, k := range p.Passkeys {
		m.Passkeys = append(m.Passkeys, &v1.Passkey{
			Id: k.ID, Name: k.Name, CreatedAt: timeMessage(k.CreatedAt), LastUsedAt: timeMessage(k.LastUsedAt),
		})
	}
	return m
}

// sessionMessage is a session on the wire, of a person read whole.
func (s *Server) sessionMessage(x compliance.Session, person compliance.Staff) *v1.Session {
	m := &v1.Session{
		Staff: s.staffMessage(person), TenantName: x.TenantName, SignedInAt: timeMessage(x.StartedAt), ExpiresAt: timeMessage(x.ExpiresAt),
		MustChangePassword: x.Staff.MustChangePassword,
	}
	// What everybody may do goes without saying.
	everybody := []compliance.Permission{compliance.PermitSession, compliance.PermitRead}
	for _, p := range x.Permissions() {
		if !slices.Contains(everybody, p) {
			m.Permissions = append(m.Permissions, string(p))
		}
	}
	return m
}
