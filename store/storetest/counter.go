package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/workflows"
)

// counters are a network of counters over a world's store.
type counters struct {
	*world
	coder    *counter.Coder
	service  *counter.Service
	provider *counter.Provider
	desk     *ramps.Desk
	agent    counter.Agent
	outlet   counter.Outlet
	audited  []counter.AuditEvent
	lock     sync.Mutex
}

// pickupCodes derives the codes of all tests' stores.
func pickupCodes() *counter.Coder {
	coder, err := counter.NewCoder([]byte("a secret of sixteen or more"))
	if err != nil {
		panic(err) // The secret is long enough.
	}
	return coder
}

// everyDay is open from six in the morning to ten in the evening.
func everyDay() counter.Week {
	var w counter.Week
	for i := range w {
		w[i] = []counter.Span{{From: 6 * 60, To: 22 * 60}}
	}
	return w
}

// sameName is a matcher of names for tests: the same letters or not at all.
func sameName(a, b string) int {
	if strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) {
		return counter.NameEqual
	}
	if strings.HasPrefix(strings.ToLower(b), strings.ToLower(a)) {
		return 8000
	}
	return 0
}

func newCounters(w *world) *counters {
	w.t.Helper()
	c := &counters{world: w}
	c.coder = pickupCodes()
	rules, err := counter.LoadIdentityRules()
	w.must(err)
	c.service, err = counter.NewService(counter.Options{
		Store: w.s, Coder: c.coder, Names: sameName, Identity: rules, Clock: w.clock,
		Audit: c.keepAudit(&c.audited),
	})
	w.must(err)
	c.provider, err = counter.NewProvider(counter.ProviderOptions{Store: w.s, Coder: c.coder, Clock: w.clock})
	w.must(err)
	c.desk, err = ramps.NewDesk(ramps.DeskOptions{Store: w.s, Providers: []ramps.Provider{c.provider}, Clock: w.clock})
	w.must(err)
	c.agent = c.newAgent("Bayad Center")
	c.outlet = c.newOutlet(c.agent, "Quiapo")
	return c
}

// keepAudit keeps what the audit trail is told.
func (c *counters) keepAudit(in *[]counter.AuditEvent) func(context.Context, counter.AuditEvent) error {
	return func(_ context.Context, e counter.AuditEvent) error {
		c.lock.Lock()
		defer c.lock.Unlock()
		*in = append(*in, e)
		return nil
	}
}

// operator is a caller who keeps the network.
func (c *counters) operator() counter.Caller {
	return counter.Caller{TenantID: c.tenant, Actor: "key_operator", ActorName: "operator"}
}

func (c *counters) newAgent(name string) counter.Agent {
	c.t.Helper()
	a, err := c.service.PutAgent(c.ctx, c.operator(), counter.Agent{
		ID: id[counter.AgentID](c.world, counter.PrefixAgent), Name: name, Phone: "+63 2 8888",
		Commissions: map[string]counter.Commission{"PHP": {FixedMinor: 1000, BasisPoints: 50}},
	})
	c.must(err)
	return a
}

func (c *counters) newOutlet(a counter.Agent, name string, change ...func(*counter.Outlet)) counter.Outlet {
	c.t.Helper()
	o := counter.Outlet{
		ID: id[counter.OutletID](c.world, counter.PrefixOutlet), AgentID: a.ID, Name: name, Country: "PH", City: "Manila", Address: "1 Rizal Street",
		Place: &counter.Place{Latitude: 14_598_000, Longitude: 120_983_000}, Hours: counter.Hours{Zone: "Asia/Manila", Week: everyDay()},
		Currencies: []string{"PHP"}, LowFloat: map[string]int64{"PHP": 500_000},
	}
	for _, f := range change {
		f(&o)
	}
	o, err := c.service.PutOutlet(c.ctx, c.operator(), o)
	c.must(err)
	return o
}

// teller adds a person to an outlet; an admin where the outlet has no id.
func (c *counters) teller(o counter.Outlet, role counter.Role, change ...func(*counter.Teller)) counter.Caller {
	c.t.Helper()
	t := counter.Teller{
		ID: id[counter.TellerID](c.world, counter.PrefixTeller), AgentID: c.agent.ID, OutletID: o.ID, Name: "Tess", Role: role,
		TrainedUntil: Start.AddDate(1, 0, 0),
	}
	for _, f := range change {
		f(&t)
	}
	t, err := c.service.PutTeller(c.ctx, c.operator(), t)
	c.must(err)
	return counter.Caller{TenantID: c.tenant, Actor: string(t.ID), ActorName: t.Name, TellerID: t.ID}
}

