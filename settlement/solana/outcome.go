package solana

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/big"
	"sync"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// SOL is the asset that fees are paid in.
var SOL = remit.Asset{Code: "SOL", Scale: 9}

// Submit sends the stored bytes, without preflight, to the first node that takes
// them, or to all. Only the chain says how it ends, so whatever the answer, the
// outcome is pending or unknown.
func (r *Rail) Submit(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	encoded := base64.StdEncoding.EncodeToString(a.Bytes)
	if r.sendToAll {
		return r.sendEverywhere(ctx, encoded)
	}
	out := settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "no node of the cluster answered"}
	for _, n := range r.nodes {
		o, elsewhere := r.sendTo(ctx, n, encoded)
		if o.Status == settlement.OutcomePending || !elsewhere {
			return o
		}
		out = o
	}
	return out
}

// sendTo sends to one node, and says whether another may well take it.
func (r *Rail) sendTo(ctx context.Context, n *node, encoded string) (o settlement.Outcome, elsewhere bool) {
	if !n.known.Load() {
		if err := r.verify(ctx, n); err != nil {
			return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: r.note(n, "check cluster", err).Error()}, true
		}
	}
	_, err := askOne(ctx, n, func(ctx context.Context, n *node) (solana.Signature, error) {
		return n.SendEncodedTransactionWithOpts(ctx, encoded, rpc.TransactionOpts{SkipPreflight: true, PreflightCommitment: r.commitment})
	})
	if err == nil {
		return settlement.Outcome{Status: settlement.OutcomePending, Result: "accepted by a node"}, false
	}
	meaning := sortError(err)
	o = settlement.Outcome{Status: settlement.OutcomeUnknown, Result: r.note(n, "send", err).Error()}
	if meaning.landed {
		o.Status = settlement.OutcomePending
	}
	return o, meaning.elsewhere
}

// sendEverywhere sends to all nodes at once; one that takes it is enough.
func (r *Rail) sendEverywhere(ctx context.Context, encoded string) settlement.Outcome {
	answers := make([]settlement.Outcome, len(r.nodes))
	var wait sync.WaitGroup
	for i, n := range r.nodes {
		wait.Go(func() { answers[i], _ = r.sendTo(ctx, n, encoded) })
	}
	wait.Wait()
	for _, o := range answers {
		if o.Status == settlement.OutcomePending {
			return o
		}
	}
	return answers[0]
}

// lookAt asks one node.
func (r *Rail) lookAt(ctx context.Context, n *node, a settlement.Attempt, signature solana.Signature) (settlement.Outcome, error) {
	status, _, err := statusOf(ctx, n, signature)
	if err != nil {
		return settlement.Outcome{}, err
	}
	if status != nil {
		return r.withCharges(a, outcomeOf(a, status)), nil
	}
	return r.proveAbsent(ctx, n, a, signature)
}

// proveAbsent answers failed when the attempt never happened and never will.
// The finalized height is read first and the signature looked for again after
// it, in a state no older than that: a signature missing then, from a history
// that reaches back to before it was made, can never appear.
func (r *Rail) proveAbsent(ctx context.Context, n *node, a settlement.Attempt, signature solana.Signature) (settlement.Outcome, error) {
	unknown := func(why string) (settlement.Outcome, error) {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: why}, nil
	}
	final, err := n.GetEpochInfo(ctx, rpc.CommitmentFinalized)
	if err != nil {
		return settlement.Outcome{}, err
	}
	if final.BlockHeight <= uint64(a.Expiry) {
		return unknown("not in a block yet")
	}
	if err := r.verify(ctx, n); err != nil {
		return settlement.Outcome{}, err
	}
	first, err := n.GetFirstAvailableBlock(ctx)
	if err != nil {
		return settlement.Outcome{}, err
	}
	if first > uint64(a.Sequence) {
		return unknown("the history of the node begins after the attempt was signed; ask one with a longer history")
	}
	status, slot, err := statusOf(ctx, n, signature)
	if err != nil {
		return settlement.Outcome{}, err
	}
	if status != nil {
		return r.withCharges(a, outcomeOf(a, status)), nil
	}
	if slot < final.AbsoluteSlot {
		return unknown("the node that was asked for it is behind")
	}
	// A node may forget a status and still have the transaction: its history of
	// the treasury, which pays every fee, must not have it either.
	status, whole, err := r.inHistory(ctx, n, a, signature)
	if err != nil {
		return settlement.Outcome{}, err
	}
	if status != nil {
		return r.withCharges(a, outcomeOf(a, status)), nil
	}
	if !whole {
		return unknown("the node's history of the treasury does not reach back to when the attempt was signed; ask one with a longer history")
	}
	return settlement.Outcome{Status: settlement.OutcomeFailed, Result: "expired: in no block up to its last valid height"}, nil
}

