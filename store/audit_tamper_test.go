package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
)

// acts writes n acts into the trail, each an intent and a result.
func acts(t testing.TB, s *store.Store, n int) {
	t.Helper()
	for i := range n {
		e := compliance.AuditEntry{
			TenantID: "ten_1", Phase: compliance.AuditIntent, Actor: compliance.Actor{Kind: compliance.ActorStaff, ID: "stf_1", Name: "Olive"},
			Act: "case.decide", Subject: fmt.Sprintf("cas_%d", i), Facts: map[string]string{"decision": "approved"}, RequestID: "req_1",
		}
		number, err := s.AppendAudit(t.Context(), e)
		if err == nil {
			e.Phase, e.Intent, e.Outcome = compliance.AuditResult, number, compliance.AuditDone
			_, err = s.AppendAudit(t.Context(), e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestVerifyFindsTamperedAudit changes the trail behind the store's back: every
// column, and rows taken out, swapped and added.
func TestVerifyFindsTamperedAudit(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		for what, text := range map[string]string{
			"number":             "UPDATE audit SET number = 99 WHERE number = 6",
			"tenant":             "UPDATE audit SET tenant_id = 'ten_2' WHERE number = 3",
			"time":               "UPDATE audit SET at = at + 1 WHERE number = 3",
			"phase":              "UPDATE audit SET phase = 'fact' WHERE number = 3",
			"intent":             "UPDATE audit SET intent_number = 1 WHERE number = 4",
			"kind of actor":      "UPDATE audit SET actor_kind = 'key' WHERE number = 3",
			"id of actor":        "UPDATE audit SET actor_id = 'stf_2' WHERE number = 3",
			"name of actor":      "UPDATE audit SET actor = 'Otto' WHERE number = 3",
			"act":                "UPDATE audit SET act = 'case.take' WHERE number = 3",
			"subject":            "UPDATE audit SET subject = 'cas_9' WHERE number = 3",
			"outcome":            "UPDATE audit SET outcome = 'refused' WHERE number = 4",
			"reason":             "UPDATE audit SET reason = 'CASE_CHANGED' WHERE number = 4",
			"facts":              "UPDATE audit SET facts = '{\"decision\":\"rejected\"}' WHERE number = 3",
			"facts twice":        "UPDATE audit SET facts = '{\"decision\":\"rejected\",\"decision\":\"approved\"}' WHERE number = 3",
			"facts unreadable":   "UPDATE audit SET facts = '' WHERE number = 3",
			"request":            "UPDATE audit SET request_id = 'req_2' WHERE number = 3",
			"hash before":        "UPDATE audit SET prev_hash = hash WHERE number = 3",
			"hash":               "UPDATE audit SET hash = prev_hash WHERE number = 3",
			"the first out":      "DELETE FROM audit WHERE number = 1",
			"one out":            "DELETE FROM audit WHERE number = 3",
			"the last out":       "DELETE FROM audit WHERE number = 6",
			"all out":            "DELETE FROM audit",
			"head":               "UPDATE audit_head SET number = number + 1",
			"head's hash":        "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE number = 1)",
			"head out":           "DELETE FROM audit_head",
			"cut with its head":  "DELETE FROM audit WHERE number = 6; UPDATE audit_head SET number = 5",
			"one added":          "INSERT INTO audit SELECT 7, tenant_id, at, phase, intent_number, actor_kind, actor_id, actor, act, subject, outcome, reason, facts, request_id, prev_hash, hash FROM audit WHERE number = 6",
			"one moved to front": "UPDATE audit SET number = 0 WHERE number = 6",
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				dsn := fresh(t)
				s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
				acts(t, s, 3)
				if report, err := s.VerifyAudit(t.Context()); err != nil || !report.Clean() || report.Records != 6 {
					t.Fatalf("before: %v %+v", err, report)
				}
				db := raw(t, dsn)
				for _, statement := range strings.Split(text, "; ") {
					if _, err := db.ExecContext(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
				report, err := s.VerifyAudit(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if report.Clean() {
					t.Fatal("tampering was not found")
				}
				for _, finding := range report.Findings {
					if strings.Contains(finding, "ten_") || strings.Contains(finding, "stf_") || strings.Contains(finding, "case") {
						t.Errorf("a finding tells content: %s", finding)
					}
				}
			})
		}
	}
}

// TestStaffSealedOnDisk looks for what signs people in in the bytes of a database.
func TestStaffSealedOnDisk(t *testing.T) {
	t.Parallel()
	dsn := storetest.SQLite(t)
	s, clock := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
	if err := s.CreateTenant(t.Context(), "ten_1", "One"); err != nil {
		t.Fatal(err)
	}
	_, err := s.CreateStaff(t.Context(), api.NewStaff{
		ID: "stf_1", TenantID: "ten_1", Name: "Visible Name", Email: "hidden.address@one.example", Role: compliance.RoleMLRO,
		PasswordHash: compliance.HashPassword("tall lamp of the quiet fjord", compliance.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}),
		TOTPSecret:   []byte("hidden-totp-secret-1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.CreateChallenge(t.Context(), api.StaffChallenge{
		Hash: [32]byte{1}, Kind: api.ChallengeTOTP, StaffID: "stf_1", Secret: []byte("hidden-pending-secret"), ExpiresAt: clock.Now().Add(compliance.ChallengeLife),
	})
	if err != nil {
		t.Fatal(err)
	}
	var disk []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(strings.TrimPrefix(dsn, "sqlite:") + suffix)
		if err != nil {
			t.Fatal(err)
		}
		disk = append(disk, b...)
	}
	if !bytes.Contains(disk, []byte("Visible Name")) {
		t.Fatal("the search does not find what is not sealed")
	}
	for _, secret := range []string{"hidden.address", "hidden-totp", "hidden-pending", "quiet fjord"} {
		if bytes.Contains(disk, []byte(secret)) {
			t.Errorf("%q stands on disk in the clear", secret)
		}
	}
	// The gateway's own keys are not erased as a person's are.
	if err := s.ErasePerson(t.Context(), "gateway/staff-addresses"); err == nil {
		t.Error("a key of the gateway was erased")
	}
}
