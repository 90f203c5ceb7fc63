package api

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// peopleService answers v1.PeopleService.
type peopleService struct {
	v1.UnimplementedPeopleServiceServer
	*Server
	staff *staffService
}

// begin checks a request and finds who manages: the operator, who has
// ScopeAgentsManage or another scope that the call is content with, or the
// person of a session. Errors: forbidden for another key, whose tellers are
// managed by people.
func (s *peopleService) begin(ctx context.Context, req proto.Message, also ...Scope) (*check, counter.Caller, error) {
	if _, err := s.desk(); err != nil {
		return nil, counter.Caller{}, err
	}
	by, key := operator(ctx), callOf(ctx).caller
	operates := func(scope Scope) bool { return slices.Contains(key.Scopes, scope) }
	switch {
	case operates(ScopeAgentsManage) || slices.ContainsFunc(also, operates):
	case key.StaffID == "":
		return nil, by, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "people are managed by a manager who signed in, or by a key with the scope %s", ScopeAgentsManage)
	default:
		var err error
		if by, err = s.atCounter(ctx, "", nil); err != nil {
			return nil, by, err
		}
	}
	return s.check(req), by, nil
}

// looking is atCounter for who only looks: not suspended, and on a device that
// they may use. A program that looks for a person stands at no device.
func (s *Server) looking(ctx context.Context, named string) (counter.Caller, error) {
	by, err := s.atCounter(ctx, named, nil)
	if err != nil {
		return by, err
	}
	err = s.counter.MayLook(ctx, by)
	if callOf(ctx).caller.StaffID == "" && remit.ReasonOf(err) == remit.ReasonDeviceNotBound {
		err = nil
	}
	return by, err
}

func suspensionMessage(suspended bool, why *counter.Suspension) *v1.Suspension {
	switch {
	case !suspended:
		return nil
	case why == nil:
		return &v1.Suspension{By: counter.RankOperator.String(), Reason: "other"}
	}
	return &v1.Suspension{By: why.By.String(), Reason: why.Reason, At: timeMessage(why.At)}
}

func deviceMessage(d counter.Device) *v1.CounterDevice {
	return &v1.CounterDevice{Id: d.ID, Name: d.Name, Bound: d.Bound(), AskedAt: timeMessage(d.AskedAt), BoundAt: timeMessage(d.BoundAt)}
}

func managedOutletMessage(o counter.Outlet) *v1.ManagedOutlet {
	return &v1.ManagedOutlet{Outlet: outletMessage(o), BindDevices: o.BindDevices, Suspension: suspensionMessage(o.Suspended, o.Suspension)}
}

// personMessage is a person with their invitation.
func (s *peopleService) personMessage(ctx context.Context, t counter.Teller) (*v1.Person, error) {
	list, err := s.personMessages(ctx, t.TenantID, []counter.Teller{t})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (s *peopleService) personMessages(ctx context.Context, tenant remit.TenantID, list []counter.Teller) ([]*v1.Person, error) {
	ids := make([]string, 0, len(list))
	for _, t := range list {
		ids = append(ids, string(t.ID))
	}
	last, err := s.store.LastInvitations(ctx, tenant, ids)
	if err != nil {
		return nil, fmt.Errorf("read invitations: %w", err)
	}
	var out []*v1.Person
	for _, t := range list {
		p := &v1.Person{Teller: tellerMessage(t), BindDevice: t.BindDevice, Suspension: suspensionMessage(t.Suspended, t.Suspension)}
		if n, invited := last[string(t.ID)]; invited {
			p.Invitation, p.InvitationExpiresAt = n.state(s.clock.Now()), timeMessage(n.ExpiresAt)
		}
		for _, d := range t.Devices {
			p.Devices = append(p.Devices, deviceMessage(d))
		}
		out = append(out, p)
	}
	return out, nil
}

// GetTeller returns a person to who manages them.
func (s *peopleService) GetTeller(ctx context.Context, req *v1.GetTellerRequest) (*v1.GetTellerResponse, error) {
	c, by, err := s.begin(ctx, req, ScopeAgentsRead)
	if err != nil {
		return nil, err
	}
	id := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId())
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := s.counter.MayManage(ctx, by, id, counter.RankManager)
	if err != nil {
		return nil, err
	}
	person, err := s.personMessage(ctx, t)
	if err != nil {
		return nil, err
	}
	return &v1.GetTellerResponse{Person: person}, nil
}

