package ramps_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// TestCancelWhileLookingUp: a cancellation that comes while the provider is
// asked, and does not say, is carried out at once. The plan of the next look
// put it off by up to five minutes, in which the cash could be fetched.
func TestCancelWhileLookingUp(t *testing.T) {
	t.Parallel()
	e := setup(t)
	id := e.placeWith("slow", "1234567890")
	asked := false
	p := &fake{
		name:       "slow",
		submitFunc: func(context.Context, ramps.Instruction) ramps.Answer { return ramps.Answer{} },
		lookupFunc: func(context.Context, ramps.Order) ramps.Answer {
			asked = true
			e.store.RequestCancel(id)
			return ramps.Answer{}
		},
		cancelFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: ramps.StatusCanceled} },
	}
	d := e.desk(e.store, p)
	e.pass(d)
	e.want(id, ramps.StatusUnknown)
	e.clock.Advance(time.Hour)
	e.pass(d)
	if !asked {
		t.Fatal("the provider was not asked")
	}
	e.want(id, ramps.StatusCanceled)
}

// TestCallbackDoesNotPutOffACancellation: that an order was accepted, told by
// callback, plans its next look for later, but not its cancellation.
func TestCallbackDoesNotPutOffACancellation(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"asked for before": true, "asked for meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			id := e.placeWith("talker", "1234567890")
			p := &fake{
				name:       "talker",
				submitFunc: func(context.Context, ramps.Instruction) ramps.Answer { return ramps.Answer{} },
				cancelFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: ramps.StatusCanceled} },
				callbackFunc: func(http.Header, []byte) (ramps.Callback, error) {
					return ramps.Callback{ID: "1", Reference: id, Answer: ramps.Answer{Status: ramps.StatusAccepted}}, nil
				},
			}
			store := &meanwhile{Store: e.store}
			d := e.desk(store, p)
			e.pass(d)
			cancel := func() { e.store.RequestCancel(id) }
			if before {
				cancel()
			} else {
				store.before = cancel
			}
			if got := post(t, ramps.CallbackHandler([]ramps.Provider{p}, store, d), "/callbacks/talker", "{}"); got != http.StatusOK {
				t.Fatalf("got %d", got)
			}
			e.pass(d)
			e.want(id, ramps.StatusCanceled)
		})
	}
}

// meanwhile is a store in which something happens before an answer is saved.
type meanwhile struct {
	ramps.Store
	before func()
}

func (s *meanwhile) SaveRampAnswer(ctx context.Context, id remit.RampOrderID, a ramps.Answer, next time.Time) (bool, error) {
	if do := s.before; do != nil {
		s.before = nil
		do()
	}
	return s.Store.SaveRampAnswer(ctx, id, a, next)
}

// TestContradictionIsTold: a provider that takes a final answer back is counted
// and logged: the money may have gone twice, and nothing else would say so.
func TestContradictionIsTold(t *testing.T) {
	t.Parallel()
	e := setup(t)
	id := e.placeWith("fickle", "1234567890")
	say := ramps.StatusFailed
	p := &fake{
		name:       "fickle",
		submitFunc: func(context.Context, ramps.Instruction) ramps.Answer { return ramps.Answer{Status: ramps.StatusFailed} },
		lookupFunc: func(context.Context, ramps.Order) ramps.Answer { return ramps.Answer{Status: say} },
		callbackFunc: func(_ http.Header, body []byte) (ramps.Callback, error) {
			return ramps.Callback{ID: string(body), Reference: id, Answer: ramps.Answer{Status: say}}, nil
		},
	}
	registry := prometheus.NewRegistry()
	var log strings.Builder
	d, err := ramps.NewDesk(ramps.DeskOptions{
		Store: e.store, Providers: []ramps.Provider{p}, Clock: e.clock, Poll: time.Hour, Metrics: registry, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	e.pass(d)
	h := ramps.CallbackHandler([]ramps.Provider{p}, e.store, d)
	for _, say = range []ramps.Status{ramps.StatusFailed, ramps.StatusAccepted, ramps.StatusSucceeded} {
		post(t, h, "/callbacks/fickle", string(say))
	}
	e.want(id, ramps.StatusFailed)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	told := 0.0
	for _, f := range families {
		if f.GetName() == "remit_ramp_contradictions_total" {
			told += f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	if told != 1 {
		t.Errorf("%v contradictions were counted, want 1", told)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "contradicts") || !strings.Contains(log.String(), "answer=succeeded") {
		t.Errorf("the log does not tell: %s", log.String())
	}
}
