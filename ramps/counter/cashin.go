package counter

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
)

// NewDeposit is what a teller begins a deposit with.
type NewDeposit struct {
	// RemittanceID is the remittance that will be made; it names the deposit.
	RemittanceID  remit.RemittanceID
	Quote         remit.Quote
	Customer      remit.Customer
	BeneficiaryID remit.BeneficiaryID
	// Identity is the customer's document as the teller sees it now.
	Identity Identity
	Shown    Shown
}

// Terms are what customers who pay in cash are told.
func (s *Service) Terms() *Terms { return s.terms }

// Documents lists what the counters of a country accept.
func (s *Service) Documents(country remit.Country) []Document { return s.identity.Documents(country) }

// BeginDeposit records who the customer is by the document, what they were
// warned of and what they accepted. The remittance is made after it. No cash is
// taken yet. The same again answers the same. Errors: invalid with what is wrong
// with the document, ReasonNameMismatch, ReasonWarningMissing,
// ReasonDisclosureMissing; precondition with ReasonQuoteExpired,
// ReasonCurrencyNotHeld, ReasonMethodNotOffered, ReasonCounterLimit,
// ReasonDrawerNotOpen; not_found with ReasonCustomerNotFound for a customer whom
// the teller did not find just now; those of a caller who may not work.
func (s *Service) BeginDeposit(ctx context.Context, c Caller, in NewDeposit) (Deposit, error) {
	risky, err := s.terms.check(in.Shown)
	if err != nil {
		return Deposit{}, err
	}
	d := Deposit{
		ID: DepositOf(in.RemittanceID), TenantID: c.TenantID, RemittanceID: in.RemittanceID, QuoteID: in.Quote.ID, CustomerID: in.Customer.ID,
		BeneficiaryID: in.BeneficiaryID, Amount: in.Quote.SourceTotal, Target: in.Quote.Target, State: DepositBegun, ExpiresAt: in.Quote.ExpiresAt,
	}
	if d.Identity, err = s.store.SealOriginator(ctx, d, in.Identity); err != nil {
		return Deposit{}, fmt.Errorf("seal identity: %w", err)
	}
	sealed := d
	fresh := false
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		fresh = false
		at, err := s.stand(ctx, tx, c)
		if err == nil {
			err = at.outletOnly()
		}
		if err != nil {
			return err
		}
		before, err := tx.Deposit(ctx, sealed.ID)
		if err == nil {
			d = before
			if before.TellerID != at.teller.ID || before.QuoteID != in.Quote.ID || before.CustomerID != in.Customer.ID || before.BeneficiaryID != in.BeneficiaryID {
				return remit.Errorf(remit.KindConflict, remit.ReasonStateConflict, "this deposit is there with other content")
			}
			return nil
		}
		if remit.KindOf(err) != remit.KindNotFound {
			return err
		}
		if d, err = s.begin(ctx, tx, at, sealed, in, risky); err != nil {
			return err
		}
		fresh = true
		return tx.PutDeposit(ctx, d)
	})
	if err != nil {
		return Deposit{}, err
	}
	if fresh {
		s.tell(ctx, c, "deposit.begin", string(d.ID), "", map[string]string{
			"outlet": string(d.OutletID), "amount": d.Amount.String(), "terms": d.Warning.Version, "language": d.Warning.Language,
		})
	}
	return d, nil
}

