package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// cashInService answers v1.CashInService.
type cashInService struct {
	v1.UnimplementedCashInServiceServer
	*Server
}

// serving is the teller who makes a call, checked to be able to serve customers
// now, with the outlet. customer, if given, is one that the teller found or made
// just now.
func (s *cashInService) serving(ctx context.Context, by *v1.CounterCaller, customer remit.CustomerID) (counter.Caller, counter.Outlet, error) {
	c, err := s.atCounter(ctx, "", by)
	if err != nil {
		return c, counter.Outlet{}, err
	}
	o, err := s.counter.MayServe(ctx, c, customer)
	return c, o, err
}

// place is the outlet of the teller who looks; looking needs no bound device.
func (s *cashInService) place(ctx context.Context, named string) (counter.Outlet, error) {
	c, err := s.atCounter(ctx, named, nil)
	if err != nil {
		return counter.Outlet{}, err
	}
	t, err := s.counter.Teller(ctx, c.TenantID, c.TellerID)
	if err != nil {
		return counter.Outlet{}, err
	}
	if t.OutletID == "" || t.Suspended {
		return counter.Outlet{}, remit.Errorf(remit.KindForbidden, remit.ReasonForbidden, "only who works at an outlet takes cash")
	}
	return s.counter.Outlet(ctx, c.TenantID, t.OutletID)
}

// paidInCash are the corridors for which an outlet takes cash.
func (s *cashInService) paidInCash(o counter.Outlet) []corridors.Corridor {
	var out []corridors.Corridor
	for _, c := range s.catalogue.Corridors() {
		if _, offered := c.FundingOption(remit.FundingCash); offered && c.From == o.Country && slices.Contains(o.Currencies, c.Source.Code) {
			out = append(out, c)
		}
	}
	return out
}

