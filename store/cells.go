package store

import (
	"context"
	"slices"
)

// cells are the rows of one table as a group of units sees them: read once,
// changed in memory, written at the end.
type cells[K ~string, V any] struct {
	log *undoLog
	// text is the SELECT up to the list of keys, tail what follows it.
	text, tail string
	// fill takes one row of the SELECT.
	fill func(c *cells[K, V], row scanner) error
	rows map[K]*cell[V]
	// changed lists the keys to write, in the order of their first change.
	changed []K
}

// cell is one row: as it is now in memory, and whether the database has it.
type cell[V any] struct {
	value   V
	exists  bool
	changed bool
	// version is the version that was read, 0 for a row that is not there.
	version int64
}

// undoLog takes back the changes of a unit that was refused.
type undoLog struct{ steps []func() }

func (l *undoLog) add(step func()) { l.steps = append(l.steps, step) }

func (l *undoLog) rollback() {
	for _, step := range slices.Backward(l.steps) {
		step()
	}
	l.steps = nil
}

func newCells[K ~string, V any](log *undoLog, text, tail string, fill func(*cells[K, V], scanner) error) *cells[K, V] {
	return &cells[K, V]{log: log, text: text, tail: tail, fill: fill, rows: make(map[K]*cell[V])}
}

// reading returns the statement that reads those of the keys that are not in
// memory yet, in the order of keys, or none.
func (c *cells[K, V]) reading(keys []K) []statement {
	var missing []K
	for _, k := range keys {
		if _, known := c.rows[k]; !known && k != "" {
			c.rows[k] = &cell[V]{}
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	args := padded(missing)
	return []statement{{
		sql: c.text + inList(1, len(args)) + c.tail, args: args,
		each: func(row scanner) error { return c.fill(c, row) },
	}}
}

// loaded puts a row that was read into memory.
func (c *cells[K, V]) loaded(k K, v V, version int64) {
	c.rows[k] = &cell[V]{value: v, exists: true, version: version}
}

// put changes a row in memory; k must have been read.
func (c *cells[K, V]) put(k K, v V) {
	row, known := c.rows[k]
	if !known {
		row = &cell[V]{}
		c.rows[k] = row
	}
	before := *row
	if !row.changed {
		c.changed = append(c.changed, k)
	}
	row.value, row.exists, row.changed = v, true, true
	c.log.add(func() {
		*row = before
		if !before.changed {
			c.changed = c.changed[:len(c.changed)-1]
		}
	})
}

// peek returns a row that is in memory.
func (c *cells[K, V]) peek(k K) (V, bool) {
	if row, known := c.rows[k]; known && row.exists {
		return row.value, true
	}
	var none V
	return none, false
}

// get returns a row, reading it if it is not in memory.
func get[K ~string, V any](ctx context.Context, tx *Tx, c *cells[K, V], k K) (V, bool, error) {
	if err := tx.read(ctx, c.reading([]K{k})...); err != nil {
		var none V
		return none, false, err
	}
	v, ok := c.peek(k)
	return v, ok, nil
}

// list appends to a list that is written at the end, undone with the unit.
func list[T any](log *undoLog, items *[]T, item T) {
	n := len(*items)
	*items = append(*items, item)
	log.add(func() { *items = (*items)[:n] })
}
