package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// maxEarlier is how many earlier cases of the same parties are told.
const maxEarlier = 10

// wholeCase is a case on the wire with all that belongs to it.
func (s *caseService) wholeCase(ctx context.Context, k compliance.Case) (*v1.Case, error) {
	caller := callOf(ctx).caller
	m := s.caseMessage(k, personOf(caller))
	for _, e := range k.History {
		m.History = append(m.History, &v1.CaseEvent{
			Number: int32(e.Number), Kind: e.Kind, By: e.By.Name, At: timeMessage(e.At), Text: e.Text, Facts: e.Facts,
		})
	}
	if err := s.explainHits(ctx, k, m); err != nil {
		return nil, err
	}
	if err := s.groundAlerts(ctx, k, m); err != nil {
		return nil, err
	}
	if err := s.tellCounters(ctx, k, m); err != nil {
		return nil, err
	}
	earlier, err := s.store.CasesAbout(ctx, k.TenantID, k.CustomerID, k.BeneficiaryID, k.ID, maxEarlier)
	if err != nil {
		return nil, fmt.Errorf("read earlier cases: %w", err)
	}
	for _, e := range earlier {
		m.Earlier = append(m.Earlier, &v1.CaseSummary{
			Id: string(e.ID), Kind: e.Kind, Status: string(e.Status), OpenedAt: timeMessage(e.OpenedAt), DecidedBy: e.DecidedBy.Name, Note: e.Note,
		})
	}
	return m, nil
}

// groundAlerts says of each alert of a gate by which policy and lists, and on
// what, the gate decided.
func (s *caseService) groundAlerts(ctx context.Context, k compliance.Case, m *v1.Case) error {
	if k.RemittanceID == "" || !slices.ContainsFunc(k.Alerts, func(a compliance.Alert) bool { return a.Decision != "" }) {
		return nil
	}
	detail, err := s.store.RemittanceDetail(ctx, k.TenantID, k.RemittanceID)
	if err != nil {
		return fmt.Errorf("read the gates' decisions of a case: %w", err)
	}
	for _, a := range m.GetAlerts() {
		i := slices.IndexFunc(detail.Decisions, func(d compliance.Decision) bool { return string(d.ID) == a.GetDecisionId() })
		if i < 0 {
			continue
		}
		d := detail.Decisions[i]
		a.Outcome, a.PolicyHash, a.ListVersions, a.InputHash = string(d.Outcome), d.PolicyHash, d.ListVersions, d.InputHash
	}
	return nil
}

// explainHits screens the parties anew: a hit that is found again is current and
// is shown with the party's own words. What cannot be screened now is shown as
// it was stored.
func (s *caseService) explainHits(ctx context.Context, k compliance.Case, m *v1.Case) error {
	if s.screen == nil || len(k.Hits) == 0 {
		return nil
	}
	var customer *remit.Customer
	var beneficiary *remit.Beneficiary
	if k.CustomerID != "" {
		c, err := s.store.Customer(ctx, k.TenantID, k.CustomerID)
		switch {
		case err == nil:
			customer = &c
		case remit.KindOf(err) != remit.KindNotFound:
			return fmt.Errorf("read the customer of a case: %w", err)
		}
	}
	if k.BeneficiaryID != "" {
		b, err := s.store.Beneficiary(ctx, k.TenantID, k.BeneficiaryID)
		switch {
		case err == nil:
			beneficiary = &b
		case remit.KindOf(err) != remit.KindNotFound:
			return fmt.Errorf("read the beneficiary of a case: %w", err)
		}
	}
	found, err := compliance.Explain(ctx, s.screen, customer, beneficiary)
	if err != nil {
		s.log.WarnContext(ctx, "hits are shown as stored", "case", k.ID, "request_id", callOf(ctx).requestID, "error", err.Error())
		return nil
	}
	for _, hit := range m.GetHits() {
		now, again := found[hit.GetKey()]
		hit.Current = again
		if !again || now.Explanation == nil {
			hit.Words = nil
			continue
		}
		hit.Words = wordMessages(now.Explanation.Words)
	}
	return nil
}

