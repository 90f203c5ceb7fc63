package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// CreateTenant stores a tenant and makes the data key that seals what is its
// own. The same tenant again is no error and keeps its name and key.
func (s *Store) CreateTenant(ctx context.Context, id remit.TenantID, name string) error {
	owner := "tenants/" + string(id)
	_, wrapped, err := s.newDataKey(ctx, owner)
	if err != nil {
		return err
	}
	return s.write(ctx, "create a tenant", func(ctx context.Context, run runner) error {
		now := micros(s.clock.Now())
		return run.run(ctx,
			statement{
				sql:  "INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
				args: []any{string(id), name, now},
			},
			statement{sql: insertDataKey, args: []any{owner, wrapped, now}})
	})
}

// Tenant is a company that calls the API.
type Tenant struct {
	ID   remit.TenantID
	Name string
}

// Tenants lists all tenants, oldest first.
func (s *Store) Tenants(ctx context.Context) ([]Tenant, error) {
	var out []Tenant
	err := s.query(ctx, "read tenants", "SELECT id, name FROM tenants ORDER BY id", nil, func(row scanner) error {
		var t Tenant
		err := row.Scan(&t.ID, &t.Name)
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CreateKey stores an API key with the SHA-256 of its secret. Errors: conflict
// when the id or the secret is in use.
func (s *Store) CreateKey(ctx context.Context, k api.Key, secretHash [32]byte) error {
	return s.write(ctx, "create an API key", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: `INSERT INTO api_keys (id, tenant_id, name, scopes, secret_hash, expires_at, revoked_at, created_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			args: []any{
				string(k.ID), string(k.TenantID), k.Name, toJSON(k.Scopes), secretHash[:],
				micros(k.ExpiresAt), micros(k.RevokedAt), micros(s.clock.Now()),
			},
		})
	})
}

// RevokeKey takes an API key out of force at once. Errors: not_found.
func (s *Store) RevokeKey(ctx context.Context, id remit.KeyID) error {
	var n int64
	err := s.write(ctx, "revoke an API key", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql:  "UPDATE api_keys SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END WHERE id = $2",
			args: []any{micros(s.clock.Now()), string(id)}, affected: &n,
		})
	})
	if err == nil && n == 0 {
		return remit.NotFound("API key", string(id))
	}
	return err
}

// KeyBySecretHash returns the key whose secret has the hash, expired and
// revoked ones too: its reader judges. Errors: not_found.
func (s *Store) KeyBySecretHash(ctx context.Context, hash [32]byte) (api.Key, error) {
	var out *api.Key
	err := s.query(ctx, "read an API key", `SELECT id, tenant_id, name, scopes, expires_at, revoked_at FROM api_keys
		WHERE secret_hash = $1`, []any{hash[:]}, func(row scanner) error {
		var k api.Key
		var scopes string
		var expires, revoked int64
		if err := row.Scan(&k.ID, &k.TenantID, &k.Name, &scopes, &expires, &revoked); err != nil {
			return err
		}
		k.ExpiresAt, k.RevokedAt = fromMicros(expires), fromMicros(revoked)
		out = &k
		return json.Unmarshal([]byte(scopes), &k.Scopes)
	})
	if err != nil {
		return api.Key{}, err
	}
	if out == nil {
		return api.Key{}, remit.Errorf(remit.KindNotFound, remit.ReasonNotFound, "there is no such API key")
	}
	return *out, nil
}

// The limits of a page.
const (
	defaultPage = 50
	maxPage     = 100
)

// paged ends a WHERE clause so that it reads one page, newest first.
func paged(where string, args []any, id string, p api.Page) (rest string, all []any) {
	if p.After != "" {
		args = append(args, p.After)
		where += fmt.Sprintf(" AND %s < $%d", id, len(args))
	}
	size := p.Size
	if size < 1 {
		size = defaultPage
	}
	args = append(args, int64(min(size, maxPage)))
	return fmt.Sprintf("%s ORDER BY %s DESC LIMIT $%d", where, id, len(args)), args
}
