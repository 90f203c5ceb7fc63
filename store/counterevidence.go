package store

import (
	"context"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// PutEvidence is counter.Tx's.
func (t counterTx) PutEvidence(ctx context.Context, e counter.Evidence) error {
	return keepRow(ctx, t.Tx, t.atCounter().evidence, string(e.ID), e)
}

// DropEvidence is counter.Tx's. What is not there is dropped already.
func (t counterTx) DropEvidence(ctx context.Context, id counter.EvidenceID) error {
	e, there, err := get(ctx, t.Tx, t.atCounter().evidence, string(id))
	if err != nil || !there {
		return err
	}
	e.Sealed = nil
	t.atCounter().evidence.put(string(id), e)
	return nil
}

// writeEvidence writes the evidence that was taken or dropped.
func (tx *Tx) writeEvidence() []statement {
	return writeBodies(tx, tx.counter.evidence, "counter_evidence", []string{"tenant_id", "pickup_id", "content"}, func(e counter.Evidence) []any {
		return []any{string(e.TenantID), string(e.PickupID), append([]byte{}, e.Sealed...)}
	})
}

func evidencePlace(id counter.EvidenceID) string { return "counter_evidence/" + string(id) }

// SealEvidence is counter.Store's: who erases the beneficiary erases it.
func (s *Store) SealEvidence(ctx context.Context, p counter.Pickup, id counter.EvidenceID, content []byte) ([]byte, error) {
	key, err := s.payeeKey(ctx, p)
	if err != nil {
		return nil, err
	}
	return seal(key, content, evidencePlace(id))
}

// OpenEvidence is counter.Store's.
func (s *Store) OpenEvidence(ctx context.Context, p counter.Pickup, e counter.Evidence) ([]byte, error) {
	key, err := s.payeeKey(ctx, p)
	if err != nil {
		return nil, err
	}
	return unseal(key, e.Sealed, evidencePlace(e.ID))
}

// Evidence is counter.Store's.
func (s *Store) Evidence(ctx context.Context, tenant remit.TenantID, id counter.EvidenceID) (counter.Evidence, error) {
	var e counter.Evidence
	var sealed []byte
	err := s.query(ctx, "read evidence", "SELECT body, content FROM counter_evidence WHERE id = $1 AND tenant_id = $2", []any{string(id), string(tenant)},
		func(row scanner) (err error) {
			var body string
			if err := row.Scan(&body, &sealed); err != nil {
				return err
			}
			e, err = readBody[counter.Evidence](body)
			return err
		})
	if err == nil && len(sealed) == 0 {
		err = remit.NotFound("evidence", string(id))
	}
	if err != nil {
		return counter.Evidence{}, err
	}
	e.Sealed = sealed
	return e, nil
}
