package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// act changes one case in one transaction, checked and written by do, and
// returns its whole file. Errors: not_found; those of do.
func (s *Store) act(ctx context.Context, doing string, tenant remit.TenantID, id remit.CaseID,
	do func(ctx context.Context, tx *Tx, c *compliance.Case) error,
) (compliance.Case, error) {
	key, err := s.tenantKey(ctx, tenant)
	if remit.KindOf(err) == remit.KindNotFound {
		return compliance.Case{}, remit.NotFound("case", string(id))
	}
	if err != nil {
		return compliance.Case{}, err
	}
	err = s.commit(ctx, doing, needs{cases: []remit.CaseID{id}}, func(ctx context.Context, tx *Tx) error {
		row, there, err := get(ctx, tx, tx.cases, id)
		if err != nil {
			return err
		}
		if !there || row.TenantID != tenant {
			return remit.NotFound("case", string(id))
		}
		return tx.actOn(ctx, row, key, do)
	})
	if err != nil {
		return compliance.Case{}, err
	}
	return s.Case(ctx, tenant, id)
}

// actOn has do change a case, writes it and tells its remittance.
func (tx *Tx) actOn(ctx context.Context, row caseRow, key []byte, do func(ctx context.Context, tx *Tx, c *compliance.Case) error) error {
	c := row.Case
	c.Lapse(tx.now)
	if err := tx.seeMoney(ctx, &c); err != nil {
		return err
	}
	if err := do(ctx, tx, &c); err != nil {
		return err
	}
	lines := c.History
	if err := tx.saveCase(row, c, key); err != nil {
		return err
	}
	for _, line := range lines {
		if err := tx.tellCase(ctx, c, line, key); err != nil {
			return err
		}
	}
	return nil
}

// seeMoney looks how the money of the case's remittance stands as the units
// before have left it.
func (tx *Tx) seeMoney(ctx context.Context, c *compliance.Case) error {
	if c.RemittanceID == "" {
		return nil
	}
	r, there, err := get(ctx, tx, tx.remittances, c.RemittanceID)
	c.MoneyBlocked = there && r.State == remit.StateBlocked
	c.PayoutOut = there && withdrawable(r.Remittance)
	return err
}

// tellCase writes what a line of a case's history means to the remittance: its
// event, and for a decision the notice to its workflow. key seals what was written.
func (tx *Tx) tellCase(ctx context.Context, c compliance.Case, line compliance.CaseEvent, key []byte) error {
	if c.RemittanceID == "" {
		return nil
	}
	kind, reason := "", remit.Reason("")
	facts := map[string]string{"case": string(c.ID), "kind": c.Kind}
	switch line.Kind {
	case compliance.EventDecided:
		kind, reason = "case."+string(c.Status), reasonOf(c.Status)
	case compliance.EventAsked:
		kind = "case.information_requested"
		question, err := sealQuestion(key, c.RemittanceID, line.Text)
		if err != nil {
			return err
		}
		facts = map[string]string{"case": string(c.ID), factSealed: question, "deadline": line.Facts["deadline"]}
	case compliance.EventAnswered:
		kind = "case.information_answered"
	default:
		return nil
	}
	row, there, err := get(ctx, tx, tx.remittances, c.RemittanceID)
	if err != nil {
		return err
	}
	if !there {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "case %s has no remittance", c.ID)
	}
	if c.Status == compliance.CaseUnblocked && row.OpenCase == "" && row.State == remit.StateBlocked {
		row.OpenCase = c.ID // What earlier releases blocked names no case: it is the one that the licence was told to.
	}
	hushed := c.Kind == compliance.CaseKindSuspicion && row.State != remit.StateInReview
	if c.Kind == compliance.CaseKindSuspicion {
		delete(facts, "kind") // Nobody outside learns that somebody reported.
	}
	if line.Kind != compliance.EventDecided || !hushed {
		tx.event(&row.Remittance, kind, reason, facts)
	}
	tx.remittances.put(row.ID, row)
	if line.Kind != compliance.EventDecided {
		return nil
	}
	n := remit.Notice{RemittanceID: c.RemittanceID, Kind: remit.NoticeReview, Ref: string(c.ID), Status: string(c.Status), Reason: reason}
	if stops := c.Status == compliance.CaseRejected || c.Status == compliance.CaseBlocked; hushed && stops && freezable(row.Remittance) {
		n.Kind = remit.NoticeFreeze // Nothing waits for the decision: the payout is to be withdrawn first.
	}
	tx.notice(n)
	return nil
}

