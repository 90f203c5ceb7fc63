package sim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/workflows"
)

// journey is one way a remittance can go, without chance.
type journey struct {
	name string
	plan plan
	// gates is what the gates decide, intake first, or else allow.
	gates []compliance.Outcome
	// rescreen changes the lists once the intake gate has passed.
	rescreen bool
	// disposition is what the person decides of every case.
	disposition compliance.CaseStatus
	// cancelIn is the state in which the caller asks to cancel.
	cancelIn remit.State
	// short empties the treasuries until a while after the remittance was funded.
	short bool
	// paused has the coin off its peg until a while after the remittance was
	// funded; down has the rails down until then.
	paused, down bool
	// pausedOnce has the coin go off its peg for good with the first transaction.
	pausedOnce bool
	// stellar and solana say why that rail fails what it is given.
	stellar, solana remit.Reason
	// refuse is how many refunds the bank refuses.
	refuse int
	// unready is what a wallet does that cannot hold the money yet.
	unready string
	// listIn is the state in which a list names the beneficiary.
	listIn remit.State
	// licence has two officers return blocked money.
	licence bool
	// balance is what the tenant has, in dollars.
	balance int64
	ends    remit.State
	why     remit.Reason
}

// withdraws reports whether a payout that was ordered is taken back.
func (j journey) withdraws() bool {
	return j.listIn != "" || (j.plan.payout == remit.PayoutCash && j.cancelIn != "")
}

var good = plan{funding: remit.FundingCard, token: "tok_good", payout: remit.PayoutBank, digits: "5566", rail: remit.RailAuto, dollars: 100}

// but changes a plan.
func but(change func(*plan)) plan {
	p := good
	change(&p)
	return p
}

func withToken(token string) plan { return but(func(p *plan) { p.token = token }) }

