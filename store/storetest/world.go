package storetest

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/workflows"
)

// world is a store with a tenant and people in it.
type world struct {
	t     testing.TB
	ctx   context.Context //nolint:containedctx // one test's own
	s     *store.Store
	clock *remit.FakeClock
	dsn   string
	vault string

	tenant      remit.TenantID
	customer    remit.Customer
	beneficiary remit.Beneficiary
	serial      atomic.Int64
}

func newWorld(t testing.TB, dsn string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), dsn: dsn, vault: filepath.Join(t.TempDir(), "vault.key")}
	w.s, w.clock = Open(t, dsn, w.vault)
	w.tenant = id[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.s.CreateTenant(w.ctx, w.tenant, "Bayan Transfers"))
	w.customer = remit.Customer{
		ID: id[remit.CustomerID](w, remit.PrefixCustomer), TenantID: w.tenant, Tier: remit.TierVerified, Reference: "c-1", CreatedAt: Start, Version: 1,
		Party: remit.Party{GivenName: "Marisolabella", FamilyName: "Quintanarro", DateOfBirth: "1990-04-05", Country: "US"},
	}
	w.beneficiary = remit.Beneficiary{
		ID: id[remit.BeneficiaryID](w, remit.PrefixBeneficiary), TenantID: w.tenant, Method: remit.PayoutBank, CreatedAt: Start, Version: 1,
		Party:   remit.Party{GivenName: "Jejomarino", FamilyName: "Katigbakero", Country: "PH"},
		Account: map[string]string{"bank_code": "BPI", "account_number": "998877665544"},
	}
	w.must(w.s.CreateCustomer(w.ctx, w.customer))
	w.must(w.s.CreateBeneficiary(w.ctx, w.beneficiary))
	return w
}

// id makes an id; ids of one test sort in the order they were made.
func id[T ~string](w *world, prefix string) T {
	n := w.serial.Add(1)
	return remit.DeriveID[T](prefix, Start.Add(time.Duration(n)*time.Millisecond), fmt.Sprint(n))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused checks that err is of the kind and, if given, has the reason.
func (w *world) refused(err error, kind remit.Kind, reason remit.Reason) {
	w.t.Helper()
	if remit.KindOf(err) != kind || (reason != "" && remit.ReasonOf(err) != reason) {
		w.t.Fatalf("got %v (%s), want %s %s", err, remit.KindOf(err), kind, reason)
	}
}

var usd, php = remit.MustFiat("USD"), remit.MustFiat("PHP")

func dollars(minor int64) remit.Money { return remit.NewMoney(usd, minor) }

func (w *world) quote() remit.Quote {
	w.t.Helper()
	rate, err := remit.ParseRate(usd, php, "56.1")
	w.must(err)
	q := remit.Quote{
		ID: id[remit.QuoteID](w, remit.PrefixQuote), TenantID: w.tenant, Corridor: "US-PH", From: "US", To: "PH",
		Funding: remit.FundingBankDebit, Payout: remit.PayoutBank, Rail: remit.RailAuto,
		SourceTotal: dollars(20_000), Principal: dollars(19_500), Rate: rate, Mid: rate, MidAsOf: Start,
		Fees:   []remit.FeeLine{{Kind: remit.FeeOurs, Description: "Fee", Amount: dollars(500)}},
		Target: remit.NewMoney(php, 1_093_950), Settlement: remit.NewMoney(remit.USDC, 195_000_000), CostOfSettlement: dollars(19_500),
		FundingProvider: "bank", PayoutProvider: "payer", CreatedAt: Start, ExpiresAt: Start.Add(15 * time.Minute),
	}
	w.must(w.s.CreateQuote(w.ctx, q))
	return q
}

func (w *world) newRemittance() api.NewRemittance {
	w.t.Helper()
	return api.NewRemittance{
		ID: id[remit.RemittanceID](w, remit.PrefixRemittance), TenantID: w.tenant, QuoteID: w.quote().ID,
		CustomerID: w.customer.ID, BeneficiaryID: w.beneficiary.ID, Reference: "order-1", Purpose: "family_support",
	}
}

// remittance makes one in the state created.
func (w *world) remittance() remit.Remittance {
	w.t.Helper()
	r, err := w.s.CreateRemittance(w.ctx, w.newRemittance())
	w.must(err)
	return r
}

// entry makes a post of one posting with a fresh id.
func (w *world) entry(key string, debit, credit ledger.Account, amount remit.Money) ledger.Entry {
	return ledger.Entry{
		ID: id[remit.EntryID](w, remit.PrefixEntry), Key: key, Action: ledger.ActionPost,
		Postings: []ledger.Posting{{Debit: debit, Credit: credit, Amount: amount}},
	}
}

// fundTreasury puts stablecoin on a rail's treasury.
func (w *world) fundTreasury(minor int64) {
	w.t.Helper()
	w.must(w.s.PostEntries(w.ctx, w.entry(fmt.Sprintf("treasury/%d", w.serial.Add(1)),
		ledger.Treasury(remit.RailStellar), ledger.Capital, remit.NewMoney(remit.USDCStellar, minor))))
}

// funded brings a fresh remittance to funded, with its entry.
func (w *world) funded() remit.Remittance {
	w.t.Helper()
	r := w.remittance()
	e := w.entry(string(r.ID)+"/funding", ledger.OnRamp("bank"), ledger.Remittance(r.ID), r.Quote.SourceTotal)
	r, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld,
		EventType: "remittance.funded", Entries: []ledger.Entry{e},
	})
	w.must(err)
	return r
}

