package api

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// customerService answers v1.CustomerService.
type customerService struct {
	v1.UnimplementedCustomerServiceServer
	*Server
}

// CreateCustomer stores an originator.
func (s *customerService) CreateCustomer(ctx context.Context, req *v1.CreateCustomerRequest) (*v1.CreateCustomerResponse, error) {
	c := s.check(req)
	customer := remit.Customer{
		TenantID: callOf(ctx).caller.TenantID, Party: partyOf(req.GetParty()),
		Tier: tierOf(req.GetKycTier()), Reference: req.GetReference(),
	}
	if err := s.checkOriginator(c, customer.Party); err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	customer.Party = s.catalogue.NormaliseOriginator(customer.Party)
	var err error
	if customer.ID, customer.CreatedAt, err = derivedID[remit.CustomerID](ctx, remit.PrefixCustomer); err != nil {
		return nil, err
	}
	if err := s.store.CreateCustomer(ctx, customer); err != nil {
		return nil, fmt.Errorf("store customer: %w", err)
	}
	customer.Version = 1
	return &v1.CreateCustomerResponse{Customer: customerMessage(customer)}, nil
}

// PartyStore changes customers and beneficiaries. It is implemented by package store.
type PartyStore interface {
	// UpdateCustomer and UpdateBeneficiary replace a party by its next version:
	// the party as it should be, with the version that the change was made on. by
	// is whoever changes it. The same change again is no error. Errors: not_found;
	// conflict with ReasonPartyChanged; precondition with ReasonPartyInUse for
	// the account or country of a beneficiary that a remittance is on its way to.
	UpdateCustomer(ctx context.Context, c remit.Customer, by string) (remit.Customer, error)
	UpdateBeneficiary(ctx context.Context, b remit.Beneficiary, by string) (remit.Beneficiary, error)
}

