package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// The gateway's own keys: one makes the keyed hashes of addresses, the other
// seals what a sign-in must remember.
const (
	addressKey   = "gateway/staff-addresses"
	challengeKey = "gateway/staff-challenges"
)

// gatewayKey returns a key of the gateway itself, from memory after the first
// time. It is made when it is first asked for.
func (s *Store) gatewayKey(ctx context.Context, owner string) ([]byte, error) {
	s.keysLock.Lock()
	key := s.gatewayKeys[owner]
	s.keysLock.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := s.dataKey(ctx, owner)
	if remit.KindOf(err) == remit.KindNotFound {
		if err := s.makeDataKey(ctx, owner); err != nil {
			return nil, err
		}
		// Read back: another process may have been quicker.
		key, err = s.dataKey(ctx, owner)
	}
	if err != nil {
		return nil, err
	}
	s.keysLock.Lock()
	s.gatewayKeys[owner] = key
	s.keysLock.Unlock()
	return key, nil
}

func (s *Store) makeDataKey(ctx context.Context, owner string) error {
	_, wrapped, err := s.newDataKey(ctx, owner)
	if err != nil {
		return err
	}
	return s.write(ctx, "make a data key", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{sql: insertDataKey, args: []any{owner, wrapped, micros(s.clock.Now())}})
	})
}

// emailHash is what an address is found by.
func (s *Store) emailHash(ctx context.Context, email string) ([]byte, error) {
	key, err := s.gatewayKey(ctx, addressKey)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.ToLower(strings.TrimSpace(email))))
	return mac.Sum(nil), nil
}

// staffOwner is the owner of the data key that seals what is a person's.
func staffOwner(id remit.StaffID) string { return "staff/" + string(id) }

// CreateStaff adds a person; the same id again with the same content is no
// error. Errors: conflict when the address is in use.
func (s *Store) CreateStaff(ctx context.Context, n api.NewStaff) (compliance.Staff, error) {
	hash, err := s.emailHash(ctx, n.Email)
	if err != nil {
		return compliance.Staff{}, err
	}
	key, wrapped, err := s.newDataKey(ctx, staffOwner(n.ID))
	if err != nil {
		return compliance.Staff{}, err
	}
	email, err := seal(key, []byte(n.Email), staffOwner(n.ID)+"/email")
	if err != nil {
		return compliance.Staff{}, err
	}
	totp := []byte{}
	if n.TOTPSecret != nil {
		if totp, err = seal(key, n.TOTPSecret, staffOwner(n.ID)+"/totp"); err != nil {
			return compliance.Staff{}, err
		}
	}
	var fresh int64
	err = s.write(ctx, "add a member of staff", func(ctx context.Context, run runner) error {
		now := s.clock.Now()
		var until time.Time
		if n.MustChangePassword {
			until = now.Add(compliance.OneTimePasswordLife)
		}
		err := run.run(ctx, statement{
			sql: `INSERT INTO staff (id, tenant_id, name, role, suspended, email_hash, email_sealed, password, must_change, password_until,
				totp_sealed, totp_step, failures, locked_until, created_at, last_sign_in_at)
				VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, 0) ON CONFLICT DO NOTHING`,
			args: []any{
				string(n.ID), string(n.TenantID), n.Name, string(n.Role), hash, email, n.PasswordHash, flag(n.MustChangePassword), micros(until),
				totp, micros(now),
			},
			affected: &fresh,
		})
		if err != nil || fresh == 0 {
			return err
		}
		return run.run(ctx, statement{sql: insertDataKey, args: []any{staffOwner(n.ID), wrapped, micros(now)}})
	})
	if err != nil {
		return compliance.Staff{}, err
	}
	out, err := s.staffOf(ctx, n.TenantID, n.ID)
	same := err == nil && out.Name == n.Name && out.Role == n.Role && out.Email == n.Email
	if fresh == 0 && (remit.KindOf(err) == remit.KindNotFound || err == nil && !same) {
		return compliance.Staff{}, remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this address belongs to an account already")
	}
	if err != nil || fresh == 1 || !n.MustChangePassword {
		return out, err
	}
	return out, s.renewFirstPassword(ctx, n)
}

// renewFirstPassword sets the password of a person who was added before and has
// not signed in: the answer with the first one was lost.
func (s *Store) renewFirstPassword(ctx context.Context, n api.NewStaff) error {
	return s.write(ctx, "renew a first password", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql:  "UPDATE staff SET password = $1, password_until = $2 WHERE id = $3 AND must_change = 1 AND last_sign_in_at = 0",
			args: []any{n.PasswordHash, micros(s.clock.Now().Add(compliance.OneTimePasswordLife)), string(n.ID)},
		})
	})
}

const selectStaff = `SELECT s.id, s.tenant_id, s.name, s.role, s.suspended, s.email_sealed, s.password, s.must_change, s.password_until,
	s.totp_sealed, s.totp_step, s.locked_until, s.created_at, s.last_sign_in_at, COALESCE(k.wrapped, '')
	FROM staff s LEFT JOIN data_keys k ON k.owner = 'staff/' || s.id`

