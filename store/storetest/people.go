package storetest

import (
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/workflows"
)

func testChangeCustomer(t *testing.T, w *world) {
	before, err := w.s.Customer(w.ctx, w.tenant, w.customer.ID)
	w.must(err)
	if before.Version != 1 || !before.UpdatedAt.IsZero() {
		t.Fatalf("a new customer has version %d of %s", before.Version, before.UpdatedAt)
	}
	w.clock.Advance(time.Hour)
	next := before
	next.Party.FamilyName, next.Tier, next.Reference = "Quintanarro de Ayala", remit.TierEnhanced, "c-1b"
	after, err := w.s.UpdateCustomer(w.ctx, next, "desk")
	w.must(err)
	if after.Party != next.Party || after.Tier != next.Tier || after.Reference != "c-1b" || after.Version != 2 || !after.UpdatedAt.Equal(w.clock.Now()) {
		t.Fatalf("changed to %+v", after.Version)
	}
	again, err := w.s.UpdateCustomer(w.ctx, next, "desk")
	w.must(err)
	if again.Version != 2 {
		t.Errorf("the same change again made version %d", again.Version)
	}
	other := next
	other.Reference = "c-1c"
	_, err = w.s.UpdateCustomer(w.ctx, other, "desk")
	w.refused(err, remit.KindConflict, remit.ReasonPartyChanged)
	other.TenantID = id[remit.TenantID](w, remit.PrefixTenant)
	_, err = w.s.UpdateCustomer(w.ctx, other, "desk")
	w.refused(err, remit.KindNotFound, "")

	changes, err := w.s.CustomerChanges(w.ctx, w.tenant, next.ID)
	w.must(err)
	if len(changes) != 1 || changes[0].Version != 1 || changes[0].Party != before.Party || changes[0].Tier != before.Tier ||
		changes[0].Reference != "c-1" || changes[0].By != "desk" || !changes[0].At.Equal(w.clock.Now()) {
		t.Errorf("%d changes are kept, want what the customer was", len(changes))
	}
	w.must(w.s.ErasePerson(w.ctx, "customers/"+string(next.ID)))
	changes, err = w.s.CustomerChanges(w.ctx, w.tenant, next.ID)
	w.must(err)
	if len(changes) != 0 {
		t.Error("an erased customer's past can be read")
	}
	after.Reference = "c-1d"
	_, err = w.s.UpdateCustomer(w.ctx, after, "desk")
	w.refused(err, remit.KindPrecondition, "")
}

func testChangeBeneficiary(t *testing.T, w *world) {
	b, err := w.s.Beneficiary(w.ctx, w.tenant, w.beneficiary.ID)
	w.must(err)
	r := w.remittance()
	account := b
	account.Account = map[string]string{"bank_code": "BPI", "account_number": "111122223333"}
	_, err = w.s.UpdateBeneficiary(w.ctx, account, "desk")
	w.refused(err, remit.KindPrecondition, remit.ReasonPartyInUse)

	named := b
	named.Party.GivenName = "Jejomarina"
	if named, err = w.s.UpdateBeneficiary(w.ctx, named, "desk"); err != nil || named.Version != 2 {
		t.Fatalf("the name while a remittance is under way: version %d, %v", named.Version, err)
	}
	order := w.rampOrder(r, ramps.PayOut)
	if in, err := w.s.Instruction(w.ctx, order); err != nil || in.Party.GivenName != "Jejomarina" {
		t.Errorf("the payout goes to the name before the change: %v", err)
	}
	_, err = w.s.Apply(w.ctx, workflows.Move{
		Remittance: r.ID, From: remit.StateCreated, To: remit.StateCanceled, Funds: remit.FundsNone, EventType: "remittance.canceled",
	})
	w.must(err)
	account.Version = 2
	if account, err = w.s.UpdateBeneficiary(w.ctx, account, "desk"); err != nil || account.Version != 3 || account.Account["account_number"] != "111122223333" {
		t.Fatalf("the account once nothing is under way: version %d, %v", account.Version, err)
	}
	changes, err := w.s.BeneficiaryChanges(w.ctx, w.tenant, b.ID)
	w.must(err)
	if len(changes) != 2 || changes[0].Account["account_number"] != "998877665544" || changes[1].Party != b.Party {
		t.Errorf("%d changes are kept", len(changes))
	}
	changed, err := w.s.Book().PartiesChanged(w.ctx, r, Start.Add(-time.Second))
	w.must(err)
	later, err := w.s.Book().PartiesChanged(w.ctx, r, w.clock.Now().Add(time.Second))
	w.must(err)
	if !changed || later {
		t.Errorf("changed since the start: %v, since now: %v; want true and false", changed, later)
	}
}
