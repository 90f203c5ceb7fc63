package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/workflows"
)

// end moves a remittance to rejected, as a gate would.
func (g *gateway) end(id string) {
	g.t.Helper()
	_, err := g.store.Book().Apply(g.t.Context(), workflows.Move{
		Remittance: remit.RemittanceID(id), From: remit.StateCreated, To: remit.StateRejected,
		Funds: remit.FundsNone, Reason: remit.ReasonReviewRejected, EventType: "remittance.rejected",
	})
	must(g.t, err)
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	g := setup(t)
	id := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
	got := make(chan answer, 1)
	go func() { got <- g.call("GET", "/v1/remittances/"+id+"/events?after=1&wait_seconds=30", "") }()
	g.end(id)
	if a := (<-got).ok(t); !strings.Contains(a.body, "remittance.rejected") {
		t.Errorf("got %s", a.body)
	}
}

// TestWatch: the stream shows every event once and ends with the remittance.
func TestWatch(t *testing.T) {
	t.Parallel()
	g := setup(t)
	id := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+g.key)
	stream, err := v1.NewRemittanceServiceClient(g.conn).WatchRemittance(ctx, &v1.WatchRemittanceRequest{Id: id})
	must(t, err)
	first, err := stream.Recv()
	must(t, err)
	g.end(id)
	second, err := stream.Recv()
	must(t, err)
	if first.GetEvent().GetNumber() != 1 || second.GetEvent().GetNumber() != 2 || second.GetEvent().GetState() != "rejected" {
		t.Errorf("got events %v and %v", first, second)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v after the end, want EOF", err)
	}
	theirs := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+g.other)
	stream, err = v1.NewRemittanceServiceClient(g.conn).WatchRemittance(theirs, &v1.WatchRemittanceRequest{Id: id})
	must(t, err)
	if _, err := stream.Recv(); status.Code(err) != codes.NotFound {
		t.Errorf("another tenant got %v, want not found", err)
	}
}

// TestCloseEndsWaits: closing does not wait for those who wait for events.
func TestCloseEndsWaits(t *testing.T) {
	t.Parallel()
	g := setup(t)
	id := g.call("POST", "/v1/remittances", g.remittanceBody()).ok(t).text("id")
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+g.key)
	stream, err := v1.NewRemittanceServiceClient(g.conn).WatchRemittance(ctx, &v1.WatchRemittanceRequest{Id: id})
	must(t, err)
	_, err = stream.Recv()
	must(t, err)
	closing, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, g.api.Close(closing))
	if closing.Err() != nil {
		t.Error("closing waited for the stream")
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	g := setup(t, func(o *api.Options) { o.RatePerSecond, o.RateBurst = 1, 2 })
	for _, left := range []string{"1", "0"} {
		if a := g.call("GET", "/v1/corridors", "").ok(t); a.header.Get("RateLimit-Remaining") != left || a.header.Get("RateLimit-Limit") != "2" {
			t.Errorf("got headers %v, want %s left", a.header, left)
		}
	}
	a := g.call("GET", "/v1/corridors", "")
	g.refused(a, want{status: 429, reason: "RATE_LIMITED", todo: "retry"})
	if a.header.Get("Retry-After") != "1" {
		t.Errorf("got Retry-After %q, want 1", a.header.Get("Retry-After"))
	}
	g.callAs(g.other, "k", "GET", "/v1/corridors", "").ok(t)
	g.clock.Advance(time.Second)
	g.call("GET", "/v1/corridors", "").ok(t)
}

// TestPanic: a broken part costs one request and shows nothing of itself.
func TestPanic(t *testing.T) {
	t.Parallel()
	g := setup(t, func(o *api.Options) { o.Kick = func() { panic("secret") } })
	a := g.call("POST", "/v1/remittances", g.remittanceBody())
	g.refused(a, want{status: 500, reason: "INTERNAL", todo: "contact"})
	if strings.Contains(a.body, "secret") {
		t.Errorf("the answer shows the panic: %s", a.body)
	}
	g.call("GET", "/v1/corridors", "").ok(t)
}

