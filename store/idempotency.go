package store

import (
	"bytes"
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// claimLapse is how long a claim on an idempotency key holds.
const claimLapse = time.Minute

// BeginIdempotent claims a key for a request, or returns what is known of it.
func (s *Store) BeginIdempotent(ctx context.Context, tenant remit.TenantID, key, method string, requestHash [32]byte) (api.IdempotencyRecord, error) {
	var out api.IdempotencyRecord
	var sealed []byte
	err := s.write(ctx, "claim an idempotency key", func(ctx context.Context, run runner) error {
		out, sealed = api.IdempotencyRecord{}, nil
		now := s.clock.Now()
		var fresh int64
		err := run.run(ctx, statement{
			sql: `INSERT INTO idempotency (tenant_id, key, method, request_hash, first_seen, claimed_at, done, response)
				VALUES ($1, $2, $3, $4, $5, $6, 0, '') ON CONFLICT (tenant_id, key) DO NOTHING`,
			args:     []any{string(tenant), key, method, requestHash[:], micros(now), micros(now)},
			affected: &fresh,
		})
		if err != nil {
			return err
		}
		if fresh == 1 {
			out.FirstSeen = now
			return nil
		}
		var knownMethod string
		var knownHash []byte
		var first, claimed, done int64
		err = run.run(ctx, statement{
			sql:  "SELECT method, request_hash, first_seen, claimed_at, done, response FROM idempotency WHERE tenant_id = $1 AND key = $2" + s.dialect.lock,
			args: []any{string(tenant), key},
			each: func(row scanner) error { return row.Scan(&knownMethod, &knownHash, &first, &claimed, &done, &sealed) },
		})
		if err != nil {
			return err
		}
		if knownMethod != method || !bytes.Equal(knownHash, requestHash[:]) {
			return remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "this idempotency key was used with another request")
		}
		out.FirstSeen, out.Done = fromMicros(first), done == 1
		if out.Done {
			return nil
		}
		if lapse := fromMicros(claimed).Add(claimLapse).Sub(now); lapse > 0 {
			busy := remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyBusy, "a request with this idempotency key is under way; ask again")
			busy.RetryAfter = min(lapse, time.Second)
			return busy
		}
		return run.run(ctx, statement{
			sql:  "UPDATE idempotency SET claimed_at = $1 WHERE tenant_id = $2 AND key = $3",
			args: []any{micros(now), string(tenant), key}, want: 1,
		})
	})
	if err != nil {
		return api.IdempotencyRecord{}, err
	}
	if out.Done {
		out.Response, err = s.openForTenant(ctx, tenant, sealed, "idempotency/"+key)
	}
	return out, err
}

// FinishIdempotent stores the response of a successful request, sealed. A
// response that is stored already stays. Errors: not_found without a claim.
func (s *Store) FinishIdempotent(ctx context.Context, tenant remit.TenantID, key string, response []byte) error {
	sealed, err := s.sealForTenant(ctx, tenant, response, "idempotency/"+key)
	if err != nil {
		return err
	}
	var n int64
	err = s.write(ctx, "store a response", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: `UPDATE idempotency SET response = CASE WHEN done = 1 THEN response ELSE $1 END, done = 1
				WHERE tenant_id = $2 AND key = $3`,
			args: []any{sealed, string(tenant), key}, affected: &n,
		})
	})
	if err == nil && n == 0 {
		return remit.NotFound("idempotency key", key)
	}
	return err
}

// ReleaseIdempotent gives up a claim after a refused request. A key whose
// response is stored is left alone.
func (s *Store) ReleaseIdempotent(ctx context.Context, tenant remit.TenantID, key string) error {
	return s.write(ctx, "release an idempotency key", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: "DELETE FROM idempotency WHERE tenant_id = $1 AND key = $2 AND done = 0", args: []any{string(tenant), key},
		})
	})
}

// LapseIdempotent gives up a claim after a request of which it is not known how
// far it came. A key whose response is stored is left alone.
func (s *Store) LapseIdempotent(ctx context.Context, tenant remit.TenantID, key string) error {
	return s.write(ctx, "lapse a claim of an idempotency key", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: "UPDATE idempotency SET claimed_at = 0 WHERE tenant_id = $1 AND key = $2 AND done = 0", args: []any{string(tenant), key},
		})
	})
}

// ForgetIdempotency deletes what is known of keys first used before a time.
func (s *Store) ForgetIdempotency(ctx context.Context, before time.Time) (forgotten int64, err error) {
	err = s.write(ctx, "forget idempotency keys", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: "DELETE FROM idempotency WHERE first_seen < $1", args: []any{micros(before)}, affected: &forgotten,
		})
	})
	return forgotten, err
}
