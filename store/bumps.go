package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// bumpRow is the stored form of a settlement.Bump.
type bumpRow struct {
	Hash      string      `json:"hash"`
	Bytes     []byte      `json:"bytes"`
	Source    string      `json:"source"`
	BidAsset  remit.Asset `json:"bid_asset"`
	BidMinor  int64       `json:"bid_minor"`
	CreatedAt int64       `json:"created_at"`
}

// bumpsText is the stored form of a list of bumps, nothing for none.
func bumpsText(list []settlement.Bump) string {
	if len(list) == 0 {
		return ""
	}
	rows := make([]bumpRow, len(list))
	for i, b := range list {
		rows[i] = bumpRow{
			Hash: b.Hash, Bytes: b.Bytes, Source: b.Source, BidAsset: b.Bid.Asset, BidMinor: b.Bid.Minor, CreatedAt: micros(b.CreatedAt),
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		panic(fmt.Sprintf("encode bumps: %v", err)) // Strings, bytes and numbers only.
	}
	return string(text)
}

func readBumps(text string) ([]settlement.Bump, error) {
	if text == "" {
		return nil, nil
	}
	var rows []bumpRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, fmt.Errorf("read bumps: %w", err)
	}
	list := make([]settlement.Bump, len(rows))
	for i, b := range rows {
		list[i] = settlement.Bump{
			Hash: b.Hash, Bytes: b.Bytes, Source: b.Source, Bid: remit.NewMoney(b.BidAsset, b.BidMinor), CreatedAt: fromMicros(b.CreatedAt),
		}
	}
	return list, nil
}

// SaveBump stores an envelope around an open attempt's transaction. The same one
// again does nothing. Errors: not_found; conflict once the attempt has ended.
func (s *Store) SaveBump(ctx context.Context, id remit.AttemptID, b settlement.Bump) error {
	if b.Hash == "" || len(b.Bytes) == 0 {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "bump %q of settlement attempt %s is malformed", b.Hash, id)
	}
	return s.commit(ctx, "save a bump of an attempt", needs{attempts: []remit.AttemptID{id}}, func(ctx context.Context, tx *Tx) error {
		a, there, err := get(ctx, tx, tx.attempts, id)
		if err != nil {
			return err
		}
		switch {
		case !there:
			return remit.NotFound("settlement attempt", string(id))
		case a.Status != settlement.AttemptSigned && a.Status != settlement.AttemptSent:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "settlement attempt %s is %s", id, a.Status)
		case slices.ContainsFunc(a.Bumps, func(have settlement.Bump) bool { return have.Hash == b.Hash }):
			return nil
		}
		b.CreatedAt = tx.now
		a.Bumps, a.UpdatedAt = append(slices.Clone(a.Bumps), b), tx.now
		tx.attempts.put(id, a)
		return nil
	})
}
