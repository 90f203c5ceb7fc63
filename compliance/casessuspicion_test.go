package compliance_test

import (
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// TestFreeze: who decides may order a payout withdrawn while there is one, and
// nobody lets it go alone afterwards.
func TestFreeze(t *testing.T) {
	t.Parallel()
	file := func() *compliance.Case {
		c := &compliance.Case{ID: "cas_x", Status: compliance.CaseOpen, RemittanceID: "rem_x", PayoutOut: true}
		c.Add(compliance.NewAlert{Kind: compliance.CaseKindSuspicion, Reasons: []remit.Reason{remit.ReasonSuspicion}}, compliance.ServiceLevels{}, noon)
		return c
	}
	for _, role := range []string{"analyst", "auditor"} {
		if err := file().Freeze(staff[role], "stop", noon); remit.KindOf(err) != remit.KindForbidden {
			t.Errorf("%s freezes: %v", role, err)
		}
	}
	none := file()
	none.PayoutOut = false
	if err := none.Freeze(staff["officer"], "stop", noon); remit.ReasonOf(err) != remit.ReasonCaseNotPending {
		t.Errorf("without a payout: %v", err)
	}
	if err := fileIn(t, compliance.CaseRejected).Freeze(staff["mlro"], "stop", noon); remit.ReasonOf(err) != remit.ReasonCaseDecided {
		t.Errorf("decided: %v", err)
	}
	held := file()
	if err := held.Take(staff["mlro"], noon); err != nil {
		t.Fatal(err)
	}
	if err := held.Freeze(staff["officer"], "stop", noon); remit.ReasonOf(err) != remit.ReasonCaseLocked {
		t.Errorf("held by another person: %v", err)
	}
	approve := compliance.Verdict{Decision: compliance.CaseApproved, Note: "fine"}
	let := file()
	if err := let.Decide(staff["mlro"], approve, compliance.ServiceLevels{}, noon); err != nil || let.Status != compliance.CaseApproved {
		t.Errorf("never frozen: %s, %v", let.Status, err)
	}
	frozen := file()
	version := frozen.Version
	if err := frozen.Freeze(staff["officer"], "stop", noon); err != nil || !frozen.FrozenAt.Equal(noon) || frozen.Version == version {
		t.Fatalf("frozen at %s: %v", frozen.FrozenAt, err)
	}
	for range 2 {
		if err := frozen.Decide(staff["mlro"], approve, compliance.ServiceLevels{}, noon); err != nil || frozen.Status != compliance.CasePending {
			t.Fatalf("one person made it %s, %v", frozen.Status, err)
		}
	}
	if err := frozen.Decide(staff["officer"], approve, compliance.ServiceLevels{}, noon); err != nil || frozen.Status != compliance.CaseApproved {
		t.Errorf("two persons made it %s, %v", frozen.Status, err)
	}
}
