package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/workflows"
)

// cashIn is an outlet that takes dollars.
type cashIn struct {
	*counters
	shop counter.Outlet
}

func newCashIn(w *world) *cashIn {
	w.t.Helper()
	c := &cashIn{counters: newCounters(w)}
	c.agent.CashInCommissions = map[string]counter.Commission{"USD": {FixedMinor: 100, BasisPoints: 100}}
	var err error
	c.agent, err = c.service.PutAgent(c.ctx, c.operator(), c.agent)
	c.must(err)
	c.shop = c.dollarShop()
	return c
}

// dollarShop is an outlet that is always open.
func (c *cashIn) dollarShop(change ...func(*counter.Outlet)) counter.Outlet {
	var always counter.Week
	for day := range always {
		always[day] = []counter.Span{{From: 0, To: 24 * 60}}
	}
	return c.newOutlet(c.agent, "Miami", append([]func(*counter.Outlet){func(o *counter.Outlet) {
		o.Country, o.Currencies, o.Hours = "US", []string{"USD"}, counter.Hours{Zone: "America/New_York", Week: always}
		o.LowFloat = nil
	}}, change...)...)
}

// cashier is a teller with an open drawer, empty.
func (c *cashIn) cashier(change ...func(*counter.Teller)) counter.Caller {
	c.t.Helper()
	return c.cashierAt(c.shop, change...)
}

func (c *cashIn) cashierAt(o counter.Outlet, change ...func(*counter.Teller)) counter.Caller {
	c.t.Helper()
	by := c.teller(o, counter.RoleTeller, change...)
	_, err := c.service.OpenDrawer(c.ctx, by, id[counter.DrawerID](c.world, counter.PrefixDrawer), nil)
	c.must(err)
	return by
}

// cashQuote is a quote for cash.
func (c *cashIn) cashQuote() remit.Quote {
	c.t.Helper()
	q := c.quote()
	q.ID, q.Funding, q.FundingProvider = id[remit.QuoteID](c.world, remit.PrefixQuote), remit.FundingCash, counter.Name
	q.CreatedAt, q.ExpiresAt = c.clock.Now(), c.clock.Now().Add(15*time.Minute)
	c.must(c.s.CreateQuote(c.ctx, q))
	return q
}

// papers is the customer's document.
func (c *cashIn) papers() counter.Identity {
	return counter.Identity{Type: "passport", Number: "X1234567", Issuer: "US", Expires: "2031-01-31", BirthDate: "1990-04-05", Name: c.customer.Party.Name()}
}

// shown is a customer who was told everything and answered well.
func (c *cashIn) shown() counter.Shown {
	text := c.service.Terms().In("es-CO")
	s := counter.Shown{WarningVersion: text.Version, DisclosuresVersion: text.Version, Language: text.Language, Answers: map[string]string{}}
	for _, q := range text.Questions {
		s.Answers[q.ID] = map[string]string{"yes": "no", "no": "yes"}[q.Risky]
	}
	for _, d := range text.Disclosures {
		s.Accepted = append(s.Accepted, d.ID)
	}
	return s
}

// beginning is what a teller begins a deposit with.
func (c *cashIn) beginning(by counter.Caller) counter.NewDeposit {
	c.t.Helper()
	c.must(c.service.NoteCustomer(c.ctx, by, c.customer.ID))
	return counter.NewDeposit{
		RemittanceID: id[remit.RemittanceID](c.world, remit.PrefixRemittance), Quote: c.cashQuote(), Customer: c.customer,
		BeneficiaryID: c.beneficiary.ID, Identity: c.papers(), Shown: c.shown(),
	}
}

// begun is a deposit with its remittance, before the gate.
func (c *cashIn) begun(by counter.Caller, change ...func(*counter.NewDeposit)) counter.Deposit {
	c.t.Helper()
	in := c.beginning(by)
	for _, f := range change {
		f(&in)
	}
	d, err := c.service.BeginDeposit(c.ctx, by, in)
	c.must(err)
	_, err = c.s.CreateRemittance(c.ctx, api.NewRemittance{
		ID: in.RemittanceID, TenantID: c.tenant, QuoteID: in.Quote.ID, CustomerID: c.customer.ID, BeneficiaryID: c.beneficiary.ID, FundingSource: string(d.OutletID),
	})
	c.must(err)
	return d
}

