package counter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// Found is a pickup that a teller may go on with.
type Found struct {
	Pickup Pickup
	// Beneficiary and Sender are whole names, for the pre-receipt.
	Beneficiary, Sender string
	// Documents are what the counter accepts.
	Documents []Document
	// PhotoNeeded says that this amount needs a photo of the document; one may be
	// taken always. Proofs are how the beneficiary may confirm, none for as it is.
	PhotoNeeded bool
	Proofs      []Proof
	// ReservedHere says that the caller holds the reservation.
	ReservedHere bool
}

// outcome of a look-up inside its transaction. A refusal must not undo the
// counting of tries, so it is no error there.
type outcome struct {
	refusal error
	locked  []string
}

// Find looks a pickup up by its code together with the beneficiary's name. It
// never lists anything, counts every try, and locks after wrong ones. Errors:
// invalid (the code); not_found with ReasonPickupNotFound for a wrong code, a
// wrong name and both; limited with ReasonCounterLocked; precondition and
// conflict by where the pickup stands; those of a caller who may not work.
func (s *Service) Find(ctx context.Context, c Caller, code, name string) (Found, error) {
	parsed, codeErr := ParseCode(code)
	if strings.TrimSpace(name) == "" {
		return Found{}, remit.Invalid("beneficiary_name", remit.ReasonFieldRequired, "write the beneficiary's name as the customer says it")
	}
	hash := s.coder.Hash(parsed)
	var p Pickup
	var party remit.Party
	right := false
	if codeErr == nil {
		var err error
		p, party, right, err = s.lookFor(ctx, c.TenantID, hash, name)
		if err != nil {
			return Found{}, err
		}
	}
	var at stand
	var out outcome
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) (err error) {
		out = outcome{}
		if at, err = s.stand(ctx, tx, c); err != nil {
			return err
		}
		if err := at.outletOnly(); err != nil {
			return err
		}
		if codeErr != nil {
			out, err = countTry(ctx, tx, c, at, "", true)
			if err == nil && out.refusal == nil {
				out.refusal = codeErr
			}
			return err
		}
		if out, err = countTry(ctx, tx, c, at, hash, right); err != nil || out.refusal != nil {
			return err
		}
		if p, err = tx.Pickup(ctx, p.ID); err != nil {
			return err
		}
		_, _, payable, err := tx.Payout(ctx, p)
		if err == nil {
			out.refusal = at.mayPay(p, payable, tx.Now())
		}
		return err
	})
	if err != nil {
		return Found{}, err
	}
	s.alarm(ctx, c, at, out)
	if out.refusal != nil {
		s.metrics.looks.WithLabelValues(lookResult(out.refusal)).Inc()
		return Found{}, out.refusal
	}
	s.metrics.looks.WithLabelValues("found").Inc()
	s.tell(ctx, c, "pickup.find", string(p.ID), "", nil)
	return s.found(ctx, c, p, party)
}

// lookFor finds a pickup by its code and compares the name. Nothing that fits
// is no error.
func (s *Service) lookFor(ctx context.Context, tenant remit.TenantID, hash CodeHash, name string) (Pickup, remit.Party, bool, error) {
	p, err := s.store.PickupByCode(ctx, tenant, hash)
	if remit.KindOf(err) == remit.KindNotFound {
		return Pickup{}, remit.Party{}, false, nil
	}
	if err != nil {
		return Pickup{}, remit.Party{}, false, fmt.Errorf("find pickup: %w", err)
	}
	party, _, err := s.store.Payee(ctx, p)
	switch {
	case remit.KindOf(err) == remit.KindNotFound, remit.KindOf(err) == remit.KindPrecondition:
		return p, remit.Party{}, false, nil
	case err != nil:
		return Pickup{}, remit.Party{}, false, fmt.Errorf("read beneficiary: %w", err)
	}
	return p, party, s.names(name, party.Name()) >= nameDoubtful, nil
}

// countTry counts a try against the teller, the outlet and the code, and
// refuses what is locked or wrong.
func countTry(ctx context.Context, tx Tx, c Caller, at stand, hash CodeHash, right bool) (outcome, error) {
	now := tx.Now()
	keys := []string{guardOfTeller(at.teller.ID), guardOfOutlet(at.outlet.ID)}
	most, locks, what := []int{maxTellerTries, maxOutletTries}, []time.Duration{lockFor, lockFor}, []string{"teller", "outlet"}
	if hash != "" {
		keys = append(keys, guardOfCode(string(c.TenantID), hash))
		most, locks, what = append(most, maxCodeTries), append(locks, codeLockFor), append(what, "code")
	}
	guards := make([]Guard, len(keys))
	var wait time.Duration
	for i, key := range keys {
		g, err := tx.Guard(ctx, key)
		if err != nil {
			return outcome{}, err
		}
		wait = max(wait, g.locked(now))
		guards[i] = g
	}
	wait = max(wait, guards[0].look(now))
	out := outcome{}
	if wait > 0 {
		out.refusal = limited(wait)
	} else if !right {
		out.refusal = errPickupNotFound()
		for i := range guards {
			if guards[i].fail(now, most[i], locks[i]) {
				out.locked = append(out.locked, what[i])
			}
		}
	} else if hash != "" {
		guards[2].Wrong = 0
	}
	for i, key := range keys {
		if err := tx.PutGuard(ctx, key, guards[i]); err != nil {
			return outcome{}, err
		}
	}
	return out, nil
}

