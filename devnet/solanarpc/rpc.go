package solanarpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Limits of a call.
const (
	maxBody  = 1 << 20
	maxBatch = 200
)

// Error codes of JSON-RPC and of a Solana node.
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeInvalidParams  = -32602
	codeInternal       = -32603
	codePreflight      = -32002
	codeSignature      = -32003
	codeUnhealthy      = -32005
	codeVersion        = -32015
	codeMinContext     = -32016
)

var errClosed = errors.New("the node is closed")

// rpcError is an error as a client sees it.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

func (e *rpcError) Error() string { return e.Message }

func fail(code int, format string, args ...any) *rpcError {
	return &rpcError{Code: code, Message: fmt.Sprintf(format, args...)}
}

func badParam(format string, args ...any) *rpcError { return fail(codeInvalidParams, format, args...) }

type rpcRequest struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

type rpcResponse struct {
	Version string
	ID      json.RawMessage
	Result  any
	Error   *rpcError
}

// MarshalJSON writes the result, also a null one, or the error, never both.
func (r rpcResponse) MarshalJSON() ([]byte, error) {
	id := r.ID
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	if r.Error != nil {
		return json.Marshal(struct {
			Version string          `json:"jsonrpc"`
			Error   *rpcError       `json:"error"`
			ID      json.RawMessage `json:"id"`
		}{"2.0", r.Error, id})
	}
	return json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		Result  any             `json:"result"`
		ID      json.RawMessage `json:"id"`
	}{"2.0", r.Result, id})
}

// call is one method call: its parameters and the faults that apply to it.
type call struct {
	*Server
	params []json.RawMessage
	faults Faults
}

// methods is everything the node answers.
var methods = map[string]func(*call) (any, error){
	"getHealth": (*call).getHealth, "getVersion": (*call).getVersion, "getGenesisHash": (*call).getGenesisHash,
	"getIdentity": (*call).getIdentity, "getSlot": (*call).getSlot, "getBlockHeight": (*call).getBlockHeight,
	"getLatestBlockhash": (*call).getLatestBlockhash, "isBlockhashValid": (*call).isBlockhashValid,
	"getEpochInfo": (*call).getEpochInfo, "getTransactionCount": (*call).getTransactionCount, "getBlockTime": (*call).getBlockTime,
	"getBalance": (*call).getBalance, "getAccountInfo": (*call).getAccountInfo, "getMultipleAccounts": (*call).getMultipleAccounts,
	"getMinimumBalanceForRentExemption": (*call).getRentMinimum, "getFeeForMessage": (*call).getFeeForMessage,
	"getRecentPrioritizationFees": (*call).getRecentPrices, "getTokenAccountBalance": (*call).getTokenAccountBalance,
	"getTokenAccountsByOwner": (*call).getTokenAccountsByOwner, "getTokenSupply": (*call).getTokenSupply,
	"getSignatureStatuses": (*call).getSignatureStatuses, "getTransaction": (*call).getTransaction,
	"getSignaturesForAddress": (*call).getSignaturesForAddress, "sendTransaction": (*call).sendTransaction,
	"simulateTransaction": (*call).simulateTransaction, "requestAirdrop": (*call).requestAirdrop,
	"getFirstAvailableBlock": (*call).getFirstAvailableBlock,
}

// answer runs one request.
func (s *Server) answer(req rpcRequest, f Faults) rpcResponse {
	out := rpcResponse{ID: req.ID}
	if req.Version != "2.0" || req.Method == "" {
		out.Error = fail(codeInvalidRequest, "Invalid request")
		return out
	}
	method, ok := methods[req.Method]
	if !ok {
		out.Error = fail(codeNoMethod, "Method not found")
		return out
	}
	s.mu.Lock()
	s.stats.Calls[req.Method]++
	s.mu.Unlock()
	c := &call{Server: s, faults: f}
	if p := bytes.TrimSpace(req.Params); len(p) > 0 && !bytes.Equal(p, []byte("null")) {
		if err := json.Unmarshal(p, &c.params); err != nil {
			out.Error = badParam("`params` should have at least 1 argument(s)")
			return out
		}
	}
	result, err := method(c)
	if err != nil {
		if !errors.As(err, &out.Error) {
			s.log.Error("rpc call", "method", req.Method, "error", err)
			out.Error = fail(codeInternal, "Internal error")
		}
		return out
	}
	out.Result = result
	return out
}

// serveRPC answers a call or a batch of calls, with the faults in force.
func (s *Server) serveRPC(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "Used HTTP Method is not allowed. POST or OPTIONS is required", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
		return
	}
	reqs, batch, bad := decodeRequests(body)
	if bad != nil {
		writeJSON(w, http.StatusOK, rpcResponse{Error: bad})
		return
	}
	f, err := s.faultsFor(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	names := make([]string, len(reqs))
	sends := false
	for i, q := range reqs {
		names[i] = q.Method
		sends = sends || q.Method == "sendTransaction"
	}
	if f.concerns(names) && s.misbehave(w, r, f, reqs[0].ID) {
		return
	}
	out := make([]rpcResponse, len(reqs))
	for i, q := range reqs {
		out[i] = s.answer(q, f)
	}
	switch {
	case sends && s.faults.hit(f.HangupPct):
		hangUp()
	case sends && s.faults.hit(f.UnavailableAfterPct):
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
	case batch:
		writeJSON(w, http.StatusOK, out)
	default:
		writeJSON(w, http.StatusOK, out[0])
	}
}

func decodeRequests(body []byte) ([]rpcRequest, bool, *rpcError) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '[' {
		var one rpcRequest
		if err := json.Unmarshal(body, &one); err != nil {
			return nil, false, fail(codeParse, "Parse error")
		}
		return []rpcRequest{one}, false, nil
	}
	var many []rpcRequest
	if err := json.Unmarshal(body, &many); err != nil {
		return nil, true, fail(codeParse, "Parse error")
	}
	if len(many) == 0 || len(many) > maxBatch {
		return nil, true, fail(codeInvalidRequest, "Invalid request")
	}
	return many, true, nil
}

// faultsFor are the faults in force, changed by the request's own x-fault header.
func (s *Server) faultsFor(r *http.Request) (Faults, error) {
	f := s.Faults()
	if h := r.Header.Get("X-Fault"); h != "" {
		d := json.NewDecoder(strings.NewReader(h))
		d.DisallowUnknownFields()
		if err := d.Decode(&f); err != nil {
			return f, fmt.Errorf("read x-fault header: %w", err)
		}
	}
	return f, nil
}

// misbehave applies the faults that come before a call, and says whether it is over.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, f Faults, id json.RawMessage) bool {
	if f.DelayMs > 0 {
		t := time.NewTimer(time.Duration(f.DelayMs) * time.Millisecond)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return true
		}
	}
	switch {
	case f.Down:
		hangUp()
	case s.faults.hit(f.RateLimitPct):
		w.Header().Set("Retry-After", "1")
		writeJSON(w, http.StatusTooManyRequests, rpcResponse{ID: id, Error: fail(429, "Too many requests for a specific RPC call")})
	case s.faults.hit(f.UnavailablePct):
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
	default:
		return false
	}
	return true
}

// hangUp breaks the connection without an answer.
func hangUp() { panic(http.ErrAbortHandler) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "encode answer: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the caller is gone if this fails: nobody is left to tell
}
