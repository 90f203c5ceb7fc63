// Package storetest is the meaning of package store: the same tests on every
// database it serves.
//
//	func TestSQLite(t *testing.T) { storetest.Run(t, storetest.SQLite) }
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/openremit/remit"
	"github.com/openremit/remit/store"
)

// Run runs every test, each on a database of its own. fresh makes an empty one
// and returns its address, as SQLite and Postgres do; the suite opens the
// stores itself, because it moves their clock and opens some of them twice.
func Run(t *testing.T, fresh func(t testing.TB) (dsn string)) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *world){
		"LedgerEntries":    testEntries,
		"LedgerHolds":      testHolds,
		"LedgerReversals":  testReversals,
		"LedgerFloors":     testFloors,
		"LedgerBalances":   testBalances,
		"LedgerRandom":     testRandomEntries,
		"GroupOneBad":      testGroupWithOneBad,
		"GroupRefused":     testGroupRefusedByDatabase,
		"GroupCanceled":    testCanceledCaller,
		"TwoProcesses":     testTwoProcesses,
		"Snapshots":        testSnapshots,
		"GroupPanics":      testPanickingChange,
		"CompareAndSet":    testCompareAndSet,
		"MovesAreWhole":    testMovesAreWhole,
		"UnlawfulMoves":    testUnlawfulMoves,
		"EventsGapless":    testEventsGapless,
		"EventsWait":       testEventsWait,
		"TenantsIsolated":  testTenantsIsolated,
		"QuoteUsedOnce":    testQuoteUsedOnce,
		"QuoteExpiry":      testQuoteExpiry,
		"CreateTwice":      testCreateTwice,
		"Pages":            testPages,
		"Cancel":           testCancel,
		"Idempotency":      testIdempotency,
		"IdempotencyRace":  testIdempotencyRace,
		"Keys":             testKeys,
		"Cases":            testCases,
		"CaseAlerts":       testCaseAlerts,
		"CaseLocks":        testCaseLocks,
		"CaseQuestions":    testCaseQuestions,
		"CaseDocuments":    testCaseDocuments,
		"CaseBlocks":       testCaseBlocks,
		"CaseLists":        testCaseLists,
		"CasesIsolated":    testCasesIsolated,
		"Subject":          testSubject,
		"Outbox":           testOutbox,
		"Retention":        testRetention,
		"Waits":            testWaits,
		"SettlementHappy":  testSettlement,
		"SettlementFails":  testSettlementFailures,
		"Netting":          testNetting,
		"Charges":          testCharges,
		"Claims":           testClaims,
		"SettlementTimes":  testPaid,
		"RampOrders":       testRampOrders,
		"RampContradicted": testRampContradiction,
		"Instructions":     testInstructions,
		"ErasePerson":      testErasePerson,
		"ChangeCustomer":   testChangeCustomer,
		"ChangePayee":      testChangeBeneficiary,
		"Invitations":      testInvitations,
		"Staff":            testStaff,
		"StaffLastMLRO":    testLastMLRO,
		"StaffSessions":    testSessions,
		"StaffReset":       testReset,
		"StaffSignInRace":  testSignInRace,
		"StaffLocks":       testLocks,
		"StaffPasskeys":    testPasskeys,
		"Audit":            testAudit,
		"AuditWriters":     testAuditWriters,
		"Rescreens":        testRescreens,
		"RescreenParties":  testRescreenParties,
		"RaiseFreeze":      testRaiseFreeze,
		"Story":            testStory,
		"CounterPays":      testCounterPays,
		"CounterRace":      testCounterRace,
		"CounterWithdrawn": testCounterWithdrawn,
		"CounterCanceled":  testCounterCancelRace,
		"CounterLooks":     testCounterLooks,
		"CounterRefusals":  testCounterRefusals,
		"CounterApproval":  testCounterApproval,
		"CounterDrawers":   testCounterDrawers,
		"CounterReach":     testCounterReach,
		"CounterTopUps":    testCounterTopUps,
		"CounterDropsCash": testCounterCurrencies,
		"CounterSweep":     testCounterSweep,
		"FloatReturns":     testFloatReturns,
		"FloatSpare":       testFloatSpare,
		"FloatLow":         testFloatLow,
		"CounterEvidence":  testCounterEvidence,
		"CounterBooks":     testCounterBooks,
		"CashIn":           testCashIn,
		"CashInRace":       testCashInRace,
		"CashInRefusals":   testCashInRefusals,
		"CashInCustomers":  testCashInCustomers,
		"CashInNotNow":     testCashInNotNow,
		"CashInEnds":       testCashInEnds,
		"CashInLimits":     testCashInLimits,
		"CashInCrash":      testCashInCrash,
		"Suspicions":       testSuspicions,
		"MigrateAgain":     testMigrateAgain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, fresh(t)))
		})
	}
}

// SQLite returns the address of a fresh database file.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "remit.db")
}

// Postgres makes a fresh schema, dropped when the test ends, in the database
// that REMIT_TEST_POSTGRES names, and returns the address that leads there.
// Without it the test is skipped, or fails if REMIT_REQUIRE_POSTGRES is 1.
func Postgres(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("REMIT_TEST_POSTGRES")
	if dsn == "" {
		if os.Getenv("REMIT_REQUIRE_POSTGRES") == "1" {
			t.Fatal("REMIT_TEST_POSTGRES is not set and REMIT_REQUIRE_POSTGRES is 1")
		}
		t.Skip("REMIT_TEST_POSTGRES is not set to the address of a PostgreSQL database")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("connect to REMIT_TEST_POSTGRES: %v", err)
	}
	schema := strings.ToLower(string(remit.NewID[remit.KeyID]("test", time.Unix(1_700_000_000, 0))))
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatalf("create a schema: %v", err)
	}
	t.Cleanup(func() {
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("drop the schema: %v", err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return dsn + separator + "search_path=" + schema
}

// Start is the time at which every test begins.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Open opens and migrates the database of an address, with a clock that stands
// at Start and the vault of a key file, which is made if need be. The store is
// closed when the test ends.
func Open(t testing.TB, dsn, vaultPath string) (*store.Store, *remit.FakeClock) {
	t.Helper()
	vault, err := store.NewFileVault(vaultPath)
	if err != nil {
		t.Fatalf("open the vault: %v", err)
	}
	clock := remit.NewFakeClock(Start)
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{
		DSN: dsn, Clock: clock, Vault: vault, PollInterval: 20 * time.Millisecond, SnapshotEvery: 10,
		PickupCode: func(r remit.Remittance, _ remit.RampOrderID) string { return pickupCodes().Text(string(r.ID)) },
	})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if err := s.Migrate(ctx); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s, clock
}
