package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/ramps/counter"
)

// TestCounter goes through a day at a counter in Chromium, on the real API and
// store: what the pages do shows in the books.
func TestCounter(t *testing.T) {
	w := open(t)
	browser := browse(t)
	tess, toni, mona := w.hire("Tess Reyes", counter.RoleTeller, 1_500_000), w.hire("Toni Cruz", counter.RoleTeller, 0), w.hire("Mona Manalo", counter.RoleManager, 0)
	first := w.window(browser)
	part := func(name string, f func(*window)) {
		if !t.Run(name, func(t *testing.T) { f(first.in(t)) }) {
			t.FailNow() // What follows builds on it.
		}
	}
	part("sign in", func(w *window) { signsIn(w, tess) })
	part("open the drawer", func(w *window) { opensDrawer(w, tess) })
	part("pay", func(w *window) { pays(w, tess) })
	part("lost reply, back button and second tab", func(w *window) { repeats(w, tess) })
	w.drawer(toni, 5_000_000)
	second := w.window(browser).signIn(toni)
	part("two counters race", func(w *window) { races(w, second.in(w.t), tess, toni) })
	part("over the limit", func(w *window) { overLimit(w, tess, mona) })
	part("refusals", func(w *window) { refusals(w) })
	part("without script", func(w *window) { withoutScript(w, tess) })
	part("weight", func(w *window) {
		weighs(w, "/agent/pay", w.eval("location.pathname"), "/agent/drawer", "/agent/account")
	})
	part("in Arabic", func(w *window) { inArabic(w) })
	part("short drawer", func(w *window) { shortDrawer(w, mona) })
	manager := w.window(browser).signIn(mona)
	part("the day", func(w *window) { theDay(manager.in(w.t)) })
	part("locked after wrong codes", func(w *window) { locks(w) })
	w.sound()
}

func signsIn(w *window, p *person) {
	w.open("/agent/pay")
	w.shows("Sign in")
	w.looks("sign-in")
	w.fill("#email", p.email)
	w.fill("#password", "not the password")
	w.click("button.go")
	w.shows("Address, password or digits are not right.")
	if got := w.eval("document.querySelector('#email').value"); got != p.email {
		w.t.Errorf("after a wrong password the address is %q, want it kept", got)
	}
	w.fill("#password", p.password)
	w.click("button.go")
	w.do(chromedp.WaitVisible("#code"))
	w.fill("#code", w.code(p))
	w.click("button.go")
	w.shows("Pay cash out", "Quiapo", "Bayad Center", "Tess Reyes", "Your drawer is not open")
	if w.eval("document.cookie") != "" {
		w.t.Error("scripts can read a cookie")
	}
}

func opensDrawer(w *window, p *person) {
	w.open("/agent/drawer")
	w.fill(`input[name="pieces/PHP/1000"]`, "45")
	w.fill(`input[name="pieces/PHP/500"]`, "x")
	w.click("form[action$='/open'] button.wide:last-of-type")
	w.shows("Write whole numbers of pieces")
	w.set(`input[name="pieces/PHP/500"]`, "10")
	w.click("form[action$='/open'] button.wide:last-of-type")
	w.shows("You counted ₱ 50,000.00.", "Open the drawer with ₱ 50,000.00")
	w.looks("drawer-open")
	w.click("button.go")
	w.shows("The drawer is open.", "What it should hold is not shown")
	if got := w.cash(p); got != 5_000_000 {
		w.t.Errorf("the drawer holds %d, want 50,000.00", got)
	}
}

// look looks a payment up through the form.
func (w *window) look(code, name string) {
	w.t.Helper()
	w.open("/agent/pay")
	w.fill("#code", code)
	w.fill("#name", name)
	w.click("button.go")
}

// captures fills the document in, as Maria's.
func (w *window) captures(name string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible("#number"))
	w.fill("#number", "P1234567A")
	w.set("#expires", "2031-01-31")
	w.set("#birth_date", "1990-04-05")
	w.fill("#document_name", name)
}

