package counter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/uploads"
)

// Defaults of Options.
const (
	// DefaultReservation is how long a teller may take from looking at the
	// document to confirming.
	DefaultReservation = 10 * time.Minute
	// maxClockSkew is how wrong a device's clock may be.
	maxClockSkew = 10 * time.Minute
)

// Likeness of names in basis points, as Options.Names tells it.
const (
	// NameEqual is the same name.
	NameEqual = 10_000
	// nameFits is enough; below it a manager must approve; below nameDoubtful the
	// payment is refused.
	nameFits     = 8_800
	nameDoubtful = 7_000
)

// Options configure a service; Store, Coder, Names, Identity and Clock are required.
type Options struct {
	Store Store
	Coder *Coder
	// Names compares two whole names, from 0 to NameEqual.
	Names    func(a, b string) int
	Identity *IdentityRules
	Clock    remit.Clock
	// Logger is silent by default.
	Logger *slog.Logger
	// Metrics registers the metrics; by default they are not served.
	Metrics prometheus.Registerer
	// Audit, if given, is told of what must not be forgotten.
	Audit func(context.Context, AuditEvent) error
	// Reservation is how long a reservation holds; DefaultReservation when zero.
	Reservation time.Duration
}

// AuditEvent is an act at a counter for the audit trail; never personal data.
type AuditEvent struct {
	TenantID remit.TenantID
	// Actor is the person's or key's id, ActorName its name.
	Actor, ActorName string
	Act              string
	Subject          string
	// Reason is empty for what was done, else why it was refused.
	Reason remit.Reason
	Facts  map[string]string
}

// Service is every act at the counters. It is safe for concurrent use.
type Service struct {
	store       Store
	coder       *Coder
	names       func(a, b string) int
	identity    *IdentityRules
	terms       *Terms
	clock       remit.Clock
	log         *slog.Logger
	metrics     *metrics
	audit       func(context.Context, AuditEvent) error
	reservation time.Duration
	photos      *uploads.Photos
}

// NewService makes a service. It errs when an option is missing or the metrics
// are registered already.
func NewService(o Options) (*Service, error) {
	if o.Store == nil || o.Coder == nil || o.Names == nil || o.Identity == nil || o.Clock == nil {
		return nil, errors.New("counter: store, coder, names, identity rules and clock are required")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Audit == nil {
		o.Audit = func(context.Context, AuditEvent) error { return nil }
	}
	if o.Reservation <= 0 {
		o.Reservation = DefaultReservation
	}
	terms, err := LoadTerms()
	if err != nil {
		return nil, fmt.Errorf("counter: %w", err)
	}
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, fmt.Errorf("counter: %w", err)
	}
	return &Service{
		store: o.Store, coder: o.Coder, names: o.Names, identity: o.Identity, terms: terms, clock: o.Clock, log: o.Logger,
		metrics: m, audit: o.Audit, reservation: o.Reservation, photos: uploads.NewPhotos(photosAtOnce),
	}, nil
}

// Caller is who acts at a counter.
type Caller struct {
	TenantID remit.TenantID
	// Actor is the person's or key's id, ActorName its name.
	Actor, ActorName string
	TellerID         TellerID
	// DeviceID is the device that the call comes from, if it says so.
	DeviceID string
	// DeviceTime is what the device's clock shows; zero if it does not say.
	DeviceTime time.Time
}

// stand is a caller as found in the transaction, with where they work.
type stand struct {
	agent  Agent
	outlet Outlet
	teller Teller
}

// stand reads who calls and refuses whoever may not work now. Errors:
// not_found for a teller of another tenant; forbidden and precondition by what
// is in the way.
func (s *Service) stand(ctx context.Context, tx Tx, c Caller) (stand, error) {
	teller, err := tx.Teller(ctx, c.TellerID)
	if err != nil {
		return stand{}, err
	}
	if teller.TenantID != c.TenantID {
		return stand{}, remit.NotFound("teller", string(c.TellerID))
	}
	st := stand{teller: teller}
	if st.agent, err = tx.Agent(ctx, teller.AgentID); err != nil {
		return stand{}, err
	}
	if teller.OutletID != "" {
		if st.outlet, err = tx.Outlet(ctx, teller.OutletID); err != nil {
			return stand{}, err
		}
	}
	return st, st.mayWork(c, tx.Now())
}

