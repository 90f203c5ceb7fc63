package e2e_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/grpc/metadata"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// second is ctx with the key of the second officer.
func (g *gateway) second(idempotencyKey string) context.Context {
	return metadata.NewOutgoingContext(g.t.Context(), metadata.Pairs("authorization", "Bearer "+g.SecondAPIKey, "idempotency-key", idempotencyKey))
}

// decide decides the open case of a remittance and returns it.
func (g *gateway) decide(ctx context.Context, caseID, decision, licence string) *remitv1.Case {
	g.t.Helper()
	resp, err := g.cases().DecideCase(ctx, &remitv1.DecideCaseRequest{
		Id: caseID, Decision: decision, Note: "compared the passport with the entry", Licence: licence,
	})
	if err != nil {
		g.t.Fatalf("decide %s as %s: %v", caseID, decision, err)
	}
	return resp.GetCase()
}

// inReview waits until a remittance is in review and returns its case.
func (g *gateway) inReview(id string) *remitv1.Case {
	g.t.Helper()
	resp, err := g.cases().GetCase(g.ctx(""), &remitv1.GetCaseRequest{Id: g.reaches(id, "in_review").GetCaseId()})
	if err != nil {
		g.t.Fatal(err)
	}
	return resp.GetCase()
}

// TestSanctionsHit stops for people: one rejects, two approve, one blocks
// before any money came in.
func TestSanctionsHit(t *testing.T) {
	t.Parallel()
	g := start(t)
	listed := &remitv1.Party{GivenName: listedGiven, FamilyName: listedFamily, Country: "PH", City: "Manila", AddressLine: "1 Rizal Avenue"}
	for decision, end := range map[string]string{"rejected": "rejected", "approved": "completed", "blocked": "rejected"} {
		id := g.send(order{payout: "bank", beneficiary: listed})
		wants(t, g.reaches(id, "in_review"), "none", "SANCTIONS_HIT")
		k := g.inReview(id)
		if k.GetInbox() != "sanctions" || !slices.Contains(k.GetAllowedActs(), "approve") || len(k.GetHits()) == 0 {
			t.Errorf("got %v", k)
		}
		decided := g.decide(g.ctx(nextKey("case")), k.GetId(), decision, "")
		if decision == "approved" {
			again := g.decide(g.ctx(nextKey("case")), k.GetId(), decision, "")
			if decided.GetStatus() != "pending" || again.GetStatus() != "pending" || slices.Contains(again.GetAllowedActs(), "approve") {
				t.Errorf("one officer made it %s, and %s by asking twice; may still do %v", decided.GetStatus(), again.GetStatus(), again.GetAllowedActs())
			}
			wants(t, g.remittance(id), "none", "SANCTIONS_HIT")
			decided = g.decide(g.second(nextKey("case")), k.GetId(), decision, "")
			if decided.GetProposedBy() != "demo" || decided.GetDecidedBy() != "second officer" {
				t.Errorf("proposed by %q and decided by %q", decided.GetProposedBy(), decided.GetDecidedBy())
			}
		}
		if decided.GetStatus() != decision {
			t.Errorf("the case is %s, want %s", decided.GetStatus(), decision)
		}
		g.reaches(id, end)
	}
	g.booksAgree()
}

// list puts a name on the lists: the gateway reads them when it starts.
func (g *gateway) list(row string) {
	g.t.Helper()
	dir := filepath.Join(g.Dir, "lists")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		g.t.Fatal(err)
	}
	const sample = "../../compliance/screening/sample"
	for _, name := range []string{"sdn.csv", "alt.csv", "add.csv"} {
		text, err := os.ReadFile(filepath.Join(sample, name))
		if err != nil {
			g.t.Fatal(err)
		}
		if name == "sdn.csv" {
			text = append(append(bytes.TrimRight(text, "\x1a\r\n"), '\n'), row...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			g.t.Fatal(err)
		}
	}
}

