package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// MaxEvents bounds one answer of events.
const MaxEvents = 1000

const (
	insertEvents = `INSERT INTO events (remittance_id, number, tenant_id, feed, type, state, funds, reason, at, facts) VALUES `
	selectEvents = `SELECT remittance_id, number, tenant_id, feed, type, state, funds, reason, at, facts FROM events`
	// feedEvents is a piece of a tenant's feed: facts of remittances, and those of
	// outlets, which have neither remittance nor number nor state.
	feedEvents = `SELECT * FROM (SELECT * FROM (` + selectEvents + ` WHERE tenant_id = $1 AND feed > $2 ORDER BY feed LIMIT $3) r
		UNION ALL SELECT * FROM (SELECT '', 0, tenant_id, feed, type, '', '', '', at, facts FROM outlet_events
			WHERE tenant_id = $1 AND feed > $2 ORDER BY feed LIMIT $3) o) f ORDER BY feed LIMIT $3`
)

func (tx *Tx) writeEvents() []statement {
	rows := make([][]any, 0, len(tx.events))
	for _, e := range tx.events {
		facts := "{}"
		if len(e.Facts) > 0 {
			facts = toJSON(e.Facts)
		}
		rows = append(rows, []any{
			string(e.RemittanceID), e.Number, string(e.TenantID), e.Feed, e.Type,
			string(e.State), string(e.Funds), string(e.Reason), micros(e.At), facts,
		})
	}
	return tx.writeRows(insertEvents, "", 10, rows, false)
}

func scanEvent(row scanner) (e remit.Event, err error) {
	var at int64
	var facts string
	err = row.Scan(&e.RemittanceID, &e.Number, &e.TenantID, &e.Feed, &e.Type, &e.State, &e.Funds, &e.Reason, &at, &facts)
	if err != nil {
		return e, fmt.Errorf("read an event: %w", err)
	}
	e.At = fromMicros(at)
	if err := json.Unmarshal([]byte(facts), &e.Facts); err != nil {
		return e, fmt.Errorf("read the facts of event %d of %s: %w", e.Number, e.RemittanceID, err)
	}
	return e, nil
}

// Events returns a remittance's events with numbers above after, or the
// tenant's feed above the place after. Errors: not_found for a remittance of
// nobody or of another tenant.
func (s *Store) Events(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, after int64, limit int) ([]remit.Event, error) {
	if id != "" {
		if _, err := s.remittanceOf(ctx, tenant, id); err != nil {
			return nil, err
		}
	}
	return s.events(ctx, tenant, id, after, limit)
}

func (s *Store) events(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, after int64, limit int) ([]remit.Event, error) {
	text, args := feedEvents, []any{string(tenant), after}
	if id != "" {
		text = selectEvents + " WHERE tenant_id = $1 AND number > $2 AND remittance_id = $4 ORDER BY number LIMIT $3"
	}
	args = append(args, int64(min(max(limit, 1), MaxEvents)))
	if id != "" {
		args = append(args, string(id))
	}
	var out []remit.Event
	err := s.query(ctx, "read events", text, args, func(row scanner) error {
		e, err := scanEvent(row)
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openFacts(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// gatherEvents is how long news of events waits for more.
const gatherEvents = 10 * time.Millisecond

// WaitEvents is Events that waits until there is one. It wakes when this
// process commits events, and now and then for those of other processes. When
// ctx ends first it answers an empty list and no error.
func (s *Store) WaitEvents(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, after int64, limit int) ([]remit.Event, error) {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	known := false
	for {
		news := s.news.wait() // Before reading, so that nothing slips in between.
		var out []remit.Event
		var err error
		if known {
			out, err = s.events(ctx, tenant, id, after, limit)
		} else {
			out, err = s.Events(ctx, tenant, id, after, limit)
		}
		if ctx.Err() != nil {
			return nil, nil
		}
		if err != nil || len(out) > 0 {
			return out, err
		}
		known = true
		select {
		case <-ctx.Done():
			return nil, nil
		case <-ticker.C:
		case <-news:
			// What is committed in the next moment is read with it: a busy
			// gateway would else answer every waiting reader at every commit.
			gathered := time.NewTimer(gatherEvents)
			select {
			case <-ctx.Done():
				gathered.Stop()
				return nil, nil
			case <-gathered.C:
			}
		}
	}
}
