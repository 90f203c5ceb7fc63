package main

import (
	"context"
	"errors"
	"fmt"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// reportedOutlet is where the demo's suspicion is reported; it never closes.
const reportedOutlet = "Chapinero"

// demoReported waits at a counter whose teller reports it.
func demoReported() demoCase {
	return demoCase{
		reference: "demo-reported", from: "US", to: "CO", currency: "USD", amount: "310", tier: "verified", funding: "card", source: "tok_ok",
		payout: "cash", originator: person("Edith", "Carlson", "1951-02-08", "US", "Phoenix", "+16025550118"),
		beneficiary: person("Andrés", "Pardo", "", "CO", "Bogotá", "+573005550142"),
		then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
			r, err := d.until(ctx, r.GetId(), "ready for pickup", func(r *v1.Remittance) bool { return r.GetState() == "ready_for_pickup" })
			if err != nil {
				return err
			}
			return d.report(ctx, r, "Andrés Pardo")
		},
	}
}

// report has a teller of the demo look a payment up and report it.
func (d *demoDesk) report(ctx context.Context, r *v1.Remittance, name string) error {
	teller, err := d.tellerAt(ctx, reportedOutlet)
	if err != nil {
		return err
	}
	by := &v1.CounterCaller{TellerId: teller}
	found, err := v1.NewCounterServiceClient(d.conn).FindPickup(d.ctx(ctx, d.key), &v1.FindPickupRequest{By: by, Code: r.GetPickupCode(), BeneficiaryName: name})
	if err != nil {
		return fmt.Errorf("look the payment up: %w", err)
	}
	_, err = v1.NewSuspicionServiceClient(d.conn).ReportSuspicion(d.ctx(ctx, d.key), &v1.ReportSuspicionRequest{
		By: by, PickupId: found.GetFound().GetPickup().GetId(), Category: "fraud_victim",
		Text: "He did not know who sends the money and read her name from his telephone.\nThird payment this week, each from another elderly lady in Arizona.",
	})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (d *demoDesk) tellerAt(ctx context.Context, outlet string) (string, error) {
	agents := v1.NewAgentServiceClient(d.conn)
	outlets, err := agents.ListOutlets(d.ctx(ctx, d.key), &v1.ListOutletsRequest{})
	if err != nil {
		return "", fmt.Errorf("list outlets: %w", err)
	}
	for _, o := range outlets.GetOutlets() {
		if o.GetName() != outlet {
			continue
		}
		people, err := agents.ListTellers(d.ctx(ctx, d.key), &v1.ListTellersRequest{OutletId: o.GetId()})
		if err != nil {
			return "", fmt.Errorf("list tellers: %w", err)
		}
		for _, t := range people.GetTellers() {
			if t.GetRole() == "teller" {
				return t.GetId(), nil
			}
		}
	}
	return "", errors.New("the demo has no teller at " + outlet)
}
