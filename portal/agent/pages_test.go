package agent_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openremit/remit"
	"github.com/openremit/remit/internal/testenv/browser"
	"github.com/openremit/remit/portal/agent"
	"github.com/openremit/remit/ramps/counter"
)

// TestEveryPage looks at every page in every language at two widths: nothing
// runs over the edge, nothing is left in English, nothing needs script, and each
// weighs less than 50 KB with all that it needs.
func TestEveryPage(t *testing.T) {
	browser.SkipUnderRace(t)
	browser := browse(t)
	w := open(t)
	tess, mona, ada := w.hire("Tess Reyes", counter.RoleTeller, 1_500_000), w.hire("Mona Manalo", counter.RoleManager, 0), w.admin("Ada Abad")
	w.drawer(tess, 5_000_000)
	us := w.abroad()
	ana, mick := us.hire("Ana Lopez", counter.RoleTeller, 0), us.hire("Mick Doyle", counter.RoleManager, 0)
	us.dollars(mick)
	_, err := w.service.OpenDrawer(w.ctx, ana.by, id[counter.DrawerID](w, counter.PrefixDrawer), []counter.Count{{Total: remit.NewMoney(usd, 10_000)}})
	w.must(err)
	teller, manager, admin, abroad := w.window(browser).signIn(tess), w.window(browser).signIn(mona), w.window(browser).signIn(ada), us.window(browser).signIn(ana)

	teller.atHand("every page", 1_122_050)
	held := teller.Eval("location.pathname")
	teller.Click(".sure button.go")
	teller.AwaitSeen(".payment.paid")
	large := w.coder.Code("large")
	w.waiting(large, 2_000_000)
	teller.look(string(large), "Maria Santos")
	teller.captures("Maria Santos")
	teller.Click("button.go")
	teller.AwaitSeen("#approve")
	waits := teller.Eval("location.pathname")
	person := "/agent/people/" + string(tess.by.TellerID)
	pickup := held[strings.LastIndexByte(held, '/')+1:]

	for _, one := range []struct {
		who   *window
		name  string
		paths []string
	}{
		{teller, "teller", []string{"/agent/pay", held, held + "?paper=58", waits, "/agent/drawer", "/agent/drawer/close", "/agent/mine", "/agent/account", "/agent/report", "/agent/send"}},
		{manager, "manager", []string{"/agent/day", "/agent/day/evidence/" + pickup, "/agent/statement", "/agent/daybook", "/agent/people", person, "/agent/outlets/" + string(w.outlet.ID)}},
		{admin, "admin", []string{"/agent/people", "/agent/people/invite", "/agent/statement", "/agent/daybook", "/agent/daybook?outlet=" + string(w.outlet.ID), person, "/agent/outlets/" + string(w.outlet.ID)}},
		{abroad, "abroad", []string{"/agent/send"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			win := one.who.in(t)
			weighs(win, one.paths...)
			for _, path := range one.paths {
				win.Open(path)
				win.needsNoScript(path)
			}
			for _, code := range agent.Languages {
				win.cookieLanguage(code)
				for _, path := range one.paths {
					win.Open(path)
					win.fits(code, one.name+strings.ReplaceAll(strings.TrimPrefix(path, "/agent"), "/", "-"))
				}
			}
			win.cookieLanguage("en")
		})
	}
	admin.Open("/agent/daybook")
	admin.Shows("End-of-day report", "Quiapo", "Jackson Heights")
	admin.looks("daybook-choose")
	admin.Click("a[href*='outlet=" + string(w.outlet.ID) + "']")
	admin.Shows("Counted at opening")
	for _, code := range []string{"ar", "hi", "sw"} {
		t.Run("sending in "+code, func(t *testing.T) { sendsIn(abroad.in(t), code) })
	}
}

// cookieLanguage sets the language without going through the menu.
func (w *window) cookieLanguage(code string) {
	w.t.Helper()
	w.SetCookie("remit_language", code, "/agent")
}

