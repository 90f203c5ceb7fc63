package solana

import (
	"context"
	"errors"
	"math"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
)

// Health errs when no node of the cluster is up and current, when the cluster
// does not finalize, when a mint is not as configured, when no coin can be paid,
// or when the treasury cannot pay fees. Errors: unavailable, or precondition for what only
// a change of configuration can cure.
func (r *Rail) Health(ctx context.Context) error {
	type chain struct{ newest, final uint64 }
	seen, err := ask(ctx, r, "check health", func(ctx context.Context, n *node) (chain, error) {
		if err := r.verify(ctx, n); err != nil {
			return chain{}, err
		}
		if _, err := n.GetHealth(ctx); err != nil {
			return chain{}, err
		}
		newest, err := n.GetSlot(ctx, rpc.CommitmentProcessed)
		if err != nil {
			return chain{}, err
		}
		final, err := n.GetSlot(ctx, rpc.CommitmentFinalized)
		return chain{newest, final}, err
	})
	if err != nil {
		return err
	}
	if seen.final+maxLag < seen.newest {
		return remit.Errorf(remit.KindUnavailable, remit.ReasonRailUnavailable,
			"Solana finalizes %d slots behind its newest", seen.newest-seen.final)
	}
	states, err := r.mints(ctx)
	if err != nil {
		return err
	}
	lamports, err := ask(ctx, r, "read fee balance", func(ctx context.Context, n *node) (*rpc.GetBalanceResult, error) {
		return n.GetBalance(ctx, r.treasury, r.commitment)
	})
	if err != nil {
		return err
	}
	if lamports.Value < r.minLamports {
		return remit.Errorf(remit.KindUnavailable, remit.ReasonTreasuryShort,
			"the treasury %s holds %d lamports for fees and new accounts, want at least %d", r.treasury, lamports.Value, r.minLamports)
	}
	return r.someCoin(ctx, states)
}

// someCoin errs when none of the coins can be paid now, with what stops the
// preferred one.
func (r *Rail) someCoin(ctx context.Context, states map[*token]mintState) error {
	var first error
	for _, t := range r.tokens {
		_, err := r.Balance(ctx, t.asset)
		if states[t].paused {
			err = errPaused(t.asset)
		}
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// Balance is what the treasury's token account of an asset holds at finalized;
// nothing when it does not exist. Errors: unavailable.
func (r *Rail) Balance(ctx context.Context, asset remit.Asset) (remit.Money, error) {
	t := r.tokenOf(asset)
	if t == nil {
		return remit.Money{}, remit.Errorf(remit.KindPrecondition, remit.ReasonRailNotOffered, "the treasury pays no %s", asset)
	}
	out, err := ask(ctx, r, "read treasury", func(ctx context.Context, n *node) (*rpc.GetAccountInfoResult, error) {
		return n.GetAccountInfoWithOpts(ctx, t.source, &rpc.GetAccountInfoOpts{
			Encoding: solana.EncodingBase64, Commitment: rpc.CommitmentFinalized,
		})
	})
	if errors.Is(err, rpc.ErrNotFound) {
		return remit.NewMoney(t.asset, 0), nil
	}
	if err != nil {
		return remit.Money{}, err
	}
	a, ok := readTokenAccount(out.Value, t.program)
	if !ok || a.mint != t.mint || a.owner != r.treasury || a.frozen || a.amount > math.MaxInt64 {
		return remit.Money{}, remit.Errorf(remit.KindUnavailable, remit.ReasonTreasuryShort,
			"the treasury's token account %s is frozen or not the treasury's", t.source)
	}
	return remit.NewMoney(t.asset, int64(a.amount)), nil
}