// pageOf cuts a page out of a list that is sorted by id.
func pageOf[T any](list []T, p Page, id func(T) string) (page []T, next string) {
	if p.After != "" {
		list = slices.DeleteFunc(list, func(t T) bool { return id(t) <= p.After })
	}
	if len(list) > p.Size {
		return list[:p.Size], id(list[p.Size-1])
	}
	return list, ""
}

// ListPeople returns the people that the caller manages.
func (s *peopleService) ListPeople(ctx context.Context, req *v1.ListPeopleRequest) (*v1.ListPeopleResponse, error) {
	c, by, err := s.begin(ctx, req, ScopeAgentsRead)
	if err != nil {
		return nil, err
	}
	agent := checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId())
	outlet := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId())
	p := page[counter.TellerID](c, counter.PrefixTeller, req.GetPageSize(), req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.counter.People(ctx, by, agent, outlet)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListPeopleResponse{}
	list, resp.NextPageToken = pageOf(list, p, func(t counter.Teller) string { return string(t.ID) })
	resp.People, err = s.personMessages(ctx, by.TenantID, list)
	return resp, err
}

// ListManagedOutlets returns the outlets that the caller manages.
func (s *peopleService) ListManagedOutlets(ctx context.Context, req *v1.ListManagedOutletsRequest) (*v1.ListManagedOutletsResponse, error) {
	c, by, err := s.begin(ctx, req, ScopeAgentsRead)
	if err != nil {
		return nil, err
	}
	p := page[counter.OutletID](c, counter.PrefixOutlet, req.GetPageSize(), req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.counter.ManagedOutlets(ctx, by)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListManagedOutletsResponse{}
	list, resp.NextPageToken = pageOf(list, p, func(o counter.Outlet) string { return string(o.ID) })
	for _, o := range list {
		resp.Outlets = append(resp.Outlets, managedOutletMessage(o))
	}
	return resp, nil
}

// SetTellerWork says when a person works.
func (s *peopleService) SetTellerWork(ctx context.Context, req *v1.SetTellerWorkRequest) (*v1.SetTellerWorkResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	id, week := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId()), c.week("shifts", req.GetShifts())
	if err := c.err(); err != nil {
		return nil, err
	}
	var until counter.Teller
	if req.GetTrainedUntil() != nil {
		until.TrainedUntil = req.GetTrainedUntil().AsTime()
	}
	t, err := s.counter.SetWork(ctx, by, id, week, until.TrainedUntil)
	if err != nil {
		return nil, err
	}
	person, err := s.personMessage(ctx, t)
	return &v1.SetTellerWorkResponse{Person: person}, err
}

// SetTellerLimits says what a person may pay out alone.
func (s *peopleService) SetTellerLimits(ctx context.Context, req *v1.SetTellerLimitsRequest) (*v1.SetTellerLimitsResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	id, limits := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId()), c.limits(req.GetLimits())
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := s.counter.SetLimits(ctx, by, id, limits)
	if err != nil {
		return nil, err
	}
	person, err := s.personMessage(ctx, t)
	return &v1.SetTellerLimitsResponse{Person: person}, err
}

// SetOutletHours says when an outlet is open.
func (s *peopleService) SetOutletHours(ctx context.Context, req *v1.SetOutletHoursRequest) (*v1.SetOutletHoursResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	id, week := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId()), c.week("hours", req.GetHours())
	if err := c.err(); err != nil {
		return nil, err
	}
	o, err := s.counter.SetHours(ctx, by, id, week, req.GetClosedDays())
	if err != nil {
		return nil, err
	}
	return &v1.SetOutletHoursResponse{Outlet: managedOutletMessage(o)}, nil
}

