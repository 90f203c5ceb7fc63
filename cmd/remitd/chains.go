package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gagliardetto/solana-go"
	"github.com/stellar/go-stellar-sdk/network"
	"github.com/stellar/go-stellar-sdk/strkey"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
	solanarail "github.com/openremit/remit/settlement/solana"
	"github.com/openremit/remit/settlement/stellar"
)

// The public test networks, and the USDC that Circle issues there
// (developers.circle.com/stablecoins/usdc-contract-addresses).
const (
	testnetHorizon = "https://horizon-testnet.stellar.org"
	testnetRPC     = "https://soroban-testnet.stellar.org"
	testnetIssuer  = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5"
	friendbot      = "https://friendbot.stellar.org"
	devnetRPC      = "https://api.devnet.solana.com"
	devnetMint     = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
	devnetGenesis  = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"

	// The Stellar rail opens so many channel accounts at least, and more under load.
	minChannels, maxChannels = 16, 64
)

// chains are the rails with where they lead.
type chains struct {
	rails                 []settlement.Rail
	partner               map[remit.Rail]string
	stellarURL, solanaURL string
	stellarPublic         bool
	solanaPublic          bool
}

// explorer is where a person can look a settlement transaction up.
func (c *chains) explorer(rail remit.Rail, hash string) string {
	switch {
	case hash == "":
		return ""
	case rail == remit.RailStellar && c.stellarPublic:
		return "https://stellar.expert/explorer/testnet/tx/" + hash
	case rail == remit.RailStellar:
		return c.stellarURL + "/transactions/" + hash
	case c.solanaPublic:
		return "https://explorer.solana.com/tx/" + hash + "?cluster=devnet"
	default:
		return c.solanaURL + "/_books?signature=" + hash
	}
}

// startChains starts the stand-ins and makes the rails.
func (d *dev) startChains(ctx context.Context, keys *signer.Keyring) (*chains, error) {
	stellarKey, err := keys.Ensure("stellar/treasury")
	if err != nil {
		return nil, fmt.Errorf("make the Stellar treasury's key: %w", err)
	}
	if d.stellarTreasury, err = strkey.Encode(strkey.VersionByteAccountID, stellarKey); err != nil {
		return nil, fmt.Errorf("encode the Stellar treasury's address: %w", err)
	}
	solanaKey, err := keys.Ensure("solana/treasury")
	if err != nil {
		return nil, fmt.Errorf("make the Solana treasury's key: %w", err)
	}
	d.solanaTreasury = solana.PublicKeyFromBytes(solanaKey).String()
	d.counterparts, err = startCounterparts(ctx, d.group, counterpartOptions{
		dir: d.dir, secrets: d.secrets, ports: d.ports, callbackURL: d.restURL + "/callbacks/sandbox",
		ledgerInterval: d.ledgerInterval, slotInterval: d.slotInterval, bankSettle: d.bankSettle, pickupDelay: d.pickupDelay, log: d.log,
	})
	if err != nil {
		return nil, err
	}
	if err := d.counterparts.openAccounts(ctx, d.stellarTreasury, d.solanaTreasury); err != nil {
		return nil, err
	}
	c := &chains{
		partner: d.counterparts.partner, stellarURL: d.counterparts.horizonURL, solanaURL: d.counterparts.solanaURL,
		stellarPublic: d.stellar == "testnet", solanaPublic: d.solana == "devnet",
	}
	solanaRail, err := d.solanaRail(keys, c)
	if err != nil {
		return nil, err
	}
	stellarRail, err := d.stellarRail(ctx, keys, c)
	if err != nil {
		return nil, err
	}
	c.rails = []settlement.Rail{stellarRail, solanaRail}
	return c, nil
}

func (d *dev) stellarRail(ctx context.Context, keys *signer.Keyring, c *chains) (*stellar.Rail, error) {
	channelKey := func(number int) (string, error) {
		key, err := keys.Ensure(fmt.Sprintf("stellar/channel/%d", number))
		if err != nil {
			return "", fmt.Errorf("make a channel account's key: %w", err)
		}
		return signer.StellarAddress(key)
	}
	o := stellar.Options{
		Passphrase: devPassphrase, Coins: usdcOf(d.counterparts.issuer),
		Treasury: d.stellarTreasury, ChannelKey: channelKey, MinChannels: minChannels, MaxChannels: maxChannels, Signer: keys, Clock: remit.SystemClock{}, Logger: d.log,
	}
	horizonURL, rpcURL := d.counterparts.horizonURL, d.counterparts.stellarRPCURL
	if d.stellar == "testnet" {
		horizonURL, rpcURL = testnetHorizon, testnetRPC
	}
	switch d.stellarBackend {
	case "horizon":
		o.Horizon = horizonURL
	case "rpc":
		o.RPC = rpcURL
	default:
		return nil, remit.Invalid("stellar-backend", remit.ReasonFieldInvalid, "--stellar-backend is horizon or rpc, not %q", d.stellarBackend)
	}
	switch d.stellar {
	case "devnet":
	case "testnet":
		o.Passphrase, o.Coins = network.TestNetworkPassphrase, usdcOf(testnetIssuer)
		c.stellarURL = testnetHorizon
		d.signFor(keys, func(p *signer.Policy) {
			p.StellarPassphrase, p.StellarAssets = o.Passphrase, o.AssetNames()
		})
		if err := d.openTestnetAccounts(ctx, keys, o, c); err != nil {
			return nil, err
		}
	default:
		return nil, remit.Invalid("stellar", remit.ReasonFieldInvalid, "--stellar is devnet or testnet, not %q", d.stellar)
	}
	d.signFor(keys, func(p *signer.Policy) {
		p.StellarPassphrase, p.StellarAssets = o.Passphrase, o.AssetNames()
	})
	rail, err := stellar.New(o)
	if err != nil {
		return nil, fmt.Errorf("configure the Stellar rail: %w", err)
	}
	if err := rail.Setup(ctx); err != nil {
		return nil, fmt.Errorf("set up the Stellar rail: %w", err)
	}
	return rail, nil
}