// begin decides whether a deposit may begin, and what a manager must approve.
func (s *Service) begin(ctx context.Context, tx Tx, at stand, d Deposit, in NewDeposit, risky bool) (Deposit, error) {
	now := tx.Now()
	if err := at.takes(in.Quote); err != nil {
		return d, err
	}
	if d.overdue(now) {
		return d, remit.Errorf(remit.KindPrecondition, remit.ReasonQuoteExpired, "this quote has expired; quote again")
	}
	if _, err := at.openDrawer(ctx, tx); err != nil {
		return d, err
	}
	if err := knows(ctx, tx, at, in.Customer.ID); err != nil {
		return d, err
	}
	if err := remit.InvalidFields(s.identity.Check(at.outlet.Country, in.Identity, at.outlet.Hours.Day(now), in.Customer.Party.DateOfBirth)); err != nil {
		return d, err
	}
	d.NameScore = s.names(in.Identity.Name, in.Customer.Party.Name())
	if d.NameScore < nameDoubtful {
		return d, remit.Invalid("identity.name", remit.ReasonNameMismatch, "the name on the document is not the customer's; take no cash and call %s",
			orElse(at.agent.Phone, "the support line"))
	}
	needs, err := at.cashInLimits(ctx, tx, d.Amount)
	if err != nil {
		return d, err
	}
	if d.NameScore < nameFits {
		needs = append(needs, ApprovalName)
	}
	if risky {
		needs = append(needs, ApprovalWarning)
	}
	d.AgentID, d.OutletID, d.TellerID = at.agent.ID, at.outlet.ID, at.teller.ID
	d.Needs, d.CreatedAt = needs, now
	d.Warning, d.Disclosures = s.terms.told(in.Shown, now)
	return d, nil
}

// takes refuses a quote that is not for cash at this outlet.
func (st stand) takes(q remit.Quote) error {
	switch {
	case q.Funding != remit.FundingCash || q.FundingProvider != Name:
		return remit.Errorf(remit.KindPrecondition, remit.ReasonMethodNotOffered, "this quote is not for cash at a counter; quote again")
	case q.From != st.outlet.Country:
		return remit.Errorf(remit.KindPrecondition, remit.ReasonMethodNotOffered, "this quote is for sending from %s; this outlet is in %s", q.From, st.outlet.Country)
	case !slices.Contains(st.outlet.Currencies, q.SourceTotal.Asset.Code):
		return remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", q.SourceTotal.Asset.Code)
	}
	return nil
}

// ofOutlet returns a deposit of the caller's outlet, or for an agent's admin of
// the agent. Errors: not_found for everybody else.
func (st stand) ofOutlet(ctx context.Context, tx Tx, tenant remit.TenantID, id DepositID) (Deposit, error) {
	d, err := tx.Deposit(ctx, id)
	if err == nil && (d.TenantID != tenant || !st.seesDeposit(d)) {
		err = remit.NotFound("deposit", string(id))
	}
	return d, err
}

func (st stand) seesDeposit(d Deposit) bool {
	return st.teller.AgentID == d.AgentID && (st.teller.OutletID == d.OutletID || st.teller.Role == RoleAgentAdmin)
}

// Deposit shows a deposit to the people of its outlet. Errors: not_found.
func (s *Service) Deposit(ctx context.Context, c Caller, id DepositID) (Deposit, error) {
	teller, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return Deposit{}, err
	}
	d, err := s.store.Deposit(ctx, c.TenantID, id)
	if err == nil && (teller.Suspended || !(stand{teller: teller}).seesDeposit(d)) {
		err = remit.NotFound("deposit", string(id))
	}
	if err != nil {
		return Deposit{}, err
	}
	return d, nil
}

// maxDeposits bounds the list of deposits that are not done.
const maxDeposits = 100

// OpenDeposits lists the deposits of the caller's outlet whose cash was not
// taken and whose time is not up, newest first.
func (s *Service) OpenDeposits(ctx context.Context, c Caller) ([]Deposit, error) {
	teller, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return nil, err
	}
	if teller.Suspended || teller.OutletID == "" {
		return nil, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only who works at an outlet sees its deposits")
	}
	return s.store.OpenDeposits(ctx, c.TenantID, teller.OutletID, s.clock.Now(), maxDeposits)
}

