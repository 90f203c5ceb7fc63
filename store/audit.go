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

// AppendAudit writes one record at the end of the trail and returns its number.
func (s *Store) AppendAudit(ctx context.Context, e compliance.AuditEntry) (number int64, err error) {
	err = s.write(ctx, "write an audit record", func(ctx context.Context, run runner) error {
		number, err = s.appendAudit(ctx, run, e)
		return err
	})
	return number, err
}

const insertAudit = `INSERT INTO audit (number, tenant_id, at, phase, intent_number, actor_kind, actor_id, actor, act, subject,
	outcome, reason, facts, request_id, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`

// appendAudit writes a record in a transaction that somebody else ends. It
// locks the end of the trail until then, so it comes last in a transaction:
// whoever locks other rows after it could wait for who waits for it.
func (s *Store) appendAudit(ctx context.Context, run runner, e compliance.AuditEntry) (int64, error) {
	var number int64
	var hash []byte
	err := run.run(ctx, statement{
		sql:  "SELECT number, hash FROM audit_head WHERE id = 1" + s.dialect.lock,
		each: func(row scanner) error { return row.Scan(&number, &hash) },
	})
	if err != nil {
		return 0, fmt.Errorf("read the end of the audit trail: %w", err)
	}
	// The time is read under the lock, so that records are in the order of time.
	r := compliance.ChainAudit(number, auditHash(hash), e, s.clock.Now())
	facts := e.Facts
	if facts == nil {
		facts = map[string]string{}
	}
	err = run.run(ctx,
		statement{sql: insertAudit, args: []any{
			r.Number, string(r.TenantID), micros(r.At), string(r.Phase), r.Intent, string(r.Actor.Kind), r.Actor.ID, r.Actor.Name, r.Act, r.Subject,
			string(r.Outcome), string(r.Reason), toJSON(facts), r.RequestID, r.Prev[:], r.Hash[:],
		}},
		statement{
			sql:  "UPDATE audit_head SET number = $1, hash = $2 WHERE id = 1 AND number = $3",
			args: []any{r.Number, r.Hash[:], number}, want: 1,
		})
	if err != nil {
		return 0, fmt.Errorf("write an audit record: %w", err)
	}
	return r.Number, nil
}

func auditHash(b []byte) (h compliance.AuditHash) {
	copy(h[:], b)
	return h
}

const selectAudit = `SELECT number, tenant_id, at, phase, intent_number, actor_kind, actor_id, actor, act, subject,
	outcome, reason, facts, request_id, prev_hash, hash FROM audit`

func scanAudit(row scanner) (r compliance.AuditRecord, facts string, err error) {
	var at int64
	var prev, hash []byte
	err = row.Scan(&r.Number, &r.TenantID, &at, &r.Phase, &r.Intent, &r.Actor.Kind, &r.Actor.ID, &r.Actor.Name, &r.Act, &r.Subject,
		&r.Outcome, &r.Reason, &facts, &r.RequestID, &prev, &hash)
	if err != nil {
		return r, "", fmt.Errorf("read an audit record: %w", err)
	}
	r.At, r.Prev, r.Hash = fromMicros(at), auditHash(prev), auditHash(hash)
	return r, facts, nil
}

// maxAuditPage bounds a page of the trail.
const maxAuditPage = 501

// AuditRecords returns records of a tenant, newest first; of all when the
// tenant is empty.
func (s *Store) AuditRecords(ctx context.Context, tenant remit.TenantID, f api.AuditFilter) ([]compliance.AuditRecord, error) {
	var where []string
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if tenant != "" {
		add("tenant_id = $%d", string(tenant))
	}
	if f.ActorID != "" {
		add("actor_id = $%d", f.ActorID)
	}
	if f.Subject != "" {
		add("subject = $%d", f.Subject)
	}
	if f.Act != "" {
		add("act LIKE $%d ESCAPE '!'", strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(f.Act)+"%")
	}
	if !f.From.IsZero() {
		add("at >= $%d", micros(f.From))
	}
	if !f.Until.IsZero() {
		add("at < $%d", micros(f.Until))
	}
	if f.Before > 0 {
		add("number < $%d", f.Before)
	}
	text := selectAudit
	if len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, int64(min(max(f.Limit, 1), maxAuditPage)))
	text += fmt.Sprintf(" ORDER BY number DESC LIMIT $%d", len(args))
	var out []compliance.AuditRecord
	err := s.query(ctx, "read the audit trail", text, args, func(row scanner) error {
		r, facts, err := scanAudit(row)
		if err == nil {
			err = json.Unmarshal([]byte(facts), &r.Facts)
		}
		out = append(out, r)
		return err
	})
	return out, err
}

// VerifyAudit walks the whole trail in one picture of the database.
func (s *Store) VerifyAudit(ctx context.Context) (compliance.AuditReport, error) {
	tx, err := s.reads.BeginTx(ctx, &s.dialect.snapshot)
	if err != nil {
		return compliance.AuditReport{}, s.dialect.mapError("verify the audit trail", err)
	}
	v := &compliance.AuditVerifier{}
	err = walkAudit(ctx, txRunner{tx}, v)
	if end := tx.Rollback(); err == nil {
		err = end
	}
	if err != nil {
		return compliance.AuditReport{}, s.dialect.mapError("verify the audit trail", err)
	}
	return v.Report(), nil
}

func walkAudit(ctx context.Context, run runner, v *compliance.AuditVerifier) error {
	err := run.run(ctx, statement{sql: selectAudit + " ORDER BY number", each: func(row scanner) error {
		r, facts, err := scanAudit(row)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(facts), &r.Facts); err != nil {
			v.Finding("record %d: its facts cannot be read", r.Number)
		} else if again := toJSON(r.Facts); again != facts {
			v.Finding("record %d: its facts are written otherwise than they were", r.Number)
		}
		v.Add(r)
		return nil
	}})
	if err != nil {
		return err
	}
	heads := 0
	err = run.run(ctx, statement{sql: "SELECT number, hash FROM audit_head WHERE id = 1", each: func(row scanner) error {
		var number int64
		var hash []byte
		if err := row.Scan(&number, &hash); err != nil {
			return fmt.Errorf("read the end of the audit trail: %w", err)
		}
		heads++
		v.Ends(number, auditHash(hash))
		return nil
	}})
	if err == nil && heads != 1 {
		v.Finding("what the last record was is not known: the row that keeps it is missing")
	}
	return err
}
