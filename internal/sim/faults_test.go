package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// faults makes calls fail before or after their effect.
type faults struct {
	dice dice
	// percent is how many calls of 100 fail, half of them after the effect.
	percent uint64
	mu      sync.Mutex
	calls   map[string]int
	count   int
	// script, if given, decides instead of the dice.
	script func(name string, call int) (before, after bool)
}

func newFaults(d dice, percent uint64) *faults {
	return &faults{dice: d, percent: percent, calls: make(map[string]int)}
}

// percentOf rolls whether a call is among p of 100.
func (f *faults) percentOf(name string, p uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[name]++
	return f.dice.percent(p, name, f.calls[name])
}

var errCrash = remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable, "the process crashed")

// around runs do, or fails before it, or after it.
func (f *faults) around(name string, do func() error) error {
	f.mu.Lock()
	f.calls[name]++
	roll := f.dice.below(200, name, f.calls[name])
	before, after := roll < f.percent, f.percent <= roll && roll < 2*f.percent
	if f.script != nil {
		before, after = f.script(name, f.calls[name])
	}
	if before || after {
		f.count++
	}
	f.mu.Unlock()
	if before {
		return errCrash
	}
	if err := do(); err != nil {
		return err
	}
	if after {
		return errCrash
	}
	return nil
}

// book is a Book on which commits and reads fail, and commits come late.
type book struct {
	workflows.Book
	faults *faults
	late   *late
}

// late holds commits whose caller has given up waiting, as when a process
// hangs: they take place when nobody expects them any more.
type late struct {
	moves [][]workflows.Move
	// percent is how many commits of 100 are held up instead of done.
	percent uint64
	// all keeps every commit, besides doing it.
	all bool
	// match, if given, says which commits are held up instead of the dice.
	match func(from, to remit.State) bool
	count int
}

// hold keeps moves for later.
func (l *late) hold(moves []workflows.Move) {
	l.moves = append(l.moves, moves)
	l.count++
}

// commit lets one of the held commits take place. Only a conflict or a short
// account may refuse it.
func (l *late) commit(ctx context.Context, b workflows.Book, i int) error {
	moves := l.moves[i]
	l.moves = slices.Delete(l.moves, i, i+1)
	_, err := b.Apply(ctx, moves...)
	if remit.KindOf(err) == remit.KindConflict || remit.KindOf(err) == remit.KindPrecondition {
		return nil
	}
	return err
}

func (b book) Apply(ctx context.Context, moves ...workflows.Move) (out remit.Remittance, err error) {
	name := fmt.Sprintf("apply %s %s %s", moves[0].Remittance, moves[0].From, moves[len(moves)-1].To)
	if b.late.match != nil && b.late.match(moves[0].From, moves[len(moves)-1].To) {
		b.late.hold(moves)
		return remit.Remittance{}, errCrash
	}
	if b.late.percent > 0 && b.faults.percentOf("late "+name, b.late.percent) {
		b.late.hold(moves)
		return remit.Remittance{}, errCrash
	}
	if b.late.all {
		b.late.hold(moves)
	}
	err = b.faults.around(name, func() error {
		out, err = b.Book.Apply(ctx, moves...)
		return err
	})
	if err != nil {
		return remit.Remittance{}, err
	}
	return out, nil
}

func (b book) Remittance(ctx context.Context, id remit.RemittanceID) (out remit.Remittance, err error) {
	err = b.faults.around("read "+string(id), func() error {
		out, err = b.Book.Remittance(ctx, id)
		return err
	})
	return out, err
}

// rampStore is a ramps.Store on which commits fail.
type rampStore struct {
	ramps.Store
	faults *faults
}

func (s rampStore) MarkRampSending(ctx context.Context, id remit.RampOrderID, next time.Time) error {
	return s.faults.around("mark "+string(id), func() error { return s.Store.MarkRampSending(ctx, id, next) })
}

