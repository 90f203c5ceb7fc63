package store

import (
	"context"
	"time"
)

// Wait is how much of one kind waits for somebody outside to act, and since when.
type Wait struct {
	// What is notice, attempt, order or ramp_order.
	What  string
	Count int64
	// Oldest is since when the oldest waits, zero where nothing does.
	Oldest time.Time
}

// waits are the statements of Waits, each of which an index of what is open answers.
var waits = []struct {
	what, text string
	// timed says that it asks for what is due by now.
	timed bool
}{
	// Not delivered to the workflow of its remittance.
	{"notice", "SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM outbox WHERE delivered_at = 0", false},
	// Signed, and not known to have taken effect or never to do so.
	{"attempt", "SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM attempts WHERE status IN ('signed', 'sent')", false},
	// In no transaction though its time has come.
	{"order", "SELECT COUNT(*), COALESCE(MIN(due_at), 0) FROM orders WHERE status = 'queued' AND due_at <= $1", true},
	// Not taken by its provider as far as is known.
	{"ramp_order", `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM ramp_orders
		WHERE status IN ('queued', 'unknown', 'accepted') AND status <> 'accepted'`, false},
}

// Waits tells what waits for somebody outside: Temporal, a chain, a provider.
// None of it is given up, so that somebody must look when it waits for long.
func (s *Store) Waits(ctx context.Context) ([]Wait, error) {
	out := make([]Wait, 0, len(waits))
	for _, w := range waits {
		found := Wait{What: w.what}
		var args []any
		if w.timed {
			args = append(args, micros(s.clock.Now()))
		}
		err := s.query(ctx, "read what waits", w.text, args, func(row scanner) error {
			var oldest int64
			err := row.Scan(&found.Count, &oldest)
			found.Oldest = fromMicros(oldest)
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found)
	}
	return out, nil
}
