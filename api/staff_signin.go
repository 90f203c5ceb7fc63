package api

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// actSignIn names sign-ins in the audit trail.
const actSignIn = "staff.sign_in"

// signInRefused is the one answer to every sign-in that fails: who asks does
// not learn whether the address, the password, the code or the account is at fault.
func signInRefused() error {
	return remit.Errorf(remit.KindUnauthenticated, remit.ReasonSignInRefused,
		"you cannot be signed in with this; check what you typed, wait a few minutes after several tries, or ask your MLRO")
}

// attempt is a sign-in under way, for the audit trail.
type attempt struct {
	// step is what was refused: password, code, passkey or oidc.
	step, client string
	person       *StaffAccount
}

// entry is the record of an attempt.
func (a attempt) entry(ctx context.Context, outcome compliance.AuditOutcome) compliance.AuditEntry {
	e := compliance.AuditEntry{
		Phase: compliance.AuditFact, Act: actSignIn, Outcome: outcome, RequestID: callOf(ctx).requestID,
		// Whoever tries is not known until they are in.
		Actor: compliance.Actor{Kind: compliance.ActorGateway, Name: "sign-in"}, Facts: map[string]string{"step": a.step},
	}
	if a.client != "" {
		e.Facts["client"] = a.client
	}
	if a.person != nil {
		e.TenantID, e.Subject = a.person.TenantID, string(a.person.ID)
	}
	if outcome == compliance.AuditRefused {
		e.Reason = remit.ReasonSignInRefused
	} else if a.person != nil {
		e.Actor = a.person.Actor()
	}
	return e
}

// refuse records a refused attempt and returns the refusal. counted says that
// it was a guess, which counts towards locking the account.
func (s *staffService) refuse(ctx context.Context, a attempt, counted bool) error {
	var err error
	if e := a.entry(ctx, compliance.AuditRefused); counted && a.person != nil {
		err = s.store.SignInFailed(ctx, a.person.ID, e)
	} else {
		_, err = s.store.AppendAudit(ctx, e)
	}
	if err != nil {
		return fmt.Errorf("record refused sign-in: %w", err)
	}
	return signInRefused()
}

// SignIn checks a password and answers a challenge for the second factor.
func (s *staffService) SignIn(ctx context.Context, req *v1.SignInRequest) (*v1.SignInResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	a := attempt{step: "password", client: clientOf(req.GetClient())}
	if err := s.guard.admit(a.client, now); err != nil {
		return nil, err
	}
	person, err := s.store.StaffByEmail(ctx, req.GetEmail())
	hash := s.guard.dummy()
	switch {
	case err == nil:
		a.person, hash = &person, person.PasswordHash
	case remit.KindOf(err) != remit.KindNotFound:
		return nil, fmt.Errorf("find account: %w", err)
	}
	right, err := s.guard.check(ctx, hash, req.GetPassword())
	if err != nil {
		return nil, fmt.Errorf("check password: %w", err)
	}
	if a.person == nil || !right {
		return nil, s.refuse(ctx, a, true)
	}
	lapsed := !person.PasswordUntil.IsZero() && !now.Before(person.PasswordUntil)
	// An authenticator is set up with a one-time password only: else whoever
	// learns the password of a person without one could bring their own.
	oneFactor := person.TOTPSecret == nil && !person.MustChangePassword
	if person.Suspended || lapsed || oneFactor || person.LockedUntil.After(now) {
		return nil, s.refuse(ctx, a, false)
	}
	resp := &v1.SignInResponse{}
	var secret []byte
	if person.TOTPSecret == nil {
		secret = compliance.NewTOTPSecret()
		resp.Enrollment = &v1.TOTPEnrollment{
			Secret: compliance.TOTPSecretText(secret), Uri: compliance.TOTPURI(secret, s.issuer, person.Email),
		}
	}
	var challenge [32]byte
	resp.Challenge, challenge = newToken(challengePrefix)
	err = s.store.CreateChallenge(ctx, StaffChallenge{
		Hash: challenge, Kind: ChallengeTOTP, StaffID: person.ID, Secret: secret, Client: a.client, ExpiresAt: now.Add(compliance.ChallengeLife),
	})
	if remit.ReasonOf(err) == remit.ReasonSignInRefused {
		return nil, s.refuse(ctx, a, false)
	}
	if err != nil {
		return nil, fmt.Errorf("store challenge: %w", err)
	}
	return resp, nil
}

// challenge returns what a challenge token stands for, of one kind. Errors: not_found.
func (s *staffService) challenge(ctx context.Context, token string, kind ChallengeKind) (StaffChallenge, error) {
	c, err := s.store.Challenge(ctx, sha256.Sum256([]byte(token)))
	if err == nil && c.Kind != kind {
		return StaffChallenge{}, remit.Errorf(remit.KindNotFound, remit.ReasonNotFound, "there is no such sign-in under way")
	}
	return c, err
}