func pays(w *window, p *person) {
	code := w.coder.Code("first")
	w.waiting(code, 1_122_050)
	w.open("/agent/pay")
	w.looks("pay")
	w.look(" "+strings.ToLower(code.String()[:5])+" "+code.String()[5:], "maria santos")
	w.shows("₱ 11,220.50", "Maria Santos", "Alice Walker", "Hand over no cash yet")
	w.looks("found")
	w.fill("#number", "P1234567A")
	w.set("#expires", "2020-01-31")
	w.set("#birth_date", "2030-04-05")
	w.fill("#document_name", "Maria Santos")
	w.click("button.go")
	w.shows("The document has expired.", "The birth date cannot be right")
	w.looks("found-wrong")
	w.set("#expires", "2031-01-31")
	w.set("#birth_date", "1990-04-05")
	w.click("button.go")
	w.shows("Reserved for you", "No cash yet.", "The name on the document fits", "Pre-receipt – not paid yet")
	w.looks("held")
	w.click("a.go")
	w.shows("Pay ₱ 11,220.50 to Maria Santos?", "This cannot be undone.")
	w.looks("sure")
	if got := w.cash(p); got != 5_000_000 {
		w.t.Errorf("before confirming the drawer holds %d", got)
	}
	w.click(".sure button.go")
	w.shows("Paid", "Hand over ₱ 11,220.50 to Maria Santos now.", "Receipt for the customer", "Receipt for the outlet", "-000001")
	w.looks("receipt")
	if got := w.cash(p); got != 5_000_000-1_122_050 {
		w.t.Errorf("after paying the drawer holds %d", got)
	}
}

// post sends a form as the window's person, beside the browser, and returns
// where it leads or what it says.
func (w *window) post(path string, form url.Values) (status int, body string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+path, strings.NewReader(form.Encode()))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.AddCookie(&http.Cookie{Name: "remit_agent", Value: w.cookie()})
	answer, err := http.DefaultTransport.RoundTrip(request)
	w.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	w.must(err)
	return answer.StatusCode, answer.Header.Get("Location") + string(text)
}

// formOf reads the hidden fields of a form that is shown.
func (w *window) formOf(selector string) (path string, form url.Values) {
	w.t.Helper()
	path = w.eval("new URL(document.querySelector(" + "`" + selector + "`" + ").action).pathname")
	form, err := url.ParseQuery(w.eval("new URLSearchParams(new FormData(document.querySelector(`" + selector + "`))).toString()"))
	w.must(err)
	return path, form
}

func repeats(w *window, p *person) {
	code := w.coder.Code("second")
	w.waiting(code, 100_000)
	before := w.cash(p)
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.click("button.go")
	w.shows("Reserved for you")
	here := w.eval("location.pathname")
	w.click("a.go")
	w.do(chromedp.WaitVisible(".sure button.go"))
	path, form := w.formOf("form[action$='/confirm']")
	for range 3 { // The answer is lost, and the form sent again: first by a proxy, then by the teller.
		if status, body := w.post(path, form); status != http.StatusSeeOther || !strings.HasPrefix(body, here) {
			w.t.Fatalf("got %d %.200s", status, body)
		}
	}
	w.click(".sure button.go") // The stale form in the browser.
	w.shows("Hand over ₱ 1,000.00")
	if got := w.cash(p); got != before-100_000 {
		w.t.Errorf("after four confirmations the drawer holds %d, want 1,000.00 less than %d", got, before)
	}
	w.eval("history.back()")
	w.do(chromedp.WaitNotPresent("form[action$='/confirm']"), chromedp.WaitVisible(".payment.paid"))
	w.look(string(code), "Maria Santos")
	w.shows("This payment was paid already. Hand over no cash.", "+63 2 8888 1234")
	w.looks("paid-before")
}

