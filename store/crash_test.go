package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/store/storetest"
	"github.com/openremit/remit/workflows"
)

// The environment of the process that TestKilled starts and kills.
const (
	crashDSN   = "REMIT_STORE_CRASH_DSN"
	crashVault = "REMIT_STORE_CRASH_VAULT"
)

// crashEntry is the entry of a key that the crashing process posts.
func crashEntry(key string) ledger.Entry {
	return ledger.Entry{
		ID: remit.EntryID("ent_" + strings.ReplaceAll(key, "/", "_")), Key: key, Action: ledger.ActionPost,
		Postings: []ledger.Posting{{
			Debit: ledger.OnRamp("bank"), Credit: ledger.Tenant("ten_1"), Amount: remit.NewMoney(remit.MustFiat("USD"), 1),
		}},
	}
}

// TestKilled kills a process with many writers in the middle of its work, and
// wants everything that it was told is done to be there, and the books clean.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn, key := fresh(t), filepath.Join(t.TempDir(), "vault.key")
			child := exec.Command(os.Args[0], "-test.run=^TestWriteUntilKilled$", "-test.v") //nolint:gosec // this binary
			child.Env = append(os.Environ(), crashDSN+"="+dsn, crashVault+"="+key)
			child.Stderr = os.Stderr
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			var done []string
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if word, ok := strings.CutPrefix(lines.Text(), "done "); ok {
					done = append(done, word)
				}
				if len(done) == 400 {
					if err := child.Process.Kill(); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := child.Wait(); err == nil {
				t.Fatal("the process ended by itself")
			}
			if len(done) < 400 {
				t.Fatalf("the process did %d things before it ended", len(done))
			}
			s, _ := storetest.Open(t, dsn, key)
			before, err := s.VerifyLedger(t.Context())
			if err != nil || !before.Clean() {
				t.Fatalf("after the kill: %v %+v", err, before)
			}
			for _, key := range done {
				if err := s.PostEntries(t.Context(), crashEntry(key)); err != nil {
					t.Fatal(err)
				}
			}
			after, err := s.VerifyLedger(t.Context())
			if err != nil || after.Head != before.Head {
				t.Fatalf("entries that were answered were not there: %d before, %d after, %v", before.Entries, after.Entries, err)
			}
		})
	}
}

// TestWriteUntilKilled is the process that TestKilled kills.
func TestWriteUntilKilled(t *testing.T) {
	dsn := os.Getenv(crashDSN)
	if dsn == "" {
		t.Skip("this is the process that TestKilled starts")
	}
	s, _ := storetest.Open(t, dsn, os.Getenv(crashVault))
	const writers = 32
	errs := make(chan error)
	for i := range writers {
		go func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("crash/%d/%d", i, n)
				if err := s.PostEntries(context.Background(), crashEntry(key)); err != nil {
					errs <- err
					return
				}
				if _, err := fmt.Fprintf(os.Stdout, "done %s\n", key); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	t.Fatal(<-errs)
}

// TestLostUpdate changes a row past the committer while a unit holds it in
// memory. The write is refused by its version, and the unit is tried again.
func TestLostUpdate(t *testing.T) {
	t.Parallel()
	dsn := storetest.Postgres(t)
	s, _ := storetest.Open(t, dsn, filepath.Join(t.TempDir(), "vault.key"))
	ctx := t.Context()
	benchmarkPeople(t, s)
	if err := create(ctx, s, "1"); err != nil {
		t.Fatal(err)
	}
	db := raw(t, dsn)
	var calls atomic.Int64
	got, err := s.Apply(ctx, workflows.Move{
		Remittance: "rem_1", From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
		Change: func(*remit.Remittance) {
			if calls.Add(1) > 1 {
				return
			}
			if _, err := db.ExecContext(ctx, "UPDATE remittances SET version = version + 1, open_case = 'cas_other' WHERE id = 'rem_1'"); err != nil {
				t.Error(err)
			}
		},
	})
	if err != nil || calls.Load() != 2 || got.OpenCase != "cas_other" || got.State != remit.StateCanceled || got.LastEvent != 2 {
		t.Fatalf("got %+v after %d calls: %v", got, calls.Load(), err)
	}
}
