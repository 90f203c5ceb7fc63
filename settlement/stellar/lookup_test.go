package stellar_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stellar/go-stellar-sdk/clients/horizonclient"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

const notFoundBody = `{"type":"https://stellar.org/horizon-errors/not_found","title":"Resource Missing","status":404}`

// hide makes the server not find transactions by their hash.
func (c *chain) hide() {
	c.answering(func(req *http.Request) *http.Response { return c.hidden(req) })
}

// hidden answers a question after a transaction as if there were none.
func (c *chain) hidden(req *http.Request) *http.Response {
	if strings.HasPrefix(req.URL.Path, "/transactions/") {
		return canned(req, http.StatusNotFound, notFoundBody)
	}
	if c.overRPC && callOf(c.t, req).Method == "getTransaction" {
		ask(c.t, req, `{"jsonrpc":"2.0","id":1,"method":"getTransaction","params":{"hash":"`+strings.Repeat("0", 64)+`"}}`)
	}
	return nil
}

// paidAttempt is an attempt in a ledger, whose bound is past.
func (c *chain) paidAttempt() settlement.Attempt {
	c.t.Helper()
	a := c.prepare(c.order(c.destination("a").Address()))
	if o := c.rail.Submit(c.t.Context(), a); o.Status != settlement.OutcomePending {
		c.t.Fatalf("submit: got %+v, want pending", o)
	}
	c.advance()
	return a
}

func TestUnknownUntilALedgerClosedAfterTheBound(t *testing.T) {
	both(t, unknownUntilALedgerClosedAfterTheBound)
}

func unknownUntilALedgerClosedAfterTheBound(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	c.lookup(a, settlement.OutcomeUnknown)
	c.clock.Advance(bound) // our clock is at the bound, the ledger's is not
	c.clock.Advance(time.Hour)
	c.lookup(a, settlement.OutcomeUnknown)
	must(t, c.net.CloseLedger())
	o := c.lookup(a, settlement.OutcomeFailed)
	if len(o.Failed) > 0 || !strings.Contains(o.Result, "expired") {
		t.Errorf("got %+v, want expired with no order to blame", o)
	}
}

func TestALedgerAtTheBoundIsNotPastIt(t *testing.T) { both(t, aLedgerAtTheBoundIsNotPastIt) }

func aLedgerAtTheBoundIsNotPastIt(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	c.clock.Advance(time.Unix(a.Expiry, 0).Sub(c.clock.Now()))
	must(t, c.net.CloseLedger())
	c.lookup(a, settlement.OutcomeUnknown) // the next ledger may close in the same second, and hold it
	c.rail.Submit(t.Context(), a)
	must(t, c.net.CloseLedger())
	c.lookup(a, settlement.OutcomeSettled)
}

func TestLostHistoryFailsNothing(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	a := c.paidAttempt()
	c.expire()
	c.hide()
	c.lookup(a, settlement.OutcomeSettled) // found among the channel's transactions
	c.answering(func(req *http.Request) *http.Response {
		if strings.HasPrefix(req.URL.Path, "/transactions/") {
			return canned(req, http.StatusNotFound, notFoundBody)
		}
		if strings.HasSuffix(req.URL.Path, "/transactions") {
			return canned(req, http.StatusOK, `{"_embedded":{"records":[]}}`)
		}
		return nil
	})
	if o := c.lookup(a, settlement.OutcomeUnknown); !strings.Contains(o.Result, string(stellar.Person)) {
		t.Errorf("got %q, want a call for a person", o.Result)
	}
}

