package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openremit/remit"
	solanarail "github.com/openremit/remit/settlement/solana"
)

const (
	anIssuer = "GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5"
	aMint    = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
)

// TestBadSettlement: each mistake is told by its path, with the reason and what
// to do.
func TestBadSettlement(t *testing.T) {
	t.Parallel()
	const coins = "coins: [{code: USDC}]"
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "file: it is empty: say at least"},
		{"broken", "stellar: [", "file: it is neither YAML nor JSON"},
		{"a list", "- stellar", "file (line 1): it is not an object: write keys"},
		{"two documents", "stellar: {}\n---\nsolana: {}", "file: it has a second document"},
		{"no rail", "{}", "file: it has neither stellar nor solana: configure"},
		{"no rail but nothing", "stellar: null", "file: it has neither stellar nor solana: configure"},
		{"a reference", "stellar: &a {" + coins + "}\nsolana: *a", "file (line 1): it has an anchor or a reference"},
		{"a tag", "stellar: !!binary aGk=", "file (line 1): it has the tag"},
		{"too deep", "stellar: " + strings.Repeat("[", 20) + strings.Repeat("]", 20), "file (line 1): it is nested more than 8 deep"},
		{"unknown rail", "tron: {}\nstellar: {" + coins + "}", "tron (line 1): there is no such key: remove it, or use one of solana, stellar"},
		{"unknown key", "stellar: {" + coins + ", secret: S3CR3T}", "stellar.secret (line 1): there is no such key"},
		{"unknown key of a coin", "stellar: {coins: [{code: USDC, decimals: 7}]}", "stellar.coins[0].decimals (line 1): there is no such key: remove it, or use one of code, issuer, keep, low_water, redeems"},
		{"key twice", "stellar: {" + coins + ", " + coins + "}", "stellar.coins (line 1): the key is there twice"},
		{"rail no object", "stellar: yes please", "stellar (line 1): it is not an object"},
		{"no coins", "stellar: {coins: []}", "stellar.coins (line 1): there are none: list at least one coin"},
		{"coins no list", "stellar: {coins: USDC}", "stellar.coins (line 1): it is not a list: begin each item"},
		{"coin no object", "stellar: {coins: [USDC]}", "stellar.coins[0] (line 1): it is not an object"},
		{"coin without code", "stellar: {coins: [{issuer: devnet}]}", "stellar.coins[0].code (line 1): it is missing"},
		{"code of a currency", "stellar: {coins: [{code: USD}]}", `stellar.coins[0].code (line 1): "USD" is not the code of a coin`},
		{"code no text", "stellar: {coins: [{code: 12}]}", "stellar.coins[0].code (line 1): it is not a text"},
		{"coin twice", "stellar: {coins: [{code: USDC}, {code: USDC}]}", "stellar.coins[1].code (line 1): USDC is also that of coins[0]"},
		{"issuer no address", "stellar: {coins: [{code: USDC, issuer: GABC}]}", `stellar.coins[0].issuer (line 1): "GABC" is not an account's address: give the 56 characters`},
		{"issuer missing", "stellar: {network: testnet, " + coins + "}", "stellar.coins[0].issuer (line 1): it is missing: give the issuer's address on network testnet"},
		{"issuer of the stand-in elsewhere", "stellar: {network: testnet, coins: [{code: USDC, issuer: devnet}]}", "stellar.coins[0].issuer (line 1): devnet issues on the stand-in only"},
		{"redeems no flag", "stellar: {coins: [{code: USDC, redeems: 1}]}", `stellar.coins[0].redeems (line 1): "1" is not true or false`},
		{"mark malformed", "stellar: {coins: [{code: USDC, low_water: 1e6}]}", `stellar.coins[0].low_water (line 1): "1e6" is not an amount with at most 7 decimals`},
		{"mark too fine", "solana: {coins: [{code: USDC, keep: 0.1234567}]}", `solana.coins[0].keep (line 1): "0.1234567" is not an amount with at most 6 decimals`},
		{"mark a list", "stellar: {coins: [{code: USDC, low_water: [1]}]}", "stellar.coins[0].low_water (line 1): it is not an amount"},
		{"unknown network", "stellar: {network: futurenet, " + coins + "}", `stellar.network (line 1): "futurenet" is not one of standin, testnet, public, own`},
		{"other passphrase", "stellar: {network: public, passphrase: Test, off_ramps: {sandbox: " + anIssuer + "}, coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.passphrase (line 1): network public has another one"},
		{"passphrase of a stand-in", "stellar: {passphrase: Test, " + coins + "}", "stellar.passphrase (line 1): the stand-in's is"},
		{"no passphrase", "stellar: {network: own, endpoints: [http://h], off_ramps: {sandbox: " + anIssuer + "}, coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.passphrase (line 1): it is missing"},
		{"no endpoints", "stellar: {network: testnet, backend: rpc, endpoints: [], coins: [{code: USDC, issuer: " + anIssuer + "}]}", ""},
		{"no endpoints known", "stellar: {network: public, backend: rpc, off_ramps: {sandbox: " + anIssuer + "}, coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.endpoints (line 1): it is missing, and none are known for network \"public\""},
		{"endpoint of another kind", "stellar: {network: testnet, endpoints: [\"ftp://h\"], coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.endpoints (line 1): number 1 is not an http or https address"},
		{"endpoint with a password", "stellar: {network: testnet, endpoints: [\"https://u:p@h\"], coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.endpoints (line 1): number 1 has a user and a password in it"},
		{"endpoint twice", "stellar: {network: testnet, endpoints: [\"https://h\", \"https://h\"], coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.endpoints (line 1): number 2 is there twice"},
		{"endpoint of an unset variable", "stellar: {network: testnet, endpoints: [\"env:REMIT_TEST_UNSET\"], coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.endpoints (line 1): number 1 is in the environment variable REMIT_TEST_UNSET, which is not set"},
		{"endpoints of a stand-in", "stellar: {endpoints: [\"https://h\"], " + coins + "}", "stellar.endpoints (line 1): the stand-in runs in this process"},
		{"off-ramps missing", "stellar: {network: public, coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.off_ramps (line 1): it is missing"},
		{"off-ramp unknown", "stellar: {off_ramps: {acme: " + anIssuer + "}, " + coins + "}", "stellar.off_ramps.acme (line 1): there is no payment company of that name"},
		{"off-ramp no address", "stellar: {off_ramps: {sandbox: M123}, " + coins + "}", `stellar.off_ramps.sandbox (line 1): "M123" is not an account's address`},
		{"few channels", "stellar: {channels: {min: 0}, " + coins + "}", `stellar.channels.min (line 1): "0" is not a whole number from 1 to 1000`},
		{"falling channels", "stellar: {channels: {min: 20, max: 10}, " + coins + "}", "stellar.channels.max (line 1): 10 is less than the least number, 20"},
		{"dear", "stellar: {fees: {max_stroops: 2000000}, " + coins + "}", `stellar.fees.max_stroops (line 1): "2000000" is not a whole number from 100 to 1000000`},
		{"falling fees", "stellar: {fees: {max_stroops: 500, max_bump_stroops: 400}, " + coins + "}", "stellar.fees.max_bump_stroops (line 1): 400 is less than what is bid at first, 500"},
		{"swap without bound", "stellar: {swaps: [{destination: " + anIssuer + ", code: EURC}], " + coins + "}", "stellar.swaps[0].least_per_10000 (line 1): it is missing"},
		{"swap without destination", "stellar: {swaps: [{code: EURC, least_per_10000: 8000}], " + coins + "}", "stellar.swaps[0].destination (line 1): it is missing"},
		{"swap without code", "stellar: {swaps: [{destination: " + anIssuer + ", least_per_10000: 8000}], " + coins + "}", "stellar.swaps[0].code (line 1): it is missing"},
		{"swap that loses much", "stellar: {swaps: [{destination: " + anIssuer + ", code: EURC, slippage_basis_points: 1001, least_per_10000: 1}], " + coins + "}", `stellar.swaps[0].slippage_basis_points (line 1): "1001" is not a whole number from 0 to 1000`},
		{"swap of an off-ramp that nobody named", "stellar: {network: testnet, swaps: [{destination: sandbox, code: EURC, issuer: " + anIssuer + ", least_per_10000: 1}], coins: [{code: USDC, issuer: " + anIssuer + "}]}", "stellar.swaps[0].destination (line 1): off_ramps does not say where sandbox receives"},
		{"swap of an off-ramp twice", "stellar: {off_ramps: {sandbox: " + anIssuer + "}, swaps: [{destination: sandbox, code: EURC, least_per_10000: 1}, {destination: " + anIssuer + ", code: EURC, least_per_10000: 1}], " + coins + "}", "stellar.swaps[1].destination (line 1): it is also that of swaps[0]"},
		{"swap over RPC", "stellar: {backend: rpc, swaps: [{destination: " + anIssuer + ", code: EURC, least_per_10000: 1}], " + coins + "}", "stellar.swaps (line 1): Stellar RPC does not search markets"},
		{"unknown cluster", "solana: {cluster: testnet, " + coins + "}", `solana.cluster (line 1): "testnet" is not one of standin, devnet, mainnet, own`},
		{"genesis no hash", "solana: {genesis_hash: \"0x12\", " + coins + "}", `solana.genesis_hash (line 1): "0x12" is not a hash in base58`},
		{"other genesis", "solana: {cluster: devnet, genesis_hash: " + mainnetGenesis + ", coins: [{code: USDC, mint: " + aMint + "}]}", "solana.genesis_hash (line 1): cluster devnet has another one"},
		{"no genesis", "solana: {cluster: own, endpoints: [http://h], off_ramps: {sandbox: " + aMint + "}, coins: [{code: USDC, mint: " + aMint + "}]}", "solana.genesis_hash (line 1): it is missing"},
		{"mint no address", "solana: {coins: [{code: USDC, mint: \"0x1\"}]}", `solana.coins[0].mint (line 1): "0x1" is not an address in base58`},
		{"mint missing", "solana: {cluster: devnet, " + coins + "}", "solana.coins[0].mint (line 1): it is missing"},
		{"mint twice", "solana: {coins: [{code: USDC, mint: " + aMint + "}, {code: EURC, mint: " + aMint + "}]}", "solana.coins[1].mint (line 1): " + aMint + " is also that of coins[0]"},
		{"decimals", "solana: {coins: [{code: USDC, decimals: 2}]}", `solana.coins[0].decimals (line 1): "2" is not a whole number from 6 to 12`},
		{"program", "solana: {coins: [{code: USDC, program: erc-20}]}", `solana.coins[0].program (line 1): "erc-20" is not one of spl-token, token-2022`},
		{"fee of SPL Token", "solana: {coins: [{code: USDC, max_fee_basis_points: 10}]}", "solana.coins[0].program (line 1): max_fee_basis_points and accept are for coins of Token-2022"},
		{"fee of everything", "solana: {coins: [{code: PYUSD, program: token-2022, max_fee_basis_points: 10000}]}", `solana.coins[0].max_fee_basis_points (line 1): "10000" is not a whole number from 0 to 9999`},
		{"unknown power", "solana: {coins: [{code: PYUSD, program: token-2022, accept: [veto]}]}", `solana.coins[0].accept (line 1): "veto" is not a power`},
		{"dear units", "solana: {fees: {max_unit_price_micro_lamports: 8000000}, " + coins + "}", "solana.fees.max_unit_price_micro_lamports (line 1)"},
		{"no fees", "solana: {fees: {min_sol: 0}, " + coins + "}", `solana.fees.min_sol (line 1): "0" is not an amount of SOL above nothing`},
		{"table no flag", "solana: {lookup_table: auto, " + coins + "}", `solana.lookup_table (line 1): "auto" is not true or false`},
		{"commitment", "solana: {commitment: processed, " + coins + "}", `solana.commitment (line 1): "processed" is not one of confirmed, finalized`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseSettlement("settlement.yaml", []byte(tt.text))
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "\n  "+tt.want) {
				t.Errorf("got %v, want a line that begins with %s", err, tt.want)
			}
		})
	}
}

