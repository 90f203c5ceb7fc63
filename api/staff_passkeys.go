package api

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// maxPasskeys bounds the passkeys of a person.
const maxPasskeys = 10

// newPasskeys reads the origin that passkeys are bound to; nil without one.
// Browsers make passkeys over TLS and on localhost only.
func newPasskeys(origin, name string) (*webauthn.WebAuthn, error) {
	if origin == "" {
		return nil, nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("the origin of passkeys %q is not scheme://host", origin)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return nil, fmt.Errorf("the origin of passkeys %q is neither https nor http://localhost", origin)
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("configure passkeys: %w", err)
	}
	return w, nil
}

// passkeyUser is a person as the library asks for one. The handle that devices
// keep is the person's id, which says nothing about them.
type passkeyUser struct{ StaffAccount }

// WebAuthnID returns the handle.
func (u passkeyUser) WebAuthnID() []byte { return []byte(u.ID) }

// WebAuthnName returns what the device shows to tell accounts apart.
func (u passkeyUser) WebAuthnName() string { return u.Email }

// WebAuthnDisplayName returns the name.
func (u passkeyUser) WebAuthnDisplayName() string { return u.Name }

// WebAuthnCredentials returns the person's passkeys; one that cannot be read is
// left out and signs nobody in.
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, p := range u.Passkeys {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Credential, &c); err == nil {
			c.Authenticator.SignCount = p.SignCount
			out = append(out, c)
		}
	}
	return out
}

// passkeySecret is what is remembered between asking and answer.
type passkeySecret struct {
	Name    string               `json:"name"`
	Session webauthn.SessionData `json:"session"`
}

// beginPasskey stores a challenge and returns its token and the options as JSON.
func (s *staffService) beginPasskey(ctx context.Context, kind ChallengeKind, person remit.StaffID, secret passkeySecret, options any) (token, text string, err error) {
	kept, err := json.Marshal(secret)
	if err != nil {
		return "", "", fmt.Errorf("write challenge: %w", err)
	}
	shown, err := json.Marshal(options)
	if err != nil {
		return "", "", fmt.Errorf("write passkey options: %w", err)
	}
	token, hash := newToken(challengePrefix)
	err = s.store.CreateChallenge(ctx, StaffChallenge{
		Hash: hash, Kind: kind, StaffID: person, Secret: kept, ExpiresAt: s.clock.Now().Add(compliance.ChallengeLife),
	})
	if err != nil {
		return "", "", fmt.Errorf("store challenge: %w", err)
	}
	return token, string(shown), nil
}

func noPasskeys() error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonUnavailable, "this gateway has no origin configured for passkeys; sign in with a password")
}

// BeginPasskeySignIn asks the browser for a passkey of any account.
func (s *staffService) BeginPasskeySignIn(ctx context.Context, req *v1.BeginPasskeySignInRequest) (*v1.BeginPasskeySignInResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if s.passkeys == nil {
		return nil, noPasskeys()
	}
	if err := s.guard.admitStep(req.GetClient(), s.clock.Now()); err != nil {
		return nil, err
	}
	options, session, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("begin passkey sign-in: %w", err)
	}
	resp := &v1.BeginPasskeySignInResponse{}
	resp.Challenge, resp.OptionsJson, err = s.beginPasskey(ctx, ChallengePasskey, "", passkeySecret{Session: *session}, options.Response)
	return resp, err
}

// CompletePasskeySignIn checks the browser's answer and opens the session.
func (s *staffService) CompletePasskeySignIn(ctx context.Context, req *v1.CompletePasskeySignInRequest) (*v1.CompletePasskeySignInResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if s.passkeys == nil {
		return nil, noPasskeys()
	}
	a := attempt{step: "passkey", client: clientOf(req.GetClient())}
	if err := s.guard.admit(a.client, s.clock.Now()); err != nil {
		return nil, err
	}
	c, secret, err := s.passkeyChallenge(ctx, req.GetChallenge(), ChallengePasskey)
	if remit.KindOf(err) == remit.KindNotFound {
		return nil, s.refuse(ctx, a, false)
	}
	if err != nil {
		return nil, err
	}
	person, credential, err := s.checkPasskey(ctx, secret.Session, req.GetResponseJson())
	a.person = person
	if err == nil && person.Suspended {
		err = errors.New("the account is suspended")
	}
	if err != nil {
		if remit.KindOf(err) == remit.KindUnavailable {
			return nil, err
		}
		s.log.InfoContext(ctx, "passkey refused", "request_id", callOf(ctx).requestID, "error", err.Error())
		return nil, s.refuse(ctx, a, false)
	}
	before := uint32(0)
	for _, p := range person.Passkeys {
		if string(p.CredentialID) == string(credential.ID) {
			before = p.SignCount
		}
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return nil, fmt.Errorf("write passkey: %w", err)
	}
	token, session, err := s.open(ctx, a, SignedIn{
		StaffID: person.ID, Challenge: c.Hash, Method: "passkey", SignCountBefore: before,
		Passkey: &compliance.Passkey{CredentialID: credential.ID, Credential: kept, SignCount: credential.Authenticator.SignCount},
	})
	if err != nil {
		return nil, err
	}
	return &v1.CompletePasskeySignInResponse{Token: token, Session: session}, nil
}

