package agent_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv/browser"
)

// window is a browser window at the counter's pages.
type window struct {
	*world
	*browser.Window
	browser *browser.Browser
}

// browse starts Chromium with a camera; it skips the test where there is none.
func browse(t *testing.T) *browser.Browser {
	t.Helper()
	return browser.Start(t, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))
}

func (w *world) window(b *browser.Browser) *window {
	w.t.Helper()
	return &window{w, b.Window(w.t, func() string { return w.url }), b}
}

// in hands the window over to a part of the test, which then fails by itself.
func (w *window) in(t *testing.T) *window {
	other := *w.world
	other.t = t
	return &window{&other, w.In(t), w.browser}
}

// code is a person's code that was not used yet: the clock moves on.
func (w *world) code(p *person) string {
	w.clock.Advance(30 * time.Second)
	return compliance.TOTPCode(p.secret, compliance.TOTPStep(w.clock.Now()))
}

// signIn signs a person in through the pages.
func (w *window) signIn(p *person) *window {
	w.t.Helper()
	w.Open("/agent/sign-in")
	w.Fill("#email", p.email)
	w.Fill("#password", p.password)
	w.Click("button.go")
	w.AwaitSeen("#code")
	w.Fill("#code", w.code(p))
	w.Click("button.go")
	w.AwaitSeen(".top nav")
	return w
}

// cookie is the session's cookie of a window, for calls beside the browser.
func (w *window) cookie() string { w.t.Helper(); return w.Cookie("remit_agent", "/agent") }

// looks checks the page that is shown as Looks does, and that its targets are
// large enough to touch.
func (w *window) looks(name string) {
	w.t.Helper()
	w.Looks(name, func(where string) {
		if small := w.Eval(smallTargets); small != "" {
			w.t.Errorf("%s: too small to touch: %s", where, small)
		}
	})
	w.Size(1024)
}

// smallTargets lists what is touched and lower than 44 px.
const smallTargets = `[...document.querySelectorAll("main button, main input:not([type=hidden]):not([type=radio]), main select, main a, header summary, header nav a")]
	.filter(e => e.checkVisibility() && !e.closest(".notice p:not(:has(.phone))") && e.getBoundingClientRect().height < 43.5)
	.map(e => e.outerHTML.slice(0, 80) + " " + e.getBoundingClientRect().height).join("; ")`
