package store

import (
	"context"
	"time"
)

const (
	// defaultRetention is how long is kept what nobody reads any more.
	defaultRetention = 30 * 24 * time.Hour
	// forgetEvery is the time between two rounds of forgetting, and forgetRows
	// how many rows are looked at, and forgotten, at a time.
	forgetEvery = time.Hour
	forgetRows  = 64
)

// Forget forgets delivered notices and recorded callbacks that are older than
// the store's retention, every hour until ctx ends. Notices that were not
// delivered are kept however old they are.
func (s *Store) Forget(ctx context.Context) error {
	ticker := time.NewTicker(forgetEvery)
	defer ticker.Stop()
	for {
		before := s.clock.Now().Add(-s.retention)
		for what, forget := range map[string]func(context.Context, time.Time) (int64, error){
			"notices": s.ForgetNotices, "callbacks": s.ForgetCallbacks,
		} {
			if n, err := forget(ctx, before); err != nil && ctx.Err() == nil {
				s.log.Error("forget what is old", "what", what, "forgotten", n, "error", err.Error())
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// ForgetNotices deletes the notices that were delivered before a time, and
// returns how many it was. Notices are numbered as they are written: it walks
// from the oldest, some at a time, to the first that was written after it.
func (s *Store) ForgetNotices(ctx context.Context, before time.Time) (forgotten int64, err error) {
	for after := int64(0); ; {
		var old []any
		rows, young := 0, false
		err := s.query(ctx, "read old notices", "SELECT number, created_at, delivered_at FROM outbox WHERE number > $1 ORDER BY number LIMIT $2",
			[]any{after, int64(forgetRows)}, func(row scanner) error {
				var created, delivered int64
				if err := row.Scan(&after, &created, &delivered); err != nil {
					return err
				}
				rows++
				young = young || created >= micros(before)
				if delivered > 0 && delivered < micros(before) {
					old = append(old, after)
				}
				return nil
			})
		if err != nil {
			return forgotten, err
		}
		n, err := s.forget(ctx, "forget notices", "DELETE FROM outbox WHERE delivered_at > 0 AND number IN (", nil, old)
		if forgotten += n; err != nil || young || rows < forgetRows {
			return forgotten, err
		}
	}
}

// ForgetCallbacks deletes what is recorded of callbacks that came before a time,
// and returns how many it was. A repeat of one that was forgotten counts as
// new, and does what repeats do: nothing. It walks all of them, some at a time.
func (s *Store) ForgetCallbacks(ctx context.Context, before time.Time) (forgotten int64, err error) {
	for provider, last := "", ""; ; {
		old := make(map[string][]any)
		rows := 0
		err := s.query(ctx, "read old callbacks", `SELECT provider, id, received_at FROM callbacks
			WHERE provider > $1 OR provider = $1 AND id > $2 ORDER BY provider, id LIMIT $3`,
			[]any{provider, last, int64(forgetRows)}, func(row scanner) error {
				var received int64
				if err := row.Scan(&provider, &last, &received); err != nil {
					return err
				}
				if rows++; received < micros(before) {
					old[provider] = append(old[provider], last)
				}
				return nil
			})
		if err != nil {
			return forgotten, err
		}
		for of, ids := range old {
			n, err := s.forget(ctx, "forget callbacks", "DELETE FROM callbacks WHERE provider = $1 AND id IN (", []any{of}, ids)
			if forgotten += n; err != nil {
				return forgotten, err
			}
		}
		if rows < forgetRows {
			return forgotten, nil
		}
	}
}

// forget deletes rows by what stands before the list of their keys.
func (s *Store) forget(ctx context.Context, doing, text string, args, keys []any) (forgotten int64, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	err = s.write(ctx, doing, func(ctx context.Context, run runner) error {
		return run.run(ctx, statement{
			sql: text + inList(len(args)+1, len(keys)) + ")", args: append(append([]any{}, args...), keys...), affected: &forgotten,
		})
	})
	return forgotten, err
}