// GetCashInTerms tells what the caller's outlet takes cash for.
func (s *cashInService) GetCashInTerms(ctx context.Context, req *v1.GetCashInTermsRequest) (*v1.GetCashInTermsResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	outlet, err := s.place(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	text := s.counter.Terms().In(req.GetLanguage())
	m := &v1.CashInTerms{
		Country: string(outlet.Country), DisclosuresVersion: text.Version, CancelSeconds: int32(counter.CancelWindow.Seconds()),
		Languages: s.counter.Terms().Languages(),
		Warning:   &v1.CashInWarning{Version: text.Version, Language: text.Language, Title: text.Title, Text: text.Text},
	}
	for _, q := range text.Questions {
		m.Warning.Questions = append(m.Warning.Questions, &v1.CashInQuestion{Id: q.ID, Text: q.Text, RiskyAnswer: q.Risky})
	}
	for _, d := range text.Disclosures {
		m.Disclosures = append(m.Disclosures, &v1.CashInDisclosure{Id: d.ID, Text: d.Text})
	}
	for _, c := range s.paidInCash(outlet) {
		m.Currency = c.Source.Code
		shown := corridorMessage(c)
		shown.FundingMethods = slices.DeleteFunc(shown.FundingMethods, func(o *v1.FundingOption) bool { return o.GetMethod() != string(remit.FundingCash) })
		if err := s.payable(ctx, shown); err != nil {
			return nil, err
		}
		if len(shown.PayoutMethods) > 0 {
			m.Corridors = append(m.Corridors, shown)
		}
	}
	for _, d := range s.counter.Documents(outlet.Country) {
		m.Documents = append(m.Documents, &v1.AcceptedDocument{Type: d.Type, Issuer: d.Issuer, NoExpiry: d.NoExpiry})
	}
	return &v1.GetCashInTermsResponse{Terms: m}, nil
}

// GetCashInFields returns what must be known for one way of paying out.
func (s *cashInService) GetCashInFields(ctx context.Context, req *v1.GetCashInFieldsRequest) (*v1.GetCashInFieldsResponse, error) {
	c := s.check(req)
	to := c.country("to", req.GetTo())
	if err := c.err(); err != nil {
		return nil, err
	}
	outlet, err := s.place(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	corridor, err := s.catalogue.Corridor(remit.NewCorridorID(outlet.Country, to))
	if err != nil {
		return nil, fmt.Errorf("read corridor: %w", err)
	}
	var amount remit.Money
	if req.GetAmount() != "" {
		if amount, err = remit.ParseMoney(corridor.Source, req.GetAmount()); err != nil {
			return nil, err
		}
	}
	text, err := s.catalogue.RequiredFields(corridor.ID, remit.PayoutMethod(req.GetPayoutMethod()), amount)
	if err = c.merge(err, contractField); err != nil {
		return nil, fmt.Errorf("read required fields: %w", err)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	schema := &structpb.Struct{}
	if err := schema.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return &v1.GetCashInFieldsResponse{Schema: schema}, nil
}

// CreateCashInQuote makes a firm offer for cash at the caller's outlet.
func (s *cashInService) CreateCashInQuote(ctx context.Context, req *v1.CreateCashInQuoteRequest) (*v1.CreateCashInQuoteResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	_, outlet, err := s.serving(ctx, orBy(req.GetBy()), "")
	if err != nil {
		return nil, err
	}
	corridor, err := s.catalogue.Corridor(remit.NewCorridorID(outlet.Country, remit.Country(req.GetTo())))
	if err == nil && !slices.Contains(outlet.Currencies, corridor.Source.Code) {
		return nil, remit.Errorf(remit.KindPrecondition, remit.ReasonCurrencyNotHeld, "this outlet does not hold %s", corridor.Source.Code)
	}
	if err == nil {
		currency := cmp.Or(req.GetTargetCurrency(), req.GetTargetAmount().GetCurrency(), corridor.Target.Code)
		good, err := s.fetchable(ctx, corridor.To, remit.PayoutMethod(req.GetPayoutMethod()), currency)
		if err != nil {
			return nil, err
		}
		if !good {
			return nil, remit.Invalid("payout_method", remit.ReasonMethodNotOffered, "no counter pays %s in %s now; choose another way of being paid", currency, corridor.To)
		}
	}
	quotes := &quoteService{Server: s.Server}
	made, err := quotes.CreateQuote(ctx, &v1.CreateQuoteRequest{
		From: string(outlet.Country), To: req.GetTo(), FundingMethod: string(remit.FundingCash), PayoutMethod: req.GetPayoutMethod(),
		Rail: req.GetRail(), SourceAmount: req.GetSourceAmount(), TargetAmount: req.GetTargetAmount(), TargetCurrency: req.GetTargetCurrency(),
	})
	if err != nil {
		return nil, err
	}
	return &v1.CreateCashInQuoteResponse{Quote: made.GetQuote()}, nil
}

// CreateDeposit records what the customer was told and creates the remittance.
func (s *cashInService) CreateDeposit(ctx context.Context, req *v1.CreateDepositRequest) (*v1.CreateDepositResponse, error) {
	c := s.check(req)
	tenant := callOf(ctx).caller.TenantID
	n := NewRemittance{
		TenantID:      tenant,
		QuoteID:       checkID[remit.QuoteID](c, remit.PrefixQuote, "quote_id", req.GetQuoteId()),
		CustomerID:    checkID[remit.CustomerID](c, remit.PrefixCustomer, "customer_id", req.GetCustomerId()),
		BeneficiaryID: checkID[remit.BeneficiaryID](c, remit.PrefixBeneficiary, "beneficiary_id", req.GetBeneficiaryId()),
		Reference:     req.GetReference(), Purpose: req.GetPurpose(),
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	by, outlet, err := s.serving(ctx, orBy(req.GetBy()), n.CustomerID)
	if err != nil {
		return nil, err
	}
	remittances := &remittanceService{Server: s.Server}
	if err := remittances.checkMatch(ctx, n); err != nil {
		return nil, err
	}
	if n.ID, _, err = derivedID[remit.RemittanceID](ctx, remit.PrefixRemittance); err != nil {
		return nil, err
	}
	in := counter.NewDeposit{
		RemittanceID: n.ID, BeneficiaryID: n.BeneficiaryID, Identity: identityOf(req.GetIdentity()),
		Shown: counter.Shown{
			WarningVersion: req.GetWarningVersion(), DisclosuresVersion: req.GetDisclosuresVersion(), Language: req.GetLanguage(),
			Answers: make(map[string]string), Accepted: req.GetAccepted(),
		},
	}
	for _, a := range req.GetAnswers() {
		in.Shown.Answers[a.GetId()] = a.GetAnswer()
	}
	if in.Quote, err = s.store.Quote(ctx, tenant, n.QuoteID); err != nil {
		return nil, missingThing("quote_id", err)
	}
	if in.Customer, err = s.store.Customer(ctx, tenant, n.CustomerID); err != nil {
		return nil, missingThing("customer_id", err)
	}
	if in.Quote.RemittanceID != "" && in.Quote.RemittanceID != n.ID {
		return nil, remit.Errorf(remit.KindConflict, remit.ReasonQuoteUsed, "quote %s was used already; quote again", in.Quote.ID)
	}
	d, err := s.counter.BeginDeposit(ctx, by, in)
	if err != nil {
		return nil, err
	}
	n.FundingSource = string(outlet.ID)
	r, err := s.store.CreateRemittance(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("create remittance: %w", err)
	}
	s.kick()
	return &v1.CreateDepositResponse{Deposit: s.depositMessage(d, r, counter.Pickup{})}, nil
}

func identityOf(m *v1.IdentityDocument) counter.Identity {
	return counter.Identity{
		Type: m.GetType(), Number: m.GetNumber(), Issuer: remit.Country(m.GetIssuer()),
		Expires: m.GetExpires(), BirthDate: m.GetBirthDate(), Name: m.GetName(),
	}
}

// GetDeposit shows where a deposit stands.
func (s *cashInService) GetDeposit(ctx context.Context, req *v1.GetDepositRequest) (*v1.GetDepositResponse, error) {
	c := s.check(req)
	id := checkID[counter.DepositID](c, counter.PrefixDeposit, "deposit_id", req.GetDepositId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	d, err := s.counter.Deposit(ctx, by, id)
	if err != nil {
		return nil, err
	}
	return s.receipt(ctx, by, d)
}

// ListDeposits returns the outlet's deposits that are not done.
func (s *cashInService) ListDeposits(ctx context.Context, req *v1.ListDepositsRequest) (*v1.ListDepositsResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	by, err := s.looking(ctx, req.GetTellerId())
	if err != nil {
		return nil, err
	}
	list, err := s.counter.OpenDeposits(ctx, by)
	if err != nil {
		return nil, err
	}
	resp := &v1.ListDepositsResponse{}
	for _, d := range list {
		m, err := s.shownDeposit(ctx, d)
		if err != nil {
			return nil, err
		}
		resp.Deposits = append(resp.Deposits, m)
	}
	return resp, nil
}

// depositCall is what calls about one deposit ask for.
type depositCall interface {
	GetDepositId() string
	GetBy() *v1.CounterCaller
}

// onDeposit reads such a call and does it.
func (s *cashInService) onDeposit(ctx context.Context, c *check, req depositCall,
	do func(context.Context, counter.Caller, counter.DepositID) (counter.Deposit, error),
) (*v1.Deposit, error) {
	id := checkID[counter.DepositID](c, counter.PrefixDeposit, "deposit_id", req.GetDepositId())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, "", orBy(req.GetBy()))
	if err != nil {
		return nil, err
	}
	d, err := do(ctx, by, id)
	if err != nil {
		return nil, err
	}
	s.kick()
	return s.shownDeposit(ctx, d)
}

// ApproveDeposit is a manager's word.
func (s *cashInService) ApproveDeposit(ctx context.Context, req *v1.ApproveDepositRequest) (*v1.ApproveDepositResponse, error) {
	d, err := s.onDeposit(ctx, s.check(req), req, s.approveDeposit)
	if err != nil {
		return nil, err
	}
	return &v1.ApproveDepositResponse{Deposit: d}, nil
}

// approveDeposit and cancelDeposit are the counter's, where there is one.
func (s *cashInService) approveDeposit(ctx context.Context, c counter.Caller, id counter.DepositID) (counter.Deposit, error) {
	return s.counter.ApproveDeposit(ctx, c, id)
}

func (s *cashInService) cancelDeposit(ctx context.Context, c counter.Caller, id counter.DepositID) (counter.Deposit, error) {
	return s.counter.CancelDeposit(ctx, c, id)
}

// TakeDeposit takes the cash.
func (s *cashInService) TakeDeposit(ctx context.Context, req *v1.TakeDepositRequest) (*v1.TakeDepositResponse, error) {
	c := s.check(req)
	in := counter.Take{Received: c.oneCount("received", req.GetReceived()), Change: c.oneCount("change", req.GetChange())}
	d, err := s.onDeposit(ctx, c, req, func(ctx context.Context, by counter.Caller, id counter.DepositID) (counter.Deposit, error) {
		in.DepositID = id
		return s.counter.TakeDeposit(ctx, by, in)
	})
	if err != nil {
		return nil, err
	}
	return &v1.TakeDepositResponse{Deposit: d}, nil
}

// oneCount reads counted cash that may be absent.
func (c *check) oneCount(field string, m *v1.CashCount) *counter.Count {
	if m == nil {
		return nil
	}
	list := c.counts([]*v1.CashCount{m})
	if len(list) == 0 {
		c.add(field, remit.ReasonFieldInvalid, "%s cannot be read", field)
		return nil
	}
	return &list[0]
}

// CancelDeposit undoes a deposit.
func (s *cashInService) CancelDeposit(ctx context.Context, req *v1.CancelDepositRequest) (*v1.CancelDepositResponse, error) {
	d, err := s.onDeposit(ctx, s.check(req), req, s.cancelDeposit)
	if err != nil {
		return nil, err
	}
	return &v1.CancelDepositResponse{Deposit: d}, nil
}

// shownDeposit is a deposit with where its remittance stands.
func (s *cashInService) shownDeposit(ctx context.Context, d counter.Deposit) (*v1.Deposit, error) {
	r, refund, err := s.behind(ctx, d)
	if err != nil {
		return nil, err
	}
	return s.depositMessage(d, r, refund), nil
}

// behind reads the remittance of a deposit, none if it was not made, and the
// pickup by which it is fetched back.
func (s *cashInService) behind(ctx context.Context, d counter.Deposit) (r remit.Remittance, refund counter.Pickup, err error) {
	r, err = s.store.Remittance(ctx, d.TenantID, d.RemittanceID)
	if remit.KindOf(err) == remit.KindNotFound {
		return r, refund, nil
	}
	if err == nil && r.State == remit.StateRefunding {
		if refund, err = s.counter.RefundOf(ctx, d); remit.KindOf(err) == remit.KindNotFound {
			err = nil
		}
	}
	if err != nil {
		return r, refund, errors.Join(errors.New("read what is behind a deposit"), err)
	}
	return r, refund, nil
}
