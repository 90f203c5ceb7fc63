package api

import (
	"context"
	"strings"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// scopeAgentPrefix begins a scope that binds a key to one agent: what it may do
// at counters it may do at this agent's only. It follows with the agent's id.
const scopeAgentPrefix = "agent="

// counterService answers v1.CounterService.
type counterService struct {
	v1.UnimplementedCounterServiceServer
	*Server
}

// desk is what acts at the counters. Errors: precondition where there are none.
func (s *Server) desk() (*counter.Service, error) {
	if s.counter == nil {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonUnavailable, "this gateway has no counters of its own")
	}
	return s.counter, nil
}

// operator is a caller who keeps the network.
func operator(ctx context.Context) counter.Caller {
	key := callOf(ctx).caller
	actor := actorOf(key)
	return counter.Caller{TenantID: key.TenantID, Actor: actor.ID, ActorName: actor.Name}
}

// atCounter is the teller who makes a call: of a session its own, of a key the
// one it names. Errors: forbidden; not_found; invalid.
func (s *Server) atCounter(ctx context.Context, named string, by *v1.CounterCaller) (counter.Caller, error) {
	desk, err := s.desk()
	if err != nil {
		return counter.Caller{}, err
	}
	c, key := operator(ctx), callOf(ctx).caller
	if by != nil {
		c.DeviceID, named = by.GetDeviceId(), by.GetTellerId()
		if by.GetDeviceTime() != nil {
			c.DeviceTime = by.GetDeviceTime().AsTime()
		}
	}
	if c.DeviceID == "" {
		c.DeviceID = firstHeader(ctx, headerDevice)
	}
	if key.StaffID != "" {
		t, err := desk.TellerOfStaff(ctx, key.TenantID, key.StaffID)
		if remit.KindOf(err) == remit.KindNotFound || (err == nil && named != "" && named != string(t.ID)) {
			err = remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "this account is no such teller; sign in as yourself")
		}
		c.TellerID = t.ID
		return c, err
	}
	if named == "" {
		return c, remit.Invalid("teller_id", remit.ReasonFieldRequired, "name the teller who is at the counter")
	}
	if c.TellerID, err = remit.ParseID[counter.TellerID](counter.PrefixTeller, "teller_id", named); err != nil {
		return c, err
	}
	t, err := desk.Teller(ctx, key.TenantID, c.TellerID)
	if err == nil && !boundTo(key, t.AgentID) {
		err = remit.NotFound("teller", named)
	}
	return c, err
}

// boundTo reports whether a key may act at an agent's counters.
func boundTo(key Key, agent counter.AgentID) bool {
	bound := false
	for _, scope := range key.Scopes {
		id, is := strings.CutPrefix(string(scope), scopeAgentPrefix)
		if is && id == string(agent) {
			return true
		}
		bound = bound || is
	}
	return !bound
}

// mayRead refuses who may not see an outlet's books: its managers, the agent's
// admin and key, and the operator may. outlet is empty for those of the agent.
func (s *Server) mayRead(ctx context.Context, agent counter.AgentID, outlet counter.OutletID) error {
	key := callOf(ctx).caller
	switch {
	case seesNetwork(key):
		return nil
	case key.StaffID == "" && boundTo(key, agent):
		return nil
	case key.StaffID != "":
		by, err := s.looking(ctx, "")
		if err != nil {
			return err
		}
		t, err := s.counter.Teller(ctx, by.TenantID, by.TellerID)
		if err != nil {
			return err
		}
		if t.Manages(agent, outlet) {
			return nil
		}
	}
	return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only who manages this outlet or agent sees its books")
}

// FindPickup looks a payment up.
func (s *counterService) FindPickup(ctx context.Context, req *v1.FindPickupRequest) (*v1.FindPickupResponse, error) {
	c := s.check(req)
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	found, err := s.counter.Find(ctx, by, req.GetCode(), req.GetBeneficiaryName())
	if err != nil {
		return nil, err
	}
	return &v1.FindPickupResponse{Found: foundMessage(found, s.clock.Now())}, nil
}

