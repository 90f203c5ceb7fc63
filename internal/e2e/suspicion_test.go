package e2e_test

import (
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

// fetchable sends to the counters of Colombia, and returns who waits there.
func (g *gateway) fetchable(given, family string) *remitv1.Remittance {
	g.t.Helper()
	return g.reaches(g.send(order{to: "CO", amount: "100", payout: "cash", account: map[string]string{}, beneficiary: &remitv1.Party{
		GivenName: given, FamilyName: family, Country: "CO", Nationality: "CO", Phone: "+573001234567", AddressLine: "Calle 60 # 9-14", City: "Bogota", PostalCode: "110231",
	}}), "ready_for_pickup")
}

// report finds a payment and reports it, and returns the case.
func (d desk) report(r *remitv1.Remittance, name string) *remitv1.Case {
	d.t.Helper()
	found, err := remitv1.NewCounterServiceClient(d.Conn).FindPickup(d.ctx(""), &remitv1.FindPickupRequest{By: d.by, Code: r.GetPickupCode(), BeneficiaryName: name})
	if err != nil {
		d.t.Fatalf("find %s: %v", name, err)
	}
	made, err := remitv1.NewSuspicionServiceClient(d.Conn).ReportSuspicion(d.ctx(nextKey("report")), &remitv1.ReportSuspicionRequest{
		By: d.by, PickupId: found.GetFound().GetPickup().GetId(), Category: "third_party", Text: "A man outside told her what to say.",
	})
	if err != nil {
		d.t.Fatalf("report %s: %v", name, err)
	}
	page, err := d.cases().ListCases(d.ctx(""), &remitv1.ListCasesRequest{RemittanceId: r.GetId(), Status: "undecided"})
	if err != nil || len(page.GetCases()) != 1 {
		d.t.Fatalf("%d cases are about %s, %v", len(page.GetCases()), r.GetId(), err)
	}
	whole, err := d.cases().GetCase(d.ctx(""), &remitv1.GetCaseRequest{Id: page.GetCases()[0].GetId()})
	if err != nil {
		d.t.Fatal(err)
	}
	k := whole.GetCase()
	if k.GetKind() != "suspicion" || k.GetInbox() != "mlro" || len(k.GetReports()) != 1 || k.GetReports()[0].GetId() != made.GetReport().GetId() ||
		k.GetReports()[0].GetOutletName() != "Chapinero" || !slices.Contains(k.GetAllowedActs(), "freeze") {
		d.t.Errorf("the case is %v", k)
	}
	return k
}

// TestReportedAtCounter: a report stops nothing. Rejected, the payout is withdrawn
// and the money goes back; blocked, it is kept; approved, the beneficiary fetches
// it; frozen, two persons let it go under a new code; paid meanwhile, it is paid.
func TestReportedAtCounter(t *testing.T) {
	t.Parallel()
	g := start(t)
	bogota := g.deskAt("Chapinero", "teller", "COP", "5000000")
	again := func(r *remitv1.Remittance, name string) error {
		_, err := remitv1.NewCounterServiceClient(g.Conn).FindPickup(g.ctx(""), &remitv1.FindPickupRequest{By: bogota.by, Code: r.GetPickupCode(), BeneficiaryName: name})
		return err
	}

	rejected := g.fetchable("Lucia", "Ospina")
	k := bogota.report(rejected, "Lucia Ospina")
	wants(t, g.remittance(rejected.GetId()), "with_partner", "")
	g.decide(g.ctx(nextKey("case")), k.GetId(), "rejected", "")
	wants(t, g.reaches(rejected.GetId(), "refunded"), "returned", "REVIEW_REJECTED")
	if err := again(rejected, "Lucia Ospina"); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("the counter is answered %v for what was withdrawn", err)
	}
	for _, e := range []string{"payout.withdrawing", "remittance.in_review", "remittance.refunding"} {
		if !g.hasEvent(rejected.GetId(), e) {
			t.Errorf("the feed of what was rejected has no %s", e)
		}
	}

	blocked := g.fetchable("Mateo", "Zuluaga")
	g.decide(g.ctx(nextKey("case")), bogota.report(blocked, "Mateo Zuluaga").GetId(), "blocked", "")
	g.reaches(blocked.GetId(), "blocked")

	approved := g.fetchable("Camila", "Torres")
	g.decide(g.ctx(nextKey("case")), bogota.report(approved, "Camila Torres").GetId(), "approved", "")
	bogota.pay(approved.GetPickupCode(), "Camila Torres", passport("Camila Torres", "1990-02-01"))
	wants(t, g.reaches(approved.GetId(), "completed"), "paid", "")

	frozen := g.fetchable("Valentina", "Arango")
	k = bogota.report(frozen, "Valentina Arango")
	ordered, err := remitv1.NewSuspicionServiceClient(g.Conn).OrderFreeze(g.ctx(nextKey("freeze")), &remitv1.OrderFreezeRequest{Id: k.GetId(), Note: "not today"})
	if err != nil || ordered.GetCase().GetFrozenAt() == nil {
		t.Fatalf("freeze: %v, %v", ordered, err)
	}
	wants(t, g.reaches(frozen.GetId(), "in_review"), "with_partner", "UNDER_REVIEW")
	if one := g.decide(g.ctx(nextKey("case")), k.GetId(), "approved", ""); one.GetStatus() != "pending" {
		t.Errorf("one person made it %s", one.GetStatus())
	}
	g.decide(g.second(nextKey("case")), k.GetId(), "approved", "")
	fresh := g.reaches(frozen.GetId(), "ready_for_pickup")
	if fresh.GetPickupCode() == frozen.GetPickupCode() {
		t.Error("the code is that of the payout that was withdrawn")
	}
	bogota.pay(fresh.GetPickupCode(), "Valentina Arango", passport("Valentina Arango", "1990-02-01"))
	wants(t, g.reaches(frozen.GetId(), "completed"), "paid", "")

	paid := g.fetchable("Julia", "Restrepo")
	k = bogota.report(paid, "Julia Restrepo")
	bogota.pay(paid.GetPickupCode(), "Julia Restrepo", passport("Julia Restrepo", "1990-02-01"))
	g.reaches(paid.GetId(), "completed")
	if _, err := remitv1.NewSuspicionServiceClient(g.Conn).OrderFreeze(g.ctx(nextKey("freeze")), &remitv1.OrderFreezeRequest{Id: k.GetId(), Note: "stop"}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a freeze of what was paid is answered %v", err)
	}
	g.decide(g.ctx(nextKey("case")), k.GetId(), "rejected", "")
	wants(t, g.remittance(paid.GetId()), "paid", "")
	bogota.ties()
	g.booksAgree()
}
