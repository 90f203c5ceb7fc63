package agent_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening/payee"
	"github.com/openremit/remit/corridors"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/portal/agent"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/store/storetest"
	"github.com/openremit/remit/workflows"
)

// world is a tenant with an agent, an outlet in Manila and payments that wait
// there, behind the real API and store.
type world struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // one test's own
	s      *store.Store
	clock  *remit.FakeClock
	url    string
	tenant remit.TenantID

	coder   *counter.Coder
	service *counter.Service
	desk    *ramps.Desk
	agent   counter.Agent
	outlet  counter.Outlet
	serial  *atomic.Int64
}

// person is somebody who signs in at a counter.
type person struct {
	name, email, password string
	secret                []byte
	by                    counter.Caller
}

// noon is when the tests begin: the outlet is open.
var noon = time.Date(2026, time.November, 20, 4, 5, 0, 0, time.UTC)

// open makes a world, under rules of the counters laid over the built-in ones.
func open(t *testing.T, over ...string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), serial: new(atomic.Int64)}
	w.s, w.clock = storetest.Open(t, storetest.SQLite(t), filepath.Join(t.TempDir(), "vault.key"))
	w.clock.Advance(noon.Sub(w.clock.Now()))
	w.tenant = id[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.s.CreateTenant(w.ctx, w.tenant, "Bayan Transfers"))
	var err error
	w.coder, err = counter.NewCoder([]byte("a secret of sixteen or more"))
	w.must(err)
	rules, err := counter.LoadIdentityRules()
	w.must(err)
	for _, text := range over {
		rules, err = rules.With([]byte(text))
		w.must(err)
	}
	w.service, err = counter.NewService(counter.Options{Store: w.s, Coder: w.coder, Names: payee.Likeness, Identity: rules, Clock: w.clock, Audit: api.CounterAudit(w.s)})
	w.must(err)
	provider, err := counter.NewProvider(counter.ProviderOptions{Store: w.s, Coder: w.coder, Clock: w.clock, Rules: rules, CashIn: map[remit.Country]string{"US": "USD"}})
	w.must(err)
	w.desk, err = ramps.NewDesk(ramps.DeskOptions{Store: w.s, Providers: []ramps.Provider{provider}, Clock: w.clock})
	w.must(err)
	catalogue, err := corridors.Load()
	w.must(err)
	rates, err := corridors.LoadTableRates(w.clock)
	w.must(err)
	quoter := corridors.Quoter{
		Catalogue: catalogue, Rates: rates, Clock: w.clock, MaxRateAge: corridors.AnyRateAge, CashProviders: map[remit.Country]string{"PH": counter.Name, "CO": counter.Name},
		CashInProviders: map[remit.Country]string{"US": counter.Name},
	}
	server, err := api.New(api.Options{
		Store: w.s, Catalogue: catalogue, Quoter: &quoter, Clock: w.clock, Counter: w.service,
		PickupCode:    func(r remit.Remittance, _ remit.RampOrderID) string { return w.coder.Text(string(r.ID)) },
		RatePerSecond: 5000, RateBurst: 5000, Staff: api.StaffOptions{Issuer: "Remit test", Origin: "http://localhost"},
	})
	w.must(err)
	t.Cleanup(func() { w.must(server.Close(context.Background())) })
	pages, err := agent.New(agent.Options{Conn: server.Conn(), Clock: w.clock, Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	w.must(err)
	listener := httptest.NewServer(pages)
	t.Cleanup(listener.Close)
	w.url = listener.URL
	w.network()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// id makes an id; ids of one test sort in the order they were made.
func id[T ~string](w *world, prefix string) T {
	n := w.serial.Add(1)
	return remit.DeriveID[T](prefix, w.clock.Now().Add(time.Duration(n)*time.Millisecond), fmt.Sprint(n))
}

func (w *world) operator() counter.Caller {
	return counter.Caller{TenantID: w.tenant, Actor: "key_operator", ActorName: "operator"}
}

var usd, php = remit.MustFiat("USD"), remit.MustFiat("PHP")

func pesos(minor int64) remit.Money { return remit.NewMoney(php, minor) }

// network makes the agent, its outlet and a float of 300,000 pesos.
func (w *world) network() {
	w.t.Helper()
	var err error
	w.agent, err = w.service.PutAgent(w.ctx, w.operator(), counter.Agent{
		ID: id[counter.AgentID](w, counter.PrefixAgent), Name: "Bayad Center", Phone: "+63 2 8888 1234",
		Commissions: map[string]counter.Commission{"PHP": {FixedMinor: 1000, BasisPoints: 50}},
	})
	w.must(err)
	var week counter.Week
	for day := range week {
		week[day] = []counter.Span{{From: 6 * 60, To: 22 * 60}}
	}
	w.outlet, err = w.service.PutOutlet(w.ctx, w.operator(), counter.Outlet{
		ID: id[counter.OutletID](w, counter.PrefixOutlet), AgentID: w.agent.ID, Name: "Quiapo", Country: "PH", City: "Manila", Address: "1 Rizal Street",
		Hours: counter.Hours{Zone: "Asia/Manila", Week: week}, Currencies: []string{"PHP"}, LowFloat: map[string]int64{"PHP": 30_000_000},
	})
	w.must(err)
	top, err := w.service.RequestTopUp(w.ctx, w.hire("Vic Villanueva", counter.RoleManager, 0).by, id[counter.TopUpID](w, counter.PrefixTopUp), w.outlet.ID, pesos(30_000_000))
	w.must(err)
	_, err = w.service.DecideTopUp(w.ctx, w.operator(), top.ID, true, "wire 7", "")
	w.must(err)
}

// hire adds a person with an account. most is what a teller may pay or take at a
// time in minor units, 0 for no limit.
func (w *world) hire(name string, role counter.Role, most int64) *person {
	w.t.Helper()
	p := &person{name: name, email: fmt.Sprintf("p%d@bayad.example", w.serial.Add(1)), password: "four lamps of a quiet fjord"}
	p.secret = []byte(fmt.Sprintf("%020d", w.serial.Add(1)))
	account, err := w.s.CreateStaff(w.ctx, api.NewStaff{
		ID: id[remit.StaffID](w, remit.PrefixStaff), TenantID: w.tenant, Name: name, Email: p.email, Role: compliance.Role(role),
		PasswordHash: compliance.HashPassword(p.password, compliance.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1}), TOTPSecret: p.secret,
	})
	w.must(err)
	teller := counter.Teller{
		ID: id[counter.TellerID](w, counter.PrefixTeller), OutletID: w.outlet.ID, StaffID: account.ID, Name: name, Role: role, TrainedUntil: noon.AddDate(1, 0, 0),
	}
	if most > 0 {
		teller.Limits = map[string]counter.Limit{w.outlet.Currencies[0]: {PerPayout: most}}
	}
	teller, err = w.service.PutTeller(w.ctx, w.operator(), teller)
	w.must(err)
	p.by = counter.Caller{TenantID: w.tenant, Actor: string(account.ID), ActorName: name, TellerID: teller.ID}
	return p
}

// drawer opens a person's drawer with centavos.
func (w *world) drawer(p *person, minor int64) {
	w.t.Helper()
	_, err := w.service.OpenDrawer(w.ctx, p.by, id[counter.DrawerID](w, counter.PrefixDrawer), []counter.Count{{Total: pesos(minor)}})
	w.must(err)
}

// waiting brings a remittance for Maria Santos to the counters under a code.
func (w *world) waiting(code counter.Code, minor int64) remit.RemittanceID {
	w.t.Helper()
	r := w.settled(minor)
	o := ramps.Order{
		ID: id[remit.RampOrderID](w, remit.PrefixRampOrder), RemittanceID: r.ID, TenantID: w.tenant, Direction: ramps.PayOut,
		Provider: counter.Name, Method: string(remit.PayoutCash), Country: "PH", Amount: pesos(minor), Status: ramps.StatusQueued,
	}
	_, err := w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateSettled, To: remit.StatePayingOut, Funds: remit.FundsWithPartner, EventType: "remittance.paying_out",
		RampOrder: &o, Change: func(r *remit.Remittance) { r.PayoutOrder = o.ID },
	})
	w.must(err)
	w.must(w.desk.Pass(w.ctx))
	order, err := w.s.RampOrder(w.ctx, o.ID)
	w.must(err)
	if order.Status != ramps.StatusAccepted {
		w.t.Fatalf("the counters answered %s (%s)", order.Status, order.Reason)
	}
	w.must(w.s.AtCounter(w.ctx, func(ctx context.Context, tx counter.Tx) error {
		p, err := tx.Pickup(ctx, counter.PickupID(order.ProviderReference))
		if err != nil {
			return err
		}
		p.CodeHash = w.coder.Hash(code)
		return tx.PutPickup(ctx, p)
	}))
	return r.ID
}

