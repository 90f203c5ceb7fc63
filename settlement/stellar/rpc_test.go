package stellar_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	rpcproto "github.com/stellar/go-stellar-sdk/protocols/rpc"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/stellar"
)

// rpcCall is what a test needs to know of a call.
type rpcCall struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// callOf reads the call that a request carries, and leaves it as it was.
func callOf(t testing.TB, req *http.Request) rpcCall {
	t.Helper()
	body, err := req.GetBody()
	must(t, err)
	raw, err := io.ReadAll(body)
	must(t, err)
	var c rpcCall
	must(t, json.Unmarshal(raw, &c))
	return c
}

// ask puts another call in a request's place.
func ask(t testing.TB, req *http.Request, body string) {
	t.Helper()
	must(t, req.Body.Close())
	req.Body, req.ContentLength = io.NopCloser(bytes.NewBufferString(body)), int64(len(body))
}

// saying answers one method with a text, as it stands.
func (c *chain) saying(method string, status int, text string) {
	c.answering(func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		if callOf(c.t, req).Method != method {
			return nil
		}
		return canned(req, status, text)
	})
}

func result(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return `{"jsonrpc":"2.0","id":1,"result":` + string(raw) + `}`
}

// recorded is what the server answers now.
func (c *chain) recorded(method, params string) string {
	c.t.Helper()
	resp, err := http.Post(c.url+"/rpc", "application/json", strings.NewReader(
		`{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":`+params+`}`))
	must(c.t, err)
	raw, err := io.ReadAll(resp.Body)
	must(c.t, err)
	must(c.t, resp.Body.Close())
	return string(raw)
}

// TestRPCSubmissions plays every answer to a submission and checks that none ends
// the attempt, and that new orders wait just while a person is needed.
func TestRPCSubmissions(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	order := c.order(c.destination("a").Address())
	a := c.prepare(order)
	type row struct {
		name    string
		status  int
		body    string
		want    settlement.OutcomeStatus
		verdict stellar.Verdict
	}
	said := func(status string) string {
		return result(t, rpcproto.SendTransactionResponse{Status: status, Hash: a.Hash})
	}
	failed := func(code int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"error":{"code":%d,"message":"no"}}`, code)
	}
	rows := []row{
		{"PENDING", http.StatusOK, said("PENDING"), settlement.OutcomePending, stellar.LookUp},
		{"DUPLICATE", http.StatusOK, said("DUPLICATE"), settlement.OutcomePending, stellar.LookUp},
		{"TRY_AGAIN_LATER", http.StatusOK, said("TRY_AGAIN_LATER"), settlement.OutcomeUnknown, stellar.Resend},
		{"a status of tomorrow", http.StatusOK, said("MAYBE"), settlement.OutcomeUnknown, stellar.Person},
		{"ERROR without a result", http.StatusOK, said("ERROR"), settlement.OutcomeUnknown, stellar.Person},
		{"half an answer", http.StatusOK, `{"jsonrpc":"2.0","id":1,"res`, settlement.OutcomeUnknown, stellar.LookUp},
		{"no result", http.StatusOK, `{"jsonrpc":"2.0","id":1,"result":null}`, settlement.OutcomeUnknown, stellar.LookUp},
		{"another's answer", http.StatusOK, strings.Replace(said("PENDING"), `"id":1`, `"id":2`, 1), settlement.OutcomeUnknown, stellar.LookUp},
		{"invalid request", http.StatusOK, failed(-32600), settlement.OutcomeUnknown, stellar.Person},
		{"no such method", http.StatusOK, failed(-32601), settlement.OutcomeUnknown, stellar.Person},
		{"invalid parameters", http.StatusOK, failed(-32602), settlement.OutcomeUnknown, stellar.Person},
		{"internal error", http.StatusOK, failed(-32603), settlement.OutcomeUnknown, stellar.Resend},
		{"a provider's limit", http.StatusOK, failed(-32005), settlement.OutcomeUnknown, stellar.Resend},
		{"too many requests", http.StatusTooManyRequests, "slow down", settlement.OutcomeUnknown, stellar.Resend},
		{"gateway timeout", http.StatusGatewayTimeout, "", settlement.OutcomeUnknown, stellar.LookUp},
		{"forbidden", http.StatusForbidden, "no key", settlement.OutcomeUnknown, stellar.Person},
	}
	for code, verdict := range refusals {
		rows = append(rows, row{code.String(), http.StatusOK, result(t, rpcproto.SendTransactionResponse{
			Status: "ERROR", Hash: a.Hash, ErrorResultXDR: resultXDR(t, code)}), settlement.OutcomeUnknown, verdict})
	}
	for _, row := range rows {
		rail := c.newRail(nil)
		c.saying("sendTransaction", row.status, row.body)
		if o := rail.Submit(t.Context(), a); o.Status != row.want || o.Result == "" {
			t.Errorf("%s: got %+v, want %s with a result", row.name, o, row.want)
		}
		_, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil)
		if (err != nil) != (row.verdict == stellar.Person) {
			t.Errorf("%s, %q: preparing another: got %v", row.name, row.verdict, err)
		}
		c.answering(nil)
	}
	c.lookup(a, settlement.OutcomeUnknown)
}