func pesos(minor int64) remit.Money { return remit.NewMoney(php, minor) }

func counted(minor int64) []counter.Count { return []counter.Count{{Total: pesos(minor)}} }

// fund tops an outlet's float up, asked for by a manager and approved by the operator.
func (c *counters) fund(o counter.Outlet, minor int64) {
	c.t.Helper()
	t, err := c.service.RequestTopUp(c.ctx, c.teller(o, counter.RoleManager), id[counter.TopUpID](c.world, counter.PrefixTopUp), o.ID, pesos(minor))
	c.must(err)
	_, err = c.service.DecideTopUp(c.ctx, c.operator(), t.ID, true, "wire 7", "")
	c.must(err)
}

// open gives a teller a drawer.
func (c *counters) open(by counter.Caller, minor int64) counter.Drawer {
	c.t.Helper()
	d, err := c.service.OpenDrawer(c.ctx, by, id[counter.DrawerID](c.world, counter.PrefixDrawer), counted(minor))
	c.must(err)
	return d
}

// paid is what every test's remittance pays out, in centavos.
const paid = 1_093_950

// waiting brings a fresh remittance to the counters and returns its code.
func (c *counters) waiting(change ...func(*ramps.Order)) (remit.Remittance, string) {
	c.t.Helper()
	c.fundTreasury(1_950_000_000)
	r, _ := c.settling()
	_, err := c.s.Apply(c.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateSettling, To: remit.StateSettled, Funds: remit.FundsWithPartner, EventType: "remittance.settled",
	})
	c.must(err)
	o := ramps.Order{
		ID: id[remit.RampOrderID](c.world, remit.PrefixRampOrder), RemittanceID: r.ID, TenantID: r.TenantID, Direction: ramps.PayOut,
		Provider: counter.Name, Method: string(remit.PayoutCash), Country: "PH", Amount: pesos(paid), Status: ramps.StatusQueued,
	}
	for _, f := range change {
		f(&o)
	}
	r, err = c.s.Apply(c.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner, EventType: "remittance.paying_out",
		RampOrder: &o, Change: func(r *remit.Remittance) { r.PayoutOrder = o.ID },
	})
	c.must(err)
	c.must(c.desk.Pass(c.ctx))
	if got, err := c.s.RampOrder(c.ctx, o.ID); err != nil || got.Status != ramps.StatusAccepted {
		c.t.Fatalf("the counter answered %s (%s) and %v, want accepted", got.Status, got.Reason, err)
	}
	return r, c.coder.Text(string(r.ID))
}

// document is the beneficiary's.
func (c *counters) document() counter.Identity {
	return counter.Identity{Type: "passport", Number: "P1234567A", Issuer: "PH", Expires: "2031-01-31", BirthDate: "1990-04-05", Name: c.beneficiary.Party.Name()}
}

// reserve finds and reserves the pickup of a code.
func (c *counters) reserve(by counter.Caller, code string) (counter.Found, error) {
	found, err := c.service.Find(c.ctx, by, code, c.beneficiary.Party.Name())
	if err != nil {
		return counter.Found{}, err
	}
	return c.service.Reserve(c.ctx, by, counter.Reserve{
		ID: id[counter.ReservationID](c.world, counter.PrefixReservation), PickupID: found.Pickup.ID, Code: code, Identity: c.document(),
	})
}

func (c *counters) pay(by counter.Caller, code string) (counter.Pickup, error) {
	found, err := c.reserve(by, code)
	if err != nil {
		return counter.Pickup{}, err
	}
	return c.service.Confirm(c.ctx, by, found.Pickup.ID, found.Pickup.Reservation.ID)
}

