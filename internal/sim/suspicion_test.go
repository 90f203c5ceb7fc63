package sim_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// gossip is what people at counters report, by a chance of its own.
type gossip struct {
	rng *rand.Rand
	// reported counts the reports, frozen the payouts that an officer had
	// withdrawn before anybody decided.
	reported, frozen int
	// ends counts how cases with a report were decided while nothing was
	// withdrawn yet.
	ends map[compliance.CaseStatus]int
}

// reportParty has somebody report a remittance under way. Nothing stops by it;
// now and then an officer has the payout withdrawn at once.
func (s *run) reportParty() {
	if s.gossip.rng == nil {
		s.gossip.rng, s.gossip.ends = rand.New(rand.NewPCG(*seed, 13)), make(map[compliance.CaseStatus]int) //nolint:gosec // A simulation.
	}
	if len(s.tales) == 0 || s.gossip.rng.IntN(20) > 0 {
		return
	}
	id := s.tales[s.gossip.rng.IntN(len(s.tales))].id
	before, err := s.store.Remittance(s.ctx, s.tenant, id)
	s.must(err)
	if before.State.Ended() || before.State == remit.StateRefunding {
		return
	}
	s.gossip.reported++
	c, err := s.store.RaiseAlert(s.ctx, compliance.NewAlert{
		Key: fmt.Sprintf("suspicion/%d", s.gossip.reported), TenantID: s.tenant, RemittanceID: id, Kind: compliance.CaseKindSuspicion,
		Reasons: []remit.Reason{remit.ReasonSuspicion},
	})
	s.must(err)
	after, err := s.store.Remittance(s.ctx, s.tenant, id)
	s.must(err)
	if after.State != before.State || after.LastEvent != before.LastEvent {
		s.t.Errorf("a report made %s %s, was %s", id, after.State, before.State)
	}
	if s.gossip.rng.IntN(3) > 0 {
		return
	}
	_, err = s.store.OrderFreeze(s.ctx, s.tenant, c.ID, compliance.Person{
		Actor: compliance.Actor{ID: "officer", Name: "officer"}, Works: true, Decides: true,
	}, "stop it")
	switch remit.ReasonOf(err) {
	case remit.ReasonCaseNotPending: // It goes to a wallet, or waits for a person anyway.
	default:
		s.must(err)
		s.gossip.frozen++
	}
}

// heed counts how a report is decided.
func (g *gossip) heed(c compliance.Case, status compliance.CaseStatus) {
	if c.Kind == compliance.CaseKindSuspicion && c.FrozenAt.IsZero() {
		g.ends[status]++
	}
}
