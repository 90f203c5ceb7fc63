package store

import (
	"context"
	"testing"
	"time"

	"github.com/openremit/remit"
)

// MigrateUntil makes the tables of an earlier release in a fresh database.
func MigrateUntil(t *testing.T, dsn, key string, version int64) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vault, err := NewFileVault(key)
	must(err)
	ctx := context.Background()
	s, err := Open(ctx, Options{DSN: dsn, Vault: vault, Clock: remit.NewFakeClock(time.Unix(1, 0))})
	must(err)
	steps, err := readMigrations()
	must(err)
	must(s.write(ctx, "prepare migrations", func(ctx context.Context, run runner) error {
		return s.locked(ctx, run, statement{sql: "CREATE TABLE versions (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"})
	}))
	for _, step := range steps[:version] {
		must(s.migrate(ctx, step, version))
	}
	must(s.Close())
}
