package ledger_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ledger"
)

var usd = remit.MustFiat("USD")

func dollars(n int64) remit.Money { return remit.NewMoney(usd, n) }

func TestAccounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		account ledger.Account
		name    string
		normal  ledger.Side
		guarded bool
	}{
		{ledger.Remittance("rem_1"), "remittance/rem_1", ledger.SideCredit, true},
		{ledger.Tenant("ten_1"), "tenant/ten_1", ledger.SideCredit, true},
		{ledger.Treasury(remit.RailStellar), "treasury/stellar", ledger.SideDebit, true},
		{ledger.Agent("outlet-7"), "agent/outlet-7", ledger.SideDebit, true},
		{ledger.Drawer("teller_3"), "drawer/teller_3", ledger.SideDebit, true},
		{ledger.InTransit(remit.RailSolana), "intransit/solana", ledger.SideDebit, false},
		{ledger.OnRamp("bank"), "onramp/bank", ledger.SideDebit, false},
		{ledger.Partner("payer"), "partner/payer", ledger.SideDebit, false},
		{ledger.NetworkExpense, "expense/network", ledger.SideDebit, false},
		{ledger.RevenueFees, "revenue/fees", ledger.SideCredit, false},
		{ledger.RevenueFX, "revenue/fx", ledger.SideCredit, false},
		{ledger.Capital, "capital/operator", ledger.SideCredit, false},
		{ledger.Blocked, "blocked", ledger.SideCredit, false},
		{ledger.ReserveInsurance, "reserve/insurance", ledger.SideCredit, false},
		{ledger.FX(usd, remit.USDCStellar), "fx/USD-USDC_STELLAR", ledger.SideEither, false},
		{ledger.Rounding, "rounding", ledger.SideEither, false},
	} {
		if string(c.account) != c.name || c.account.Normal() != c.normal || c.account.Guarded() != c.guarded || !c.account.Valid() {
			t.Errorf("got %q normal %s guarded %t valid %t, want %+v", c.account, c.account.Normal(), c.account.Guarded(), c.account.Valid(), c)
		}
	}
	for _, bad := range []ledger.Account{
		"", "/", "nobody/x", "remittance", "remittance/", "blocked/x", "rounding/", "tenant/a b", "tenant/a/b", "tenant/é",
		ledger.Account("tenant/" + strings.Repeat("a", ledger.MaxAccountLength)),
	} {
		if bad.Valid() {
			t.Errorf("%q is valid, want it refused", bad)
		}
	}
}

// post is a well-formed entry.
func post() ledger.Entry {
	return ledger.Entry{
		ID: "ent_1", Key: "k", Action: ledger.ActionPost, Remittance: "rem_1", Memo: "m", At: time.Unix(1, 0),
		Postings: []ledger.Posting{{Debit: ledger.OnRamp("bank"), Credit: ledger.Remittance("rem_1"), Amount: dollars(5)}},
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := post().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*ledger.Entry){
		"no id":             func(e *ledger.Entry) { e.ID = "" },
		"no key":            func(e *ledger.Entry) { e.Key = "" },
		"long key":          func(e *ledger.Entry) { e.Key = strings.Repeat("k", ledger.MaxKeyLength+1) },
		"long memo":         func(e *ledger.Entry) { e.Memo = strings.Repeat("m", ledger.MaxMemoLength+1) },
		"no action":         func(e *ledger.Entry) { e.Action = "" },
		"no postings":       func(e *ledger.Entry) { e.Postings = nil },
		"too many postings": func(e *ledger.Entry) { e.Postings = make([]ledger.Posting, ledger.MaxPostings+1) },
		"zero amount":       func(e *ledger.Entry) { e.Postings[0].Amount.Minor = 0 },
		"negative amount":   func(e *ledger.Entry) { e.Postings[0].Amount.Minor = -1 },
		"no asset":          func(e *ledger.Entry) { e.Postings[0].Amount.Asset = remit.Asset{} },
		"one account":       func(e *ledger.Entry) { e.Postings[0].Debit = e.Postings[0].Credit },
		"unknown account":   func(e *ledger.Entry) { e.Postings[0].Debit = "cash/x" },
		"post with hold":    func(e *ledger.Entry) { e.Hold = "hld_1" },
		"hold without id":   func(e *ledger.Entry) { e.Action = ledger.ActionHold },
		"settle with postings": func(e *ledger.Entry) {
			e.Action, e.Hold = ledger.ActionSettleHold, "hld_1"
		},
		"void without hold": func(e *ledger.Entry) { e.Action, e.Postings = ledger.ActionVoidHold, nil },
		"reverse nothing":   func(e *ledger.Entry) { e.Action, e.Postings = ledger.ActionReverse, nil },
		"reverse itself": func(e *ledger.Entry) {
			e.Action, e.Postings, e.Reverses = ledger.ActionReverse, nil, e.Key
		},
	} {
		e := post()
		spoil(&e)
		if err := e.Validate(); remit.KindOf(err) != remit.KindInternal {
			t.Errorf("%s: got %v, want an internal error", name, err)
		}
	}
}

