package settlementtest

import (
	"slices"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

func paysOne(t *testing.T, w *world) {
	ids := w.place(w.h.Destination(t))
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	if books := w.h.Books(t); len(books) == 1 && books[0].Memo != w.store.Order(ids[0]).Memo {
		t.Errorf("memo on chain is %q, want %q", books[0].Memo, w.store.Order(ids[0]).Memo)
	}
	if a := w.store.Attempts(); len(a) != 1 || !a[0].Fee.IsPositive() {
		t.Errorf("attempts are %+v, want one with a fee", a)
	}
}

func paysBatch(t *testing.T, w *world) {
	ids := w.place(w.destinations(min(5, w.h.Rail.MaxBatch()))...)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	if n := len(w.store.Attempts()); n != 1 {
		t.Errorf("%d orders took %d attempts, want 1", len(ids), n)
	}
}

func paysMoreThanBatch(t *testing.T, w *world) {
	ids := w.place(w.destinations(w.h.Rail.MaxBatch()*2 + 1)...)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	for _, a := range w.store.Attempts() {
		if len(a.Orders) > w.h.Rail.MaxBatch() {
			t.Errorf("an attempt carries %d orders, more than %d", len(a.Orders), w.h.Rail.MaxBatch())
		}
	}
}

func paysSameDestination(t *testing.T, w *world) {
	d := w.h.Destination(t)
	ids := w.place(d, d, d)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
}

func knowsBalance(t *testing.T, w *world) {
	if err := w.h.Rail.Health(w.Context()); err != nil {
		t.Errorf("health is %v, want none", err)
	}
	w.h.Misbehave(t, Faults{Down: true})
	if err := w.h.Rail.Health(w.Context()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("health of a rail that is down is %v, want unavailable", err)
	}
	if _, err := w.h.Rail.Balance(w.Context(), w.asset()); remit.KindOf(err) != remit.KindUnavailable {
		t.Errorf("balance on a rail that is down: %v, want unavailable", err)
	}
	w.h.Misbehave(t, Faults{})
	w.place(w.h.Destination(t))
	w.finish()
}

func lostReply(t *testing.T, w *world) {
	ids := w.place(w.destinations(3)...)
	w.h.Misbehave(t, Faults{LoseReplies: 2})
	w.send()
	w.wantStatus(settlement.OrderAttempting, "", ids...)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
}

func landsLate(t *testing.T, w *world) {
	if !w.h.LandsLate {
		t.Skip("this chain cannot be made to land transactions late")
	}
	ids := w.place(w.destinations(2)...)
	w.h.Misbehave(t, Faults{LandLate: 4})
	w.send()
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	if n := len(w.store.Attempts()); n != 1 {
		t.Errorf("late landing took %d attempts, want 1", n)
	}
}

// sentAgain sends the bytes of an attempt at every stage of its life.
func sentAgain(t *testing.T, w *world) {
	ids := w.place(w.destinations(2)...)
	w.send()
	a := w.store.Attempts()[0]
	for range 8 {
		if o := w.h.Rail.Submit(w.Context(), a); o.Status == settlement.OutcomeFailed {
			t.Errorf("sending again answers failed: %+v", o)
		}
		w.h.Advance(t)
	}
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	w.h.Expire(t)
	if o := w.h.Rail.Submit(w.Context(), a); o.Status == settlement.OutcomeFailed {
		t.Errorf("sending a settled attempt after its expiry answers failed: %+v", o)
	}
	if o := w.h.Rail.Lookup(w.Context(), a); o.Status != settlement.OutcomeSettled {
		t.Errorf("looking up a settled attempt after its expiry answers %+v", o)
	}
	w.checkBooks()
}

func dropped(t *testing.T, w *world) {
	ids := w.place(w.destinations(3)...)
	w.h.Misbehave(t, Faults{DropSubmits: 1000})
	w.send()
	w.wantStatus(settlement.OrderAttempting, "", ids...)
	w.h.Expire(t)
	w.step()
	if a := w.store.Attempts()[0]; a.Status != settlement.AttemptFailed {
		t.Fatalf("the dropped attempt is %s after its expiry, want failed", a.Status)
	}
	w.h.Misbehave(t, Faults{})
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
}

// waitsAnew lets the endpoint be down for a moment after an attempt failed: the
// order waits for the rail from then on, however old it is.
func waitsAnew(t *testing.T, w *world) {
	ids := w.place(w.destinations(2)...)
	w.h.Misbehave(t, Faults{DropSubmits: 1000})
	w.send()
	w.h.Expire(t)
	w.step()
	w.h.Misbehave(t, Faults{Down: true})
	w.step()
	w.h.Misbehave(t, Faults{})
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
}

// failedForever looks up an attempt that was never sent until it is called
// failed, and sends it right then.
func failedForever(t *testing.T, w *world) {
	a := w.prepareOne()
	w.h.Misbehave(t, Faults{Down: true})
	if o := w.h.Rail.Lookup(w.Context(), a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("an attempt on an endpoint that is down is %+v, want unknown", o)
	}
	w.h.Misbehave(t, Faults{})
	o := w.h.Rail.Lookup(w.Context(), a)
	if o.Status != settlement.OutcomeUnknown {
		t.Errorf("an attempt that may still be sent is %+v, want unknown", o)
	}
	for range maxRounds {
		if o = w.h.Rail.Lookup(w.Context(), a); o.Status != settlement.OutcomeUnknown {
			break
		}
		w.h.Advance(t)
	}
	if o.Status != settlement.OutcomeFailed || len(o.Failed) > 0 {
		t.Errorf("an attempt that was never sent came to be %+v, want failed with no order to blame", o)
	}
	for range 3 {
		w.h.Rail.Submit(w.Context(), a)
		w.h.Advance(t)
	}
	if books := w.h.Books(t); len(books) > 0 {
		t.Errorf("an attempt that was called failed paid: %+v", books)
	}
}

// unknownWhileDown lets an attempt expire that the chain may have, while nobody
// can be asked.
func unknownWhileDown(t *testing.T, w *world) {
	a := w.prepareOne()
	w.h.Misbehave(t, Faults{LoseReplies: 1})
	if o := w.h.Rail.Submit(w.Context(), a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("a submission without a reply is %+v, want unknown", o)
	}
	w.h.Misbehave(t, Faults{Down: true})
	w.h.Expire(t)
	if o := w.h.Rail.Lookup(w.Context(), a); o.Status != settlement.OutcomeUnknown {
		t.Errorf("an attempt on an endpoint that is down is %+v, want unknown", o)
	}
	w.h.Misbehave(t, Faults{})
	if o := w.h.Rail.Lookup(w.Context(), a); o.Status != settlement.OutcomeSettled {
		t.Errorf("the attempt whose reply was lost is %+v, want settled", o)
	}
	if books := w.h.Books(t); len(books) != 1 {
		t.Errorf("one order was paid %d times", len(books))
	}
}

// prepareOne makes an attempt of one order, outside of the store.
func (w *world) prepareOne() settlement.Attempt {
	w.Helper()
	a, rejected, err := w.h.Rail.Prepare(w.Context(), settlement.Batch{Orders: []settlement.Order{w.newOrder(w.h.Destination(w))}}, nil)
	if err != nil || a == nil || len(rejected) > 0 {
		w.Fatalf("prepare: %v, %v", rejected, err)
	}
	if len(w.h.Books(w)) > 0 {
		w.Fatal("preparing moved money")
	}
	return *a
}

// resends drops the first sending: the same bytes are sent again.
func resends(t *testing.T, w *world) {
	ids := w.place(w.destinations(2)...)
	w.h.Misbehave(t, Faults{DropSubmits: 1})
	w.send()
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
	if a := w.store.Attempts(); len(a) != 1 || a[0].Sends < 2 {
		t.Errorf("a dropped sending took %d attempts, the first of %d sendings; want one of several", len(a), a[0].Sends)
	}
}

func rejects(t *testing.T, w *world) {
	other := remit.USDCSolana
	if w.asset() == other {
		other = remit.USDCStellar
	}
	good := w.h.Destination(t)
	cases := map[string]func(o *settlement.Order){
		"no address":  func(o *settlement.Order) { o.Destination = "" },
		"bad address": func(o *settlement.Order) { o.Destination = "not an address" },
		"too long":    func(o *settlement.Order) { o.Destination = good + good[1:] },
		"zero":        func(o *settlement.Order) { o.Amount.Minor = 0 },
		"negative":    func(o *settlement.Order) { o.Amount.Minor = -1 },
		"other asset": func(o *settlement.Order) { o.Amount.Asset = other },
	}
	var orders []settlement.Order
	names := make(map[remit.OrderID]string)
	for name, change := range cases {
		o := w.newOrder(good)
		change(&o)
		names[o.ID] = name
		orders = append(orders, o)
	}
	for _, o := range orders {
		a, rejected, err := w.h.Rail.Prepare(w.Context(), settlement.Batch{Orders: []settlement.Order{o}}, nil)
		if err != nil || a != nil || rejected[o.ID] == "" || len(rejected) != 1 {
			t.Errorf("%s: prepare answers an attempt %t, %v, %v; want it rejected", names[o.ID], a != nil, rejected, err)
		}
	}
	for len(orders) > 0 {
		batch := orders[:min(len(orders), w.h.Rail.MaxBatch()-1)]
		orders = orders[len(batch):]
		o := w.newOrder(good)
		a, rejected, err := w.h.Rail.Prepare(w.Context(), settlement.Batch{Orders: append(slices.Clone(batch), o)}, nil)
		if err != nil || a == nil || len(rejected) != len(batch) || len(a.Orders) != 1 || a.Orders[0] != o.ID {
			t.Errorf("prepare answers an attempt %t, %v, %v; want one order carried and the others rejected", a != nil, rejected, err)
		}
	}
}

func badDestination(t *testing.T, w *world) {
	good := w.place(w.destinations(2)...)
	bad := w.place(w.h.BadDestination(t))
	good = append(good, w.place(w.destinations(1)...)...)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", good...)
	w.wantStatus(settlement.OrderFailed, remit.ReasonDestinationInvalid, bad...)
}

// spoiled lets a destination go bad after its order was signed and before the
// transaction reaches the chain.
func spoiled(t *testing.T, w *world) {
	if w.h.Spoil == nil {
		t.Skip("nothing on this chain makes a destination unpayable")
	}
	list := w.destinations(4)
	ids := w.place(list...)
	w.h.Misbehave(t, Faults{DropSubmits: 1})
	w.send()
	w.h.Spoil(t, list[2])
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids[0], ids[1], ids[3])
	w.wantStatus(settlement.OrderFailed, remit.ReasonDestinationInvalid, ids[2])
}

func down(t *testing.T, w *world) {
	w.h.Misbehave(t, Faults{Down: true})
	ids := w.place(w.destinations(2)...)
	w.until("orders are given up", w.allEnded)
	w.wantStatus(settlement.OrderFailed, remit.ReasonRailUnavailable, ids...)
	if n := len(w.store.Attempts()); n != 0 {
		t.Errorf("%d attempts were made while the endpoint was down", n)
	}
	w.h.Misbehave(t, Faults{})
	again := w.place(w.destinations(1)...)
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", again...)
}

func downInFlight(t *testing.T, w *world) {
	ids := w.place(w.destinations(2)...)
	w.send()
	w.h.Misbehave(t, Faults{Down: true})
	for range 8 {
		w.h.Advance(t)
		w.step()
		w.wantStatus(settlement.OrderAttempting, "", ids...)
	}
	w.h.Misbehave(t, Faults{})
	w.finish()
	w.wantStatus(settlement.OrderSettled, "", ids...)
}
