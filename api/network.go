package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// networkService answers v1.NetworkService.
type networkService struct {
	v1.UnimplementedNetworkServiceServer
	*Server
}

// seesNetwork reports whether a caller sees all of a tenant's network.
func seesNetwork(key Key) bool {
	return slices.Contains(key.Scopes, ScopeAgentsManage) || slices.Contains(key.Scopes, ScopeAgentsRead)
}

// begin checks a request and that there are counters.
func (s *networkService) begin(req proto.Message) (*check, error) {
	if _, err := s.desk(); err != nil {
		return nil, err
	}
	return s.check(req), nil
}

// GetNetwork returns the network.
func (s *networkService) GetNetwork(ctx context.Context, req *v1.GetNetworkRequest) (*v1.GetNetworkResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	agent := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	skip := 0
	if token := req.GetPageToken(); token != "" {
		if skip, err = strconv.Atoi(token); err != nil || skip < 0 {
			c.add("page_token", remit.ReasonFieldInvalid, "this is no token of an earlier answer")
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	tenant := callOf(ctx).caller.TenantID
	n, err := s.counter.Network(ctx, tenant)
	if err != nil {
		return nil, err
	}
	resp := &v1.GetNetworkResponse{Total: int32(len(n.Outlets))}
	for _, a := range n.Agents {
		resp.Agents = append(resp.Agents, networkAgentMessage(a))
	}
	lines := make(map[counter.OutletID]counter.NetworkOutlet, len(n.Outlets))
	for _, o := range n.Outlets {
		lines[o.Outlet.ID] = o
		count(o, resp)
	}
	names, err := s.names(ctx, tenant, n.People)
	if err != nil {
		return nil, err
	}
	for _, r := range n.Waiting {
		resp.Waiting = append(resp.Waiting, floatRequestMessage(r, lines[r.Outlet()], names))
	}
	list := slices.DeleteFunc(n.Outlets, func(o counter.NetworkOutlet) bool {
		return agent != "" && o.Outlet.AgentID != agent || req.GetLowOnly() && !o.Low()
	})
	size := int(req.GetPageSize())
	if size == 0 {
		size = usualRows
	}
	list = list[min(skip, len(list)):]
	if len(list) > size {
		list, resp.NextPageToken = list[:size], strconv.Itoa(skip+size)
	}
	for _, o := range list {
		resp.Outlets = append(resp.Outlets, networkOutletMessage(o))
	}
	return resp, nil
}

// count adds an outlet to the figures of the network.
func count(o counter.NetworkOutlet, resp *v1.GetNetworkResponse) {
	if o.Low() {
		resp.Low++
	}
	switch o.State {
	case counter.OutletOpen:
		resp.Open++
	case counter.OutletSuspended:
		resp.Suspended++
	case counter.OutletClosed:
	}
}

// names are the names of a tenant's staff and of people at counters, by id.
func (s *networkService) names(ctx context.Context, tenant remit.TenantID, people []counter.Teller) (map[string]string, error) {
	staff, err := s.store.Staff(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("read staff: %w", err)
	}
	out := make(map[string]string, len(staff)+2*len(people))
	for _, p := range staff {
		out[string(p.ID)] = p.Name
	}
	for _, t := range people {
		out[string(t.ID)] = t.Name
		if t.StaffID != "" {
			out[string(t.StaffID)] = t.Name
		}
	}
	return out, nil
}

// GetNetworkOutlet returns one outlet.
func (s *networkService) GetNetworkOutlet(ctx context.Context, req *v1.GetNetworkOutletRequest) (*v1.GetNetworkOutletResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	id := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId())
	if err := c.err(); err != nil {
		return nil, err
	}
	tenant := callOf(ctx).caller.TenantID
	d, err := s.counter.OutletDesk(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx, tenant, d.People)
	if err != nil {
		return nil, err
	}
	resp := &v1.GetNetworkOutletResponse{
		Outlet: networkOutletMessage(d.NetworkOutlet), Agent: networkAgentMessage(d.Due), Movements: movementMessages(d.Movements), Spare: moneyMessages(d.Spare),
	}
	for _, t := range d.People {
		resp.People = append(resp.People, tellerMessage(t))
	}
	for _, x := range d.Drawers {
		resp.Drawers = append(resp.Drawers, drawerMessage(x))
	}
	for _, r := range d.Requests {
		resp.Requests = append(resp.Requests, floatRequestMessage(r, d.NetworkOutlet, names))
	}
	return resp, nil
}

// OfferFloat offers float back.
func (s *networkService) OfferFloat(ctx context.Context, req *v1.OfferFloatRequest) (*v1.OfferFloatResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	outlet, amount := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId()), c.money("amount", req.GetAmount())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	id, _, err := derivedID[counter.FloatReturnID](ctx, counter.PrefixFloatReturn)
	if err != nil {
		return nil, err
	}
	r, err := s.counter.OfferFloat(ctx, by, id, outlet, amount, req.GetReference())
	if err != nil {
		return nil, err
	}
	return &v1.OfferFloatResponse{FloatReturn: floatReturnMessage(r)}, nil
}

