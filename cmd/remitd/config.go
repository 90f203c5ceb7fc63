package main

import (
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/openremit/remit"
)

// standIn is the word for a network that runs on this machine, and for the
// issuer of a coin there: the stand-in's own.
const (
	standIn       = "standin"
	standInIssuer = "devnet"
)

// What is settled with where the operator says nothing: stand-ins, or the
// public test networks.
var (
	//go:embed settlement.standin.yaml
	standInSettlement []byte
	//go:embed settlement.testnet.yaml
	testnetSettlement []byte
)

// settlementConfig is what the operator says about settlement. It holds no
// secrets. A rail that is nil is not used.
type settlementConfig struct {
	Stellar *stellarConfig
	Solana  *solanaConfig
	// file is what messages call it.
	file string
}

// railConfig is what both rails have.
type railConfig struct {
	// Network is the network's name: standin, one of the known ones, or own.
	Network string
	// Endpoints are the servers' addresses, the preferred one first; none on a stand-in.
	Endpoints []string
	// OffRamps are where payment companies receive, by their name.
	OffRamps map[string]string
	// Marks are the amounts below which somebody is told, and Keep what payments
	// leave in the treasury, in the rail's own assets.
	Marks, Keep []remit.Money
}

func (c railConfig) onStandIn() bool { return c.Network == standIn }

// parseSettlement reads a configuration, and errs with everything that is wrong
// with it at once.
func parseSettlement(file string, text []byte) (*settlementConfig, error) {
	var problems configProblems
	c := &settlementConfig{file: file}
	if s := readConfig(text, &problems); s != nil {
		if stellar := s.object("stellar"); stellar != nil {
			c.Stellar = readStellar(stellar)
		}
		if solana := s.object("solana"); solana != nil {
			c.Solana = readSolana(solana)
		}
		if s.value("stellar") == nil && s.value("solana") == nil {
			problems.add("file", 0, "it has neither stellar nor solana: configure at least one rail")
		}
		s.done()
	}
	if err := problems.err(file); err != nil {
		return nil, err
	}
	return c, nil
}

// fromEnvironment begins an endpoint that is in an environment variable, because
// it holds a key.
const fromEnvironment = "env:"

// endpoints reads the list of servers: none on a stand-in, otherwise preset
// ones where none are given.
func (s *section) endpoints(network string, preset []string) []string {
	given := s.texts("endpoints")
	if network == standIn {
		if len(given) > 0 {
			s.bad("endpoints", "the stand-in runs in this process: remove them, or name the network that they serve")
		}
		return nil
	}
	for i, text := range given {
		if name, ok := strings.CutPrefix(text, fromEnvironment); ok {
			if text = os.Getenv(name); text == "" {
				s.bad("endpoints", "number %d is in the environment variable %s, which is not set: set it, or write the address", i+1, clipped(name))
				continue
			}
			given[i] = text
		}
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
			// The address may hold a key, so it is not repeated.
			s.bad("endpoints", "number %d is not an http or https address: write it as https://host/path", i+1)
		case u.User != nil:
			s.bad("endpoints", "number %d has a user and a password in it: a secret does not belong here, put the address into an environment variable and write env:NAME", i+1)
		case strings.Contains(text, ","):
			s.bad("endpoints", "number %d has a comma in it: write each address as an item of its own", i+1)
		case slices.Contains(given[:i], text):
			s.bad("endpoints", "number %d is there twice: keep one", i+1)
		}
	}
	if len(given) > 0 {
		return given
	}
	if len(preset) == 0 {
		s.bad("endpoints", "it is missing, and none are known for network %q: give at least one address", network)
	}
	return preset
}

// offRamps reads where payment companies receive. check says what is wrong with
// an address, or nothing.
func (s *section) offRamps(network string, isTest bool, check func(address string) string) map[string]string {
	out := make(map[string]string)
	o := s.object("off_ramps")
	if o == nil {
		if network != standIn && !isTest && s.values["off_ramps"] == nil {
			s.bad("off_ramps", "it is missing: give the address at which each payment company receives, such as sandbox: ADDRESS")
		}
		return out
	}
	for _, name := range o.order {
		address := o.text(name)
		if name != sandboxOffRamp {
			o.bad(name, "there is no payment company of that name: use %s", sandboxOffRamp)
			continue
		}
		if address == "" {
			continue
		}
		if why := check(address); why != "" {
			o.bad(name, "%s", why)
			continue
		}
		out[name] = address
	}
	return out
}

// coinCode reads the code of a coin.
func (s *section) coinCode() (remit.Asset, bool) {
	code := s.text("code")
	if code == "" {
		if s.values["code"] == nil {
			s.bad("code", "it is missing: write the coin's code, such as USDC")
		}
		return remit.Asset{}, false
	}
	coin, err := remit.Coin(code)
	if err != nil {
		s.bad("code", "%q is not the code of a coin: write 1 to 12 capitals and digits that are no currency's", clipped(code))
		return remit.Asset{}, false
	}
	return coin, true
}

// marks reads the amounts of a coin that somebody is told about.
func (s *section) marks(c *railConfig, asset remit.Asset) {
	for _, m := range []struct {
		key  string
		into *[]remit.Money
	}{{"low_water", &c.Marks}, {"keep", &c.Keep}} {
		written := s.decimal(m.key)
		if written == "" || asset.IsZero() {
			continue
		}
		amount, err := remit.ParseMoney(asset, written)
		if err != nil || amount.Minor < 0 {
			s.bad(m.key, "%q is not an amount with at most %d decimals: write it as 50000 or \"50000.25\"", clipped(written), asset.Scale)
			continue
		}
		*m.into = append(*m.into, amount)
	}
}

// noCoinTwice notes coins that are there twice by a name.
func noCoinTwice(s *section, key, name string, seen map[string]int, at int) {
	if first, ok := seen[name]; ok {
		s.bad(key, "%s is also that of coins[%d]: keep one of them", clipped(name), first)
		return
	}
	seen[name] = at
}

// path is where a coin is in the configuration, for messages.
func coinPath(rail remit.Rail, at int) string { return fmt.Sprintf("%s.coins[%d]", rail, at) }
