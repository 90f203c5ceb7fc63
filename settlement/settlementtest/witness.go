package settlementtest

import (
	"bytes"
	"context"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

// witness stands between the engine and the rail and checks, at every call,
// what must never be otherwise.
type witness struct {
	settlement.Rail
	w *world
}

// bulkWitness is a witness of a rail that looks many attempts up at once.
type bulkWitness struct {
	witness
	bulk settlement.BulkRail
}

// witnessed puts a witness before a rail.
func (w *world) witnessed(rail settlement.Rail) settlement.Rail {
	seen := witness{Rail: rail, w: w}
	if bulk, ok := rail.(settlement.BulkRail); ok {
		return bulkWitness{witness: seen, bulk: bulk}
	}
	return seen
}

// Submit checks that what is sent is stored, open, and the same bytes as ever.
func (s witness) Submit(ctx context.Context, a settlement.Attempt) settlement.Outcome {
	stored := false
	for _, b := range s.w.store.Attempts() {
		if b.ID != a.ID {
			continue
		}
		stored = true
		if !bytes.Equal(a.Bytes, b.Bytes) || a.Hash != b.Hash {
			s.w.Errorf("attempt %s is sent with other bytes than were stored", a.ID)
		}
	}
	if !stored {
		s.w.Errorf("attempt %s is sent and was never stored", a.ID)
	}
	o := s.Rail.Submit(ctx, a)
	if o.Status == settlement.OutcomeFailed {
		s.w.Errorf("sending attempt %s answers failed: %s; only a lookup may", a.ID, o.Result)
	}
	return o
}

// Prepare checks that no order is signed for that another open attempt carries.
func (s witness) Prepare(ctx context.Context, batch settlement.Batch, busy []string) (*settlement.Attempt, map[remit.OrderID]remit.Reason, error) {
	open, err := s.w.store.OpenAttempts(ctx, s.Name())
	if err != nil {
		return nil, nil, err
	}
	carried := make(map[remit.OrderID]remit.AttemptID)
	for _, a := range open {
		for _, id := range a.Orders {
			carried[id] = a.ID
		}
	}
	for _, o := range batch.Orders {
		if by, ok := carried[o.ID]; ok {
			s.w.Errorf("order %s is to be signed for again while attempt %s carries it", o.ID, by)
		}
	}
	return s.Rail.Prepare(ctx, batch, busy)
}

// LookupClaim asks the rail, and checks that it is one that leaves anything to claim.
func (s witness) LookupClaim(ctx context.Context, o settlement.Order) settlement.ClaimOutcome {
	rail, ok := s.Rail.(settlement.Claimer)
	if !ok {
		s.w.Errorf("order %s has a claim on a rail that leaves nothing to claim", o.ID)
		return settlement.ClaimOutcome{}
	}
	return rail.LookupClaim(ctx, o)
}

// LookupAll asks the rail.
func (s bulkWitness) LookupAll(ctx context.Context, attempts []settlement.Attempt) map[remit.AttemptID]settlement.Outcome {
	return s.bulk.LookupAll(ctx, attempts)
}

// checkFailed checks that no transaction that was called failed moved anything.
func (w *world) checkFailed(books []Payment) {
	w.Helper()
	failed := make(map[string]remit.AttemptID)
	for _, a := range w.store.Attempts() {
		if a.Status == settlement.AttemptFailed {
			failed[a.Hash] = a.ID
		}
	}
	for _, p := range books {
		if id, ok := failed[p.Hash]; ok {
			w.Errorf("attempt %s was called failed, and its transaction %s paid %d", id, p.Hash, p.Amount)
		}
	}
}
