package solana_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	sdk "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/solana"
)

// extension is one of a mint: its size, and the instruction that initializes it.
type extension struct {
	size uint64
	init []byte
}

// newExtended makes a mint with extensions, of which the treasury holds some.
func (c *chain) newExtended(t testing.TB, asset remit.Asset, list ...extension) paying {
	t.Helper()
	p := paying{&chain{}, asset}
	*p.chain = *c
	p.mint, p.program = newKey(t), sdk.Token2022ProgramID
	owner, mint := c.treasury.PublicKey(), p.mint.PublicKey()
	size := uint64(166)
	var inits []sdk.Instruction
	for _, e := range list {
		size += 4 + e.size
		inits = append(inits, sdk.NewInstruction(p.program, sdk.AccountMetaSlice{sdk.Meta(mint).WRITE()}, e.init))
	}
	initialize := append(append([]byte{20, asset.Scale}, owner[:]...), 1)
	inits = append(inits, sdk.NewInstruction(p.program, sdk.AccountMetaSlice{sdk.Meta(mint).WRITE()}, append(initialize, owner[:]...)))
	p.instruct(t, append([]sdk.Instruction{system.NewCreateAccountInstruction((size+128)*6960, size, p.program, owner, mint).Build()}, inits...)...)
	p.instruct(t, p.openIx(t, owner))
	if frozen := slices.ContainsFunc(list, func(e extension) bool { return slices.Equal(e.init, opensFrozen.init) }); frozen {
		p.instruct(t, p.thawIx(t, owner))
	}
	p.issue(t, owner, settlementtest.Funding)
	return p
}

// opensFrozen is the extension by which a mint's accounts open frozen.
var opensFrozen = extension{1, []byte{28, 0, 2}}

// option is an optional key as the token programs read it.
func option(k sdk.PublicKey) []byte { return append([]byte{1}, k[:]...) }

// takesFee is the extension by which a mint takes a fee of transfers.
func takesFee(authority sdk.PublicKey, basisPoints uint16, most uint64) extension {
	data := append(append([]byte{26, 0}, option(authority)...), option(authority)...)
	data = binary.LittleEndian.AppendUint16(data, basisPoints)
	return extension{108, binary.LittleEndian.AppendUint64(data, most)}
}

func pausable(authority sdk.PublicKey) extension {
	return extension{33, append([]byte{44, 0}, authority[:]...)}
}

// pause lets the issuer pause the mint or resume it.
func (p paying) pause(t testing.TB, paused bool) {
	t.Helper()
	kind := byte(2)
	if paused {
		kind = 1
	}
	p.instruct(t, sdk.NewInstruction(p.program, sdk.AccountMetaSlice{
		sdk.Meta(p.mint.PublicKey()).WRITE(), sdk.Meta(p.treasury.PublicKey()).SIGNER(),
	}, []byte{44, kind}))
	p.advance(t, 2)
}

// The payee of a coin that takes a fee gets exactly what was ordered.
func TestTransferFee(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		p := c.newExtended(t, euro, takesFee(c.treasury.PublicKey(), 100, 20_000))
		usd := paying{c, remit.USDCSolana}
		c.advance(t, finalAfter+2)
		o := c.optionsFor(t, p, usd)
		to := newKey(t).PublicKey()
		if err := newRail(t, o).Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
			t.Errorf("health without a bound of the fee: %v, want precondition", err)
		}
		list := []settlement.Order{orderIn(euro, 1_000_000, to, 1), orderIn(remit.USDCSolana, 3, to, 2)}
		a, rejected, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil || len(rejected) != 1 || rejected[list[0].ID] != remit.ReasonRailNotOffered || len(a.Orders) != 1 {
			t.Errorf("prepare without a bound: %v, %v, %v; want that coin's order rejected", a, rejected, err)
		}
		o.Coins[0].MaxFeeBasisPoints = 101
		if _, rejected, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: list[:1]}, nil); err != nil || rejected[list[0].ID] != remit.ReasonRailNotOffered {
			t.Errorf("prepare with a bound below the fee: %v, %v", rejected, err)
		}
		o.Coins[0].MaxFeeBasisPoints = 102
		if _, _, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: list[:1]}, nil); remit.KindOf(err) != remit.KindForbidden {
			t.Errorf("prepare with a signer that allows no fee: %v, want forbidden", err)
		}
		o.Signer = keyringFor(t, c.treasury, feePolicy(p, usd))
		rail := newRail(t, o)
		_, outcome := c.settle(t, rail, list[0], list[1], orderIn(euro, 8_000_000, to, 3))
		if got := p.holds(t, to); got != 9_000_000 {
			t.Errorf("%d arrived, want 9000000", got)
		}
		const fees = 10_102 + 20_000 // ⌈1 % of 1,010,102⌉, and the most that is taken
		if want := remit.NewMoney(euro, fees); !slices.Equal(outcome.Charges, []remit.Money{want}) {
			t.Errorf("charges are %v, want %s", outcome.Charges, want)
		}
		if m, err := rail.Balance(t.Context(), euro); err != nil || m.Minor != settlementtest.Funding-9_000_000-fees {
			t.Errorf("balance is %s, %v", m, err)
		}
	})
}

