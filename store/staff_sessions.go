package store

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// signInRefused is the error of a sign-in that may not go on, whatever the cause.
func signInRefused() error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonSignInRefused, "this sign-in cannot be completed")
}

// challengePlace binds a sealed challenge to its row.
func challengePlace(hash [32]byte) string { return fmt.Sprintf("staff_challenges/%x", hash) }

// CreateChallenge stores a challenge, and forgets those that lapsed. For a
// person who is suspended or locked it refuses: precondition.
func (s *Store) CreateChallenge(ctx context.Context, c api.StaffChallenge) error {
	key, err := s.gatewayKey(ctx, challengeKey)
	if err != nil {
		return err
	}
	sealed, err := seal(key, c.Secret, challengePlace(c.Hash))
	if err != nil {
		return err
	}
	return s.write(ctx, "begin a sign-in", func(ctx context.Context, run runner) error {
		now := micros(s.clock.Now())
		if c.StaffID != "" {
			// The row is written so that wrong tries at the same time are counted first.
			var n int64
			err := run.run(ctx, statement{
				sql:  "UPDATE staff SET locked_until = 0 WHERE id = $1 AND suspended = 0 AND locked_until <= $2",
				args: []any{string(c.StaffID), now}, affected: &n,
			})
			if err != nil {
				return err
			}
			if n == 0 {
				return signInRefused()
			}
		}
		return run.run(ctx,
			statement{sql: "DELETE FROM staff_challenges WHERE expires_at <= $1", args: []any{now}},
			statement{
				sql:  "INSERT INTO staff_challenges (hash, kind, staff_id, sealed, client, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
				args: []any{c.Hash[:], string(c.Kind), string(c.StaffID), sealed, c.Client, micros(c.ExpiresAt)},
			})
	})
}

// Challenge returns a challenge that has not lapsed. Errors: not_found.
func (s *Store) Challenge(ctx context.Context, hash [32]byte) (api.StaffChallenge, error) {
	c := api.StaffChallenge{Hash: hash}
	var sealed []byte
	var expires int64
	err := s.query(ctx, "read a sign-in", "SELECT kind, staff_id, sealed, client, expires_at FROM staff_challenges WHERE hash = $1 AND expires_at > $2",
		[]any{hash[:], micros(s.clock.Now())}, func(row scanner) error {
			return row.Scan(&c.Kind, &c.StaffID, &sealed, &c.Client, &expires)
		})
	if err != nil {
		return api.StaffChallenge{}, err
	}
	if expires == 0 {
		return api.StaffChallenge{}, remit.Errorf(remit.KindNotFound, remit.ReasonNotFound, "there is no such sign-in under way")
	}
	key, err := s.gatewayKey(ctx, challengeKey)
	if err != nil {
		return api.StaffChallenge{}, err
	}
	c.ExpiresAt = fromMicros(expires)
	c.Secret, err = unseal(key, sealed, challengePlace(hash))
	return c, err
}

// SignInFailed counts a wrong try, locks the account if there were many, and
// writes both into the trail.
func (s *Store) SignInFailed(ctx context.Context, id remit.StaffID, e compliance.AuditEntry) error {
	return s.write(ctx, "count a wrong try", func(ctx context.Context, run runner) error {
		now := s.clock.Now()
		var failures, locked int64
		err := run.run(ctx,
			// While locked, tries are refused and not counted: else whoever keeps
			// guessing would keep the person out for good.
			statement{
				sql:  "UPDATE staff SET failures = failures + CASE WHEN locked_until > $1 THEN 0 ELSE 1 END WHERE id = $2",
				args: []any{micros(now), string(id)}, want: 1,
			},
			statement{
				sql: "SELECT failures, locked_until FROM staff WHERE id = $1", args: []any{string(id)},
				each: func(row scanner) error { return row.Scan(&failures, &locked) },
			})
		if err != nil {
			return err
		}
		if _, err := s.appendAudit(ctx, run, e); err != nil {
			return err
		}
		lock := compliance.LockFor(int(failures))
		if lock == 0 || locked > micros(now) {
			return nil
		}
		err = run.run(ctx, statement{sql: "UPDATE staff SET locked_until = $1 WHERE id = $2", args: []any{micros(now.Add(lock)), string(id)}, want: 1})
		if err != nil {
			return err
		}
		facts := maps.Clone(e.Facts)
		if facts == nil {
			facts = make(map[string]string)
		}
		facts["seconds"] = fmt.Sprint(int64(lock / time.Second))
		e.Act, e.Outcome, e.Reason, e.Facts = "staff.lock", compliance.AuditDone, "", facts
		_, err = s.appendAudit(ctx, run, e)
		return err
	})
}

