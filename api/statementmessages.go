package api

import (
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

func floatLineMessage(l counter.FloatLine) *v1.FloatLine {
	return &v1.FloatLine{Float: moneyMessage(l.Float), Drawers: moneyMessage(l.Drawers), LowBelow: moneyMessage(l.LowBelow), Low: l.Low}
}

func cashMessages(list []counter.StatementBalance) []*v1.StatementBalance {
	var out []*v1.StatementBalance
	for _, b := range list {
		m := &v1.StatementBalance{Opening: moneyMessage(b.Opening), Closing: moneyMessage(b.Closing)}
		for _, l := range b.Lines {
			m.Lines = append(m.Lines, &v1.StatementLine{
				Kind: string(l.Kind), Count: int32(l.Count), Amount: moneyMessage(l.Amount), Effect: moneyMessage(l.Effect),
			})
		}
		out = append(out, m)
	}
	return out
}

func statementMessage(st counter.Settlement) *v1.SettlementStatement {
	m := &v1.SettlementStatement{
		AgentId: string(st.Agent.ID), AgentName: st.Agent.Name, OutletId: string(st.OutletID), From: st.First, To: st.Last, TimeZone: st.Zone,
		Totals: cashMessages(st.Totals), Ties: st.Ties, Untied: st.Untied, MadeAt: timeMessage(st.MadeAt),
	}
	names := make(map[counter.OutletID]string)
	for _, o := range st.Outlets {
		names[o.Outlet.ID] = o.Outlet.Name
		m.Outlets = append(m.Outlets, &v1.OutletStatement{
			OutletId: string(o.Outlet.ID), OutletName: o.Outlet.Name, City: o.Outlet.City, BeginsAt: timeMessage(o.From), EndsAt: timeMessage(o.To),
			Balances: cashMessages(o.Balances), Ties: o.Ties,
		})
	}
	for _, c := range st.Shares {
		m.Shares = append(m.Shares, &v1.CommissionShare{
			OutletId: string(c.OutletID), OutletName: names[c.OutletID], TellerId: string(c.TellerID), TellerName: c.TellerName,
			Count: int32(c.Count), Earned: moneyMessage(c.Earned),
		})
	}
	for _, c := range st.Commission {
		m.Commission = append(m.Commission, &v1.CommissionBalance{
			Opening: moneyMessage(c.Opening), Earned: moneyMessage(c.Earned), Paid: moneyMessage(c.Paid), Closing: moneyMessage(c.Closing),
		})
	}
	for _, p := range st.Positions {
		m.Positions = append(m.Positions, &v1.StatementPosition{Cash: moneyMessage(p.Cash), Commission: moneyMessage(p.Commission), Net: moneyMessage(p.Net)})
	}
	return m
}

func dayBookMessage(b counter.DayBook) *v1.GetDayBookResponse {
	resp := &v1.GetDayBookResponse{OutletName: b.Outlet.Name, Day: b.Day, Balances: cashMessages(b.Balances), Ties: b.Ties}
	for _, t := range b.Tellers {
		m := &v1.DayTeller{TellerId: string(t.ID), Name: t.Name, Open: t.Open}
		if !t.Open {
			m.Balances = cashMessages(t.Balances)
		}
		resp.Tellers = append(resp.Tellers, m)
	}
	for _, d := range b.Drawers {
		whole := drawerMessage(d)
		m := &v1.DayDrawer{
			Id: whole.GetId(), TellerId: whole.GetTellerId(), TellerName: b.Names[d.TellerID], State: whole.GetState(),
			OpenedAt: whole.GetOpenedAt(), ClosedAt: whole.GetClosedAt(), Opening: countMessages(d.Opening), Closing: countMessages(d.Closing),
			Differences: whole.GetDifferences(), Reason: d.Reason, ApprovedBy: whole.GetApprovedBy(), ApprovedByName: b.Names[d.ApprovedBy],
			NextTellerName: b.Names[d.NextTeller],
		}
		resp.Drawers = append(resp.Drawers, m)
	}
	return resp
}

func countMessages(list []counter.Count) []*v1.CashCount {
	var out []*v1.CashCount
	for _, n := range list {
		m := &v1.CashCount{Currency: n.Total.Asset.Code, Total: n.Total.Decimal()}
		for _, p := range n.Pieces {
			if p.Count > 0 {
				value := n.Total
				value.Minor = p.Minor
				m.Pieces = append(m.Pieces, &v1.CashPieces{Value: value.Decimal(), Count: p.Count})
			}
		}
		out = append(out, m)
	}
	return out
}
