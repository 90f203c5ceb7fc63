package main

import (
	"github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	solanarail "github.com/openremit/remit/settlement/solana"
)

// Bounds of what the Solana rail may be told.
const (
	defaultUnitPrice    = 1_000_000
	mostUnitPrice       = 7_000_000 // with 1,400,000 units the signer's 0.01 SOL
	defaultMinLamports  = 50_000_000
	mostFeeBasisPoints  = 9_999
	mostSolanaCoins     = 16
	leastDecimals       = 6
	mostDecimals        = 12
	mainnetGenesis      = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
	mainnetRPC          = "https://api.mainnet-beta.solana.com"
	splTokenWord        = "spl-token"
	token2022Word       = "token-2022"
	lamportScale        = 9
	solanaClusterOfTest = "devnet"
)

// solanaClusters are the public clusters by name.
var solanaClusters = map[string]struct {
	genesis  string
	rpc      []string
	isTest   bool
	explorer string
}{
	solanaClusterOfTest: {devnetGenesis, []string{devnetRPC}, true, "?cluster=devnet"},
	"mainnet":           {mainnetGenesis, []string{mainnetRPC}, false, ""},
}

// solanaConfig is the Solana rail as configured. Coins without a mint are the
// stand-in's own.
type solanaConfig struct {
	railConfig
	// GenesisHash names the cluster, "" for the stand-in's own.
	GenesisHash  string
	Commitment   string
	SendToAll    bool
	Coins        []solanarail.Coin
	LookupTable  bool
	MaxUnitPrice uint64
	MinLamports  uint64
}

func readSolana(s *section) *solanaConfig {
	c := &solanaConfig{}
	c.Network = s.word("cluster", standIn, solanaClusterOfTest, "mainnet", "own")
	known := solanaClusters[c.Network]
	c.GenesisHash = s.text("genesis_hash")
	_, err := solana.HashFromBase58(c.GenesisHash)
	switch {
	case c.GenesisHash == "" && c.Network == "own":
		s.bad("genesis_hash", "it is missing: a cluster of one's own is told from others by its genesis hash")
	case c.GenesisHash == "":
		c.GenesisHash = known.genesis
	case err != nil:
		s.bad("genesis_hash", "%q is not a hash in base58: give what `solana genesis-hash` prints", clipped(c.GenesisHash))
	case c.Network != "own" && c.Network != standIn && c.GenesisHash != known.genesis:
		s.bad("genesis_hash", "cluster %s has another one, %s: remove it, or say cluster: own", c.Network, known.genesis)
	}
	c.Endpoints = s.endpoints(c.Network, known.rpc)
	c.OffRamps = s.offRamps(c.Network, known.isTest, wrongSolanaAddress)
	c.Commitment = s.word("commitment", solanarail.Confirmed, solanarail.Finalized)
	c.SendToAll = s.flag("send_to_all", false)
	c.LookupTable = s.flag("lookup_table", true)
	c.MaxUnitPrice, c.MinLamports = defaultUnitPrice, defaultMinLamports
	if o := s.object("fees"); o != nil {
		c.MaxUnitPrice = uint64(o.number("max_unit_price_micro_lamports", 2_100, mostUnitPrice, defaultUnitPrice))
		if written := o.decimal("min_sol"); written != "" {
			sol, err := remit.ParseMoney(remit.Asset{Code: "SOL", Scale: lamportScale}, written)
			if err != nil || !sol.IsPositive() {
				o.bad("min_sol", "%q is not an amount of SOL above nothing: write it as \"0.05\"", clipped(written))
			} else {
				c.MinLamports = uint64(sol.Minor)
			}
		}
		o.done()
	}
	c.readCoins(s)
	s.done()
	return c
}

func (c *solanaConfig) readCoins(s *section) {
	list := s.objects("coins")
	if len(list) == 0 || len(list) > mostSolanaCoins {
		s.bad("coins", "there are %d: list 1 to %d coins, such as code: USDC", len(list), mostSolanaCoins)
	}
	codes, mints := make(map[string]int), make(map[string]int)
	for i, o := range list {
		coin, ok := o.coinCode()
		out := solanarail.Coin{}
		decimals := o.number("decimals", leastDecimals, mostDecimals, leastDecimals)
		if ok {
			noCoinTwice(o, "code", coin.Code, codes, i)
			out.Asset = remit.Asset{Code: coin.Code + "_SOLANA", Scale: uint8(decimals)}
		}
		if out.Mint = c.mint(o); out.Mint != "" {
			noCoinTwice(o, "mint", out.Mint, mints, i)
		}
		out.Program = solana.TokenProgramID.String()
		if o.word("program", splTokenWord, token2022Word) == token2022Word {
			out.Program = solana.Token2022ProgramID.String()
		}
		out.MaxFeeBasisPoints = o.number("max_fee_basis_points", 0, mostFeeBasisPoints, 0)
		out.Accept = readPowers(o)
		if out.Program == solana.TokenProgramID.String() && (out.MaxFeeBasisPoints > 0 || len(out.Accept) > 0) {
			o.bad("program", "max_fee_basis_points and accept are for coins of Token-2022: say program: %s, or remove them", token2022Word)
		}
		c.Coins = append(c.Coins, out)
		o.marks(&c.railConfig, out.Asset)
		o.done()
	}
}

// mint reads the mint of a coin, "" for the stand-in's own.
func (c *solanaConfig) mint(o *section) string {
	text := o.text("mint")
	switch {
	case c.Network == standIn && (text == "" || text == standInIssuer):
		return ""
	case text == "" && o.values["mint"] != nil:
	case text == "":
		o.bad("mint", "it is missing: give the mint's address on cluster %s", c.Network)
	case text == standInIssuer:
		o.bad("mint", "%s is a mint of the stand-in only: give the mint's address on cluster %s", standInIssuer, c.Network)
	case wrongSolanaAddress(text) != "":
		o.bad("mint", "%s", wrongSolanaAddress(text))
	}
	return text
}

// readPowers reads the powers of an issuer that the operator accepts.
func readPowers(o *section) []solanarail.Power {
	var out []solanarail.Power
	for _, word := range o.texts("accept") {
		switch p := solanarail.Power(word); p {
		case solanarail.PermanentDelegate, solanarail.MintCloseAuthority, solanarail.ConfidentialTransfer,
			solanarail.InterestBearing, solanarail.ScaledAmount:
			out = append(out, p)
		default:
			o.bad("accept", "%q is not a power of an issuer: use permanent_delegate, mint_close_authority, confidential_transfer, interest_bearing or scaled_amount", clipped(word))
		}
	}
	return out
}

// wrongSolanaAddress says why a text is no address, or nothing.
func wrongSolanaAddress(address string) string {
	if _, err := solana.PublicKeyFromBase58(address); err != nil {
		return "\"" + clipped(address) + "\" is not an address in base58: give the 32 to 44 characters of one"
	}
	return ""
}
