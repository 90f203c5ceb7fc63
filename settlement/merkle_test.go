package settlement_test

import (
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// TestRootIsRFC6962 makes the tree of three leaves by hand.
func TestRootIsRFC6962(t *testing.T) {
	t.Parallel()
	orders := []settlement.Order{order(1, "a", 5), order(2, "b", 6), order(3, "c", 7)}
	node := func(l, r settlement.Hash) settlement.Hash {
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
	leaf := func(i int) settlement.Hash { return settlement.Leaf(orders[i]) }
	if got, want := settlement.Root(orders), node(node(leaf(0), leaf(1)), leaf(2)); got != want {
		t.Errorf("root of three is %s, want %s", got, want)
	}
	if got := settlement.Root(orders[:1]); got != leaf(0) {
		t.Errorf("root of one is %s, want its leaf", got)
	}
	if got, want := settlement.Root(nil), settlement.Hash(sha256.Sum256(nil)); got != want {
		t.Errorf("root of none is %s, want %s", got, want)
	}
}

// TestProofs proves every order of trees of all small sizes, and that nothing
// else is proved by the same path.
func TestProofs(t *testing.T) {
	t.Parallel()
	var orders []settlement.Order
	for n := range 33 {
		orders = append(orders, order(n, "a", int64(n+1)))
		for _, o := range orders {
			p, err := settlement.Prove(orders, o.ID)
			if err != nil || p.Verify() != nil || p.Leaf != settlement.Leaf(o) || p.Root != settlement.Root(orders) {
				t.Fatalf("%d orders: proof of %s: %v, %v", len(orders), o.ID, err, p.Verify())
			}
			more := o
			more.Amount.Minor++
			forged := p
			forged.Leaf = settlement.Leaf(more)
			if forged.Verify() == nil {
				t.Fatalf("%d orders: the path of %s proves another amount", len(orders), o.ID)
			}
		}
	}
	if _, err := settlement.Prove(orders, "ord_none"); remit.KindOf(err) != remit.KindNotFound {
		t.Errorf("proof of an order that is not there: %v, want not found", err)
	}
}

// TestLeafHoldsEverything: no change of what an order pays keeps its leaf.
func TestLeafHoldsEverything(t *testing.T) {
	t.Parallel()
	base := order(1, "ab", 5)
	for name, change := range map[string]func(*settlement.Order){
		"id": func(o *settlement.Order) { o.ID = "ord_2" }, "remittance": func(o *settlement.Order) { o.RemittanceID = "rem_2" },
		"asset": func(o *settlement.Order) { o.Amount.Asset = remit.USDCSolana }, "amount": func(o *settlement.Order) { o.Amount.Minor = 6 },
		"destination": func(o *settlement.Order) { o.Destination = "a" },
	} {
		o := base
		change(&o)
		if settlement.Leaf(o) == settlement.Leaf(base) {
			t.Errorf("another %s has the same leaf", name)
		}
	}
}

func TestProofAsJSON(t *testing.T) {
	t.Parallel()
	orders := []settlement.Order{order(1, "a", 5), order(2, "b", 6)}
	p, err := settlement.Prove(orders, "ord_2")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var again settlement.Proof
	if err := json.Unmarshal(text, &again); err != nil || again.Verify() != nil || again.Root != p.Root || !again.Path[0].Left {
		t.Errorf("%s reads as %+v, %v", text, again, err)
	}
	if _, err := settlement.ParseHash("abc"); err == nil {
		t.Error("half a hash was read")
	}
}
