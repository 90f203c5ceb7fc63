package agent_test

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ramps/counter"
)

// admin adds an agent's admin with an account.
func (w *world) admin(name string) *person {
	w.t.Helper()
	p := &person{name: name, email: fmt.Sprintf("p%d@bayad.example", w.serial.Add(1)), password: "four lamps of a quiet fjord"}
	p.secret = []byte(fmt.Sprintf("%020d", w.serial.Add(1)))
	account, err := w.s.CreateStaff(w.ctx, api.NewStaff{
		ID: id[remit.StaffID](w, remit.PrefixStaff), TenantID: w.tenant, Name: name, Email: p.email, Role: compliance.RoleAgentAdmin,
		PasswordHash: compliance.HashPassword(p.password, compliance.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}), TOTPSecret: p.secret,
	})
	w.must(err)
	teller, err := w.service.PutTeller(w.ctx, w.operator(), counter.Teller{
		ID: id[counter.TellerID](w, counter.PrefixTeller), AgentID: w.agent.ID, StaffID: account.ID, Name: name, Role: counter.RoleAgentAdmin, TrainedUntil: noon.AddDate(1, 0, 0),
	})
	w.must(err)
	p.by = counter.Caller{TenantID: w.tenant, Actor: string(account.ID), ActorName: name, TellerID: teller.ID}
	return p
}

// choose takes an option of a select.
func (w *window) choose(selector, value string) {
	w.t.Helper()
	if got := w.eval(fmt.Sprintf("(() => { const s = document.querySelector(%q); s.value = %q; return s.value })()", selector, value)); got != value {
		w.t.Fatalf("%s has no %q", selector, value)
	}
}

// TestPeople goes through what people of an agent do about each other, in
// Chromium: inviting, joining, binding devices, suspending and handing over.
func TestPeople(t *testing.T) {
	w := open(t)
	browser := browse(t)
	ada, mona, tess := w.admin("Ada Abad"), w.hire("Mona Manalo", counter.RoleManager, 0), w.hire("Tess Reyes", counter.RoleTeller, 1_500_000)
	admin, manager, teller := w.window(browser).signIn(ada), w.window(browser).signIn(mona), w.window(browser).signIn(tess)
	nina := &person{name: "Nina Cruz", email: "nina@bayad.example", password: "three kettles on a slow river"}
	joined := w.window(browser)
	part := func(name string, f func(t *testing.T)) {
		if !t.Run(name, f) {
			t.FailNow() // What follows builds on it.
		}
	}
	part("invite", func(t *testing.T) { invites(admin.in(t), joined.in(t), nina) })
	part("first payout", func(t *testing.T) { firstPayout(joined.in(t), nina) })
	part("hours, training and limits", func(t *testing.T) { keepsHours(admin.in(t), manager.in(t), joined.in(t)) })
	part("devices", func(t *testing.T) { bindsDevices(manager.in(t), joined.in(t), w.window(browser).in(t), nina, mona) })
	part("approvals", func(t *testing.T) { approvesFromTheList(manager.in(t), teller.in(t), tess) })
	part("handover", func(t *testing.T) { handsOver(teller.in(t), joined.in(t), tess, nina) })
	part("suspend", func(t *testing.T) { suspends(manager.in(t), joined.in(t), nina) })
	part("in Arabic", func(t *testing.T) { peopleInArabic(admin.in(t)) })
	w.sound()
}