func (s rampStore) SaveRampAnswer(ctx context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (changed bool, err error) {
	err = s.faults.around("answer "+string(id), func() error {
		changed, err = s.Store.SaveRampAnswer(ctx, id, a, next)
		return err
	})
	return changed && err == nil, err
}

// orderStore is a settlement.Store on which commits fail.
type orderStore struct {
	settlement.Store
	faults *faults
}

func (s orderStore) SaveAttempt(ctx context.Context, a settlement.Attempt) error {
	return s.faults.around("save "+a.Hash, func() error { return s.Store.SaveAttempt(ctx, a) })
}

func (s orderStore) MarkSent(ctx context.Context, id remit.AttemptID) error {
	return s.faults.around("sent "+string(id), func() error { return s.Store.MarkSent(ctx, id) })
}

func (s orderStore) SaveBump(ctx context.Context, id remit.AttemptID, b settlement.Bump) error {
	return s.faults.around("bump "+b.Hash, func() error { return s.Store.SaveBump(ctx, id, b) })
}

func (s orderStore) FinishAttempt(ctx context.Context, id remit.AttemptID, o settlement.Outcome) error {
	return s.faults.around("finish "+string(id), func() error { return s.Store.FinishAttempt(ctx, id, o) })
}

func (s orderStore) FinishClaim(ctx context.Context, id remit.OrderID, o settlement.ClaimOutcome) error {
	return s.faults.around("claim "+string(id), func() error { return s.Store.FinishClaim(ctx, id, o) })
}

func (s orderStore) FailQueued(ctx context.Context, failed map[remit.OrderID]remit.Reason) error {
	return s.faults.around("fail", func() error { return s.Store.FailQueued(ctx, failed) })
}

// wire is the network to the bank: it loses requests and answers, and a proxy
// on it answers 503. It also plays the bank's clerk who refuses some refunds
// before they are entered.
type wire struct {
	dice    dice
	percent uint64
	inner   http.RoundTripper
	mu      sync.Mutex
	calls   map[string]int
	entered map[string]bool
	refused int
	lost    int
	// refuse is how many refunds are refused from now on; the dice decide if
	// it is negative.
	refuse int
}

var errWire = errors.New("connection lost")

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	name := r.Method + " " + r.URL.Path
	refund := false
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/v1/orders") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var order struct{ Reference, Direction string }
		if err := json.Unmarshal(body, &order); err != nil {
			return nil, err
		}
		name = "order " + order.Reference
		refund = order.Direction == string(ramps.Refund)
		r = r.Clone(r.Context())
		r.Body, r.GetBody = io.NopCloser(bytes.NewReader(body)), nil
	}
	roll, refuse := w.roll(name, refund)
	switch {
	case refuse:
		return answer(r, http.StatusUnprocessableEntity, `{"code":"refund_declined","detail":"not today"}`), nil
	case roll < w.percent:
		return nil, errWire
	case roll < 2*w.percent:
		return answer(r, http.StatusServiceUnavailable, `{"code":"unavailable"}`), nil
	}
	res, err := w.inner.RoundTrip(r)
	if err != nil || roll >= 4*w.percent {
		return res, err
	}
	if err := res.Body.Close(); err != nil {
		return nil, err
	}
	if roll < 3*w.percent {
		return answer(r, http.StatusBadGateway, "<html>"), nil
	}
	return nil, errWire
}

// roll decides what happens with a call.
func (w *wire) roll(name string, refund bool) (roll uint64, refuse bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[name]++
	roll = w.dice.below(100, name, w.calls[name])
	if refund && !w.entered[name] && (w.refuse > 0 || w.refuse < 0 && w.dice.percent(25, "refuse", name)) {
		w.refused++
		w.refuse = max(w.refuse-1, -1)
		return roll, true
	}
	if roll >= 2*w.percent {
		w.entered[name] = true
	}
	if roll < 4*w.percent {
		w.lost++
	}
	return roll, false
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}
