package solanarpc_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/openremit/remit/devnet/solanarpc"
)

// BenchmarkBatches lands transactions of 17 token transfers, 20 a block, with
// a journal: an iteration is one transaction, preflight and landing.
func BenchmarkBatches(b *testing.B) {
	w := open(b, solanarpc.Options{StatePath: filepath.Join(b.TempDir(), "journal")})
	w.seed(solana.TokenProgramID)
	var ixs []solana.Instruction
	for range 17 {
		wallet := w.newKey()
		w.land(w.openATA(wallet))
		ixs = append(ixs, w.pay(1, wallet))
	}
	i := 0
	for b.Loop() {
		tx := w.build(w.blockhash(), append([]solana.Instruction{memo(fmt.Sprintf("batch %d", i), w.treasury)}, ixs...)...)
		text := base64.StdEncoding.EncodeToString(must(tx.MarshalBinary()))
		body := must(json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": []any{text, map[string]any{"encoding": "base64", "preflightCommitment": "confirmed"}}}))
		resp, err := http.Post(w.url, "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		if i++; i%20 == 0 {
			w.advance(1)
		}
	}
}
