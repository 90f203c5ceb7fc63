package counter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// FloatLine is what an outlet has of one currency.
type FloatLine struct {
	// Float is what is not in any drawer, Drawers what is in all of them.
	Float, Drawers remit.Money
	// LowBelow is the warning level, zero for none; Low says that the float is below it.
	LowBelow remit.Money
	Low      bool
}

// FloatOf returns an outlet's float by currency. Errors: not_found.
func (s *Service) FloatOf(ctx context.Context, tenant remit.TenantID, id OutletID) ([]FloatLine, error) {
	o, err := s.store.Outlet(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	held, _, err := s.holdings(ctx, o)
	if err != nil {
		return nil, err
	}
	return floatLines(o, held)
}

// floatLines sets what an outlet holds against its warning levels.
func floatLines(o Outlet, held []Holding) ([]FloatLine, error) {
	var out []FloatLine
	for _, code := range o.Currencies {
		a, err := remit.Fiat(code)
		if err != nil {
			return nil, fmt.Errorf("outlet %s: %w", o.ID, err)
		}
		line := FloatLine{Float: remit.NewMoney(a, 0), Drawers: remit.NewMoney(a, 0), LowBelow: remit.NewMoney(a, o.LowFloat[code])}
		for _, h := range held {
			switch {
			case h.Amount.Asset != a:
			case h.TellerID == "":
				line.Float = h.Amount
			default:
				line.Drawers.Minor += h.Amount.Minor
			}
		}
		line.Low = line.LowBelow.IsPositive() && line.Float.Minor < line.LowBelow.Minor
		out = append(out, line)
	}
	return out, nil
}

// holdings are what the ledger holds for an outlet and what its movements sum to.
func (s *Service) holdings(ctx context.Context, o Outlet) (ledger, movements []Holding, err error) {
	tellers, err := s.store.Tellers(ctx, o.TenantID, o.AgentID, "")
	if err != nil {
		return nil, nil, fmt.Errorf("read tellers: %w", err)
	}
	ids := make([]TellerID, 0, len(tellers))
	for _, t := range tellers {
		if t.OutletID == o.ID {
			ids = append(ids, t.ID)
		}
	}
	ledger, sums, err := s.store.Holdings(ctx, o.TenantID, o.ID, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("read holdings: %w", err)
	}
	return ledger, HoldingsOf(sums), nil
}

// warnLow tells operators of a float below its warning level.
func (s *Service) warnLow(ctx context.Context, tenant remit.TenantID, id OutletID) {
	lines, err := s.FloatOf(ctx, tenant, id)
	if err != nil {
		s.log.ErrorContext(ctx, "float cannot be read", "outlet_id", id, "error", err)
		return
	}
	for _, l := range lines {
		if l.Low {
			s.metrics.lowFloat.Inc()
			s.log.WarnContext(ctx, "float is low", "outlet_id", id, "float", l.Float.String(), "below", l.LowBelow.String())
		}
	}
}

// RequestTopUp asks for float, by a manager of the outlet or the agent's admin.
// The same again answers the same. Errors: forbidden; precondition with
// ReasonCurrencyNotHeld; conflict for the id with other content.
func (s *Service) RequestTopUp(ctx context.Context, c Caller, id TopUpID, outlet OutletID, amount remit.Money) (TopUp, error) {
	var t TopUp
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, afterHours...); err != nil {
			return err
		}
		o, err := tx.Outlet(ctx, outlet)
		if err != nil {
			return err
		}
		if err := at.manages(o.AgentID, o.ID, ""); err != nil {
			return err
		}
		if !slices.Contains(o.Currencies, amount.Asset.Code) {
			return remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", amount.Asset.Code)
		}
		if t, err = tx.TopUp(ctx, id); remit.KindOf(err) != remit.KindNotFound {
			if err == nil && (t.OutletID != outlet || t.Amount != amount) {
				err = remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this top-up is there with other content")
			}
			return err
		}
		t = TopUp{
			ID: id, TenantID: c.TenantID, AgentID: o.AgentID, OutletID: outlet, Amount: amount, State: TopUpRequested,
			RequestedBy: orElse(c.Actor, string(c.TellerID)), CreatedAt: tx.Now(),
		}
		return tx.PutTopUp(ctx, t)
	})
	if err != nil {
		return TopUp{}, err
	}
	s.tell(ctx, c, "float.request", string(id), "", map[string]string{"outlet": string(outlet), "amount": amount.String()})
	return t, nil
}

