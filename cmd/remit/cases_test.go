package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/workflows"
)

// TestCases works on a case by the command line, as two persons do.
func TestCases(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ctx := t.Context()
	remittance := g.send()
	r, err := g.store.Book().Remittance(ctx, remit.RemittanceID(remittance))
	must(t, err)
	at := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC)
	c := compliance.Case{
		ID: remit.NewID[remit.CaseID](remit.PrefixCase, at), Kind: compliance.CaseKindGate, Gate: compliance.GateIntake,
		Hits: []compliance.Hit{{Key: "h", Role: compliance.RoleBeneficiary, List: "ofac-sdn", EntryID: "8279", EntryName: "BOUT, Viktor", ScoreBasisPoints: 9106}},
	}
	_, err = g.store.Apply(ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateInReview, Funds: remit.FundsNone, EventType: "remittance.in_review", OpenCase: &c,
		Change: func(r *remit.Remittance) { r.OpenCase, r.ResumeState = c.ID, remit.StateCreated },
	})
	must(t, err)
	const secondKey = "sk_test_second"
	must(t, g.store.CreateKey(ctx, api.Key{
		ID: remit.NewID[remit.KeyID](remit.PrefixKey, at), TenantID: r.TenantID, Name: "ben", Scopes: []api.Scope{api.ScopeReview},
	}, sha256.Sum256([]byte(secondKey))))
	second := map[string]string{"REMIT_GRPC": g.address, "REMIT_API_KEY": secondKey}
	id := string(c.ID)

	g.run("cases", "--inbox", "sanctions", "--order", "due").is(t, exitOK, id, "good")
	g.run("cases", "--inbox", "mlro").is(t, exitOK, "No cases")
	g.run("case", "take-next").is(t, exitOK, id, "Held by", "put_back", "beneficiary resembles")
	runWith(ctx, second, "cases", "take", id).is(t, exitFailed, "CASE_LOCKED")
	g.run("cases", "put-back", id).is(t, exitOK, "put back by cli")
	g.run("cases", "note", id).is(t, exitUsage, "--note")
	g.run("cases", "note", id, "--note", "looks like another").is(t, exitOK, "looks like another")
	file := filepath.Join(t.TempDir(), "letter.txt")
	must(t, os.WriteFile(file, []byte("a letter"), 0o600))
	g.run("cases", "attach", id, "--file", file).is(t, exitOK, "letter.txt, text/plain, 8 bytes")
	g.run("cases", "attach", id, "--file", file+".missing").is(t, exitUsage, "no such file")
	g.run("cases", "ask", id, "--question", "Where was he born?", "--hours", "24").is(t, exitOK, "waiting", "Where was he born?")
	g.run("cases", "answer", remittance, "--answer", "In Manila.").is(t, exitOK, "Answered")
	g.run("cases", "answer", remittance, "--answer", "In Manila.").is(t, exitFailed, "NOTHING_ASKED")
	g.run("cases", "escalate", id, "--note", "too big for me").is(t, exitOK, "mlro")
	g.run("cases", "unblock", id, "--note", "they said so", "--licence", "L-1").is(t, exitFailed, "CASE_NOT_PENDING")
	g.run("cases", "approve", id, "--note", "born in 1990").is(t, exitOK, "pending: another person must agree")
	runWith(ctx, second, "cases", "return", id, "--note", "which passport?").is(t, exitOK, "returned by ben: which passport?")
	g.run("cases", "approve", id, "--note", "the one from Manila").is(t, exitOK, "pending")
	runWith(ctx, second, "cases", "approve", id, "--note", "agreed").is(t, exitOK, "approved by ben, proposed by cli", remittance)
	g.run("cases", "show", id).is(t, exitOK, "cli and ben", "false positive", "In Manila.")
}