func invites(w, other *window, nina *person) {
	w.open("/agent")
	w.shows("People", "Invite somebody", "Mona Manalo", "Quiapo")
	w.looks("people")
	w.click("a[href='/agent/people/invite']")
	w.do(chromedp.WaitVisible("#email"))
	w.fill("#name", nina.name)
	w.fill("#email", nina.email)
	w.set("#trained", "2026-11-30")
	w.looks("invite")
	w.click("form button.go")
	w.shows("Invitation for Nina Cruz", "Give this to Nina Cruz only.")
	w.looks("invited")
	link := strings.TrimPrefix(w.eval("document.querySelector('#link').value"), w.url)
	if !strings.HasPrefix(link, "/agent/join?invitation=inv_") {
		w.t.Fatalf("the link is %q", link)
	}
	weighs(w, "/agent/people", "/agent/people/invite")

	other.open("/agent/join?invitation=inv_wrong")
	other.shows("There is no such invitation.")
	other.looks("join-over")
	other.open(link)
	other.shows("Join Bayad Center", "Nina Cruz, you are invited as: Teller", "Quiapo")
	if got := other.eval("location.href"); strings.Contains(got, "inv_") {
		w.t.Errorf("the invitation stays in the address %s", got)
	}
	other.looks("join")
	other.fill("#next", "password1234")
	other.fill("#again", "password1234")
	other.click("button.go")
	other.shows("This password is too easy.")
	other.fill("#next", nina.password)
	other.fill("#again", nina.password)
	other.click("button.go")
	other.do(chromedp.WaitVisible("#code"))
	other.looks("join-code")
	var err error
	nina.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(other.eval("document.querySelector('[name=secret]').value"), " ", ""))
	w.must(err)
	other.fill("#code", w.code(nina))
	other.click("button.go")
	other.shows("Keep your recovery codes")
	other.click("a.primary")
	other.shows("Pay cash out", "Nina Cruz", "Your training ends on 30 November 2026")
	fresh := other.window(other.browser)
	fresh.open(link)
	fresh.shows("This invitation was used already.")
}

func firstPayout(w *window, nina *person) {
	account, err := w.s.StaffByEmail(w.ctx, nina.email)
	w.must(err)
	teller, err := w.s.TellerOfStaff(w.ctx, w.tenant, account.ID)
	w.must(err)
	nina.by = counter.Caller{TenantID: w.tenant, Actor: string(account.ID), ActorName: nina.name, TellerID: teller.ID}
	w.drawer(nina, 2_000_000)
	code := w.coder.Code("nina's first")
	w.waiting(code, 1_122_050)
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.click("button.go")
	w.do(chromedp.WaitVisible("a.go"))
	w.click("a.go")
	w.do(chromedp.WaitVisible(".sure button.go"))
	w.click(".sure button.go")
	w.shows("Hand over ₱ 11,220.50 to Maria Santos now.")
	w.open("/agent/mine")
	w.shows("Paid out", "−₱ 11,220.50", "Float to drawer", "Print again")
	w.looks("mine")
	w.click("a.tall")
	w.shows("Receipt for the customer")
}

func keepsHours(admin, manager, teller *window) {
	manager.open("/agent/people")
	manager.shows("Training ends on 30 November 2026", "Nothing waits.")
	who := manager.person("Nina Cruz")
	manager.open(who)
	manager.shows("Hours and training", "Working hours")
	manager.fill("#h-monday", "9-5")
	manager.click("form[action$='/work'] button")
	manager.shows("Write hours such as 08:00-17:00")
	manager.looks("person-wrong")
	manager.set("#h-monday", "8:00-12:00, 13:00-17:00")
	manager.set("#h-friday", "00:00-24:00")
	manager.set("#trained", "2027-06-30")
	manager.click("form[action$='/work'] button")
	manager.shows("Saved.", "May work")
	if got := manager.eval("document.querySelector('#h-monday').value + '|' + document.querySelector('#trained').value"); got != "08:00-12:00, 13:00-17:00|2027-06-30" {
		manager.t.Errorf("kept %s", got)
	}
	if manager.has("form[action$='/limits']") {
		manager.t.Error("a manager is offered limits")
	}
	teller.open("/agent/pay")
	if strings.Contains(teller.eval("document.body.innerText"), "training ends") {
		teller.t.Error("the warning stays")
	}
	admin.open(who)
	admin.fill("#p-PHP", "15.000")
	admin.click("form[action$='/limits'] button")
	admin.shows("Saved.")
	if got := admin.eval("document.querySelector('#p-PHP').value"); got != "15000.00" {
		admin.t.Errorf("the limit is %s", got)
	}
	admin.looks("person")
	admin.open("/agent/outlets/" + string(admin.outlet.ID))
	admin.shows("Opening hours", "Suspend Quiapo")
	admin.set("#closed", "2026-12-25, 2027-01-01")
	admin.click("form[action$='/hours'] button")
	admin.shows("Saved.")
	admin.looks("outlet")
}

