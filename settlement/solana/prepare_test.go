package solana_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	sdk "github.com/gagliardetto/solana-go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/settlementtest"
	"github.com/openremit/remit/settlement/solana"
)

// orders makes one order to each wallet, of 1, 2, 3… minor units.
func orders(destinations ...sdk.PublicKey) []settlement.Order {
	out := make([]settlement.Order, len(destinations))
	for i, d := range destinations {
		out[i] = settlement.Order{
			ID: remit.OrderID(fmt.Sprintf("ord_%d", i)), Rail: remit.RailSolana, Amount: remit.NewMoney(remit.USDCSolana, int64(i+1)),
			Destination: d.String(), Memo: fmt.Sprintf("01kdyakh68eyf9yt40fwsh5%03d", i), Release: "dec_1",
		}
	}
	return out
}

// wallets makes fresh wallets; with open they have token accounts.
func (c *chain) newWallets(t testing.TB, n int, open bool) []sdk.PublicKey {
	t.Helper()
	out := make([]sdk.PublicKey, n)
	for i := range out {
		if out[i] = c.wallet(t); open {
			c.instruct(t, c.openIx(t, out[i]))
		}
	}
	c.advance(t, 2)
	return out
}

// decode reads an attempt's transaction.
func decode(t testing.TB, a *settlement.Attempt) *sdk.Transaction {
	t.Helper()
	tx, err := sdk.TransactionFromBytes(a.Bytes)
	if err != nil {
		t.Fatalf("decode attempt: %v", err)
	}
	return tx
}

func TestBatchSize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		open bool
		want int
	}{
		{"accounts exist", true, 17},
		{"accounts are opened", false, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newStandIn(t, sdk.TokenProgramID)
			list := orders(c.newWallets(t, solana.MaxBatch, test.open)...)
			a, rejected, err := c.rail(t).Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
			if err != nil || len(rejected) > 0 {
				t.Fatalf("prepare: %v %v", rejected, err)
			}
			if len(a.Orders) != test.want || len(a.Bytes) > 1232 {
				t.Errorf("one transaction of %d bytes carries %d orders, want %d", len(a.Bytes), len(a.Orders), test.want)
			}
			memo := ""
			tx := decode(t, a)
			for _, ix := range tx.Message.Instructions {
				if tx.Message.AccountKeys[ix.ProgramIDIndex] == sdk.MemoProgramID {
					memo = string(ix.Data)
				}
			}
			if want := settlement.Root(list[:test.want]).String(); memo != want {
				t.Errorf("memo is %q, want %q", memo, want)
			}
			if a.Hash != tx.Signatures[0].String() || a.Expiry == 0 || a.Sequence == 0 || a.Source != "" {
				t.Errorf("attempt is %s, expiry %d, slot %d, source %q", a.Hash, a.Expiry, a.Sequence, a.Source)
			}
		})
	}
}

// Equal orders prepared on one blockhash must not become one transaction: the
// chain would pay one of them and call both settled.
func TestEqualOrdersDiffer(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	list := orders(c.newWallets(t, 1, true)...)
	rail := c.rail(t)
	seen := make(map[string]bool)
	for range 10 {
		a, _, err := rail.Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil {
			t.Fatalf("prepare: %v", err)
		}
		if seen[a.Hash] {
			t.Fatalf("two attempts are one transaction %s", a.Hash)
		}
		seen[a.Hash] = true
	}
}

