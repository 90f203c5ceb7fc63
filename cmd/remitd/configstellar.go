package main

import (
	"github.com/stellar/go-stellar-sdk/network"
	"github.com/stellar/go-stellar-sdk/strkey"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement/stellar"
)

// Bounds of what the Stellar rail may be told.
const (
	defaultMinChannels, defaultMaxChannels = 16, 64
	mostChannels                           = 1_000
	// mostStroops is what the signer lets a payment cost, 0.1 XLM.
	mostStroops                         = 1_000_000
	defaultMaxStroops                   = 100_000
	mostSlippage, defaultSlippage       = 1_000, 50
	wholeUnits, leastPossible     int64 = 10_000, 1
)

// stellarNetworks are the public networks by name.
var stellarNetworks = map[string]struct {
	passphrase   string
	horizon, rpc []string
	// isTest says that accounts can be had for nothing.
	isTest   bool
	explorer string
}{
	"testnet": {network.TestNetworkPassphrase, []string{testnetHorizon}, []string{testnetRPC}, true, "https://stellar.expert/explorer/testnet/tx/"},
	"public":  {network.PublicNetworkPassphrase, []string{"https://horizon.stellar.org"}, nil, false, "https://stellar.expert/explorer/public/tx/"},
}

// stellarConfig is the Stellar rail as configured. Coins and swaps without an
// issuer are of the stand-in's.
type stellarConfig struct {
	railConfig
	Passphrase string
	// Backend is horizon or rpc.
	Backend                  string
	Coins                    []stellar.Coin
	Swaps                    []stellarSwap
	MinChannels, MaxChannels int
	MaxFee, MaxBump          int64
}

// stellarSwap is a destination that takes another asset than it is paid in: an
// address, or sandboxOffRamp for the account of the stand-in's own.
type stellarSwap struct {
	Destination string
	stellar.Swap
	// Least is how many units must arrive for 10,000 sent, whatever the market
	// promises: the signer's bound.
	Least int64
}

func readStellar(s *section) *stellarConfig {
	c := &stellarConfig{}
	c.Network = s.word("network", standIn, "testnet", "public", "own")
	known := stellarNetworks[c.Network]
	c.Backend = s.word("backend", "horizon", "rpc")
	c.Passphrase = s.text("passphrase")
	switch {
	case c.Network == standIn && c.Passphrase != "" && c.Passphrase != devPassphrase:
		s.bad("passphrase", "the stand-in's is %q: remove it, or name the network that it is of", devPassphrase)
	case c.Network == standIn:
		c.Passphrase = devPassphrase
	case c.Network == "own" && c.Passphrase == "":
		s.bad("passphrase", "it is missing: a network of one's own is told from others by its passphrase")
	case c.Passphrase == "":
		c.Passphrase = known.passphrase
	case c.Network != "own" && c.Passphrase != known.passphrase:
		s.bad("passphrase", "network %s has another one, %q: remove it, or say network: own", c.Network, known.passphrase)
	}
	preset := known.horizon
	if c.Backend == "rpc" {
		preset = known.rpc
	}
	c.Endpoints = s.endpoints(c.Network, preset)
	c.OffRamps = s.offRamps(c.Network, known.isTest, wrongStellarAddress)
	c.MinChannels, c.MaxChannels = defaultMinChannels, defaultMaxChannels
	if o := s.object("channels"); o != nil {
		c.MinChannels = int(o.number("min", 1, mostChannels, defaultMinChannels))
		c.MaxChannels = int(o.number("max", 1, mostChannels, max(defaultMaxChannels, int64(c.MinChannels))))
		if c.MaxChannels < c.MinChannels {
			o.bad("max", "%d is less than the least number, %d: give at least as many", c.MaxChannels, c.MinChannels)
		}
		o.done()
	}
	c.MaxFee, c.MaxBump = defaultMaxStroops, mostStroops
	if o := s.object("fees"); o != nil {
		c.MaxFee = o.number("max_stroops", 100, mostStroops, defaultMaxStroops)
		c.MaxBump = o.number("max_bump_stroops", 100, mostStroops, mostStroops)
		if c.MaxBump < c.MaxFee {
			o.bad("max_bump_stroops", "%d is less than what is bid at first, %d: give at least as much", c.MaxBump, c.MaxFee)
		}
		o.done()
	}
	c.readCoins(s)
	c.readSwaps(s)
	s.done()
	return c
}

