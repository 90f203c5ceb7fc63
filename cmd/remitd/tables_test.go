package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/solanarpc"
	"github.com/openremit/remit/internal/testenv"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
	solanarail "github.com/openremit/remit/settlement/solana"
)

// tableWorld is a Solana stand-in with a treasury and a gateway's data folder.
type tableWorld struct {
	*counterparts
	dev  *dev
	keys *signer.Keyring
}

// newTableWorld starts the stand-ins for a configuration.
func newTableWorld(t *testing.T, text string) *tableWorld {
	t.Helper()
	g, ctx := newGroup(t.Context())
	t.Cleanup(func() {
		if err := g.end(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	d := &dev{devOptions: devOptions{dir: t.TempDir()}, group: g, log: slog.New(slog.DiscardHandler)}
	var err error
	if d.settlement, err = parseSettlement("settlement.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	if d.secrets, err = loadSecrets(filepath.Join(d.dir, "secrets.json")); err != nil {
		t.Fatal(err)
	}
	keys, err := signer.OpenFile(filepath.Join(d.dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.openTreasuries(keys); err != nil {
		t.Fatal(err)
	}
	d.counterparts, err = startCounterparts(ctx, g, counterpartOptions{
		dir: d.dir, secrets: d.secrets, callbackURL: "http://127.0.0.1:1/", ledgerInterval: 100 * time.Millisecond,
		slotInterval: 20 * time.Millisecond, bankSettle: time.Millisecond, log: d.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.counterparts.openAccounts(ctx, d.stellarTreasury, d.solanaTreasury, d.settlement); err != nil {
		t.Fatal(err)
	}
	return &tableWorld{d.counterparts, d, keys}
}

// open makes the Solana rail as a start does.
func (w *tableWorld) open(t *testing.T) (*solanarail.Rail, *tableKeeper) {
	t.Helper()
	c := &chains{config: w.dev.settlement, partner: w.partner}
	rail, err := w.dev.solanaRail(t.Context(), w.keys, c)
	if err != nil {
		t.Fatal(err)
	}
	return rail, c.tables
}

const twoCoins = "solana: {coins: [{code: USDC}, {code: PYUSD, program: token-2022, accept: [permanent_delegate, mint_close_authority]}]}"

// TestTableIsMadeOnceAndFoundAgain: a table is made, grows, is pinned, and is
// the same one after a restart, also one right after it was sent for.
func TestTableIsMadeOnceAndFoundAgain(t *testing.T) {
	t.Parallel()
	w := newTableWorld(t, twoCoins)
	rail, tables := w.open(t)
	testenv.Until(t, 30*time.Second, "the treasury can pay fees", func() bool { return rail.Health(t.Context()) == nil })
	if err := tables.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	made := tables.kept.Address
	if made == "" {
		t.Fatal("no table was made")
	}
	// A crash before anything is known of the table.
	_, tables = w.open(t)
	testenv.Until(t, 30*time.Second, "the table has the treasury's accounts", func() bool {
		if err := tables.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(tables.kept.Entries) == 5
	})
	pins := w.dev.policy.SolanaTables
	if len(pins) != 1 || pins[0].Address != made || pins[0].Entries != 5 {
		t.Errorf("pinned are %+v, want %s with 5 entries", pins, made)
	}
	w.dev.policy.SolanaTables = nil
	rail, tables = w.open(t)
	if pins := w.dev.policy.SolanaTables; len(pins) != 1 || pins[0].Entries != 5 || tables.kept.Address != made {
		t.Errorf("after a restart %+v is pinned and the table is %s, want %s", pins, tables.kept.Address, made)
	}
	if shown, err := rail.LookupTable(t.Context()); err != nil || shown.Address != made {
		t.Errorf("after a restart the rail uses %s, %v", shown.Address, err)
	}
}

// TestTableOfANodeThatLies: entries other than those known are not pinned.
func TestTableOfANodeThatLies(t *testing.T) {
	t.Parallel()
	k := tableKeeper{path: filepath.Join(t.TempDir(), tablesFile), cluster: "c", treasury: "t", clock: remit.SystemClock{}, log: slog.New(slog.DiscardHandler)}
	pinned := 0
	k.pin = func(signer.TablePin) { pinned++ }
	k.rail = fixedTable{settlement.LookupTable{Address: "a", Entries: []string{"x", "y"}}}
	if err := k.keep("a"); err != nil {
		t.Fatal(err)
	}
	if err := k.look(t.Context()); err != nil || pinned != 1 {
		t.Fatalf("look: %v, pinned %d times", err, pinned)
	}
	for _, entries := range [][]string{{"x"}, {"x", "z"}, {"y", "x", "z"}} {
		k.rail = fixedTable{settlement.LookupTable{Address: "a", Entries: entries}}
		if err := k.look(t.Context()); err == nil || pinned != 1 {
			t.Errorf("%v was believed: %v", entries, err)
		}
	}
	again, err := openTableKeeper(tableKeeper{path: k.path, cluster: "other", treasury: "t", pin: k.pin})
	if err != nil || again.kept.Address != "" || len(again.others) != 1 {
		t.Errorf("on another cluster: %+v, %v", again, err)
	}
	if err := os.WriteFile(k.path, []byte("not JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openTableKeeper(tableKeeper{path: k.path}); err == nil || !strings.Contains(err.Error(), "restore the file") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

// fixedTable is a rail whose table is as it is.
type fixedTable struct{ table settlement.LookupTable }

func (f fixedTable) MakeTable(context.Context) (string, error) { return f.table.Address, nil }
func (f fixedTable) UseTable(string) error                     { return nil }
func (f fixedTable) TendTable(context.Context) (int, error)    { return 0, nil }
func (f fixedTable) LookupTable(context.Context) (settlement.LookupTable, error) {
	return f.table, nil
}

// TestConfigurationAgainstTheChains: what the chains contradict ends the start,
// by its path and with the reason.
func TestConfigurationAgainstTheChains(t *testing.T) {
	t.Parallel()
	w := newTableWorld(t, "stellar: {coins: [{code: USDC}, {code: EURC}]}\n"+twoCoins)
	usdc, pyusd := w.mints[remit.USDCSolana], w.mints[remit.Asset{Code: "PYUSD_SOLANA", Scale: 6}]
	nine, err := w.solana.CreateMint(t.Context(), solanarpc.Mint{Key: w.solanaKey("nine"), Authority: w.solanaKey("issuer").PublicKey(), Decimals: 9})
	if err == nil {
		err = w.solana.Advance(devFinalizedDepth)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"other passphrase", "stellar: {network: own, passphrase: Another Network, endpoints: [\"" + w.horizonURL + "\"], off_ramps: {sandbox: " + w.partner[remit.RailStellar] + "}, coins: [{code: USDC, issuer: " + w.issuer + "}]}",
			`stellar.passphrase: RAIL_UNAVAILABLE: horizon serves the network "Remit Development Network ; 2026", configured is "Another Network": correct it`},
		{"other passphrase over RPC", "stellar: {network: own, backend: rpc, passphrase: Another Network, endpoints: [\"" + w.stellarRPCURL + "\"], off_ramps: {sandbox: " + w.partner[remit.RailStellar] + "}, coins: [{code: USDC, issuer: " + w.issuer + "}]}",
			`stellar.passphrase: RAIL_UNAVAILABLE: Stellar RPC serves the network "Remit Development Network ; 2026", configured is "Another Network"`},
		{"no such issuer", "stellar: {coins: [{code: USDC}, {code: EURC, issuer: " + anIssuer + "}]}",
			"stellar.coins[1]: EURC: RAIL_UNAVAILABLE: its issuer " + anIssuer + " does not exist on this network: correct what is said of the coin"},
		{"no such issuer of a swap", "stellar: {swaps: [{destination: " + w.partner[remit.RailStellar] + ", code: BRLX, issuer: " + anIssuer + ", least_per_10000: 1}], coins: [{code: USDC}]}",
			"stellar.swaps: BRLX: RAIL_UNAVAILABLE: its issuer " + anIssuer + " does not exist"},
		{"other genesis", "solana: {genesis_hash: " + mainnetGenesis + ", coins: [{code: USDC}]}",
			"solana.genesis_hash: RAIL_UNAVAILABLE: Solana cannot be used as configured: the node belongs to another cluster"},
		{"no such mint", "solana: {coins: [{code: USDC}, {code: EURC, mint: " + aMint + "}]}", "solana.coins[1]: EURC: the coin cannot be paid: there is no account " + aMint},
		{"decimals", "solana: {coins: [{code: USDC, mint: " + nine.String() + "}]}", "solana.coins[0]: USDC: the coin cannot be paid: " + nine.String() + " has 9 decimals, want 6"},
		{"other program", "solana: {coins: [{code: USDC, mint: " + usdc + ", program: token-2022}]}", "solana.coins[0]: USDC: the coin cannot be paid: " + usdc + " belongs to program"},
		{"power not accepted", "solana: {coins: [{code: PYUSD, mint: " + pyusd + ", program: token-2022}]}", "solana.coins[0]: PYUSD: the coin cannot be paid: its issuer has the power"},
		{"no mint", "solana: {coins: [{code: USDC, mint: " + w.solanaTreasury() + "}]}", "solana.coins[0]: USDC: the coin cannot be paid: " + w.solanaTreasury() + " belongs to program 11111111111111111111111111111111"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config, err := parseSettlement("settlement.yaml", []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			w.dev.settlement = config
			c := &chains{config: config, partner: w.partner}
			if config.Stellar != nil {
				_, err = w.dev.stellarRail(t.Context(), w.keys, c)
			} else {
				_, err = w.dev.solanaRail(t.Context(), w.keys, c)
			}
			if err == nil || !strings.Contains(err.Error(), "settlement.yaml has 1 problem, and nothing was started:\n  "+tt.want) {
				t.Errorf("got %v, want a line that begins with %s", err, tt.want)
			}
		})
	}
}

// solanaTreasury is an account that exists and is no mint.
func (c *counterparts) solanaTreasury() string { return c.solana.FaucetAddress().String() }

// TestChainThatCannotBeAsked: a node that is down keeps nothing from starting.
func TestChainThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	w := newTableWorld(t, "solana: {cluster: own, genesis_hash: "+mainnetGenesis+", endpoints: [\"http://127.0.0.1:1\"], off_ramps: {sandbox: "+aMint+"}, coins: [{code: USDC, mint: "+aMint+"}]}")
	rail, _ := w.open(t)
	if err := rail.Health(t.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("health is %v, want unavailable", err)
	}
}
