package sim_test

import (
	"slices"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps"
	"github.com/openremit/remit/workflows"
)

// TestOneSuccessorPerRefusedRefund: a hung process orders a refused refund anew
// when another has done so already, and something was noted in between. Named
// after the newest event, there were two refunds under way.
func TestOneSuccessorPerRefusedRefund(t *testing.T) {
	t.Parallel()
	s := newRun(newWorld(t, options{seed: 1, treasury: 1_000}), 1)
	s.decider.scripted = true
	for _, c := range s.chains {
		c.calm = true
	}
	p := good
	p.digits = "0006"
	s.wire.refuse = 1
	r := s.send(p)
	told := newTale(s.ctx, s.steps, s.clock, r.ID)
	s.byID[r.ID] = told
	held := false
	s.late.match = func(from, to remit.State) bool {
		if held || from != remit.StateRefunding || to != remit.StateRefunding {
			return false
		}
		held = true
		// A fact comes in between: the provider contradicts itself.
		now, err := s.store.Remittance(s.ctx, s.tenant, r.ID)
		s.must(err)
		_, err = s.store.SaveRampAnswer(s.ctx, now.PayoutOrder, ramps.Answer{Status: ramps.StatusSucceeded}, s.clock.Now())
		s.must(err)
		return true
	}
	delivered := 0
	told.around = func(do func() (workflows.Standing, error)) (workflows.Standing, error) {
		out, err := do()
		if held && err == nil && len(s.late.moves) > 0 {
			s.must(s.late.commit(s.ctx, s.store.Book(), 0))
		}
		return out, err
	}
	s.walk(journey{}, told, &delivered)
	if !held || told.at.State != remit.StateRefunded {
		t.Fatalf("ended as %s, a commit was held up: %v", told.at.State, held)
	}
	detail, err := s.store.RemittanceDetail(s.ctx, s.tenant, r.ID)
	s.must(err)
	refunds := slices.DeleteFunc(detail.RampOrders, func(o ramps.Order) bool { return o.Direction != ramps.Refund })
	if len(refunds) != 2 {
		t.Errorf("%d refunds were ordered, want the refused one and its successor: %+v\n%s", len(refunds), refunds, s.history(r))
	}
	s.check()
}

// TestShortTreasuryRestsAfterReview: an approved release waits as funded for
// the treasury. Decided anew at each try it either conflicted with the decision
// that was approved, and stayed for ever, or went through review again and again.
func TestShortTreasuryRestsAfterReview(t *testing.T) {
	t.Parallel()
	for _, j := range journeys() {
		if j.name != "treasury short after review" {
			continue
		}
		_, left := travel(t, j, undisturbed)
		if left.decisions != 2 || left.cases != 1 || left.orders != 1 {
			t.Errorf("left %+v, want two decisions, one case and one order", left)
		}
	}
}

// TestBalanceIsWholeAtOnce: money that goes back to the tenant's balance waits
// for nobody.
func TestBalanceIsWholeAtOnce(t *testing.T) {
	t.Parallel()
	for _, j := range journeys() {
		if j.plan.funding != remit.FundingBalance || j.ends != remit.StateRefunded {
			continue
		}
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			path, _ := travel(t, j, undisturbed)
			if slices.ContainsFunc(path, func(a workflows.Standing) bool { return a.State == remit.StateRefunding }) {
				t.Errorf("it waited as refunding: %v", path)
			}
		})
	}
}
