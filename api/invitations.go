package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// invitationPrefix starts the tokens of invitations, invitationLife is how long
// one holds.
const (
	invitationPrefix = "inv_"
	invitationLife   = compliance.OneTimePasswordLife
)

// Invitation lets a person join an agent, once.
type Invitation struct {
	// Hash is the SHA-256 of the token.
	Hash      [32]byte
	TenantID  remit.TenantID
	TellerID  string
	StaffID   remit.StaffID
	CreatedAt time.Time
	ExpiresAt time.Time
	// UsedAt and RevokedAt are zero for not.
	UsedAt    time.Time
	RevokedAt time.Time
}

// state is open, used, revoked or expired.
func (n Invitation) state(now time.Time) string {
	switch {
	case !n.UsedAt.IsZero():
		return "used"
	case !n.RevokedAt.IsZero():
		return "revoked"
	case !now.Before(n.ExpiresAt):
		return "expired"
	default:
		return "open"
	}
}

// Joining is how a person takes an invitation.
type Joining struct {
	Invitation   [32]byte
	PasswordHash string
}

// InvitationStore keeps invitations.
type InvitationStore interface {
	// CreateInvitation stores an invitation and ends those that the person has.
	CreateInvitation(ctx context.Context, n Invitation) error
	// InvitationByHash returns an invitation, over or not. Errors: not_found.
	InvitationByHash(ctx context.Context, hash [32]byte) (Invitation, error)
	// LastInvitations returns the newest invitation of each of the people.
	LastInvitations(ctx context.Context, tenant remit.TenantID, tellers []string) (map[string]Invitation, error)
	// RevokeInvitation ends a person's open invitations and tells whether there was one.
	RevokeInvitation(ctx context.Context, tenant remit.TenantID, teller string) (ended bool, err error)
	// EndSessions ends the sessions and pending sign-ins of people and tells how
	// many sessions there were.
	EndSessions(ctx context.Context, people []remit.StaffID) (ended int, err error)
}

// InviteTeller adds a person and invites them.
func (s *peopleService) InviteTeller(ctx context.Context, req *v1.InviteTellerRequest) (*v1.InviteTellerResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	t := counter.Teller{Name: req.GetName(), Role: counter.Role(req.GetRole())}
	t.OutletID = checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId())
	t.AgentID = checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	if req.GetTrainedUntil() != nil {
		t.TrainedUntil = req.GetTrainedUntil().AsTime()
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if t.AgentID, err = s.counter.MayInvite(ctx, by, t.AgentID, t.OutletID, t.Role); err != nil {
		return nil, err
	}
	if t.ID, _, err = derivedID[counter.TellerID](ctx, counter.PrefixTeller); err != nil {
		return nil, err
	}
	if t.StaffID, _, err = derivedID[remit.StaffID](ctx, remit.PrefixStaff); err != nil {
		return nil, err
	}
	unknown, err := s.staff.guard.hash(ctx, compliance.NewOneTimePassword())
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	if _, err := s.store.CreateStaff(ctx, NewStaff{
		ID: t.StaffID, TenantID: by.TenantID, Name: t.Name, Email: req.GetEmail(), Role: compliance.Role(t.Role), PasswordHash: unknown, MustChangePassword: true,
	}); err != nil {
		return nil, fmt.Errorf("add account: %w", err)
	}
	if t, err = s.counter.PutTeller(ctx, by, t); err != nil {
		return nil, err
	}
	person, token, expires, err := s.invite(ctx, t)
	if err != nil {
		return nil, err
	}
	return &v1.InviteTellerResponse{Person: person, Token: token, ExpiresAt: timeMessage(expires)}, nil
}

// invite makes an invitation, whose token is not stored.
func (s *peopleService) invite(ctx context.Context, t counter.Teller) (person *v1.Person, token string, expires time.Time, err error) {
	n := Invitation{TenantID: t.TenantID, TellerID: string(t.ID), StaffID: t.StaffID, ExpiresAt: s.clock.Now().Add(invitationLife)}
	token, n.Hash = newToken(invitationPrefix)
	if err = s.store.CreateInvitation(ctx, n); err == nil {
		person, err = s.personMessage(ctx, t)
	}
	return person, token, n.ExpiresAt, err
}

