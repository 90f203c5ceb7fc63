package solana

import (
	"encoding/json"
	"errors"
	"fmt"
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

// sortError sorts an error of a call, by the table of verdicts. A preflight that
// failed is the same on every node, unless the node that ran it was behind.
func sortError(err error) sorted {
	s := sorted{elsewhere: VerdictOf(err).Elsewhere}
	var e *jsonrpc.RPCError
	var h *jsonrpc.HTTPError
	var u *url.Error
	switch {
	case errors.As(err, &e):
		s.text = fmt.Sprintf("%d %s", e.Code, oneLine(e.Message))
		s.landed = errOf(e.Data).name == "AlreadyProcessed" || strings.Contains(e.Message, "already been processed")
	case errors.As(err, &h):
		s.text = fmt.Sprintf("http status %d", h.Code)
	case errors.As(err, &u):
		s.text = oneLine(u.Err.Error())
	default:
		s.text = oneLine(err.Error())
	}
	return s
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
