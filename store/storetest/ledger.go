package storetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
)

func testEntries(t *testing.T, w *world) {
	account := ledger.Tenant(w.tenant)
	e := w.entry("fund/1", ledger.OnRamp("bank"), account, dollars(500))
	w.must(w.s.PostEntries(w.ctx, e))
	again := e
	again.ID, again.Memo = id[remit.EntryID](w, remit.PrefixEntry), "said otherwise"
	w.must(w.s.PostEntries(w.ctx, again))
	w.wantBalance(account, usd, 500, 0)

	other := w.entry("fund/1", ledger.OnRamp("bank"), account, dollars(501))
	w.refused(w.s.PostEntries(w.ctx, other), remit.KindConflict, remit.ReasonStateConflict)
	w.wantBalance(account, usd, 500, 0)

	malformed := w.entry("fund/2", "nowhere/x", account, dollars(1))
	w.refused(w.s.PostEntries(w.ctx, malformed), remit.KindInternal, "")
	report := w.verify()
	if report.Entries != 1 || report.Postings != 1 {
		t.Fatalf("got %d entries and %d postings, want one of each", report.Entries, report.Postings)
	}
}

func testHolds(t *testing.T, w *world) {
	treasury, transit := ledger.Treasury(remit.RailStellar), ledger.InTransit(remit.RailStellar)
	coin := func(n int64) remit.Money { return remit.NewMoney(remit.USDCStellar, n) }
	w.fundTreasury(100)
	hold := func(key string, h remit.HoldID, n int64) ledger.Entry {
		e := w.entry(key, transit, treasury, coin(n))
		e.Action, e.Hold = ledger.ActionHold, h
		return e
	}
	end := func(key string, action ledger.Action, h remit.HoldID) ledger.Entry {
		return ledger.Entry{ID: id[remit.EntryID](w, remit.PrefixEntry), Key: key, Action: action, Hold: h}
	}
	w.must(w.s.PostEntries(w.ctx, hold("h1", "hld_1", 60)))
	w.wantBalance(treasury, remit.USDCStellar, 100, 60)
	w.wantBalance(transit, remit.USDCStellar, 0, 0)
	w.refused(w.s.PostEntries(w.ctx, hold("h2", "hld_2", 41)), remit.KindPrecondition, remit.ReasonInsufficientFunds)
	w.refused(w.s.PostEntries(w.ctx, hold("h3", "hld_1", 1)), remit.KindConflict, "")
	w.must(w.s.PostEntries(w.ctx, hold("h4", "hld_4", 40)))
	w.must(w.s.PostEntries(w.ctx, end("s1", ledger.ActionSettleHold, "hld_1")))
	w.wantBalance(treasury, remit.USDCStellar, 40, 40)
	w.wantBalance(transit, remit.USDCStellar, 60, 0)
	w.must(w.s.PostEntries(w.ctx, end("s1", ledger.ActionSettleHold, "hld_1"))) // The same key again.
	w.refused(w.s.PostEntries(w.ctx, end("s2", ledger.ActionSettleHold, "hld_1")), remit.KindConflict, "")
	w.refused(w.s.PostEntries(w.ctx, end("v1", ledger.ActionVoidHold, "hld_1")), remit.KindConflict, "")
	w.refused(w.s.PostEntries(w.ctx, end("v2", ledger.ActionVoidHold, "hld_none")), remit.KindNotFound, "")
	w.must(w.s.PostEntries(w.ctx, end("v4", ledger.ActionVoidHold, "hld_4")))
	w.wantBalance(treasury, remit.USDCStellar, 40, 0)
	// Made and settled within one group.
	w.must(w.s.PostEntries(w.ctx, hold("h5", "hld_5", 40), end("s5", ledger.ActionSettleHold, "hld_5")))
	w.wantBalance(treasury, remit.USDCStellar, 0, 0)
	w.wantBalance(transit, remit.USDCStellar, 100, 0)
	if report := w.verify(); report.Entries != 7 {
		t.Fatalf("got %d entries, want 7", report.Entries)
	}
}

func testReversals(_ *testing.T, w *world) {
	account := ledger.Tenant(w.tenant)
	reverse := func(key, target string) ledger.Entry {
		return ledger.Entry{ID: id[remit.EntryID](w, remit.PrefixEntry), Key: key, Action: ledger.ActionReverse, Reverses: target}
	}
	w.must(w.s.PostEntries(w.ctx, w.entry("fund/1", ledger.OnRamp("bank"), account, dollars(500))))
	w.must(w.s.PostEntries(w.ctx, reverse("undo/1", "fund/1")))
	w.wantBalance(account, usd, 0, 0)
	w.wantBalance(ledger.OnRamp("bank"), usd, 0, 0)
	w.refused(w.s.PostEntries(w.ctx, reverse("undo/1b", "fund/1")), remit.KindConflict, "")
	w.refused(w.s.PostEntries(w.ctx, reverse("undo/2", "none")), remit.KindNotFound, "")
	w.refused(w.s.PostEntries(w.ctx, reverse("undo/3", "undo/1")), remit.KindPrecondition, "")
	// What was spent since cannot be taken back.
	w.must(w.s.PostEntries(w.ctx, w.entry("fund/2", ledger.OnRamp("bank"), account, dollars(300)),
		w.entry("fee/1", account, ledger.RevenueFees, dollars(100))))
	w.refused(w.s.PostEntries(w.ctx, reverse("undo/4", "fund/2")), remit.KindPrecondition, remit.ReasonInsufficientFunds)
	// Within one group.
	w.must(w.s.PostEntries(w.ctx, w.entry("fund/5", ledger.OnRamp("bank"), account, dollars(7)), reverse("undo/5", "fund/5")))
	w.wantBalance(account, usd, 200, 0)
	w.verify()
}

