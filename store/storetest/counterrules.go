package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
)

// testCounterLooks: codes and names are tried in vain, and what that locks.
func testCounterLooks(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 10_000_000)
	teller, name := c.teller(c.outlet, counter.RoleTeller), w.beneficiary.Party.Name()
	r, code := c.waiting()
	_, other := c.waiting()
	find := func(by counter.Caller, code, name string) error {
		_, err := c.service.Find(w.ctx, by, code, name)
		return err
	}
	w.refused(find(teller, "not a code", name), remit.KindInvalid, remit.ReasonCodeMalformed)
	w.refused(find(teller, code, ""), remit.KindInvalid, remit.ReasonFieldRequired)
	w.refused(find(teller, code, "Somebody Else"), remit.KindNotFound, remit.ReasonPickupNotFound)
	unknown := c.coder.Text("rem_of_nobody")
	if a, b := find(teller, unknown, name), find(teller, code, "Somebody Else"); a.Error() != b.Error() {
		t.Fatalf("got %q and %q, want a wrong code and a wrong name to sound the same", a, b)
	}
	w.must(find(teller, code, name))
	// Five wrong names on one code from several tellers lock the code, also
	// against the right name.
	for range 5 {
		w.refused(find(c.teller(c.outlet, counter.RoleTeller), other, "Wrong Name"), remit.KindNotFound, remit.ReasonPickupNotFound)
	}
	w.refused(find(c.teller(c.outlet, counter.RoleTeller), other, name), remit.KindLimited, remit.ReasonCounterLocked)
	if n := len(c.audited); n == 0 || !slices.ContainsFunc(c.audited, func(e counter.AuditEvent) bool { return e.Act == "pickup.lock" && e.Facts["locked"] == "code" }) {
		t.Fatalf("the lock was not audited: %d events", n)
	}
	w.clock.Advance(time.Hour)
	w.must(find(teller, other, name))
	// Eight wrong codes lock the teller and nobody else.
	for i := range 8 {
		w.refused(find(teller, c.coder.Text(string(r.ID)+string(rune('a'+i))), name), remit.KindNotFound, remit.ReasonPickupNotFound)
	}
	w.refused(find(teller, code, name), remit.KindLimited, remit.ReasonCounterLocked)
	w.must(find(c.teller(c.outlet, counter.RoleTeller), code, name))
	// Another tenant's teller finds nothing.
	stranger := teller
	stranger.TenantID = "ten_other"
	w.refused(find(stranger, code, name), remit.KindNotFound, "")
	_, err := c.service.Pickup(w.ctx, teller, counter.PickupID("pic_none"))
	w.refused(err, remit.KindNotFound, "")
}

