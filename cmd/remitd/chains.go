package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/strkey"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
)

// The public test networks.
const (
	testnetHorizon = "https://horizon-testnet.stellar.org"
	testnetRPC     = "https://soroban-testnet.stellar.org"
	friendbot      = "https://friendbot.stellar.org"
	devnetRPC      = "https://api.devnet.solana.com"
	devnetGenesis  = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"
)

// chains are the rails with where they lead.
type chains struct {
	config  *settlementConfig
	rails   []settlement.Rail
	partner map[remit.Rail]string
	// stellarURL and solanaURL are the first endpoint of each rail that is used.
	stellarURL, solanaURL string
	// tables keeps the Solana treasury's lookup table; nil without one.
	tables *tableKeeper
}

// explorer is where a person can look a settlement transaction up.
func (c *chains) explorer(rail remit.Rail, hash string) string {
	switch {
	case hash == "":
		return ""
	case rail == remit.RailStellar && c.config.Stellar != nil:
		if known := stellarNetworks[c.config.Stellar.Network]; known.explorer != "" {
			return known.explorer + hash
		}
		return c.stellarURL + "/transactions/" + hash
	case rail == remit.RailSolana && c.config.Solana != nil:
		if known, ok := solanaClusters[c.config.Solana.Network]; ok {
			return "https://explorer.solana.com/tx/" + hash + known.explorer
		}
		if c.onStandIn(rail) {
			return c.solanaURL + "/_books?signature=" + hash
		}
	}
	return ""
}

// openTreasuries makes the treasuries' keys, and errs with all that the
// configuration says wrong about them, before anything is started.
func (d *dev) openTreasuries(keys *signer.Keyring) error {
	stellarKey, err := keys.Ensure("stellar/treasury")
	if err != nil {
		return fmt.Errorf("make the Stellar treasury's key: %w", err)
	}
	if d.stellarTreasury, err = strkey.Encode(strkey.VersionByteAccountID, stellarKey); err != nil {
		return fmt.Errorf("encode the Stellar treasury's address: %w", err)
	}
	solanaKey, err := keys.Ensure("solana/treasury")
	if err != nil {
		return fmt.Errorf("make the Solana treasury's key: %w", err)
	}
	d.solanaTreasury = solana.PublicKeyFromBytes(solanaKey).String()
	return d.settlement.checkTreasuries(d.stellarTreasury, d.solanaTreasury)
}

// checkTreasuries errs when a treasury would pay itself.
func (c *settlementConfig) checkTreasuries(stellarTreasury, solanaTreasury string) error {
	var problems configProblems
	const own = "it is the treasury itself, which cannot be paid by itself: give the address at which the other side receives"
	if c.Stellar != nil {
		for name, address := range c.Stellar.OffRamps {
			if baseStellarAddress(address) == stellarTreasury {
				problems.add("stellar.off_ramps."+name, 0, own)
			}
		}
		for i, s := range c.Stellar.Swaps {
			if baseStellarAddress(s.Destination) == stellarTreasury {
				problems.add(fmt.Sprintf("stellar.swaps[%d].destination", i), 0, own)
			}
		}
	}
	if c.Solana != nil {
		for name, address := range c.Solana.OffRamps {
			if address == solanaTreasury {
				problems.add("solana.off_ramps."+name, 0, own)
			}
		}
	}
	slices.Sort(problems)
	return problems.err(c.file)
}

// startChains starts the stand-ins and makes the rails.
func (d *dev) startChains(ctx context.Context, keys *signer.Keyring) (*chains, error) {
	var err error
	d.counterparts, err = startCounterparts(ctx, d.group, counterpartOptions{
		dir: d.dir, secrets: d.secrets, ports: d.ports, callbackURL: d.restURL + "/callbacks/sandbox",
		ledgerInterval: d.ledgerInterval, slotInterval: d.slotInterval, bankSettle: d.bankSettle, pickupDelay: d.pickupDelay, log: d.log,
	})
	if err != nil {
		return nil, err
	}
	if err := d.counterparts.openAccounts(ctx, d.stellarTreasury, d.solanaTreasury, d.settlement); err != nil {
		return nil, err
	}
	c := &chains{config: d.settlement, partner: d.counterparts.partner}
	if d.settlement.Stellar != nil {
		rail, err := d.stellarRail(ctx, keys, c)
		if err != nil {
			return nil, err
		}
		c.rails = append(c.rails, rail)
	}
	if d.settlement.Solana != nil {
		rail, err := d.solanaRail(ctx, keys, c)
		if err != nil {
			return nil, err
		}
		c.rails = append(c.rails, rail)
	}
	return c, nil
}

