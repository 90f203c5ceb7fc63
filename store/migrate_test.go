package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
)

// TestColumnsAreCommented wants a comment over every column and table.
func TestColumnsAreCommented(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v and %v", files, err)
	}
	column := regexp.MustCompile(`^    [a-z_]+ [A-Z]`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before := ""
		for i, line := range strings.Split(string(text), "\n") {
			if (column.MatchString(line) || strings.HasPrefix(line, "CREATE TABLE")) && !strings.HasPrefix(strings.TrimSpace(before), "--") {
				t.Errorf("%s:%d: %s has no comment over it", file, i+1, strings.TrimSpace(line))
			}
			before = line
		}
	}
}

// TestMigrateAtOnce has several processes start on one empty database.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn, key := fresh(t), filepath.Join(t.TempDir(), "vault.key")
			errs := make(chan error)
			const processes = 4
			for range processes {
				go func() {
					vault, err := store.NewFileVault(key)
					if err != nil {
						errs <- err
						return
					}
					s, err := store.Open(t.Context(), store.Options{DSN: dsn, Clock: remit.NewFakeClock(storetest.Start), Vault: vault})
					if err == nil {
						err = s.Migrate(t.Context())
					}
					if err == nil {
						err = s.Close()
					}
					errs <- err
				}()
			}
			for range processes {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			s, _ := storetest.Open(t, dsn, key)
			fund(t, s, 2)
		})
	}
}

// TestMigrateRefusesNewer opens a database that a newer release migrated.
func TestMigrateRefusesNewer(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := fresh(t)
			s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
			if _, err := raw(t, dsn).ExecContext(t.Context(), "INSERT INTO versions (version, name, applied_at) VALUES (9999, 'later', 1)"); err != nil {
				t.Fatal(err)
			}
			if err := s.Migrate(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
				t.Fatalf("got %v, want a precondition", err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	vault, err := store.NewFileVault(filepath.Join(t.TempDir(), "vault.key"))
	if err != nil {
		t.Fatal(err)
	}
	clock := remit.NewFakeClock(storetest.Start)
	for name, c := range map[string]struct {
		o    store.Options
		kind remit.Kind
	}{
		"no clock":       {store.Options{DSN: "sqlite:x", Vault: vault}, remit.KindInvalid},
		"no vault":       {store.Options{DSN: "sqlite:x", Clock: clock}, remit.KindInvalid},
		"unknown scheme": {store.Options{DSN: "mysql://x", Clock: clock, Vault: vault}, remit.KindInvalid},
		"no path":        {store.Options{DSN: "sqlite:", Clock: clock, Vault: vault}, remit.KindInvalid},
		"no file":        {store.Options{DSN: "sqlite::memory:", Clock: clock, Vault: vault}, remit.KindInvalid},
		"no folder":      {store.Options{DSN: "sqlite:/nowhere/at/all.db", Clock: clock, Vault: vault}, remit.KindUnavailable},
		"nobody there":   {store.Options{DSN: "postgres://127.0.0.1:1/x", Clock: clock, Vault: vault}, remit.KindUnavailable},
	} {
		if _, err := store.Open(t.Context(), c.o); remit.KindOf(err) != c.kind {
			t.Errorf("%s: got %v (%s), want %s", name, err, remit.KindOf(err), c.kind)
		}
	}
}

// TestClosed has calls after the end answer unavailable instead of waiting.
func TestClosed(t *testing.T) {
	t.Parallel()
	vault, err := store.NewFileVault(filepath.Join(t.TempDir(), "vault.key"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{DSN: storetest.SQLite(t), Clock: remit.NewFakeClock(storetest.Start), Vault: vault})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.PostEntries(t.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Fatalf("got %v, want unavailable", err)
	}
}
