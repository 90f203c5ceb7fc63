package sim_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/ledger"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/sandbox"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/workflows"
)

const (
	bankKey    = "bank-key"
	bankSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" //nolint:gosec // a test's own
	// bankSettles is how long the bank takes, pickupDelay how long until cash is fetched.
	bankSettles = 2 * time.Second
	pickupDelay = 90 * time.Second
)

var (
	start    = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	usd, php = remit.MustFiat("USD"), remit.MustFiat("PHP")
)

// world is the product with everything around it.
type world struct {
	t     *testing.T
	ctx   context.Context //nolint:containedctx // one test's own
	rng   *rand.Rand
	dice  dice
	clock *remit.FakeClock

	store     *store.Store
	faults    *faults
	late      *late
	steps     *workflows.Steps
	decider   *decider
	bank      *bank.Bank
	wire      *wire
	provider  *sandbox.Provider
	desk      *ramps.Desk
	callbacks http.Handler
	chains    []*chain
	market    *market
	guard     *settlement.Guard
	router    *settlement.Router
	// fragile has the coin go off its peg with the first transaction.
	fragile bool
	engines []*settlement.Engine

	frozen   frozen
	tenant   remit.TenantID
	customer remit.CustomerID
	serial   int
	plans    map[remit.RemittanceID]plan
	// claims counts how claims ended.
	claims map[settlement.ClaimStatus]int
}

// options say how much goes wrong.
type options struct {
	seed uint64
	// crashes and losses are how many commits, and how many calls to the bank,
	// of 100 fail in each of the ways there are.
	crashes, losses uint64
	// late is how many commits of 100 take place after their caller gave up.
	late uint64
	// treasury is what each rail starts with, in dollars.
	treasury int64
}

func newWorld(t *testing.T, o options) *world {
	t.Helper()
	w := &world{
		t: t, ctx: t.Context(), rng: rand.New(rand.NewPCG(o.seed, o.seed)), dice: dice(o.seed),
		clock: remit.NewFakeClock(start), plans: make(map[remit.RemittanceID]plan), claims: make(map[settlement.ClaimStatus]int),
	}
	vault, err := store.NewFileVault(filepath.Join(t.TempDir(), "vault.key"))
	w.must(err)
	w.store, err = store.Open(w.ctx, store.Options{
		DSN: "sqlite:" + filepath.Join(t.TempDir(), "remit.db"), Clock: w.clock, Vault: vault, Logger: slog.New(slog.DiscardHandler),
		PickupCode: func(_ remit.Remittance, payout remit.RampOrderID) string { return string(payout)[20:] },
	})
	w.must(err)
	t.Cleanup(func() { w.must(w.store.Close()) })
	w.must(w.store.Migrate(w.ctx))
	w.faults = newFaults(w.dice, o.crashes)
	w.late = &late{percent: o.late}
	w.openBank(o)
	w.chains = []*chain{
		newChain(remit.RailStellar, remit.USDCStellar, w.clock, w.dice^1), newChain(remit.RailSolana, remit.USDCSolana, w.clock, w.dice^2),
	}
	w.chains[1].charging = true
	w.openRoutes()
	w.decider = &decider{rng: w.rng, version: "lists-1"}
	w.steps = &workflows.Steps{
		Book: book{w.store.Book(), w.faults, w.late}, Decider: w.decider, Rails: w.router, Clock: w.clock, Placed: w.placed,
	}
	w.engines = make([]*settlement.Engine, len(w.chains))
	w.restart()
	w.people()
	for _, c := range w.chains {
		w.topUp(c, o.treasury)
	}
	w.router.Check(w.ctx)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v: %v", w.dice, err)
	}
}

