package counter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// CustomerKey is what a customer is found by. The zero value is unspecified.
type CustomerKey string

// The keys of customers.
const (
	KeyPhone    CustomerKey = "phone"
	KeyDocument CustomerKey = "document"
)

// Normal writes the value of a key in the one form that is compared: without
// spaces and punctuation, in capitals.
func (k CustomerKey) Normal(value string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()\u00a0", r) {
			return -1
		}
		return r
	}, strings.ToUpper(value))
}

// FindCustomer is what a returning customer says: a phone or document number,
// together with the whole name or the date of birth.
type FindCustomer struct {
	Phone, DocumentNumber string
	Name, DateOfBirth     string
}

// customerFor is how long a teller may go on with a customer who was found.
const customerFor = 30 * time.Minute

// knownKey names that a teller found or made a customer.
func knownKey(t TellerID, id remit.CustomerID) string {
	return "customer/" + string(t) + "/" + string(id)
}

// FindCustomer finds one customer. It never lists, counts every try and locks
// after wrong ones. Whoever fits must be one person: where a phone is shared by
// several who fit, the document is asked for. Errors: invalid; not_found with
// ReasonCustomerNotFound for whatever does not fit; limited with
// ReasonCounterLocked; those of a caller who may not work.
func (s *Service) FindCustomer(ctx context.Context, c Caller, in FindCustomer) (remit.Customer, error) {
	if (in.Phone == "") == (in.DocumentNumber == "") {
		return remit.Customer{}, remit.Invalid("phone", remit.ReasonFieldRequired, "write the phone number or the document's number, one of them")
	}
	if strings.TrimSpace(in.Name) == "" && in.DateOfBirth == "" {
		return remit.Customer{}, remit.Invalid("name", remit.ReasonFieldRequired, "write the whole name or the date of birth as well")
	}
	found, err := s.customerLike(ctx, c.TenantID, in)
	if err != nil {
		return remit.Customer{}, err
	}
	var at stand
	var out outcome
	err = s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) (err error) {
		out = outcome{}
		if at, err = s.stand(ctx, tx, c); err != nil {
			return err
		}
		if err = at.outletOnly(); err != nil {
			return err
		}
		if out, err = countTry(ctx, tx, c, at, "", found.ID != ""); err != nil || out.refusal != nil {
			return err
		}
		return know(ctx, tx, at.teller.ID, found.ID)
	})
	if err != nil {
		return remit.Customer{}, err
	}
	s.alarm(ctx, c, at, out)
	if out.refusal != nil {
		if remit.KindOf(out.refusal) == remit.KindNotFound {
			out.refusal = errNoCustomer()
		}
		return remit.Customer{}, out.refusal
	}
	s.tell(ctx, c, "customer.find", string(found.ID), "", nil)
	return found, nil
}

func errNoCustomer() error {
	return remit.Errorf(remit.KindNotFound, remit.ReasonCustomerNotFound, "no one customer fits; check what was written, ask for the document, or add a new customer")
}

// customerLike returns the one customer who fits, none without an error.
func (s *Service) customerLike(ctx context.Context, tenant remit.TenantID, in FindCustomer) (remit.Customer, error) {
	key, value := KeyPhone, in.Phone
	if in.DocumentNumber != "" {
		key, value = KeyDocument, in.DocumentNumber
	}
	list, err := s.store.CustomersByKey(ctx, tenant, key, value)
	if err != nil {
		return remit.Customer{}, fmt.Errorf("find customer: %w", err)
	}
	var found remit.Customer
	fits := 0
	for _, one := range list {
		if one.Party == (remit.Party{}) {
			continue // Erased meanwhile.
		}
		named := in.Name == "" || s.names(in.Name, one.Party.Name()) >= nameFits
		born := in.DateOfBirth == "" || (one.Party.DateOfBirth != "" && one.Party.DateOfBirth == in.DateOfBirth)
		if named && born {
			found = one
			fits++
		}
	}
	if fits != 1 {
		return remit.Customer{}, nil
	}
	return found, nil
}

// know notes that a teller has a customer before them.
func know(ctx context.Context, tx Tx, t TellerID, id remit.CustomerID) error {
	return tx.PutGuard(ctx, knownKey(t, id), Guard{Since: tx.Now()})
}

// knows refuses a customer whom the teller did not find or make just now.
func knows(ctx context.Context, tx Tx, at stand, id remit.CustomerID) error {
	g, err := tx.Guard(ctx, knownKey(at.teller.ID, id))
	if err == nil && (g.Since.IsZero() || tx.Now().Sub(g.Since) > customerFor) {
		err = remit.Errorf(remit.KindNotFound, remit.ReasonCustomerNotFound, "look the customer up again")
	}
	return err
}

// NoteCustomer notes that the caller made a customer, so that a deposit may
// begin. Errors: those of a caller who may not work.
func (s *Service) NoteCustomer(ctx context.Context, c Caller, id remit.CustomerID) error {
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err == nil {
			err = at.outletOnly()
		}
		if err != nil {
			return err
		}
		return know(ctx, tx, at.teller.ID, id)
	})
	if err == nil {
		s.tell(ctx, c, "customer.save", string(id), "", nil)
	}
	return err
}

// MayServe refuses a caller who may not work at a counter now and, where a
// customer is named, one whom the caller did not find or make just now. It
// returns where the caller works. Errors: as FindCustomer and BeginDeposit.
func (s *Service) MayServe(ctx context.Context, c Caller, id remit.CustomerID) (Outlet, error) {
	var at stand
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) (err error) {
		if at, err = s.stand(ctx, tx, c); err == nil {
			err = at.outletOnly()
		}
		if err != nil || id == "" {
			return err
		}
		return knows(ctx, tx, at, id)
	})
	return at.outlet, err
}

// CheckDocument returns all that is wrong with a customer's document at an
// outlet. born is the date of birth on file, empty for none.
func (s *Service) CheckDocument(o Outlet, id Identity, party remit.Party) []remit.FieldError {
	fields := s.identity.Check(o.Country, id, o.Hours.Day(s.clock.Now()), party.DateOfBirth)
	if s.names(id.Name, party.Name()) < nameDoubtful {
		fields = append(fields, remit.FieldError{
			Field: "identity.name", Reason: remit.ReasonNameMismatch, Message: "the name on the document is not the customer's; read it again",
		})
	}
	return fields
}
