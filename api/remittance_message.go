package api

import (
	"slices"
	"time"

	"github.com/openremit/remit"
	v1 "github.com/openremit/remit/proto/remit/v1"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/settlement"
)

// remittanceMessage is a remittance on the wire without the orders that carry it.
func remittanceMessage(r remit.Remittance) *v1.Remittance {
	q := r.Quote
	fees, total := feeMessages(q)
	m := &v1.Remittance{
		Id: string(r.ID), State: string(r.State), Funds: string(r.Funds), Reason: string(r.Reason),
		CustomerId: string(r.CustomerID), BeneficiaryId: string(r.BeneficiaryID), QuoteId: string(q.ID),
		Reference: r.Reference, Purpose: r.Purpose, FundingSource: r.FundingSource,
		Corridor: string(q.Corridor), FundingMethod: string(q.Funding), PayoutMethod: string(q.Payout),
		SourceAmount: moneyMessage(q.SourceTotal), Principal: moneyMessage(q.Principal), Fees: fees, FeesTotal: total,
		Rate: rateMessage(q.Rate), TargetAmount: moneyMessage(q.Target),
		Rail: string(r.Rail), CaseId: string(r.OpenCase), LastEvent: int32(r.LastEvent),
		CreatedAt: timeMessage(r.CreatedAt), UpdatedAt: timeMessage(r.UpdatedAt),
	}
	for _, rail := range r.RailsTried {
		m.RailsTried = append(m.RailsTried, string(rail))
	}
	return m
}

// detailMessage is a remittance on the wire with the orders in force. since is
// when it came into its state.
func (s *Server) detailMessage(d RemittanceDetail, since time.Time) *v1.Remittance {
	r := d.Remittance
	m := remittanceMessage(r)
	m.Since = timeMessage(since)
	m.Funding = legMessage(d.RampOrders, r.PayInOrder)
	m.Payout = legMessage(d.RampOrders, r.PayoutOrder)
	m.Refund = legMessage(d.RampOrders, r.RefundOrder)
	m.Settlement = s.settlementMessage(d)
	if r.State == remit.StateReadyForPickup && s.pickupCode != nil {
		m.PickupCode = s.pickupCode(r, r.PayoutOrder)
	}
	return m
}

func legMessage(orders []ramps.Order, id remit.RampOrderID) *v1.RampLeg {
	i := slices.IndexFunc(orders, func(o ramps.Order) bool { return o.ID == id })
	if id == "" || i < 0 {
		return nil
	}
	o := orders[i]
	return &v1.RampLeg{
		Id: string(o.ID), Status: string(o.Status), Reason: string(o.Reason),
		Provider: o.Provider, ProviderReference: o.ProviderReference, Method: o.Method,
		Amount: moneyMessage(o.Amount), Received: moneyMessage(o.Received), UpdatedAt: timeMessage(o.UpdatedAt),
	}
}

// settlementMessage shows the settlement order in force and its transaction:
// the one that settled it, or else the one under way.
func (s *Server) settlementMessage(d RemittanceDetail) *v1.SettlementLeg {
	id := d.Remittance.SettlementOrder
	i := slices.IndexFunc(d.Orders, func(o settlement.Order) bool { return o.ID == id })
	if id == "" || i < 0 {
		return nil
	}
	o := d.Orders[i]
	hash := o.Hash
	if j := slices.IndexFunc(d.Attempts, func(a settlement.Attempt) bool { return a.ID == o.Attempt }); hash == "" && j >= 0 {
		hash = d.Attempts[j].Hash
	}
	m := &v1.SettlementLeg{
		Id: string(o.ID), Status: string(o.Status), Reason: string(o.Reason), Rail: string(o.Rail),
		Amount: moneyMessage(o.Amount), Destination: o.Destination, Memo: o.Memo, Hash: hash,
		Leg: int32(o.Leg), UpdatedAt: timeMessage(o.UpdatedAt), Mode: string(o.Mode),
	}
	if hash != "" && s.explorer != nil {
		m.ExplorerUrl = s.explorer(o.Rail, hash)
	}
	if c := o.Claim; c.ID != "" {
		m.Claim = &v1.SettlementClaim{Id: c.ID, Status: string(c.Status), ClaimableUntil: timeMessage(c.Until), Hash: c.Hash}
	}
	return m
}
