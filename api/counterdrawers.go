package api

import (
	"context"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// counts reads counted cash.
func (c *check) counts(list []*v1.CashCount) []counter.Count {
	var out []counter.Count
	for _, n := range list {
		asset, err := remit.Fiat(n.GetCurrency())
		if err != nil {
			c.add("counts", remit.ReasonUnknownCurrency, "%s", messageOf(err))
			continue
		}
		count := counter.Count{Total: c.counted(asset, n.GetTotal())}
		for _, p := range n.GetPieces() {
			count.Pieces = append(count.Pieces, counter.Pieces{Minor: c.counted(asset, p.GetValue()).Minor, Count: p.GetCount()})
		}
		out = append(out, count)
	}
	return out
}

// counted reads an amount that may be nothing.
func (c *check) counted(asset remit.Asset, text string) remit.Money {
	amount, err := remit.ParseMoney(asset, text)
	if err != nil {
		c.add("counts", remit.ReasonOf(err), "%s", messageOf(err))
	}
	return amount
}

// OpenDrawer gives the teller a drawer.
func (s *counterService) OpenDrawer(ctx context.Context, req *v1.OpenDrawerRequest) (*v1.OpenDrawerResponse, error) {
	c := s.check(req)
	counts := c.counts(req.GetCounts())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	id, _, err := derivedID[counter.DrawerID](ctx, counter.PrefixDrawer)
	if err != nil {
		return nil, err
	}
	d, err := s.counter.OpenDrawer(ctx, by, id, counts)
	if err != nil {
		return nil, err
	}
	return &v1.OpenDrawerResponse{Drawer: drawerMessage(d)}, nil
}

// GetDrawer returns a drawer.
func (s *counterService) GetDrawer(ctx context.Context, req *v1.GetDrawerRequest) (*v1.GetDrawerResponse, error) {
	c := s.check(req)
	id := checkID[counter.DrawerID](c, counter.PrefixDrawer, "drawer_id", req.GetDrawerId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	d, err := s.counter.Drawer(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return &v1.GetDrawerResponse{Drawer: drawerMessage(d)}, nil
}

// moveID names a movement by the call's idempotency key.
type moveID string

// MoveCash moves cash between float and drawer.
func (s *counterService) MoveCash(ctx context.Context, req *v1.MoveCashRequest) (*v1.MoveCashResponse, error) {
	c := s.check(req)
	amount := c.money("amount", req.GetAmount())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	key, _, err := derivedID[moveID](ctx, "mov")
	if err != nil {
		return nil, err
	}
	d, err := s.counter.MoveCash(ctx, by, string(key), counter.MovementKind(req.GetKind()), amount)
	if err != nil {
		return nil, err
	}
	return &v1.MoveCashResponse{Drawer: drawerMessage(d)}, nil
}

// CloseDrawer ends a drawer by a blind count.
func (s *counterService) CloseDrawer(ctx context.Context, req *v1.CloseDrawerRequest) (*v1.CloseDrawerResponse, error) {
	c := s.check(req)
	in := counter.Close{
		DrawerID: checkID[counter.DrawerID](c, counter.PrefixDrawer, "drawer_id", req.GetDrawerId()), Counts: c.counts(req.GetCounts()),
		Reason: req.GetNote(), NextTeller: checkID[counter.TellerID](c, counter.PrefixTeller, "next_teller_id", req.GetNextTellerId()),
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	d, err := s.counter.CloseDrawer(ctx, by, in)
	if err != nil {
		return nil, err
	}
	return &v1.CloseDrawerResponse{Drawer: drawerMessage(d)}, nil
}

// DecideDrawer is a manager's word on a difference.
func (s *counterService) DecideDrawer(ctx context.Context, req *v1.DecideDrawerRequest) (*v1.DecideDrawerResponse, error) {
	c := s.check(req)
	id := checkID[counter.DrawerID](c, counter.PrefixDrawer, "drawer_id", req.GetDrawerId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	d, err := s.counter.DecideDrawer(ctx, by, id, req.GetApprove())
	if err != nil {
		return nil, err
	}
	return &v1.DecideDrawerResponse{Drawer: drawerMessage(d)}, nil
}

// TakeOverDrawer gives an offered drawer to the next teller.
func (s *counterService) TakeOverDrawer(ctx context.Context, req *v1.TakeOverDrawerRequest) (*v1.TakeOverDrawerResponse, error) {
	c := s.check(req)
	id, counts := checkID[counter.DrawerID](c, counter.PrefixDrawer, "drawer_id", req.GetDrawerId()), c.counts(req.GetCounts())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	fresh, _, err := derivedID[counter.DrawerID](ctx, counter.PrefixDrawer)
	if err != nil {
		return nil, err
	}
	d, err := s.counter.TakeOver(ctx, by, id, fresh, counts)
	if err != nil {
		return nil, err
	}
	return &v1.TakeOverDrawerResponse{Drawer: drawerMessage(d)}, nil
}

// RequestTopUp asks for float.
func (s *counterService) RequestTopUp(ctx context.Context, req *v1.RequestTopUpRequest) (*v1.RequestTopUpResponse, error) {
	c := s.check(req)
	outlet, amount := checkID[counter.OutletID](c, counter.PrefixOutlet, "outlet_id", req.GetOutletId()), c.money("amount", req.GetAmount())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	id, _, err := derivedID[counter.TopUpID](ctx, counter.PrefixTopUp)
	if err != nil {
		return nil, err
	}
	t, err := s.counter.RequestTopUp(ctx, by, id, outlet, amount)
	if err != nil {
		return nil, err
	}
	return &v1.RequestTopUpResponse{TopUp: topUpMessage(t)}, nil
}
