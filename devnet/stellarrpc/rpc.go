package stellarrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"

	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"
)

const (
	// maxBody is the largest request that is read, in bytes.
	maxBody = 512 << 10
	version = "2.0"
)

// The error codes of JSON-RPC.
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeInvalidParams  = -32602
	codeInternal       = -32603
)

// rpcError is an error as a caller sees it.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message,omitempty"`
	Data    any    `json:"data,omitempty"`
}

func (e *rpcError) Error() string { return fmt.Sprintf("[%d] %s", e.Code, e.Message) }

func fail(code int, format string, args ...any) *rpcError {
	return &rpcError{Code: code, Message: fmt.Sprintf(format, args...)}
}

// errLost is returned by a method whose answer the caller is never to see.
var errLost = errors.New("the answer is lost")

type request struct {
	id     json.RawMessage
	method string
	params json.RawMessage
	bad    *rpcError
}

type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

// method answers a call with parameters, which may be empty.
type method func(s *Server, params json.RawMessage) (any, error)

var methods = map[string]method{
	protocol.GetHealthMethodName:        with((*Server).getHealth),
	protocol.GetNetworkMethodName:       with((*Server).getNetwork),
	protocol.GetVersionInfoMethodName:   with((*Server).getVersionInfo),
	protocol.GetLatestLedgerMethodName:  with((*Server).getLatestLedger),
	protocol.GetLedgerEntriesMethodName: with((*Server).getLedgerEntries),
	protocol.GetFeeStatsMethodName:      with((*Server).getFeeStats),
	protocol.SendTransactionMethodName:  with((*Server).sendTransaction),
	protocol.GetTransactionMethodName:   with((*Server).getTransaction),
	protocol.GetTransactionsMethodName:  with((*Server).getTransactions),
}

// with decodes a method's parameters, which have to be an object.
func with[In, Out any](f func(*Server, In) (Out, error)) method {
	return func(s *Server, params json.RawMessage) (any, error) {
		var in In
		if len(params) > 0 {
			if err := json.Unmarshal(params, &in); err != nil {
				return nil, &rpcError{Code: codeInvalidParams, Message: "invalid parameters", Data: err.Error()}
			}
		}
		return f(s, in)
	}
}

// serve answers one HTTP request: a call, or a list of calls.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.suffer(w, r) {
		return
	}
	w.Header().Set("Accept-Post", "application/json")
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		http.Error(w, "content-type must be application/json", http.StatusUnsupportedMediaType)
		return
	} else if cs, ok := params["charset"]; ok && cs != "utf-8" && cs != "utf8" {
		http.Error(w, "invalid content-type charset", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	requests, bad := parse(body)
	if bad != nil {
		http.Error(w, bad.Error(), http.StatusInternalServerError)
		return
	}
	answers, lost := s.answerAll(requests)
	if lost {
		if s.net.Faults().Broken {
			hangUp(w)
			return
		}
		w.WriteHeader(http.StatusGatewayTimeout)
		return
	}
	writeAnswers(w, answers)
}

// answerAll answers the invalid requests first, as the real service does, and notifications not at all.
func (s *Server) answerAll(requests []request) (answers []response, lost bool) {
	for _, q := range requests {
		if q.bad != nil {
			answers = append(answers, response{Version: version, ID: orNull(q.id), Error: q.bad})
		}
	}
	for _, q := range requests {
		if q.bad != nil {
			continue
		}
		a := response{Version: version, ID: q.id}
		var err error
		if a.Result, err = s.answer(q); errors.Is(err, errLost) {
			lost = true
			continue
		} else if err != nil && !errors.As(err, &a.Error) {
			a.Error = fail(codeInternal, "%v", err)
		}
		if a.Error != nil {
			a.Result = nil
		}
		if len(q.id) > 0 {
			answers = append(answers, a)
		}
	}
	return answers, lost
}

func (s *Server) answer(q request) (any, error) {
	if q.method == "" {
		return nil, fail(codeInvalidRequest, "empty method name")
	}
	m, ok := methods[q.method]
	if !ok {
		return nil, &rpcError{Code: codeNoMethod, Message: "method not found", Data: q.method}
	}
	return m(s, q.params)
}

func writeAnswers(w http.ResponseWriter, answers []response) {
	var body any = answers
	switch len(answers) {
	case 0:
		w.WriteHeader(http.StatusNoContent)
		return
	case 1:
		body = answers[0]
	}
	raw, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw) // the caller has hung up: nobody is left to tell
}

// parse reads a request or a list of them. It errs only when the body is no JSON; a request that is wrong in itself
// carries its error.
func parse(body []byte) ([]request, *rpcError) {
	var raw []json.RawMessage
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '[' {
		raw = make([]json.RawMessage, 1)
		if err := json.Unmarshal(body, &raw[0]); err != nil {
			return nil, fail(codeParse, "invalid request value")
		}
	} else if err := json.Unmarshal(body, &raw); err != nil {
		return nil, fail(codeParse, "invalid request value")
	}
	out := make([]request, len(raw))
	for i, message := range raw {
		out[i] = parseOne(message)
	}
	return out, nil
}

func parseOne(message json.RawMessage) request {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(message, &fields); err != nil {
		return request{bad: fail(codeParse, "request is not a JSON object")}
	}
	var q request
	var v string
	var extra []string
	refuse := func(code int, text string) {
		if q.bad == nil {
			q.bad = fail(code, "%s", text)
		}
	}
	for key, value := range fields {
		null := string(value) == "null"
		switch key {
		case "jsonrpc":
			if json.Unmarshal(value, &v) != nil {
				refuse(codeParse, "invalid version key")
			}
		case "id":
			if null {
				continue
			}
			if c := value[0]; c != '"' && c != '-' && (c < '0' || c > '9') {
				refuse(codeInvalidRequest, "invalid request ID")
				continue
			}
			q.id = value
		case "method":
			if json.Unmarshal(value, &q.method) != nil {
				refuse(codeParse, "invalid method name")
			}
		case "params":
			if null {
				continue
			}
			q.params = value
			if value[0] != '[' && value[0] != '{' {
				refuse(codeInvalidRequest, "parameters must be array or object")
			}
		default:
			extra = append(extra, key)
		}
	}
	if v != version {
		refuse(codeInvalidRequest, "invalid version marker")
	}
	if q.bad == nil && len(extra) > 0 {
		slices.Sort(extra)
		q.bad = &rpcError{Code: codeInvalidRequest, Message: "extra fields in request", Data: extra}
	}
	return q
}

func orNull(id json.RawMessage) json.RawMessage {
	if len(id) == 0 {
		return json.RawMessage("null")
	}
	return id
}
