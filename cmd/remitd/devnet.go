package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
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
	devIssuedUSDC      = 1_000_000
	devTreasuryLumens  = "10000"
	devPartnerLumens   = "100"
	devTreasurySOL     = 100
	devFinalizedDepth  = 4
	serverReadTimeout  = 30 * time.Second
	serverCloseTimeout = 5 * time.Second
)

// counterparts are the stand-ins that `remitd dev` talks to over loopback.
type counterparts struct {
	horizon *horizon.Server
	solana  *solanarpc.Server
	bank    *bank.Bank

	horizonURL, stellarRPCURL, solanaURL, bankURL string
	// issuer and mint name the settlement asset on each chain.
	issuer string
	mint   string
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
	c := &counterparts{seed: o.secrets.ChainSeed, partner: make(map[remit.Rail]string), wallet: make(map[remit.Rail]string)}
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

// openAccounts makes the accounts that exist before the gateway comes: the
// issuer, the off-ramp, a beneficiary's wallet and the treasury with what it
// needs for fees.
func (c *counterparts) openAccounts(ctx context.Context, stellarTreasury, solanaTreasury string) error {
	issuer, issuerErr := c.stellarKey("issuer")
	partner, partnerErr := c.stellarKey("partner")
	wallet, walletErr := c.stellarKey("wallet")
	if err := errors.Join(issuerErr, partnerErr, walletErr); err != nil {
		return fmt.Errorf("make Stellar keys: %w", err)
	}
	c.issuer, c.partner[remit.RailStellar], c.wallet[remit.RailStellar] = issuer.Address(), partner.Address(), wallet.Address()
	for _, account := range []struct{ id, lumens string }{
		{issuer.Address(), devPartnerLumens}, {partner.Address(), devPartnerLumens}, {wallet.Address(), devPartnerLumens},
		{stellarTreasury, devTreasuryLumens},
	} {
		if c.horizon.HasAccount(account.id) {
			continue
		}
		if err := c.horizon.CreateAccount(ctx, account.id, account.lumens); err != nil {
			return fmt.Errorf("open Stellar account: %w", err)
		}
	}
	for _, holder := range []*keypair.Full{partner, wallet} {
		if _, ok := c.horizon.Balance(holder.Address(), "USDC:"+issuer.Address()); ok {
			continue
		}
		if err := c.horizon.Trust(ctx, holder, "USDC", issuer.Address()); err != nil {
			return fmt.Errorf("open a trustline: %w", err)
		}
	}
	mint, err := c.solana.CreateMint(ctx, solanarpc.Mint{
		Key: c.solanaKey("mint"), Authority: c.solanaKey("issuer").PublicKey(), Decimals: remit.USDCSolana.Scale,
	})
	if err != nil {
		return fmt.Errorf("create the Solana mint: %w", err)
	}
	c.mint, c.partner[remit.RailSolana] = mint.String(), c.solanaKey("partner").PublicKey().String()
	c.wallet[remit.RailSolana] = c.solanaKey("wallet").PublicKey().String()
	treasury, err := solana.PublicKeyFromBase58(solanaTreasury)
	if err != nil {
		return fmt.Errorf("parse the Solana treasury: %w", err)
	}
	if _, err := c.solana.Airdrop(ctx, treasury, devTreasurySOL*solana.LAMPORTS_PER_SOL); err != nil {
		return fmt.Errorf("fund the Solana treasury with SOL: %w", err)
	}
	return nil
}

// issue pays the opening stock of USDC to a treasury.
func (c *counterparts) issue(ctx context.Context, rail remit.Rail, treasury string) (remit.Money, error) {
	if rail == remit.RailStellar {
		issuer, err := c.stellarKey("issuer")
		if err != nil {
			return remit.Money{}, fmt.Errorf("make issuer key: %w", err)
		}
		amount, err := remit.ParseMoney(remit.USDCStellar, fmt.Sprint(devIssuedUSDC))
		if err != nil {
			return remit.Money{}, err
		}
		if err := c.horizon.Issue(ctx, issuer, "USDC", treasury, amount.Decimal()); err != nil {
			return remit.Money{}, fmt.Errorf("issue USDC on Stellar: %w", err)
		}
		return amount, nil
	}
	amount, err := remit.ParseMoney(remit.USDCSolana, fmt.Sprint(devIssuedUSDC))
	if err != nil {
		return remit.Money{}, err
	}
	mint, mintErr := solana.PublicKeyFromBase58(c.mint)
	wallet, walletErr := solana.PublicKeyFromBase58(treasury)
	if err := errors.Join(mintErr, walletErr); err != nil {
		return remit.Money{}, fmt.Errorf("parse Solana addresses: %w", err)
	}
	if _, err := c.solana.MintTo(ctx, mint, c.solanaKey("issuer"), wallet, uint64(amount.Minor)); err != nil {
		return remit.Money{}, fmt.Errorf("issue USDC on Solana: %w", err)
	}
	return amount, nil
}

// listen opens a loopback port; 0 picks a free one.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("listen on 127.0.0.1:%d: %w (another gateway running? choose other ports with the flags)", port, err)
	}
	return l, nil
}
