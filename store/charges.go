package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/settlement"
)

// chargeRow is the stored form of one of the charges of an attempt.
type chargeRow struct {
	Asset remit.Asset `json:"asset"`
	Minor int64       `json:"minor"`
}

// chargesText is the stored form of an attempt's charges, nothing for none.
func chargesText(list []remit.Money) string {
	if len(list) == 0 {
		return ""
	}
	rows := make([]chargeRow, len(list))
	for i, m := range list {
		rows[i] = chargeRow{Asset: m.Asset, Minor: m.Minor}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		panic(fmt.Sprintf("encode charges: %v", err)) // Strings and numbers only.
	}
	return string(text)
}

func readCharges(text string) ([]remit.Money, error) {
	if text == "" {
		return nil, nil
	}
	var rows []chargeRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, fmt.Errorf("read charges: %w", err)
	}
	list := make([]remit.Money, len(rows))
	for i, r := range rows {
		list[i] = remit.NewMoney(r.Asset, r.Minor)
	}
	return list, nil
}

// chargesKey is the key of the one entry that books what coins charged for an attempt.
func chargesKey(id remit.AttemptID) string { return "attempt/" + string(id) + "/charges" }

// bookCharges books what coins took of a settled attempt. The holds of its orders
// count the most that they could take as an expense already, so what was not
// taken is given back to the treasury. The entry cannot fail for lack of money:
// only a charge beyond what was reserved takes more from the treasury, and of
// that what others have reserved there is booked as in transit instead, for the
// chain took it whatever the ledger can afford.
func (tx *Tx) bookCharges(ctx context.Context, a settlement.Attempt, orders []settlement.Order) error {
	var assets []remit.Asset
	spare := make(map[remit.Asset]int64)
	add := func(m remit.Money, sign int64) {
		if !m.IsPositive() {
			return
		}
		if _, there := spare[m.Asset]; !there {
			assets = append(assets, m.Asset)
		}
		spare[m.Asset] += sign * m.Minor
	}
	for _, o := range orders {
		add(o.Reserve, 1)
	}
	for _, charge := range a.Charges {
		add(charge, -1)
	}
	treasury := ledger.Treasury(a.Rail)
	var postings []ledger.Posting
	for _, asset := range assets {
		minor := spare[asset]
		if minor > 0 {
			postings = append(postings, ledger.Posting{Debit: treasury, Credit: ledger.TokenExpense, Amount: remit.NewMoney(asset, minor)})
			continue
		}
		free, err := tx.free(ctx, ledger.AccountAsset{Account: treasury, Asset: asset})
		if err != nil {
			return err
		}
		fromTreasury := min(-minor, max(free, 0))
		for _, p := range []ledger.Posting{
			{Debit: ledger.TokenExpense, Credit: treasury, Amount: remit.NewMoney(asset, fromTreasury)},
			{Debit: ledger.TokenExpense, Credit: ledger.InTransit(a.Rail), Amount: remit.NewMoney(asset, -minor-fromTreasury)},
		} {
			if p.Amount.IsPositive() {
				postings = append(postings, p)
			}
		}
	}
	if len(postings) == 0 {
		return nil
	}
	key := chargesKey(a.ID)
	return tx.post(ctx, ledger.Entry{
		ID: remit.DeriveID[remit.EntryID](remit.PrefixEntry, a.CreatedAt, key), Key: key, Action: ledger.ActionPost,
		Postings: postings, Memo: "taken by coins on " + string(a.Rail) + ", beside what was reserved for it",
	})
}

// free is what a guarded account has beyond what holds reserve, in minor units.
func (tx *Tx) free(ctx context.Context, key ledger.AccountAsset) (int64, error) {
	balance, _, err := get(ctx, tx, tx.balances, balanceID(key))
	return balance.Posted - balance.Held, err
}
