package agent_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/internal/testenv"
)

const stepTimeout = 20 * time.Second

// browse starts Chromium; it skips the test where there is none.
func browse(t *testing.T) context.Context {
	t.Helper()
	chromium := testenv.Chromium(t)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.ExecPath(chromium), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.Flag("lang", "en"),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(browser, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return browser
}

// window is a browser window with cookies of its own.
type window struct {
	*world
	ctx     context.Context //nolint:containedctx // The window's, for one test.
	browser context.Context //nolint:containedctx // The browser's.
}

func (w *world) window(browser context.Context) *window {
	w.t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	w.t.Cleanup(cancel)
	w.must(chromedp.Do(ctx, chromedp.EmulateViewport(1024, 900)))
	return &window{w, ctx, browser}
}

// in hands the window over to a part of the test, which then fails by itself.
func (w *window) in(t *testing.T) *window {
	other := *w.world
	other.t = t
	return &window{&other, w.ctx, w.browser}
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%v\nthe page at %s says:\n%s", err, w.eval("location.href"), w.eval("document.body ? document.body.innerText : ''"))
	}
}

// eval runs an expression that gives a text.
func (w *window) eval(expression string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, stepTimeout)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	w.must(err)
	return text
}

func (w *window) open(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.url+path), chromedp.WaitReady("main"))
}

func (w *window) fill(selector, text string) {
	w.t.Helper()
	w.do(chromedp.SendKeys(selector, text))
}

// set writes a value that keys do not write the same everywhere, such as a date.
func (w *window) set(selector, value string) {
	w.t.Helper()
	w.eval("document.querySelector(" + strconv.Quote(selector) + ").value = " + strconv.Quote(value))
}

func (w *window) click(selector string) {
	w.t.Helper()
	w.do(chromedp.Click(selector, chromedp.NodeVisible))
}

func (w *window) has(selector string) bool {
	w.t.Helper()
	return w.eval("!!document.querySelector("+strconv.Quote(selector)+")") == "true"
}

// shows waits until the page says something.
func (w *window) shows(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		testenv.Until(w.t, stepTimeout, "the page says "+strconv.Quote(text)+"; at first it says "+w.eval("document.body ? document.body.innerText.slice(0, 1500) : ''"), func() bool {
			return w.eval("!!document.body && document.body.innerText.replaceAll(String.fromCharCode(160), ' ').includes("+strconv.Quote(text)+")") == "true"
		})
	}
}

// code is a person's code that was not used yet: the clock moves on.
func (w *world) code(p *person) string {
	w.clock.Advance(30 * time.Second)
	return compliance.TOTPCode(p.secret, compliance.TOTPStep(w.clock.Now()))
}

// signIn signs a person in through the pages.
func (w *window) signIn(p *person) *window {
	w.t.Helper()
	w.open("/agent/sign-in")
	w.fill("#email", p.email)
	w.fill("#password", p.password)
	w.click("button.go")
	w.do(chromedp.WaitVisible("#code"))
	w.fill("#code", w.code(p))
	w.click("button.go")
	w.do(chromedp.WaitVisible(".top nav"))
	return w
}

// cookie is the session's cookie of a window, for calls beside the browser.
func (w *window) cookie() string {
	w.t.Helper()
	found, err := chromedp.Run(w.ctx, func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{w.url + "/agent"}})
	})
	w.must(err)
	for _, c := range found.Cookies {
		if c.Name == "remit_agent" {
			return c.Value
		}
	}
	w.t.Fatal("there is no session cookie")
	return ""
}

func (w *window) script(off bool) {
	w.t.Helper()
	_, err := chromedp.Run(w.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
	})
	w.must(err)
}

func (w *window) theme(theme string) {
	w.t.Helper()
	_, err := chromedp.Run(w.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
	})
	w.must(err)
}

// looks checks the page that is shown at every size in both themes: nothing
// runs over the edge, targets are large enough and axe finds nothing serious.
// With REMIT_SHOTS=dir it keeps pictures.
func (w *window) looks(name string) {
	w.t.Helper()
	if testenv.Race {
		return
	}
	axe, err := os.ReadFile(filepath.Join("..", "console", "testdata", "axe.min.js"))
	w.must(err)
	for _, theme := range []string{"light", "dark"} {
		w.theme(theme)
		for _, width := range []int64{1440, 1024, 390} {
			w.do(chromedp.EmulateViewport(width, 900))
			if over := w.eval("document.documentElement.scrollWidth - window.innerWidth"); !strings.HasPrefix(over, "-") && over != "0" {
				w.t.Errorf("%s at %d: %s pixels run over the edge", name, width, over)
			}
			if small := w.eval(smallTargets); small != "" {
				w.t.Errorf("%s at %d: too small to touch: %s", name, width, small)
			}
			if dir := os.Getenv("REMIT_SHOTS"); dir != "" {
				png, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
				w.must(err)
				w.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, theme)), png, 0o600))
			}
			if width != 1024 {
				w.axe(string(axe), fmt.Sprintf("%s at %d, %s", name, width, theme))
			}
		}
	}
	w.theme("light")
	w.do(chromedp.EmulateViewport(1024, 900))
}

// smallTargets lists what is touched and lower than 44 px.
const smallTargets = `[...document.querySelectorAll("main button, main input:not([type=hidden]):not([type=radio]), main select, main a, header summary, header nav a")]
	.filter(e => e.checkVisibility() && !e.closest(".notice p:not(:has(.phone))") && e.getBoundingClientRect().height < 43.5)
	.map(e => e.outerHTML.slice(0, 80) + " " + e.getBoundingClientRect().height).join("; ")`

// axe fails the test for what keeps people from using the page.
func (w *window) axe(script, what string) {
	w.t.Helper()
	w.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[any](script+"; true")(ctx, t)
		return chromedp.Void{}, err
	})
	text, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(found => JSON.stringify(found.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " | " + n.failureSummary.slice(0, 200))}))))`,
		chromedp.EvalAwaitPromise))
	w.must(err)
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	w.must(json.Unmarshal([]byte(text), &found))
	for _, f := range found {
		w.t.Errorf("%s: %s (%s): %s\n  %s", what, f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n  "))
	}
}
