package store

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps/counter"
)

// The accounts of the counters beside float and drawer.
const (
	// cashOver and cashShort are what counts found too much and missing.
	cashOver  ledger.Account = "revenue/cash-over"
	cashShort ledger.Account = "expense/cash-short"
)

// commissionOwed is what an agent earned and was not paid.
func commissionOwed(agent counter.AgentID) ledger.Account {
	return ledger.Account("reserve/commission-" + string(agent))
}

// postingOf is a movement in the ledger. The partner "counter" sells us the
// cash: a top-up is owed to it, and what a beneficiary got is ours again until
// the remittance completes. Cash that was taken in is owed to the on-ramp
// "counter" until the remittance is funded with it.
func postingOf(m counter.Movement) (p ledger.Posting, memo string, err error) {
	onRamp := ledger.OnRamp(counter.Name)
	float, drawer, partner := ledger.Agent(string(m.OutletID)), ledger.Drawer(string(m.TellerID)), ledger.Partner(counter.Name)
	switch m.Kind {
	case counter.MoveTopUp:
		p, memo = ledger.Posting{Debit: float, Credit: partner}, "float topped up"
	case counter.MoveFloatReturn:
		p, memo = ledger.Posting{Debit: partner, Credit: float}, "float handed back"
	case counter.MoveToDrawer:
		p, memo = ledger.Posting{Debit: drawer, Credit: float}, "cash taken into a drawer"
	case counter.MoveFromDrawer:
		p, memo = ledger.Posting{Debit: float, Credit: drawer}, "cash brought back from a drawer"
	case counter.MovePayout:
		p, memo = ledger.Posting{Debit: partner, Credit: drawer}, "cash paid to a beneficiary"
	case counter.MoveCashIn:
		p, memo = ledger.Posting{Debit: drawer, Credit: onRamp}, "cash taken from a customer"
	case counter.MoveRefund:
		p, memo = ledger.Posting{Debit: onRamp, Credit: drawer}, "cash given back to a customer"
	case counter.MoveOver:
		p, memo = ledger.Posting{Debit: drawer, Credit: cashOver}, "drawer counted over"
	case counter.MoveShort:
		p, memo = ledger.Posting{Debit: cashShort, Credit: drawer}, "drawer counted short"
	case counter.MoveHandover:
		p, memo = ledger.Posting{Debit: ledger.Drawer(string(m.ToTeller)), Credit: drawer}, "drawer handed over"
	case counter.MoveCommission:
		p, memo = ledger.Posting{Debit: ledger.PartnerExpense, Credit: commissionOwed(m.AgentID)}, "commission earned"
	case counter.MoveCommissionPaid:
		p, memo = ledger.Posting{Debit: commissionOwed(m.AgentID), Credit: partner}, "commission paid"
	default:
		return p, "", remit.Errorf(remit.KindInternal, remit.ReasonInternal, "movement %q of kind %q cannot be booked", m.Key, string(m.Kind))
	}
	p.Amount = m.Amount
	return p, memo, nil
}

// Move is counter.Tx's: one entry in the ledger and one row beside it.
func (t counterTx) Move(ctx context.Context, m counter.Movement) error {
	p, memo, err := postingOf(m)
	if err != nil {
		return err
	}
	_, before, err := get(ctx, t.Tx, t.keys, m.Key)
	if err != nil {
		return err
	}
	if err := t.post(ctx, ledger.Entry{
		ID: remit.DeriveID[remit.EntryID](remit.PrefixEntry, t.now, m.Key), Key: m.Key, Action: ledger.ActionPost,
		Postings: []ledger.Posting{p}, Remittance: m.RemittanceID, Memo: memo,
	}); err != nil {
		return fmt.Errorf("book %s: %w", m.Key, err)
	}
	if before {
		return nil
	}
	if m.At.IsZero() {
		m.At = t.now
	}
	list(t.log, &t.atCounter().movements, m)
	return nil
}