// TestAllProblemsAtOnce: a file with several mistakes is told all of them.
func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parseSettlement("my.yaml", []byte(`
stellar:
  network: public
  coins:
    - {code: usdc, issuer: devnet}
solana:
  coins:
    - {code: EURC, decimals: nine, low_water: much}
`))
	want := []string{
		"my.yaml has 5 problems, and nothing was started:", "stellar.off_ramps (line 3)", "stellar.coins[0].code (line 5)", "stellar.coins[0].issuer (line 5)",
		"solana.coins[0].decimals (line 8)", "solana.coins[0].low_water (line 8)",
	}
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q:\n%v", w, err)
		}
	}
}

// TestEndpointInTheEnvironment: an address that holds a key stays out of the file.
func TestEndpointInTheEnvironment(t *testing.T) {
	t.Setenv("REMIT_TEST_RPC", "https://rpc.example/?api-key=k3y")
	c, err := parseSettlement("settlement.yaml", []byte("solana: {cluster: devnet, endpoints: [\"env:REMIT_TEST_RPC\"], coins: [{code: USDC, mint: "+aMint+"}]}"))
	if err != nil || len(c.Solana.Endpoints) != 1 || c.Solana.Endpoints[0] != "https://rpc.example/?api-key=k3y" {
		t.Errorf("got %+v, %v", c, err)
	}
}