func TestDestinations(t *testing.T) {
	t.Parallel()
	c, other := newStandIn(t, sdk.TokenProgramID), newKey(t)
	open := c.newWallets(t, 2, true)
	frozen := c.wallet(t)
	c.freeze(t, frozen)
	pda, _, err := sdk.FindProgramAddress([][]byte{[]byte("vault")}, sdk.MemoProgramID)
	if err != nil {
		t.Fatal(err)
	}
	pdaOpen, _, err := sdk.FindProgramAddress([][]byte{[]byte("open vault")}, sdk.MemoProgramID)
	if err != nil {
		t.Fatal(err)
	}
	c.instruct(t, c.openIx(t, pdaOpen))
	// A second token on the same chain, whose accounts must not be mistaken.
	mint := c.mint
	c.mint = other
	foreign := c.foreignToken(t, open[1])
	c.mint = mint
	c.advance(t, 2)
	for _, test := range []struct {
		name   string
		to     sdk.PublicKey
		reason remit.Reason
	}{
		{"wallet", c.wallet(t), ""},
		{"wallet with an account", open[0], ""},
		{"token account", c.account(t, open[0]), ""},
		{"program's address with an account", pdaOpen, ""},
		{"program's address", pda, remit.ReasonDestinationInvalid},
		{"program", sdk.MemoProgramID, remit.ReasonDestinationInvalid},
		{"frozen wallet", frozen, remit.ReasonDestinationInvalid},
		{"frozen token account", c.account(t, frozen), remit.ReasonDestinationInvalid},
		{"account of another token", foreign, remit.ReasonDestinationInvalid},
		{"mint", c.mint.PublicKey(), remit.ReasonDestinationInvalid},
		{"other mint", other.PublicKey(), remit.ReasonDestinationInvalid},
		{"treasury", c.treasury.PublicKey(), remit.ReasonDestinationInvalid},
		{"treasury's account", c.account(t, c.treasury.PublicKey()), remit.ReasonDestinationInvalid},
		{"system program", sdk.SystemProgramID, remit.ReasonDestinationInvalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, rejected, err := c.rail(t).Prepare(t.Context(), settlement.Batch{Orders: orders(test.to)}, nil)
			if err != nil || rejected["ord_0"] != test.reason || (a == nil) != (test.reason != "") {
				t.Errorf("prepare: attempt %t, %v, %v; want reason %q", a != nil, rejected, err, test.reason)
			}
		})
	}
}

func TestMemoTooLong(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	for memo, bad := range map[string]bool{strings.Repeat("m", 128): false, strings.Repeat("m", 129): true, "\xff": true, "": false} {
		list := orders(c.wallet(t))
		list[0].Memo = memo
		a, rejected, err := c.rail(t).Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
		if err != nil || (rejected["ord_0"] == remit.ReasonFieldInvalid) != bad || (a == nil) != bad {
			t.Errorf("memo of %d bytes: attempt %t, %v, %v; want refused %t", len(memo), a != nil, rejected, err, bad)
		}
	}
}

func TestTreasuryShort(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	list := orders(c.newWallets(t, 3, true)...)
	list[0].Amount.Minor, list[1].Amount.Minor = settlementtest.Funding+1, settlementtest.Funding-1
	a, rejected, err := c.rail(t).Prepare(t.Context(), settlement.Batch{Orders: list}, nil)
	if err != nil || len(rejected) > 0 || len(a.Orders) != 1 || a.Orders[0] != "ord_1" {
		t.Errorf("prepare: %v, %v, %v; want the one order that the treasury can pay first", a, rejected, err)
	}
	a, rejected, err = c.rail(t).Prepare(t.Context(), settlement.Batch{Orders: list[:1]}, nil)
	if a != nil || len(rejected) > 0 || remit.KindOf(err) != remit.KindUnavailable || remit.ReasonOf(err) != remit.ReasonTreasuryShort {
		t.Errorf("prepare of what the treasury cannot pay: %v, %v", rejected, err)
	}
	poor := newKey(t)
	o := c.options(t)
	o.Treasury, o.Signer = poor.PublicKey().String(), keyring(t, poor, c.mint.PublicKey())
	if _, _, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: list[1:]}, nil); remit.ReasonOf(err) != remit.ReasonTreasuryShort {
		t.Errorf("prepare without a token account: %v", err)
	}
	if err := newRail(t, o).Health(t.Context()); remit.ReasonOf(err) != remit.ReasonTreasuryShort {
		t.Errorf("health without lamports: %v", err)
	}
	if m, err := newRail(t, o).Balance(t.Context(), remit.USDCSolana); err != nil || m != remit.NewMoney(remit.USDCSolana, 0) {
		t.Errorf("balance without a token account: %v, %v", m, err)
	}
}

// refuser is a signer that refuses, or signs something else.
type refuser struct{ signature []byte }

func TestBadSigner(t *testing.T) {
	t.Parallel()
	c := newStandIn(t, sdk.TokenProgramID)
	list := orders(c.newWallets(t, 1, true)...)
	for name, s := range map[string]refuser{"refuses": {}, "signs badly": {make([]byte, 64)}} {
		o := c.options(t)
		o.Signer = s
		if a, _, err := newRail(t, o).Prepare(t.Context(), settlement.Batch{Orders: list}, nil); a != nil || err == nil {
			t.Errorf("%s: attempt %v, %v; want an error", name, a, err)
		}
	}
}

var errRefused = errors.New("refused")

func (r refuser) Sign(context.Context, settlement.SignRequest) ([]byte, error) {
	if r.signature == nil {
		return nil, errRefused
	}
	return r.signature, nil
}
