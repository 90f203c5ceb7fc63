package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/workflows"
)

// The ports that the store implements.
var (
	_ workflows.Book     = Book{}
	_ workflows.Outbox   = (*Store)(nil)
	_ settlement.Store   = (*Store)(nil)
	_ settlement.History = (*Store)(nil)
	_ ramps.Store        = (*Store)(nil)
	_ api.Store          = (*Store)(nil)
)

// Options says which database to open and what the store needs besides.
type Options struct {
	// DSN is "sqlite:PATH" or a postgres:// address.
	DSN string
	// Clock tells the time of everything stored. Required.
	Clock remit.Clock
	// Vault keeps the master key of personal data. Required.
	Vault Vault
	// Logger is slog.Default when nil.
	Logger *slog.Logger
	// PickupCode derives what a beneficiary shows for cash; nil where no
	// provider pays cash, and instructions then carry no code.
	PickupCode func(r remit.Remittance, payout remit.RampOrderID) string
	// PollInterval is how often waiting readers look for events that another
	// process committed; half a second when zero.
	PollInterval time.Duration
	// SnapshotEvery is how many journal records the snapshots of balances may
	// lag before a read of all balances brings them up; 20,000 when zero.
	SnapshotEvery int64
	// Retention is how long delivered notices and recorded callbacks are kept
	// where [Store.Forget] runs; 30 days when zero.
	Retention time.Duration
	// ServiceLevels are the spans in which cases should be decided; zero ones
	// are the defaults.
	ServiceLevels compliance.ServiceLevels
}

const (
	defaultPollInterval  = 500 * time.Millisecond
	defaultSnapshotEvery = 20_000
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	dialect  dialect
	clock    remit.Clock
	log      *slog.Logger
	vault    Vault
	pickup   func(remit.Remittance, remit.RampOrderID) string
	poll     time.Duration
	lag      int64
	levels   compliance.ServiceLevels
	reads    *readPool
	writes   *sql.DB
	commits  *committer
	arrived  chan struct{}
	changed  chan struct{}
	news     broadcast
	keysLock sync.Mutex
	// tenantKeys caches unwrapped data keys of tenants, not of people.
	tenantKeys map[remit.TenantID][]byte
	// gatewayKeys caches the gateway's own keys by owner.
	gatewayKeys map[string][]byte
	// retention is that of Options.
	retention time.Duration
}

// Open connects to a database; [Store.Migrate] prepares its tables. Errors:
// invalid when an option is missing or wrong; unavailable.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Clock == nil || o.Vault == nil {
		return nil, remit.Invalid("store", remit.ReasonFieldRequired, "the store needs a clock and a vault")
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.PollInterval <= 0 {
		o.PollInterval = defaultPollInterval
	}
	if o.SnapshotEvery <= 0 {
		o.SnapshotEvery = defaultSnapshotEvery
	}
	if o.Retention <= 0 {
		o.Retention = defaultRetention
	}
	d, reads, writes, err := openDatabase(ctx, o.DSN)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dialect: d, clock: o.Clock, log: o.Logger, vault: o.Vault, pickup: o.PickupCode, poll: o.PollInterval, lag: o.SnapshotEvery, retention: o.Retention, levels: o.ServiceLevels,
		reads: newReadPool(reads, d.keepReads), writes: writes,
		arrived: make(chan struct{}, 1), changed: make(chan struct{}, 1), tenantKeys: make(map[remit.TenantID][]byte), gatewayKeys: make(map[string][]byte),
	}
	s.news.init()
	s.commits = newCommitter(s)
	return s, nil
}

// Close waits for the group that is being committed, refuses the units that
// still wait as unavailable, and closes the database.
func (s *Store) Close() error {
	s.commits.stop()
	err := s.writes.Close()
	if s.reads.DB != s.writes {
		err = errors.Join(err, s.reads.Close())
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Ping checks that the database answers. Errors: unavailable.
func (s *Store) Ping(ctx context.Context) error {
	return s.dialect.mapError("ping the database", s.reads.PingContext(ctx))
}

// Arrived returns a channel that receives after this process committed notices.
func (s *Store) Arrived() <-chan struct{} { return s.arrived }

// broadcast wakes everybody who waits for the next commit with events.
type broadcast struct {
	mu   sync.Mutex
	next chan struct{}
}

func (b *broadcast) init() { b.next = make(chan struct{}) }

// wait returns a channel that is closed at the next announcement.
func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

func (b *broadcast) announce() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}

// micros is the stored form of a time: microseconds since 1970, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros reads the stored form of a time.
func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
