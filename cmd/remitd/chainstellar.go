package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/stellar/go-stellar-sdk/strkey"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/stellar"
)

// stellarRail makes the Stellar rail, and opens what it needs on the network.
func (d *dev) stellarRail(ctx context.Context, keys *signer.Keyring, c *chains) (*stellar.Rail, error) {
	o := d.settlement.Stellar.options(d.counterparts)
	o.Treasury, o.Signer, o.Clock, o.Logger = d.stellarTreasury, keys, remit.SystemClock{}, d.log
	o.ChannelKey = func(number int) (string, error) {
		key, err := keys.Ensure(fmt.Sprintf("stellar/channel/%d", number))
		if err != nil {
			return "", fmt.Errorf("make a channel account's key: %w", err)
		}
		return signer.StellarAddress(key)
	}
	c.stellarURL = o.Horizon + o.RPC
	if d.settlement.Stellar.onStandIn() {
		c.stellarURL = d.counterparts.horizonURL
	}
	if address := d.settlement.Stellar.OffRamps[sandboxOffRamp]; address != "" {
		c.partner[remit.RailStellar] = address
	}
	if d.claimTime > 0 && d.settlement.Stellar.onStandIn() {
		o.Reclaim, o.ShortReclaim = d.claimTime, true
	}
	d.signFor(keys, func(p *signer.Policy) {
		p.StellarReclaim = int64(o.Reclaim / time.Second)
		p.StellarPassphrase, p.StellarAssets = o.Passphrase, o.AssetNames()
		p.StellarSwaps = make(map[string]signer.StellarSwap)
		for _, s := range d.settlement.Stellar.Swaps {
			to := d.counterparts.swapsAt(s)
			take := o.Swaps[to]
			p.StellarSwaps[to] = signer.StellarSwap{Asset: take.Code + ":" + take.Issuer, Least: s.Least}
		}
	})
	rail, err := stellar.New(o)
	if err != nil {
		return nil, fmt.Errorf("%s: stellar: %w", d.settlement.file, err)
	}
	if err := d.checkChain(ctx, rail, "passphrase"); err != nil {
		return nil, err
	}
	if stellarNetworks[d.settlement.Stellar.Network].isTest {
		if err := d.openTestnetAccounts(ctx, keys, o, c); err != nil {
			return nil, err
		}
	}
	if err := rail.Setup(ctx); err != nil {
		return nil, fmt.Errorf("set up the Stellar rail: %w", err)
	}
	return rail, nil
}

// options are what the configuration says, with the stand-in's own issuer and
// servers where it means those.
func (c *stellarConfig) options(on *counterparts) stellar.Options {
	o := stellar.Options{
		Passphrase: c.Passphrase, MinChannels: c.MinChannels, MaxChannels: c.MaxChannels, MaxFee: c.MaxFee, MaxBump: c.MaxBump,
		Swaps: make(map[string]stellar.Swap),
	}
	issuer := func(given string) string {
		if given == "" {
			return on.issuer
		}
		return given
	}
	for _, coin := range c.Coins {
		coin.Issuer = issuer(coin.Issuer)
		o.Coins = append(o.Coins, coin)
	}
	for _, s := range c.Swaps {
		s.Swap.Issuer = issuer(s.Issuer)
		o.Swaps[on.swapsAt(s)] = s.Swap
	}
	endpoints := c.Endpoints
	if c.onStandIn() {
		endpoints = []string{on.horizonURL}
		if c.Backend == "rpc" {
			endpoints = []string{on.stellarRPCURL}
		}
	}
	if c.Backend == "rpc" {
		o.RPC = endpoints[0]
	} else {
		o.Horizon = endpoints[0]
	}
	o.Spare = endpoints[1:]
	return o
}

// openTestnetAccounts funds the treasury by friendbot, and where no off-ramp is
// configured an account that stands for it, whose trustlines it opens.
func (d *dev) openTestnetAccounts(ctx context.Context, keys *signer.Keyring, o stellar.Options, c *chains) error {
	if err := askFriendbot(ctx, o.Treasury); err != nil {
		return err
	}
	if d.settlement.Stellar.OffRamps[sandboxOffRamp] != "" {
		return nil
	}
	key, err := keys.Ensure("stellar/partner")
	if err != nil {
		return fmt.Errorf("make the off-ramp's key: %w", err)
	}
	partner, err := strkey.Encode(strkey.VersionByteAccountID, key)
	if err != nil {
		return fmt.Errorf("encode the off-ramp's address: %w", err)
	}
	c.partner[remit.RailStellar] = partner
	if err := askFriendbot(ctx, partner); err != nil {
		return err
	}
	o.Treasury, o.ChannelKey, o.Channels = partner, nil, []string{o.Treasury}
	rail, err := stellar.New(o)
	if err != nil {
		return fmt.Errorf("configure the off-ramp's account: %w", err)
	}
	return rail.Setup(ctx)
}

// askFriendbot has a test account funded, which does nothing when it is already.
func askFriendbot(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, friendbot+"?addr="+url.QueryEscape(address), nil)
	if err != nil {
		return fmt.Errorf("make friendbot request: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask friendbot: %w", err)
	}
	// 400 says that the account exists already; Setup finds out the truth.
	if err := response.Body.Close(); err != nil {
		return fmt.Errorf("ask friendbot: %w", err)
	}
	return nil
}
