package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/store/storetest"
)

// TestErrorKinds provokes each sort of refusal of a database and wants its kind.
func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := storetest.Open(t, fresh(t), filepath.Join(t.TempDir(), "vault.key"))
			ctx := t.Context()
			if err := s.CreateTenant(ctx, "ten_1", "One"); err != nil {
				t.Fatal(err)
			}
			key := api.Key{ID: "key_1", TenantID: "ten_1"}
			if err := s.CreateKey(ctx, key, [32]byte{1}); err != nil {
				t.Fatal(err)
			}
			canceled, cancel := context.WithCancel(ctx)
			cancel()
			_, readCanceled := s.Balances(canceled, "")
			for what, c := range map[string]struct {
				err  error
				kind remit.Kind
			}{
				"a row that is there":   {s.CreateKey(ctx, key, [32]byte{2}), remit.KindConflict},
				"a unique value":        {s.CreateKey(ctx, api.Key{ID: "key_2", TenantID: "ten_1"}, [32]byte{1}), remit.KindConflict},
				"a missing parent":      {s.CreateKey(ctx, api.Key{ID: "key_3", TenantID: "ten_none"}, [32]byte{3}), remit.KindInternal},
				"a canceled write":      {s.CreateKey(canceled, api.Key{ID: "key_4", TenantID: "ten_1"}, [32]byte{4}), remit.KindUnavailable},
				"a canceled read":       {readCanceled, remit.KindUnavailable},
				"a canceled group unit": {s.PostEntries(canceled), remit.KindUnavailable},
			} {
				if got := remit.KindOf(c.err); got != c.kind {
					t.Errorf("%s: got %v (%s), want %s", what, c.err, got, c.kind)
				}
				var e *remit.Error
				if !errors.As(c.err, &e) || e.Message == "" {
					t.Errorf("%s: %v has no message for the caller", what, c.err)
				}
			}
		})
	}
}

// TestConnectionLost cuts every connection of PostgreSQL and wants the store to
// mend itself.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	dsn := storetest.Postgres(t)
	s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
	fund(t, s, 1)
	// Only this test's connections are cut: they carry the schema as their name.
	cut := `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND application_name = current_schema()`
	named := dsn + "&application_name=" + schemaOf(t, dsn)
	mine, _ := storetest.Open(t, named, filepath.Join(t.TempDir(), "vault.key"))
	fund(t, mine, 2)
	var n int64
	if err := raw(t, dsn).QueryRowContext(t.Context(), cut).Scan(&n); err != nil || n == 0 {
		t.Fatalf("cut %d connections: %v", n, err)
	}
	fund(t, mine, 3)
	report, err := s.VerifyLedger(t.Context())
	if err != nil || !report.Clean() || report.Entries != 3 {
		t.Fatalf("got %v and %+v", err, report)
	}
	balances, err := mine.Balances(t.Context(), string(ledger.Tenant("ten_1")))
	if err != nil || len(balances) != 1 || balances[0].Posted.Minor != 300 {
		t.Fatalf("got %v and %v", balances, err)
	}
}

func schemaOf(t *testing.T, dsn string) string {
	t.Helper()
	var schema string
	if err := raw(t, dsn).QueryRowContext(t.Context(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	return schema
}
