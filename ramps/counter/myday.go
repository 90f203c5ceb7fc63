package counter

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
)

// OwnMovement is one movement of a teller's own cash.
type OwnMovement struct {
	Movement Movement
	// Receipt is of a payout, the number of its receipt.
	Receipt string
}

// OwnDay is what moved through a teller's drawer in a day.
type OwnDay struct {
	Day       string
	Movements []OwnMovement
	// More is the key to go on after; empty at the end.
	More string
}

// OwnDay returns what moved through the caller's drawer in a day of the outlet,
// newest first, after the movement with a key. Errors: invalid for what is no
// day; forbidden for who works at no outlet.
func (s *Service) OwnDay(ctx context.Context, c Caller, day, after string, size int) (OwnDay, error) {
	t, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return OwnDay{}, err
	}
	if t.OutletID == "" {
		return OwnDay{}, (stand{teller: t}).outletOnly()
	}
	o, err := s.store.Outlet(ctx, c.TenantID, t.OutletID)
	if err != nil {
		return OwnDay{}, err
	}
	if day == "" {
		day = o.Hours.Day(s.clock.Now())
	}
	from, to, err := o.Hours.DayBounds(day)
	if err != nil {
		return OwnDay{}, err
	}
	all, err := s.store.Movements(ctx, c.TenantID, t.AgentID, t.OutletID, from, to)
	if err != nil {
		return OwnDay{}, fmt.Errorf("read movements: %w", err)
	}
	all = slices.DeleteFunc(all, func(m Movement) bool {
		return m.TellerID != t.ID && m.ToTeller != t.ID || m.Kind == MoveCommission
	})
	slices.Reverse(all)
	if i := slices.IndexFunc(all, func(m Movement) bool { return m.Key == after }); after != "" && i >= 0 {
		all = all[i+1:]
	}
	out := OwnDay{Day: day}
	if len(all) > size {
		all, out.More = all[:size], all[size-1].Key
	}
	for _, m := range all {
		own := OwnMovement{Movement: m}
		if m.Kind == MovePayout {
			p, err := s.store.Pickup(ctx, c.TenantID, m.PickupID)
			if err != nil {
				return OwnDay{}, fmt.Errorf("read a receipt: %w", err)
			}
			own.Receipt = p.Receipt
		}
		out.Movements = append(out.Movements, own)
	}
	return out, nil
}

// Approvals returns the reservations that wait for the caller's word, by id,
// with the names of who reserved them. Errors: forbidden for who manages nothing.
func (s *Service) Approvals(ctx context.Context, c Caller) ([]Pickup, map[TellerID]string, error) {
	t, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return nil, nil, err
	}
	if t.Role != RoleManager && t.Role != RoleAgentAdmin {
		return nil, nil, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only a manager approves")
	}
	list, err := s.store.ReservedPickups(ctx, c.TenantID)
	if err != nil {
		return nil, nil, fmt.Errorf("read reservations: %w", err)
	}
	now, names := s.clock.Now(), make(map[TellerID]string)
	list = slices.DeleteFunc(list, func(p Pickup) bool {
		r := p.Reservation
		return r == nil || p.StateAt(now) != StateReserved || r.approved() || !t.Manages(r.AgentID, r.OutletID)
	})
	for _, p := range list {
		by := p.Reservation.TellerID
		if names[by] != "" {
			continue
		}
		teller, err := s.store.Teller(ctx, c.TenantID, by)
		if err != nil {
			return nil, nil, fmt.Errorf("read who reserved: %w", err)
		}
		names[by] = teller.Name
	}
	return list, names, nil
}

// Handovers returns the drawers that are offered to the caller, and who else
// works at the outlet. Errors: forbidden for who works at no outlet.
func (s *Service) Handovers(ctx context.Context, c Caller) (offers []Drawer, colleagues []Teller, err error) {
	t, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return nil, nil, err
	}
	if t.OutletID == "" {
		return nil, nil, (stand{teller: t}).outletOnly()
	}
	if colleagues, err = s.store.Tellers(ctx, c.TenantID, t.AgentID, t.OutletID); err != nil {
		return nil, nil, fmt.Errorf("read colleagues: %w", err)
	}
	for _, other := range colleagues {
		if other.ID == t.ID || other.Drawer == "" {
			continue
		}
		d, err := s.store.Drawer(ctx, c.TenantID, other.Drawer)
		if err != nil {
			return nil, nil, fmt.Errorf("read an offered drawer: %w", err)
		}
		if d.State == DrawerOffered && d.NextTeller == t.ID {
			offers = append(offers, d)
		}
	}
	colleagues = slices.DeleteFunc(colleagues, func(other Teller) bool { return other.ID == t.ID || other.Suspended })
	return offers, colleagues, nil
}
