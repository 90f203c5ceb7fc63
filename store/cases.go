package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// caseRow is a case whose texts are sealed: Note, Proposal.Note and
// Question.Text of the case in it are empty, and so is all that is read with a
// whole file only.
type caseRow struct {
	compliance.Case
	note, proposalNote, question []byte
}

const (
	caseColumns = `id, tenant_id, remittance_id, kind, gate, decision, status, reasons, hits, note, decided_by, opened_at, due_at, decided_at,
	customer_id, beneficiary_id, inbox, advice, changes, alerts, events, documents, lock_by, lock_name, lock_until, span, stopped_at, stopped,
	proposal, proposal_note, question, asked_by, asked_name, asked_at, answer_until, decided_by_id, proposed_by, proposed_by_id, frozen_at, version`
	caseWidth   = 40
	selectCases = "SELECT " + caseColumns + `, COALESCE((SELECT r.state FROM remittances r WHERE r.id = cases.remittance_id), '') FROM cases`
	insertCases = "INSERT INTO cases (" + caseColumns + ") VALUES "
	undecided   = "status IN ('open', 'waiting', 'pending')"
)

// updateCases sets all columns of a case but those that never change.
var updateCases = func() string {
	var set []string
	for name := range strings.SplitSeq(caseColumns, ",") {
		switch name = strings.TrimSpace(name); name {
		case "id", "tenant_id", "remittance_id", "opened_at":
		default:
			set = append(set, name+" = excluded."+name)
		}
	}
	return " ON CONFLICT (id) DO UPDATE SET " + strings.Join(set, ", ") + " WHERE cases.version = excluded.version - 1"
}()

// actor makes an actor of a stored id and name.
func actor(id, name string) compliance.Actor {
	a := compliance.Actor{ID: id, Name: name}
	switch {
	case strings.HasPrefix(id, remit.PrefixStaff+"_"):
		a.Kind = compliance.ActorStaff
	case strings.HasPrefix(id, remit.PrefixKey+"_"):
		a.Kind = compliance.ActorKey
	case name != "":
		a.Kind = compliance.ActorGateway
	}
	return a
}

func scanCase(row scanner) (c caseRow, version int64, err error) {
	var reasons, hits, decidedBy, decidedID, lockBy, lockName, proposal, askedBy, askedName, proposedBy, proposedID, state string
	var opened, due, decided, lockUntil, span, stoppedAt, stopped, askedAt, answerUntil, frozen int64
	err = row.Scan(&c.ID, &c.TenantID, &c.RemittanceID, &c.Kind, &c.Gate, &c.Decision, &c.Status, &reasons, &hits, &c.note, &decidedBy,
		&opened, &due, &decided, &c.CustomerID, &c.BeneficiaryID, &c.Inbox, &c.Advice, &c.Version, &c.AlertCount, &c.Events, &c.Documents,
		&lockBy, &lockName, &lockUntil, &span, &stoppedAt, &stopped, &proposal, &c.proposalNote, &c.question,
		&askedBy, &askedName, &askedAt, &answerUntil, &decidedID, &proposedBy, &proposedID, &frozen, &version, &state)
	if err == nil {
		err = json.Unmarshal([]byte(reasons), &c.Reasons)
	}
	if err == nil {
		err = json.Unmarshal([]byte(hits), &c.Hits)
	}
	if err == nil && proposal != "" {
		err = json.Unmarshal([]byte(proposal), &c.Proposal)
	}
	if err != nil {
		return c, 0, fmt.Errorf("read a case: %w", err)
	}
	c.OpenedAt, c.DueAt, c.DecidedAt, c.StoppedAt = fromMicros(opened), fromMicros(due), fromMicros(decided), fromMicros(stoppedAt)
	c.Span, c.Stopped, c.FrozenAt = fromSpan(span), fromSpan(stopped), fromMicros(frozen)
	c.DecidedBy, c.ProposedBy = actor(decidedID, decidedBy), actor(proposedID, proposedBy)
	c.Lock = compliance.Lock{By: actor(lockBy, lockName), Until: fromMicros(lockUntil)}
	if answerUntil != 0 {
		c.Question = &compliance.Question{By: actor(askedBy, askedName), At: fromMicros(askedAt), Deadline: fromMicros(answerUntil)}
	}
	c.MoneyBlocked = remit.State(state) == remit.StateBlocked
	return c, version, nil
}

