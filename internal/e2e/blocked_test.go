package e2e_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/client"
	_ "modernc.org/sqlite"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// TestBlockedByEarlierReleases returns by licence what an earlier release blocked:
// its case was rejected, the remittance names no case, and its story has ended.
func TestBlockedByEarlierReleases(t *testing.T) {
	t.Parallel()
	g := start(t)
	id := g.send(order{source: "tok_pending", payout: "bank", beneficiary: xyzzy()})
	g.reaches(id, "awaiting_funds")
	g.list(`99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n")
	g.Kill()
	g.Run()
	g.until(endTimeout, "the bank has the order", func() bool { return g.remittance(id).GetFunding().GetStatus() == "accepted" })
	g.post(g.Counterparts.Bank+"/_orders/"+g.remittance(id).GetFunding().GetId()+"/finish", map[string]any{"outcome": "succeed"})
	k := g.inReview(id)
	g.decide(g.ctx(nextKey("case")), k.GetId(), "blocked", "")
	g.reaches(id, "blocked")

	temporal, err := client.DialContext(t.Context(), client.Options{HostPort: g.Counterparts.Temporal})
	if err != nil {
		t.Fatal(err)
	}
	defer temporal.Close()
	if err := temporal.TerminateWorkflow(t.Context(), workflows.WorkflowID(remit.RemittanceID(id)), "", "as stories of earlier releases ended"); err != nil {
		t.Fatal(err)
	}
	g.Kill()
	db, err := sql.Open("sqlite", filepath.Join(g.Dir, "remit.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"UPDATE cases SET status = 'rejected', advice = '' WHERE id = $1", "UPDATE remittances SET open_case = '' WHERE open_case = $1"} {
		if done, err := db.ExecContext(t.Context(), text, k.GetId()); err != nil {
			t.Fatal(err)
		} else if n, err := done.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%s changed %d rows, %v", text, n, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	g.Run()
	if k := g.decide(g.ctx(nextKey("case")), k.GetId(), "unblocked", "OFAC 2026-1234"); k.GetStatus() != "pending" {
		t.Errorf("one officer alone made it %s", k.GetStatus())
	}
	g.decide(g.second(nextKey("case")), k.GetId(), "unblocked", "")
	g.until(endTimeout, "the blocked money goes back", func() bool { return g.remittance(id).GetState() == "refunded" })
	wants(t, g.remittance(id), "returned", "RETURNED_BY_LICENCE")
	g.booksAgree()
}