// testCounterPays: a payout from code to receipt, told to the workflow and tied
// to the ledger, and a lost answer asked for again.
func testCounterPays(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 10_000_000)
	teller := c.teller(c.outlet, counter.RoleTeller)
	c.open(teller, 2_000_000)
	r, code := c.waiting()
	found, err := c.reserve(teller, strings.ToLower(strings.ReplaceAll(code, "-", " ")))
	w.must(err)
	if found.Beneficiary != w.beneficiary.Party.Name() || found.Sender != w.customer.Party.Name() || !found.ReservedHere {
		t.Fatalf("got %+v", found)
	}
	p := found.Pickup
	for range 3 { // The first answer is lost, and the second.
		got, err := c.service.Confirm(w.ctx, teller, p.ID, p.Reservation.ID)
		w.must(err)
		if got.State != counter.StatePaid || !strings.HasSuffix(got.Receipt, "-000001") || got.Commission != pesos(1000+paid/200) {
			t.Fatalf("got %+v", got)
		}
	}
	order, err := w.s.RampOrder(w.ctx, r.PayoutOrder)
	w.must(err)
	if order.Status != ramps.StatusSucceeded || !strings.HasSuffix(order.ProviderReference, "-000001") {
		t.Fatalf("got %+v", order)
	}
	if n := w.notices(r.ID); n[len(n)-1].Kind != remit.NoticePayout || n[len(n)-1].Status != string(ramps.StatusSucceeded) {
		t.Fatalf("got %+v, want the workflow to be woken", n)
	}
	if a := c.provider.Cancel(w.ctx, order); a.Status != ramps.StatusSucceeded {
		t.Fatalf("got %+v, want paid to win over a late cancel", a)
	}
	w.wantBalance(ledger.Agent(string(c.outlet.ID)), php, 8_000_000, 0)
	w.wantBalance(ledger.Drawer(string(teller.TellerID)), php, 2_000_000-paid, 0)
	w.wantBalance(ledger.Partner(counter.Name), php, paid-10_000_000, 0)
	identity, err := w.s.OpenIdentity(w.ctx, mustPickup(c, p.ID))
	w.must(err)
	if identity != c.document() {
		t.Fatalf("got %+v", identity)
	}
	w.must(w.s.ErasePerson(w.ctx, "beneficiaries/"+string(w.beneficiary.ID)))
	_, err = w.s.OpenIdentity(w.ctx, mustPickup(c, p.ID))
	w.refused(err, remit.KindPrecondition, "")
	w.verify()
}

func mustPickup(c *counters, id counter.PickupID) counter.Pickup {
	c.t.Helper()
	p, err := c.s.Pickup(c.ctx, c.tenant, id)
	c.must(err)
	return p
}

// testCounterRace: 500 attempts at once on 100 codes pay each code once.
func testCounterRace(t *testing.T, w *world) {
	const codes, each = 100, 5
	c := newCounters(w)
	c.fund(c.outlet, each*codes*paid)
	var tellers []counter.Caller
	for range each {
		by := c.teller(c.outlet, counter.RoleTeller)
		c.open(by, codes*paid)
		tellers = append(tellers, by)
	}
	var pickups []counter.Pickup
	var texts []string
	for range codes {
		r, code := c.waiting()
		order, err := w.s.RampOrder(w.ctx, r.PayoutOrder)
		w.must(err)
		p, err := w.s.PickupByCode(w.ctx, w.tenant, c.coder.Hash(c.coder.Code(string(r.ID))))
		w.must(err)
		if p.OrderID != order.ID {
			t.Fatalf("code %s leads to %s, want %s", code, p.OrderID, order.ID)
		}
		pickups, texts = append(pickups, p), append(texts, code)
	}
	results := together(codes*each, func(i int) error {
		by, n := tellers[i%each], i/each
		// Every attempt goes the whole way, and every drawer could pay all of them.
		found, err := c.service.Reserve(w.ctx, by, counter.Reserve{
			ID: id[counter.ReservationID](w, counter.PrefixReservation), PickupID: pickups[n].ID, Code: texts[n], Identity: c.document(),
		})
		if err != nil {
			return err
		}
		_, err = c.service.Confirm(w.ctx, by, found.Pickup.ID, found.Pickup.Reservation.ID)
		return err
	})
	succeeded := 0
	for _, err := range results {
		switch remit.ReasonOf(err) {
		case "":
			succeeded++
		case remit.ReasonPickupReserved, remit.ReasonPickupPaid:
		default:
			t.Fatalf("got %v, want that another counter was first", err)
		}
	}
	if succeeded != codes {
		t.Fatalf("%d attempts paid, want %d", succeeded, codes)
	}
	left := int64(0)
	for _, by := range tellers {
		left += w.balance(ledger.Drawer(string(by.TellerID)), php).Posted.Minor
	}
	if want := int64((each - 1) * codes * paid); left != want {
		t.Fatalf("the drawers hold %d, want %d", left, want)
	}
	for _, p := range pickups {
		if got := mustPickup(c, p.ID); got.State != counter.StatePaid {
			t.Fatalf("%s is %s", p.ID, got.State)
		}
	}
	report, err := c.service.DayReport(w.ctx, w.tenant, c.outlet.ID, "")
	w.must(err)
	if !report.Ties || lineOf(report, counter.MovePayout) != codes*paid {
		t.Fatalf("got %+v, want a report that ties", report.Lines)
	}
	w.verify()
}

