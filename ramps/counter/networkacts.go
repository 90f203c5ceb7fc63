package counter

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// maxNetworkName bounds names in the network, maxLimits the currencies that
// have limits of their own.
const (
	maxNetworkName = 100
	maxCurrencies  = 20
)

// PutAgent stores an agent: a new one, or another version of one that is
// there. Errors: invalid; conflict for an id of another tenant.
func (s *Service) PutAgent(ctx context.Context, c Caller, a Agent) (Agent, error) {
	var fields []remit.FieldError
	fields = append(fields, checkName("name", a.Name)...)
	fields = append(fields, checkCommissions("commissions", a.Commissions)...)
	fields = append(fields, checkCommissions("cash_in_commissions", a.CashInCommissions)...)
	for _, p := range a.Proofs {
		if !p.Valid() {
			fields = append(fields, remit.FieldError{Field: "proofs", Reason: remit.ReasonFieldInvalid, Message: "beneficiaries confirm by drawn or paper"})
		}
	}
	if err := remit.InvalidFields(fields); err != nil {
		return Agent{}, err
	}
	a.TenantID = c.TenantID
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		before, err := tx.Agent(ctx, a.ID)
		if err := ownRow(err, before.TenantID, c.TenantID, "agent", string(a.ID)); err != nil {
			return err
		}
		a.CreatedAt, a.Suspension = firstTime(err, before.CreatedAt, tx.Now()), keptSuspension(a.Suspended, before.Suspension)
		return tx.PutAgent(ctx, a)
	})
	if err != nil {
		return Agent{}, err
	}
	s.tell(ctx, c, "agent.put", string(a.ID), "", map[string]string{"suspended": fmt.Sprint(a.Suspended)})
	return a, nil
}

func checkCommissions(field string, list map[string]Commission) (fields []remit.FieldError) {
	for code, commission := range list {
		if _, err := remit.Fiat(code); err != nil || commission.FixedMinor < 0 || commission.BasisPoints < 0 || commission.BasisPoints > maxBasisPoints {
			fields = append(fields, remit.FieldError{Field: field, Reason: remit.ReasonFieldInvalid,
				Message: fmt.Sprintf("the commission in %q is not a currency with an amount and 0 to %d basis points", clip(code), maxBasisPoints)})
		}
	}
	return fields
}

// PutOutlet stores an outlet of an agent. Its agent and country never change.
// Errors: invalid; not_found for the agent; conflict, also for a currency that is
// dropped while there is cash of it.
func (s *Service) PutOutlet(ctx context.Context, c Caller, o Outlet) (Outlet, error) {
	if err := remit.InvalidFields(s.checkOutlet(o)); err != nil {
		return Outlet{}, err
	}
	o.TenantID = c.TenantID
	people, err := s.store.Tellers(ctx, o.TenantID, o.AgentID, o.ID)
	if err != nil {
		return Outlet{}, fmt.Errorf("read the outlet's people: %w", err)
	}
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		agent, err := tx.Agent(ctx, o.AgentID)
		if err == nil && agent.TenantID != c.TenantID {
			err = remit.NotFound("agent", string(o.AgentID))
		}
		if err != nil {
			return err
		}
		before, err := tx.Outlet(ctx, o.ID)
		if err := ownRow(err, before.TenantID, c.TenantID, "outlet", string(o.ID)); err != nil {
			return err
		}
		if err == nil && (before.AgentID != o.AgentID || before.Country != o.Country) {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "an outlet keeps its agent and country; make another outlet")
		}
		o.Receipts, o.CreatedAt = before.Receipts, firstTime(err, before.CreatedAt, tx.Now())
		o.BindDevices, o.Suspension = before.BindDevices, keptSuspension(o.Suspended, before.Suspension)
		if err == nil {
			if err := dropsNoCash(ctx, tx, before, o, people); err != nil {
				return err
			}
			if err := raisedLow(ctx, tx, before, o); err != nil {
				return err
			}
		}
		return tx.PutOutlet(ctx, o)
	})
	if err != nil {
		return Outlet{}, err
	}
	s.tell(ctx, c, "outlet.put", string(o.ID), "", map[string]string{"suspended": fmt.Sprint(o.Suspended)})
	return o, nil
}

