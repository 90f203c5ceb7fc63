package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/keypair"
	"github.com/stellar/go-stellar-sdk/txnbuild"
	"github.com/stellar/go-stellar-sdk/xdr"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/solanarpc"
	solanarail "github.com/openremit/remit/settlement/solana"
)

// openAccounts makes what exists before the gateway comes: issuers and their
// coins, the off-ramp, a beneficiary's wallet, and the treasuries with what they
// need for fees.
func (c *counterparts) openAccounts(ctx context.Context, stellarTreasury, solanaTreasury string, config *settlementConfig) error {
	if err := c.openStellar(ctx, stellarTreasury, config); err != nil {
		return err
	}
	c.partner[remit.RailSolana] = c.solanaKey("partner").PublicKey().String()
	c.wallet[remit.RailSolana] = c.solanaKey("wallet").PublicKey().String()
	if config.Solana == nil || !config.Solana.onStandIn() {
		return nil
	}
	for _, coin := range config.Solana.Coins {
		if coin.Mint != "" {
			continue
		}
		mint, err := c.solana.CreateMint(ctx, c.mintOf(coin))
		if err != nil {
			return fmt.Errorf("create the Solana mint of %s: %w", coin.Asset.DisplayCode(), err)
		}
		c.mints[coin.Asset] = mint.String()
	}
	treasury, err := solana.PublicKeyFromBase58(solanaTreasury)
	if err != nil {
		return fmt.Errorf("parse the Solana treasury: %w", err)
	}
	if _, err := c.solana.Airdrop(ctx, treasury, devTreasurySOL*solana.LAMPORTS_PER_SOL); err != nil {
		return fmt.Errorf("fund the Solana treasury with SOL: %w", err)
	}
	// What was made must be confirmed before the configuration is held against it.
	if err := c.solana.Advance(devFinalizedDepth); err != nil {
		return fmt.Errorf("confirm the Solana mints: %w", err)
	}
	return nil
}

func (c *counterparts) openStellar(ctx context.Context, treasury string, config *settlementConfig) error {
	issuer, issuerErr := c.stellarKey("issuer")
	partner, partnerErr := c.stellarKey("partner")
	wallet, walletErr := c.stellarKey("wallet")
	if err := errors.Join(issuerErr, partnerErr, walletErr); err != nil {
		return fmt.Errorf("make Stellar keys: %w", err)
	}
	c.issuer, c.partner[remit.RailStellar], c.wallet[remit.RailStellar] = issuer.Address(), partner.Address(), wallet.Address()
	if config.Stellar == nil || !config.Stellar.onStandIn() {
		return nil
	}
	for _, account := range []struct{ id, lumens string }{
		{issuer.Address(), devPartnerLumens}, {partner.Address(), devPartnerLumens}, {wallet.Address(), devPartnerLumens},
		{treasury, devTreasuryLumens},
	} {
		if c.horizon.HasAccount(account.id) {
			continue
		}
		if err := c.horizon.CreateAccount(ctx, account.id, account.lumens); err != nil {
			return fmt.Errorf("open Stellar account: %w", err)
		}
	}
	for _, holder := range []*keypair.Full{partner, wallet} {
		if err := c.trust(ctx, holder, config.Stellar.standInCodes()); err != nil {
			return err
		}
	}
	return c.openMarkets(ctx, issuer, config.Stellar)
}

// standInCodes are the codes that the stand-in's issuer issues.
func (c *stellarConfig) standInCodes() []string {
	var codes []string
	for _, coin := range c.Coins {
		if coin.Issuer == "" {
			codes = append(codes, coin.Code)
		}
	}
	for _, s := range c.Swaps {
		if s.Issuer == "" && !slices.Contains(codes, s.Code) {
			codes = append(codes, s.Code)
		}
	}
	return codes
}

// swapsAt is the address that takes another asset than it is paid in.
func (c *counterparts) swapsAt(s stellarSwap) string {
	if s.Destination == sandboxOffRamp {
		return c.partner[remit.RailStellar]
	}
	return s.Destination
}

// openMarkets lets the stand-in's market change the coins that it issues into
// what destinations take instead, unit for unit.
func (c *counterparts) openMarkets(ctx context.Context, issuer *keypair.Full, config *stellarConfig) error {
	for _, s := range config.Swaps {
		if s.Issuer != "" {
			continue
		}
		for _, coin := range config.Coins {
			if coin.Issuer != "" || coin.Code == s.Code {
				continue
			}
			if err := c.openMarket(ctx, issuer, coin.Code, s.Code); err != nil {
				return fmt.Errorf("open the market of %s in %s: %w", coin.Code, s.Code, err)
			}
		}
	}
	return nil
}

