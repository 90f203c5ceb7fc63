package e2e_test

import (
	"fmt"
	"testing"
)

// TestOverStellarRPC settles over Stellar RPC, replies lost, the process killed.
func TestOverStellarRPC(t *testing.T) {
	t.Parallel()
	g := start(t, "--stellar-backend", "rpc")
	g.post(g.Counterparts.Horizon+"/_fault", map[string]any{"lose_replies": 2})
	var ids []string
	for i := range 4 {
		ids = append(ids, g.send(order{rail: "stellar", amount: fmt.Sprint(150 + i)}))
	}
	g.Kill()
	g.Run()
	for _, id := range ids {
		g.reaches(id, "completed")
		g.hasGaplessEvents(id)
	}
	g.booksAgree()
}
