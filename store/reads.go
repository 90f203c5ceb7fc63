package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// readPool is the connections for reading, with the statements that were read
// before: parsing one costs SQLite more than most reads do.
type readPool struct {
	*sql.DB
	// keeps is false where the driver keeps statements itself.
	keeps bool
	mu    sync.RWMutex
	kept  map[string]*sql.Stmt
}

func newReadPool(db *sql.DB, keeps bool) *readPool {
	return &readPool{DB: db, keeps: keeps, kept: make(map[string]*sql.Stmt)}
}

// rows runs a query outside any transaction.
func (p *readPool) rows(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if !p.keeps {
		return p.QueryContext(ctx, text, args...)
	}
	stmt, err := p.statement(ctx, text) //nolint:sqlclosecheck // kept until the pool closes
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return p.QueryContext(ctx, text, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// statement returns the kept statement of a text, or nil when there is no room
// to keep one more.
func (p *readPool) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.RLock()
	stmt := p.kept[text]
	full := len(p.kept) >= maxPrepared
	p.mu.RUnlock()
	if stmt != nil || full {
		return stmt, nil
	}
	// Prepared outside the lock: it may wait for a connection.
	stmt, err := p.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.kept[text]; other != nil {
		return other, stmt.Close() //nolint:sqlclosecheck // somebody else was quicker
	}
	p.kept[text] = stmt
	return stmt, nil
}

// Close closes the statements and the connections.
func (p *readPool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, stmt := range p.kept {
		errs = append(errs, stmt.Close())
	}
	clear(p.kept)
	return errors.Join(append(errs, p.DB.Close())...)
}

// query reads rows outside any transaction.
func (s *Store) query(ctx context.Context, doing, text string, args []any, each func(scanner) error) error {
	rows, err := s.reads.rows(ctx, text, args)
	if err != nil {
		return s.dialect.mapError(doing, err)
	}
	return s.dialect.mapError(doing, eachRow(rows, each))
}
