package counter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// DayBook is an outlet's day by drawer and teller.
type DayBook struct {
	Outlet   Outlet
	Day      string
	Balances []StatementBalance
	Tellers  []DayTeller
	Drawers  []Drawer
	// Names are those of the agent's people.
	Names map[TellerID]string
	Ties  bool
}

// DayTeller is what one teller did in a day.
type DayTeller struct {
	ID       TellerID
	Name     string
	Balances []StatementBalance
	// Open says that a drawer is open or waits: what it should hold is not told.
	Open bool
}

// DayBook returns an outlet's day. Errors: not_found; invalid for the day.
func (s *Service) DayBook(ctx context.Context, tenant remit.TenantID, id OutletID, day string) (DayBook, error) {
	o, err := s.store.Outlet(ctx, tenant, id)
	if err != nil {
		return DayBook{}, err
	}
	if day == "" {
		day = o.Hours.Day(s.clock.Now())
	}
	from, to, err := o.Hours.DayBounds(day)
	if err != nil {
		return DayBook{}, err
	}
	people, err := s.store.Tellers(ctx, tenant, o.AgentID, "")
	if err != nil {
		return DayBook{}, fmt.Errorf("read tellers: %w", err)
	}
	book := DayBook{Outlet: o, Day: day, Names: make(map[TellerID]string)}
	var ids []TellerID
	for _, t := range people {
		if book.Names[t.ID] = t.Name; t.OutletID == id {
			ids = append(ids, t.ID)
		}
	}
	books, err := s.store.Books(ctx, tenant, id, ids, from, to)
	if err != nil {
		return DayBook{}, fmt.Errorf("read the books of %s: %w", id, err)
	}
	if book.Drawers, err = s.store.Drawers(ctx, tenant, id, from, to); err != nil {
		return DayBook{}, fmt.Errorf("read drawers: %w", err)
	}
	book.Balances = balancesOf(o, books)
	book.Ties = books.Unbooked == 0 && slices.Equal(books.Held, HoldingsOf(books.AllTime))
	book.Tellers = tellersOf(book, books)
	return book, nil
}

// tellersOf are the days of those whose drawer held or moved anything.
func tellersOf(book DayBook, books Books) []DayTeller {
	var out []DayTeller
	at := func(id TellerID) *DayTeller {
		i := slices.IndexFunc(out, func(t DayTeller) bool { return t.ID == id })
		if i < 0 {
			i = len(out)
			out = append(out, DayTeller{ID: id, Name: book.Names[id]})
		}
		return &out[i]
	}
	for _, h := range HoldingsOf(books.Before) {
		if h.TellerID != "" {
			at(h.TellerID).in(h.Amount.Asset).Opening.Minor += h.Amount.Minor
		}
	}
	for _, m := range books.Within {
		for _, h := range HoldingsOf([]Movement{m.Movement}) {
			if h.TellerID != "" {
				at(h.TellerID).in(h.Amount.Asset).add(m.Kind, m.Count, m.Amount, h.Amount)
			}
		}
	}
	for _, d := range book.Drawers {
		if t := at(d.TellerID); d.State == DrawerOpen {
			t.Open = true
		}
	}
	for i := range out {
		for j := range out[i].Balances {
			out[i].Balances[j].close()
		}
	}
	slices.SortFunc(out, func(a, b DayTeller) int { return compare(a.Name+string(a.ID), b.Name+string(b.ID)) })
	return out
}

// in is the teller's balance of a currency.
func (t *DayTeller) in(a remit.Asset) *StatementBalance {
	i := slices.IndexFunc(t.Balances, func(b StatementBalance) bool { return b.Opening.Asset == a })
	if i < 0 {
		i = len(t.Balances)
		t.Balances = append(t.Balances, StatementBalance{Opening: remit.NewMoney(a, 0), Closing: remit.NewMoney(a, 0)})
	}
	return &t.Balances[i]
}

// OutletFloat is what one outlet holds.
type OutletFloat struct {
	Outlet Outlet
	Agent  Agent
	Lines  []FloatLine
}

// Low reports whether any float of the outlet is below its warning level.
func (f OutletFloat) Low() bool {
	return slices.ContainsFunc(f.Lines, func(l FloatLine) bool { return l.Low })
}

// Floats returns what all outlets of a tenant, or of one agent, hold: those with
// a low float first, then by name.
func (s *Service) Floats(ctx context.Context, tenant remit.TenantID, agent AgentID) ([]OutletFloat, error) {
	agents, err := s.store.Agents(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	byID := make(map[AgentID]Agent, len(agents))
	for _, a := range agents {
		byID[a.ID] = a
	}
	outlets, err := s.store.Outlets(ctx, OutletFilter{TenantID: tenant, AgentID: agent})
	if err != nil {
		return nil, fmt.Errorf("read outlets: %w", err)
	}
	held, err := s.store.OutletCash(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("read floats: %w", err)
	}
	out := make([]OutletFloat, 0, len(outlets))
	for _, o := range outlets {
		lines, err := floatLines(o, held[o.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, OutletFloat{Outlet: o, Agent: byID[o.AgentID], Lines: lines})
	}
	slices.SortFunc(out, func(a, b OutletFloat) int {
		if a.Low() != b.Low() {
			if a.Low() {
				return -1
			}
			return 1
		}
		return compare(a.Agent.Name+a.Outlet.Name+string(a.Outlet.ID), b.Agent.Name+b.Outlet.Name+string(b.Outlet.ID))
	})
	return out, nil
}

// MovementPage asks for one page of an agent's movements in a period of days.
type MovementPage struct {
	AgentID     AgentID
	OutletID    OutletID
	First, Last string
	// After is the last movement of the page before; the zero value begins.
	After Movement
	Limit int
}

// PageOfMovements returns movements of a period, oldest first. Days are those of
// the outlet, or of the agent's first one. Errors: not_found; invalid.
func (s *Service) PageOfMovements(ctx context.Context, tenant remit.TenantID, p MovementPage) ([]Movement, error) {
	outlets, err := s.store.Outlets(ctx, OutletFilter{TenantID: tenant, AgentID: p.AgentID})
	if err != nil {
		return nil, fmt.Errorf("read outlets: %w", err)
	}
	place := Hours{Zone: "UTC"}
	if len(outlets) > 0 {
		place = outlets[0].Hours
	}
	if p.OutletID != "" {
		i := slices.IndexFunc(outlets, func(o Outlet) bool { return o.ID == p.OutletID })
		if i < 0 {
			return nil, remit.NotFound("outlet", string(p.OutletID))
		}
		place = outlets[i].Hours
	}
	p.First, p.Last = place.period(p.First, p.Last, s.clock.Now())
	from, to, err := place.span(p.First, p.Last)
	if err != nil {
		return nil, err
	}
	return s.store.MovementsAfter(ctx, tenant, p.AgentID, p.OutletID, from, to, p.After, p.Limit)
}

// MovementsOf returns an outlet's movements in a span, oldest first.
func (s *Service) MovementsOf(ctx context.Context, o Outlet, from, to time.Time) ([]Movement, error) {
	return s.store.Movements(ctx, o.TenantID, o.AgentID, o.ID, from, to)
}
