package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
)

// note writes a fact into the trail.
func (w *world) note(tenant remit.TenantID, actor, act, subject string) int64 {
	w.t.Helper()
	n, err := w.s.AppendAudit(w.ctx, compliance.AuditEntry{
		TenantID: tenant, Phase: compliance.AuditFact, Actor: compliance.Actor{Kind: compliance.ActorKey, ID: actor, Name: "name of " + actor},
		Act: act, Subject: subject, Outcome: compliance.AuditDone, Facts: map[string]string{"b": "2", "a": "<1>"}, RequestID: "req_1",
	})
	w.must(err)
	return n
}

func testAudit(t *testing.T, w *world) {
	other := remit.TenantID("ten_other")
	w.note(w.tenant, "key_1", "case.take", "cas_1")
	w.clock.Advance(time.Hour)
	w.note(other, "key_2", "case.take", "cas_2")
	w.clock.Advance(time.Hour)
	w.note(w.tenant, "key_3", "case_x", "cas_1")
	w.note("", "", "staff.sign_in", "")
	numbers := func(tenant remit.TenantID, f api.AuditFilter) string {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 10
		}
		list, err := w.s.AuditRecords(w.ctx, tenant, f)
		w.must(err)
		out := ""
		for _, r := range list {
			out += fmt.Sprint(r.Number)
		}
		return out
	}
	for name, c := range map[string]struct {
		tenant remit.TenantID
		f      api.AuditFilter
		want   string
	}{
		"all":        {"", api.AuditFilter{}, "4321"},
		"own":        {w.tenant, api.AuditFilter{}, "31"},
		"other's":    {other, api.AuditFilter{}, "2"},
		"page":       {"", api.AuditFilter{Limit: 2}, "43"},
		"next page":  {"", api.AuditFilter{Limit: 2, Before: 3}, "21"},
		"actor":      {"", api.AuditFilter{ActorID: "key_2"}, "2"},
		"not theirs": {w.tenant, api.AuditFilter{ActorID: "key_2"}, ""},
		"act":        {"", api.AuditFilter{Act: "case"}, "321"},
		"act, no _":  {"", api.AuditFilter{Act: "case_"}, "3"},
		"act, no %":  {"", api.AuditFilter{Act: "%"}, ""},
		"act, dot":   {"", api.AuditFilter{Act: "case."}, "21"},
		"subject":    {"", api.AuditFilter{Subject: "cas_1"}, "31"},
		"from":       {"", api.AuditFilter{From: Start.Add(time.Hour)}, "432"},
		"until":      {"", api.AuditFilter{Until: Start.Add(time.Hour)}, "1"},
	} {
		if got := numbers(c.tenant, c.f); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	list, err := w.s.AuditRecords(w.ctx, w.tenant, api.AuditFilter{Limit: 1})
	w.must(err)
	r := list[0]
	if r.Actor.Name != "name of key_3" || r.Facts["a"] != "<1>" || r.RequestID != "req_1" || !r.At.Equal(Start.Add(2*time.Hour)) || r.Hash == r.Prev {
		t.Errorf("got %+v", r)
	}
	report, err := w.s.VerifyAudit(w.ctx)
	w.must(err)
	if !report.Clean() || report.Records != 4 {
		t.Errorf("got %+v", report)
	}
}

// testAuditWriters has two processes write at once: the numbers have no gaps.
func testAuditWriters(t *testing.T, w *world) {
	second, _ := Open(t, w.dsn, w.vault)
	const writers, each = 8, 12
	var group sync.WaitGroup
	var mu sync.Mutex
	seen := make(map[int64]bool)
	for i := range writers {
		s := w.s
		if i%2 == 1 {
			s = second
		}
		group.Go(func() {
			for range each {
				n, err := s.AppendAudit(w.ctx, compliance.AuditEntry{Phase: compliance.AuditIntent, Act: "case.take"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if seen[n] {
					t.Errorf("number %d was given twice", n)
				}
				seen[n] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if got := w.auditLength(); got != writers*each || !seen[1] || !seen[writers*each] {
		t.Errorf("got %d records", got)
	}
}