// needsNoScript fails for a button that does something only with script, and is
// there without it.
func (w *window) needsNoScript(path string) {
	w.t.Helper()
	found, err := chromedp.Run(w.Tab, chromedp.Evaluate[string](`fetch(location.href).then(r => r.text()).then(text => {
		const page = new DOMParser().parseFromString(text, "text/html");
		return [...page.querySelectorAll("button")].filter(b => (!b.closest("form") || b.type === "button") && !b.closest("[hidden]")).map(b => b.outerHTML).join("; ");
	})`, chromedp.EvalAwaitPromise))
	w.must(err)
	if found != "" {
		w.t.Errorf("%s has without script: %s", path, found)
	}
}

// overEdge names what is wider than the page.
const overEdge = `[...document.querySelectorAll("body *")].filter(e => { const r = e.getBoundingClientRect(); return e.checkVisibility() && (r.right > innerWidth + 0.5 || r.left < -0.5) && !e.closest(".scroll"); })
	.map(e => e.outerHTML.slice(0, 120)).slice(-3).join(" | ")`

// fits checks what is shown at a phone's and a tablet's width for what runs over
// the edge and for texts of the English catalogue.
func (w *window) fits(code, name string) {
	w.t.Helper()
	if got := w.Eval("document.documentElement.lang"); got != code {
		w.t.Errorf("%s is in %q, want %q", name, got, code)
	}
	for _, width := range []int64{1024, 390} {
		w.Size(width)
		if over := w.Eval("document.documentElement.scrollWidth - window.innerWidth"); !strings.HasPrefix(over, "-") && over != "0" {
			w.t.Errorf("%s in %s at %d: %s pixels run over the edge: %s", name, code, width, over, w.Eval(overEdge))
		}
		w.Eval("scrollTo(0, 0)")
		w.Picture("all-" + strings.NewReplacer("?", "_", "=", "_").Replace(name) + "-" + code + "-" + strconv.FormatInt(width, 10))
	}
	w.Size(1024)
	if code == agent.Languages[0] {
		return
	}
	english, theirs := catalogue(w.t, agent.Languages[0]), catalogue(w.t, code)
	var left []string
	for key, text := range english {
		if text != theirs[key] && len(text) > 3 && !strings.Contains(text, "{") && !strings.Contains(key, "language.") {
			left = append(left, text)
		}
	}
	list, err := json.Marshal(left)
	w.must(err)
	// A whole text of the page, not a part of a name.
	found := w.Eval(`(() => { const english = new Set(` + string(list) + `), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = new Set();
		while (walk.nextNode()) { const text = walk.currentNode.data.trim(); if (english.has(text)) out.add(text); if (/^[a-z]+(\.[a-z_]+)+$/.test(text)) out.add(text); }
		for (const e of document.querySelectorAll("[aria-label], [title]")) for (const text of [e.getAttribute("aria-label"), e.title]) if (english.has(text)) out.add(text);
		return [...out].join("; "); })()`)
	if found != "" {
		w.t.Errorf("%s in %s says: %s", name, code, found)
	}
}

// sendsIn goes through the steps of sending, and looks at each.
func sendsIn(w *window, code string) {
	w.cookieLanguage(code)
	defer w.cookieLanguage("en")
	w.Open("/agent/send")
	w.Set("#q-to", "PH mobile_money PHP")
	w.Fill("#q-amount", "200")
	w.Click("button.go")
	w.AwaitSeen("button[value=sender]")
	w.fits(code, "send-price")
	w.Click("button[value=sender]")
	w.AwaitSeen("#s-find-phone")
	w.fits(code, "send-find")
	w.Click("main form[action$='/step'] button[value=sender]")
	w.AwaitSeen("#s-party-given-name")
	w.fits(code, "send-new")
	w.writesAlice("1988-04-12", "2031-01-31", "+12125550142")
	w.Click("button.go")
	w.AwaitSeen("#r-account-operator")
	w.fits(code, "send-receiver")
	w.Do(chromedp.SetValue("#r-account-operator", "gcash"))
	w.writesReceiver("Maria", "Santos")
	w.Fill("#r-account-phone", "+639171234567")
	w.Click("button.go")
	w.AwaitSeen("#c-agreed")
	w.fits(code, "send-check")
	w.agree("no")
	here := w.Eval("location.pathname")
	w.Open(here + "?still=1")
	w.fits(code, "send-checking")
	w.cleared()
	w.Open(here)
	w.fits(code, "send-take")
	w.clock.Advance(time.Second)
}