// DecideTopUp is the operator's word on a top-up, by another person than asked
// for it: approved, the float holds it. Errors: invalid for a refusal that gives
// no reason; not_found; forbidden with ReasonSecondPerson; conflict when it was
// decided otherwise.
func (s *Service) DecideTopUp(ctx context.Context, c Caller, id TopUpID, approve bool, reference, reason string) (TopUp, error) {
	want := TopUpRefused
	if approve {
		want = TopUpPosted
	} else if strings.TrimSpace(reason) == "" {
		return TopUp{}, remit.Invalid("reason", remit.ReasonFieldRequired, "say why it is refused; who asked reads it")
	}
	employer, err := s.employer(ctx, c)
	if err != nil {
		return TopUp{}, err
	}
	var t TopUp
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) (err error) {
		t, err = tx.TopUp(ctx, id)
		if err == nil && t.TenantID != c.TenantID {
			err = remit.NotFound("top-up", string(id))
		}
		if err == nil {
			err = notOwn(employer, t.AgentID)
		}
		switch {
		case err != nil:
			return err
		case t.RequestedBy == c.Actor:
			return remit.Errorf(remit.KindForbidden, remit.ReasonSecondPerson, "another person must decide; nobody approves their own request")
		case t.State == want:
			return nil
		case t.State != TopUpRequested:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this top-up was %s before", t.State)
		}
		t.State, t.DecidedBy, t.DecidedAt, t.Reference, t.Reason = want, c.Actor, tx.Now(), reference, reason
		if err := tx.PutTopUp(ctx, t); err != nil || !approve {
			return err
		}
		return tx.Move(ctx, Movement{
			Key: "counter/" + string(id), Kind: MoveTopUp, TenantID: t.TenantID, AgentID: t.AgentID, OutletID: t.OutletID, Amount: t.Amount, At: tx.Now(),
		})
	})
	if err != nil {
		return TopUp{}, err
	}
	s.tell(ctx, c, "float.decide", string(id), "", map[string]string{"approved": fmt.Sprint(approve), "amount": t.Amount.String()})
	return t, nil
}

// HoldingsOf adds movements up to what each float and drawer should hold,
// sorted by teller and asset.
func HoldingsOf(sums []Movement) []Holding {
	type key struct {
		teller TellerID
		asset  remit.Asset
	}
	held := make(map[key]int64)
	for _, m := range sums {
		float, drawer := key{"", m.Amount.Asset}, key{m.TellerID, m.Amount.Asset}
		switch m.Kind {
		case MoveTopUp:
			held[float] += m.Amount.Minor
		case MoveFloatReturn:
			held[float] -= m.Amount.Minor
		case MoveToDrawer:
			held[float] -= m.Amount.Minor
			held[drawer] += m.Amount.Minor
		case MoveFromDrawer:
			held[float] += m.Amount.Minor
			held[drawer] -= m.Amount.Minor
		case MoveOver, MoveCashIn:
			held[drawer] += m.Amount.Minor
		case MovePayout, MoveRefund, MoveShort:
			held[drawer] -= m.Amount.Minor
		case MoveHandover:
			held[drawer] -= m.Amount.Minor
			held[key{m.ToTeller, m.Amount.Asset}] += m.Amount.Minor
		case MoveCommission, MoveCommissionPaid:
		}
	}
	out := make([]Holding, 0, len(held))
	for k, minor := range held {
		if minor != 0 {
			out = append(out, Holding{TellerID: k.teller, Amount: remit.NewMoney(k.asset, minor)})
		}
	}
	SortHoldings(out)
	return out
}

