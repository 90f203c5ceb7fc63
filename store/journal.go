package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
)

// balanceRow is the balance of a guarded account.
type balanceRow struct {
	ledger.AccountAsset
	ledger.Guard
}

// holdRow is a hold with its postings.
type holdRow struct {
	seq      int64
	status   holdStatus
	postings []ledger.Posting
}

type holdStatus string

const (
	holdOpen    holdStatus = "open"
	holdSettled holdStatus = "settled"
	holdVoided  holdStatus = "voided"
)

// balanceID is the key of a balance row.
func balanceID(k ledger.AccountAsset) string { return string(k.Account) + " " + k.Asset.String() }

// post carries one entry into the journal and the guarded balances. An entry
// whose key is there with the same input does nothing. Errors: conflict for a
// key with other input, an ended hold or a second reversal; precondition with
// ReasonInsufficientFunds; internal for a malformed entry.
func (tx *Tx) post(ctx context.Context, e ledger.Entry) error {
	if e.At.IsZero() {
		e.At = tx.now
	}
	if err := e.Validate(); err != nil {
		return err
	}
	known, used, err := get(ctx, tx, tx.keys, e.Key)
	if err != nil {
		return err
	}
	input := ledger.Hash(e.InputHash())
	if used {
		if known != input {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ledger entry %q was made with other content", e.Key)
		}
		return nil
	}
	postings, err := tx.postingsOf(ctx, e)
	if err != nil {
		return err
	}
	effects, err := ledger.Effects(postings)
	if err != nil {
		return fmt.Errorf("ledger entry %q: %w", e.Key, err)
	}
	for _, effect := range effects {
		id := balanceID(effect.AccountAsset)
		balance, _, err := get(ctx, tx, tx.balances, id)
		if err != nil {
			return err
		}
		balance.AccountAsset = effect.AccountAsset
		if balance.Guard, err = balance.After(e.Action, effect); err != nil {
			return err
		}
		tx.balances.put(id, balance)
	}
	record := ledger.Chain(tx.head.seq+1, tx.head.hash, e, postings)
	tx.moveHead(func(h *head) { h.seq, h.hash = record.Seq, record.Hash })
	tx.keys.put(e.Key, input)
	list(tx.log, &tx.records, record)
	if e.Action == ledger.ActionHold {
		tx.holds.put(e.Hold, holdRow{seq: record.Seq, status: holdOpen, postings: postings})
	}
	return nil
}

// postingsOf returns the postings in effect, and ends the hold of an entry that
// ends one.
func (tx *Tx) postingsOf(ctx context.Context, e ledger.Entry) ([]ledger.Posting, error) {
	switch e.Action {
	case ledger.ActionHold:
		_, there, err := get(ctx, tx, tx.holds, e.Hold)
		if err == nil && there {
			err = remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ledger hold %s is there already", e.Hold)
		}
		return e.Postings, err
	case ledger.ActionSettleHold, ledger.ActionVoidHold:
		hold, there, err := get(ctx, tx, tx.holds, e.Hold)
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, remit.NotFound("ledger hold", string(e.Hold))
		}
		if hold.status != holdOpen {
			return nil, remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ledger hold %s was %s before", e.Hold, hold.status)
		}
		hold.status = holdVoided
		if e.Action == ledger.ActionSettleHold {
			hold.status = holdSettled
		}
		tx.holds.put(e.Hold, hold)
		return hold.postings, nil
	case ledger.ActionReverse:
		return tx.reversal(ctx, e)
	case ledger.ActionPost:
		return e.Postings, nil
	default:
		return e.Postings, nil
	}
}

// reversal returns the opposite of the entry that e reverses.
func (tx *Tx) reversal(ctx context.Context, e ledger.Entry) ([]ledger.Posting, error) {
	var action ledger.Action
	var postings []ledger.Posting
	reversed := false
	for _, r := range tx.records {
		if r.Entry.Key == e.Reverses {
			action, postings = r.Entry.Action, r.Entry.Postings
		}
		reversed = reversed || r.Entry.Reverses == e.Reverses
	}
	err := tx.read(ctx, statement{
		sql: `SELECT j.action, p.debit, p.credit, p.asset, p.minor FROM journal j JOIN postings p ON p.seq = j.seq
			WHERE j.key = $1 ORDER BY p.place`,
		args: []any{e.Reverses},
		each: func(row scanner) error {
			p, err := scanPosting(row, &action)
			postings = append(postings, p)
			return err
		},
	}, statement{
		sql: "SELECT id FROM journal WHERE reverses = $1", args: []any{e.Reverses},
		each: func(row scanner) error {
			var id string
			reversed = true
			return row.Scan(&id)
		},
	})
	if err != nil {
		return nil, err
	}
	switch {
	case len(postings) == 0:
		return nil, remit.NotFound("ledger entry", e.Reverses)
	case !action.Reversible():
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "ledger entry %q is a %s, which cannot be reversed", e.Reverses, action)
	case reversed:
		return nil, remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "ledger entry %q was reversed before", e.Reverses)
	}
	return ledger.Opposite(postings), nil
}

