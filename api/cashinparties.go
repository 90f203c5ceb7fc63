package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// FindCashInCustomer finds one returning customer.
func (s *cashInService) FindCashInCustomer(ctx context.Context, req *v1.FindCashInCustomerRequest) (*v1.FindCashInCustomerResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	found, err := s.counter.FindCustomer(ctx, by, counter.FindCustomer{
		Phone: req.GetPhone(), DocumentNumber: req.GetDocumentNumber(), Name: req.GetName(), DateOfBirth: req.GetDateOfBirth(),
	})
	if err != nil {
		return nil, err
	}
	return &v1.FindCashInCustomerResponse{Customer: seenCustomer(found)}, nil
}

// seenCustomer is a customer as a counter sees one.
func seenCustomer(c remit.Customer) *v1.CashInCustomer {
	return &v1.CashInCustomer{
		Id: string(c.ID), Name: c.Party.Name(), PhoneEnd: end(c.Party.Phone), DocumentType: c.Party.DocumentType,
		DocumentEnd: end(c.Party.DocumentNumber), KycTier: tierNames[c.Tier], Version: c.Version,
	}
}

// end shows the end of a number, never all of it.
func end(text string) string {
	const shown = 4
	if len(text) < 2*shown {
		return ""
	}
	return text[len(text)-shown:]
}

// documentTypes are those that a party may have on file.
var documentTypes = []string{"passport", "national_id", "driving_licence"}

