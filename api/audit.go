package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// auditService answers v1.AuditService.
type auditService struct {
	v1.UnimplementedAuditServiceServer
	*Server
}

// auditPage is how many records a page has when nothing else is asked.
const auditPage = 50

// ListAuditRecords returns records, newest first: all for an operator, the
// tenant's own for others.
func (s *auditService) ListAuditRecords(ctx context.Context, req *v1.ListAuditRecordsRequest) (*v1.ListAuditRecordsResponse, error) {
	c := s.check(req)
	size := int(req.GetPageSize())
	if size == 0 {
		size = auditPage
	}
	// One more than asked tells whether there is a next page.
	f := AuditFilter{ActorID: req.GetActorId(), Act: req.GetAct(), Subject: req.GetSubject(), Limit: size + 1}
	if token := req.GetPageToken(); token != "" {
		before, err := strconv.ParseInt(token, 10, 64)
		if err != nil || before < 1 || strconv.FormatInt(before, 10) != token {
			c.add("page_token", remit.ReasonFieldInvalid, "page_token is not one that this call answered")
		}
		f.Before = before
	}
	if req.GetFrom() != nil {
		f.From = req.GetFrom().AsTime()
	}
	if req.GetUntil() != nil {
		f.Until = req.GetUntil().AsTime()
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	caller := callOf(ctx).caller
	tenant := caller.TenantID
	if slices.Contains(caller.Scopes, ScopeOperate) {
		tenant = ""
	}
	list, err := s.store.AuditRecords(ctx, tenant, f)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	resp := &v1.ListAuditRecordsResponse{}
	if len(list) > size {
		list = list[:size]
		resp.NextPageToken = strconv.FormatInt(list[size-1].Number, 10)
	}
	for _, r := range list {
		resp.Records = append(resp.Records, auditMessage(r))
	}
	return resp, nil
}

// VerifyAudit walks the whole trail. What it finds is told by numbers of
// records, so that a tenant learns nothing of others' acts.
func (s *auditService) VerifyAudit(ctx context.Context, _ *v1.VerifyAuditRequest) (*v1.VerifyAuditResponse, error) {
	report, err := s.store.VerifyAudit(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify audit trail: %w", err)
	}
	resp := &v1.VerifyAuditResponse{Clean: report.Clean(), Records: report.Records, Findings: report.Findings}
	if report.Records > 0 {
		resp.Head = report.Head.String()
	}
	return resp, nil
}

func auditMessage(r compliance.AuditRecord) *v1.AuditRecord {
	return &v1.AuditRecord{
		Number: r.Number, At: timeMessage(r.At), Phase: string(r.Phase), IntentNumber: r.Intent,
		ActorKind: string(r.Actor.Kind), ActorId: r.Actor.ID, Actor: r.Actor.Name, Act: r.Act, Subject: r.Subject,
		Outcome: string(r.Outcome), Reason: string(r.Reason), Facts: r.Facts, RequestId: r.RequestID, Hash: r.Hash.String(),
	}
}
