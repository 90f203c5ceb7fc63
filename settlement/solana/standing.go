package solana

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// pausedAgain is how often a paused mint is looked at, at most.
const pausedAgain = 2 * time.Second

// standing is how a token can be paid right now.
type standing struct {
	mintState
	// takes is the fee of this epoch.
	takes mintFee
	// refused says that it cannot be paid, waits that it cannot be now.
	refused, waits bool
}

// judgeTokens reads how tokens stand, from the treasury's account and the mint
// of each, and notes in j what the treasury holds and why orders must wait.
func (r *Rail) judgeTokens(ctx context.Context, used []*token, found []*rpc.Account, j *judged) (map[*token]standing, error) {
	out, states := make(map[*token]standing), make(map[*token]mintState)
	for i, t := range used {
		state, err := t.readMint(found[2*i+1])
		if err != nil {
			r.log.Error("solana coin refused", "asset", t.asset, "err", err)
			out[t] = standing{refused: true}
			continue
		}
		states[t] = state
		source, ok := readTokenAccount(found[2*i], t.program)
		now := standing{mintState: state, waits: state.paused || !ok || source.frozen}
		switch {
		case state.paused && j.waiting == nil:
			j.waiting = errPaused(t.asset)
		case !state.paused && now.waits:
			j.waiting = remit.Errorf(remit.KindUnavailable, remit.ReasonTreasuryShort,
				"the treasury's token account %s does not exist or is frozen", t.source)
		}
		if !now.waits {
			j.held[t] = source.amount
		}
		out[t] = now
	}
	r.notePaused(states)
	epoch, err := r.epoch(ctx, states)
	if err != nil {
		return nil, err
	}
	for t, state := range states {
		now := out[t]
		now.takes = state.fee(epoch)
		out[t] = now
	}
	return out, nil
}

func errPaused(a remit.Asset) error {
	return remit.Wrap(fmt.Errorf("%s: %w", a, settlement.ErrPaused), remit.KindUnavailable, remit.ReasonCoinPaused, "%s is paused by its issuer on Solana", a)
}

// notePaused remembers which of the mints that were read are paused.
func (r *Rail) notePaused(states map[*token]mintState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pausedSeen = r.clock.Now()
	for t, s := range states {
		if s.paused != r.paused[t] {
			r.log.Warn("solana coin", "asset", t.asset, "paused", s.paused)
		}
		if delete(r.paused, t); s.paused {
			r.paused[t] = true
		}
	}
}

// Paused are the assets that nobody can move for now, as of the last look at
// their mints; while there are any, it looks again now and then. It implements
// settlement.Pauser.
func (r *Rail) Paused(ctx context.Context) []remit.Asset {
	r.mu.Lock()
	some, fresh := len(r.paused) > 0, r.clock.Now().Sub(r.pausedSeen) < pausedAgain
	r.mu.Unlock()
	if some && !fresh {
		if _, err := r.mints(ctx); err != nil {
			r.log.Warn("look at paused coins", "err", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []remit.Asset
	for _, t := range r.tokens {
		if r.paused[t] {
			out = append(out, t.asset)
		}
	}
	return out
}

// mints reads all mints; the error is a precondition when one is not as
// configured or cannot be paid with, and names each such.
func (r *Rail) mints(ctx context.Context) (map[*token]mintState, error) {
	states, troubles, err := r.readMints(ctx)
	if err != nil {
		return nil, err
	}
	var wrong error
	for _, t := range r.tokens {
		if err := troubles[t.asset]; err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", t.asset, err))
		}
	}
	if wrong != nil {
		return states, remit.Wrap(wrong, remit.KindPrecondition, remit.ReasonRailUnavailable, "a coin of the Solana rail cannot be used")
	}
	return states, nil
}

// CheckCoins compares the coins with their mints on chain, and answers what is
// wrong with each that cannot be paid: there is no such mint, it has other
// decimals or belongs to another program, or its issuer may do what is not
// accepted. Errors: unavailable; precondition for a node of another cluster.
func (r *Rail) CheckCoins(ctx context.Context) (map[remit.Asset]error, error) {
	_, troubles, err := r.readMints(ctx)
	return troubles, err
}

// CheckNetwork errs with a precondition when a node belongs to another cluster
// than the configured one, and with unavailable when none answers.
func (r *Rail) CheckNetwork(ctx context.Context) error {
	var last error
	some := false
	for _, n := range r.nodes {
		err := r.verify(ctx, n)
		if errors.Is(err, errOtherCluster) {
			return remit.Wrap(r.note(n, "check cluster", err), remit.KindPrecondition, remit.ReasonRailUnavailable, "Solana cannot be used as configured")
		}
		if some = some || err == nil; err != nil {
			last = r.note(n, "check cluster", err)
		}
	}
	if !some {
		return remit.Wrap(last, remit.KindUnavailable, remit.ReasonRailUnavailable, "Solana cannot be used now: check cluster")
	}
	return nil
}

// readMints reads all mints, and what is wrong with those that cannot be paid.
func (r *Rail) readMints(ctx context.Context) (map[*token]mintState, map[remit.Asset]error, error) {
	keys := make([]solana.PublicKey, len(r.tokens))
	for i, t := range r.tokens {
		keys[i] = t.mint
	}
	found, err := r.accounts(ctx, "read mints", keys...)
	if err != nil {
		return nil, nil, err
	}
	states, troubles := make(map[*token]mintState), make(map[remit.Asset]error)
	for i, t := range r.tokens {
		state, err := t.readMint(found[i])
		if err != nil {
			troubles[t.asset] = err
			continue
		}
		states[t] = state
	}
	r.notePaused(states)
	return states, troubles, nil
}