// openBank opens the stand-in bank on loopback and the provider that calls it.
func (w *world) openBank(o options) {
	var err error
	w.bank, err = bank.New(bank.Options{APIKey: bankKey, Clock: w.clock, Settle: bankSettles, CashPickupDelay: pickupDelay})
	w.must(err)
	server := httptest.NewUnstartedServer(w.bank.Handler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.Start()
	w.wire = &wire{
		dice: w.dice ^ 3, percent: o.losses, inner: &http.Transport{MaxIdleConnsPerHost: 4},
		calls: make(map[string]int), entered: make(map[string]bool), refuse: -1,
	}
	w.provider, err = sandbox.New(sandbox.Options{
		BaseURL: server.URL, APIKey: bankKey, CallbackSecret: bankSecret, Clock: w.clock, Transport: w.wire,
	})
	w.must(err)
	w.t.Cleanup(func() {
		w.must(w.bank.Close())
		server.Close()
	})
}

// restart makes the processes anew that carry orders.
func (w *world) restart() {
	var err error
	s := rampStore{w.store, w.faults}
	w.desk, err = ramps.NewDesk(ramps.DeskOptions{Store: s, Providers: []ramps.Provider{w.provider}, Clock: w.clock, Concurrency: 1})
	w.must(err)
	w.callbacks = ramps.CallbackHandler([]ramps.Provider{w.provider}, s, w.desk)
	for i, c := range w.chains {
		w.engines[i] = settlement.NewEngine(settlement.EngineOptions{
			Rail: c, Store: orderStore{w.store, w.faults}, Clock: w.clock, Logger: slog.New(slog.DiscardHandler), MaxOpen: 3,
		})
	}
}

// newID makes an id; ids of one world sort in the order they were made.
func newID[T ~string](w *world, prefix string) T {
	w.serial++
	return remit.DeriveID[T](prefix, w.clock.Now(), fmt.Sprint(w.serial))
}

func (w *world) people() {
	w.tenant = newID[remit.TenantID](w, remit.PrefixTenant)
	w.must(w.store.CreateTenant(w.ctx, w.tenant, "Bayan Transfers"))
	w.customer = newID[remit.CustomerID](w, remit.PrefixCustomer)
	w.must(w.store.CreateCustomer(w.ctx, remit.Customer{
		ID: w.customer, TenantID: w.tenant, Tier: remit.TierVerified, Reference: "c-1", CreatedAt: start,
		Party: remit.Party{GivenName: "Marisol", FamilyName: "Quintana", Country: "US"},
	}))
}

func (w *world) post(key string, debit, credit ledger.Account, amount remit.Money) {
	w.t.Helper()
	w.must(w.store.PostEntries(w.ctx, ledger.Entry{
		ID: newID[remit.EntryID](w, remit.PrefixEntry), Key: key, Action: ledger.ActionPost,
		Postings: []ledger.Posting{{Debit: debit, Credit: credit, Amount: amount}},
	}))
}

// topUp brings dollars to a treasury, on the chain and in the ledger.
func (w *world) topUp(c *chain, dollars int64) {
	if dollars == 0 {
		return
	}
	amount, err := remit.OnRail(remit.NewMoney(remit.USDC, dollars*1_000_000), c.name)
	w.must(err)
	w.post(fmt.Sprintf("capital/%d", w.serial), ledger.Treasury(c.name), ledger.Capital, amount)
	c.deposit(amount.Minor)
}

// prefund brings dollars to the tenant's balance.
func (w *world) prefund(dollars int64) {
	w.post(fmt.Sprintf("prefund/%d", w.serial), ledger.OnRamp("wire"), ledger.Tenant(w.tenant), remit.NewMoney(usd, dollars*100))
}

// decider decides by a script or the dice. It lets hits pass that a person released.
type decider struct {
	rng     *rand.Rand
	version string
	// script is what the gates decide, intake first; what it does not have is
	// allowed. Without scripted the dice decide.
	scripted bool
	script   []compliance.Outcome
}

func (d *decider) ListsVersion() string { return d.version }

func (d *decider) Decide(_ context.Context, s compliance.Subject) (compliance.Decision, error) {
	out := compliance.Decision{Outcome: compliance.OutcomeAllow, At: s.At}
	switch {
	case d.scripted && s.Gate == compliance.GateIntake && len(d.script) > 0:
		out.Outcome = d.script[0]
	case d.scripted && s.Gate == compliance.GateRelease && len(d.script) > 1:
		out.Outcome = d.script[1]
	case d.scripted:
	default:
		roll := d.rng.IntN(100)
		if roll < 3 {
			return compliance.Decision{}, errCrash
		}
		switch {
		case roll < 12:
			out.Outcome = compliance.OutcomeReview
		case roll < 15:
			out.Outcome = compliance.OutcomeRFI
		case roll < 18:
			out.Outcome = compliance.OutcomeReject
		case roll < 22:
			out.Outcome = compliance.OutcomeBlock
		case roll < 24:
			out.Outcome = "" // no policy answered
		}
	}
	if out.Outcome == compliance.OutcomeAllow {
		return out, nil
	}
	key := fmt.Sprintf("originator|list|%s|%s", s.Gate, s.Remittance.ID)
	if slices.Contains(s.Approved, key) {
		out.Outcome = compliance.OutcomeAllow
		return out, nil
	}
	out.Hits = []compliance.Hit{{Key: key, Role: "originator", List: "list", EntryID: "1", ScoreBasisPoints: 9000}}
	out.Reasons = []remit.Reason{remit.ReasonSanctionsHit}
	return out, nil
}
