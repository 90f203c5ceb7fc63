package bank

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/openremit/remit"
)

// Limits of what the bank takes and does at a time.
const (
	maxBody          = 64 << 10
	maxReference     = 64
	maxFields        = 32
	maxMinor         = 1_000_000_000_000_000
	maxWrongCodes    = 5
	maxDelivering    = 16
	callbackTimeout  = 10 * time.Second
	firstRetry       = 200 * time.Millisecond
	lastRetry        = 30 * time.Second
	clockGranularity = 250 * time.Millisecond // how soon Run sees that a clock was moved
)

// Options configure a bank; only APIKey is required.
type Options struct {
	// APIKey is what callers show as a bearer token.
	APIKey string
	// CallbackURL is where changes of orders are told; empty tells nobody.
	CallbackURL string
	// CallbackSecret signs callbacks: base64, with or without "whsec_".
	CallbackSecret string
	// StatePath is the journal file; empty keeps everything in memory only.
	StatePath string
	// Clock dates and paces everything; by default the machine's.
	Clock remit.Clock
	// Settle is how long after it was accepted an order completes; with zero
	// it has succeeded in the answer to the submission.
	Settle time.Duration
	// CashPickupDelay is how long after it was accepted cash is fetched by
	// itself; with zero it waits until it is collected with its code.
	CashPickupDelay time.Duration
	// Logger receives what an operator should see; by default nothing is logged.
	Logger *slog.Logger
}

// Bank is the stand-in company. Make one with New.
type Bank struct {
	opts    Options
	clock   remit.Clock
	log     *slog.Logger
	journal *journal
	signer  *standardwebhooks.Webhook
	client  *http.Client
	wake    chan struct{}
	closing chan struct{} // closed by Close: ends answers that hang
	once    sync.Once

	mu      sync.Mutex // guards what follows
	orders  map[string]*entry
	oldest  []string            // references in the order they came
	refunds map[string][]string // pay-in to its refunds
	moves   []Movement
	moved   map[string][]int // reference to its places in moves
	totals  map[string]*Total
	agenda  agenda
	queues  map[string]*queue // callbacks to deliver, by reference
	sending int
	held    []appointment // due, until a delivery under way ends
	faults  []Fault
}

// New makes a bank, and with a StatePath resumes the one of that journal. The
// error says when an option is wrong or the journal is damaged, of another
// version, or in use.
func New(opts Options) (*Bank, error) {
	if opts.APIKey == "" {
		return nil, errors.New("bank: no API key")
	}
	if opts.Clock == nil {
		opts.Clock = remit.SystemClock{}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Bank{
		opts: opts, clock: opts.Clock, log: opts.Logger,
		client: &http.Client{Timeout: callbackTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		wake:   make(chan struct{}, 1), closing: make(chan struct{}),
		orders: map[string]*entry{}, refunds: map[string][]string{}, moved: map[string][]int{},
		totals: map[string]*Total{}, queues: map[string]*queue{},
	}
	if opts.CallbackURL != "" {
		if u, err := url.Parse(opts.CallbackURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, fmt.Errorf("bank: callback URL %q is not an http address", opts.CallbackURL)
		}
		signer, err := standardwebhooks.NewWebhook(opts.CallbackSecret)
		if err != nil || opts.CallbackSecret == "" {
			return nil, fmt.Errorf("bank: callback secret is not base64 text: %w", errors.Join(err, errNoSecret))
		}
		b.signer = signer
	}
	j, err := openJournal(opts.StatePath, b.replay)
	if err != nil {
		return nil, fmt.Errorf("bank: %w", err)
	}
	b.journal = j
	return b, nil
}

var errNoSecret = errors.New("give one with a callback URL")

// Run carries out what falls due, and delivers callbacks, until the context
// ends; callbacks under way are then broken off and repeated after a restart.
func (b *Bank) Run(ctx context.Context) error {
	var deliveries sync.WaitGroup
	defer deliveries.Wait()
	for {
		next := b.act(func(c callback) {
			deliveries.Go(func() { b.deliver(ctx, c) })
		})
		if !b.sleep(ctx, next) {
			return nil
		}
	}
}

// sleep waits until there may be something to do; next is how long until it
// surely is, zero for never. It reports false when Run is to end.
func (b *Bank) sleep(ctx context.Context, next time.Duration) bool {
	var alarm <-chan time.Time
	if next > 0 {
		t := time.NewTimer(min(next, clockGranularity))
		defer t.Stop()
		alarm = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-b.closing:
		return false
	case <-b.wake:
	case <-alarm:
	}
	return true
}

// Tick carries out at once what has fallen due, for those who move the clock
// themselves. It delivers no callbacks: that is Run's.
func (b *Bank) Tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	for _, reference := range b.oldest {
		b.ripen(b.orders[reference], now)
	}
	b.nudge()
}

// Close ends the bank: answers that hang are cut off, the journal is synced.
func (b *Bank) Close() error {
	b.once.Do(func() { close(b.closing) })
	if err := b.journal.close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// nudge wakes Run.
func (b *Bank) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// replay applies a record of the journal.
func (b *Bank) replay(r record) error {
	b.apply(r)
	return nil
}

// commit applies a change and appends it to the journal; the number it returns
// is to be waited for before anybody is told. The caller holds the lock.
func (b *Bank) commit(r record) uint64 {
	number := b.journal.append(r)
	for i := range r.Callbacks {
		r.Callbacks[i].number = number
	}
	b.apply(r)
	b.nudge()
	return number
}

// apply puts a record into the state; what it does depends on nothing else, so
// that a replay gives the same.
func (b *Bank) apply(r record) {
	if e := r.Entry; e != nil {
		if b.orders[e.Reference] == nil {
			b.oldest = append(b.oldest, e.Reference)
			if e.RefundOf != "" {
				b.refunds[e.RefundOf] = append(b.refunds[e.RefundOf], e.Reference)
			}
		}
		b.orders[e.Reference] = e
		if e.Next != stepNone {
			b.agenda.add(appointment{at: e.Due, reference: e.Reference})
		}
	}
	for _, m := range r.Movements {
		b.book(m)
	}
	for _, c := range r.Callbacks {
		b.enqueue(c)
	}
	if r.Delivered != nil {
		b.dequeue(*r.Delivered)
	}
}
