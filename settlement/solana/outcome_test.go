package solana_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/solana"
)

// answer is what a scripted node says to a method instead of the real one.
type answer struct {
	status int
	body   string
	hangUp bool
}

// scripted serves a chain's node, except for the methods in say; result there
// is put into a whole JSON-RPC answer.
func (c *chain) scripted(t testing.TB, say map[string]answer) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read call: %v", err)
		}
		var call struct {
			ID     json.RawMessage
			Method string
		}
		if err := json.Unmarshal(body, &call); err != nil {
			t.Errorf("read call: %v", err)
		}
		a, ok := say[call.Method]
		switch {
		case !ok:
			c.forward(t, w, body)
			return
		case a.hangUp:
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(max(a.status, http.StatusOK))
		fmt.Fprint(w, strings.ReplaceAll(a.body, "ID", string(call.ID)))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func (c *chain) forward(t testing.TB, w http.ResponseWriter, body []byte) {
	answer, err := http.Post(c.url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Errorf("forward call: %v", err)
		return
	}
	if _, err := io.Copy(w, answer.Body); err != nil {
		t.Errorf("forward answer: %v", err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Errorf("close answer: %v", err)
	}
}

func result(format string, args ...any) answer {
	return answer{body: `{"jsonrpc":"2.0","id":ID,"result":` + fmt.Sprintf(format, args...) + `}`}
}

func refusal(code int, message, data string) answer {
	return answer{body: fmt.Sprintf(`{"jsonrpc":"2.0","id":ID,"error":{"code":%d,"message":%q,"data":%s}}`, code, message, data)}
}

// at is a rail of the chain over other endpoints.
func (c *chain) at(t testing.TB, endpoints ...string) *solana.Rail {
	o := c.options(t)
	o.Endpoint = strings.Join(endpoints, ",")
	return newRail(t, o)
}

// prepared is an attempt of one order to a wallet with an account.
func (c *chain) prepared(t testing.TB) settlement.Attempt {
	t.Helper()
	a, _, err := c.rail(t).Prepare(t.Context(), settlement.Batch{Orders: orders(c.newWallets(t, 1, true)...)}, nil)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	return *a
}

// Whatever a node answers to a sending, it never proves that the bytes cannot
// land: they may have been sent before.
func TestSubmitErrors(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	a := c.prepared(t)
	for _, test := range []struct {
		name      string
		say       answer
		want      settlement.OutcomeStatus
		elsewhere bool
	}{
		{"accepted", result("%q", a.Hash), settlement.OutcomePending, false},
		{"broken connection", answer{hangUp: true}, settlement.OutcomeUnknown, true},
		{"429", answer{status: 429, body: "slow down"}, settlement.OutcomeUnknown, true},
		{"429 as JSON-RPC", refusal(429, "Too many requests", "null"), settlement.OutcomeUnknown, true},
		{"500", answer{status: 500, body: "oops"}, settlement.OutcomeUnknown, true},
		{"502", answer{status: 502, body: "<html>bad gateway</html>"}, settlement.OutcomeUnknown, true},
		{"503", answer{status: 503, body: "Service Unavailable"}, settlement.OutcomeUnknown, true},
		{"403", answer{status: 403, body: "no key"}, settlement.OutcomeUnknown, true},
		{"no JSON", answer{body: "hello"}, settlement.OutcomeUnknown, true},
		{"unhealthy", refusal(-32005, "Node is behind by 42 slots", `{"numSlotsBehind":42}`), settlement.OutcomeUnknown, true},
		{"minimum context", refusal(-32016, "Minimum context slot has not been reached", `{"contextSlot":1}`), settlement.OutcomeUnknown, true},
		{"internal", refusal(-32603, "Internal error", "null"), settlement.OutcomeUnknown, true},
		{"unheard of", refusal(-32999, "what", "null"), settlement.OutcomeUnknown, true},
		{"blockhash not found", refusal(-32002, "Transaction simulation failed: Blockhash not found", `{"err":"BlockhashNotFound"}`), settlement.OutcomeUnknown, true},
		{"already processed", refusal(-32002, "Transaction simulation failed: This transaction has already been processed", `{"err":"AlreadyProcessed"}`), settlement.OutcomePending, false},
		{"would fail", refusal(-32002, "Transaction simulation failed: custom program error: 0x1", `{"err":{"InstructionError":[3,{"Custom":1}]}}`), settlement.OutcomeUnknown, false},
		{"bad signature", refusal(-32003, "Transaction signature verification failure", "null"), settlement.OutcomeUnknown, false},
		{"bad params", refusal(-32602, "invalid params", "null"), settlement.OutcomeUnknown, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			one := c.scripted(t, map[string]answer{"sendTransaction": test.say})
			if o := c.at(t, one).Submit(t.Context(), a); o.Status != test.want || o.Result == "" || strings.Contains(o.Result, "\n") {
				t.Errorf("outcome is %+v, want %s", o, test.want)
			}
			two := c.scripted(t, map[string]answer{"sendTransaction": result("%q", a.Hash)})
			want := test.want
			if test.elsewhere {
				want = settlement.OutcomePending
			}
			if o := c.at(t, one, two).Submit(t.Context(), a); o.Status != want {
				t.Errorf("outcome with a second node is %+v, want %s", o, want)
			}
		})
	}
}

// A missing signature proves nothing unless the node's view is whole.
func TestAbsenceIsProved(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	a := c.prepared(t)
	c.advance(t, expireSlots)
	missing := `{"context":{"slot":%d},"value":[null]}`
	for _, test := range []struct {
		name string
		say  map[string]answer
		want settlement.OutcomeStatus
	}{
		{"whole view", nil, settlement.OutcomeFailed},
		{"status from a state before", map[string]answer{"getSignatureStatuses": result(missing, a.Sequence)}, settlement.OutcomeUnknown},
		{"short history", map[string]answer{"getFirstAvailableBlock": result("%d", a.Sequence+1)}, settlement.OutcomeUnknown},
		{"history from then", map[string]answer{"getFirstAvailableBlock": result("%d", a.Sequence)}, settlement.OutcomeFailed},
		{"history not told", map[string]answer{"getFirstAvailableBlock": refusal(-32601, "Method not found", "null")}, settlement.OutcomeUnknown},
		{"other cluster", map[string]answer{"getGenesisHash": result("%q", newKey(t).PublicKey())}, settlement.OutcomeUnknown},
		{"no height", map[string]answer{"getEpochInfo": {status: 503}}, settlement.OutcomeUnknown},
		{"last valid height", map[string]answer{"getEpochInfo": result(`{"absoluteSlot":1,"blockHeight":%d}`, a.Expiry)}, settlement.OutcomeUnknown},
		{"one more", map[string]answer{"getEpochInfo": result(`{"absoluteSlot":1,"blockHeight":%d}`, a.Expiry+1)}, settlement.OutcomeFailed},
		{"treasury's history not told", map[string]answer{"getSignaturesForAddress": {status: 503}}, settlement.OutcomeUnknown},
		{"no statuses", map[string]answer{"getSignatureStatuses": result(`{"context":{"slot":9},"value":[]}`)}, settlement.OutcomeUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			if o := c.at(t, c.scripted(t, test.say)).Lookup(t.Context(), a); o.Status != test.want {
				t.Errorf("outcome is %+v, want %s", o, test.want)
			}
		})
	}
}

