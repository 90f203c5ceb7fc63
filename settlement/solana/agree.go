package solana

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit/settlement"
)

// Ways in which nodes contradict each other, as labels.
const (
	splitOutcome = "outcome"
	splitCluster = "cluster"
	splitSlot    = "slot"
)

// newDisagreements counts contradictions between nodes.
func newDisagreements(r prometheus.Registerer) (*prometheus.CounterVec, error) {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "remit_solana_disagreements_total", Help: "Final answers of Solana nodes that were not believed, because the nodes contradict each other.",
	}, []string{"about"})
	if r == nil {
		return c, nil
	}
	return c, r.Register(c)
}

// Lookup asks every node for the attempt. A final answer stands only if no node
// contradicts it: none may name another end or another slot, belong to another
// cluster, or be far ahead or behind. It is failed for being absent when at
// least one node proved that it never happened and no other has it. Nodes that do
// not answer have no say.
func (r *Rail) Lookup(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	signature, err := solana.SignatureFromBase58(a.Hash)
	if err != nil {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "the attempt's hash is no signature"}
	}
	out := settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "not in a block yet"}
	var landed *settlement.Outcome
	pending := false
	for _, n := range r.nodes {
		o, err := askOne(ctx, n, func(ctx context.Context, n *node) (settlement.Outcome, error) { return r.lookAt(ctx, n, a, signature) })
		switch {
		case errors.Is(err, errOtherCluster):
			return r.split(a, splitCluster, r.note(n, "look up", err).Error())
		case err != nil:
			if out.Status == settlement.OutcomeUnknown {
				out.Result = r.note(n, "look up", err).Error()
			}
		case o.Status == settlement.OutcomePending && landed == nil:
			pending, out = true, o
		case ended(o) && landed == nil:
			landed = &o
		case ended(o) && (o.Status != landed.Status || o.Result != landed.Result):
			return r.split(a, splitOutcome, fmt.Sprintf("one node says %s, %s, and another %s, %s", landed.Status, landed.Result, o.Status, o.Result))
		case o.Status == settlement.OutcomeFailed && landed == nil && !pending:
			out = o
		}
	}
	if landed != nil {
		out = *landed
	}
	if len(r.nodes) == 1 || (out.Status != settlement.OutcomeSettled && out.Status != settlement.OutcomeFailed) {
		return out
	}
	if about, why := r.apart(ctx); about != "" {
		return r.split(a, about, why)
	}
	return out
}

// ended says that a node has the attempt in a finalized block.
func ended(o settlement.Outcome) bool {
	return o.Status == settlement.OutcomeSettled || (o.Status == settlement.OutcomeFailed && o.Fee.IsPositive())
}

// split is the outcome while nodes contradict each other.
func (r *Rail) split(a settlement.Attempt, about, why string) settlement.Outcome {
	r.disagreements.WithLabelValues(about).Inc()
	r.log.Error("solana nodes disagree", "about", about, "attempt", a.ID, "hash", a.Hash, "why", why)
	return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "the nodes disagree: " + why}
}

// apart compares the cluster and the newest finalized slot of all nodes that
// answer; about is empty when they agree.
func (r *Rail) apart(ctx context.Context) (about, why string) {
	var low, high uint64
	seen := false
	for _, n := range r.nodes {
		err := r.verify(ctx, n)
		if errors.Is(err, errOtherCluster) {
			return splitCluster, r.note(n, "check cluster", err).Error()
		}
		if err != nil {
			continue
		}
		slot, err := askOne(ctx, n, func(ctx context.Context, n *node) (uint64, error) { return n.GetSlot(ctx, rpc.CommitmentFinalized) })
		if err != nil {
			continue
		}
		if !seen {
			low, high, seen = slot, slot, true
		}
		low, high = min(low, slot), max(high, slot)
	}
	if high-low > maxLag {
		return splitSlot, fmt.Sprintf("one has finalized slot %d and another slot %d", low, high)
	}
	return "", ""
}
