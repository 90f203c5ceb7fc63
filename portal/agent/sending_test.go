package agent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// abroad is an outlet in New York that takes dollars, with its people.
func (w *world) abroad() *world {
	w.t.Helper()
	other := *w
	var week counter.Week
	for day := range week {
		week[day] = []counter.Span{{From: 0, To: 24 * 60}}
	}
	var err error
	other.outlet, err = w.service.PutOutlet(w.ctx, w.operator(), counter.Outlet{
		ID: id[counter.OutletID](w, counter.PrefixOutlet), AgentID: w.agent.ID, Name: "Jackson Heights", Country: "US", City: "New York", Address: "37-10 74th Street",
		Hours: counter.Hours{Zone: "America/New_York", Week: week}, Currencies: []string{"USD"},
	})
	w.must(err)
	return &other
}

// dollars gives an outlet abroad a float.
func (w *world) dollars(manager *person) {
	w.t.Helper()
	top, err := w.service.RequestTopUp(w.ctx, manager.by, id[counter.TopUpID](w, counter.PrefixTopUp), w.outlet.ID, remit.NewMoney(usd, 100_000))
	w.must(err)
	_, err = w.service.DecideTopUp(w.ctx, w.operator(), top.ID, true, "wire 8", "")
	w.must(err)
}

