package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// What tokens start with, so that people and scanners know them.
const (
	sessionPrefix   = "ses_"
	challengePrefix = "chl_"
)

// newToken makes a secret of 256 bits and the hash that is stored of it.
func newToken(prefix string) (token string, hash [32]byte) {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // crypto/rand never errs on a working machine (Go 1.24).
	}
	token = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return token, sha256.Sum256([]byte(token))
}

// identifySession returns the person whose session has the token, as the caller.
// Errors: unauthenticated.
func (s *Server) identifySession(ctx context.Context, token string) (Key, *compliance.Session, error) {
	over := remit.Errorf(remit.KindUnauthenticated, remit.ReasonUnauthenticated, "the session has ended; sign in again")
	session, err := s.store.SessionByTokenHash(ctx, sha256.Sum256([]byte(token)))
	switch {
	case remit.KindOf(err) == remit.KindNotFound:
		return Key{}, nil, over
	case err != nil:
		return Key{}, nil, fmt.Errorf("find session: %w", err)
	}
	if session.Over(s.clock.Now()) || session.Staff.Suspended {
		return Key{}, nil, over
	}
	key := Key{
		TenantID: session.Staff.TenantID, Name: session.Staff.Name, ExpiresAt: session.ExpiresAt,
		StaffID: session.Staff.ID, SessionID: session.ID,
	}
	for _, p := range session.Permissions() {
		key.Scopes = append(key.Scopes, Scope(p))
	}
	return key, &session, nil
}

// touch notes a call on its session.
func (s *Server) touch(ctx context.Context, session *compliance.Session) {
	now := s.clock.Now()
	if now.Sub(session.SeenAt) < compliance.SessionTouch {
		return
	}
	if err := s.store.TouchSession(ctx, session.ID, now); err != nil {
		// The session then ends early at worst.
		s.log.WarnContext(ctx, "note a call on its session", "request_id", callOf(ctx).requestID, "error", err.Error())
	}
}

// sessionOf returns the session that a call belongs to. Errors: forbidden for
// an API key, whatever its scopes.
func sessionOf(ctx context.Context) (compliance.Session, error) {
	if session := callOf(ctx).session; session != nil {
		return *session, nil
	}
	return compliance.Session{}, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden,
		"this call is for a person who signed in; an API key has no session")
}