// sealedStaff is an account as it is read, with what is sealed of it.
type sealedStaff struct {
	api.StaffAccount
	email, totp, wrapped []byte
}

// accounts reads accounts with their passkeys.
func (s *Store) accounts(ctx context.Context, rest string, args ...any) ([]api.StaffAccount, error) {
	var list []sealedStaff
	err := s.query(ctx, "read staff", selectStaff+rest, args, func(row scanner) error {
		var a sealedStaff
		var suspended, must, until, locked, created, last int64
		err := row.Scan(&a.ID, &a.TenantID, &a.Name, &a.Role, &suspended, &a.email, &a.PasswordHash, &must, &until,
			&a.totp, &a.TOTPStep, &locked, &created, &last, &a.wrapped)
		a.Suspended, a.MustChangePassword, a.HasTOTP = suspended == 1, must == 1, len(a.totp) > 0
		a.PasswordUntil, a.LockedUntil, a.CreatedAt, a.LastSignInAt = fromMicros(until), fromMicros(locked), fromMicros(created), fromMicros(last)
		list = append(list, a)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]api.StaffAccount, 0, len(list))
	for _, a := range list {
		if err := s.openStaff(ctx, &a); err != nil {
			return nil, err
		}
		if a.Passkeys, err = s.passkeys(ctx, a.ID); err != nil {
			return nil, err
		}
		out = append(out, a.StaffAccount)
	}
	return out, nil
}

// openStaff reads what is sealed of a person; nothing when the key was erased.
func (s *Store) openStaff(ctx context.Context, a *sealedStaff) error {
	if len(a.wrapped) == 0 {
		return nil
	}
	owner := staffOwner(a.ID)
	key, err := s.vault.Open(ctx, a.wrapped, owner)
	if err != nil {
		return err
	}
	email, err := unseal(key, a.email, owner+"/email")
	if err != nil {
		return err
	}
	a.Email = string(email)
	if len(a.totp) > 0 {
		a.TOTPSecret, err = unseal(key, a.totp, owner+"/totp")
	}
	return err
}

func (s *Store) account(ctx context.Context, rest string, args ...any) (api.StaffAccount, error) {
	list, err := s.accounts(ctx, rest, args...)
	if err != nil {
		return api.StaffAccount{}, err
	}
	if len(list) == 0 {
		return api.StaffAccount{}, remit.Errorf(remit.KindNotFound, remit.ReasonNotFound, "there is no such member of staff")
	}
	return list[0], nil
}

// StaffByEmail returns the account of an address. Errors: not_found.
func (s *Store) StaffByEmail(ctx context.Context, email string) (api.StaffAccount, error) {
	hash, err := s.emailHash(ctx, email)
	if err != nil {
		return api.StaffAccount{}, err
	}
	return s.account(ctx, " WHERE s.email_hash = $1", hash)
}

// StaffByID returns an account of any tenant. Errors: not_found.
func (s *Store) StaffByID(ctx context.Context, id remit.StaffID) (api.StaffAccount, error) {
	return s.account(ctx, " WHERE s.id = $1", string(id))
}

// StaffByCredential returns the account with a passkey. Errors: not_found.
func (s *Store) StaffByCredential(ctx context.Context, credentialID []byte) (api.StaffAccount, error) {
	return s.account(ctx, " WHERE s.id = (SELECT staff_id FROM staff_passkeys WHERE credential_id = $1)", credentialID)
}

// Staff lists a tenant's people by name.
func (s *Store) Staff(ctx context.Context, tenant remit.TenantID) ([]compliance.Staff, error) {
	list, err := s.accounts(ctx, " WHERE s.tenant_id = $1 ORDER BY s.name, s.id", string(tenant))
	if err != nil {
		return nil, err
	}
	out := make([]compliance.Staff, len(list))
	for i, a := range list {
		out[i] = a.Staff
	}
	return out, nil
}

func (s *Store) staffOf(ctx context.Context, tenant remit.TenantID, id remit.StaffID) (compliance.Staff, error) {
	a, err := s.account(ctx, " WHERE s.id = $1 AND s.tenant_id = $2", string(id), string(tenant))
	if remit.KindOf(err) == remit.KindNotFound {
		return compliance.Staff{}, remit.NotFound("member of staff", string(id))
	}
	return a.Staff, err
}

func (s *Store) passkeys(ctx context.Context, id remit.StaffID) ([]compliance.Passkey, error) {
	var out []compliance.Passkey
	err := s.query(ctx, "read passkeys", `SELECT id, credential_id, name, credential, sign_count, created_at, last_used_at
		FROM staff_passkeys WHERE staff_id = $1 ORDER BY created_at, id`, []any{string(id)}, func(row scanner) error {
		var p compliance.Passkey
		var count, created, used int64
		err := row.Scan(&p.ID, &p.CredentialID, &p.Name, &p.Credential, &count, &created, &used)
		p.SignCount, p.CreatedAt, p.LastUsedAt = uint32(count), fromMicros(created), fromMicros(used)
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read passkeys: %w", err)
	}
	return out, nil
}