// checker is a rail that can compare its configuration with its chain.
type checker interface {
	settlement.Rail
	CheckNetwork(ctx context.Context) error
	CheckCoins(ctx context.Context) (map[remit.Asset]error, error)
}

// checkChain compares the configuration of a rail with its chain. It errs with
// all that is wrong; that a chain cannot be asked now is no error, the rail is
// unusable until it can. networkKey is the key that names the network.
func (d *dev) checkChain(ctx context.Context, rail checker, networkKey string) error {
	var problems configProblems
	name := rail.Name()
	err := rail.CheckNetwork(ctx)
	if remit.KindOf(err) == remit.KindPrecondition {
		problems.add(string(name)+"."+networkKey, 0, "%v: correct it, or the endpoints", err)
		return problems.err(d.settlement.file)
	}
	var troubles map[remit.Asset]error
	if err == nil {
		troubles, err = rail.CheckCoins(ctx)
	}
	if err != nil {
		d.log.Warn("the rail's configuration cannot be compared with its chain now", "rail", name, "err", err)
		return nil
	}
	for i, asset := range rail.Assets() {
		if why := troubles[asset]; why != nil {
			problems.add(coinPath(name, i), 0, "%s: %v: correct what is said of the coin, or remove it", asset.DisplayCode(), why)
		}
		delete(troubles, asset)
	}
	for asset, why := range troubles {
		problems.add(string(name)+".swaps", 0, "%s: %v: correct what arrives, or remove the swap", asset.Code, why)
	}
	slices.Sort(problems)
	return problems.err(d.settlement.file)
}

// signFor changes what the signer may sign.
func (d *dev) signFor(keys *signer.Keyring, change func(*signer.Policy)) {
	change(&d.policy)
	keys.SetPolicy(d.policy)
}

// railConfig is the configuration of a rail, the zero one if it is not used.
func (c *chains) railConfig(rail remit.Rail) railConfig {
	switch {
	case rail == remit.RailStellar && c.config.Stellar != nil:
		return c.config.Stellar.railConfig
	case rail == remit.RailSolana && c.config.Solana != nil:
		return c.config.Solana.railConfig
	}
	return railConfig{}
}

// onStandIn reports whether a rail runs on its stand-in.
func (c *chains) onStandIn(rail remit.Rail) bool { return c.railConfig(rail).onStandIn() }

// allOnStandIns reports whether no rail is on a public network.
func (c *chains) allOnStandIns() bool {
	return !slices.ContainsFunc(c.rails, func(r settlement.Rail) bool { return !c.onStandIn(r.Name()) })
}

// describeTreasuries says where to send coins on public networks.
func (d *dev) describeTreasuries() string {
	var lines []string
	for _, r := range d.gateway.chains.rails {
		network := d.gateway.chains.railConfig(r.Name()).Network
		switch {
		case network == standIn:
		case r.Name() == remit.RailStellar:
			lines = append(lines, "send lumens and coins on Stellar's "+network+" network to "+d.stellarTreasury)
		default:
			lines = append(lines, "send SOL and coins on Solana's cluster "+network+" to "+d.solanaTreasury)
		}
	}
	return strings.Join(lines, "\n            ")
}

// describeCoins says in which coins each rail settles.
func (c *chains) describeCoins() string {
	var parts []string
	for _, r := range c.rails {
		var codes []string
		for _, a := range r.Assets() {
			codes = append(codes, a.DisplayCode())
		}
		parts = append(parts, strings.Join(codes, " ")+" on "+string(r.Name()))
	}
	return strings.Join(parts, ", ") + "   (" + c.config.file + ")"
}

// rail returns the rail of a name; the names come from the rails themselves.
func (c *chains) rail(name remit.Rail) settlement.Rail {
	for _, r := range c.rails {
		if r.Name() == name {
			return r
		}
	}
	return nil
}
