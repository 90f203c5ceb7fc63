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
// does not finalize, when the mint is not the configured one, or when the
// treasury cannot pay fees. Errors: unavailable, or precondition for what only
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
	if err := r.checkMint(ctx); err != nil {
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
	_, err = r.Balance(ctx, r.asset())
	return err
}

// Balance is what the treasury's token account holds at finalized; nothing when
// it does not exist. Errors: unavailable.
func (r *Rail) Balance(ctx context.Context, asset remit.Asset) (remit.Money, error) {
	if asset != r.asset() {
		return remit.Money{}, remit.Errorf(remit.KindPrecondition, remit.ReasonRailNotOffered, "the treasury pays no %s", asset)
	}
	out, err := ask(ctx, r, "read treasury", func(ctx context.Context, n *node) (*rpc.GetAccountInfoResult, error) {
		return n.GetAccountInfoWithOpts(ctx, r.source, &rpc.GetAccountInfoOpts{
			Encoding: solana.EncodingBase64, Commitment: rpc.CommitmentFinalized,
		})
	})
	if errors.Is(err, rpc.ErrNotFound) {
		return remit.NewMoney(r.asset(), 0), nil
	}
	if err != nil {
		return remit.Money{}, err
	}
	a, ok := readTokenAccount(out.Value, r.program)
	if !ok || a.mint != r.mint || a.owner != r.treasury || a.frozen || a.amount > math.MaxInt64 {
		return remit.Money{}, remit.Errorf(remit.KindUnavailable, remit.ReasonTreasuryShort,
			"the treasury's token account %s is frozen or not the treasury's", r.source)
	}
	return remit.NewMoney(r.asset(), int64(a.amount)), nil
}
