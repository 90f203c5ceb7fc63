package counter

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
)

// OpenDrawer gives a teller a drawer with what was counted into it from the
// outlet's float. The same again answers the same. Errors: conflict with
// ReasonDrawerOpen; precondition with ReasonFloatShort, ReasonCurrencyNotHeld;
// invalid counts; those of a caller who may not work.
func (s *Service) OpenDrawer(ctx context.Context, c Caller, id DrawerID, counts []Count) (Drawer, error) {
	if err := validateCounts(counts); err != nil {
		return Drawer{}, err
	}
	var d Drawer
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err == nil {
			err = at.outletOnly()
		}
		if err != nil {
			return err
		}
		// The same again, even when it was closed since.
		if d, err = drawerOf(ctx, tx, c.TenantID, id); remit.KindOf(err) != remit.KindNotFound {
			if err == nil && d.TellerID != at.teller.ID {
				err = remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this drawer is another teller's")
			}
			return err
		}
		if at.teller.Drawer != "" {
			return remit.Errorf(remit.KindConflict, remit.ReasonDrawerOpen, "your drawer is open already; close it first")
		}
		d = Drawer{
			ID: id, TenantID: c.TenantID, AgentID: at.agent.ID, OutletID: at.outlet.ID, TellerID: at.teller.ID,
			State: DrawerOpen, Opening: counts, OpenedAt: tx.Now(),
		}
		for _, n := range counts {
			if err := at.fill(ctx, tx, movementOf(tx, d, MoveToDrawer, n.Total, "open/"+n.Total.Asset.Code)); err != nil {
				return err
			}
		}
		at.teller.Drawer = id
		if err := tx.PutTeller(ctx, at.teller); err != nil {
			return err
		}
		return tx.PutDrawer(ctx, d)
	})
	if err != nil {
		return Drawer{}, err
	}
	s.tell(ctx, c, "drawer.open", string(id), "", nil)
	s.warnLow(ctx, c.TenantID, d.OutletID)
	return d, nil
}

// fill moves cash from the float into a drawer.
func (st stand) fill(ctx context.Context, tx Tx, m Movement) error {
	amount := m.Amount
	if !slices.Contains(st.outlet.Currencies, amount.Asset.Code) {
		return remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", amount.Asset.Code)
	}
	if amount.IsZero() {
		return nil
	}
	err := takeFloat(ctx, tx, st.outlet, m)
	return shortOf(err, remit.Errorf(remit.KindPrecondition, remit.ReasonFloatShort, "the outlet's float does not hold %s; ask for a top-up", amount))
}

// move books a movement of a drawer; nothing for no money.
func move(ctx context.Context, tx Tx, d Drawer, kind MovementKind, amount remit.Money, key string) error {
	if amount.IsZero() {
		return nil
	}
	return tx.Move(ctx, movementOf(tx, d, kind, amount, key))
}

// movementOf is a movement of a drawer.
func movementOf(tx Tx, d Drawer, kind MovementKind, amount remit.Money, key string) Movement {
	return Movement{
		Key: "counter/" + string(d.ID) + "/" + key, Kind: kind, TenantID: d.TenantID, AgentID: d.AgentID, OutletID: d.OutletID,
		TellerID: d.TellerID, DrawerID: d.ID, Amount: amount, At: tx.Now(),
	}
}

// MoveCash moves cash between the outlet's float and the caller's open drawer.
// key names the movement: the same one again has no effect. Errors: precondition
// with ReasonDrawerNotOpen, ReasonDrawerShort, ReasonFloatShort; those of a
// caller who may not work.
func (s *Service) MoveCash(ctx context.Context, c Caller, key string, kind MovementKind, amount remit.Money) (Drawer, error) {
	if (kind != MoveToDrawer && kind != MoveFromDrawer) || !amount.IsPositive() {
		return Drawer{}, remit.Invalid("kind", remit.ReasonFieldInvalid, "cash moves into the drawer or out of it, more than nothing")
	}
	var d Drawer
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err == nil {
			err = at.outletOnly()
		}
		if err != nil {
			return err
		}
		if d, err = at.openDrawer(ctx, tx); err != nil {
			return err
		}
		m := movementOf(tx, d, kind, amount, "")
		m.Key = "counter/" + key // Whichever drawer is open when it is asked for again.
		if kind == MoveToDrawer {
			return at.fill(ctx, tx, m)
		}
		return shortOf(tx.Move(ctx, m), errDrawerShort(amount))
	})
	if err != nil {
		return Drawer{}, err
	}
	s.tell(ctx, c, "drawer.move", string(d.ID), "", map[string]string{"kind": string(kind), "amount": amount.String()})
	s.warnLow(ctx, c.TenantID, d.OutletID)
	return d, nil
}

// Close is the end of a drawer as counted, without having been told what it
// should hold.
type Close struct {
	DrawerID DrawerID
	Counts   []Count
	// Reason is the teller's word on what may be missing or too much.
	Reason string
	// NextTeller, if given, takes the drawer over after counting it again.
	NextTeller TellerID
}

