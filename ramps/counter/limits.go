package counter

import (
	"context"

	"github.com/openremit/remit"
)

// openDrawer returns the teller's open drawer.
func (st stand) openDrawer(ctx context.Context, tx Tx) (Drawer, error) {
	closed := remit.Errorf(remit.KindPrecondition, remit.ReasonDrawerNotOpen, "open your drawer first")
	if st.teller.Drawer == "" {
		return Drawer{}, closed
	}
	d, err := tx.Drawer(ctx, st.teller.Drawer)
	if err == nil && d.State != DrawerOpen {
		err = closed
	}
	return d, err
}

func (st stand) holdsCash(ctx context.Context, tx Tx, amount remit.Money) error {
	cash, err := tx.Cash(ctx, st.teller.ID, amount.Asset)
	if err == nil && cash.Minor < amount.Minor {
		err = errDrawerShort(amount)
	}
	return err
}

func errDrawerShort(amount remit.Money) error {
	return remit.Errorf(remit.KindPrecondition, remit.ReasonDrawerShort, "the drawer does not hold %s; take cash from the outlet's float first", amount)
}

// limits refuses what the outlet may not pay out and returns what a manager
// must approve because the teller may not pay it alone.
func (st stand) limits(ctx context.Context, tx Tx, amount remit.Money) ([]Approval, error) {
	currency, day := amount.Asset.Code, st.outlet.Hours.Day(tx.Now())
	return st.within(ctx, tx, amount, usageKey(st.outlet.ID, day, currency), usageKey(st.teller.ID, day, currency))
}

// within is limits, for what was used so far by the outlet and the teller.
func (st stand) within(ctx context.Context, tx Tx, amount remit.Money, outletKey, tellerKey string) ([]Approval, error) {
	currency := amount.Asset.Code
	ofOutlet, err := tx.Usage(ctx, outletKey)
	if err != nil {
		return nil, err
	}
	above := func(l Limit, used Usage) (payout, daily bool) {
		return l.PerPayout > 0 && amount.Minor > l.PerPayout, l.PerDay > 0 && amount.Minor > l.PerDay-used.Minor
	}
	payout, daily := above(st.outlet.Limits[currency], ofOutlet)
	if payout || daily {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonCounterLimit, "this is more than the outlet handles at a time or in a day; send the customer to a larger outlet")
	}
	own, err := tx.Usage(ctx, tellerKey)
	if err != nil {
		return nil, err
	}
	var needs []Approval
	payout, daily = above(st.teller.Limits[currency], own)
	if payout {
		needs = append(needs, ApprovalPayoutLimit)
	}
	if daily {
		needs = append(needs, ApprovalDayLimit)
	}
	return needs, nil
}
