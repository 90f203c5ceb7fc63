package compliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
)

// Defaults and limits of a rescreener.
const (
	// DefaultRescreenPoll is how often it looks for new lists and changed parties
	// when nobody kicks.
	DefaultRescreenPoll = 2 * time.Second
	// rescreenPage is how many parties are in memory at a time.
	rescreenPage = 200
	// rescreenLease is for how long a process that died keeps the others from the
	// work; one that lives gives it back.
	rescreenLease = 30 * time.Second
	// recently is for how long lists that were in force before are not gone back
	// to by a process that has just started: another one may have newer ones.
	recently = 24 * time.Hour
	// giveBackTimeout bounds the giving back of the lease.
	giveBackTimeout = 5 * time.Second
	// rescreenWork names the lease.
	rescreenWork = "rescreen"
)

// RescreenerOptions configure a rescreener; all but Metrics, Logger, Poll and
// Changed are required.
type RescreenerOptions struct {
	Store    RescreenStore
	Screener Screener
	// ListsVersion names the lists and the policy in force, as the gates do.
	ListsVersion func() string
	// Thresholds returns those of the policy in force, which say which hits alert.
	Thresholds func() Thresholds
	Clock      remit.Clock
	// Holder names this process, differently from all others.
	Holder string
	Logger *slog.Logger
	// Metrics registers the metrics; by default they are not served.
	Metrics prometheus.Registerer
	Poll    time.Duration
	// Changed receives when parties or lists changed; a hint.
	Changed <-chan struct{}
}

// Rescreener compares parties with the lists again: all of them when the lists
// or the policy change, and each that changes itself. Of several processes with
// one store, one works. Make one with NewRescreener.
type Rescreener struct {
	o       RescreenerOptions
	metrics *rescreenMetrics
	// seen is the version that this process last worked with.
	seen string
}

// NewRescreener makes a rescreener. It errs when an option is missing or the
// metrics are registered already.
func NewRescreener(o RescreenerOptions) (*Rescreener, error) {
	if o.Store == nil || o.Screener == nil || o.ListsVersion == nil || o.Thresholds == nil || o.Clock == nil || o.Holder == "" {
		return nil, errors.New("a rescreener needs a store, a screener, a version, thresholds, a clock and a name")
	}
	if err := o.Thresholds().Validate(); err != nil {
		return nil, fmt.Errorf("make a rescreener: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Poll <= 0 {
		o.Poll = DefaultRescreenPoll
	}
	m, err := newRescreenMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	return &Rescreener{o: o, metrics: m}, nil
}

// Run works until ctx ends. What goes wrong is logged, counted, and tried again.
func (s *Rescreener) Run(ctx context.Context) error {
	poll := time.NewTicker(s.o.Poll)
	defer poll.Stop()
	for {
		if err := s.Pass(ctx); err != nil && ctx.Err() == nil {
			s.metrics.errors.Inc()
			s.o.Logger.ErrorContext(ctx, "rescreening was interrupted and goes on later", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.o.Changed:
		case <-poll.C:
		}
	}
}

// Pass does all that is to be done now, unless another process is at it: changed
// parties first, then what is left of comparing all with the lists in force.
// Errors: unavailable, or what the store says.
func (s *Rescreener) Pass(ctx context.Context) error {
	version := s.o.ListsVersion()
	newest, err := s.o.Store.NewestRescreen(ctx)
	if err != nil {
		return fmt.Errorf("read the newest rescreen: %w", err)
	}
	s.metrics.tell(newest, version, s.o.Clock.Now())
	behind, err := s.behind(ctx, newest, version)
	if err != nil {
		return err
	}
	if behind {
		return nil // Another process has newer lists and does the work.
	}
	idle, err := s.idle(ctx, newest, version)
	if err != nil || idle {
		return err
	}
	mine, err := s.lease(ctx)
	if err != nil || !mine {
		return err
	}
	return errors.Join(s.work(ctx, version), s.giveBack(ctx))
}

// idle reports whether nothing is to be done.
func (s *Rescreener) idle(ctx context.Context, newest Rescreen, version string) (bool, error) {
	if newest.ListsVersion != version || newest.FinishedAt.IsZero() {
		return false, nil
	}
	s.seen = version
	parties, err := s.o.Store.ChangedParties(ctx, 1)
	if err != nil {
		return false, fmt.Errorf("look for changed parties: %w", err)
	}
	return len(parties) == 0, nil
}

// work does what is to be done while the lease is held.
func (s *Rescreener) work(ctx context.Context, version string) error {
	newest, err := s.o.Store.NewestRescreen(ctx) // Another process may have worked meanwhile.
	if err != nil {
		return fmt.Errorf("read the newest rescreen: %w", err)
	}
	if newest.ListsVersion != version {
		if newest, err = s.o.Store.BeginRescreen(ctx, version); err != nil {
			return fmt.Errorf("begin a rescreen: %w", err)
		}
		s.o.Logger.InfoContext(ctx, "rescreen of all parties begins", "rescreen", newest.Number)
	}
	s.seen = version
	if err := s.changed(ctx); err != nil {
		return err
	}
	if newest.FinishedAt.IsZero() {
		newest, err = s.all(ctx, newest)
	}
	s.metrics.tell(newest, s.o.ListsVersion(), s.o.Clock.Now())
	return err
}

// giveBack ends the lease, also when the process is being stopped.
func (s *Rescreener) giveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTimeout)
	defer cancel()
	if _, err := s.o.Store.TakeLease(ctx, rescreenWork, s.o.Holder, s.o.Clock.Now()); err != nil {
		return fmt.Errorf("give back the lease of rescreening: %w", err)
	}
	return nil
}

