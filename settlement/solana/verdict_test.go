package solana_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/solana"
)

func TestVerdictTable(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	layers := make(map[solana.Layer]int)
	for _, r := range solana.Verdicts() {
		key := string(r.Layer) + " " + r.Code
		if seen[key] || r.Code == "" || r.Name == "" || r.Source == "" {
			t.Errorf("rule %+v is there twice or lacks a part", r)
		}
		seen[key] = true
		layers[r.Layer]++
		switch r.Verdict {
		case solana.Resend, solana.LookUp, solana.KnownFailed, solana.Person:
		default:
			t.Errorf("rule %+v has no verdict", r)
		}
		inBlock := r.Layer == solana.LayerInstruction || r.Layer == solana.LayerToken
		if inBlock != (r.Verdict == solana.KnownFailed || r.Reason != "") && r.Layer != solana.LayerTransaction {
			t.Errorf("rule %+v mixes refusals and failures", r)
		}
	}
	if len(layers) != 6 || layers[solana.LayerToken] != 69 {
		t.Errorf("layers are %v", layers)
	}
}

// Each rule is what the rail makes of that very error: as an answer to a sending
// it never ends the attempt, in a finalized block it ends it as the rule says.
func TestEveryVerdict(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	a := c.prepared(t)
	last := len(decode(t, &a).Message.Instructions) - 1
	for _, r := range solana.Verdicts() {
		t.Run(string(r.Layer)+" "+r.Code, func(t *testing.T) {
			t.Parallel()
			say, failure := sayFor(t, r, last)
			endpoint := say.endpoint
			if endpoint == "" {
				endpoint = c.scripted(t, map[string]answer{"sendTransaction": say.answer, "getVersion": say.answer})
			}
			o := c.at(t, endpoint).Submit(t.Context(), a)
			if o.Status == settlement.OutcomeFailed || o.Status == settlement.OutcomeSettled {
				t.Errorf("sending ends it: %+v", o)
			}
			_, err := rpc.New(endpoint).GetVersion(t.Context())
			if say.timeout {
				err = errTimeout{}
			}
			want := r.Verdict
			if want == solana.KnownFailed {
				want = solana.LookUp
			}
			if got := solana.VerdictOf(err); got.Verdict != want && r.Code != "InstructionError" {
				t.Errorf("verdict on %v is %q, want %q", err, got.Verdict, want)
			}
			if failure == "" {
				return
			}
			node := c.scripted(t, map[string]answer{"getSignatureStatuses": result(
				`{"context":{"slot":9},"value":[{"slot":7,"confirmations":null,"err":%s,"confirmationStatus":"finalized"}]}`, failure)})
			o = c.at(t, node).Lookup(t.Context(), a)
			if o.Status != settlement.OutcomeFailed || o.Failed[a.Orders[0]] != r.Reason {
				t.Errorf("in a block it is %+v, want failed with reason %q", o, r.Reason)
			}
			if person := strings.Contains(o.Result, "needs a person"); person != (r.Verdict == solana.Person) {
				t.Errorf("in a block its result is %q", o.Result)
			}
		})
	}
}

// errTimeout is what a call that took too long errs with.
type errTimeout struct{}

func (errTimeout) Error() string { return "too long" }
func (errTimeout) Timeout() bool { return true }

// Temporary makes it a net.Error.
func (errTimeout) Temporary() bool { return true }

// saying is how a node gives an error: as an answer, or by being a broken endpoint.
type saying struct {
	answer
	endpoint string
	timeout  bool
}

// sayFor says how a node gives the error of a rule, and how a status would.
func sayFor(t *testing.T, r solana.Rule, last int) (say saying, failure string) {
	t.Helper()
	preflight := func(failure string) saying {
		return saying{answer: refusal(-32002, "Transaction simulation failed", `{"err":`+failure+`}`)}
	}
	switch r.Layer {
	case solana.LayerTransport:
		switch r.Code {
		case "dial":
			gone := httptest.NewServer(nil)
			gone.Close()
			return saying{endpoint: gone.URL}, ""
		case "timeout":
			return saying{answer: answer{status: 504}, timeout: true}, ""
		default:
			return saying{answer: answer{hangUp: true}}, ""
		}
	case solana.LayerHTTP:
		code, err := strconv.Atoi(r.Code)
		if err != nil {
			t.Fatalf("rule %+v has no status", r)
		}
		return saying{answer: answer{status: code, body: "no"}}, ""
	case solana.LayerRPC:
		code, err := strconv.Atoi(r.Code)
		if err != nil {
			t.Fatalf("rule %+v has no number", r)
		}
		return saying{answer: refusal(code, "no", "null")}, ""
	case solana.LayerTransaction:
		return preflight(strconv.Quote(r.Code)), ""
	case solana.LayerInstruction:
		failure = fmt.Sprintf(`{"InstructionError":[%d,%q]}`, last, r.Code)
	case solana.LayerToken:
		failure = fmt.Sprintf(`{"InstructionError":[%d,{"Custom":%s}]}`, last, r.Code)
	default:
		t.Fatalf("rule %+v has an unknown layer", r)
	}
	return preflight(failure), failure
}
