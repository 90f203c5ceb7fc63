package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // The driver "pgx".
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/openremit/remit"
)

// dialect is all in which the databases differ.
type dialect struct {
	name string
	// begin starts the committer's transaction.
	begin string
	// tune is run once on the committer's connection.
	tune string
	// lock ends a SELECT whose rows are locked until the transaction ends.
	lock string
	// migrationLock keeps a second process out while migrations run; it is
	// taken in the transaction and released with it.
	migrationLock string
	// oneWriter: the database has one writing connection, so every write is a
	// unit of the committer. Otherwise writes that give out no numbers and move
	// no money run beside it.
	oneWriter bool
	// keepReads: the driver parses a query anew each time unless it was prepared.
	keepReads bool
	// maxParams is how many parameters a multi-row statement should have at most.
	maxParams int
	// pipelined: statements are sent together and answered together.
	pipelined bool
	// snapshot isolates a long read from concurrent commits.
	snapshot sql.TxOptions
	classify func(error) fault
}

// fault sorts an error of a database.
type fault uint8

const (
	faultOther fault = iota
	// faultUnique: a row with that key is there already.
	faultUnique
	// faultRule: a CHECK, NOT NULL or foreign key refused.
	faultRule
	// faultBusy: lost against another transaction; nothing was written.
	faultBusy
	// faultGone: the database cannot be reached, is full or shuts down.
	faultGone
)

var sqliteDialect = dialect{
	name: "sqlite", begin: "BEGIN IMMEDIATE", oneWriter: true, keepReads: true,
	// The driver looks for each parameter among all: its time grows with their square.
	maxParams: 64,
	snapshot:  sql.TxOptions{ReadOnly: true}, classify: classifySQLite,
}

var postgresDialect = dialect{
	name: "postgres", begin: "BEGIN",
	// The committer reads by key only. Its prepared statements are planned while
	// tables are small, and would keep scanning them when they have grown.
	tune: "SET enable_seqscan = off",
	lock: " FOR UPDATE", pipelined: true, maxParams: 16_000,
	migrationLock: "SELECT pg_advisory_xact_lock(7236481935)",
	snapshot:      sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}, classify: classifyPostgres,
}

// The sizes of the connection pools.
const (
	sqliteReaders       = 4
	postgresConnections = 16
)

// openDatabase opens the pools for reading and writing that a DSN names.
func openDatabase(ctx context.Context, dsn string) (d dialect, reads, writes *sql.DB, err error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok && path != "" {
		if strings.HasPrefix(path, ":memory:") {
			return d, nil, nil, remit.Invalid("dsn", remit.ReasonFieldInvalid, "the database must be a file: its readers have connections of their own")
		}
		reads, writes, err = openSQLite(ctx, path)
		return sqliteDialect, reads, writes, err
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			return d, nil, nil, remit.Invalid("dsn", remit.ReasonFieldInvalid, "the database address is malformed")
		}
		db.SetMaxOpenConns(postgresConnections)
		db.SetMaxIdleConns(postgresConnections)
		if err := db.PingContext(ctx); err != nil {
			return d, nil, nil, errors.Join(postgresDialect.mapError("connect to the database", err), db.Close())
		}
		return postgresDialect, db, db, nil
	}
	return d, nil, nil, remit.Invalid("dsn", remit.ReasonFieldInvalid, `the database address is not "sqlite:PATH" or "postgres://…"`)
}

// openSQLite opens one writing connection and a pool that can only read. The
// journal is a WAL synced at each commit: what was answered survives a power cut.
func openSQLite(ctx context.Context, path string) (reads, writes *sql.DB, err error) {
	pragmas := func(list ...string) string {
		v := url.Values{}
		for _, p := range append([]string{"busy_timeout(10000)", "foreign_keys(1)"}, list...) {
			v.Add("_pragma", p)
		}
		v.Set("_txlock", "immediate")
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
	}
	writes, err = sql.Open("sqlite", pragmas("journal_mode(WAL)", "synchronous(FULL)", "secure_delete(1)", "cache_size(-65536)"))
	if err != nil {
		return nil, nil, fmt.Errorf("open the database: %w", err)
	}
	writes.SetMaxOpenConns(1)
	if err := writes.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(sqliteDialect.mapError("open the database", err), writes.Close())
	}
	reads, err = sql.Open("sqlite", strings.Replace(pragmas("query_only(1)", "cache_size(-16384)"), "_txlock=immediate", "_txlock=deferred", 1))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the database: %w", err), writes.Close())
	}
	reads.SetMaxOpenConns(sqliteReaders)
	reads.SetMaxIdleConns(sqliteReaders)
	return reads, writes, nil
}

// mapError gives an error of the database its kind, once; nil stays nil, and
// an error that has a kind keeps it.
func (d dialect) mapError(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *remit.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return remit.Wrap(err, remit.KindUnavailable, remit.ReasonUnavailable, "the call ended before the database answered")
	}
	err = fmt.Errorf("%s: %w", doing, err)
	switch d.classify(err) {
	case faultUnique:
		return remit.Wrap(err, remit.KindConflict, remit.ReasonStateConflict, "it is there already or was changed meanwhile")
	case faultBusy, faultGone:
		return remit.Wrap(err, remit.KindUnavailable, remit.ReasonUnavailable, "the database cannot be used now; try again")
	case faultRule, faultOther:
		return remit.Wrap(err, remit.KindInternal, remit.ReasonInternal, "the database refused")
	default:
		return remit.Wrap(err, remit.KindInternal, remit.ReasonInternal, "the database refused")
	}
}

func classifySQLite(err error) fault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return classifyConnection(err)
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return faultUnique
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		return faultRule
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return faultBusy
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT:
		return faultGone
	default:
		return faultOther
	}
}

func classifyPostgres(err error) fault {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) {
			return faultGone
		}
		return classifyConnection(err)
	}
	switch {
	case e.Code == "23505":
		return faultUnique
	case strings.HasPrefix(e.Code, "23"):
		return faultRule
	case e.Code == "40001", e.Code == "40P01", e.Code == "55P03":
		return faultBusy
	case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "53"), strings.HasPrefix(e.Code, "57"):
		return faultGone
	default:
		return faultOther
	}
}
