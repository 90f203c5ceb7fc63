package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.temporal.io/sdk/client"
	temporallog "go.temporal.io/sdk/log"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/corridors"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/ramps/sandbox"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/store"
	"github.com/openremit/remit/workflows"
)

// What the demo key may call: enough for a load test on one machine.
const (
	devRatePerSecond = 5000
	devRateBurst     = 10000
)

// gatewayOptions says what a gateway is put together from.
type gatewayOptions struct {
	dir, database   string
	secrets         secrets
	temporalAddress string
	bankURL         string
	chains          *chains
	// prices tells what coins cost, when asked every priceEvery.
	prices     settlement.PriceSource
	priceEvery time.Duration
	log        *slog.Logger
	rest       net.Listener
	grpcPort   int
	// counters are the countries whose cash is paid at our own counters.
	counters []string
	// counterRules are what the counters ask for and for how long cash waits.
	counterRules *counter.IdentityRules
	provider     identityProvider
	// policy is the folder of the operator's own policy; empty for the shipped one.
	policy string
	// sample is the index by which is screened while no lists were fetched.
	sample func() (*screening.Index, error)
}

// gateway is the product: everything but the counterparts.
type gateway struct {
	store       *store.Store
	chains      *chains
	router      *settlement.Router
	watched     []*watchedRail
	grpcAddress string
	counters    *counters
}