// TestBuiltInSettlement: what is built in is well formed, and settles in the
// coins that corridors settle in.
func TestBuiltInSettlement(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"devnet", "testnet"} {
		for _, backend := range []string{"horizon", "rpc"} {
			for _, cluster := range []string{"standin", "devnet"} {
				o := devOptions{dir: t.TempDir(), stellar: network, stellarBackend: backend, solana: cluster}
				c, err := o.loadSettlement()
				if err != nil {
					t.Errorf("%s, %s, %s: %v", network, backend, cluster, err)
					continue
				}
				if network == "devnet" && len(c.Stellar.Coins) != 3 || cluster == "standin" && len(c.Solana.Coins) != 4 {
					t.Errorf("%s, %s: %d and %d coins", network, cluster, len(c.Stellar.Coins), len(c.Solana.Coins))
				}
				if !c.Stellar.onStandIn() && len(c.Stellar.Endpoints) == 0 || !c.Solana.onStandIn() && len(c.Solana.Endpoints) == 0 {
					t.Errorf("%s, %s, %s: a public network without endpoints", network, backend, cluster)
				}
			}
		}
	}
}

// TestSettlementFile: the file of the data folder counts, and flags do not choose
// beside a file.
func TestSettlementFile(t *testing.T) {
	t.Parallel()
	o := devOptions{dir: t.TempDir(), stellar: "devnet", stellarBackend: "horizon", solana: "standin"}
	path := filepath.Join(o.dir, settlementFile)
	if err := os.WriteFile(path, []byte(`{"solana": {"coins": [{"code": "PYUSD", "program": "token-2022", "accept": ["permanent_delegate"], "keep": "12.5"}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := o.loadSettlement()
	if err != nil {
		t.Fatal(err)
	}
	pyusd := remit.Asset{Code: "PYUSD_SOLANA", Scale: 6}
	if c.Stellar != nil || c.Solana.Coins[0].Asset != pyusd || c.Solana.Coins[0].Accept[0] != solanarail.PermanentDelegate || c.Solana.Keep[0] != remit.NewMoney(pyusd, 12_500_000) || !c.Solana.LookupTable {
		t.Errorf("got %+v", c.Solana)
	}
	o.given = []string{"solana"}
	if _, err := o.loadSettlement(); err == nil || !strings.Contains(err.Error(), "--solana") {
		t.Errorf("a flag beside a file: %v", err)
	}
	o.given, o.settlementPath = nil, filepath.Join(o.dir, "other.yaml")
	if _, err := o.loadSettlement(); err == nil {
		t.Error("a file that is named and not there is no error")
	}
}

// TestTreasuryPaysItself: a destination that is the treasury is refused.
func TestTreasuryPaysItself(t *testing.T) {
	t.Parallel()
	c, err := parseSettlement("settlement.yaml", []byte(`
stellar:
  off_ramps: {sandbox: `+anIssuer+`}
  swaps: [{destination: `+anIssuer+`, code: EURC, least_per_10000: 8000}]
  coins: [{code: USDC}]
solana:
  off_ramps: {sandbox: `+aMint+`}
  coins: [{code: USDC}]
`))
	if err != nil {
		t.Fatal(err)
	}
	err = c.checkTreasuries(anIssuer, aMint)
	for _, want := range []string{"3 problems", "stellar.off_ramps.sandbox: it is the treasury itself", "stellar.swaps[0].destination: it is", "solana.off_ramps.sandbox: it is"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if err := c.checkTreasuries(aMint, anIssuer); err != nil {
		t.Errorf("other treasuries: %v", err)
	}
}

// TestExampleSettlement: the example of the documentation is well formed, whole
// and rail by rail.
func TestExampleSettlement(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "settlement-configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(page), "```yaml\n")
	if len(parts) < 3 {
		t.Fatalf("the page has %d examples", len(parts)-1)
	}
	for i, part := range parts[1:] {
		text, _, _ := strings.Cut(part, "```")
		if _, err := parseSettlement("example", []byte(text)); err != nil {
			t.Errorf("example %d: %v", i+1, err)
		}
	}
}

// FuzzSettlement: whatever a file holds, it is read or refused, and what is read
// is within bounds.
func FuzzSettlement(f *testing.F) {
	f.Add(standInSettlement)
	f.Add(testnetSettlement)
	f.Add([]byte("stellar: {coins: [{code: USDC, low_water: 1.5}], channels: {min: 3, max: 4}, swaps: [{destination: " + anIssuer + ", code: EURC, least_per_10000: 1}]}"))
	f.Add([]byte("solana: {coins: [{code: USDC, mint: " + aMint + ", decimals: 9}], fees: {min_sol: 1}}"))
	f.Add([]byte("{\"stellar\": null}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseSettlement("f", text)
		if err != nil {
			if c != nil || !strings.Contains(err.Error(), "and nothing was started:\n  ") {
				t.Errorf("got %+v, %v", c, err)
			}
			return
		}
		if s := c.Stellar; s != nil && (len(s.Coins) == 0 || s.MinChannels < 1 || s.MaxChannels < s.MinChannels || s.MaxBump < s.MaxFee || (len(s.Endpoints) == 0 && !s.onStandIn())) {
			t.Errorf("got %+v", s)
		}
		if s := c.Solana; s != nil && (len(s.Coins) == 0 || s.MaxUnitPrice == 0 || s.MinLamports == 0 || (s.GenesisHash == "" && !s.onStandIn())) {
			t.Errorf("got %+v", s)
		}
	})
}
