package bench_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/openremit/remit/internal/testenv"
	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// completionTimeout bounds the wait for one remittance.
const completionTimeout = 2 * time.Minute

// feed reads the tenant's events, as a tenant's own system would, and knows
// which remittances have ended.
type feed struct {
	mu   sync.Mutex
	ends map[string]chan end
	// last is when each remittance's last event was, stages how long each kind
	// of event came after the one before it.
	last   map[string]time.Time
	stages map[string][]time.Duration
}

// end is how and when a remittance ended.
type end struct {
	state, reason string
	at            time.Time
}

// followFeed reads until the benchmark ends.
func followFeed(b *testing.B, g *testenv.Gateway) *feed {
	f := &feed{
		ends: make(map[string]chan end), last: make(map[string]time.Time), stages: make(map[string][]time.Duration),
	}
	ctx, stop := context.WithCancel(g.Context(""))
	done := make(chan error, 1)
	go func() { done <- f.read(ctx, remitv1.NewRemittanceServiceClient(g.Conn)) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Errorf("read the feed: %v", err)
		}
	})
	return f
}

func (f *feed) read(ctx context.Context, client remitv1.RemittanceServiceClient) error {
	after := int64(0)
	for {
		page, err := client.ListEvents(ctx, &remitv1.ListEventsRequest{After: after, WaitSeconds: 30, Limit: 500})
		if status.Code(err) == codes.Canceled || errors.Is(err, context.Canceled) {
			return nil
		}
		if err != nil {
			return err
		}
		at := time.Now()
		for _, e := range page.GetEvents() {
			f.note(e)
			switch e.GetState() {
			case "completed", "in_review", "rejected", "canceled", "expired", "refunding", "refunded", "blocked":
				select {
				case f.end(e.GetRemittanceId()) <- end{state: e.GetState(), reason: e.GetReason(), at: at}:
				default: // the first counts
				}
			}
		}
		after = page.GetNextAfter()
	}
}

// note keeps how long an event came after the one before it.
func (f *feed) note(e *remitv1.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if last, ok := f.last[e.GetRemittanceId()]; ok {
		f.stages[e.GetType()] = append(f.stages[e.GetType()], e.GetAt().AsTime().Sub(last))
	}
	f.last[e.GetRemittanceId()] = e.GetAt().AsTime()
}

// whereTimeGoes lists the median time before each kind of event.
func (f *feed) whereTimeGoes() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var text strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(f.stages)) {
		slices.Sort(f.stages[kind])
		fmt.Fprintf(&text, "\n  %s %s", kind, f.stages[kind][len(f.stages[kind])/2].Round(time.Millisecond))
	}
	return text.String()
}

// end is where a remittance's end is told, whoever comes first.
func (f *feed) end(id string) chan end {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ends[id] == nil {
		f.ends[id] = make(chan end, 1)
	}
	return f.ends[id]
}

// completed waits for a remittance's completion and says when the feed told it.
func (f *feed) completed(id string) (time.Time, error) {
	timeout := time.NewTimer(completionTimeout)
	defer timeout.Stop()
	select {
	case e := <-f.end(id):
		if e.state != "completed" {
			return time.Time{}, fmt.Errorf("%s is %s (%s)", id, e.state, e.reason)
		}
		return e.at, nil
	case <-timeout.C:
		return time.Time{}, fmt.Errorf("%s is not completed after %s", id, completionTimeout)
	}
}

// inTransit checks that no remittance and no rail holds anything.
func inTransit(b *testing.B, balances []*remitv1.Balance) {
	b.Helper()
	for _, balance := range balances {
		account, amount := balance.GetAccount(), balance.GetPosted().GetAmount()
		if (strings.HasPrefix(account, "remittance/") || strings.HasPrefix(account, "intransit/")) && strings.Trim(amount, "0.") != "" {
			b.Errorf("%s holds %s with nothing under way", account, amount)
		}
	}
}
