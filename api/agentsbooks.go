package api

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// tellerFields is what CreateTeller and UpdateTeller share.
type tellerFields interface {
	GetName() string
	GetStaffId() string
	GetDeviceId() string
	GetTrainedUntil() *timestamppb.Timestamp
	GetShifts() []*v1.OpenSpan
	GetLimits() []*v1.CounterLimit
	GetSuspended() bool
	GetRole() string
}

func (c *check) teller(f tellerFields) counter.Teller {
	t := counter.Teller{
		Name: f.GetName(), StaffID: checkID[remit.StaffID](c, remit.PrefixStaff, "staff_id", f.GetStaffId()), DeviceID: f.GetDeviceId(),
		Shifts: c.week("shifts", f.GetShifts()), Limits: c.limits(f.GetLimits()), Suspended: f.GetSuspended(), Role: counter.Role(f.GetRole()),
	}
	if f.GetTrainedUntil() != nil {
		t.TrainedUntil = f.GetTrainedUntil().AsTime()
	}
	return t
}

// CreateTeller adds a person.
func (s *agentService) CreateTeller(ctx context.Context, req *v1.CreateTellerRequest) (*v1.CreateTellerResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	t := c.teller(req)
	t.OutletID = checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId())
	t.AgentID = checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	if t.ID, err = idOf[counter.TellerID](ctx, c, counter.PrefixTeller, ""); err != nil {
		return nil, err
	}
	return s.putTeller(ctx, c, t)
}

func (s *agentService) putTeller(ctx context.Context, c *check, t counter.Teller) (*v1.CreateTellerResponse, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	if t.StaffID != "" {
		account, err := s.store.StaffByID(ctx, t.StaffID)
		if err == nil && account.TenantID != callOf(ctx).caller.TenantID {
			err = remit.NotFound("staff", string(t.StaffID))
		}
		if err != nil {
			return nil, err
		}
	}
	t, err := s.counter.PutTeller(ctx, operator(ctx), t)
	if err != nil {
		return nil, err
	}
	if t.Suspended {
		if _, err := s.endSessions(ctx, []counter.Teller{t}); err != nil {
			return nil, err
		}
	}
	return &v1.CreateTellerResponse{Teller: tellerMessage(t)}, nil
}

