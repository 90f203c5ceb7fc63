package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// TestLongStoryIsToldAnew: wherever a remittance waits long, its story ends
// before Temporal ends it by force, and is told anew with what was heard.
func TestLongStoryIsToldAnew(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]map[string][]workflows.Standing{
		"review at intake":  {"Intake": at(remit.StateInReview)},
		"awaiting funds":    {"Intake": at(remit.StateAwaitingFunds), "Fund": at(remit.StateAwaitingFunds), "CancelPayIn": at(remit.StateAwaitingFunds)},
		"treasury short":    {"Intake": at(remit.StateFunded), "Release": at(remit.StateFunded), "Withdraw": at(remit.StateFunded)},
		"review at release": {"Intake": at(remit.StateFunded), "Release": at(remit.StateInReview)},
		"outcome unknown":   {"Intake": at(remit.StateFunded), "Release": at(remit.StateSettling), "Settle": at(remit.StateSettling), "Withdraw": at(remit.StateSettling)},
		"cash waits":        {"Intake": at(remit.StateReadyForPickup), "PayOut": at(remit.StateReadyForPickup)},
		"blocked":           {"Intake": at(remit.StateBlocked), "Unblock": at(remit.StateBlocked)},
		"refund under way":  {"Intake": at(remit.StateRefunding), "Refund": at(remit.StateRefunding)},
		"refund refused":    {"Intake": at(remit.StateRefunding), "Refund": {{State: remit.StateRefunding, Retry: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			env.SetTestTimeout(30 * time.Second)
			env.RegisterActivity(&script{answers: cloneAnswers(answers)})
			workflows.Register(env)
			for after, n := range map[time.Duration]remit.Notice{
				time.Second: {Kind: remit.NoticeFreeze, Ref: "cas_x"}, 2 * time.Second: {Kind: remit.NoticeCancel},
			} {
				env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.SignalNotice, n) }, after)
			}
			// The newest notice is there when the run ends: the next one must have heard it.
			env.RegisterDelayedCallback(func() {
				env.SetCurrentHistoryLength(20_000)
				env.SignalWorkflow(workflows.SignalNotice, remit.Notice{Kind: remit.NoticeFreeze, Ref: "cas_y"})
			}, 72*time.Hour)
			env.ExecuteWorkflow(workflows.WorkflowName, workflows.Input{RemittanceID: "rem_x"})
			var anew *workflow.ContinueAsNewError
			if !errors.As(env.GetWorkflowError(), &anew) {
				t.Fatalf("ended with %v, want to be told anew", env.GetWorkflowError())
			}
			var in workflows.Input
			if err := converter.GetDefaultDataConverter().FromPayloads(anew.Input, &in); err != nil {
				t.Fatal(err)
			}
			if waited := name == "awaiting funds"; waited == in.FundBy.IsZero() {
				t.Errorf("told anew with a deadline at %s", in.FundBy)
			}
			in.FundBy = time.Time{}
			want := workflows.Input{RemittanceID: "rem_x", Canceling: true, Freeze: "cas_y"}
			if in != want || anew.WorkflowType.Name != workflows.WorkflowName {
				t.Errorf("told anew as %s with %+v, want %+v", anew.WorkflowType.Name, in, want)
			}
		})
	}
}

// TestToldAnew: a story that is told anew goes on in the chapter in which the
// remittance stands, with what was heard before.
func TestToldAnew(t *testing.T) {
	t.Parallel()
	review := func(f remit.Funds) []workflows.Standing {
		return []workflows.Standing{{State: remit.StateInReview, Funds: f}}
	}
	still := func(s remit.State) []workflows.Standing { return []workflows.Standing{{State: s}} }
	for name, c := range map[string]struct {
		answers map[string][]workflows.Standing
		taken   []string
	}{
		"review at intake": {
			map[string][]workflows.Standing{"Intake": append(review(remit.FundsNone), at(remit.StateRejected)...)},
			[]string{"Intake", "Intake"},
		},
		"awaiting funds": {
			map[string][]workflows.Standing{"Intake": still(remit.StateAwaitingFunds), "CancelPayIn": still(remit.StateAwaitingFunds), "Fund": at(remit.StateCanceled)},
			[]string{"Intake", "CancelPayIn", "Fund"},
		},
		"treasury short": {
			map[string][]workflows.Standing{"Intake": still(remit.StateFunded), "Withdraw": at(remit.StateRefunded)},
			[]string{"Intake", "Withdraw"},
		},
		"review at release": {
			map[string][]workflows.Standing{"Intake": review(remit.FundsHeld), "Release": append(review(remit.FundsHeld), at(remit.StateRefunded)...)},
			[]string{"Intake", "Release", "Release"},
		},
		"review of a payout": {
			map[string][]workflows.Standing{"Intake": review(remit.FundsWithPartner), "PayOut": at(remit.StateRefunded)},
			[]string{"Intake", "PayOut"},
		},
		"settling": {
			map[string][]workflows.Standing{"Intake": still(remit.StateSettling), "Settle": at(remit.StateRefunded)},
			[]string{"Intake", "Settle"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			env.SetTestTimeout(30 * time.Second)
			steps := &script{answers: cloneAnswers(c.answers)}
			env.RegisterActivity(steps)
			workflows.Register(env)
			env.ExecuteWorkflow(workflows.WorkflowName, workflows.Input{RemittanceID: "rem_x", Canceling: true, Freeze: "cas_x"})
			if err := env.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(steps.taken, c.taken) {
				t.Errorf("took the steps %v, want %v", steps.taken, c.taken)
			}
		})
	}
}