// inHistory searches the finalized transactions of the treasury for the attempt:
// its status, or nil. whole says that the search came to a transaction from
// before the attempt was signed, such as the one that funded the treasury: a
// history that ends earlier, or is empty, shows nothing.
func (r *Rail) inHistory(ctx context.Context, n *node, a settlement.Attempt, signature solana.Signature) (s *rpc.SignatureStatusesResult, whole bool, err error) {
	o := rpc.GetSignaturesForAddressOpts{Commitment: rpc.CommitmentFinalized}
	for {
		page, err := n.GetSignaturesForAddressWithOpts(ctx, r.treasury, &o)
		if err != nil {
			return nil, false, err
		}
		for _, tx := range page {
			if tx.Signature == signature {
				return &rpc.SignatureStatusesResult{Slot: tx.Slot, Err: tx.Err, ConfirmationStatus: rpc.ConfirmationStatusFinalized}, true, nil
			}
		}
		if len(page) == 0 {
			return nil, false, nil
		}
		if page[len(page)-1].Slot < uint64(a.Sequence) {
			return nil, true, nil
		}
		o.Before = page[len(page)-1].Signature
	}
}

// statusOf asks for a signature, in all of the node's history: its status, or
// nil, and the slot as of which that holds.
func statusOf(ctx context.Context, n *node, signature solana.Signature) (*rpc.SignatureStatusesResult, uint64, error) {
	out, err := n.GetSignatureStatuses(ctx, true, signature)
	if err != nil {
		return nil, 0, err
	}
	if len(out.Value) != 1 {
		return nil, 0, fmt.Errorf("asked for one status and got %d", len(out.Value))
	}
	return out.Value[0], out.Context.Slot, nil
}

// outcomeOf reads the status of a transaction that the chain has.
func outcomeOf(a settlement.Attempt, s *rpc.SignatureStatusesResult) settlement.Outcome {
	if s.ConfirmationStatus != rpc.ConfirmationStatusFinalized {
		return settlement.Outcome{Status: settlement.OutcomePending, Result: string(s.ConfirmationStatus)}
	}
	slot := "slot " + new(big.Int).SetUint64(s.Slot).String()
	tx, err := solana.TransactionFromBytes(a.Bytes)
	if err != nil {
		return settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "the stored transaction is not readable: " + err.Error()}
	}
	fee := remit.NewMoney(SOL, feeOf(&tx.Message))
	if s.Err == nil {
		return settlement.Outcome{Status: settlement.OutcomeSettled, Result: slot, Fee: fee}
	}
	failure := parseTxError(s.Err)
	out := settlement.Outcome{Status: settlement.OutcomeFailed, Result: slot + ": " + failure.String(), Fee: fee}
	if ruleOfFailure(failure).Verdict == Person {
		out.Result += ", which needs a person"
	}
	if reason := reasonOf(failure); reason != "" {
		out.Failed = a.Culprits(culprit(&tx.Message, failure), reason)
	}
	return out
}
