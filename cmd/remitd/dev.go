package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
	"github.com/openremit/remit/settlement/signer"
)

// devPorts are the loopback ports of a development gateway; 0 picks a free one.
type devPorts struct{ rest, grpc, temporal, horizon, stellarRPC, solana, bank int }

// devOptions are the flags of `remitd dev`.
type devOptions struct {
	dir             string
	ports           devPorts
	temporalAddress string
	temporald       string
	database        string
	// settlementPath is the operator's settlement configuration; given are those
	// of networkFlags that were set.
	settlementPath string
	given          []string
	stellar        string
	stellarBackend string
	solana         string
	noDemo         bool
	ledgerInterval time.Duration
	slotInterval   time.Duration
	bankSettle     time.Duration
	pickupDelay    time.Duration
	claimTime      time.Duration
	// Where prices come from: a service, or the data folder's table.
	priceURL, pricePointer, priceTimePointer string
	priceEvery                               time.Duration
	verbose                                  bool
	// counters are the countries whose cash is paid at our own counters.
	counters []string
	// counterRules is a file with rules over the built-in ones; empty for none.
	counterRules string
	provider     identityProvider
	// policyDir is the folder of the operator's own policy.
	policyDir string
}

func devCommand() *cobra.Command {
	var o devOptions
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run the whole gateway on this machine, with stand-ins for chains and bank",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, flag := range networkFlags {
				if c.Flags().Changed(flag) {
					o.given = append(o.given, flag)
				}
			}
			return runDev(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&o.dir, "data", ".dev", "folder that keeps everything across restarts")
	f.IntVar(&o.ports.rest, "rest-port", 8080, "REST port on 127.0.0.1; 0 picks a free one")
	f.IntVar(&o.ports.grpc, "grpc-port", 9090, "gRPC port on 127.0.0.1; 0 picks a free one")
	f.IntVar(&o.ports.temporal, "temporal-port", 7233, "port of the bundled Temporal server; 0 picks a free one")
	f.IntVar(&o.ports.horizon, "horizon-port", 8081, "port of the Stellar stand-in's Horizon; 0 picks a free one")
	f.IntVar(&o.ports.stellarRPC, "stellar-rpc-port", 8084, "port of the Stellar stand-in's Stellar RPC; 0 picks a free one")
	f.IntVar(&o.ports.solana, "solana-port", 8082, "port of the Solana stand-in; 0 picks a free one")
	f.IntVar(&o.ports.bank, "bank-port", 8083, "port of the sandbox payment company; 0 picks a free one")
	f.StringVar(&o.temporalAddress, "temporal-address", "", "use this Temporal server instead of the bundled one")
	f.StringVar(&o.temporald, "temporald", "", "the bundled Temporal server's binary (default: beside remitd)")
	f.StringVar(&o.database, "database", "", "postgres://… (default: a SQLite file in the data folder)")
	f.StringVar(&o.settlementPath, "settlement", "", "how to settle, a YAML or JSON file (default: settlement.yaml in the data folder if there is one, or else what is built in)")
	f.StringVar(&o.stellar, "stellar", "devnet", "Stellar network: devnet (the stand-in) or testnet")
	f.StringVar(&o.stellarBackend, "stellar-backend", "horizon", "how to talk to Stellar: horizon or rpc")
	f.StringVar(&o.solana, "solana", "standin", "Solana cluster: standin, or devnet (the public one)")
	f.BoolVar(&o.noDemo, "no-demo", false, "do not send the demo remittance, nor make the demo's cases")
	f.DurationVar(&o.ledgerInterval, "ledger-interval", time.Second, "time between ledgers of the Stellar stand-in")
	f.DurationVar(&o.slotInterval, "slot-interval", 400*time.Millisecond, "time between slots of the Solana stand-in")
	f.DurationVar(&o.bankSettle, "bank-settle", 300*time.Millisecond, "how long the sandbox payment company takes")
	f.DurationVar(&o.pickupDelay, "pickup-delay", 3*time.Second, "how long until cash is fetched at the sandbox agent")
	f.DurationVar(&o.claimTime, "claim-time", 0, "on the Stellar stand-in, how long a wallet has to claim what is left for it before it is taken back (default 30 days)")
	f.StringVar(&o.priceURL, "price-url", "", "a service that prices coins, {coin} and {currency} in its address (default: the data folder's prices.json)")
	f.StringVar(&o.pricePointer, "price-pointer", "/data/amount", "JSON pointer to the price in the service's answer")
	f.DurationVar(&o.priceEvery, "price-every", 10*time.Second, "how often the price of a coin is asked for")
	f.StringVar(&o.priceTimePointer, "price-time-pointer", "", "JSON pointer to the price's moment (default: the answer's date)")
	f.StringSliceVar(&o.counters, "counters", []string{"CO", "US"}, "countries where the gateway's own counters pay cash and take it in")
	f.StringVar(&o.counterRules, "counter-rules", "", "what the counters of countries ask for and for how long cash waits, a JSON file over what is built in (docs/agents.md)")
	f.StringVar(&o.provider.issuer, "oidc-issuer", "", "address of an OpenID provider at which staff may sign in too")
	f.StringVar(&o.provider.clientID, "oidc-client-id", "", "what the OpenID provider knows this gateway by")
	f.StringVar(&o.provider.secretFile, "oidc-client-secret-file", "", "file with the secret that the OpenID provider gave for it")
	f.StringVar(&o.provider.name, "oidc-name", "your identity provider", "what the sign-in page calls the OpenID provider")
	f.StringVar(&o.policyDir, "policy", "", "folder with a policy of one's own: Rego files, their tests and facts.json (default: the policy that comes with the gateway)")
	f.BoolVar(&o.verbose, "verbose", false, "log at debug level")
	return c
}

