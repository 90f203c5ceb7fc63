package store_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/store/storetest"
)

// callers is how many callers post at once.
const callers = 128

// BenchmarkHotAccount posts entries that all touch one guarded account, from
// 128 callers at once, each entry a unit of its own, with every commit on disk.
//
//	go test ./store -run - -bench HotAccount -benchtime 20000x
func BenchmarkHotAccount(b *testing.B) {
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s, _ := storetest.Open(b, fresh(b), filepath.Join(b.TempDir(), "vault.key"))
			var next atomic.Int64
			var failed atomic.Pointer[error]
			done := make(chan struct{}, callers)
			b.ResetTimer()
			for range callers {
				go func() {
					defer func() { done <- struct{}{} }()
					for i := next.Add(1); i <= int64(b.N) && failed.Load() == nil; i = next.Add(1) {
						if err := s.PostEntries(b.Context(), hotEntry(i)); err != nil {
							failed.Store(&err)
						}
					}
				}()
			}
			for range callers {
				<-done
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			if err := failed.Load(); err != nil {
				b.Fatal(*err)
			}
			report, err := s.VerifyLedger(b.Context())
			if err != nil || !report.Clean() || report.Entries != int64(b.N) {
				b.Fatalf("the ledger is not as it should be: %v %+v", err, report)
			}
		})
	}
}

func hotEntry(i int64) ledger.Entry {
	return ledger.Entry{
		ID:  remit.DeriveID[remit.EntryID](remit.PrefixEntry, storetest.Start.Add(time.Duration(i)*time.Millisecond), fmt.Sprint(i)),
		Key: fmt.Sprintf("hot/%d", i), Action: ledger.ActionPost, Remittance: "rem_benchmark",
		Postings: []ledger.Posting{{
			Debit: ledger.Treasury(remit.RailStellar), Credit: ledger.Capital, Amount: remit.NewMoney(remit.USDCStellar, 1+i%100),
		}},
	}
}
