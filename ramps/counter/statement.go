package counter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// MaxStatementDays bounds the period of a statement.
const MaxStatementDays = 366

// MovementSum is the sum of like movements, and how many they are.
type MovementSum struct {
	Movement
	Count int
}

// Books are an outlet's movements and what the ledger holds, in one picture.
type Books struct {
	// Before are the sums before the span, Within those of it; AllTime are the
	// sums of everything, by kind, teller, next teller and asset.
	Before  []Movement
	Within  []MovementSum
	AllTime []Movement
	// Held is what the ledger holds in float and drawers.
	Held []Holding
	// Unbooked counts the movements of the span that are not in the journal as
	// they are here.
	Unbooked int
}

// AgentBooks are an agent's movements by kind and asset.
type AgentBooks struct {
	Before, AllTime []Movement
	Within          []MovementSum
	// Unbooked is as in Books, of what belongs to no outlet.
	Unbooked int
}

// StatementLine is the sum of one kind of movement in a period.
type StatementLine struct {
	Kind  MovementKind
	Count int
	// Amount is what was moved, Effect by how much it changed the cash that the
	// outlet holds: negative for what left it, zero for what stayed within.
	Amount, Effect remit.Money
}

// StatementBalance is the cash of float and drawers in one currency.
type StatementBalance struct {
	// Opening plus the effects of all lines is Closing.
	Opening, Closing remit.Money
	Lines            []StatementLine
}

// CommissionShare is what a teller's work earned the agent.
type CommissionShare struct {
	OutletID OutletID
	// TellerID is empty for commissions of which no teller is known.
	TellerID   TellerID
	TellerName string
	Count      int
	Earned     remit.Money
}

// CommissionBalance is what an agent is owed in one currency.
type CommissionBalance struct {
	// Opening plus Earned less Paid is Closing.
	Opening, Earned, Paid, Closing remit.Money
}

// Position is what operator and agent owe each other at the end of a period.
type Position struct {
	// Cash is what the agent holds of the operator's, Commission what the
	// operator owes the agent.
	Cash, Commission remit.Money
	// Net is Cash less Commission: the agent owes it, or is owed it when negative.
	Net remit.Money
}

// OutletStatement is one outlet's part of a statement.
type OutletStatement struct {
	Outlet   Outlet
	From, To time.Time
	Balances []StatementBalance
	// Ties says that the ledger says the same.
	Ties bool
}

// Settlement is the account of an agent, or of one outlet, for a period of days.
// Each outlet's days are those of its own time zone.
type Settlement struct {
	Agent Agent
	// OutletID is the one outlet it is about, empty for all of the agent.
	OutletID OutletID
	// First and Last are the days, both part of it; Zone is that of the days of
	// what belongs to no outlet.
	First, Last, Zone string
	Outlets           []OutletStatement
	// Totals are the sums over all outlets.
	Totals []StatementBalance
	// Shares are the commissions by outlet and teller.
	Shares []CommissionShare
	// Commission and Positions are the agent's; a statement of one outlet has
	// none, since an agent is paid as a whole.
	Commission []CommissionBalance
	Positions  []Position
	// Ties says that everything in it agrees with the ledger; Untied names the
	// outlets that do not, and the agent where its commission does not.
	Ties   bool
	Untied []string
	MadeAt time.Time
}

// EffectOf is by how much a movement changes the cash that an outlet holds in
// float and drawers together. Every kind has the effect that HoldingsOf gives it.
func EffectOf(m Movement) remit.Money {
	sum := remit.NewMoney(m.Amount.Asset, 0)
	for _, h := range HoldingsOf([]Movement{m}) {
		sum.Minor += h.Amount.Minor
	}
	return sum
}

// earnedOf is by how much a movement changes what an agent is owed.
func earnedOf(m Movement) int64 {
	switch m.Kind {
	case MoveCommission:
		return m.Amount.Minor
	case MoveCommissionPaid:
		return -m.Amount.Minor
	default:
		return 0
	}
}

// period fills in the days that were not said.
func (h Hours) period(first, last string, now time.Time) (string, string) {
	if last == "" {
		last = h.Day(now)
	}
	if first == "" && len(last) == len(dateForm) {
		first = last[:8] + "01"
	}
	return first, last
}

// span is a period of days at one place.
func (h Hours) span(first, last string) (from, to time.Time, err error) {
	if from, _, err = h.DayBounds(first); err != nil {
		return from, to, remit.Invalid("from", remit.ReasonFieldInvalid, "%q is not a day; write it as 2026-11-01", clip(first))
	}
	if _, to, err = h.DayBounds(last); err != nil {
		return from, to, remit.Invalid("to", remit.ReasonFieldInvalid, "%q is not a day; write it as 2026-11-30", clip(last))
	}
	switch {
	case !from.Before(to):
		return from, to, remit.Invalid("to", remit.ReasonFieldInvalid, "the last day is before the first")
	case to.Sub(from) > (MaxStatementDays+1)*24*time.Hour:
		return from, to, remit.Invalid("from", remit.ReasonFieldInvalid, "a statement covers at most %d days", MaxStatementDays)
	}
	return from, to, nil
}

