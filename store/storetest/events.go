package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// testEventsGapless has many write events at once while a reader follows the
// feed, and checks that it misses none.
func testEventsGapless(t *testing.T, w *world) {
	const remittances, facts = 8, 12
	var list []remit.Remittance
	for range remittances {
		list = append(list, w.remittance())
	}
	const total = remittances * (facts + 1)
	followed := make(chan []remit.Event, 1)
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	go func() {
		var seen []remit.Event
		after := int64(0)
		for len(seen) < total && ctx.Err() == nil {
			page, err := w.s.WaitEvents(ctx, w.tenant, "", after, 7)
			if err != nil {
				break
			}
			seen = append(seen, page...)
			if len(page) > 0 {
				after = page[len(page)-1].Feed
			}
		}
		followed <- seen
	}()
	for _, err := range together(remittances*facts, func(i int) error {
		r := list[i%remittances]
		_, err := w.s.Apply(w.ctx, workflows.Move{
			Remittance: r.ID, From: remit.StateCreated, To: remit.StateCreated, Funds: remit.FundsNone,
			EventType: "note.fact", Facts: map[string]string{"i": fmt.Sprint(i)},
		})
		return err
	}) {
		w.must(err)
	}
	seen := <-followed
	if len(seen) != total {
		t.Fatalf("the reader saw %d events, want %d", len(seen), total)
	}
	last := make(map[remit.RemittanceID]int64)
	feed := int64(0)
	for _, e := range seen {
		if e.Feed <= feed || e.Number != last[e.RemittanceID]+1 {
			t.Fatalf("event %d at %d of %s follows event %d at %d", e.Number, e.Feed, e.RemittanceID, last[e.RemittanceID], feed)
		}
		feed, last[e.RemittanceID] = e.Feed, e.Number
	}
	for _, r := range list {
		if got := len(w.eventTypes(r.ID)); got != facts+1 {
			t.Fatalf("%s has %d events, want %d", r.ID, got, facts+1)
		}
	}
}

func testEventsWait(t *testing.T, w *world) {
	r := w.remittance()
	ended, cancel := context.WithCancel(w.ctx)
	cancel()
	if got, err := w.s.WaitEvents(ended, w.tenant, r.ID, 1, 10); err != nil || len(got) != 0 {
		t.Fatalf("got %v and %v, want nothing and no error when the call ends", got, err)
	}
	if _, err := w.s.WaitEvents(w.ctx, "ten_other", r.ID, 0, 10); remit.KindOf(err) != remit.KindNotFound {
		t.Fatalf("got %v, want not found for another tenant", err)
	}
	// Written by another process: seen by the poll.
	other, _ := Open(t, w.dsn, w.vault)
	var wg sync.WaitGroup
	var got []remit.Event
	var err error
	wg.Go(func() { got, err = w.s.WaitEvents(w.ctx, w.tenant, r.ID, 1, 10) })
	_, applyErr := other.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
		Facts: map[string]string{"by": "caller"},
	})
	wg.Wait()
	w.must(applyErr)
	w.must(err)
	if len(got) != 1 || got[0].Number != 2 || got[0].State != remit.StateCanceled || got[0].Facts["by"] != "caller" || !got[0].At.Equal(Start) {
		t.Fatalf("got %+v", got)
	}
}

func testOutbox(t *testing.T, w *world) {
	r := w.remittance()
	select {
	case <-w.s.Arrived():
	default:
		t.Fatal("nothing arrived after a notice was committed")
	}
	first := w.notices(r.ID)
	if len(first) != 1 || first[0].Kind != remit.NoticeStart || first[0].Ref != string(r.ID) {
		t.Fatalf("got %+v, want the start", first)
	}
	if again := w.notices(r.ID); len(again) != 1 || again[0] != first[0] {
		t.Fatalf("got %+v, want the same until it is delivered", again)
	}
	w.must(w.s.Postpone(w.ctx, []int64{first[0].Number}, Start.Add(time.Minute)))
	if got := w.notices(r.ID); len(got) != 0 {
		t.Fatalf("got %+v before its time", got)
	}
	w.clock.Advance(time.Minute)
	if got := w.notices(r.ID); len(got) != 1 {
		t.Fatalf("got %+v, want one whose time has come", got)
	}
	second := w.remittance()
	third := w.remittance()
	all, err := w.s.PendingNotices(w.ctx, 10)
	w.must(err)
	if len(all) != 3 || all[0].Number >= all[1].Number || all[1].Number >= all[2].Number {
		t.Fatalf("got %+v, want three, oldest first", all)
	}
	w.must(w.s.Delivered(w.ctx, []int64{all[0].Number, all[1].Number}))
	w.must(w.s.Delivered(w.ctx, []int64{all[0].Number}))
	w.must(w.s.Delivered(w.ctx, nil))
	if len(w.notices(r.ID))+len(w.notices(second.ID)) != 0 || len(w.notices(third.ID)) != 1 {
		t.Fatal("want the third notice only")
	}
}

func testMigrateAgain(t *testing.T, w *world) {
	r := w.remittance()
	for _, err := range together(4, func(int) error { return w.s.Migrate(w.ctx) }) {
		w.must(err)
	}
	// What was stored is there after a restart, and the counters go on.
	w.fundTreasury(5)
	w.must(w.s.Close())
	again, clock := Open(t, w.dsn, w.vault)
	w.s, w.clock = again, clock
	got, err := again.Remittance(w.ctx, w.tenant, r.ID)
	w.must(err)
	if got.ID != r.ID || got.Quote.Target != r.Quote.Target {
		t.Fatalf("got %+v, want %+v", got, r)
	}
	if _, err := again.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
	}); err != nil {
		t.Fatal(err)
	}
	w.fundTreasury(6)
	if report := w.verify(); report.Entries != 2 {
		t.Fatalf("got %d entries, want 2", report.Entries)
	}
	if got := w.eventTypes(r.ID); len(got) != 2 {
		t.Fatalf("got %q", got)
	}
	customer, err := again.Customer(w.ctx, w.tenant, w.customer.ID)
	w.must(err)
	if customer != w.customer {
		t.Fatalf("got %+v, want %+v", customer, w.customer)
	}
}