// asked brings a deposit past the gate: the pay-in order waits at the counter.
func (c *cashIn) asked(d counter.Deposit) ramps.Order {
	c.t.Helper()
	o := ramps.Order{
		ID: id[remit.RampOrderID](c.world, remit.PrefixRampOrder), RemittanceID: d.RemittanceID, TenantID: c.tenant, Direction: ramps.PayIn,
		Provider: counter.Name, Method: string(remit.FundingCash), Country: "US", Amount: d.Amount, Status: ramps.StatusQueued,
	}
	_, err := c.s.Apply(c.ctx, workflows.Move{
		Remittance: d.RemittanceID, From: remit.StateCreated, To: remit.StateAwaitingFunds, Funds: remit.FundsNone, EventType: "remittance.awaiting_funds",
		RampOrder: &o, Change: func(r *remit.Remittance) { r.PayInOrder = o.ID },
	})
	c.must(err)
	c.must(c.desk.Pass(c.ctx))
	return o
}

// ready is a deposit whose cash may be taken.
func (c *cashIn) ready(by counter.Caller, change ...func(*counter.NewDeposit)) (counter.Deposit, ramps.Order) {
	c.t.Helper()
	d := c.begun(by, change...)
	o := c.asked(d)
	d, err := c.s.Deposit(c.ctx, c.tenant, d.ID)
	c.must(err)
	if d.State != counter.DepositWaiting || c.order(o.ID).Status != ramps.StatusAccepted {
		c.t.Fatalf("got %s and %s, want a deposit that waits", d.State, c.order(o.ID).Status)
	}
	return d, o
}

func (c *cashIn) order(id remit.RampOrderID) ramps.Order {
	c.t.Helper()
	o, err := c.s.RampOrder(c.ctx, id)
	c.must(err)
	return o
}

func (c *cashIn) take(by counter.Caller, d counter.Deposit) (counter.Deposit, error) {
	return c.service.TakeDeposit(c.ctx, by, counter.Take{DepositID: d.ID})
}

// funded books the cash as the workflow does.
func (c *cashIn) fundedWith(d counter.Deposit) {
	c.t.Helper()
	e := c.entry(string(d.RemittanceID)+"/funding", ledger.OnRamp(counter.Name), ledger.Remittance(d.RemittanceID), d.Amount)
	_, err := c.s.Apply(c.ctx, workflows.Move{
		Remittance: d.RemittanceID, From: remit.StateAwaitingFunds, To: remit.StateFunded, Funds: remit.FundsHeld,
		EventType: "remittance.funded", Entries: []ledger.Entry{e},
	})
	c.must(err)
}

// ties checks that an outlet's day ties to the ledger.
func (c *cashIn) ties() counter.Report {
	c.t.Helper()
	report, err := c.service.DayReport(c.ctx, c.tenant, c.shop.ID, "")
	c.must(err)
	if !report.Ties {
		c.t.Fatalf("got %+v, want a report that ties", report)
	}
	c.verify()
	return report
}