func reasonOf(status compliance.CaseStatus) remit.Reason {
	switch status {
	case compliance.CaseApproved:
		return remit.ReasonReviewApproved
	case compliance.CaseBlocked:
		return remit.ReasonSanctionsMatch
	case compliance.CaseUnblocked:
		return remit.ReasonLicensed
	default:
		return remit.ReasonReviewRejected
	}
}

// maxNote bounds the texts of a case, in bytes.
const maxNote = 16_000

// words checks a text that a person wrote: it must say something.
func words(field, text string) error {
	if len(text) > maxNote || !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
		return remit.Invalid(field, remit.ReasonFieldRequired, "%s is needed: write words, in at most %d bytes", field, maxNote)
	}
	return nil
}

// TakeCase locks a case for a person.
func (s *Store) TakeCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
	return s.act(ctx, "take a case", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error { return c.Take(p, tx.now) })
}

// PutBackCase gives up a person's lock.
func (s *Store) PutBackCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
	return s.act(ctx, "put a case back", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error { return c.PutBack(p, tx.now) })
}

// AddCaseNote writes a note into a case's file.
func (s *Store) AddCaseNote(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, text string) (compliance.Case, error) {
	if err := words("text", text); err != nil {
		return compliance.Case{}, err
	}
	return s.act(ctx, "write a note", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		return c.AddNote(p, text, tx.now)
	})
}

// EscalateCase hands a case to the reporting officer.
func (s *Store) EscalateCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, note string) (compliance.Case, error) {
	if err := words("note", note); err != nil {
		return compliance.Case{}, err
	}
	return s.act(ctx, "escalate a case", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		return c.Escalate(p, note, tx.levels, tx.now)
	})
}

// RequestInformation puts a question to the tenant.
func (s *Store) RequestInformation(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person,
	question string, deadline time.Duration,
) (compliance.Case, error) {
	if err := words("question", question); err != nil {
		return compliance.Case{}, err
	}
	if deadline <= 0 {
		return compliance.Case{}, remit.Invalid("deadline_hours", remit.ReasonFieldInvalid, "there must be time to answer")
	}
	return s.act(ctx, "request information", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		return c.Ask(p, question, deadline, tx.now)
	})
}

// AnswerInformationRequest answers the question that is open about a
// remittance, and returns when the answer was stored.
func (s *Store) AnswerInformationRequest(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, by compliance.Actor, text string) (time.Time, error) {
	if err := words("answer", text); err != nil {
		return time.Time{}, err
	}
	if _, err := s.remittanceOf(ctx, tenant, id); err != nil {
		return time.Time{}, err
	}
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return time.Time{}, err
	}
	var at time.Time
	err = s.commit(ctx, "answer a question", needs{remittances: []remit.RemittanceID{id}}, func(ctx context.Context, tx *Tx) error {
		rows, err := tx.undecidedCases(ctx, "remittance_id = $1", []any{string(id)}, func(c compliance.Case) bool {
			return c.RemittanceID == id && c.TenantID == tenant && c.Question != nil
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 || !tx.now.Before(rows[0].Question.Deadline) {
			return compliance.NothingAsked()
		}
		at = tx.now
		return tx.actOn(ctx, rows[0], key, func(_ context.Context, tx *Tx, c *compliance.Case) error { return c.Answer(by, text, tx.now) })
	})
	if err != nil {
		return time.Time{}, err
	}
	return at, nil
}

// DecideCase records a person's verdict; where it completes the case, the
// remittance and its workflow are told. See compliance.Case.Decide.
func (s *Store) DecideCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, v compliance.Verdict) (compliance.Case, error) {
	if err := words("note", v.Note); err != nil {
		return compliance.Case{}, err
	}
	return s.act(ctx, "decide a case", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		return c.Decide(p, v, tx.levels, tx.now)
	})
}

