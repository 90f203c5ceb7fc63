package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/devnet/bank"
)

const (
	// idleMost bounds how far the clock jumps while nothing happens.
	idleMost = 5 * time.Minute
	// maxTicks is far more than any run needs.
	maxTicks = 200_000
	// stuckAfter is how long a remittance may be refunding before the
	// simulation leaves it to the operators, if a case told them.
	stuckAfter = 6 * time.Hour
)

// run tells the tales of n remittances to their end.
type run struct {
	*world
	n       int
	tales   []*tale
	byID    map[remit.RemittanceID]*tale
	heard   []bank.Order
	started map[remit.RemittanceID]time.Time
	notices map[string]int
	gossip  gossip
}

func newRun(w *world, n int) *run {
	return &run{
		world: w, n: n, byID: make(map[remit.RemittanceID]*tale), started: make(map[remit.RemittanceID]time.Time), notices: make(map[string]int),
	}
}

// live runs until every remittance has ended or is left to the operators.
func (s *run) live() {
	idle := time.Second
	for range maxTicks {
		busy := s.tick()
		if !s.open() && len(s.byID) == s.n {
			return
		}
		if busy {
			idle = time.Second
		} else {
			idle = min(2*idle, idleMost)
		}
		s.clock.Advance(idle + time.Duration(s.rng.IntN(3000))*time.Millisecond)
	}
	s.t.Fatalf("remittances are open after %d ticks", maxTicks)
}

// open reports whether any tale goes on.
func (s *run) open() bool {
	open := false
	living := s.tales[:0]
	for _, told := range s.tales {
		if told.ended {
			continue
		}
		if told.at.State == remit.StateRefunding && s.clock.Now().Sub(s.started[told.id]) > stuckAfter && s.plans[told.id].hopeless() {
			told.stop()
			continue
		}
		living = append(living, told)
		open = true
	}
	s.tales = living
	return open
}

// tick lets everything happen that is due now, and reports whether anything did.
func (s *run) tick() (busy bool) {
	if len(s.started) < s.n {
		for range min(s.n-len(s.started), s.rng.IntN(4)) {
			r := s.send(s.randomPlan())
			s.started[r.ID] = s.clock.Now()
		}
		busy = true
	}
	s.trouble()
	s.router.Check(s.ctx)
	busy = s.deliver() || busy
	for _, told := range s.tales {
		if told.due() {
			busy = true
			told.resume()
		}
	}
	s.must(s.desk.Pass(s.ctx))
	s.callBack()
	for i, e := range s.engines {
		if _, err := e.Step(s.ctx); err != nil && remit.KindOf(err) != remit.KindUnavailable {
			s.must(err)
		}
		e.Wait()
		s.chains[i].close()
	}
	return busy
}

// deliver carries notices: in time, late, twice or not at all. The notice that
// starts a workflow is never lost: without it there is nobody to look again.
func (s *run) deliver() (any bool) {
	list, err := s.store.PendingNotices(s.ctx, 1000)
	s.must(err)
	var done, later []int64
	for _, n := range list {
		told := s.byID[n.RemittanceID]
		roll := s.rng.IntN(100)
		switch {
		case roll < 15:
			later = append(later, n.Number)
			s.notices["late"]++
			continue
		case told == nil:
			// Whatever comes first starts the workflow, as the courier does it.
			told = newTale(s.ctx, s.steps, s.clock, n.RemittanceID)
			s.byID[n.RemittanceID], s.tales = told, append(s.tales, told)
			if n.Kind != remit.NoticeStart {
				told.inbox = append(told.inbox, n.Notice)
			}
		case n.Kind == remit.NoticeStart:
		case roll < 25 && n.Kind != remit.NoticeCancel && n.Kind != remit.NoticeFreeze:
			s.notices["lost"]++
		case roll < 40:
			told.inbox = append(told.inbox, n.Notice, n.Notice)
			s.notices["twice"]++
		default:
			told.inbox = append(told.inbox, n.Notice)
		}
		done = append(done, n.Number)
		any = true
	}
	s.must(s.store.Delivered(s.ctx, done))
	s.must(s.store.Postpone(s.ctx, later, s.clock.Now().Add(time.Duration(1+s.rng.IntN(40))*time.Second)))
	return any
}

// trouble lets the world around change.
func (s *run) trouble() {
	for _, c := range s.chains {
		switch s.rng.IntN(60) {
		case 0, 1:
			c.setDown(true)
		case 2, 3, 4, 5, 6, 7, 8:
			c.setDown(false)
		case 9:
			s.topUp(c, 300+s.rng.Int64N(3000))
		}
	}
	switch s.rng.IntN(40) {
	case 0, 1:
		s.market.set(offPeg)
	case 2, 3, 4, 5, 6, 7:
		s.market.set(atPeg)
	}
	switch s.rng.IntN(25) {
	case 0:
		s.restart()
	case 1:
		s.decider.version = fmt.Sprintf("lists-%d", s.rng.IntN(1000))
	case 2:
		s.prefund(200 + s.rng.Int64N(1000))
	}
	for i := len(s.late.moves) - 1; i >= 0; i-- {
		if s.rng.IntN(4) == 0 {
			s.must(s.late.commit(s.ctx, s.store.Book(), i))
		}
	}
	if len(s.tales) > 0 && len(s.started) < s.n && s.rng.IntN(5) == 0 {
		id := s.tales[s.rng.IntN(len(s.tales))].id
		if _, err := s.store.RequestCancel(s.ctx, s.tenant, id); err != nil && remit.ReasonOf(err) != remit.ReasonNotCancelable {
			s.must(err)
		}
	}
	s.listParty()
	s.reportParty()
	s.decideCases()
	s.finishAtBank()
}

