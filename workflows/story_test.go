package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// script stands for workflows.Steps: each step answers what the test wrote
// down for it, the last answer again and again, and is noted.
type script struct {
	mu      sync.Mutex
	answers map[string][]workflows.Standing
	fails   map[string]int
	taken   []string
}

func (s *script) take(name string) (workflows.Standing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, name)
	if s.fails[name] > 0 {
		s.fails[name]--
		return workflows.Standing{}, errors.New("the database is away")
	}
	answers := s.answers[name]
	if len(answers) == 0 {
		return workflows.Standing{}, errors.New("no answer written down for " + name)
	}
	if len(answers) > 1 {
		s.answers[name] = answers[1:]
	}
	return answers[0], nil
}

func (s *script) Intake(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Intake")
}
func (s *script) Fund(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Fund")
}
func (s *script) CancelPayIn(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("CancelPayIn")
}
func (s *script) ExpirePayIn(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("ExpirePayIn")
}
func (s *script) Release(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Release")
}
func (s *script) Withdraw(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Withdraw")
}
func (s *script) Settle(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Settle")
}
func (s *script) PayOut(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("PayOut")
}
func (s *script) Unblock(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Unblock")
}
func (s *script) Refund(context.Context, workflows.StepInput) (workflows.Standing, error) {
	return s.take("Refund")
}

// notice is a signal at a time after the start.
type notice struct {
	after time.Duration
	kind  remit.NoticeKind
}

// at is a standing in a state.
func at(states ...remit.State) []workflows.Standing {
	list := make([]workflows.Standing, len(states))
	for i, s := range states {
		list[i] = workflows.Standing{State: s, Moved: true}
	}
	return list
}

