package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// agentService answers v1.AgentService.
type agentService struct {
	v1.UnimplementedAgentServiceServer
	*Server
}

// begin checks a request and that there are counters.
func (s *agentService) begin(req proto.Message) (*check, error) {
	if _, err := s.desk(); err != nil {
		return nil, err
	}
	return s.check(req), nil
}

// idOf is the id in a request, or that of what a write makes.
func idOf[T ~string](ctx context.Context, c *check, prefix, given string) (T, error) {
	if given != "" {
		return checkID[T](c, prefix, "id", given), nil
	}
	id, _, err := derivedID[T](ctx, prefix)
	return id, err
}

// agentFields is what CreateAgent and UpdateAgent share.
type agentFields interface {
	GetName() string
	GetPhone() string
	GetCommissions() []*v1.AgentCommission
	GetCashInCommissions() []*v1.AgentCommission
	GetSuspended() bool
	GetProofs() []string
}

func (s *agentService) putAgent(ctx context.Context, req proto.Message, f agentFields, given string) (*v1.Agent, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	a := counter.Agent{Name: f.GetName(), Phone: f.GetPhone(), Suspended: f.GetSuspended()}
	a.Commissions = c.commissions("commissions", f.GetCommissions())
	a.CashInCommissions = c.commissions("cash_in_commissions", f.GetCashInCommissions())
	for _, p := range f.GetProofs() {
		a.Proofs = append(a.Proofs, counter.Proof(p))
	}
	if a.ID, err = idOf[counter.AgentID](ctx, c, counter.PrefixAgent, given); err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if given != "" {
		if _, err := s.counter.Agent(ctx, callOf(ctx).caller.TenantID, a.ID); err != nil {
			return nil, err
		}
	}
	if a, err = s.counter.PutAgent(ctx, operator(ctx), a); err != nil {
		return nil, err
	}
	if a.Suspended {
		if err := s.endAll(ctx, a.ID, ""); err != nil {
			return nil, err
		}
	}
	return agentMessage(a), nil
}

// CreateAgent adds an agent.
func (s *agentService) CreateAgent(ctx context.Context, req *v1.CreateAgentRequest) (*v1.CreateAgentResponse, error) {
	a, err := s.putAgent(ctx, req, req, "")
	if err != nil {
		return nil, err
	}
	return &v1.CreateAgentResponse{Agent: a}, nil
}

// UpdateAgent replaces an agent, or what the request names of one.
func (s *agentService) UpdateAgent(ctx context.Context, req *v1.UpdateAgentRequest) (*v1.UpdateAgentResponse, error) {
	req, err := keepOthers(req, func() (proto.Message, error) {
		if _, err := s.desk(); err != nil {
			return nil, err
		}
		a, err := s.counter.Agent(ctx, callOf(ctx).caller.TenantID, counter.AgentID(req.GetId()))
		return agentMessage(a), err
	})
	if err != nil {
		return nil, err
	}
	a, err := s.putAgent(ctx, req, req, orMissing(req.GetId()))
	if err != nil {
		return nil, err
	}
	return &v1.UpdateAgentResponse{Agent: a}, nil
}

// orMissing keeps an absent id from making a new thing.
func orMissing(id string) string {
	if id == "" {
		return "missing"
	}
	return id
}

// endAll ends the sessions of an agent's or outlet's people, who may not work.
func (s *agentService) endAll(ctx context.Context, agent counter.AgentID, outlet counter.OutletID) error {
	list, err := s.counter.Tellers(ctx, callOf(ctx).caller.TenantID, agent, outlet)
	if err == nil {
		_, err = s.endSessions(ctx, list)
	}
	return err
}

// ListAgents returns the tenant's agents.
func (s *agentService) ListAgents(ctx context.Context, req *v1.ListAgentsRequest) (*v1.ListAgentsResponse, error) {
	c, err := s.begin(req)
	if err == nil {
		err = c.err()
	}
	if err != nil {
		return nil, err
	}
	list, err := s.counter.Agents(ctx, callOf(ctx).caller.TenantID)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListAgentsResponse{}
	for _, a := range list {
		resp.Agents = append(resp.Agents, agentMessage(a))
	}
	return resp, nil
}

// outletFields is what CreateOutlet and UpdateOutlet share.
type outletFields interface {
	GetName() string
	GetCity() string
	GetAddress() string
	GetTimeZone() string
	GetHours() []*v1.OpenSpan
	GetClosedDays() []string
	GetCurrencies() []string
	GetLimits() []*v1.CounterLimit
	GetLowFloat() []*v1.Money
	GetDrawerMaximum() []*v1.Money
	GetSuspended() bool
}

