package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
)

// balanceBook is the balances of the ledger as of one record.
type balanceBook struct {
	// head is the last record counted in; snapshot the last one in snapshots.
	head, snapshot int64
	sums           map[ledger.AccountAsset]ledger.Guard
}

// readBalances reads balances from one picture of the database. Without a
// prefix it reads all; with one, guarded accounts by their rows alone when the
// prefix can only be theirs.
//
// The rows of remittances, of which there are many, are read only when the
// prefix can be theirs, and those at zero are left out.
func readBalances(ctx context.Context, run runner, prefix string) (balanceBook, error) {
	book := balanceBook{sums: make(map[ledger.AccountAsset]ledger.Guard)}
	guarded := func(which string) statement {
		return statement{
			sql: "SELECT account, asset, posted, held FROM balances WHERE " + which, args: []any{prefix},
			each: func(row scanner) error {
				var held int64
				key, posted, err := scanSum(row, &held)
				book.sums[key] = ledger.Guard{Posted: posted, Held: held}
				return err
			},
		}
	}
	const starts = "SUBSTR(account, 1, LENGTH(CAST($1 AS TEXT))) = CAST($1 AS TEXT)"
	list := []statement{guarded("account NOT LIKE 'remittance/%' AND " + starts)}
	if owner := string(ledger.Remittance("")); strings.HasPrefix(prefix, owner) || strings.HasPrefix(owner, prefix) {
		list = append(list, guarded("account LIKE 'remittance/%' AND posted <> 0 AND "+starts))
	}
	if owner, _, whole := strings.Cut(prefix, "/"); !whole || !ledger.Account(owner+"/x").Guarded() {
		list = append(list, book.unguarded()...)
	}
	err := run.run(ctx, list...)
	return book, err
}

// unguarded reads the sums of accounts without a floor.
func (b *balanceBook) unguarded() []statement {
	add := func(side ledger.Side) func(scanner) error {
		return func(row scanner) error {
			key, minor, err := scanSum(row)
			if err != nil || key.Account.Guarded() {
				return err
			}
			normal := key.Account.Normal()
			if normal != side && (normal != ledger.SideEither || side != ledger.SideCredit) {
				minor = -minor
			}
			g := b.sums[key]
			g.Posted += minor
			b.sums[key] = g
			return nil
		}
	}
	const since = " FROM postings WHERE moves = 1 AND seq > (SELECT COALESCE(MAX(seq), 0) FROM snapshots) GROUP BY "
	return []statement{
		{sql: "SELECT journal_seq FROM heads WHERE id = 1", each: func(row scanner) error { return row.Scan(&b.head) }},
		{sql: "SELECT account, asset, posted, seq FROM snapshots", each: func(row scanner) error {
			key, posted, err := scanSum(row, &b.snapshot)
			b.sums[key] = ledger.Guard{Posted: posted}
			return err
		}},
		{sql: "SELECT debit, asset, CAST(SUM(minor) AS BIGINT)" + since + "debit, asset", each: add(ledger.SideDebit)},
		{sql: "SELECT credit, asset, CAST(SUM(minor) AS BIGINT)" + since + "credit, asset", each: add(ledger.SideCredit)},
	}
}

// scanSum reads a row of account, asset, amount and what follows.
func scanSum(row scanner, after ...any) (key ledger.AccountAsset, minor int64, err error) {
	var asset string
	if err := row.Scan(append([]any{&key.Account, &asset, &minor}, after...)...); err != nil {
		return key, 0, fmt.Errorf("read a balance: %w", err)
	}
	if key.Asset, err = remit.ParseAsset(asset); err != nil {
		return key, 0, fmt.Errorf("read a balance: %w", err)
	}
	return key, minor, nil
}

// balances lists the balances of accounts with the prefix, in order.
func (b balanceBook) balances(prefix string) []ledger.Balance {
	out := make([]ledger.Balance, 0, len(b.sums))
	for key, g := range b.sums {
		if strings.HasPrefix(string(key.Account), prefix) {
			out = append(out, ledger.Balance{
				Account: key.Account, Posted: remit.NewMoney(key.Asset, g.Posted), Held: remit.NewMoney(key.Asset, g.Held),
			})
		}
	}
	slices.SortFunc(out, func(x, y ledger.Balance) int {
		return ledger.AccountAsset{Account: x.Account, Asset: x.Posted.Asset}.Compare(ledger.AccountAsset{Account: y.Account, Asset: y.Posted.Asset})
	})
	return out
}

const upsertSnapshots = ` ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, posted = excluded.posted`

// saveSnapshots keeps the sums of a book, so that the next read starts there.
// A newer snapshot that somebody else saved meanwhile is left alone.
func (s *Store) saveSnapshots(ctx context.Context, book balanceBook) error {
	var rows [][]any
	for key, g := range book.sums {
		if !key.Account.Guarded() {
			rows = append(rows, []any{balanceID(key), string(key.Account), key.Asset.String(), book.head, g.Posted})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) }) //nolint:forcetypeassert // made above
	return s.commit(ctx, "save snapshots of balances", needs{}, func(ctx context.Context, tx *Tx) error {
		var newest int64
		err := tx.read(ctx, statement{
			sql: "SELECT COALESCE(MAX(seq), 0) FROM snapshots", each: func(row scanner) error { return row.Scan(&newest) },
		})
		if err != nil || newest >= book.head {
			return err
		}
		return tx.read(ctx, tx.writeRows("INSERT INTO snapshots (id, account, asset, seq, posted) VALUES ", upsertSnapshots, 5, rows, false)...)
	})
}