// One node that has forgotten a payment does not outvote one that remembers it.
func TestOneNodeRemembers(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	a := c.prepared(t)
	if o := c.rail(t).Submit(t.Context(), a); o.Status != settlement.OutcomePending {
		t.Fatalf("submit: %+v", o)
	}
	c.advance(t, expireSlots)
	noStatus := result(`{"context":{"slot":999999999},"value":[null]}`)
	hiding := c.scripted(t, map[string]answer{"getSignatureStatuses": noStatus})
	if o := c.at(t, hiding).Lookup(t.Context(), a); o.Status != settlement.OutcomeSettled {
		t.Errorf("a node that forgot the status but has the transaction says %+v, want settled", o)
	}
	empty := c.scripted(t, map[string]answer{"getSignatureStatuses": noStatus, "getSignaturesForAddress": result(`[]`)})
	if o := c.at(t, empty).Lookup(t.Context(), a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("a node that forgot the treasury's history too says %+v, want unknown", o)
	}
	// Nothing is left to tell this one from a node that is right.
	older := result(`[{"signature":%q,"slot":%d,"err":null,"confirmationStatus":"finalized"}]`, sdk.Signature{1}, a.Sequence-1)
	forgetful := c.scripted(t, map[string]answer{"getSignatureStatuses": noStatus, "getSignaturesForAddress": older})
	if o := c.at(t, forgetful).Lookup(t.Context(), a); o.Status != settlement.OutcomeFailed {
		t.Errorf("a node that forgot says %+v; the test wants one that lies", o)
	}
	if o := c.at(t, forgetful, c.url).Lookup(t.Context(), a); o.Status != settlement.OutcomeSettled {
		t.Errorf("beside a node that remembers the outcome is %+v, want settled", o)
	}
}

// A transaction that landed and failed names the order to blame, and only that.
func TestBlame(t *testing.T) {
	t.Parallel()
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStandIn(t, program)
			to := append(c.newWallets(t, 2, true), c.newWallets(t, 2, false)...)
			rail, list := c.rail(t), orders(to...)
			a, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
			if err != nil {
				t.Fatalf("prepare: %v", err)
			}
			c.freeze(t, to[2])
			rail.Submit(t.Context(), *a)
			c.advance(t, 2)
			if o := rail.Lookup(t.Context(), *a); o.Status != settlement.OutcomePending {
				t.Errorf("before it is final the outcome is %+v, want pending", o)
			}
			c.advance(t, finalAfter)
			o := rail.Lookup(t.Context(), *a)
			if o.Status != settlement.OutcomeFailed || len(o.Failed) != 1 || o.Failed["ord_2"] != remit.ReasonDestinationInvalid {
				t.Errorf("outcome is %+v, want failed by the third order", o)
			}
			if o.Fee.Asset != solana.SOL || o.Fee.Minor <= 5_000 {
				t.Errorf("fee is %s", o.Fee)
			}
			a, rejected, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
			if err != nil || len(a.Orders) != 3 || rejected["ord_2"] != remit.ReasonDestinationInvalid {
				t.Errorf("prepared again: %v, %v, %v", a, rejected, err)
			}
		})
	}
}

