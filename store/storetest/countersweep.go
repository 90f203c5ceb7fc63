package storetest

import (
	"context"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/ramps/counter"
)

// stubborn is a store in which one pickup cannot be changed.
type stubborn struct {
	counter.Store
	id counter.PickupID
}

type stubbornTx struct {
	counter.Tx
	id counter.PickupID
}

func (s stubborn) AtCounter(ctx context.Context, act func(context.Context, counter.Tx) error) error {
	return s.Store.AtCounter(ctx, func(ctx context.Context, tx counter.Tx) error { return act(ctx, stubbornTx{tx, s.id}) })
}

func (t stubbornTx) PutPickup(ctx context.Context, p counter.Pickup) error {
	if p.ID == t.id {
		return remit.Errorf(remit.KindInternal, remit.ReasonInternal, "this pickup cannot be changed")
	}
	return t.Tx.PutPickup(ctx, p)
}

// testCounterSweep: a pickup that cannot be ended keeps none of the others from
// it, whose senders wait for their money.
func testCounterSweep(t *testing.T, w *world) {
	c := newCounters(w)
	c.fund(c.outlet, 10_000_000)
	teller := c.teller(c.outlet, counter.RoleTeller)
	c.open(teller, 9_000_000)
	_, code := c.waiting()
	found, err := c.service.Find(w.ctx, teller, code, c.beneficiary.Party.Name())
	w.must(err)
	w.clock.Advance(1) // The next one is overdue after it.
	other, _ := c.waiting()
	rules, err := counter.LoadIdentityRules()
	w.must(err)
	service, err := counter.NewService(counter.Options{
		Store: stubborn{w.s, found.Pickup.ID}, Coder: c.coder, Names: sameName, Identity: rules, Clock: w.clock, Audit: c.keepAudit(&c.audited),
	})
	w.must(err)
	w.clock.Advance(counter.DefaultExpiry)
	ended, err := service.Sweep(w.ctx)
	w.refused(err, remit.KindInternal, "")
	if ended != 1 {
		t.Errorf("the sweep ended %d, want the other one", ended)
	}
	order, err := w.s.RampOrder(w.ctx, other.PayoutOrder)
	w.must(err)
	if order.Status != ramps.StatusFailed || order.Reason != remit.ReasonPickupExpired {
		t.Errorf("the other is %s %s, want failed and expired", order.Status, order.Reason)
	}
}
