package counter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/openremit/remit"
)

// Rank is how high somebody stands over the people of an agent. The zero value
// stands over nobody.
type Rank int

// The ranks.
const (
	// RankManager manages the tellers of an outlet, RankAdmin the people and
	// outlets of an agent, RankOperator all.
	RankManager Rank = iota + 1
	RankAdmin
	RankOperator
)

// String is the rank's word.
func (r Rank) String() string {
	switch r {
	case RankManager:
		return string(RoleManager)
	case RankAdmin:
		return string(RoleAgentAdmin)
	case RankOperator:
		return "operator"
	default:
		return ""
	}
}

// suspensionReasons are the words for why somebody is suspended.
var suspensionReasons = []string{"left", "conduct", "cash", "security", "other"}

// liftReasons are the words for why somebody may work again.
var liftReasons = []string{"cleared", "mistake", "other"}

// Suspension is why a person, outlet or agent may not work.
type Suspension struct {
	// By is who said so, Actor by their id.
	By    Rank   `json:"by"`
	Actor string `json:"actor"`
	// Reason is left, conduct, cash, security or other.
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// rank is who must at least lift a suspension; one without a word is the operator's.
func (s *Suspension) rank() Rank {
	if s == nil {
		return RankOperator
	}
	return s.By
}

// keptSuspension is what stays of a suspension when its thing is stored anew.
func keptSuspension(suspended bool, before *Suspension) *Suspension {
	if !suspended {
		return nil
	}
	return before
}

// over finds how high a caller stands over an outlet, or over an agent when no
// outlet is given. Who names no teller is the operator. Expired training and
// closed doors keep nobody from managing. Errors: not_found for another agent's;
// forbidden for who manages nothing of it.
func (s *Service) over(ctx context.Context, tx Tx, c Caller, agent AgentID, outlet OutletID) (Rank, error) {
	if c.TellerID == "" {
		return RankOperator, nil
	}
	st, err := s.stand(ctx, tx, c)
	if err = unless(err, afterHours...); err != nil {
		return 0, err
	}
	return st.teller.over(agent, outlet)
}

// over is how high a person stands over an outlet or agent.
func (t Teller) over(agent AgentID, outlet OutletID) (Rank, error) {
	switch {
	case t.AgentID != agent:
		return 0, remit.NotFound("agent", string(agent))
	case t.Role == RoleAgentAdmin:
		return RankAdmin, nil
	case t.Role == RoleManager && outlet != "" && t.OutletID == outlet:
		return RankManager, nil
	}
	return 0, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only who manages this outlet or agent does this")
}

// needs refuses who does not stand high enough.
func (r Rank) needs(least Rank) error {
	if r < least {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "this is for the agent's admin or the operator")
	}
	return nil
}

// overPerson reads a person and refuses who may not manage them: a manager
// manages tellers, an admin tellers and managers, and nobody themselves.
func (s *Service) overPerson(ctx context.Context, tx Tx, c Caller, id TellerID) (Teller, Rank, error) {
	t, err := tx.Teller(ctx, id)
	if err == nil && t.TenantID != c.TenantID {
		err = remit.NotFound("teller", string(id))
	}
	if err != nil {
		return Teller{}, 0, err
	}
	rank, err := s.over(ctx, tx, c, t.AgentID, t.OutletID)
	if remit.KindOf(err) == remit.KindNotFound {
		err = remit.NotFound("teller", string(id))
	}
	if err != nil {
		return Teller{}, 0, err
	}
	switch {
	case t.ID == c.TellerID:
		return Teller{}, 0, remit.Errorf(remit.KindForbidden, remit.ReasonOwnAccount, "nobody manages themselves; ask who stands above")
	case rank == RankManager && t.Role != RoleTeller, rank == RankAdmin && t.Role == RoleAgentAdmin:
		return Teller{}, 0, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "this person is managed from above")
	}
	return t, rank, nil
}

