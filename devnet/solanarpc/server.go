package solanarpc

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math/big"
	"sync"
	"time"
)

// Defaults of Options.
const (
	DefaultSlotInterval   = 400 * time.Millisecond
	DefaultFinalizedDepth = 32
	DefaultFaucetLamports = 500_000_000 * 1_000_000_000
	maxFinalizedDepth     = 300
)

// Options configure a node; the zero value is a chain in memory with a
// cluster's timing.
type Options struct {
	// SlotInterval is the time between blocks while Run is running.
	SlotInterval time.Duration
	// StatePath is the journal file; empty keeps the chain in memory only.
	StatePath string
	// FinalizedDepth is how many slots a block waits until it is finalized.
	FinalizedDepth int
	// FaucetLamports is what exists at genesis. An existing journal keeps its own.
	FaucetLamports uint64
	// Seed fixes the genesis hash, blockhashes and faucet of a new chain; by
	// default it is random. An existing journal keeps its own.
	Seed [32]byte
	// Faults are the faults at the start, and what a reset goes back to.
	Faults Faults
	// Now is the clock that dates blocks; by default the wall clock.
	Now func() time.Time
	// Logger receives what an operator should see; by default nothing is logged.
	Logger *slog.Logger
}

// Server is a stand-in for a Solana node. Make one with New.
type Server struct {
	opts    Options
	now     func() time.Time
	log     *slog.Logger
	journal *journal
	faults  *faultBox

	tickMu sync.Mutex // one block at a time
	closed bool       // guarded by tickMu
	failed error      // guarded by tickMu: the journal broke, no block may follow

	mu      sync.RWMutex // guards what follows
	chain   *chain
	pending []queued
	waiting map[string]bool // raw transactions in pending
	stats   Stats
	drops   int // airdrops given, to make each of them unique
}

// queued is a transaction on its way into a block.
type queued struct {
	tx  *transaction
	due uint64 // first slot it may land in
}

// Stats counts what the node was asked and did.
type Stats struct {
	Calls            map[string]int `json:"calls"`
	Sent             int            `json:"sent"`
	Dropped          int            `json:"dropped"`
	Landed           int            `json:"landed"`
	Failed           int            `json:"failed"` // landed with an error
	RefusedAtLanding map[string]int `json:"refused_at_landing"`
}

// New makes a node, and with a StatePath resumes the chain of that journal.
// The error says when the journal is damaged, of another version, or in use.
func New(opts Options) (*Server, error) {
	if opts.SlotInterval <= 0 {
		opts.SlotInterval = DefaultSlotInterval
	}
	if opts.FinalizedDepth == 0 {
		opts.FinalizedDepth = DefaultFinalizedDepth
	}
	if opts.FinalizedDepth < 1 || opts.FinalizedDepth > maxFinalizedDepth {
		return nil, fmt.Errorf("finalized depth %d: must be 1 to %d slots", opts.FinalizedDepth, maxFinalizedDepth)
	}
	if opts.FaucetLamports == 0 {
		opts.FaucetLamports = DefaultFaucetLamports
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Seed == ([32]byte{}) {
		if _, err := rand.Read(opts.Seed[:]); err != nil {
			return nil, fmt.Errorf("draw chain seed: %w", err)
		}
	}
	s := &Server{
		opts: opts, now: opts.Now, log: opts.Logger, faults: newFaultBox(opts.Faults), waiting: map[string]bool{},
		stats: Stats{Calls: map[string]int{}, RefusedAtLanding: map[string]int{}},
	}
	fresh := journalHeader{Version: journalVersion, Seed: opts.Seed, Faucet: opts.FaucetLamports, Started: s.now().Unix()}
	j, head, err := openJournal(opts.StatePath, fresh)
	if err != nil {
		return nil, err
	}
	s.journal = j
	s.chain = newChain(head.Seed, uint64(opts.FinalizedDepth), head.Faucet, time.Unix(head.Started, 0))
	if err := j.replay(s.chain); err != nil {
		return nil, fmt.Errorf("replay %s: %w", opts.StatePath, firstError(err, j.close()))
	}
	n, err := rand.Int(rand.Reader, big.NewInt(maxAirdropLimit))
	if err != nil {
		return nil, fmt.Errorf("draw airdrop number: %w", firstError(err, j.close()))
	}
	s.drops = int(n.Int64())
	return s, nil
}

// firstError is the error to report when a clean-up may have failed as well.
func firstError(err, cleanup error) error {
	if cleanup != nil {
		return fmt.Errorf("%w (and then: %v)", err, cleanup)
	}
	return err
}

// Run makes a block every SlotInterval until the context ends, which is no
// error, or until the journal cannot be written, which is.
func (s *Server) Run(ctx context.Context) error {
	tick := time.NewTicker(s.opts.SlotInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if s.Faults().Frozen {
				continue
			}
			if err := s.Advance(1); err != nil {
				return err
			}
		}
	}
}

// Advance makes that many blocks now: expiry and finality without waiting. It
// works beside Run, and also while the clock is frozen.
func (s *Server) Advance(slots int) error {
	s.tickMu.Lock()
	defer s.tickMu.Unlock()
	for range slots {
		if err := s.tick(); err != nil {
			return err
		}
	}
	return nil
}

// tick makes one block: run what is due, write the journal, then show it.
// Only ticks change the chain, so reading it here needs no lock, and readers
// are held up only by the last step.
func (s *Server) tick() error {
	if s.closed {
		return errClosed
	}
	if s.failed != nil {
		return s.failed
	}
	block := newStaged(s.chain.head().slot+1, s.now().Unix())
	floor := s.Faults().MinUnitPrice
	due := s.takeDue(block.slot)
	for _, tx := range due {
		if b, err := readBudget(tx); err == nil && b.price < floor {
			block.refused = append(block.refused, refusedTx{tx, refused("PriceTooLow")})
			continue
		}
		s.chain.stage(block, tx)
	}
	if err := s.journal.append(block); err != nil {
		s.failed = fmt.Errorf("block %d: %w", block.slot, err)
		return s.failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chain.apply(block)
	for _, tx := range due {
		delete(s.waiting, string(tx.raw))
	}
	for _, r := range block.records {
		if s.stats.Landed++; r.out.err != nil {
			s.stats.Failed++
		}
	}
	for _, r := range block.refused {
		s.stats.RefusedAtLanding[r.err.Error()]++
		s.log.Debug("transaction refused at landing", "signature", r.tx.id(), "error", r.err.Error())
	}
	return nil
}

// takeDue takes the transactions that may land in a slot.
func (s *Server) takeDue(slot uint64) []*transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []*transaction
	later := s.pending[:0:0]
	for _, q := range s.pending {
		if q.due > slot {
			later = append(later, q)
			continue
		}
		due = append(due, q.tx)
	}
	s.pending = later
	return due
}

// Close stops the node. The chain stays in the journal.
func (s *Server) Close() error {
	s.tickMu.Lock()
	defer s.tickMu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if err := s.journal.close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}