func testFloors(_ *testing.T, w *world) {
	a, b := ledger.Tenant(w.tenant), ledger.Tenant("ten_other")
	w.refused(w.s.PostEntries(w.ctx, w.entry("over", a, ledger.RevenueFees, dollars(1))), remit.KindPrecondition, remit.ReasonInsufficientFunds)
	w.must(w.s.PostEntries(w.ctx, w.entry("fund", ledger.OnRamp("bank"), a, dollars(10))))
	// All or none: the first entry of a refused list leaves nothing behind.
	err := w.s.PostEntries(w.ctx, w.entry("move/1", a, b, dollars(10)), w.entry("move/2", a, b, dollars(1)))
	w.refused(err, remit.KindPrecondition, remit.ReasonInsufficientFunds)
	w.wantBalance(a, usd, 10, 0)
	w.wantBalance(b, usd, 0, 0)
	w.must(w.s.PostEntries(w.ctx, w.entry("move/1", a, b, dollars(10))))
	w.wantBalance(b, usd, 10, 0)
	// An account may be negative in no asset, whatever it has of another.
	w.refused(w.s.PostEntries(w.ctx, w.entry("other-asset", b, ledger.RevenueFees, remit.NewMoney(php, 1))), remit.KindPrecondition, "")
	w.verify()
}

func testBalances(t *testing.T, w *world) {
	w.fundTreasury(100)
	a := ledger.Tenant(w.tenant)
	w.must(w.s.PostEntries(w.ctx, w.entry("fund", ledger.OnRamp("bank"), a, dollars(10))))
	w.must(w.s.PostEntries(w.ctx, ledger.Entry{
		ID: id[remit.EntryID](w, remit.PrefixEntry), Key: "change", Action: ledger.ActionPost, Postings: []ledger.Posting{
			{Debit: a, Credit: ledger.FX(usd, php), Amount: dollars(2)},
			{Debit: ledger.FX(usd, php), Credit: ledger.Partner("payer"), Amount: remit.NewMoney(php, 112)},
		},
	}))
	all, err := w.s.Balances(w.ctx, "")
	w.must(err)
	got := ""
	for _, b := range all {
		name := string(b.Account)
		if b.Account == a {
			name = "tenant"
		}
		got += fmt.Sprintf("%s %s %d\n", name, b.Posted.Asset, b.Posted.Minor)
	}
	want := "capital/operator USDC_STELLAR/7 100\nfx/USD-PHP PHP/2 -112\nfx/USD-PHP USD/2 2\nonramp/bank USD/2 10\n" +
		"partner/payer PHP/2 -112\ntenant USD/2 8\ntreasury/stellar USDC_STELLAR/7 100\n"
	if got != want {
		t.Fatalf("got\n%swant\n%s", got, want)
	}
	own, err := w.s.Balances(w.ctx, "tenant/"+string(w.tenant))
	w.must(err)
	if len(own) != 1 || own[0].Account != a {
		t.Fatalf("got %v, want the tenant's own only", own)
	}
}

// testRandomEntries posts random entries, some of which must be refused, and
// compares the balances with a model.
func testRandomEntries(t *testing.T, w *world) {
	random := rand.New(rand.NewPCG(1, 2))
	accounts := []ledger.Account{ledger.Tenant("ten_a"), ledger.Tenant("ten_b"), ledger.Treasury("stellar"), ledger.Capital, ledger.OnRamp("bank"), ledger.Rounding}
	model := make(map[ledger.Account]ledger.Guard)
	posted, refused := 0, 0
	for i := range 300 {
		debit, credit := accounts[random.IntN(len(accounts))], accounts[random.IntN(len(accounts))]
		if debit == credit {
			continue
		}
		e := w.entry(fmt.Sprintf("random/%d", i), debit, credit, dollars(1+random.Int64N(50)))
		effects, err := ledger.AllEffects(e.Postings)
		w.must(err)
		next, fits := make(map[ledger.Account]ledger.Guard), true
		for _, effect := range effects {
			g := model[effect.Account]
			g.Posted += effect.Delta
			next[effect.Account] = g
			fits = fits && (g.Posted >= 0 || !effect.Account.Guarded())
		}
		err = w.s.PostEntries(w.ctx, e)
		if !fits {
			w.refused(err, remit.KindPrecondition, remit.ReasonInsufficientFunds)
			refused++
			continue
		}
		w.must(err)
		posted++
		for account, g := range next {
			model[account] = g
		}
	}
	for account, g := range model {
		w.wantBalance(account, usd, g.Posted, 0)
	}
	if report := w.verify(); report.Entries != int64(posted) || refused == 0 {
		t.Fatalf("got %d entries with %d refused, want %d and some refused", report.Entries, refused, posted)
	}
}
