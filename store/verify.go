package store

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
)

// VerifyLedger walks the whole journal in one picture of the database, and
// compares what it recomputes with the stored head, guarded balances,
// snapshots and states. Findings are in the report, not an error.
func (s *Store) VerifyLedger(ctx context.Context) (ledger.Report, error) {
	tx, err := s.reads.BeginTx(ctx, &s.dialect.snapshot)
	if err != nil {
		return ledger.Report{}, s.dialect.mapError("verify the ledger", err)
	}
	v := ledger.NewVerifier()
	err = verify(ctx, txRunner{tx}, v)
	if end := tx.Rollback(); err == nil {
		err = end
	}
	if err != nil {
		return ledger.Report{}, s.dialect.mapError("verify the ledger", err)
	}
	return v.Report(), nil
}

func verify(ctx context.Context, run runner, v *ledger.Verifier) error {
	if err := walkJournal(ctx, run, v); err != nil {
		return err
	}
	var stored head
	headTx := &Tx{}
	if err := run.run(ctx, headTx.lockHead(dialect{})); err != nil {
		return err
	}
	stored = headTx.head
	if seq, hash := v.Head(); seq != stored.seq || hash != stored.hash {
		v.Finding("the journal ends with record %d, the committer's last was %d: records are missing or were added", seq, stored.seq)
	}
	return compareBalances(ctx, run, v)
}

// walkJournal hands every record to the verifier, in order.
func walkJournal(ctx context.Context, run runner, v *ledger.Verifier) error {
	var record ledger.Record
	begun := false
	err := run.run(ctx, statement{
		sql: `SELECT j.seq, j.id, j.key, j.action, j.hold, j.reverses, j.remittance_id, j.memo, j.at, j.input_hash, j.prev_hash, j.hash,
			COALESCE(p.debit, ''), COALESCE(p.credit, ''), COALESCE(p.asset, ''), COALESCE(p.minor, 0), COALESCE(p.moves, 0)
			FROM journal j LEFT JOIN postings p ON p.seq = j.seq ORDER BY j.seq, p.place`,
		each: func(row scanner) error {
			var r ledger.Record
			var p ledger.Posting
			var asset string
			var at, moves int64
			var input, prev, hash []byte
			err := row.Scan(&r.Seq, &r.Entry.ID, &r.Entry.Key, &r.Entry.Action, &r.Entry.Hold, &r.Entry.Reverses, &r.Entry.Remittance,
				&r.Entry.Memo, &at, &input, &prev, &hash, &p.Debit, &p.Credit, &asset, &p.Amount.Minor, &moves)
			if err != nil {
				return fmt.Errorf("read the journal: %w", err)
			}
			if !begun || r.Seq != record.Seq {
				if begun {
					v.Add(record)
				}
				r.Entry.At, r.Input, r.Prev, r.Hash = fromMicros(at), hashOf(input), hashOf(prev), hashOf(hash)
				record, begun = r, true
			}
			if asset == "" {
				return nil
			}
			if p.Amount.Asset, err = remit.ParseAsset(asset); err != nil {
				v.Finding("record %d: %v", r.Seq, err)
			}
			if record.Entry.Action.Moves() != (moves == 1) {
				v.Finding("record %d: a posting is marked to move balances otherwise than its action says", r.Seq)
			}
			record.Entry.Postings = append(record.Entry.Postings, p)
			return nil
		},
	})
	if err == nil && begun {
		v.Add(record)
	}
	return err
}

// compareBalances holds stored balances and states against the recomputed ones.
func compareBalances(ctx context.Context, run runner, v *ledger.Verifier) error {
	book, err := readBalances(ctx, run, "")
	if err != nil {
		return err
	}
	for _, b := range book.balances("") {
		key := ledger.AccountAsset{Account: b.Account, Asset: b.Posted.Asset}
		stored, computed := book.sums[key], v.Balance(key)
		if stored != computed {
			v.Finding("account %s: stored are %s with %s held, the journal has %s with %s held", b.Account, b.Posted, b.Held,
				remit.NewMoney(key.Asset, computed.Posted), remit.NewMoney(key.Asset, computed.Held))
		}
	}
	for _, b := range v.Report().Balances {
		if _, stored := book.sums[ledger.AccountAsset{Account: b.Account, Asset: b.Posted.Asset}]; !stored && !b.Posted.IsZero() {
			v.Finding("account %s: the journal has %s, no balance is stored", b.Account, b.Posted)
		}
	}
	return run.run(ctx, statement{
		sql: "SELECT id, state FROM remittances ORDER BY id",
		each: func(row scanner) error {
			var id remit.RemittanceID
			var state remit.State
			if err := row.Scan(&id, &state); err != nil {
				return fmt.Errorf("read the states: %w", err)
			}
			if state.Ended() {
				v.Ended(id)
			}
			return nil
		},
	})
}
