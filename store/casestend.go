package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// How often TendCases looks, and how many rows it mends at a time.
const (
	tendEvery = 5 * time.Second
	tendRows  = 200
)

// TendCases lets questions lapse whose deadline is past, and fills in what rows
// of earlier releases lack, until ctx ends.
func (s *Store) TendCases(ctx context.Context) error {
	ticker := time.NewTicker(tendEvery)
	defer ticker.Stop()
	for {
		more := false
		for _, tend := range []func(context.Context) (int, error){s.LapseQuestions, s.HashAccounts, s.NameCorridors, s.KeyCustomers} {
			n, err := tend(ctx)
			if err != nil && ctx.Err() == nil {
				s.log.Error("tend cases", "error", err.Error())
			}
			more = more || err == nil && n >= tendRows
		}
		if more && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// HashAccounts hashes the accounts of beneficiaries that have no hash yet, some
// hundred at once, and returns how many it was.
func (s *Store) HashAccounts(ctx context.Context) (int, error) {
	list, err := s.beneficiaries(ctx, fmt.Sprintf(" WHERE b.account_hash = '' ORDER BY b.id LIMIT %d", tendRows))
	if err != nil || len(list) == 0 {
		return 0, err
	}
	statements := make([]statement, 0, len(list))
	for _, b := range list {
		hash, err := s.accountHash(ctx, b.TenantID, b.Method, b.Account)
		if err != nil {
			return 0, err
		}
		statements = append(statements, statement{
			sql:  "UPDATE beneficiaries SET account_hash = $1 WHERE id = $2 AND account_hash = '' AND version = $3",
			args: []any{hash, string(b.ID), b.Version},
		})
	}
	err = s.write(ctx, "hash accounts", func(ctx context.Context, run runner) error { return run.run(ctx, statements...) })
	return len(list), err
}

// NameCorridors writes on the remittances of earlier releases which corridor
// they took, some hundred at once, and returns how many it was.
func (s *Store) NameCorridors(ctx context.Context) (int, error) {
	var statements []statement
	err := s.query(ctx, "find remittances without a corridor", fmt.Sprintf(`SELECT r.id, q.body FROM remittances r JOIN quotes q ON q.id = r.quote_id
		WHERE r.corridor = '' ORDER BY r.id LIMIT %d`, tendRows), nil, func(row scanner) error {
		var id, body string
		if err := row.Scan(&id, &body); err != nil {
			return err
		}
		var quote remit.Quote
		if err := json.Unmarshal([]byte(body), &quote); err != nil {
			return fmt.Errorf("read the quote of remittance %s: %w", id, err)
		}
		statements = append(statements, statement{
			sql: "UPDATE remittances SET corridor = $1 WHERE id = $2 AND corridor = ''", args: []any{corridorOf(quote), id},
		})
		return nil
	})
	if err != nil || len(statements) == 0 {
		return 0, err
	}
	err = s.write(ctx, "name corridors", func(ctx context.Context, run runner) error { return run.run(ctx, statements...) })
	return len(statements), err
}

// corridorOf is never empty, which would stand for one that is to be filled in.
func corridorOf(q remit.Quote) string {
	if q.Corridor == "" {
		return "-"
	}
	return string(q.Corridor)
}
