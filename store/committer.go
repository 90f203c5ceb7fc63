package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/openremit/remit"
)

// The limits of the committer.
const (
	// maxGroup is how many units one transaction commits.
	maxGroup = 128
	// maxWaiting is how many units may wait before callers wait to wait.
	maxWaiting = 1024
	// groupTimeout bounds one group's transaction.
	groupTimeout = 30 * time.Second
	// maxTries is how often a group is tried that lost against another process.
	maxTries = 5
)

// unit is one caller's work: whole or not at all.
type unit struct {
	needs needs
	// work changes rows in memory; it may be called again if the group is tried
	// again, and must then start from nothing.
	work func(ctx context.Context, tx *Tx) error
	// plain, instead of work, runs statements at once inside a savepoint.
	plain func(ctx context.Context, run runner) error
	// taken is set by who gets the unit first: the committer, or the caller who
	// gives up.
	taken atomic.Bool
	done  chan error
}

// committer commits units in groups, one group at a time.
type committer struct {
	store   *Store
	queue   chan *unit
	quit    chan struct{}
	stopped chan struct{}
	once    sync.Once

	conn *sql.Conn
	run  runner
}

func newCommitter(s *Store) *committer {
	c := &committer{
		store: s, queue: make(chan *unit, maxWaiting),
		quit: make(chan struct{}), stopped: make(chan struct{}),
	}
	go c.loop()
	return c
}

// commit has a unit committed. If ctx ends while the unit waits it is dropped;
// once it was taken up, commit waits for its outcome, which is never long.
func (s *Store) commit(ctx context.Context, doing string, n needs, work func(context.Context, *Tx) error) error {
	return s.commits.submit(ctx, doing, &unit{needs: n, work: work})
}

// write runs statements in one transaction of their own: they give out no
// numbers and touch no row that the committer writes.
func (s *Store) write(ctx context.Context, doing string, plain func(context.Context, runner) error) error {
	if s.dialect.oneWriter {
		return s.commits.submit(ctx, doing, &unit{plain: plain})
	}
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return s.dialect.mapError(doing, err)
	}
	if err := plain(ctx, txRunner{tx}); err != nil {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
		return s.dialect.mapError(doing, err)
	}
	return s.dialect.mapError(doing, tx.Commit())
}

func (c *committer) submit(ctx context.Context, doing string, u *unit) error {
	u.done = make(chan error, 1)
	closed := remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable, "the store is closed")
	if ctx.Err() != nil {
		return c.store.dialect.mapError(doing, ctx.Err())
	}
	select {
	case c.queue <- u:
	case <-c.quit:
		return closed
	case <-ctx.Done():
		return c.store.dialect.mapError(doing, ctx.Err())
	}
	for {
		select {
		case err := <-u.done:
			return c.store.dialect.mapError(doing, err)
		case <-ctx.Done():
			if u.taken.CompareAndSwap(false, true) {
				return c.store.dialect.mapError(doing, ctx.Err())
			}
			return c.store.dialect.mapError(doing, <-u.done)
		case <-c.stopped:
			if u.taken.CompareAndSwap(false, true) {
				return closed
			}
			return c.store.dialect.mapError(doing, <-u.done)
		}
	}
}

func (c *committer) stop() {
	c.once.Do(func() { close(c.quit) })
	<-c.stopped
}

func (c *committer) loop() {
	defer close(c.stopped)
	defer c.disconnect()
	for {
		var first *unit
		select {
		case <-c.quit:
			return
		case first = <-c.queue:
		}
		group := make([]*unit, 0, maxGroup)
		for u := first; u != nil; {
			if u.taken.CompareAndSwap(false, true) {
				group = append(group, u)
			}
			u = nil
			if len(group) < maxGroup {
				select {
				case u = <-c.queue:
				default:
				}
			}
		}
		c.commit(group)
	}
}

// commit commits a group and answers its callers. If the database refuses the
// group as a whole, each unit is tried alone.
func (c *committer) commit(group []*unit) {
	if len(group) == 0 {
		return
	}
	errs, err := c.try(group)
	switch {
	case err == nil:
		for i, u := range group {
			u.done <- errs[i]
		}
	case len(group) == 1 || c.store.dialect.classify(err) == faultGone:
		for _, u := range group {
			u.done <- err
		}
	default:
		c.store.log.Warn("group refused, its units are tried alone", "units", len(group), "error", err.Error())
		for _, u := range group {
			c.commit([]*unit{u})
		}
	}
}

// errNotBegun: the group's transaction did not begin; nothing can have happened.
var errNotBegun = errors.New("begin a transaction")