// stories are the ways a remittance can go; they are also what the replayed
// histories were recorded from.
var stories = []struct {
	name    string
	answers map[string][]workflows.Standing
	fails   map[string]int
	notices []notice
	ends    remit.State
	taken   []string
	// within bounds how long the story takes, if given.
	within time.Duration
}{
	{
		name: "completed",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "Fund": at(remit.StateFunded), "Release": at(remit.StateSettling),
			"Settle": at(remit.StatePayingOut), "PayOut": at(remit.StateCompleted),
		},
		notices: []notice{{time.Second, remit.NoticeFunding}, {2 * time.Second, remit.NoticeSettlement}, {3 * time.Second, remit.NoticePayout}},
		ends:    remit.StateCompleted, taken: []string{"Intake", "Fund", "Release", "Settle", "PayOut"},
	},
	{
		name: "completed to a wallet",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "Fund": at(remit.StateFunded), "Release": at(remit.StateSettling),
			"Settle": at(remit.StateCompleted),
		},
		notices: []notice{{time.Second, remit.NoticeFunding}, {2 * time.Second, remit.NoticeSettlement}},
		ends:    remit.StateCompleted, taken: []string{"Intake", "Fund", "Release", "Settle"},
	},
	{
		// The wallet claims after hours, and the story has looked only once meanwhile.
		name: "completed once the wallet has claimed",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "Fund": at(remit.StateFunded), "Release": at(remit.StateSettling),
			"Settle": {{State: remit.StatePayingOut, Moved: true, Wait: 6 * time.Hour}},
			"PayOut": {{State: remit.StatePayingOut, Wait: 6 * time.Hour}, {State: remit.StateCompleted, Moved: true}},
		},
		notices: []notice{{time.Second, remit.NoticeFunding}, {2 * time.Second, remit.NoticeSettlement}, {7 * time.Hour, remit.NoticeSettlement}},
		within:  8 * time.Hour,
		ends:    remit.StateCompleted, taken: []string{"Intake", "Fund", "Release", "Settle", "PayOut", "PayOut"},
	},
	{
		name: "taken back from a wallet that did not claim",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling),
			"Settle": {{State: remit.StatePayingOut, Moved: true, Wait: time.Second}},
			"PayOut": {{State: remit.StatePayingOut, Moved: true}, {State: remit.StateRefunding, Moved: true}}, "Refund": at(remit.StateRefunded),
		},
		notices: []notice{{time.Second, remit.NoticeSettlement}, {10 * time.Second, remit.NoticeSettlement}, {20 * time.Second, remit.NoticeRefund}},
		within:  time.Minute,
		ends:    remit.StateRefunded, taken: []string{"Intake", "Release", "Settle", "PayOut", "PayOut", "Refund"},
	},
	{
		name:    "rejected at intake",
		answers: map[string][]workflows.Standing{"Intake": at(remit.StateRejected)},
		ends:    remit.StateRejected, taken: []string{"Intake"},
	},
	{
		name: "reviewed, declined funding",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateInReview, remit.StateAwaitingFunds), "Fund": at(remit.StateCanceled),
		},
		notices: []notice{{time.Hour, remit.NoticeReview}, {2 * time.Hour, remit.NoticeFunding}},
		ends:    remit.StateCanceled, taken: []string{"Intake", "Intake", "Fund"},
	},
	{
		name: "cash, notices doubled and early",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "Fund": at(remit.StateAwaitingFunds, remit.StateFunded), "Release": at(remit.StateSettling),
			"Settle": at(remit.StateSettling, remit.StatePayingOut), "PayOut": at(remit.StateReadyForPickup, remit.StateCompleted),
		},
		notices: []notice{
			{0, remit.NoticeFunding}, {time.Second, remit.NoticeFunding}, {2 * time.Second, remit.NoticeFunding},
			{3 * time.Second, remit.NoticeSettlement}, {4 * time.Second, remit.NoticePayout}, {5 * time.Second, remit.NoticePayout},
		},
		ends: remit.StateCompleted,
	},
	{
		name: "pickup frozen, approved, fetched",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling), "Settle": at(remit.StatePayingOut),
			"PayOut": at(remit.StateReadyForPickup, remit.StateReadyForPickup, remit.StateInReview, remit.StatePayingOut, remit.StateReadyForPickup, remit.StateCompleted),
		},
		notices: []notice{
			{time.Second, remit.NoticeSettlement}, {2 * time.Second, remit.NoticePayout}, {3 * time.Second, remit.NoticeFreeze}, {4 * time.Second, remit.NoticePayout},
			{5 * time.Second, remit.NoticeReview}, {6 * time.Second, remit.NoticePayout}, {7 * time.Second, remit.NoticePayout},
		},
		within: time.Minute,
		ends:   remit.StateCompleted, taken: []string{"Intake", "Release", "Settle", "PayOut", "PayOut", "PayOut", "PayOut", "PayOut", "PayOut"},
	},
	{
		name: "pickup frozen, rejected, refunded",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling), "Settle": at(remit.StatePayingOut),
			"PayOut": at(remit.StateReadyForPickup, remit.StateReadyForPickup, remit.StateInReview, remit.StateRefunding), "Refund": at(remit.StateRefunded),
		},
		notices: []notice{
			{time.Second, remit.NoticeSettlement}, {2 * time.Second, remit.NoticePayout}, {3 * time.Second, remit.NoticeFreeze}, {4 * time.Second, remit.NoticePayout},
			{5 * time.Second, remit.NoticeReview}, {6 * time.Second, remit.NoticeRefund},
		},
		within: time.Minute,
		ends:   remit.StateRefunded, taken: []string{"Intake", "Release", "Settle", "PayOut", "PayOut", "PayOut", "PayOut", "Refund"},
	},
	{
		name: "pickup recalled, refunded",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling), "Settle": at(remit.StatePayingOut),
			"PayOut": at(remit.StateReadyForPickup, remit.StateReadyForPickup, remit.StateRefunding), "Refund": at(remit.StateRefunded),
		},
		notices: []notice{
			{time.Second, remit.NoticeSettlement}, {2 * time.Second, remit.NoticePayout}, {3 * time.Second, remit.NoticeCancel}, {4 * time.Second, remit.NoticePayout},
			{5 * time.Second, remit.NoticeRefund},
		},
		within: time.Minute,
		ends:   remit.StateRefunded, taken: []string{"Intake", "Release", "Settle", "PayOut", "PayOut", "PayOut", "Refund"},
	},
	{
		name: "recalled while settling, withdrawn at once",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling), "Settle": at(remit.StateSettling, remit.StatePayingOut),
			"PayOut": at(remit.StatePayingOut, remit.StateRefunding), "Refund": at(remit.StateRefunded),
		},
		notices: []notice{{time.Second, remit.NoticeCancel}, {2 * time.Second, remit.NoticeSettlement}, {3 * time.Second, remit.NoticePayout}, {4 * time.Second, remit.NoticeRefund}},
		within:  time.Minute,
		ends:    remit.StateRefunded, taken: []string{"Intake", "Release", "Settle", "Settle", "PayOut", "PayOut", "Refund"},
	},
	{
		name: "payout failed, refund refused once",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling), "Settle": at(remit.StatePayingOut), "PayOut": at(remit.StateRefunding),
			"Refund": {{State: remit.StateRefunding, Retry: true}, {State: remit.StateRefunding}, {State: remit.StateRefunded}},
		},
		notices: []notice{{time.Second, remit.NoticeSettlement}, {2 * time.Second, remit.NoticePayout}, {3 * time.Second, remit.NoticeRefund}, {time.Minute, remit.NoticeRefund}},
		ends:    remit.StateRefunded, taken: []string{"Intake", "Release", "Settle", "PayOut", "Refund", "Refund", "Refund"},
	},
	{
		name: "canceled while waiting for the money",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "CancelPayIn": at(remit.StateAwaitingFunds),
			"Fund": at(remit.StateAwaitingFunds, remit.StateCanceled),
		},
		notices: []notice{{time.Second, remit.NoticeCancel}, {2 * time.Second, remit.NoticeFunding}},
		ends:    remit.StateCanceled, taken: []string{"Intake", "Fund", "CancelPayIn", "Fund"},
	},
	{
		name: "the money never comes",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "ExpirePayIn": at(remit.StateAwaitingFunds),
			"Fund": append(slices.Repeat(at(remit.StateAwaitingFunds), 96), workflows.Standing{State: remit.StateExpired}),
		},
		ends: remit.StateExpired,
	},
	{
		name: "the treasury is short, then the caller cancels",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateFunded), "Withdraw": at(remit.StateRefunding), "Refund": at(remit.StateRefunded),
		},
		notices: []notice{{time.Minute, remit.NoticeCancel}, {2 * time.Minute, remit.NoticeRefund}},
		ends:    remit.StateRefunded,
	},
	{
		name: "blocked, returned by licence after years",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateInReview, remit.StateBlocked),
			"Unblock": append(slices.Repeat(at(remit.StateBlocked), 156), workflows.Standing{State: remit.StateRefunding, Moved: true}),
			"Refund":  at(remit.StateRefunded),
		},
		notices: []notice{{time.Hour, remit.NoticeReview}},
		ends:    remit.StateRefunded,
	},
	{
		name: "blocked, returned by licence at once",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateFunded), "Release": at(remit.StateInReview, remit.StateBlocked),
			"Unblock": at(remit.StateRefunding), "Refund": at(remit.StateRefunded),
		},
		notices: []notice{{time.Hour, remit.NoticeReview}, {2 * time.Hour, remit.NoticeReview}, {3 * time.Hour, remit.NoticeRefund}},
		within:  4 * time.Hour,
		ends:    remit.StateRefunded, taken: []string{"Intake", "Release", "Release", "Unblock", "Refund"},
	},
	{
		// A worker that crashed had taken the steps, and what came of them was
		// heard before they were taken again: nobody wakes the story once more.
		name: "steps taken before, their news heard",
		answers: map[string][]workflows.Standing{
			"Intake": {{State: remit.StateInReview, Moved: true}, {State: remit.StateAwaitingFunds}}, "Fund": at(remit.StateFunded),
			"Release": {{State: remit.StateSettling}}, "Settle": {{State: remit.StatePayingOut}},
			"PayOut": {{State: remit.StateRefunding}}, "Refund": at(remit.StateRefunded),
		},
		notices: []notice{{time.Second, remit.NoticeReview}},
		within:  time.Minute,
		ends:    remit.StateRefunded, taken: []string{"Intake", "Intake", "Fund", "Release", "Settle", "PayOut", "Refund"},
	},
	{
		name: "steps taken before, then the caller cancels",
		answers: map[string][]workflows.Standing{
			"Intake":      {{State: remit.StateInReview, Moved: true}, {State: remit.StateAwaitingFunds}},
			"CancelPayIn": at(remit.StateAwaitingFunds), "Fund": at(remit.StateCanceled),
		},
		notices: []notice{{time.Second, remit.NoticeCancel}},
		within:  time.Minute,
		ends:    remit.StateCanceled, taken: []string{"Intake", "Intake", "CancelPayIn", "Fund"},
	},
	{
		name: "withdrawn before, the answer heard",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "CancelPayIn": {{State: remit.StateAwaitingFunds}},
			"Fund": {{State: remit.StateAwaitingFunds}, {State: remit.StateCanceled, Moved: true}},
		},
		notices: []notice{{time.Second, remit.NoticeCancel}},
		within:  time.Minute,
		ends:    remit.StateCanceled, taken: []string{"Intake", "Fund", "CancelPayIn", "Fund"},
	},
	{
		name: "the database is away for a while at every step",
		answers: map[string][]workflows.Standing{
			"Intake": at(remit.StateAwaitingFunds), "Fund": at(remit.StateFunded), "Release": at(remit.StateSettling),
			"Settle": at(remit.StatePayingOut), "PayOut": at(remit.StateCompleted),
		},
		fails:   map[string]int{"Intake": 3, "Fund": 2, "Release": 3, "Settle": 2, "PayOut": 3},
		notices: []notice{{time.Minute, remit.NoticeFunding}, {2 * time.Minute, remit.NoticeSettlement}, {3 * time.Minute, remit.NoticePayout}},
		ends:    remit.StateCompleted,
	},
}

