package agent_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

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
		weighs(w, "/agent/pay", w.Eval("location.pathname"), "/agent/drawer", "/agent/account")
	})
	part("in Arabic", func(w *window) { inArabic(w) })
	part("short drawer", func(w *window) { shortDrawer(w, mona) })
	manager := w.window(browser).signIn(mona)
	part("the day", func(w *window) { theDay(manager.in(w.t)) })
	part("locked after wrong codes", func(w *window) { locks(w) })
	w.sound()
}

func signsIn(w *window, p *person) {
	w.Open("/agent/pay")
	w.Shows("Sign in")
	w.looks("sign-in")
	w.Fill("#email", p.email)
	w.Fill("#password", "not the password")
	w.Click("button.go")
	w.Shows("Address, password or digits are not right.")
	if got := w.Eval("document.querySelector('#email').value"); got != p.email {
		w.t.Errorf("after a wrong password the address is %q, want it kept", got)
	}
	w.Fill("#password", p.password)
	w.Click("button.go")
	w.AwaitSeen("#code")
	w.Fill("#code", w.code(p))
	w.Click("button.go")
	w.Shows("Pay cash out", "Quiapo", "Bayad Center", "Tess Reyes", "Your drawer is not open")
	if w.Eval("document.cookie") != "" {
		w.t.Error("scripts can read a cookie")
	}
}

func opensDrawer(w *window, p *person) {
	w.Open("/agent/drawer")
	w.Fill(`input[name="pieces/PHP/1000"]`, "45")
	w.Fill(`input[name="pieces/PHP/500"]`, "x")
	w.Click("form[action$='/open'] button.wide:last-of-type")
	w.Shows("Write whole numbers of pieces")
	w.Set(`input[name="pieces/PHP/500"]`, "10")
	w.Click("form[action$='/open'] button.wide:last-of-type")
	w.Shows("You counted ₱ 50,000.00.", "Open the drawer with ₱ 50,000.00")
	w.looks("drawer-open")
	w.Click("button.go")
	w.Shows("The drawer is open.", "What it should hold is not shown")
	if got := w.cash(p); got != 5_000_000 {
		w.t.Errorf("the drawer holds %d, want 50,000.00", got)
	}
}

// look looks a payment up through the form.
func (w *window) look(code, name string) {
	w.t.Helper()
	w.Open("/agent/pay")
	w.Fill("#code", code)
	w.Fill("#name", name)
	w.Click("button.go")
}

// captures fills the document in, as Maria's.
func (w *window) captures(name string) {
	w.t.Helper()
	w.AwaitSeen("#number")
	w.Fill("#number", "P1234567A")
	w.Set("#expires", "2031-01-31")
	w.Set("#birth_date", "1990-04-05")
	w.Fill("#document_name", name)
}

func pays(w *window, p *person) {
	code := w.coder.Code("first")
	w.waiting(code, 1_122_050)
	w.Open("/agent/pay")
	w.looks("pay")
	w.look(" "+strings.ToLower(code.String()[:5])+" "+code.String()[5:], "maria santos")
	w.Shows("₱ 11,220.50", "Maria Santos", "Alice Walker", "Hand over no cash yet")
	w.looks("found")
	w.Fill("#number", "P1234567A")
	w.Set("#expires", "2020-01-31")
	w.Set("#birth_date", "2030-04-05")
	w.Fill("#document_name", "Maria Santos")
	w.Click("button.go")
	w.Shows("The document has expired.", "The birth date cannot be right")
	w.looks("found-wrong")
	w.Set("#expires", "2031-01-31")
	w.Set("#birth_date", "1990-04-05")
	w.Click("button.go")
	w.Shows("Reserved for you", "No cash yet.", "The name on the document fits", "Pre-receipt – not paid yet")
	w.looks("held")
	w.Click("a.go")
	w.Shows("Pay ₱ 11,220.50 to Maria Santos?", "This cannot be undone.")
	w.looks("sure")
	if got := w.cash(p); got != 5_000_000 {
		w.t.Errorf("before confirming the drawer holds %d", got)
	}
	w.Click(".sure button.go")
	w.Shows("Paid", "Hand over ₱ 11,220.50 to Maria Santos now.", "Receipt for the customer", "Receipt for the outlet", "-000001")
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
	path = w.Eval("new URL(document.querySelector(" + "`" + selector + "`" + ").action).pathname")
	form, err := url.ParseQuery(w.Eval("new URLSearchParams(new FormData(document.querySelector(`" + selector + "`))).toString()"))
	w.must(err)
	return path, form
}