// overOutlet reads an outlet and refuses who does not manage it.
func (s *Service) overOutlet(ctx context.Context, tx Tx, c Caller, id OutletID) (Outlet, Rank, error) {
	o, err := tx.Outlet(ctx, id)
	if err == nil && o.TenantID != c.TenantID {
		err = remit.NotFound("outlet", string(id))
	}
	if err != nil {
		return Outlet{}, 0, err
	}
	rank, err := s.over(ctx, tx, c, o.AgentID, o.ID)
	if remit.KindOf(err) == remit.KindNotFound {
		err = remit.NotFound("outlet", string(id))
	}
	return o, rank, err
}

// changePerson changes a person that the caller manages.
func (s *Service) changePerson(ctx context.Context, c Caller, id TellerID, act string, facts map[string]string,
	change func(context.Context, Tx, Rank, *Teller) error,
) (Teller, error) {
	var t Teller
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		var rank Rank
		var err error
		if t, rank, err = s.overPerson(ctx, tx, c, id); err != nil {
			return err
		}
		if err := change(ctx, tx, rank, &t); err != nil {
			return err
		}
		return tx.PutTeller(ctx, t)
	})
	if err != nil {
		return Teller{}, err
	}
	s.tell(ctx, c, act, string(id), "", facts)
	return t, nil
}

// MayInvite refuses who may not add a person: the agent's admin adds tellers and
// managers to the agent's outlets, the operator adds all. It returns the agent.
// Errors: not_found; forbidden.
func (s *Service) MayInvite(ctx context.Context, c Caller, agent AgentID, outlet OutletID, role Role) (AgentID, error) {
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		rank := RankOperator
		if outlet != "" {
			o, r, err := s.overOutlet(ctx, tx, c, outlet)
			if err != nil {
				return err
			}
			agent, rank = o.AgentID, r
		} else {
			a, err := tx.Agent(ctx, agent)
			if err == nil && a.TenantID != c.TenantID {
				err = remit.NotFound("agent", string(agent))
			}
			if err != nil {
				return err
			}
			if rank, err = s.over(ctx, tx, c, agent, ""); err != nil {
				return err
			}
		}
		least := RankAdmin
		if role == RoleAgentAdmin {
			least = RankOperator
		}
		return rank.needs(least)
	})
	return agent, err
}

// MayManage refuses who may not manage a person, or stands lower than asked for.
// Errors: not_found; forbidden.
func (s *Service) MayManage(ctx context.Context, c Caller, id TellerID, least Rank) (Teller, error) {
	var t Teller
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		var rank Rank
		var err error
		if t, rank, err = s.overPerson(ctx, tx, c, id); err != nil {
			return err
		}
		return rank.needs(least)
	})
	return t, err
}

// SetWork says when a person works and until when the training is valid.
// Errors: invalid; not_found; forbidden.
func (s *Service) SetWork(ctx context.Context, c Caller, id TellerID, shifts Week, trainedUntil time.Time) (Teller, error) {
	if wrong := shifts.validate(); wrong != "" {
		return Teller{}, remit.Invalid("shifts", remit.ReasonFieldInvalid, "%s", wrong)
	}
	return s.changePerson(ctx, c, id, "teller.work", nil, func(_ context.Context, _ Tx, _ Rank, t *Teller) error {
		t.Shifts, t.TrainedUntil = shifts, trainedUntil
		return nil
	})
}

// SetLimits says above what a person needs a manager. Only the operator goes
// above what the outlet may pay out. Errors: invalid with
// ReasonLimitAboveCeiling; not_found; forbidden.
func (s *Service) SetLimits(ctx context.Context, c Caller, id TellerID, limits map[string]Limit) (Teller, error) {
	if err := remit.InvalidFields(checkLimits(limits)); err != nil {
		return Teller{}, err
	}
	return s.changePerson(ctx, c, id, "teller.limits", nil, func(ctx context.Context, tx Tx, rank Rank, t *Teller) error {
		if err := rank.needs(RankAdmin); err != nil {
			return err
		}
		if rank == RankAdmin && t.OutletID != "" {
			o, err := tx.Outlet(ctx, t.OutletID)
			if err != nil {
				return err
			}
			if err := within(limits, o); err != nil {
				return err
			}
		}
		t.Limits = limits
		return nil
	})
}

