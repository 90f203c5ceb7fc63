package solana

import (
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/gagliardetto/solana-go/rpc/jsonrpc"

	"github.com/openremit/remit"
)

// Verdict is what an error means for the attempt that was sent. None of them
// ends an attempt when it is only an answer to a sending: the same bytes may
// have been sent before with the reply lost. KnownFailed holds of an error that
// a finalized block has.
type Verdict string

// The verdicts. The zero value is unspecified and is treated as LookUp.
const (
	// Resend: it was not taken now; the same bytes may be sent again.
	Resend Verdict = "safe to resend"
	// LookUp: it may have been taken; ask the chain first.
	LookUp Verdict = "look up first"
	// KnownFailed: in a finalized block, it failed and never will be paid.
	KnownFailed Verdict = "known failed"
	// Person: it was refused, or failed in a finalized block, for something that
	// new bytes made the same way would meet again until somebody mends it.
	Person Verdict = "needs a person"
)

// Layer is what gives an error.
type Layer string

// The layers, from the outside in.
const (
	LayerTransport   Layer = "transport"
	LayerHTTP        Layer = "http"
	LayerRPC         Layer = "json-rpc"
	LayerTransaction Layer = "transaction"
	LayerInstruction Layer = "instruction"
	LayerToken       Layer = "token"
)

// Rule sorts one error.
type Rule struct {
	Layer Layer
	// Code is the status, number or name that the layer gives; Name says it in words.
	Code, Name string
	Verdict    Verdict
	// Elsewhere says that another endpoint may well take what this one refused.
	Elsewhere bool
	// Reason fails the order whose instruction failed in a finalized block; with
	// none it goes into a new transaction, since preparing that sees what was
	// wrong.
	Reason remit.Reason
	// Source is where the layer's errors are defined.
	Source string
}

// sources are where the errors of each layer are defined.
var sources = map[Layer]string{
	LayerTransport:   "Go net and net/http",
	LayerHTTP:        "RFC 9110, RFC 6585; what RPC providers answer",
	LayerRPC:         "JSON-RPC 2.0, section 5.1; agave rpc-client-api custom_error.rs",
	LayerTransaction: "solana-sdk transaction-error lib.rs, TransactionError",
	LayerInstruction: "solana-sdk instruction-error lib.rs, InstructionError",
	LayerToken:       "spl-token error.rs and token-2022 error.rs, TokenError",
}

// Verdicts is the whole table, by layer.
func Verdicts() []Rule {
	var out []Rule
	for _, part := range [][]Rule{transportRules, httpRules, rpcRules, transactionRules, instructionRules, tokenRules} {
		out = append(out, part...)
	}
	for i := range out {
		out[i].Source = sources[out[i].Layer]
	}
	return out
}

// ruleKey finds a rule.
type ruleKey struct {
	layer Layer
	code  string
}

var rulesByCode = func() map[ruleKey]Rule {
	out := make(map[ruleKey]Rule)
	for _, r := range Verdicts() {
		out[ruleKey{r.Layer, r.Code}] = r
	}
	return out
}()

// ruleOf finds the rule of an error. One that is not in the table may have been
// taken, and may be the endpoint's own; an order that it fails in a finalized
// block is failed.
func ruleOf(layer Layer, code string) Rule {
	if r, ok := rulesByCode[ruleKey{layer, code}]; ok {
		return r
	}
	r := Rule{Layer: layer, Code: code, Verdict: LookUp, Elsewhere: true}
	if layer == LayerInstruction || layer == LayerToken {
		r.Verdict, r.Reason = Person, remit.ReasonSettlementFailed
	}
	return r
}