// openGateway puts the gateway together and starts its parts. They end with ctx.
func openGateway(ctx context.Context, o gatewayOptions, g *group) (*gateway, error) {
	clock := remit.SystemClock{}
	db, err := openStore(ctx, o, clock)
	if err != nil {
		return nil, err
	}
	g.atEnd(db.Close)
	catalogue, quoter, err := openCorridors(clock)
	if err != nil {
		return nil, err
	}
	lists, rules, gate, err := openCompliance(ctx, o, clock)
	if err != nil {
		return nil, err
	}
	bank, err := sandbox.New(sandbox.Options{
		BaseURL: o.bankURL, APIKey: o.secrets.BankAPIKey, CallbackSecret: o.secrets.BankCallbackSecret, Clock: clock,
	})
	if err != nil {
		return nil, fmt.Errorf("configure the sandbox provider: %w", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(&lists.known)
	own, err := openCounters(o, db, quoter, clock, registry)
	if err != nil {
		return nil, fmt.Errorf("open the counters: %w", err)
	}
	providers := []ramps.Provider{bank, own.provider}
	desk, err := ramps.NewDesk(ramps.DeskOptions{Store: db, Providers: providers, Clock: clock, Logger: o.log, Metrics: registry})
	if err != nil {
		return nil, fmt.Errorf("make the ramp desk: %w", err)
	}
	engines := make(map[remit.Rail]*settlement.Engine, len(o.chains.rails))
	for _, rail := range o.chains.rails {
		engines[rail.Name()] = settlement.NewEngine(settlement.EngineOptions{Rail: rail, Store: db, Clock: clock, Logger: o.log})
	}
	placed := func(m workflows.Move) {
		if m.RampOrder != nil || m.CancelRampOrder != "" {
			desk.Kick()
		}
		if m.SettlementOrder != nil {
			engines[m.SettlementOrder.Rail].Kick()
		}
	}
	watched, err := watchTreasuries(o.chains, registry, o.log)
	if err != nil {
		return nil, err
	}
	router, err := openRouter(routeOptions{gatewayOptions: o, coins: coinsOf(catalogue), watched: watched, clock: clock, history: db, provider: bank.Name(), registry: registry})
	if err != nil {
		return nil, err
	}
	router.Check(ctx)

	temporal, err := dialTemporal(ctx, o)
	if err != nil {
		return nil, err
	}
	g.atEnd(func() error { temporal.Close(); return nil })
	worker := workflows.NewWorker(temporal, &workflows.Steps{Book: db.Book(), Decider: gate, Rails: router, Clock: clock, Placed: placed})
	if err := worker.Start(); err != nil {
		return nil, fmt.Errorf("start the workflow worker: %w", err)
	}
	g.atEnd(func() error { worker.Stop(); return nil })

	oidc, err := o.provider.options(localOrigin(o.rest))
	if err != nil {
		return nil, err
	}
	server, err := api.New(api.Options{
		Store: db, Catalogue: catalogue, Quoter: quoter, Clock: clock, Logger: o.log,
		PickupCode: o.secrets.pickupCode, Explorer: o.chains.explorer, Lists: lists, ListsInForce: lists.inForce, ListsNews: lists.news,
		Screen: lists, Policy: rules, Counter: own.service,
		Callbacks: ramps.CallbackHandler(providers, db, desk), Sandbox: true,
		Staff:         api.StaffOptions{Issuer: staffIssuer, Origin: localOrigin(o.rest), OIDC: oidc},
		RatePerSecond: devRatePerSecond, RateBurst: devRateBurst, Ready: db.Ping, Metrics: registry,
	})
	if err != nil {
		return nil, fmt.Errorf("make the API: %w", err)
	}
	providerName := ""
	if oidc.Issuer != "" {
		providerName = o.provider.name
	}
	pages, err := withPages(ctx, server, providerName, clock, o.log)
	if err != nil {
		return nil, err
	}
	rescreener, err := openRescreener(db, lists, rules, gate, clock, o.log, registry)
	if err != nil {
		return nil, err
	}
	gw := &gateway{store: db, chains: o.chains, router: router, watched: watched, counters: own}
	grpcListener, err := listen(o.grpcPort)
	if err != nil {
		return nil, err
	}
	gw.grpcAddress = grpcListener.Addr().String()
	waits, err := newWaitMetrics(registry, db.Waits, clock, o.log)
	if err != nil {
		return nil, err
	}
	courier := &workflows.Courier{Outbox: db, Client: temporal, Clock: clock, Logger: o.log}
	g.run(ctx, courier.Run)
	g.run(ctx, db.TendCases)
	g.run(ctx, db.Forget)
	g.run(ctx, waits.run)
	g.run(ctx, desk.Run)
	g.run(ctx, func(ctx context.Context) error { return own.service.Run(ctx, sweepEvery) })
	g.run(ctx, router.Run)
	g.run(ctx, rescreener.Run)
	g.run(ctx, func(ctx context.Context) error { return lists.watch(ctx, o.log) })
	for _, e := range engines {
		g.run(ctx, e.Run)
	}
	g.serveOn(ctx, o.rest, pages)
	g.run(ctx, func(ctx context.Context) error { return server.ServeGRPC(ctx, grpcListener) })
	return gw, nil
}

// watchMarks begins to tell of treasuries below their marks, once they had the
// chance to be filled.
func (gw *gateway) watchMarks() {
	for _, w := range gw.watched {
		w.arm()
	}
}

// low lists what treasuries hold less of than their low-water marks.
func (gw *gateway) low() []remit.Money {
	var out []remit.Money
	for _, w := range gw.watched {
		out = append(out, w.low()...)
	}
	return out
}

func openStore(ctx context.Context, o gatewayOptions, clock remit.Clock) (*store.Store, error) {
	vault, err := store.NewFileVault(filepath.Join(o.dir, "vault.json"))
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	dsn := o.database
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(o.dir, "remit.db")
	}
	db, err := store.Open(ctx, store.Options{DSN: dsn, Clock: clock, Vault: vault, Logger: o.log, PickupCode: o.secrets.pickupCode})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	return db, nil
}

func openCorridors(clock remit.Clock) (*corridors.Catalogue, *corridors.Quoter, error) {
	catalogue, err := corridors.Load()
	if err != nil {
		return nil, nil, fmt.Errorf("load corridors: %w", err)
	}
	rates, err := corridors.LoadTableRates(clock)
	if err != nil {
		return nil, nil, fmt.Errorf("load rates: %w", err)
	}
	// The dated table never gets fresh: a development gateway takes it as it is.
	return catalogue, &corridors.Quoter{Catalogue: catalogue, Rates: rates, Clock: clock, MaxRateAge: corridors.AnyRateAge}, nil
}

func openCompliance(ctx context.Context, o gatewayOptions, clock remit.Clock) (*sanctionsLists, *policy.Policy, compliance.Decider, error) {
	lists, err := openLists(ctx, filepath.Join(o.dir, "lists"), o.sample, clock, o.log)
	if err != nil {
		return nil, nil, nil, err
	}
	rules, err := openPolicy(ctx, o.policy)
	if err != nil {
		return nil, nil, nil, err
	}
	return lists, rules, compliance.NewGate(lists, rules, clock, o.log), nil
}

func dialTemporal(ctx context.Context, o gatewayOptions) (client.Client, error) {
	converter, err := workflows.NewConverter(o.secrets.PayloadKey)
	if err != nil {
		return nil, err
	}
	c, err := client.DialContext(ctx, client.Options{
		HostPort: o.temporalAddress, DataConverter: converter, Logger: temporallog.NewStructuredLogger(o.log),
	})
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal at %s: %w", o.temporalAddress, err)
	}
	return c, nil
}