// CloseDrawer ends a drawer by a blind count, by its teller or a manager. When
// it agrees with the ledger the cash goes back into the float, or is offered to
// the next teller; when it does not, a manager must approve the difference.
// Errors: precondition with ReasonDrawerNotOpen; invalid counts; forbidden.
func (s *Service) CloseDrawer(ctx context.Context, c Caller, in Close) (Drawer, error) {
	if err := validateCounts(in.Counts); err != nil {
		return Drawer{}, err
	}
	var d Drawer
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, afterHours...); err != nil {
			return err
		}
		if d, err = drawerOf(ctx, tx, c.TenantID, in.DrawerID); err != nil {
			return err
		}
		if d.TellerID != at.teller.ID {
			if err := at.manages(d.AgentID, d.OutletID, d.TellerID); err != nil {
				return err
			}
		}
		if d.State == DrawerClosed || d.State == DrawerCounted {
			return sameCount(d, in.Counts)
		}
		return s.count(ctx, tx, &d, in)
	})
	if err != nil {
		return Drawer{}, err
	}
	s.tell(ctx, c, "drawer.count", string(d.ID), "", map[string]string{"state": string(d.State)})
	return d, nil
}

func drawerOf(ctx context.Context, tx Tx, tenant remit.TenantID, id DrawerID) (Drawer, error) {
	d, err := tx.Drawer(ctx, id)
	if err == nil && d.TenantID != tenant {
		err = remit.NotFound("drawer", string(id))
	}
	return d, err
}

// sameCount lets a repeated count pass and refuses another one.
func sameCount(d Drawer, counts []Count) error {
	for _, n := range counts {
		if countOf(d.Closing, n.Total.Asset) != n.Total {
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this drawer was counted already; a manager looks at it")
		}
	}
	return nil
}

// count compares a count with the ledger and takes the drawer on.
func (s *Service) count(ctx context.Context, tx Tx, d *Drawer, in Close) error {
	outlet, err := tx.Outlet(ctx, d.OutletID)
	if err != nil {
		return err
	}
	assets, err := assetsOf(outlet, in.Counts)
	if err != nil {
		return err
	}
	d.Closing, d.Reason, d.NextTeller, d.Differences = in.Counts, in.Reason, "", nil
	for _, a := range assets {
		expected, err := tx.Cash(ctx, d.TellerID, a)
		if err != nil {
			return err
		}
		d.Differences = append(d.Differences, Difference{Expected: expected, Counted: countOf(in.Counts, a)})
	}
	switch {
	case d.off():
		d.State = DrawerCounted
	case in.NextTeller != "":
		next, err := tx.Teller(ctx, in.NextTeller)
		if err != nil {
			return err
		}
		if next.OutletID != d.OutletID || next.ID == d.TellerID {
			return remit.Invalid("next_teller_id", remit.ReasonFieldInvalid, "a drawer goes to another teller of the same outlet")
		}
		d.State, d.NextTeller = DrawerOffered, next.ID
	default:
		return s.shut(ctx, tx, d)
	}
	return tx.PutDrawer(ctx, *d)
}

// assetsOf are the assets that a count is about: all the outlet holds, and
// nothing else may be counted.
func assetsOf(o Outlet, counts []Count) ([]remit.Asset, error) {
	var out []remit.Asset
	for _, code := range o.Currencies {
		a, err := remit.Fiat(code)
		if err != nil {
			return nil, fmt.Errorf("outlet %s: %w", o.ID, err)
		}
		out = append(out, a)
	}
	for _, n := range counts {
		if !slices.Contains(out, n.Total.Asset) {
			return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", n.Total.Asset.Code)
		}
	}
	return out, nil
}

// shut books the differences, brings the counted cash back and ends the drawer.
func (s *Service) shut(ctx context.Context, tx Tx, d *Drawer) error {
	for _, x := range d.Differences {
		over, code := x.Over(), x.Expected.Asset.Code
		var err error
		switch {
		case over.Minor > 0:
			err = move(ctx, tx, *d, MoveOver, over, "over/"+code)
		case over.Minor < 0:
			err = move(ctx, tx, *d, MoveShort, remit.NewMoney(over.Asset, -over.Minor), "short/"+code)
		}
		if err == nil {
			err = move(ctx, tx, *d, MoveFromDrawer, x.Counted, "close/"+code)
		}
		if err != nil {
			return fmt.Errorf("book the end of a drawer: %w", err)
		}
	}
	return s.end(ctx, tx, d)
}

// end takes the drawer from its teller.
func (s *Service) end(ctx context.Context, tx Tx, d *Drawer) error {
	teller, err := tx.Teller(ctx, d.TellerID)
	if err != nil {
		return err
	}
	if teller.Drawer == d.ID {
		teller.Drawer = ""
		if err := tx.PutTeller(ctx, teller); err != nil {
			return err
		}
	}
	d.State, d.ClosedAt = DrawerClosed, tx.Now()
	return tx.PutDrawer(ctx, *d)
}