// SortHoldings sorts by teller, the float first, and asset.
func SortHoldings(list []Holding) {
	slices.SortFunc(list, func(a, b Holding) int {
		if a.TellerID != b.TellerID {
			return compare(string(a.TellerID), string(b.TellerID))
		}
		return compare(a.Amount.Asset.Code, b.Amount.Asset.Code)
	})
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// ReportLine is the sum of one kind of movement in one currency.
type ReportLine struct {
	Kind   MovementKind
	Amount remit.Money
	Count  int
}

// Report is what happened at an outlet in a day, and that it ties to the ledger.
type Report struct {
	Outlet   Outlet
	Day      string
	From, To time.Time
	// Opening and Closing are float and drawers at the beginning and the end.
	Opening, Closing []Holding
	Lines            []ReportLine
	Movements        []Movement
	Drawers          []Drawer
	// Ties says that what the ledger holds now is the sum of all movements.
	Ties bool
}

// DayReport reports an outlet's day. Errors: not_found; invalid for the day.
func (s *Service) DayReport(ctx context.Context, tenant remit.TenantID, id OutletID, day string) (Report, error) {
	o, err := s.store.Outlet(ctx, tenant, id)
	if err != nil {
		return Report{}, err
	}
	if day == "" {
		day = o.Hours.Day(s.clock.Now())
	}
	r := Report{Outlet: o, Day: day}
	if r.From, r.To, err = o.Hours.DayBounds(day); err != nil {
		return Report{}, err
	}
	for at, into := range map[time.Time]*[]Holding{r.From: &r.Opening, r.To: &r.Closing} {
		sums, err := s.store.MovementSums(ctx, tenant, id, at)
		if err != nil {
			return Report{}, fmt.Errorf("sum movements: %w", err)
		}
		*into = HoldingsOf(sums)
	}
	if r.Movements, err = s.store.Movements(ctx, tenant, o.AgentID, id, r.From, r.To); err != nil {
		return Report{}, fmt.Errorf("read movements: %w", err)
	}
	r.Lines = linesOf(r.Movements)
	if r.Drawers, err = s.store.Drawers(ctx, tenant, id, r.From, r.To); err != nil {
		return Report{}, fmt.Errorf("read drawers: %w", err)
	}
	held, moved, err := s.holdings(ctx, o)
	if err != nil {
		return Report{}, err
	}
	r.Ties = slices.Equal(held, moved)
	return r, nil
}

func linesOf(list []Movement) []ReportLine {
	var out []ReportLine
	for _, m := range list {
		i := slices.IndexFunc(out, func(l ReportLine) bool { return l.Kind == m.Kind && l.Amount.Asset == m.Amount.Asset })
		if i < 0 {
			out = append(out, ReportLine{Kind: m.Kind, Amount: remit.NewMoney(m.Amount.Asset, 0)})
			i = len(out) - 1
		}
		out[i].Amount.Minor += m.Amount.Minor
		out[i].Count++
	}
	slices.SortFunc(out, func(a, b ReportLine) int {
		return compare(string(a.Kind)+a.Amount.Asset.Code, string(b.Kind)+b.Amount.Asset.Code)
	})
	return out
}

// Statement is what an agent earned and was paid in a span of time.
type Statement struct {
	Agent Agent
	// Lines are the sums, Movements each commission and payment of it.
	Lines     []ReportLine
	Movements []Movement
	// Owed is what the agent was not paid yet, now.
	Owed []remit.Money
}

// CommissionStatement tells an agent's commissions in a span. Errors: not_found.
func (s *Service) CommissionStatement(ctx context.Context, tenant remit.TenantID, id AgentID, from, to time.Time) (Statement, error) {
	a, err := s.store.Agent(ctx, tenant, id)
	if err != nil {
		return Statement{}, err
	}
	out := Statement{Agent: a}
	all, err := s.store.Movements(ctx, tenant, id, "", from, to)
	if err != nil {
		return Statement{}, fmt.Errorf("read movements: %w", err)
	}
	for _, m := range all {
		if m.Kind == MoveCommission || m.Kind == MoveCommissionPaid {
			out.Movements = append(out.Movements, m)
		}
	}
	out.Lines = linesOf(out.Movements)
	if out.Owed, err = s.store.CommissionOwed(ctx, tenant, id); err != nil {
		return Statement{}, fmt.Errorf("read commission owed: %w", err)
	}
	return out, nil
}

// owedKey names what an agent is owed in one currency.
func owedKey(id AgentID, a remit.Asset) string { return "owed/" + string(id) + "/" + a.Code }
