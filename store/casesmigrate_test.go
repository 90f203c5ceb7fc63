package store_test

import (
	"path/filepath"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
)

// beforeCases is the last migration before cases had files.
const beforeCases = 7

// TestCasesOfEarlierReleases migrates a database with cases as they were before
// they had files: an open one with a hit, and one that was rejected.
func TestCasesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, dsn, key := t.Context(), fresh(t), filepath.Join(t.TempDir(), "vault.key")
			store.MigrateUntil(t, dsn, key, beforeCases)
			db := raw(t, dsn)
			exec := func(text string, args ...any) {
				t.Helper()
				if _, err := db.ExecContext(ctx, text, args...); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			const body = `{"corridor":"US-PH","source_total":{"asset":"USD/2","minor":20000}}`
			exec("INSERT INTO tenants (id, name, created_at) VALUES ('ten_a', 'A', 1)")
			exec("INSERT INTO customers (id, tenant_id, sealed, tier, reference, created_at) VALUES ('cus_a', 'ten_a', $1, 1, '', 1)", []byte{1})
			exec("INSERT INTO beneficiaries (id, tenant_id, method, sealed, created_at) VALUES ('ben_a', 'ten_a', 'bank', $1, 1)", []byte{1})
			for _, n := range []string{"1", "2"} {
				exec("INSERT INTO quotes (id, tenant_id, body, expires_at, remittance_id, version) VALUES ('qte_"+n+"', 'ten_a', $1, 1, 'rem_"+n+"', 1)", body)
				exec(`INSERT INTO remittances (id, tenant_id, customer_id, beneficiary_id, quote_id, reference, purpose, funding_source, source_asset, source_minor,
					state, funds, reason, resume_state, last_event, rail, rails_tried, pay_in_order, settlement_order, payout_order, refund_order, treasury_hold,
					settlement_hash, open_case, cancel_requested_at, created_at, updated_at, version)
					VALUES ('rem_` + n + `', 'ten_a', 'cus_a', 'ben_a', 'qte_` + n + `', '', '', '', 'USD/2', 20000, 'in_review', 'none', '', '', 1, '', '[]', '', '', '', '', '', '', '', 0, 1, 1, 1)`)
			}
			exec(`INSERT INTO cases (id, tenant_id, remittance_id, kind, gate, decision, status, reasons, hits, note, decided_by, opened_at, due_at, decided_at, version)
				VALUES ('cas_open', 'ten_a', 'rem_1', 'gate', 'intake', 'dec_1', 'open', '["SANCTIONS_HIT"]', '[{"key":"h","role":"originator","list":"l","entry_id":"1"}]', $1, '', 1000000, 61000000, 0, 1)`, []byte{})
			exec(`INSERT INTO cases (id, tenant_id, remittance_id, kind, gate, decision, status, reasons, hits, note, decided_by, opened_at, due_at, decided_at, version)
				VALUES ('cas_done', 'ten_a', 'rem_2', 'gate', 'intake', 'dec_2', 'rejected', '[]', 'null', $1, 'demo', 1000000, 61000000, 2000000, 2)`, []byte{})

			s, _ := storetest.Open(t, dsn, key)
			if err := s.CreateTenant(ctx, "ten_a", "A"); err != nil { // Makes the data key, which the rows above lack.
				t.Fatal(err)
			}
			open, err := s.Case(ctx, "ten_a", "cas_open")
			if err != nil || open.Inbox != compliance.InboxSanctions || open.CustomerID != "cus_a" || len(open.Alerts) != 1 || len(open.History) != 1 ||
				open.Version != 1 || open.Span.Seconds() != 60 {
				t.Fatalf("got %+v, %v", open, err)
			}
			done, err := s.Case(ctx, "ten_a", "cas_done")
			if err != nil || done.Status != compliance.CaseRejected || done.DecidedBy.Name != "demo" || len(done.History) != 2 || done.Inbox != compliance.InboxReview {
				t.Fatalf("got %+v, %v", done, err)
			}
			ana := compliance.Person{Actor: compliance.Actor{ID: "stf_ana", Name: "ana"}, Works: true, Decides: true}
			open, err = s.DecideCase(ctx, "ten_a", "cas_open", ana, compliance.Verdict{Decision: compliance.CaseApproved, Note: "another"})
			if err != nil || open.Status != compliance.CasePending || open.Events != 2 {
				t.Fatalf("got %+v, %v", open, err)
			}
			if n, err := s.NameCorridors(ctx); n != 2 || err != nil {
				t.Fatalf("named the corridors of %d remittances, %v; want 2", n, err)
			}
			if n, err := s.NameCorridors(ctx); n != 0 || err != nil {
				t.Fatalf("named the corridors of %d remittances again, %v", n, err)
			}
			list, err := s.Cases(ctx, "ten_a", api.CaseFilter{CustomerID: remit.CustomerID("cus_a")}, api.CasePage{Size: 10})
			if err != nil || len(list) != 2 {
				t.Fatalf("got %v, %v", list, err)
			}
		})
	}
}