// settled makes a remittance that settled.
func (w *world) settled(minor int64) remit.Remittance {
	w.t.Helper()
	customer := remit.Customer{
		ID: id[remit.CustomerID](w, remit.PrefixCustomer), TenantID: w.tenant, Tier: remit.TierVerified, CreatedAt: w.clock.Now(), Version: 1,
		Party: remit.Party{GivenName: "Alice", FamilyName: "Walker", DateOfBirth: "1988-04-12", Country: "US"},
	}
	beneficiary := remit.Beneficiary{
		ID: id[remit.BeneficiaryID](w, remit.PrefixBeneficiary), TenantID: w.tenant, Method: remit.PayoutCash, CreatedAt: w.clock.Now(), Version: 1,
		Party: remit.Party{GivenName: "Maria", FamilyName: "Santos", Country: "PH"}, Account: map[string]string{},
	}
	w.must(w.s.CreateCustomer(w.ctx, customer))
	w.must(w.s.CreateBeneficiary(w.ctx, beneficiary))
	rate, err := remit.ParseRate(usd, php, "56.1")
	w.must(err)
	dollars, coins := remit.NewMoney(usd, 20_500), remit.NewMoney(remit.USDCStellar, 2_000_000_000)
	q := remit.Quote{
		ID: id[remit.QuoteID](w, remit.PrefixQuote), TenantID: w.tenant, Corridor: "US-PH", From: "US", To: "PH", Funding: remit.FundingCard,
		Payout: remit.PayoutCash, Rail: remit.RailStellar, SourceTotal: dollars, Principal: remit.NewMoney(usd, 20_000), Rate: rate, Mid: rate, MidAsOf: w.clock.Now(),
		Fees:   []remit.FeeLine{{Kind: remit.FeeOurs, Description: "Fee", Amount: remit.NewMoney(usd, 500)}},
		Target: pesos(minor), Settlement: remit.NewMoney(remit.USDC, 200_000_000), CostOfSettlement: remit.NewMoney(usd, 20_000),
		FundingProvider: "bank", PayoutProvider: counter.Name, CreatedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(15 * time.Minute),
	}
	w.must(w.s.CreateQuote(w.ctx, q))
	r, err := w.s.CreateRemittance(w.ctx, api.NewRemittance{
		ID: id[remit.RemittanceID](w, remit.PrefixRemittance), TenantID: w.tenant, QuoteID: q.ID, CustomerID: customer.ID, BeneficiaryID: beneficiary.ID, Purpose: "family_support",
	})
	w.must(err)
	w.must(w.s.PostEntries(w.ctx, w.entry("treasury/"+string(r.ID), ledger.Treasury(remit.RailStellar), ledger.Capital, coins)))
	hold := w.entry(string(r.ID)+"/hold/1", ledger.InTransit(remit.RailStellar), ledger.Treasury(remit.RailStellar), coins)
	hold.Action, hold.Hold = ledger.ActionHold, id[remit.HoldID](w, remit.PrefixHold)
	order := settlement.Order{
		ID: id[remit.OrderID](w, remit.PrefixOrder), RemittanceID: r.ID, Leg: 1, Rail: remit.RailStellar, Amount: coins, Destination: "GDESTINATION", Memo: "memo", Release: "dec_x",
	}
	for _, m := range []workflows.Move{
		{From: remit.StateCreated, To: remit.StateFunded, Funds: remit.FundsHeld, EventType: "remittance.funded",
			Entries: []ledger.Entry{w.entry(string(r.ID)+"/funding", ledger.OnRamp("bank"), ledger.Remittance(r.ID), dollars)}},
		{From: remit.StateFunded, To: remit.StateSettling, Funds: remit.FundsInTransit, EventType: "remittance.settling", Entries: []ledger.Entry{hold}, SettlementOrder: &order,
			Change: func(r *remit.Remittance) {
				r.Rail, r.SettlementOrder, r.TreasuryHold = remit.RailStellar, order.ID, hold.Hold
			}},
		{From: remit.StateSettling, To: remit.StateSettled, Funds: remit.FundsWithPartner, EventType: "remittance.settled"},
	} {
		m.Remittance = r.ID
		r, err = w.s.Apply(w.ctx, m)
		w.must(err)
	}
	return r
}

func (w *world) entry(key string, debit, credit ledger.Account, amount remit.Money) ledger.Entry {
	return ledger.Entry{
		ID: id[remit.EntryID](w, remit.PrefixEntry), Key: key, Action: ledger.ActionPost, Postings: []ledger.Posting{{Debit: debit, Credit: credit, Amount: amount}},
	}
}

// cash is what the ledger holds in a person's drawer, in centavos.
func (w *world) cash(p *person) int64 {
	w.t.Helper()
	list, err := w.s.Balances(w.ctx, string(ledger.Drawer(string(p.by.TellerID))))
	w.must(err)
	for _, b := range list {
		if b.Posted.Asset == php {
			return b.Posted.Minor
		}
	}
	return 0
}

// sound checks that the whole ledger is clean.
func (w *world) sound() {
	w.t.Helper()
	report, err := w.s.VerifyLedger(w.ctx)
	w.must(err)
	if !report.Clean() {
		w.t.Fatalf("ledger findings: %q", report.Findings)
	}
}