// SetSuspension keeps somebody from working, or lets them work again.
func (s *peopleService) SetSuspension(ctx context.Context, req *v1.SetSuspensionRequest) (*v1.SetSuspensionResponse, error) {
	c, by, err := s.begin(ctx, req, ScopeAgentsSuspend)
	if err != nil {
		return nil, err
	}
	in := counter.Suspend{
		TellerID: checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId()),
		OutletID: checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId()),
		AgentID:  checkID[counter.AgentID](c, counter.PrefixAgent, "agent_id", req.GetAgentId()), Suspended: req.GetSuspended(), Reason: req.GetReason(),
	}
	c.oneOf("teller_id", req.GetTellerId(), req.GetOutletId(), req.GetAgentId())
	if err := c.err(); err != nil {
		return nil, err
	}
	out, err := s.counter.SetSuspension(ctx, by, in)
	if err != nil {
		return nil, err
	}
	ended, err := s.endSessions(ctx, out)
	return &v1.SetSuspensionResponse{SessionsEnded: int32(ended)}, err
}

// oneOf refuses what names not exactly one thing.
func (c *check) oneOf(field string, ids ...string) {
	if len(slices.DeleteFunc(ids, func(id string) bool { return id == "" })) != 1 {
		c.add(field, remit.ReasonFieldRequired, "name the one that it is about, and nothing else")
	}
}

// endSessions ends the sessions and invitations of people who may not work any
// more. They are kept out whether or not this succeeds.
func (s *Server) endSessions(ctx context.Context, list []counter.Teller) (int, error) {
	var people []remit.StaffID
	for _, t := range list {
		if t.StaffID == "" {
			continue
		}
		people = append(people, t.StaffID)
		if !t.Suspended {
			continue
		}
		if _, err := s.store.RevokeInvitation(ctx, t.TenantID, string(t.ID)); err != nil {
			return 0, fmt.Errorf("revoke invitation: %w", err)
		}
	}
	ended, err := s.store.EndSessions(ctx, people)
	if err != nil {
		return ended, fmt.Errorf("end sessions: %w", err)
	}
	return ended, nil
}

// SetDeviceBinding lets people work on bound devices only, or on any.
func (s *peopleService) SetDeviceBinding(ctx context.Context, req *v1.SetDeviceBindingRequest) (*v1.SetDeviceBindingResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	teller := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId())
	outlet := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId())
	c.oneOf("teller_id", req.GetTellerId(), req.GetOutletId())
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := s.counter.SetBinding(ctx, by, teller, outlet, req.GetBind()); err != nil {
		return nil, err
	}
	return &v1.SetDeviceBindingResponse{}, nil
}

// deviceID is a device's id as the trail and the pages show it.
type deviceID string

// AskDevice asks for the caller's device to be bound.
func (s *peopleService) AskDevice(ctx context.Context, req *v1.AskDeviceRequest) (*v1.AskDeviceResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	id, _, err := derivedID[deviceID](ctx, counter.PrefixDevice)
	if err != nil {
		return nil, err
	}
	d, err := s.counter.AskDevice(ctx, by, string(id), req.GetName())
	if err != nil {
		return nil, err
	}
	return &v1.AskDeviceResponse{Device: deviceMessage(d)}, nil
}

// DecideDevice binds a device to a person, or removes it.
func (s *peopleService) DecideDevice(ctx context.Context, req *v1.DecideDeviceRequest) (*v1.DecideDeviceResponse, error) {
	c, by, err := s.begin(ctx, req)
	if err != nil {
		return nil, err
	}
	teller := checkID[counter.TellerID](c, counter.PrefixTeller, "teller_id", req.GetTellerId())
	device := checkID[deviceID](c, counter.PrefixDevice, "device_id", req.GetDeviceId())
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := s.counter.DecideDevice(ctx, by, teller, string(device), req.GetApprove())
	if err != nil {
		return nil, err
	}
	person, err := s.personMessage(ctx, t)
	return &v1.DecideDeviceResponse{Person: person}, err
}
