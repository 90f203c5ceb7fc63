package api

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// tellCounters adds to a whole case what counters know of it: what people there
// reported, and which photos and signatures they took.
func (s *caseService) tellCounters(ctx context.Context, k compliance.Case, m *v1.Case) error {
	for _, e := range k.History {
		if e.Kind != compliance.EventReported {
			continue
		}
		r := &v1.CaseReport{
			Id: e.Facts["report"], Category: e.Facts["category"], Text: e.Text, By: e.By.Name, At: timeMessage(e.At),
			TellerId: e.Facts["teller"], OutletId: e.Facts["outlet"],
		}
		if err := s.tellPlace(ctx, k.TenantID, r); err != nil {
			return err
		}
		m.Reports = append(m.Reports, r)
	}
	return s.tellEvidence(ctx, k, m)
}

// tellPlace names the outlet and the agent of a report. What is not there any
// more stays without a name.
func (s *caseService) tellPlace(ctx context.Context, tenant remit.TenantID, r *v1.CaseReport) error {
	if s.counter == nil {
		return nil
	}
	t, err := s.counter.Teller(ctx, tenant, counter.TellerID(r.GetTellerId()))
	if remit.KindOf(err) == remit.KindNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read who reported: %w", err)
	}
	agent := t.AgentID
	if r.GetOutletId() != "" {
		o, err := s.counter.Outlet(ctx, tenant, counter.OutletID(r.GetOutletId()))
		if err != nil && remit.KindOf(err) != remit.KindNotFound {
			return fmt.Errorf("read the outlet of a report: %w", err)
		}
		if err == nil {
			r.OutletName, r.OutletCity, r.OutletCountry, agent = o.Name, o.City, string(o.Country), o.AgentID
		}
	}
	a, err := s.counter.Agent(ctx, tenant, agent)
	if err != nil && remit.KindOf(err) != remit.KindNotFound {
		return fmt.Errorf("read the agent of a report: %w", err)
	}
	r.AgentName = a.Name
	return nil
}

// tellEvidence says which photos and signatures there are of the remittance's
// payments at counters.
func (s *caseService) tellEvidence(ctx context.Context, k compliance.Case, m *v1.Case) error {
	if s.counter == nil || k.RemittanceID == "" {
		return nil
	}
	detail, err := s.store.RemittanceDetail(ctx, k.TenantID, k.RemittanceID)
	if err != nil {
		return fmt.Errorf("read the payments of a case: %w", err)
	}
	for _, o := range detail.RampOrders {
		p, err := s.counter.PickupOf(ctx, o)
		if remit.KindOf(err) == remit.KindNotFound {
			continue
		}
		if err != nil {
			return fmt.Errorf("read a payment of a case: %w", err)
		}
		taken := []*counter.Evidence{p.Photo}
		if p.Signed != nil {
			taken = append(taken, p.Signed.Signature)
		}
		for _, e := range taken {
			if e == nil {
				continue
			}
			one := &v1.CaseEvidence{PickupId: string(p.ID), Kind: string(e.Kind), Evidence: evidenceMessage(e)}
			if place, err := s.counter.Outlet(ctx, k.TenantID, e.OutletID); err == nil {
				one.OutletName = place.Name
			}
			m.Evidence = append(m.Evidence, one)
		}
	}
	return nil
}