// RenewInvitation invites a person again.
func (s *peopleService) RenewInvitation(ctx context.Context, req *v1.RenewInvitationRequest) (*v1.RenewInvitationResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	id := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId())
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := s.counter.MayManage(ctx, by, id, counter.RankAdmin)
	if err != nil {
		return nil, err
	}
	last, err := s.lastInvitation(ctx, t)
	switch {
	case err != nil:
		return nil, err
	case t.StaffID == "":
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "this person has no account: they work in the agent's own system")
	case t.Suspended:
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonCounterSuspended, "this person is suspended; lift that first")
	case last != "open" && last != "revoked" && last != "expired" && !req.GetAnew():
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonInvitationUsed, "this person has joined; asked anew, they begin again")
	}
	// Whoever takes an invitation chooses the account's password: not that of
	// somebody who does other work for the tenant by now.
	if err := s.onlyAtCounters(ctx, t.StaffID); err != nil {
		return nil, err
	}
	if req.GetAnew() {
		if err := s.forget(ctx, t); err != nil {
			return nil, err
		}
	}
	person, token, expires, err := s.invite(ctx, t)
	if err != nil {
		return nil, err
	}
	return &v1.RenewInvitationResponse{Person: person, Token: token, ExpiresAt: timeMessage(expires)}, nil
}

// counterRoles are the accounts that work at counters and nowhere else.
var counterRoles = []compliance.Role{compliance.RoleTeller, compliance.RoleManager, compliance.RoleAgentAdmin}

// onlyAtCounters refuses an account that does other work for the tenant. Errors:
// forbidden.
func (s *peopleService) onlyAtCounters(ctx context.Context, id remit.StaffID) error {
	account, err := s.store.StaffByID(ctx, id)
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	if !slices.Contains(counterRoles, account.Role) {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "this account is not only a counter's; whoever manages staff resets it")
	}
	return nil
}

// forget takes a person's password, second factors and sessions away.
func (s *peopleService) forget(ctx context.Context, t counter.Teller) error {
	unknown, err := s.staff.guard.hash(ctx, compliance.NewOneTimePassword())
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	if _, err := s.store.ResetStaff(ctx, t.TenantID, t.StaffID, unknown); err != nil {
		return fmt.Errorf("reset account: %w", err)
	}
	return nil
}

func (s *peopleService) lastInvitation(ctx context.Context, t counter.Teller) (string, error) {
	last, err := s.store.LastInvitations(ctx, t.TenantID, []string{string(t.ID)})
	if err != nil {
		return "", fmt.Errorf("read invitation: %w", err)
	}
	n, invited := last[string(t.ID)]
	if !invited {
		return "", nil
	}
	return n.state(s.clock.Now()), nil
}

// RevokeInvitation ends a person's invitation.
func (s *peopleService) RevokeInvitation(ctx context.Context, req *v1.RevokeInvitationRequest) (*v1.RevokeInvitationResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	id := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId())
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := s.counter.MayManage(ctx, by, id, counter.RankAdmin)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.RevokeInvitation(ctx, t.TenantID, string(t.ID)); err != nil {
		return nil, fmt.Errorf("revoke invitation: %w", err)
	}
	person, err := s.personMessage(ctx, t)
	if err != nil {
		return nil, err
	}
	return &v1.RevokeInvitationResponse{Person: person}, nil
}

// invited returns the open invitation of a token with whom it invites. Errors:
// not_found, or precondition by what became of it.
func (s *peopleService) invited(ctx context.Context, token string) (Invitation, counter.Teller, error) {
	if _, err := s.desk(); err != nil {
		return Invitation{}, counter.Teller{}, err
	}
	n, err := s.store.InvitationByHash(ctx, sha256.Sum256([]byte(token)))
	if err != nil {
		return n, counter.Teller{}, err
	}
	over := func(reason remit.Reason, text string) (Invitation, counter.Teller, error) {
		return n, counter.Teller{}, remit.Errorf(remit.KindPrecondition, reason, "%s", text)
	}
	switch n.state(s.clock.Now()) {
	case "used":
		return over(remit.ReasonInvitationUsed, "this invitation was used already; sign in, or ask for another")
	case "revoked":
		return over(remit.ReasonInvitationRevoked, "this invitation was taken back or replaced by a newer one; ask for another")
	case "expired":
		return over(remit.ReasonInvitationExpired, "this invitation has expired; ask for another")
	}
	t, err := s.counter.Teller(ctx, n.TenantID, counter.TellerID(n.TellerID))
	if err == nil {
		err = s.onlyAtCounters(ctx, n.StaffID)
	}
	if remit.KindOf(err) == remit.KindForbidden || err == nil && (t.Suspended || t.StaffID != n.StaffID) {
		return over(remit.ReasonInvitationRevoked, "this invitation was taken back; ask who invited you")
	}
	return n, t, err
}

