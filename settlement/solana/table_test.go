package solana_test

import (
	"testing"

	sdk "github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
	"github.com/openremit/remit/settlement/solana"
)

// tend fills the table until nothing is missing, and lets it become final.
func (c *chain) tend(t testing.TB, rail *solana.Rail) {
	t.Helper()
	for {
		n, err := rail.TendTable(t.Context())
		if err != nil {
			t.Fatalf("tend table: %v", err)
		}
		c.advance(t, finalAfter+2)
		if n == 0 {
			return
		}
	}
}

// pay settles orders of one unit to wallets, in as many transactions as it takes.
func (c *chain) pay(t testing.TB, rail *solana.Rail, from int, to ...sdk.PublicKey) (sizes []int) {
	t.Helper()
	list := make([]settlement.Order, len(to))
	for i, w := range to {
		list[i] = orderIn(remit.USDCSolana, 1, w, from+i)
	}
	for len(list) > 0 {
		a, _ := c.settle(t, rail, list...)
		list = list[len(a.Orders):]
		sizes = append(sizes, len(a.Orders))
	}
	return sizes
}

// A lookup table lets a transaction carry more payments, once the entries are
// final and the signer knows them, and not before.
func TestLookupTable(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		o := c.options(t)
		address, err := newRail(t, o).MakeTable(t.Context())
		if err != nil {
			t.Fatalf("make table: %v", err)
		}
		c.advance(t, finalAfter+2)
		o.LookupTable = address
		rail := newRail(t, o)
		wallets := c.newWallets(t, solana.MaxBatch, true)
		for round := range 3 {
			if sizes := c.pay(t, rail, 100*round, wallets...); len(sizes) != 3 || sizes[0] != 17 {
				t.Errorf("with an empty table the payments go in %v, want 17 at most", sizes)
			}
		}
		c.tend(t, rail)
		shown, err := rail.LookupTable(t.Context())
		if err != nil || len(shown.Entries) != 3+solana.MaxBatch {
			t.Fatalf("the table holds %d entries, %v; want %d", len(shown.Entries), err, 3+solana.MaxBatch)
		}
		rail = newRail(t, o)
		if sizes := c.pay(t, rail, 1_000, wallets...); len(sizes) != 3 || sizes[0] != 17 {
			t.Errorf("with a signer that knows no table the payments go in %v, want 17 at most", sizes)
		}
		policy := signer.Policy{SolanaMints: map[remit.Asset]string{remit.USDCSolana: c.mint.PublicKey().String()}, SolanaTables: []signer.TablePin{signer.Pin(shown)}}
		o.Signer = keyringFor(t, c.treasury, policy)
		rail = newRail(t, o)
		if sizes := c.pay(t, rail, 2_000, wallets...); len(sizes) != 1 {
			t.Errorf("with the table the payments go in %v, want all in one", sizes)
		}
		for _, w := range wallets {
			if got := c.holds(t, w); got != 5 {
				t.Errorf("%d arrived, want 5", got)
			}
		}
		mixed := append(c.newWallets(t, 10, false), wallets...)
		if sizes := c.pay(t, rail, 3_000, mixed...); sizes[0] != 9 {
			t.Errorf("new accounts, and then known ones, go in %v, want nine at first", sizes)
		}
		mixed = append(c.newWallets(t, 10, true), wallets...)
		if sizes := c.pay(t, rail, 4_000, mixed...); sizes[0] != 31 {
			t.Errorf("ten accounts outside the table, and then known ones, go in %v, want 31 at first", sizes)
		}
		few := []sdk.PublicKey{}
		for n := range solana.MaxBatch {
			few = append(few, wallets[n%3])
		}
		o.LookupTable = ""
		if sizes := c.pay(t, newRail(t, o), 5_000, few...); sizes[0] != 44 {
			t.Errorf("payments to three accounts go in %v without a table, want 44 at first", sizes)
		}
	})
}

// The order to blame is found also in a transaction that looks accounts up.
func TestBlameByTable(t *testing.T) {
	t.Parallel()
	onBoth(t, sdk.TokenProgramID, func(t *testing.T, c *chain) {
		o := c.options(t)
		address, err := newRail(t, o).MakeTable(t.Context())
		if err != nil {
			t.Fatalf("make table: %v", err)
		}
		c.advance(t, finalAfter+2)
		o.LookupTable = address
		rail := newRail(t, o)
		wallets := c.newWallets(t, 20, true)
		for round := range 3 {
			c.pay(t, rail, 100*round, wallets...)
		}
		c.tend(t, rail)
		shown, err := rail.LookupTable(t.Context())
		if err != nil {
			t.Fatalf("read table: %v", err)
		}
		o.Signer = keyringFor(t, c.treasury, signer.Policy{
			SolanaMints: map[remit.Asset]string{remit.USDCSolana: c.mint.PublicKey().String()}, SolanaTables: []signer.TablePin{signer.Pin(shown)},
		})
		rail = newRail(t, o)
		list := orders(wallets...)
		a, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil || len(a.Orders) != len(list) {
			t.Fatalf("prepare: %v, %v; want all orders in one transaction", a, err)
		}
		c.freeze(t, wallets[11])
		rail.Submit(t.Context(), *a)
		c.advance(t, finalAfter+2)
		outcome := rail.Lookup(t.Context(), *a)
		if outcome.Status != settlement.OutcomeFailed || len(outcome.Failed) != 1 || outcome.Failed[list[11].ID] != remit.ReasonDestinationInvalid {
			t.Errorf("outcome is %+v, want failed by the twelfth order", outcome)
		}
	})
}
