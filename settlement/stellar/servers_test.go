package stellar_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

// farm is a chain with two servers, of which a test can spoil each.
type farm struct {
	*chain
	mu    sync.Mutex
	spoil map[string]func(req *http.Request) *http.Response
	asked map[string]int
}

// newFarm sends what is meant for http://first and http://second to the chain.
func newFarm(t *testing.T, newChain makeChain) *farm {
	t.Helper()
	f := &farm{chain: newChain(t, 2), spoil: make(map[string]func(*http.Request) *http.Response), asked: make(map[string]int)}
	f.rail = f.newRail(func(o *stellar.Options) {
		path := ""
		if f.overRPC {
			path = "/rpc"
			o.RPC = "http://first" + path
		} else {
			o.Horizon = "http://first"
		}
		o.Spare, o.HTTP = []string{"http://second" + path}, &http.Client{Transport: f}
	})
	return f
}

func (f *farm) RoundTrip(req *http.Request) (*http.Response, error) {
	host := req.URL.Host
	f.mu.Lock()
	f.asked[host]++
	spoil := f.spoil[host]
	f.mu.Unlock()
	if spoil != nil {
		if resp := spoil(req); resp != nil {
			return resp, nil
		}
	}
	req.URL.Host = strings.TrimPrefix(f.url, "http://")
	return f.chain.RoundTrip(req)
}

// set spoils a server, or mends it, and starts the count anew.
func (f *farm) set(host string, spoil func(*http.Request) *http.Response) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spoil[host] = spoil
	clear(f.asked)
}

func (f *farm) count(host string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[host]
}

func down(req *http.Request) *http.Response {
	return canned(req, http.StatusServiceUnavailable, "")
}

func TestSpareServerTakesOver(t *testing.T) { both(t, spareServerTakesOver) }

func spareServerTakesOver(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	f := newFarm(t, newChain)
	order := f.order(f.destination("a").Address())
	must(t, f.rail.Health(t.Context()))
	if f.count("second") != 0 {
		t.Error("the spare server is asked while the first one answers")
	}
	f.set("first", down) //nolint:bodyclose // the client that asked closes it
	must(t, f.rail.Health(t.Context()))
	a := f.prepare(order)
	if o := f.rail.Submit(t.Context(), a); o.Status != settlement.OutcomePending {
		t.Errorf("submit: got %+v, want pending", o)
	}
	if n := f.count("first"); n != 1 {
		t.Errorf("the first server is asked %d times while it rests, want once", n)
	}
	f.advance()
	f.lookup(a, settlement.OutcomeSettled)
	f.set("second", down) //nolint:bodyclose // the client that asked closes it
	f.lookup(a, settlement.OutcomeUnknown)
	f.set("first", nil)
	f.clock.Advance(31 * time.Second)
	f.lookup(a, settlement.OutcomeSettled)
}

// TestSpareOfAnotherNetworkIsNotBelieved has a spare server of another network,
// on which the same accounts have used fewer numbers.
func TestSpareOfAnotherNetworkIsNotBelieved(t *testing.T) { both(t, spareOfAnotherNetwork) }

func spareOfAnotherNetwork(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	f := newFarm(t, newChain)
	a := f.paidAttempt()
	f.expire()
	f.set("second", func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		if f.overRPC && callOf(t, req).Method == "getNetwork" {
			return canned(req, http.StatusOK, `{"jsonrpc":"2.0","id":1,"result":{"passphrase":"Another Network"}}`)
		}
		if !f.overRPC && req.URL.Path == "/" {
			return canned(req, http.StatusOK, `{"network_passphrase":"Another Network","history_latest_ledger":9,"history_latest_ledger_closed_at":"2026-11-21T12:00:00Z"}`)
		}
		return nil
	})
	f.set("first", func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		if f.overRPC && callOf(t, req).Method == "getLedgerEntries" || strings.HasPrefix(req.URL.Path, "/accounts/") {
			return down(req)
		}
		return f.hidden(req)
	})
	f.lookup(a, settlement.OutcomeUnknown)
	f.set("first", down) //nolint:bodyclose // the client that asked closes it
	if err := f.rail.Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
		t.Errorf("got %v, want a refusal of the network", err)
	}
}

func TestServerThatFallsBehindIsLeft(t *testing.T) { both(t, serverThatFallsBehind) }

func serverThatFallsBehind(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	f := newFarm(t, newChain)
	old := `{"network_passphrase":"` + passphrase + `","history_latest_ledger":3,"history_latest_ledger_closed_at":"2026-11-21T12:00:00Z"}`
	if f.overRPC {
		old = f.recorded("getTransaction", `{"hash":"`+strings.Repeat("0", 64)+`"}`)
	}
	a := f.prepare(f.order(f.destination("a").Address()))
	f.expire()
	f.advance()
	f.set("first", func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		if f.overRPC && callOf(t, req).Method == "getTransaction" || !f.overRPC && req.URL.Path == "/" {
			return canned(req, http.StatusOK, old)
		}
		return nil
	})
	must(t, f.rail.Health(t.Context()))
	f.lookup(a, settlement.OutcomeFailed)
	f.set("second", down) //nolint:bodyclose // the client that asked closes it
	if err := f.rail.Health(t.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("got %v, want unavailable: the only server's ledger is old", err)
	}
}
