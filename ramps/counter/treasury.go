package counter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// The bounds of the treasury's lists.
const (
	// maxWaiting bounds what is shown as waiting, of each kind of request.
	maxWaiting = 100
	// maxRecent bounds an outlet's requests and movements.
	maxRecent = 50
)

// OutletState is whether an outlet works at a moment.
type OutletState string

// The states of an outlet.
const (
	OutletOpen      OutletState = "open"
	OutletClosed    OutletState = "closed"
	OutletSuspended OutletState = "suspended"
)

// StateAt is whether an outlet of an agent works at a moment: one whose agent is
// suspended does not.
func (o Outlet) StateAt(a Agent, now time.Time) OutletState {
	switch {
	case o.Suspended || a.Suspended:
		return OutletSuspended
	case o.Hours.Open(now):
		return OutletOpen
	}
	return OutletClosed
}

// FloatRequest is what waits for the treasury or was decided by it: one of the two.
type FloatRequest struct {
	TopUp  *TopUp
	Return *FloatReturn
}

// Outlet is whose it is, Amount how much, At since when.
func (r FloatRequest) Outlet() OutletID {
	if r.TopUp != nil {
		return r.TopUp.OutletID
	}
	return r.Return.OutletID
}

// Amount is how much it is about.
func (r FloatRequest) Amount() remit.Money {
	if r.TopUp != nil {
		return r.TopUp.Amount
	}
	return r.Return.Amount
}

// At is since when it is there.
func (r FloatRequest) At() time.Time {
	if r.TopUp != nil {
		return r.TopUp.CreatedAt
	}
	return r.Return.CreatedAt
}

// Waits reports whether it waits for a word.
func (r FloatRequest) Waits() bool {
	if r.TopUp != nil {
		return r.TopUp.State == TopUpRequested
	}
	return r.Return.State == FloatReturnRequested
}

// By are who asked and who decided, by id; empty for nobody.
func (r FloatRequest) By() (asked, decided string) {
	if r.TopUp != nil {
		return r.TopUp.RequestedBy, r.TopUp.DecidedBy
	}
	return r.Return.RequestedBy, r.Return.DecidedBy
}

// requestsOf puts both kinds into one list, in no order.
func requestsOf(tops []TopUp, returns []FloatReturn) []FloatRequest {
	var out []FloatRequest
	for _, t := range tops {
		out = append(out, FloatRequest{TopUp: &t})
	}
	for _, r := range returns {
		out = append(out, FloatRequest{Return: &r})
	}
	return out
}

// AgentDue is an agent with what it is owed.
type AgentDue struct {
	Agent Agent
	// Owed is the commission that it was not paid yet.
	Owed []remit.Money
	// Outlets counts its outlets, Low those of them with a low float.
	Outlets, Low int
}

// NetworkOutlet is an outlet as the treasury sees it.
type NetworkOutlet struct {
	OutletFloat
	State OutletState
	// OpenDrawers counts the drawers that are not closed.
	OpenDrawers int
}

// Network is a tenant's network as the treasury sees it.
type Network struct {
	// Agents are by name, Outlets as [Service.Floats] has them.
	Agents  []AgentDue
	Outlets []NetworkOutlet
	// Waiting is what waits for a word, oldest first.
	Waiting []FloatRequest
	// People are everybody who works there, by id.
	People []Teller
}

// Network returns a tenant's network.
func (s *Service) Network(ctx context.Context, tenant remit.TenantID) (Network, error) {
	floats, err := s.Floats(ctx, tenant, "")
	if err != nil {
		return Network{}, err
	}
	agents, err := s.store.Agents(ctx, tenant)
	if err != nil {
		return Network{}, fmt.Errorf("read agents: %w", err)
	}
	owed, err := s.store.CommissionsOwed(ctx, tenant)
	if err != nil {
		return Network{}, fmt.Errorf("read commissions owed: %w", err)
	}
	var n Network
	if n.People, err = s.store.Tellers(ctx, tenant, "", ""); err != nil {
		return Network{}, fmt.Errorf("read tellers: %w", err)
	}
	if n.Waiting, err = s.waiting(ctx, tenant); err != nil {
		return Network{}, err
	}
	drawers := make(map[OutletID]int)
	for _, t := range n.People {
		if t.Drawer != "" {
			drawers[t.OutletID]++
		}
	}
	now := s.clock.Now()
	for _, a := range agents {
		due := AgentDue{Agent: a, Owed: owed[a.ID]}
		for _, f := range floats {
			if f.Outlet.AgentID == a.ID {
				due.Outlets++
				if f.Low() {
					due.Low++
				}
			}
		}
		n.Agents = append(n.Agents, due)
	}
	slices.SortFunc(n.Agents, func(a, b AgentDue) int {
		return cmp.Or(strings.Compare(a.Agent.Name, b.Agent.Name), compare(string(a.Agent.ID), string(b.Agent.ID)))
	})
	for _, f := range floats {
		n.Outlets = append(n.Outlets, NetworkOutlet{OutletFloat: f, State: f.Outlet.StateAt(f.Agent, now), OpenDrawers: drawers[f.Outlet.ID]})
	}
	return n, nil
}

