package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// sealedBeneficiary is what of a beneficiary is sealed.
type sealedBeneficiary struct {
	Party   remit.Party       `json:"party"`
	Account map[string]string `json:"account"`
}

// CreateCustomer stores a customer, the identity sealed with a key of its own.
// The same customer again is no error. Errors: conflict for the same id with
// other content.
func (s *Store) CreateCustomer(ctx context.Context, c remit.Customer) error {
	owner := "customers/" + string(c.ID)
	wrapped, sealed, err := s.sealPerson(ctx, owner, c.Party)
	if err != nil {
		return err
	}
	created := c.CreatedAt
	if created.IsZero() {
		created = s.clock.Now()
	}
	keys, err := s.customerKeys(ctx, c.TenantID, c.ID, c.Party, false)
	if err != nil {
		return err
	}
	fresh, err := s.insertPerson(ctx, owner, wrapped, statement{
		sql: `INSERT INTO customers (id, tenant_id, sealed, tier, reference, created_at, keyed) VALUES ($1, $2, $3, $4, $5, $6, 1)
			ON CONFLICT (id) DO NOTHING`,
		args: []any{string(c.ID), string(c.TenantID), sealed, int64(c.Tier), c.Reference, micros(created)},
	}, keys...)
	if err != nil || fresh {
		return err
	}
	before, err := s.Customer(ctx, c.TenantID, c.ID)
	if err == nil && (before.Party != c.Party || before.Tier != c.Tier || before.Reference != c.Reference) || remit.KindOf(err) == remit.KindNotFound {
		return remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "customer %s is there with other content", c.ID)
	}
	return err
}

// CreateBeneficiary stores a beneficiary, identity and account sealed with a
// key of its own. The same one again is no error. Errors: conflict for the
// same id with other content.
func (s *Store) CreateBeneficiary(ctx context.Context, b remit.Beneficiary) error {
	owner := "beneficiaries/" + string(b.ID)
	wrapped, sealed, err := s.sealPerson(ctx, owner, sealedBeneficiary{Party: b.Party, Account: b.Account})
	if err != nil {
		return err
	}
	created := b.CreatedAt
	if created.IsZero() {
		created = s.clock.Now()
	}
	account, err := s.accountHash(ctx, b.TenantID, b.Method, b.Account)
	if err != nil {
		return err
	}
	fresh, err := s.insertPerson(ctx, owner, wrapped, statement{
		sql: `INSERT INTO beneficiaries (id, tenant_id, method, sealed, created_at, account_hash) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO NOTHING`,
		args: []any{string(b.ID), string(b.TenantID), string(b.Method), sealed, micros(created), account},
	})
	if err != nil || fresh {
		return err
	}
	before, err := s.Beneficiary(ctx, b.TenantID, b.ID)
	if err == nil && (before.Party != b.Party || before.Method != b.Method || !maps.Equal(before.Account, b.Account)) || remit.KindOf(err) == remit.KindNotFound {
		return remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "beneficiary %s is there with other content", b.ID)
	}
	return err
}

// sealPerson seals what belongs to a person with a fresh data key.
func (s *Store) sealPerson(ctx context.Context, owner string, content any) (wrapped, sealed []byte, err error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return nil, nil, fmt.Errorf("seal %s: %w", owner, err)
	}
	key, wrapped, err := s.newDataKey(ctx, owner)
	if err != nil {
		return nil, nil, err
	}
	sealed, err = seal(key, plain, owner)
	return wrapped, sealed, err
}

// insertPerson inserts a person's row and, if it is new, the key that seals it
// and what else goes with it.
func (s *Store) insertPerson(ctx context.Context, owner string, wrapped []byte, insert statement, also ...statement) (fresh bool, err error) {
	err = s.write(ctx, "store "+owner, func(ctx context.Context, run runner) error {
		var n int64
		insert.affected = &n
		if err := run.run(ctx, insert); err != nil {
			return err
		}
		if fresh = n == 1; !fresh {
			return nil
		}
		return run.run(ctx, append([]statement{{sql: insertDataKey, args: []any{owner, wrapped, micros(s.clock.Now())}}}, also...)...)
	})
	return fresh, err
}

// ErasePerson deletes the data key of a customer or beneficiary: the identity
// can never be read again, while ids, amounts and journal stay. owner is
// "customers/<id>" or "beneficiaries/<id>". Errors: not_found.
func (s *Store) ErasePerson(ctx context.Context, owner string) error {
	var n int64
	err := s.write(ctx, "erase a person", func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{sql: "DELETE FROM data_keys WHERE owner = $1 AND owner NOT LIKE 'tenants/%' AND owner NOT LIKE 'gateway/%'", args: []any{owner}, affected: &n},
			statement{sql: "DELETE FROM customer_keys WHERE customer_id = $1", args: []any{strings.TrimPrefix(owner, "customers/")}},
			statement{sql: "UPDATE customers SET keyed = 1 WHERE id = $1", args: []any{strings.TrimPrefix(owner, "customers/")}})
	})
	if err == nil && n == 0 {
		return remit.NotFound("data key", owner)
	}
	return err
}