// testCashIn: cash from the customer's agreement to the receipt, a lost answer
// asked for again, and back to the customer in cash.
func testCashIn(t *testing.T, w *world) {
	c := newCashIn(w)
	by := c.cashier()
	d, o := c.ready(by)
	if d.Warning.Language != "es" || d.Warning.Answers["told_to_send"] != "no" || !slices.Contains(d.Disclosures.Accepted, "cancellation") || d.Disclosures.At.IsZero() {
		t.Fatalf("got %+v and %+v, want what the customer was told", d.Warning, d.Disclosures)
	}
	if id, err := w.s.OpenOriginator(w.ctx, d); err != nil || id != c.papers() {
		t.Fatalf("got %+v and %v, want the document", id, err)
	}
	counted := counter.Take{
		DepositID: d.ID, Received: &counter.Count{Total: dollars(25_000), Pieces: []counter.Pieces{{Minor: 5000, Count: 5}}},
		Change: &counter.Count{Total: dollars(5_000)},
	}
	wrong := counted
	wrong.Change = &counter.Count{Total: dollars(4_999)}
	_, err := c.service.TakeDeposit(w.ctx, by, wrong)
	w.refused(err, remit.KindInvalid, remit.ReasonCountMismatch)
	_, err = c.service.TakeDeposit(w.ctx, by, counter.Take{DepositID: d.ID, Received: &counter.Count{Total: dollars(20_000), Pieces: []counter.Pieces{{Minor: 5000, Count: 5}}}})
	w.refused(err, remit.KindInvalid, remit.ReasonCountMismatch)
	for range 3 { // The first answer is lost, and the second.
		got, err := c.service.TakeDeposit(w.ctx, by, counted)
		w.must(err)
		if got.State != counter.DepositTaken || !strings.HasSuffix(got.Receipt, "-000001") || got.Commission != dollars(100+200) {
			t.Fatalf("got %+v", got)
		}
	}
	if got := c.order(o.ID); got.Status != ramps.StatusSucceeded || got.Received != d.Amount || !strings.HasSuffix(got.ProviderReference, "-000001") {
		t.Fatalf("got %+v", got)
	}
	if n := w.notices(d.RemittanceID); n[len(n)-1].Kind != remit.NoticeFunding || n[len(n)-1].Status != string(ramps.StatusSucceeded) {
		t.Fatalf("got %+v, want the workflow to be woken", n)
	}
	if a := c.provider.Cancel(w.ctx, c.order(o.ID)); a.Status != ramps.StatusSucceeded {
		t.Fatalf("got %+v, want cash that was taken to win over a late cancel", a)
	}
	w.wantBalance(ledger.Drawer(string(by.TellerID)), usd, 20_000, 0)
	c.fundedWith(d)
	w.wantBalance(ledger.OnRamp(counter.Name), usd, 0, 0)
	if r := c.ties(); lineOf(r, counter.MoveCashIn) != 20_000 || lineOf(r, counter.MoveCommission) != 300 {
		t.Fatalf("got %+v", r.Lines)
	}
	c.backInCash(d, by)
}

