package solana_test

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"testing"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/solana"
)

// euro and wide are coins besides USDC; wide has other decimals.
var (
	euro = remit.Asset{Code: "EURC_SOLANA", Scale: 6}
	wide = remit.Asset{Code: "WIDE_SOLANA", Scale: 9}
)

// paying is one coin of a chain with several.
type paying struct {
	*chain
	asset remit.Asset
}

// another makes a second mint on the chain, of which the treasury holds some.
func (c *chain) another(t testing.TB, asset remit.Asset, program sdk.PublicKey) paying {
	t.Helper()
	other := *c
	other.mint, other.program = newKey(t), program
	other.createMint(t, asset.Scale)
	other.issue(t, c.treasury.PublicKey(), settlementtest.Funding)
	return paying{&other, asset}
}

// optionsFor are the options of a rail that pays several coins, with a signer for them.
func (c *chain) optionsFor(t testing.TB, coins ...paying) solana.Options {
	t.Helper()
	o := c.options(t)
	o.Coins = nil
	policy := signer.Policy{SolanaMints: make(map[remit.Asset]string)}
	for _, p := range coins {
		o.Coins = append(o.Coins, p.coin(p.asset))
		policy.SolanaMints[p.asset] = p.mint.PublicKey().String()
	}
	o.Signer = keyringFor(t, c.treasury, policy)
	return o
}

// orderIn is an order in another asset than USDC.
func orderIn(a remit.Asset, minor int64, to sdk.PublicKey, n int) settlement.Order {
	o := orders(to)[0]
	o.ID, o.Amount, o.Memo = remit.OrderID(fmt.Sprintf("ord_%s_%d", a.Code, n)), remit.NewMoney(a, minor), fmt.Sprintf("memo of %s %d", a.Code, n)
	return o
}

// holds is what a wallet's account of the chain's coin holds.
func (c *chain) holds(t testing.TB, wallet sdk.PublicKey) uint64 {
	t.Helper()
	a, err := c.client.GetAccountInfoWithOpts(t.Context(), c.account(t, wallet), &rpc.GetAccountInfoOpts{Encoding: sdk.EncodingBase64, Commitment: rpc.CommitmentProcessed})
	if err != nil {
		return 0
	}
	return binary.LittleEndian.Uint64(a.Value.Data.GetBinary()[64:])
}

// onBoth runs a test on the stand-in and, if there is one, on the real virtual machine.
func onBoth(t *testing.T, program sdk.PublicKey, test func(t *testing.T, c *chain)) {
	t.Helper()
	t.Run("stand-in", func(t *testing.T) { test(t, newStandIn(t, program)) })
	t.Run("real VM", func(t *testing.T) { test(t, newRealVM(t, program)) })
}

// settle prepares, sends and looks up one attempt; it must be settled.
func (c *chain) settle(t testing.TB, rail *solana.Rail, list ...settlement.Order) (*settlement.Attempt, settlement.Outcome) {
	t.Helper()
	a, rejected, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
	if err != nil || len(rejected) > 0 {
		t.Fatalf("prepare: %v, %v", rejected, err)
	}
	rail.Submit(t.Context(), *a)
	c.advance(t, finalAfter+2)
	o := rail.Lookup(t.Context(), *a)
	if o.Status != settlement.OutcomeSettled {
		t.Fatalf("outcome is %+v, want settled", o)
	}
	return a, o
}

