package api

import (
	"context"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
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
		stand.Device = string(counter.DeviceOf(teller, outlet, by.DeviceID))
	} else {
		stand.Device = string(counter.DeviceOf(teller, counter.Outlet{}, by.DeviceID))
	}
	if callOf(ctx).caller.StaffID != "" && (teller.Suspended || agent.Suspended || stand.GetOutlet().GetSuspended()) {
		return nil, remit.Errorf(remit.KindForbidden, remit.ReasonCounterSuspended, "this person, outlet or agent is suspended; ask the manager")
	}
	return &v1.GetStandResponse{Stand: stand}, nil
}