// UpdateTeller replaces a person.
func (s *agentService) UpdateTeller(ctx context.Context, req *v1.UpdateTellerRequest) (*v1.UpdateTellerResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	t := c.teller(req)
	t.ID = checkID[counter.TellerID](c, counter.PrefixTeller, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	before, err := s.counter.Teller(ctx, callOf(ctx).caller.TenantID, t.ID)
	if err != nil {
		return nil, err
	}
	t.AgentID, t.OutletID = before.AgentID, before.OutletID
	resp, err := s.putTeller(ctx, c, t)
	if err != nil {
		return nil, err
	}
	return &v1.UpdateTellerResponse{Teller: resp.GetTeller()}, nil
}

// ListTellers returns people.
func (s *agentService) ListTellers(ctx context.Context, req *v1.ListTellersRequest) (*v1.ListTellersResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	agent := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	outlet := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.counter.Tellers(ctx, callOf(ctx).caller.TenantID, agent, outlet)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListTellersResponse{}
	for _, t := range list {
		resp.Tellers = append(resp.Tellers, tellerMessage(t))
	}
	return resp, nil
}

// bookOf reads whose books a call asks for and refuses who may not see them.
func (s *agentService) bookOf(ctx context.Context, c *check, id string) (counter.OutletID, error) {
	outlet := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", id)
	if err := c.err(); err != nil {
		return "", err
	}
	o, err := s.counter.Outlet(ctx, callOf(ctx).caller.TenantID, outlet)
	if err != nil {
		return "", err
	}
	return outlet, s.mayRead(ctx, o.AgentID, o.ID)
}

// GetFloat returns what an outlet holds.
func (s *agentService) GetFloat(ctx context.Context, req *v1.GetFloatRequest) (*v1.GetFloatResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	outlet, err := s.bookOf(ctx, c, req.GetOutletId())
	if err != nil {
		return nil, err
	}
	lines, err := s.counter.FloatOf(ctx, callOf(ctx).caller.TenantID, outlet)
	if err != nil {
		return nil, err
	}
	resp := &v1.GetFloatResponse{}
	for _, l := range lines {
		resp.Lines = append(resp.Lines, floatLineMessage(l))
	}
	return resp, nil
}

// ListTopUps returns requests for float.
func (s *agentService) ListTopUps(ctx context.Context, req *v1.ListTopUpsRequest) (*v1.ListTopUpsResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	outlet := counter.OutletID("")
	if req.GetOutletId() != "" {
		outlet, err = s.bookOf(ctx, c, req.GetOutletId())
	} else if err = c.err(); err == nil {
		err = s.mayRead(ctx, "", "")
	}
	if err != nil {
		return nil, err
	}
	list, err := s.counter.TopUps(ctx, callOf(ctx).caller.TenantID, outlet)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListTopUpsResponse{}
	for _, t := range list {
		resp.TopUps = append(resp.TopUps, topUpMessage(t))
	}
	return resp, nil
}

// DecideTopUp approves or refuses a request for float.
func (s *agentService) DecideTopUp(ctx context.Context, req *v1.DecideTopUpRequest) (*v1.DecideTopUpResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	id := checkID[counter.TopUpID](c, counter.PrefixTopUp, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := s.counter.DecideTopUp(ctx, operator(ctx), id, req.GetApprove(), req.GetReference(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return &v1.DecideTopUpResponse{TopUp: topUpMessage(t)}, nil
}

// GetDayReport returns an outlet's day.
func (s *agentService) GetDayReport(ctx context.Context, req *v1.GetDayReportRequest) (*v1.GetDayReportResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	outlet, err := s.bookOf(ctx, c, req.GetOutletId())
	if err != nil {
		return nil, err
	}
	r, err := s.counter.DayReport(ctx, callOf(ctx).caller.TenantID, outlet, req.GetDay())
	if err != nil {
		return nil, err
	}
	return &v1.GetDayReportResponse{
		Day: r.Day, From: timeMessage(r.From), To: timeMessage(r.To), Opening: holdingMessages(r.Opening), Closing: holdingMessages(r.Closing),
		Lines: lineMessages(r.Lines), Movements: movementMessages(r.Movements), Ties: r.Ties,
	}, nil
}

// GetCommissionStatement returns what an agent earned and was paid.
func (s *agentService) GetCommissionStatement(ctx context.Context, req *v1.GetCommissionStatementRequest) (*v1.GetCommissionStatementResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	agent := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := s.mayRead(ctx, agent, ""); err != nil {
		return nil, err
	}
	st, err := s.counter.CommissionStatement(ctx, callOf(ctx).caller.TenantID, agent, req.GetFrom().AsTime(), req.GetTo().AsTime())
	if err != nil {
		return nil, err
	}
	return &v1.GetCommissionStatementResponse{Lines: lineMessages(st.Lines), Movements: movementMessages(st.Movements), Owed: moneyMessages(st.Owed)}, nil
}

// PayCommission books that an agent was paid.
func (s *agentService) PayCommission(ctx context.Context, req *v1.PayCommissionRequest) (*v1.PayCommissionResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	agent, amount := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId()), c.money("amount", req.GetAmount())
	if err := c.err(); err != nil {
		return nil, err
	}
	key, at, err := derivedID[moveID](ctx, "pay")
	if err != nil {
		return nil, err
	}
	if err := s.counter.PayCommission(ctx, operator(ctx), counter.CommissionPayment{Key: string(key), AgentID: agent, Amount: amount, Reference: req.GetReference()}); err != nil {
		return nil, err
	}
	st, err := s.counter.CommissionStatement(ctx, callOf(ctx).caller.TenantID, agent, at, at)
	if err != nil {
		return nil, err
	}
	return &v1.PayCommissionResponse{Owed: moneyMessages(st.Owed)}, nil
}
