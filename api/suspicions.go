package api

import (
	"context"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// suspicionService answers v1.SuspicionService.
type suspicionService struct {
	v1.UnimplementedSuspicionServiceServer
	*Server
}

// suspicionMessage is a report as who made it sees it: whatever became of it, it
// is in progress.
func suspicionMessage(r counter.Suspicion) *v1.SuspicionReport {
	return &v1.SuspicionReport{Id: string(r.ID), State: "in_progress", CreatedAt: timeMessage(r.CreatedAt)}
}

// ReportSuspicion takes a report to the case queue.
func (s *suspicionService) ReportSuspicion(ctx context.Context, req *v1.ReportSuspicionRequest) (*v1.ReportSuspicionResponse, error) {
	c := s.check(req)
	pickup := checkID[counter.PickupID](c, counter.PrefixPickup, "pickup_id", req.GetPickupId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	id, _, err := derivedID[counter.SuspicionID](ctx, counter.PrefixSuspicion)
	if err != nil {
		return nil, err
	}
	r, err := s.counter.ReportSuspicion(ctx, by, id, pickup, req.GetCategory(), req.GetText())
	if err != nil {
		return nil, err
	}
	return &v1.ReportSuspicionResponse{Report: suspicionMessage(r)}, nil
}

// ListSuspicions returns the caller's own reports.
func (s *suspicionService) ListSuspicions(ctx context.Context, req *v1.ListSuspicionsRequest) (*v1.ListSuspicionsResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	list, err := s.counter.Suspicions(ctx, by)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListSuspicionsResponse{}
	for _, r := range list {
		resp.Reports = append(resp.Reports, suspicionMessage(r))
	}
	return resp, nil
}

// OrderFreeze has a case's payout withdrawn.
func (s *suspicionService) OrderFreeze(ctx context.Context, req *v1.OrderFreezeRequest) (*v1.OrderFreezeResponse, error) {
	cases := &caseService{Server: s.Server}
	m, err := cases.onCase(ctx, s.check(req), req.GetId(), "order a freeze", func(tenant remit.TenantID, id remit.CaseID, p compliance.Person) (compliance.Case, error) {
		return s.store.OrderFreeze(ctx, tenant, id, p, req.GetNote())
	})
	if err == nil {
		s.kick()
	}
	return &v1.OrderFreezeResponse{Case: m}, err
}
