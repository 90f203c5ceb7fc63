package console_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/openremit/remit/internal/testenv/browser"
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

// looks opens every page and looks at it.
func looks(w *window, caseID string) {
	for name, path := range pages(caseID) {
		w.Open(path)
		w.Looks(name)
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
	ctx, cancel := context.WithTimeout(w.Tab, browser.StepTimeout)
	defer cancel()
	asked := chromedp.Events(ctx, network.RequestWillBeSent)
	w.Open("/console/cases")
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
