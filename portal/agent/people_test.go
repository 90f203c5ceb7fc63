package agent_test

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv/browser"
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
	if got := w.Eval(fmt.Sprintf("(() => { const s = document.querySelector(%q); s.value = %q; return s.value })()", selector, value)); got != value {
		w.t.Fatalf("%s has no %q", selector, value)
	}
}

// TestPeople goes through what people of an agent do about each other, in
// Chromium: inviting, joining, binding devices, suspending and handing over.
func TestPeople(t *testing.T) {
	browser.SkipUnderRace(t)
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
	w.Open("/agent")
	w.Shows("People", "Invite somebody", "Mona Manalo", "Quiapo")
	w.looks("people")
	w.Click("a[href='/agent/people/invite']")
	w.AwaitSeen("#email")
	w.Fill("#name", nina.name)
	w.Fill("#email", nina.email)
	w.Set("#trained", "2026-11-30")
	w.looks("invite")
	w.Click("form button.go")
	w.Shows("Invitation for Nina Cruz", "Give this to Nina Cruz only.")
	w.looks("invited")
	link := strings.TrimPrefix(w.Eval("document.querySelector('#link').value"), w.url)
	if !strings.HasPrefix(link, "/agent/join?invitation=inv_") {
		w.t.Fatalf("the link is %q", link)
	}
	weighs(w, "/agent/people", "/agent/people/invite")

	other.Open("/agent/join?invitation=inv_wrong")
	other.Shows("There is no such invitation.")
	other.looks("join-over")
	other.Open(link)
	other.Shows("Join Bayad Center", "Nina Cruz, you are invited as: Teller", "Quiapo")
	if got := other.Eval("location.href"); strings.Contains(got, "inv_") {
		w.t.Errorf("the invitation stays in the address %s", got)
	}
	other.looks("join")
	other.Fill("#next", "password1234")
	other.Fill("#again", "password1234")
	other.Click("button.go")
	other.Shows("This password is too easy.")
	other.Fill("#next", nina.password)
	other.Fill("#again", nina.password)
	other.Click("button.go")
	other.AwaitSeen("#code")
	other.looks("join-code")
	var err error
	nina.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(other.Eval("document.querySelector('[name=secret]').value"), " ", ""))
	w.must(err)
	other.Fill("#code", w.code(nina))
	other.Click("button.go")
	other.Shows("Keep your recovery codes")
	other.Click("a.primary")
	other.Shows("Pay cash out", "Nina Cruz", "Your training ends on 30 November 2026")
	fresh := other.window(other.browser)
	fresh.Open(link)
	fresh.Shows("This invitation was used already.")
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
	w.Click("button.go")
	w.AwaitSeen("a.go")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.Shows("Hand over ₱ 11,220.50 to Maria Santos now.")
	w.Open("/agent/mine")
	w.Shows("Paid out", "−₱ 11,220.50", "Float to drawer", "Print again")
	w.looks("mine")
	w.Click("a.tall")
	w.Shows("Receipt for the customer")
}

func keepsHours(admin, manager, teller *window) {
	manager.Open("/agent/people")
	manager.Shows("Training ends on 30 November 2026", "Nothing waits.")
	who := manager.person("Nina Cruz")
	manager.Open(who)
	manager.Shows("Hours and training", "Working hours")
	manager.Fill("#h-monday", "9-5")
	manager.Click("form[action$='/work'] button")
	manager.Shows("Write hours such as 08:00-17:00")
	manager.looks("person-wrong")
	manager.Set("#h-monday", "8:00-12:00, 13:00-17:00")
	manager.Set("#h-friday", "00:00-24:00")
	manager.Set("#trained", "2027-06-30")
	manager.Click("form[action$='/work'] button")
	manager.Shows("Saved.", "May work")
	if got := manager.Eval("document.querySelector('#h-monday').value + '|' + document.querySelector('#trained').value"); got != "08:00-12:00, 13:00-17:00|2027-06-30" {
		manager.t.Errorf("kept %s", got)
	}
	if manager.Has("form[action$='/limits']") {
		manager.t.Error("a manager is offered limits")
	}
	teller.Open("/agent/pay")
	if strings.Contains(teller.Eval("document.body.innerText"), "training ends") {
		teller.t.Error("the warning stays")
	}
	admin.Open(who)
	admin.Fill("#p-PHP", "15.000")
	admin.Click("form[action$='/limits'] button")
	admin.Shows("Saved.")
	if got := admin.Eval("document.querySelector('#p-PHP').value"); got != "15000.00" {
		admin.t.Errorf("the limit is %s", got)
	}
	admin.looks("person")
	admin.Open("/agent/outlets/" + string(admin.outlet.ID))
	admin.Shows("Opening hours", "Suspend Quiapo")
	admin.Set("#closed", "2026-12-25, 2027-01-01")
	admin.Click("form[action$='/hours'] button")
	admin.Shows("Saved.")
	admin.looks("outlet")
}