// TestInterruptedWrite: a request that broke off half-way makes the same thing
// when it is sent again, and not a second one.
func TestInterruptedWrite(t *testing.T) {
	t.Parallel()
	broken := true
	g := setup(t, func(o *api.Options) {
		o.Kick = func() {
			if broken {
				panic("killed after storing")
			}
		}
	})
	body, key := g.remittanceBody(), freshKey()
	g.refused(g.callAs(g.key, key, "POST", "/v1/remittances", body), want{status: 500, reason: "INTERNAL", todo: "contact"})
	before := g.rows()["remittances"]
	g.refused(g.callAs(g.key, key, "POST", "/v1/remittances", body), want{status: 409, reason: "IDEMPOTENCY_KEY_IN_PROGRESS", todo: "retry"})
	broken = false
	g.clock.Advance(2 * time.Minute)
	id := g.callAs(g.key, key, "POST", "/v1/remittances", body).ok(t).text("id")
	if after := g.rows()["remittances"]; after != before || before != 1 {
		t.Errorf("%d remittances before, %d after, want 1", before, after)
	}
	g.call("GET", "/v1/remittances/"+id, "").ok(t)
}

func TestDocs(t *testing.T) {
	t.Parallel()
	g := setup(t)
	page := g.call("GET", "/docs", "").ok(t)
	for _, text := range []string{"/v1/remittances/{id}:cancel", "AMOUNT_MALFORMED", "tok_declined", "ready_for_pickup", "Idempotency-Key", "Arriving", "MoneyError"} {
		if strings.Contains(page.body, text) == (text == "Arriving" || text == "MoneyError") {
			t.Errorf("the docs page and %q: unexpected", text)
		}
	}
	csp := page.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(page.body, "<script") || strings.Contains(page.body, "style=") {
		t.Errorf("the docs page needs more than its policy allows: %s", csp)
	}
	start := strings.Index(page.body, `href="/docs/docs-`) + len(`href="`)
	style := page.body[start : start+strings.Index(page.body[start:], `"`)]
	if a := g.call("GET", style, "").ok(t); a.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("the stylesheet is %s", a.header.Get("Content-Type"))
	}
	if a := g.call("GET", "/docs?theme=dark", "").ok(t); !strings.Contains(a.body, `data-theme="dark"`) {
		t.Error("no dark theme")
	}
	for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
		if got := page.header.Get(name); got != value {
			t.Errorf("header %s is %q, want %q", name, got, value)
		}
	}
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	g := setup(t, func(o *api.Options) {
		o.Callbacks = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			io.WriteString(w, r.URL.Path+" "+string(body)) //nolint:errcheck // A test's answer.
		})
	})
	if a := g.callAs("", "", "POST", "/callbacks/sandbox", "hello").ok(t); a.body != "/callbacks/sandbox hello" {
		t.Errorf("got %q", a.body)
	}
	if a := g.callAs("", "", "POST", "/callbacks/sandbox", strings.Repeat("x", 2<<20)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d for a large callback", a.status)
	}
}

type updater func(context.Context) ([]api.ScreeningList, error)

func (u updater) UpdateLists(ctx context.Context) ([]api.ScreeningList, error) { return u(ctx) }

func TestUpdateLists(t *testing.T) {
	t.Parallel()
	fail := false
	g := setup(t, func(o *api.Options) {
		o.Lists = updater(func(context.Context) ([]api.ScreeningList, error) {
			if fail {
				return nil, remit.Errorf(remit.KindUnavailable, remit.ReasonScreeningDown, "the list source does not answer")
			}
			return []api.ScreeningList{{Name: "ofac_sdn", Version: "v2", Entries: 3, UpdatedAt: noon}}, nil
		})
	})
	if a := g.call("POST", "/v1/lists:update", "{}").ok(t); !strings.Contains(a.body, "ofac_sdn") {
		t.Errorf("got %s", a.body)
	}
	fail = true
	g.refused(g.call("POST", "/v1/lists:update", "{}"), want{status: 503, reason: "SCREENING_UNAVAILABLE", todo: "retry"})
}
