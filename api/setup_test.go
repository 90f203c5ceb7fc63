package api_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/corridors"
	"github.com/openremit/remit/store"
)

// gateway is a server over a real SQLite store, with two tenants.
type gateway struct {
	t     *testing.T
	clock *remit.FakeClock
	store *store.Store
	api   *api.Server
	rest  *httptest.Server
	conn  *grpc.ClientConn
	// db looks behind the store, to see that nothing was written.
	db    *sql.DB
	kicks atomic.Int64
	// key has all scopes, other belongs to another tenant, reader may only read.
	key, other, reader string
}

const (
	tenantOne = remit.TenantID("ten_01k9zc7v4ye3t8m5q2w6x0b1nd")
	tenantTwo = remit.TenantID("ten_01k9zc7v4ye3t8m5q2w6x0b1ne")
)

var noon = time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)

func setup(t *testing.T, change ...func(*api.Options)) *gateway {
	t.Helper()
	g := &gateway{t: t, clock: remit.NewFakeClock(noon)}
	dir := t.TempDir()
	vault, err := store.NewFileVault(filepath.Join(dir, "vault.json"))
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	path := filepath.Join(dir, "remit.db")
	g.store, err = store.Open(t.Context(), store.Options{DSN: "sqlite:" + path, Clock: g.clock, Vault: vault, Logger: quiet, PollInterval: 20 * time.Millisecond})
	must(t, err)
	must(t, g.store.Migrate(t.Context()))
	g.db, err = sql.Open("sqlite", path)
	must(t, err)

	g.key = g.newKey(tenantOne, "one", api.ScopeRead, api.ScopeWrite, api.ScopeReview, api.ScopeOperate)
	g.other = g.newKey(tenantTwo, "two", api.ScopeRead, api.ScopeWrite, api.ScopeReview)
	g.reader = g.newKey(tenantOne, "reader", api.ScopeRead)

	catalogue, err := corridors.Load()
	must(t, err)
	rates, err := corridors.LoadTableRates(g.clock)
	must(t, err)
	o := api.Options{
		Store: g.store, Catalogue: catalogue, Clock: g.clock, Logger: quiet,
		Quoter:        &corridors.Quoter{Catalogue: catalogue, Rates: rates, Clock: g.clock},
		Kick:          func() { g.kicks.Add(1) },
		Explorer:      func(rail remit.Rail, hash string) string { return "http://explorer/" + string(rail) + "/" + hash },
		PickupCode:    func(remit.Remittance, remit.RampOrderID) string { return "4711-0815" },
		RatePerSecond: 10_000, RateBurst: 10_000, Sandbox: true,
	}
	for _, c := range change {
		c(&o)
	}
	g.api, err = api.New(o)
	must(t, err)
	g.rest = httptest.NewServer(g.api.Handler())
	g.serveGRPC()
	t.Cleanup(func() {
		g.rest.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		must(t, errors.Join(g.conn.Close(), g.api.Close(ctx), g.db.Close(), g.store.Close()))
	})
	return g
}

func (g *gateway) serveGRPC() {
	g.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(g.t, err)
	go g.api.ServeGRPC(context.Background(), l) //nolint:errcheck // It ends with Close.
	g.conn, err = grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(g.t, err)
}

var tenantNames = map[remit.TenantID]string{tenantOne: "One", tenantTwo: "Two"}

func (g *gateway) newKey(tenant remit.TenantID, name string, scopes ...api.Scope) string {
	g.t.Helper()
	must(g.t, g.store.CreateTenant(g.t.Context(), tenant, tenantNames[tenant]))
	secret := "sk_test_" + name
	must(g.t, g.store.CreateKey(g.t.Context(), api.Key{
		ID: remit.NewID[remit.KeyID](remit.PrefixKey, g.clock.Now()), TenantID: tenant, Name: name, Scopes: scopes,
	}, sha256.Sum256([]byte(secret))))
	return secret
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what a REST call came back with.
type answer struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

var keyCounter atomic.Int64

// freshKey makes an idempotency key that no other call has.
func freshKey() string { return fmt.Sprintf("key-%d", keyCounter.Add(1)) }

// call makes a REST call with the first tenant's key, and a fresh idempotency key.
func (g *gateway) call(method, path, body string) answer {
	g.t.Helper()
	return g.callAs(g.key, freshKey(), method, path, body)
}

func (g *gateway) callAs(key, idempotencyKey, method, path, body string) answer {
	g.t.Helper()
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Authorization", "Bearer "+key)
	}
	if idempotencyKey != "" {
		header.Set("Idempotency-Key", idempotencyKey)
	}
	return g.callWith(method, path, body, header)
}

func (g *gateway) callWith(method, path, body string, header http.Header) answer {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.rest.URL+path, strings.NewReader(body))
	must(g.t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	must(g.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(g.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &a.json); err != nil {
			g.t.Fatalf("%s %s: answer is not JSON: %v\n%s", method, path, err, text)
		}
	}
	return a
}

// ok checks that a call succeeded.
func (a answer) ok(t *testing.T) answer {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("got status %d, want 200: %s", a.status, a.body)
	}
	return a
}

// text reads a member by its path of names.
func (a answer) text(path ...string) string {
	var v any = a.json
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

const (
	quoteBody = `{"from":"US","to":"PH","funding_method":"card","payout_method":"mobile_money",
		"source_amount":{"currency":"USD","amount":"200"}}`
	customerBody = `{"party":{"given_name":"Alice","family_name":"Walker","date_of_birth":"1988-04-12","country":"US"},
		"kyc_tier":"verified","reference":"alice"}`
	beneficiaryBody = `{"party":{"given_name":"Maria","family_name":"Santos","country":"PH"},
		"payout_method":"mobile_money","account":{"operator":"gcash","phone":"+639171234567"}}`
)

// remittanceBody makes what a remittance needs and returns a body that names it.
func (g *gateway) remittanceBody() string {
	g.t.Helper()
	return fmt.Sprintf(`{"quote_id":%q,"customer_id":%q,"beneficiary_id":%q,"reference":"inv-1","purpose":"family_support","funding_source":"tok_ok"}`,
		g.call("POST", "/v1/quotes", quoteBody).ok(g.t).text("id"),
		g.call("POST", "/v1/customers", customerBody).ok(g.t).text("id"),
		g.call("POST", "/v1/beneficiaries", beneficiaryBody).ok(g.t).text("id"))
}

// rows counts everything that a write could leave behind.
func (g *gateway) rows() map[string]int {
	g.t.Helper()
	counts := make(map[string]int)
	for _, table := range []string{"quotes", "customers", "beneficiaries", "remittances", "events", "outbox", "idempotency"} {
		var n int
		must(g.t, g.db.QueryRowContext(g.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
		counts[table] = n
	}
	return counts
}
