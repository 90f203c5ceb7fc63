package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance/screening/payee"
	"github.com/openremit/remit/corridors"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/store"
)

// sweepEvery is how often pickups are looked for that nobody fetched in time.
const sweepEvery = time.Minute

// counters are our own counters: what acts at them, and the off-ramp that brings
// payouts to them.
type counters struct {
	service  *counter.Service
	provider *counter.Provider
}

// openCounters makes the counters and has quotes for cash in their countries
// name them.
func openCounters(o gatewayOptions, db *store.Store, quoter *corridors.Quoter, clock remit.Clock, registry *prometheus.Registry) (*counters, error) {
	coder, err := counter.NewCoder(o.secrets.PickupKey)
	if err != nil {
		return nil, err
	}
	rules := o.counterRules
	c := &counters{}
	c.service, err = counter.NewService(counter.Options{
		Store: db, Coder: coder, Names: payee.Likeness, Identity: rules, Clock: clock, Logger: o.log, Metrics: registry, Audit: api.CounterAudit(db),
	})
	if err != nil {
		return nil, err
	}
	served, cashIn := make(map[remit.Country]string), make(map[remit.Country]string)
	quoter.CashProviders, quoter.CashInProviders = make(map[remit.Country]string), make(map[remit.Country]string)
	for _, country := range o.counters {
		if !remit.Country(country).Valid() {
			return nil, fmt.Errorf("counters: %q is not a country", country)
		}
		quoter.CashProviders[remit.Country(country)] = counter.Name
		home, err := quoter.Catalogue.Country(remit.Country(country))
		if err != nil {
			return nil, fmt.Errorf("counters in %s: %w", country, err)
		}
		if _, pays := home.Payout(remit.PayoutCash); pays {
			served[remit.Country(country)] = home.Currency.Code
		}
		if slices.Contains(home.Funding, remit.FundingCash) {
			cashIn[remit.Country(country)] = home.Currency.Code
			quoter.CashInProviders[remit.Country(country)] = counter.Name
		}
	}
	c.provider, err = counter.NewProvider(counter.ProviderOptions{Store: db, Coder: coder, Clock: clock, Logger: o.log, Rules: rules, Countries: served, CashIn: cashIn})
	return c, err
}

