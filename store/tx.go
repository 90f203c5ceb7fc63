package store

import (
	"context"
	"fmt"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// Tx is a group's view of the database: rows read once and changed in memory,
// and what is appended. Units see one another's changes in their order.
type Tx struct {
	// now is the time of everything the group writes.
	now time.Time
	run runner
	log *undoLog
	// maxParams bounds the parameters of one multi-row statement.
	maxParams int
	// broken is why the group cannot go on: the database erred while reading.
	broken error

	head      head
	headMoved bool

	remittances *cells[remit.RemittanceID, remittanceRow]
	quotes      *cells[remit.QuoteID, quoteRow]
	keys        *cells[string, ledger.Hash]
	balances    *cells[string, balanceRow]
	holds       *cells[remit.HoldID, holdRow]
	rampOrders  *cells[remit.RampOrderID, ramps.Order]
	orders      *cells[remit.OrderID, settlement.Order]
	attempts    *cells[remit.AttemptID, settlement.Attempt]
	decisions   *cells[remit.DecisionID, compliance.Decision]
	cases       *cells[remit.CaseID, caseRow]
	caseAlerts  *cells[string, alertRow]

	// levels are the service levels of cases.
	levels compliance.ServiceLevels

	// What is appended to the files of cases: the parameters of each row.
	caseEvents, documents, dispositions [][]any

	// counter has the rows of the counters, nil until a unit asks for one.
	counter *counterCells

	records []ledger.Record
	events  []remit.Event
	notices []numberedNotice
}

// head is the row of counters.
type head struct {
	seq    int64
	hash   ledger.Hash
	feed   int64
	notice int64
}

// needs name the rows that a unit will look at, so that a group reads them all
// at once. What is left out is read when it is asked for.
type needs struct {
	remittances []remit.RemittanceID
	quotes      []remit.QuoteID
	keys        []string
	balances    []ledger.AccountAsset
	holds       []remit.HoldID
	rampOrders  []remit.RampOrderID
	orders      []remit.OrderID
	attempts    []remit.AttemptID
	decisions   []remit.DecisionID
	cases       []remit.CaseID
}

func newTx(now time.Time, run runner, maxParams int) *Tx {
	log := &undoLog{}
	return &Tx{
		now: now, run: run, log: log, maxParams: maxParams,
		remittances: newCells(log, selectRemittances+" WHERE r.id IN (", ")", fillRemittance),
		quotes:      newCells(log, selectQuotes+" WHERE id IN (", ")", fillQuote),
		keys:        newCells(log, "SELECT key, input_hash FROM journal WHERE key IN (", ")", fillKey),
		balances:    newCells(log, "SELECT id, account, asset, posted, held, version FROM balances WHERE id IN (", ")", fillBalance),
		holds:       newCells(log, selectHolds, ") ORDER BY p.seq, p.place", fillHold),
		rampOrders:  newCells(log, selectRampOrders+" WHERE id IN (", ")", fillRampOrder),
		orders:      newCells(log, selectOrders+" WHERE id IN (", ")", fillOrder),
		attempts:    newCells(log, selectAttemptsOrders+" WHERE a.id IN (", ") ORDER BY a.id, o.place", fillAttempt),
		decisions:   newCells(log, selectDecisions+" WHERE id IN (", ")", fillDecision),
		cases:       newCells(log, selectCases+" WHERE id IN (", ")", fillCase),
		caseAlerts:  newCells(log, selectAlerts+" WHERE id IN (", ")", fillAlert),
	}
}

// reading returns the statements that read what units need.
func (tx *Tx) reading(list []needs) []statement {
	var all needs
	var balances []string
	for _, n := range list {
		all.remittances = append(all.remittances, n.remittances...)
		all.quotes = append(all.quotes, n.quotes...)
		all.keys = append(all.keys, n.keys...)
		all.holds = append(all.holds, n.holds...)
		all.rampOrders = append(all.rampOrders, n.rampOrders...)
		all.orders = append(all.orders, n.orders...)
		all.attempts = append(all.attempts, n.attempts...)
		all.decisions = append(all.decisions, n.decisions...)
		all.cases = append(all.cases, n.cases...)
		for _, key := range n.balances {
			balances = append(balances, balanceID(key))
		}
	}
	var out []statement
	out = append(out, tx.remittances.reading(all.remittances)...)
	out = append(out, tx.quotes.reading(all.quotes)...)
	out = append(out, tx.keys.reading(all.keys)...)
	out = append(out, tx.balances.reading(balances)...)
	out = append(out, tx.holds.reading(all.holds)...)
	out = append(out, tx.rampOrders.reading(all.rampOrders)...)
	out = append(out, tx.orders.reading(all.orders)...)
	out = append(out, tx.attempts.reading(all.attempts)...)
	out = append(out, tx.decisions.reading(all.decisions)...)
	return append(out, tx.cases.reading(all.cases)...)
}

// read runs queries in the group's transaction. An error ends the group: the
// transaction may be unusable.
func (tx *Tx) read(ctx context.Context, list ...statement) error {
	if len(list) == 0 {
		return nil
	}
	if err := tx.run.run(ctx, list...); err != nil {
		tx.broken = fmt.Errorf("read: %w", err)
		return tx.broken
	}
	return nil
}

// event appends a fact to a remittance's history, counts it on the row and
// gives it its place in the feed. The row is put back by the caller.
func (tx *Tx) event(r *remit.Remittance, kind string, reason remit.Reason, facts map[string]string) {
	r.LastEvent++
	r.UpdatedAt = tx.now
	tx.moveHead(func(h *head) { h.feed++ })
	list(tx.log, &tx.events, remit.Event{
		RemittanceID: r.ID, TenantID: r.TenantID, Number: r.LastEvent, Feed: tx.head.feed, Type: kind,
		State: r.State, Funds: r.Funds, Reason: reason, At: tx.now, Facts: facts,
	})
}

// notice appends a notice to the outbox.
func (tx *Tx) notice(n remit.Notice) {
	tx.moveHead(func(h *head) { h.notice++ })
	list(tx.log, &tx.notices, numberedNotice{number: tx.head.notice, Notice: n})
}

// moveHead changes the counters, undone with the unit.
func (tx *Tx) moveHead(change func(*head)) {
	before, moved := tx.head, tx.headMoved
	change(&tx.head)
	tx.headMoved = true
	tx.log.add(func() { tx.head, tx.headMoved = before, moved })
}

// lockHead reads the counters and makes this the committer of the moment.
func (tx *Tx) lockHead(d dialect) statement {
	return statement{
		sql: "SELECT journal_seq, journal_hash, feed, notice FROM heads WHERE id = 1" + d.lock,
		each: func(row scanner) error {
			var hash []byte
			if err := row.Scan(&tx.head.seq, &hash, &tx.head.feed, &tx.head.notice); err != nil {
				return err
			}
			copy(tx.head.hash[:], hash)
			return nil
		},
	}
}

// writing returns the statements that write all that the units changed.
func (tx *Tx) writing() []statement {
	out := tx.writeQuotes()
	out = append(out, tx.writeRemittances()...)
	out = append(out, tx.writeEvents()...)
	out = append(out, tx.writeJournal()...)
	out = append(out, tx.writeHolds()...)
	out = append(out, tx.writeBalances()...)
	out = append(out, tx.writeRampOrders()...)
	out = append(out, tx.writeOrders()...)
	out = append(out, tx.writeAttempts()...)
	out = append(out, tx.writeDecisions()...)
	out = append(out, tx.writeCases()...)
	out = append(out, tx.writeCounter()...)
	out = append(out, tx.writeNotices()...)
	if tx.headMoved {
		out = append(out, statement{
			sql:  "UPDATE heads SET journal_seq = $1, journal_hash = $2, feed = $3, notice = $4 WHERE id = 1",
			args: []any{tx.head.seq, tx.head.hash[:], tx.head.feed, tx.head.notice}, want: 1,
		})
	}
	return out
}

// changedRows builds the parameter rows of a table's changed cells.
func changedRows[K ~string, V any](c *cells[K, V], keys []K, values func(K, V) []any) [][]any {
	rows := make([][]any, 0, len(keys))
	for _, k := range keys {
		row := c.rows[k]
		rows = append(rows, append(values(k, row.value), row.version+1))
	}
	return rows
}
