package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/openremit/remit"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration is one step forward of the tables.
type migration struct {
	version int64
	name    string
	text    string
}

// Migrate brings the tables to the newest version, each step in a transaction
// of its own. It is safe when several processes start at once, and does
// nothing when there is nothing to do. Errors: precondition when the database
// is of a newer release than this program.
func (s *Store) Migrate(ctx context.Context) error {
	steps, err := readMigrations()
	if err != nil {
		return err
	}
	err = s.write(ctx, "prepare migrations", func(ctx context.Context, run runner) error {
		return s.locked(ctx, run, statement{sql: `CREATE TABLE IF NOT EXISTS versions (
			version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)`})
	})
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := s.migrate(ctx, step, steps[len(steps)-1].version); err != nil {
			return err
		}
	}
	return nil
}

// locked runs statements while no other process migrates.
func (s *Store) locked(ctx context.Context, run runner, list ...statement) error {
	if s.dialect.migrationLock != "" {
		list = append([]statement{{sql: s.dialect.migrationLock}}, list...)
	}
	return run.run(ctx, list...)
}

// migrate takes one step unless it was taken. The schema of a step must not be
// prepared before it exists, so its statements are run one by one.
func (s *Store) migrate(ctx context.Context, step migration, newest int64) error {
	return s.write(ctx, "migrate to "+step.name, func(ctx context.Context, run runner) error {
		var have, highest int64
		err := s.locked(ctx, run, statement{
			sql:  "SELECT COALESCE(MAX(version), 0), COALESCE(MAX(CASE WHEN version = $1 THEN 1 ELSE 0 END), 0) FROM versions",
			args: []any{step.version},
			each: func(row scanner) error { return row.Scan(&highest, &have) },
		})
		if err != nil {
			return err
		}
		if highest > newest {
			return remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict,
				"the database is at version %d and this program knows %d: use the newer release", highest, newest)
		}
		if have == 1 {
			return nil
		}
		for _, text := range splitStatements(step.text) {
			if err := run.run(ctx, statement{sql: text}); err != nil {
				return fmt.Errorf("%s: %w", firstLine(text), err)
			}
		}
		return run.run(ctx, statement{
			sql:  "INSERT INTO versions (version, name, applied_at) VALUES ($1, $2, $3)",
			args: []any{step.version, step.name, micros(s.clock.Now())},
		})
	})
}

// readMigrations reads the embedded steps in order: NNNN_name.sql. A number may
// be missing: its step is taken when a release brings it.
func readMigrations() ([]migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var out []migration
	last := int64(0)
	for _, name := range names {
		base := strings.TrimSuffix(strings.TrimPrefix(name, "migrations/"), ".sql")
		number, _, ok := strings.Cut(base, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil || !ok || version <= last {
			return nil, fmt.Errorf("migration %s is no NNNN_name.sql after number %d", name, last)
		}
		last = version
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		out = append(out, migration{version: version, name: base, text: string(text)})
	}
	if len(out) == 0 {
		return nil, errors.New("no migrations are embedded")
	}
	return out, nil
}

// splitStatements cuts a migration where a line ends in a semicolon, and drops
// its comment lines.
func splitStatements(text string) []string {
	var out []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "--") {
			continue
		}
		b.WriteString(line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			out = append(out, strings.TrimSuffix(strings.TrimSpace(b.String()), ";"))
			b.Reset()
		}
	}
	return out
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
