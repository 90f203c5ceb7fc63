package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long closed workflows stay readable: long enough to look at
// last week's demonstration, short enough that the file does not grow for ever.
const retention = 7 * 24 * time.Hour

// databaseConfig opens the file in WAL with synchronous=normal, which is more
// than twice as fast as the default journal. A power cut may lose the last
// moments, never the file's consistency; a killed process loses nothing.
func databaseConfig(path string) *config.SQL {
	return &config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: path,
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			"synchronous":  "normal",
			"busy_timeout": "10000",
		},
		// One connection: the server starts its transactions as readers, and a
		// second connection would make their upgrade to writers fail at once.
		MaxConns:     1,
		MaxIdleConns: 1,
	}
}

// prepareDatabase makes the schema and the namespace where they are missing.
func prepareDatabase(ctx context.Context, cfg *config.SQL, cluster, namespace string) error {
	if err := setupSchema(ctx, cfg.DatabaseName); err != nil {
		return err
	}
	ns, err := sqliteschema.NewNamespaceConfig(cluster, namespace, false, nil)
	if err != nil {
		return fmt.Errorf("describe namespace: %w", err)
	}
	ns.Detail.Config.Retention = durationpb.New(retention)
	if err := sqliteschema.CreateNamespaces(cfg, ns); err != nil {
		return fmt.Errorf("create namespace: %w", err)
	}
	return nil
}

// setupSchema runs the server's schema in one transaction, so that a process
// killed on its first start leaves an empty file and not half a schema.
func setupSchema(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=rwc&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)")
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	defer func() { _ = tx.Rollback() }()

	// The file remembers whose schema it holds. Development data is not worth a
	// migration: a file of another version is refused with what to do.
	want := sqliteschema.Version + "/" + sqliteschema.VisibilityVersion
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS temporald_schema (version TEXT NOT NULL)`); err != nil {
		return fmt.Errorf("open database %s: %w", path, err)
	}
	var got string
	switch err := tx.QueryRowContext(ctx, `SELECT version FROM temporald_schema`).Scan(&got); {
	case err == nil && got == want:
		return nil
	case err == nil:
		return fmt.Errorf("database %s holds schema %s and this server needs %s: delete the file to start afresh", path, got, want)
	case err != sql.ErrNoRows:
		return fmt.Errorf("read schema version: %w", err)
	}
	if err := sqliteschema.SetupSchemaOnDB(schemaTx{ctx: ctx, tx: tx}); err != nil {
		return fmt.Errorf("set up schema: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO temporald_schema (version) VALUES ($1)`, want); err != nil {
		return fmt.Errorf("write schema version: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("set up schema: %w", err)
	}
	return nil
}

// schemaTx lends a transaction to the server's schema set-up, which only ever
// calls Exec. Any other method would meet the nil interface and panic, which
// the first start after an upgrade would show.
type schemaTx struct {
	sqlplugin.AdminDB
	ctx context.Context
	tx  *sql.Tx
}

func (s schemaTx) Exec(stmt string, args ...any) error {
	_, err := s.tx.ExecContext(s.ctx, stmt, args...)
	return err
}
