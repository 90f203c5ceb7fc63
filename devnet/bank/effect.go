package bank

import (
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/openremit/remit"
)

// place makes the order of a first request and whatever happens with it at
// once. The caller holds the lock.
func (b *Bank) place(req OrderRequest, hash string, now time.Time) (record, *problem) {
	e := &entry{Order: Order{
		Reference: req.Reference, ID: remit.NewID[string]("bnk", now), Direction: req.Direction, Method: req.Method,
		Country: req.Country, Amount: req.Amount, RefundOf: req.RefundOf, Status: StatusAccepted,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}, BodyHash: hash, Magic: magicOf(req.Direction, req.Party, req.Account)}
	if req.PickupCode != "" {
		e.PickupHash = pickupHash(req.Reference, req.PickupCode)
	}
	if req.Direction == DirectionRefund {
		payIn, p := b.refundable(req)
		if p != nil {
			return record{}, p
		}
		e.Magic = payIn.Magic.ofRefund()
	}
	r := record{Entry: e}
	if code, detail := e.Magic.refusal(e.Direction); code != "" {
		e.Status, e.Code, e.Detail = StatusFailed, code, detail
		return r, nil
	}
	if e.Magic == magicHang {
		e.Silent = true
		return r, nil
	}
	r.Movements = b.plan(e, now)
	return r, nil
}

// refundable finds the pay-in of a refund and refuses more than came in.
func (b *Bank) refundable(req OrderRequest) (*entry, *problem) {
	payIn := b.orders[req.RefundOf]
	if payIn == nil || payIn.Direction != DirectionPayIn || payIn.Status != StatusSucceeded || payIn.Amount.Currency != req.Amount.Currency {
		return nil, &problem{Status: 422, Code: "refund_not_possible", Detail: "there is no such pay-in that succeeded in this currency"}
	}
	left := payIn.Received.Minor
	for _, reference := range b.refunds[req.RefundOf] {
		if e := b.orders[reference]; e.Status == StatusAccepted || e.Status == StatusSucceeded {
			left -= e.Amount.Minor
		}
	}
	if req.Amount.Minor > left {
		return nil, &problem{Status: 422, Code: "refund_not_possible", Detail: "the refunds would be more than came in"}
	}
	return payIn, nil
}

// plan decides how an accepted order goes on, and settles it when that is now.
// It changes e, which is not committed yet.
func (b *Bank) plan(e *entry, now time.Time) []Movement {
	delay, byItself := b.opts.Settle, true
	if e.isCash() {
		delay, byItself = b.opts.CashPickupDelay, b.opts.CashPickupDelay > 0
	}
	switch {
	case e.Magic == magicPending:
	case e.Magic == magicRejectLater:
		e.Next, e.Due = stepFail, now.Add(b.opts.Settle)
	case !byItself:
	case e.isCash() || delay > 0 || e.Magic == magicTwice || e.Magic == magicReorder:
		e.Next, e.Due = stepSucceed, now.Add(delay)
	default:
		return b.succeed(e, now)
	}
	return nil
}

// succeed ends an order well; it changes e, which is not committed yet.
func (b *Bank) succeed(e *entry, now time.Time) []Movement {
	e.Status, e.Next, e.Silent = StatusSucceeded, stepNone, false
	m := Movement{Reference: e.Reference, Direction: e.Direction, Method: e.Method, Kind: MovedOut, Amount: e.Amount, At: now}
	if e.Direction == DirectionPayIn {
		received := e.Magic.received(e.Amount)
		e.Received, m.Kind, m.Amount = &received, MovedIn, received
	}
	if e.Magic == magicReturn {
		e.Next, e.Due = stepReturn, now.Add(b.opts.Settle)
	}
	return []Movement{m}
}

// ripen takes the next step of an order if it is due. The caller holds the lock.
func (b *Bank) ripen(e *entry, now time.Time) *entry {
	for e.Next != stepNone && !e.Due.After(now) {
		e = b.step(e, e.Next, now)
	}
	return e
}

