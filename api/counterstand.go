package api

import (
	"context"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// GetStand tells where the caller works.
func (s *counterService) GetStand(ctx context.Context, req *v1.GetStandRequest) (*v1.GetStandResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, req.GetTellerId(), nil)
	if err != nil {
		return nil, err
	}
	teller, err := s.counter.Teller(ctx, by.TenantID, by.TellerID)
	if err != nil {
		return nil, err
	}
	agent, err := s.counter.Agent(ctx, by.TenantID, teller.AgentID)
	if err != nil {
		return nil, err
	}
	stand := &v1.CounterStand{Teller: tellerMessage(teller), Agent: agentMessage(agent)}
	if teller.OutletID != "" {
		outlet, err := s.counter.Outlet(ctx, by.TenantID, teller.OutletID)
		if err != nil {
			return nil, err
		}
		stand.Outlet = outletMessage(outlet)
	}
	return &v1.GetStandResponse{Stand: stand}, nil
}
