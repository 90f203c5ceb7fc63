package horizon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Options say what kind of network to run. Zero values are the defaults.
type Options struct {
	// NetworkPassphrase names the network; signatures are bound to it and the root account comes from it. Required.
	NetworkPassphrase string
	// LedgerInterval is the time between ledgers that Run keeps. Default: one second.
	LedgerInterval time.Duration
	// StatePath is the file that keeps the ledger across restarts. Empty: everything is in memory.
	StatePath string
	// Now is the clock. Default: the system's.
	Now func() time.Time
	// BaseFee is the least fee of an operation in stroops. Default: 100.
	BaseFee int64
	// BaseReserve is what each ledger entry keeps back, in stroops. Default: 5,000,000 (0.5 XLM).
	BaseReserve int64
	// MaxOpsPerLedger is the ledger's size; above it fees surge. Default: 1000.
	MaxOpsPerLedger int
	// SubmitTimeout is how long a synchronous submission waits before it answers 504. It is looked at when a ledger
	// closes. Default: 30 seconds.
	SubmitTimeout time.Duration
}

// genesis is all the lumens there will ever be, in stroops, held by the root account.
const genesis int64 = 100_000_000_000 * 10_000_000

// ErrClosed is returned by a server that was closed.
var ErrClosed = errors.New("horizon: server is closed")

func (o *Options) defaults() error {
	if o.NetworkPassphrase == "" {
		return errors.New("network passphrase is missing")
	}
	if o.LedgerInterval < 0 || o.BaseFee < 0 || o.BaseReserve < 0 || o.MaxOpsPerLedger < 0 || o.SubmitTimeout < 0 {
		return errors.New("an option is negative")
	}
	orElse(&o.LedgerInterval, time.Second)
	orElse(&o.BaseFee, 100)
	orElse(&o.BaseReserve, 5_000_000)
	orElse(&o.MaxOpsPerLedger, 1000)
	orElse(&o.SubmitTimeout, 30*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

func orElse[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}

// Server is one network: a ledger, its queue of transactions and the Horizon API.
type Server struct {
	opt Options

	mu      sync.RWMutex
	state   *state
	queue   queue
	history history
	journal *journal
	faults  Faults
	// closing is closed and replaced at each ledger, to wake streams.
	closing chan struct{}
	done    chan struct{}
	// seeding serialises the helpers that send from one account and close a ledger.
	seeding sync.Mutex
}

// New opens a network: a new one at its genesis, or the one in Options.StatePath.
func New(opt Options) (*Server, error) {
	if err := opt.defaults(); err != nil {
		return nil, fmt.Errorf("horizon: %w", err)
	}
	s := &Server{opt: opt, closing: make(chan struct{}), done: make(chan struct{}),
		state: &state{live: map[string]entry{}, reserve: opt.BaseReserve},
		queue: newQueue(), history: newHistory()}
	s.state.now = stamp{ledger: 1, time: 0}
	s.state.addAccount(rootKey(opt.NetworkPassphrase).Address(), genesis, 0)
	s.history.addLedger(ledgerRecord{seq: 1, baseFee: opt.BaseFee})
	if opt.StatePath == "" {
		return s, nil
	}
	if err := s.openJournal(); err != nil {
		return nil, fmt.Errorf("horizon: open state %s: %w", opt.StatePath, err)
	}
	return s, nil
}

// Run closes a ledger each LedgerInterval until the context ends, which is no error, or the state cannot be written.
func (s *Server) Run(ctx context.Context) error {
	tick := time.NewTicker(s.opt.LedgerInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.done:
			return nil
		case <-tick.C:
			if err := s.CloseLedger(); err != nil {
				return err
			}
		}
	}
}

// CloseLedger closes a ledger now, with what is pending. It returns when the ledger is on disk, if it is kept there,
// and all who waited for it have their answer. On an error nothing was applied.
func (s *Server) CloseLedger() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return ErrClosed
	default:
	}
	set := ledgerSet{seq: s.state.now.ledger + 1, time: max(s.opt.Now().Unix(), s.state.now.time)}
	set.txs, set.baseFee = s.choose(set.time)
	if s.journal != nil {
		if err := s.journal.write(set); err != nil {
			return fmt.Errorf("horizon: write ledger %d: %w", set.seq, err)
		}
	}
	for _, rec := range s.applyLedger(set) {
		s.queue.applied(rec, set.seq)
	}
	s.queue.expire(s.opt.Now())
	close(s.closing)
	s.closing = make(chan struct{})
	return nil
}

// Ledger is the number of the newest ledger.
func (s *Server) Ledger() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return int64(s.state.now.ledger)
}

// Close ends the server. Who still waits for a submission gets the 504 that says nothing is known.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return nil
	default:
	}
	close(s.done)
	if s.journal == nil {
		return nil
	}
	if err := s.journal.close(); err != nil {
		return fmt.Errorf("horizon: close state: %w", err)
	}
	return nil
}

// LastLedger is the number of the ledger that closed last.
func (s *Server) LastLedger() uint32 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state.now.ledger
}

// Pending is how many transactions wait for a ledger.
func (s *Server) Pending() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.queue.pending)
}

// ledgerSet is what goes into a ledger, and all that is needed to make it again.
type ledgerSet struct {
	seq     uint32
	time    int64
	baseFee int64
	txs     []*transaction
}

// applyLedger applies a set: first all fees, then each transaction in turn.
func (s *Server) applyLedger(set ledgerSet) []*record {
	s.state.now = stamp{ledger: set.seq, time: set.time}
	fees := make([]int64, len(set.txs))
	for i, tx := range set.txs {
		fees[i] = s.state.chargeFee(tx, set.baseFee)
	}
	led := ledgerRecord{seq: set.seq, time: set.time, baseFee: set.baseFee, feePool: s.history.last().feePool}
	records := make([]*record, 0, len(set.txs))
	for i, tx := range set.txs {
		v := s.state.apply(tx, fees[i], set.baseFee)
		rec := newRecord(tx, set, i, v)
		led.count(rec, fees[i])
		s.history.add(rec, tx, v)
		records = append(records, rec)
	}
	s.history.addLedger(led)
	return records
}