// within refuses limits that are above what an outlet may pay out, or of a
// currency that it does not hold.
func within(limits map[string]Limit, o Outlet) error {
	above := func(field, code string, own, most int64) error {
		if most == 0 || own <= most {
			return nil
		}
		asset, err := remit.Fiat(code)
		if err != nil {
			return fmt.Errorf("limit: %w", err)
		}
		return remit.Invalid(field, remit.ReasonLimitAboveCeiling, "the outlet pays out at most %s; only the operator raises that", remit.NewMoney(asset, most))
	}
	for code, l := range limits {
		if !slices.Contains(o.Currencies, code) {
			return remit.Invalid("limits", remit.ReasonFieldInvalid, "this outlet does not hold %s", clip(code))
		}
		if err := above("limits.per_payout", code, l.PerPayout, o.Limits[code].PerPayout); err != nil {
			return err
		}
		if err := above("limits.per_day", code, l.PerDay, o.Limits[code].PerDay); err != nil {
			return err
		}
	}
	return nil
}

// SetHours says when an outlet is open; its time zone stays. Errors: invalid;
// not_found; forbidden.
func (s *Service) SetHours(ctx context.Context, c Caller, id OutletID, week Week, closed []string) (Outlet, error) {
	return s.changeOutlet(ctx, c, id, "outlet.hours", nil, func(_ Rank, o *Outlet) error {
		o.Hours.Week, o.Hours.Closed = week, closed
		return remit.InvalidFields(o.Hours.validate())
	})
}

func (s *Service) changeOutlet(ctx context.Context, c Caller, id OutletID, act string, facts map[string]string, change func(Rank, *Outlet) error) (Outlet, error) {
	var o Outlet
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		var rank Rank
		var err error
		if o, rank, err = s.overOutlet(ctx, tx, c, id); err != nil {
			return err
		}
		if err := change(rank, &o); err != nil {
			return err
		}
		return tx.PutOutlet(ctx, o)
	})
	if err != nil {
		return Outlet{}, err
	}
	s.tell(ctx, c, act, string(id), "", facts)
	return o, nil
}

// Suspend is what SetSuspension does, to one of a person, an outlet and an agent.
type Suspend struct {
	TellerID  TellerID
	OutletID  OutletID
	AgentID   AgentID
	Suspended bool
	Reason    string
}

// SetSuspension keeps a person, outlet or agent from working at once, or lets it
// work again: a manager the tellers of the outlet, an admin also the outlets and
// managers of the agent, the operator all. What was suspended from above is
// lifted from there. It returns whose sessions must end: nobody's when lifted.
// Errors: invalid; not_found; forbidden.
func (s *Service) SetSuspension(ctx context.Context, c Caller, in Suspend) ([]Teller, error) {
	if in.Suspended && !slices.Contains(suspensionReasons, in.Reason) {
		return nil, remit.Invalid("reason", remit.ReasonFieldRequired, "say why: left, conduct, cash, security or other")
	}
	facts := map[string]string{"suspended": fmt.Sprint(in.Suspended)}
	if in.Suspended || slices.Contains(liftReasons, in.Reason) {
		facts["reason"] = in.Reason
	}
	var err error
	switch {
	case in.TellerID != "":
		_, err = s.changePerson(ctx, c, in.TellerID, "teller.suspend", facts, func(_ context.Context, tx Tx, rank Rank, t *Teller) error {
			return s.suspend(c, tx, rank, in, &t.Suspended, &t.Suspension)
		})
	case in.OutletID != "":
		_, err = s.changeOutletAt(ctx, c, in, facts)
	case c.TellerID == "":
		err = s.suspendAgent(ctx, c, in, facts)
	default:
		err = remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "an agent is suspended by the operator")
	}
	if err != nil || !in.Suspended {
		return nil, err
	}
	if in.TellerID != "" {
		t, err := s.store.Teller(ctx, c.TenantID, in.TellerID)
		return []Teller{t}, err
	}
	return s.store.Tellers(ctx, c.TenantID, in.AgentID, in.OutletID)
}

