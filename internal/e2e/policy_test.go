package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSlowPolicy gives the gateway a policy that never comes to an end for an
// amount that its own tests do not have: money stops for that one and passes else.
func TestSlowPolicy(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policy")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "compliance", "policy", "rego"))); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "remit", "velocity.rego"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(`
findings contains {"outcome": "review", "reason": "NEVER"} if {
	input.source.minor == 50100 # No test of the policy has this amount.
	some i in numbers.range(1, 10000)
	some j in numbers.range(1, 10000)
	i * j < 0
}
`); err != nil {
		t.Fatal(err)
	}
	g := start(t, "--policy", dir)
	stopped := g.send(order{payout: "bank", amount: "501.00"})
	wants(t, g.reaches(stopped, "in_review"), "none", "POLICY_UNDECIDED")
	g.reaches(g.send(order{payout: "bank", amount: "500.00"}), "completed")
	wants(t, g.remittance(stopped), "none", "POLICY_UNDECIDED")
	g.decide(g.ctx(nextKey("case")), g.inReview(stopped).GetId(), "rejected", "")
	g.reaches(stopped, "rejected")
	g.booksAgree()
}