// dropsNoCash refuses to drop a currency of which the outlet's float or a drawer
// holds any: nobody would see it, count it or hand it back any more.
func dropsNoCash(ctx context.Context, tx Tx, before, after Outlet, people []Teller) error {
	for _, code := range before.Currencies {
		if slices.Contains(after.Currencies, code) {
			continue
		}
		a, err := remit.Fiat(code)
		if err != nil {
			return fmt.Errorf("outlet %s: %w", after.ID, err)
		}
		held, err := tx.Float(ctx, after.ID, a)
		if err != nil {
			return err
		}
		for _, t := range people {
			cash, err := tx.Cash(ctx, t.ID, a)
			if err != nil {
				return err
			}
			held.Minor += cash.Minor
		}
		if !held.IsZero() {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this outlet still holds %s; have it handed back before it drops %s", held, code)
		}
	}
	return nil
}

func (s *Service) checkOutlet(o Outlet) []remit.FieldError {
	fields := append(checkName("name", o.Name), checkName("city", o.City)...)
	fields = append(fields, o.Hours.validate()...)
	add := func(field, format string, args ...any) {
		fields = append(fields, remit.FieldError{Field: field, Reason: remit.ReasonFieldInvalid, Message: fmt.Sprintf(format, args...)})
	}
	if !o.Country.Valid() {
		add("country", "write the country as two capitals, such as PH")
	}
	if p := o.Place; p != nil && (max(p.Latitude, -p.Latitude) > 90*million || max(p.Longitude, -p.Longitude) > 180*million) {
		add("latitude", "the place is not on earth")
	}
	if len(o.Currencies) == 0 || len(o.Currencies) > maxCurrencies {
		add("currencies", "an outlet holds 1 to %d currencies", maxCurrencies)
	}
	for _, code := range o.Currencies {
		if _, err := remit.Fiat(code); err != nil {
			add("currencies", "%q is not a currency", clip(code))
		}
	}
	return append(fields, checkLimits(o.Limits)...)
}

func checkLimits(limits map[string]Limit) []remit.FieldError {
	for code, l := range limits {
		if _, err := remit.Fiat(code); err != nil || l.PerPayout < 0 || l.PerDay < 0 {
			return []remit.FieldError{{Field: "limits", Reason: remit.ReasonFieldInvalid, Message: fmt.Sprintf("the limit in %q is not one of a currency", clip(code))}}
		}
	}
	return nil
}

func checkName(field, text string) []remit.FieldError {
	if strings.TrimSpace(text) == "" || len(text) > maxNetworkName {
		return []remit.FieldError{{Field: field, Reason: remit.ReasonFieldRequired, Message: fmt.Sprintf("write the %s, at most %d characters", field, maxNetworkName)}}
	}
	return nil
}

// PutTeller stores a person of an outlet, or an agent's admin. Errors: invalid;
// not_found for the outlet or agent; conflict, also while a drawer is open and
// the outlet would change.
func (s *Service) PutTeller(ctx context.Context, c Caller, t Teller) (Teller, error) {
	fields := append(checkName("name", t.Name), checkLimits(t.Limits)...)
	if wrong := t.Shifts.validate(); wrong != "" {
		fields = append(fields, remit.FieldError{Field: "shifts", Reason: remit.ReasonFieldInvalid, Message: wrong})
	}
	if !t.Role.Valid() || (t.Role == RoleAgentAdmin) != (t.OutletID == "") {
		fields = append(fields, remit.FieldError{Field: "role", Reason: remit.ReasonFieldInvalid,
			Message: "a teller or manager belongs to an outlet, an agent_admin to none"})
	}
	if err := remit.InvalidFields(fields); err != nil {
		return Teller{}, err
	}
	t.TenantID = c.TenantID
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		if t.OutletID != "" {
			o, err := tx.Outlet(ctx, t.OutletID)
			if err == nil && o.TenantID != c.TenantID {
				err = remit.NotFound("outlet", string(t.OutletID))
			}
			if err != nil {
				return err
			}
			t.AgentID = o.AgentID
		}
		agent, err := tx.Agent(ctx, t.AgentID)
		if err == nil && agent.TenantID != c.TenantID {
			err = remit.NotFound("agent", string(t.AgentID))
		}
		if err != nil {
			return err
		}
		before, err := tx.Teller(ctx, t.ID)
		if err := ownRow(err, before.TenantID, c.TenantID, "teller", string(t.ID)); err != nil {
			return err
		}
		if err == nil && before.OutletID != t.OutletID {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "a person keeps the outlet, whose books name them; add them at the other outlet")
		}
		t.Drawer, t.CreatedAt = before.Drawer, firstTime(err, before.CreatedAt, tx.Now())
		t.BindDevice, t.Devices, t.Suspension = before.BindDevice, before.Devices, keptSuspension(t.Suspended, before.Suspension)
		return tx.PutTeller(ctx, t)
	})
	if err != nil {
		return Teller{}, err
	}
	s.tell(ctx, c, "teller.put", string(t.ID), "", map[string]string{"suspended": fmt.Sprint(t.Suspended), "role": string(t.Role)})
	return t, nil
}