// passkeyChallenge returns a challenge with what was remembered.
func (s *staffService) passkeyChallenge(ctx context.Context, token string, kind ChallengeKind) (StaffChallenge, passkeySecret, error) {
	c, err := s.challenge(ctx, token, kind)
	if err != nil {
		return StaffChallenge{}, passkeySecret{}, fmt.Errorf("find challenge: %w", err)
	}
	var secret passkeySecret
	if err := json.Unmarshal(c.Secret, &secret); err != nil {
		return StaffChallenge{}, passkeySecret{}, fmt.Errorf("read challenge: %w", err)
	}
	return c, secret, nil
}

// checkPasskey returns whose passkey answered, and the passkey as it is after.
// Any error but unavailable is a refusal; the person is known where the passkey is.
func (s *staffService) checkPasskey(ctx context.Context, session webauthn.SessionData, answer string) (*StaffAccount, *webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, nil, fmt.Errorf("read passkey answer: %w", err)
	}
	person, err := s.store.StaffByCredential(ctx, parsed.RawID)
	if err != nil {
		return nil, nil, fmt.Errorf("find passkey: %w", err)
	}
	handler := func([]byte, []byte) (webauthn.User, error) { return passkeyUser{person}, nil }
	_, credential, err := s.passkeys.ValidatePasskeyLogin(handler, session, parsed)
	if err != nil {
		return &person, nil, fmt.Errorf("check passkey: %w", err)
	}
	// A counter that does not go up means that two devices hold one key.
	if credential.Authenticator.CloneWarning {
		return &person, nil, errors.New("check passkey: its counter went back, so it may have been copied")
	}
	return &person, credential, nil
}

// BeginPasskeyRegistration asks the browser to make a passkey for the caller.
func (s *staffService) BeginPasskeyRegistration(ctx context.Context, req *v1.BeginPasskeyRegistrationRequest) (*v1.BeginPasskeyRegistrationResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	session, person, err := s.self(ctx)
	switch {
	case err != nil:
		return nil, err
	case s.passkeys == nil:
		return nil, noPasskeys()
	case session.Staff.MustChangePassword:
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "change the password before you add a passkey")
	case len(person.Passkeys) >= maxPasskeys:
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "you have %d passkeys already; remove one first", maxPasskeys)
	}
	user := passkeyUser{person}
	var known []protocol.CredentialDescriptor
	for _, c := range user.WebAuthnCredentials() {
		known = append(known, c.Descriptor())
	}
	options, remembered, err := s.passkeys.BeginRegistration(user, webauthn.WithExclusions(known))
	if err != nil {
		return nil, fmt.Errorf("begin passkey registration: %w", err)
	}
	name := strings.TrimSpace(req.GetName())
	if name == "" {
		name = "Passkey"
	}
	resp := &v1.BeginPasskeyRegistrationResponse{}
	resp.Challenge, resp.OptionsJson, err = s.beginPasskey(ctx, ChallengePasskeyRegistration, person.ID, passkeySecret{Name: name, Session: *remembered}, options.Response)
	return resp, err
}

// CompletePasskeyRegistration stores the passkey that the browser made.
func (s *staffService) CompletePasskeyRegistration(ctx context.Context, req *v1.CompletePasskeyRegistrationRequest) (*v1.CompletePasskeyRegistrationResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	_, person, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	if s.passkeys == nil {
		return nil, noPasskeys()
	}
	c, secret, err := s.passkeyChallenge(ctx, req.GetChallenge(), ChallengePasskeyRegistration)
	if err != nil && remit.KindOf(err) != remit.KindNotFound {
		return nil, err
	}
	if err != nil || c.StaffID != person.ID {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "this registration has lapsed; begin again")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(req.GetResponseJson()))
	var credential *webauthn.Credential
	if err == nil {
		credential, err = s.passkeys.CreateCredential(passkeyUser{person}, secret.Session, parsed)
	}
	if err != nil {
		return nil, remit.Wrap(err, remit.KindInvalid, remit.ReasonFieldInvalid, "the device's answer is not a passkey of this registration; begin again")
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return nil, fmt.Errorf("write passkey: %w", err)
	}
	err = s.store.AddPasskey(ctx, person.ID, c.Hash, compliance.Passkey{
		ID: passkeyID(credential.ID), CredentialID: credential.ID, Name: secret.Name, Credential: kept, SignCount: credential.Authenticator.SignCount,
	})
	if err != nil {
		return nil, fmt.Errorf("store passkey: %w", err)
	}
	if person, err = s.store.StaffByID(ctx, person.ID); err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	return &v1.CompletePasskeyRegistrationResponse{Staff: s.staffMessage(person.Staff)}, nil
}

// passkeyID names a passkey to people by a hash of the device's own name.
func passkeyID(credential []byte) string {
	const size = 15
	sum := sha256.Sum256(credential)
	return "psk_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:size]))
}

// RemovePasskey removes one of the caller's passkeys.
func (s *staffService) RemovePasskey(ctx context.Context, req *v1.RemovePasskeyRequest) (*v1.RemovePasskeyResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	_, person, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.RemovePasskey(ctx, person.ID, req.GetPasskeyId()); err != nil {
		return nil, fmt.Errorf("remove passkey: %w", err)
	}
	if person, err = s.store.StaffByID(ctx, person.ID); err != nil {
		return nil, fmt.Errorf("read account: %w", err)
	}
	return &v1.RemovePasskeyResponse{Staff: s.staffMessage(person.Staff)}, nil
}