const (
	selectCustomers = `SELECT c.id, c.tenant_id, c.sealed, c.tier, c.reference, c.created_at, c.version, c.updated_at, COALESCE(k.wrapped, '')
	FROM customers c LEFT JOIN data_keys k ON k.owner = 'customers/' || c.id`
	selectBeneficiaries = `SELECT b.id, b.tenant_id, b.method, b.sealed, b.created_at, b.version, b.updated_at, COALESCE(k.wrapped, '')
	FROM beneficiaries b LEFT JOIN data_keys k ON k.owner = 'beneficiaries/' || b.id`
)

// Customer returns a customer of a tenant; an erased one without identity.
// Errors: not_found.
func (s *Store) Customer(ctx context.Context, tenant remit.TenantID, id remit.CustomerID) (remit.Customer, error) {
	list, err := s.customers(ctx, " WHERE c.id = $1 AND c.tenant_id = $2", string(id), string(tenant))
	if err != nil {
		return remit.Customer{}, err
	}
	if len(list) == 0 {
		return remit.Customer{}, remit.NotFound("customer", string(id))
	}
	return list[0], nil
}

// Customers lists a tenant's customers, newest first.
func (s *Store) Customers(ctx context.Context, tenant remit.TenantID, p api.Page) ([]remit.Customer, error) {
	rest, args := paged(" WHERE c.tenant_id = $1", []any{string(tenant)}, "c.id", p)
	return s.customers(ctx, rest, args...)
}

func (s *Store) customers(ctx context.Context, rest string, args ...any) ([]remit.Customer, error) {
	var out []remit.Customer
	var sealed, wrapped [][]byte
	err := s.query(ctx, "read customers", selectCustomers+rest, args, func(row scanner) error {
		var c remit.Customer
		var tier, created, updated int64
		var body, key []byte
		err := row.Scan(&c.ID, &c.TenantID, &body, &tier, &c.Reference, &created, &c.Version, &updated, &key)
		c.Tier, c.CreatedAt, c.UpdatedAt = remit.KYCTier(tier), fromMicros(created), fromMicros(updated)
		out, sealed, wrapped = append(out, c), append(sealed, body), append(wrapped, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openPerson(ctx, "customers/"+string(out[i].ID), wrapped[i], sealed[i], &out[i].Party); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Beneficiary returns a beneficiary of a tenant; an erased one without
// identity and account. Errors: not_found.
func (s *Store) Beneficiary(ctx context.Context, tenant remit.TenantID, id remit.BeneficiaryID) (remit.Beneficiary, error) {
	list, err := s.beneficiaries(ctx, " WHERE b.id = $1 AND b.tenant_id = $2", string(id), string(tenant))
	if err != nil {
		return remit.Beneficiary{}, err
	}
	if len(list) == 0 {
		return remit.Beneficiary{}, remit.NotFound("beneficiary", string(id))
	}
	return list[0], nil
}

// Beneficiaries lists a tenant's beneficiaries, newest first.
func (s *Store) Beneficiaries(ctx context.Context, tenant remit.TenantID, p api.Page) ([]remit.Beneficiary, error) {
	rest, args := paged(" WHERE b.tenant_id = $1", []any{string(tenant)}, "b.id", p)
	return s.beneficiaries(ctx, rest, args...)
}

func (s *Store) beneficiaries(ctx context.Context, rest string, args ...any) ([]remit.Beneficiary, error) {
	var out []remit.Beneficiary
	var sealed, wrapped [][]byte
	err := s.query(ctx, "read beneficiaries", selectBeneficiaries+rest, args, func(row scanner) error {
		var b remit.Beneficiary
		var created, updated int64
		var body, key []byte
		err := row.Scan(&b.ID, &b.TenantID, &b.Method, &body, &created, &b.Version, &updated, &key)
		b.CreatedAt, b.UpdatedAt = fromMicros(created), fromMicros(updated)
		out, sealed, wrapped = append(out, b), append(sealed, body), append(wrapped, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		var content sealedBeneficiary
		if err := s.openPerson(ctx, "beneficiaries/"+string(out[i].ID), wrapped[i], sealed[i], &content); err != nil {
			return nil, err
		}
		out[i].Party, out[i].Account = content.Party, content.Account
	}
	return out, nil
}

// openPerson reads what was sealed for a person; nothing when the key was erased.
func (s *Store) openPerson(ctx context.Context, owner string, wrapped, sealed []byte, into any) error {
	if len(wrapped) == 0 {
		return nil
	}
	key, err := s.vault.Open(ctx, wrapped, owner)
	if err != nil {
		return err
	}
	plain, err := unseal(key, sealed, owner)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("read %s: %w", owner, err)
	}
	return nil
}
