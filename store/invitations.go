package store

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// CreateInvitation stores an invitation and ends those that the person has. The
// same one again is no error.
func (s *Store) CreateInvitation(ctx context.Context, n api.Invitation) error {
	return s.write(ctx, "invite a person", func(ctx context.Context, run runner) error {
		now := micros(s.clock.Now())
		return run.run(ctx, statement{
			sql:  "UPDATE invitations SET revoked_at = $1 WHERE tenant_id = $2 AND teller_id = $3 AND used_at = 0 AND revoked_at = 0 AND hash <> $4",
			args: []any{now, string(n.TenantID), n.TellerID, n.Hash[:]},
		}, statement{
			sql: `INSERT INTO invitations (hash, tenant_id, teller_id, staff_id, created_at, expires_at, used_at, revoked_at)
				VALUES ($1, $2, $3, $4, $5, $6, 0, 0) ON CONFLICT DO NOTHING`,
			args: []any{n.Hash[:], string(n.TenantID), n.TellerID, string(n.StaffID), now, micros(n.ExpiresAt)},
		})
	})
}

const selectInvitations = "SELECT hash, tenant_id, teller_id, staff_id, created_at, expires_at, used_at, revoked_at FROM invitations"

func (s *Store) invitations(ctx context.Context, rest string, args ...any) ([]api.Invitation, error) {
	var out []api.Invitation
	err := s.query(ctx, "read invitations", selectInvitations+rest, args, func(row scanner) error {
		var n api.Invitation
		var hash []byte
		var created, expires, used, revoked int64
		err := row.Scan(&hash, &n.TenantID, &n.TellerID, &n.StaffID, &created, &expires, &used, &revoked)
		copy(n.Hash[:], hash)
		n.CreatedAt, n.ExpiresAt, n.UsedAt, n.RevokedAt = fromMicros(created), fromMicros(expires), fromMicros(used), fromMicros(revoked)
		out = append(out, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// InvitationByHash returns an invitation, over or not. Errors: not_found.
func (s *Store) InvitationByHash(ctx context.Context, hash [32]byte) (api.Invitation, error) {
	list, err := s.invitations(ctx, " WHERE hash = $1", hash[:])
	if err == nil && len(list) == 0 {
		err = remit.Errorf(remit.KindNotFound, remit.ReasonInvitationUnknown, "there is no such invitation")
	}
	if err != nil {
		return api.Invitation{}, err
	}
	return list[0], nil
}

// LastInvitations returns the newest invitation of each of a tenant's people who
// were ever invited.
func (s *Store) LastInvitations(ctx context.Context, tenant remit.TenantID, tellers []string) (map[string]api.Invitation, error) {
	out := make(map[string]api.Invitation)
	if len(tellers) == 0 {
		return out, nil
	}
	args := append([]any{string(tenant)}, padded(tellers)...)
	list, err := s.invitations(ctx, " WHERE tenant_id = $1 AND teller_id IN ("+inList(2, len(args)-1)+") ORDER BY created_at, expires_at", args...)
	for _, n := range list {
		out[n.TellerID] = n
	}
	return out, err
}

// RevokeInvitation ends a person's open invitations and tells whether there was one.
func (s *Store) RevokeInvitation(ctx context.Context, tenant remit.TenantID, teller string) (ended bool, err error) {
	var n int64
	err = s.write(ctx, "take an invitation back", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql:  "UPDATE invitations SET revoked_at = $1 WHERE tenant_id = $2 AND teller_id = $3 AND used_at = 0 AND revoked_at = 0",
			args: []any{micros(s.clock.Now()), string(tenant), teller}, affected: &n,
		})
	})
	return n > 0, err
}

// EndSessions ends all sessions and pending sign-ins of people and tells how many
// sessions there were.
func (s *Store) EndSessions(ctx context.Context, people []remit.StaffID) (ended int, err error) {
	for _, id := range people {
		var n int64
		err := s.write(ctx, "end a person's sessions", func(ctx context.Context, run runner) error {
			list := endSignIns(id, "")
			list[len(list)-1].affected = &n
			return run.run(ctx, list...)
		})
		if err != nil {
			return ended, err
		}
		ended += int(n)
	}
	return ended, nil
}

// joining are the statements by which a person joins; each must write one row.
func joining(n api.SignedIn, now time.Time) []statement {
	if n.Join == nil {
		return nil
	}
	return []statement{{
		sql:  "UPDATE staff SET password = $1, must_change = 0, password_until = 0 WHERE id = $2 AND must_change = 1",
		args: []any{n.Join.PasswordHash, string(n.StaffID)},
	}, {
		sql:  "UPDATE invitations SET used_at = $1 WHERE hash = $2 AND staff_id = $3 AND used_at = 0 AND revoked_at = 0 AND expires_at > $1",
		args: []any{micros(now), n.Join.Invitation[:], string(n.StaffID)},
	}}
}
