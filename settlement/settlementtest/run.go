package settlementtest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
)

const (
	// smallest is the smallest amount that the suite pays, in minor units; each
	// order pays one more than the one before, so that its payment can be told.
	smallest = 10_000
	// maxRounds bounds how long a test waits for its orders.
	maxRounds = 120
)

// Run holds a rail to the suite. setup makes a chain of its own for each test;
// it may call t.Parallel.
func Run(t *testing.T, setup func(t *testing.T) *Harness) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"pays one", paysOne},
		{"pays a batch", paysBatch},
		{"pays more than a batch", paysMoreThanBatch},
		{"pays one destination many times", paysSameDestination},
		{"pays single orders one by one", paysSingly},
		{"pays netted orders in one sum", paysNetted},
		{"pays netted orders when they are many", paysFull},
		{"fails netted orders together", failsNetted},
		{"is healthy and knows its balance", knowsBalance},
		{"pays once when the reply is lost", lostReply},
		{"pays once when it lands late", landsLate},
		{"pays once when sent again", sentAgain},
		{"rebuilds a dropped submission after its expiry", dropped},
		{"sends the same bytes again", resends},
		{"waits anew after a failed attempt", waitsAnew},
		{"says failed only of what can never land", failedForever},
		{"calls nothing failed while nobody can be asked", unknownWhileDown},
		{"pays once whenever the process dies", dies},
		{"rejects what can never be paid", rejects},
		{"pays the others beside a bad destination", badDestination},
		{"pays the others when a destination goes bad in flight", spoiled},
		{"gives up unsent when the endpoint is down", down},
		{"keeps what was sent while the endpoint is down", downInFlight},
		{"survives random faults", soak},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newWorld(t, setup(t))) })
	}
}

// world is a harness with a store, an engine and the orders placed so far.
type world struct {
	*testing.T
	h       *Harness
	store   *Store
	engine  *settlement.Engine
	number  int
	balance remit.Money
}

func newWorld(t *testing.T, h *Harness) *world {
	t.Helper()
	w := &world{T: t, h: h, store: NewStore(t, h.Clock)}
	w.engine = w.newEngine(h.Rail, w.store)
	balance, err := h.Rail.Balance(t.Context(), h.Rail.Assets()[0])
	if err != nil {
		t.Fatalf("balance at the start: %v", err)
	}
	if balance.Asset != h.Rail.Assets()[0] || balance.Minor < Funding {
		t.Fatalf("treasury holds %s at the start, want at least %d minor units of %s", balance, Funding, h.Rail.Assets()[0])
	}
	w.balance = balance
	return w
}

func (w *world) newEngine(rail settlement.Rail, store settlement.Store) *settlement.Engine {
	return settlement.NewEngine(settlement.EngineOptions{
		Rail: w.witnessed(rail), Store: store, Clock: w.h.Clock, Logger: slog.New(slog.DiscardHandler),
	})
}

// asset is what the suite pays in.
func (w *world) asset() remit.Asset { return w.h.Rail.Assets()[0] }

// newOrder makes an order that is not stored yet.
func (w *world) newOrder(destination string) settlement.Order {
	w.number++
	now := w.h.Clock.Now()
	id := remit.NewID[remit.RemittanceID](remit.PrefixRemittance, now)
	return settlement.Order{
		ID: remit.NewID[remit.OrderID](remit.PrefixOrder, now), RemittanceID: id, TenantID: "ten_suite", Leg: 1,
		Rail: w.h.Rail.Name(), Amount: remit.NewMoney(w.asset(), int64(smallest+w.number)), Destination: destination,
		Memo: strings.TrimPrefix(string(id), remit.PrefixRemittance+"_"), Release: remit.NewID[remit.DecisionID](remit.PrefixDecision, now),
	}
}

// place stores an order to each destination and returns their ids.
func (w *world) place(destinations ...string) []remit.OrderID {
	ids := make([]remit.OrderID, len(destinations))
	for i, d := range destinations {
		o := w.newOrder(d)
		ids[i] = o.ID
		w.store.Enqueue(o)
	}
	return ids
}

// destinations makes n fresh addresses.
func (w *world) destinations(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = w.h.Destination(w)
	}
	return out
}

// step lets the engine do what there is to do now.
func (w *world) step() {
	w.Helper()
	if _, err := w.engine.Step(w.Context()); err != nil {
		w.Fatalf("step: %v", err)
	}
	w.engine.Wait()
}

// send makes the first attempts of what is queued and sends them.
func (w *world) send() {
	w.Helper()
	w.h.Advance(w) // the queued orders have gathered long enough
	w.step()
	if len(w.store.Attempts()) == 0 {
		w.Fatal("no attempt was made of the queued orders")
	}
}

// until steps and advances until done.
func (w *world) until(what string, done func() bool) {
	w.Helper()
	// Orders that travel alone take a round for each few of them.
	for range maxRounds + w.number/2 {
		w.step()
		if done() {
			return
		}
		w.h.Advance(w)
	}
	w.Fatalf("after %d rounds not yet: %s%s", maxRounds+w.number/2, what, w.describe())
}

// finish runs until every order ended, and checks the books.
func (w *world) finish() {
	w.Helper()
	w.until("every order ended", w.allEnded)
	w.checkBooks()
}