func (c *check) outlet(f outletFields, latitude, longitude *float64) counter.Outlet {
	o := counter.Outlet{
		Name: f.GetName(), City: f.GetCity(), Address: f.GetAddress(), Place: c.place(latitude, longitude), Suspended: f.GetSuspended(),
		Hours:      counter.Hours{Zone: f.GetTimeZone(), Week: c.week("hours", f.GetHours()), Closed: f.GetClosedDays()},
		Currencies: f.GetCurrencies(), Limits: c.limits(f.GetLimits()), LowFloat: map[string]int64{}, DrawerMaximum: map[string]int64{},
	}
	for _, m := range f.GetLowFloat() {
		o.LowFloat[m.GetCurrency()] = c.money("low_float", m).Minor
	}
	for _, m := range f.GetDrawerMaximum() {
		o.DrawerMaximum[m.GetCurrency()] = c.money("drawer_maximum", m).Minor
	}
	return o
}

// CreateOutlet adds an outlet.
func (s *agentService) CreateOutlet(ctx context.Context, req *v1.CreateOutletRequest) (*v1.CreateOutletResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	o := c.outlet(req, req.Latitude, req.Longitude)
	o.AgentID, o.Country = checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId()), c.country("country", req.GetCountry())
	if o.ID, err = idOf[counter.OutletID](ctx, c, counter.PrefixOutlet, ""); err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if o, err = s.counter.PutOutlet(ctx, operator(ctx), o); err != nil {
		return nil, err
	}
	return &v1.CreateOutletResponse{Outlet: outletMessage(o)}, nil
}

// UpdateOutlet replaces an outlet, or what the request names of one.
func (s *agentService) UpdateOutlet(ctx context.Context, req *v1.UpdateOutletRequest) (*v1.UpdateOutletResponse, error) {
	req, err := keepOthers(req, func() (proto.Message, error) {
		if _, err := s.desk(); err != nil {
			return nil, err
		}
		o, err := s.counter.Outlet(ctx, callOf(ctx).caller.TenantID, counter.OutletID(req.GetId()))
		return outletMessage(o), err
	})
	if err != nil {
		return nil, err
	}
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	o := c.outlet(req, req.Latitude, req.Longitude)
	o.ID = checkID[counter.OutletID](c, counter.PrefixOutlet, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	before, err := s.counter.Outlet(ctx, callOf(ctx).caller.TenantID, o.ID)
	if err != nil {
		return nil, err
	}
	o.AgentID, o.Country = before.AgentID, before.Country
	if o, err = s.counter.PutOutlet(ctx, operator(ctx), o); err != nil {
		return nil, err
	}
	if o.Suspended {
		if err := s.endAll(ctx, "", o.ID); err != nil {
			return nil, err
		}
	}
	return &v1.UpdateOutletResponse{Outlet: outletMessage(o)}, nil
}

// ListOutlets returns outlets with all that is known of them.
func (s *agentService) ListOutlets(ctx context.Context, req *v1.ListOutletsRequest) (*v1.ListOutletsResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	agent := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.counter.Outlets(ctx, callOf(ctx).caller.TenantID, agent)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListOutletsResponse{}
	for _, o := range list {
		resp.Outlets = append(resp.Outlets, outletMessage(o))
	}
	return resp, nil
}

// FindOutlets tells where cash can be fetched.
func (s *agentService) FindOutlets(ctx context.Context, req *v1.FindOutletsRequest) (*v1.FindOutletsResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	n := counter.Near{
		OutletFilter: counter.OutletFilter{
			TenantID: callOf(ctx).caller.TenantID, AgentID: checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId()),
			Country: c.country("country", req.GetCountry()), City: req.GetCity(),
		},
		Currency: req.GetCurrency(), Point: c.place(req.Latitude, req.Longitude), Metres: int64(req.GetRadiusMetres()),
		OpenNow: req.GetOpenNow(), Limit: int(req.GetLimit()),
	}
	if req.GetAmount() != "" {
		n.Amount = c.money("amount", &v1.Money{Currency: req.GetCurrency(), Amount: req.GetAmount()})
		if req.GetCurrency() == "" {
			c.missing("currency")
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.counter.FindOutlets(ctx, n)
	if err != nil {
		return nil, err
	}
	resp := &v1.FindOutletsResponse{}
	for _, f := range list {
		o := f.Outlet
		m := &v1.FoundOutlet{
			Id: string(o.ID), Name: o.Name, AgentName: f.Agent.Name, AgentId: string(o.AgentID), Country: string(o.Country), City: o.City, Address: o.Address,
			TimeZone: o.Hours.Zone, Hours: weekMessages(o.Hours.Week), ClosedDays: o.Hours.Closed, Currencies: o.Currencies, Open: f.Open,
		}
		m.Latitude, m.Longitude = degrees(o.Place)
		if f.Metres >= 0 {
			m.DistanceMetres = &f.Metres
		}
		resp.Outlets = append(resp.Outlets, m)
	}
	return resp, nil
}