// listParty has a list name the beneficiary of a remittance under way.
func (s *run) listParty() {
	if len(s.tales) == 0 || s.rng.IntN(4) > 0 {
		return
	}
	id := s.tales[s.rng.IntN(len(s.tales))].id
	r, err := s.store.Remittance(s.ctx, s.tenant, id)
	s.must(err)
	if r.State.Ended() || r.State == remit.StateRefunding {
		return
	}
	s.nameBeneficiary(id)
}

// nameBeneficiary raises what a rescreen raises of a remittance whose beneficiary
// a list names.
func (s *run) nameBeneficiary(id remit.RemittanceID) {
	s.serial++
	hit := compliance.Hit{Key: fmt.Sprintf("beneficiary|list|%d|%s", s.serial, id), Role: compliance.RoleBeneficiary, List: "list", EntryID: "2", ScoreBasisPoints: 9_000}
	s.must(s.store.RaiseFreeze(s.ctx, compliance.NewAlert{
		Key: fmt.Sprintf("rescreen/%d", s.serial), TenantID: s.tenant, RemittanceID: id, Kind: compliance.CaseKindRescreen,
		Reasons: []remit.Reason{remit.ReasonSanctionsHit}, Hits: []compliance.Hit{hit},
	}))
}

// decideCases lets a person decide some of the open cases.
func (s *run) decideCases() {
	if s.rng.IntN(4) > 0 {
		return
	}
	cases, err := s.store.Cases(s.ctx, s.tenant, api.CaseFilter{Status: compliance.CaseOpen}, api.CasePage{Size: 100})
	s.must(err)
	for _, c := range cases {
		chance := 3
		switch c.Kind {
		case compliance.CaseKindGate, compliance.CaseKindRescreen:
		case compliance.CaseKindSuspicion:
			chance = 6
		default:
			chance = 200 // Operators take their time.
		}
		if s.rng.IntN(chance) > 0 {
			continue
		}
		status := compliance.CaseApproved
		if s.rng.IntN(3) == 0 {
			status = compliance.CaseRejected
		}
		if (c.Kind == compliance.CaseKindRescreen || c.Kind == compliance.CaseKindSuspicion) && s.rng.IntN(5) == 0 {
			status = compliance.CaseBlocked
		}
		s.gossip.heed(c, status)
		s.decide(c, status)
	}
}

// finishAtBank lets people at the bank end what waits for them.
func (s *run) finishAtBank() {
	if s.rng.IntN(8) > 0 {
		return
	}
	for _, o := range s.bank.Orders() {
		if o.Status != bank.StatusAccepted || s.clock.Now().Sub(o.CreatedAt) < 10*time.Minute || s.rng.IntN(6) > 0 {
			continue
		}
		if o.Direction == bank.DirectionPayIn && s.dice.percent(60, "nobody comes", o.Reference) {
			continue // It waits until it expires or is canceled.
		}
		outcome := bank.FinishSucceed
		if s.rng.IntN(3) == 0 {
			outcome = bank.FinishFail
		}
		_, err := s.bank.Finish(o.Reference, outcome)
		s.must(err)
	}
}

// callBack lets the bank tell of some orders: as they are, or as they were.
func (s *run) callBack() {
	orders := s.bank.Orders()
	if len(orders) == 0 {
		return
	}
	for range s.rng.IntN(4) {
		newest := min(len(orders), 40)
		o := orders[len(orders)-1-s.rng.IntN(newest)]
		s.heard = append(s.heard, o)
		if s.rng.IntN(4) == 0 {
			o = s.heard[s.rng.IntN(len(s.heard))]
		}
		for range 1 + s.rng.IntN(2) {
			s.post1(o)
		}
	}
}

// post1 posts one callback to the gateway.
func (s *run) post1(o bank.Order) {
	body, err := json.Marshal(map[string]any{"type": "order.updated", "order": o})
	s.must(err)
	signer, err := standardwebhooks.NewWebhook(bankSecret)
	s.must(err)
	id, now := fmt.Sprintf("msg_%s_%d", o.ID, o.Version), s.clock.Now()
	signature, err := signer.Sign(id, now, body)
	s.must(err)
	req := httptest.NewRequestWithContext(s.ctx, http.MethodPost, "/callbacks/sandbox", strings.NewReader(string(body)))
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	res := httptest.NewRecorder()
	s.callbacks.ServeHTTP(res, req)
	if res.Code != http.StatusOK && res.Code != http.StatusServiceUnavailable {
		s.t.Errorf("callback about %s answered %d: %s", o.Reference, res.Code, res.Body)
	}
}