// person is the page of somebody in the list.
func (w *window) person(name string) string {
	w.t.Helper()
	w.Open("/agent/people")
	path := w.Eval(fmt.Sprintf("[...document.querySelectorAll('ul.rows a')].find(a => a.innerText.trim() === %q)?.getAttribute('href')", name))
	if !strings.HasPrefix(path, "/agent/people/tel_") {
		w.t.Fatalf("%s is not in the list: %s", name, path)
	}
	return path
}

func bindsDevices(manager, teller, second *window, nina, mona *person) {
	manager.Open("/agent/outlets/" + string(manager.outlet.ID))
	manager.Click("form[action$='/binding'] button")
	manager.Shows("Tellers of this outlet work on bound devices only.")
	teller.Open("/agent/pay")
	teller.Shows("this one is not bound to you yet")
	teller.looks("device")
	teller.Fill("#name", "Tablet at counter 2")
	teller.Click("main form button.go")
	teller.Shows("A manager must bind “Tablet at counter 2” to you.", "Manager’s approval")
	teller.looks("device-waits")
	who := manager.person("Nina Cruz")
	manager.Shows("A device waits")
	manager.Open(who)
	manager.Shows("Tablet at counter 2")
	manager.Click("button[value=bind]")
	manager.Shows("The device is bound.", "Bound")
	teller.Open("/agent/pay")
	teller.Shows("Pay cash out")
	if teller.Eval("document.cookie") != "" {
		teller.t.Error("scripts can read a cookie")
	}

	// Removed, the device is asked for again, and bound on the spot.
	manager.Open(who)
	manager.Click("button[value=remove]")
	manager.Shows("The device is removed.")
	teller.Open("/agent/pay")
	teller.Fill("#name", "Tablet 2")
	teller.Click("main form button.go")
	teller.Shows("The manager signs here to bind this device to you.")
	teller.Fill("#memail", mona.email)
	teller.Fill("#mpassword", mona.password)
	teller.Click("#approve button.go")
	teller.AwaitSeen("#mcode")
	teller.Fill("#mcode", teller.code(mona))
	teller.Click("#approve button.go")
	teller.Shows("The device is bound.", "Pay cash out", "Nina Cruz")

	second.Open("/agent/sign-in")
	second.Fill("#email", nina.email)
	second.Fill("#password", nina.password)
	second.Click("button.go")
	second.AwaitSeen("#code")
	second.Fill("#code", second.code(nina))
	second.Click("button.go")
	second.Shows("You work on another device.")
	second.looks("device-elsewhere")
	second.Open("/agent/drawer")
	second.Shows("You work on another device.")
	if status, body := second.post("/agent/pay", map[string][]string{"code": {"7KQ"}, "name": {"Maria"}}); status != 303 || !strings.HasPrefix(body, "/agent/device") {
		second.t.Errorf("a form on another device got %d %.100s", status, body)
	}
}

func approvesFromTheList(manager, teller *window, tess *person) {
	manager.Open("/agent/outlets/" + string(manager.outlet.ID))
	manager.Click("form[action$='/binding'] button")
	manager.Shows("Tellers of this outlet work on any device.")
	teller.drawer(tess, 3_000_000)
	code := teller.coder.Code("above")
	teller.waiting(code, 2_000_000)
	teller.look(string(code), "Maria Santos")
	teller.captures("Maria Santos")
	teller.Click("button.go")
	teller.Shows("Above what you may pay at a time")
	manager.Open("/agent/people")
	manager.Shows("Waiting for your approval", "Tess Reyes", "Approve ₱ 20,000.00")
	manager.looks("approvals")
	manager.Click("form[action*='/approvals/'] button")
	manager.Shows("Approved by the manager.", "Nothing waits.")
	teller.Open(teller.Eval("location.pathname"))
	teller.Shows("A manager approved this payout")
	teller.Click("form[action$='/release'] button")
	teller.Shows("Given back.")
}

