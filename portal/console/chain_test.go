package console

import (
	"fmt"
	"strconv"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/settlement"
)

// proofOf proves that a transaction of some orders paid for one of them, as the
// settlement engine makes it.
func proofOf(t *testing.T, n, which int) *v1.SettlementProof {
	t.Helper()
	asset, err := remit.ParseAsset("USDC_STELLAR/7")
	if err != nil {
		t.Fatal(err)
	}
	orders := make([]settlement.Order, n)
	for i := range orders {
		orders[i] = settlement.Order{
			ID: remit.OrderID(fmt.Sprintf("ord_%d", i)), RemittanceID: remit.RemittanceID(fmt.Sprintf("rem_%d", i)),
			Amount: remit.NewMoney(asset, int64(1000+i)), Destination: "GPARTNER",
		}
	}
	made, err := settlement.Prove(orders, orders[which].ID)
	if err != nil {
		t.Fatal(err)
	}
	o := orders[which]
	p := &v1.SettlementProof{
		RemittanceId: string(o.RemittanceID), TransactionHash: "ab", Memo: made.Root.String(), Root: made.Root.String(), LeafHash: made.Leaf.String(),
		Leaf: &v1.SettlementLeaf{
			OrderId: string(o.ID), RemittanceId: string(o.RemittanceID), Asset: o.Amount.Asset.String(),
			AmountMinor: strconv.FormatInt(o.Amount.Minor, 10), Destination: o.Destination,
		},
	}
	for _, step := range made.Path {
		p.Path = append(p.Path, &v1.SettlementProofStep{Hash: step.Hash.String(), Left: step.Left})
	}
	return p
}

// TestProofsAreChecked: the page finds what the settlement engine proves, and
// every lie about it.
func TestProofsAreChecked(t *testing.T) {
	t.Parallel()
	for n := 2; n <= 9; n++ {
		for which := range n {
			if err := checkProof(proofOf(t, n, which)); err != nil {
				t.Errorf("order %d of %d: %v", which, n, err)
			}
		}
	}
	for name, lie := range map[string]func(p *v1.SettlementProof){
		"another amount":       func(p *v1.SettlementProof) { p.Leaf.AmountMinor = "1" },
		"no amount":            func(p *v1.SettlementProof) { p.Leaf.AmountMinor = "-1000" },
		"another destination":  func(p *v1.SettlementProof) { p.Leaf.Destination = "GTHIEF" },
		"another remittance":   func(p *v1.SettlementProof) { p.RemittanceId = "rem_9" },
		"another leaf":         func(p *v1.SettlementProof) { p.LeafHash = p.Root },
		"no transaction":       func(p *v1.SettlementProof) { p.TransactionHash = "" },
		"another memo":         func(p *v1.SettlementProof) { p.Memo = p.LeafHash },
		"another root":         func(p *v1.SettlementProof) { p.Root, p.Memo = p.LeafHash, p.LeafHash },
		"the other side":       func(p *v1.SettlementProof) { p.Path[0].Left = !p.Path[0].Left },
		"a step missing":       func(p *v1.SettlementProof) { p.Path = p.Path[1:] },
		"a step that is none":  func(p *v1.SettlementProof) { p.Path[0].Hash = "zz" },
		"alone, with a path":   func(p *v1.SettlementProof) { p.Alone = true },
		"a leaf of nothing":    func(p *v1.SettlementProof) { p.Leaf = nil },
		"a path without limit": func(p *v1.SettlementProof) { p.Path = make([]*v1.SettlementProofStep, maxProofPath+1) },
	} {
		p, ok := proto.Clone(proofOf(t, 5, 2)).(*v1.SettlementProof)
		if !ok {
			t.Fatal("a clone is another message")
		}
		lie(p)
		if checkProof(p) == nil {
			t.Errorf("%s is taken for proven", name)
		}
	}
	alone := proofOf(t, 2, 0)
	alone.Alone, alone.Root, alone.Path, alone.Memo = true, "", nil, "rem_0"
	if err := checkProof(alone); err != nil {
		t.Errorf("a remittance that travelled alone: %v", err)
	}
}
