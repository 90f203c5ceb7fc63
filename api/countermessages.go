package api

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

func foundMessage(f counter.Found, now time.Time) *v1.FoundPickup {
	m := &v1.FoundPickup{
		Pickup: pickupMessage(f.Pickup, now), BeneficiaryName: f.Beneficiary, SenderName: f.Sender, ReservedHere: f.ReservedHere,
	}
	m.PhotoNeeded = f.PhotoNeeded
	for _, p := range f.Proofs {
		m.Proofs = append(m.Proofs, string(p))
	}
	for _, d := range f.Documents {
		m.Documents = append(m.Documents, &v1.AcceptedDocument{Type: d.Type, Issuer: d.Issuer, NoExpiry: d.NoExpiry})
	}
	return m
}

func pickupMessage(p counter.Pickup, now time.Time) *v1.Pickup {
	m := &v1.Pickup{
		Id: string(p.ID), State: string(p.StateAt(now)), Amount: moneyMessage(p.Amount), ExpiresAt: timeMessage(p.ExpiresAt),
		Receipt: p.Receipt, PaidAt: timeMessage(p.PaidAt), Commission: moneyMessage(p.Commission), RemittanceId: string(p.RemittanceID),
		Refund: p.Refund,
	}
	m.Photo = evidenceMessage(p.Photo)
	if p.Signed != nil {
		m.Proof, m.Signature = string(p.Signed.Proof), evidenceMessage(p.Signed.Signature)
	}
	if r := p.Reservation; r != nil && (p.State == counter.StatePaid || p.StateAt(now) == counter.StateReserved) {
		m.Reservation = &v1.Reservation{
			Id: string(r.ID), TellerId: string(r.TellerID), OutletId: string(r.OutletID), Until: timeMessage(r.Until), ApprovedBy: string(r.ApprovedBy),
		}
		for _, n := range r.Needs {
			m.Reservation.Needs = append(m.Reservation.Needs, string(n))
		}
	}
	return m
}

func drawerMessage(d counter.Drawer) *v1.CashDrawer {
	m := &v1.CashDrawer{
		Id: string(d.ID), TellerId: string(d.TellerID), OutletId: string(d.OutletID), State: string(d.State), NextTellerId: string(d.NextTeller),
		ApprovedBy: string(d.ApprovedBy), OpenedAt: timeMessage(d.OpenedAt), ClosedAt: timeMessage(d.ClosedAt),
	}
	for _, x := range d.Differences {
		m.Differences = append(m.Differences, &v1.CashDifference{
			Expected: moneyMessage(x.Expected), Counted: moneyMessage(x.Counted), Over: moneyMessage(x.Over()),
		})
	}
	return m
}

func topUpMessage(t counter.TopUp) *v1.TopUp {
	return &v1.TopUp{
		Id: string(t.ID), OutletId: string(t.OutletID), Amount: moneyMessage(t.Amount), State: string(t.State), RequestedBy: t.RequestedBy,
		DecidedBy: t.DecidedBy, Reference: t.Reference, Reason: t.Reason, CreatedAt: timeMessage(t.CreatedAt), DecidedAt: timeMessage(t.DecidedAt),
	}
}

// minorMessage is an amount in minor units of a currency; nil for none.
func minorMessage(code string, minor int64) *v1.Money {
	asset, err := remit.Fiat(code)
	if err != nil || minor == 0 {
		return nil
	}
	return moneyMessage(remit.NewMoney(asset, minor))
}

func agentMessage(a counter.Agent) *v1.Agent {
	m := &v1.Agent{Id: string(a.ID), Name: a.Name, Phone: a.Phone, Suspended: a.Suspended, CreatedAt: timeMessage(a.CreatedAt)}
	for _, p := range a.Proofs {
		m.Proofs = append(m.Proofs, string(p))
	}
	m.Commissions, m.CashInCommissions = commissionMessages(a.Commissions), commissionMessages(a.CashInCommissions)
	return m
}

func commissionMessages(list map[string]counter.Commission) []*v1.AgentCommission {
	var out []*v1.AgentCommission
	for _, code := range slices.Sorted(maps.Keys(list)) {
		out = append(out, &v1.AgentCommission{Currency: code, Fixed: minorMessage(code, list[code].FixedMinor), BasisPoints: list[code].BasisPoints})
	}
	return out
}

// commissions reads what an agent earns, by currency.
func (c *check) commissions(field string, list []*v1.AgentCommission) map[string]counter.Commission {
	out := make(map[string]counter.Commission, len(list))
	for _, m := range list {
		if fixed := m.GetFixed(); fixed != nil && fixed.GetCurrency() != m.GetCurrency() {
			c.add(field+".fixed", remit.ReasonFieldInvalid, "a commission in %s is an amount of it", clip(m.GetCurrency()))
		}
		out[m.GetCurrency()] = counter.Commission{FixedMinor: c.money(field+".fixed", m.GetFixed()).Minor, BasisPoints: m.GetBasisPoints()}
	}
	return out
}

// limits reads and limitMessages writes limits by currency.
func (c *check) limits(list []*v1.CounterLimit) map[string]counter.Limit {
	out := make(map[string]counter.Limit, len(list))
	for _, l := range list {
		of := func(field string, m *v1.Money) int64 {
			if m != nil && m.GetCurrency() != l.GetCurrency() {
				c.add("limits."+field, remit.ReasonFieldInvalid, "a limit in %s is an amount of it", clip(l.GetCurrency()))
			}
			return c.money("limits."+field, m).Minor
		}
		out[l.GetCurrency()] = counter.Limit{PerPayout: of("per_payout", l.GetPerPayout()), PerDay: of("per_day", l.GetPerDay())}
	}
	return out
}

