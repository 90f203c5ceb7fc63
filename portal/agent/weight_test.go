package agent_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// mostBytes is what a page may weigh on the wire, with all that it needs and
// nothing kept from before.
const mostBytes = 50 << 10

var linked = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// weighs fetches pages as a browser without a cache does.
func weighs(w *window, paths ...string) {
	for _, path := range paths {
		zipped, header := w.get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		} {
			if !strings.Contains(header.Get(name), want) {
				w.t.Errorf("%s: header %s is %q, want %q in it", path, name, header.Get(name), want)
			}
		}
		z, err := gzip.NewReader(strings.NewReader(zipped))
		w.must(err)
		text, err := io.ReadAll(z)
		w.must(err)
		for _, not := range []string{"<style", " style=", " onclick=", "<script>", "javascript:"} {
			if strings.Contains(string(text), not) {
				w.t.Errorf("%s has %q", path, not)
			}
		}
		whole := len(zipped)
		for _, match := range linked.FindAllStringSubmatch(string(text), -1) {
			file, _ := w.get(match[1])
			whole += len(file)
		}
		w.t.Logf("%-16s %5d bytes, %5d with stylesheets and scripts", path, len(zipped), whole)
		if whole > mostBytes {
			w.t.Errorf("%s weighs %d bytes, want at most %d", path, whole, mostBytes)
		}
	}
}

// get fetches a page as the window's person, compressed.
func (w *window) get(path string) (string, http.Header) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, nil)
	w.must(err)
	request.Header.Set("Accept-Encoding", "gzip")
	request.AddCookie(&http.Cookie{Name: "remit_agent", Value: w.cookie()})
	answer, err := http.DefaultTransport.RoundTrip(request)
	w.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	w.must(err)
	if answer.StatusCode != http.StatusOK {
		w.t.Fatalf("GET %s: %s", path, answer.Status)
	}
	return string(text), answer.Header
}