// settling brings a fresh remittance to settling, with its hold and order.
func (w *world) settling(changes ...func(*settlement.Order)) (remit.Remittance, settlement.Order) {
	w.t.Helper()
	r := w.funded()
	amount := remit.NewMoney(remit.USDCStellar, 1_950_000_000)
	o := settlement.Order{
		ID: id[remit.OrderID](w, remit.PrefixOrder), RemittanceID: r.ID, Leg: 1, Rail: remit.RailStellar, Amount: amount,
		Destination: "GDESTINATION", Memo: "memo", Release: "dec_x",
	}
	for _, change := range changes {
		change(&o)
	}
	hold := w.entry(string(r.ID)+"/hold/1", ledger.InTransit(remit.RailStellar), ledger.Treasury(remit.RailStellar), amount)
	if o.Reserve.IsPositive() {
		hold.Postings = append(hold.Postings, ledger.Posting{Debit: ledger.TokenExpense, Credit: ledger.Treasury(remit.RailStellar), Amount: o.Reserve})
	}
	hold.Action, hold.Hold = ledger.ActionHold, id[remit.HoldID](w, remit.PrefixHold)
	r, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateFunded, To: remit.StateSettling, Funds: remit.FundsInTransit, EventType: "remittance.settling",
		Change: func(r *remit.Remittance) {
			r.Rail, r.SettlementOrder, r.TreasuryHold = remit.RailStellar, o.ID, hold.Hold
		},
		Entries: []ledger.Entry{hold}, SettlementOrder: &o,
	})
	w.must(err)
	return r, o
}

// rampOrder is an order for a remittance, not placed yet.
func (w *world) rampOrder(r remit.Remittance, d ramps.Direction) ramps.Order {
	return ramps.Order{
		ID: id[remit.RampOrderID](w, remit.PrefixRampOrder), RemittanceID: r.ID, Direction: d, Provider: "bank",
		Method: string(remit.FundingBankDebit), Country: "US", Amount: r.Quote.SourceTotal,
	}
}

// verify checks that the whole ledger is clean.
func (w *world) verify() ledger.Report {
	w.t.Helper()
	report, err := w.s.VerifyLedger(w.ctx)
	w.must(err)
	if !report.Clean() {
		w.t.Fatalf("ledger findings: %q", report.Findings)
	}
	return report
}

// balance returns the balance of one account and asset.
func (w *world) balance(account ledger.Account, asset remit.Asset) ledger.Balance {
	w.t.Helper()
	list, err := w.s.Balances(w.ctx, string(account))
	w.must(err)
	for _, b := range list {
		if b.Account == account && b.Posted.Asset == asset {
			return b
		}
	}
	return ledger.Balance{Account: account, Posted: remit.NewMoney(asset, 0), Held: remit.NewMoney(asset, 0)}
}

// wantBalance checks what an account holds of an asset, in minor units.
func (w *world) wantBalance(account ledger.Account, asset remit.Asset, posted, held int64) {
	w.t.Helper()
	if b := w.balance(account, asset); b.Posted.Minor != posted || b.Held.Minor != held {
		w.t.Fatalf("%s: got %d posted and %d held, want %d and %d", account, b.Posted.Minor, b.Held.Minor, posted, held)
	}
}

// notices returns the pending notices of a remittance.
func (w *world) notices(r remit.RemittanceID) []workflows.NumberedNotice {
	w.t.Helper()
	all, err := w.s.PendingNotices(w.ctx, 1000)
	w.must(err)
	var out []workflows.NumberedNotice
	for _, n := range all {
		if n.RemittanceID == r {
			out = append(out, n)
		}
	}
	return out
}

// eventTypes returns the types of a remittance's events, having checked that
// they are numbered 1, 2, 3….
func (w *world) eventTypes(r remit.RemittanceID) []string {
	w.t.Helper()
	events, err := w.s.Events(w.ctx, w.tenant, r, 0, 1000)
	w.must(err)
	var out []string
	for i, e := range events {
		if e.Number != int64(i+1) {
			w.t.Fatalf("event %d of %s has number %d", i+1, r, e.Number)
		}
		out = append(out, e.Type)
	}
	return out
}
