package stellar

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stellar/go-stellar-sdk/amount"
	protocol "github.com/stellar/go-stellar-sdk/protocols/horizon"
	"github.com/stellar/go-stellar-sdk/strkey"
	"github.com/stellar/go-stellar-sdk/txnbuild"

	"github.com/openremit/remit"
)

// stellarScale is the number of decimals of every asset on Stellar.
const stellarScale = 7

// Coin is a credit asset that the rail pays in.
type Coin struct {
	// Asset is how the gateway names it, with Stellar's seven decimals.
	Asset remit.Asset
	// Code and Issuer name it on the network.
	Code, Issuer string
	// Redeems says that the issuer takes payments to its own account, which
	// destroy what is paid, as redemptions. Without it such payments are refused.
	Redeems bool
}

// String is the network's name of the coin, CODE:ISSUER.
func (c Coin) String() string { return c.Code + ":" + c.Issuer }

func (c Coin) credit() txnbuild.CreditAsset {
	return txnbuild.CreditAsset{Code: c.Code, Issuer: c.Issuer}
}

// AssetNames are the coins by asset, as CODE:ISSUER: what a signer's policy
// takes for StellarAssets.
func (o Options) AssetNames() map[remit.Asset]string {
	names := make(map[remit.Asset]string, len(o.Coins))
	for _, c := range o.Coins {
		names[c.Asset] = c.String()
	}
	return names
}

// lines are the assets whose trustlines the rail reads.
func (o Options) lines() []txnbuild.CreditAsset {
	var out []txnbuild.CreditAsset
	for _, c := range o.takes() {
		out = append(out, c.credit())
	}
	return out
}

// takes are the coins, and what destinations take instead of them.
func (o Options) takes() []Coin {
	list := slices.Clone(o.Coins)
	for _, s := range o.Swaps {
		if c := o.arriving(s); !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// checkCoins errs unless each coin is well formed and there once.
func checkCoins(coins []Coin) error {
	if len(coins) == 0 {
		return errors.New("stellar rail: at least one coin is required")
	}
	assets, names := make(map[remit.Asset]bool), make(map[string]bool)
	for _, c := range coins {
		if c.Asset.IsZero() || c.Asset.Scale != stellarScale {
			return fmt.Errorf("stellar rail: %s is %s, which has not the seven decimals of Stellar", c, c.Asset)
		}
		if !strkey.IsValidEd25519PublicKey(c.Issuer) {
			return fmt.Errorf("stellar rail: %q is not an account's address", c.Issuer)
		}
		if _, err := c.credit().ToXDR(); err != nil || c.Code == "" {
			return fmt.Errorf("stellar rail: %q is not the code of an asset", c.Code)
		}
		if assets[c.Asset] || names[c.String()] {
			return fmt.Errorf("stellar rail: %s is there twice", c)
		}
		assets[c.Asset], names[c.String()] = true, true
	}
	return nil
}

// coin finds the coin of an asset.
func (r *Rail) coin(asset remit.Asset) (Coin, bool) {
	for _, c := range r.Coins {
		if c.Asset == asset {
			return c, true
		}
	}
	return Coin{}, false
}

// line finds an account's trustline to a coin.
func line(account protocol.Account, coin Coin) (protocol.Balance, bool) {
	for _, b := range account.Balances {
		if b.Asset.Code == coin.Code && b.Asset.Issuer == coin.Issuer {
			return b, true
		}
	}
	return protocol.Balance{}, false
}

// authorized reports whether the issuer lets a trustline pay and be paid. One
// that may only keep its offers up may not.
func authorized(line protocol.Balance) bool { return line.IsAuthorized == nil || *line.IsAuthorized }

// room is how much a trustline can still take: its limit without what it holds
// and what open offers may bring.
func room(line protocol.Balance) (int64, error) {
	if line.Limit == "" {
		return 0, errors.New("horizon's answer has a trustline without a limit")
	}
	limit, err := amount.ParseInt64(line.Limit)
	if err != nil {
		return 0, fmt.Errorf("read a trustline's limit: %w", err)
	}
	for _, text := range []string{line.Balance, line.BuyingLiabilities} {
		if text == "" {
			continue // Liabilities came with protocol 10; an answer may leave out none.
		}
		n, err := amount.ParseInt64(text)
		if err != nil {
			return 0, fmt.Errorf("read a trustline's balance: %w", err)
		}
		limit -= n
	}
	return max(limit, 0), nil
}
