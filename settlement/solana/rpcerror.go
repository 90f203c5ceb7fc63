package solana

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
)

// sorted is what an error of a node means. None of them means that a
// transaction that was sent can never land: only Lookup decides that.
type sorted struct {
	// elsewhere says that another node may well answer.
	elsewhere bool
	// landed says that the chain already holds the transaction that was sent.
	landed bool
	// text is the error in one line, without the node's URL.
	text string
}

// rpcCodes sorts the codes of JSON-RPC and of a node (agave, rpc custom_error.rs
// and jsonrpc-core): whether another node may answer.
var rpcCodes = map[int]bool{
	http.StatusTooManyRequests: true,  // rate limit, as JSON-RPC
	-32001:                     true,  // block cleaned up
	-32002:                     false, // preflight failure; the reason is in data
	-32003:                     false, // signature verification failure
	-32004:                     true,  // block not available
	-32005:                     true,  // node unhealthy, behind
	-32006:                     false, // precompile verification failure
	-32007:                     true,  // slot skipped
	-32008:                     true,  // no snapshot
	-32009:                     true,  // long-term storage slot skipped
	-32010:                     true,  // key excluded from secondary index
	-32011:                     true,  // transaction history not available
	-32012:                     true,  // scan error
	-32013:                     false, // signature length mismatch
	-32014:                     true,  // block status not yet available
	-32015:                     false, // unsupported transaction version
	-32016:                     true,  // minimum context slot not reached
	-32019:                     true,  // long-term storage unreachable
	-32429:                     true,  // rate limit of some providers
	-32600:                     false, // invalid request
	-32601:                     true,  // no such method here
	-32602:                     false, // invalid params
	-32603:                     true,  // internal error
	-32700:                     false, // parse error
}

// sortError sorts an error of a call. Every one that it does not know, and all
// of transport and HTTP (429, 5xx, a broken connection, a timeout), may be the
// node's own trouble: another one is asked.
func sortError(err error) sorted {
	var e *jsonrpc.RPCError
	if errors.As(err, &e) {
		elsewhere, known := rpcCodes[e.Code]
		s := sorted{elsewhere: elsewhere || !known, text: fmt.Sprintf("%d %s", e.Code, oneLine(e.Message))}
		cause := errOf(e.Data)
		switch cause.name {
		case "AlreadyProcessed":
			s.landed = true
		case "BlockhashNotFound", "AccountNotFound": // a node that is behind says so too
			s.elsewhere = true
		}
		s.landed = s.landed || strings.Contains(e.Message, "already been processed")
		return s
	}
	var h *jsonrpc.HTTPError
	if errors.As(err, &h) {
		return sorted{elsewhere: true, text: fmt.Sprintf("http status %d", h.Code)}
	}
	var u *url.Error
	if errors.As(err, &u) {
		return sorted{elsewhere: true, text: oneLine(u.Err.Error())}
	}
	return sorted{elsewhere: true, text: oneLine(err.Error())}
}

// oneLine keeps the beginning of a text, on one line.
func oneLine(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// txError is why a transaction failed, as a node tells it.
type txError struct {
	// name is the transaction error's name, such as "InstructionError".
	name string
	// index is the instruction that failed, -1 where none is named.
	index int
	// inner is the instruction error's name; custom its number when that is "Custom".
	inner  string
	custom uint32
}

// errOf reads the "err" within the data of a refusal.
func errOf(data any) txError {
	m, ok := data.(map[string]any)
	if !ok {
		return txError{index: -1}
	}
	return parseTxError(m["err"])
}

// parseTxError reads a transaction error: "Name", {"Name": …} or
// {"InstructionError": [2, {"Custom": 17}]}. What it cannot read has no name.
func parseTxError(v any) txError {
	out := txError{index: -1}
	b, err := json.Marshal(v)
	if err != nil {
		return out
	}
	if json.Unmarshal(b, &out.name) == nil {
		return out
	}
	var named map[string]json.RawMessage
	if json.Unmarshal(b, &named) != nil {
		return out
	}
	for name, rest := range named {
		out.name = name
		var pair []json.RawMessage
		if name != "InstructionError" || json.Unmarshal(rest, &pair) != nil || len(pair) != 2 {
			continue
		}
		var index int
		if json.Unmarshal(pair[0], &index) != nil {
			continue
		}
		out.index = index
		var custom map[string]uint32
		if json.Unmarshal(pair[1], &out.inner) != nil && json.Unmarshal(pair[1], &custom) == nil {
			out.inner, out.custom = "Custom", custom["Custom"]
		}
	}
	return out
}

// String writes the error for people.
func (e txError) String() string {
	switch {
	case e.index < 0:
		return e.name
	case e.inner == "Custom":
		return fmt.Sprintf("%s %d: custom error %d", e.name, e.index, e.custom)
	default:
		return fmt.Sprintf("%s %d: %s", e.name, e.index, e.inner)
	}
}