// ownRow lets pass what is not there yet and what is the tenant's own.
func ownRow(err error, owner, tenant remit.TenantID, what, id string) error {
	switch {
	case remit.KindOf(err) == remit.KindNotFound:
		return nil
	case err != nil:
		return err
	case owner != tenant:
		return remit.NotFound(what, id)
	}
	return nil
}

func firstTime(err error, before, now time.Time) time.Time {
	if err != nil {
		return now
	}
	return before
}

// Near asks for outlets; zero fields do not filter.
type Near struct {
	OutletFilter
	Currency string
	// Point, if given, sorts by distance and keeps those within Metres.
	Point  *Place
	Metres int64
	// OpenNow keeps those that are open, Amount those whose float and drawers
	// hold as much.
	OpenNow bool
	Amount  remit.Money
	Limit   int
}

// OutletNear is an outlet as the finder shows it. It never says how much cash
// is where, beyond that it is enough.
type OutletNear struct {
	Outlet Outlet
	Agent  Agent
	Open   bool
	// Metres is the distance from the point, -1 without one.
	Metres int64
}

// The bounds of the finder.
const (
	million          = 1_000_000
	defaultMetres    = 50_000
	maxFound         = 50
	defaultFindLimit = 20
)

// FindOutlets finds where cash can be fetched: what is suspended is left out.
func (s *Service) FindOutlets(ctx context.Context, n Near) ([]OutletNear, error) {
	list, err := s.store.Outlets(ctx, n.OutletFilter)
	if err != nil {
		return nil, fmt.Errorf("read outlets: %w", err)
	}
	agents, err := s.store.Agents(ctx, n.TenantID)
	if err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	byID := make(map[AgentID]Agent, len(agents))
	for _, a := range agents {
		byID[a.ID] = a
	}
	if n.Metres <= 0 {
		n.Metres = defaultMetres
	}
	now := s.clock.Now()
	var out []OutletNear
	for _, o := range list {
		found := OutletNear{Outlet: o, Agent: byID[o.AgentID], Open: o.Hours.Open(now), Metres: -1}
		if o.Suspended || found.Agent.Suspended || (n.OpenNow && !found.Open) || (n.Currency != "" && !slices.Contains(o.Currencies, n.Currency)) {
			continue
		}
		if n.Point != nil {
			if o.Place == nil {
				continue
			}
			if found.Metres = distance(*n.Point, *o.Place); found.Metres > n.Metres {
				continue
			}
		}
		out = append(out, found)
	}
	slices.SortStableFunc(out, func(a, b OutletNear) int {
		if a.Metres != b.Metres {
			return int(max(-1, min(1, a.Metres-b.Metres)))
		}
		return compare(a.Outlet.Name+string(a.Outlet.ID), b.Outlet.Name+string(b.Outlet.ID))
	})
	if n.Limit <= 0 || n.Limit > maxFound {
		n.Limit = defaultFindLimit
	}
	return s.withFloat(ctx, out, n)
}

// coarse rounds an amount up to two digits: whoever asks again and again with other
// amounts learns about how much cash there is, and not how much.
func coarse(minor int64) int64 {
	step := int64(1)
	for minor/step >= 100 {
		step *= 10
	}
	count := minor / step
	if minor%step != 0 && count < math.MaxInt64/step {
		count++
	}
	return max(minor, count*step)
}

// withFloat keeps the first outlets that may pay the amount out and hold it.
func (s *Service) withFloat(ctx context.Context, list []OutletNear, n Near) ([]OutletNear, error) {
	var out []OutletNear
	for _, o := range list {
		if len(out) == n.Limit {
			break
		}
		if most := o.Outlet.Limits[n.Amount.Asset.Code].PerPayout; most > 0 && n.Amount.Minor > most {
			continue
		}
		if n.Amount.IsPositive() {
			lines, err := s.FloatOf(ctx, n.TenantID, o.Outlet.ID)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(lines, func(l FloatLine) bool {
				return l.Float.Asset == n.Amount.Asset && l.Float.Minor+l.Drawers.Minor >= coarse(n.Amount.Minor)
			}) {
				continue
			}
		}
		out = append(out, o)
	}
	return out, nil
}