func limited(wait time.Duration) error {
	e := remit.Errorf(remit.KindLimited, remit.ReasonCounterLocked, "too many tries; wait %d minutes and check the code with the customer",
		int((wait+time.Minute-1)/time.Minute))
	e.RetryAfter = wait
	return e
}

func lookResult(err error) string {
	switch remit.KindOf(err) {
	case remit.KindNotFound:
		return "wrong"
	case remit.KindLimited:
		return "limited"
	default:
		return "refused"
	}
}

// alarm tells operators of every lock.
func (s *Service) alarm(ctx context.Context, c Caller, at stand, out outcome) {
	for _, what := range out.locked {
		s.metrics.locks.WithLabelValues(what).Inc()
		s.log.WarnContext(ctx, "locked after wrong pickup codes or names", "locked", what, "teller_id", at.teller.ID, "outlet_id", at.outlet.ID)
		s.tell(ctx, c, "pickup.lock", string(at.teller.ID), remit.ReasonCounterLocked, map[string]string{"locked": what, "outlet": string(at.outlet.ID)})
	}
}

// mayPay refuses a pickup that is not paid here and now. What was withdrawn
// and what was stopped sound the same.
func (st stand) mayPay(p Pickup, payable bool, now time.Time) error {
	elsewhere := func(format string, args ...any) error {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonPickupElsewhere, format, args...)
	}
	switch {
	case p.State == StatePaid:
		return remit.Errorf(remit.KindConflict, remit.ReasonPickupPaid, "this payment was paid already, on %s; give no cash", p.PaidDay)
	case p.State == StateExpired || p.overdue(now):
		return remit.Errorf(remit.KindPrecondition, remit.ReasonPickupExpired, "this payment was to be fetched until %s; the sender gets the money back", st.outlet.Hours.Day(p.ExpiresAt))
	case p.State == StateCanceled || !payable:
		return errNotPayable(st.agent)
	case p.Country != st.outlet.Country:
		return elsewhere("this payment is fetched in %s", p.Country)
	case p.Reach.AgentID != "" && p.Reach.AgentID != st.agent.ID:
		return elsewhere("this payment is fetched at another network's outlets")
	case p.Reach.OutletID != "" && p.Reach.OutletID != st.outlet.ID:
		return elsewhere("this payment is fetched at one other outlet")
	case !slices.Contains(st.outlet.Currencies, p.Amount.Asset.Code):
		return remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", p.Amount.Asset.Code)
	case p.held(now) && p.Reservation.TellerID != st.teller.ID:
		return remit.Errorf(remit.KindConflict, remit.ReasonPickupReserved, "another counter is paying this right now; it is free again at %s unless it is paid",
			st.outlet.Hours.local(p.Reservation.Until).Format("15:04"))
	}
	return nil
}

func (s *Service) found(ctx context.Context, c Caller, p Pickup, party remit.Party) (Found, error) {
	sender, err := s.store.Sender(ctx, p)
	if err != nil {
		return Found{}, fmt.Errorf("read sender: %w", err)
	}
	agent, err := s.agentOf(ctx, c)
	if err != nil {
		return Found{}, err
	}
	return Found{
		PhotoNeeded: s.identity.PhotoNeeded(p.Country, p.Amount), Proofs: s.identity.Proofs(p.Country, agent),
		Pickup: p, Beneficiary: party.Name(), Sender: sender.Name(), Documents: s.identity.Documents(p.Country),
		ReservedHere: p.Reservation != nil && p.Reservation.TellerID == c.TellerID && (p.State == StatePaid || p.held(s.clock.Now())),
	}, nil
}

// agentOf is the agent that a caller works for.
func (s *Service) agentOf(ctx context.Context, c Caller) (Agent, error) {
	t, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return Agent{}, fmt.Errorf("read teller: %w", err)
	}
	a, err := s.store.Agent(ctx, c.TenantID, t.AgentID)
	if err != nil {
		return Agent{}, fmt.Errorf("read agent: %w", err)
	}
	return a, nil
}
