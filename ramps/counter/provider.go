package counter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Name is the provider's name in configuration, corridors and accounts.
const Name = "counter"

// The fields of a beneficiary's account that restrict where cash is paid.
const (
	// FieldAgent is the id of an agent: any of its outlets.
	FieldAgent = "pickup_agent"
	// FieldOutlet is the id of one outlet.
	FieldOutlet = "pickup_outlet"
)

// DefaultExpiry is how long cash waits where nothing else is configured.
const DefaultExpiry = 30 * 24 * time.Hour

// ProviderOptions configure the provider; Store, Coder and Clock are required.
type ProviderOptions struct {
	Store Store
	Coder *Coder
	Clock remit.Clock
	// Logger is silent by default.
	Logger *slog.Logger
	// Expiry is how long cash waits, by the country where it is paid; where it
	// does not say, Rules do, and DefaultExpiry without them.
	Expiry map[remit.Country]time.Duration
	Rules  *IdentityRules
	// Countries maps where cash is paid to the currency it is paid in, CashIn where
	// it is taken to the currency it is taken in.
	Countries map[remit.Country]string
	CashIn    map[remit.Country]string
}

// Provider is ramps.Provider for cash at our own counters. It is safe for
// concurrent use.
type Provider struct {
	store     Store
	coder     *Coder
	clock     remit.Clock
	log       *slog.Logger
	expiry    map[remit.Country]time.Duration
	rules     *IdentityRules
	countries map[remit.Country]string
	cashIn    map[remit.Country]string
}

var _ ramps.Provider = (*Provider)(nil)

// NewProvider makes the provider. It errs when an option is missing.
func NewProvider(o ProviderOptions) (*Provider, error) {
	if o.Store == nil || o.Coder == nil || o.Clock == nil {
		return nil, errors.New("counter provider: store, coder and clock are required")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for country, d := range o.Expiry {
		if d <= 0 {
			return nil, fmt.Errorf("counter provider: cash in %s expires after %s", country, d)
		}
	}
	return &Provider{store: o.Store, coder: o.Coder, clock: o.Clock, log: o.Logger, expiry: o.Expiry, rules: o.Rules, countries: o.Countries, cashIn: o.CashIn}, nil
}

// Name returns Name.
func (p *Provider) Name() string { return Name }

// Capabilities lists cash in every configured country, sorted.
func (p *Provider) Capabilities() []ramps.Capability {
	out := make([]ramps.Capability, 0, len(p.countries))
	for country, currency := range p.countries {
		out = append(out, ramps.Capability{Direction: ramps.PayOut, Country: country, Currency: currency, Method: string(remit.PayoutCash)})
	}
	for country, currency := range p.cashIn {
		for _, d := range []ramps.Direction{ramps.PayIn, ramps.Refund} {
			out = append(out, ramps.Capability{Direction: d, Country: country, Currency: currency, Method: string(remit.FundingCash)})
		}
	}
	slices.SortFunc(out, func(a, b ramps.Capability) int {
		return compare(string(a.Country)+string(a.Direction), string(b.Country)+string(b.Direction))
	})
	return out
}

// Validate checks that a counter pays what is asked for. Errors: invalid with
// the fields; unavailable.
func (p *Provider) Validate(ctx context.Context, in ramps.Instruction) error {
	if in.Order.Direction != ramps.PayOut {
		return nil
	}
	return p.serves(ctx, in)
}

// serves checks that some outlet may pay an order. Errors: invalid, or the store's.
func (p *Provider) serves(ctx context.Context, in ramps.Instruction) error {
	if in.Party.Name() == "" {
		return remit.Invalid("beneficiary.party", remit.ReasonFieldRequired, "cash is paid to a name; write the beneficiary's")
	}
	reach := reachOf(in)
	outlets, err := p.store.Outlets(ctx, OutletFilter{TenantID: in.Order.TenantID, AgentID: reach.AgentID, Country: in.Order.Country})
	if err != nil {
		return fmt.Errorf("read outlets: %w", err)
	}
	for _, o := range outlets {
		if !o.Suspended && slices.Contains(o.Currencies, in.Order.Amount.Asset.Code) && (reach.OutletID == "" || o.ID == reach.OutletID) {
			return nil
		}
	}
	return remit.Invalid("beneficiary.account", remit.ReasonMethodNotOffered, "no counter pays %s where this is to be fetched", in.Order.Amount.Asset.Code)
}

// codeOf is the code that the beneficiary is given; where nobody gives one out,
// that of the remittance.
func (p *Provider) codeOf(in ramps.Instruction) (Code, error) {
	if in.PickupCode == "" {
		return p.coder.Code(string(in.Order.RemittanceID)), nil
	}
	code, err := ParseCode(in.PickupCode)
	if err != nil {
		return "", errors.New("the pickup code that the beneficiary is given is none of the counters'")
	}
	return code, nil
}

func reachOf(in ramps.Instruction) Reach {
	return Reach{AgentID: AgentID(in.Account[FieldAgent]), OutletID: OutletID(in.Account[FieldOutlet])}
}

// Submit makes the pickup; see ramps.Provider.
func (p *Provider) Submit(ctx context.Context, in ramps.Instruction) ramps.Answer {
	o := in.Order
	switch {
	case o.Direction == ramps.PayIn && o.Method == string(remit.FundingCash):
		return p.await(ctx, o)
	case o.Direction == ramps.Refund && o.Method == string(remit.FundingCash):
		return p.payBack(ctx, o)
	}
	if o.Direction != ramps.PayOut || o.Method != string(remit.PayoutCash) {
		return ramps.Answer{Status: ramps.StatusFailed, Reason: remit.ReasonMethodNotOffered, Fixer: ramps.FixerOperator, Detail: "counters handle cash only"}
	}
	code, err := p.codeOf(in)
	if err != nil {
		return unknown(err)
	}
	served := p.serves(ctx, in)
	if served != nil && remit.KindOf(served) != remit.KindInvalid {
		return unknown(served)
	}
	return p.change(ctx, o, func(ctx context.Context, tx Tx, before Pickup, there bool) (Pickup, error) {
		if there {
			return before, nil
		}
		if served != nil {
			return Pickup{}, served
		}
		made := blank(o, tx.Now())
		made.State, made.Reach, made.ExpiresAt = StateWaiting, reachOf(in), tx.Now().Add(p.expiresAfter(in.From, o.Country))
		made.CodeHash = p.coder.Hash(code)
		return made, tx.PutPickup(ctx, made)
	})
}

// expiresAfter is how long cash waits.
func (p *Provider) expiresAfter(from, to remit.Country) time.Duration {
	switch d := p.expiry[to]; {
	case d > 0:
		return d
	case p.rules != nil:
		return p.rules.Expiry(from, to)
	default:
		return DefaultExpiry
	}
}

// Cancel withdraws the code. What was paid stays paid; a reservation that was
// not confirmed gives way, because no cash left the drawer yet. See ramps.Provider.
func (p *Provider) Cancel(ctx context.Context, o ramps.Order) ramps.Answer {
	if o.Direction == ramps.PayIn {
		return p.withdraw(ctx, o)
	}
	return p.change(ctx, o, func(ctx context.Context, tx Tx, before Pickup, there bool) (Pickup, error) {
		if !there {
			before = blank(o, tx.Now())
		}
		if before.State.Final() {
			return before, nil
		}
		before.State = StateCanceled
		return before, tx.PutPickup(ctx, before)
	})
}

// Lookup says what became of an order; see ramps.Provider.
func (p *Provider) Lookup(ctx context.Context, o ramps.Order) ramps.Answer {
	if o.Direction == ramps.PayIn {
		return p.lookupDeposit(ctx, o)
	}
	pickup, err := p.store.Pickup(ctx, o.TenantID, pickupID(o.ID, o.CreatedAt))
	switch {
	case remit.KindOf(err) == remit.KindNotFound:
		return ramps.Answer{Status: ramps.StatusQueued}
	case err != nil:
		return unknown(err)
	}
	return answerOf(pickup, o)
}

// ParseCallback refuses everything: our counters answer in the same database.
func (p *Provider) ParseCallback(http.Header, []byte) (ramps.Callback, error) {
	return ramps.Callback{}, remit.Errorf(remit.KindUnauthenticated, remit.ReasonUnauthenticated, "counters send no callbacks")
}

// change runs one act on the pickup of an order and answers where it then stands.
func (p *Provider) change(ctx context.Context, o ramps.Order, act func(context.Context, Tx, Pickup, bool) (Pickup, error)) ramps.Answer {
	var after Pickup
	err := p.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		before, err := tx.Pickup(ctx, pickupID(o.ID, o.CreatedAt))
		there := err == nil
		if err != nil && remit.KindOf(err) != remit.KindNotFound {
			return err
		}
		after, err = act(ctx, tx, before, there)
		return err
	})
	if remit.KindOf(err) == remit.KindInvalid {
		return ramps.Answer{Status: ramps.StatusFailed, Reason: remit.ReasonOf(err), Fixer: ramps.FixerOperator, Detail: err.Error()}
	}
	if err != nil {
		return unknown(err)
	}
	return answerOf(after, o)
}

