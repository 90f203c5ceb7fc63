package api_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
)

// lostAnswers is a store whose commits take effect while their answers are lost.
type lostAnswers struct {
	api.Store
	lose atomic.Int64
}

func (s *lostAnswers) CreateRemittance(ctx context.Context, n api.NewRemittance) (remit.Remittance, error) {
	r, err := s.Store.CreateRemittance(ctx, n)
	if err == nil && s.lose.Add(-1) >= 0 {
		return remit.Remittance{}, remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable, "the database cannot be used now; try again")
	}
	return r, err
}

// TestKeyOutlivesALostAnswer: a write whose answer from the database was lost
// is known by its key, however often and soon it is sent again: it is the same
// remittance, and not a quote that somebody else used.
func TestKeyOutlivesALostAnswer(t *testing.T) {
	t.Parallel()
	lost := &lostAnswers{}
	g := setup(t, func(o *api.Options) { lost.Store, o.Store = o.Store, lost })
	body, key := g.remittanceBody(), freshKey()
	lost.lose.Store(2)
	for range 2 {
		g.refused(g.callAs(g.key, key, "POST", "/v1/remittances", body), want{status: 503, reason: "UNAVAILABLE", todo: "retry"})
		g.clock.Advance(time.Second)
	}
	first := g.callAs(g.key, key, "POST", "/v1/remittances", body).ok(t)
	again := g.callAs(g.key, key, "POST", "/v1/remittances", body).ok(t)
	if first.text("id") == "" || first.text("id") != again.text("id") {
		t.Errorf("got %s and %s, want one remittance", first.body, again.body)
	}
	if n := g.rows()["remittances"]; n != 1 {
		t.Errorf("there are %d remittances, want 1", n)
	}
	// What the key was first used for stays known.
	g.refused(g.callAs(g.key, key, "POST", "/v1/quotes", quoteBody), want{status: 422, reason: "IDEMPOTENCY_KEY_REUSED"})
}
