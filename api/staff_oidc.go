package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// OIDCOptions says which identity provider signs people in besides. Whoever
// runs it can sign in as any member of staff whose address it vouches for.
type OIDCOptions struct {
	// Issuer is the provider's address, which serves its OpenID configuration.
	Issuer string
	// ClientID and ClientSecret are what the provider knows this gateway by.
	ClientID, ClientSecret string
	// RedirectURL is the page that people come back to.
	RedirectURL string
	// Client makes the calls to the provider; one with a timeout when nil.
	Client *http.Client
}

// oidcTimeout bounds one call to the provider.
const oidcTimeout = 10 * time.Second

// identityProvider asks an OpenID provider. Its configuration is read when it
// is first needed, so that the gateway starts without it.
type identityProvider struct {
	OIDCOptions
	clock remit.Clock

	mu       sync.Mutex
	provider *oidc.Provider
}

func newIdentityProvider(o OIDCOptions, clock remit.Clock) (*identityProvider, error) {
	if o.Issuer == "" {
		return nil, nil
	}
	if o.ClientID == "" || o.RedirectURL == "" {
		return nil, errors.New("the identity provider needs a client id and a redirect URL")
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: oidcTimeout}
	}
	return &identityProvider{OIDCOptions: o, clock: clock}, nil
}

// config returns the provider and how to speak to it. Errors: unavailable.
func (p *identityProvider) config() (*oidc.Provider, oauth2.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider == nil {
		// The provider keeps the context for later calls: it must outlive this one.
		provider, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.Client), p.Issuer)
		if err != nil {
			return nil, oauth2.Config{}, remit.Wrap(err, remit.KindUnavailable, remit.ReasonUnavailable,
				"the identity provider cannot be reached; sign in with a password, or try again later")
		}
		p.provider = provider
	}
	return p.provider, oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: p.provider.Endpoint(), RedirectURL: p.RedirectURL,
		Scopes: []string{oidc.ScopeOpenID, "email"},
	}, nil
}

// oidcSecret is what is remembered while a person is at the provider.
type oidcSecret struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// claims are those of an identity that count here. Some providers write the
// boolean as text.
type claims struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"`
}

// address returns the address that the provider vouches for.
func (c claims) address() (string, bool) {
	return c.Email, c.Email != "" && (c.Verified == true || c.Verified == "true")
}

// errNoIdentity: what came back identifies nobody.
var errNoIdentity = errors.New("the identity provider vouches for nobody")

// exchange trades a code for the address that the provider vouches for. Errors:
// errNoIdentity; unavailable.
func (p *identityProvider) exchange(ctx context.Context, secret oidcSecret, code string) (string, error) {
	provider, config, err := p.config()
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.Client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(secret.Verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return "", fmt.Errorf("%w: the code was refused", errNoIdentity)
	}
	if err != nil {
		return "", remit.Wrap(err, remit.KindUnavailable, remit.ReasonUnavailable, "the identity provider does not answer; try again later")
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", fmt.Errorf("%w: there is no id token", errNoIdentity)
	}
	identity, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: p.clock.Now}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoIdentity, err)
	}
	if subtle.ConstantTimeCompare([]byte(identity.Nonce), []byte(secret.Nonce)) != 1 {
		return "", fmt.Errorf("%w: the nonce is another", errNoIdentity)
	}
	var c claims
	if err := identity.Claims(&c); err != nil {
		return "", fmt.Errorf("%w: %w", errNoIdentity, err)
	}
	address, vouched := c.address()
	if !vouched {
		return "", fmt.Errorf("%w: the address is not verified", errNoIdentity)
	}
	return address, nil
}

func noOIDC() error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonUnavailable, "this gateway has no identity provider configured; sign in with a password")
}

// BeginOIDCSignIn starts a sign-in at the identity provider.
func (s *staffService) BeginOIDCSignIn(ctx context.Context, req *v1.BeginOIDCSignInRequest) (*v1.BeginOIDCSignInResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if s.provider == nil {
		return nil, noOIDC()
	}
	if err := s.guard.admitStep(req.GetClient(), s.clock.Now()); err != nil {
		return nil, err
	}
	_, config, err := s.provider.config()
	if err != nil {
		return nil, err
	}
	secret := oidcSecret{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	kept, err := json.Marshal(secret)
	if err != nil {
		return nil, fmt.Errorf("write challenge: %w", err)
	}
	token, hash := newToken(challengePrefix)
	err = s.store.CreateChallenge(ctx, StaffChallenge{
		Hash: hash, Kind: ChallengeOIDC, Secret: kept, ExpiresAt: s.clock.Now().Add(compliance.ChallengeLife),
	})
	if err != nil {
		return nil, fmt.Errorf("store challenge: %w", err)
	}
	return &v1.BeginOIDCSignInResponse{
		Challenge: token,
		Url:       config.AuthCodeURL(secret.State, oidc.Nonce(secret.Nonce), oauth2.S256ChallengeOption(secret.Verifier)),
	}, nil
}

// CompleteOIDCSignIn checks what came back and opens the session of the member
// of staff with that verified address.
func (s *staffService) CompleteOIDCSignIn(ctx context.Context, req *v1.CompleteOIDCSignInRequest) (*v1.CompleteOIDCSignInResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if s.provider == nil {
		return nil, noOIDC()
	}
	a := attempt{step: "oidc", client: clientOf(req.GetClient())}
	if err := s.guard.admit(a.client, s.clock.Now()); err != nil {
		return nil, err
	}
	c, err := s.challenge(ctx, req.GetChallenge(), ChallengeOIDC)
	if remit.KindOf(err) == remit.KindNotFound {
		return nil, s.refuse(ctx, a, false)
	}
	if err != nil {
		return nil, fmt.Errorf("find challenge: %w", err)
	}
	var secret oidcSecret
	if err := json.Unmarshal(c.Secret, &secret); err != nil {
		return nil, fmt.Errorf("read challenge: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(secret.State), []byte(req.GetState())) != 1 {
		return nil, s.refuse(ctx, a, false)
	}
	address, err := s.provider.exchange(ctx, secret, req.GetCode())
	if errors.Is(err, errNoIdentity) {
		s.log.InfoContext(ctx, "identity refused", "request_id", callOf(ctx).requestID, "error", err.Error())
		return nil, s.refuse(ctx, a, false)
	}
	if err != nil {
		return nil, err
	}
	person, err := s.store.StaffByEmail(ctx, address)
	if remit.KindOf(err) == remit.KindNotFound {
		return nil, s.refuse(ctx, a, false)
	}
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	if a.person = &person; person.Suspended {
		return nil, s.refuse(ctx, a, false)
	}
	token, session, err := s.open(ctx, a, SignedIn{StaffID: person.ID, Challenge: c.Hash, Method: "oidc"})
	if err != nil {
		return nil, err
	}
	return &v1.CompleteOIDCSignInResponse{Token: token, Session: session}, nil
}