func TestInputHash(t *testing.T) {
	t.Parallel()
	want := post().InputHash()
	for name, change := range map[string]func(*ledger.Entry){
		"id":   func(e *ledger.Entry) { e.ID = "ent_2" },
		"memo": func(e *ledger.Entry) { e.Memo = "other" },
		"time": func(e *ledger.Entry) { e.At = time.Unix(2, 0) },
	} {
		e := post()
		if change(&e); e.InputHash() != want {
			t.Errorf("another %s makes another input", name)
		}
	}
	for name, change := range map[string]func(*ledger.Entry){
		"key":        func(e *ledger.Entry) { e.Key = "l" },
		"action":     func(e *ledger.Entry) { e.Action = ledger.ActionHold },
		"amount":     func(e *ledger.Entry) { e.Postings[0].Amount.Minor++ },
		"scale":      func(e *ledger.Entry) { e.Postings[0].Amount.Asset.Scale++ },
		"debit":      func(e *ledger.Entry) { e.Postings[0].Debit = ledger.OnRamp("card") },
		"posting":    func(e *ledger.Entry) { e.Postings = append(e.Postings, e.Postings[0]) },
		"hold":       func(e *ledger.Entry) { e.Hold = "h" },
		"reverses":   func(e *ledger.Entry) { e.Reverses = "h" },
		"remittance": func(e *ledger.Entry) { e.Remittance = "rem_2" },
	} {
		e := post()
		if change(&e); e.InputHash() == want {
			t.Errorf("another %s makes the same input", name)
		}
	}
}

func TestEffectsAndGuard(t *testing.T) {
	t.Parallel()
	effects, err := ledger.Effects([]ledger.Posting{
		{Debit: ledger.Remittance("rem_1"), Credit: ledger.RevenueFees, Amount: dollars(3)},
		{Debit: ledger.OnRamp("bank"), Credit: ledger.Remittance("rem_1"), Amount: dollars(10)},
		{Debit: ledger.Treasury("stellar"), Credit: ledger.Tenant("ten_1"), Amount: dollars(4)},
		{Debit: ledger.Tenant("ten_1"), Credit: ledger.Treasury("stellar"), Amount: dollars(4)},
	})
	if err != nil || len(effects) != 1 || effects[0].Account != ledger.Remittance("rem_1") || effects[0].Delta != 7 {
		t.Fatalf("got %v and %v, want rem_1 up by 7", effects, err)
	}
	huge := ledger.Posting{Debit: ledger.OnRamp("bank"), Credit: ledger.Tenant("ten_1"), Amount: dollars(math.MaxInt64)}
	if _, err := ledger.Effects([]ledger.Posting{huge, huge}); !errors.Is(err, remit.ErrOverflow) {
		t.Fatalf("got %v, want overflow", err)
	}
	effect := func(delta int64) ledger.Effect {
		return ledger.Effect{AccountAsset: ledger.AccountAsset{Account: ledger.Tenant("ten_1"), Asset: usd}, Delta: delta}
	}
	for _, c := range []struct {
		before ledger.Guard
		action ledger.Action
		delta  int64
		after  ledger.Guard
		kind   remit.Kind
	}{
		{ledger.Guard{Posted: 10}, ledger.ActionPost, -10, ledger.Guard{}, ""},
		{ledger.Guard{Posted: 10}, ledger.ActionPost, -11, ledger.Guard{}, remit.KindPrecondition},
		{ledger.Guard{Posted: 10, Held: 5}, ledger.ActionPost, -6, ledger.Guard{}, remit.KindPrecondition},
		{ledger.Guard{Posted: 10, Held: 5}, ledger.ActionReverse, -5, ledger.Guard{Posted: 5, Held: 5}, ""},
		{ledger.Guard{Posted: 10}, ledger.ActionHold, -10, ledger.Guard{Posted: 10, Held: 10}, ""},
		{ledger.Guard{Posted: 10, Held: 1}, ledger.ActionHold, -10, ledger.Guard{}, remit.KindPrecondition},
		{ledger.Guard{Posted: 10}, ledger.ActionHold, 10, ledger.Guard{Posted: 10}, ""},
		{ledger.Guard{Posted: 10, Held: 4}, ledger.ActionSettleHold, -4, ledger.Guard{Posted: 6}, ""},
		{ledger.Guard{Posted: 10}, ledger.ActionSettleHold, 4, ledger.Guard{Posted: 14}, ""},
		{ledger.Guard{Posted: 10, Held: 4}, ledger.ActionVoidHold, -4, ledger.Guard{Posted: 10}, ""},
		{ledger.Guard{Posted: 10, Held: 3}, ledger.ActionVoidHold, -4, ledger.Guard{}, remit.KindInternal},
		{ledger.Guard{Posted: math.MaxInt64}, ledger.ActionPost, 1, ledger.Guard{}, remit.KindInternal},
		{ledger.Guard{Posted: 1}, "", 1, ledger.Guard{}, remit.KindInternal},
	} {
		got, err := c.before.After(c.action, effect(c.delta))
		if remit.KindOf(err) != c.kind || (err == nil && got != c.after) {
			t.Errorf("%+v after %s of %d: got %+v and %v, want %+v and %q", c.before, c.action, c.delta, got, err, c.after, c.kind)
		}
	}
}
