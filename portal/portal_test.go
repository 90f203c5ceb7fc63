package portal_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ currency, amount, want string }{
		{"USD", "200.00", "USD 200.00"},
		{"USD", "1234567.5", "USD 1,234,567.5"},
		{"PHP", "-11220.50", "PHP −11,220.50"},
		{"JPY", "1000", "JPY 1,000"},
		{"USD", "0.05", "USD 0.05"},
		{"USDC_STELLAR", "203.4000000", "USDC 203.40"},
		{"USDC_SOLANA", "203.400001", "USDC 203.400001"},
		{"", "", ""},
	} {
		got := strings.ReplaceAll(portal.Amount(&v1.Money{Currency: c.currency, Amount: c.amount}), "\u00a0", " ")
		if got != c.want {
			t.Errorf("%s %s is written %q, want %q", c.currency, c.amount, got, c.want)
		}
	}
	for text, want := range map[string]string{"USD 11220.50": "USD\u00a011,220.50", "something else": "something else", "": ""} {
		if got := portal.AmountText(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

func TestPercentAndShare(t *testing.T) {
	t.Parallel()
	for points, want := range map[int32]string{10_000: "100.0", 9_245: "92.5", 0: "0.0", -2_004: "−20.0", 5: "0.1"} {
		if got := portal.Percent(points); got != want {
			t.Errorf("%d is written %q, want %q", points, got, want)
		}
	}
	for _, c := range []struct {
		part, whole int64
		want        string
	}{{1, 3, "33.3\u00a0%"}, {0, 0, "–"}, {2, 2, "100.0\u00a0%"}} {
		if got := portal.Share(c.part, c.whole); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestRelative(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{
		{10 * time.Second, "just now"}, {-10 * time.Second, "just now"}, {4 * time.Minute, "4 min ago"}, {5 * time.Hour, "5 h ago"},
		{3 * 24 * time.Hour, "3 d ago"}, {30 * 24 * time.Hour, "22 Oct 2026"}, {-90 * time.Minute, "in 1 h 30 min"},
	} {
		if got := portal.Relative(now.Add(-c.ago), now); got != c.want {
			t.Errorf("%s ago is %q, want %q", c.ago, got, c.want)
		}
	}
}

func TestShortID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"cas_01m7yxz5h5e7p999srdn9typ04": "cas_…9typ04", "short": "short",
		"5eb63bbbe01eeed093cb22bb8f5acdc3": "5eb63b…5acdc3",
	} {
		if got := portal.ShortID(id); got != want {
			t.Errorf("%s is written %s, want %s", id, got, want)
		}
	}
}

// TestGraph: nothing that people wrote reaches Graphviz, and all of it is
// escaped where it is drawn.
func TestGraph(t *testing.T) {
	t.Parallel()
	g, err := portal.NewGrapher(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	nodes := []portal.GraphNode{
		{ID: "a", Kind: "case", Label: `"];}<script>alert(1)</script>`, Href: `/console/"onload="x`},
		{ID: "b", Kind: "customer", Label: "Ismael Zambada García", Tone: portal.ToneBad, Status: "Open"},
		{ID: "c", Kind: "account", Label: strings.Repeat("long ", 40)},
	}
	edges := []portal.GraphEdge{{"a", "b", "is about"}, {"a", "b", "hit"}, {"b", "c", `paid "to"`}, {"c", "c", "itself"}}
	for range 2 { // The second comes from memory.
		drawing, err := g.Draw(t.Context(), nodes, edges, "links")
		if err != nil {
			t.Fatal(err)
		}
		text := string(drawing)
		for _, want := range []string{"Ismael Zambada García", "is about", ">hit<", "paid &#34;to&#34;", `class="node focus"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the drawing lacks %q", want)
			}
		}
		for _, not := range []string{"<script", `"onload=`, "NaN", "style="} {
			if strings.Contains(text, not) {
				t.Errorf("the drawing has %q", not)
			}
		}
	}
	if _, err := g.Draw(t.Context(), nodes, []portal.GraphEdge{{"a", "nobody", "x"}}, ""); err == nil {
		t.Error("an edge to nowhere is drawn")
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	if got := portal.Columns(nil, portal.ToneBad, "nothing"); got != "" {
		t.Errorf("no bars are drawn as %q", got)
	}
	bars := []portal.Bar{{Label: "1 Nov", Full: "<b>", Whole: 0}, {Label: "2 Nov", Full: "two", Whole: 37, Part: 3}}
	text := string(portal.Columns(bars, portal.ToneBad, "days"))
	for _, want := range []string{">40<", ">20<", ">37<", "2 Nov", "&lt;b&gt;"} {
		if !strings.Contains(text, want) {
			t.Errorf("the chart lacks %q: %s", want, text)
		}
	}
}

func TestQRCode(t *testing.T) {
	t.Parallel()
	svg, err := portal.QRCode("otpauth://totp/Remit:a@b.example?secret=ABCDEFGH", `a "code"`)
	if err != nil || !strings.Contains(string(svg), "a &#34;code&#34;") {
		t.Errorf("got %v, %.100s", err, svg)
	}
	if svg, err := portal.QRCode(strings.Repeat("x", 5000), ""); err != nil || svg != "" {
		t.Errorf("a text that fits no code is drawn: %v, %.100s", err, svg)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	a, err := portal.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	path := a.Path("portal.css")
	for _, c := range []struct {
		method, path string
		want         int
	}{{"GET", path, 200}, {"HEAD", path, 200}, {"POST", path, 404}, {"GET", "/static/portal.css", 404}, {"GET", "/static/../doc.go", 404}} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.want)
		}
		if c.want == 200 && (!strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css")) {
			t.Errorf("%s: headers %v", c.path, w.Header())
		}
	}
}

func TestShell(t *testing.T) {
	t.Parallel()
	shell := portal.Shell{
		Clock: remit.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)), Logger: quiet(),
		Refuse: func(w http.ResponseWriter, _ *http.Request, p portal.Problem) {
			http.Error(w, p.Reason+" "+p.RequestID, p.Status)
		},
	}
	h := shell.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("oh")
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	call := func(method, path, site string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		method, path, site string
		want               int
	}{
		{"GET", "/", "", 204}, {"GET", "/", "cross-site", 204}, {"POST", "/", "same-origin", 204}, {"POST", "/", "cross-site", 403},
		{"POST", "/", "same-site", 403}, {"GET", "/panic", "", 500},
	} {
		w := call(c.method, c.path, c.site)
		if w.Code != c.want {
			t.Errorf("%s %s from %q: %d, want %d", c.method, c.path, c.site, w.Code, c.want)
		}
		if id := w.Header().Get("X-Request-Id"); !strings.HasPrefix(id, "req_") || c.want >= 400 && !strings.Contains(w.Body.String(), id) {
			t.Errorf("%s %s: request id %q, page %q", c.method, c.path, id, w.Body)
		}
		if w.Header().Get("Content-Security-Policy") != portal.CSP {
			t.Errorf("%s %s: CSP %q", c.method, c.path, w.Header().Get("Content-Security-Policy"))
		}
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"one\r\ntwo\r\n": "one\ntwo", "one\rtwo": "one\ntwo", " \r\n ": "", "one\n\ntwo": "one\n\ntwo"} {
		if got := portal.Prose(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestSecured(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"127.0.0.1:8080": false, "localhost": false, "[::1]:8080": false, "remit.example": true, "10.0.0.7:8080": true, "localhost.evil.example": true,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		if got := portal.Secured(r); got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}

// TestProblemOf ranges over all codes: each has a page of its own, and what is
// not known is ours.
func TestProblemOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]int{
		codes.InvalidArgument: 422, codes.Unauthenticated: 401, codes.PermissionDenied: 403, codes.NotFound: 404, codes.Aborted: 409,
		codes.FailedPrecondition: 409, codes.ResourceExhausted: 429, codes.Unavailable: 503, codes.DeadlineExceeded: 503, codes.Internal: 500,
		codes.Unknown: 500, codes.Unimplemented: 404,
	} {
		p := portal.ProblemOf(status.Error(code, "the sql driver said: no"), "req_1")
		if p.Status != want || p.Title == "" || p.Detail == "" || p.RequestID != "req_1" {
			t.Errorf("%s: %+v, want status %d with words", code, p, want)
		}
		if want == 500 && strings.Contains(p.Detail, "sql") {
			t.Errorf("%s tells what is for the log: %s", code, p.Detail)
		}
	}
	if p := portal.ProblemOf(context.DeadlineExceeded, "req_1"); p.Status != 503 {
		t.Errorf("a timeout is %d", p.Status)
	}
	st, err := status.New(codes.InvalidArgument, "note is too short").WithDetails(
		&errdetails.ErrorInfo{Domain: "remit", Reason: "FIELD_INVALID"},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "note", Description: "write more"}}})
	if err != nil {
		t.Fatal(err)
	}
	if p := portal.ProblemOf(st.Err(), ""); p.Reason != "FIELD_INVALID" || p.Field("note") != "Write more." || p.Detail != "Note is too short." {
		t.Errorf("got %+v", p)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestProblemNamesNoField: pages have their own names for what the API calls
// handed_over_by.
func TestProblemNamesNoField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, message, beside, detail string }{
		{"handed_over_by", "handed_over_by is missing", "This is missing.", "Handed over by is missing."},
		{"deadline_hours", "deadline_hours is wrong: must be at most 720", "This must be at most 720.", "Deadline hours must be at most 720."},
		{"amount.currency", "amount.currency is missing", "This is missing.", "Currency is missing."},
		{"inbox", "inbox is wrong: must be in list [, sanctions, review]", "This is none of those that there are; choose one of them.", "Inbox is none of those that there are; choose one of them."},
		{"note", "write at least a few words", "Write at least a few words.", "Write at least a few words."},
	} {
		violation := []*errdetails.BadRequest_FieldViolation{{Field: c.field, Description: c.message}}
		for before, count := range map[string]string{"": "", "2 fields are wrong; the first: ": "2 fields are wrong; the first: "} {
			st, err := status.New(codes.InvalidArgument, before+c.message).WithDetails(&errdetails.BadRequest{FieldViolations: violation})
			if err != nil {
				t.Fatal(err)
			}
			p := portal.ProblemOf(st.Err(), "req_1")
			want := c.detail
			if count != "" {
				want = count + strings.ToLower(c.detail[:1]) + c.detail[1:]
			}
			if p.Field(c.field) != c.beside || p.Detail != want {
				t.Errorf("%s: got %q beside the field and %q, want %q and %q", c.message, p.Field(c.field), p.Detail, c.beside, want)
			}
		}
	}
}