func journeys() []journey {
	cash := but(func(p *plan) { p.payout = remit.PayoutCash })
	closed := but(func(p *plan) { p.digits = "0006" })
	cashPrefunded := but(func(p *plan) { p.payout, p.funding = remit.PayoutCash, remit.FundingBalance })
	pending := but(func(p *plan) { p.digits = "0009" })
	prefunded := but(func(p *plan) { p.funding = remit.FundingBalance })
	prefundedClosed := but(func(p *plan) { p.funding, p.digits = remit.FundingBalance, "0001" })
	stellarOnly := but(func(p *plan) { p.rail = remit.RailStellar })
	review, block, reject := compliance.OutcomeReview, compliance.OutcomeBlock, compliance.OutcomeReject
	allow, rfi := compliance.OutcomeAllow, compliance.OutcomeRFI
	yes, no := compliance.CaseApproved, compliance.CaseRejected
	outcomes := func(list ...compliance.Outcome) []compliance.Outcome { return list }
	failed := remit.ReasonSettlementFailed
	toWallet := but(func(p *plan) { p.payout, p.network = remit.PayoutWallet, remit.RailSolana })
	custodial := but(func(p *plan) { p.payout, p.network, p.memo = remit.PayoutWallet, remit.RailStellar, "104552" })
	own := but(func(p *plan) { p.payout, p.network = remit.PayoutWallet, remit.RailStellar })
	ownPrefunded := but(func(p *plan) {
		p.payout, p.network, p.funding = remit.PayoutWallet, remit.RailStellar, remit.FundingBalance
	})
	netted := but(func(p *plan) { p.mode, p.window = remit.SettlementNetted, 5*time.Second })
	single := but(func(p *plan) { p.mode = remit.SettlementSingle })
	return []journey{
		{name: "completed", plan: good, ends: remit.StateCompleted},
		{name: "completed in cash", plan: cash, ends: remit.StateCompleted},
		{name: "listed while cash waits, somebody else", plan: cash, listIn: remit.StateReadyForPickup, disposition: yes, ends: remit.StateCompleted},
		{name: "listed while cash waits, rejected", plan: cash, listIn: remit.StateReadyForPickup, disposition: no, ends: remit.StateRefunded, why: remit.ReasonReviewRejected},
		{name: "listed while cash waits, to the balance", plan: cashPrefunded, balance: 500, listIn: remit.StateReadyForPickup, disposition: no, ends: remit.StateRefunded, why: remit.ReasonReviewRejected},
		{name: "listed while cash waits, blocked", plan: cash, listIn: remit.StateReadyForPickup, disposition: compliance.CaseBlocked, ends: remit.StateBlocked, why: remit.ReasonSanctionsMatch},
		{name: "listed while cash waits, canceled meanwhile", plan: cash, listIn: remit.StateReadyForPickup, disposition: yes, cancelIn: remit.StateInReview, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
		{name: "recalled while cash waits", plan: cash, cancelIn: remit.StateReadyForPickup, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
		{name: "recalled while cash waits, to the balance", plan: cashPrefunded, balance: 500, cancelIn: remit.StateReadyForPickup, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
		{name: "recalled while settling, both rails fail", plan: cash, stellar: failed, solana: failed, cancelIn: remit.StateSettling, ends: remit.StateRefunded, why: failed},
		{name: "recalled, then listed, blocked", plan: cash, cancelIn: remit.StateReadyForPickup, listIn: remit.StateReadyForPickup, disposition: compliance.CaseBlocked, ends: remit.StateBlocked, why: remit.ReasonSanctionsMatch},
		{name: "listed while paying out", plan: pending, listIn: remit.StatePayingOut, disposition: no, ends: remit.StateRefunded, why: remit.ReasonReviewRejected},
		{name: "completed from the balance", plan: prefunded, balance: 500, ends: remit.StateCompleted},
		{name: "completed, netted", plan: netted, ends: remit.StateCompleted},
		{name: "completed by its own transaction", plan: single, ends: remit.StateCompleted},
		{name: "netted, both rails fail", plan: netted, stellar: failed, solana: failed, ends: remit.StateRefunded, why: failed},
		{name: "completed to a wallet", plan: toWallet, ends: remit.StateCompleted},
		{name: "completed to a wallet with a memo", plan: custodial, ends: remit.StateCompleted},
		{name: "claimed by the wallet", plan: own, unready: "claims", ends: remit.StateCompleted},
		{name: "claimed by the wallet at last", plan: own, unready: "claims late", ends: remit.StateCompleted},
		{name: "never claimed", plan: own, unready: "never claims", ends: remit.StateRefunded, why: remit.ReasonNotClaimed},
		{name: "never claimed, to the balance", plan: ownPrefunded, balance: 500, unready: "never claims", ends: remit.StateRefunded, why: remit.ReasonNotClaimed},
		{name: "wallet cannot receive", plan: toWallet, solana: remit.ReasonDestinationInvalid, ends: remit.StateRefunded, why: remit.ReasonDestinationInvalid},
		{name: "the wallet's rail fails", plan: custodial, stellar: failed, ends: remit.StateRefunded, why: failed},
		{name: "to a wallet after review", plan: toWallet, rescreen: true, gates: outcomes(allow, review), disposition: yes, ends: remit.StateCompleted},
		{name: "balance too low", plan: prefunded, balance: 50, ends: remit.StateCanceled, why: remit.ReasonInsufficientBalance},
		{name: "balance too low after review", plan: prefunded, balance: 50, gates: outcomes(review), disposition: yes, ends: remit.StateCanceled, why: remit.ReasonInsufficientBalance},
		{name: "payout rejected", plan: closed, ends: remit.StateRefunded, why: remit.ReasonPayoutRejected},
		{name: "cash payout rejected", plan: but(func(p *plan) { p.payout, p.digits = remit.PayoutCash, "0006" }), ends: remit.StateRefunded, why: remit.ReasonPayoutRejected},
		{name: "payout rejected, to the balance", plan: prefundedClosed, balance: 500, ends: remit.StateRefunded, why: remit.ReasonAccountClosed},
		{name: "refund refused twice", plan: closed, refuse: 2, ends: remit.StateRefunded, why: remit.ReasonPayoutRejected},
		{name: "rail fails over", plan: good, stellar: failed, ends: remit.StateCompleted},
		{name: "rail fails over, payout rejected", plan: closed, stellar: failed, ends: remit.StateRefunded, why: remit.ReasonPayoutRejected},
		{name: "both rails fail", plan: good, stellar: failed, solana: failed, ends: remit.StateRefunded, why: failed},
		{name: "both rails fail, to the balance", plan: prefunded, balance: 500, stellar: failed, solana: failed, ends: remit.StateRefunded, why: failed},
		{name: "the one rail fails", plan: stellarOnly, stellar: failed, ends: remit.StateRefunded, why: failed},
		{name: "destination invalid", plan: good, stellar: remit.ReasonDestinationInvalid, ends: remit.StateRefunded, why: remit.ReasonDestinationInvalid},
		{name: "declined", plan: withToken("tok_declined"), ends: remit.StateCanceled, why: remit.ReasonFundingDeclined},
		{name: "declined later", plan: withToken("tok_rejected_later"), ends: remit.StateCanceled, why: remit.ReasonFundingDeclined},
		{name: "too little came in", plan: withToken("tok_short"), ends: remit.StateRefunded, why: remit.ReasonFundingMismatch},
		{name: "too much came in", plan: withToken("tok_over"), ends: remit.StateRefunded, why: remit.ReasonFundingMismatch},
		{name: "canceled before the money", plan: withToken("tok_pending"), cancelIn: remit.StateAwaitingFunds, ends: remit.StateCanceled, why: remit.ReasonCanceledByCaller},
		{name: "canceled too late for the pay-in", plan: good, cancelIn: remit.StateAwaitingFunds, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
		{name: "expired", plan: withToken("tok_pending"), ends: remit.StateExpired, why: remit.ReasonFundingExpired},
		{name: "rejected at intake", plan: good, gates: outcomes(reject), ends: remit.StateRejected, why: remit.ReasonSanctionsHit},
		{name: "blocked at intake", plan: good, gates: outcomes(block), ends: remit.StateRejected, why: remit.ReasonSanctionsHit},
		{name: "reviewed at intake", plan: good, gates: outcomes(review), disposition: yes, ends: remit.StateCompleted},
		{name: "refused at intake", plan: good, gates: outcomes(rfi), disposition: no, ends: remit.StateRejected, why: remit.ReasonReviewRejected},
		{name: "canceled in intake review", plan: good, gates: outcomes(review), disposition: yes, cancelIn: remit.StateInReview, ends: remit.StateCanceled, why: remit.ReasonCanceledByCaller},
		{name: "rejected at release", plan: good, rescreen: true, gates: outcomes(allow, reject), ends: remit.StateRefunded, why: remit.ReasonSanctionsHit},
		{name: "rejected at release, to the balance", plan: prefunded, balance: 500, short: true, rescreen: true, gates: outcomes(allow, reject), ends: remit.StateRefunded, why: remit.ReasonSanctionsHit},
		{name: "reviewed at release", plan: good, rescreen: true, gates: outcomes(allow, review), disposition: yes, ends: remit.StateCompleted},
		{name: "refused at release", plan: good, rescreen: true, gates: outcomes(allow, review), disposition: no, ends: remit.StateRefunded, why: remit.ReasonReviewRejected},
		{name: "undecided at release", plan: good, rescreen: true, gates: outcomes(allow, ""), disposition: no, ends: remit.StateRefunded, why: remit.ReasonReviewRejected},
		{name: "true match at release", plan: good, rescreen: true, gates: outcomes(allow, block), disposition: no, ends: remit.StateBlocked, why: remit.ReasonSanctionsMatch},
		{name: "true match at release, licensed", plan: good, rescreen: true, gates: outcomes(allow, block), disposition: no, licence: true, ends: remit.StateRefunded, why: remit.ReasonLicensed},
		{name: "true match at release, licensed, to the balance", plan: prefunded, balance: 500, short: true, rescreen: true, gates: outcomes(allow, block), disposition: no, licence: true, ends: remit.StateRefunded, why: remit.ReasonLicensed},
		{name: "true match at release, licensed, refund refused", plan: good, rescreen: true, gates: outcomes(allow, block), disposition: no, licence: true, refuse: 1, ends: remit.StateRefunded, why: remit.ReasonLicensed},
		{name: "no match at release after all", plan: good, rescreen: true, gates: outcomes(allow, block), disposition: yes, ends: remit.StateCompleted},
		{name: "canceled in release review", plan: good, rescreen: true, gates: outcomes(allow, review), disposition: yes, cancelIn: remit.StateInReview, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
		{name: "true match, canceled meanwhile", plan: good, rescreen: true, gates: outcomes(allow, block), disposition: no, cancelIn: remit.StateInReview, ends: remit.StateBlocked, why: remit.ReasonSanctionsMatch},
		{name: "treasury short", plan: good, short: true, ends: remit.StateCompleted},
		{name: "treasury short after review", plan: good, short: true, rescreen: true, gates: outcomes(allow, review), disposition: yes, ends: remit.StateCompleted},
		{name: "treasury short, reviewed at both gates", plan: good, short: true, rescreen: true, gates: outcomes(review, review), disposition: yes, ends: remit.StateCompleted},
		{name: "coin paused", plan: good, paused: true, ends: remit.StateCompleted},
		{name: "coin paused, prefunded", plan: prefunded, balance: 500, paused: true, ends: remit.StateCompleted},
		{name: "coin paused after review", plan: good, paused: true, rescreen: true, gates: outcomes(allow, review), disposition: yes, ends: remit.StateCompleted},
		{name: "coin paused, canceled", plan: good, paused: true, cancelIn: remit.StateFunded, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
		{name: "coin paused once sent", plan: good, pausedOnce: true, ends: remit.StateCompleted},
		{name: "coin paused once sent, rail fails", plan: good, pausedOnce: true, stellar: failed, ends: remit.StateRefunded, why: failed},
		{name: "rails down", plan: good, down: true, ends: remit.StateCompleted},
		{name: "coin paused, then treasury short", plan: good, paused: true, short: true, ends: remit.StateCompleted},
		{name: "treasury short, canceled", plan: good, short: true, cancelIn: remit.StateFunded, ends: remit.StateRefunded, why: remit.ReasonCanceledByCaller},
	}
}

// The ways to disturb a journey.
type disturbance string

const (
	undisturbed disturbance = "undisturbed"
	// twice takes every step a second time.
	twice disturbance = "every step twice"
	// answerLost fails every commit of a step after its effect.
	answerLost disturbance = "every commit's answer lost"
	// crashed fails every commit of a step once before its effect.
	crashed disturbance = "crash before every commit"
	// forgotten takes every step a second time once all that follows from it
	// has happened and was heard, as a worker does whose forerunner crashed.
	forgotten disturbance = "every step forgotten"
	// again tries all commits so far once more after every step.
	again disturbance = "every old commit again after every step"
	// toldAnew has the story told anew before every wait.
	toldAnew disturbance = "told anew before every wait"
)

// traces is what a journey left behind.
type traces struct {
	entries, ramps, orders, decisions, cases, events, notices int
}

// TestEveryStepRepeats: a step that is taken twice, or whose end is not heard
// of, leads to the same place and leaves nothing behind a second time.
func TestEveryStepRepeats(t *testing.T) {
	t.Parallel()
	for _, j := range journeys() {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			want, left := travel(t, j, undisturbed)
			last := want[len(want)-1]
			if last.State != j.ends || last.Reason != j.why {
				t.Fatalf("ended as %s %s, want %s %s: %v", last.State, last.Reason, j.ends, j.why, want)
			}
			for _, d := range []disturbance{twice, answerLost, crashed, forgotten, again, toldAnew} {
				got, gotLeft := travel(t, j, d)
				if j.withdraws() {
					// One and the same step withdraws, stops, refunds and orders anew: taken
					// twice it may do two of these. Where it ends and what it leaves is the same.
					got, want = got[len(got)-1:], want[len(want)-1:]
					gotLeft.events, gotLeft.notices = left.events, left.notices
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: the steps led to\n%v, undisturbed to\n%v", d, got, want)
				}
				if d == again {
					gotLeft.events = left.events // A fact may be told twice then.
				}
				if gotLeft != left {
					t.Errorf("%s: left %+v, undisturbed %+v", d, gotLeft, left)
				}
			}
		})
	}
}

// travel goes the journey and returns where its steps led and what they left.
func travel(t *testing.T, j journey, d disturbance) ([]workflows.Standing, traces) {
	t.Helper()
	treasury := int64(1_000)
	if j.short {
		treasury = 0
	}
	s := newRun(newWorld(t, options{seed: 1, treasury: treasury}), 1)
	if j.paused {
		s.pause()
	}
	s.fragile = j.pausedOnce
	for _, c := range s.chains {
		c.setDown(j.down)
	}
	s.router.Check(s.ctx)
	s.decider.scripted, s.decider.script = true, slices.Clone(j.gates)
	s.wire.refuse = j.refuse
	for i, why := range []remit.Reason{j.stellar, j.solana} {
		s.chains[i].calm, s.chains[i].refusing, s.chains[i].unready = true, why, j.unready
	}
	if j.balance > 0 {
		s.prefund(j.balance)
	}
	switch d {
	case answerLost:
		s.faults.script = func(name string, _ int) (before, after bool) { return false, strings.HasPrefix(name, "apply ") }
	case crashed:
		s.faults.script = func(name string, call int) (before, after bool) {
			return strings.HasPrefix(name, "apply ") && call == 1, false
		}
	case again:
		s.late.all = true
	case undisturbed, twice, forgotten, toldAnew:
	}
	r := s.send(j.plan)
	told := newTale(s.ctx, s.steps, s.clock, r.ID)
	told.licensed, told.anew = j.licence, d == toldAnew
	s.byID[r.ID] = told
	delivered := 0
	if d == again {
		told.around = func(do func() (workflows.Standing, error)) (workflows.Standing, error) {
			at, err := do()
			s.repeatAll()
			return at, err
		}
	}
	if d == twice {
		told.around = func(do func() (workflows.Standing, error)) (workflows.Standing, error) {
			at, err := do()
			before := s.left(r, delivered)
			second, errSecond := do()
			if err != nil || errSecond != nil || at.State != second.State || at.Reason != second.Reason {
				t.Errorf("a step led to %+v %v, taken again to %+v %v", at, err, second, errSecond)
			}
			if after := s.left(r, delivered); after != before {
				t.Errorf("a step to %s left %+v, taken again %+v", at.State, before, after)
			}
			return second, errSecond
		}
	}
	if d == forgotten {
		told.around = func(do func() (workflows.Standing, error)) (workflows.Standing, error) {
			at, err := do()
			if err != nil {
				return at, err
			}
			for range 5 {
				s.turn(bankSettles)
				delivered += s.deliverAll()
			}
			told.drain()
			return do()
		}
	}
	s.walk(j, told, &delivered)
	s.check()
	if len(told.late) > 0 {
		t.Errorf("%s: nobody told it to go on to %v", d, told.late)
	}
	return told.path, s.left(r, delivered)
}

// repeatAll tries every commit so far once more, the oldest first.
func (s *run) repeatAll() {
	held := slices.Clone(s.late.moves)
	for range held {
		s.must(s.late.commit(s.ctx, s.store.Book(), 0))
	}
	s.late.moves = held
}

// walk lets everything run its course, without chance.
func (s *run) walk(j journey, told *tale, delivered *int) {
	s.t.Helper()
	idle, canceled, listed := time.Second, false, false
	for range 2_000 {
		if told.due() {
			told.resume()
			idle = time.Second
		}
		if told.ended {
			*delivered += s.deliverAll()
			return
		}
		state := told.at.State
		waits := func(why remit.Reason) bool {
			return slices.Contains(told.path, workflows.Standing{State: remit.StateFunded, Reason: why})
		}
		short := waits(remit.ReasonTreasuryShort)
		s.mend(j, waits)
		if j.rescreen && (state == remit.StateAwaitingFunds || short || waits(remit.ReasonCoinPaused)) {
			s.decider.version = "lists-2"
		}
		// The bank has settled by then what it settles; the gateway asks it later.
		settled := s.clock.Now().Sub(start) > 2*bankSettles
		if state == j.cancelIn && !canceled && settled && (state != remit.StateInReview || s.isReview(told, j)) {
			canceled = true
			_, err := s.store.RequestCancel(s.ctx, s.tenant, told.id)
			s.must(err)
		}
		if state == j.listIn && !listed {
			listed = true
			s.nameBeneficiary(told.id)
		}
		if short && j.cancelIn == "" && s.chains[0].balance == 0 {
			s.topUp(s.chains[0], 1_000)
		}
		if n := s.deliverAll(); n > 0 {
			*delivered += n
			idle = time.Second
			continue
		}
		if state == remit.StateInReview && (canceled || j.cancelIn == "") {
			s.disposeAll(j.disposition)
		}
		if state == remit.StateBlocked && j.licence {
			s.license()
		}
		s.turn(idle)
		idle = min(2*idle, idleMost)
	}
	s.t.Fatalf("the journey does not end; it led to %v", told.path)
}

// turn lets the desk and the rails do what is due, and time pass.
func (s *run) turn(pass time.Duration) {
	s.must(s.desk.Pass(s.ctx))
	for i, e := range s.engines {
		_, err := e.Step(s.ctx)
		s.must(err)
		e.Wait()
		s.chains[i].close()
		if s.fragile && s.chains[i].signed() {
			s.market.set(offPeg)
		}
	}
	s.clock.Advance(pass)
	s.router.Check(s.ctx)
}

// pause lets the coin go off its peg, long enough to be believed.
func (s *run) pause() {
	s.market.set(offPeg)
	for range 3 {
		s.clock.Advance(time.Second)
		s.router.Check(s.ctx)
	}
}

// mend ends what the remittance has been seen to wait for.
func (s *run) mend(j journey, waits func(remit.Reason) bool) {
	if j.cancelIn != "" {
		return
	}
	if j.paused && waits(remit.ReasonCoinPaused) {
		s.market.set(atPeg)
	}
	if j.down && waits(remit.ReasonRailUnavailable) {
		for _, c := range s.chains {
			c.setDown(false)
		}
	}
}

// isReview reports whether the review is the one in which the journey cancels:
// the release gate's if the lists change, the intake gate's otherwise.
func (s *run) isReview(told *tale, j journey) bool {
	r, err := s.store.Remittance(s.ctx, s.tenant, told.id)
	s.must(err)
	return (r.Funds == remit.FundsHeld) == j.rescreen
}

// deliverAll hands every notice over.
func (s *run) deliverAll() int {
	list, err := s.store.PendingNotices(s.ctx, 100)
	s.must(err)
	numbers := make([]int64, 0, len(list))
	for _, n := range list {
		numbers = append(numbers, n.Number)
		if n.Kind != remit.NoticeStart {
			s.byID[n.RemittanceID].inbox = append(s.byID[n.RemittanceID].inbox, n.Notice)
		}
	}
	s.must(s.store.Delivered(s.ctx, numbers))
	return len(list)
}

func (s *run) disposeAll(status compliance.CaseStatus) {
	cases, err := s.store.Cases(s.ctx, s.tenant, api.CaseFilter{Status: compliance.CaseOpen}, api.CasePage{Size: 100})
	s.must(err)
	for _, c := range cases {
		s.decide(c, status)
	}
}

// license has two officers return the money of what is blocked.
func (s *run) license() {
	cases, err := s.store.Cases(s.ctx, s.tenant, api.CaseFilter{Status: compliance.CaseBlocked}, api.CasePage{Size: 100})
	s.must(err)
	for _, c := range cases {
		s.decide(c, compliance.CaseUnblocked)
	}
}

// decide has two officers decide a case.
func (s *run) decide(c compliance.Case, status compliance.CaseStatus) {
	if status == compliance.CaseRejected && c.Gate == compliance.GateRelease && c.Advice == compliance.OutcomeBlock {
		status = compliance.CaseBlocked // A listed party's money may not go back.
	}
	for _, officer := range []string{"officer", "second officer"} {
		_, err := s.store.DecideCase(s.ctx, s.tenant, c.ID, compliance.Person{
			Actor: compliance.Actor{ID: officer, Name: officer}, Works: true, Decides: true, Blocks: true,
		}, compliance.Verdict{Decision: status, Note: "looked at it", Licence: map[compliance.CaseStatus]string{compliance.CaseUnblocked: "2026-1"}[status]})
		s.must(err)
		if !c.SecondNeeded(status) {
			return
		}
	}
}

// left counts what a remittance has left behind.
func (s *run) left(r remit.Remittance, delivered int) traces {
	s.t.Helper()
	report, err := s.store.VerifyLedger(s.ctx)
	s.must(err)
	detail, err := s.store.RemittanceDetail(s.ctx, s.tenant, r.ID)
	s.must(err)
	cases, err := s.store.Cases(s.ctx, s.tenant, api.CaseFilter{}, api.CasePage{Size: 100})
	s.must(err)
	pending, err := s.store.PendingNotices(s.ctx, 100)
	s.must(err)
	return traces{
		entries: int(report.Entries), ramps: len(detail.RampOrders), orders: len(detail.Orders), decisions: len(detail.Decisions),
		cases: len(cases), events: len(s.events(r)), notices: delivered + len(pending),
	}
}
