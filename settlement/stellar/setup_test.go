package stellar_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

func read(t testing.TB, resp *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	return string(text)
}

// hexMemo turns the memo of Horizon's answers, base64, into hex.
func hexMemo(t *testing.T, memo string) string {
	t.Helper()
	if len(memo) == 64 {
		return memo
	}
	raw, err := base64.StdEncoding.DecodeString(memo)
	must(t, err)
	return hex.EncodeToString(raw)
}

// setup runs Setup, closing a ledger whenever it waits for one.
func (c *chain) setup(rail *stellar.Rail) error {
	done := make(chan error, 1)
	go func() { done <- rail.Setup(c.t.Context()) }()
	for {
		select {
		case err := <-done:
			return err
		default:
			if c.net.Pending() > 0 {
				c.advance()
			}
			runtime.Gosched()
		}
	}
}

func TestSetup(t *testing.T) { both(t, setup) }

func setup(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	treasury := key("new treasury")
	channels := []string{c.channels[0]} // exists
	for i := range 150 {
		channels = append(channels, key(fmt.Sprint("new channel ", i)).Address())
	}
	rail := c.newRail(func(o *stellar.Options) { o.Treasury, o.Channels = treasury.Address(), channels })
	if err := c.setup(rail); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("without a treasury: got %v, want a refusal", err)
	}
	must(t, c.net.CreateAccount(t.Context(), treasury.Address(), "3000"))
	if err := rail.Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("health before: got %v, want a missing trustline", err)
	}
	must(t, c.setup(rail))
	for _, channel := range channels {
		if lumens, ok := c.net.Balance(channel, "native"); !ok || lumens < 100_000_000 {
			t.Errorf("channel %s: got %d stroops, want its fill", channel, lumens)
		}
	}
	must(t, rail.Health(t.Context()))
	before, ledger := len(c.net.Books()), c.net.LastLedger()
	must(t, c.setup(rail))
	if len(c.net.Books()) != before || c.net.LastLedger() != ledger {
		t.Error("a second setup did something")
	}
}

func TestHealthOfTheTreasury(t *testing.T) { both(t, healthOfTheTreasury) }

func healthOfTheTreasury(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	must(t, c.rail.Health(t.Context()))
	balance, err := c.rail.Balance(t.Context(), remit.USDCStellar)
	must(t, err)
	if balance.Minor != 5000_0000000 || balance.Asset != remit.USDCStellar {
		t.Errorf("got %s, want 5000", balance)
	}
	_, err = c.net.Apply(t.Context(), c.treasury, nil,
		&txnbuild.Payment{Destination: c.issuer.Address(), Amount: "997", Asset: txnbuild.NativeAsset{}})
	must(t, err)
	if err := c.rail.Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("got %v, want too few lumens", err)
	}
}

func TestHealthNeedsTheLedgerOfAnswers(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	resp, err := http.Get(c.url + "/accounts/" + c.treasury.Address())
	must(t, err)
	text := read(t, resp)
	c.answering(func(req *http.Request) *http.Response {
		if req.URL.Path == "/accounts/"+c.treasury.Address() {
			return canned(req, http.StatusOK, text) // as behind a proxy that drops headers
		}
		return nil
	})
	if err := c.rail.Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("got %v, want a refusal", err)
	}
}

// TestPublicAPIOnly drives everything that the rail can do and lists what it
// calls: the same code works with any Horizon, by its options alone.
func TestPublicAPIOnly(t *testing.T) {
	t.Parallel()
	c := newChain(t, 2)
	rail := c.newRail(func(o *stellar.Options) { o.Channels = append(slices.Clone(o.Channels), key("one more").Address()) })
	must(t, c.setup(rail))
	must(t, rail.Health(t.Context()))
	a := c.prepare(c.order(c.destination("a").Address()))
	lost := c.prepare(c.order(c.destination("b").Address()))
	c.rail.Submit(t.Context(), a)
	c.advance()
	c.lookup(a, settlement.OutcomeSettled)
	c.expire()
	c.lookup(lost, settlement.OutcomeFailed)
	c.hide()
	c.lookup(a, settlement.OutcomeSettled)
	c.mu.Lock()
	defer c.mu.Unlock()
	kinds := make(map[string]bool)
	ids := regexp.MustCompile(`G[A-Z2-7]{55}|[0-9a-f]{64}`)
	for call := range c.seen {
		kinds[ids.ReplaceAllString(call, "{id}")] = true
	}
	want := []string{"GET /", "GET /accounts/{id}", "GET /accounts/{id}/transactions", "GET /fee_stats", "GET /transactions/{id}",
		"POST /transactions", "POST /transactions_async"}
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, want) {
		t.Errorf("got calls %q, want %q", got, want)
	}
}
