package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

// statementColumns head the CSV of a statement. Amounts are decimals with all
// digits of the currency; amount_minor and the like are the same without a point.
var statementColumns = []string{
	"record", "from", "to", "outlet_id", "outlet", "at", "kind", "teller_id", "to_teller_id", "drawer_id", "pickup_id", "remittance_id", "count",
	"currency", "amount", "effect", "balance", "amount_minor", "effect_minor", "balance_minor", "ledger_key",
}

// statementFile writes rows of a statement.
type statementFile struct {
	w      *csv.Writer
	period []string
}

// statementRow is one row; money fields are left empty where they say nothing.
type statementRow struct {
	record                  string
	outlet                  counter.Outlet
	movement                counter.Movement
	kind                    string
	count                   int
	amount, effect, balance *remit.Money
}

func (f *statementFile) write(r statementRow) error {
	m, at := r.movement, ""
	if !m.At.IsZero() {
		at = m.At.UTC().Format(time.RFC3339Nano)
	}
	if m.Kind != "" {
		r.kind = string(m.Kind)
	}
	count, currency := "", ""
	if r.count > 0 {
		count = strconv.Itoa(r.count)
	}
	var decimals, minors []string
	for _, money := range []*remit.Money{r.amount, r.effect, r.balance} {
		decimal, minor := "", ""
		if money != nil {
			currency, decimal, minor = money.Asset.Code, money.Decimal(), strconv.FormatInt(money.Minor, 10)
		}
		decimals, minors = append(decimals, decimal), append(minors, minor)
	}
	row := slices.Concat([]string{r.record}, f.period, []string{
		string(r.outlet.ID), plainCell(r.outlet.Name), at, r.kind, string(m.TellerID), string(m.ToTeller), string(m.DrawerID), string(m.PickupID),
		string(m.RemittanceID), count, currency,
	}, decimals, minors, []string{plainCell(m.Key)})
	if err := f.w.Write(row); err != nil {
		return fmt.Errorf("write a statement: %w", err)
	}
	return nil
}

// plainCell keeps text that people wrote from being taken for a formula.
func plainCell(text string) string {
	if trimmed := strings.TrimLeft(text, " \u00a0"); trimmed != "" && strings.ContainsRune("=+-@\t\r\n|＝＋－＠", []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}

// writeStatement writes a statement with all its movements. same is false when
// the movements do not come to the statement's balances, which then was made
// before some of them.
func (s *statementService) writeStatement(ctx context.Context, st counter.Settlement) (text []byte, same bool, err error) {
	var out bytes.Buffer
	f := &statementFile{w: csv.NewWriter(&out), period: []string{st.First, st.Last}}
	f.w.UseCRLF = true
	if err := f.w.Write(statementColumns); err != nil {
		return nil, false, fmt.Errorf("write a statement: %w", err)
	}
	for _, o := range st.Outlets {
		list, err := s.counter.MovementsOf(ctx, o.Outlet, o.From, o.To)
		if err != nil {
			return nil, false, err
		}
		if same, err := f.outlet(o, list); err != nil || !same {
			return nil, false, err
		}
	}
	for _, c := range st.Commission {
		for _, r := range []struct {
			kind  string
			money remit.Money
		}{{"opening", c.Opening}, {"earned", c.Earned}, {"paid", c.Paid}, {"closing", c.Closing}} {
			if err := f.write(statementRow{record: "commission", kind: r.kind, amount: &r.money}); err != nil {
				return nil, false, err
			}
		}
	}
	for _, p := range st.Positions {
		for _, r := range []struct {
			kind  string
			money remit.Money
		}{{"cash_held", p.Cash}, {"commission_owed", p.Commission}, {"net_owed_by_agent", p.Net}} {
			if err := f.write(statementRow{record: "position", kind: r.kind, amount: &r.money}); err != nil {
				return nil, false, err
			}
		}
	}
	ties := "yes"
	if !st.Ties {
		ties = "no"
	}
	if err := f.write(statementRow{record: "ties", kind: ties}); err != nil {
		return nil, false, err
	}
	f.w.Flush()
	if err := f.w.Error(); err != nil {
		return nil, false, fmt.Errorf("write a statement: %w", err)
	}
	return out.Bytes(), true, nil
}

// outlet writes one outlet: opening, each movement with what is left, closing.
func (f *statementFile) outlet(o counter.OutletStatement, list []counter.Movement) (same bool, err error) {
	left := make(map[remit.Asset]remit.Money)
	for _, b := range o.Balances {
		left[b.Opening.Asset] = b.Opening
		if err := f.write(statementRow{record: "opening", outlet: o.Outlet, balance: &b.Opening}); err != nil {
			return false, err
		}
	}
	for _, m := range list {
		effect := counter.EffectOf(m)
		balance := remit.NewMoney(effect.Asset, left[effect.Asset].Minor+effect.Minor)
		left[effect.Asset] = balance
		if err := f.write(statementRow{record: "movement", outlet: o.Outlet, movement: m, amount: &m.Amount, effect: &effect, balance: &balance}); err != nil {
			return false, err
		}
	}
	for _, b := range o.Balances {
		if left[b.Closing.Asset].Minor != b.Closing.Minor {
			return false, nil
		}
		if err := f.write(statementRow{record: "closing", outlet: o.Outlet, balance: &b.Closing}); err != nil {
			return false, err
		}
	}
	return true, nil
}