// RefundOf returns the pickup by which a deposit is fetched back, the newest
// where there were several. Errors: not_found until it is there.
func (s *Service) RefundOf(ctx context.Context, d Deposit) (Pickup, error) {
	return s.store.PickupByCode(ctx, d.TenantID, s.coder.Hash(s.coder.Code(RefundSeed(d.RemittanceID))))
}

// RefundCode is the code with which a deposit is fetched back: for who took the
// cash, to be printed on the receipt; and for a manager while the cash waits for
// a customer who lost the receipt and shows a document. Empty for everybody else.
func (s *Service) RefundCode(ctx context.Context, c Caller, d Deposit, refund Pickup) (string, error) {
	code := s.coder.Text(RefundSeed(d.RemittanceID))
	switch {
	case d.State != DepositTaken:
		return "", nil
	case d.TakenBy == c.TellerID && s.clock.Now().Before(d.CancelUntil()):
		return code, nil
	case refund.State != StateWaiting && refund.State != StateReserved:
		return "", nil
	}
	teller, err := s.store.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return "", err
	}
	if teller.Suspended || !teller.Manages(d.AgentID, d.OutletID) {
		return "", nil
	}
	s.tell(ctx, c, "deposit.refund_code", string(d.ID), "", nil)
	return code, nil
}

// ApproveDeposit is a manager's word for what the teller may not take alone. The
// same again is no error. Errors: forbidden for who is no manager of the outlet,
// or the teller; conflict and precondition by where the deposit stands.
func (s *Service) ApproveDeposit(ctx context.Context, c Caller, id DepositID) (Deposit, error) {
	var d Deposit
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err != nil {
			return err
		}
		if d, err = at.ofOutlet(ctx, tx, c.TenantID, id); err != nil {
			return err
		}
		if err := at.manages(d.AgentID, d.OutletID, d.TellerID); err != nil {
			return err
		}
		if d.State == DepositTaken || d.ApprovedBy != "" {
			return nil
		}
		if err := d.open(tx.Now()); err != nil {
			return err
		}
		d.ApprovedBy = at.teller.ID
		return tx.PutDeposit(ctx, d)
	})
	if err != nil {
		return Deposit{}, err
	}
	s.tell(ctx, c, "deposit.approve", string(id), "", nil)
	return d, nil
}

// CancelDeposit undoes a deposit. Before cash was taken none is taken any more;
// after it, within CancelWindow and until it was paid out, the remittance is
// brought back and the cash paid back at a counter of the same agent. The same
// again is no error. Errors: precondition with ReasonNotCancelable; not_found;
// those of a caller who may not work.
func (s *Service) CancelDeposit(ctx context.Context, c Caller, id DepositID) (Deposit, error) {
	var d Deposit
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err != nil {
			return err
		}
		if d, err = at.ofOutlet(ctx, tx, c.TenantID, id); err != nil {
			return err
		}
		switch {
		case d.State == DepositCanceled || d.CancelAsked:
			return nil
		case d.State == DepositExpired:
			return errDepositExpired()
		case d.State == DepositTaken && !tx.Now().Before(d.CancelUntil()):
			return remit.Errorf(remit.KindPrecondition, remit.ReasonNotCancelable, "the time to cancel is over; call %s", orElse(at.agent.Phone, "the support line"))
		}
		// Before cash was taken there may be no remittance yet, or none any more.
		asked, err := tx.RequestCancel(ctx, d)
		if err != nil {
			return err
		}
		if d.State == DepositTaken {
			if !asked {
				return remit.Errorf(remit.KindPrecondition, remit.ReasonNotCancelable, "this cannot be canceled any more; call %s", orElse(at.agent.Phone, "the support line"))
			}
			d.CancelAsked = true
		} else {
			d.State, d.Reason = DepositCanceled, remit.ReasonCanceledByCaller
		}
		return tx.PutDeposit(ctx, d)
	})
	if err != nil {
		return Deposit{}, err
	}
	s.tell(ctx, c, "deposit.cancel", string(id), "", map[string]string{"state": string(d.State)})
	return d, nil
}
