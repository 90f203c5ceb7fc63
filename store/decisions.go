package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

const (
	decisionColumns = "id, remittance_id, gate, outcome, reasons, hits, policy_hash, list_versions, input_hash, at"
	selectDecisions = "SELECT " + decisionColumns + " FROM decisions"
	insertDecisions = "INSERT INTO decisions (" + decisionColumns + ") VALUES "
)

func scanDecision(row scanner) (d compliance.Decision, err error) {
	var reasons, hits, lists string
	var at int64
	err = row.Scan(&d.ID, &d.RemittanceID, &d.Gate, &d.Outcome, &reasons, &hits, &d.PolicyHash, &lists, &d.InputHash, &at)
	for text, into := range map[*string]any{&reasons: &d.Reasons, &hits: &d.Hits, &lists: &d.ListVersions} {
		if err == nil {
			err = json.Unmarshal([]byte(*text), into)
		}
	}
	if err != nil {
		return d, fmt.Errorf("read a decision: %w", err)
	}
	d.At = fromMicros(at)
	return d, nil
}

func fillDecision(c *cells[remit.DecisionID, compliance.Decision], row scanner) error {
	d, err := scanDecision(row)
	if err != nil {
		return err
	}
	c.loaded(d.ID, d, 0)
	return nil
}

func (tx *Tx) writeDecisions() []statement {
	rows := make([][]any, 0, len(tx.decisions.changed))
	for _, id := range tx.decisions.changed {
		d := tx.decisions.rows[id].value
		lists := "{}"
		if len(d.ListVersions) > 0 {
			lists = toJSON(d.ListVersions)
		}
		rows = append(rows, []any{
			string(d.ID), string(d.RemittanceID), string(d.Gate), string(d.Outcome), toJSON(d.Reasons), toJSON(d.Hits),
			d.PolicyHash, lists, d.InputHash, micros(d.At),
		})
	}
	return tx.writeRows(insertDecisions, "", 10, rows, false)
}

// storeDecision stores a decision. The same id again does nothing.
func (tx *Tx) storeDecision(ctx context.Context, r *remit.Remittance, d compliance.Decision) error {
	if d.ID == "" || d.Gate == "" || (d.RemittanceID != "" && d.RemittanceID != r.ID) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "decision %q is malformed", d.ID)
	}
	before, there, err := get(ctx, tx, tx.decisions, d.ID)
	if err != nil {
		return err
	}
	if there {
		if before.RemittanceID != r.ID || before.Gate != d.Gate || before.Outcome != d.Outcome {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "decision %s is there with other content", d.ID)
		}
		return nil
	}
	d.RemittanceID = r.ID
	if d.At.IsZero() {
		d.At = tx.now
	}
	tx.decisions.put(d.ID, d)
	return nil
}

// Decision returns a stored decision. Errors: not_found.
func (s *Store) Decision(ctx context.Context, id remit.DecisionID) (compliance.Decision, error) {
	list, err := s.decisions(ctx, " WHERE id = $1", string(id))
	if err != nil {
		return compliance.Decision{}, err
	}
	if len(list) == 0 {
		return compliance.Decision{}, remit.NotFound("decision", string(id))
	}
	return list[0], nil
}

func (s *Store) decisions(ctx context.Context, rest string, args ...any) ([]compliance.Decision, error) {
	var out []compliance.Decision
	err := s.query(ctx, "read decisions", selectDecisions+rest, args, func(row scanner) error {
		d, err := scanDecision(row)
		out = append(out, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
