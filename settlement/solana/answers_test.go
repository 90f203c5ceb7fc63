package solana_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/openremit/remit/settlement/solana"
)

//go:generate go test -run TestAnswersDocument -update .

var update = flag.Bool("update", false, "write the generated document anew")

// TestAnswersDocument keeps docs/solana-answers.md what the table says; -update writes it.
func TestAnswersDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "solana-answers.md")
	var b bytes.Buffer
	b.WriteString("# What Solana's answers mean for a payment\n\nWritten from the table in `settlement/solana` by `make diagrams`. No answer to a submission ends an\nattempt: only a finalized block, or the proof of its absence, does (see `settlement/solana/doc.go`).\n")
	layer := solana.Layer("")
	for _, r := range solana.Verdicts() {
		if r.Layer != layer {
			layer = r.Layer
			fmt.Fprintf(&b, "\n## %s\n\nSource: %s.\n\n| answer | in words | verdict | fails the order with |\n|---|---|---|---|\n", layer, r.Source)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Code, r.Name, r.Verdict, r.Reason)
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b.Bytes()) {
		t.Errorf("%s differs from the table; write it anew with `make diagrams`", path)
	}
}
