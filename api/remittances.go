package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// remittanceService answers v1.RemittanceService.
type remittanceService struct {
	v1.UnimplementedRemittanceServiceServer
	*Server
}

// CreateRemittance uses a quote to send money.
func (s *remittanceService) CreateRemittance(ctx context.Context, req *v1.CreateRemittanceRequest) (*v1.CreateRemittanceResponse, error) {
	c := s.check(req)
	n := NewRemittance{
		TenantID:      callOf(ctx).caller.TenantID,
		QuoteID:       checkID[remit.QuoteID](c, remit.PrefixQuote, "quote_id", req.GetQuoteId()),
		CustomerID:    checkID[remit.CustomerID](c, remit.PrefixCustomer, "customer_id", req.GetCustomerId()),
		BeneficiaryID: checkID[remit.BeneficiaryID](c, remit.PrefixBeneficiary, "beneficiary_id", req.GetBeneficiaryId()),
		Reference:     req.GetReference(), Purpose: req.GetPurpose(), FundingSource: req.GetFundingSource(),
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := s.checkMatch(ctx, n); err != nil {
		return nil, err
	}
	if err := s.notInCash(ctx, n); err != nil {
		return nil, err
	}
	var err error
	if n.ID, _, err = derivedID[remit.RemittanceID](ctx, remit.PrefixRemittance); err != nil {
		return nil, err
	}
	r, err := s.store.CreateRemittance(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("create remittance: %w", err)
	}
	s.kick()
	return &v1.CreateRemittanceResponse{Remittance: s.detailMessage(RemittanceDetail{Remittance: r}, r.CreatedAt)}, nil
}

// notInCash refuses a quote for cash: only a teller who has the customer at the
// counter makes a remittance of one.
func (s *remittanceService) notInCash(ctx context.Context, n NewRemittance) error {
	quote, err := s.store.Quote(ctx, n.TenantID, n.QuoteID)
	if err == nil && quote.Funding == remit.FundingCash {
		err = remit.Invalid("quote_id", remit.ReasonMethodNotOffered, "cash is brought to a counter, where the teller sends it; quote again with another funding_method")
	}
	return err
}

// checkMatch refuses what does not belong together: the three must exist, and
// the beneficiary must be paid in the country and by the method that was quoted.
func (s *remittanceService) checkMatch(ctx context.Context, n NewRemittance) error {
	quote, err := s.store.Quote(ctx, n.TenantID, n.QuoteID)
	if err != nil {
		return missingThing("quote_id", err)
	}
	customer, err := s.store.Customer(ctx, n.TenantID, n.CustomerID)
	if err != nil {
		return missingThing("customer_id", err)
	}
	beneficiary, err := s.store.Beneficiary(ctx, n.TenantID, n.BeneficiaryID)
	if err != nil {
		return missingThing("beneficiary_id", err)
	}
	c := &check{}
	if beneficiary.Method != quote.Payout || beneficiary.Party.Country != quote.To {
		c.add("beneficiary_id", remit.ReasonQuoteMismatch,
			"the beneficiary is paid by %s in %s, the quote is for %s in %s; quote again or choose another beneficiary",
			beneficiary.Method, beneficiary.Party.Country, quote.Payout, quote.To)
		return c.err()
	}
	if err := s.checkWallet(quote, beneficiary); err != nil {
		return err
	}
	return s.checkRequired(quote, customer, beneficiary)
}

// checkWallet refuses a beneficiary's own wallet on a network that the quote is
// not for, or that the corridor does not pay on.
func (s *remittanceService) checkWallet(quote remit.Quote, beneficiary remit.Beneficiary) error {
	if quote.Payout != remit.PayoutWallet {
		return nil
	}
	corridor, err := s.catalogue.Corridor(quote.Corridor)
	if err != nil {
		return fmt.Errorf("read corridor: %w", err)
	}
	c := &check{}
	network := remit.Rail(beneficiary.Account["network"])
	switch {
	case !slices.Contains(corridor.Rails, network):
		c.add("beneficiary_id", remit.ReasonRailNotOffered, "the beneficiary's wallet is on %s, on which %s does not pay; choose another beneficiary",
			clip(string(network)), corridor.ID)
	case quote.Rail != remit.RailAuto && quote.Rail != network:
		c.add("beneficiary_id", remit.ReasonQuoteMismatch, "the beneficiary's wallet is on %s, the quote is for rail %s; quote again with rail %s or auto",
			network, quote.Rail, network)
	}
	return c.err()
}

// missingThing says which field of the request names what is not found.
func missingThing(field string, err error) error {
	var e *remit.Error
	if errors.As(err, &e) && e.Kind == remit.KindNotFound {
		named := *e
		named.Fields = []remit.FieldError{{Field: field, Reason: e.Reason, Message: e.Message}}
		return &named
	}
	return fmt.Errorf("read %s: %w", field, err)
}

// GetRemittance returns one remittance with the orders that carry it.
func (s *remittanceService) GetRemittance(ctx context.Context, req *v1.GetRemittanceRequest) (*v1.GetRemittanceResponse, error) {
	c := s.check(req)
	id := checkID[remit.RemittanceID](c, remit.PrefixRemittance, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	m, err := s.detail(ctx, id)
	if err != nil {
		return nil, err
	}
	return &v1.GetRemittanceResponse{Remittance: m}, nil
}

func (s *remittanceService) detail(ctx context.Context, id remit.RemittanceID) (*v1.Remittance, error) {
	d, err := s.store.RemittanceDetail(ctx, callOf(ctx).caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read remittance: %w", err)
	}
	since, err := s.since(ctx, d.Remittance)
	if err != nil {
		return nil, err
	}
	m := s.detailMessage(d, since)
	if callOf(ctx).session != nil {
		// Cash is paid for the code and the name. The program that tells the sender
		// needs it; nobody at a desk does, who reads names as well.
		m.PickupCode = ""
	}
	return m, nil
}

// since finds when a remittance came into its state: the oldest event of the
// newest run of events in that state.
func (s *remittanceService) since(ctx context.Context, r remit.Remittance) (time.Time, error) {
	const window = 20
	since := r.UpdatedAt
	for upTo := r.LastEvent; upTo > 0; upTo -= window {
		after := max(0, upTo-window)
		events, err := s.store.Events(ctx, r.TenantID, r.ID, after, int(upTo-after))
		if err != nil {
			return time.Time{}, fmt.Errorf("read events of remittance: %w", err)
		}
		for _, e := range slices.Backward(events) {
			if e.State != r.State {
				return since, nil
			}
			since = e.At
		}
	}
	return since, nil
}

// ListRemittances returns a page of remittances, newest first.
func (s *remittanceService) ListRemittances(ctx context.Context, req *v1.ListRemittancesRequest) (*v1.ListRemittancesResponse, error) {
	c := s.check(req)
	p := page[remit.RemittanceID](c, remit.PrefixRemittance, req.GetPageSize(), req.GetPageToken())
	f := RemittanceFilter{
		State:      remit.State(req.GetState()),
		CustomerID: checkID[remit.CustomerID](c, remit.PrefixCustomer, "customer_id", req.GetCustomerId()),
		Reference:  req.GetReference(),
	}
	if f.State != "" && !f.State.Valid() {
		c.add("state", remit.ReasonFieldInvalid, "%q is not a state; see /docs#states for all of them", clip(req.GetState()))
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	list, err := s.store.Remittances(ctx, callOf(ctx).caller.TenantID, f, p)
	if err != nil {
		return nil, fmt.Errorf("list remittances: %w", err)
	}
	resp := &v1.ListRemittancesResponse{NextPageToken: nextToken(list, p, func(r remit.Remittance) remit.RemittanceID { return r.ID })}
	for _, r := range list {
		resp.Remittances = append(resp.Remittances, remittanceMessage(r))
	}
	return resp, nil
}

// CancelRemittance asks that a remittance be undone.
func (s *remittanceService) CancelRemittance(ctx context.Context, req *v1.CancelRemittanceRequest) (*v1.CancelRemittanceResponse, error) {
	c := s.check(req)
	id := checkID[remit.RemittanceID](c, remit.PrefixRemittance, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	if _, err := s.store.RequestCancel(ctx, callOf(ctx).caller.TenantID, id); err != nil {
		return nil, fmt.Errorf("cancel remittance: %w", err)
	}
	s.kick()
	m, err := s.detail(ctx, id)
	if err != nil {
		return nil, err
	}
	return &v1.CancelRemittanceResponse{Remittance: m}, nil
}

// ListRemittanceEvents returns facts of one remittance and can wait for one.
func (s *remittanceService) ListRemittanceEvents(ctx context.Context, req *v1.ListRemittanceEventsRequest) (*v1.ListRemittanceEventsResponse, error) {
	c := s.check(req)
	id := checkID[remit.RemittanceID](c, remit.PrefixRemittance, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	tenant := callOf(ctx).caller.TenantID
	if _, err := s.store.Remittance(ctx, tenant, id); err != nil {
		return nil, fmt.Errorf("read remittance: %w", err)
	}
	events, err := s.events(ctx, tenant, id, int64(req.GetAfter()), req.GetWaitSeconds(), req.GetLimit())
	if err != nil {
		return nil, err
	}
	return &v1.ListRemittanceEventsResponse{Events: eventMessages(events)}, nil
}

// ListEvents returns a piece of the tenant's feed and can wait for one.
func (s *remittanceService) ListEvents(ctx context.Context, req *v1.ListEventsRequest) (*v1.ListEventsResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	events, err := s.events(ctx, callOf(ctx).caller.TenantID, "", req.GetAfter(), req.GetWaitSeconds(), req.GetLimit())
	if err != nil {
		return nil, err
	}
	resp := &v1.ListEventsResponse{Events: eventMessages(events), NextAfter: req.GetAfter()}
	if len(events) > 0 {
		resp.NextAfter = events[len(events)-1].Feed
	}
	return resp, nil
}

func (s *remittanceService) events(ctx context.Context, tenant remit.TenantID, id remit.RemittanceID, after int64, waitSeconds, limit int32) ([]remit.Event, error) {
	most := int(limit)
	if most == 0 {
		most = defaultEvents
	}
	if waitSeconds == 0 {
		events, err := s.store.Events(ctx, tenant, id, after, most)
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		return events, nil
	}
	waiting, stop := s.untilClosed(ctx, time.Duration(waitSeconds)*time.Second)
	defer stop()
	events, err := s.store.WaitEvents(waiting, tenant, id, after, most)
	if err != nil {
		return nil, fmt.Errorf("wait for events: %w", err)
	}
	return events, nil
}

// WatchRemittance streams the facts of one remittance until nothing further
// happens by itself.
func (s *remittanceService) WatchRemittance(req *v1.WatchRemittanceRequest, stream grpc.ServerStreamingServer[v1.WatchRemittanceResponse]) error {
	ctx := stream.Context()
	c := s.check(req)
	id := checkID[remit.RemittanceID](c, remit.PrefixRemittance, "id", req.GetId())
	if err := c.err(); err != nil {
		return err
	}
	tenant := callOf(ctx).caller.TenantID
	r, err := s.store.Remittance(ctx, tenant, id)
	if err != nil {
		return fmt.Errorf("read remittance: %w", err)
	}
	after := int64(req.GetAfter())
	for !r.State.Ended() || after < r.LastEvent {
		events, err := s.events(ctx, tenant, id, after, int32(MaxWait/time.Second), 0)
		if err != nil {
			return err
		}
		// A remittance may take days: who may not look any more sees nothing more.
		if err := s.stillAdmitted(ctx, v1.RemittanceService_WatchRemittance_FullMethodName); err != nil {
			return err
		}
		for _, e := range events {
			if err := stream.Send(&v1.WatchRemittanceResponse{Event: eventMessage(e)}); err != nil {
				return fmt.Errorf("send event: %w", err)
			}
			after, r.State = e.Number, e.State
			r.LastEvent = max(r.LastEvent, e.Number)
		}
		if s.closing.Err() != nil {
			return remit.Errorf(remit.KindUnavailable, remit.ReasonUnavailable, "the gateway is stopping; watch again after event %d", after)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// untilClosed is ctx with a time limit that also ends when the server closes.
func (s *Server) untilClosed(ctx context.Context, limit time.Duration) (context.Context, func()) {
	waiting, cancel := context.WithTimeout(ctx, limit)
	detach := context.AfterFunc(s.closing, cancel)
	return waiting, func() { detach(); cancel() }
}