// person is the page of somebody in the list.
func (w *window) person(name string) string {
	w.t.Helper()
	w.open("/agent/people")
	path := w.eval(fmt.Sprintf("[...document.querySelectorAll('ul.rows a')].find(a => a.innerText.trim() === %q)?.getAttribute('href')", name))
	if !strings.HasPrefix(path, "/agent/people/tel_") {
		w.t.Fatalf("%s is not in the list: %s", name, path)
	}
	return path
}

func bindsDevices(manager, teller, second *window, nina, mona *person) {
	manager.open("/agent/outlets/" + string(manager.outlet.ID))
	manager.click("form[action$='/binding'] button")
	manager.shows("Tellers of this outlet work on bound devices only.")
	teller.open("/agent/pay")
	teller.shows("this one is not bound to you yet")
	teller.looks("device")
	teller.fill("#name", "Tablet at counter 2")
	teller.click("main form button.go")
	teller.shows("A manager must bind “Tablet at counter 2” to you.", "Manager’s approval")
	teller.looks("device-waits")
	who := manager.person("Nina Cruz")
	manager.shows("A device waits")
	manager.open(who)
	manager.shows("Tablet at counter 2")
	manager.click("button[value=bind]")
	manager.shows("The device is bound.", "Bound")
	teller.open("/agent/pay")
	teller.shows("Pay cash out")
	if teller.eval("document.cookie") != "" {
		teller.t.Error("scripts can read a cookie")
	}

	// Removed, the device is asked for again, and bound on the spot.
	manager.open(who)
	manager.click("button[value=remove]")
	manager.shows("The device is removed.")
	teller.open("/agent/pay")
	teller.fill("#name", "Tablet 2")
	teller.click("main form button.go")
	teller.shows("The manager signs here to bind this device to you.")
	teller.fill("#memail", mona.email)
	teller.fill("#mpassword", mona.password)
	teller.click("#approve button.go")
	teller.do(chromedp.WaitVisible("#mcode"))
	teller.fill("#mcode", teller.code(mona))
	teller.click("#approve button.go")
	teller.shows("The device is bound.", "Pay cash out", "Nina Cruz")

	second.open("/agent/sign-in")
	second.fill("#email", nina.email)
	second.fill("#password", nina.password)
	second.click("button.go")
	second.do(chromedp.WaitVisible("#code"))
	second.fill("#code", second.code(nina))
	second.click("button.go")
	second.shows("You work on another device.")
	second.looks("device-elsewhere")
	second.open("/agent/drawer")
	second.shows("You work on another device.")
	if status, body := second.post("/agent/pay", map[string][]string{"code": {"7KQ"}, "name": {"Maria"}}); status != 303 || !strings.HasPrefix(body, "/agent/device") {
		second.t.Errorf("a form on another device got %d %.100s", status, body)
	}
}

func approvesFromTheList(manager, teller *window, tess *person) {
	manager.open("/agent/outlets/" + string(manager.outlet.ID))
	manager.click("form[action$='/binding'] button")
	manager.shows("Tellers of this outlet work on any device.")
	teller.drawer(tess, 3_000_000)
	code := teller.coder.Code("above")
	teller.waiting(code, 2_000_000)
	teller.look(string(code), "Maria Santos")
	teller.captures("Maria Santos")
	teller.click("button.go")
	teller.shows("Above what you may pay at a time")
	manager.open("/agent/people")
	manager.shows("Waiting for your approval", "Tess Reyes", "Approve ₱ 20,000.00")
	manager.looks("approvals")
	manager.click("form[action*='/approvals/'] button")
	manager.shows("Approved by the manager.", "Nothing waits.")
	teller.open(teller.eval("location.pathname"))
	teller.shows("A manager approved this payout")
	teller.click("form[action$='/release'] button")
	teller.shows("Given back.")
}