func TestStories(t *testing.T) {
	t.Parallel()
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			env.SetTestTimeout(30 * time.Second)
			steps := &script{answers: cloneAnswers(story.answers), fails: cloneFails(story.fails)}
			env.RegisterActivity(steps)
			workflows.Register(env)
			for _, n := range story.notices {
				env.RegisterDelayedCallback(func() {
					env.SignalWorkflow(workflows.SignalNotice, remit.Notice{Kind: n.kind})
				}, n.after)
			}
			start := env.Now()
			env.ExecuteWorkflow(workflows.WorkflowName, workflows.Input{RemittanceID: "rem_x"})
			var got workflows.Result
			if err := env.GetWorkflowResult(&got); err != nil {
				t.Fatal(err)
			}
			if got.State != story.ends {
				t.Errorf("ended as %s, want %s", got.State, story.ends)
			}
			if took := env.Now().Sub(start); story.within > 0 && took > story.within {
				t.Errorf("took %s, want at most %s", took, story.within)
			}
			if story.taken != nil && !slices.Equal(steps.taken, story.taken) {
				t.Errorf("took the steps %v, want %v", steps.taken, story.taken)
			}
		})
	}
}

func cloneAnswers(m map[string][]workflows.Standing) map[string][]workflows.Standing {
	c := make(map[string][]workflows.Standing, len(m))
	for k, v := range m {
		c[k] = slices.Clone(v)
	}
	return c
}

func cloneFails(m map[string]int) map[string]int {
	c := make(map[string]int, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