// ReturnCase sends a pending case back.
func (s *Store) ReturnCase(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person, note string, version int64) (compliance.Case, error) {
	if err := words("note", note); err != nil {
		return compliance.Case{}, err
	}
	return s.act(ctx, "return a case", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		return c.Return(p, note, version, tx.now)
	})
}

// candidates is how many cases take-next reads at a time: a group may have taken
// all but one of them.
const candidates = maxGroup + 1

// TakeNextCase locks the most urgent case of an inbox, or of any, that nobody
// works on and the person may work on. A case that the person holds already is
// returned first. Errors: not_found when there is nothing to do.
func (s *Store) TakeNextCase(ctx context.Context, tenant remit.TenantID, inbox compliance.Inbox, p compliance.Person) (compliance.Case, error) {
	key, err := s.tenantKey(ctx, tenant)
	if err != nil {
		return compliance.Case{}, err
	}
	var taken remit.CaseID
	err = s.commit(ctx, "take the next case", needs{}, func(ctx context.Context, tx *Tx) error {
		held, err := tx.undecidedCases(ctx, "tenant_id = $1 AND lock_by = $2", []any{string(tenant), p.ID}, func(c compliance.Case) bool {
			return c.TenantID == tenant && c.Lock.By.ID == p.ID && c.Lock.Holds(tx.now) && (inbox == "" || c.Inbox == inbox) && c.Next(p, tx.now)
		})
		if err != nil {
			return err
		}
		slices.SortFunc(held, func(a, b caseRow) int { return a.DueAt.Compare(b.DueAt) })
		if len(held) > 0 {
			taken = held[0].ID
			return tx.actOn(ctx, held[0], key, func(_ context.Context, tx *Tx, c *compliance.Case) error { return c.Take(p, tx.now) })
		}
		row, err := tx.mostUrgent(ctx, tenant, inbox, p)
		if err != nil {
			return err
		}
		taken = row.ID
		return tx.actOn(ctx, row, key, func(_ context.Context, tx *Tx, c *compliance.Case) error { return c.Take(p, tx.now) })
	})
	if err != nil {
		return compliance.Case{}, err
	}
	return s.Case(ctx, tenant, taken)
}

// mostUrgent finds the case that is due first among those that the person may
// take and nobody holds. Errors: not_found.
func (tx *Tx) mostUrgent(ctx context.Context, tenant remit.TenantID, inbox compliance.Inbox, p compliance.Person) (caseRow, error) {
	due, after := int64(0), ""
	for {
		var ids []string
		err := tx.read(ctx, statement{
			sql: "SELECT id, due_at FROM cases WHERE " + undecided + ` AND status <> 'waiting' AND tenant_id = $1 AND (lock_by = '' OR lock_until <= $2)
				AND ($3 = '' OR inbox = $3) AND (due_at > $4 OR (due_at = $4 AND id > $5)) ORDER BY due_at, id LIMIT ` + strconv.Itoa(candidates),
			args: []any{string(tenant), micros(tx.now), string(inbox), due, after},
			each: func(row scanner) error {
				err := row.Scan(&after, &due)
				ids = append(ids, after)
				return err
			},
		})
		if err != nil {
			return caseRow{}, err
		}
		for _, id := range ids {
			row, there, err := get(ctx, tx, tx.cases, remit.CaseID(id))
			if err != nil {
				return caseRow{}, err
			}
			if there && !row.Lock.Holds(tx.now) && row.Next(p, tx.now) {
				return row, nil
			}
		}
		if len(ids) < candidates {
			return caseRow{}, remit.Errorf(remit.KindNotFound, remit.ReasonNotFound, "no case waits for you")
		}
	}
}

