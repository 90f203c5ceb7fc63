package counter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// FloatReturnID names cash that leaves an outlet's float again: ret_….
type FloatReturnID string

// PrefixFloatReturn is the prefix of such ids.
const PrefixFloatReturn = "ret"

// maxFloatReference bounds how a return says where the cash went, maxFloatReason
// why it is refused.
const (
	maxFloatReference = 140
	maxFloatReason    = 500
)

// FloatReturnState is where a return stands. The zero value is unspecified.
type FloatReturnState string

// The states of a return.
const (
	// FloatReturnRequested waits for the treasury: the cash is the float's still.
	FloatReturnRequested FloatReturnState = "requested"
	// FloatReturnPosted was received: the float holds it no more. Final.
	FloatReturnPosted FloatReturnState = "posted"
	// FloatReturnRefused is final; nothing moved.
	FloatReturnRefused FloatReturnState = "refused"
)

// FloatReturn is surplus cash that an outlet hands back, or that is collected.
type FloatReturn struct {
	ID       FloatReturnID    `json:"id"`
	TenantID remit.TenantID   `json:"tenant_id"`
	AgentID  AgentID          `json:"agent_id"`
	OutletID OutletID         `json:"outlet_id"`
	Amount   remit.Money      `json:"amount"`
	State    FloatReturnState `json:"state"`
	// RequestedBy is who at the outlet offered it, empty for what was collected;
	// DecidedBy is who booked or refused it. Both are ids of actors.
	RequestedBy string `json:"requested_by,omitempty"`
	DecidedBy   string `json:"decided_by,omitempty"`
	// HandedOver is who handed the cash over, of what was collected.
	HandedOver TellerID `json:"handed_over,omitempty"`
	// Reference is where the cash went, such as a bank's slip or a courier's seal.
	Reference string `json:"reference,omitempty"`
	// Reason is the treasury's word to who offered it.
	Reason    string    `json:"reason,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	DecidedAt time.Time `json:"decided_at"`
}

// EventFloatLow is the fact in the tenant's feed that a float fell below its
// warning level: once for each time it does, however much is paid afterwards.
const EventFloatLow = "outlet.float_low"

// OutletFact is a fact about an outlet for the tenant's feed. Facts are small and
// public, never personal data.
type OutletFact struct {
	TenantID remit.TenantID
	OutletID OutletID
	Type     string
	Facts    map[string]string
}

// takeFloat books a movement out of an outlet's float, and tells the feed when
// it is the one that makes the float low.
func takeFloat(ctx context.Context, tx Tx, o Outlet, m Movement) error {
	before, err := tx.Float(ctx, o.ID, m.Amount.Asset)
	if err != nil {
		return err
	}
	if err := tx.Move(ctx, m); err != nil {
		return err
	}
	after, err := tx.Float(ctx, o.ID, m.Amount.Asset)
	if err != nil {
		return err
	}
	if low := o.LowFloat[m.Amount.Asset.Code]; before.Minor >= low && after.Minor < low {
		return tellLow(ctx, tx, o, after)
	}
	return nil
}

// tellLow puts a float that has become low into the tenant's feed.
func tellLow(ctx context.Context, tx Tx, o Outlet, float remit.Money) error {
	return tx.Fact(ctx, OutletFact{TenantID: o.TenantID, OutletID: o.ID, Type: EventFloatLow, Facts: map[string]string{
		"outlet_id": string(o.ID), "agent_id": string(o.AgentID),
		"float": float.String(), "low_below": remit.NewMoney(float.Asset, o.LowFloat[float.Asset.Code]).String(),
	}})
}

// raisedLow tells the feed of floats that are low because the level was raised.
func raisedLow(ctx context.Context, tx Tx, before, after Outlet) error {
	for _, code := range after.Currencies {
		was, is := before.LowFloat[code], after.LowFloat[code]
		if is <= was {
			continue
		}
		a, err := remit.Fiat(code)
		if err != nil {
			return fmt.Errorf("outlet %s: %w", after.ID, err)
		}
		float, err := tx.Float(ctx, after.ID, a)
		if err != nil {
			return err
		}
		if float.Minor >= was && float.Minor < is {
			if err := tellLow(ctx, tx, after, float); err != nil {
				return err
			}
		}
	}
	return nil
}

// neededOf is what of a float the payments need that are reserved now: for each
// teller who holds some, what their drawer lacks.
func neededOf(reserved []Pickup, outlet OutletID, a remit.Asset, now time.Time, cash func(TellerID) (remit.Money, error)) (remit.Money, error) {
	byTeller := make(map[TellerID]int64)
	for _, p := range reserved {
		if r := p.Reservation; r != nil && p.StateAt(now) == StateReserved && r.OutletID == outlet && p.Amount.Asset == a {
			byTeller[r.TellerID] += p.Amount.Minor
		}
	}
	need := remit.NewMoney(a, 0)
	for teller, minor := range byTeller {
		held, err := cash(teller)
		if err != nil {
			return need, err
		}
		need.Minor += max(0, minor-held.Minor)
	}
	return need, nil
}

// spare is what may leave an outlet's float now: what it holds less what the
// payments need that are reserved.
func spare(ctx context.Context, tx Tx, o Outlet, a remit.Asset) (spare, need remit.Money, err error) {
	float, err := tx.Float(ctx, o.ID, a)
	if err != nil {
		return spare, need, err
	}
	reserved, err := tx.ReservedPickups(ctx, o.TenantID)
	if err != nil {
		return spare, need, err
	}
	need, err = neededOf(reserved, o.ID, a, tx.Now(), func(id TellerID) (remit.Money, error) { return tx.Cash(ctx, id, a) })
	return remit.NewMoney(a, max(0, float.Minor-need.Minor)), need, err
}

// maySpare refuses to take more out of a float than it can spare.
func maySpare(ctx context.Context, tx Tx, o Outlet, amount remit.Money) error {
	free, need, err := spare(ctx, tx, o, amount.Asset)
	switch {
	case err != nil:
		return err
	case amount.Minor <= free.Minor:
		return nil
	case need.IsPositive():
		return remit.Errorf(remit.KindPrecondition, remit.ReasonFloatNeeded,
			"at most %s can leave this float now: %s of it is needed for payments that tellers hold", free, need)
	}
	return remit.Errorf(remit.KindPrecondition, remit.ReasonFloatNeeded, "at most %s can leave this float; it holds no more", free)
}

// checkReturn checks what a return says.
func checkReturn(amount remit.Money, reference string) error {
	switch {
	case !amount.IsPositive():
		return remit.Invalid("amount", remit.ReasonAmountNotPositive, "nothing cannot be handed back")
	case strings.TrimSpace(reference) == "" || len(reference) > maxFloatReference:
		return remit.Invalid("reference", remit.ReasonFieldRequired, "say where the cash went, such as the bank's slip or the courier's seal, at most %d characters", maxFloatReference)
	}
	return nil
}

// returnOf reads a return of the caller's tenant. Errors: not_found.
func returnOf(ctx context.Context, tx Tx, c Caller, id FloatReturnID) (FloatReturn, error) {
	r, err := tx.FloatReturn(ctx, id)
	if err == nil && r.TenantID != c.TenantID {
		r, err = FloatReturn{}, remit.NotFound("float return", string(id))
	}
	return r, err
}

// sameReturn lets a return pass that is there already with the same content.
func sameReturn(r, want FloatReturn) error {
	if r.OutletID != want.OutletID || r.Amount != want.Amount || r.Reference != want.Reference || r.RequestedBy != want.RequestedBy || r.HandedOver != want.HandedOver {
		return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this return is there with other content")
	}
	return nil
}

// OfferFloat offers surplus float back, by a manager of the outlet or the agent's
// admin. It is the float's until the treasury has received it. The same again
// answers the same. Errors: invalid; forbidden; precondition with
// ReasonCurrencyNotHeld and ReasonFloatNeeded; conflict for the id with other content.
func (s *Service) OfferFloat(ctx context.Context, c Caller, id FloatReturnID, outlet OutletID, amount remit.Money, reference string) (FloatReturn, error) {
	if err := checkReturn(amount, reference); err != nil {
		return FloatReturn{}, err
	}
	var r FloatReturn
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, afterHours...); err != nil {
			return err
		}
		o, err := tx.Outlet(ctx, outlet)
		if err != nil {
			return err
		}
		if err := at.manages(o.AgentID, o.ID, ""); err != nil {
			return err
		}
		want := FloatReturn{
			ID: id, TenantID: c.TenantID, AgentID: o.AgentID, OutletID: outlet, Amount: amount, State: FloatReturnRequested,
			RequestedBy: orElse(c.Actor, string(c.TellerID)), Reference: reference, CreatedAt: tx.Now(),
		}
		if r, err = returnOf(ctx, tx, c, id); remit.KindOf(err) != remit.KindNotFound {
			if err == nil {
				err = sameReturn(r, want)
			}
			return err
		}
		if err := holds(o, amount.Asset); err != nil {
			return err
		}
		if err := maySpare(ctx, tx, o, amount); err != nil {
			return err
		}
		r = want
		return tx.PutFloatReturn(ctx, r)
	})
	if err != nil {
		return FloatReturn{}, err
	}
	s.tell(ctx, c, "float.offer", string(id), "", map[string]string{"outlet": string(outlet), "amount": amount.String()})
	return r, nil
}

// holds refuses a currency that an outlet does not hold.
func holds(o Outlet, a remit.Asset) error {
	if !slices.Contains(o.Currencies, a.Code) {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", a.Code)
	}
	return nil
}

// employer is the agent at whose counters a caller's account works, empty for none.
func (s *Service) employer(ctx context.Context, c Caller) (AgentID, error) {
	t, err := s.store.TellerOfStaff(ctx, c.TenantID, remit.StaffID(c.Actor))
	if remit.KindOf(err) == remit.KindNotFound {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read who decides: %w", err)
	}
	return t.AgentID, nil
}

// notOwn refuses who works for the agent whose float it is: nobody gives
// themselves cash, or books what they carried away.
func notOwn(employer, agent AgentID) error {
	if employer != "" && employer == agent {
		return remit.Errorf(remit.KindForbidden, remit.ReasonSecondPerson, "another person must decide; this account works at the agent's counters")
	}
	return nil
}

// DecideFloatReturn is the treasury's word on cash that was offered back, by
// another person than offered it: received, the float holds it no more. Errors:
// invalid for a refusal that gives no reason; not_found; forbidden with
// ReasonSecondPerson; precondition with ReasonFloatNeeded; conflict when it was
// decided otherwise.
func (s *Service) DecideFloatReturn(ctx context.Context, c Caller, id FloatReturnID, approve bool, reason string) (FloatReturn, error) {
	want := FloatReturnRefused
	if approve {
		want = FloatReturnPosted
	} else if strings.TrimSpace(reason) == "" || len(reason) > maxFloatReason {
		return FloatReturn{}, remit.Invalid("reason", remit.ReasonFieldRequired, "say why it is refused, in at most %d characters; who offered it reads it", maxFloatReason)
	}
	employer, err := s.employer(ctx, c)
	if err != nil {
		return FloatReturn{}, err
	}
	var r FloatReturn
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) (err error) {
		r, err = returnOf(ctx, tx, c, id)
		if err == nil {
			err = notOwn(employer, r.AgentID)
		}
		switch {
		case err != nil:
			return err
		case r.RequestedBy == c.Actor:
			return remit.Errorf(remit.KindForbidden, remit.ReasonSecondPerson, "another person must decide; nobody books what they handed back themselves")
		case r.State == want && r.RequestedBy != "":
			return nil
		case r.State != FloatReturnRequested:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this return was %s before", r.State)
		}
		r.State, r.DecidedBy, r.DecidedAt, r.Reason = want, c.Actor, tx.Now(), reason
		if !approve {
			return tx.PutFloatReturn(ctx, r)
		}
		return bookReturn(ctx, tx, r)
	})
	if err != nil {
		return FloatReturn{}, err
	}
	s.tell(ctx, c, "float.decide_return", string(id), "", map[string]string{"approved": fmt.Sprint(approve), "amount": r.Amount.String()})
	s.warnLow(ctx, c.TenantID, r.OutletID)
	return r, nil
}

// bookReturn takes the cash of a return out of the float.
func bookReturn(ctx context.Context, tx Tx, r FloatReturn) error {
	o, err := tx.Outlet(ctx, r.OutletID)
	if err != nil {
		return err
	}
	if err := maySpare(ctx, tx, o, r.Amount); err != nil {
		return err
	}
	if err := tx.PutFloatReturn(ctx, r); err != nil {
		return err
	}
	return takeFloat(ctx, tx, o, Movement{
		Key: "counter/" + string(r.ID), Kind: MoveFloatReturn, TenantID: r.TenantID, AgentID: r.AgentID, OutletID: r.OutletID, Amount: r.Amount, At: tx.Now(),
	})
}

// Collect is cash that the treasury collected from an outlet.
type Collect struct {
	ID       FloatReturnID
	OutletID OutletID
	Amount   remit.Money
	// HandedOver is who of the outlet, or the agent's admin, handed it over.
	HandedOver TellerID
	Reference  string
}

// CollectFloat books cash that the tenant collected from an outlet's float: by
// the treasury, never by who handed it over or works for the agent. The same
// again answers the same. Errors: invalid; not_found; forbidden with
// ReasonSecondPerson; precondition with ReasonCurrencyNotHeld and
// ReasonFloatNeeded; conflict for the id with other content.
func (s *Service) CollectFloat(ctx context.Context, c Caller, in Collect) (FloatReturn, error) {
	if err := checkReturn(in.Amount, in.Reference); err != nil {
		return FloatReturn{}, err
	}
	employer, err := s.employer(ctx, c)
	if err != nil {
		return FloatReturn{}, err
	}
	var r FloatReturn
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		o, err := tx.Outlet(ctx, in.OutletID)
		if err == nil && o.TenantID != c.TenantID {
			err = remit.NotFound("outlet", string(in.OutletID))
		}
		if err == nil {
			err = notOwn(employer, o.AgentID)
		}
		if err != nil {
			return err
		}
		want := FloatReturn{
			ID: in.ID, TenantID: c.TenantID, AgentID: o.AgentID, OutletID: o.ID, Amount: in.Amount, State: FloatReturnPosted,
			DecidedBy: c.Actor, HandedOver: in.HandedOver, Reference: in.Reference, CreatedAt: tx.Now(), DecidedAt: tx.Now(),
		}
		if r, err = returnOf(ctx, tx, c, in.ID); remit.KindOf(err) != remit.KindNotFound {
			if err == nil {
				err = sameReturn(r, want)
			}
			return err
		}
		t, err := tx.Teller(ctx, in.HandedOver)
		switch {
		case remit.KindOf(err) == remit.KindNotFound || err == nil && (t.AgentID != o.AgentID || t.OutletID != o.ID && t.Role != RoleAgentAdmin):
			return remit.Invalid("handed_over_by", remit.ReasonFieldInvalid, "name who of this outlet handed the cash over")
		case err != nil:
			return err
		}
		if err := holds(o, in.Amount.Asset); err != nil {
			return err
		}
		r = want
		return bookReturn(ctx, tx, r)
	})
	if err != nil {
		return FloatReturn{}, err
	}
	s.tell(ctx, c, "float.collect", string(r.ID), "", map[string]string{
		"outlet": string(r.OutletID), "amount": r.Amount.String(), "handed_over_by": string(r.HandedOver),
	})
	s.warnLow(ctx, c.TenantID, r.OutletID)
	return r, nil
}

// FloatReturns returns returns of float, newest first, of one outlet if it is given.
func (s *Service) FloatReturns(ctx context.Context, tenant remit.TenantID, outlet OutletID) ([]FloatReturn, error) {
	return s.store.FloatReturns(ctx, tenant, outlet)
}
