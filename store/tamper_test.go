package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
)

// databases are the databases of these tests by name.
var databases = map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres}

// raw opens the database of an address beside the store.
func raw(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver, address := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// fund posts n entries onto a tenant's balance.
func fund(t testing.TB, s *store.Store, n int) {
	t.Helper()
	var list []ledger.Entry
	for i := range n {
		list = append(list, ledger.Entry{
			ID: remit.EntryID(fmt.Sprintf("ent_%d", i)), Key: fmt.Sprintf("fund/%d", i), Action: ledger.ActionPost,
			Postings: []ledger.Posting{{Debit: ledger.OnRamp("bank"), Credit: ledger.Tenant("ten_1"), Amount: remit.NewMoney(remit.MustFiat("USD"), 100)}},
		})
	}
	if err := s.PostEntries(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyFindsTampering changes the tables behind the store's back.
func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		for what, text := range map[string]string{
			"an amount":            "UPDATE postings SET minor = minor + 1 WHERE seq = 2",
			"an account":           "UPDATE postings SET debit = 'onramp/card' WHERE seq = 2",
			"the mark of a move":   "UPDATE postings SET moves = 0 WHERE seq = 2",
			"a memo":               "UPDATE journal SET memo = 'x' WHERE seq = 2",
			"a time":               "UPDATE journal SET at = at + 1 WHERE seq = 2",
			"a hash":               "UPDATE journal SET hash = prev_hash WHERE seq = 2",
			"a posting taken out":  "DELETE FROM postings WHERE seq = 2",
			"a record taken out":   "DELETE FROM journal WHERE seq = 2",
			"the last record":      "DELETE FROM journal WHERE seq = 3",
			"a balance":            "UPDATE balances SET posted = posted + 1",
			"a balance taken out":  "DELETE FROM balances",
			"the committer's head": "UPDATE heads SET journal_seq = journal_seq + 1",
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				dsn := fresh(t)
				s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
				fund(t, s, 3)
				if report, err := s.VerifyLedger(t.Context()); err != nil || !report.Clean() || report.Head == "" {
					t.Fatalf("before: %v %+v", err, report)
				}
				if _, err := raw(t, dsn).ExecContext(t.Context(), text); err != nil {
					t.Fatal(err)
				}
				report, err := s.VerifyLedger(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if report.Clean() {
					t.Fatal("tampering was not found")
				}
			})
		}
	}
}

// TestFloorInSQL writes below the floor past the Go code: the database refuses.
func TestFloorInSQL(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := fresh(t)
			s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
			fund(t, s, 1)
			db := raw(t, dsn)
			for _, text := range []string{
				"UPDATE balances SET posted = -1", "UPDATE balances SET held = 101", "UPDATE balances SET held = -1",
				"UPDATE postings SET minor = 0", "UPDATE heads SET id = 2",
			} {
				if _, err := db.ExecContext(t.Context(), text); err == nil {
					t.Errorf("%s was let through", text)
				}
			}
		})
	}
}

// TestSealedOnDisk looks for personal data in the bytes of a SQLite database.
func TestSealedOnDisk(t *testing.T) {
	t.Parallel()
	dsn := storetest.SQLite(t)
	s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
	ctx := t.Context()
	steps := []error{
		s.CreateTenant(ctx, "ten_1", "Visible Tenant"),
		s.CreateCustomer(ctx, remit.Customer{
			ID: "cus_1", TenantID: "ten_1", Reference: "visible-reference",
			Party: remit.Party{GivenName: "Marisolabella", FamilyName: "Quintanarro", DocumentNumber: "X99887766", DateOfBirth: "1990-04-05"},
		}),
		s.CreateBeneficiary(ctx, remit.Beneficiary{
			ID: "ben_1", TenantID: "ten_1", Party: remit.Party{GivenName: "Jejomarino"}, Account: map[string]string{"account_number": "998877665544"},
		}),
	}
	_, err := s.BeginIdempotent(ctx, "ten_1", "key", "m", [32]byte{1})
	steps = append(steps, err, s.FinishIdempotent(ctx, "ten_1", "key", []byte(`{"name":"Marisolabella Quintanarro"}`)))
	for _, err := range steps {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := strings.TrimPrefix(dsn, "sqlite:")
	var disk []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		disk = append(disk, b...)
	}
	if !bytes.Contains(disk, []byte("visible-reference")) || !bytes.Contains(disk, []byte("Visible Tenant")) {
		t.Fatal("the search does not find what is not sealed")
	}
	for _, secret := range []string{"Marisolabella", "Quintanarro", "X99887766", "1990-04-05", "Jejomarino", "998877665544"} {
		if bytes.Contains(disk, []byte(secret)) {
			t.Errorf("%q stands on disk in the clear", secret)
		}
	}
	c, err := s.Customer(ctx, "ten_1", "cus_1")
	if err != nil || c.Party.FamilyName != "Quintanarro" {
		t.Fatalf("got %+v and %v", c, err)
	}
}

func TestFileVault(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vault.key")
	vault, err := store.NewFileVault(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v and %v, want mode 0600", info, err)
	}
	wrapped, err := vault.Seal(t.Context(), []byte("key"), "customers/cus_1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := store.NewFileVault(path)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := again.Open(t.Context(), wrapped, "customers/cus_1"); err != nil || string(key) != "key" {
		t.Fatalf("got %q and %v", key, err)
	}
	if _, err := again.Open(t.Context(), wrapped, "customers/cus_2"); err == nil {
		t.Error("a key opens for somebody else")
	}
	other, err := store.NewFileVault(path + "2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(t.Context(), wrapped, "customers/cus_1"); err == nil {
		t.Error("a key opens with another vault")
	}
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // that is the point
		t.Fatal(err)
	}
	if _, err := store.NewFileVault(path); err == nil {
		t.Error("a key file that others can read was taken")
	}
	if err := os.WriteFile(path+"3", []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.NewFileVault(path + "3"); err == nil {
		t.Error("a file that is no key was taken")
	}
}