// TestLaggingServerFailsNothing looks up a paid attempt through an address with
// two servers behind it, of which one has not seen the payment.
func TestLaggingServerFailsNothing(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	old, err := http.Get(c.url + "/accounts/" + a.Source)
	must(t, err)
	text, err := io.ReadAll(old.Body)
	must(t, err)
	must(t, old.Body.Close())
	c.rail.Submit(t.Context(), a)
	c.advance()
	c.expire()
	for _, header := range []string{old.Header.Get("Latest-Ledger"), ""} {
		c.answering(func(req *http.Request) *http.Response {
			switch req.URL.Path {
			case "/transactions/" + a.Hash:
				return canned(req, http.StatusNotFound, notFoundBody)
			case "/accounts/" + a.Source:
				resp := canned(req, http.StatusOK, string(text))
				if header != "" {
					resp.Header.Set("Latest-Ledger", header)
				}
				return resp
			}
			return nil
		})
		c.lookup(a, settlement.OutcomeUnknown)
	}
}

func TestTakenSequenceNumberFailsAtOnce(t *testing.T) { both(t, takenSequenceNumberFailsAtOnce) }

func takenSequenceNumberFailsAtOnce(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	other, err := c.net.Apply(t.Context(), c.signer.held[a.Source], nil, &txnbuild.BumpSequence{BumpTo: 0})
	must(t, err)
	c.expire()
	if o := c.lookup(a, settlement.OutcomeFailed); !strings.Contains(o.Result, other) {
		t.Errorf("got %q, want it to name %s", o.Result, other)
	}
	if o := c.rail.Submit(t.Context(), a); o.Status == settlement.OutcomeFailed {
		t.Errorf("got %+v, want nothing final of a submission", o)
	}
}

func TestOnlyHorizonsOwnNotFoundCounts(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	a := c.paidAttempt()
	c.expire()
	for _, body := range []string{"<html>404</html>", `{"error":"no such route"}`, `{"status":404}`, ""} {
		c.answering(func(req *http.Request) *http.Response {
			if strings.HasPrefix(req.URL.Path, "/transactions/") {
				return canned(req, http.StatusNotFound, body)
			}
			return nil
		})
		c.lookup(a, settlement.OutcomeUnknown)
	}
}

func TestAnswerAboutAnotherTransactionIsUnknown(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	c.answering(func(req *http.Request) *http.Response {
		return canned(req, http.StatusOK, `{"hash":"ab","successful":true,"ledger":7}`)
	})
	c.lookup(a, settlement.OutcomeUnknown)
}

func TestAnotherNetworkFailsNothing(t *testing.T) { both(t, anotherNetworkFailsNothing) }

func anotherNetworkFailsNothing(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	c.expire()
	other := c.newRail(func(o *stellar.Options) { o.Passphrase = "Another Network" })
	if o := other.Lookup(t.Context(), a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("lookup: got %+v, want unknown", o)
	}
	if o := other.Submit(t.Context(), a); o.Status != settlement.OutcomeUnknown || c.net.Pending() > 0 {
		t.Errorf("submit: got %+v with %d pending, want nothing sent", o, c.net.Pending())
	}
	for name, err := range map[string]error{"health": other.Health(t.Context()), "setup": other.Setup(t.Context()), "prepare": prepareErr(t, other, c)} {
		if remit.KindOf(err) != remit.KindPrecondition {
			t.Errorf("%s: got %v, want a refusal of the network", name, err)
		}
	}
}

func prepareErr(t *testing.T, rail *stellar.Rail, c *chain) error {
	t.Helper()
	_, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{c.order(key("nobody").Address())}}, nil)
	return err
}

// TestChangedRecordIsNeitherSentNorLookedUp: the bytes decide what an attempt
// is; a record that does not agree with them proves nothing.
func TestChangedRecordIsNeitherSentNorLookedUp(t *testing.T) {
	both(t, changedRecordIsNeitherSentNorLookedUp)
}

