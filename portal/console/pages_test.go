package console_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/internal/testenv"
)

// pages are all pages of the console, by the names of their pictures.
func pages(caseID string) map[string]string {
	return map[string]string{
		"queue": "/console/cases", "queue-all": "/console/cases?status=&order=newest", "queue-empty": "/console/cases?inbox=operations",
		"case": "/console/cases/" + caseID, "licence": "/console/cases/" + caseID + "?do=unblock", "links": "/console/cases/" + caseID + "/graph",
		"figures": "/console/dashboard", "lists": "/console/lists", "policy": "/console/policy", "audit": "/console/audit",
		"people": "/console/people", "account": "/console/account", "help": "/console/help", "missing": "/console/nothing",
	}
}

// looks opens every page at every size in both themes: nothing runs over the
// edge, and axe finds nothing serious. With REMIT_SHOTS=dir it keeps pictures.
func looks(w *window, caseID string) {
	axe, err := os.ReadFile(filepath.Join("testdata", "axe.min.js"))
	w.must(err)
	all := pages(caseID)
	for name, path := range all {
		w.open(path)
		w.looksAt(name, string(axe))
	}
	w.theme("light")
	w.do(chromedp.EmulateViewport(1440, 900))
}

// looksAt looks at the page that is open, and opens it again at each size.
func (w *window) looksAt(name, axe string) {
	w.t.Helper()
	if testenv.Race {
		return
	}
	here := w.eval("location.pathname + location.search")
	for _, theme := range []string{"light", "dark"} {
		w.theme(theme)
		for _, width := range []int64{1440, 1024, 390} {
			w.do(chromedp.EmulateViewport(width, 900))
			w.open(here)
			if over := w.eval("document.documentElement.scrollWidth - window.innerWidth"); !strings.HasPrefix(over, "-") && over != "0" {
				w.t.Errorf("%s at %d: %s pixels run over the edge", here, width, over)
			}
			w.picture(fmt.Sprintf("%s-%d-%s", name, width, theme))
			if width != 1024 {
				w.axe(axe, fmt.Sprintf("%s at %d, %s", here, width, theme))
			}
		}
	}
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

// picture keeps what the page looks like, where pictures are wanted.
func (w *window) picture(name string) {
	w.t.Helper()
	dir := os.Getenv("REMIT_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	w.must(err)
	w.must(os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}

// axe fails the test for what keeps people from using the page.
func (w *window) axe(script, what string) {
	w.t.Helper()
	w.do(chromedp.Steps(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[any](script+"; true")(ctx, t)
		return chromedp.Void{}, err
	}))
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
		if f.Impact == "serious" || f.Impact == "critical" {
			w.t.Errorf("%s: %s (%s): %s\n  %s", what, f.ID, f.Impact, f.Help, strings.Join(f.Nodes, "\n  "))
		} else {
			w.t.Logf("%s: %s (%s): %s %v", what, f.ID, f.Impact, f.Help, f.Nodes)
		}
	}
}

// Bounds of a page.
const (
	mostMillis = 100
	mostBytes  = 50 << 10
	tries      = 5
)

// weighs prints what each page weighs on the wire and how long the server took,
// and checks what every answer must have.
func weighs(w *window, caseID string) {
	cookie := w.cookie()
	for name, path := range pages(caseID) {
		best, bytes := 1e9, 0
		for range tries {
			request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.REST+path, nil)
			w.must(err)
			request.Header.Set("Accept-Encoding", "gzip")
			request.AddCookie(&http.Cookie{Name: "remit_console", Value: cookie})
			answer, err := http.DefaultTransport.RoundTrip(request)
			w.must(err)
			text, err := io.ReadAll(answer.Body)
			w.must(err)
			w.must(answer.Body.Close())
			bytes = len(text)
			took, err := strconv.ParseFloat(strings.TrimPrefix(answer.Header.Get("Server-Timing"), "page;dur="), 64)
			w.must(err)
			best = min(best, took)
			for header, want := range map[string]string{
				"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Request-Id": "req_", "Referrer-Policy": "no-referrer",
			} {
				if !strings.Contains(answer.Header.Get(header), want) {
					w.t.Errorf("%s: header %s is %q, want %q in it", path, header, answer.Header.Get(header), want)
				}
			}
			w.nothingInline(path, text)
		}
		w.t.Logf("%-12s %6.1f ms on the server, %5d bytes on the wire", name, best, bytes)
		if best > mostMillis {
			w.t.Errorf("%s takes %.1f ms, want at most %d", path, best, mostMillis)
		}
		if bytes > mostBytes {
			w.t.Errorf("%s weighs %d bytes, want at most %d", path, bytes, mostBytes)
		}
	}
	w.onlyOwn()
}

// nothingInline checks that a page has no script or style in its text.
func (w *window) nothingInline(path string, zipped []byte) {
	w.t.Helper()
	z, err := gzip.NewReader(strings.NewReader(string(zipped)))
	w.must(err)
	text, err := io.ReadAll(z)
	w.must(err)
	for _, not := range []string{"<style", " style=", " onclick=", "<script>", "javascript:"} {
		if strings.Contains(string(text), not) {
			w.t.Errorf("%s has %q", path, not)
		}
	}
}

// onlyOwn checks that a page asks nobody but its own server.
func (w *window) onlyOwn() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, stepTimeout)
	defer cancel()
	asked := chromedp.Events(ctx, network.RequestWillBeSent)
	w.open("/console/cases")
	w.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool]("true")(ctx, t)
		return chromedp.Void{}, err
	})
	seen := 0
	for e, err := range asked {
		w.must(err)
		if !strings.HasPrefix(e.Request.URL, w.REST+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			w.t.Errorf("the page asks %s", e.Request.URL)
		}
		if seen++; seen == 3 { // The page, its stylesheet and its script.
			break
		}
	}
}