// counterRules are the rules of the counters: those that are built in, with
// those of a file over them, if one is named.
func counterRules(path string) (*counter.IdentityRules, error) {
	rules, err := counter.LoadIdentityRules()
	if err != nil || path == "" {
		return rules, err
	}
	text, err := os.ReadFile(path) //nolint:gosec // The operator names it.
	if err != nil {
		return nil, fmt.Errorf("read the rules of the counters: %w", err)
	}
	if rules, err = rules.With(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rules, nil
}

// demoOutlet is an outlet of the demo's network.
type demoOutlet struct {
	name, city, address string
	place               counter.Place
	// always is open around the clock, so that it can be tried at any hour.
	always bool
	// float is in whole units of the country's currency.
	float int64
}

// demoPlace is what the outlets of a country have in common; amounts are in
// whole units of the currency.
type demoPlace struct {
	country              remit.Country
	currency, zone       string
	most, alone, aDay    int64
	lowFloat, drawerMost int64
}

var (
	colombia = demoPlace{country: "CO", currency: "COP", zone: "America/Bogota", most: 10_000_000, alone: 1_500_000, aDay: 10_000_000, lowFloat: 5_000_000, drawerMost: 20_000_000}
	florida  = demoPlace{country: "US", currency: "USD", zone: "America/New_York", most: 3_000, alone: 1_000, aDay: 10_000, lowFloat: 1_000, drawerMost: 5_000}
)

// demoAgents are the demo's network: two agents with five outlets in Colombia,
// and one in the United States, where cash is brought.
var demoAgents = []struct {
	name, phone string
	place       demoPlace
	outlets     []demoOutlet
}{
	{"Giros Andinos", "+57 601 555 0100", colombia, []demoOutlet{
		{"Chapinero", "Bogotá", "Calle 60 # 9-14", counter.Place{Latitude: 4_648_600, Longitude: -74_063_800}, true, 80_000_000},
		{"El Poblado", "Medellín", "Carrera 43A # 7-50", counter.Place{Latitude: 6_208_700, Longitude: -75_567_300}, true, 40_000_000},
		{"Granada", "Cali", "Avenida 9N # 14-20", counter.Place{Latitude: 3_456_800, Longitude: -76_535_200}, false, 25_000_000},
	}},
	{"Pago Caribe", "+57 605 555 0200", colombia, []demoOutlet{
		{"Getsemaní", "Cartagena", "Calle Larga # 10-15", counter.Place{Latitude: 10_420_900, Longitude: -75_546_500}, true, 30_000_000},
		{"El Prado", "Barranquilla", "Carrera 54 # 70-10", counter.Place{Latitude: 10_998_200, Longitude: -74_799_400}, false, 15_000_000},
	}},
	{"Sunshine Money", "+1 305 555 0300", florida, []demoOutlet{
		{"Little Havana", "Miami", "1500 SW 8th Street", counter.Place{Latitude: 25_765_600, Longitude: -80_219_400}, true, 5_000},
	}},
}

// demoID names a thing of the demo's network, the same at every start.
func demoID[T ~string](prefix, seed string) T {
	return remit.DeriveID[T](prefix, time.Unix(0, 0), "demo/"+seed)
}

// seedCounters makes the demo's network with its floats. What is there is left
// as it is.
func (d *dev) seedCounters(ctx context.Context) error {
	me := counter.Caller{TenantID: demoTenant, Actor: "gateway", ActorName: "remitd dev"}
	desk := d.gateway.counters.service
	for _, a := range demoAgents {
		agent := demoID[counter.AgentID](counter.PrefixAgent, a.name)
		if _, err := desk.Agent(ctx, demoTenant, agent); remit.KindOf(err) == remit.KindNotFound {
			_, err = desk.PutAgent(ctx, me, counter.Agent{
				ID: agent, Name: a.name, Phone: a.phone, Commissions: map[string]counter.Commission{"COP": {FixedMinor: 200_000, BasisPoints: 40}},
				CashInCommissions: map[string]counter.Commission{"USD": {FixedMinor: 50, BasisPoints: 50}},
			})
			if err != nil {
				return fmt.Errorf("make agent %s: %w", a.name, err)
			}
		} else if err != nil {
			return fmt.Errorf("read agent %s: %w", a.name, err)
		}
		for _, o := range a.outlets {
			if err := d.seedOutlet(ctx, me, agent, a.place, o); err != nil {
				return fmt.Errorf("make outlet %s: %w", o.name, err)
			}
		}
	}
	return nil
}

// seedOutlet makes an outlet with a teller, a manager and a float.
func (d *dev) seedOutlet(ctx context.Context, me counter.Caller, agent counter.AgentID, in demoPlace, o demoOutlet) error {
	desk, id := d.gateway.counters.service, demoID[counter.OutletID](counter.PrefixOutlet, o.name)
	if _, err := desk.Outlet(ctx, demoTenant, id); remit.KindOf(err) != remit.KindNotFound {
		return err
	}
	const open, shut, minutes, cents = 8 * 60, 20 * 60, 24 * 60, 100
	var week counter.Week
	for day := range week {
		week[day] = []counter.Span{{From: open, To: shut}}
		if o.always {
			week[day] = []counter.Span{{From: 0, To: minutes}}
		}
	}
	place := o.place
	per := func(whole int64) map[string]int64 { return map[string]int64{in.currency: whole * cents} }
	if _, err := desk.PutOutlet(ctx, me, counter.Outlet{
		ID: id, AgentID: agent, Name: o.name, Country: in.country, City: o.city, Address: o.address, Place: &place,
		Hours: counter.Hours{Zone: in.zone, Week: week}, Currencies: []string{in.currency},
		Limits: map[string]counter.Limit{in.currency: {PerPayout: in.most * cents}}, LowFloat: per(in.lowFloat), DrawerMaximum: per(in.drawerMost),
	}); err != nil {
		return err
	}
	trained := remit.SystemClock{}.Now().AddDate(1, 0, 0)
	var manager counter.Teller
	for _, role := range []counter.Role{counter.RoleTeller, counter.RoleManager} {
		t := counter.Teller{
			ID: demoID[counter.TellerID](counter.PrefixTeller, o.name+"/"+string(role)), OutletID: id, Name: o.name + " " + string(role), Role: role,
			TrainedUntil: trained, Limits: map[string]counter.Limit{in.currency: {PerPayout: in.alone * cents, PerDay: in.aDay * cents}},
		}
		t.StaffID = d.staffAtCounter(o.name, role)
		var err error
		if manager, err = desk.PutTeller(ctx, me, t); err != nil {
			return err
		}
	}
	by := counter.Caller{TenantID: demoTenant, Actor: string(manager.ID), ActorName: manager.Name, TellerID: manager.ID}
	float := remit.NewMoney(remit.MustFiat(in.currency), o.float*cents)
	t, err := desk.RequestTopUp(ctx, by, demoID[counter.TopUpID](counter.PrefixTopUp, o.name), id, float)
	if err != nil {
		return err
	}
	_, err = desk.DecideTopUp(ctx, me, t.ID, true, "opening float", "")
	return err
}

// demoDesks are the e-mail addresses of those who sign in at an outlet.
var demoDesks = map[string]map[counter.Role]string{
	"Chapinero":     {counter.RoleTeller: "teller@demo.example", counter.RoleManager: "manager@demo.example"},
	"Little Havana": {counter.RoleTeller: "cashier@demo.example", counter.RoleManager: "supervisor@demo.example"},
}

// staffAtCounter is whose session acts as a person of an outlet of the demo.
func (d *dev) staffAtCounter(outlet string, role counter.Role) remit.StaffID {
	for _, p := range d.secrets.demoStaff() {
		if email := demoDesks[outlet][role]; email != "" && email == p.Email {
			return p.ID
		}
	}
	return ""
}

// demoPickups are remittances that wait at the counters.
func demoPickups() []demoCase {
	sender := person("Julian", "Marin", "1986-03-09", "US", "Miami", "+13055550111")
	fetches := func(given, family string) demoCase {
		return demoCase{
			reference: "demo-counter-" + given, from: "US", to: "CO", currency: "USD", tier: "verified", funding: "card", source: "tok_ok",
			payout: "cash", originator: sender, beneficiary: person(given, family, "", "CO", "Bogotá", "+573001234567"),
		}
	}
	list := []demoCase{fetches("Lucia", "Ospina Vargas"), fetches("Mateo", "Zuluaga Rios"), fetches("Valentina", "Arango Mejia")}
	for i, amount := range []string{"120", "240", "600"} {
		list[i].amount = amount
	}
	return list
}