// AddCaseAttachment puts a document into a case's file. The content is
// recognised and judged by compliance.ReadDocument.
func (s *Store) AddCaseAttachment(ctx context.Context, tenant remit.TenantID, id remit.CaseID, p compliance.Person,
	doc compliance.Document,
) (compliance.Case, error) {
	if doc.ID == "" || doc.MediaType == "" || len(doc.Content) == 0 {
		return compliance.Case{}, remit.Errorf(remit.KindInternal, remit.ReasonInternal, "document %q was not read", doc.ID)
	}
	name, err := s.sealForTenant(ctx, tenant, []byte(doc.Name), documentPlace(doc.ID)+"/name")
	if err != nil {
		return compliance.Case{}, err
	}
	content, err := s.sealForTenant(ctx, tenant, doc.Content, documentPlace(doc.ID))
	if err != nil {
		return compliance.Case{}, err
	}
	there, err := s.hasDocument(ctx, id, doc)
	if err != nil {
		return compliance.Case{}, err
	}
	if there { // The same request again, whose answer was lost.
		return s.Case(ctx, tenant, id)
	}
	return s.act(ctx, "attach a document", tenant, id, func(_ context.Context, tx *Tx, c *compliance.Case) error {
		if err := c.Attach(p, doc.Attachment, tx.now); err != nil {
			return err
		}
		list(tx.log, &tx.documents, []any{
			string(doc.ID), string(c.ID), c.Documents, name, doc.MediaType, doc.Size, doc.SHA256, p.ID, p.Name, micros(tx.now), content,
		})
		return nil
	})
}

func documentPlace(id remit.DocumentID) string { return "case_documents/" + string(id) }

// hasDocument reports whether the document is in the case already. Errors:
// conflict when its id is that of another one.
func (s *Store) hasDocument(ctx context.Context, id remit.CaseID, doc compliance.Document) (bool, error) {
	var in remit.CaseID
	var sum string
	err := s.query(ctx, "look for a document", "SELECT case_id, sha256 FROM case_documents WHERE id = $1", []any{string(doc.ID)},
		func(row scanner) error { return row.Scan(&in, &sum) })
	if err == nil && in != "" && (in != id || sum != doc.SHA256) {
		return false, remit.Errorf(remit.KindConflict, remit.ReasonIdempotencyReused, "document %s is there with other content", doc.ID)
	}
	return in != "", err
}

// LapseQuestions opens the cases again whose questions were not answered in
// time, at most some hundred at once, and returns how many it was.
func (s *Store) LapseQuestions(ctx context.Context) (int, error) {
	var ids []remit.CaseID
	err := s.query(ctx, "find questions without answer", fmt.Sprintf("SELECT id FROM cases WHERE status = 'waiting' AND answer_until <= $1 ORDER BY id LIMIT %d", maxGroup),
		[]any{micros(s.clock.Now())}, func(row scanner) error {
			var id remit.CaseID
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	lapsed := 0
	err = s.commit(ctx, "let questions lapse", needs{cases: ids}, func(ctx context.Context, tx *Tx) error {
		lapsed = 0
		for _, id := range ids {
			row, there, err := get(ctx, tx, tx.cases, id)
			if err != nil {
				return err
			}
			c := row.Case
			if !there || !c.Lapse(tx.now) {
				continue
			}
			lapsed++
			if err := tx.saveCase(row, c, nil); err != nil {
				return err
			}
		}
		return nil
	})
	return lapsed, err
}

var _ api.Cases = (*Store)(nil)