func changedRecordIsNeitherSentNorLookedUp(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 2)
	good := c.prepare(c.order(c.destination("a").Address()))
	c.expire()
	for name, change := range map[string]func(a *settlement.Attempt){
		"bytes":    func(a *settlement.Attempt) { a.Bytes = []byte("AAAA") },
		"hash":     func(a *settlement.Attempt) { a.Hash = strings.Repeat("0", 64) },
		"source":   func(a *settlement.Attempt) { a.Source = c.treasury.Address() },
		"sequence": func(a *settlement.Attempt) { a.Sequence++ },
		"expiry":   func(a *settlement.Attempt) { a.Expiry-- },
	} {
		a := good
		change(&a)
		if o := c.rail.Lookup(t.Context(), a); o.Status != settlement.OutcomeUnknown {
			t.Errorf("%s: got %+v, want unknown", name, o)
		}
		if o := c.rail.Submit(t.Context(), a); o.Status != settlement.OutcomeUnknown || c.net.Pending() > 0 {
			t.Errorf("%s: got %+v, want nothing sent", name, o)
		}
	}
	c.lookup(good, settlement.OutcomeFailed)
}

// TestFeeBumpAroundAnAttempt: anybody may wrap the bytes; the payment is ours.
func TestFeeBumpAroundAnAttempt(t *testing.T) { both(t, feeBumpAroundAnAttempt) }

func feeBumpAroundAnAttempt(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	generic, err := txnbuild.TransactionFromXDR(string(a.Bytes))
	must(t, err)
	inner, _ := generic.Transaction()
	bump, err := txnbuild.NewFeeBumpTransaction(txnbuild.FeeBumpTransactionParams{Inner: inner, FeeAccount: c.issuer.Address(), BaseFee: 1000})
	must(t, err)
	bump, err = bump.Sign(passphrase, c.issuer)
	must(t, err)
	_, err = (&horizonclient.Client{HorizonURL: c.url}).AsyncSubmitFeeBumpTransaction(bump)
	must(t, err)
	c.advance()
	c.lookup(a, settlement.OutcomeSettled)
	c.expire()
	c.hide()
	c.lookup(a, settlement.OutcomeSettled)
}

func TestCancellationReachesTheServer(t *testing.T) { both(t, cancellationReachesTheServer) }

func cancellationReachesTheServer(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	ctx, cancel := context.WithCancel(t.Context())
	c.answering(func(req *http.Request) *http.Response {
		cancel()
		<-req.Context().Done() // without our context this would wait for the request's own time
		return nil
	})
	if err := c.rail.Health(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("health: got %v, want canceled", err)
	}
	if o := c.rail.Submit(ctx, a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("submit: got %+v, want unknown", o)
	}
	if o := c.rail.Lookup(ctx, a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("lookup: got %+v, want unknown", o)
	}
}

func TestEndlessAnswerIsCut(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	c.answering(func(req *http.Request) *http.Response {
		resp := canned(req, http.StatusOK, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"network_passphrase":"`), endless{}))
		return resp
	})
	if err := c.rail.Health(t.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestRollbackOfHorizonIsUnknown(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	resp, err := http.Get(c.url + "/")
	must(t, err)
	var root json.RawMessage
	must(t, json.NewDecoder(resp.Body).Decode(&root))
	must(t, resp.Body.Close())
	a := c.prepare(c.order(c.destination("a").Address()))
	c.expire()
	c.answering(func(req *http.Request) *http.Response {
		if req.URL.Path == "/" {
			return canned(req, http.StatusOK, string(root))
		}
		return nil
	})
	c.lookup(a, settlement.OutcomeUnknown)
	if err := c.rail.Health(t.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("health: got %v, want unavailable: its ledger is old", err)
	}
	if err := prepareErr(t, c.rail, c); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("prepare: got %v, want unavailable: its ledger is old", err)
	}
}

func TestDownIsUnknown(t *testing.T) { both(t, downIsUnknown) }

func downIsUnknown(t *testing.T, newChain makeChain) {
	t.Helper()
	t.Parallel()
	c := newChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	c.expire()
	for _, f := range []horizon.Faults{{Down: true}, {Down: true, Broken: true}} {
		must(t, c.net.SetFaults(f))
		c.lookup(a, settlement.OutcomeUnknown)
		if o := c.rail.Submit(t.Context(), a); o.Status != settlement.OutcomeUnknown {
			t.Errorf("submit: got %+v, want unknown", o)
		}
	}
}