func lineOf(r counter.Report, kind counter.MovementKind) int64 {
	for _, l := range r.Lines {
		if l.Kind == kind {
			return l.Amount.Minor
		}
	}
	return 0
}

// testCounterWithdrawn: what was withdrawn, stopped, changed or not fetched is
// not paid, reserved or not.
func testCounterWithdrawn(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 10_000_000)
	teller := c.teller(c.outlet, counter.RoleTeller)
	c.open(teller, 9_000_000)
	cash := ledger.Drawer(string(teller.TellerID))

	// Withdrawn while reserved: the withdrawal wins as long as nothing is paid.
	r, code := c.waiting()
	found, err := c.reserve(teller, code)
	w.must(err)
	_, err = w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StatePayingOut, To: remit.StatePayingOut, Funds: remit.FundsWithPartner, EventType: "note", CancelRampOrder: r.PayoutOrder,
	})
	w.must(err)
	_, err = c.service.Confirm(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID)
	w.refused(err, remit.KindPrecondition, remit.ReasonPickupNotPayable)
	if text := err.Error(); !strings.Contains(text, "+63 2 8888") || strings.Contains(text, "cancel") || strings.Contains(text, "withdr") {
		t.Fatalf("got %q, want whom to call and nothing of why", text)
	}
	w.must(c.desk.Pass(w.ctx))
	order, err := w.s.RampOrder(w.ctx, r.PayoutOrder)
	w.must(err)
	if order.Status != ramps.StatusCanceled {
		t.Fatalf("got %s, want canceled", order.Status)
	}
	_, err = c.service.Find(w.ctx, teller, code, w.beneficiary.Party.Name())
	w.refused(err, remit.KindPrecondition, remit.ReasonPickupNotPayable)

	// The beneficiary changes between document and confirmation.
	_, code = c.waiting()
	found, err = c.reserve(teller, code)
	w.must(err)
	changed := w.beneficiary
	changed.Party.Phone = "+639171234567"
	changed, err = w.s.UpdateBeneficiary(w.ctx, changed, "test")
	w.must(err)
	_, err = c.service.Confirm(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID)
	w.refused(err, remit.KindConflict, remit.ReasonPickupChanged)
	_, err = c.service.Release(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID)
	w.must(err)
	_, err = c.pay(teller, code)
	w.must(err)

	// A reservation ends by itself; a stale form pays nothing.
	_, code = c.waiting()
	found, err = c.reserve(teller, code)
	w.must(err)
	w.clock.Advance(counter.DefaultReservation)
	_, err = c.service.Confirm(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID)
	w.refused(err, remit.KindConflict, remit.ReasonReservationLapsed)
	again, err := c.reserve(teller, code)
	w.must(err)
	_, err = c.service.Confirm(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID)
	w.refused(err, remit.KindConflict, remit.ReasonReservationLapsed)
	_, err = c.service.Confirm(w.ctx, teller, again.Pickup.ID, again.Pickup.Reservation.ID)
	w.must(err)
	w.wantBalance(cash, php, 9_000_000-2*paid, 0)

	// Not fetched in time.
	r, code = c.waiting()
	w.clock.Advance(counter.DefaultExpiry)
	_, err = c.service.Find(w.ctx, teller, code, changed.Party.Name())
	w.refused(err, remit.KindPrecondition, remit.ReasonPickupExpired)
	if n, err := c.service.Sweep(w.ctx); err != nil || n != 1 {
		t.Fatalf("the sweep ended %d and %v, want one", n, err)
	}
	order, err = w.s.RampOrder(w.ctx, r.PayoutOrder)
	w.must(err)
	if order.Status != ramps.StatusFailed || order.Reason != remit.ReasonPickupExpired {
		t.Fatalf("got %s %s, want failed and expired", order.Status, order.Reason)
	}
	if n, err := c.service.Sweep(w.ctx); err != nil || n != 0 {
		t.Fatalf("the second sweep ended %d and %v, want none", n, err)
	}
	w.wantBalance(cash, php, 9_000_000-2*paid, 0)
	w.verify()
}