// usdcOf is the coin that the gateway settles in unless more are configured.
func usdcOf(issuer string) []stellar.Coin {
	return []stellar.Coin{{Asset: remit.USDCStellar, Code: "USDC", Issuer: issuer}}
}

// signFor widens what the signer may sign.
func (d *dev) signFor(keys *signer.Keyring, widen func(*signer.Policy)) {
	widen(&d.policy)
	keys.SetPolicy(d.policy)
}

// openTestnetAccounts funds the treasury and an account that stands for the
// off-ramp by friendbot, and opens the off-ramp's trustline.
func (d *dev) openTestnetAccounts(ctx context.Context, keys *signer.Keyring, o stellar.Options, c *chains) error {
	key, err := keys.Ensure("stellar/partner")
	if err != nil {
		return fmt.Errorf("make the off-ramp's key: %w", err)
	}
	partner, err := strkey.Encode(strkey.VersionByteAccountID, key)
	if err != nil {
		return fmt.Errorf("encode the off-ramp's address: %w", err)
	}
	c.partner[remit.RailStellar] = partner
	for _, address := range []string{o.Treasury, partner} {
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
	}
	o.Treasury, o.ChannelKey, o.Channels = partner, nil, []string{partner}
	rail, err := stellar.New(o)
	if err != nil {
		return fmt.Errorf("configure the off-ramp's account: %w", err)
	}
	return rail.Setup(ctx)
}

func (d *dev) solanaRail(keys *signer.Keyring, c *chains) (*solanarail.Rail, error) {
	o := solanarail.Options{
		Endpoint: d.counterparts.solanaURL, Treasury: d.solanaTreasury,
		Coins:       []solanarail.Coin{{Asset: remit.USDCSolana, Mint: d.counterparts.mint}},
		GenesisHash: d.counterparts.solana.GenesisHash().String(), Signer: keys, Clock: remit.SystemClock{}, Logger: d.log,
	}
	switch d.solana {
	case "standin":
	case "devnet":
		o.Endpoint, o.Coins[0].Mint, o.GenesisHash = devnetRPC, devnetMint, devnetGenesis
		c.solanaURL = devnetRPC
		key, err := keys.Ensure("solana/partner")
		if err != nil {
			return nil, fmt.Errorf("make the off-ramp's key: %w", err)
		}
		c.partner[remit.RailSolana] = solana.PublicKeyFromBytes(key).String()
	default:
		return nil, remit.Invalid("solana", remit.ReasonFieldInvalid, "--solana is standin or devnet, not %q", d.solana)
	}
	d.signFor(keys, func(p *signer.Policy) {
		p.SolanaMints, p.SolanaFees = make(map[remit.Asset]string), make(map[remit.Asset]int64)
		for _, c := range o.Coins {
			p.SolanaMints[c.Asset], p.SolanaFees[c.Asset] = c.Mint, c.MaxFeeBasisPoints
		}
	})
	rail, err := solanarail.New(o)
	if err != nil {
		return nil, fmt.Errorf("configure the Solana rail: %w", err)
	}
	return rail, nil
}

// onStandIn reports whether a rail runs on its stand-in.
func (c *chains) onStandIn(rail remit.Rail) bool {
	if rail == remit.RailStellar {
		return !c.stellarPublic
	}
	return !c.solanaPublic
}

// describeTreasuries says where to send test USDC on public networks.
func (d *dev) describeTreasuries() string {
	var lines []string
	if d.gateway.chains.stellarPublic {
		lines = append(lines, "send test USDC on Stellar testnet to "+d.stellarTreasury)
	}
	if d.gateway.chains.solanaPublic {
		lines = append(lines, "send SOL and test USDC on Solana devnet to "+d.solanaTreasury)
	}
	return strings.Join(lines, "\n  ")
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
