package sim_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/settlement"
)

var (
	count = flag.Int("sim.n", fromEnv("REMIT_SIM_N", 250), "remittances of the simulation (also REMIT_SIM_N)")
	seed  = flag.Uint64("sim.seed", uint64(fromEnv("REMIT_SIM_SEED", 20_261_121)), "seed of the simulation (also REMIT_SIM_SEED)")
)

func fromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// TestSimulation lives through -sim.n remittances by -sim.seed and compares
// the books of ledger, chains and bank at the end.
func TestSimulation(t *testing.T) {
	t.Parallel()
	s := newRun(newWorld(t, options{seed: *seed, crashes: 4, losses: 4, late: 3, treasury: 2_000}), *count)
	defer func() {
		if t.Failed() {
			t.Logf("again: go test ./internal/sim -run TestSimulation -sim.n %d -sim.seed %d", *count, *seed)
		}
	}()
	s.prefund(1_500)
	s.live()
	ends := s.check()
	t.Logf("%d remittances over %s: %v", *count, s.clock.Now().Sub(start).Round(time.Minute), ends)
	t.Logf("%d crashes, %d late commits, %d calls lost, %d refunds refused, notices %v", s.faults.count, s.late.count, s.wire.lost, s.wire.refused, s.notices)
	t.Logf("claims: %v", s.claims)
	t.Logf("frozen: %+v", s.frozen)
	t.Logf("reported at counters: %d, frozen %d, decided before %v", s.gossip.reported, s.gossip.frozen, s.gossip.ends)
	if *count >= 250 {
		if s.frozen.withdrawn == 0 || s.frozen.again == 0 || s.frozen.notStopped == 0 || s.frozen.blocked == 0 || s.frozen.refunded == 0 {
			t.Errorf("frozen payouts ended as %+v: the simulation does not reach all ends", s.frozen)
		}
		if s.gossip.frozen == 0 || s.gossip.ends[compliance.CaseApproved] == 0 || s.gossip.ends[compliance.CaseRejected] == 0 {
			t.Errorf("reports ended as %+v: the simulation does not reach all ends", s.gossip.ends)
		}
		if s.claims[settlement.ClaimClaimed] == 0 || s.claims[settlement.ClaimReclaimed] == 0 {
			t.Errorf("claims ended as %v: the simulation does not reach both ends", s.claims)
		}
		for _, state := range []remit.State{
			remit.StateCompleted, remit.StateRefunded, remit.StateRejected, remit.StateCanceled, remit.StateExpired, remit.StateBlocked,
		} {
			if ends[state] == 0 {
				t.Errorf("no remittance ended as %s: the simulation does not reach it", state)
			}
		}
		waits := s.waits()
		t.Logf("waited: %v", waits)
		for _, why := range []remit.Reason{remit.ReasonTreasuryShort, remit.ReasonRailUnavailable, remit.ReasonCoinPaused} {
			if waits[why] == 0 {
				t.Errorf("no remittance waited for %s: the simulation does not reach it", why)
			}
		}
	}
}