// SaveCashInCustomer stores a new customer, or completes one.
func (s *cashInService) SaveCashInCustomer(ctx context.Context, req *v1.SaveCashInCustomerRequest) (*v1.SaveCashInCustomerResponse, error) {
	c := s.check(req)
	id := checkID[remit.CustomerID](c, remit.PrefixCustomer, "customer_id", req.GetCustomerId())
	if id != "" && req.GetParty().GetCountry() == "" { // It stays as it was.
		c.fields = slices.DeleteFunc(c.fields, func(f remit.FieldError) bool { return f.Field == "party.country" })
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	by, outlet, err := s.serving(ctx, orBy(req.GetBy()), id)
	if err != nil {
		return nil, err
	}
	before := remit.Customer{TenantID: by.TenantID, Tier: remit.TierBasic}
	if id != "" {
		if before, err = s.store.Customer(ctx, by.TenantID, id); err != nil {
			return nil, fmt.Errorf("read customer: %w", err)
		}
	}
	after := before
	after.Party = completed(before.Party, partyOf(req.GetParty()))
	if m := req.GetIdentity(); m != nil {
		after = s.identified(c, outlet, after, identityOf(m))
	}
	if err := s.checkOriginator(c, after.Party); err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	after.Party = s.catalogue.NormaliseOriginator(after.Party)
	if after, err = s.keepCustomer(ctx, id, req.GetVersion(), after); err != nil {
		return nil, err
	}
	if err := s.counter.NoteCustomer(ctx, by, after.ID); err != nil {
		return nil, err
	}
	return &v1.SaveCashInCustomerResponse{Customer: seenCustomer(after)}, nil
}

// keepCustomer stores a new customer, or the next version of one.
func (s *cashInService) keepCustomer(ctx context.Context, id remit.CustomerID, version int64, after remit.Customer) (remit.Customer, error) {
	if id != "" {
		after.Version = version
		changed, err := s.store.UpdateCustomer(ctx, after, callOf(ctx).caller.Name)
		if err != nil {
			return remit.Customer{}, fmt.Errorf("change customer: %w", err)
		}
		return changed, nil
	}
	var err error
	if after.ID, after.CreatedAt, err = derivedID[remit.CustomerID](ctx, remit.PrefixCustomer); err != nil {
		return remit.Customer{}, err
	}
	if err := s.store.CreateCustomer(ctx, after); err != nil {
		return remit.Customer{}, fmt.Errorf("store customer: %w", err)
	}
	after.Version = 1
	return after, nil
}

// identified is a customer whose document a teller saw: it goes on file, and
// makes who was known by their word alone verified.
func (s *cashInService) identified(c *check, outlet counter.Outlet, after remit.Customer, id counter.Identity) remit.Customer {
	if after.Party.DateOfBirth == "" {
		after.Party.DateOfBirth = id.BirthDate
	}
	c.fields = append(c.fields, s.counter.CheckDocument(outlet, id, after.Party)...)
	if slices.Contains(documentTypes, id.Type) {
		after.Party.DocumentType, after.Party.DocumentNumber = id.Type, id.Number
	}
	after.Tier = max(after.Tier, remit.TierVerified)
	return after
}

// completed is a party with what is new of it; what is empty stays as it was.
func completed(before, given remit.Party) remit.Party {
	for _, f := range []struct{ was, is *string }{
		{&before.GivenName, &given.GivenName}, {&before.FamilyName, &given.FamilyName}, {&before.CompanyName, &given.CompanyName},
		{&before.DateOfBirth, &given.DateOfBirth}, {&before.AddressLine, &given.AddressLine}, {&before.City, &given.City},
		{&before.PostalCode, &given.PostalCode}, {&before.Phone, &given.Phone}, {&before.Email, &given.Email},
		{&before.DocumentType, &given.DocumentType}, {&before.DocumentNumber, &given.DocumentNumber},
	} {
		if *f.is != "" {
			*f.was = *f.is
		}
	}
	if given.Nationality != "" {
		before.Nationality = given.Nationality
	}
	if given.Country != "" {
		before.Country = given.Country
	}
	return before
}

// CreateCashInBeneficiary stores who receives.
func (s *cashInService) CreateCashInBeneficiary(ctx context.Context, req *v1.CreateCashInBeneficiaryRequest) (*v1.CreateCashInBeneficiaryResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	if _, _, err := s.serving(ctx, orBy(req.GetBy()), ""); err != nil {
		return nil, err
	}
	beneficiaries := &beneficiaryService{Server: s.Server}
	made, err := beneficiaries.CreateBeneficiary(ctx, &v1.CreateBeneficiaryRequest{
		Party: req.GetParty(), PayoutMethod: req.GetPayoutMethod(), Account: req.GetAccount(),
	})
	if err != nil {
		return nil, err
	}
	return &v1.CreateCashInBeneficiaryResponse{BeneficiaryId: made.GetBeneficiary().GetId(), Name: partyOf(req.GetParty()).Name()}, nil
}

// depositMessage is a deposit on the wire.
func (s *cashInService) depositMessage(d counter.Deposit, r remit.Remittance, refund counter.Pickup) *v1.Deposit {
	const slip = 6
	m := &v1.Deposit{
		Id: string(d.ID), State: d.Shown(r, s.clock.Now()), Amount: moneyMessage(d.Amount), TargetAmount: moneyMessage(d.Target),
		RemittanceId: string(d.RemittanceID), QuoteId: string(d.QuoteID), ExpiresAt: timeMessage(d.ExpiresAt),
		TellerId: string(d.TellerID), OutletId: string(d.OutletID), ApprovedBy: string(d.ApprovedBy),
		Receipt: d.Receipt, TakenAt: timeMessage(d.TakenAt), TakenBy: string(d.TakenBy), Commission: moneyMessage(d.Commission),
		CancelUntil: timeMessage(d.CancelUntil()), Progress: d.Progress(r, refund), DrawerOverMaximum: d.OverMaximum,
		Reason: string(d.Reason), CreatedAt: timeMessage(d.CreatedAt), Slip: string(d.ID[max(0, len(d.ID)-slip):]),
	}
	for _, n := range d.Needs {
		m.Needs = append(m.Needs, string(n))
	}
	return m
}

// receipt is a deposit with what the receipt prints.
func (s *cashInService) receipt(ctx context.Context, by counter.Caller, d counter.Deposit) (*v1.GetDepositResponse, error) {
	r, refund, err := s.behind(ctx, d)
	if err != nil {
		return nil, err
	}
	quote, err := s.store.Quote(ctx, d.TenantID, d.QuoteID)
	if err != nil {
		return nil, fmt.Errorf("read quote of deposit: %w", err)
	}
	customer, err := s.store.Customer(ctx, d.TenantID, d.CustomerID)
	if err != nil {
		return nil, fmt.Errorf("read customer of deposit: %w", err)
	}
	beneficiary, err := s.store.Beneficiary(ctx, d.TenantID, d.BeneficiaryID)
	if err != nil {
		return nil, fmt.Errorf("read beneficiary of deposit: %w", err)
	}
	outlet, err := s.counter.Outlet(ctx, d.TenantID, d.OutletID)
	if err != nil {
		return nil, fmt.Errorf("read outlet of deposit: %w", err)
	}
	agent, err := s.counter.Agent(ctx, d.TenantID, d.AgentID)
	if err != nil {
		return nil, fmt.Errorf("read agent of deposit: %w", err)
	}
	code, err := s.counter.RefundCode(ctx, by, d, refund)
	if err != nil {
		return nil, fmt.Errorf("read refund code: %w", err)
	}
	m := &v1.GetDepositResponse{
		Deposit: s.depositMessage(d, r, refund), Quote: quoteMessage(quote), OriginatorName: customer.Party.Name(), BeneficiaryName: beneficiary.Party.Name(),
		PayoutDetail: s.payoutDetail(ctx, beneficiary), RefundCode: code,
		OutletName: outlet.Name, OutletAddress: outlet.Address + ", " + outlet.City, AgentName: agent.Name, SupportPhone: agent.Phone,
	}
	if d.State == counter.DepositTaken && r.State == remit.StateReadyForPickup && s.pickupCode != nil {
		m.PickupCode = s.pickupCode(r, r.PayoutOrder)
	}
	return m, nil
}

// payoutDetail is the end of the account that is paid, or where cash is fetched.
func (s *cashInService) payoutDetail(ctx context.Context, b remit.Beneficiary) string {
	if id := b.Account[counter.FieldOutlet]; id != "" {
		if o, err := s.counter.Outlet(ctx, b.TenantID, counter.OutletID(id)); err == nil {
			return o.Name + ", " + o.Address + ", " + o.City
		}
	}
	if id := b.Account[counter.FieldAgent]; id != "" {
		if a, err := s.counter.Agent(ctx, b.TenantID, counter.AgentID(id)); err == nil {
			return a.Name
		}
	}
	for _, field := range []string{"account_number", "iban", "clabe", "phone", "address"} {
		if shown := end(b.Account[field]); shown != "" {
			return "…" + shown
		}
	}
	return string(b.Party.Country)
}
