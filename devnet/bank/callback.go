package bank

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// callback is a message about one change of one order, until it is answered.
type callback struct {
	// Key names the sending, ID the message: a message sent twice has one ID.
	Key       string `json:"key"`
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Order     Order  `json:"order"`

	number uint64 // of its record in the journal
}

// delivery says which callback was answered.
type delivery struct {
	Reference string `json:"reference"`
	Key       string `json:"key"`
}

// queue holds the callbacks of one order; only its first is under way.
type queue struct {
	waiting []callback
	tries   int
	at      time.Time
	sending bool
}

// appointment is a time at which something is due for an order.
type appointment struct {
	at        time.Time
	reference string
}

// agenda is a heap of appointments, the next one first. An appointment that is
// no longer true finds nothing to do.
type agenda []appointment

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push and Pop serve container/heap.
func (a *agenda) Push(x any) { *a = append(*a, x.(appointment)) }

// Pop removes the last element.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func (a *agenda) add(x appointment) { heap.Push(a, x) }

// tell makes the callbacks about a change. The caller holds the lock.
func (b *Bank) tell(before, after *entry) []callback {
	if b.signer == nil {
		return nil
	}
	if b.takeFault(opCallback, FaultDropCallback) {
		return nil
	}
	list := []callback{message(after.Order, 0)}
	if after.Magic == magicTwice || b.takeFault(opCallback, FaultDoubleCallback) {
		list = append(list, message(after.Order, 1))
	}
	if after.Magic == magicReorder || b.takeFault(opCallback, FaultReorderCallbacks) {
		list = append(list, message(before.Order, 0))
	}
	return list
}

func message(o Order, repetition int) callback {
	id := fmt.Sprintf("msg_%s_%d", strings.TrimPrefix(o.ID, "bnk_"), o.Version)
	return callback{Key: fmt.Sprintf("%s#%d", id, repetition), ID: id, Reference: o.Reference, Order: o}
}

// enqueue plans a callback. The caller holds the lock.
func (b *Bank) enqueue(c callback) {
	q := b.queues[c.Reference]
	if q == nil {
		q = &queue{at: b.clock.Now()}
		b.queues[c.Reference] = q
		b.agenda.add(appointment{at: q.at, reference: c.Reference})
	}
	q.waiting = append(q.waiting, c)
}

// Undelivered counts the callbacks that are still to be answered.
func (b *Bank) Undelivered() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, q := range b.queues {
		n += len(q.waiting)
	}
	return n
}

// dequeue forgets a callback that was answered. The caller holds the lock.
func (b *Bank) dequeue(d delivery) {
	if q := b.queues[d.Reference]; q != nil && len(q.waiting) > 0 && q.waiting[0].Key == d.Key {
		b.shift(d.Reference, q)
	}
}

func (b *Bank) shift(reference string, q *queue) {
	q.waiting, q.tries, q.sending, q.at = q.waiting[1:], 0, false, b.clock.Now()
	if len(q.waiting) == 0 {
		delete(b.queues, reference)
		return
	}
	b.agenda.add(appointment{at: q.at, reference: reference})
}

// act carries out what is due, hands callbacks to send, and returns how long
// until the next appointment, or 0 when there is none.
func (b *Bank) act(send func(callback)) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	for len(b.agenda) > 0 {
		next := b.agenda[0]
		if next.at.After(now) {
			return next.at.Sub(now)
		}
		heap.Pop(&b.agenda)
		if e := b.orders[next.reference]; e != nil {
			b.ripen(e, now)
		}
		q := b.queues[next.reference]
		if b.signer == nil || q == nil || q.sending || len(q.waiting) == 0 || q.at.After(now) {
			continue
		}
		if b.sending >= maxDelivering {
			b.held = append(b.held, next)
			continue
		}
		q.sending = true
		b.sending++
		send(q.waiting[0])
	}
	return 0
}

// deliver sends one callback and plans the next try unless it was answered.
func (b *Bank) deliver(ctx context.Context, c callback) {
	err := b.post(ctx, c)
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.nudge()
	b.sending--
	for _, held := range b.held {
		b.agenda.add(held)
	}
	b.held = nil
	if err == nil {
		// Not waited for: a crash before the sync repeats the callback.
		b.commit(record{Delivered: &delivery{Reference: c.Reference, Key: c.Key}})
		return
	}
	q := b.queues[c.Reference]
	b.log.Warn("callback not delivered", "reference", c.Reference, "tries", q.tries+1, "error", err)
	q.sending = false
	q.at = b.clock.Now().Add(min(firstRetry<<min(q.tries, 10), lastRetry))
	q.tries++
	b.agenda.add(appointment{at: q.at, reference: c.Reference})
}

// post sends a callback, once what it says is synced.
func (b *Bank) post(ctx context.Context, c callback) (err error) {
	if err := b.journal.wait(c.number); err != nil {
		return fmt.Errorf("wait for journal: %w", err)
	}
	body, err := json.Marshal(struct {
		Type  string `json:"type"`
		Order Order  `json:"order"`
	}{"order.updated", c.Order})
	if err != nil {
		return fmt.Errorf("encode callback: %w", err)
	}
	at := b.clock.Now()
	signature, err := b.signer.Sign(c.ID, at, body)
	if err != nil {
		return fmt.Errorf("sign callback: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.opts.CallbackURL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make callback: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(standardwebhooks.HeaderWebhookID, c.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(at.Unix()))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	res, err := b.client.Do(req)
	if err != nil {
		return fmt.Errorf("send callback: %w", err)
	}
	defer func() {
		if cerr := res.Body.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close callback answer: %w", cerr)
		}
	}()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("callback answered %s", res.Status)
	}
	return nil
}
