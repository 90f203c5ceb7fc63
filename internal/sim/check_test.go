package sim_test

import (
	"fmt"
	"strings"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// check compares all books and returns how many remittances ended how.
func (w *world) check() map[remit.State]int {
	w.t.Helper()
	report, err := w.store.VerifyLedger(w.ctx)
	w.must(err)
	for _, finding := range report.Findings {
		w.t.Errorf("ledger: %s", finding)
	}
	w.checkChains()
	ends := make(map[remit.State]int)
	for r, err := range w.store.AllRemittances(w.ctx) {
		w.must(err)
		ends[r.State]++
		if problems := w.checkRemittance(r); len(problems) > 0 {
			w.t.Errorf("%s (%+v) is %s %s:\n  %s\n%s", r.ID, w.plans[r.ID], r.State, r.Reason, strings.Join(problems, "\n  "), w.history(r))
		}
	}
	return ends
}

// checkChains: every settled order was paid exactly once, nothing else was,
// and the treasuries hold what the ledger says.
func (w *world) checkChains() {
	w.t.Helper()
	settled := make(map[remit.OrderID]settlement.Order)
	for o, err := range w.store.SettledOrders(w.ctx) {
		w.must(err)
		settled[o.ID] = o
	}
	paid := make(map[remit.OrderID]int)
	for _, c := range w.chains {
		for _, wrong := range c.wrong {
			w.t.Errorf("%s: %s", c.name, wrong)
		}
		for _, p := range c.payments {
			paid[p.Order]++
			o, known := settled[p.Order]
			if !known || o.Rail != c.name || o.Amount.Minor != p.Amount || o.Destination != p.Destination {
				w.t.Errorf("%s paid %d for %s, the store has it as %+v", c.name, p.Amount, p.Order, o)
			}
		}
		b := w.balance(ledger.Treasury(c.name), c.asset)
		if b.Posted.Minor != c.balance || !b.Held.IsZero() {
			w.t.Errorf("treasury %s: the ledger has %s with %s held, the chain %s", c.name, b.Posted, b.Held, remit.NewMoney(c.asset, c.balance))
		}
		if b := w.balance(ledger.TokenExpense, c.asset); b.Posted.Minor != c.charged {
			w.t.Errorf("%s: the ledger has expenses of %s for the coin, the chain charged %s", c.name, b.Posted, remit.NewMoney(c.asset, c.charged))
		}
		if b := w.balance(ledger.InTransit(c.name), c.asset); !b.Posted.IsZero() {
			w.t.Errorf("%s in transit on %s, want nothing", b.Posted, c.name)
		}
		if b := w.balance(ledger.Claimable(c.name), c.asset); !b.Posted.IsZero() {
			w.t.Errorf("%s to claim on %s, want nothing", b.Posted, c.name)
		}
	}
	for id := range settled {
		if paid[id] != 1 {
			w.t.Errorf("order %s is settled and was paid %d times", id, paid[id])
		}
	}
}

func (w *world) balance(account ledger.Account, asset remit.Asset) ledger.Balance {
	w.t.Helper()
	list, err := w.store.Balances(w.ctx, string(account))
	w.must(err)
	for _, b := range list {
		if b.Account == account && b.Posted.Asset == asset {
			return b
		}
	}
	return ledger.Balance{Account: account, Posted: remit.NewMoney(asset, 0), Held: remit.NewMoney(asset, 0)}
}

// moved is what the bank moved for a remittance, net, in minor units.
type moved struct {
	in, refunded, paid int64
	// payouts and backs count payouts that went out and movements undone.
	payouts, backs int
}

func (w *world) moved(orders []ramps.Order) (m moved) {
	for _, o := range orders {
		for _, line := range w.bank.Movements(string(o.ID)) {
			amount := line.Amount.Minor
			if line.Kind == "back" {
				amount = -amount
				m.backs++
			}
			switch o.Direction {
			case ramps.PayIn:
				m.in += amount
			case ramps.Refund:
				m.refunded += amount
			case ramps.PayOut:
				m.paid += amount
				if line.Kind == "out" {
					m.payouts++
				}
			}
		}
	}
	return m
}

// checkRemittance lists what is wrong with one remittance.
func (w *world) checkRemittance(r remit.Remittance) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	detail, err := w.store.RemittanceDetail(w.ctx, w.tenant, r.ID)
	w.must(err)
	events := w.events(r)
	contradicted := 0
	for i, e := range events {
		w.frozen.count(r, e)
		if e.Number != int64(i+1) {
			say("event %d has number %d", i+1, e.Number)
		}
		if strings.HasSuffix(e.Type, ".contradicted") {
			contradicted++
		}
	}
	m := w.moved(detail.RampOrders)
	q := r.Quote
	byBalance := q.Funding == remit.FundingBalance
	payouts, target := 1, q.Target.Minor
	if q.Payout == remit.PayoutWallet {
		payouts, target = 0, 0 // The chain is where it was paid.
		wrong = append(wrong, w.checkWallet(r, detail.Orders)...)
	}
	if !r.State.Allows(r.Funds) {
		say("funds are %s", r.Funds)
	}
	if r.State.Ended() {
		for _, o := range detail.RampOrders {
			if !o.Status.Final() {
				say("%s order %s is still %s", o.Direction, o.ID, o.Status)
			}
		}
		for _, o := range detail.Orders {
			if o.Status != settlement.OrderSettled && o.Status != settlement.OrderFailed {
				say("settlement order %s is still %s", o.ID, o.Status)
			}
		}
	}
	p := w.plans[r.ID]
	// Money that came back after the bank's word that it had moved: the books
	// differ by that, and an event tells the operators once they hear of it.
	cameBack := m.backs > 0
	switch r.State {
	case remit.StateCompleted:
		if m.payouts != payouts || (!cameBack && m.paid != target) || m.refunded != 0 || (!byBalance && !cameBack && m.in != q.SourceTotal.Minor) {
			say("the bank moved %+v", m)
		}
	case remit.StateRefunded:
		if m.paid != 0 || (!cameBack && m.in != m.refunded) || (byBalance && m.in+m.refunded != 0) {
			say("the bank moved %+v", m)
		}
	case remit.StateRejected, remit.StateCanceled, remit.StateExpired:
		if m.in != 0 || m.refunded != 0 || m.paid != 0 {
			say("the bank moved %+v", m)
		}
	case remit.StateBlocked:
		if !cameBack && ((!byBalance && m.in != q.SourceTotal.Minor) || m.refunded != 0 || m.paid != 0) {
			say("the bank moved %+v", m)
		}
	case remit.StateRefunding:
		if !p.hopeless() {
			say("it never ends")
		}
		if m.refunded != 0 || r.OpenCase == "" {
			say("the bank moved %+v and the case is %q", m, r.OpenCase)
		}
	default:
		say("this is no end")
	}
	return append(wrong, w.checkDecisions(r, detail.Decisions)...)
}

