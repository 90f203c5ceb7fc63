package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// scanner is a row of either database.
type scanner interface{ Scan(dest ...any) error }

// statement is one piece of work for a database.
type statement struct {
	sql  string
	args []any
	// each takes a row of a query; nil for a statement without rows.
	each func(scanner) error
	// affected, if given, receives the number of rows that were written.
	affected *int64
	// want, if positive, is how many rows must be written, or the statement has
	// lost a race: errLostUpdate.
	want int64
}

// errLostUpdate: a row is not at the version that was read.
var errLostUpdate = errors.New("a row was changed by somebody else")

// runner runs statements in order, in a transaction that somebody else ends.
type runner interface {
	run(ctx context.Context, list ...statement) error
}

func (s statement) check(affected int64) error {
	if s.affected != nil {
		*s.affected = affected
	}
	if s.want > 0 && affected != s.want {
		return fmt.Errorf("%w: %d rows written, want %d", errLostUpdate, affected, s.want)
	}
	return nil
}

// preparedRunner runs statements on one connection one by one, prepared once.
type preparedRunner struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

// maxPrepared bounds the prepared statements that a connection keeps.
const maxPrepared = 512

func (p *preparedRunner) run(ctx context.Context, list ...statement) error {
	for _, st := range list {
		stmt, err := p.prepare(ctx, st.sql) //nolint:sqlclosecheck // kept prepared for the connection; prepare closes the oldest
		if err != nil {
			return err
		}
		if st.each == nil {
			result, err := stmt.ExecContext(ctx, st.args...)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			if err := st.check(n); err != nil {
				return err
			}
			continue
		}
		rows, err := stmt.QueryContext(ctx, st.args...)
		if err != nil {
			return err
		}
		if err := eachRow(rows, st.each); err != nil {
			return err
		}
	}
	return nil
}

func (p *preparedRunner) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := p.prepared[text]; ok {
		return stmt, nil
	}
	if len(p.prepared) >= maxPrepared {
		for old, stmt := range p.prepared {
			if err := stmt.Close(); err != nil {
				return nil, err
			}
			delete(p.prepared, old)
		}
	}
	stmt, err := p.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.prepared[text] = stmt
	return stmt, nil
}

// eachRow hands every row on and closes the rows.
func eachRow(rows *sql.Rows, each func(scanner) error) error {
	for rows.Next() {
		if err := each(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	if err := rows.Err(); err != nil {
		return errors.Join(err, rows.Close())
	}
	return rows.Close()
}

// pipelineRunner sends all statements at once and reads the answers after: one
// round trip however many there are.
type pipelineRunner struct{ conn *sql.Conn }

func (p *pipelineRunner) run(ctx context.Context, list ...statement) error {
	if len(list) == 0 {
		return nil
	}
	return p.conn.Raw(func(raw any) error {
		c, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("connection is a %T, want one of pgx", raw)
		}
		batch := &pgx.Batch{}
		for _, st := range list {
			batch.Queue(st.sql, st.args...)
		}
		results := c.Conn().SendBatch(ctx, batch)
		for _, st := range list {
			if err := readResult(results, st); err != nil {
				return errors.Join(err, results.Close())
			}
		}
		return results.Close()
	})
}

func readResult(results pgx.BatchResults, st statement) error {
	if st.each == nil {
		tag, err := results.Exec()
		if err != nil {
			return err
		}
		return st.check(tag.RowsAffected())
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := st.each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// txRunner runs statements one by one in a database/sql transaction.
type txRunner struct{ tx *sql.Tx }

func (t txRunner) run(ctx context.Context, list ...statement) error {
	for _, st := range list {
		if st.each == nil {
			result, err := t.tx.ExecContext(ctx, st.sql, st.args...)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			if err := st.check(n); err != nil {
				return err
			}
			continue
		}
		rows, err := t.tx.QueryContext(ctx, st.sql, st.args...)
		if err != nil {
			return err
		}
		if err := eachRow(rows, st.each); err != nil {
			return err
		}
	}
	return nil
}

// classifyConnection sorts errors that are not a database's own.
func classifyConnection(err error) fault {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return faultGone
	}
	if errors.Is(err, errLostUpdate) {
		return faultBusy
	}
	return faultOther
}

// maxRowsPerStatement bounds a multi-row statement. Its sizes are powers of two,
// so that few texts are prepared whatever the number of rows.
const maxRowsPerStatement = 128

// writeRows makes the statements that write rows: head, then a tuple of
// parameters per row, then tail. With checked, every row must be written.
func (tx *Tx) writeRows(head, tail string, width int, rows [][]any, checked bool) []statement {
	var out []statement
	for len(rows) > 0 {
		n := maxRowsPerStatement
		for n > 1 && (n > len(rows) || n*width > tx.maxParams) {
			n /= 2
		}
		st := statement{sql: multiRow(head, tail, width, n), args: make([]any, 0, n*width)}
		for _, row := range rows[:n] {
			st.args = append(st.args, row...)
		}
		if checked {
			st.want = int64(n)
		}
		out = append(out, st)
		rows = rows[n:]
	}
	return out
}

// multiRowKey names a text in the cache.
type multiRowKey struct {
	head, tail  string
	width, rows int
}

var multiRowTexts sync.Map // multiRowKey → string

func multiRow(head, tail string, width, rows int) string {
	key := multiRowKey{head, tail, width, rows}
	if text, ok := multiRowTexts.Load(key); ok {
		return text.(string) //nolint:forcetypeassert // only strings are stored
	}
	var b strings.Builder
	b.WriteString(head)
	n := 0
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		for j := range width {
			n++
			if j == 0 {
				b.WriteByte('(')
			} else {
				b.WriteByte(',')
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(')')
	}
	b.WriteString(tail)
	text := b.String()
	multiRowTexts.Store(key, text)
	return text
}

// inList writes $1,$2,… for a padded list of n values that starts at first.
func inList(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	return b.String()
}

// padded returns the keys as parameters, repeated up to a power of two.
func padded[K ~string](keys []K) []any {
	size := 1
	for size < len(keys) {
		size *= 2
	}
	out := make([]any, size)
	for i := range out {
		out[i] = string(keys[min(i, len(keys)-1)])
	}
	return out
}
