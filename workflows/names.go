package workflows

import (
	"time"

	"github.com/openremit/remit"
)

// Names in Temporal. They are part of stored histories: never renamed.
const (
	// TaskQueue is where remittance workflows run.
	TaskQueue = "remit-remittances"
	// WorkflowName is the name of the remittance workflow.
	WorkflowName = "Remittance"
	// SignalNotice carries every remit.Notice.
	SignalNotice = "notice"
)

// Changes of the story that recorded histories do not have.
const (
	changeAwaitLicence = "await-licence"
	changeRecall       = "recall"
	// changeAnew is followed by how often the story was too long by then.
	changeAnew = "anew-"
)

// Names of the steps, which are the names of the methods of Steps.
const (
	stepIntake      = "Intake"
	stepFund        = "Fund"
	stepCancelPayIn = "CancelPayIn"
	stepExpirePayIn = "ExpirePayIn"
	stepRelease     = "Release"
	stepWithdraw    = "Withdraw"
	stepSettle      = "Settle"
	stepPayOut      = "PayOut"
	stepRefund      = "Refund"
	stepUnblock     = "Unblock"
)

// WorkflowID is the one id of a remittance's workflow.
func WorkflowID(id remit.RemittanceID) string { return "remittance/" + string(id) }

// Input starts a remittance's workflow.
type Input struct {
	RemittanceID remit.RemittanceID `json:"remittance_id"`
	// Canceling and Freeze are what a story that is told anew had heard, FundBy
	// until when it was to wait for the money.
	Canceling bool         `json:"canceling,omitempty"`
	Freeze    remit.CaseID `json:"freeze,omitempty"`
	FundBy    time.Time    `json:"fund_by,omitzero"`
}

// StepInput says which remittance a step is for.
type StepInput struct {
	RemittanceID remit.RemittanceID `json:"remittance_id"`
	// Canceling says that the caller asked to cancel.
	Canceling bool `json:"canceling,omitempty"`
	// Freeze is the newest case because of which the payout is to be withdrawn.
	Freeze remit.CaseID `json:"freeze,omitempty"`
}

// Standing is where a step left the remittance.
type Standing struct {
	State  remit.State  `json:"state"`
	Reason remit.Reason `json:"reason,omitempty"`
	// Funds says of a review which one it is; empty in stories of earlier releases.
	Funds remit.Funds `json:"funds,omitempty"`
	// Moved says that this taking of the step brought the remittance there. If
	// it was there already, what it now waits for may have come long ago.
	Moved bool `json:"moved,omitempty"`
	// Retry asks for a pause before the step is taken again.
	Retry bool `json:"retry,omitempty"`
	// Wait is for how long there is nothing to do but to hear of a notice; zero is
	// the story's own lookAgain.
	Wait time.Duration `json:"wait,omitempty"`
}

// Result is how a remittance ended.
type Result struct {
	State  remit.State  `json:"state"`
	Reason remit.Reason `json:"reason,omitempty"`
}

// Windows and pauses of the story.
const (
	// fundingWindow is how long pay-in instructions hold.
	fundingWindow = 24 * time.Hour
	// treasuryPause is the wait before a release is tried again when no rail
	// can carry it: a treasury is short, a coin is paused, a rail is down.
	treasuryPause = 30 * time.Second
	// lookAgain bounds every wait for a notice: after it the truth is read
	// again, in case a notice was lost.
	lookAgain = 15 * time.Minute
	// lookAtBlocked is lookAgain for blocked money, which may wait for years.
	lookAtBlocked = 7 * 24 * time.Hour
	// refundPauseFirst and refundPauseMost bound the pauses between refunds
	// that the provider refused.
	refundPauseFirst = 10 * time.Second
	refundPauseMost  = time.Hour
)
