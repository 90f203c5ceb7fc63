package compliance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit/compliance"
)

// trail makes a chain of records.
func trail(n int) []compliance.AuditRecord {
	at := time.Date(2026, 11, 20, 9, 0, 0, 123456789, time.UTC)
	var out []compliance.AuditRecord
	var hash compliance.AuditHash
	for i := range n {
		e := compliance.AuditEntry{
			TenantID: "ten_1", Phase: compliance.AuditIntent, Actor: compliance.Actor{Kind: compliance.ActorStaff, ID: "stf_1", Name: "Maria"},
			Act: "case.decide", Subject: fmt.Sprintf("cas_%d", i), Facts: map[string]string{"decision": "approved", "version": "3"}, RequestID: "req_1",
		}
		if i%2 == 1 {
			e.Phase, e.Intent, e.Outcome, e.Reason = compliance.AuditResult, int64(i), compliance.AuditRefused, "CASE_CHANGED"
		}
		r := compliance.ChainAudit(int64(i), hash, e, at)
		hash = r.Hash
		out = append(out, r)
	}
	return out
}

func walk(list []compliance.AuditRecord) *compliance.AuditVerifier {
	v := &compliance.AuditVerifier{}
	for _, r := range list {
		v.Add(r)
	}
	return v
}

func TestAuditChain(t *testing.T) {
	t.Parallel()
	list := trail(6)
	v := walk(list)
	v.Ends(6, list[5].Hash)
	if r := v.Report(); !r.Clean() || r.Records != 6 || r.Head != list[5].Hash {
		t.Fatalf("got %+v", r)
	}
	// The hash is part of what operators keep elsewhere: it must never change.
	if got, want := list[0].Hash.String(), goldenAuditHash; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r := walk(nil).Report(); !r.Clean() || r.Head != (compliance.AuditHash{}) {
		t.Errorf("an empty trail: got %+v", r)
	}
}

const goldenAuditHash = "e88b648bff26e999cbe644ccab5c8266079e77e5d28829a4c7d207ab24ada22b"

// TestAuditFieldsCount changes each field: the verifier notices every one.
func TestAuditFieldsCount(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*compliance.AuditRecord){
		"number":       func(r *compliance.AuditRecord) { r.Number++ },
		"time":         func(r *compliance.AuditRecord) { r.At = r.At.Add(time.Microsecond) },
		"tenant":       func(r *compliance.AuditRecord) { r.TenantID = "ten_2" },
		"phase":        func(r *compliance.AuditRecord) { r.Phase = compliance.AuditFact },
		"intent":       func(r *compliance.AuditRecord) { r.Intent = 1 },
		"actor kind":   func(r *compliance.AuditRecord) { r.Actor.Kind = compliance.ActorKey },
		"actor id":     func(r *compliance.AuditRecord) { r.Actor.ID = "stf_2" },
		"actor":        func(r *compliance.AuditRecord) { r.Actor.Name = "Mario" },
		"act":          func(r *compliance.AuditRecord) { r.Act = "case.take" },
		"subject":      func(r *compliance.AuditRecord) { r.Subject = "" },
		"outcome":      func(r *compliance.AuditRecord) { r.Outcome = compliance.AuditDone },
		"reason":       func(r *compliance.AuditRecord) { r.Reason = "" },
		"a fact":       func(r *compliance.AuditRecord) { r.Facts["decision"] = "rejected" },
		"a fact more":  func(r *compliance.AuditRecord) { r.Facts["x"] = "" },
		"a fact less":  func(r *compliance.AuditRecord) { delete(r.Facts, "version") },
		"facts moved":  func(r *compliance.AuditRecord) { r.Facts = map[string]string{"decision": "approvedversion", "": "3"} },
		"request":      func(r *compliance.AuditRecord) { r.RequestID = "req_2" },
		"prev":         func(r *compliance.AuditRecord) { r.Prev[0]++ },
		"hash":         func(r *compliance.AuditRecord) { r.Hash[31]++ },
		"border moved": func(r *compliance.AuditRecord) { r.Act, r.Subject = r.Act+"c", r.Subject[1:] },
	} {
		list := trail(6)
		change(&list[3])
		if walk(list).Report().Clean() {
			t.Errorf("%s: the change was not noticed", name)
		}
	}
}

func TestAuditGaps(t *testing.T) {
	t.Parallel()
	list := trail(6)
	for name, cut := range map[string][]compliance.AuditRecord{
		"the first": list[1:], "one within": append(trail(2), list[3:]...), "one twice": append(trail(3), list[2:]...), "two swapped": {list[1], list[0]},
	} {
		if walk(cut).Report().Clean() {
			t.Errorf("%s: not noticed", name)
		}
	}
	v := walk(list[:5])
	if v.Ends(6, list[5].Hash); v.Report().Clean() {
		t.Error("a cut tail was not noticed")
	}
	// Whoever rewrites the tail cannot make the kept head.
	v = walk(list)
	if v.Ends(6, list[4].Hash); v.Report().Clean() {
		t.Error("another head was not noticed")
	}
	many := walk(nil)
	for range 200 {
		many.Finding("x")
	}
	if f := many.Report().Findings; len(f) != 101 || !strings.HasPrefix(f[100], "100 more") {
		t.Errorf("got %d findings", len(f))
	}
}
