package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement/signer"
	solanarail "github.com/openremit/remit/settlement/solana"
)

// How often a lookup table is looked after: a stand-in counts no requests.
const (
	tendEveryOnStandIn = 2 * time.Second
	tendEvery          = 15 * time.Second
)

// solanaRail makes the Solana rail, with what keeps its lookup table.
func (d *dev) solanaRail(ctx context.Context, keys *signer.Keyring, c *chains) (*solanarail.Rail, error) {
	config := d.settlement.Solana
	o := config.options(d.counterparts)
	o.Treasury, o.Signer, o.Clock, o.Logger = d.solanaTreasury, keys, remit.SystemClock{}, d.log
	c.solanaURL, _, _ = strings.Cut(o.Endpoint, ",")
	switch address := config.OffRamps[sandboxOffRamp]; {
	case address != "":
		c.partner[remit.RailSolana] = address
	case !config.onStandIn():
		key, err := keys.Ensure("solana/partner")
		if err != nil {
			return nil, fmt.Errorf("make the off-ramp's key: %w", err)
		}
		c.partner[remit.RailSolana] = solana.PublicKeyFromBytes(key).String()
	}
	d.signFor(keys, func(p *signer.Policy) {
		p.SolanaMints, p.SolanaFees = make(map[remit.Asset]string), make(map[remit.Asset]int64)
		for _, c := range o.Coins {
			p.SolanaMints[c.Asset], p.SolanaFees[c.Asset] = c.Mint, c.MaxFeeBasisPoints
		}
	})
	if config.LookupTable {
		every := tendEvery
		if config.onStandIn() {
			every = tendEveryOnStandIn
		}
		tables, err := openTableKeeper(tableKeeper{
			path: filepath.Join(d.dir, tablesFile), cluster: o.GenesisHash, treasury: o.Treasury, every: every, clock: o.Clock, log: d.log,
			pin: func(pin signer.TablePin) {
				d.signFor(keys, func(p *signer.Policy) { p.SolanaTables = []signer.TablePin{pin} })
			},
		})
		if err != nil {
			return nil, err
		}
		o.LookupTable, o.KeepTable = tables.kept.Address, tables.keep
		c.tables = tables
	}
	rail, err := solanarail.New(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.settlement.file, err)
	}
	if c.tables != nil {
		c.tables.rail = rail
	}
	if err := d.checkChain(ctx, rail, "genesis_hash"); err != nil {
		return nil, err
	}
	return rail, nil
}

// options are what the configuration says, with the stand-in's own mints, node
// and genesis where it means those.
func (c *solanaConfig) options(on *counterparts) solanarail.Options {
	o := solanarail.Options{
		Endpoint: strings.Join(c.Endpoints, ","), GenesisHash: c.GenesisHash, Commitment: c.Commitment, SendToAll: c.SendToAll,
		MaxUnitPrice: c.MaxUnitPrice, MinLamports: c.MinLamports,
	}
	if c.onStandIn() {
		o.Endpoint = on.solanaURL
		if o.GenesisHash == "" {
			o.GenesisHash = on.solana.GenesisHash().String()
		}
	}
	for _, coin := range c.Coins {
		if coin.Mint == "" {
			coin.Mint = on.mints[coin.Asset]
		}
		o.Coins = append(o.Coins, coin)
	}
	return o
}
