package solanarpc_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/openremit/remit/devnet/solanarpc"
)

func TestLostReplyThenLookup(t *testing.T) {
	t.Parallel()
	w := setup(t)
	alice := w.newKey()
	tx := w.build(w.blockhash(), w.openATA(alice), w.pay(9, alice))
	w.node.SetFaults(solanarpc.Faults{HangupPct: 100})
	if _, err := w.send(tx, false); err == nil || errors.As(err, new(*jsonrpc.RPCError)) {
		t.Fatalf("send = %v, want a broken connection", err)
	}
	w.node.ResetFaults()
	w.advance(2)
	if s := w.status(tx.Signatures[0]); s == nil || s.Err != nil {
		t.Errorf("status after a lost reply = %+v, want success", s)
	}
	if got := w.tokens(w.address(alice), confirmed); got != "9" {
		t.Errorf("alice has %s, want 9", got)
	}
}

func TestDrop(t *testing.T) {
	t.Parallel()
	w := setup(t)
	alice := w.newKey()
	tx := w.build(w.blockhash(), w.openATA(alice), w.pay(9, alice))
	w.node.SetFaults(solanarpc.Faults{DropPct: 100})
	sig := must(w.send(tx, false))
	w.advance(3)
	if s := w.status(sig); s != nil {
		t.Fatalf("dropped transaction has status %+v", s)
	}
	w.node.ResetFaults()
	must(w.send(tx, false)) // the same bytes again
	w.advance(1)
	if s := w.status(sig); s == nil {
		t.Error("rebroadcast did not land")
	}
}

func TestCallFaults(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := context.Background()
	w.node.SetFaults(solanarpc.Faults{RateLimitPct: 100})
	_, err := w.client.GetSlot(ctx, confirmed)
	if rpcError(err).Code != 429 {
		t.Errorf("rate limited = %v, want 429", err)
	}
	w.node.SetFaults(solanarpc.Faults{Down: true, Methods: []string{"getSlot"}})
	if _, err = w.client.GetSlot(ctx, confirmed); err == nil || errors.As(err, new(*jsonrpc.RPCError)) {
		t.Errorf("down = %v, want a broken connection", err)
	}
	if _, err = w.client.GetBlockHeight(ctx, confirmed); err != nil {
		t.Errorf("a method the fault does not name: %v", err)
	}
	w.node.SetFaults(solanarpc.Faults{UnavailablePct: 100})
	var he *jsonrpc.HTTPError
	if _, err = w.client.GetSlot(ctx, confirmed); !errors.As(err, &he) || he.Code != http.StatusServiceUnavailable {
		t.Errorf("unavailable = %v, want 503", err)
	}
	w.node.SetFaults(solanarpc.Faults{DelayMs: 60_000})
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err = w.client.GetSlot(gone, confirmed); !errors.Is(err, context.Canceled) {
		t.Errorf("delayed = %v, want the caller to give up", err)
	}
	w.node.SetFaults(solanarpc.Faults{BehindSlots: 70})
	if _, err = w.client.GetHealth(ctx); rpcError(err).Code != -32005 {
		t.Errorf("behind = %v, want -32005", err)
	}
}

func TestFaultHeader(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for header, want := range map[string]int{`{"rate_limit_pct":100}`: 429, `{"rate_limit_pct":0}`: 200, `{"ratelimit":1}`: 400, `nonsense`: 400} {
		req, err := http.NewRequest(http.MethodPost, w.url, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"getHealth"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Fault", header)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("post: %v", err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("with X-Fault %s: %d, want %d", header, resp.StatusCode, want)
		}
	}
	if f := w.node.Faults(); f.RateLimitPct != 0 {
		t.Errorf("one request's faults stayed: %+v", f)
	}
}

func TestHideStatusAndPrice(t *testing.T) {
	t.Parallel()
	w := setup(t)
	alice := w.newKey()
	sig := w.land(w.openATA(alice))
	w.node.SetFaults(solanarpc.Faults{HideStatusPct: 100, MinUnitPrice: 1_000, LandDelaySlots: 2})
	r, err := w.client.GetSignatureStatuses(context.Background(), true, sig)
	if err != nil || r.Value[0] != nil {
		t.Errorf("hidden status = %v %v, want null", r, err)
	}
	w.node.SetFaults(solanarpc.Faults{MinUnitPrice: 1_000, LandDelaySlots: 2})
	cheap := must(w.send(w.build(w.blockhash(), unitPrice(999), w.pay(1, alice)), false))
	dear := must(w.send(w.build(w.blockhash(), unitPrice(1_000), w.pay(2, alice)), false))
	w.advance(2)
	if w.status(dear) != nil {
		t.Error("it landed two slots early")
	}
	w.advance(1)
	if w.status(dear) == nil || w.status(cheap) != nil {
		t.Errorf("dear = %v, cheap = %v, want only the dear one", w.status(dear), w.status(cheap))
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	post := func(path, body string) int {
		r, err := http.Post(w.url+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatalf("post %s: %v", path, err)
		}
		defer r.Body.Close()
		return r.StatusCode
	}
	before := w.node.State().Slot
	if got := post("/_advance", `{"slots":3}`); got != 200 || w.node.State().Slot != before+3 {
		t.Errorf("advance = %d, slot %d, want %d", got, w.node.State().Slot, before+3)
	}
	if got := post("/_fault", `{"drop_pct":12.5}`); got != 200 || w.node.Faults().DropPct != 12.5 {
		t.Errorf("fault = %d %+v", got, w.node.Faults())
	}
	if got := post("/_fault", `{"dorp_pct":1}`); got != http.StatusBadRequest || w.node.Faults().DropPct != 12.5 {
		t.Errorf("unknown fault = %d %+v", got, w.node.Faults())
	}
	if got := post("/_fault", `{"reset":true,"delay_ms":1}`); got != 200 || w.node.Faults().DropPct != 0 || w.node.Faults().DelayMs != 1 {
		t.Errorf("reset = %d %+v", got, w.node.Faults())
	}
	if got := post("/_advance", `{"slots":0}`); got != http.StatusBadRequest {
		t.Errorf("advance by nothing = %d, want 400", got)
	}
}

func TestBatchAndErrors(t *testing.T) {
	t.Parallel()
	w := setup(t)
	out, err := w.client.RPCCallBatch(context.Background(), jsonrpc.RPCRequests{
		jsonrpc.NewRequest("getSlot"), jsonrpc.NewRequest("noSuchMethod"), jsonrpc.NewRequest("getBalance", "not a key"),
		jsonrpc.NewRequest("getSlot", []any{map[string]any{"minContextSlot": uint64(1) << 60}}),
		jsonrpc.NewRequest("getTransaction", w.land(memo("m", w.treasury)).String(), map[string]any{"commitment": rpc.CommitmentProcessed}),
	})
	if err != nil {
		t.Fatalf("batch: %v", err)
	}
	want := []int{0, -32601, -32602, -32016, -32602}
	for i, r := range out {
		got := 0
		if r.Error != nil {
			got = r.Error.Code
		}
		if got != want[i] {
			t.Errorf("answer %d has code %d, want %d", i, got, want[i])
		}
	}
}