func fromSpan(micros int64) time.Duration { return time.Duration(micros) * time.Microsecond }

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
		proposal := ""
		if c.Proposal != nil {
			proposal = toJSON(c.Proposal)
		}
		var asked compliance.Question
		if c.Question != nil {
			asked = *c.Question
		}
		return []any{
			string(c.ID), string(c.TenantID), string(c.RemittanceID), c.Kind, string(c.Gate), string(c.Decision), string(c.Status),
			toJSON(c.Reasons), toJSON(c.Hits), bytesOf(c.note), c.DecidedBy.Name, micros(c.OpenedAt), micros(c.DueAt), micros(c.DecidedAt),
			string(c.CustomerID), string(c.BeneficiaryID), string(c.Inbox), string(c.Advice), c.Version, c.AlertCount, c.Events, c.Documents,
			c.Lock.By.ID, c.Lock.By.Name, micros(c.Lock.Until), c.Span.Microseconds(), micros(c.StoppedAt), c.Stopped.Microseconds(),
			proposal, bytesOf(c.proposalNote), bytesOf(c.question), asked.By.ID, asked.By.Name, micros(asked.At), micros(asked.Deadline),
			c.DecidedBy.ID, c.ProposedBy.Name, c.ProposedBy.ID, micros(c.FrozenAt),
		}
	})
	out := tx.writeRows(insertCases, updateCases, caseWidth, rows, true)
	return append(out, tx.writeCaseFiles()...)
}

// bytesOf is never nil, which the database would store as NULL.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// alertRow is an alert under its key, in its case.
type alertRow struct {
	caseID remit.CaseID
	compliance.Alert
}

const (
	selectAlerts = "SELECT id, case_id, number, kind, reasons, decision, hit_keys, at FROM case_alerts"
	insertAlerts = "INSERT INTO case_alerts (id, case_id, number, kind, reasons, decision, hit_keys, at) VALUES "

	insertCaseEvents   = "INSERT INTO case_events (case_id, number, kind, by_id, by_name, at, text, facts) VALUES "
	insertDocuments    = "INSERT INTO case_documents (id, case_id, place, name, media_type, size, sha256, by_id, by_name, at, content) VALUES "
	insertDispositions = `INSERT INTO hit_dispositions (case_id, hit_key, tenant_id, party_kind, party_id, list, entry_id, disposition,
	by_id, by_name, second_id, second_name, at, lapsed_at) VALUES `
)

func scanAlert(row scanner) (id string, a alertRow, err error) {
	var reasons, keys string
	var at int64
	err = row.Scan(&id, &a.caseID, &a.Number, &a.Kind, &reasons, &a.Decision, &keys, &at)
	if err == nil {
		err = json.Unmarshal([]byte(reasons), &a.Reasons)
	}
	if err == nil {
		err = json.Unmarshal([]byte(keys), &a.HitKeys)
	}
	if err != nil {
		return "", a, fmt.Errorf("read an alert: %w", err)
	}
	a.At = fromMicros(at)
	return id, a, nil
}

func fillAlert(c *cells[string, alertRow], row scanner) error {
	id, a, err := scanAlert(row)
	if err != nil {
		return err
	}
	c.loaded(id, a, 0)
	return nil
}