func repeats(w *window, p *person) {
	code := w.coder.Code("second")
	w.waiting(code, 100_000)
	before := w.cash(p)
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.Click("button.go")
	w.Shows("Reserved for you")
	here := w.Eval("location.pathname")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	path, form := w.formOf("form[action$='/confirm']")
	for range 3 { // The answer is lost, and the form sent again: first by a proxy, then by the teller.
		if status, body := w.post(path, form); status != http.StatusSeeOther || !strings.HasPrefix(body, here) {
			w.t.Fatalf("got %d %.200s", status, body)
		}
	}
	w.Click(".sure button.go") // The stale form in the browser.
	w.Shows("Hand over ₱ 1,000.00")
	if got := w.cash(p); got != before-100_000 {
		w.t.Errorf("after four confirmations the drawer holds %d, want 1,000.00 less than %d", got, before)
	}
	w.Act("history.back()")
	w.AwaitGone("form[action$='/confirm']")
	w.AwaitSeen(".payment.paid")
	w.look(string(code), "Maria Santos")
	w.Shows("This payment was paid already. Hand over no cash.", "+63 2 8888 1234")
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
		one.AwaitSeen("a.go, .told")
		if !one.Has("a.go") {
			one.Shows("Hand over no cash.") // Held by the other counter, or paid there by now.
			one.looks("race-lost")
			continue
		}
		one.Click("a.go")
		one.AwaitSeen(".sure button.go")
		one.Click(".sure button.go")
		one.Shows("Hand over ₱ 2,000.00")
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
	w.Click("button.go")
	w.Shows("Above what you may pay at a time", "Manager’s approval")
	w.looks("approval")
	if w.Has("a.go") {
		w.t.Error("it is offered to pay before a manager approved")
	}
	w.Fill("#memail", manager.email)
	w.Fill("#mpassword", manager.password)
	w.Click("#approve button.go")
	w.AwaitSeen("#mcode")
	w.Fill("#mcode", w.code(manager))
	w.Click("#approve button.go")
	w.Shows("Approved by the manager.", "A manager approved this payout", "Tess Reyes")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.Shows("Hand over ₱ 20,000.00")
	if got := w.cash(p); got != before-2_000_000 {
		w.t.Errorf("the drawer holds %d, want 20,000.00 less than %d", got, before)
	}
}

func refusals(w *window) {
	far := w.coder.Code("fifth")
	w.waiting(far, 9_000_000)
	w.look(string(far), "Maria Santos")
	w.captures("Maria Santos")
	w.Click("button.go")
	w.Shows("Your drawer does not hold enough.")
	w.look(string(far), "Maria Santos")
	w.captures("Pedro Penduko")
	w.Click("button.go")
	w.Shows("This is not the beneficiary’s name.")
	w.look("O0O-111-LLLL", "Maria Santos")
	w.Shows("codes have no 0, O, 1, I or L")
	w.look(string(far), "Pedro Penduko")
	w.Shows("No payment fits this code and name.")
	wrongName := w.Eval("document.querySelector('.told').innerText")
	w.look(string(w.coder.Code("nobody's")), "Maria Santos")
	w.Shows("No payment fits this code and name.")
	if got := w.Eval("document.querySelector('.told').innerText"); got != wrongName {
		w.t.Errorf("a wrong code says %q, a wrong name %q", got, wrongName)
	}
	w.looks("not-found")
	w.Open("/agent/pay/pic_01k00000000000000000000000")
	w.Shows("There is no such page")
}