func (s *Service) changeOutletAt(ctx context.Context, c Caller, in Suspend, facts map[string]string) (Outlet, error) {
	var o Outlet
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		var rank Rank
		var err error
		if o, rank, err = s.overOutlet(ctx, tx, c, in.OutletID); err == nil {
			err = rank.needs(RankAdmin)
		}
		if err == nil {
			err = s.suspend(c, tx, rank, in, &o.Suspended, &o.Suspension)
		}
		if err != nil {
			return err
		}
		return tx.PutOutlet(ctx, o)
	})
	if err == nil {
		s.tell(ctx, c, "outlet.suspend", string(o.ID), "", facts)
	}
	return o, err
}

func (s *Service) suspendAgent(ctx context.Context, c Caller, in Suspend, facts map[string]string) error {
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		a, err := tx.Agent(ctx, in.AgentID)
		if err == nil && a.TenantID != c.TenantID {
			err = remit.NotFound("agent", string(in.AgentID))
		}
		if err == nil {
			err = s.suspend(c, tx, RankOperator, in, &a.Suspended, &a.Suspension)
		}
		if err != nil {
			return err
		}
		return tx.PutAgent(ctx, a)
	})
	if err == nil {
		s.tell(ctx, c, "agent.suspend", string(in.AgentID), "", facts)
	}
	return err
}

// suspend writes the word, and refuses to lift one from above.
func (s *Service) suspend(c Caller, tx Tx, rank Rank, in Suspend, suspended *bool, why **Suspension) error {
	if *suspended && (*why).rank() > rank {
		return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "this was suspended from above and is lifted there")
	}
	*suspended, *why = in.Suspended, nil
	if in.Suspended {
		*why = &Suspension{By: rank, Actor: c.Actor, Reason: in.Reason, At: tx.Now()}
	}
	return nil
}

// MayLook refuses who is suspended or on a device that is not bound to them;
// hours and training keep nobody from looking. Errors: forbidden.
func (s *Service) MayLook(ctx context.Context, c Caller) error {
	return s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		_, err := s.stand(ctx, tx, c)
		return unless(err, afterHours...)
	})
}

// People returns the people that a caller manages, by id: of one agent or outlet
// if it is given. Errors: not_found; forbidden for who manages nobody.
func (s *Service) People(ctx context.Context, c Caller, agent AgentID, outlet OutletID) ([]Teller, error) {
	if c.TellerID == "" {
		return s.store.Tellers(ctx, c.TenantID, agent, outlet)
	}
	self, err := s.managing(ctx, c)
	if err != nil {
		return nil, err
	}
	if agent != "" && agent != self.AgentID {
		return nil, remit.NotFound("agent", string(agent))
	}
	if outlet == "" {
		outlet = self.OutletID
	}
	if outlet != "" {
		o, err := s.store.Outlet(ctx, c.TenantID, outlet)
		if err == nil && o.AgentID != self.AgentID {
			err = remit.NotFound("outlet", string(outlet))
		}
		if err == nil {
			_, err = self.over(o.AgentID, outlet)
		}
		if err != nil {
			return nil, err
		}
	}
	return s.store.Tellers(ctx, c.TenantID, self.AgentID, outlet)
}

// managing reads a caller who manages somebody.
func (s *Service) managing(ctx context.Context, c Caller) (Teller, error) {
	if err := s.MayLook(ctx, c); err != nil {
		return Teller{}, err
	}
	t, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err == nil && t.Role != RoleManager && t.Role != RoleAgentAdmin {
		err = remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only who manages an outlet or agent sees its people")
	}
	return t, err
}

// ManagedOutlets returns the outlets that a caller manages, by id. Errors:
// forbidden for who manages none.
func (s *Service) ManagedOutlets(ctx context.Context, c Caller) ([]Outlet, error) {
	if c.TellerID == "" {
		return s.store.Outlets(ctx, OutletFilter{TenantID: c.TenantID})
	}
	self, err := s.managing(ctx, c)
	if err != nil {
		return nil, err
	}
	if self.Role == RoleManager {
		o, err := s.store.Outlet(ctx, c.TenantID, self.OutletID)
		return []Outlet{o}, err
	}
	return s.store.Outlets(ctx, OutletFilter{TenantID: c.TenantID, AgentID: self.AgentID})
}