func (c *stellarConfig) readCoins(s *section) {
	list := s.objects("coins")
	if len(list) == 0 {
		s.bad("coins", "there are none: list at least one coin, such as code: USDC")
	}
	codes := make(map[string]int)
	for i, o := range list {
		coin, ok := o.coinCode()
		asset := remit.Asset{}
		if ok {
			noCoinTwice(o, "code", coin.Code, codes, i)
			asset = remit.Asset{Code: coin.Code + "_STELLAR", Scale: remit.USDCStellar.Scale}
		}
		c.Coins = append(c.Coins, stellar.Coin{Asset: asset, Code: coin.Code, Issuer: c.issuer(o), Redeems: o.flag("redeems", false)})
		o.marks(&c.railConfig, asset)
		o.done()
	}
}

// issuer reads the issuer of an asset, "" for the stand-in's own.
func (c *stellarConfig) issuer(o *section) string {
	text := o.text("issuer")
	switch {
	case c.Network == standIn && (text == "" || text == standInIssuer):
		return ""
	case text == "" && o.values["issuer"] != nil:
	case text == "":
		o.bad("issuer", "it is missing: give the issuer's address on network %s", c.Network)
	case text == standInIssuer:
		o.bad("issuer", "%s issues on the stand-in only: give the issuer's address on network %s", standInIssuer, c.Network)
	case !strkey.IsValidEd25519PublicKey(text):
		o.bad("issuer", "%q is not an account's address: give the 56 characters that begin with G", clipped(text))
	}
	return text
}

func (c *stellarConfig) readSwaps(s *section) {
	seen := make(map[string]int)
	for i, o := range s.objects("swaps") {
		w := stellarSwap{Destination: o.text("destination")}
		if address := c.OffRamps[w.Destination]; address != "" {
			w.Destination = address
		}
		switch {
		case w.Destination == "" && o.values["destination"] == nil:
			o.bad("destination", "it is missing: give the address that takes another asset")
		case w.Destination == "":
		case w.Destination == sandboxOffRamp && !c.onStandIn():
			o.bad("destination", "off_ramps does not say where %s receives: say it there, or give the address that takes another asset", sandboxOffRamp)
		case w.Destination != sandboxOffRamp && wrongStellarAddress(w.Destination) != "":
			o.bad("destination", "%s", wrongStellarAddress(w.Destination))
		default:
			if first, ok := seen[w.Destination]; ok {
				o.bad("destination", "it is also that of swaps[%d]: keep one of them", first)
			}
			seen[w.Destination] = i
		}
		if w.Code = o.text("code"); w.Code == "" && o.values["code"] == nil {
			o.bad("code", "it is missing: write the code of the asset that arrives")
		} else if w.Code != "" && !stellarCode(w.Code) {
			o.bad("code", "%q is not the code of an asset: write 1 to 12 letters and digits", clipped(w.Code))
		}
		w.Issuer = c.issuer(o)
		w.Slippage = o.number("slippage_basis_points", 0, mostSlippage, defaultSlippage)
		w.Least = o.number("least_per_10000", leastPossible, wholeUnits*wholeUnits, 0)
		if w.Least == 0 && o.values["least_per_10000"] == nil {
			o.bad("least_per_10000", "it is missing: say how many units must arrive for 10000 that are sent, whatever the market says; the signer refuses less")
		}
		if c.Backend == "rpc" {
			s.bad("swaps", "Stellar RPC does not search markets: remove them, or say backend: horizon")
		}
		c.Swaps = append(c.Swaps, w)
		o.done()
	}
}

func stellarCode(code string) bool {
	for _, r := range code {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return len(code) <= 12
}

// wrongStellarAddress says why an address cannot be paid, or nothing.
func wrongStellarAddress(address string) string {
	if strkey.IsValidEd25519PublicKey(address) || strkey.IsValidMuxedAccountEd25519PublicKey(address) {
		return ""
	}
	return "\"" + clipped(address) + "\" is not an account's address: give the 56 characters that begin with G, or a muxed one that begins with M"
}

// baseStellarAddress is the account behind an address.
func baseStellarAddress(address string) string {
	if muxed, err := strkey.DecodeMuxedAccount(address); err == nil {
		if account, err := muxed.AccountID(); err == nil {
			return account
		}
	}
	return address
}
