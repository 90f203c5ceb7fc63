package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/keypair"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
	"github.com/openremit/remit/devnet/horizon"
	"github.com/openremit/remit/devnet/solanarpc"
	"github.com/openremit/remit/devnet/stellarrpc"
)

// What the stand-in chains are made of.
const (
	devPassphrase      = "Remit Development Network ; 2026"
	devIssued          = 1_000_000 // of each coin, in whole units
	devTreasuryLumens  = "10000"
	devPartnerLumens   = "100"
	devTreasurySOL     = 100
	devFinalizedDepth  = 4
	devMarketStock     = 1_000_000_000
	serverReadTimeout  = 30 * time.Second
	serverIdleTimeout  = 2 * time.Minute
	serverCloseTimeout = 5 * time.Second
)

// counterparts are the stand-ins that `remitd dev` talks to over loopback.
type counterparts struct {
	horizon *horizon.Server
	solana  *solanarpc.Server
	bank    *bank.Bank

	horizonURL, stellarRPCURL, solanaURL, bankURL string
	// issuer issues all coins on Stellar; mints are those on Solana.
	issuer string
	mints  map[remit.Asset]string
	// partner is where the sandbox off-ramp receives, by rail.
	partner map[remit.Rail]string
	// wallet is a beneficiary's own, by rail; on Solana without a token account yet.
	wallet map[remit.Rail]string
	seed   []byte
}

type counterpartOptions struct {
	dir            string
	secrets        secrets
	ports          devPorts
	callbackURL    string
	ledgerInterval time.Duration
	slotInterval   time.Duration
	bankSettle     time.Duration
	pickupDelay    time.Duration
	log            *slog.Logger
}

// startCounterparts opens the stand-ins on what they kept last time and serves
// them on loopback until ctx ends.
func startCounterparts(ctx context.Context, g *group, o counterpartOptions) (*counterparts, error) {
	c := &counterparts{
		seed: o.secrets.ChainSeed, partner: make(map[remit.Rail]string), wallet: make(map[remit.Rail]string), mints: make(map[remit.Asset]string),
	}
	var err error
	c.horizon, err = horizon.New(horizon.Options{
		NetworkPassphrase: devPassphrase, LedgerInterval: o.ledgerInterval, StatePath: filepath.Join(o.dir, "stellar.journal"),
	})
	if err != nil {
		return nil, fmt.Errorf("open the Stellar stand-in: %w", err)
	}
	g.atEnd(c.horizon.Close)
	stellarRPC, err := stellarrpc.New(c.horizon, stellarrpc.Options{})
	if err != nil {
		return nil, fmt.Errorf("open the Stellar stand-in's RPC: %w", err)
	}
	c.solana, err = solanarpc.New(solanarpc.Options{
		SlotInterval: o.slotInterval, FinalizedDepth: devFinalizedDepth, StatePath: filepath.Join(o.dir, "solana.journal"), Logger: o.log,
	})
	if err != nil {
		return nil, fmt.Errorf("open the Solana stand-in: %w", err)
	}
	g.atEnd(c.solana.Close)
	c.bank, err = bank.New(bank.Options{
		APIKey: o.secrets.BankAPIKey, CallbackURL: o.callbackURL, CallbackSecret: o.secrets.BankCallbackSecret,
		StatePath: filepath.Join(o.dir, "bank.journal"), Clock: remit.SystemClock{}, Settle: o.bankSettle,
		CashPickupDelay: o.pickupDelay, Logger: o.log,
	})
	if err != nil {
		return nil, fmt.Errorf("open the sandbox payment company: %w", err)
	}
	g.atEnd(c.bank.Close)
	for _, s := range []struct {
		port    int
		handler http.Handler
		url     *string
		run     func(context.Context) error
	}{
		{o.ports.horizon, c.horizon.Handler(), &c.horizonURL, c.horizon.Run},
		{o.ports.stellarRPC, stellarRPC.Handler(), &c.stellarRPCURL, nil},
		{o.ports.solana, c.solana.Handler(), &c.solanaURL, c.solana.Run},
		{o.ports.bank, c.bank.Handler(), &c.bankURL, c.bank.Run},
	} {
		address, err := g.serve(ctx, s.port, s.handler)
		if err != nil {
			return nil, err
		}
		*s.url = "http://" + address
		if s.run != nil {
			g.run(ctx, s.run)
		}
	}
	return c, nil
}

// stellarKey and solanaKey make the keys of issuers and partners, which only
// the stand-ins know.
func (c *counterparts) stellarKey(name string) (*keypair.Full, error) {
	return keypair.FromRawSeed(sha256.Sum256(append([]byte("stellar/"+name+"/"), c.seed...)))
}

func (c *counterparts) solanaKey(name string) solana.PrivateKey {
	seed := sha256.Sum256(append([]byte("solana/"+name+"/"), c.seed...))
	return solana.PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
}

// listen opens a loopback port; 0 picks a free one.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("listen on 127.0.0.1:%d: %w (another gateway running? choose other ports with the flags)", port, err)
	}
	return l, nil
}
