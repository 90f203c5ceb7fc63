package stellar_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
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
