package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// caseRow is a case whose note is sealed.
type caseRow struct {
	compliance.Case
	note []byte
}

const (
	caseColumns = `id, tenant_id, remittance_id, kind, gate, decision, status, reasons, hits, note, decided_by,
	opened_at, due_at, decided_at, version`
	selectCases = "SELECT " + caseColumns + " FROM cases"
	insertCases = "INSERT INTO cases (" + caseColumns + ") VALUES "
	updateCases = ` ON CONFLICT (id) DO UPDATE SET status = excluded.status, note = excluded.note, decided_by = excluded.decided_by,
	decided_at = excluded.decided_at, version = excluded.version WHERE cases.version = excluded.version - 1`
)

func scanCase(row scanner) (c caseRow, version int64, err error) {
	var reasons, hits string
	var opened, due, decided int64
	err = row.Scan(&c.ID, &c.TenantID, &c.RemittanceID, &c.Kind, &c.Gate, &c.Decision, &c.Status, &reasons, &hits, &c.note, &c.DecidedBy,
		&opened, &due, &decided, &version)
	if err == nil {
		err = json.Unmarshal([]byte(reasons), &c.Reasons)
	}
	if err == nil {
		err = json.Unmarshal([]byte(hits), &c.Hits)
	}
	if err != nil {
		return c, 0, fmt.Errorf("read a case: %w", err)
	}
	c.OpenedAt, c.DueAt, c.DecidedAt = fromMicros(opened), fromMicros(due), fromMicros(decided)
	return c, version, nil
}

func fillCase(c *cells[remit.CaseID, caseRow], row scanner) error {
	v, version, err := scanCase(row)
	if err != nil {
		return err
	}
	c.loaded(v.ID, v, version)
	return nil
}

func (tx *Tx) writeCases() []statement {
	rows := changedRows(tx.cases, tx.cases.changed, func(_ remit.CaseID, c caseRow) []any {
		note := c.note
		if note == nil {
			note = []byte{}
		}
		return []any{
			string(c.ID), string(c.TenantID), string(c.RemittanceID), c.Kind, string(c.Gate), string(c.Decision), string(c.Status),
			toJSON(c.Reasons), toJSON(c.Hits), note, c.DecidedBy, micros(c.OpenedAt), micros(c.DueAt), micros(c.DecidedAt),
		}
	})
	return tx.writeRows(insertCases, updateCases, 15, rows, true)
}

// openCase stores a new case. The same case again does nothing.
func (tx *Tx) openCase(ctx context.Context, r *remit.Remittance, c compliance.Case) error {
	if c.ID == "" || c.Kind == "" || (c.RemittanceID != "" && c.RemittanceID != r.ID) {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "case %q is malformed", c.ID)
	}
	before, there, err := get(ctx, tx, tx.cases, c.ID)
	if err != nil {
		return err
	}
	if there {
		if before.RemittanceID != r.ID || before.Kind != c.Kind {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "case %s is there with other content", c.ID)
		}
		return nil
	}
	c.TenantID, c.RemittanceID, c.Status, c.OpenedAt = r.TenantID, r.ID, compliance.CaseOpen, tx.now
	c.Note, c.DecidedBy = "", ""
	tx.cases.put(c.ID, caseRow{Case: c})
	return nil
}

