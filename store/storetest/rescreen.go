package storetest

import (
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

func testRescreens(t *testing.T, w *world) {
	none, err := w.s.NewestRescreen(w.ctx)
	w.must(err)
	if none.Number != 0 {
		t.Fatalf("before the first there is %+v", none)
	}
	first, err := w.s.BeginRescreen(w.ctx, "lists-1")
	w.must(err)
	w.clock.Advance(time.Minute)
	first.After, first.Screened, first.Alerted, first.Unscreened, first.MovedAt = "cus_x", 3, 2, 1, w.clock.Now()
	w.must(w.s.SaveRescreen(w.ctx, first))
	if got, err := w.s.NewestRescreen(w.ctx); err != nil || got != first {
		t.Fatalf("kept %+v, want %+v (%v)", got, first, err)
	}
	second, err := w.s.BeginRescreen(w.ctx, "lists-2")
	w.must(err)
	if second.Number != 2 || second.After != "" || !second.FinishedAt.IsZero() {
		t.Errorf("the second is %+v", second)
	}
	w.refused(w.s.SaveRescreen(w.ctx, first), remit.KindConflict, "")
	before, err := w.s.RescreenedSince(w.ctx, "lists-1", Start)
	w.must(err)
	later, err := w.s.RescreenedSince(w.ctx, "lists-1", w.clock.Now())
	w.must(err)
	if !before || later {
		t.Errorf("rescreened since the start: %v, since now: %v; want true and false", before, later)
	}

	for _, step := range []struct {
		holder string
		after  time.Duration
		want   bool
	}{{"a", 0, true}, {"b", 0, false}, {"a", 30 * time.Second, true}, {"b", 50 * time.Second, false}, {"b", 10 * time.Second, true}, {"a", 0, false}} {
		w.clock.Advance(step.after)
		mine, err := w.s.TakeLease(w.ctx, "rescreen", step.holder, w.clock.Now().Add(time.Minute))
		w.must(err)
		if mine != step.want {
			t.Errorf("%s has the lease at %s: %v, want %v", step.holder, w.clock.Now(), mine, step.want)
		}
	}
}

func testRescreenParties(t *testing.T, w *world) {
	var want []string
	want = append(want, string(w.customer.ID))
	for range 3 {
		c := w.customer
		c.ID = id[remit.CustomerID](w, remit.PrefixCustomer)
		w.must(w.s.CreateCustomer(w.ctx, c))
		want = append(want, string(c.ID))
	}
	want = append(want, string(w.beneficiary.ID))
	b := w.beneficiary
	b.ID = id[remit.BeneficiaryID](w, remit.PrefixBeneficiary)
	w.must(w.s.CreateBeneficiary(w.ctx, b))
	want = append(want, string(b.ID))
	for _, limit := range []int{1, 2, 3, 4, 5, 100} {
		var got []string
		for after := ""; ; {
			page, err := w.s.PartiesAfter(w.ctx, after, limit)
			w.must(err)
			for _, p := range page {
				got, after = append(got, p.ID()), p.ID()
			}
			if len(page) < limit {
				break
			}
		}
		if len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("%d at a time: got %v, want %v", limit, got, want)
		}
	}

	c, err := w.s.Customer(w.ctx, w.tenant, w.customer.ID)
	w.must(err)
	c.Reference = "another"
	c, err = w.s.UpdateCustomer(w.ctx, c, "desk")
	w.must(err)
	changed, err := w.s.ChangedParties(w.ctx, 10)
	w.must(err)
	if len(changed) != 1 || changed[0].ID() != string(c.ID) || changed[0].Version() != 2 || changed[0].Customer.Party != c.Party {
		t.Fatalf("%d parties changed", len(changed))
	}
	w.must(w.s.PartyRescreened(w.ctx, string(c.ID), 1))
	if changed, err = w.s.ChangedParties(w.ctx, 10); err != nil || len(changed) != 1 {
		t.Errorf("the version before was compared and the present one is gone: %v", err)
	}
	w.must(w.s.PartyRescreened(w.ctx, string(c.ID), 2))
	if changed, err = w.s.ChangedParties(w.ctx, 10); err != nil || len(changed) != 0 {
		t.Errorf("%d parties wait, want none (%v)", len(changed), err)
	}
}

func testRaiseFreeze(t *testing.T, w *world) {
	r := w.remittance()
	alert := compliance.NewAlert{
		Key: "rescreen/1", TenantID: w.tenant, RemittanceID: r.ID, Kind: compliance.CaseKindRescreen, Reasons: []remit.Reason{remit.ReasonSanctionsHit},
		Hits: []compliance.Hit{{Key: "beneficiary|list|1|aa", Role: compliance.RoleBeneficiary, List: "list", EntryID: "1", ScoreBasisPoints: 9_000}},
	}
	for range 2 {
		w.must(w.s.RaiseFreeze(w.ctx, alert))
	}
	frozen := 0
	for _, n := range w.notices(r.ID) {
		if n.Kind == remit.NoticeFreeze {
			frozen++
		}
	}
	if frozen != 1 {
		t.Errorf("%d notices to freeze, want 1", frozen)
	}
	under, err := w.s.UnderWay(w.ctx, compliance.KnownParty{Beneficiary: &w.beneficiary})
	w.must(err)
	if len(under) != 1 || under[0].ID != r.ID {
		t.Errorf("%d remittances are under way to the beneficiary, want 1", len(under))
	}
	alert.Key, alert.TenantID = "rescreen/2", id[remit.TenantID](w, remit.PrefixTenant)
	w.refused(w.s.RaiseFreeze(w.ctx, alert), remit.KindNotFound, "")
}
