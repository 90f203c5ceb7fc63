package settlement_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

func order(n int, destination string, minor int64) settlement.Order {
	return settlement.Order{
		ID: remit.OrderID(fmt.Sprintf("ord_%d", n)), RemittanceID: remit.RemittanceID(fmt.Sprintf("rem_%d", n)),
		Rail: remit.RailStellar, Amount: remit.NewMoney(remit.USDCStellar, minor), Destination: destination, Memo: fmt.Sprintf("memo %d", n),
	}
}

func TestPayments(t *testing.T) {
	t.Parallel()
	orders := []settlement.Order{order(1, "a", 5), order(2, "b", 6), order(3, "a", 7)}
	for _, mode := range []settlement.Mode{"", settlement.ModeSingle, settlement.ModeBatched} {
		got, err := settlement.Batch{Mode: mode, Orders: orders}.Payments()
		if err != nil || len(got) != 3 {
			t.Fatalf("%q: %d payments, %v; want 3", mode, len(got), err)
		}
		for i, p := range got {
			if p.Destination != orders[i].Destination || p.Amount != orders[i].Amount || len(p.Orders) != 1 || p.Orders[0].ID != orders[i].ID {
				t.Errorf("%q: payment %d is %+v, want that of order %+v", mode, i, p, orders[i])
			}
		}
	}
	netted := settlement.Batch{Mode: settlement.ModeNetted, Orders: []settlement.Order{orders[0], orders[2]}}
	got, err := netted.Payments()
	if err != nil || len(got) != 1 || got[0].Amount.Minor != 12 || got[0].Destination != "a" || len(got[0].Orders) != 2 {
		t.Errorf("netted: %+v, %v; want one payment of 12 to a", got, err)
	}
	if got, err := (settlement.Batch{Mode: settlement.ModeNetted}).Payments(); err != nil || len(got) != 0 {
		t.Errorf("netted nothing: %+v, %v; want nothing", got, err)
	}
	other := order(4, "a", 1)
	other.Amount.Asset = remit.USDCSolana
	for name, list := range map[string][]settlement.Order{
		"two destinations": {orders[0], orders[1]}, "two assets": {orders[0], other},
		"too much": {orders[0], order(5, "a", math.MaxInt64)}, "not positive": {order(6, "a", 0)},
	} {
		if _, err := (settlement.Batch{Mode: settlement.ModeNetted, Orders: list}).Payments(); !errors.Is(err, settlement.ErrMixed) {
			t.Errorf("netted %s: %v, want ErrMixed", name, err)
		}
	}
}

func TestCulprits(t *testing.T) {
	t.Parallel()
	ids := []remit.OrderID{"ord_1", "ord_2", "ord_3"}
	batched := settlement.Attempt{Mode: settlement.ModeBatched, Orders: ids}
	netted := settlement.Attempt{Mode: settlement.ModeNetted, Orders: ids}
	why := remit.ReasonDestinationInvalid
	if got := batched.Culprits(1, why); len(got) != 1 || got["ord_2"] != why {
		t.Errorf("second payment of a batch: %v, want its order", got)
	}
	if got := netted.Culprits(0, why); len(got) != 3 || got["ord_3"] != why {
		t.Errorf("the netted payment: %v, want all orders", got)
	}
	for place, a := range map[int]settlement.Attempt{-1: batched, 3: batched, 1: netted} {
		if got := a.Culprits(place, why); len(got) != 0 {
			t.Errorf("payment %d of %s: %v, want none", place, a.Mode, got)
		}
	}
}

func TestMemo(t *testing.T) {
	t.Parallel()
	one := []settlement.Order{order(1, "a", 5)}
	if text, root := (settlement.Batch{Orders: one}).Memo(); text != "memo 1" || root != nil {
		t.Errorf("one order: %q, %v; want its own memo", text, root)
	}
	for _, b := range []settlement.Batch{
		{Mode: settlement.ModeNetted, Orders: one}, {Orders: append(one, order(2, "b", 6))},
	} {
		if text, root := b.Memo(); text != "" || root == nil || *root != settlement.Root(b.Orders) {
			t.Errorf("%s of %d: %q, %v; want the root", b.Mode, len(b.Orders), text, root)
		}
	}
}
