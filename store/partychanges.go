package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/openremit/remit"
)

// partySnapshot is what a party was in one version, as it is sealed.
type partySnapshot struct {
	Party     remit.Party        `json:"party"`
	Account   map[string]string  `json:"account,omitempty"`
	Method    remit.PayoutMethod `json:"method,omitempty"`
	Tier      remit.KYCTier      `json:"tier,omitempty"`
	Reference string             `json:"reference,omitempty"`
}

// PartyChange is a version of a customer or beneficiary that was replaced.
type PartyChange struct {
	Version int64
	// Party is who it was; Account, for beneficiaries, where it was paid; Tier and
	// Reference, for customers, how well it was known and what the tenant called it.
	Party     remit.Party
	Account   map[string]string
	Tier      remit.KYCTier
	Reference string
	// At and By say when and by which key it was replaced.
	At time.Time
	By string
}

// partyUpdate is the change of one row of customers or beneficiaries.
type partyUpdate struct {
	// owner is the table and id of the row, id the id alone.
	owner, id string
	tenant    remit.TenantID
	// version is the one that is replaced, and has the one that was found.
	version, has int64
	was          partySnapshot
	// content is what the row seals from now on.
	content any
	// update is the row's UPDATE. $1 is what is sealed, $2 the time, $3 the id,
	// $4 the version that is replaced; args follow.
	update string
	args   []any
	// check, if given, may refuse the change inside the transaction.
	check func(ctx context.Context, tx *Tx) error
	// also is written in the same transaction.
	also []statement
	// by is who changes it.
	by string
}

// UpdateCustomer replaces a customer by its next version: c as it should be,
// with the version that it was made on. The version before is kept, sealed, and
// the customer waits to be compared with the lists. The same change again is no
// error. Errors: not_found; conflict with ReasonPartyChanged when the customer
// is at another version; precondition when it was erased.
func (s *Store) UpdateCustomer(ctx context.Context, c remit.Customer, by string) (remit.Customer, error) {
	before, err := s.Customer(ctx, c.TenantID, c.ID)
	if err != nil {
		return remit.Customer{}, err
	}
	same := before.Party == c.Party && before.Tier == c.Tier && before.Reference == c.Reference
	if same && (before.Version == c.Version || before.Version == c.Version+1) {
		return before, nil
	}
	keys, err := s.rekey(ctx, c)
	if err != nil {
		return remit.Customer{}, err
	}
	err = s.changeParty(ctx, partyUpdate{
		also: keys, owner: "customers/" + string(c.ID), id: string(c.ID), tenant: c.TenantID, version: c.Version, has: before.Version,
		was:     partySnapshot{Party: before.Party, Tier: before.Tier, Reference: before.Reference},
		content: c.Party, by: by,
		update: "UPDATE customers SET sealed = $1, version = version + 1, updated_at = $2, tier = $5, reference = $6 WHERE id = $3 AND version = $4",
		args:   []any{int64(c.Tier), c.Reference},
	})
	if err != nil {
		return remit.Customer{}, err
	}
	return s.Customer(ctx, c.TenantID, c.ID)
}

// UpdateBeneficiary is UpdateCustomer for a beneficiary. Account and country
// change only while no remittance to it is under way: precondition with
// ReasonPartyInUse. The payout method never changes.
func (s *Store) UpdateBeneficiary(ctx context.Context, b remit.Beneficiary, by string) (remit.Beneficiary, error) {
	before, err := s.Beneficiary(ctx, b.TenantID, b.ID)
	if err != nil {
		return remit.Beneficiary{}, err
	}
	sameAccount := maps.Equal(before.Account, b.Account)
	if before.Party == b.Party && sameAccount && (before.Version == b.Version || before.Version == b.Version+1) {
		return before, nil
	}
	account, err := s.accountHash(ctx, b.TenantID, before.Method, b.Account)
	if err != nil {
		return remit.Beneficiary{}, err
	}
	u := partyUpdate{
		owner: "beneficiaries/" + string(b.ID), id: string(b.ID), tenant: b.TenantID, version: b.Version, has: before.Version,
		was:     partySnapshot{Party: before.Party, Account: before.Account, Method: before.Method},
		content: sealedBeneficiary{Party: b.Party, Account: b.Account}, by: by,
		update: "UPDATE beneficiaries SET sealed = $1, version = version + 1, updated_at = $2, account_hash = $5 WHERE id = $3 AND version = $4",
		args:   []any{account},
	}
	if !sameAccount || before.Party.Country != b.Party.Country {
		u.check = func(ctx context.Context, tx *Tx) error { return tx.unused(ctx, b.ID) }
	}
	if err := s.changeParty(ctx, u); err != nil {
		return remit.Beneficiary{}, err
	}
	return s.Beneficiary(ctx, b.TenantID, b.ID)
}