func races(w, other *window, mine, theirs *person) {
	code := w.coder.Code("third")
	w.waiting(code, 200_000)
	before := w.cash(mine) + w.cash(theirs)
	for _, one := range []*window{w, other} {
		one.look(string(code), "Maria Santos")
		one.captures("Maria Santos")
	}
	type answer struct {
		status int
		body   string
	}
	answers := make(chan answer, 2)
	for _, one := range []*window{w, other} {
		path, form := one.formOf("form[action$='/reserve']")
		go func() {
			status, body := one.post(path, form)
			answers <- answer{status, body}
		}()
	}
	won, lost := 0, 0
	for range 2 {
		switch a := <-answers; {
		case a.status == http.StatusSeeOther:
			won++
		case a.status == http.StatusConflict && strings.Contains(a.body, "Another counter is paying this right now"):
			lost++
		default:
			w.t.Errorf("got %d %.300s", a.status, a.body)
		}
	}
	if won != 1 || lost != 1 {
		w.t.Fatalf("%d reserved and %d were refused, want one each", won, lost)
	}
	paid := 0
	for _, one := range []*window{w, other} {
		one.look(string(code), "Maria Santos")
		one.do(chromedp.WaitVisible("a.go, .told"))
		if !one.has("a.go") {
			one.shows("Hand over no cash.") // Held by the other counter, or paid there by now.
			one.looks("race-lost")
			continue
		}
		one.click("a.go")
		one.do(chromedp.WaitVisible(".sure button.go"))
		one.click(".sure button.go")
		one.shows("Hand over ₱ 2,000.00")
		paid++
	}
	if after := w.cash(mine) + w.cash(theirs); paid != 1 || after != before-200_000 {
		w.t.Errorf("%d counters paid and the drawers went from %d to %d, want exactly one payment", paid, before, after)
	}
}

func overLimit(w *window, p, manager *person) {
	code := w.coder.Code("fourth")
	w.waiting(code, 2_000_000)
	before := w.cash(p)
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.click("button.go")
	w.shows("Above what you may pay at a time", "Manager’s approval")
	w.looks("approval")
	if w.has("a.go") {
		w.t.Error("it is offered to pay before a manager approved")
	}
	w.fill("#memail", manager.email)
	w.fill("#mpassword", manager.password)
	w.click("#approve button.go")
	w.do(chromedp.WaitVisible("#mcode"))
	w.fill("#mcode", w.code(manager))
	w.click("#approve button.go")
	w.shows("Approved by the manager.", "A manager approved this payout", "Tess Reyes")
	w.click("a.go")
	w.do(chromedp.WaitVisible(".sure button.go"))
	w.click(".sure button.go")
	w.shows("Hand over ₱ 20,000.00")
	if got := w.cash(p); got != before-2_000_000 {
		w.t.Errorf("the drawer holds %d, want 20,000.00 less than %d", got, before)
	}
}

func refusals(w *window) {
	far := w.coder.Code("fifth")
	w.waiting(far, 9_000_000)
	w.look(string(far), "Maria Santos")
	w.captures("Maria Santos")
	w.click("button.go")
	w.shows("Your drawer does not hold enough.")
	w.look(string(far), "Maria Santos")
	w.captures("Pedro Penduko")
	w.click("button.go")
	w.shows("This is not the beneficiary’s name.")
	w.look("O0O-111-LLLL", "Maria Santos")
	w.shows("codes have no 0, O, 1, I or L")
	w.look(string(far), "Pedro Penduko")
	w.shows("No payment fits this code and name.")
	wrongName := w.eval("document.querySelector('.told').innerText")
	w.look(string(w.coder.Code("nobody's")), "Maria Santos")
	w.shows("No payment fits this code and name.")
	if got := w.eval("document.querySelector('.told').innerText"); got != wrongName {
		w.t.Errorf("a wrong code says %q, a wrong name %q", got, wrongName)
	}
	w.looks("not-found")
	w.open("/agent/pay/pic_01k00000000000000000000000")
	w.shows("There is no such page")
}

func withoutScript(w *window, p *person) {
	code := w.coder.Code("sixth")
	w.waiting(code, 150_000)
	before := w.cash(p)
	w.script(true)
	defer w.script(false)
	w.look(code.String(), "Maria Santos")
	w.do(chromedp.WaitVisible("#number"))
	w.fill("#number", "P1234567A")
	w.fill("#expires", "01312031")
	w.fill("#birth_date", "04051990")
	w.fill("#document_name", "Maria Santos")
	w.click("button.go")
	w.do(chromedp.WaitVisible("a.go"))
	w.click("a.go")
	w.do(chromedp.WaitVisible(".sure button.go"))
	w.click(".sure button.go")
	w.do(chromedp.WaitVisible(".payment.paid"))
	if got := w.cash(p); got != before-150_000 {
		w.t.Errorf("without script the drawer went from %d to %d", before, got)
	}
}

