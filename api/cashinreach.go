package api

import (
	"context"
	"slices"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps/counter"
)

// cashPayer is a quoter that knows who pays cash in a country.
type cashPayer interface {
	CashProvider(to remit.Country) string
}

// fetchable reports whether what is sent in one way can be paid out: cash that
// our own counters pay needs an outlet which pays that currency.
func (s *cashInService) fetchable(ctx context.Context, to remit.Country, method remit.PayoutMethod, currency string) (bool, error) {
	named, knows := s.quoter.(cashPayer)
	if method != remit.PayoutCash || !knows || named.CashProvider(to) != counter.Name {
		return true, nil
	}
	return s.counter.PaysCash(ctx, callOf(ctx).caller.TenantID, to, currency)
}

// payable takes away the ways of being paid that nobody can pay out now.
func (s *cashInService) payable(ctx context.Context, c *v1.Corridor) error {
	var kept []*v1.PayoutOption
	for _, o := range c.GetPayoutMethods() {
		good, err := s.fetchable(ctx, remit.Country(c.GetTo()), remit.PayoutMethod(o.GetMethod()), o.GetMinimum().GetCurrency())
		if err != nil {
			return err
		}
		if good {
			kept = append(kept, o)
		}
	}
	c.PayoutMethods = kept
	return nil
}

// mostBefore bounds how many a teller is shown.
const mostBefore = 8

// ListCashInBeneficiaries returns whom a customer sent to before.
func (s *cashInService) ListCashInBeneficiaries(ctx context.Context, req *v1.ListCashInBeneficiariesRequest) (*v1.ListCashInBeneficiariesResponse, error) {
	c := s.check(req)
	customer := checkID[remit.CustomerID](c, remit.PrefixCustomer, "customer_id", req.GetCustomerId())
	to := c.country("to", req.GetTo())
	if err := c.err(); err != nil {
		return nil, err
	}
	by, err := s.atCounter(ctx, req.GetTellerId(), nil)
	if err != nil {
		return nil, err
	}
	list, err := s.counter.PaidBefore(ctx, by, customer, to, remit.PayoutMethod(req.GetPayoutMethod()))
	if err != nil {
		return nil, err
	}
	resp := &v1.ListCashInBeneficiariesResponse{}
	for _, b := range list {
		one := &v1.CashInBeneficiary{Id: string(b.ID), Name: b.Party.Name(), PayoutDetail: s.payoutDetail(ctx, b), Operator: b.Account["operator"]}
		same := func(other *v1.CashInBeneficiary) bool {
			return other.GetName() == one.GetName() && other.GetPayoutDetail() == one.GetPayoutDetail() && other.GetOperator() == one.GetOperator()
		}
		if len(resp.Beneficiaries) < mostBefore && !slices.ContainsFunc(resp.Beneficiaries, same) {
			resp.Beneficiaries = append(resp.Beneficiaries, one)
		}
	}
	return resp, nil
}
