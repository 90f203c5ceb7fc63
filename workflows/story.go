package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/openremit/remit"
)

// Remittance is the story of one remittance, from an accepted quote to the
// beneficiary paid or the originator whole. It may be told anew from wherever
// the remittance stands: every chapter passes over what is behind it.
func Remittance(ctx workflow.Context, in Input) (Result, error) {
	s := newStory(ctx, in)
	if err := s.intake(); err != nil {
		return Result{}, err
	}
	// From here on money may come in. What undoes it is registered first: it
	// runs whenever a later chapter leaves the remittance refunding.
	s.compensation = s.refund
	for _, chapter := range []func() error{s.fund, s.release, s.settle, s.payOut, s.awaitLicence} {
		if err := chapter(); err != nil {
			return Result{}, err
		}
	}
	if s.at.State == remit.StateRefunding {
		if err := s.compensation(); err != nil {
			return Result{}, err
		}
	}
	return Result{State: s.at.State, Reason: s.at.Reason}, nil
}

// story is the workflow's memory: where the remittance stands and what has
// been heard. It is rebuilt by replay and holds no fact that the Book does not.
type story struct {
	ctx workflow.Context
	id  remit.RemittanceID
	// at is where the last step left the remittance.
	at      Standing
	notices workflow.ReceiveChannel
	// unread is set while notices about what the remittance now waits for may
	// have been heard before it was known to wait for them.
	unread bool
	// fundBy is when the pay-in is withdrawn that has not come.
	fundBy time.Time
	// canceling is set once the caller asked to cancel.
	canceling bool
	// freeze is the newest case because of which the payout is to be withdrawn.
	freeze remit.CaseID
	// alarm is the timer that is set, if any, and alarmAt when it fires.
	alarm     workflow.Future
	alarmAt   time.Time
	stopAlarm workflow.CancelFunc
	// compensation brings the money back; set before any can come in.
	compensation func() error
}

func newStory(ctx workflow.Context, in Input) *story {
	// Canceling the workflow from outside must not strand money: the caller
	// cancels a remittance by a notice, and nobody in any other way.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		// A step is repeated until it is done: the Book may be away for hours
		// and the remittance must wait for it, not end.
		ScheduleToCloseTimeout: 365 * 24 * time.Hour,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
	})
	return &story{
		ctx: ctx, id: in.RemittanceID, notices: workflow.GetSignalChannel(ctx, SignalNotice),
		at: Standing{State: remit.StateCreated}, canceling: in.Canceling, freeze: in.Freeze, fundBy: in.FundBy,
	}
}

// intake passes the intake gate, with a person's help if need be, and asks for
// the money. It leaves the remittance awaiting funds, funded or ended.
func (s *story) intake() error {
	if err := s.step(stepIntake); err != nil {
		return err
	}
	// A review of later is not decided here: the story was told anew.
	for s.at.State == remit.StateInReview && (s.at.Funds == "" || s.at.Funds == remit.FundsNone) {
		if err := s.await(lookAgain); err != nil {
			return err
		}
		if err := s.step(stepIntake); err != nil {
			return err
		}
	}
	return nil
}

// fund waits for the money. It leaves the remittance funded, or ended when the
// money was declined, did not come in time, or the caller withdrew first.
func (s *story) fund() error {
	if s.at.State == remit.StateAwaitingFunds && s.fundBy.IsZero() {
		s.fundBy = workflow.Now(s.ctx).Add(fundingWindow)
	}
	withdrawn := false
	for s.at.State == remit.StateAwaitingFunds {
		late := !workflow.Now(s.ctx).Before(s.fundBy)
		if (s.canceling || late) && !withdrawn {
			withdraw := stepCancelPayIn
			if late && !s.canceling {
				withdraw = stepExpirePayIn
			}
			if err := s.step(withdraw); err != nil {
				return err
			}
			// It stays as it is until the provider answers, which it may have
			// done already if the withdrawal was asked for before.
			withdrawn, s.unread = true, s.unread || !s.at.Moved
		}
		wait := lookAgain
		if left := s.fundBy.Sub(workflow.Now(s.ctx)); left > 0 && left < wait {
			wait = left
		}
		if err := s.await(wait); err != nil {
			return err
		}
		if err := s.step(stepFund); err != nil {
			return err
		}
	}
	return nil
}