// orBy is a caller that may be absent: a session needs none.
func orBy(by *v1.CounterCaller) *v1.CounterCaller {
	if by == nil {
		return &v1.CounterCaller{}
	}
	return by
}

// GetPickup shows a payment to who held it.
func (s *counterService) GetPickup(ctx context.Context, req *v1.GetPickupRequest) (*v1.GetPickupResponse, error) {
	c := s.check(req)
	id := checkID[counter.PickupID](c, counter.PrefixPickup, "pickup_id", req.GetPickupId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	found, err := s.counter.Pickup(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return &v1.GetPickupResponse{Found: foundMessage(found, s.clock.Now())}, nil
}

// ReservePickup holds a payment for a teller.
func (s *counterService) ReservePickup(ctx context.Context, req *v1.ReservePickupRequest) (*v1.ReservePickupResponse, error) {
	c := s.check(req)
	in := counter.Reserve{
		PickupID: checkID[counter.PickupID](c, counter.PrefixPickup, "pickup_id", req.GetPickupId()), Code: req.GetCode(),
		Identity: counter.Identity{
			Type: req.GetIdentity().GetType(), Number: req.GetIdentity().GetNumber(), Issuer: remit.Country(req.GetIdentity().GetIssuer()),
			Expires: req.GetIdentity().GetExpires(), BirthDate: req.GetIdentity().GetBirthDate(), Name: req.GetIdentity().GetName(),
		},
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	in.Photo = req.GetPhoto()
	if in.ID, _, err = derivedID[counter.ReservationID](ctx, counter.PrefixReservation); err != nil {
		return nil, err
	}
	found, err := s.counter.Reserve(ctx, by, in)
	if err != nil {
		return nil, err
	}
	return &v1.ReservePickupResponse{Found: foundMessage(found, s.clock.Now())}, nil
}

// reservationCall is what Approve, Confirm and Release ask for.
type reservationCall interface {
	GetPickupId() string
	GetReservationId() string
	GetBy() *v1.CounterCaller
}

// onReservation reads such a call and does it.
func (s *counterService) onReservation(ctx context.Context, c *check, req reservationCall,
	do func(context.Context, counter.Caller, counter.PickupID, counter.ReservationID) (counter.Pickup, error),
) (*v1.Pickup, error) {
	id := checkID[counter.PickupID](c, counter.PrefixPickup, "pickup_id", req.GetPickupId())
	reservation := checkID[counter.ReservationID](c, counter.PrefixReservation, "reservation_id", req.GetReservationId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	p, err := do(ctx, by, id, reservation)
	if err != nil {
		return nil, err
	}
	return pickupMessage(p, s.clock.Now()), nil
}

// ApprovePickup is a manager's word.
func (s *counterService) ApprovePickup(ctx context.Context, req *v1.ApprovePickupRequest) (*v1.ApprovePickupResponse, error) {
	p, err := s.onReservation(ctx, s.check(req), req, s.counter.Approve)
	if err != nil {
		return nil, err
	}
	return &v1.ApprovePickupResponse{Pickup: p}, nil
}

// ConfirmPickup pays.
func (s *counterService) ConfirmPickup(ctx context.Context, req *v1.ConfirmPickupRequest) (*v1.ConfirmPickupResponse, error) {
	confirm := func(ctx context.Context, by counter.Caller, id counter.PickupID, reservation counter.ReservationID) (counter.Pickup, error) {
		return s.counter.ConfirmSigned(ctx, by, counter.Confirmation{
			PickupID: id, ReservationID: reservation, Proof: counter.Proof(req.GetProof()), Signature: req.GetSignature(),
		})
	}
	p, err := s.onReservation(ctx, s.check(req), req, confirm)
	if err != nil {
		return nil, err
	}
	s.kick()
	return &v1.ConfirmPickupResponse{Pickup: p}, nil
}

// ReleasePickup gives a reservation up.
func (s *counterService) ReleasePickup(ctx context.Context, req *v1.ReleasePickupRequest) (*v1.ReleasePickupResponse, error) {
	p, err := s.onReservation(ctx, s.check(req), req, s.counter.Release)
	if err != nil {
		return nil, err
	}
	return &v1.ReleasePickupResponse{Pickup: p}, nil
}
