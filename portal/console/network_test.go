package console_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit/internal/testenv/browser"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestTreasury goes through a treasurer's day in Chromium: float is asked for at
// the counter and given at the desk, refused with a reason, handed back and
// collected, and an outlet is kept from working.
func TestTreasury(t *testing.T) {
	browser.SkipUnderRace(t)
	d := openDesk(t, "--no-demo")
	manager, tilda, aldo := d.window(), d.window(), d.window()
	part := func(name string, w *window, f func(*window)) {
		if !t.Run(name, func(t *testing.T) { f(w.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	manager.signInAt("/agent", "manager")
	part("the treasurer signs in to the network", tilda, func(w *window) {
		w.signIn("treasurer")
		w.Shows("Network", "Nothing waits", "Chapinero", "Giros Andinos", "No float is low", "Treasury")
		if w.Has("a[href='/console/cases']") {
			w.t.Error("the treasury is offered cases")
		}
		w.Open("/console/cases")
		w.Shows("Your role may not do this")
	})
	part("float is asked for and given once", tilda, func(w *window) { gives(w, manager.in(w.t)) })
	part("float is refused with a reason", tilda, func(w *window) { refuses(w, manager.in(w.t)) })
	part("float is handed back and collected", tilda, takesBack)
	part("who has no role for it is refused", d.window(), func(w *window) { refusedOthers(w, aldo.in(w.t)) })
	part("a low float comes first", tilda, lowFirst)
	part("an outlet is suspended and let work again", tilda, suspendsOutlet)
	part("the books", tilda, books)
	teller := d.window()
	part("commission is paid", tilda, func(w *window) { paysCommission(w, teller.in(w.t)) })
	part("every page, at every size, in both themes", tilda, func(w *window) {
		w.ask("3000000")
		for name, path := range map[string]string{
			"network": "/console/network", "network-agent": "/console/network?agent=" + w.outlet("Chapinero").GetOutlet().GetAgentId(),
			"outlet": w.outletPath("Chapinero"), "outlet-day": w.outletPath("Chapinero") + "/day", "network-none": "/console/network?agent=agt_01k9zc7v4ye3t8m5q2w6x0b1nd",
		} {
			w.Open(path)
			w.Looks(name)
		}
		w.Open("/console/network")
		w.Click(".request .go-on")
		w.Size(390)
		w.Theme("dark")
		w.Picture("network-give-390-dark")
		w.Theme("light")
		w.Size(1440)
		w.Picture("network-give-1440-light")
	})
	part("without script", tilda, treasuryWithoutScript)
}

// outlet is an outlet of the demo as the operator's key sees it.
func (d *desk) outlet(name string) *v1.NetworkOutlet {
	d.t.Helper()
	n, err := v1.NewNetworkServiceClient(d.Conn).GetNetwork(d.Context(""), &v1.GetNetworkRequest{})
	d.must(err)
	for _, o := range n.GetOutlets() {
		if o.GetOutlet().GetName() == name {
			return o
		}
	}
	d.t.Fatalf("there is no outlet %s", name)
	return nil
}

func (d *desk) outletPath(name string) string {
	return "/console/network/outlets/" + d.outlet(name).GetOutlet().GetId()
}

// float is what an outlet's float holds.
func (d *desk) float(name string) string { return d.outlet(name).GetLines()[0].GetFloat().GetAmount() }

// managerOf is the id of an outlet's manager.
func (d *desk) managerOf(name string) string {
	d.t.Helper()
	list, err := v1.NewAgentServiceClient(d.Conn).ListTellers(d.Context(""), &v1.ListTellersRequest{OutletId: d.outlet(name).GetOutlet().GetId()})
	d.must(err)
	for _, t := range list.GetTellers() {
		if t.GetRole() == "manager" {
			return t.GetId()
		}
	}
	d.t.Fatalf("%s has no manager", name)
	return ""
}

// ask asks for float at Chapinero, as an agent's own system does.
func (d *desk) ask(amount string) *v1.TopUp {
	d.t.Helper()
	answer, err := v1.NewCounterServiceClient(d.Conn).RequestTopUp(d.Context(d.key()), &v1.RequestTopUpRequest{
		By: &v1.CounterCaller{TellerId: d.managerOf("Chapinero")}, OutletId: d.outlet("Chapinero").GetOutlet().GetId(), Amount: &v1.Money{Currency: "COP", Amount: amount},
	})
	d.must(err)
	return answer.GetTopUp()
}

// gives: a manager asks in the agent portal; the treasurer gives it, and a window
// that was open meanwhile says that it was done.
func gives(w, manager *window) {
	manager.Open("/agent/day")
	manager.Fill("#amount", "5000000")
	manager.Click("form[action$='/top-up'] button")
	manager.Shows("COP 5,000,000.00")
	stale := w.window()
	stale.signIn("treasurer")
	stale.Shows("COP 5,000,000.00", "Chapinero")
	w.Open("/console/network")
	w.Shows("COP 5,000,000.00 for Chapinero", "Float COP 80,000,000.00 then COP 85,000,000.00", "Asked by Chapinero manager")
	w.Click(".request .go-on")
	w.Fill(".request input[name=reference]", "wire 88")
	w.Shows("This cannot be undone")
	w.Click(".request .primary")
	w.Shows("Given: the outlet's float holds it now.", "Nothing waits")
	if got := w.float("Chapinero"); got != "85000000.00" {
		w.t.Errorf("the float holds %s", got)
	}
	stale.Click(".request .go-on")
	stale.Fill(".request input[name=reference]", "wire 88")
	stale.Click(".request .primary")
	stale.Shows("before")
	if got := w.float("Chapinero"); got != "85000000.00" {
		w.t.Errorf("after the second approval the float holds %s", got)
	}
	w.Open(w.outletPath("Chapinero"))
	w.Shows("COP 85,000,000.00", "Float given", "wire 88", "by Tilda Treasurer", "Chapinero manager")
}

// refuses: a refusal needs a reason, which the manager reads; who then gives it
// from an old window is told.
func refuses(w, manager *window) {
	top := w.ask("7000000")
	w.Open("/console/network")
	w.Click(".request .ask:last-child summary")
	w.Do(chromedp.Click(".request .danger", chromedp.NodeVisible))
	if w.Has(".notice.good") || w.Eval("location.pathname") != "/console/network" {
		w.t.Error("a refusal without a reason was sent")
	}
	status, text := w.sendForm("/console/network/top-ups/"+top.GetId()+"/refuse", url.Values{"reason": {" "}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(text, "ay why it is refused") {
		w.t.Errorf("a refusal without a reason: %d", status)
	}
	w.Fill(".request textarea", "The float is high enough")
	w.Click(".request .danger")
	w.Shows("Refused. Who asked reads your reason.")
	status, text = w.sendForm("/console/network/top-ups/"+top.GetId()+"/give", url.Values{"reference": {"wire"}})
	if status != http.StatusConflict || !strings.Contains(text, "his top-up was refused before") {
		w.t.Errorf("given after it was refused: %d", status)
	}
	manager.Open("/agent/day")
	manager.Shows("The float is high enough")
	if got := w.float("Chapinero"); got != "85000000.00" {
		w.t.Errorf("the float holds %s", got)
	}
}

// sendForm sends a form as the window's person would.
func (w *window) sendForm(path string, form url.Values) (int, string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.REST+path, strings.NewReader(form.Encode()))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.AddCookie(&http.Cookie{Name: "remit_console", Value: w.cookie()})
	return answerOf(w, request)
}

// takesBack: what was offered is received, and what was collected is booked; more
// than the float can spare is refused, with what was written kept.
func takesBack(w *window) {
	_, err := v1.NewNetworkServiceClient(w.Conn).OfferFloat(w.Context(w.key()), &v1.OfferFloatRequest{
		By: &v1.CounterCaller{TellerId: w.managerOf("Chapinero")}, OutletId: w.outlet("Chapinero").GetOutlet().GetId(),
		Amount: &v1.Money{Currency: "COP", Amount: "10000000"}, Reference: "Bancolombia slip 4711",
	})
	w.must(err)
	w.Open(w.outletPath("Chapinero"))
	w.Shows("COP 10,000,000.00 back from this outlet", "slip 4711")
	w.Click(".request .go-on")
	w.Shows("You have the cash")
	w.Click(".request .primary")
	w.Shows("Received: the outlet's float does not hold it any more.", "COP 75,000,000.00", "Float taken back")
	collect := func(amount string) {
		w.Click("details.ask summary.go-on")
		w.Eval("document.querySelector('#amount').value = ''")
		w.Fill("#amount", amount)
		w.Do(chromedp.SetAttributeValue("#by option:nth-child(2)", "selected", ""))
		w.Fill("#reference", "courier, seal 9")
		w.Click("form[action$='/collect'] .primary")
	}
	collect("75,000,001")
	w.Shows("t most COP 75000000.00 can leave this float")
	if got := w.Eval("document.querySelector('#amount').value + '|' + document.querySelector('#reference').value"); got != "75000001|courier, seal 9" {
		w.t.Errorf("the form lost what was written: %s", got)
	}
	w.Open(w.outletPath("Chapinero"))
	collect("5,000,000")
	w.Shows("Booked: the outlet's float does not hold it any more.", "Collected from", "COP 70,000,000.00")
	if got := w.float("Chapinero"); got != "70000000.00" {
		w.t.Errorf("the float holds %s", got)
	}
}

// refusedOthers: an officer sees nothing of it, an auditor sees it and may do
// nothing.
func refusedOthers(officer, auditor *window) {
	top := officer.ask("2000000")
	officer.signIn("officer")
	if officer.Has("a[href='/console/network']") {
		officer.t.Error("an officer is offered the network")
	}
	officer.Open("/console/network")
	officer.Shows("Your role may not do this", "ask your MLRO")
	auditor.signIn("auditor")
	auditor.Open("/console/network")
	auditor.Shows("COP 2,000,000.00 for Chapinero")
	if auditor.Has(".request .ask") || auditor.Has("form[action*='/suspend/']") {
		auditor.t.Error("an auditor is offered acts")
	}
	for _, w := range []*window{officer, auditor} {
		for _, path := range []string{
			"/console/network/top-ups/" + top.GetId() + "/give", w.outletPath("Chapinero") + "/collect",
			"/console/network/suspend/outlets/" + w.outlet("Chapinero").GetOutlet().GetId() + "/suspend",
		} {
			if status, _ := w.sendForm(path, url.Values{"reference": {"x"}, "reason": {"cash"}}); status != http.StatusForbidden {
				w.t.Errorf("POST %s: got %d", path, status)
			}
		}
	}
	if got := officer.float("Chapinero"); got != "70000000.00" {
		officer.t.Errorf("the float holds %s", got)
	}
	_, err := v1.NewAgentServiceClient(officer.Conn).DecideTopUp(officer.Context(officer.key()), &v1.DecideTopUpRequest{Id: top.GetId(), Reason: "not now"})
	if err == nil {
		officer.t.Error("the key that asked decided")
	}
}

// lowFirst: an outlet whose float falls low stands first, with its level.
func lowFirst(w *window) {
	_, err := v1.NewNetworkServiceClient(w.Conn).CollectFloat(w.Context(w.key()), &v1.CollectFloatRequest{
		OutletId: w.outlet("El Prado").GetOutlet().GetId(), Amount: &v1.Money{Currency: "COP", Amount: "12000000"}, HandedOverBy: w.managerOf("El Prado"), Reference: "seal 1",
	})
	w.must(err)
	w.Open("/console/network")
	w.Shows("1 float is low", "warns below COP 5,000,000.00")
	if got := w.Eval("document.querySelector('.outlets tbody th a').textContent"); got != "El Prado" {
		w.t.Errorf("%s stands first", got)
	}
	w.Open("/console/network?low=1")
	w.Shows("El Prado")
	if strings.Contains(w.Eval("document.querySelector('main').innerText"), "Getsemaní") {
		w.t.Error("an outlet with enough float is among those with a low one")
	}
	events, err := v1.NewRemittanceServiceClient(w.Conn).ListEvents(w.Context(""), &v1.ListEventsRequest{})
	w.must(err)
	low := 0
	for _, e := range events.GetEvents() {
		if e.GetType() == "outlet.float_low" {
			low++
		}
	}
	if low != 1 {
		w.t.Errorf("%d facts about low floats, want 1", low)
	}
}

// suspendsOutlet: an outlet is suspended with a reason and let work again with one.
func suspendsOutlet(w *window) {
	path := w.outletPath("Granada")
	w.Open(path)
	say := func(reason, button string) {
		w.Click("details.ask:has(form[action*='/suspend/']) > summary")
		w.Do(chromedp.SetAttributeValue("form[action*='/suspend/'] option[value="+reason+"]", "selected", ""))
		w.Click("form[action*='/suspend/'] button." + button)
	}
	say("cash", "danger")
	w.Shows("Suspended: nobody works there any more", "cash is missing")
	if got := w.outlet("Granada").GetState(); got != "suspended" {
		w.t.Errorf("the outlet is %s", got)
	}
	w.Open("/console/network")
	w.Shows("1 suspended")
	if status, text := w.sendForm("/console/network/suspend/outlets/"+w.outlet("Granada").GetOutlet().GetId()+"/reinstate", url.Values{}); status != http.StatusUnprocessableEntity || !strings.Contains(text, "Say why") {
		w.t.Errorf("let work again without a reason: %d", status)
	}
	w.Open(path)
	say("cleared", "primary")
	w.Shows("They may work again.")
	if got := w.outlet("Granada").GetState(); got == "suspended" {
		w.t.Errorf("the outlet is %s", got)
	}
}

// answerOf makes a request and reads the answer; what it leads on to is not asked for.
func answerOf(w *window, request *http.Request) (int, string) {
	w.t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(request)
	w.must(err)
	text, err := io.ReadAll(answer.Body)
	w.must(err)
	w.must(answer.Body.Close())
	return answer.StatusCode, string(text)
}

// paysCommission: what an agent earned is booked as paid, never more than is
// owed, and says how it was paid.
func paysCommission(w, teller *window) {
	r := w.fetchable("Camila Torres")
	teller.atCounter().pays(r.GetPickupCode(), "Camila Torres")
	w.reaches(r.GetId(), "completed")
	agent := w.outlet("Chapinero").GetOutlet().GetAgentId()
	owed := func() *v1.Money {
		n, err := v1.NewNetworkServiceClient(w.Conn).GetNetwork(w.Context(""), &v1.GetNetworkRequest{AgentId: agent})
		w.must(err)
		for _, a := range n.GetAgents() {
			if a.GetAgent().GetId() == agent && len(a.GetOwed()) > 0 {
				return a.GetOwed()[0]
			}
		}
		return nil
	}
	if owed() == nil {
		w.t.Fatal("a payout earned no commission")
	}
	form := "form[action='/console/network/agents/" + agent + "/commission']"
	pay := func(amount string) {
		w.Click("details.ask:has(" + form + ") summary")
		w.Set(form+" [name=amount]", "")
		w.Fill(form+" [name=amount]", amount)
		w.Fill(form+" [name=reference]", "wire 4711")
		w.Click(form + " .primary")
	}
	w.Open("/console/network?agent=" + agent)
	pay("99,000,000")
	w.Shows("o more can be paid than the agent is owed, COP ")
	if got := w.Eval("document.querySelector(`" + form + " [name=amount]`).value + '|' + document.querySelector(`" + form + " [name=reference]`).value"); got != "99000000|wire 4711" {
		w.t.Errorf("the form lost what was written: %s", got)
	}
	w.Looks("commission-refused")
	all := owed()
	w.Open("/console/network?agent=" + agent)
	pay(all.GetAmount())
	w.Shows("Booked: the agent is owed that much less.", "No commission due")
	if left := owed(); left != nil {
		w.t.Errorf("%v is owed after all of %v was paid", left, all)
	}
	st, err := v1.NewAgentServiceClient(w.Conn).GetCommissionStatement(w.Context(""), &v1.GetCommissionStatementRequest{
		AgentId: agent, From: timestamppb.New(time.Unix(0, 0)), To: timestamppb.New(time.Unix(4e9, 0)),
	})
	w.must(err)
	if !slices.ContainsFunc(st.GetMovements(), func(m *v1.CounterMovement) bool {
		return m.GetKind() == "commission_paid" && m.GetReference() == "wire 4711" && m.GetAmount().GetAmount() == all.GetAmount()
	}) {
		w.t.Errorf("the payment is not in %v", st.GetMovements())
	}
}

// books: the day book ties, and the statement is there to keep.
func books(w *window) {
	w.Open(w.outletPath("Chapinero"))
	w.Click("form[action$='/day'] button")
	w.Shows("Day book of Chapinero", "Agrees with the ledger", "Float taken back", "COP 70,000,000.00")
	o := w.outlet("Chapinero").GetOutlet()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.REST+w.outletPath("Chapinero")+"/statement?agent="+o.GetAgentId(), nil)
	w.must(err)
	request.AddCookie(&http.Cookie{Name: "remit_console", Value: w.cookie()})
	if status, text := answerOf(w, request); status != http.StatusOK || !strings.Contains(text, "float_return") || !strings.Contains(text, "ties") {
		w.t.Errorf("the statement: %d %.300s", status, text)
	}
}

// treasuryWithoutScript: what waits is given by forms alone.
func treasuryWithoutScript(w *window) {
	w.Script(false)
	w.Open("/console/network")
	w.Click(".request:last-child .go-on")
	w.Fill(".request:last-child input[name=reference]", "wire 99")
	w.Click(".request:last-child .primary")
	w.Shows("Given: the outlet's float holds it now.")
}