// blank is the pickup of an order without state and code.
func blank(o ramps.Order, now time.Time) Pickup {
	return Pickup{
		ID: pickupID(o.ID, o.CreatedAt), OrderID: o.ID, TenantID: o.TenantID, RemittanceID: o.RemittanceID,
		Country: o.Country, Amount: o.Amount, CreatedAt: now, ExpiresAt: now, Refund: o.Direction == ramps.Refund,
	}
}

// answerOf is a pickup in the words of ramps.
func answerOf(p Pickup, o ramps.Order) ramps.Answer {
	a := ramps.Answer{ProviderReference: orElse(p.Receipt, string(p.ID))}
	if p.Amount != o.Amount || p.OrderID != o.ID {
		return ramps.Answer{Status: ramps.StatusUnknown, Fixer: ramps.FixerOperator, Detail: "the reference was used for another amount"}
	}
	switch p.State {
	case StateWaiting, StateReserved:
		a.Status = ramps.StatusAccepted
	case StatePaid:
		a.Status = ramps.StatusSucceeded
	case StateCanceled:
		a.Status = ramps.StatusCanceled
	case StateExpired:
		a.Status, a.Reason, a.Fixer = ramps.StatusFailed, remit.ReasonPickupExpired, ramps.FixerCaller
	default:
		a.Status = ramps.StatusUnknown
	}
	return a
}

func unknown(err error) ramps.Answer {
	return ramps.Answer{Status: ramps.StatusUnknown, Reason: remit.ReasonProviderUnavailable, Fixer: ramps.FixerOperator, Detail: err.Error()}
}
