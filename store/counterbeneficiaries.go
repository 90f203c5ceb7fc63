package store

import (
	"context"

	"github.com/openremit/remit"
)

// mostPaidBefore bounds to how many a customer sent before are looked at.
const mostPaidBefore = 40

// PaidBefore is counter.Store's.
func (s *Store) PaidBefore(ctx context.Context, tenant remit.TenantID, customer remit.CustomerID) ([]remit.Beneficiary, error) {
	return s.beneficiaries(ctx, ` WHERE b.tenant_id = $1 AND b.id IN (SELECT beneficiary_id FROM remittances
		WHERE customer_id = $2 AND tenant_id = $1 AND state IN ($3, $4)) ORDER BY b.id DESC LIMIT $5`,
		string(tenant), string(customer), string(remit.StateReadyForPickup), string(remit.StateCompleted), int64(mostPaidBefore))
}
