package agent_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openremit/remit"
	"github.com/openremit/remit/internal/testenv/browser"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/portal/agent"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/workflows"
)

// TestSendingMore takes cash for every way of being paid, with the fields that
// countries ask for, and offers whom a customer sent to before.
func TestSendingMore(t *testing.T) {
	browser.SkipUnderRace(t)
	w := open(t)
	browser := browse(t)
	us := w.abroad()
	ana, mick := us.hire("Ana Lopez", counter.RoleTeller, 50_000), us.hire("Mick Doyle", counter.RoleManager, 0)
	us.dollars(mick)
	_, err := w.service.OpenDrawer(w.ctx, ana.by, id[counter.DrawerID](w, counter.PrefixDrawer), []counter.Count{{Total: remit.NewMoney(usd, 10_000)}})
	w.must(err)
	first := us.window(browser).signIn(ana)
	manager := us.window(browser).signIn(mick)
	for _, part := range []struct {
		name string
		does func(*window)
	}{
		{"cash only where it can be fetched", cashWhereServed},
		{"mobile money", sendsMobileMoney},
		{"to the same again", sendsAgain},
		{"residence stays", residenceStays},
		{"fields of the country", fieldsOfTheCountry},
		{"wallet", sendsToWallet},
		{"from the manager's list", func(w *window) { takesFromTheList(w, manager.in(w.t)) }},
		{"refund", refunds},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.does(first.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	w.sound()
}

// cashWhereServed: cash is offered where an outlet pays it, and refused by the
// API where none does.
func cashWhereServed(w *window) {
	w.Open("/agent/send")
	choices := w.Eval("[...document.querySelectorAll('#q-to option')].map(o => o.value).join(';')")
	for value, want := range map[string]bool{"PH cash PHP": true, "CO cash COP": false, "CO bank COP": true, "CO mobile_money COP": true, "CO wallet USD": true} {
		if got := strings.Contains(choices, value); got != want {
			w.t.Errorf("%s is offered: %v, want %v", value, got, want)
		}
	}
	path, form := w.formOf("main form[action$='/send']")
	form.Set("q.to", "CO cash COP")
	form.Set("q.amount", "100")
	if status, body := w.post(path, form); status != 422 && status != 400 || strings.Contains(body, "value=\"sender\"") {
		w.t.Errorf("cash that nobody pays: got %d %.300s", status, body)
	}
}

// hands takes the cash of a deposit that was agreed to.
func (w *window) hands() {
	w.t.Helper()
	w.cleared()
	w.AwaitSeen("a.go")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
}

func sendsMobileMoney(w *window) {
	w.price("PH mobile_money PHP", "100")
	w.Click("main form[action$='/step'] button[value=sender]")
	w.AwaitSeen("#s-party-given-name")
	w.writesAlice("1988-04-12", "2031-01-31", "+1 (212) 555-0142")
	w.Click("button.go")
	w.AwaitSeen("#r-account-operator")
	w.Shows("Operator", "Phone number", "+639171234567")
	w.Do(chromedp.SetValue("#r-account-operator", "gcash"))
	w.writesReceiver("Maria", "Santos")
	w.Fill("#r-account-phone", "+1 212 555 0199")
	w.Click("button.go")
	w.Shows("Look at the marked fields")
	if got := w.Eval("document.querySelector('[aria-invalid=true]').id"); got != "r-account-phone" {
		w.t.Errorf("the field that is marked is %q", got)
	}
	w.looks("receiver-mobile-wrong")
	w.Set("#r-account-phone", "+63 917 123 4567")
	w.Click("button.go")
	w.agree("yes")
	w.hands()
	w.Shows("…4567")
	w.resting("sent-mobile")
	w.delivered()
}

func sendsAgain(w *window) {
	w.known("PH mobile_money PHP", "120")
	w.Shows("Sent to before", "Send to Maria Santos", "GCash", "4567", "Somebody else")
	w.looks("receiver-before")
	w.Click("button[name=known]")
	w.Shows("Warn, tell, agree", "Alice Walker", "Maria Santos")
	w.agree("yes")
	_, r := w.latest()
	b, err := w.s.Beneficiary(w.world.ctx, w.tenant, r.BeneficiaryID)
	w.must(err)
	if b.Account["phone"] != "+639171234567" || b.Account["operator"] != "gcash" {
		w.t.Errorf("it goes to %v", b.Account)
	}
	w.hands()
	w.known("PH cash PHP", "50")
	if w.Has("button[name=known]") {
		w.t.Error("who is paid by mobile money is offered for cash")
	}
}

// residenceStays: what is added to a customer's file changes nothing else of it.
func residenceStays(w *window) {
	list, err := w.s.CustomersByKey(w.world.ctx, w.tenant, counter.KeyPhone, "+12125550142")
	w.must(err)
	if len(list) != 1 {
		w.t.Fatalf("%d customers have the number", len(list))
	}
	before := list[0]
	before.Party.Country, before.Party.Nationality = "CA", "PH"
	before, err = w.s.UpdateCustomer(w.world.ctx, before, "test")
	w.must(err)
	w.price("PH bank PHP", "100")
	w.Fill("#s-find-phone", "+12125550142")
	w.Fill("#s-find-name", "Alice Walker")
	w.Click("button.go")
	w.AwaitSeen("#s-doc-birth-date")
	w.Fill("#s-doc-number", "C01234567")
	w.Set("#s-doc-expires", "2031-01-31")
	w.Set("#s-doc-birth-date", "1988-04-12")
	w.Click("main details summary")
	w.Fill("#s-party-phone", "+1 212 555 0177")
	w.Click("button.go")
	w.AwaitSeen("#r-party-given-name")
	after, err := w.s.Customer(w.world.ctx, w.tenant, before.ID)
	w.must(err)
	want := before.Party
	want.Phone = "+12125550177"
	if after.Party != want {
		w.t.Errorf("the file says %+v, want %+v", after.Party, want)
	}
	after.Party.Phone = "+12125550142"
	_, err = w.s.UpdateCustomer(w.world.ctx, after, "test")
	w.must(err)
}

// fieldsOfTheCountry: Colombia asks for the receiver's document.
func fieldsOfTheCountry(w *window) {
	w.known("CO mobile_money COP", "60")
	w.AwaitSeen("#r-party-document-number")
	w.Do(chromedp.SetValue("#r-account-operator", "nequi"))
	w.writesReceiver("Lucia", "Ospina")
	w.Fill("#r-account-phone", "300 123 4567")
	w.Eval("document.querySelectorAll('[required]').forEach(e => e.required = false)")
	w.Click("button.go")
	w.Shows("Look at the marked fields")
	for _, field := range []string{"#r-party-document-type", "#r-party-document-number"} {
		if got := w.Eval("document.querySelector('" + field + "').getAttribute('aria-invalid')"); got != "true" {
			w.t.Errorf("%s is not marked", field)
		}
	}
	w.looks("receiver-country")
	w.Do(chromedp.SetValue("#r-party-document-type", "national_id"))
	w.Fill("#r-party-document-number", "52123456")
	w.Set("#r-account-phone", "+57 300 123 4567")
	w.Click("button.go")
	w.agree("yes")
	w.hands()
	w.resting("sent-country")
}

func sendsToWallet(w *window) {
	w.known("CO wallet USD", "60")
	w.AwaitSeen("#r-account-address")
	w.Do(chromedp.SetValue("#r-account-network", "stellar"))
	w.writesReceiver("Lucia", "Ospina")
	w.Fill("#r-account-address", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA")
	w.Click("button.go")
	w.Shows("Look at the marked fields")
	w.looks("receiver-wallet")
	w.Set("#r-account-address", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ")
	w.Click("button.go")
	w.agree("yes")
	w.hands()
	w.Shows("VSGZ")
}

// takesFromTheList: the manager approves at the own screen what the teller may
// not take alone, and sees it in words.
func takesFromTheList(w, manager *window) {
	w.known("PH mobile_money PHP", "800")
	w.Click("button[name=known]")
	w.agree("no")
	w.cleared()
	w.AwaitSeen("#approve")
	manager.Open("/agent/people")
	manager.Shows("Cash to take", "Above what the teller may take at a time", "may be a sign of fraud", "Approve USD 800.00")
	if text := manager.Eval("document.body.innerText"); strings.Contains(text, "needs.") || strings.Contains(text, "wait.") {
		w.t.Errorf("the page says %s", text)
	}
	manager.looks("people-takes")
	manager.Click("form[action*='dep_'] button")
	manager.Shows("Approved by the manager.")
	w.AwaitSeen("main")
	w.Open(w.Eval("location.pathname"))
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
}

// refunds: the money goes back at the counter, which says so on every page and
// receipt, in every language.
func refunds(w *window) {
	w.known("PH mobile_money PHP", "90")
	w.Click("button[name=known]")
	w.agree("yes")
	w.hands()
	w.refunding()
	w.AwaitSeen(".payment .code-big")
	code := w.Eval("document.querySelector('.payment .code-big').innerText")
	w.look(code, "Alice Walker")
	w.Shows("Refund to pay out", "Goes back to", "the money goes back to the sender")
	w.looks("refund-found")
	w.AwaitSeen("#number")
	w.Fill("#number", "C01234567")
	w.Set("#expires", "2031-01-31")
	w.Set("#birth_date", "1988-04-12")
	w.Fill("#document_name", "Alice Walker")
	w.Click("button.go")
	w.Shows("Refund · Reserved for you", "Pay the refund of USD 90.00 to Alice Walker", "Refund of money that was paid in")
	w.Click("a.go")
	w.Shows("Pay the refund of USD 90.00 to Alice Walker?")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
	w.Shows("Refund paid", "Receipt for the customer", "Refund of money that was paid in")
	w.looks("refund-paid")
	here := w.Eval("location.pathname")
	for _, code := range agent.Languages[1:] {
		w.speaks(code)
		w.Open(here)
		w.says(code, "refund.paid", "refund.slip", "refund.to")
		if text := w.Eval("document.querySelector('main').innerText"); strings.Contains(text, "refund.") || code != "fil" && strings.Contains(text, "Refund") {
			w.t.Errorf("%s: the page says %s", code, text)
		}
	}
	w.speaks("ar")
	w.Open(here)
	w.looks("refund-ar")
	w.speaks("en")
}

// refunding sends a remittance whose cash was taken back to the counters.
func (w *window) refunding() {
	w.t.Helper()
	d, r := w.latest()
	w.must(w.desk.Pass(w.world.ctx))
	o := ramps.Order{
		ID: id[remit.RampOrderID](w.world, remit.PrefixRampOrder), RemittanceID: r.ID, TenantID: w.tenant, Direction: ramps.Refund,
		Provider: counter.Name, Method: string(remit.FundingCash), Country: "US", Amount: d.Amount, Status: ramps.StatusQueued,
	}
	for _, m := range []workflows.Move{
		{From: remit.StateAwaitingFunds, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
			Entries: []ledger.Entry{w.entry(string(r.ID)+"/funding", ledger.OnRamp(counter.Name), ledger.Remittance(r.ID), r.Quote.SourceTotal)}},
		{From: remit.StateFunded, To: remit.StateRefunding, Funds: remit.FundsHeld, Reason: remit.ReasonCanceledByCaller, EventType: "remittance.refunding", RampOrder: &o,
			Change: func(r *remit.Remittance) { r.RefundOrder = o.ID }},
	} {
		m.Remittance = r.ID
		_, err := w.s.Apply(w.world.ctx, m)
		w.must(err)
	}
	w.must(w.desk.Pass(w.world.ctx))
	w.Open("/agent/send/" + string(d.ID))
}