// writeCaseFiles writes what was added to the files of cases.
func (tx *Tx) writeCaseFiles() []statement {
	alerts := make([][]any, 0, len(tx.caseAlerts.changed))
	for _, id := range tx.caseAlerts.changed {
		a := tx.caseAlerts.rows[id].value
		alerts = append(alerts, []any{
			id, string(a.caseID), a.Number, a.Kind, toJSON(a.Reasons), string(a.Decision), toJSON(a.HitKeys), micros(a.At),
		})
	}
	out := tx.writeRows(insertAlerts, "", 8, alerts, false)
	out = append(out, tx.writeRows(insertCaseEvents, "", 8, tx.caseEvents, false)...)
	out = append(out, tx.writeRows(insertDocuments, "", 11, tx.documents, false)...)
	return append(out, tx.writeRows(insertDispositions, "", 14, tx.dispositions, false)...)
}

// saveCase puts a changed case and what was added to its file. Texts that are
// not empty are sealed with key; those that are keep what was sealed before,
// unless what they belong to is gone. Lines by the gateway have no text and need
// no key.
func (tx *Tx) saveCase(before caseRow, c compliance.Case, key []byte) error {
	place := "cases/" + string(c.ID)
	row := before
	var err error
	if c.Note != "" {
		if row.note, err = seal(key, []byte(c.Note), place); err != nil {
			return err
		}
		c.Note = ""
	}
	if c.Proposal == nil {
		row.proposalNote = nil
	} else if c.Proposal.Note != "" {
		if row.proposalNote, err = seal(key, []byte(c.Proposal.Note), place+"/proposal"); err != nil {
			return err
		}
		proposal := *c.Proposal
		proposal.Note = ""
		c.Proposal = &proposal
	}
	if c.Question == nil {
		row.question = nil
	} else if c.Question.Text != "" {
		if row.question, err = seal(key, []byte(c.Question.Text), place+"/question"); err != nil {
			return err
		}
		question := *c.Question
		question.Text = ""
		c.Question = &question
	}
	for _, e := range c.History {
		if err := tx.addCaseEvent(c.ID, e, key); err != nil {
			return err
		}
	}
	for _, d := range c.Dispositions {
		tx.addDisposition(&c, d)
	}
	c.Alerts, c.History, c.Attachments, c.Dispositions = nil, nil, nil, nil
	row.Case = c
	tx.cases.put(c.ID, row)
	return nil
}

func (tx *Tx) addCaseEvent(id remit.CaseID, e compliance.CaseEvent, key []byte) error {
	sealed := []byte{}
	if e.Text != "" {
		var err error
		if sealed, err = seal(key, []byte(e.Text), eventPlace(id, e.Number)); err != nil {
			return err
		}
	}
	facts := "{}"
	if len(e.Facts) > 0 {
		facts = toJSON(e.Facts)
	}
	list(tx.log, &tx.caseEvents, []any{string(id), e.Number, e.Kind, e.By.ID, e.By.Name, micros(e.At), sealed, facts})
	return nil
}

func eventPlace(id remit.CaseID, number int64) string {
	return "case_events/" + string(id) + "/" + strconv.FormatInt(number, 10)
}

// The kinds of parties of which hits are remembered.
const (
	partyCustomer    = "customer"
	partyBeneficiary = "beneficiary"
)

// addDisposition remembers what was said of a hit.
func (tx *Tx) addDisposition(c *compliance.Case, d compliance.HitDisposition) {
	for _, h := range c.Hits {
		if h.Key != d.Key {
			continue
		}
		kind, party := partyCustomer, string(c.CustomerID)
		if h.Role == compliance.RoleBeneficiary {
			kind, party = partyBeneficiary, string(c.BeneficiaryID)
		}
		list(tx.log, &tx.dispositions, []any{
			string(c.ID), d.Key, string(c.TenantID), kind, party, h.List, h.EntryID, d.Disposition,
			d.By.ID, d.By.Name, d.Second.ID, d.Second.Name, micros(d.At), int64(0),
		})
		return
	}
}