// release passes the release gate and places the settlement order. It leaves
// the remittance settling, refunding or blocked.
func (s *story) release() error {
	for s.at.State == remit.StateFunded || (s.at.State == remit.StateInReview && s.at.Funds != remit.FundsWithPartner) {
		step := stepRelease
		if s.canceling && s.at.State == remit.StateFunded {
			step = stepWithdraw
		}
		if err := s.step(step); err != nil {
			return err
		}
		var err error
		switch {
		case s.at.State == remit.StateInReview:
			err = s.await(lookAgain)
		case s.at.State == remit.StateFunded:
			err = s.await(treasuryPause)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settle waits until the payment is final on one rail; a rail that is known to
// have failed is followed by the next. Its compensation, voiding the treasury
// hold and reversing the release, is part of the step, since only the step
// knows that the failure is known.
func (s *story) settle() error {
	for s.at.State == remit.StateSettling {
		if err := s.await(lookAgain); err != nil {
			return err
		}
		if err := s.step(stepSettle); err != nil {
			return err
		}
	}
	return nil
}

// payOut waits for the off-ramp's final word, or for a wallet to claim. It leaves the remittance
// completed, or refunding when the payout is known to have failed or the caller
// took the cash back before it was fetched. A payout that was withdrawn because a party matched a list waits in review, and is
// ordered anew, refunded or blocked by what a person decides.
func (s *story) payOut() error {
	// What withdraws it may have been heard before there was a payout to withdraw.
	s.unread = s.unread || s.freeze != "" || s.recalled()
	for s.at.State == remit.StatePayingOut || s.at.State == remit.StateReadyForPickup || s.at.State == remit.StateInReview {
		wait := lookAgain
		if s.at.Wait > 0 {
			wait = s.at.Wait // Nothing is due before, such as of money that waits to be claimed.
		}
		if err := s.await(wait); err != nil {
			return err
		}
		if err := s.step(stepPayOut); err != nil {
			return err
		}
	}
	return nil
}

// recalled reports whether the caller asked to cancel before there was a payout.
// Stories of earlier releases did not look for it.
func (s *story) recalled() bool {
	return s.canceling && workflow.GetVersion(s.ctx, changeRecall, workflow.DefaultVersion, 1) != workflow.DefaultVersion
}

// awaitLicence waits while the money is blocked, for years if it must, until it
// may be returned. It leaves the remittance refunding. Stories of earlier
// releases ended when the money was blocked.
func (s *story) awaitLicence() error {
	if s.at.State != remit.StateBlocked ||
		workflow.GetVersion(s.ctx, changeAwaitLicence, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	for s.at.State == remit.StateBlocked {
		if err := s.await(lookAtBlocked); err != nil {
			return err
		}
		if err := s.step(stepUnblock); err != nil {
			return err
		}
	}
	return nil
}

// refund brings the money back to the originator, for ever if it must: a
// provider that refuses is asked again after a growing pause, and a case tells
// the operators.
func (s *story) refund() error {
	pause := refundPauseFirst
	for s.at.State == remit.StateRefunding {
		if s.at.Retry {
			if err := s.rest(pause); err != nil {
				return err
			}
			pause = min(2*pause, refundPauseMost)
		} else if err := s.await(lookAgain); err != nil {
			return err
		}
		if err := s.step(stepRefund); err != nil {
			return err
		}
	}
	return nil
}

// step runs one step as a local activity and remembers where it led.
func (s *story) step(name string) error {
	var at Standing
	err := workflow.ExecuteLocalActivity(s.ctx, name, StepInput{RemittanceID: s.id, Canceling: s.canceling, Freeze: s.freeze}).Get(s.ctx, &at)
	if err != nil {
		return err
	}
	s.unread = s.unread || (at.State != s.at.State && !at.Moved)
	s.at = at
	return nil
}

// await waits for one notice, but no longer than the given time, and takes
// whatever else has been heard meanwhile with it. It does not wait when the
// last step found the remittance further on than the story knew: a worker that
// crashed had taken it, and the notices that came since were heard before it.
//
// A timer that is left of an earlier wait serves again when it fires in time: a
// remittance that goes well sets one timer and cancels none, which Temporal
// would keep and pay for.
func (s *story) await(most time.Duration) error {
	if s.drain() || s.unread {
		s.unread = false
		return nil
	}
	if err := s.anew(); err != nil {
		return err
	}
	until := workflow.Now(s.ctx).Add(most)
	if s.alarm == nil || s.alarmAt.After(until) {
		if s.stopAlarm != nil {
			s.stopAlarm()
		}
		var ctx workflow.Context
		ctx, s.stopAlarm = workflow.WithCancel(s.ctx)
		s.alarm, s.alarmAt = workflow.NewTimer(ctx, most), until
	}
	selector := workflow.NewSelector(s.ctx)
	selector.AddReceive(s.notices, func(c workflow.ReceiveChannel, _ bool) {
		var n remit.Notice
		c.Receive(s.ctx, &n)
		s.hear(n)
	})
	selector.AddFuture(s.alarm, func(workflow.Future) { s.alarm, s.stopAlarm = nil, nil })
	selector.Select(s.ctx)
	s.drain()
	return nil
}

// drain takes the notices that wait and reports whether there was any.
func (s *story) drain() bool {
	heard := false
	for {
		var n remit.Notice
		if !s.notices.ReceiveAsync(&n) {
			return heard
		}
		s.hear(n)
		heard = true
	}
}

func (s *story) hear(n remit.Notice) {
	switch n.Kind {
	case remit.NoticeCancel:
		s.canceling = true
	case remit.NoticeFreeze:
		s.freeze = remit.CaseID(n.Ref)
	case remit.NoticeStart, remit.NoticeFunding, remit.NoticePayout, remit.NoticeRefund, remit.NoticeSettlement, remit.NoticeReview:
		// Only that it came matters: the truth is read from the Book.
	}
}
