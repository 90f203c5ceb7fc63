// Package browser drives headless Chromium for tests the way a person does:
// windows with cookies of their own, pages, forms, and what is to be seen.
//
// A page that goes away while it is asked is asked again where asking changes
// nothing; what acts, such as a click, is done once.
package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/internal/testenv"
)

// StepTimeout bounds one step. It is long, because a machine may have other
// things to do; nobody waits for it where all is well.
const StepTimeout = 60 * time.Second

// SkipUnderRace skips a test of pages under the race detector, where it shows
// little that the same test without it and the journeys that do run do not.
func SkipUnderRace(t testing.TB) {
	t.Helper()
	if testenv.Race {
		t.Skip("these pages are tested without the race detector: make test")
	}
}

// Browser is a running Chromium.
type Browser struct {
	ctx context.Context //nolint:containedctx // A browser lives as long as its context.
}

// Start runs Chromium with further options until the test ends. It skips the
// test where there is none.
func Start(t testing.TB, options ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	all := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(Chromium(t)),
		chromedp.Flag("force-prefers-reduced-motion", true), chromedp.Flag("lang", "en"))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(all, options...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return &Browser{ctx}
}

// Window is a browser window on one server's pages. Its methods fail the test
// for what does not happen.
type Window struct {
	// Tab is the context for chromedp's own calls.
	Tab context.Context //nolint:containedctx // A window lives as long as its context.

	t    testing.TB
	base func() string
}

// Window opens a window with cookies of its own on the pages below base, a URL
// without a slash at its end; it is asked each time, as a server that starts
// again may have moved.
func (b *Browser) Window(t testing.TB, base func() string) *Window {
	t.Helper()
	return window(t, b.ctx, base, chromedp.WithNewBrowserContext())
}

// Sibling opens another tab, with the same cookies.
func (w *Window) Sibling() *Window { w.t.Helper(); return window(w.t, w.Tab, w.base) }

func window(t testing.TB, parent context.Context, base func() string, options ...chromedp.ContextOption) *Window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	w := &Window{Tab: ctx, t: t, base: base}
	// The first step makes the window, which lives as long as the step's context.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1024, 900)); err != nil {
		t.Fatal(err)
	}
	return w
}

// In hands the window over to a part of the test, which then fails by itself.
func (w *Window) In(t testing.TB) *Window { return &Window{Tab: w.Tab, t: t, base: w.base} }

// Do takes steps, each once.
func (w *Window) Do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.Tab, StepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%v\n%s", err, w.now())
	}
}

// Open goes to a path of the server, or to a whole URL.
func (w *Window) Open(path string) {
	w.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = w.base() + path
	}
	w.Do(chromedp.Navigate(path))
	w.Await("main")
}

// Fill types a text where one would.
func (w *Window) Fill(selector, text string) { w.t.Helper(); w.Do(chromedp.SendKeys(selector, text)) }

// Click clicks on what can be seen.
func (w *Window) Click(selector string) {
	w.t.Helper()
	w.Do(chromedp.Click(selector, chromedp.NodeVisible))
}

// Press presses keys; kb names those that are no letters.
func (w *Window) Press(keys string, options ...chromedp.KeyOption) {
	w.t.Helper()
	w.Do(chromedp.KeyEvent(keys, options...))
}

// Eval gives what an expression is on the page, as a text. It may be asked more
// than once: Act does what must be done once.
func (w *Window) Eval(expression string) string {
	w.t.Helper()
	var text string
	w.until("an answer to "+expression, func() bool {
		said, ok := w.ask(expression)
		text = said
		return ok
	})
	return text
}

// Act runs a script once, which may leave the page.
func (w *Window) Act(script string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.Tab, StepTimeout)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[any]("(() => {"+script+"; return true})()")); err != nil && !leftPage(err) {
		w.t.Fatalf("%s: %v\n%s", script, err, w.now())
	}
}

// Set writes a value that keys do not write the same everywhere, such as a date.
func (w *Window) Set(selector, value string) {
	w.t.Helper()
	w.Eval("document.querySelector(" + strconv.Quote(selector) + ").value = " + strconv.Quote(value))
}

// Has says whether the page that is there has an element.
func (w *Window) Has(selector string) bool {
	w.t.Helper()
	return w.Eval(has(selector)) == "true"
}

func has(selector string) string { return "!!document.querySelector(" + strconv.Quote(selector) + ")" }