// OpenSession opens the session of a sign-in: it takes its challenge and code,
// which are good once, and writes the audit record, all or none.
func (s *Store) OpenSession(ctx context.Context, n api.SignedIn) (compliance.Session, error) {
	factor, err := s.useFactor(ctx, n)
	if err != nil {
		return compliance.Session{}, err
	}
	err = s.write(ctx, "open a session", func(ctx context.Context, run runner) error {
		now := s.clock.Now()
		counted := n.Method == "totp" || n.Method == "recovery"
		lockBefore := now
		if !counted {
			// What cannot be guessed is not locked by those who guess.
			lockBefore = now.Add(compliance.LockFor(1 << 30))
		}
		list := []statement{
			{
				sql: `UPDATE staff SET failures = 0, locked_until = CASE WHEN locked_until <= $1 THEN 0 ELSE locked_until END, last_sign_in_at = $1
					WHERE id = $2 AND suspended = 0 AND locked_until <= $3`,
				args: []any{micros(now), string(n.StaffID), micros(lockBefore)},
			},
			{sql: "DELETE FROM staff_challenges WHERE hash = $1 AND expires_at > $2", args: []any{n.Challenge[:], micros(now)}},
		}
		for _, st := range append(list, factor...) {
			var used int64
			st.affected = &used
			if err := run.run(ctx, st); err != nil {
				return err
			}
			if used != 1 {
				return signInRefused()
			}
		}
		return s.startSession(ctx, run, n, now)
	})
	if err != nil {
		return compliance.Session{}, err
	}
	return s.SessionByTokenHash(ctx, n.TokenHash)
}

// useFactor returns the statements that use the second factor, each of which
// must write one row.
func (s *Store) useFactor(ctx context.Context, n api.SignedIn) ([]statement, error) {
	switch {
	case n.NewTOTPSecret != nil:
		key, err := s.dataKey(ctx, staffOwner(n.StaffID))
		if err != nil {
			return nil, err
		}
		sealed, err := seal(key, n.NewTOTPSecret, staffOwner(n.StaffID)+"/totp")
		if err != nil {
			return nil, err
		}
		return append([]statement{{
			sql:  "UPDATE staff SET totp_sealed = $1, totp_step = $2 WHERE id = $3 AND must_change = 1 AND LENGTH(totp_sealed) = 0",
			args: []any{sealed, n.TOTPStep, string(n.StaffID)},
		}}, joining(n, s.clock.Now())...), nil
	case n.Method == "totp":
		return []statement{{
			sql:  "UPDATE staff SET totp_step = $1 WHERE id = $2 AND totp_step < $1 AND LENGTH(totp_sealed) > 0",
			args: []any{n.TOTPStep, string(n.StaffID)},
		}}, nil
	case n.Method == "recovery":
		return []statement{{
			sql:  "UPDATE staff_recovery SET used_at = $1 WHERE staff_id = $2 AND hash = $3 AND used_at = 0",
			args: []any{micros(s.clock.Now()), string(n.StaffID), n.Recovery[:]},
		}}, nil
	case n.Passkey != nil:
		return []statement{{
			sql:  "UPDATE staff_passkeys SET sign_count = $1, credential = $2, last_used_at = $3 WHERE staff_id = $4 AND credential_id = $5 AND sign_count = $6",
			args: []any{int64(n.Passkey.SignCount), n.Passkey.Credential, micros(s.clock.Now()), string(n.StaffID), n.Passkey.CredentialID, int64(n.SignCountBefore)},
		}}, nil
	case n.Method == "oidc":
		return nil, nil
	}
	return nil, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "a sign-in by %q has no second factor", n.Method)
}