// backInCash refunds a deposit and has the customer fetch it.
func (c *cashIn) backInCash(d counter.Deposit, by counter.Caller) {
	c.t.Helper()
	refund := ramps.Order{
		ID: id[remit.RampOrderID](c.world, remit.PrefixRampOrder), RemittanceID: d.RemittanceID, TenantID: c.tenant, Direction: ramps.Refund,
		Provider: counter.Name, Method: string(remit.FundingCash), Country: "US", Amount: d.Amount, RefundOf: d.OrderID, Status: ramps.StatusQueued,
	}
	_, err := c.s.Apply(c.ctx, workflows.Move{
		Remittance: d.RemittanceID, From: remit.StateFunded, To: remit.StateRefunding, Funds: remit.FundsHeld, EventType: "remittance.refunding",
		RampOrder: &refund, Change: func(r *remit.Remittance) { r.RefundOrder = refund.ID },
	})
	c.must(err)
	c.must(c.desk.Pass(c.ctx))
	d, err = c.s.Deposit(c.ctx, c.tenant, d.ID)
	c.must(err)
	waiting, err := c.service.RefundOf(c.ctx, d)
	c.must(err)
	codes := make(map[string]string)
	for who, caller := range map[string]counter.Caller{"taker": by, "colleague": c.cashier(), "manager": c.teller(c.shop, counter.RoleManager)} {
		codes[who], err = c.service.RefundCode(c.ctx, caller, d, waiting)
		c.must(err)
	}
	code := codes["taker"]
	if code == "" || codes["colleague"] != "" || codes["manager"] != code {
		c.t.Fatalf("got codes %v, want it for who took the cash and for a manager", codes)
	}
	_, err = c.service.Find(c.ctx, by, code, c.beneficiary.Party.Name())
	c.refused(err, remit.KindNotFound, remit.ReasonPickupNotFound)
	elsewhere := c.counters.newAgent("Elsewhere")
	other := c.teller(c.newOutlet(elsewhere, "Orlando", func(o *counter.Outlet) {
		o.Country, o.Currencies, o.Hours, o.LowFloat = "US", []string{"USD"}, c.shop.Hours, nil
	}), counter.RoleTeller, func(t *counter.Teller) { t.AgentID = elsewhere.ID })
	_, err = c.service.Find(c.ctx, other, code, c.customer.Party.Name())
	c.refused(err, remit.KindPrecondition, remit.ReasonPickupElsewhere)
	found, err := c.service.Find(c.ctx, by, code, c.customer.Party.Name())
	c.must(err)
	if found.Beneficiary != c.customer.Party.Name() || !found.Pickup.Refund || found.Pickup.Amount != d.Amount {
		c.t.Fatalf("got %+v, want the originator's own money", found)
	}
	held, err := c.service.Reserve(c.ctx, by, counter.Reserve{
		ID: id[counter.ReservationID](c.world, counter.PrefixReservation), PickupID: found.Pickup.ID, Code: code, Identity: c.papers(),
	})
	c.must(err)
	for range 2 {
		paid, err := c.service.Confirm(c.ctx, by, held.Pickup.ID, held.Pickup.Reservation.ID)
		c.must(err)
		if paid.Commission.IsPositive() {
			c.t.Fatalf("got %s for giving back what was taken", paid.Commission)
		}
	}
	if got := c.order(refund.ID); got.Status != ramps.StatusSucceeded {
		c.t.Fatalf("got %+v", got)
	}
	e := c.entry(string(d.RemittanceID)+"/refund", ledger.Remittance(d.RemittanceID), ledger.OnRamp(counter.Name), d.Amount)
	_, err = c.s.Apply(c.ctx, workflows.Move{
		Remittance: d.RemittanceID, From: remit.StateRefunding, To: remit.StateRefunded, Funds: remit.FundsReturned, EventType: "remittance.refunded", Entries: []ledger.Entry{e},
	})
	c.must(err)
	c.wantBalance(ledger.Drawer(string(by.TellerID)), usd, 0, 0)
	c.wantBalance(ledger.OnRamp(counter.Name), usd, 0, 0)
	c.ties()
}

// testCashInRace: ten tellers at once take the cash of one deposit, and one does;
// each asks three times at once.
func testCashInRace(t *testing.T, w *world) {
	const tellers, deposits, each = 10, 8, 3
	c := newCashIn(w)
	var all []counter.Caller
	for range tellers {
		all = append(all, c.cashier())
	}
	var list []counter.Deposit
	for i := range deposits {
		d, _ := c.ready(all[i])
		list = append(list, d)
	}
	results := together(deposits*tellers*each, func(i int) error {
		d, by := list[i%deposits], all[i/deposits%tellers]
		_, err := c.take(by, d)
		if err == nil {
			return errors.New(string(d.ID) + " " + string(by.TellerID))
		}
		if remit.ReasonOf(err) != remit.ReasonDepositTaken {
			return fmt.Errorf("unexpected: %w", err)
		}
		return nil
	})
	takers := make(map[string]bool)
	for _, err := range results {
		switch {
		case err == nil:
		case strings.HasPrefix(err.Error(), "unexpected"):
			t.Fatal(err)
		default:
			takers[err.Error()] = true
		}
	}
	if len(takers) != deposits {
		t.Fatalf("got %v, want one taker of each deposit", takers)
	}
	held := int64(0)
	for _, by := range all {
		held += w.balance(ledger.Drawer(string(by.TellerID)), usd).Posted.Minor
	}
	if held != deposits*20_000 {
		t.Fatalf("the drawers hold %d, want %d", held, deposits*20_000)
	}
	if r := c.ties(); lineOf(r, counter.MoveCashIn) != deposits*20_000 {
		t.Fatalf("got %+v", r.Lines)
	}
}
