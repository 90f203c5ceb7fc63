// Package store keeps everything that lasts, in SQLite or PostgreSQL. It is the
// only package with SQL, and implements the stores that the other rooms
// declare: workflows.Book and workflows.Outbox, settlement.Store, ramps.Store
// and api.Store.
//
// [Open] one store per process:
//
//	s, err := store.Open(ctx, store.Options{DSN: "sqlite:remit.db", Clock: remit.SystemClock{}, Vault: vault, Logger: logger})
//	...
//	err = s.Migrate(ctx)
//
// One text of SQL serves both databases; what must differ is in a dialect.
//
// # The group committer
//
// Every change of money or state is a unit. One goroutine takes up to 128
// waiting units, reads what they name, runs them one after the other against
// that picture in memory (a [Tx]), writes what came of it with one statement
// per table, and commits once. A unit that is refused is undone in memory and
// fails alone; should the database itself refuse the group, its units are
// tried again one by one. A hot account costs one row write per group.
//
// The committer holds the lock of the row in heads (on SQLite: the database's
// write lock), so several processes on one PostgreSQL stay correct, only
// slower. Numbers of events, feed, outbox and journal are given under that
// lock: they have no gaps and grow in the order of commits, so a reader that
// follows them misses nothing.
//
// # Invariants
//
//   - A state changes along remit's table of lawful moves only, with its event,
//     entries, orders and notices, or not at all.
//   - Guarded balances never break their floor: refused in Go by ledger.Guard,
//     and in SQL by a CHECK.
//   - Rows that change carry a version, and a write names the version that it
//     read: a lost update is refused by the database.
//   - Identities, accounts, notes and stored responses are sealed; see [Vault].
package store