// DecideDrawer is a manager's word on a difference: approved, it is booked as
// over or short and the drawer is closed; refused, the drawer is open again to
// be counted anew. Errors: forbidden for who is no manager of the outlet, or
// the teller; precondition when no difference waits.
func (s *Service) DecideDrawer(ctx context.Context, c Caller, id DrawerID, approve bool) (Drawer, error) {
	var d Drawer
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, afterHours...); err != nil {
			return err
		}
		if d, err = drawerOf(ctx, tx, c.TenantID, id); err != nil {
			return err
		}
		if err := at.manages(d.AgentID, d.OutletID, d.TellerID); err != nil {
			return err
		}
		if d.State == DrawerClosed && approve && d.ApprovedBy == at.teller.ID {
			return nil
		}
		if d.State != DrawerCounted {
			return remit.Errorf(remit.KindPrecondition, remit.ReasonStateConflict, "no difference of this drawer waits for approval")
		}
		if !approve {
			d.State, d.Closing, d.Differences = DrawerOpen, nil, nil
			return tx.PutDrawer(ctx, d)
		}
		d.ApprovedBy = at.teller.ID
		return s.shut(ctx, tx, &d)
	})
	if err != nil {
		return Drawer{}, err
	}
	s.tell(ctx, c, "drawer.decide", string(id), "", map[string]string{"approved": fmt.Sprint(approve)})
	return d, nil
}

// TakeOver gives an offered drawer to the next teller, who counted it again:
// the old drawer ends and a new one begins with the same cash. Errors: invalid
// with ReasonCountMismatch when the counts differ, and the drawer stays with
// the one who offered it; forbidden for anybody but the next teller.
func (s *Service) TakeOver(ctx context.Context, c Caller, id, fresh DrawerID, counts []Count) (Drawer, error) {
	if err := validateCounts(counts); err != nil {
		return Drawer{}, err
	}
	var d Drawer
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err != nil {
			return err
		}
		old, err := drawerOf(ctx, tx, c.TenantID, id)
		if err != nil {
			return err
		}
		if d, err = drawerOf(ctx, tx, c.TenantID, fresh); remit.KindOf(err) != remit.KindNotFound {
			if err == nil && (d.TellerID != at.teller.ID || old.State != DrawerClosed) {
				err = remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this drawer is another teller's")
			}
			return err
		}
		switch {
		case old.NextTeller != at.teller.ID:
			return remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "this drawer is not offered to you")
		case old.State != DrawerOffered:
			return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this drawer is not offered any more")
		case at.teller.Drawer != "":
			return remit.Errorf(remit.KindConflict, remit.ReasonDrawerOpen, "your own drawer is open; close it first")
		}
		d = Drawer{
			ID: fresh, TenantID: c.TenantID, AgentID: at.agent.ID, OutletID: at.outlet.ID, TellerID: at.teller.ID,
			State: DrawerOpen, Opening: counts, OpenedAt: tx.Now(),
		}
		for _, x := range old.Differences {
			if countOf(counts, x.Counted.Asset) != x.Counted {
				return remit.Invalid("counts", remit.ReasonCountMismatch, "your count is not the one of who offers the drawer; count again together")
			}
			if x.Counted.IsZero() {
				continue
			}
			if err := tx.Move(ctx, Movement{
				Key: "counter/" + string(old.ID) + "/handover/" + x.Counted.Asset.Code, Kind: MoveHandover, TenantID: old.TenantID,
				AgentID: old.AgentID, OutletID: old.OutletID, TellerID: old.TellerID, ToTeller: at.teller.ID, DrawerID: old.ID,
				Amount: x.Counted, At: tx.Now(),
			}); err != nil {
				return err
			}
		}
		if err := s.end(ctx, tx, &old); err != nil {
			return err
		}
		at.teller.Drawer = fresh
		if err := tx.PutTeller(ctx, at.teller); err != nil {
			return err
		}
		return tx.PutDrawer(ctx, d)
	})
	if err != nil {
		return Drawer{}, err
	}
	s.tell(ctx, c, "drawer.take_over", string(fresh), "", map[string]string{"from": string(id)})
	return d, nil
}

// Drawer returns a drawer to its teller and to managers: what it should hold is
// not told while it is open. Errors: not_found for everybody else.
func (s *Service) Drawer(ctx context.Context, c Caller, id DrawerID) (Drawer, error) {
	teller, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return Drawer{}, err
	}
	if id == "" {
		if id = teller.Drawer; id == "" {
			return Drawer{}, remit.Errorf(remit.KindPrecondition, remit.ReasonDrawerNotOpen, "you have no open drawer")
		}
	}
	d, err := s.store.Drawer(ctx, c.TenantID, id)
	if err == nil && d.TellerID != teller.ID && d.NextTeller != teller.ID && (stand{teller: teller}).manages(d.AgentID, d.OutletID, d.TellerID) != nil {
		err = remit.NotFound("drawer", string(id))
	}
	if err != nil {
		return Drawer{}, err
	}
	return d, nil
}