func handsOver(tess, nina *window, from, to *person) {
	// Nina's own drawer goes back first.
	nina.open("/agent/drawer/close")
	nina.fill("#loose-PHP", "8779.50")
	nina.click("form[action$='/close'] button.wide:last-of-type")
	nina.do(chromedp.WaitVisible("button.go"))
	nina.click("button.go")
	nina.shows("The drawer is closed.")

	tess.open("/agent/drawer/close")
	tess.choose("#next", string(to.by.TellerID))
	tess.fill(`input[name="pieces/PHP/1000"]`, "30")
	tess.click("form[action$='/close'] button.wide:last-of-type")
	tess.shows("Close the drawer with ₱ 30,000.00")
	if got := tess.eval("document.querySelector('#next').value"); got != string(to.by.TellerID) {
		tess.t.Errorf("the next teller is %q", got)
	}
	tess.looks("close-handing")
	tess.click("button.go")
	tess.shows("Counted. Now the next teller counts.", "Offered to the next teller", "Nina Cruz counts it")
	tess.looks("drawer-offered")

	nina.open("/agent/drawer")
	nina.shows("Tess Reyes hands you a drawer")
	if strings.Contains(nina.eval("document.body.innerText"), "30,000") {
		nina.t.Error("the count is told to who must count blind")
	}
	nina.looks("drawer-offer")
	nina.click("a[href^='/agent/drawer/take/']")
	count := func(pieces string) {
		nina.do(chromedp.WaitVisible(`input[name="pieces/PHP/1000"]`))
		nina.set(`input[name="pieces/PHP/1000"]`, pieces)
		nina.click("form[action*='/take/'] button.wide:last-of-type")
		nina.do(chromedp.WaitVisible("button.go"))
		nina.click("button.go")
	}
	count("29")
	nina.shows("Your count is not the one of who hands the drawer over.")
	nina.looks("take-differs")
	if nina.cash(from) != 3_000_000 || nina.cash(to) != 0 {
		nina.t.Errorf("after a wrong count the drawers hold %d and %d", nina.cash(from), nina.cash(to))
	}
	count("30")
	nina.shows("The drawer is yours now.", "Open")
	if nina.cash(from) != 0 || nina.cash(to) != 3_000_000 {
		nina.t.Errorf("after the handover the drawers hold %d and %d", nina.cash(from), nina.cash(to))
	}
	tess.open("/agent/drawer")
	tess.shows("Open the drawer")
	tess.open("/agent/mine")
	tess.shows("Handed over", "−₱ 30,000.00")
}

func suspends(manager, teller *window, nina *person) {
	teller.open("/agent/pay")
	teller.shows("Pay cash out")
	manager.open(manager.person("Nina Cruz"))
	manager.choose("#reason", "cash")
	manager.click("button[value=suspend]")
	manager.shows("Suspended. Open sessions have ended.", "Cash does not agree", "Manager")
	manager.looks("person-suspended")
	teller.click("nav a[href='/agent/drawer']")
	teller.shows("Sign in")
	teller.fill("#email", nina.email)
	teller.fill("#password", nina.password)
	teller.click("button.go")
	teller.do(chromedp.WaitVisible("#code"))
	teller.fill("#code", teller.code(nina))
	teller.click("button.go")
	teller.shows("You, your outlet or your agent is suspended.")
	teller.looks("suspended")
	manager.click("button[value=lift]")
	manager.shows("The suspension is lifted.", "May work")
}

func peopleInArabic(w *window) {
	w.open("/agent/people")
	w.click(".menu summary")
	w.eval("document.querySelector('#language').value = 'ar'")
	w.click(".looks button")
	w.do(chromedp.WaitReady("html[dir=rtl]"))
	w.open(w.personAnywhere())
	w.looks("person-ar")
	w.open("/agent/people")
	w.looks("people-ar")
}

// personAnywhere is the page of the first person in the list.
func (w *window) personAnywhere() string {
	w.t.Helper()
	return w.eval("document.querySelector(\"ul.rows a[href^='/agent/people/tel_']\").getAttribute('href')")
}
