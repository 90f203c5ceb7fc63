package api

import (
	"context"

	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// ListMyDay returns what moved through the caller's drawer in a day.
func (s *peopleService) ListMyDay(ctx context.Context, req *v1.ListMyDayRequest) (*v1.ListMyDayResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPageSize
	}
	day, err := s.counter.OwnDay(ctx, by, req.GetDay(), req.GetPageToken(), size)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListMyDayResponse{Day: day.Day, NextPageToken: day.More}
	for _, m := range day.Movements {
		resp.Movements = append(resp.Movements, &v1.DayMovement{Movement: movementMessages([]counter.Movement{m.Movement})[0], Receipt: m.Receipt})
	}
	return resp, nil
}

// ListApprovals returns the reservations that wait for the caller's word.
func (s *peopleService) ListApprovals(ctx context.Context, req *v1.ListApprovalsRequest) (*v1.ListApprovalsResponse, error) {
	c := s.check(req)
	p := page[counter.PickupID](c, counter.PrefixPickup, req.GetPageSize(), req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	list, names, err := s.counter.Approvals(ctx, by)
	if err != nil {
		return nil, err
	}
	resp, now := &v1.ListApprovalsResponse{}, s.clock.Now()
	list, resp.NextPageToken = pageOf(list, p, func(p counter.Pickup) string { return string(p.ID) })
	for _, p := range list {
		resp.Approvals = append(resp.Approvals, &v1.WaitingApproval{Pickup: pickupMessage(p, now), TellerName: names[p.Reservation.TellerID]})
	}
	return resp, nil
}

// ListHandovers returns drawers that are offered to the caller, and colleagues.
func (s *peopleService) ListHandovers(ctx context.Context, req *v1.ListHandoversRequest) (*v1.ListHandoversResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	offers, colleagues, err := s.counter.Handovers(ctx, by)
	if err != nil {
		return nil, err
	}
	names, resp := make(map[counter.TellerID]string), &v1.ListHandoversResponse{}
	for _, t := range colleagues {
		names[t.ID] = t.Name
		resp.Colleagues = append(resp.Colleagues, &v1.Colleague{TellerId: string(t.ID), Name: t.Name, HasDrawer: t.Drawer != ""})
	}
	for _, d := range offers {
		resp.Offers = append(resp.Offers, &v1.OfferedDrawer{DrawerId: string(d.ID), TellerName: names[d.TellerID]})
	}
	return resp, nil
}