// step changes an order and commits it. The caller holds the lock.
func (b *Bank) step(e *entry, s step, now time.Time) *entry {
	next := *e
	next.Next, next.Silent, next.UpdatedAt = stepNone, false, now
	next.Version++
	var moves []Movement
	switch s {
	case stepSucceed:
		moves = b.succeed(&next, now)
	case stepFail:
		next.Status = StatusFailed
		next.Code, next.Detail = late(e.Direction)
	case stepReturn:
		back := e.Amount
		if e.Received != nil {
			back = *e.Received
		}
		next.Status, next.Code, next.Detail = StatusFailed, "returned", "the money came back"
		moves = []Movement{{Reference: e.Reference, Direction: e.Direction, Method: e.Method, Kind: MovedBack, Amount: back, At: now}}
	case stepNone:
		return e
	}
	b.commit(record{Entry: &next, Movements: moves, Callbacks: b.tell(e, &next)})
	return &next
}

// wakeSilent lets an order go on that hung until it was looked up.
func (b *Bank) wakeSilent(e *entry, now time.Time) *entry {
	if !e.Silent {
		return e
	}
	next := *e
	next.Silent, next.UpdatedAt = false, now
	next.Version++
	moves := b.plan(&next, now)
	b.commit(record{Entry: &next, Movements: moves})
	return &next
}

// withdraw cancels an order that has not ended, or a reference in advance. It
// returns the order as it then is.
func (b *Bank) withdraw(reference string, now time.Time) *entry {
	e := b.orders[reference]
	if e == nil {
		e = &entry{Order: Order{
			Reference: reference, ID: remit.NewID[string]("bnk", now), Status: StatusCanceled, Version: 1, CreatedAt: now, UpdatedAt: now,
			Detail: "canceled before it was seen",
		}}
		b.commit(record{Entry: e})
		return e
	}
	if e = b.ripen(e, now); e.final() {
		return e
	}
	next := *e
	next.Status, next.Next, next.Silent, next.UpdatedAt = StatusCanceled, stepNone, false, now
	next.Version++
	b.commit(record{Entry: &next, Callbacks: b.tell(e, &next)})
	return &next
}

// collect hands out cash against its code.
func (b *Bank) collect(reference, code string, now time.Time) (*entry, *problem) {
	e := b.orders[reference]
	if e == nil {
		return nil, unknownOrder
	}
	if e = b.ripen(e, now); !e.isCash() {
		return nil, &problem{Status: 409, Code: "not_collectable", Detail: "this is not an order of cash"}
	}
	if e.WrongCodes >= maxWrongCodes {
		return nil, &problem{Status: 403, Code: "pickup_code_locked", Detail: "too many wrong codes were shown"}
	}
	if subtle.ConstantTimeCompare([]byte(e.PickupHash), []byte(pickupHash(reference, code))) != 1 {
		next := *e
		next.WrongCodes++
		b.commit(record{Entry: &next})
		return nil, &problem{Status: 403, Code: "pickup_code_wrong", Detail: "this is not the code of the order"}
	}
	if e.Status == StatusSucceeded {
		return e, nil
	}
	if !e.cashWaits() {
		return nil, &problem{Status: 409, Code: "not_collectable", Detail: "no cash waits for this order"}
	}
	return b.step(e, stepSucceed, now), nil
}

// The ways in which Finish ends an order.
const (
	FinishSucceed = "succeed"
	FinishFail    = "fail"
	FinishReturn  = "return"
)

// Finish ends an accepted order now, or returns one that succeeded, as a person
// at the bank would. It errs when the order is not there or not in a state for it.
func (b *Bank) Finish(reference, outcome string) (Order, error) {
	e, p := b.finish(reference, outcome)
	if p != nil {
		return Order{}, fmt.Errorf("finish order: %s", p.Detail)
	}
	return e.Order, nil
}

func (b *Bank) finish(reference, outcome string) (*entry, *problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.orders[reference]
	if e == nil {
		return nil, unknownOrder
	}
	wanted := map[string]string{FinishSucceed: StatusAccepted, FinishFail: StatusAccepted, FinishReturn: StatusSucceeded}
	if from, ok := wanted[outcome]; !ok || from != e.Status {
		return nil, &problem{Status: 409, Code: "not_finishable", Detail: "an order that is " + e.Status + " cannot " + outcome}
	}
	return b.step(e, step(outcome), b.clock.Now()), nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
