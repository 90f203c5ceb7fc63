package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/openremit/remit"
	"github.com/openremit/remit/corridors"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// corridorService answers v1.CorridorService.
type corridorService struct {
	v1.UnimplementedCorridorServiceServer
	*Server
}

// ListCorridors returns the corridors, by id.
func (s *corridorService) ListCorridors(_ context.Context, req *v1.ListCorridorsRequest) (*v1.ListCorridorsResponse, error) {
	c := s.check(req)
	from, to := c.country("from", req.GetFrom()), c.country("to", req.GetTo())
	if err := c.err(); err != nil {
		return nil, err
	}
	resp := &v1.ListCorridorsResponse{}
	for _, corridor := range s.catalogue.Corridors() {
		if (from == "" || from == corridor.From) && (to == "" || to == corridor.To) {
			resp.Corridors = append(resp.Corridors, corridorMessage(corridor))
		}
	}
	return resp, nil
}

// GetCorridor returns one corridor.
func (s *corridorService) GetCorridor(_ context.Context, req *v1.GetCorridorRequest) (*v1.GetCorridorResponse, error) {
	if err := s.check(req).err(); err != nil {
		return nil, err
	}
	corridor, err := s.catalogue.Corridor(remit.CorridorID(req.GetId()))
	if err != nil {
		return nil, fmt.Errorf("read corridor: %w", err)
	}
	return &v1.GetCorridorResponse{Corridor: corridorMessage(corridor)}, nil
}

// GetRequiredFields returns the JSON Schema of what a remittance needs.
func (s *corridorService) GetRequiredFields(_ context.Context, req *v1.GetRequiredFieldsRequest) (*v1.GetRequiredFieldsResponse, error) {
	c := s.check(req)
	if err := c.err(); err != nil {
		return nil, err
	}
	corridor, err := s.catalogue.Corridor(remit.CorridorID(req.GetId()))
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
	return &v1.GetRequiredFieldsResponse{Schema: schema}, nil
}

func corridorMessage(c corridors.Corridor) *v1.Corridor {
	m := &v1.Corridor{
		Id: string(c.ID), From: string(c.From), To: string(c.To),
		SourceCurrency: c.Source.Code, TargetCurrency: c.Target.Code,
		Fees: tariffMessages(c.Fees), QuoteLifetimeSeconds: int32(c.Lifetime.Seconds()),
		SettlementMode: string(c.Settlement.Mode), SettlementWindowSeconds: int32(c.Settlement.Window.Seconds()),
	}
	for _, o := range c.Funding {
		m.FundingMethods = append(m.FundingMethods, &v1.FundingOption{
			Method: string(o.Method), Minimum: moneyMessage(o.Min), Maximum: moneyMessage(o.Max), Fees: tariffMessages(o.Fees),
		})
	}
	for _, o := range c.Payouts {
		window := int32(c.SettlementOf(o).Window.Seconds())
		m.PayoutMethods = append(m.PayoutMethods, &v1.PayoutOption{
			Method: string(o.Method), Minimum: moneyMessage(o.Min), Maximum: moneyMessage(o.Max), Fees: tariffMessages(o.Fees),
			FxMarginBasisPoints: int32(o.FXMarginBasisPoints),
			DeliveryP50Seconds:  window + int32(o.Delivery.P50Seconds), DeliveryP95Seconds: window + int32(o.Delivery.P95Seconds),
		})
	}
	for _, rail := range c.Rails {
		m.Rails = append(m.Rails, string(rail))
	}
	return m
}

func tariffMessages(fees []corridors.Fee) []*v1.Tariff {
	var list []*v1.Tariff
	for _, f := range fees {
		list = append(list, &v1.Tariff{
			Kind: string(f.Kind), Description: f.Description, Fixed: moneyMessage(f.Fixed),
			BasisPoints: int32(f.BasisPoints), OfFees: f.OfFees,
		})
	}
	return list
}

// contractField is the contract's name of a field of the catalogue's.
func contractField(field string) string {
	switch field {
	case "payout", "method":
		return "payout_method"
	default:
		return field
	}
}

// countries notes codes of a party that are no country's.
func (c *check) countries(party remit.Party) {
	c.country("party.country", string(party.Country))
	c.country("party.nationality", string(party.Nationality))
}

// checkBirth notes a birth that is yet to come; what is no date is the
// catalogue's to note. Where it is a day later than here counts.
func (s *Server) checkBirth(c *check, party remit.Party) {
	const aheadOfUTC = 14 * time.Hour
	born, err := time.Parse(time.DateOnly, strings.TrimSpace(party.DateOfBirth))
	if err == nil && born.After(s.clock.Now().Add(aheadOfUTC)) {
		c.add("party.date_of_birth", remit.ReasonFieldInvalid, "Date of birth is in the future; write it as on the identity document")
	}
}

// checkOriginator notes what is wrong with a customer's particulars.
func (s *Server) checkOriginator(c *check, party remit.Party) error {
	c.countries(party)
	s.checkBirth(c, party)
	return s.found(c, s.catalogue.ValidateOriginator(party), contractField)
}

// checkBeneficiary notes what is wrong with who receives, and where.
func (s *Server) checkBeneficiary(c *check, b remit.Beneficiary) error {
	if c.has("payout_method") || c.has("party.country") || c.has("party") {
		return nil // Nothing else can be checked without them.
	}
	c.countries(b.Party)
	s.checkBirth(c, b.Party)
	return s.found(c, s.catalogue.ValidateBeneficiary(b.Party.Country, b.Method, b.Party, b.Account), contractField)
}

// checkRequired notes what a remittance of this amount needs and the stored
// parties lack.
func (s *Server) checkRequired(q remit.Quote, customer remit.Customer, b remit.Beneficiary) error {
	fields, err := s.catalogue.ValidateRemittance(q.Corridor, q.Payout, q.SourceTotal, customer.Party, b.Party, b.Account)
	if err != nil {
		return fmt.Errorf("check required fields: %w", err)
	}
	c := &check{}
	rename := func(field string) string {
		for from, to := range map[string]string{"originator": "customer.party", "beneficiary": "beneficiary.party", "account": "beneficiary.account"} {
			if rest, ok := strings.CutPrefix(field, from); ok && (rest == "" || rest[0] == '.') {
				return to + rest
			}
		}
		return field
	}
	if err := s.found(c, fields, rename); err != nil {
		return err
	}
	return c.err()
}

// found notes the catalogue's findings. One that says that it could not check
// is our fault and not the caller's.
func (s *Server) found(c *check, fields []remit.FieldError, rename func(string) string) error {
	if slices.ContainsFunc(fields, func(f remit.FieldError) bool { return f.Reason == remit.ReasonInternal }) {
		return errors.New("the catalogue could not check the fields")
	}
	for _, f := range fields {
		// What the contract said of a field as a whole stands for its parts too.
		whole, _, _ := strings.Cut(f.Field, ".")
		if !c.has(whole) {
			c.add(rename(f.Field), f.Reason, "%s", f.Message)
		}
	}
	return nil
}