// mayWork refuses whoever may not work now.
func (st stand) mayWork(c Caller, now time.Time) error {
	t, at := st.teller, st.outlet.Hours.local(now)
	forbidden := func(reason remit.Reason, text string) error {
		return remit.Errorf(remit.KindForbidden, reason, "%s", text)
	}
	switch {
	case t.Suspended:
		return forbidden(remit.ReasonCounterSuspended, "this person is suspended and may not work; ask the manager")
	case st.outlet.Suspended:
		return forbidden(remit.ReasonCounterSuspended, "this outlet is suspended; ask the operator")
	case st.agent.Suspended:
		return forbidden(remit.ReasonCounterSuspended, "this agent is suspended; ask the operator")
	case !t.Role.Valid():
		return forbidden(remit.ReasonForbidden, "this person has no role at a counter")
	case t.DeviceID != "" && t.DeviceID != c.DeviceID:
		return forbidden(remit.ReasonDeviceNotBound, "this person works on another device; use that one")
	case !st.device(c.DeviceID).usable():
		return forbidden(remit.ReasonDeviceNotBound, "this person works on bound devices only, and this one is not bound to them; use another or ask a manager")
	case !now.Before(t.TrainedUntil):
		return forbidden(remit.ReasonTrainingExpired, "the training has expired; renew it before paying out")
	case !t.Shifts.Empty() && !t.Shifts.covers(at):
		return forbidden(remit.ReasonOutsideHours, "this person does not work at this hour")
	case st.outlet.ID != "" && !st.outlet.Hours.Open(now):
		return remit.Errorf(remit.KindPrecondition, remit.ReasonOutletClosed, "the outlet is closed now; it is %s there", at.Format("Monday 15:04"))
	}
	if skew := now.Sub(c.DeviceTime).Abs(); !c.DeviceTime.IsZero() && skew > maxClockSkew {
		return remit.Invalid("device_time", remit.ReasonDeviceClock, "the clock of this device is wrong by %s; it is %s", skew.Round(time.Minute), at.Format("15:04"))
	}
	return nil
}

// afterHours are the reasons that keep nobody from bringing a drawer to its end.
var afterHours = []remit.Reason{remit.ReasonOutletClosed, remit.ReasonOutsideHours, remit.ReasonTrainingExpired}

// unless drops a refusal for one of some reasons.
func unless(err error, reasons ...remit.Reason) error {
	if slices.Contains(reasons, remit.ReasonOf(err)) {
		return nil
	}
	return err
}

// outletOnly refuses who works at no outlet: no cash passes through their hands.
func (st stand) outletOnly() error {
	if st.outlet.ID == "" {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "an agent's admin works at no counter; a teller must do this")
	}
	return nil
}

// manages refuses who may not approve what happens at an outlet, or would
// approve their own doing.
func (st stand) manages(agent AgentID, outlet OutletID, doer TellerID) error {
	t := st.teller
	switch {
	case t.AgentID != agent || (t.Role == RoleManager && t.OutletID != outlet) || t.Role == RoleTeller:
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only a manager of this outlet approves this")
	case t.ID == doer:
		return remit.Errorf(remit.KindForbidden, remit.ReasonSecondPerson, "another person must approve; nobody approves their own doing")
	}
	return nil
}

// tell writes an act to the audit trail. Trouble there is logged and fails no
// act: what was done is in the store's own rows as well.
func (s *Service) tell(ctx context.Context, c Caller, act, subject string, reason remit.Reason, facts map[string]string) {
	if facts == nil {
		facts = map[string]string{}
	}
	if c.TellerID != "" {
		facts["teller_id"] = string(c.TellerID)
	}
	err := s.audit(ctx, AuditEvent{TenantID: c.TenantID, Actor: c.Actor, ActorName: c.ActorName, Act: act, Subject: subject, Reason: reason, Facts: facts})
	if err != nil {
		s.log.ErrorContext(ctx, "act at a counter not audited", "act", act, "subject", subject, "error", err)
	}
}