// try commits a group, again when it lost against another process, and once
// more when it did not begin, as with a connection that died while idle. The
// first result has each unit's own error; the second is the group's.
func (c *committer) try(group []*unit) (errs []error, err error) {
	for i := range maxTries {
		ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
		errs, err = c.transact(ctx, group)
		cancel()
		again := i == 0 && errors.Is(err, errNotBegun) || c.store.dialect.classify(err) == faultBusy
		if err == nil || !again {
			return errs, err
		}
	}
	return errs, err
}

// transact runs the group in one transaction.
func (c *committer) transact(ctx context.Context, group []*unit) (errs []error, err error) {
	if err := c.connect(ctx); err != nil {
		return nil, errors.Join(errNotBegun, err)
	}
	ended := false
	defer func() {
		if !ended {
			c.rollback()
		}
	}()
	tx := newTx(c.store.clock.Now(), c.run, c.store.dialect.maxParams)
	tx.levels = c.store.levels
	wants := make([]needs, 0, len(group))
	for _, u := range group {
		wants = append(wants, u.needs)
	}
	start := []statement{{sql: c.store.dialect.begin}}
	if slices.ContainsFunc(group, func(u *unit) bool { return u.plain == nil }) {
		// A group of plain statements alone needs no head: migrations run
		// before there is one.
		start = append(start, tx.lockHead(c.store.dialect))
	}
	start = append(start, tx.reading(wants)...)
	if err := c.run.run(ctx, start...); err != nil {
		return nil, errors.Join(errNotBegun, err)
	}
	errs = make([]error, len(group))
	for i, u := range group {
		if u.plain != nil {
			errs[i], err = c.inSavepoint(ctx, u)
			if err != nil {
				return nil, err
			}
			continue
		}
		errs[i] = guarded(func() error { return u.work(ctx, tx) })
		if tx.broken != nil {
			return nil, tx.broken
		}
		if errs[i] != nil {
			tx.log.rollback()
		}
		tx.log.steps = nil
	}
	if err := c.run.run(ctx, tx.writing()...); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	// Not sent along with the writes: a write that changed fewer rows than it
	// must is no error to the database, and must not be committed.
	if err := c.run.run(ctx, statement{sql: "COMMIT"}); err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	ended = true
	c.announce(tx)
	return errs, nil
}

// inSavepoint runs a plain unit so that it is undone alone. The second error
// is the group's.
func (c *committer) inSavepoint(ctx context.Context, u *unit) (unitErr, groupErr error) {
	if err := c.run.run(ctx, statement{sql: "SAVEPOINT one_unit"}); err != nil {
		return nil, err
	}
	unitErr = guarded(func() error { return u.plain(ctx, c.run) })
	if unitErr != nil {
		if err := c.run.run(ctx, statement{sql: "ROLLBACK TO SAVEPOINT one_unit"}); err != nil {
			return nil, errors.Join(unitErr, err)
		}
	}
	return unitErr, c.run.run(ctx, statement{sql: "RELEASE SAVEPOINT one_unit"})
}

// guarded turns a panic of a caller's function into its own error: it must not
// take the other units with it.
func guarded(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = remit.Errorf(remit.KindInternal, remit.ReasonInternal, "a unit of work panicked: %v", cause)
		}
	}()
	return work()
}

// announce wakes who waits for what the group wrote.
func (c *committer) announce(tx *Tx) {
	if len(tx.events) > 0 || tx.counter != nil && len(tx.counter.facts) > 0 {
		c.store.news.announce()
	}
	if len(tx.notices) > 0 {
		select {
		case c.store.arrived <- struct{}{}:
		default:
		}
	}
}

func (c *committer) connect(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.store.writes.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c.conn = conn
	if tune := c.store.dialect.tune; tune != "" {
		if _, err := conn.ExecContext(ctx, tune); err != nil {
			c.disconnect()
			return fmt.Errorf("connect: %w", err)
		}
	}
	if c.store.dialect.pipelined {
		c.run = &pipelineRunner{conn: conn}
	} else {
		c.run = &preparedRunner{conn: conn, prepared: make(map[string]*sql.Stmt)}
	}
	return nil
}

// rollback ends a transaction that did not commit. A connection that cannot
// even do that is given up.
func (c *committer) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	if c.conn == nil {
		return
	}
	if _, err := c.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		c.store.log.Warn("roll back a group", "error", err.Error())
		// A connection whose transaction may be open must not serve again.
		if err := c.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
			c.store.log.Warn("give up a connection", "error", fmt.Sprint(err))
		}
		c.disconnect()
	}
}

func (c *committer) disconnect() {
	if c.conn == nil {
		return
	}
	if prepared, ok := c.run.(*preparedRunner); ok {
		for _, stmt := range prepared.prepared {
			if err := stmt.Close(); err != nil {
				c.store.log.Warn("close a statement", "error", err.Error())
			}
		}
	}
	if err := c.conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		c.store.log.Warn("close the committer's connection", "error", err.Error())
	}
	c.conn, c.run = nil, nil
}