// VerdictOf sorts the error of a call, by the innermost layer that it tells of.
// What would be a known failure in a finalized block is to be looked up: the
// call tells only what one node foresaw.
func VerdictOf(err error) Rule {
	var e *jsonrpc.RPCError
	if errors.As(err, &e) {
		if cause := errOf(e.Data); cause.name != "" {
			r := ruleOfFailure(cause)
			if r.Verdict == KnownFailed {
				r.Verdict = LookUp
			}
			return r
		}
		return ruleOf(LayerRPC, strconv.Itoa(e.Code))
	}
	var h *jsonrpc.HTTPError
	if errors.As(err, &h) {
		return ruleOf(LayerHTTP, strconv.Itoa(h.Code))
	}
	var op *net.OpError
	switch timeout := net.Error(nil); {
	case errors.As(err, &op) && op.Op == "dial":
		return ruleOf(LayerTransport, "dial")
	case errors.As(err, &timeout) && timeout.Timeout():
		return ruleOf(LayerTransport, "timeout")
	default:
		return ruleOf(LayerTransport, "broken")
	}
}

// ruleOfFailure sorts a transaction error by the innermost layer of it.
func ruleOfFailure(e txError) Rule {
	switch {
	case e.index < 0 || e.name != "InstructionError":
		return ruleOf(LayerTransaction, e.name)
	case e.inner == "Custom":
		return ruleOf(LayerToken, strconv.FormatUint(uint64(e.custom), 10))
	default:
		return ruleOf(LayerInstruction, e.inner)
	}
}

func at(layer Layer, code, name string, v Verdict) Rule {
	return Rule{Layer: layer, Code: code, Name: name, Verdict: v}
}

// other marks an error that another endpoint may not give.
func (r Rule) other() Rule {
	r.Elsewhere = true
	return r
}

// fails marks an error that fails the order.
func (r Rule) fails(reason remit.Reason) Rule {
	r.Reason = reason
	return r
}

var transportRules = []Rule{
	at(LayerTransport, "dial", "no connection was made", Resend).other(),
	at(LayerTransport, "timeout", "no answer in time", LookUp).other(),
	at(LayerTransport, "broken", "the connection broke, or the answer is not readable", LookUp).other(),
}

func status(code int, v Verdict) Rule {
	return at(LayerHTTP, strconv.Itoa(code), http.StatusText(code), v).other()
}

var httpRules = []Rule{
	status(http.StatusBadRequest, Person), status(http.StatusUnauthorized, Person), status(http.StatusPaymentRequired, Person),
	status(http.StatusForbidden, Person), status(http.StatusNotFound, Person), status(http.StatusMethodNotAllowed, Person),
	status(http.StatusRequestTimeout, LookUp), status(http.StatusRequestEntityTooLarge, Person),
	status(http.StatusTooManyRequests, Resend), status(http.StatusInternalServerError, LookUp),
	status(http.StatusBadGateway, LookUp), status(http.StatusServiceUnavailable, LookUp), status(http.StatusGatewayTimeout, LookUp),
}

func code(n int, name string, v Verdict) Rule { return at(LayerRPC, strconv.Itoa(n), name, v) }

var rpcRules = []Rule{
	code(429, "rate limit", Resend).other(), code(-32429, "rate limit of some providers", Resend).other(),
	code(-32001, "block cleaned up", LookUp).other(), code(-32002, "preflight failed, for a reason that is not told", LookUp),
	code(-32003, "signature verification failed", Person), code(-32004, "block not available", LookUp).other(),
	code(-32005, "node unhealthy or behind", Resend).other(), code(-32006, "precompile verification failed", Person),
	code(-32007, "slot skipped", LookUp).other(), code(-32008, "no snapshot", LookUp).other(),
	code(-32009, "long-term storage slot skipped", LookUp).other(), code(-32010, "key excluded from secondary index", LookUp).other(),
	code(-32011, "transaction history not available", LookUp).other(), code(-32012, "scan error", LookUp).other(),
	code(-32013, "signature length mismatch", Person), code(-32014, "block status not yet available", LookUp).other(),
	code(-32015, "unsupported transaction version", Person), code(-32016, "minimum context slot not reached", Resend).other(),
	code(-32019, "long-term storage unreachable", LookUp).other(), code(-32600, "invalid request", Person),
	code(-32601, "method not found", Person).other(), code(-32602, "invalid params, or a lookup table that this node does not have", Person).other(),
	code(-32603, "internal error", LookUp).other(), code(-32700, "parse error", Person),
}