// What the chain charged is what the attempt says it cost.
func TestFee(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	a, rail := c.prepared(t), c.rail(t)
	before, err := c.client.GetBalance(t.Context(), c.treasury.PublicKey(), "processed")
	if err != nil {
		t.Fatal(err)
	}
	rail.Submit(t.Context(), a)
	c.advance(t, finalAfter+2)
	after, err := c.client.GetBalance(t.Context(), c.treasury.PublicKey(), "processed")
	if err != nil {
		t.Fatal(err)
	}
	if o := rail.Lookup(t.Context(), a); o.Fee.Minor != int64(before.Value-after.Value) {
		t.Errorf("fee is %s, the treasury paid %d lamports", o.Fee, before.Value-after.Value)
	}
}

func TestNodes(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	gone := httptest.NewServer(nil)
	gone.Close()
	down := gone.URL + "/v1?key=secret"
	limited := c.scripted(t, map[string]answer{"getMultipleAccounts": {status: 429}, "getHealth": refusal(-32005, "behind", "null")})
	foreign := c.scripted(t, map[string]answer{"getGenesisHash": result("%q", newKey(t).PublicKey())})
	list := orders(c.newWallets(t, 1, true)...)
	for name, first := range map[string]string{"down": down, "limited": limited, "of another cluster": foreign} {
		rail := c.at(t, first, c.url)
		if err := rail.Health(t.Context()); err != nil {
			t.Errorf("health with a first node that is %s: %v", name, err)
		}
		if _, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil); err != nil {
			t.Errorf("prepare with a first node that is %s: %v", name, err)
		}
		_, _, err := c.at(t, first).Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		want := remit.KindUnavailable
		if first == foreign {
			want = remit.KindPrecondition
		}
		if remit.KindOf(err) != want || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("prepare with only a node that is %s: %v, want %s", name, err, want)
		}
	}
	if m, err := c.at(t, down, c.url).Balance(t.Context(), remit.USDCSolana); err != nil || m.Minor != settlementtest.Funding {
		t.Errorf("balance: %v, %v", m, err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	for name, change := range map[string]func(o *solana.Options){
		"endpoint is not a":    func(o *solana.Options) { o.Endpoint = "" },
		"endpoint is not":      func(o *solana.Options) { o.Endpoint = o.Endpoint + ",ftp://x" },
		"genesis hash":         func(o *solana.Options) { o.GenesisHash = "" },
		"mint":                 func(o *solana.Options) { o.Coins[0].Mint = "USDC" },
		"treasury":             func(o *solana.Options) { o.Treasury = "me" },
		"neither SPL Token":    func(o *solana.Options) { o.Coins[0].Program = o.Coins[0].Mint },
		"neither confirmed":    func(o *solana.Options) { o.Commitment = "processed" },
		"want 1 to 16":         func(o *solana.Options) { o.Coins = nil },
		"there twice":          func(o *solana.Options) { o.Coins = append(o.Coins, o.Coins[0]) },
		"not CODE_SOLANA":      func(o *solana.Options) { o.Coins[0].Asset = remit.USDCStellar },
		"the bound of its fee": func(o *solana.Options) { o.Coins[0].MaxFeeBasisPoints = 10_000 },
		"no such power":        func(o *solana.Options) { o.Coins[0].Accept = []solana.Power{"everything"} },
		"signer and clock are": func(o *solana.Options) { o.Signer = nil },
	} {
		o := c.options(t)
		change(&o)
		if _, err := solana.New(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("new answers %v, want an error about %q", err, name)
		}
	}
	mint := c.mint
	c.mint = newKey(t)
	c.createMint(t, decimals+1)
	c.advance(t, 1)
	other := c.mint.PublicKey().String()
	c.mint = mint
	for name, change := range map[string]func(o *solana.Options){
		"other decimals": func(o *solana.Options) { o.Coins[0].Mint = other },
		"no such mint":   func(o *solana.Options) { o.Coins[0].Mint = newKey(t).PublicKey().String() },
		"other program":  func(o *solana.Options) { o.Coins[0].Program = sdk.Token2022ProgramID.String() },
	} {
		o := c.options(t)
		change(&o)
		if err := newRail(t, o).Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
			t.Errorf("%s: health is %v, want precondition", name, err)
		}
	}
}