// GetInvitation tells what a token invites to.
func (s *peopleService) GetInvitation(ctx context.Context, req *v1.GetInvitationRequest) (*v1.GetInvitationResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if err := s.staff.guard.admitStep(req.GetClient(), s.clock.Now()); err != nil {
		return nil, err
	}
	n, t, err := s.invited(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	agent, err := s.counter.Agent(ctx, n.TenantID, t.AgentID)
	if err != nil {
		return nil, err
	}
	resp := &v1.GetInvitationResponse{Name: t.Name, Role: string(t.Role), AgentName: agent.Name, ExpiresAt: timeMessage(n.ExpiresAt)}
	if t.OutletID != "" {
		outlet, err := s.counter.Outlet(ctx, n.TenantID, t.OutletID)
		if err != nil {
			return nil, err
		}
		resp.OutletName = outlet.Name
	}
	return resp, nil
}

// joinSecret is what is kept, sealed, between the two halves of joining.
type joinSecret struct {
	TOTP     []byte `json:"totp"`
	Password string `json:"password"`
}

// BeginJoin checks a password and makes an authenticator.
func (s *peopleService) BeginJoin(ctx context.Context, req *v1.BeginJoinRequest) (*v1.BeginJoinResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	client, now := clientOf(req.GetClient()), s.clock.Now()
	if err := s.staff.guard.admit(client, now); err != nil {
		return nil, err
	}
	n, _, err := s.invited(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	person, err := s.store.StaffByID(ctx, n.StaffID)
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	if err := compliance.CheckNewPassword(req.GetPassword(), person.Email, person.Name); err != nil {
		return nil, err
	}
	hash, err := s.staff.guard.hash(ctx, req.GetPassword())
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	secret := joinSecret{TOTP: compliance.NewTOTPSecret(), Password: hash}
	kept, err := json.Marshal(secret)
	if err != nil {
		return nil, fmt.Errorf("keep a joining: %w", err)
	}
	resp := &v1.BeginJoinResponse{Enrollment: &v1.TOTPEnrollment{
		Secret: compliance.TOTPSecretText(secret.TOTP), Uri: compliance.TOTPURI(secret.TOTP, s.staff.issuer, person.Email),
	}}
	var challenge [32]byte
	resp.Challenge, challenge = newToken(challengePrefix)
	if err := s.store.CreateChallenge(ctx, StaffChallenge{
		Hash: challenge, Kind: ChallengeJoin, StaffID: person.ID, Secret: kept, Client: client, ExpiresAt: now.Add(compliance.ChallengeLife),
	}); err != nil {
		return nil, fmt.Errorf("store challenge: %w", err)
	}
	return resp, nil
}

// CompleteJoin checks the authenticator, uses the invitation up and opens a session.
func (s *peopleService) CompleteJoin(ctx context.Context, req *v1.CompleteJoinRequest) (*v1.CompleteJoinResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if err := s.staff.guard.admitStep(req.GetClient(), s.clock.Now()); err != nil {
		return nil, err
	}
	n, _, err := s.invited(ctx, req.GetToken())
	if err != nil {
		return nil, err
	}
	a := attempt{step: "join"}
	c, err := s.staff.challenge(ctx, req.GetChallenge(), ChallengeJoin)
	if remit.KindOf(err) == remit.KindNotFound || err == nil && c.StaffID != n.StaffID {
		return nil, s.staff.refuse(ctx, a, false)
	}
	if err != nil {
		return nil, fmt.Errorf("find challenge: %w", err)
	}
	a.client = c.Client
	person, err := s.store.StaffByID(ctx, c.StaffID)
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	a.person = &person
	var secret joinSecret
	if err := json.Unmarshal(c.Secret, &secret); err != nil {
		return nil, fmt.Errorf("read a joining: %w", err)
	}
	digits, _ := compliance.LooksLikeTOTP(req.GetCode())
	step, right := compliance.CheckTOTP(secret.TOTP, digits, s.clock.Now(), 0)
	if !right {
		return nil, s.staff.refuse(ctx, a, true)
	}
	in := SignedIn{
		StaffID: person.ID, Challenge: c.Hash, Method: "totp", TOTPStep: step, NewTOTPSecret: secret.TOTP,
		Join: &Joining{Invitation: n.Hash, PasswordHash: secret.Password},
	}
	recovery := compliance.NewRecoveryCodes()
	for _, code := range recovery {
		in.NewRecovery = append(in.NewRecovery, compliance.RecoveryHash(string(person.ID), code))
	}
	token, _, err := s.staff.open(ctx, a, in)
	if err != nil {
		return nil, err
	}
	return &v1.CompleteJoinResponse{SessionToken: token, RecoveryCodes: recovery}, nil
}
