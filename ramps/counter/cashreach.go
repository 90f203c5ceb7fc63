package counter

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
)

// PaysCash reports whether some outlet of a tenant pays a currency in a country,
// so that cash which is sent there can be fetched.
func (s *Service) PaysCash(ctx context.Context, tenant remit.TenantID, country remit.Country, currency string) (bool, error) {
	outlets, err := s.store.Outlets(ctx, OutletFilter{TenantID: tenant, Country: country})
	if err != nil {
		return false, fmt.Errorf("read outlets: %w", err)
	}
	return slices.ContainsFunc(outlets, func(o Outlet) bool { return !o.Suspended && slices.Contains(o.Currencies, currency) }), nil
}

// PaidBefore returns whom a customer sent to in one way before, newest first:
// for a teller who has the customer at the counter. Errors: not_found with
// ReasonCustomerNotFound for a customer whom the teller did not find or make
// just now; those of a caller who may not work.
func (s *Service) PaidBefore(ctx context.Context, c Caller, customer remit.CustomerID, to remit.Country, method remit.PayoutMethod) ([]remit.Beneficiary, error) {
	if _, err := s.MayServe(ctx, c, customer); err != nil {
		return nil, err
	}
	all, err := s.store.PaidBefore(ctx, c.TenantID, customer)
	if err != nil {
		return nil, fmt.Errorf("read who was paid before: %w", err)
	}
	return slices.DeleteFunc(all, func(b remit.Beneficiary) bool {
		return b.Party == (remit.Party{}) || b.Party.Country != to || b.Method != method
	}), nil
}
