package sim_test

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// The windows and pauses of workflows/names.go.
const (
	fundingWindow    = 24 * time.Hour
	treasuryPause    = 30 * time.Second
	lookAgain        = 15 * time.Minute
	refundPauseFirst = 10 * time.Second
	refundPauseMost  = time.Hour
	retryFirst       = 200 * time.Millisecond
	retryMost        = time.Minute
)

// tale tells the story of one remittance as workflows/story.go does, without a
// Temporal server: it stops wherever the story waits, and goes on when the
// scheduler resumes it.
type tale struct {
	ctx   context.Context //nolint:containedctx // one test's own
	steps *workflows.Steps
	clock remit.Clock
	id    remit.RemittanceID

	at        workflows.Standing
	fundBy    time.Time
	canceling bool
	freeze    remit.CaseID
	// licensed: blocked money is to be returned, so the tale waits for that.
	licensed bool
	unread   bool
	inbox    []remit.Notice
	ended    bool
	// path is where its steps led, without pauses and repetitions.
	path []workflows.Standing
	// late is where it went on after a wait at whose end nobody woke it, though
	// there was something to do: it had missed the notice.
	late []workflows.Standing
	woke bool
	// around, if given, takes the steps in its own way.
	around func(do func() (workflows.Standing, error)) (workflows.Standing, error)

	// anew has the tale told anew before each wait, as a long one is; begun says
	// that it was, and has not waited since.
	anew, begun bool

	// until is when the tale goes on by itself; a notice wakes it earlier if
	// listening.
	until     time.Time
	listening bool
	pause     func() bool
	resume    func() (struct{}, bool)
	stop      func()
}

var (
	errStopped = errors.New("the tale was stopped")
	errAnew    = errors.New("the tale is told anew")
)

func newTale(ctx context.Context, steps *workflows.Steps, clock remit.Clock, id remit.RemittanceID) *tale {
	s := &tale{ctx: ctx, steps: steps, clock: clock, id: id, at: workflows.Standing{State: remit.StateCreated}, woke: true}
	s.around = func(do func() (workflows.Standing, error)) (workflows.Standing, error) { return do() }
	s.resume, s.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if cause := recover(); cause != nil && cause != errStopped { //nolint:errorlint // a panic's value
				panic(cause)
			}
		}()
		s.pause = func() bool { return yield(struct{}{}) }
		for !s.tell() {
			s.at, s.unread, s.begun, s.woke = workflows.Standing{State: remit.StateCreated}, false, true, true
		}
		s.ended = true
	})
	return s
}

// due reports whether the tale has something to do now.
func (s *tale) due() bool {
	return !s.ended && (!s.clock.Now().Before(s.until) || (s.listening && len(s.inbox) > 0))
}

// tell is workflows.Remittance. It reports whether that came to its end.
func (s *tale) tell() (ended bool) {
	defer func() {
		if cause := recover(); cause != nil && cause != errAnew { //nolint:errorlint // a panic's value
			panic(cause)
		}
	}()
	s.step(s.steps.Intake)
	for s.at.State == remit.StateInReview && s.at.Funds == remit.FundsNone {
		s.await(lookAgain)
		s.step(s.steps.Intake)
	}
	s.fund()
	s.release()
	for s.at.State == remit.StateSettling {
		s.await(lookAgain)
		s.step(s.steps.Settle)
	}
	s.unread = s.unread || s.freeze != "" || s.canceling
	for s.at.State == remit.StatePayingOut || s.at.State == remit.StateReadyForPickup || s.at.State == remit.StateInReview {
		wait := lookAgain
		if s.at.Wait > 0 {
			wait = s.at.Wait
		}
		s.await(wait)
		s.step(s.steps.PayOut)
	}
	// Without a licence the story waits here for ever.
	for s.licensed && s.at.State == remit.StateBlocked {
		s.await(lookAgain)
		s.step(s.steps.Unblock)
	}
	s.refund()
	return true
}

func (s *tale) fund() {
	if s.fundBy.IsZero() {
		s.fundBy = s.clock.Now().Add(fundingWindow)
	}
	withdrawn := false
	for s.at.State == remit.StateAwaitingFunds {
		late := !s.clock.Now().Before(s.fundBy)
		if (s.canceling || late) && !withdrawn {
			if late && !s.canceling {
				s.step(s.steps.ExpirePayIn)
			} else {
				s.step(s.steps.CancelPayIn)
			}
			withdrawn, s.unread = true, s.unread || !s.at.Moved
		}
		wait := lookAgain
		if left := s.fundBy.Sub(s.clock.Now()); left > 0 && left < wait {
			wait = left
		}
		s.await(wait)
		s.step(s.steps.Fund)
	}
}

func (s *tale) release() {
	for s.at.State == remit.StateFunded || (s.at.State == remit.StateInReview && s.at.Funds != remit.FundsWithPartner) {
		if s.canceling && s.at.State == remit.StateFunded {
			s.step(s.steps.Withdraw)
		} else {
			s.step(s.steps.Release)
		}
		switch s.at.State {
		case remit.StateInReview:
			s.await(lookAgain)
		case remit.StateFunded:
			s.await(treasuryPause)
		default:
		}
	}
}

func (s *tale) refund() {
	pause := refundPauseFirst
	for s.at.State == remit.StateRefunding {
		if s.at.Retry {
			s.again()
			s.woke = true
			s.sleep(pause, false)
			pause = min(2*pause, refundPauseMost)
		} else {
			s.await(lookAgain)
		}
		s.step(s.steps.Refund)
	}
}

// step takes a step again and again until it is done.
func (s *tale) step(do func(context.Context, workflows.StepInput) (workflows.Standing, error)) {
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		take := func() (workflows.Standing, error) {
			return do(s.ctx, workflows.StepInput{RemittanceID: s.id, Canceling: s.canceling, Freeze: s.freeze})
		}
		at, err := s.around(take)
		if err == nil {
			s.unread = s.unread || (at.State != s.at.State && !at.Moved)
			if at.State != s.at.State && !s.woke {
				s.late = append(s.late, at)
			}
			s.at = at
			at.Moved, at.Retry, at.Wait, at.Funds = false, false, 0, ""
			if len(s.path) == 0 || s.path[len(s.path)-1] != at {
				s.path = append(s.path, at)
			}
			return
		}
		s.sleep(pause, false)
	}
}

func (s *tale) await(most time.Duration) {
	if s.drain() || s.unread {
		s.unread, s.woke = false, true
		return
	}
	s.again()
	s.sleep(most, true)
	// Only a treasury that was short has nobody to tell that it no longer is, and
	// the time to take back what was not claimed is known beforehand.
	s.woke = s.drain() || most == treasuryPause || most == s.at.Wait
}

// again has the tale told anew, once for each time that it is about to wait.
func (s *tale) again() {
	if s.anew && !s.begun {
		s.drain()
		panic(errAnew)
	}
	s.begun = false
}

// drain takes the notices that wait and reports whether there was any.
func (s *tale) drain() bool {
	heard := len(s.inbox) > 0
	for _, n := range s.inbox {
		switch n.Kind {
		case remit.NoticeCancel:
			s.canceling = true
		case remit.NoticeFreeze:
			s.freeze = remit.CaseID(n.Ref)
		default:
		}
	}
	s.inbox = nil
	return heard
}

func (s *tale) sleep(d time.Duration, listening bool) {
	s.until, s.listening = s.clock.Now().Add(d), listening
	if !s.pause() {
		panic(errStopped)
	}
}