// One transaction carries coins of several mints and of both programs.
func TestSeveralCoins(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		usd := paying{c, remit.USDCSolana}
		eur, w := c.another(t, euro, sdk.Token2022ProgramID), c.another(t, wide, sdk.TokenProgramID)
		c.advance(t, finalAfter+2)
		rail := newRail(t, c.optionsFor(t, usd, eur, w))
		if got := rail.Assets(); !slices.Equal(got, []remit.Asset{remit.USDCSolana, euro, wide}) {
			t.Errorf("assets are %v", got)
		}
		if err := rail.Health(t.Context()); err != nil {
			t.Errorf("health: %v", err)
		}
		to := newKey(t).PublicKey()
		a, _ := c.settle(t, rail, orderIn(remit.USDCSolana, 7, to, 1), orderIn(euro, 8, to, 2), orderIn(wide, 9, to, 3), orderIn(euro, 10, to, 4))
		if len(a.Orders) != 4 {
			t.Errorf("one transaction carries %d orders, want 4", len(a.Orders))
		}
		for want, p := range map[uint64]paying{7: usd, 18: eur, 9: w} {
			if got := p.holds(t, to); got != want {
				t.Errorf("%s arrived: %d, want %d", p.asset, got, want)
			}
			m, err := rail.Balance(t.Context(), p.asset)
			if err != nil || m != remit.NewMoney(p.asset, settlementtest.Funding-int64(want)) {
				t.Errorf("balance is %s, %v", m, err)
			}
			if rail.TreasuryAccount(p.asset) != p.account(t, c.treasury.PublicKey()).String() {
				t.Errorf("the treasury's account of %s is %s", p.asset, rail.TreasuryAccount(p.asset))
			}
		}
		if _, err := rail.Balance(t.Context(), remit.USDCStellar); remit.ReasonOf(err) != remit.ReasonRailNotOffered {
			t.Errorf("balance of what is not paid: %v", err)
		}
	})
}

// A coin that the treasury lacks does not keep another from being paid.
func TestOneCoinShort(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	usd, eur := paying{c, remit.USDCSolana}, c.another(t, euro, sdk.TokenProgramID)
	c.advance(t, finalAfter+2)
	rail := newRail(t, c.optionsFor(t, usd, eur))
	to := newKey(t).PublicKey()
	list := []settlement.Order{orderIn(euro, settlementtest.Funding+1, to, 1), orderIn(remit.USDCSolana, 5, to, 2)}
	a, rejected, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
	if err != nil || len(rejected) > 0 || len(a.Orders) != 1 || a.Orders[0] != list[1].ID {
		t.Errorf("prepare: %v, %v, %v; want the order in the coin that is there", a, rejected, err)
	}
	freezeAll := *eur.chain
	freezeAll.freeze(t, c.treasury.PublicKey())
	c.advance(t, 2)
	list[0].Amount.Minor = 1
	a, rejected, err = rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
	if err != nil || len(rejected) > 0 || len(a.Orders) != 1 || a.Orders[0] != list[1].ID {
		t.Errorf("prepare with a frozen account: %v, %v, %v; want the order in the other coin", a, rejected, err)
	}
	if _, _, err = rail.Prepare(t.Context(), settlement.Batch{Orders: list[:1]}, nil); remit.ReasonOf(err) != remit.ReasonTreasuryShort {
		t.Errorf("prepare of only the frozen coin: %v", err)
	}
}

// discard is a logger for engines.
var discard = slog.New(slog.DiscardHandler)

// feePolicy lets a signer sign for coins that take up to two per cent on top.
func feePolicy(coins ...paying) signer.Policy {
	p := signer.Policy{SolanaMints: make(map[remit.Asset]string), SolanaFees: make(map[remit.Asset]int64)}
	for _, c := range coins {
		p.SolanaMints[c.asset], p.SolanaFees[c.asset] = c.mint.PublicKey().String(), 200
	}
	return p
}

func (c *chain) thawIx(t testing.TB, wallet sdk.PublicKey) sdk.Instruction {
	return sdk.NewInstruction(c.program, sdk.AccountMetaSlice{
		sdk.Meta(c.account(t, wallet)).WRITE(), sdk.Meta(c.mint.PublicKey()), sdk.Meta(c.treasury.PublicKey()).SIGNER(),
	}, []byte{11})
}

// What a coin may charge for several amounts is bounded by the bounds of each.
func TestMostCharge(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	p := paying{&chain{}, remit.USDCSolana}
	*p.chain = *c
	p.maxFee = 102
	rail := newRail(t, p.options(t))
	for amount, want := range map[int64]int64{0: 0, 1: 1, 9_999: 102, 10_000: 102, 10_001: 103, 1_000_000: 10_200, math.MaxInt64 / 10_000 * 10_000: math.MaxInt64 / 10_000 * 102} {
		if got := rail.MostCharge(remit.NewMoney(remit.USDCSolana, amount)); got != remit.NewMoney(remit.USDCSolana, want) {
			t.Errorf("of %d it may take %s, want %d", amount, got, want)
		}
	}
	if got := newRail(t, c.options(t)).MostCharge(remit.NewMoney(remit.USDCSolana, 1_000_000)); !got.IsZero() {
		t.Errorf("a coin without a bound may take %s", got)
	}
}
