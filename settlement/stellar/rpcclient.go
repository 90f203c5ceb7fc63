package stellar

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// callID is the id of every call: an HTTP request carries one call, so that the
// answer needs no telling apart.
const callID = 1

// rpcCall is a call of JSON-RPC 2.0. Parameters go by name.
type rpcCall struct {
	Version string `json:"jsonrpc"`
	ID      int    `json:"id"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitempty"`
}

// rpcFault is the error that the server answers with.
type rpcFault struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

func (f *rpcFault) Error() string { return fmt.Sprintf("error %d %s", f.Code, f.Message) }

// httpFault is an answer that is not JSON-RPC: of a proxy, or of a server that is
// overloaded.
type httpFault struct{ status int }

func (f *httpFault) Error() string {
	return fmt.Sprintf("HTTP %d %s", f.status, http.StatusText(f.status))
}

// call makes one call and decodes its result. Errors: *rpcFault, *httpFault, or
// that of the connection; what was sent may have arrived in each case.
func (s *rpc) call(ctx context.Context, method string, params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	body, err := json.Marshal(rpcCall{Version: "2.0", ID: callID, Method: method, Params: params})
	if err != nil {
		return fmt.Errorf("encode %s: %w", method, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make %s: %w", method, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("read the answer to %s: %w", method, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %w", method, &httpFault{status: resp.StatusCode})
	}
	return decode(method, raw, result)
}

// decode reads an answer. One without a result or with another id is no answer.
func decode(method string, raw []byte, result any) error {
	var answer struct {
		ID     *int            `json:"id"`
		Result json.RawMessage `json:"result"`
		Error  *rpcFault       `json:"error"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", method, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("%s: %w", method, answer.Error)
	}
	if answer.ID == nil || *answer.ID != callID || len(answer.Result) == 0 || string(answer.Result) == "null" {
		return fmt.Errorf("%s: the answer is none", method)
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return fmt.Errorf("decode the result of %s: %w", method, err)
	}
	return nil
}