// caseMessage is a case on the wire as far as it was read.
func (s *caseService) caseMessage(k compliance.Case, viewer compliance.Person) *v1.Case {
	now := s.clock.Now()
	m := &v1.Case{
		Id: string(k.ID), RemittanceId: string(k.RemittanceID), Kind: k.Kind, Gate: string(k.Gate), Status: string(k.Status),
		Note: k.Note, DecidedBy: k.DecidedBy.Name, ProposedBy: k.ProposedBy.Name, Version: k.Version, Inbox: string(k.Inbox),
		CustomerId: string(k.CustomerID), BeneficiaryId: string(k.BeneficiaryID),
		OpenedAt: timeMessage(k.OpenedAt), DueAt: timeMessage(k.DueAt), DecidedAt: timeMessage(k.DecidedAt), FrozenAt: timeMessage(k.FrozenAt),
		Clock: clockMessage(k, now),
	}
	for _, reason := range k.Reasons {
		m.Reasons = append(m.Reasons, string(reason))
	}
	for _, h := range k.Hits {
		m.Hits = append(m.Hits, hitMessage(h, k.Dispositions))
	}
	for _, a := range k.Alerts {
		alert := &v1.Alert{Number: int32(a.Number), Kind: a.Kind, DecisionId: string(a.Decision), HitKeys: a.HitKeys, At: timeMessage(a.At)}
		for _, reason := range a.Reasons {
			alert.Reasons = append(alert.Reasons, string(reason))
		}
		m.Alerts = append(m.Alerts, alert)
	}
	for _, a := range k.Attachments {
		m.Attachments = append(m.Attachments, attachmentMessage(a))
	}
	if k.Lock.Holds(now) {
		m.Lock = &v1.CaseLock{By: k.Lock.By.Name, Until: timeMessage(k.Lock.Until), Mine: k.Lock.By.ID == viewer.ID}
	}
	if p := k.Proposal; p != nil {
		m.Proposal = &v1.CaseProposal{Decision: string(p.Decision), By: p.By.Name, Note: p.Note, At: timeMessage(p.At), Licence: p.Licence}
		for _, h := range p.Hits {
			m.Proposal.Hits = append(m.Proposal.Hits, &v1.HitDisposition{Key: h.Key, Disposition: h.Disposition})
		}
	}
	if q := k.Question; q != nil {
		m.InformationRequest = &v1.InformationRequest{Question: q.Text, By: q.By.Name, At: timeMessage(q.At), Deadline: timeMessage(q.Deadline)}
	}
	for _, act := range k.Allowed(viewer, now) {
		m.AllowedActs = append(m.AllowedActs, string(act))
	}
	return m
}

// clockMessage is the service level of a case; nil once decided.
func clockMessage(k compliance.Case, now time.Time) *v1.CaseClock {
	standing, left, stopped := k.Clock(now)
	if standing == "" {
		return nil
	}
	return &v1.CaseClock{Standing: string(standing), LeftSeconds: int64(left.Seconds()), StoppedSeconds: int64(stopped.Seconds())}
}

func attachmentMessage(a compliance.Attachment) *v1.CaseAttachment {
	return &v1.CaseAttachment{
		Id: string(a.ID), Name: a.Name, MediaType: a.MediaType, SizeBytes: a.Size, Sha256: a.SHA256, By: a.By.Name, At: timeMessage(a.At),
	}
}

// hitMessage is a hit on the wire, as it was stored.
func hitMessage(h compliance.Hit, said []compliance.HitDisposition) *v1.Hit {
	m := &v1.Hit{
		Key: h.Key, Role: h.Role, List: h.List, EntryId: h.EntryID, EntryName: h.EntryName, Kind: string(h.Kind),
		Programs: h.Programs, ScoreBasisPoints: int32(h.ScoreBasisPoints), Why: h.Why,
	}
	if i := slices.IndexFunc(said, func(d compliance.HitDisposition) bool { return d.Key == h.Key }); i >= 0 {
		m.Disposition = said[i].Disposition
	}
	if h.Explanation != nil {
		explain(m, *h.Explanation)
	}
	return m
}

func wordMessages(words []compliance.WordPair) []*v1.MatchedWords {
	var out []*v1.MatchedWords
	for _, w := range words {
		out = append(out, &v1.MatchedWords{Asked: w.Asked, Listed: w.Listed, AlikeBasisPoints: int32(w.AlikeBasisPoints)})
	}
	return out
}

// explain adds what a hit's score was made of when it was found.
func explain(m *v1.Hit, e compliance.Explanation) {
	m.Words = wordMessages(e.Words)
	for _, p := range e.Points {
		m.Points = append(m.Points, &v1.ScorePoint{What: p.What, ValueBasisPoints: int32(p.ValueBasisPoints), PointsBasis: int32(p.PointsBasis)})
	}
	l := e.Entry
	m.Entry = &v1.ListedParty{
		List: l.List, Id: l.ID, Kind: l.Kind, Names: l.Names, Births: l.Births, Documents: l.Documents, Gender: l.Gender, Programs: l.Programs, Remarks: l.Remarks,
	}
	for _, country := range l.Countries {
		m.Entry.Countries = append(m.Entry.Countries, string(country))
	}
}