// TestForgottenTransactionFailsNothing lets the server forget a payment: neither
// its silence nor how far back its history goes ends the attempt.
func TestForgottenTransactionFailsNothing(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	a := c.paidAttempt()
	for range rpcWindow + 1 {
		c.advance()
	}
	if o := c.lookup(a, settlement.OutcomeUnknown); !strings.Contains(o.Result, string(stellar.Person)) {
		t.Errorf("got %q, want a call for a person", o.Result)
	}
}

// TestLaterNumbersHideTheTaker: the server names only the ledger of the channel's
// newest number.
func TestLaterNumbersHideTheTaker(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	a := c.paidAttempt()
	_, err := c.net.Apply(t.Context(), c.signer.held[a.Source], nil, &txnbuild.BumpSequence{BumpTo: 0})
	must(t, err)
	c.expire()
	c.lookup(a, settlement.OutcomeSettled)
	c.hide()
	if o := c.lookup(a, settlement.OutcomeUnknown); !strings.Contains(o.Result, string(stellar.Person)) {
		t.Errorf("got %q, want a call for a person", o.Result)
	}
}

// TestLaggingRPCServerFailsNothing looks up a paid attempt through an address
// with two servers behind it, of which one has not seen the payment.
func TestLaggingRPCServerFailsNothing(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	a := c.prepare(c.order(c.destination("a").Address()))
	entries := c.recorded("getLedgerEntries", `{"keys":[`+accountKey(t, a.Source)+`]}`)
	c.rail.Submit(t.Context(), a)
	c.advance()
	c.expire()
	for _, old := range []string{entries, strings.ReplaceAll(entries, `"latestLedger"`, `"someLedger"`)} {
		c.answering(func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
			if callOf(t, req).Method == "getLedgerEntries" {
				return canned(req, http.StatusOK, old)
			}
			return c.hidden(req)
		})
		c.lookup(a, settlement.OutcomeUnknown)
	}
	c.saying("getLedgerEntries", http.StatusOK, `{"jsonrpc":"2.0","id":1,"result":{"entries":[],"latestLedger":9999}}`)
	if o := c.rail.Lookup(t.Context(), a); o.Status != settlement.OutcomeSettled {
		t.Errorf("got %+v, want what the ledger holds", o)
	}
}

func accountKey(t testing.TB, address string) string {
	t.Helper()
	text, err := xdr.MarshalBase64(xdr.LedgerKey{Type: xdr.LedgerEntryTypeAccount, Account: &xdr.LedgerKeyAccount{AccountId: xdr.MustAddress(address)}})
	must(t, err)
	return `"` + text + `"`
}

// TestContradictionsAreUnknown gives answers that are not about the attempt, or
// not of one piece.
func TestContradictionsAreUnknown(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 2)
	paid := c.paidAttempt()
	lost := c.prepare(c.order(c.destination("b").Address()))
	c.expire()
	good := c.recorded("getTransaction", `{"hash":"`+paid.Hash+`"}`)
	for name, text := range map[string]string{
		"another transaction": good,
		"another end":         strings.Replace(good, `"SUCCESS"`, `"FAILED"`, 1),
		"an end of tomorrow":  strings.Replace(good, `"SUCCESS"`, `"DONE"`, 1),
		"no envelope":         strings.Replace(good, `"envelopeXdr"`, `"x"`, 1),
		"no result":           strings.Replace(good, `"resultXdr"`, `"x"`, 1),
		"no status":           strings.Replace(good, `"status"`, `"x"`, 1),
		"not found, no more":  `{"jsonrpc":"2.0","id":1,"result":{"status":"NOT_FOUND"}}`,
		"error":               `{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no transaction with this hash exists"}}`,
		"page":                `<html>404</html>`,
	} {
		c.saying("getTransaction", http.StatusOK, text)
		if o := c.rail.Lookup(t.Context(), lost); o.Status != settlement.OutcomeUnknown {
			t.Errorf("%s: got %+v, want unknown", name, o)
		}
	}
	c.saying("getTransaction", http.StatusNotFound, "")
	c.lookup(lost, settlement.OutcomeUnknown)
	c.saying("getLedgerEntries", http.StatusOK, c.recorded("getLedgerEntries", `{"keys":[`+accountKey(t, paid.Source)+`]}`))
	c.lookup(lost, settlement.OutcomeUnknown)
	c.saying("getLedgerEntries", http.StatusOK, `{"jsonrpc":"2.0","id":1,"result":{"entries":[],"latestLedger":9999}}`)
	c.lookup(lost, settlement.OutcomeUnknown)
	c.answering(nil)
	c.lookup(lost, settlement.OutcomeFailed)
	c.lookup(paid, settlement.OutcomeSettled)
}

func TestBidOverRPCKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	order := c.order(c.destination("a").Address())
	for p80, want := range map[uint64]uint32{0: 100, 50: 100, 700: 700, 1 << 40: 1000, 1 << 63: 1000} {
		c.saying("getFeeStats", http.StatusOK, result(t, rpcproto.GetFeeStatsResponse{InclusionFee: rpcproto.FeeDistribution{P80: p80}}))
		rail := c.newRail(func(o *stellar.Options) { o.MaxFee = 1000 })
		a, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil)
		must(t, err)
		var envelope xdr.TransactionEnvelope
		must(t, xdr.SafeUnmarshalBase64(string(a.Bytes), &envelope))
		if got := envelope.Fee(); got != want {
			t.Errorf("%d: got a bid of %d, want %d", p80, got, want)
		}
	}
}

func TestEndlessRPCAnswerIsCut(t *testing.T) {
	t.Parallel()
	c := newRPCChain(t, 1)
	c.answering(func(req *http.Request) *http.Response { //nolint:bodyclose // the client that asked closes it
		resp := canned(req, http.StatusOK, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"jsonrpc":"`), endless{}))
		return resp
	})
	if err := c.rail.Health(t.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

// TestAccountsAreAlikeOverBoth reads accounts with everything on them that the
// rail looks at, over Horizon and over Stellar RPC.
func TestAccountsAreAlikeOverBoth(t *testing.T) {
	t.Parallel()
	c := newChain(t, 1)
	usdc := txnbuild.CreditAsset{Code: "USDC", Issuer: c.issuer.Address()}
	_, err := c.net.Apply(t.Context(), c.treasury, nil,
		&txnbuild.SetOptions{Signer: &txnbuild.Signer{Address: key("second").Address(), Weight: 3}, LowThreshold: txnbuild.NewThreshold(1),
			MediumThreshold: txnbuild.NewThreshold(1), HighThreshold: txnbuild.NewThreshold(2), MasterWeight: txnbuild.NewThreshold(2)},
		&txnbuild.ManageData{Name: "config.memo_required", Value: []byte("1")},
		&txnbuild.ManageSellOffer{Selling: usdc, Buying: txnbuild.NativeAsset{}, Amount: "7", Price: xdr.Price{N: 3, D: 2}},
		&txnbuild.ManageSellOffer{Selling: txnbuild.NativeAsset{}, Buying: usdc, Amount: "5", Price: xdr.Price{N: 1, D: 4}},
		&txnbuild.CreateClaimableBalance{Amount: "5", Asset: usdc, Destinations: []txnbuild.Claimant{txnbuild.NewClaimant(c.issuer.Address(), nil)}})
	must(t, err)
	_, err = c.net.Apply(t.Context(), c.issuer, nil, &txnbuild.SetOptions{SetFlags: []txnbuild.AccountFlag{txnbuild.AuthRequired, txnbuild.AuthRevocable}})
	must(t, err)
	frozen := c.destination("late")
	over := newRailOver(c)
	for _, address := range []string{c.treasury.Address(), c.issuer.Address(), c.channels[0], frozen.Address()} {
		want, wantLedger, err := c.rail.Account(t.Context(), address)
		must(t, err)
		got, gotLedger, err := over.Account(t.Context(), address)
		must(t, err)
		if got, want := essence(got), essence(want); !reflect.DeepEqual(got, want) || gotLedger != wantLedger {
			t.Errorf("%s: got of ledger %d\n%+v\nwant of ledger %d\n%+v", address, gotLedger, got, wantLedger, want)
		}
	}
	if _, _, err := over.Account(t.Context(), key("nobody").Address()); err == nil {
		t.Error("an account that does not exist is read")
	}
}

// newRailOver makes a rail over Stellar RPC on a chain whose own goes over Horizon.
func newRailOver(c *chain) *stellar.Rail {
	return c.newRail(func(o *stellar.Options) { o.Horizon, o.RPC, o.HTTP = "", c.url+"/rpc", http.DefaultClient })
}

// essence leaves out what only Horizon says, and the order of lists.
func essence(a protocol.Account) protocol.Account {
	out := protocol.Account{
		AccountID: a.AccountID, Sequence: a.Sequence, SequenceLedger: a.SequenceLedger, SubentryCount: a.SubentryCount,
		Thresholds: a.Thresholds, Flags: a.Flags, Data: a.Data, NumSponsoring: a.NumSponsoring, NumSponsored: a.NumSponsored,
	}
	for _, s := range a.Signers {
		out.Signers = append(out.Signers, protocol.Signer{Key: s.Key, Weight: s.Weight})
	}
	slices.SortFunc(out.Signers, func(x, y protocol.Signer) int { return strings.Compare(x.Key, y.Key) })
	for _, b := range a.Balances {
		b.LastModifiedLedger = 0
		if no := false; b.Asset.Type != "native" && b.IsClawbackEnabled == nil {
			b.IsClawbackEnabled = &no
		}
		out.Balances = append(out.Balances, b)
	}
	slices.SortFunc(out.Balances, func(x, y protocol.Balance) int { return strings.Compare(x.Code, y.Code) })
	return out
}