// testCounterCancelRace: a withdrawal and a confirmation at once have one
// outcome, which both sides are told.
func testCounterCancelRace(t *testing.T, w *world) {
	c := newCounters(w)
	const rounds = 12
	c.fund(c.outlet, 2*rounds*paid)
	teller := c.teller(c.outlet, counter.RoleTeller)
	c.open(teller, rounds*paid)
	won := map[ramps.Status]int64{}
	for range rounds {
		r, code := c.waiting()
		found, err := c.reserve(teller, code)
		w.must(err)
		order, err := w.s.RampOrder(w.ctx, r.PayoutOrder)
		w.must(err)
		var answer ramps.Answer
		var confirmed error
		var both sync.WaitGroup
		both.Go(func() { answer = c.provider.Cancel(w.ctx, order) })
		both.Go(func() { _, confirmed = c.service.Confirm(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID) })
		both.Wait()
		if (confirmed == nil) != (answer.Status == ramps.StatusSucceeded) || (confirmed != nil) != (answer.Status == ramps.StatusCanceled) {
			t.Fatalf("the counter heard %v, the desk %s", confirmed, answer.Status)
		}
		won[answer.Status]++
	}
	w.wantBalance(ledger.Drawer(string(teller.TellerID)), php, (rounds-won[ramps.StatusSucceeded])*paid, 0)
	if a := c.provider.Cancel(w.ctx, ramps.Order{
		ID: "rmp_unseen", TenantID: w.tenant, Amount: pesos(5), Country: "PH", Direction: ramps.PayOut, Method: string(remit.PayoutCash),
	}); a.Status != ramps.StatusCanceled {
		t.Fatalf("got %s for an order that never came, want canceled", a.Status)
	}
	t.Log(fmt.Sprint(won))
	w.verify()
}

// BenchCounter pays from 16 counters at once: each iteration is one attempt
// that reserves and confirms, five for every code, so that one of five
// pays. It reports attempts and payouts a second and the slowest attempt.
func BenchCounter(b *testing.B, fresh func(testing.TB) string) {
	const tellers, each = 16, 5
	c := newCounters(newWorld(b, fresh(b)))
	codes := (b.N + each - 1) / each
	c.fund(c.outlet, int64(tellers*codes)*paid)
	by := make([]counter.Caller, tellers)
	for i := range by {
		by[i] = c.teller(c.outlet, counter.RoleTeller)
		c.open(by[i], int64(codes)*paid)
	}
	pickups, texts := make([]counter.Pickup, codes), make([]string, codes)
	for i := range codes {
		var r remit.Remittance
		r, texts[i] = c.waiting()
		var err error
		pickups[i], err = c.s.PickupByCode(c.ctx, c.tenant, c.coder.Hash(c.coder.Code(string(r.ID))))
		c.must(err)
	}
	var next, succeeded, slowest atomic.Int64
	var work sync.WaitGroup
	b.ResetTimer()
	for w := range tellers {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				n, before := i/each, b.Elapsed()
				found, err := c.service.Reserve(c.ctx, by[w], counter.Reserve{
					ID: id[counter.ReservationID](c.world, counter.PrefixReservation), PickupID: pickups[n].ID, Code: texts[n], Identity: c.document(),
				})
				if err == nil {
					_, err = c.service.Confirm(c.ctx, by[w], found.Pickup.ID, found.Pickup.Reservation.ID)
				}
				took := int64(b.Elapsed() - before)
				for was := slowest.Load(); took > was && !slowest.CompareAndSwap(was, took); was = slowest.Load() {
				}
				switch remit.ReasonOf(err) {
				case "":
					succeeded.Add(1)
				case remit.ReasonPickupReserved, remit.ReasonPickupPaid:
				default:
					b.Errorf("attempt %d: %v", i, err)
				}
			}
		})
	}
	work.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
	b.ReportMetric(float64(succeeded.Load())/b.Elapsed().Seconds(), "payouts/s")
	b.ReportMetric(float64(slowest.Load())/1e6, "slowest-ms")
	if succeeded.Load() != int64(codes) {
		b.Fatalf("%d paid, want %d", succeeded.Load(), codes)
	}
	c.verify()
}