func limitMessages(limits map[string]counter.Limit) []*v1.CounterLimit {
	var out []*v1.CounterLimit
	for _, code := range slices.Sorted(maps.Keys(limits)) {
		out = append(out, &v1.CounterLimit{
			Currency: code, PerPayout: minorMessage(code, limits[code].PerPayout), PerDay: minorMessage(code, limits[code].PerDay),
		})
	}
	return out
}

// week reads spans of the week; weekMessages writes them.
func (c *check) week(field string, list []*v1.OpenSpan) counter.Week {
	var w counter.Week
	for _, span := range list {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.EqualFold(day.String(), span.GetDay()) {
				w[day] = append(w[day], counter.Span{From: c.minute(field, span.GetFrom()), To: c.minute(field, span.GetTo())})
			}
		}
	}
	for day := range w {
		slices.SortFunc(w[day], func(a, b counter.Span) int { return a.From - b.From })
	}
	return w
}

// minute reads a time of day. The contract has checked its form.
func (c *check) minute(field, text string) int {
	var h, m int
	if _, err := fmt.Sscanf(text, "%2d:%2d", &h, &m); err != nil || h > 24 || m > 59 || (h == 24 && m > 0) {
		c.add(field, remit.ReasonFieldInvalid, "%q is no time of day; write it as 08:30", clip(text))
	}
	return h*60 + m
}

func weekMessages(w counter.Week) []*v1.OpenSpan {
	clock := func(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
	var out []*v1.OpenSpan
	for day, spans := range w {
		for _, s := range spans {
			out = append(out, &v1.OpenSpan{Day: strings.ToLower(time.Weekday(day).String()), From: clock(s.From), To: clock(s.To)})
		}
	}
	return out
}

const millionths = 1_000_000

// place reads degrees; none where one of them is absent.
func (c *check) place(latitude, longitude *float64) *counter.Place {
	if latitude == nil || longitude == nil {
		return nil
	}
	if math.Abs(*latitude) > 90 || math.Abs(*longitude) > 180 || math.IsNaN(*latitude+*longitude) {
		c.add("latitude", remit.ReasonFieldInvalid, "this place is not on earth; write degrees, such as 14.598 and 120.983")
		return nil
	}
	return &counter.Place{Latitude: int64(math.Round(*latitude * millionths)), Longitude: int64(math.Round(*longitude * millionths))}
}

func degrees(p *counter.Place) (latitude, longitude *float64) {
	if p == nil {
		return nil, nil
	}
	lat, lon := float64(p.Latitude)/millionths, float64(p.Longitude)/millionths
	return &lat, &lon
}

func outletMessage(o counter.Outlet) *v1.Outlet {
	m := &v1.Outlet{
		Id: string(o.ID), AgentId: string(o.AgentID), Name: o.Name, Country: string(o.Country), City: o.City, Address: o.Address,
		TimeZone: o.Hours.Zone, Hours: weekMessages(o.Hours.Week), ClosedDays: o.Hours.Closed, Currencies: o.Currencies,
		Limits: limitMessages(o.Limits), Suspended: o.Suspended, CreatedAt: timeMessage(o.CreatedAt),
	}
	m.Latitude, m.Longitude = degrees(o.Place)
	for _, code := range slices.Sorted(maps.Keys(o.LowFloat)) {
		if low := minorMessage(code, o.LowFloat[code]); low != nil {
			m.LowFloat = append(m.LowFloat, low)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(o.DrawerMaximum)) {
		if most := minorMessage(code, o.DrawerMaximum[code]); most != nil {
			m.DrawerMaximum = append(m.DrawerMaximum, most)
		}
	}
	return m
}

func tellerMessage(t counter.Teller) *v1.Teller {
	return &v1.Teller{
		Id: string(t.ID), AgentId: string(t.AgentID), OutletId: string(t.OutletID), Name: t.Name, StaffId: string(t.StaffID), DeviceId: t.DeviceID,
		TrainedUntil: timeMessage(t.TrainedUntil), Shifts: weekMessages(t.Shifts), Limits: limitMessages(t.Limits), Suspended: t.Suspended,
		Role: string(t.Role), DrawerId: string(t.Drawer), CreatedAt: timeMessage(t.CreatedAt),
	}
}

func holdingMessages(list []counter.Holding) []*v1.CounterHolding {
	var out []*v1.CounterHolding
	for _, h := range list {
		out = append(out, &v1.CounterHolding{TellerId: string(h.TellerID), Amount: moneyMessage(h.Amount)})
	}
	return out
}

func lineMessages(list []counter.ReportLine) []*v1.CounterLine {
	var out []*v1.CounterLine
	for _, l := range list {
		out = append(out, &v1.CounterLine{Kind: string(l.Kind), Amount: moneyMessage(l.Amount), Count: int32(l.Count)})
	}
	return out
}

func movementMessages(list []counter.Movement) []*v1.CounterMovement {
	var out []*v1.CounterMovement
	for _, m := range list {
		out = append(out, &v1.CounterMovement{
			Key: m.Key, Kind: string(m.Kind), OutletId: string(m.OutletID), TellerId: string(m.TellerID), ToTellerId: string(m.ToTeller),
			PickupId: string(m.PickupID), DepositId: string(m.DepositID), Amount: moneyMessage(m.Amount), At: timeMessage(m.At), Reference: m.Reference,
		})
	}
	return out
}

func moneyMessages(list []remit.Money) []*v1.Money {
	var out []*v1.Money
	for _, m := range list {
		out = append(out, moneyMessage(m))
	}
	return out
}
