package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/settlement"
)

// Kinds of memos on chain.
const (
	memoText = "text"
	memoHash = "hash"
)

// GetSettlementProof returns what shows that a transaction paid for a remittance.
func (s *remittanceService) GetSettlementProof(ctx context.Context, req *v1.GetSettlementProofRequest) (*v1.GetSettlementProofResponse, error) {
	c := s.check(req)
	id := checkID[remit.RemittanceID](c, remit.PrefixRemittance, "remittance_id", req.GetRemittanceId())
	if err := c.err(); err != nil {
		return nil, err
	}
	order, batch, err := s.store.SettledBatch(ctx, callOf(ctx).caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read settlement: %w", err)
	}
	m, err := proofMessage(order, batch)
	if err != nil {
		return nil, fmt.Errorf("prove settlement of %s: %w", id, err)
	}
	if s.explorer != nil {
		m.ExplorerUrl = s.explorer(order.Rail, order.Hash)
	}
	return &v1.GetSettlementProofResponse{Proof: m}, nil
}

// proofMessage proves that an order is among those of a batch.
func proofMessage(o settlement.Order, batch settlement.Batch) (*v1.SettlementProof, error) {
	payments, err := batch.Payments()
	if err != nil {
		return nil, fmt.Errorf("payments of attempt %s: %w", o.Attempt, err)
	}
	i := slices.IndexFunc(payments, func(p settlement.Payment) bool {
		return slices.ContainsFunc(p.Orders, func(paid settlement.Order) bool { return paid.ID == o.ID })
	})
	if i < 0 {
		return nil, fmt.Errorf("attempt %s does not pay order %s", o.Attempt, o.ID)
	}
	m := &v1.SettlementProof{
		RemittanceId: string(o.RemittanceID), Rail: string(o.Rail), TransactionHash: o.Hash, Mode: string(batch.Mode),
		Payment: moneyMessage(payments[i].Amount), LeafHash: settlement.Leaf(o).String(),
		Leaf: &v1.SettlementLeaf{
			OrderId: string(o.ID), RemittanceId: string(o.RemittanceID), Asset: o.Amount.Asset.String(),
			AmountMinor: strconv.FormatInt(o.Amount.Minor, 10), Destination: o.Destination,
		},
	}
	text, root := batch.Memo()
	if root == nil {
		m.Memo, m.MemoType, m.Alone = text, memoText, true
		return m, nil
	}
	m.Memo, m.MemoType = root.String(), memoText
	if o.Rail == remit.RailStellar {
		m.MemoType = memoHash
	}
	proof, err := settlement.Prove(batch.Orders, o.ID)
	if err != nil {
		return nil, err
	}
	m.Root = proof.Root.String()
	for _, step := range proof.Path {
		m.Path = append(m.Path, &v1.SettlementProofStep{Hash: step.Hash.String(), Left: step.Left})
	}
	return m, nil
}
