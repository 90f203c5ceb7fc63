package settlement

import (
	"context"
	"errors"
	"slices"

	"github.com/openremit/remit"
)

// ErrPaused is wrapped by [Rail.Prepare] when all that keeps orders from being
// paid is that the issuer of their asset has paused it: the rail works, the
// orders wait.
var ErrPaused = errors.New("the asset is paused by its issuer")

// Pauser is a [Rail] whose assets can be paused one by one.
type Pauser interface {
	// Paused are the assets that are paused, as far as the rail knows.
	Paused(ctx context.Context) []remit.Asset
}

// lookPast is how many queued orders are looked at while some of them may be in
// an asset that is paused.
const lookPast = 1_000

// queued are the oldest orders of a full batch that are not in a paused asset,
// so that they do not keep others from being paid.
func (e *Engine) queued(ctx context.Context) ([]Order, error) {
	limit := e.Rail.MaxBatch()
	var paused []remit.Asset
	if p, ok := e.Rail.(Pauser); ok {
		paused = p.Paused(ctx)
	}
	if len(paused) == 0 {
		return e.Store.QueuedOrders(ctx, e.Rail.Name(), limit)
	}
	orders, err := e.Store.QueuedOrders(ctx, e.Rail.Name(), lookPast)
	orders = slices.DeleteFunc(orders, func(o Order) bool { return slices.Contains(paused, o.Amount.Asset) })
	return orders[:min(limit, len(orders))], err
}