// testCounterRefusals: who may not work, and what may not be paid, with the
// reason of each; nothing of it moves money.
func testCounterRefusals(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 50_000_000)
	_, code := c.waiting()
	change := func(f func(*counter.Teller)) counter.Caller { return c.teller(c.outlet, counter.RoleTeller, f) }
	good := c.teller(c.outlet, counter.RoleTeller)
	outlet := func(f func(*counter.Outlet)) counter.Caller {
		return c.teller(c.newOutlet(c.agent, "Other", f), counter.RoleTeller)
	}
	skewed, unbound := good, change(func(t *counter.Teller) { t.DeviceID = "tablet-1" })
	skewed.DeviceTime = w.clock.Now().Add(-time.Hour)
	gone := c.newAgent("Gone")
	goneOutlet := c.newOutlet(gone, "Gone")
	goneTeller := c.teller(goneOutlet, counter.RoleTeller)
	gone.Suspended = true
	_, err := c.service.PutAgent(w.ctx, c.operator(), gone)
	w.must(err)
	var never counter.Week
	never[time.Sunday] = []counter.Span{{From: 1, To: 2}}
	for name, test := range map[string]struct {
		by   counter.Caller
		want remit.Reason
	}{
		"suspended teller":  {change(func(t *counter.Teller) { t.Suspended = true }), remit.ReasonCounterSuspended},
		"suspended outlet":  {outlet(func(o *counter.Outlet) { o.Suspended = true }), remit.ReasonCounterSuspended},
		"suspended agent":   {goneTeller, remit.ReasonCounterSuspended},
		"expired training":  {change(func(t *counter.Teller) { t.TrainedUntil = Start }), remit.ReasonTrainingExpired},
		"never trained":     {change(func(t *counter.Teller) { t.TrainedUntil = time.Time{} }), remit.ReasonTrainingExpired},
		"off shift":         {change(func(t *counter.Teller) { t.Shifts = never }), remit.ReasonOutsideHours},
		"closed outlet":     {outlet(func(o *counter.Outlet) { o.Hours.Week = never }), remit.ReasonOutletClosed},
		"closed day":        {outlet(func(o *counter.Outlet) { o.Hours.Closed = []string{o.Hours.Day(w.clock.Now())} }), remit.ReasonOutletClosed},
		"other device":      {unbound, remit.ReasonDeviceNotBound},
		"clock wrong":       {skewed, remit.ReasonDeviceClock},
		"agent's admin":     {c.teller(counter.Outlet{}, counter.RoleAgentAdmin), remit.ReasonForbidden},
		"other country":     {outlet(func(o *counter.Outlet) { o.Country, o.Hours.Zone = "KE", "Asia/Manila" }), remit.ReasonPickupElsewhere},
		"currency not held": {outlet(func(o *counter.Outlet) { o.Currencies = []string{"USD"} }), remit.ReasonCurrencyNotHeld},
		"no drawer":         {good, remit.ReasonDrawerNotOpen},
	} {
		if _, err := c.reserve(test.by, code); remit.ReasonOf(err) != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	unbound.DeviceID = "tablet-1"
	_, err = c.service.Find(w.ctx, unbound, code, w.beneficiary.Party.Name())
	w.must(err)
	c.open(good, 100)
	_, err = c.reserve(good, code)
	w.refused(err, remit.KindPrecondition, remit.ReasonDrawerShort)
	_, err = c.service.MoveCash(w.ctx, good, "k1", counter.MoveToDrawer, pesos(90_000_000))
	w.refused(err, remit.KindPrecondition, remit.ReasonFloatShort)
	for range 2 {
		_, err = c.service.MoveCash(w.ctx, good, "k2", counter.MoveToDrawer, pesos(2_000_000))
		w.must(err)
	}
	w.wantBalance(ledger.Drawer(string(good.TellerID)), php, 2_000_100, 0)
	c.documents(good, code)
	// Only in that network, and only at that outlet.
	_, err = c.pay(good, code)
	w.must(err)
	w.verify()
}

