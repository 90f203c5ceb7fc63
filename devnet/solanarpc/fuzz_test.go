package solanarpc_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/openremit/remit/devnet/solanarpc"
)

// FuzzSend throws bytes at every method that decodes a transaction. The node
// must answer, and never with an internal error.
func FuzzSend(f *testing.F) {
	node, err := solanarpc.New(options())
	if err != nil {
		f.Fatal(err)
	}
	handler := node.Handler()
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(bytes.Repeat([]byte{1}, 200))
	f.Add(append(append([]byte{1}, make([]byte, 64)...), append([]byte{1, 0, 1, 2}, make([]byte, 99)...)...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := base64.StdEncoding.EncodeToString(raw)
		for _, method := range []string{"simulateTransaction", "sendTransaction", "getFeeForMessage"} {
			opts := map[string]any{"encoding": "base64", "skipPreflight": true, "commitment": "processed"}
			body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": []any{text, opts}})
			if err != nil {
				t.Fatal(err)
			}
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)))
			var out struct {
				Error *struct{ Code int }
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || (out.Error != nil && out.Error.Code == -32603) {
				t.Errorf("%s answers %s (%v)", method, rec.Body, err)
			}
		}
		if err := node.Advance(1); err != nil {
			t.Errorf("advance: %v", err)
		}
	})
}
