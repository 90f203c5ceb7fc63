package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/corridors"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/workflows"
)

const testKey = "sk_test_cli"

// gateway is an API over a real store that the command talks to.
type gateway struct {
	t     *testing.T
	store *store.Store
	// news is what there is to say of the lists.
	news *api.ListsNews
	// refused, if set, is what the reading of lists comes to.
	refused error
	address string
}

type lists struct{ g *gateway }

func inForce() []api.ScreeningList {
	return []api.ScreeningList{{Name: "ofac_sdn", Version: "v1", Entries: 2}}
}

func (l lists) UpdateLists(context.Context) ([]api.ScreeningList, error) {
	if l.g.refused != nil {
		return nil, l.g.refused
	}
	return []api.ScreeningList{{Name: "ofac_sdn", Version: "v2", Entries: 3}}, nil
}

func setup(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{t: t, news: new(api.ListsNews)}
	clock := remit.NewFakeClock(time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	vault, err := store.NewFileVault(filepath.Join(dir, "vault.json"))
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	db, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + filepath.Join(dir, "remit.db"), Clock: clock, Vault: vault, Logger: quiet})
	must(t, err)
	must(t, db.Migrate(t.Context()))
	tenant := remit.NewID[remit.TenantID](remit.PrefixTenant, clock.Now())
	must(t, db.CreateTenant(t.Context(), tenant, "Demo"))
	must(t, db.CreateKey(t.Context(), api.Key{
		ID: remit.NewID[remit.KeyID](remit.PrefixKey, clock.Now()), TenantID: tenant, Name: "cli",
		Scopes: []api.Scope{api.ScopeRead, api.ScopeWrite, api.ScopeReview, api.ScopeOperate},
	}, sha256.Sum256([]byte(testKey))))
	catalogue, err := corridors.Load()
	must(t, err)
	rates, err := corridors.LoadTableRates(clock)
	must(t, err)
	server, err := api.New(api.Options{
		Store: db, Catalogue: catalogue, Clock: clock, Logger: quiet, Lists: lists{g}, ListsInForce: inForce, ListsNews: func() api.ListsNews { return *g.news }, RatePerSecond: 10_000, RateBurst: 10_000,
		Quoter: &corridors.Quoter{Catalogue: catalogue, Rates: rates, Clock: clock},
	})
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.ServeGRPC(ctx, l) }()
	t.Cleanup(func() {
		stop()
		must(t, errors.Join(<-served, db.Close()))
	})
	g.store, g.address = db, l.Addr().String()
	return g
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

func (g *gateway) run(args ...string) result {
	env := map[string]string{"REMIT_GRPC": g.address, "REMIT_API_KEY": testKey}
	return runWith(g.t.Context(), env, args...)
}

func runWith(ctx context.Context, env map[string]string, args ...string) result {
	var out, errOut bytes.Buffer
	code := run(ctx, args, func(name string) string { return env[name] }, &out, &errOut)
	return result{code, out.String(), errOut.String()}
}

// is checks the exit code and pieces of what was written.
func (r result) is(t *testing.T, code int, pieces ...string) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("got exit code %d, want %d\n%s%s", r.code, code, r.out, r.err)
	}
	for _, piece := range pieces {
		if !strings.Contains(r.out+r.err, piece) {
			t.Errorf("no %q in\n%s%s", piece, r.out, r.err)
		}
	}
	return r
}

var remittanceID = regexp.MustCompile(`rem_[0-9a-z]{26}`)

func (g *gateway) send(args ...string) string {
	g.t.Helper()
	r := g.run(append([]string{"send", "--to", "PH", "--amount", "200", "--payout", "mobile_money"}, args...)...).is(g.t, exitOK)
	return remittanceID.FindString(r.out)
}

// reject ends a remittance as a gate would.
func (g *gateway) reject(id string) {
	g.t.Helper()
	_, err := g.store.Book().Apply(g.t.Context(), workflows.Move{
		Remittance: remit.RemittanceID(id), From: remit.StateCreated, To: remit.StateRejected,
		Funds: remit.FundsNone, Reason: remit.ReasonReviewRejected, EventType: "remittance.rejected",
	})
	must(g.t, err)
}

func TestCommands(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.run("corridors").is(t, exitOK, "US-PH", "mobile_money", "stellar")
	g.run("quote", "--from", "us", "--to", "ph", "--amount", "200", "--payout", "mobile_money").is(t, exitOK,
		"Paid by card", "USD", "Arrives by mobile money", "within the rate", "1 USD = ", "1 PHP = ")
	g.run("quote", "--to", "PH", "--amount", "5000", "--receive", "--payout", "cash").is(t, exitOK, "PHP 5,000.00")
	id := g.send("--reference", "inv-7", "--originator-name", "Ana María Pérez")
	g.run("get", id).is(t, exitOK, id, "created since", "USD 200.00", "inv-7")
	g.run("list", "--reference", "inv-7").is(t, exitOK, id)
	g.run("list", "--state", "blocked").is(t, exitOK, "No remittances")
	g.run("events", id).is(t, exitOK, "created", "none")
	g.run("cancel", id).is(t, exitOK, "Asked.")
	g.run("cases").is(t, exitOK, "No cases")
	g.run("cases", "list", "--status", "open").is(t, exitOK, "No cases")
	g.run("cases", "show", "cas_01k9zc7v4ye3t8m5q2w6x0b1nd").is(t, exitFailed, "NOT_FOUND")
	g.run("cases", "approve", "cas_01k9zc7v4ye3t8m5q2w6x0b1nd").is(t, exitUsage, "--note")
	g.run("cases", "reject", "cas_01k9zc7v4ye3t8m5q2w6x0b1nd", "--note", "looked at it").is(t, exitFailed, "NOT_FOUND")
	g.run("balances").is(t, exitOK, "ACCOUNT")
	g.run("ledger", "verify").is(t, exitOK, "clean")
	g.run("lists", "update").is(t, exitOK, "ofac_sdn")
	g.run("lists").is(t, exitOK, "ofac_sdn", "v1")
}

