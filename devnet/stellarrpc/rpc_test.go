package stellarrpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"
	"github.com/creachadair/jrpc2/jhttp"
	protocol "github.com/stellar/go-stellar-sdk/protocols/rpc"

	"github.com/openremit/remit/devnet/stellarrpc"
)

// TestEnvelopeOfCalls sends requests, most of them wrong, to the stand-in and to the server library of the real
// service, and wants the same status and body.
func TestEnvelopeOfCalls(t *testing.T) {
	t.Parallel()
	w := setup(t, stellarrpc.Options{})
	info, err := handler.Check(func(context.Context, protocol.GetNetworkRequest) (protocol.GetNetworkResponse, error) {
		return protocol.GetNetworkResponse{Passphrase: passphrase, ProtocolVersion: int(w.net.Head().Protocol)}, nil
	})
	must(t, err)
	look, err := handler.Check(func(context.Context, protocol.GetTransactionRequest) (protocol.GetTransactionResponse, error) {
		return protocol.GetTransactionResponse{}, &jrpc2.Error{Code: jrpc2.InvalidParams, Message: "unexpected hash length (0)"}
	})
	must(t, err)
	bridge := jhttp.NewBridge(handler.Map{"getNetwork": info.AllowArray(false).Wrap(), "getTransaction": look.AllowArray(false).Wrap()}, nil)
	library := httptest.NewServer(bridge)
	t.Cleanup(func() { library.Close(); must(t, bridge.Close()) })
	for name, body := range map[string]string{
		"call":             `{"jsonrpc":"2.0","id":1,"method":"getNetwork"}`,
		"call by name":     `{"jsonrpc":"2.0","id":"x","method":"getNetwork","params":{}}`,
		"null parameters":  `{"jsonrpc":"2.0","id":2,"method":"getNetwork","params":null}`,
		"failing call":     `{"jsonrpc":"2.0","id":3,"method":"getTransaction","params":{}}`,
		"by position":      `{"jsonrpc":"2.0","id":3,"method":"getTransaction","params":["ab"]}`,
		"wrong type":       `{"jsonrpc":"2.0","id":3,"method":"getTransaction","params":{"hash":7}}`,
		"scalar":           `{"jsonrpc":"2.0","id":3,"method":"getTransaction","params":7}`,
		"unknown method":   `{"jsonrpc":"2.0","id":4,"method":"getMoney"}`,
		"no method":        `{"jsonrpc":"2.0","id":5}`,
		"no version":       `{"id":6,"method":"getNetwork"}`,
		"odd version":      `{"jsonrpc":2,"id":6,"method":"getNetwork"}`,
		"odd id":           `{"jsonrpc":"2.0","id":{},"method":"getNetwork"}`,
		"odd method":       `{"jsonrpc":"2.0","id":6,"method":[]}`,
		"extra field":      `{"jsonrpc":"2.0","id":7,"method":"getNetwork","more":1}`,
		"notification":     `{"jsonrpc":"2.0","method":"getNetwork"}`,
		"null id":          `{"jsonrpc":"2.0","id":null,"method":"getNetwork"}`,
		"batch":            `[{"jsonrpc":"2.0","id":1,"method":"getNetwork"},{"jsonrpc":"2.0","id":2,"method":"getMoney"}]`,
		"batch of one":     `[{"jsonrpc":"2.0","id":1,"method":"getNetwork"}]`,
		"batch with wrong": `[{"jsonrpc":"2.0","id":1,"method":"getNetwork"},7]`,
		"empty batch":      `[]`,
		"no object":        `7`,
		"no JSON":          `{"jsonrpc":`,
		"nothing":          ``,
	} {
		gotStatus, got := post(t, w.url, http.MethodPost, "application/json", body)
		wantStatus, want := post(t, library.URL, http.MethodPost, "application/json", body)
		if gotStatus != wantStatus || !alike(got, want) {
			t.Errorf("%s: got %d %s, want %d %s", name, gotStatus, got, wantStatus, want)
		}
	}
	for _, c := range []struct{ method, kind string }{
		{http.MethodGet, "application/json"}, {http.MethodPost, "text/plain"}, {http.MethodPost, "application/json; charset=latin1"},
		{http.MethodPost, "application/json; charset=utf-8"},
	} {
		const body = `{"jsonrpc":"2.0","id":1,"method":"getNetwork"}`
		gotStatus, got := post(t, w.url, c.method, c.kind, body)
		wantStatus, want := post(t, library.URL, c.method, c.kind, body)
		if gotStatus != wantStatus || !alike(got, want) {
			t.Errorf("%s %s: got %d %s, want %d %s", c.method, c.kind, gotStatus, got, wantStatus, want)
		}
	}
}

func post(t *testing.T, url, method, kind, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewBufferString(body))
	must(t, err)
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	raw, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	return resp.StatusCode, raw
}

// alike compares answers without regard to the order of fields.
func alike(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return bytes.Equal(a, b)
	}
	return reflect.DeepEqual(x, y)
}