func inArabic(w *window) {
	code := w.coder.Code("seventh")
	w.waiting(code, 1_122_050)
	w.open("/agent/pay")
	w.click(".menu summary")
	w.eval("document.querySelector('#language').value = 'ar'")
	w.click(".looks button")
	w.do(chromedp.WaitReady("html[dir=rtl]"))
	if got := w.eval("document.documentElement.lang"); got != "ar" {
		w.t.Errorf("the language is %q", got)
	}
	w.looks("pay-ar")
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.looks("found-ar")
	w.click("button.go")
	w.do(chromedp.WaitVisible("a.go"))
	w.looks("held-ar")
	w.click("form[action$='/release'] button")
	w.do(chromedp.WaitVisible(".notice.good"))
	w.open("/agent/drawer")
	w.looks("drawer-ar")
	w.click(".menu summary")
	w.eval("document.querySelector('#language').value = 'en'")
	w.click(".looks button")
	w.do(chromedp.WaitReady("html[dir=ltr]"))
}

func shortDrawer(w *window, manager *person) {
	w.open("/agent/drawer")
	w.fill("#amount", "1 000,00")
	w.click("button[value=to_drawer]")
	w.shows("The cash was moved.")
	w.looks("drawer")
	w.click("a[href='/agent/drawer/close']")
	w.do(chromedp.WaitVisible(`input[name="pieces/PHP/1000"]`))
	w.fill(`input[name="pieces/PHP/1000"]`, "5")
	w.click("form[action$='/close'] button.wide:last-of-type")
	w.shows("Close the drawer with ₱ 5,000.00")
	w.looks("close")
	w.click("button.go")
	w.shows("Counted: a manager must look", "Over or short")
	w.looks("drawer-short")
	w.fill("#memail", manager.email)
	w.fill("#mpassword", manager.password)
	w.click("#approve button.go")
	w.do(chromedp.WaitVisible("#mcode"))
	w.fill("#mcode", w.code(manager))
	w.click("#approve button.go")
	w.shows("The difference is booked.")
	w.looks("drawer-closed")
}

func theDay(w *window) {
	w.open("/agent/day")
	w.shows("The books agree with every movement", "Paid out", "Short at a count", "Below ₱ 300,000.00: ask for more")
	w.looks("day")
	w.fill("#amount", "250000")
	w.click("form[action$='/top-up'] button")
	w.shows("The operator was asked.", "Asked for")
	w.click("details.surplus summary")
	w.fill("#surplus", "99,000,000")
	w.fill("#where", "BDO slip 4711")
	w.click("form[action$='/surplus'] button")
	w.shows("So much cannot go back")
	if got := w.eval("document.querySelector('#surplus').value + '|' + document.querySelector('#where').value"); got != "99,000,000|BDO slip 4711" {
		w.t.Errorf("the form lost what was written: %s", got)
	}
	w.looks("surplus")
	w.eval("document.querySelector('#surplus').value = ''")
	w.fill("#surplus", "1000")
	w.click("form[action$='/surplus'] button")
	w.shows("Offered back. It counts as yours until the operator has received it.", "BDO slip 4711")
}

func locks(w *window) {
	w.open("/agent/pay")
	for i := range 9 {
		w.look(string(w.coder.Code(fmt.Sprint("nobody's ", i))), "Maria Santos")
		w.do(chromedp.WaitVisible(".told"))
		if strings.Contains(w.eval("document.querySelector('.told').innerText"), "Too many tries") {
			break
		}
	}
	w.shows("Too many tries. Wait", "minutes and check the code with the customer")
	w.looks("locked")
	code := w.coder.Code("eighth")
	w.waiting(code, 100_000)
	w.look(string(code), "Maria Santos")
	w.shows("Too many tries.")
}