// runDev runs the gateway until ctx ends or a part of it errs.
func runDev(ctx context.Context, o devOptions, out, errOut io.Writer) (err error) {
	rules, err := counterRules(o.counterRules)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	logFile, err := os.OpenFile(filepath.Join(o.dir, "remitd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	g, ctx := newGroup(ctx)
	defer func() { err = errors.Join(err, g.end(ctx)) }()
	g.atEnd(logFile.Close)
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(logFile, &slog.HandlerOptions{Level: level}))

	d := &dev{devOptions: o, rules: rules, group: g, log: log, out: out, started: time.Now()}
	if err := d.start(ctx, logFile); err != nil {
		return err
	}
	d.announce()
	if !o.noDemo {
		g.run(ctx, func(ctx context.Context) error { d.demo(ctx); return nil })
		g.run(ctx, func(ctx context.Context) error { d.demoCases(ctx); return nil })
	}
	<-ctx.Done()
	fmt.Fprintln(errOut, "stopping")
	return nil
}

// dev is a development gateway while it starts and runs.
type dev struct {
	devOptions
	*group
	log     *slog.Logger
	out     io.Writer
	started time.Time

	// rules are those of the counters, read before anything starts.
	rules           *counter.IdentityRules
	settlement      *settlementConfig
	secrets         secrets
	restURL         string
	pages           string
	grpcAddress     string
	temporalAddr    string
	counterparts    *counterparts
	stellarTreasury string
	solanaTreasury  string
	gateway         *gateway
	prices          string
	policy          signer.Policy
}

// start brings everything up, in the order in which the parts need each other.
func (d *dev) start(ctx context.Context, logs io.Writer) error {
	var err error
	if d.settlement, err = d.loadSettlement(); err != nil {
		return err
	}
	if d.secrets, err = loadSecrets(filepath.Join(d.dir, "secrets.json")); err != nil {
		return err
	}
	keys, err := signer.OpenFile(filepath.Join(d.dir, "keys.json"))
	if err != nil {
		return fmt.Errorf("open the signer's keys: %w", err)
	}
	if err := d.openTreasuries(keys); err != nil {
		return err
	}
	rest, err := listen(d.ports.rest)
	if err != nil {
		return err
	}
	d.restURL, d.pages = "http://"+rest.Addr().String(), localOrigin(rest)
	temporal := make(chan error, 1)
	go func() { temporal <- d.startTemporal(ctx, logs) }()

	chains, err := d.startChains(ctx, keys)
	if err != nil {
		return errors.Join(err, rest.Close(), <-temporal)
	}
	if err := <-temporal; err != nil {
		return errors.Join(err, rest.Close())
	}
	prices, from, err := d.openPrices(remit.SystemClock{})
	if err != nil {
		return errors.Join(err, rest.Close())
	}
	d.prices = from
	d.gateway, err = openGateway(ctx, gatewayOptions{
		dir: d.dir, database: d.database, secrets: d.secrets, temporalAddress: d.temporalAddr,
		bankURL: d.counterparts.bankURL, chains: chains, prices: prices, priceEvery: d.priceEvery, log: d.log, rest: rest, grpcPort: d.ports.grpc, counters: d.counters, counterRules: d.rules,
		provider: d.provider, policy: d.policyDir, sample: d.sampled,
	}, d.group)
	if err != nil {
		return errors.Join(err, rest.Close())
	}
	d.grpcAddress = d.gateway.grpcAddress
	if err := d.seed(ctx); err != nil {
		return err
	}
	d.gateway.watchMarks()
	d.gateway.router.Check(ctx) // The treasuries were empty when it looked first.
	if chains.tables != nil {
		d.run(ctx, chains.tables.run)
	}
	if err := d.writeCounterpartsFile(); err != nil {
		return err
	}
	return d.writeDemoFile()
}

func (d *dev) startTemporal(ctx context.Context, logs io.Writer) error {
	if d.devOptions.temporalAddress != "" {
		d.temporalAddr = d.devOptions.temporalAddress
		return nil
	}
	binary, err := findTemporald(d.temporald)
	if err != nil {
		return err
	}
	server, err := startTemporal(ctx, binary, filepath.Join(d.dir, "temporal.db"), d.ports.temporal, logs)
	if err != nil {
		return err
	}
	d.atEnd(server.stop)
	d.temporalAddr = server.address
	d.run(ctx, func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case err := <-server.exited:
			server.exited <- err
			return fmt.Errorf("the Temporal server ended: %w", errors.Join(err, errors.New("see remitd.log")))
		}
	})
	return nil
}