// needsOf adds what entries look at.
func (n *needs) entries(entries []ledger.Entry) {
	for _, e := range entries {
		n.keys = append(n.keys, e.Key)
		n.holds = append(n.holds, e.Hold)
		for _, p := range e.Postings {
			for _, account := range []ledger.Account{p.Debit, p.Credit} {
				if account.Guarded() {
					n.balances = append(n.balances, ledger.AccountAsset{Account: account, Asset: p.Amount.Asset})
				}
			}
		}
	}
}

// PostEntries commits entries that belong to no move of a remittance: treasury
// and tenant funding, fees of chains. All or none. Errors: as [Store.Apply].
func (s *Store) PostEntries(ctx context.Context, entries ...ledger.Entry) error {
	var n needs
	n.entries(entries)
	return s.commit(ctx, "post entries", n, func(ctx context.Context, tx *Tx) error {
		for _, e := range entries {
			if err := tx.post(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

const (
	insertJournal  = "INSERT INTO journal (seq, id, key, action, hold, reverses, remittance_id, memo, at, input_hash, prev_hash, hash) VALUES "
	insertPostings = "INSERT INTO postings (seq, place, debit, credit, asset, minor, moves) VALUES "
)

func (tx *Tx) writeJournal() []statement {
	entries := make([][]any, 0, len(tx.records))
	var postings [][]any
	for _, r := range tx.records {
		e := r.Entry
		entries = append(entries, []any{
			r.Seq, string(e.ID), e.Key, string(e.Action), string(e.Hold), e.Reverses, string(e.Remittance), e.Memo, micros(e.At),
			r.Input[:], r.Prev[:], r.Hash[:],
		})
		moves := int64(0)
		if e.Action.Moves() {
			moves = 1
		}
		for i, p := range e.Postings {
			postings = append(postings, []any{
				r.Seq, int64(i + 1), string(p.Debit), string(p.Credit), p.Amount.Asset.String(), p.Amount.Minor, moves,
			})
		}
	}
	return append(tx.writeRows(insertJournal, "", 12, entries, false), tx.writeRows(insertPostings, "", 7, postings, false)...)
}

const (
	insertBalances = "INSERT INTO balances (id, account, asset, posted, held, version) VALUES "
	updateBalances = ` ON CONFLICT (id) DO UPDATE SET posted = excluded.posted, held = excluded.held, version = excluded.version
	WHERE balances.version = excluded.version - 1`
	insertHolds = "INSERT INTO holds (id, seq, status, version) VALUES "
	updateHolds = " ON CONFLICT (id) DO UPDATE SET status = excluded.status, version = excluded.version WHERE holds.version = excluded.version - 1"
	selectHolds = `SELECT h.id, h.seq, h.status, h.version, p.debit, p.credit, p.asset, p.minor
	FROM holds h JOIN postings p ON p.seq = h.seq WHERE h.id IN (`
)

// writeBalances writes each changed balance once, in id order.
func (tx *Tx) writeBalances() []statement {
	ids := slices.Sorted(slices.Values(tx.balances.changed))
	rows := changedRows(tx.balances, ids, func(id string, b balanceRow) []any {
		return []any{id, string(b.Account), b.Asset.String(), b.Posted, b.Held}
	})
	return tx.writeRows(insertBalances, updateBalances, 6, rows, true)
}

func (tx *Tx) writeHolds() []statement {
	rows := changedRows(tx.holds, tx.holds.changed, func(id remit.HoldID, h holdRow) []any {
		return []any{string(id), h.seq, string(h.status)}
	})
	return tx.writeRows(insertHolds, updateHolds, 4, rows, true)
}

func fillKey(c *cells[string, ledger.Hash], row scanner) error {
	var key string
	var input []byte
	if err := row.Scan(&key, &input); err != nil {
		return err
	}
	c.loaded(key, hashOf(input), 0)
	return nil
}

func fillBalance(c *cells[string, balanceRow], row scanner) error {
	var id, asset string
	var b balanceRow
	var version int64
	err := row.Scan(&id, &b.Account, &asset, &b.Posted, &b.Held, &version)
	if err == nil {
		b.Asset, err = remit.ParseAsset(asset)
	}
	if err != nil {
		return fmt.Errorf("read a balance: %w", err)
	}
	c.loaded(id, b, version)
	return nil
}

func fillHold(c *cells[remit.HoldID, holdRow], row scanner) error {
	var id remit.HoldID
	var h holdRow
	var version int64
	p, err := scanPosting(row, &id, &h.seq, &h.status, &version)
	if err != nil {
		return err
	}
	if before, there := c.peek(id); there {
		h.postings = before.postings
	}
	h.postings = append(h.postings, p)
	c.loaded(id, h, version)
	return nil
}

// scanPosting reads a row that ends in debit, credit, asset and minor.
func scanPosting(row scanner, before ...any) (p ledger.Posting, err error) {
	var asset string
	if err := row.Scan(append(before, &p.Debit, &p.Credit, &asset, &p.Amount.Minor)...); err != nil {
		return p, fmt.Errorf("read a posting: %w", err)
	}
	if p.Amount.Asset, err = remit.ParseAsset(asset); err != nil {
		return p, fmt.Errorf("read a posting: %w", err)
	}
	return p, nil
}

func hashOf(b []byte) (h ledger.Hash) {
	copy(h[:], b)
	return h
}
