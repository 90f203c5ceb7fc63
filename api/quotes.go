package api

import (
	"context"
	"fmt"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// quoteService answers v1.QuoteService.
type quoteService struct {
	v1.UnimplementedQuoteServiceServer
	*Server
}

// quoteFields are the quoter's names of fields, where the contract has others.
var quoteFields = map[string]string{
	"funding": "funding_method", "payout": "payout_method", "currency": "target_currency",
}

// CreateQuote makes a firm offer.
func (s *quoteService) CreateQuote(ctx context.Context, req *v1.CreateQuoteRequest) (*v1.CreateQuoteResponse, error) {
	c := s.check(req)
	r := corridors.Request{
		TenantID: callOf(ctx).caller.TenantID,
		From:     c.country("from", req.GetFrom()), To: c.country("to", req.GetTo()),
		Currency: req.GetTargetCurrency(),
		Funding:  remit.FundingMethod(req.GetFundingMethod()), Payout: remit.PayoutMethod(req.GetPayoutMethod()),
		Rail: remit.Rail(req.GetRail()),
	}
	quoteAmounts(c, req, &r)
	s.checkSourceCurrency(c, r, req.GetSourceAmount())
	if err := c.err(); err != nil {
		return nil, err
	}
	var err error
	if r.ID, _, err = derivedID[remit.QuoteID](ctx, remit.PrefixQuote); err != nil {
		return nil, err
	}
	quote, err := s.quoter.Quote(ctx, r)
	if err = c.merge(err, func(field string) string { return quoteField(field, req) }); err != nil {
		return nil, fmt.Errorf("quote: %w", err)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	err = s.store.CreateQuote(ctx, quote)
	if remit.KindOf(err) == remit.KindConflict {
		// An earlier try of this very request was interrupted after it stored its
		// quote: that one is the answer, whatever the market says now.
		quote, err = s.store.Quote(ctx, r.TenantID, r.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("store quote: %w", err)
	}
	return &v1.CreateQuoteResponse{Quote: quoteMessage(quote)}, nil
}

// quoteAmounts reads the one amount that is fixed.
func quoteAmounts(c *check, req *v1.CreateQuoteRequest, r *corridors.Request) {
	source, target := req.GetSourceAmount(), req.GetTargetAmount()
	switch {
	case source == nil && target == nil:
		c.add("source_amount", remit.ReasonFieldRequired,
			"no amount is given; write source_amount, what the originator pays, or target_amount, what the beneficiary receives")
		return
	case source != nil && target != nil:
		c.add("target_amount", remit.ReasonFieldInvalid,
			"source_amount and target_amount are both given; write the one that is to be exact")
	}
	if m := c.money("source_amount", source); source != nil && !m.Asset.IsZero() {
		r.SourceAmount = m.Decimal()
	}
	if target == nil {
		return
	}
	if r.Currency != "" && target.GetCurrency() != "" && r.Currency != target.GetCurrency() {
		c.add("target_currency", remit.ReasonFieldInvalid, "target_currency is not the currency of target_amount; leave it out")
	}
	// What is paid out may be a settlement asset, which only the corridor knows.
	r.Currency, r.TargetAmount = target.GetCurrency(), target.GetAmount()
}

// checkSourceCurrency refuses an amount in another currency than the corridor's.
func (s *quoteService) checkSourceCurrency(c *check, r corridors.Request, source *v1.Money) {
	corridor, err := s.catalogue.Corridor(remit.NewCorridorID(r.From, r.To))
	if err != nil || source.GetCurrency() == "" {
		return // An unknown corridor is the quoter's to refuse, by its fields.
	}
	if source.GetCurrency() != corridor.Source.Code {
		c.add("source_amount.currency", remit.ReasonUnknownCurrency,
			"%q is not paid in for %s; write %s", clip(source.GetCurrency()), corridor.ID, corridor.Source.Code)
	}
}

// quoteField is the contract's name of a field of the quoter's.
func quoteField(field string, req *v1.CreateQuoteRequest) string {
	switch {
	case field == "currency" && req.GetTargetAmount() != nil:
		return "target_amount.currency"
	case field == "source_amount" && req.GetSourceAmount() != nil, field == "target_amount" && req.GetTargetAmount() != nil:
		return field + ".amount"
	}
	if name, ok := quoteFields[field]; ok {
		return name
	}
	return field
}

// GetQuote returns one quote.
func (s *quoteService) GetQuote(ctx context.Context, req *v1.GetQuoteRequest) (*v1.GetQuoteResponse, error) {
	c := s.check(req)
	id := checkID[remit.QuoteID](c, remit.PrefixQuote, "id", req.GetId())
	if err := c.err(); err != nil {
		return nil, err
	}
	quote, err := s.store.Quote(ctx, callOf(ctx).caller.TenantID, id)
	if err != nil {
		return nil, fmt.Errorf("read quote: %w", err)
	}
	return &v1.GetQuoteResponse{Quote: quoteMessage(quote)}, nil
}
