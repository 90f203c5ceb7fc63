package store

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"github.com/openremit/remit"
)

// seal encrypts with a data key. place is the table and id of the row, so that
// sealed values cannot be exchanged between rows.
func seal(key, plain []byte, place string) ([]byte, error) {
	aead, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	sealed, err := aead.Encrypt(plain, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	return sealed, nil
}

func unseal(key, sealed []byte, place string) ([]byte, error) {
	aead, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", place, err)
	}
	plain, err := aead.Decrypt(sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", place, err)
	}
	return plain, nil
}

// newDataKey makes a data key and wraps it for its owner.
func (s *Store) newDataKey(ctx context.Context, owner string) (key, wrapped []byte, err error) {
	key = make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, nil, fmt.Errorf("make a data key: %w", err)
	}
	wrapped, err = s.vault.Seal(ctx, key, owner)
	return key, wrapped, err
}

const insertDataKey = "INSERT INTO data_keys (owner, wrapped, created_at) VALUES ($1, $2, $3) ON CONFLICT (owner) DO NOTHING"

// dataKey returns the data key of an owner. Errors: not_found when it was
// erased or never made.
func (s *Store) dataKey(ctx context.Context, owner string) ([]byte, error) {
	var wrapped []byte
	err := s.query(ctx, "read a data key", "SELECT wrapped FROM data_keys WHERE owner = $1", []any{owner},
		func(row scanner) error { return row.Scan(&wrapped) })
	if err != nil {
		return nil, err
	}
	if wrapped == nil {
		return nil, remit.NotFound("data key", owner)
	}
	return s.vault.Open(ctx, wrapped, owner)
}

// tenantKey returns the data key of a tenant, from memory after the first time.
func (s *Store) tenantKey(ctx context.Context, tenant remit.TenantID) ([]byte, error) {
	s.keysLock.Lock()
	key := s.tenantKeys[tenant]
	s.keysLock.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := s.dataKey(ctx, "tenants/"+string(tenant))
	if err != nil {
		return nil, err
	}
	s.keysLock.Lock()
	s.tenantKeys[tenant] = key
	s.keysLock.Unlock()
	return key, nil
}

func (s *Store) sealForTenant(ctx context.Context, tenant remit.TenantID, plain []byte, place string) ([]byte, error) {
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return seal(key, plain, place)
}

func (s *Store) openForTenant(ctx context.Context, tenant remit.TenantID, sealed []byte, place string) ([]byte, error) {
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return unseal(key, sealed, place)
}