// ListFloatReturns returns returns of float.
func (s *networkService) ListFloatReturns(ctx context.Context, req *v1.ListFloatReturnsRequest) (*v1.ListFloatReturnsResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	outlet := counter.OutletID("")
	if req.GetOutletId() != "" {
		outlet, err = (&agentService{Server: s.Server}).bookOf(ctx, c, req.GetOutletId())
	} else if err = c.err(); err == nil {
		err = s.mayRead(ctx, "", "")
	}
	if err != nil {
		return nil, err
	}
	list, err := s.counter.FloatReturns(ctx, callOf(ctx).caller.TenantID, outlet)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListFloatReturnsResponse{}
	for _, r := range list {
		resp.FloatReturns = append(resp.FloatReturns, floatReturnMessage(r))
	}
	return resp, nil
}

// DecideFloatReturn books or refuses what was offered.
func (s *networkService) DecideFloatReturn(ctx context.Context, req *v1.DecideFloatReturnRequest) (*v1.DecideFloatReturnResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	id := checkID[counter.FloatReturnID](c, counter.PrefixFloatReturn, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	r, err := s.counter.DecideFloatReturn(ctx, operator(ctx), id, req.GetApprove(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return &v1.DecideFloatReturnResponse{FloatReturn: floatReturnMessage(r)}, nil
}

// CollectFloat books what was collected.
func (s *networkService) CollectFloat(ctx context.Context, req *v1.CollectFloatRequest) (*v1.CollectFloatResponse, error) {
	c, err := s.begin(req)
	if err != nil {
		return nil, err
	}
	in := counter.Collect{
		OutletID:   checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId()),
		HandedOver: checkID[counter.TellerID](c, counter.PrefixTeller, "handed_over_by", req.GetHandedOverBy()),
		Amount:     c.money("amount", req.GetAmount()), Reference: req.GetReference(),
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if in.ID, _, err = derivedID[counter.FloatReturnID](ctx, counter.PrefixFloatReturn); err != nil {
		return nil, err
	}
	r, err := s.counter.CollectFloat(ctx, operator(ctx), in)
	if err != nil {
		return nil, err
	}
	return &v1.CollectFloatResponse{FloatReturn: floatReturnMessage(r)}, nil
}

func floatReturnMessage(r counter.FloatReturn) *v1.FloatReturn {
	return &v1.FloatReturn{
		Id: string(r.ID), OutletId: string(r.OutletID), Amount: moneyMessage(r.Amount), State: string(r.State), RequestedBy: r.RequestedBy,
		DecidedBy: r.DecidedBy, HandedOverBy: string(r.HandedOver), Reference: r.Reference, Reason: r.Reason,
		CreatedAt: timeMessage(r.CreatedAt), DecidedAt: timeMessage(r.DecidedAt),
	}
}

func floatRequestMessage(r counter.FloatRequest, o counter.NetworkOutlet, names map[string]string) *v1.FloatRequest {
	asked, decided := r.By()
	m := &v1.FloatRequest{
		OutletName: o.Outlet.Name, City: o.Outlet.City, AgentId: string(o.Agent.ID), AgentName: o.Agent.Name,
		RequestedByName: names[asked], DecidedByName: names[decided],
	}
	if r.TopUp != nil {
		m.TopUp = topUpMessage(*r.TopUp)
	} else {
		m.FloatReturn = floatReturnMessage(*r.Return)
	}
	for _, l := range o.Lines {
		if l.Float.Asset == r.Amount().Asset {
			m.Float = floatLineMessage(l)
		}
	}
	return m
}

func networkAgentMessage(a counter.AgentDue) *v1.NetworkAgent {
	return &v1.NetworkAgent{
		Agent: agentMessage(a.Agent), Suspension: suspensionMessage(a.Agent.Suspended, a.Agent.Suspension), Owed: moneyMessages(a.Owed),
		Outlets: int32(a.Outlets), Low: int32(a.Low),
	}
}

func networkOutletMessage(o counter.NetworkOutlet) *v1.NetworkOutlet {
	m := &v1.NetworkOutlet{
		Outlet: outletMessage(o.Outlet), State: string(o.State), Suspension: suspensionMessage(o.Outlet.Suspended, o.Outlet.Suspension),
		Low: o.Low(), OpenDrawers: int32(o.OpenDrawers), BindDevices: o.Outlet.BindDevices,
	}
	for _, l := range o.Lines {
		m.Lines = append(m.Lines, floatLineMessage(l))
	}
	return m
}