// casesBy reads cases and opens their notes.
func (s *Store) casesBy(ctx context.Context, rest string, args ...any) ([]compliance.Case, error) {
	var rows []caseRow
	err := s.query(ctx, "read cases", selectCases+rest, args, func(row scanner) error {
		c, _, err := scanCase(row)
		rows = append(rows, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]compliance.Case, 0, len(rows))
	for _, c := range rows {
		if c.Case.Note, err = s.openNote(ctx, c); err != nil {
			return nil, err
		}
		out = append(out, c.Case)
	}
	return out, nil
}

func (s *Store) openNote(ctx context.Context, c caseRow) (string, error) {
	if len(c.note) == 0 {
		return "", nil
	}
	note, err := s.openForTenant(ctx, c.TenantID, c.note, "cases/"+string(c.ID))
	return string(note), err
}

// caseOf returns a case of any tenant. Errors: not_found.
func (s *Store) caseOf(ctx context.Context, id remit.CaseID) (compliance.Case, error) {
	list, err := s.casesBy(ctx, " WHERE id = $1", string(id))
	if err != nil {
		return compliance.Case{}, err
	}
	if len(list) == 0 {
		return compliance.Case{}, remit.NotFound("case", string(id))
	}
	return list[0], nil
}

// Case returns a case of a tenant. Errors: not_found.
func (s *Store) Case(ctx context.Context, tenant remit.TenantID, id remit.CaseID) (compliance.Case, error) {
	c, err := s.caseOf(ctx, id)
	if err == nil && c.TenantID != tenant {
		return compliance.Case{}, remit.NotFound("case", string(id))
	}
	return c, err
}

// Cases returns a tenant's cases of a status, or of any if it is empty.
func (s *Store) Cases(ctx context.Context, tenant remit.TenantID, status compliance.CaseStatus, p api.Page) ([]compliance.Case, error) {
	rest, args := " WHERE tenant_id = $1", []any{string(tenant)}
	if status != "" {
		rest += " AND status = $2"
		args = append(args, string(status))
	}
	rest, args = paged(rest, args, "id", p)
	return s.casesBy(ctx, rest, args...)
}

// maxNote bounds the note of a decision, in bytes.
const maxNote = 4000

// DecideCase records the disposition of an open case and notifies the workflow.
func (s *Store) DecideCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, status compliance.CaseStatus, by, note string) (compliance.Case, error) {
	if status != compliance.CaseApproved && status != compliance.CaseRejected {
		return compliance.Case{}, remit.Invalid("status", remit.ReasonFieldInvalid, "a case is decided as approved or rejected")
	}
	if strings.TrimSpace(note) == "" || len(note) > maxNote {
		return compliance.Case{}, remit.Invalid("note", remit.ReasonFieldRequired, "a decision needs a note of at most %d characters that says why", maxNote)
	}
	if by == "" {
		return compliance.Case{}, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "case %s is decided by nobody", id)
	}
	sealed, err := s.sealForTenant(ctx, tenant, []byte(note), "cases/"+string(id))
	if err != nil {
		return compliance.Case{}, err
	}
	var out caseRow
	err = s.commit(ctx, "decide a case", needs{cases: []remit.CaseID{id}}, func(ctx context.Context, tx *Tx) error {
		c, there, err := get(ctx, tx, tx.cases, id)
		if err != nil {
			return err
		}
		if !there || c.TenantID != tenant {
			return remit.NotFound("case", string(id))
		}
		if c.Status != compliance.CaseOpen {
			out = c
			if c.Status == status && c.DecidedBy == by {
				return nil
			}
			return remit.Errorf(remit.KindConflict, remit.ReasonCaseDecided, "the case was %s by %s before", c.Status, c.DecidedBy)
		}
		c.Status, c.DecidedBy, c.DecidedAt, c.note = status, by, tx.now, sealed
		tx.cases.put(id, c)
		out = c
		return tx.tellCase(ctx, c)
	})
	if err != nil {
		return compliance.Case{}, err
	}
	out.Case.Note, err = s.openNote(ctx, out)
	return out.Case, err
}

// tellCase writes the event and the notice of a decided case.
func (tx *Tx) tellCase(ctx context.Context, c caseRow) error {
	row, there, err := get(ctx, tx, tx.remittances, c.RemittanceID)
	if err != nil {
		return err
	}
	if !there {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "case %s has no remittance", c.ID)
	}
	reason := remit.ReasonReviewApproved
	if c.Status == compliance.CaseRejected {
		reason = remit.ReasonReviewRejected
	}
	tx.event(&row.Remittance, "case."+string(c.Status), reason, map[string]string{"case": string(c.ID), "kind": c.Kind})
	tx.remittances.put(row.ID, row)
	tx.notice(remit.Notice{RemittanceID: c.RemittanceID, Kind: remit.NoticeReview, Ref: string(c.ID), Status: string(c.Status), Reason: reason})
	return nil
}