// openMarket opens an account that sells one coin for another, with its offer,
// in one transaction: where the account is, the offer is.
func (c *counterparts) openMarket(ctx context.Context, issuer *keypair.Full, buys, sells string) error {
	maker, err := c.stellarKey("market/" + buys + "/" + sells)
	if err != nil {
		return fmt.Errorf("make its key: %w", err)
	}
	if c.horizon.HasAccount(maker.Address()) {
		return nil
	}
	id, root := maker.Address(), c.horizon.Root()
	ops := []txnbuild.Operation{&txnbuild.CreateAccount{Destination: id, Amount: devPartnerLumens}}
	for _, code := range []string{buys, sells} {
		line, err := txnbuild.CreditAsset{Code: code, Issuer: c.issuer}.ToChangeTrustAsset()
		if err != nil {
			return fmt.Errorf("name %s: %w", code, err)
		}
		ops = append(ops, &txnbuild.ChangeTrust{Line: line, SourceAccount: id})
	}
	stock := fmt.Sprint(devMarketStock)
	sold := txnbuild.CreditAsset{Code: sells, Issuer: c.issuer}
	ops = append(ops,
		&txnbuild.Payment{Destination: id, Amount: stock, Asset: sold, SourceAccount: c.issuer},
		&txnbuild.ManageSellOffer{
			Selling: sold, Buying: txnbuild.CreditAsset{Code: buys, Issuer: c.issuer}, Amount: stock, Price: xdr.Price{N: 1, D: 1}, SourceAccount: id,
		})
	_, err = c.horizon.Apply(ctx, root, []*keypair.Full{maker, issuer}, ops...)
	return err
}

// trust opens a holder's trustlines that are missing, in one ledger.
func (c *counterparts) trust(ctx context.Context, holder *keypair.Full, codes []string) error {
	var ops []txnbuild.Operation
	for _, code := range codes {
		if _, ok := c.horizon.Balance(holder.Address(), code+":"+c.issuer); ok {
			continue
		}
		line, err := txnbuild.CreditAsset{Code: code, Issuer: c.issuer}.ToChangeTrustAsset()
		if err != nil {
			return fmt.Errorf("open a trustline: %w", err)
		}
		ops = append(ops, &txnbuild.ChangeTrust{Line: line})
	}
	if len(ops) == 0 {
		return nil
	}
	if _, err := c.horizon.Apply(ctx, holder, nil, ops...); err != nil {
		return fmt.Errorf("open trustlines: %w", err)
	}
	return nil
}

// mintOf describes the stand-in's mint of a coin. One of Token-2022 has the
// extensions of such coins on mainnet: a fee on transfers of nothing, a hook to
// nobody, and the powers that the configuration accepts.
func (c *counterparts) mintOf(coin solanarail.Coin) solanarpc.Mint {
	name, authority := "mint", c.solanaKey("issuer").PublicKey()
	if coin.Asset != remit.USDCSolana {
		name += "/" + coin.Asset.String()
	}
	m := solanarpc.Mint{Key: c.solanaKey(name), Authority: authority, Decimals: coin.Asset.Scale}
	if coin.Program != solana.Token2022ProgramID.String() {
		return m
	}
	const closeAuthority, fee, delegate, hook = 25, 26, 35, 36
	option := append([]byte{1}, authority[:]...)
	m.Token2022 = true
	if slices.Contains(coin.Accept, solanarail.MintCloseAuthority) {
		m.Extensions = append(m.Extensions, solanarpc.MintExtension{Size: 32, Init: append([]byte{closeAuthority}, option...)})
	}
	if slices.Contains(coin.Accept, solanarail.PermanentDelegate) {
		m.Extensions = append(m.Extensions, solanarpc.MintExtension{Size: 32, Init: append([]byte{delegate}, authority[:]...)})
	}
	noFee := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint16(slices.Concat([]byte{fee, 0}, option, option), 0), 0)
	noHook := slices.Concat([]byte{hook, 0}, authority[:], make([]byte, 32))
	m.Extensions = append(m.Extensions, solanarpc.MintExtension{Size: 108, Init: noFee}, solanarpc.MintExtension{Size: 64, Init: noHook})
	return m
}

// issue pays the opening stock of a coin to a treasury. It is nothing of a coin
// that the stand-in does not issue.
func (c *counterparts) issue(ctx context.Context, rail remit.Rail, asset remit.Asset, treasury string) (remit.Money, error) {
	amount, err := remit.ParseMoney(asset, fmt.Sprint(devIssued))
	if err != nil {
		return remit.Money{}, err
	}
	if rail == remit.RailStellar {
		issuer, err := c.stellarKey("issuer")
		if err != nil {
			return remit.Money{}, fmt.Errorf("make issuer key: %w", err)
		}
		if err := c.horizon.Issue(ctx, issuer, asset.DisplayCode(), treasury, amount.Decimal()); err != nil {
			return remit.Money{}, fmt.Errorf("issue %s on Stellar: %w", asset.DisplayCode(), err)
		}
		return amount, nil
	}
	mint, mintErr := solana.PublicKeyFromBase58(c.mints[asset])
	wallet, walletErr := solana.PublicKeyFromBase58(treasury)
	if err := errors.Join(mintErr, walletErr); err != nil {
		return remit.Money{}, fmt.Errorf("parse Solana addresses: %w", err)
	}
	if _, err := c.solana.MintTo(ctx, mint, c.solanaKey("issuer"), wallet, uint64(amount.Minor)); err != nil {
		return remit.Money{}, fmt.Errorf("issue %s on Solana: %w", asset.DisplayCode(), err)
	}
	return amount, nil
}