func handsOver(tess, nina *window, from, to *person) {
	// Nina's own drawer goes back first.
	nina.Open("/agent/drawer/close")
	nina.Fill("#loose-PHP", "8779.50")
	nina.Click("form[action$='/close'] button.wide:last-of-type")
	nina.AwaitSeen("button.go")
	nina.Click("button.go")
	nina.Shows("The drawer is closed.")

	tess.Open("/agent/drawer/close")
	tess.choose("#next", string(to.by.TellerID))
	tess.Fill(`input[name="pieces/PHP/1000"]`, "30")
	tess.Click("form[action$='/close'] button.wide:last-of-type")
	tess.Shows("Close the drawer with ₱ 30,000.00")
	if got := tess.Eval("document.querySelector('#next').value"); got != string(to.by.TellerID) {
		tess.t.Errorf("the next teller is %q", got)
	}
	tess.looks("close-handing")
	tess.Click("button.go")
	tess.Shows("Counted. Now the next teller counts.", "Offered to the next teller", "Nina Cruz counts it")
	tess.looks("drawer-offered")

	nina.Open("/agent/drawer")
	nina.Shows("Tess Reyes hands you a drawer")
	if strings.Contains(nina.Eval("document.body.innerText"), "30,000") {
		nina.t.Error("the count is told to who must count blind")
	}
	nina.looks("drawer-offer")
	nina.Click("a[href^='/agent/drawer/take/']")
	count := func(pieces string) {
		nina.AwaitSeen(`input[name="pieces/PHP/1000"]`)
		nina.Set(`input[name="pieces/PHP/1000"]`, pieces)
		nina.Click("form[action*='/take/'] button.wide:last-of-type")
		nina.AwaitSeen("button.go")
		nina.Click("button.go")
	}
	count("29")
	nina.Shows("Your count is not the one of who hands the drawer over.")
	nina.looks("take-differs")
	if nina.cash(from) != 3_000_000 || nina.cash(to) != 0 {
		nina.t.Errorf("after a wrong count the drawers hold %d and %d", nina.cash(from), nina.cash(to))
	}
	count("30")
	nina.Shows("The drawer is yours now.", "Open")
	if nina.cash(from) != 0 || nina.cash(to) != 3_000_000 {
		nina.t.Errorf("after the handover the drawers hold %d and %d", nina.cash(from), nina.cash(to))
	}
	tess.Open("/agent/drawer")
	tess.Shows("Open the drawer")
	tess.Open("/agent/mine")
	tess.Shows("Handed over", "−₱ 30,000.00")
}

func suspends(manager, teller *window, nina *person) {
	teller.Open("/agent/pay")
	teller.Shows("Pay cash out")
	manager.Open(manager.person("Nina Cruz"))
	manager.choose("#reason", "cash")
	manager.Click("button[value=suspend]")
	manager.Shows("Suspended. Open sessions have ended.", "Cash does not agree", "Manager")
	manager.looks("person-suspended")
	teller.Click("nav a[href='/agent/drawer']")
	teller.Shows("Sign in")
	teller.Fill("#email", nina.email)
	teller.Fill("#password", nina.password)
	teller.Click("button.go")
	teller.AwaitSeen("#code")
	teller.Fill("#code", teller.code(nina))
	teller.Click("button.go")
	teller.Shows("You, your outlet or your agent is suspended.")
	teller.looks("suspended")
	manager.Click("button[value=lift]")
	manager.Shows("The suspension is lifted.", "May work")
}

func peopleInArabic(w *window) {
	w.Open("/agent/people")
	w.Click(".menu summary")
	w.Eval("document.querySelector('#language').value = 'ar'")
	w.Click(".looks button")
	w.Await("html[dir=rtl]")
	w.Open(w.personAnywhere())
	w.looks("person-ar")
	w.Open("/agent/people")
	w.looks("people-ar")
}

// personAnywhere is the page of the first person in the list.
func (w *window) personAnywhere() string {
	w.t.Helper()
	return w.Eval("document.querySelector(\"ul.rows a[href^='/agent/people/tel_']\").getAttribute('href')")
}