// Settlement states an agent's account, or that of one of its outlets. An empty
// first day is the first of the last day's month, an empty last day today.
// Errors: not_found; invalid for the days.
func (s *Service) Settlement(ctx context.Context, tenant remit.TenantID, id AgentID, outlet OutletID, first, last string) (Settlement, error) {
	agent, err := s.store.Agent(ctx, tenant, id)
	if err != nil {
		return Settlement{}, err
	}
	outlets, err := s.store.Outlets(ctx, OutletFilter{TenantID: tenant, AgentID: id})
	if err != nil {
		return Settlement{}, fmt.Errorf("read outlets: %w", err)
	}
	place := Hours{Zone: "UTC"}
	if len(outlets) > 0 {
		place = outlets[0].Hours
	}
	if outlet != "" {
		outlets = slices.DeleteFunc(outlets, func(o Outlet) bool { return o.ID != outlet })
		if len(outlets) == 0 {
			return Settlement{}, remit.NotFound("outlet", string(outlet))
		}
		place = outlets[0].Hours
	}
	now := s.clock.Now()
	first, last = place.period(first, last, now)
	from, to, err := place.span(first, last)
	if err != nil {
		return Settlement{}, err
	}
	st := Settlement{Agent: agent, OutletID: outlet, First: first, Last: last, Zone: place.Zone, MadeAt: now}
	tellers, err := s.store.Tellers(ctx, tenant, id, "")
	if err != nil {
		return Settlement{}, fmt.Errorf("read tellers: %w", err)
	}
	for _, o := range outlets {
		if err := s.addOutlet(ctx, &st, o, tellers); err != nil {
			return Settlement{}, err
		}
	}
	st.Totals = totalsOf(st.Outlets)
	if outlet == "" {
		if err := s.addCommission(ctx, &st, from, to); err != nil {
			return Settlement{}, err
		}
		st.Positions = positionsOf(st.Totals, st.Commission)
	}
	st.Ties = len(st.Untied) == 0
	return st, nil
}

// addOutlet adds an outlet's part and its shares of commission.
func (s *Service) addOutlet(ctx context.Context, st *Settlement, o Outlet, tellers []Teller) error {
	from, to, err := o.Hours.span(st.First, st.Last)
	if err != nil {
		return err
	}
	names := make(map[TellerID]string)
	var ids []TellerID
	for _, t := range tellers {
		if t.OutletID == o.ID {
			names[t.ID], ids = t.Name, append(ids, t.ID)
		}
	}
	books, err := s.store.Books(ctx, o.TenantID, o.ID, ids, from, to)
	if err != nil {
		return fmt.Errorf("read the books of %s: %w", o.ID, err)
	}
	part := OutletStatement{
		Outlet: o, From: from, To: to, Balances: balancesOf(o, books),
		Ties: books.Unbooked == 0 && slices.Equal(books.Held, HoldingsOf(books.AllTime)),
	}
	st.Outlets = append(st.Outlets, part)
	if !part.Ties {
		st.Untied = append(st.Untied, string(o.ID))
	}
	for _, m := range books.Within {
		if m.Kind == MoveCommission {
			st.Shares = append(st.Shares, CommissionShare{OutletID: o.ID, TellerID: m.TellerID, TellerName: names[m.TellerID], Count: m.Count, Earned: m.Amount})
		}
	}
	return nil
}

// balancesOf makes a balance of each currency that the outlet holds or held.
func balancesOf(o Outlet, books Books) []StatementBalance {
	var out []StatementBalance
	at := func(a remit.Asset) *StatementBalance {
		for i := range out {
			if out[i].Opening.Asset == a {
				return &out[i]
			}
		}
		out = append(out, StatementBalance{Opening: remit.NewMoney(a, 0), Closing: remit.NewMoney(a, 0)})
		return &out[len(out)-1]
	}
	for _, code := range o.Currencies {
		if a, err := remit.Fiat(code); err == nil {
			at(a)
		}
	}
	for _, h := range HoldingsOf(books.Before) {
		at(h.Amount.Asset).Opening.Minor += h.Amount.Minor
	}
	for _, m := range books.Within {
		at(m.Amount.Asset).add(m.Kind, m.Count, m.Amount, EffectOf(m.Movement))
	}
	for i := range out {
		out[i].close()
	}
	slices.SortFunc(out, func(a, b StatementBalance) int { return compare(a.Opening.Asset.Code, b.Opening.Asset.Code) })
	return out
}

