package store

import (
	"context"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// numberedNotice is a notice on its way into the outbox.
type numberedNotice struct {
	number int64
	remit.Notice
}

const insertOutbox = "INSERT INTO outbox (number, remittance_id, kind, ref, status, reason, created_at, due_at, delivered_at) VALUES "

func (tx *Tx) writeNotices() []statement {
	rows := make([][]any, 0, len(tx.notices))
	for _, n := range tx.notices {
		rows = append(rows, []any{
			n.number, string(n.RemittanceID), string(n.Kind), n.Ref, n.Status, string(n.Reason), micros(tx.now), micros(tx.now), int64(0),
		})
	}
	return tx.writeRows(insertOutbox, "", 9, rows, false)
}

// PendingNotices returns undelivered notices whose time has come, oldest first.
func (s *Store) PendingNotices(ctx context.Context, limit int) ([]workflows.NumberedNotice, error) {
	var out []workflows.NumberedNotice
	err := s.query(ctx, "read the outbox", `SELECT number, remittance_id, kind, ref, status, reason FROM outbox
		WHERE delivered_at = 0 AND due_at <= $1 ORDER BY number LIMIT $2`,
		[]any{micros(s.clock.Now()), int64(max(limit, 0))}, func(row scanner) error {
			var n workflows.NumberedNotice
			err := row.Scan(&n.Number, &n.RemittanceID, &n.Kind, &n.Ref, &n.Status, &n.Reason)
			out = append(out, n)
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Delivered marks notices as delivered.
func (s *Store) Delivered(ctx context.Context, numbers []int64) error {
	return s.markNotices(ctx, "mark notices as delivered", "UPDATE outbox SET delivered_at = $1 WHERE delivered_at = 0 AND number IN (",
		s.clock.Now(), numbers)
}

// Postpone plans notices that could not be delivered for later.
func (s *Store) Postpone(ctx context.Context, numbers []int64, until time.Time) error {
	return s.markNotices(ctx, "postpone notices", "UPDATE outbox SET due_at = $1 WHERE delivered_at = 0 AND number IN (", until, numbers)
}

func (s *Store) markNotices(ctx context.Context, doing, text string, at time.Time, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	size := 1
	for size < len(numbers) {
		size *= 2
	}
	args := []any{micros(at)}
	for i := range size {
		args = append(args, numbers[min(i, len(numbers)-1)])
	}
	return s.write(ctx, doing, func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{sql: text + inList(2, size) + ")", args: args})
	})
}