// demoFile is what clients read to find a development gateway.
type demoFile struct {
	REST   string `json:"rest"`
	GRPC   string `json:"grpc"`
	APIKey string `json:"api_key"`
	// SecondAPIKey is another officer's, who agrees to what the first proposes.
	SecondAPIKey string `json:"second_api_key"`
}

func (d *dev) writeDemoFile() error {
	text, err := json.MarshalIndent(demoFile{
		REST: d.restURL, GRPC: d.grpcAddress, APIKey: d.secrets.DemoAPIKey, SecondAPIKey: d.secrets.secondAPIKey(),
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode demo.json: %w", err)
	}
	if err := writeFileAtomic(filepath.Join(d.dir, "demo.json"), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write demo.json: %w", err)
	}
	return nil
}

// counterpartsFile says where the stand-ins are, for tests and the curious.
type counterpartsFile struct {
	Horizon    string `json:"horizon"`
	StellarRPC string `json:"stellar_rpc"`
	Solana     string `json:"solana"`
	Bank       string `json:"bank"`
	BankAPIKey string `json:"bank_api_key"`
	Temporal   string `json:"temporal"`
	// Treasury and Partner are addresses by rail: who pays, and who receives.
	Treasury map[remit.Rail]string `json:"treasury"`
	Partner  map[remit.Rail]string `json:"partner"`
	// Wallet is a beneficiary's own address by rail, on the stand-ins.
	Wallet map[remit.Rail]string `json:"wallet"`
}

func (d *dev) writeCounterpartsFile() error {
	text, err := json.MarshalIndent(counterpartsFile{
		Horizon: d.counterparts.horizonURL, StellarRPC: d.counterparts.stellarRPCURL, Solana: d.counterparts.solanaURL, Bank: d.counterparts.bankURL, BankAPIKey: d.secrets.BankAPIKey, Temporal: d.temporalAddr,
		Treasury: map[remit.Rail]string{remit.RailStellar: d.stellarTreasury, remit.RailSolana: d.solanaTreasury},
		Partner:  d.counterparts.partner, Wallet: d.counterparts.wallet,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode counterparts.json: %w", err)
	}
	if err := writeFileAtomic(filepath.Join(d.dir, "counterparts.json"), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write counterparts.json: %w", err)
	}
	return nil
}

func (d *dev) announce() {
	fmt.Fprintf(d.out, `
  Remit is ready (%.1f s)

  REST      %s        docs at %s/docs
  gRPC      %s
  API key   %s
  Console   %s/console        for compliance officers
  Counter   %s/agent          for tellers
  Staff     officer@demo.example, teller@demo.example and others: bin/remitd code --data %s
  Stellar   %s
  Solana    %s
  Coins     %s
  Bank      %s
  Temporal  %s
  Prices    %s
  Data      %s   (log: remitd.log; make dev-reset clears it)

  Try       bin/remit send --from US --to PH --amount 200 --payout mobile_money --rail stellar --watch

`, time.Since(d.started).Seconds(), d.restURL, d.restURL, d.grpcAddress, d.secrets.DemoAPIKey, d.pages, d.pages, d.dir,
		cmp.Or(d.gateway.chains.stellarURL, "not used"), cmp.Or(d.gateway.chains.solanaURL, "not used"), d.gateway.chains.describeCoins(), d.counterparts.bankURL, d.temporalAddr, d.prices, d.dir)
	if d.gateway.chains.onStandIn(remit.RailStellar) {
		fmt.Fprintf(d.out, "  A wallet  bin/remit send --to CO --amount 100 --payout wallet --account network=stellar --account address=%s --watch\n\n",
			d.counterparts.wallet[remit.RailStellar])
	}
	for _, m := range d.gateway.low() {
		fmt.Fprintf(d.out, "  Low       the treasury holds less than %s\n\n", m)
	}
	if fund := d.describeTreasuries(); fund != "" {
		fmt.Fprintf(d.out, "  Fund      %s\n\n", fund)
	}
}