// changeParty replaces the row, keeps what it was, and has it rescreened.
func (s *Store) changeParty(ctx context.Context, u partyUpdate) error {
	if u.version != u.has {
		return partyChanged(u.has)
	}
	key, err := s.dataKey(ctx, u.owner)
	if remit.KindOf(err) == remit.KindNotFound {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonNotFound, "who this was has been erased; make a new one")
	}
	if err != nil {
		return err
	}
	sealed, err := sealJSON(key, u.content, u.owner)
	if err != nil {
		return err
	}
	was, err := sealJSON(key, u.was, snapshotPlace(u.owner, u.version))
	if err != nil {
		return err
	}
	// By the committer, and not beside it, so that no remittance to an account
	// begins while the account changes.
	err = s.commit(ctx, "change "+u.owner, needs{}, func(ctx context.Context, tx *Tx) error {
		if u.check != nil {
			if err := u.check(ctx, tx); err != nil {
				return err
			}
		}
		var n int64
		now := micros(tx.now)
		err := tx.read(ctx, statement{
			sql: u.update, args: append([]any{sealed, now, u.id, u.version}, u.args...), affected: &n,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return partyChanged(u.version + 1)
		}
		return tx.read(ctx, append(u.also, statement{
			sql:  `INSERT INTO party_changes (party_id, version, tenant_id, sealed, at, changed_by) VALUES ($1, $2, $3, $4, $5, $6)`,
			args: []any{u.id, u.version, string(u.tenant), was, now, u.by},
		}, statement{
			sql: `INSERT INTO changed_parties (party_id, tenant_id, version, at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (party_id) DO UPDATE SET version = excluded.version, at = excluded.at`,
			args: []any{u.id, string(u.tenant), u.version + 1, now},
		})...)
	})
	if err == nil {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
	return err
}

// PartyChanged returns a channel that receives after this process changed a
// customer or beneficiary; it is a hint, never the only way.
func (s *Store) PartyChanged() <-chan struct{} { return s.changed }

func partyChanged(has int64) error {
	return remit.Errorf(remit.KindConflict, remit.ReasonPartyChanged, "it is at version %d; read it again, and make the change on that", has)
}

// unused checks that no remittance to a beneficiary is under way, those of the
// same group included.
func (tx *Tx) unused(ctx context.Context, id remit.BeneficiaryID) error {
	used := remit.RemittanceID("")
	err := tx.read(ctx, statement{
		sql: "SELECT id, state FROM remittances WHERE beneficiary_id = $1 AND " + underWay, args: []any{string(id)},
		each: func(row scanner) error {
			var r remit.RemittanceID
			var state remit.State
			err := row.Scan(&r, &state)
			if now, known := tx.remittances.peek(r); known {
				state = now.State
			}
			if !state.Ended() {
				used = r
			}
			return err
		},
	})
	if err != nil {
		return err
	}
	for _, row := range tx.remittances.rows {
		if row.exists && row.value.BeneficiaryID == id && !row.value.State.Ended() {
			used = row.value.ID
		}
	}
	if used != "" {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonPartyInUse,
			"the remittance %s is on its way to this account; change it afterwards, or make another beneficiary", used)
	}
	return nil
}

// underWay holds for remittances that have not ended; see remit.State.Ended.
const underWay = "state NOT IN ('completed', 'refunded', 'rejected', 'canceled', 'expired', 'blocked')"

func snapshotPlace(owner string, version int64) string { return fmt.Sprintf("%s/v%d", owner, version) }

func sealJSON(key []byte, content any, place string) ([]byte, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	return seal(key, plain, place)
}

// CustomerChanges returns the versions of a customer that were replaced, newest
// first; none of an erased one. Errors: not_found.
func (s *Store) CustomerChanges(ctx context.Context, tenant remit.TenantID, id remit.CustomerID) ([]PartyChange, error) {
	if _, err := s.Customer(ctx, tenant, id); err != nil {
		return nil, err
	}
	return s.partyChanges(ctx, "customers/"+string(id), string(id))
}

// BeneficiaryChanges is CustomerChanges for a beneficiary.
func (s *Store) BeneficiaryChanges(ctx context.Context, tenant remit.TenantID, id remit.BeneficiaryID) ([]PartyChange, error) {
	if _, err := s.Beneficiary(ctx, tenant, id); err != nil {
		return nil, err
	}
	return s.partyChanges(ctx, "beneficiaries/"+string(id), string(id))
}

func (s *Store) partyChanges(ctx context.Context, owner, id string) ([]PartyChange, error) {
	key, err := s.dataKey(ctx, owner)
	if remit.KindOf(err) == remit.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []PartyChange
	err = s.query(ctx, "read what a party was", "SELECT version, sealed, at, changed_by FROM party_changes WHERE party_id = $1 ORDER BY version DESC",
		[]any{id}, func(row scanner) error {
			var c PartyChange
			var sealed []byte
			var at int64
			if err := row.Scan(&c.Version, &sealed, &at, &c.By); err != nil {
				return err
			}
			plain, err := unseal(key, sealed, snapshotPlace(owner, c.Version))
			if err != nil {
				return err
			}
			var was partySnapshot
			if err := json.Unmarshal(plain, &was); err != nil {
				return fmt.Errorf("read %s: %w", snapshotPlace(owner, c.Version), err)
			}
			c.Party, c.Account, c.Tier, c.Reference, c.At = was.Party, was.Account, was.Tier, was.Reference, fromMicros(at)
			out = append(out, c)
			return nil
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PartiesChanged reports whether the originator or the beneficiary of a
// remittance was changed at or after a time.
func (b Book) PartiesChanged(ctx context.Context, r remit.Remittance, since time.Time) (bool, error) {
	changed := false
	err := b.query(ctx, "look for changed parties", "SELECT COUNT(*) FROM party_changes WHERE party_id IN ($1, $2) AND at >= $3",
		[]any{string(r.CustomerID), string(r.BeneficiaryID), micros(since)}, func(row scanner) error {
			var n int64
			err := row.Scan(&n)
			changed = n > 0
			return err
		})
	return changed, err
}