// TestSending takes cash for a payment in Chromium, on the real API and store,
// and pays it out with the very code that the customer was given.
func TestSending(t *testing.T) {
	w := open(t)
	browser := browse(t)
	tess := w.hire("Tess Reyes", counter.RoleTeller, 0)
	w.drawer(tess, 5_000_000)
	us := w.abroad()
	ana, mick := us.hire("Ana Lopez", counter.RoleTeller, 50_000), us.hire("Mick Doyle", counter.RoleManager, 0)
	us.dollars(mick)
	first := us.window(browser).signIn(ana)
	part := func(name string, f func(*window)) {
		if !t.Run(name, func(t *testing.T) { f(first.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	code := ""
	part("price", func(w *window) { prices(w) })
	_, err := w.service.OpenDrawer(w.ctx, ana.by, id[counter.DrawerID](w, counter.PrefixDrawer), []counter.Count{{Total: remit.NewMoney(usd, 10_000)}})
	w.must(err)
	part("a new customer sends", func(w *window) { code = sends(w) })
	second := w.window(browser).signIn(tess)
	part("it is paid out with that code", func(*window) { fetches(second.in(w.t), code, tess) })
	part("a known customer, over the limit, and back", func(w *window) { knownOverLimit(w, mick) })
	part("expired price", func(w *window) { expires(w) })
	part("sent twice", func(w *window) { sentTwice(w) })
	part("nothing is told", func(w *window) { notNow(w) })
	part("without script", func(w *window) { sendsWithoutScript(w) })
	part("to one outlet", func(w *window) { toOneOutlet(w) })
	part("in Arabic", func(w *window) { sendsInArabic(w) })
	w.sound()
}

// latest is the newest deposit's remittance.
func (w *window) latest() (counter.Deposit, remit.Remittance) {
	w.t.Helper()
	at := w.Eval("location.pathname")
	d, err := w.s.Deposit(w.world.ctx, w.tenant, counter.DepositID(at[strings.LastIndexByte(at, '/')+1:]))
	w.must(err)
	r, err := w.s.Remittance(w.world.ctx, w.tenant, d.RemittanceID)
	w.must(err)
	return d, r
}

// cleared lets the gates pass a remittance: its pay-in comes to the counter.
func (w *window) cleared() {
	w.t.Helper()
	d, r := w.latest()
	o := ramps.Order{
		ID: id[remit.RampOrderID](w.world, remit.PrefixRampOrder), RemittanceID: r.ID, TenantID: w.tenant, Direction: ramps.PayIn,
		Provider: counter.Name, Method: string(remit.FundingCash), Country: "US", Amount: d.Amount, Status: ramps.StatusQueued,
	}
	_, err := w.s.Apply(w.world.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateAwaitingFunds, Funds: remit.FundsNone, EventType: "remittance.awaiting_funds",
		RampOrder: &o, Change: func(r *remit.Remittance) { r.PayInOrder = o.ID },
	})
	w.must(err)
	w.must(w.desk.Pass(w.world.ctx))
}

// delivered carries a remittance whose cash was taken to where it is fetched.
func (w *window) delivered() {
	w.t.Helper()
	_, r := w.latest()
	w.must(w.desk.Pass(w.world.ctx))
	q := r.Quote
	coins := remit.NewMoney(remit.USDCStellar, q.Settlement.Minor*10)
	w.must(w.s.PostEntries(w.world.ctx, w.entry("treasury/"+string(r.ID), ledger.Treasury(remit.RailStellar), ledger.Capital, coins)))
	hold := w.entry(string(r.ID)+"/hold/1", ledger.InTransit(remit.RailStellar), ledger.Treasury(remit.RailStellar), coins)
	hold.Action, hold.Hold = ledger.ActionHold, id[remit.HoldID](w.world, remit.PrefixHold)
	order := settlement.Order{
		ID: id[remit.OrderID](w.world, remit.PrefixOrder), RemittanceID: r.ID, Leg: 1, Rail: remit.RailStellar, Amount: coins, Destination: "GDESTINATION", Memo: "memo", Release: "dec_x",
	}
	out := ramps.Order{
		ID: id[remit.RampOrderID](w.world, remit.PrefixRampOrder), RemittanceID: r.ID, TenantID: w.tenant, Direction: ramps.PayOut,
		Provider: counter.Name, Method: string(q.Payout), Country: q.To, Amount: q.Target, Status: ramps.StatusQueued,
	}
	for _, m := range []workflows.Move{
		{From: remit.StateAwaitingFunds, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
			Entries: []ledger.Entry{w.entry(string(r.ID)+"/funding", ledger.OnRamp(counter.Name), ledger.Remittance(r.ID), q.SourceTotal)}},
		{From: remit.StateFunded, To: remit.StateSettling, Funds: remit.FundsInTransit, EventType: "remittance.settling", Entries: []ledger.Entry{hold}, SettlementOrder: &order,
			Change: func(r *remit.Remittance) {
				r.Rail, r.SettlementOrder, r.TreasuryHold = remit.RailStellar, order.ID, hold.Hold
			}},
		{From: remit.StateSettling, To: remit.StateSettled, Funds: remit.FundsWithPartner, EventType: "remittance.settled"},
		{From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner, EventType: "remittance.paying_out", RampOrder: &out,
			Change: func(r *remit.Remittance) { r.PayoutOrder = out.ID }},
	} {
		m.Remittance = r.ID
		_, err := w.s.Apply(w.world.ctx, m)
		w.must(err)
	}
	w.must(w.desk.Pass(w.world.ctx))
	_, err := w.s.Apply(w.world.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StatePayingOut, To: remit.StateReadyForPickup, Funds: remit.FundsWithPartner, EventType: "remittance.ready_for_pickup",
	})
	w.must(err)
}

func prices(w *window) {
	w.Open("/agent/send")
	w.Shows("Send money", "Step 1 of 4", "Your drawer is not open")
	w.looks("send")
	w.Set("#q-to", "PH cash PHP")
	w.Fill("#q-amount", "1")
	w.Click("button.go")
	w.Shows("From USD 10.00", "Look at the marked fields")
	w.looks("send-wrong")
	w.Set("#q-amount", "200")
	w.Click("button.go")
	w.AwaitSeen("button[value=sender]")
	w.Shows("The price", "The customer pays", "The receiver gets", "Tax")
}

// price asks for a price of an amount, and goes on with it.
func (w *window) price(to, amount string) {
	w.t.Helper()
	w.Open("/agent/send")
	w.Set("#q-to", to)
	w.Fill("#q-amount", amount)
	w.Click("button.go")
	w.AwaitSeen("button[value=sender]")
	w.Click("button[value=sender]")
	w.AwaitSeen("#s-find-phone")
}

func sends(w *window) (code string) {
	w.price("PH cash PHP", "200")
	w.looks("sender")
	w.Click("main form[action$='/step'] button[value=sender]")
	w.AwaitSeen("#s-party-given-name")
	w.writesAlice("2031-04-12", "2020-01-31", "+1 (212) 555-0142")
	w.Click("button.go")
	w.Shows("Look at the marked fields", "The document has expired.")
	for selector, want := range map[string]string{"#s-party-given-name": "Alice", "#s-doc-number": "C01234567", "#s-party-phone": "+1 (212) 555-0142"} {
		if got := w.Eval("document.querySelector('" + selector + "').value"); got != want {
			w.t.Errorf("after a wrong field %s is %q, want %q kept", selector, got, want)
		}
	}
	w.looks("sender-wrong")
	w.Set("#s-party-date-of-birth", "1988-04-12")
	w.Set("#s-doc-expires", "2031-01-31")
	w.Click("button.go")
	w.Shows("Who receives?")
	w.looks("receiver")
	w.receiver("Maria", "Santos")
	w.Shows("Warn, tell, agree", "Alice Walker", "Maria Santos", "Protect yourself from fraud")
	w.looks("check")
	w.agree("yes")
	w.Shows("In progress", "Do not take the cash yet.")
	w.resting("checking")
	w.cleared()
	w.Shows("Take from the customer", "Count USD 200.00 and take it")
	w.looks("waiting")
	w.Click("details summary:not(header summary)")
	w.Fill(`main input[name="pieces/USD/50"]`, "5")
	w.Click("form[action$='/count'] button")
	w.Shows("Change to give back", "USD 50.00", "Did you count USD 200.00 from Alice Walker?")
	w.looks("take")
	w.Click(".sure button.go")
	w.Shows("Cash taken", "Maria Santos gets", "The code for the receiver comes in a moment")
	w.resting("taken")
	w.delivered()
	w.AwaitSeen(".payment .code-big")
	w.Shows("Only the receiver may learn this code.", "Receipt for the customer", "-000001")
	w.looks("sent")
	return w.Eval("document.querySelector('.payment .code-big').innerText")
}

// writesAlice fills in who sends: Alice Walker with a document.
func (w *window) writesAlice(born, expires, phone string) {
	w.t.Helper()
	w.Fill("#s-party-given-name", "Alice")
	w.Fill("#s-party-family-name", "Walker")
	w.Set("#s-party-date-of-birth", born)
	w.Fill("#s-doc-number", "C01234567")
	w.Set("#s-doc-expires", expires)
	w.Fill("#s-party-phone", phone)
}

// writesReceiver fills in the name of who receives.
func (w *window) writesReceiver(given, family string) {
	w.t.Helper()
	w.Fill("#r-party-given-name", given)
	w.Fill("#r-party-family-name", family)
}

// resting looks at a page that asks again by itself, and goes on.
func (w *window) resting(name string) {
	w.t.Helper()
	here := w.Eval("location.pathname")
	w.Open(here + "?still=1")
	w.looks(name)
	w.Open(here)
}

// receiver fills in who fetches cash, and goes on.
func (w *window) receiver(given, family string) {
	w.t.Helper()
	w.AwaitSeen("#r-party-given-name")
	w.writesReceiver(given, family)
	w.Click("button.go")
}

// agree answers the warning and begins the deposit.
func (w *window) agree(knows string) {
	w.t.Helper()
	w.AwaitSeen("#c-agreed")
	w.Click("input[name='c.answer.knows_recipient'][value=" + knows + "]")
	w.Click("input[name='c.answer.told_to_send'][value=no]")
	w.Click("input[name='c.answer.promised_something'][value=no]")
	w.Click("#c-agreed")
	w.Click("button.go")
	w.AwaitSeen("main [href^='/agent/send/dep_'], main form[action*='dep_']")
}

func fetches(w *window, code string, p *person) {
	before := w.cash(p)
	w.look(code, "Maria Santos")
	w.captures("Maria Santos")
	w.Click("button.go")
	w.Shows("Reserved for you")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.Shows("Paid", "to Maria Santos now.")
	if after := w.cash(p); after >= before {
		w.t.Errorf("the drawer went from %d to %d", before, after)
	}
}

func knownOverLimit(w *window, manager *person) {
	w.price("PH cash PHP", "800")
	w.Fill("#s-find-phone", "+12125550142")
	w.Fill("#s-find-name", "Somebody Else")
	w.Click("button.go")
	w.Shows("No customer fits all of this.")
	w.looks("nobody")
	w.Set("#s-find-name", "alice walker")
	w.Click("button.go")
	w.Shows("Is it this customer?", "Alice Walker", "0142")
	w.looks("known")
	w.Fill("#s-doc-number", "C01234567")
	w.Set("#s-doc-expires", "2031-01-31")
	w.Set("#s-doc-birth-date", "1988-04-12")
	w.Click("button.go")
	w.receiver("Maria", "Santos")
	w.agree("no")
	w.cleared()
	w.Shows("Manager’s approval", "Above what you may take at a time", "may be a sign of fraud")
	w.looks("take-approval")
	if w.Has("a.go") {
		w.t.Error("it is offered to take the cash before a manager approved")
	}
	w.Fill("#memail", manager.email)
	w.Fill("#mpassword", manager.password)
	w.Click("#approve button.go")
	w.AwaitSeen("#mcode")
	w.Fill("#mcode", w.code(manager))
	w.Click("#approve button.go")
	w.Shows("Approved by the manager.", "A manager approved this")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.Shows("Cash taken")
	w.Click(".undo summary")
	w.Click(".undo button")
	w.Shows("The cash is paid back with the refund code")
	w.resting("canceled-after")
}

func expires(w *window) {
	w.price("PH bank PHP", "100")
	w.Fill("#s-find-phone", "+12125550142")
	w.Fill("#s-find-name", "Alice Walker")
	w.clock.Advance(20 * time.Minute)
	w.Click("button.go")
	w.Shows("This price has ended. Nothing that you wrote is lost")
	w.looks("price-ended")
	w.Click("button[formaction='/agent/send']")
	w.Shows("The price", "Go on with this price")
	w.Click("button[value=receiver]")
	w.Shows("Who receives?", "Account number")
	w.looks("receiver-bank")
	w.AwaitSeen("#r-party-given-name")
	w.writesReceiver("Maria", "Santos")
	w.Fill("#r-account-bank-code", "BOPIPHMM")
	w.Fill("#r-account-account-number", "12")
	w.Click("button.go")
	w.Shows("This cannot be right. Read it again.")
	w.looks("receiver-wrong")
	if got := w.Eval("document.querySelector('#r-account-bank-code').value"); got != "BOPIPHMM" {
		w.t.Errorf("after a wrong field the bank is %q, want it kept", got)
	}
}

// known takes a customer who is known to the check of a payment to Maria.
func (w *window) known(to, amount string) {
	w.t.Helper()
	w.price(to, amount)
	w.Fill("#s-find-phone", "+12125550142")
	w.Fill("#s-find-name", "Alice Walker")
	w.Click("button.go")
	w.AwaitSeen("#s-doc-birth-date")
	w.Fill("#s-doc-number", "C01234567")
	w.Set("#s-doc-expires", "2031-01-31")
	w.Set("#s-doc-birth-date", "1988-04-12")
	w.Click("button.go")
	w.AwaitSeen("#r-party-given-name")
}

func sentTwice(w *window) {
	w.known("PH cash PHP", "100")
	w.receiver("Maria", "Santos")
	w.AwaitSeen("#c-agreed")
	for _, one := range []string{"knows_recipient][value=yes", "told_to_send][value=no", "promised_something][value=no"} {
		name, value, _ := strings.Cut(one, "][value=")
		w.Click("input[name='c.answer." + name + "'][value=" + value + "]")
	}
	w.Click("#c-agreed")
	path, form := w.formOf("form[action$='/deposit']")
	status, first := w.post(path, form)
	if status != http.StatusSeeOther || !strings.HasPrefix(first, "/agent/send/dep_") {
		w.t.Fatalf("got %d %.300s", status, first)
	}
	w.Click("button.go") // The stale form in the browser.
	w.Shows("Do not take the cash yet.")
	if here := w.Eval("location.pathname"); here != strings.Fields(first)[0] {
		w.t.Errorf("sending twice leads to %s and %s", first, here)
	}
	w.cleared()
	w.Shows("Count USD 100.00 and take it")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	path, form = w.formOf(".sure form")
	for range 2 {
		if status, body := w.post(path, form); status != http.StatusSeeOther {
			w.t.Fatalf("got %d %.300s", status, body)
		}
	}
	w.Click(".sure button.go")
	w.Shows("Cash taken")
}

func notNow(w *window) {
	w.known("PH cash PHP", "100")
	w.receiver("Maria", "Santos")
	w.agree("yes")
	w.Shows("Do not take the cash yet.")
	_, r := w.latest()
	_, err := w.s.Apply(w.world.ctx, workflows.Move{Remittance: r.ID, From: remit.StateCreated, To: remit.StateInReview, Funds: remit.FundsNone, EventType: "remittance.in_review"})
	w.must(err)
	w.Shows("Not possible now", "Do not take the cash.", "+63 2 8888 1234")
	w.looks("not-now")
	w.Click("form[action$='/cancel'] button")
	w.Shows("No cash was taken and nothing is sent.")
}

func sendsWithoutScript(w *window) {
	w.Script(false)
	defer w.Script(true)
	w.known("PH cash PHP", "50")
	w.receiver("Maria", "Santos")
	w.agree("yes")
	w.AwaitSeen(".payment .state.active")
	w.cleared()
	w.AwaitSeen("a.go") // The page asked again by itself.
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
}

func toOneOutlet(w *window) {
	bogota := w.outlet
	bogota.ID, bogota.Name, bogota.Country, bogota.City, bogota.Address = id[counter.OutletID](w.world, counter.PrefixOutlet), "Chapinero", "CO", "Bogota", "Calle 60 # 9-14"
	bogota.Hours.Zone, bogota.Currencies, bogota.Receipts, bogota.LowFloat = "America/Bogota", []string{"COP"}, 0, nil
	_, err := w.service.PutOutlet(w.world.ctx, w.operator(), bogota)
	w.must(err)
	w.known("CO cash COP", "60")
	w.Shows("Anywhere in the country", "Show outlets")
	w.looks("receiver-outlets")
}

func sendsInArabic(w *window) {
	w.Open("/agent/send")
	w.Click(".menu summary")
	w.Eval("document.querySelector('#language').value = 'ar'")
	w.Click(".looks button")
	w.Await("html[dir=rtl]")
	w.looks("send-ar")
	w.known("PH cash PHP", "٥٠")
	w.receiver("Maria", "Santos")
	w.AwaitSeen("#c-agreed")
	w.looks("check-ar")
	w.agree("yes")
	w.AwaitSeen(".payment .state.active")
	w.cleared()
	w.AwaitSeen("a.go")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
	w.delivered()
	w.AwaitSeen(".payment .code-big")
	w.looks("sent-ar")
	weighs(w, "/agent/send", w.Eval("location.pathname"))
}
