package store

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/openremit/remit"
)

// What people wrote stands sealed among the facts of an event, under a name of
// its own: factSealed is the question to a tenant, as base64. Events of earlier
// releases have it in the open, under its own name.
const (
	factQuestion = "question"
	factSealed   = "question_sealed"
)

// questionPlace binds a sealed question to its remittance.
func questionPlace(id remit.RemittanceID) string { return "events/" + string(id) + "/question" }

// sealQuestion seals the question of an event with the tenant's key.
func sealQuestion(key []byte, id remit.RemittanceID, text string) (string, error) {
	sealed, err := seal(key, []byte(text), questionPlace(id))
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// openFacts puts the question of an event into the open again.
func (s *Store) openFacts(ctx context.Context, e *remit.Event) error {
	text := e.Facts[factSealed]
	if text == "" {
		return nil
	}
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("read the question of event %d of %s: %w", e.Number, e.RemittanceID, err)
	}
	question, err := s.openForTenant(ctx, e.TenantID, sealed, questionPlace(e.RemittanceID))
	if err != nil {
		return fmt.Errorf("open the question of event %d of %s: %w", e.Number, e.RemittanceID, err)
	}
	delete(e.Facts, factSealed)
	e.Facts[factQuestion] = string(question)
	return nil
}
