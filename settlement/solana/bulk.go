package solana

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"golang.org/x/sync/errgroup"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// maxStatuses is how many signatures a node tells of at once.
	maxStatuses = 256
	// endsAtOnce is how many attempts are looked up by themselves at a time.
	endsAtOnce = 8
)

// errShortAnswer: a node told of fewer signatures than it was asked for.
var errShortAnswer = errors.New("the answer does not hold a status for each signature")

var _ settlement.BulkRail = (*Rail)(nil)

// LookupAll asks after many attempts at once. What is not final and may still
// land is told by that; what seems to have ended, one way or the other, is
// looked up by itself.
func (r *Rail) LookupAll(ctx context.Context, attempts []settlement.Attempt) map[remit.AttemptID]settlement.Outcome {
	out := make(map[remit.AttemptID]settlement.Outcome, len(attempts))
	var ended []settlement.Attempt
	for list := range slices.Chunk(attempts, maxStatuses) {
		seen, err := r.glance(ctx, list)
		if err != nil {
			for _, a := range list {
				out[a.ID] = settlement.Outcome{Status: settlement.OutcomeUnknown, Result: err.Error()}
			}
			continue
		}
		for i, a := range list {
			switch s := seen.statuses[i]; {
			case s != nil && s.ConfirmationStatus != rpc.ConfirmationStatusFinalized:
				out[a.ID] = outcomeOf(a, s)
			case s == nil && seen.height <= uint64(a.Expiry):
				out[a.ID] = settlement.Outcome{Status: settlement.OutcomeUnknown, Result: "not in a block yet"}
			default:
				ended = append(ended, a)
			}
		}
	}
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(endsAtOnce)
	for _, a := range ended {
		group.Go(func() error {
			o := r.Lookup(ctx, a)
			mu.Lock()
			defer mu.Unlock()
			out[a.ID] = o
			return nil
		})
	}
	_ = group.Wait() // none of them errs
	return out
}

// glimpse is what one node says of some attempts.
type glimpse struct {
	statuses []*rpc.SignatureStatusesResult
	// height is the finalized one, read before the statuses.
	height uint64
}

// glance asks a node for the statuses of attempts, in their order.
func (r *Rail) glance(ctx context.Context, list []settlement.Attempt) (glimpse, error) {
	signatures := make([]solana.Signature, len(list))
	for i, a := range list {
		s, err := solana.SignatureFromBase58(a.Hash)
		if err != nil {
			s = solana.Signature{} // Lookup says what is wrong with it.
		}
		signatures[i] = s
	}
	return ask(ctx, r, "look attempts up", func(ctx context.Context, n *node) (glimpse, error) {
		final, err := n.GetEpochInfo(ctx, rpc.CommitmentFinalized)
		if err != nil {
			return glimpse{}, err
		}
		found, err := n.GetSignatureStatuses(ctx, true, signatures...)
		if err != nil {
			return glimpse{}, err
		}
		if len(found.Value) != len(list) {
			return glimpse{}, errShortAnswer
		}
		return glimpse{found.Value, final.BlockHeight}, nil
	})
}