// behind reports whether the lists of this process are older than those that
// another one rescreened with: they were in force before, and this process did
// not see them come into force itself.
func (s *Rescreener) behind(ctx context.Context, newest Rescreen, version string) (bool, error) {
	if newest.Number == 0 || newest.ListsVersion == version || (s.seen != "" && s.seen != version) {
		return false, nil
	}
	before, err := s.o.Store.RescreenedSince(ctx, version, s.o.Clock.Now().Add(-recently))
	if err != nil {
		return false, fmt.Errorf("look for rescreens before: %w", err)
	}
	return before, nil
}

func (s *Rescreener) lease(ctx context.Context) (bool, error) {
	mine, err := s.o.Store.TakeLease(ctx, rescreenWork, s.o.Holder, s.o.Clock.Now().Add(rescreenLease))
	if err != nil {
		return false, fmt.Errorf("take the lease of rescreening: %w", err)
	}
	return mine, nil
}

// changed compares the parties that changed.
func (s *Rescreener) changed(ctx context.Context) error {
	for {
		parties, err := s.o.Store.ChangedParties(ctx, rescreenPage)
		if err != nil {
			return fmt.Errorf("read changed parties: %w", err)
		}
		for _, p := range parties {
			if _, err := s.party(ctx, p); err != nil {
				return err
			}
			if err := s.o.Store.PartyRescreened(ctx, p.ID(), p.Version()); err != nil {
				return fmt.Errorf("keep that %s was rescreened: %w", p.ID(), err)
			}
		}
		if len(parties) < rescreenPage {
			return nil
		}
	}
}

// all compares the parties that a rescreen has not reached, a page at a time. It
// stops when the lists change or the lease is lost.
func (s *Rescreener) all(ctx context.Context, r Rescreen) (Rescreen, error) {
	for {
		parties, err := s.o.Store.PartiesAfter(ctx, r.After, rescreenPage)
		if err != nil {
			return r, fmt.Errorf("read parties: %w", err)
		}
		for _, p := range parties {
			f, err := s.party(ctx, p)
			if err != nil {
				return r, err
			}
			r.After = p.ID()
			r.Screened++
			if len(f.hits) > 0 {
				r.Alerted++
			}
			if f.unscreened {
				r.Unscreened++
			}
		}
		if s.o.ListsVersion() != r.ListsVersion {
			return r, nil // All begins anew with those now in force.
		}
		r.MovedAt = s.o.Clock.Now()
		if len(parties) < rescreenPage {
			r.FinishedAt = r.MovedAt
		}
		mine, err := s.lease(ctx)
		if err != nil || !mine {
			return r, err
		}
		if err := s.o.Store.SaveRescreen(ctx, r); err != nil {
			return r, fmt.Errorf("keep how far the rescreen is: %w", err)
		}
		if !r.FinishedAt.IsZero() {
			s.o.Logger.InfoContext(ctx, "rescreen of all parties ended", "rescreen", r.Number, "parties", r.Screened,
				"alerted", r.Alerted, "unscreened", r.Unscreened, "took", r.FinishedAt.Sub(r.StartedAt))
			return r, nil
		}
		if err := s.changed(ctx); err != nil {
			return r, err
		}
	}
}