func withoutScript(w *window, p *person) {
	code := w.coder.Code("sixth")
	w.waiting(code, 150_000)
	before := w.cash(p)
	w.Script(false)
	defer w.Script(true)
	w.look(code.String(), "Maria Santos")
	w.AwaitSeen("#number")
	w.Fill("#number", "P1234567A")
	w.Fill("#expires", "01312031")
	w.Fill("#birth_date", "04051990")
	w.Fill("#document_name", "Maria Santos")
	w.Click("button.go")
	w.AwaitSeen("a.go")
	w.Click("a.go")
	w.AwaitSeen(".sure button.go")
	w.Click(".sure button.go")
	w.AwaitSeen(".payment.paid")
	if got := w.cash(p); got != before-150_000 {
		w.t.Errorf("without script the drawer went from %d to %d", before, got)
	}
}

func inArabic(w *window) {
	code := w.coder.Code("seventh")
	w.waiting(code, 1_122_050)
	w.Open("/agent/pay")
	w.Click(".menu summary")
	w.Eval("document.querySelector('#language').value = 'ar'")
	w.Click(".looks button")
	w.Await("html[dir=rtl]")
	if got := w.Eval("document.documentElement.lang"); got != "ar" {
		w.t.Errorf("the language is %q", got)
	}
	w.looks("pay-ar")
	w.look(string(code), "Maria Santos")
	w.captures("Maria Santos")
	w.looks("found-ar")
	w.Click("button.go")
	w.AwaitSeen("a.go")
	w.looks("held-ar")
	w.Click("form[action$='/release'] button")
	w.AwaitSeen(".notice.good")
	w.Open("/agent/drawer")
	w.looks("drawer-ar")
	w.Click(".menu summary")
	w.Eval("document.querySelector('#language').value = 'en'")
	w.Click(".looks button")
	w.Await("html[dir=ltr]")
}

func shortDrawer(w *window, manager *person) {
	w.Open("/agent/drawer")
	w.Fill("#amount", "1 000,00")
	w.Click("button[value=to_drawer]")
	w.Shows("The cash was moved.")
	w.looks("drawer")
	w.Click("a[href='/agent/drawer/close']")
	w.AwaitSeen(`input[name="pieces/PHP/1000"]`)
	w.Fill(`input[name="pieces/PHP/1000"]`, "5")
	w.Click("form[action$='/close'] button.wide:last-of-type")
	w.Shows("Close the drawer with ₱ 5,000.00")
	w.looks("close")
	w.Click("button.go")
	w.Shows("Counted: a manager must look", "Over or short")
	w.looks("drawer-short")
	w.Fill("#memail", manager.email)
	w.Fill("#mpassword", manager.password)
	w.Click("#approve button.go")
	w.AwaitSeen("#mcode")
	w.Fill("#mcode", w.code(manager))
	w.Click("#approve button.go")
	w.Shows("The difference is booked.")
	w.looks("drawer-closed")
}

func theDay(w *window) {
	w.Open("/agent/day")
	w.Shows("The books agree with every movement", "Paid out", "Short at a count", "Below ₱ 300,000.00: ask for more")
	w.looks("day")
	w.Fill("#amount", "250000")
	w.Click("form[action$='/top-up'] button")
	w.Shows("The operator was asked.", "Asked for")
	w.Click("details.surplus summary")
	w.Fill("#surplus", "99,000,000")
	w.Fill("#where", "BDO slip 4711")
	w.Click("form[action$='/surplus'] button")
	w.Shows("So much cannot go back")
	if got := w.Eval("document.querySelector('#surplus').value + '|' + document.querySelector('#where').value"); got != "99,000,000|BDO slip 4711" {
		w.t.Errorf("the form lost what was written: %s", got)
	}
	w.looks("surplus")
	w.Eval("document.querySelector('#surplus').value = ''")
	w.Fill("#surplus", "1000")
	w.Click("form[action$='/surplus'] button")
	w.Shows("Offered back. It counts as yours until the operator has received it.", "BDO slip 4711")
}

func locks(w *window) {
	w.Open("/agent/pay")
	for i := range 9 {
		w.look(string(w.coder.Code(fmt.Sprint("nobody's ", i))), "Maria Santos")
		w.AwaitSeen(".told")
		if strings.Contains(w.Eval("document.querySelector('.told').innerText"), "Too many tries") {
			break
		}
	}
	w.Shows("Too many tries. Wait", "minutes and check the code with the customer")
	w.looks("locked")
	code := w.coder.Code("eighth")
	w.waiting(code, 100_000)
	w.look(string(code), "Maria Santos")
	w.Shows("Too many tries.")
}
