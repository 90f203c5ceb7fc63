package solana

import (
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
)

// Limits of a coin.
const (
	// maxCoins is the most coins that a rail pays: their accounts and those of
	// a full batch are read in two calls.
	maxCoins = 16
	// wholeBasisPoints is all of an amount, in basis points.
	wholeBasisPoints = 10_000
)

// Power is something that an issuer can do with a Token-2022 coin beyond what
// SPL Token knows. It is refused unless the coin's configuration accepts it.
type Power string

// The powers that can be accepted.
const (
	// PermanentDelegate can take the coin out of every account, also the treasury's.
	PermanentDelegate Power = "permanent_delegate"
	// MintCloseAuthority can close the mint once nothing of it is left.
	MintCloseAuthority Power = "mint_close_authority"
	// ConfidentialTransfer lets holders hide amounts. The rail never does, and
	// refuses destinations that take nothing else.
	ConfidentialTransfer Power = "confidential_transfer"
	// InterestBearing and ScaledAmount make wallets show other amounts than the
	// chain moves; the rail counts what the chain moves.
	InterestBearing Power = "interest_bearing"
	ScaledAmount    Power = "scaled_amount"
)

// powers are the extensions of a mint that give a power.
var powers = map[uint16]Power{
	extMintCloseAuthority: MintCloseAuthority, extConfidentialMint: ConfidentialTransfer,
	extInterestBearing: InterestBearing, extPermanentDelegate: PermanentDelegate,
	extConfidentialFee: ConfidentialTransfer, extConfidentialMintBurn: ConfidentialTransfer, extScaledAmount: ScaledAmount,
}

// Coin is one of the tokens that the rail pays.
type Coin struct {
	// Asset is what the coin is called here: CODE_SOLANA, with the mint's decimals.
	Asset remit.Asset
	// Mint is the address of the token; Program the program that it belongs to,
	// by default SPL Token.
	Mint, Program string
	// MaxFeeBasisPoints bounds what the mint may take of a transfer, in basis
	// points of what is ordered. The treasury pays it on top, so that the payee
	// gets what was ordered. 0 refuses a mint that takes anything.
	MaxFeeBasisPoints int64
	// Accept names the issuer's powers that the operator accepts.
	Accept []Power
}

// token is a coin as the rail uses it.
type token struct {
	asset         remit.Asset
	mint, program solana.PublicKey
	// source is the treasury's own account of it.
	source solana.PublicKey
	maxFee int64
	accept map[Power]bool
}

// tokens reads the configuration; the error names every wrong part of it.
func tokens(coins []Coin, treasury solana.PublicKey) ([]*token, error) {
	if len(coins) == 0 || len(coins) > maxCoins {
		return nil, fmt.Errorf("coins are %d, want 1 to %d", len(coins), maxCoins)
	}
	var wrong []error
	seen, mints := make(map[remit.Asset]bool), make(map[string]bool)
	out := make([]*token, 0, len(coins))
	for _, c := range coins {
		t, err := c.token(treasury)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("coin %s: %w", c.Asset, err))
			continue
		}
		if seen[c.Asset] || mints[c.Mint] {
			wrong = append(wrong, fmt.Errorf("coin %s: it or its mint is there twice", c.Asset))
		}
		seen[c.Asset], mints[c.Mint] = true, true
		out = append(out, t)
	}
	return out, errors.Join(wrong...)
}

func (c Coin) token(treasury solana.PublicKey) (*token, error) {
	coin, err := remit.CoinOf(c.Asset)
	if err != nil || c.Asset.Code != coin.Code+"_SOLANA" {
		return nil, errors.New("its asset is not CODE_SOLANA")
	}
	t := &token{asset: c.Asset, maxFee: c.MaxFeeBasisPoints, program: solana.TokenProgramID, accept: make(map[Power]bool)}
	if t.mint, err = solana.PublicKeyFromBase58(c.Mint); err != nil {
		return nil, fmt.Errorf("mint is not a base58 address: %w", err)
	}
	if c.Program != "" {
		if t.program, err = solana.PublicKeyFromBase58(c.Program); err != nil {
			return nil, fmt.Errorf("token program is not a base58 address: %w", err)
		}
	}
	if t.program != solana.TokenProgramID && t.program != solana.Token2022ProgramID {
		return nil, errors.New("token program is neither SPL Token nor Token-2022")
	}
	if t.maxFee < 0 || t.maxFee >= wholeBasisPoints {
		return nil, fmt.Errorf("the bound of its fee is %d basis points, want 0 to %d", t.maxFee, wholeBasisPoints-1)
	}
	known := make(map[Power]bool)
	for _, p := range powers {
		known[p] = true
	}
	for _, p := range c.Accept {
		if !known[p] {
			return nil, fmt.Errorf("no such power of an issuer: %q", p)
		}
		t.accept[p] = true
	}
	t.source, err = tokenAddress(treasury, t.mint, t.program)
	return t, err
}

// tokenOf finds the token of an asset, or nil.
func (r *Rail) tokenOf(a remit.Asset) *token {
	for _, t := range r.tokens {
		if t.asset == a {
			return t
		}
	}
	return nil
}

// MostCharge is the most that a coin may take of a transfer on top of an amount,
// by the bound that is configured for it, rounded up.
func (r *Rail) MostCharge(amount remit.Money) remit.Money {
	t := r.tokenOf(amount.Asset)
	if t == nil || t.maxFee == 0 || amount.Minor <= 0 {
		return remit.Money{Asset: amount.Asset}
	}
	// Whole and rest apart, so that no amount is too large.
	whole, rest := amount.Minor/wholeBasisPoints, amount.Minor%wholeBasisPoints
	return remit.NewMoney(amount.Asset, whole*t.maxFee+(rest*t.maxFee+wholeBasisPoints-1)/wholeBasisPoints)
}
