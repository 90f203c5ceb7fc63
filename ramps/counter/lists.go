package counter

import (
	"context"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
)

// Agents returns a tenant's agents.
func (s *Service) Agents(ctx context.Context, tenant remit.TenantID) ([]Agent, error) {
	return s.store.Agents(ctx, tenant)
}

// Agent returns one agent. Errors: not_found.
func (s *Service) Agent(ctx context.Context, tenant remit.TenantID, id AgentID) (Agent, error) {
	return s.store.Agent(ctx, tenant, id)
}

// Outlets returns a tenant's outlets, of one agent if it is given.
func (s *Service) Outlets(ctx context.Context, tenant remit.TenantID, agent AgentID) ([]Outlet, error) {
	return s.store.Outlets(ctx, OutletFilter{TenantID: tenant, AgentID: agent})
}

// Outlet returns one outlet. Errors: not_found.
func (s *Service) Outlet(ctx context.Context, tenant remit.TenantID, id OutletID) (Outlet, error) {
	return s.store.Outlet(ctx, tenant, id)
}

// PickupOf returns the pickup of a payout order, or of a refund in cash. Errors:
// not_found, also for orders of other providers.
func (s *Service) PickupOf(ctx context.Context, o ramps.Order) (Pickup, error) {
	if o.Provider != Name || o.Direction == ramps.PayIn {
		return Pickup{}, remit.NotFound("pickup", string(o.ID))
	}
	return s.store.Pickup(ctx, o.TenantID, pickupID(o.ID, o.CreatedAt))
}

// Tellers returns the people of an agent or outlet, of all if both are empty.
func (s *Service) Tellers(ctx context.Context, tenant remit.TenantID, agent AgentID, outlet OutletID) ([]Teller, error) {
	return s.store.Tellers(ctx, tenant, agent, outlet)
}

// Teller returns one person. Errors: not_found.
func (s *Service) Teller(ctx context.Context, tenant remit.TenantID, id TellerID) (Teller, error) {
	return s.store.Teller(ctx, tenant, id)
}

// TellerOfStaff returns whom a person's session acts as. Errors: not_found.
func (s *Service) TellerOfStaff(ctx context.Context, tenant remit.TenantID, id remit.StaffID) (Teller, error) {
	return s.store.TellerOfStaff(ctx, tenant, id)
}

// TopUps returns requests for float, newest first, of one outlet if it is given.
func (s *Service) TopUps(ctx context.Context, tenant remit.TenantID, outlet OutletID) ([]TopUp, error) {
	return s.store.TopUps(ctx, tenant, outlet)
}

// Manages reports whether a person approves what happens at an outlet.
func (t Teller) Manages(agent AgentID, outlet OutletID) bool {
	return (stand{teller: t}).manages(agent, outlet, "") == nil
}
