package solana

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// unitMargin is what the limit has above what the simulation took: a tenth
	// and a little, because opening an account costs more when its address is
	// harder to find.
	unitMargin = 1_500
	// saltMask covers the digits of price and limit that come from the attempt id.
	saltMask = 1<<10 - 1
)

// errBlamed says that the simulation found an order that cannot be paid.
var errBlamed = errors.New("an order cannot be paid")

// Prepare builds, simulates and signs one transaction that pays the first
// orders that fit. Nothing is occupied on Solana, so busy does not matter.
func (r *Rail) Prepare(ctx context.Context, batch settlement.Batch, _ []string) (*settlement.Attempt, map[remit.OrderID]remit.Reason, error) {
	j, err := r.judge(ctx, batch)
	if err != nil {
		return nil, nil, err
	}
	list, rejected, table := j.list, j.rejected, r.table(ctx)
	for {
		chosen := affordable(list, j.held)
		if len(chosen) == 0 {
			return nil, rejected, j.nothing(len(list))
		}
		chosen, used, err := r.fit(batch.Mode, chosen, table)
		if err != nil {
			return nil, nil, err
		}
		units, blamed, err := r.simulate(ctx, batch.Mode, chosen, used)
		if errors.Is(err, errBlamed) {
			reject(rejected, chosen[blamed].Payment, remit.ReasonDestinationInvalid)
			first := chosen[blamed].Orders[0].ID
			list = slices.DeleteFunc(list, func(p payee) bool { return p.Orders[0].ID == first })
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		attempt, err := r.sign(ctx, batch.Mode, chosen, units, used)
		if used != nil && remit.KindOf(err) == remit.KindForbidden {
			r.log.Warn("solana signer refuses the lookup table", "table", used.address, "err", err)
			table = nil // fewer fit, and the signer need not know of any table
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		r.countPaid(chosen)
		return attempt, rejected, nil
	}
}

// nothing says why nothing can be paid now: no error if orders were rejected,
// which may have been all that stood in the way.
func (j *judged) nothing(payable int) error {
	switch {
	case len(j.rejected) > 0:
		return nil
	case payable > 0:
		return remit.Errorf(remit.KindUnavailable, remit.ReasonTreasuryShort,
			"the treasury holds too little for any of %d payments", payable)
	default:
		return j.waiting
	}
}

// simulate runs the transaction without sending it and answers the compute
// units it took. With errBlamed it gives the place of the payee that made it fail.
func (r *Rail) simulate(ctx context.Context, mode settlement.Mode, list []payee, table *lookupTable) (units uint64, blamed int, err error) {
	tx, err := r.build(list, memo(batchOf(mode, list)), solana.Hash{}, offer{limit: unitsCeiling}, table)
	if err != nil {
		return 0, 0, err
	}
	tx.Signatures = make([]solana.Signature, tx.Message.Header.NumRequiredSignatures)
	out, err := ask(ctx, r, "simulate", func(ctx context.Context, n *node) (*rpc.SimulateTransactionResponse, error) {
		return n.SimulateTransactionWithOpts(ctx, tx, &rpc.SimulateTransactionOpts{
			Commitment: r.commitment, ReplaceRecentBlockhash: true,
		})
	})
	if err != nil {
		return 0, 0, err
	}
	if out.Value == nil {
		return 0, 0, remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable, "Solana cannot be used now: a simulation had no result")
	}
	if out.Value.Err != nil {
		failure := parseTxError(out.Value.Err)
		if at := culprit(&tx.Message, failure); at >= 0 && at < len(list) && reasonOf(failure) == remit.ReasonDestinationInvalid {
			return 0, at, errBlamed
		}
		reason := remit.ReasonRailUnavailable
		if isShort(failure) {
			reason = remit.ReasonTreasuryShort
		}
		return 0, 0, remit.Errorf(remit.KindUnavailable, reason, "a payment on Solana would fail now: %s", failure)
	}
	if out.Value.UnitsConsumed == nil {
		return unitsCeiling, 0, nil
	}
	return *out.Value.UnitsConsumed, 0, nil
}

// sign makes the attempt: the final transaction on a fresh blockhash.
func (r *Rail) sign(ctx context.Context, mode settlement.Mode, list []payee, units uint64, table *lookupTable) (*settlement.Attempt, error) {
	price, err := r.unitPrice(ctx, list)
	if err != nil {
		return nil, err
	}
	latest, err := ask(ctx, r, "read latest blockhash", func(ctx context.Context, n *node) (*rpc.GetLatestBlockhashResult, error) {
		return n.GetLatestBlockhash(ctx, r.commitment)
	})
	if err != nil {
		return nil, err
	}
	now := r.clock.Now()
	id := remit.NewID[remit.AttemptID](remit.PrefixAttempt, now)
	batch := batchOf(mode, list)
	tx, err := r.build(list, memo(batch), latest.Value.Blockhash, salted(id, price, units), table)
	if err != nil {
		return nil, err
	}
	a := &settlement.Attempt{
		ID: id, Rail: remit.RailSolana, Mode: mode, Sequence: int64(latest.Context.Slot), Expiry: int64(latest.Value.LastValidBlockHeight),
		Status: settlement.AttemptSigned, CreatedAt: now, UpdatedAt: now,
	}
	for _, o := range batch.Orders {
		a.Orders = append(a.Orders, o.ID)
	}
	about := settlement.SignRequest{Batch: batch}
	if table != nil {
		about.Tables = []settlement.LookupTable{table.shown()}
	}
	if a.Bytes, err = r.signed(ctx, tx, about); err != nil {
		return nil, err
	}
	a.Hash = tx.Signatures[0].String()
	return a, nil
}

// salted is the offer of an attempt: what is needed, with low digits from its
// id, so that two transactions with equal orders and memos still differ.
func salted(id remit.AttemptID, price, units uint64) offer {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // A hash never errs.
	salt := uint64(h.Sum32())
	limit := units + units/10 + unitMargin + salt&saltMask
	return offer{limit: uint32(min(limit, unitsCeiling-salt&saltMask)), price: price + salt>>10&saltMask}
}

// unitPrice is what three quarters of the recent blocks would have taken for
// writing to the token accounts that the transaction writes to, within the ceiling.
func (r *Rail) unitPrice(ctx context.Context, list []payee) (uint64, error) {
	var written solana.PublicKeySlice
	for _, p := range list {
		written.UniqueAppend(p.token.source)
		written.UniqueAppend(p.account)
	}
	recent, err := ask(ctx, r, "read recent fees", func(ctx context.Context, n *node) ([]rpc.PriorizationFeeResult, error) {
		return n.GetRecentPrioritizationFees(ctx, written)
	})
	if err != nil {
		return 0, err
	}
	prices := make([]uint64, len(recent))
	for i, f := range recent {
		prices[i] = f.PrioritizationFee
	}
	slices.Sort(prices)
	price := uint64(minUnitPrice)
	if len(prices) > 0 {
		price = max(price, prices[len(prices)*3/4])
	}
	return min(price, max(r.maxUnitPrice, saltMask)-saltMask), nil
}