// TestEveryCorridor sends once by every method of every corridor, with nothing
// named but countries, amount and method.
func TestEveryCorridor(t *testing.T) {
	t.Parallel()
	g := setup(t)
	catalogue, err := corridors.Load()
	must(t, err)
	for _, c := range catalogue.Corridors() {
		for _, o := range c.Payouts {
			amount := remit.NewMoney(c.Source, c.Funding[0].Min.Minor*20)
			g.run("send", "--from", string(c.From), "--to", string(c.To), "--payout", string(o.Method), "--funding", string(c.Funding[0].Method),
				"--currency", o.Currency.Code, "--amount", amount.Decimal()).is(t, exitOK, "rem_")
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	g := setup(t)
	for _, args := range [][]string{
		{"corridors"}, {"quote", "--to", "PH", "--amount", "200"}, {"send", "--to", "PH", "--amount", "200"}, {"list"}, {"cases"}, {"balances"},
		{"ledger", "verify"}, {"lists", "update"}, {"lists"}, {"get", g.send()}, {"events", g.send()}, {"cancel", g.send()},
	} {
		r := g.run(append(args, "--json")...).is(t, exitOK)
		var v map[string]any
		if err := json.Unmarshal([]byte(r.out), &v); err != nil || len(v) == 0 {
			t.Errorf("%v: %v in %s", args, err, r.out)
		}
	}
}

// TestWatch: the exit code tells how a remittance ended.
func TestWatch(t *testing.T) {
	t.Parallel()
	g := setup(t)
	id := g.send()
	g.run("events", id, "--follow", "--timeout", "2s").is(t, exitNotEnded, "It goes on by itself")
	got := make(chan result, 1)
	go func() { got <- g.run("events", id, "--follow") }()
	g.reject(id)
	(<-got).is(t, exitNotStarted, "rejected (REVIEW_REJECTED)")
	g.run("events", id, "--follow", "--json").is(t, exitNotStarted, `"number":2`, `"state":"rejected"`)
}

// TestSameKeyTwice: a command that is repeated with its key does nothing twice.
func TestSameKeyTwice(t *testing.T) {
	t.Parallel()
	g := setup(t)
	first, second := g.send("--idempotency-key", "mine"), g.send("--idempotency-key", "mine")
	if first != second || first == "" {
		t.Errorf("got remittances %q and %q, want one", first, second)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	g := setup(t)
	for _, args := range [][]string{
		{"sned"}, {"get"}, {"get", "a", "b"}, {"quote"}, {"quote", "--amuont", "5"}, {"list", "extra"},
		{"send", "--to", "PH", "--amount", "200", "--account", "phone"}, {"list", "--limit", "many"},
	} {
		g.run(args...).is(t, exitUsage, "See remit --help")
	}
	g.run().is(t, exitOK, "Exit codes")
	g.run("quote", "--to", "PH", "--amount", "0").is(t, exitFailed, "AMOUNT_NOT_POSITIVE")
	g.run("quote", "--to", "PH", "--amount", "200", "--funding", "gold", "--rail", "bitcoin").is(t, exitFailed, "funding_method:", "rail:")
	g.run("get", "nonsense").is(t, exitFailed, "ID_MALFORMED")
	g.run("list", "--api-key", "wrong").is(t, exitFailed, "UNAUTHENTICATED")
	runWith(t.Context(), map[string]string{"REMIT_GRPC": "127.0.0.1:1"}, "list").is(t, exitUsage, "both REMIT_GRPC and REMIT_API_KEY")
	runWith(t.Context(), map[string]string{"REMIT_GRPC": "nowhere", "REMIT_API_KEY": "k"}, "list").is(t, exitUsage, "host:port")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, closed.Close())
	runWith(t.Context(), map[string]string{"REMIT_GRPC": closed.Addr().String(), "REMIT_API_KEY": "k"}, "list").is(t, exitFailed, "remitd dev")
}

// TestDemoFile: the file that `remitd dev` writes is found from folders below.
func TestDemoFile(t *testing.T) {
	g := setup(t)
	root := t.TempDir()
	below := filepath.Join(root, "a", "b")
	must(t, os.MkdirAll(below, 0o700))
	must(t, os.MkdirAll(filepath.Join(root, ".dev"), 0o700))
	t.Chdir(below)
	runWith(t.Context(), nil, "list").is(t, exitUsage, "start `remitd dev` here")
	text, err := json.Marshal(map[string]string{"grpc": g.address, "api_key": testKey, "rest": "http://127.0.0.1:1"})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(root, demoFile), text, 0o600))
	runWith(t.Context(), nil, "list").is(t, exitOK, "No remittances")
	must(t, os.WriteFile(filepath.Join(root, demoFile), []byte("{}"), 0o600))
	runWith(t.Context(), nil, "list").is(t, exitFailed, "does not name a gateway")
}