// TestListedAfterIntake has a beneficiary put on a list while the money is on
// its way: the release gate stops it, and people reject, approve or block it;
// what was blocked goes back by licence only, and only by two persons.
func TestListedAfterIntake(t *testing.T) {
	t.Parallel()
	g := start(t)
	send := func() string { return g.send(order{source: "tok_pending", payout: "bank", beneficiary: xyzzy()}) }
	ids := map[string]string{"rejected": send(), "approved": send(), "blocked": send(), "unblocked": send()}
	for _, id := range ids {
		g.reaches(id, "awaiting_funds")
	}
	g.list(`99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n")
	g.Kill()
	g.Run()
	cases := make(map[string]string)
	for decision, id := range ids {
		g.until(endTimeout, "the bank has the order", func() bool { return g.remittance(id).GetFunding().GetStatus() == "accepted" })
		g.post(g.Counterparts.Bank+"/_orders/"+g.remittance(id).GetFunding().GetId()+"/finish", map[string]any{"outcome": "succeed"})
		k := g.inReview(id)
		wants(t, g.remittance(id), "held", "SANCTIONS_HIT")
		if k.GetGate() != "release" || len(k.GetHits()) == 0 || k.GetHits()[0].GetRole() != "beneficiary" {
			t.Errorf("got %v", k)
		}
		cases[decision] = k.GetId()
	}
	g.decide(g.ctx(nextKey("case")), cases["rejected"], "rejected", "")
	wants(t, g.reaches(ids["rejected"], "refunded"), "returned", "REVIEW_REJECTED")

	g.decide(g.ctx(nextKey("case")), cases["approved"], "approved", "")
	g.decide(g.second(nextKey("case")), cases["approved"], "approved", "")
	wants(t, g.reaches(ids["approved"], "completed"), "paid", "")

	g.decide(g.ctx(nextKey("case")), cases["blocked"], "blocked", "")
	g.decide(g.second(nextKey("case")), cases["unblocked"], "blocked", "")
	for _, which := range []string{"blocked", "unblocked"} {
		r := g.reaches(ids[which], "blocked")
		wants(t, r, "blocked", "SANCTIONS_TRUE_MATCH")
		if r.GetCaseId() != cases[which] {
			t.Errorf("the blocked remittance names the case %q, want %s", r.GetCaseId(), cases[which])
		}
	}
	if k := g.decide(g.ctx(nextKey("case")), cases["unblocked"], "unblocked", "OFAC 2026-1234"); k.GetStatus() != "pending" {
		t.Errorf("one officer alone made it %s", k.GetStatus())
	}
	wants(t, g.remittance(ids["unblocked"]), "blocked", "SANCTIONS_TRUE_MATCH")
	g.decide(g.second(nextKey("case")), cases["unblocked"], "unblocked", "")
	g.until(endTimeout, "the blocked money goes back", func() bool { return g.remittance(ids["unblocked"]).GetState() == "refunded" })
	wants(t, g.remittance(ids["unblocked"]), "returned", "RETURNED_BY_LICENCE")
	wants(t, g.remittance(ids["blocked"]), "blocked", "SANCTIONS_TRUE_MATCH")

	balances, err := remitv1.NewTreasuryServiceClient(g.Conn).ListBalances(g.ctx(""), &remitv1.ListBalancesRequest{Prefix: "blocked"})
	if err != nil {
		t.Fatal(err)
	}
	if len(balances.GetBalances()) != 1 || balances.GetBalances()[0].GetPosted().GetAmount() != g.remittance(ids["blocked"]).GetSourceAmount().GetAmount() {
		t.Errorf("blocked money is %v, want that of one remittance", balances.GetBalances())
	}
	g.booksAgree()
}

// xyzzy is a beneficiary that no shipped list resembles.
func xyzzy() *remitv1.Party {
	return &remitv1.Party{GivenName: "Plughomir", FamilyName: "Xyzzykov", Country: "PH", City: "Manila", AddressLine: "1 Rizal Avenue"}
}