// A paused coin waits, whatever it waits for, and does not hold up another.
func TestPaused(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		p := c.newExtended(t, euro, pausable(c.treasury.PublicKey()))
		usd := paying{c, remit.USDCSolana}
		c.advance(t, finalAfter+2)
		rail := newRail(t, c.optionsFor(t, p, usd))
		to := newKey(t).PublicKey()
		c.settle(t, rail, orderIn(euro, 5, to, 1))
		late, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{orderIn(euro, 6, to, 2)}}, nil)
		if err != nil {
			t.Fatalf("prepare: %v", err)
		}
		p.pause(t, true)
		rail.Submit(t.Context(), *late)
		c.advance(t, finalAfter+2)
		if o := rail.Lookup(t.Context(), *late); o.Status != settlement.OutcomeFailed || len(o.Failed) != 0 {
			t.Errorf("what landed while paused is %+v, want failed by no order", o)
		}
		if _, rejected, err := rail.Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{orderIn(euro, 6, to, 2)}}, nil); !errors.Is(err, settlement.ErrPaused) || len(rejected) > 0 {
			t.Errorf("prepare while paused: %v, %v; want it to wait", rejected, err)
		}
		if err := rail.Health(t.Context()); err != nil {
			t.Errorf("health with another coin: %v", err)
		}
		if err := newRail(t, c.optionsFor(t, p)).Health(t.Context()); remit.ReasonOf(err) != remit.ReasonCoinPaused {
			t.Errorf("health with no other coin: %v", err)
		}
		store := settlementtest.NewStore(t, c.clock)
		engine := settlement.NewEngine(settlement.EngineOptions{Rail: rail, Store: store, Clock: c.clock, Logger: discard})
		for n := range 2 * solana.MaxBatch {
			store.Enqueue(orderIn(euro, 10, to, 10+n))
		}
		store.Enqueue(orderIn(remit.USDCSolana, 4, to, 3))
		round := func() {
			if _, err := engine.Step(t.Context()); err != nil {
				t.Fatalf("step: %v", err)
			}
			engine.Wait()
			c.advance(t, finalAfter+2)
		}
		for range 4 {
			round()
		}
		if got := usd.holds(t, to); got != 4 {
			t.Errorf("of the other coin %d arrived, want 4", got)
		}
		p.pause(t, false)
		for range 8 {
			round()
		}
		for _, o := range store.Orders() {
			if o.Status != settlement.OrderSettled {
				t.Errorf("order %s is %s %s, want settled", o.ID, o.Status, o.Reason)
			}
		}
	})
}

// What an issuer can do with a coin is refused unless it is accepted, and some
// of it always.
func TestPowers(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		me := c.treasury.PublicKey()
		none := make([]byte, 32)
		for _, test := range []struct {
			name   string
			ext    extension
			accept solana.Power
			never  bool
		}{
			{"permanent delegate", extension{32, append([]byte{35}, me[:]...)}, solana.PermanentDelegate, false},
			{"close authority", extension{32, append([]byte{25}, option(me)...)}, solana.MintCloseAuthority, false},
			{"hook", extension{64, append(append([]byte{36, 0}, me[:]...), me[:]...)}, solana.PermanentDelegate, true},
			{"hook without a program", extension{64, append(append([]byte{36, 0}, me[:]...), none...)}, "", false},
			{"not transferable", extension{0, []byte{32}}, solana.PermanentDelegate, true},
			{"accounts open as usual", extension{1, []byte{28, 0, 1}}, "", false},
		} {
			p := c.newExtended(t, euro, test.ext)
			c.advance(t, finalAfter+2)
			o := c.optionsFor(t, p)
			order := orderIn(euro, 5, newKey(t).PublicKey(), 1)
			if test.accept != "" {
				if err := newRail(t, o).Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
					t.Errorf("%s: health is %v, want precondition", test.name, err)
				}
				_, rejected, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: []settlement.Order{order}}, nil)
				if err != nil || rejected[order.ID] != remit.ReasonRailNotOffered {
					t.Errorf("%s: prepare: %v, %v; want the order rejected", test.name, rejected, err)
				}
				o.Coins[0].Accept = []solana.Power{test.accept}
			}
			rail := newRail(t, o)
			if test.never {
				if err := rail.Health(t.Context()); remit.KindOf(err) != remit.KindPrecondition {
					t.Errorf("%s: health is %v, want precondition whatever is accepted", test.name, err)
				}
				continue
			}
			if err := rail.Health(t.Context()); err != nil {
				t.Errorf("%s: health: %v", test.name, err)
			}
			c.settle(t, rail, order)
		}
	})
}

// Accounts of a coin whose issuer lets them open frozen are not opened.
func TestOpensFrozen(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		p := c.newExtended(t, euro, opensFrozen)
		known, fresh := newKey(t).PublicKey(), newKey(t).PublicKey()
		p.instruct(t, p.openIx(t, known), p.thawIx(t, known))
		c.advance(t, finalAfter+2)
		rail := newRail(t, c.optionsFor(t, p))
		list := []settlement.Order{orderIn(euro, 5, known, 1), orderIn(euro, 6, fresh, 2)}
		a, rejected, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil || len(a.Orders) != 1 || rejected[list[1].ID] != remit.ReasonDestinationInvalid {
			t.Errorf("prepare: %v, %v, %v; want only the thawed account paid", a, rejected, err)
		}
	})
}