// startSession writes the session, forgets old ones and writes the record.
func (s *Store) startSession(ctx context.Context, run runner, n api.SignedIn, now time.Time) error {
	list := []statement{
		{
			sql:  "DELETE FROM staff_sessions WHERE expires_at <= $1 OR seen_at <= $2",
			args: []any{micros(now), micros(now.Add(-compliance.SessionIdle))},
		},
		{
			sql:  "INSERT INTO staff_sessions (id, token_hash, staff_id, method, started_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6)",
			args: []any{string(n.SessionID), n.TokenHash[:], string(n.StaffID), n.Method, micros(now), micros(now.Add(compliance.SessionLife))},
		},
	}
	if n.NewRecovery != nil {
		list = append(list, statement{sql: "DELETE FROM staff_recovery WHERE staff_id = $1", args: []any{string(n.StaffID)}})
	}
	for _, hash := range n.NewRecovery {
		list = append(list, statement{
			sql: "INSERT INTO staff_recovery (staff_id, hash, used_at) VALUES ($1, $2, 0)", args: []any{string(n.StaffID), hash[:]},
		})
	}
	if err := run.run(ctx, list...); err != nil {
		return err
	}
	_, err := s.appendAudit(ctx, run, n.Audit)
	return err
}

// SessionByTokenHash returns the session whose token has the hash, over or not:
// its reader judges. Errors: not_found.
func (s *Store) SessionByTokenHash(ctx context.Context, hash [32]byte) (compliance.Session, error) {
	var out *compliance.Session
	err := s.query(ctx, "read a session", `SELECT x.id, x.method, x.started_at, x.seen_at, x.expires_at,
		s.id, s.tenant_id, s.name, s.role, s.suspended, s.must_change, t.name
		FROM staff_sessions x JOIN staff s ON s.id = x.staff_id JOIN tenants t ON t.id = s.tenant_id WHERE x.token_hash = $1`,
		[]any{hash[:]}, func(row scanner) error {
			var x compliance.Session
			var started, seen, expires, suspended, must int64
			err := row.Scan(&x.ID, &x.Method, &started, &seen, &expires,
				&x.Staff.ID, &x.Staff.TenantID, &x.Staff.Name, &x.Staff.Role, &suspended, &must, &x.TenantName)
			x.StartedAt, x.SeenAt, x.ExpiresAt = fromMicros(started), fromMicros(seen), fromMicros(expires)
			x.Staff.Suspended, x.Staff.MustChangePassword = suspended == 1, must == 1
			out = &x
			return err
		})
	if err != nil {
		return compliance.Session{}, err
	}
	if out == nil {
		return compliance.Session{}, remit.Errorf(remit.KindNotFound, remit.ReasonNotFound, "there is no such session")
	}
	return *out, nil
}

// TouchSession notes a call on a session.
func (s *Store) TouchSession(ctx context.Context, id remit.SessionID, at time.Time) error {
	return s.write(ctx, "note a call", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: "UPDATE staff_sessions SET seen_at = $1 WHERE id = $2 AND seen_at < $1", args: []any{micros(at), string(id)},
		})
	})
}

// EndSession ends a session. One that has ended is no error.
func (s *Store) EndSession(ctx context.Context, id remit.SessionID) error {
	return s.write(ctx, "end a session", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{sql: "DELETE FROM staff_sessions WHERE id = $1", args: []any{string(id)}})
	})
}