// CompleteSignIn checks the second factor and opens the session.
func (s *staffService) CompleteSignIn(ctx context.Context, req *v1.CompleteSignInRequest) (*v1.CompleteSignInResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if err := s.guard.admitStep(req.GetClient(), s.clock.Now()); err != nil {
		return nil, err
	}
	a := attempt{step: "code"}
	c, err := s.challenge(ctx, req.GetChallenge(), ChallengeTOTP)
	if remit.KindOf(err) == remit.KindNotFound {
		return nil, s.refuse(ctx, a, false)
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
	n := SignedIn{StaffID: person.ID, Challenge: c.Hash}
	recovery, right := s.secondFactor(c, person, req.GetCode(), &n)
	if !right {
		return nil, s.refuse(ctx, a, true)
	}
	token, session, err := s.open(ctx, a, n)
	if err != nil {
		return nil, err
	}
	return &v1.CompleteSignInResponse{Token: token, Session: session, RecoveryCodes: recovery}, nil
}

// secondFactor checks a code and fills in what of it must be used: a code of
// the authenticator, the first code of a new one, or a recovery code.
func (s *staffService) secondFactor(c StaffChallenge, person StaffAccount, code string, n *SignedIn) (recovery []string, right bool) {
	digits, looksLike := compliance.LooksLikeTOTP(code)
	secret, last := person.TOTPSecret, person.TOTPStep
	enrolling := len(c.Secret) > 0
	if enrolling {
		secret, last = c.Secret, 0
	}
	switch {
	case looksLike:
		n.Method = "totp"
		n.TOTPStep, right = compliance.CheckTOTP(secret, digits, s.clock.Now(), last)
		if right && enrolling {
			n.NewTOTPSecret, recovery = secret, compliance.NewRecoveryCodes()
			for _, code := range recovery {
				n.NewRecovery = append(n.NewRecovery, compliance.RecoveryHash(string(person.ID), code))
			}
		}
		return recovery, right && len(secret) > 0
	case !enrolling:
		// Whether there is such a code is seen when it is used.
		n.Method, n.Recovery = "recovery", compliance.RecoveryHash(string(person.ID), code)
		return nil, true
	}
	return nil, false
}

// open opens the session of a sign-in whose factors were checked, and returns
// its token.
func (s *staffService) open(ctx context.Context, a attempt, n SignedIn) (string, *v1.Session, error) {
	token, hash := newToken(sessionPrefix)
	n.SessionID, n.TokenHash = remit.NewID[remit.SessionID](remit.PrefixSession, s.clock.Now()), hash
	n.Audit = a.entry(ctx, compliance.AuditDone)
	n.Audit.Facts["method"] = n.Method
	delete(n.Audit.Facts, "step")
	session, err := s.store.OpenSession(ctx, n)
	if remit.ReasonOf(err) == remit.ReasonSignInRefused {
		// A used code, or a recovery code that there is not, is a wrong try.
		return "", nil, s.refuse(ctx, a, n.Method == "totp" || n.Method == "recovery")
	}
	if err != nil {
		return "", nil, fmt.Errorf("open session: %w", err)
	}
	person, err := s.store.StaffByID(ctx, n.StaffID)
	if err != nil {
		return "", nil, fmt.Errorf("read account: %w", err)
	}
	return token, s.sessionMessage(session, person.Staff), nil
}

// SignOut ends the session.
func (s *staffService) SignOut(ctx context.Context, req *v1.SignOutRequest) (*v1.SignOutResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	session, err := sessionOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.EndSession(ctx, session.ID); err != nil {
		return nil, fmt.Errorf("end session: %w", err)
	}
	if _, err := s.store.AppendAudit(ctx, compliance.AuditEntry{
		TenantID: session.Staff.TenantID, Phase: compliance.AuditFact, Actor: session.Staff.Actor(), Act: "staff.sign_out",
		Subject: string(session.Staff.ID), Outcome: compliance.AuditDone, RequestID: callOf(ctx).requestID,
	}); err != nil {
		return nil, fmt.Errorf("record sign-out: %w", err)
	}
	return &v1.SignOutResponse{}, nil
}

// GetSession returns whose session it is.
func (s *staffService) GetSession(ctx context.Context, req *v1.GetSessionRequest) (*v1.GetSessionResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	session, person, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	return &v1.GetSessionResponse{Session: s.sessionMessage(session, person.Staff)}, nil
}

// self returns the caller's session and account.
func (s *staffService) self(ctx context.Context) (compliance.Session, StaffAccount, error) {
	session, err := sessionOf(ctx)
	if err != nil {
		return compliance.Session{}, StaffAccount{}, err
	}
	person, err := s.store.StaffByID(ctx, session.Staff.ID)
	if err != nil {
		return compliance.Session{}, StaffAccount{}, fmt.Errorf("read account: %w", err)
	}
	return session, person, nil
}

// ChangePassword replaces the caller's password and ends the other sessions.
func (s *staffService) ChangePassword(ctx context.Context, req *v1.ChangePasswordRequest) (*v1.ChangePasswordResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	session, person, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := compliance.CheckNewPassword(req.GetNext(), person.Email, person.Name); err != nil {
		return nil, err
	}
	if req.GetNext() == req.GetCurrent() {
		return nil, remit.Invalid("next", remit.ReasonPasswordWeak, "the new password is the present one; write another")
	}
	right, err := s.guard.check(ctx, person.PasswordHash, req.GetCurrent())
	if err != nil {
		return nil, fmt.Errorf("check password: %w", err)
	}
	if !right || person.LockedUntil.After(s.clock.Now()) {
		a := attempt{step: "password_change", person: &person}
		e := a.entry(ctx, compliance.AuditRefused)
		if err := s.store.SignInFailed(ctx, person.ID, e); err != nil {
			return nil, fmt.Errorf("record wrong password: %w", err)
		}
		return nil, remit.Invalid("current", remit.ReasonSignInRefused, "the present password is not right, or was typed wrong too often; wait a few minutes and try again")
	}
	hash, err := s.guard.hash(ctx, req.GetNext())
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	if err := s.store.ChangePassword(ctx, person.ID, person.PasswordHash, hash, session.ID); err != nil {
		return nil, fmt.Errorf("change password: %w", err)
	}
	return &v1.ChangePasswordResponse{}, nil
}