// documents tries documents that are not accepted.
func (c *counters) documents(by counter.Caller, code string) {
	c.t.Helper()
	found, err := c.service.Find(c.ctx, by, code, c.beneficiary.Party.Name())
	c.must(err)
	for name, test := range map[string]struct {
		change func(*counter.Identity)
		want   remit.Reason
	}{
		"expired":          {func(d *counter.Identity) { d.Expires = "2020-01-31" }, remit.ReasonDocumentExpired},
		"no expiry":        {func(d *counter.Identity) { d.Expires = "" }, remit.ReasonFieldInvalid},
		"future birth":     {func(d *counter.Identity) { d.BirthDate = "2090-01-31" }, remit.ReasonBirthDateInvalid},
		"impossible birth": {func(d *counter.Identity) { d.BirthDate = "1850-01-31" }, remit.ReasonBirthDateInvalid},
		"a minor":          {func(d *counter.Identity) { d.BirthDate = c.clock.Now().AddDate(-17, 0, 0).Format("2006-01-02") }, remit.ReasonBirthDateInvalid},
		"wrong country":    {func(d *counter.Identity) { d.Type, d.Issuer = "driving_licence", "MX" }, remit.ReasonDocumentRefused},
		"unknown kind":     {func(d *counter.Identity) { d.Type = "library_card" }, remit.ReasonDocumentRefused},
		"wrong number":     {func(d *counter.Identity) { d.Type, d.Number = "national_id", "12" }, remit.ReasonFieldInvalid},
		"another name":     {func(d *counter.Identity) { d.Name = "Somebody Else" }, remit.ReasonNameMismatch},
	} {
		d := c.document()
		test.change(&d)
		_, err := c.service.Reserve(c.ctx, by, counter.Reserve{
			ID: id[counter.ReservationID](c.world, counter.PrefixReservation), PickupID: found.Pickup.ID, Code: code, Identity: d,
		})
		if remit.ReasonOf(err) != test.want {
			c.t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// testCounterApproval: what a teller may not do alone needs another person, a
// manager of the outlet.
func testCounterApproval(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 50_000_000)
	teller := c.teller(c.outlet, counter.RoleTeller, func(t *counter.Teller) {
		t.Limits = map[string]counter.Limit{"PHP": {PerPayout: paid - 1, PerDay: paid}}
	})
	c.open(teller, 9_000_000)
	_, code := c.waiting()
	found, err := c.reserve(teller, code)
	w.must(err)
	p := found.Pickup
	if want := []counter.Approval{counter.ApprovalPayoutLimit}; !slices.Equal(p.Reservation.Needs, want) {
		t.Fatalf("got %v, want %v", p.Reservation.Needs, want)
	}
	_, err = c.service.Confirm(w.ctx, teller, p.ID, p.Reservation.ID)
	w.refused(err, remit.KindPrecondition, remit.ReasonApprovalNeeded)
	for name, by := range map[string]counter.Caller{
		"the teller": teller, "another teller": c.teller(c.outlet, counter.RoleTeller),
		"another outlet's manager": c.teller(c.newOutlet(c.agent, "Other"), counter.RoleManager),
	} {
		if _, err := c.service.Approve(w.ctx, by, p.ID, p.Reservation.ID); remit.KindOf(err) != remit.KindForbidden {
			t.Errorf("%s: got %v, want forbidden", name, err)
		}
	}
	_, err = c.service.Approve(w.ctx, c.teller(c.outlet, counter.RoleManager), p.ID, p.Reservation.ID)
	w.must(err)
	_, err = c.service.Confirm(w.ctx, c.teller(c.outlet, counter.RoleTeller), p.ID, p.Reservation.ID)
	w.refused(err, remit.KindConflict, remit.ReasonPickupReserved)
	_, err = c.service.Confirm(w.ctx, teller, p.ID, p.Reservation.ID)
	w.must(err)
	// The day's limit is used up now; the admin of the agent approves as well.
	_, code = c.waiting()
	found, err = c.reserve(teller, code)
	w.must(err)
	if !slices.Contains(found.Pickup.Reservation.Needs, counter.ApprovalDayLimit) {
		t.Fatalf("got %v, want the day's limit", found.Pickup.Reservation.Needs)
	}
	_, err = c.service.Approve(w.ctx, c.teller(counter.Outlet{}, counter.RoleAgentAdmin), found.Pickup.ID, found.Pickup.Reservation.ID)
	w.must(err)
	_, err = c.service.Confirm(w.ctx, teller, found.Pickup.ID, found.Pickup.Reservation.ID)
	w.must(err)
	// Above what the outlet pays out nobody can approve.
	small := c.newOutlet(c.agent, "Small", func(o *counter.Outlet) { o.Limits = map[string]counter.Limit{"PHP": {PerPayout: 1000}} })
	c.fund(small, 5_000_000)
	at := c.teller(small, counter.RoleTeller)
	c.open(at, 2_000_000)
	_, code = c.waiting()
	_, err = c.reserve(at, code)
	w.refused(err, remit.KindPrecondition, remit.ReasonCounterLimit)
	st, err := c.service.CommissionStatement(w.ctx, w.tenant, c.agent.ID, Start, Start.AddDate(1, 0, 0))
	w.must(err)
	const each = 1000 + paid/200
	if len(st.Movements) != 2 || !slices.Equal(st.Owed, []remit.Money{pesos(2 * each)}) {
		t.Fatalf("got %+v", st)
	}
	pay := func(by counter.Caller, key string, minor int64, reference string) error {
		return c.service.PayCommission(w.ctx, by, counter.CommissionPayment{Key: key, AgentID: c.agent.ID, Amount: pesos(minor), Reference: reference})
	}
	w.refused(pay(c.operator(), "c1", 2*each+1, ""), remit.KindPrecondition, remit.ReasonInsufficientFunds)
	w.refused(pay(c.operator(), "c1", 0, ""), remit.KindInvalid, remit.ReasonAmountNotPositive)
	w.refused(pay(c.operator(), "c1", each, strings.Repeat("x", 141)), remit.KindInvalid, remit.ReasonFieldInvalid)
	staff := c.hire("payee", "manager")
	c.teller(small, counter.RoleManager, func(t *counter.Teller) { t.StaffID = staff.ID })
	own := c.operator()
	own.Actor = string(staff.ID)
	w.refused(pay(own, "c1", each, "to myself"), remit.KindForbidden, remit.ReasonSecondPerson)
	for range 2 {
		w.must(pay(c.operator(), "c2", each, " wire 4711 "))
	}
	w.refused(pay(c.operator(), "c2", each-1, "wire 4711"), remit.KindConflict, remit.ReasonIdempotencyReused)
	st, err = c.service.CommissionStatement(w.ctx, w.tenant, c.agent.ID, Start, Start.AddDate(1, 0, 0))
	w.must(err)
	if !slices.Equal(st.Owed, []remit.Money{pesos(each)}) {
		t.Fatalf("got %v owed, want half", st.Owed)
	}
	if !slices.ContainsFunc(st.Movements, func(m counter.Movement) bool {
		return m.Kind == counter.MoveCommissionPaid && m.Amount == pesos(each) && m.Reference == "wire 4711"
	}) {
		t.Errorf("the payment is not in %+v", st.Movements)
	}
	w.verify()
}

// testCounterDrawers: a drawer's day, over and short, handed over, and a report
// that ties to the ledger.
func testCounterDrawers(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 10_000_000)
	manager, teller, next := c.teller(c.outlet, counter.RoleManager), c.teller(c.outlet, counter.RoleTeller), c.teller(c.outlet, counter.RoleTeller)
	first := c.open(teller, 3_000_000)
	_, err := c.service.OpenDrawer(w.ctx, teller, id[counter.DrawerID](w, counter.PrefixDrawer), nil)
	w.refused(err, remit.KindConflict, remit.ReasonDrawerOpen)
	_, code := c.waiting()
	_, err = c.pay(teller, code)
	w.must(err)
	bad := counted(5)
	bad[0].Pieces = []counter.Pieces{{Minor: 2, Count: 2}}
	_, err = c.service.CloseDrawer(w.ctx, teller, counter.Close{DrawerID: first.ID, Counts: bad})
	w.refused(err, remit.KindInvalid, remit.ReasonCountMismatch)
	_, err = c.service.CloseDrawer(w.ctx, next, counter.Close{DrawerID: first.ID, Counts: counted(1)})
	w.refused(err, remit.KindForbidden, "")
	// Short: nothing moves until a manager agrees, not the teller themselves.
	const left, short = 3_000_000 - paid, 500
	d, err := c.service.CloseDrawer(w.ctx, teller, counter.Close{DrawerID: first.ID, Counts: counted(left - short), Reason: "a note fell"})
	w.must(err)
	if d.State != counter.DrawerCounted || d.Differences[0].Over() != pesos(-short) {
		t.Fatalf("got %+v", d)
	}
	_, err = c.service.DecideDrawer(w.ctx, teller, d.ID, true)
	w.refused(err, remit.KindForbidden, "")
	_, err = c.service.MoveCash(w.ctx, teller, "x", counter.MoveFromDrawer, pesos(1))
	w.refused(err, remit.KindPrecondition, remit.ReasonDrawerNotOpen)
	_, err = c.service.DecideDrawer(w.ctx, manager, d.ID, false)
	w.must(err)
	_, err = c.service.CloseDrawer(w.ctx, teller, counter.Close{DrawerID: first.ID, Counts: counted(left - short)})
	w.must(err)
	for range 2 {
		d, err = c.service.DecideDrawer(w.ctx, manager, d.ID, true)
		w.must(err)
	}
	if d.State != counter.DrawerClosed {
		t.Fatalf("got %s, want closed", d.State)
	}
	w.wantBalance(ledger.Drawer(string(teller.TellerID)), php, 0, 0)
	w.wantBalance("expense/cash-short", php, short, 0)
	// The opening comes again, late: it opens nothing.
	late, err := c.service.OpenDrawer(w.ctx, teller, first.ID, counted(3_000_000))
	w.must(err)
	if late.State != counter.DrawerClosed {
		t.Fatalf("got %s, want the closed drawer", late.State)
	}
	// Over, then handed over.
	second := c.open(teller, 1_000_000)
	more := func() {
		_, err := c.service.MoveCash(w.ctx, teller, "more", counter.MoveToDrawer, pesos(10_000))
		w.must(err)
	}
	more()
	d, err = c.service.CloseDrawer(w.ctx, teller, counter.Close{DrawerID: second.ID, Counts: counted(1_010_700)})
	w.must(err)
	_, err = c.service.DecideDrawer(w.ctx, manager, d.ID, true)
	w.must(err)
	w.wantBalance("revenue/cash-over", php, 700, 0)
	third := c.open(teller, 1_000_000)
	more() // It was moved into the drawer before this one, and its answer was lost.
	w.wantBalance(ledger.Drawer(string(teller.TellerID)), php, 1_000_000, 0)
	d, err = c.service.CloseDrawer(w.ctx, teller, counter.Close{DrawerID: third.ID, Counts: counted(1_000_000), NextTeller: next.TellerID})
	w.must(err)
	if d.State != counter.DrawerOffered {
		t.Fatalf("got %s, want offered", d.State)
	}
	fresh := id[counter.DrawerID](w, counter.PrefixDrawer)
	_, err = c.service.TakeOver(w.ctx, next, third.ID, fresh, counted(999_999))
	w.refused(err, remit.KindInvalid, remit.ReasonCountMismatch)
	_, err = c.service.TakeOver(w.ctx, manager, third.ID, fresh, counted(1_000_000))
	w.refused(err, remit.KindForbidden, "")
	for range 2 {
		_, err = c.service.TakeOver(w.ctx, next, third.ID, fresh, counted(1_000_000))
		w.must(err)
	}
	w.wantBalance(ledger.Drawer(string(next.TellerID)), php, 1_000_000, 0)
	w.wantBalance(ledger.Drawer(string(teller.TellerID)), php, 0, 0)
	report, err := c.service.DayReport(w.ctx, w.tenant, c.outlet.ID, "")
	w.must(err)
	if !report.Ties || len(report.Opening) != 0 || len(report.Drawers) != 4 || lineOf(report, counter.MoveShort) != short || lineOf(report, counter.MoveOver) != 700 {
		t.Fatalf("got %+v", report)
	}
	_, err = c.service.DayReport(w.ctx, "ten_other", c.outlet.ID, "")
	w.refused(err, remit.KindNotFound, "")
	// The report notices money that moved past the counters.
	w.must(w.s.PostEntries(w.ctx, w.entry("behind", ledger.Agent(string(c.outlet.ID)), ledger.Capital, pesos(1))))
	report, err = c.service.DayReport(w.ctx, w.tenant, c.outlet.ID, "")
	w.must(err)
	if report.Ties {
		t.Fatal("the report ties although money moved past the counters")
	}
	w.verify()
}

// testCounterReach: a payment for one network or outlet is paid there only, and
// the finder tells where.
func testCounterReach(t *testing.T, w *world) {
	c := newCounters(w)
	far := c.newOutlet(c.agent, "Far", func(o *counter.Outlet) {
		o.City, o.Place = "Cebu", &counter.Place{Latitude: 10_315_700, Longitude: 123_885_400}
	})
	shut := c.newOutlet(c.agent, "Shut", func(o *counter.Outlet) { o.Suspended = true })
	c.fund(far, 5_000_000)
	names := func(n counter.Near) (out []string) {
		n.TenantID = w.tenant
		found, err := c.service.FindOutlets(w.ctx, n)
		w.must(err)
		for _, f := range found {
			out = append(out, f.Outlet.Name)
		}
		return out
	}
	near := &counter.Place{Latitude: 14_600_000, Longitude: 120_980_000}
	for name, test := range map[string]struct {
		ask  counter.Near
		want []string
	}{
		"all":      {counter.Near{}, []string{"Far", "Quiapo"}},
		"city":     {counter.Near{OutletFilter: counter.OutletFilter{Country: "PH", City: "cebu"}}, []string{"Far"}},
		"country":  {counter.Near{OutletFilter: counter.OutletFilter{Country: "KE"}}, nil},
		"near":     {counter.Near{Point: near}, []string{"Quiapo"}},
		"far":      {counter.Near{Point: near, Metres: 1_000_000}, []string{"Quiapo", "Far"}},
		"currency": {counter.Near{Currency: "USD"}, nil},
		"float":    {counter.Near{Amount: pesos(5_000_000)}, []string{"Far"}},
		"more":     {counter.Near{Amount: pesos(5_000_001)}, nil},
		"limit":    {counter.Near{Limit: 1}, []string{"Far"}},
	} {
		if got := names(test.ask); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	w.clock.Advance(12 * time.Hour)
	if got := names(counter.Near{OpenNow: true}); len(got) != 0 && len(got) != 2 {
		t.Errorf("open now: got %v", got)
	}
	in := ramps.Instruction{
		Order: ramps.Order{ID: "rmp_x", TenantID: w.tenant, Country: "PH", Amount: pesos(5), Direction: ramps.PayOut, Method: string(remit.PayoutCash), CreatedAt: Start},
		Party: w.beneficiary.Party, Account: map[string]string{counter.FieldOutlet: string(far.ID)},
	}
	w.must(c.provider.Validate(w.ctx, in))
	for range 2 {
		if a := c.provider.Submit(w.ctx, in); a.Status != ramps.StatusAccepted {
			t.Fatalf("got %+v, want accepted", a)
		}
	}
	other := in
	other.Order.Amount = pesos(6)
	if a := c.provider.Submit(w.ctx, other); a.Status != ramps.StatusUnknown {
		t.Fatalf("got %+v for another amount, want unknown", a)
	}
	if a := c.provider.Lookup(w.ctx, in.Order); a.Status != ramps.StatusAccepted {
		t.Fatalf("got %+v, want accepted", a)
	}
	unseen := in.Order
	unseen.ID = "rmp_y"
	if a := c.provider.Lookup(w.ctx, unseen); a.Status != ramps.StatusQueued {
		t.Fatalf("got %+v, want queued", a)
	}
	in.Order.ID, in.Account = "rmp_z", map[string]string{counter.FieldOutlet: string(shut.ID)}
	w.refused(c.provider.Validate(w.ctx, in), remit.KindInvalid, remit.ReasonMethodNotOffered)
	if a := c.provider.Submit(w.ctx, in); a.Status != ramps.StatusFailed || a.Fixer == "" {
		t.Fatalf("got %+v for an outlet that is suspended, want failed", a)
	}
}