// waiting is what waits for a word, oldest first.
func (s *Service) waiting(ctx context.Context, tenant remit.TenantID) ([]FloatRequest, error) {
	tops, err := s.store.WaitingTopUps(ctx, tenant, maxWaiting)
	if err != nil {
		return nil, fmt.Errorf("read top-ups: %w", err)
	}
	returns, err := s.store.WaitingReturns(ctx, tenant, maxWaiting)
	if err != nil {
		return nil, fmt.Errorf("read float returns: %w", err)
	}
	out := requestsOf(tops, returns)
	slices.SortStableFunc(out, func(a, b FloatRequest) int { return a.At().Compare(b.At()) })
	return out, nil
}

// OutletDesk is one outlet as the treasury sees it.
type OutletDesk struct {
	NetworkOutlet
	Due AgentDue
	// People work at the outlet, or are the agent's admins.
	People []Teller
	// Drawers are those that are not closed.
	Drawers []Drawer
	// Requests are its newest ones, those that wait first.
	Requests []FloatRequest
	// Movements are the newest of its float.
	Movements []Movement
	// Spare is what may leave the float now, by currency.
	Spare []remit.Money
}

// OutletDesk returns one outlet as the treasury sees it. Errors: not_found.
func (s *Service) OutletDesk(ctx context.Context, tenant remit.TenantID, id OutletID) (OutletDesk, error) {
	o, err := s.store.Outlet(ctx, tenant, id)
	if err != nil {
		return OutletDesk{}, err
	}
	a, err := s.store.Agent(ctx, tenant, o.AgentID)
	if err != nil {
		return OutletDesk{}, err
	}
	d := OutletDesk{Due: AgentDue{Agent: a}}
	if d.Due.Owed, err = s.store.CommissionOwed(ctx, tenant, a.ID); err != nil {
		return OutletDesk{}, fmt.Errorf("read commission owed: %w", err)
	}
	people, err := s.store.Tellers(ctx, tenant, a.ID, "")
	if err != nil {
		return OutletDesk{}, fmt.Errorf("read tellers: %w", err)
	}
	for _, t := range people {
		if t.OutletID == id || t.Role == RoleAgentAdmin {
			d.People = append(d.People, t)
		}
	}
	held, _, err := s.holdings(ctx, o)
	if err != nil {
		return OutletDesk{}, err
	}
	now := s.clock.Now()
	d.Outlet, d.Agent, d.State = o, a, o.StateAt(a, now)
	if d.Lines, err = floatLines(o, held); err != nil {
		return OutletDesk{}, err
	}
	if d.Spare, err = s.spareOf(ctx, o, d.Lines, held, now); err != nil {
		return OutletDesk{}, err
	}
	return d, s.addRecent(ctx, &d, now)
}

// spareOf is what may leave each float of an outlet.
func (s *Service) spareOf(ctx context.Context, o Outlet, lines []FloatLine, held []Holding, now time.Time) ([]remit.Money, error) {
	reserved, err := s.store.ReservedPickups(ctx, o.TenantID)
	if err != nil {
		return nil, fmt.Errorf("read reserved payments: %w", err)
	}
	var out []remit.Money
	for _, l := range lines {
		need, err := neededOf(reserved, o.ID, l.Float.Asset, now, func(id TellerID) (remit.Money, error) {
			for _, h := range held {
				if h.TellerID == id && h.Amount.Asset == l.Float.Asset {
					return h.Amount, nil
				}
			}
			return remit.NewMoney(l.Float.Asset, 0), nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, remit.NewMoney(l.Float.Asset, max(0, l.Float.Minor-need.Minor)))
	}
	return out, nil
}

// addRecent adds an outlet's drawers, requests and movements.
func (s *Service) addRecent(ctx context.Context, d *OutletDesk, now time.Time) error {
	tenant, id := d.Outlet.TenantID, d.Outlet.ID
	drawers, err := s.store.Drawers(ctx, tenant, id, now, now.Add(time.Second))
	if err != nil {
		return fmt.Errorf("read drawers: %w", err)
	}
	d.Drawers = slices.DeleteFunc(drawers, func(x Drawer) bool { return x.State == DrawerClosed })
	d.OpenDrawers = len(d.Drawers)
	tops, err := s.store.TopUps(ctx, tenant, id)
	if err != nil {
		return fmt.Errorf("read top-ups: %w", err)
	}
	returns, err := s.store.FloatReturns(ctx, tenant, id)
	if err != nil {
		return fmt.Errorf("read float returns: %w", err)
	}
	d.Requests = requestsOf(tops, returns)
	slices.SortStableFunc(d.Requests, func(a, b FloatRequest) int {
		if a.Waits() != b.Waits() {
			if a.Waits() {
				return -1
			}
			return 1
		}
		return b.At().Compare(a.At())
	})
	d.Requests = d.Requests[:min(len(d.Requests), maxRecent)]
	if d.Movements, err = s.store.FloatMovements(ctx, tenant, id, maxRecent); err != nil {
		return fmt.Errorf("read movements: %w", err)
	}
	return nil
}
