package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// casesBy reads cases and opens their texts.
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
	for _, row := range rows {
		c, err := s.opened(ctx, row)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// opened returns a case with its own texts.
func (s *Store) opened(ctx context.Context, row caseRow) (compliance.Case, error) {
	c, place := row.Case, "cases/"+string(row.ID)
	var err error
	if c.Note, err = s.openText(ctx, c.TenantID, row.note, place); err != nil {
		return compliance.Case{}, err
	}
	if c.Proposal != nil {
		if c.Proposal.Note, err = s.openText(ctx, c.TenantID, row.proposalNote, place+"/proposal"); err != nil {
			return compliance.Case{}, err
		}
	}
	if c.Question != nil {
		if c.Question.Text, err = s.openText(ctx, c.TenantID, row.question, place+"/question"); err != nil {
			return compliance.Case{}, err
		}
	}
	return c, nil
}

// openText opens a sealed text; nothing was sealed for an empty one.
func (s *Store) openText(ctx context.Context, tenant remit.TenantID, sealed []byte, place string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := s.openForTenant(ctx, tenant, sealed, place)
	return string(text), err
}

// caseOf returns a case of any tenant, without its file. Errors: not_found.
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

// Case returns a case of a tenant with its whole file. Errors: not_found.
func (s *Store) Case(ctx context.Context, tenant remit.TenantID, id remit.CaseID) (compliance.Case, error) {
	c, err := s.caseOf(ctx, id)
	if err != nil {
		return compliance.Case{}, err
	}
	if c.TenantID != tenant {
		return compliance.Case{}, remit.NotFound("case", string(id))
	}
	list := []compliance.Case{c}
	if err := s.addFindings(ctx, list); err != nil {
		return compliance.Case{}, err
	}
	c = list[0]
	if c.History, err = s.caseHistory(ctx, tenant, id); err != nil {
		return compliance.Case{}, err
	}
	if c.Attachments, err = s.attachments(ctx, tenant, id); err != nil || c.RemittanceID == "" || c.Status.Decided() {
		return c, err
	}
	r, err := s.remittance(ctx, c.RemittanceID)
	c.PayoutOut = err == nil && withdrawable(r.Remittance)
	return c, err
}

// addFindings reads the alerts of cases and what was said of their hits.
func (s *Store) addFindings(ctx context.Context, cases []compliance.Case) error {
	if len(cases) == 0 {
		return nil
	}
	place := make(map[remit.CaseID]int, len(cases))
	ids := make([]remit.CaseID, 0, len(cases))
	for i, c := range cases {
		place[c.ID] = i
		ids = append(ids, c.ID)
	}
	args := padded(ids)
	in := inList(1, len(args))
	err := s.query(ctx, "read alerts", selectAlerts+" WHERE case_id IN ("+in+") ORDER BY case_id, number", args, func(row scanner) error {
		_, a, err := scanAlert(row)
		if err == nil {
			c := &cases[place[a.caseID]]
			c.Alerts = append(c.Alerts, a.Alert)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.query(ctx, "read dispositions", `SELECT case_id, hit_key, disposition, by_id, by_name, second_id, second_name, at
		FROM hit_dispositions WHERE case_id IN (`+in+") ORDER BY case_id, hit_key", args, func(row scanner) error {
		var id remit.CaseID
		var d compliance.HitDisposition
		var by, byName, second, secondName string
		var at int64
		err := row.Scan(&id, &d.Key, &d.Disposition, &by, &byName, &second, &secondName, &at)
		d.By, d.Second, d.At = actor(by, byName), actor(second, secondName), fromMicros(at)
		if err == nil {
			c := &cases[place[id]]
			c.Dispositions = append(c.Dispositions, d)
		}
		return err
	})
}

func (s *Store) caseHistory(ctx context.Context, tenant remit.TenantID, id remit.CaseID) ([]compliance.CaseEvent, error) {
	var out []compliance.CaseEvent
	var sealed [][]byte
	err := s.query(ctx, "read a case's history", `SELECT number, kind, by_id, by_name, at, text, facts FROM case_events
		WHERE case_id = $1 ORDER BY number`, []any{string(id)}, func(row scanner) error {
		var e compliance.CaseEvent
		var by, name, facts string
		var at int64
		var text []byte
		if err := row.Scan(&e.Number, &e.Kind, &by, &name, &at, &text, &facts); err != nil {
			return err
		}
		e.By, e.At = actor(by, name), fromMicros(at)
		out, sealed = append(out, e), append(sealed, text)
		return json.Unmarshal([]byte(facts), &out[len(out)-1].Facts)
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Text, err = s.openText(ctx, tenant, sealed[i], eventPlace(id, out[i].Number)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

const selectDocuments = "SELECT id, name, media_type, size, sha256, by_id, by_name, at FROM case_documents"

func (s *Store) attachments(ctx context.Context, tenant remit.TenantID, id remit.CaseID) ([]compliance.Attachment, error) {
	var out []compliance.Attachment
	var names [][]byte
	err := s.query(ctx, "read attachments", selectDocuments+" WHERE case_id = $1 ORDER BY place", []any{string(id)}, func(row scanner) error {
		var a compliance.Attachment
		var by, byName string
		var at int64
		var name []byte
		err := row.Scan(&a.ID, &name, &a.MediaType, &a.Size, &a.SHA256, &by, &byName, &at)
		a.By, a.At = actor(by, byName), fromMicros(at)
		out, names = append(out, a), append(names, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Name, err = s.openText(ctx, tenant, names[i], documentPlace(out[i].ID)+"/name"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CaseAttachment returns a document of a case with its content. Errors: not_found.
func (s *Store) CaseAttachment(ctx context.Context, tenant remit.TenantID, id remit.CaseID, document remit.DocumentID) (compliance.Document, error) {
	c, err := s.caseOf(ctx, id)
	if err != nil {
		return compliance.Document{}, err
	}
	if c.TenantID != tenant {
		return compliance.Document{}, remit.NotFound("case", string(id))
	}
	all, err := s.attachments(ctx, tenant, id)
	if err != nil {
		return compliance.Document{}, err
	}
	i := slices.IndexFunc(all, func(a compliance.Attachment) bool { return a.ID == document })
	if i < 0 {
		return compliance.Document{}, remit.NotFound("document", string(document))
	}
	var sealed []byte
	err = s.query(ctx, "read a document", "SELECT content FROM case_documents WHERE id = $1", []any{string(document)},
		func(row scanner) error { return row.Scan(&sealed) })
	if err != nil {
		return compliance.Document{}, err
	}
	content, err := s.openForTenant(ctx, tenant, sealed, documentPlace(document))
	return compliance.Document{Attachment: all[i], Content: content}, err
}

// Cases returns a page of a tenant's cases that pass the filter, newest first
// or the soonest due first, with alerts and dispositions but no history.
func (s *Store) Cases(ctx context.Context, tenant remit.TenantID, f api.CaseFilter, p api.CasePage) ([]compliance.Case, error) {
	where, args := " WHERE tenant_id = $1", []any{string(tenant)}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	for _, filter := range []struct{ column, value string }{
		{"status", string(f.Status)}, {"inbox", string(f.Inbox)}, {"kind", f.Kind},
		{"customer_id", string(f.CustomerID)}, {"remittance_id", string(f.RemittanceID)}, {"lock_by", f.HeldBy},
	} {
		if filter.value != "" {
			where += " AND " + filter.column + " = " + arg(filter.value)
		}
	}
	now := micros(s.clock.Now())
	if f.Undecided {
		where += " AND " + undecided
	}
	if f.HeldBy != "" {
		where += " AND " + undecided + " AND lock_until > " + arg(now)
	}
	if f.HeldByNobody {
		where += " AND " + undecided + " AND (lock_by = '' OR lock_until <= " + arg(now) + ")"
	}
	switch left := "due_at - "; f.Standing {
	case compliance.StandingStopped:
		where += " AND " + undecided + " AND stopped_at <> 0"
	case compliance.StandingLate:
		where += " AND " + undecided + " AND stopped_at = 0 AND " + left + arg(now) + " <= 0"
	case compliance.StandingAttention:
		left += arg(now)
		where += fmt.Sprintf(" AND %s AND stopped_at = 0 AND %s > 0 AND %s < span / %d", undecided, left, left, compliance.AttentionShare)
	case compliance.StandingGood:
		left += arg(now)
		where += fmt.Sprintf(" AND %s AND stopped_at = 0 AND %s > 0 AND %s >= span / %d", undecided, left, left, compliance.AttentionShare)
	}
	order := " ORDER BY id DESC"
	if p.ByDue {
		order = " ORDER BY due_at, id"
	}
	switch {
	case p.After == "":
	case p.ByDue:
		due := arg(micros(p.AfterDue))
		where += " AND (due_at > " + due + " OR (due_at = " + due + " AND id > " + arg(string(p.After)) + "))"
	default:
		where += " AND id < " + arg(string(p.After))
	}
	size := p.Size
	if size < 1 {
		size = defaultPage
	}
	list, err := s.casesBy(ctx, where+order+" LIMIT "+arg(int64(min(size, maxPage))), args...)
	if err != nil {
		return nil, err
	}
	return list, s.addFindings(ctx, list)
}

// CasesAbout returns a tenant's cases that concern any of the parties, newest
// first, other than one. At most limit.
func (s *Store) CasesAbout(ctx context.Context, tenant remit.TenantID, customer remit.CustomerID, beneficiary remit.BeneficiaryID,
	other remit.CaseID, limit int,
) ([]compliance.Case, error) {
	return s.casesBy(ctx, ` WHERE tenant_id = $1 AND ((customer_id = $2 AND $2 <> '') OR (beneficiary_id = $3 AND $3 <> '')) AND id <> $4
		ORDER BY id DESC LIMIT $5`, string(tenant), string(customer), string(beneficiary), string(other), int64(limit))
}

// FalsePositives returns the hits of a customer, a beneficiary or both that were
// found to be false positives and have not lapsed.
func (s *Store) FalsePositives(ctx context.Context, tenant remit.TenantID, customer remit.CustomerID, beneficiary remit.BeneficiaryID) ([]compliance.ReleasedHit, error) {
	var out []compliance.ReleasedHit
	err := s.query(ctx, "read false positives", `SELECT hit_key, list, entry_id, case_id, by_id, by_name, second_id, second_name, at
		FROM hit_dispositions WHERE tenant_id = $1 AND party_id IN ($2, $3) AND party_id <> '' AND disposition = 'false_positive' AND lapsed_at = 0
		ORDER BY hit_key, case_id`, []any{string(tenant), string(customer), string(beneficiary)}, func(row scanner) error {
		var h compliance.ReleasedHit
		var by, byName, second, secondName string
		var at int64
		err := row.Scan(&h.Key, &h.List, &h.EntryID, &h.Case, &by, &byName, &second, &secondName, &at)
		h.By, h.Second, h.At = actor(by, byName), actor(second, secondName), fromMicros(at)
		out = append(out, h)
		return err
	})
	return out, err
}