// checkWallet: a beneficiary's own wallet is paid on its network, and by one
// order only, with the memo that it asks for, and what it was paid is nobody's
// float.
func (w *world) checkWallet(r remit.Remittance, orders []settlement.Order) (wrong []string) {
	p, settled := w.plans[r.ID], 0
	wrong = w.checkClaims(r, orders)
	for _, o := range orders {
		if o.Reclaims != "" {
			continue
		}
		if o.Status == settlement.OrderSettled {
			settled++
		}
		if o.Destination != wallet(r.BeneficiaryID) || o.Rail != p.network || o.Leg != 1 ||
			o.Mode == settlement.ModeNetted || (p.memo != "" && (o.Memo != p.memo || o.Mode != settlement.ModeSingle)) {
			wrong = append(wrong, fmt.Sprintf("the wallet's order is %+v", o))
		}
	}
	if (settled == 1) != (r.State == remit.StateCompleted || r.Reason == remit.ReasonNotClaimed) || settled > 1 || r.PayoutOrder != "" {
		wrong = append(wrong, fmt.Sprintf("%d payments to the wallet, payout order %q", settled, r.PayoutOrder))
	}
	for _, c := range w.chains {
		if b := w.balance(ledger.Partner(remit.ProviderWallet), c.asset); !b.Posted.IsZero() {
			wrong = append(wrong, fmt.Sprintf("the wallets' account holds %s", b.Posted))
		}
	}
	return wrong
}

// checkDecisions: nothing left without a decision that allowed it or a person
// who approved it, and what was blocked stays.
func (w *world) checkDecisions(r remit.Remittance, decisions []compliance.Decision) (wrong []string) {
	seen := make(map[remit.DecisionID]bool)
	for _, d := range decisions {
		if seen[d.ID] {
			wrong = append(wrong, fmt.Sprintf("decision %s is stored twice", d.ID))
		}
		seen[d.ID] = true
	}
	return wrong
}

func (w *world) events(r remit.Remittance) []remit.Event {
	w.t.Helper()
	events, err := w.store.Events(w.ctx, w.tenant, r.ID, 0, 10_000)
	w.must(err)
	return events
}

// history tells a remittance's events, for people.
func (w *world) history(r remit.Remittance) string {
	var b strings.Builder
	events := w.events(r)
	for i, e := range events {
		if i > 40 {
			fmt.Fprintf(&b, "    … and %d more\n", len(events)-i)
			break
		}
		fmt.Fprintf(&b, "    %s %3d %-28s %-15s %s %v\n", e.At.Format("02 15:04:05"), e.Number, e.Type, e.State, e.Reason, e.Facts)
	}
	return b.String()
}