func (w *world) allEnded() bool {
	for _, o := range w.store.Orders() {
		if o.Status == settlement.OrderQueued || o.Status == settlement.OrderAttempting {
			return false
		}
	}
	open, err := w.store.OpenAttempts(w.Context(), w.h.Rail.Name())
	if err != nil {
		w.Fatalf("open attempts: %v", err)
	}
	return len(open) == 0
}

// describe lists what is still under way.
func (w *world) describe() string {
	var b strings.Builder
	for _, a := range w.store.Attempts() {
		fmt.Fprintf(&b, "\nattempt %s %s of %d orders, %d sends, expiry %d, %s", a.ID, a.Status, len(a.Orders), a.Sends, a.Expiry, a.Result)
	}
	for _, o := range w.store.Orders() {
		if o.Status == settlement.OrderQueued || o.Status == settlement.OrderAttempting {
			fmt.Fprintf(&b, "\norder %s %s", o.ID, o.Status)
		}
	}
	return b.String()
}

// wantStatus checks how orders ended.
func (w *world) wantStatus(want settlement.OrderStatus, reason remit.Reason, ids ...remit.OrderID) {
	w.Helper()
	for _, id := range ids {
		if o := w.store.Order(id); o.Status != want || o.Reason != reason {
			w.Errorf("order %s of %s is %s %q, want %s %q", id, o.Amount, o.Status, o.Reason, want, reason)
		}
	}
}

// checkBooks compares the orders with the chain: a settled order was paid by
// exactly the transaction it names, any other order never, and the treasury is
// poorer by just that and by what the coin charged. Amounts tell the payments of single orders apart; those
// of netted ones are alone in their transactions.
func (w *world) checkBooks() {
	w.Helper()
	books := w.h.Books(w)
	w.checkFailed(books)
	total := int64(0)
	for _, p := range books {
		total += p.Amount
	}
	paid := make(map[int64][]Payment)
	for _, p := range w.checkNetted(books) {
		paid[p.Amount] = append(paid[p.Amount], p)
	}
	for _, o := range w.store.Orders() {
		if o.Mode == settlement.ModeNetted {
			continue
		}
		payments := paid[o.Amount.Minor]
		delete(paid, o.Amount.Minor)
		if o.Status != settlement.OrderSettled {
			if len(payments) > 0 {
				w.Errorf("order %s of %s is %s %s and was paid: %+v", o.ID, o.Amount, o.Status, o.Reason, payments)
			}
			continue
		}
		if len(payments) != 1 {
			w.Errorf("order %s of %s is settled and was paid %d times: %+v", o.ID, o.Amount, len(payments), payments)
			continue
		}
		if p := payments[0]; p.Hash != o.Hash || p.Destination != o.Destination {
			w.Errorf("order %s was paid to %s by %s, want to %s by %s", o.ID, p.Destination, p.Hash, o.Destination, o.Hash)
		}
	}
	for _, stray := range paid {
		w.Errorf("the books hold payments of no order: %+v", stray)
	}
	w.checkNotices()
	for _, a := range w.store.Attempts() {
		for _, charge := range a.Charges {
			if charge.Asset == w.asset() {
				total += charge.Minor
			}
		}
	}
	balance, err := w.h.Rail.Balance(w.Context(), w.asset())
	if err != nil {
		w.Fatalf("balance at the end: %v", err)
	}
	if balance.Minor != w.balance.Minor-total {
		w.Errorf("treasury holds %s, want %s less %d minor units", balance, w.balance, total)
	}
}

// checkNetted returns the books without the payments of netted orders: those of
// one settled transaction come to one payment of their sum.
func (w *world) checkNetted(books []Payment) (rest []Payment) {
	w.Helper()
	type sum struct {
		minor       int64
		destination string
	}
	sums := make(map[string]sum)
	for _, o := range w.store.Orders() {
		if o.Mode == settlement.ModeNetted && o.Status == settlement.OrderSettled {
			sums[o.Hash] = sum{sums[o.Hash].minor + o.Amount.Minor, o.Destination}
		}
	}
	for _, p := range books {
		want, netted := sums[p.Hash]
		if !netted {
			rest = append(rest, p)
			continue
		}
		if p.Amount != want.minor || p.Destination != want.destination {
			w.Errorf("netted orders of %d to %s settled by %s, the chain has %+v", want.minor, want.destination, p.Hash, p)
		}
		sums[p.Hash] = sum{}
	}
	for hash, s := range sums {
		if s != (sum{}) {
			w.Errorf("netted orders of %d to %s settled by %s, which the chain does not have", s.minor, s.destination, hash)
		}
	}
	return rest
}

// checkNotices checks that every ended order has one notice.
func (w *world) checkNotices() {
	w.Helper()
	seen := make(map[string]int)
	for _, n := range w.store.Notices() {
		seen[n.Ref]++
	}
	for _, o := range w.store.Orders() {
		want := 0
		if o.Status == settlement.OrderSettled || o.Status == settlement.OrderFailed {
			want = 1
		}
		if seen[string(o.ID)] != want {
			w.Errorf("order %s is %s and has %d notices, want %d", o.ID, o.Status, seen[string(o.ID)], want)
		}
	}
}