// UpdateCustomer changes an originator.
func (s *customerService) UpdateCustomer(ctx context.Context, req *v1.UpdateCustomerRequest) (*v1.UpdateCustomerResponse, error) {
	c := s.check(req)
	id := checkID[remit.CustomerID](c, remit.PrefixCustomer, "id", req.GetId())
	party := partyOf(req.GetParty())
	if req.GetParty() != nil {
		if err := s.checkOriginator(c, party); err != nil {
			return nil, err
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	caller := callOf(ctx).caller
	customer, err := s.store.Customer(ctx, caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read customer: %w", err)
	}
	customer.Version = req.GetVersion()
	if req.GetParty() != nil {
		customer.Party = s.catalogue.NormaliseOriginator(party)
	}
	if req.GetKycTier() != "" {
		customer.Tier = tierOf(req.GetKycTier())
	}
	if req.Reference != nil {
		customer.Reference = req.GetReference()
	}
	if customer, err = s.store.UpdateCustomer(ctx, customer, caller.Name); err != nil {
		return nil, fmt.Errorf("change customer: %w", err)
	}
	return &v1.UpdateCustomerResponse{Customer: customerMessage(customer)}, nil
}

// GetCustomer returns one customer.
func (s *customerService) GetCustomer(ctx context.Context, req *v1.GetCustomerRequest) (*v1.GetCustomerResponse, error) {
	c := s.check(req)
	id := checkID[remit.CustomerID](c, remit.PrefixCustomer, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	customer, err := s.store.Customer(ctx, callOf(ctx).caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read customer: %w", err)
	}
	return &v1.GetCustomerResponse{Customer: customerMessage(customer)}, nil
}

// ListCustomers returns a page of customers, newest first.
func (s *customerService) ListCustomers(ctx context.Context, req *v1.ListCustomersRequest) (*v1.ListCustomersResponse, error) {
	c := s.check(req)
	p := page[remit.CustomerID](c, remit.PrefixCustomer, req.GetPageSize(), req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.store.Customers(ctx, callOf(ctx).caller.TenantID, p)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	resp := &v1.ListCustomersResponse{NextPageToken: nextToken(list, p, func(c remit.Customer) remit.CustomerID { return c.ID })}
	for _, customer := range list {
		resp.Customers = append(resp.Customers, customerMessage(customer))
	}
	return resp, nil
}

// beneficiaryService answers v1.BeneficiaryService.
type beneficiaryService struct {
	v1.UnimplementedBeneficiaryServiceServer
	*Server
}

// CreateBeneficiary stores a beneficiary.
func (s *beneficiaryService) CreateBeneficiary(ctx context.Context, req *v1.CreateBeneficiaryRequest) (*v1.CreateBeneficiaryResponse, error) {
	c := s.check(req)
	b := remit.Beneficiary{
		TenantID: callOf(ctx).caller.TenantID, Party: partyOf(req.GetParty()),
		Method: remit.PayoutMethod(req.GetPayoutMethod()), Account: req.GetAccount(),
	}
	if err := s.checkBeneficiary(c, b); err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	b.Party, b.Account = s.catalogue.NormaliseBeneficiary(b.Party.Country, b.Method, b.Party, b.Account)
	var err error
	if b.ID, b.CreatedAt, err = derivedID[remit.BeneficiaryID](ctx, remit.PrefixBeneficiary); err != nil {
		return nil, err
	}
	if err := s.store.CreateBeneficiary(ctx, b); err != nil {
		return nil, fmt.Errorf("store beneficiary: %w", err)
	}
	b.Version = 1
	return &v1.CreateBeneficiaryResponse{Beneficiary: beneficiaryMessage(b)}, nil
}

// UpdateBeneficiary changes who receives, or where.
func (s *beneficiaryService) UpdateBeneficiary(ctx context.Context, req *v1.UpdateBeneficiaryRequest) (*v1.UpdateBeneficiaryResponse, error) {
	c := s.check(req)
	id := checkID[remit.BeneficiaryID](c, remit.PrefixBeneficiary, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	caller := callOf(ctx).caller
	b, err := s.store.Beneficiary(ctx, caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read beneficiary: %w", err)
	}
	b.Version = req.GetVersion()
	if req.GetParty() != nil {
		b.Party = partyOf(req.GetParty())
	}
	if len(req.GetAccount()) > 0 {
		b.Account = req.GetAccount()
	}
	// Who and where belong together: a change of one may make the other wrong.
	if err := s.checkBeneficiary(c, b); err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	b.Party, b.Account = s.catalogue.NormaliseBeneficiary(b.Party.Country, b.Method, b.Party, b.Account)
	if b, err = s.store.UpdateBeneficiary(ctx, b, caller.Name); err != nil {
		return nil, fmt.Errorf("change beneficiary: %w", err)
	}
	return &v1.UpdateBeneficiaryResponse{Beneficiary: beneficiaryMessage(b)}, nil
}

// ValidateBeneficiary says all that CreateBeneficiary would refuse.
func (s *beneficiaryService) ValidateBeneficiary(_ context.Context, req *v1.ValidateBeneficiaryRequest) (*v1.ValidateBeneficiaryResponse, error) {
	c := s.check(req)
	b := remit.Beneficiary{
		Party: partyOf(req.GetParty()), Method: remit.PayoutMethod(req.GetPayoutMethod()), Account: req.GetAccount(),
	}
	if err := s.checkBeneficiary(c, b); err != nil {
		return nil, err
	}
	resp := &v1.ValidateBeneficiaryResponse{Valid: len(c.fields) == 0}
	for _, f := range c.fields {
		resp.Fields = append(resp.Fields, &v1.FieldProblem{Field: f.Field, Reason: string(f.Reason), Message: f.Message})
	}
	return resp, nil
}

// GetBeneficiary returns one beneficiary.
func (s *beneficiaryService) GetBeneficiary(ctx context.Context, req *v1.GetBeneficiaryRequest) (*v1.GetBeneficiaryResponse, error) {
	c := s.check(req)
	id := checkID[remit.BeneficiaryID](c, remit.PrefixBeneficiary, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	b, err := s.store.Beneficiary(ctx, callOf(ctx).caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read beneficiary: %w", err)
	}
	return &v1.GetBeneficiaryResponse{Beneficiary: beneficiaryMessage(b)}, nil
}

// ListBeneficiaries returns a page of beneficiaries, newest first.
func (s *beneficiaryService) ListBeneficiaries(ctx context.Context, req *v1.ListBeneficiariesRequest) (*v1.ListBeneficiariesResponse, error) {
	c := s.check(req)
	p := page[remit.BeneficiaryID](c, remit.PrefixBeneficiary, req.GetPageSize(), req.GetPageToken())
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.store.Beneficiaries(ctx, callOf(ctx).caller.TenantID, p)
	if err != nil {
		return nil, fmt.Errorf("list beneficiaries: %w", err)
	}
	resp := &v1.ListBeneficiariesResponse{NextPageToken: nextToken(list, p, func(b remit.Beneficiary) remit.BeneficiaryID { return b.ID })}
	for _, b := range list {
		resp.Beneficiaries = append(resp.Beneficiaries, beneficiaryMessage(b))
	}
	return resp, nil
}