// party compares one party and raises what it finds.
func (s *Rescreener) party(ctx context.Context, p KnownParty) (finding, error) {
	if p.erased() {
		s.metrics.parties.WithLabelValues("erased").Inc()
		return finding{}, nil
	}
	screened, err := s.o.Screener.Screen(ctx, p.query())
	if err != nil {
		return finding{}, fmt.Errorf("screen %s: %w", p.ID(), err)
	}
	f := finding{unscreened: len(screened.Unscreened) > 0}
	if len(screened.Hits) == 0 && !f.unscreened {
		s.metrics.parties.WithLabelValues("clear").Inc()
		return f, nil
	}
	released, err := s.o.Store.ReleasedHits(ctx, p.TenantID(), p.ID())
	if err != nil {
		return finding{}, fmt.Errorf("read what was released for %s: %w", p.ID(), err)
	}
	open, lapsed := find(screened.Hits, released)
	if len(lapsed) > 0 {
		if err := s.o.Store.LapseHits(ctx, p.TenantID(), p.ID(), lapsed); err != nil {
			return finding{}, fmt.Errorf("keep that releases for %s lapsed: %w", p.ID(), err)
		}
	}
	if err := s.raise(ctx, p, open, &f); err != nil {
		return finding{}, err
	}
	switch {
	case len(f.hits) > 0:
		s.metrics.parties.WithLabelValues("alerted").Inc()
	case f.unscreened:
		s.metrics.parties.WithLabelValues("unscreened").Inc()
	default:
		s.metrics.parties.WithLabelValues("clear").Inc()
	}
	return f, nil
}

// raise raises the alerts of a party: one for each remittance that is under way,
// and where there is none, one for the party. A gate that has still to decide
// finds the same and adds to the same case; one that decided by the lists before
// at this very moment does not: then the payout is withdrawn.
func (s *Rescreener) raise(ctx context.Context, p KnownParty, open []Hit, f *finding) error {
	if len(open) == 0 && !f.unscreened {
		return nil
	}
	thresholds := s.o.Thresholds()
	f.hits = alerting(open, thresholds, "")
	var frozen int
	if len(open) > 0 {
		list, err := s.o.Store.UnderWay(ctx, p)
		if err != nil {
			return fmt.Errorf("read the remittances of %s: %w", p.ID(), err)
		}
		for _, r := range list {
			hits := alerting(open, thresholds, string(r.Quote.Corridor))
			if len(hits) == 0 {
				continue
			}
			if err := s.o.Store.RaiseFreeze(ctx, p.alert(finding{hits: hits}, &r)); err != nil {
				return fmt.Errorf("freeze remittance %s: %w", r.ID, err)
			}
			frozen++
		}
	}
	if frozen > 0 {
		s.metrics.frozen.Add(float64(frozen))
		s.o.Logger.WarnContext(ctx, "a party of remittances under way is listed", "party_id", p.ID(), "remittances", frozen)
	}
	if (len(f.hits) == 0 || frozen > 0) && !f.unscreened {
		return nil
	}
	if _, err := s.o.Store.RaiseAlert(ctx, p.alert(*f, nil)); err != nil {
		return fmt.Errorf("raise an alert about %s: %w", p.ID(), err)
	}
	return nil
}
