package store

import (
	"context"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// Rows are always locked in the order person, challenge, session, passkey, end
// of the audit trail, so that no two transactions wait for each other.

// ChangeStaff changes a person's role or suspends them, and ends their
// sessions. Errors: not_found; precondition when no active MLRO would be left.
func (s *Store) ChangeStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID, change api.StaffChange) (compliance.Staff, error) {
	err := s.write(ctx, "change a member of staff", func(ctx context.Context, run runner) error {
		// All are locked, not only the one: two MLROs might demote each other.
		var others, found int64
		var role compliance.Role
		var suspended int64
		err := run.run(ctx, statement{
			sql:  "SELECT id, role, suspended FROM staff WHERE tenant_id = $1 ORDER BY id" + s.dialect.lock,
			args: []any{string(tenant)},
			each: func(row scanner) error {
				var one remit.StaffID
				var oneRole compliance.Role
				var oneSuspended int64
				if err := row.Scan(&one, &oneRole, &oneSuspended); err != nil {
					return err
				}
				if one == id {
					found, role, suspended = 1, oneRole, oneSuspended
				} else if oneRole == compliance.RoleMLRO && oneSuspended == 0 {
					others++
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
		if found == 0 {
			return remit.NotFound("member of staff", string(id))
		}
		wasMLRO := role == compliance.RoleMLRO && suspended == 0
		if change.Role != nil {
			role = *change.Role
		}
		if change.Suspended != nil {
			suspended = flag(*change.Suspended)
		}
		if wasMLRO && others == 0 && (role != compliance.RoleMLRO || suspended == 1) {
			return remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict,
				"this is the last active MLRO; make another person MLRO first")
		}
		return run.run(ctx, append([]statement{{
			sql: "UPDATE staff SET role = $1, suspended = $2 WHERE id = $3", args: []any{string(role), suspended, string(id)}, want: 1,
		}}, endSignIns(id, "")...)...)
	})
	if err != nil {
		return compliance.Staff{}, err
	}
	return s.staffOf(ctx, tenant, id)
}

// endSignIns ends a person's pending sign-ins and sessions, but for one.
func endSignIns(id remit.StaffID, keep remit.SessionID) []statement {
	return []statement{
		{sql: "DELETE FROM staff_challenges WHERE staff_id = $1", args: []any{string(id)}},
		{sql: "DELETE FROM staff_sessions WHERE staff_id = $1 AND id <> $2", args: []any{string(id), string(keep)}},
	}
}

// ResetStaff takes a person's second factors, locks and sessions away and sets
// a password that must be changed. Errors: not_found.
func (s *Store) ResetStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID, passwordHash string) (compliance.Staff, error) {
	err := s.write(ctx, "reset a member of staff", func(ctx context.Context, run runner) error {
		var found int64
		until := s.clock.Now().Add(compliance.OneTimePasswordLife)
		err := run.run(ctx, statement{
			sql: `UPDATE staff SET password = $1, must_change = 1, password_until = $2, totp_sealed = '', totp_step = 0, failures = 0, locked_until = 0
				WHERE id = $3 AND tenant_id = $4`,
			args: []any{passwordHash, micros(until), string(id), string(tenant)}, affected: &found,
		})
		if err != nil {
			return err
		}
		if found == 0 {
			return remit.NotFound("member of staff", string(id))
		}
		return run.run(ctx, append(endSignIns(id, ""),
			statement{sql: "DELETE FROM staff_passkeys WHERE staff_id = $1", args: []any{string(id)}},
			statement{sql: "DELETE FROM staff_recovery WHERE staff_id = $1", args: []any{string(id)}})...)
	})
	if err != nil {
		return compliance.Staff{}, err
	}
	return s.staffOf(ctx, tenant, id)
}

// ChangePassword replaces the password whose hash was before, and ends the
// person's other sessions and pending sign-ins. Errors: conflict when the
// password is another meanwhile.
func (s *Store) ChangePassword(ctx context.Context, id remit.StaffID, before, after string, keep remit.SessionID) error {
	return s.write(ctx, "change a password", func(ctx context.Context, run runner) error {
		var n int64
		err := run.run(ctx, statement{
			sql:  "UPDATE staff SET password = $1, must_change = 0, password_until = 0, failures = 0 WHERE id = $2 AND password = $3 AND suspended = 0",
			args: []any{after, string(id), before}, affected: &n,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "the password was changed meanwhile")
		}
		return run.run(ctx, endSignIns(id, keep)...)
	})
}

// AddPasskey stores a passkey and ends its challenge.
func (s *Store) AddPasskey(ctx context.Context, id remit.StaffID, challenge [32]byte, p compliance.Passkey) error {
	return s.write(ctx, "add a passkey", func(ctx context.Context, run runner) error {
		var n int64
		err := run.run(ctx, statement{
			sql:  "DELETE FROM staff_challenges WHERE hash = $1 AND staff_id = $2 AND expires_at > $3",
			args: []any{challenge[:], string(id), micros(s.clock.Now())}, affected: &n,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return signInRefused()
		}
		return run.run(ctx, statement{
			sql: `INSERT INTO staff_passkeys (id, staff_id, credential_id, name, credential, sign_count, created_at, last_used_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			args: []any{p.ID, string(id), p.CredentialID, p.Name, p.Credential, int64(p.SignCount), micros(s.clock.Now())},
		})
	})
}

// RemovePasskey removes one of a person's passkeys. Errors: not_found.
func (s *Store) RemovePasskey(ctx context.Context, id remit.StaffID, passkey string) error {
	var n int64
	err := s.write(ctx, "remove a passkey", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: "DELETE FROM staff_passkeys WHERE id = $1 AND staff_id = $2", args: []any{passkey, string(id)}, affected: &n,
		})
	})
	if err == nil && n == 0 {
		return remit.NotFound("passkey", passkey)
	}
	return err
}
