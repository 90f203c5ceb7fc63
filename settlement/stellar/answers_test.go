package stellar_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/openremit/remit/settlement/stellar"
)

//go:generate go test -run TestAnswersDocument -update .

var update = flag.Bool("update", false, "write the generated document anew")

// TestAnswersDocument keeps docs/stellar-answers.md what the table says; -update writes it.
func TestAnswersDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "stellar-answers.md")
	var b bytes.Buffer
	b.WriteString("# What Stellar's answers mean for a payment\n\nWritten from the table in `settlement/stellar` by `make diagrams`. No answer to a submission ends an\nattempt: only a ledger does (see `settlement/stellar/doc.go`).\n")
	layer := ""
	for _, row := range stellar.Table() {
		if row.Layer != layer {
			layer = row.Layer
			fmt.Fprintf(&b, "\n## %s\n\n| answer | meaning | verdict | fails the order with | source |\n|---|---|---|---|---|\n", layer)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", row.Code, row.Why, row.Verdict, row.Reason, row.Source)
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