// Await waits until the page has an element.
func (w *Window) Await(selector string) {
	w.t.Helper()
	w.until("the page has "+selector, func() bool { return w.is(has(selector)) })
}

// AwaitSeen waits until an element can be seen.
func (w *Window) AwaitSeen(selector string) {
	w.t.Helper()
	w.until(selector+" can be seen", func() bool {
		return w.is("!!document.querySelector(" + strconv.Quote(selector) + ")?.checkVisibility()")
	})
}

// AwaitGone waits until the page has no such element.
func (w *Window) AwaitGone(selector string) {
	w.t.Helper()
	w.AwaitTrue("!document.querySelector(" + strconv.Quote(selector) + ")")
}

// AwaitTrue waits until an expression holds on the page.
func (w *Window) AwaitTrue(expression string) {
	w.t.Helper()
	w.until(expression, func() bool { return w.is(expression) })
}

// AwaitAt waits until the window is at a place: a part of its path and query.
func (w *Window) AwaitAt(part string) {
	w.t.Helper()
	w.until("the window is at "+part, func() bool {
		return w.is("(location.pathname + location.search).includes(" + strconv.Quote(part) + ")")
	})
}

// Shows waits until the page says each of the texts.
func (w *Window) Shows(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		w.until("the page says "+strconv.Quote(text), func() bool {
			return w.is("!!document.body && document.body.innerText.replaceAll(String.fromCharCode(160), ' ').includes(" + strconv.Quote(text) + ")")
		})
	}
}

// Cookie is the value of a cookie that the server's page at path would get, for
// calls beside the browser.
func (w *Window) Cookie(name, path string) string {
	w.t.Helper()
	found, err := chromedp.Run(w.Tab, func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{w.base() + path}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range found.Cookies {
		if c.Name == name {
			return c.Value
		}
	}
	w.t.Fatalf("there is no cookie %s at %s", name, path)
	return ""
}

// SetCookie sets a cookie as the server's page at path would.
func (w *Window) SetCookie(name, value, path string) {
	w.t.Helper()
	w.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: w.base() + path})
		return chromedp.Void{}, err
	})
}

// Script lets the pages' scripts run, or not.
func (w *Window) Script(runs bool) {
	w.t.Helper()
	w.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !runs})
		return chromedp.Void{}, err
	})
}

// Theme makes the window prefer light or dark.
func (w *Window) Theme(theme string) {
	w.t.Helper()
	w.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
		return chromedp.Void{}, err
	})
}

// Size makes the window as wide as a screen.
func (w *Window) Size(width int64) { w.t.Helper(); w.Do(chromedp.EmulateViewport(width, 900)) }

// Picture keeps what the whole page looks like in the folder that REMIT_SHOTS
// names, where it does.
func (w *Window) Picture(name string) {
	w.t.Helper()
	dir := os.Getenv("REMIT_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(w.Tab, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// ask gives what an expression is; not ok says that the page went away meanwhile.
func (w *Window) ask(expression string) (text string, ok bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.Tab, StepTimeout)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	switch {
	case leftPage(err):
		return "", false
	case err != nil:
		w.t.Fatalf("%s: %v", expression, err)
	}
	return text, true
}

// is says whether an expression holds on a page that is there whole, with its
// scripts: what comes next may need them.
func (w *Window) is(expression string) bool {
	w.t.Helper()
	text, ok := w.ask("document.readyState === 'complete' && (" + expression + ")")
	return ok && text == "true"
}

// leftPage says whether a call failed because its page gave way to another.
func leftPage(err error) bool {
	answer, ok := errors.AsType[*cdproto.Error](err)
	if !ok {
		return false
	}
	for _, sign := range []string{"Inspected target navigated or closed", "Execution context was destroyed", "Cannot find context with specified id", "Cannot find default execution context"} {
		if strings.Contains(answer.Message, sign) {
			return true
		}
	}
	return false
}

// until asks again and again, and on failure tells what was there at the end.
func (w *Window) until(what string, holds func() bool) {
	w.t.Helper()
	if !testenv.Comes(StepTimeout, holds) {
		w.t.Fatalf("waited %s for: %s\n%s", StepTimeout, what, w.now())
	}
}

// now tells where the window is and what it says.
func (w *Window) now() string {
	w.t.Helper()
	text, _ := w.ask("location.href + ' says:\\n' + (document.body ? document.body.innerText.slice(0, 3000) : '')")
	return "the page at " + text
}