// add adds to the line of a kind.
func (b *StatementBalance) add(kind MovementKind, count int, amount, effect remit.Money) {
	i := slices.IndexFunc(b.Lines, func(l StatementLine) bool { return l.Kind == kind })
	if i < 0 {
		i = len(b.Lines)
		b.Lines = append(b.Lines, StatementLine{Kind: kind, Amount: remit.NewMoney(amount.Asset, 0), Effect: remit.NewMoney(amount.Asset, 0)})
	}
	b.Lines[i].Count += count
	b.Lines[i].Amount.Minor += amount.Minor
	b.Lines[i].Effect.Minor += effect.Minor
}

// close sorts the lines and makes the closing balance of them.
func (b *StatementBalance) close() {
	slices.SortFunc(b.Lines, func(x, y StatementLine) int { return compare(string(x.Kind), string(y.Kind)) })
	b.Closing = b.Opening
	for _, l := range b.Lines {
		b.Closing.Minor += l.Effect.Minor
	}
}

// totalsOf adds the outlets up.
func totalsOf(parts []OutletStatement) []StatementBalance {
	var out []StatementBalance
	for _, part := range parts {
		for _, b := range part.Balances {
			i := slices.IndexFunc(out, func(t StatementBalance) bool { return t.Opening.Asset == b.Opening.Asset })
			if i < 0 {
				i = len(out)
				out = append(out, StatementBalance{Opening: remit.NewMoney(b.Opening.Asset, 0)})
			}
			out[i].Opening.Minor += b.Opening.Minor
			for _, l := range b.Lines {
				out[i].add(l.Kind, l.Count, l.Amount, l.Effect)
			}
		}
	}
	for i := range out {
		out[i].close()
	}
	slices.SortFunc(out, func(a, b StatementBalance) int { return compare(a.Opening.Asset.Code, b.Opening.Asset.Code) })
	return out
}

// tieTries is how often books are read that were written between two reads.
const tieTries = 3

// addCommission adds what the agent earned, was paid and is owed.
func (s *Service) addCommission(ctx context.Context, st *Settlement, from, to time.Time) error {
	for try := 1; ; try++ {
		books, err := s.store.AgentBooks(ctx, st.Agent.TenantID, st.Agent.ID, from, to)
		if err != nil {
			return fmt.Errorf("read the books of %s: %w", st.Agent.ID, err)
		}
		owed, err := s.store.CommissionOwed(ctx, st.Agent.TenantID, st.Agent.ID)
		if err != nil {
			return fmt.Errorf("read commission owed: %w", err)
		}
		st.Commission = commissionsOf(books)
		if books.Unbooked == 0 && owedIs(books.AllTime, owed) {
			return nil
		}
		if try == tieTries {
			st.Untied = append(st.Untied, string(st.Agent.ID))
			return nil
		}
	}
}

// owedIs reports whether movements add up to what the ledger owes an agent.
func owedIs(movements []Movement, owed []remit.Money) bool {
	sums := make(map[remit.Asset]int64)
	for _, m := range movements {
		sums[m.Amount.Asset] += earnedOf(m)
	}
	for _, m := range owed {
		sums[m.Asset] -= m.Minor
	}
	for _, left := range sums {
		if left != 0 {
			return false
		}
	}
	return true
}

func commissionsOf(books AgentBooks) []CommissionBalance {
	var out []CommissionBalance
	at := func(a remit.Asset) *CommissionBalance {
		for i := range out {
			if out[i].Opening.Asset == a {
				return &out[i]
			}
		}
		zero := remit.NewMoney(a, 0)
		out = append(out, CommissionBalance{Opening: zero, Earned: zero, Paid: zero, Closing: zero})
		return &out[len(out)-1]
	}
	for _, m := range books.Before {
		if earned := earnedOf(m); earned != 0 {
			at(m.Amount.Asset).Opening.Minor += earned
		}
	}
	for _, m := range books.Within {
		switch earned := earnedOf(m.Movement); {
		case earned > 0:
			at(m.Amount.Asset).Earned.Minor += earned
		case earned < 0:
			at(m.Amount.Asset).Paid.Minor -= earned
		}
	}
	for i := range out {
		out[i].Closing.Minor = out[i].Opening.Minor + out[i].Earned.Minor - out[i].Paid.Minor
	}
	slices.SortFunc(out, func(a, b CommissionBalance) int { return compare(a.Opening.Asset.Code, b.Opening.Asset.Code) })
	return out
}

// positionsOf sets cash against commission, by currency.
func positionsOf(totals []StatementBalance, owed []CommissionBalance) []Position {
	var out []Position
	for _, t := range totals {
		out = append(out, Position{Cash: t.Closing, Commission: remit.NewMoney(t.Closing.Asset, 0)})
	}
	for _, c := range owed {
		i := slices.IndexFunc(out, func(p Position) bool { return p.Cash.Asset == c.Closing.Asset })
		if i < 0 {
			i = len(out)
			out = append(out, Position{Cash: remit.NewMoney(c.Closing.Asset, 0)})
		}
		out[i].Commission = c.Closing
	}
	for i, p := range out {
		out[i].Net = remit.NewMoney(p.Cash.Asset, p.Cash.Minor-p.Commission.Minor)
	}
	return out
}
