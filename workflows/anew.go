package workflows

import (
	"strconv"
	"time"

	"go.temporal.io/sdk/workflow"
)

// longStory is how many events a story may have before it is told anew. Temporal
// ends a workflow by force at 51,200, and a remittance that waits for a treasury
// makes six of them every half minute.
const longStory = 8_000

// anew ends this run of a story that has become long, to be told anew from
// where the remittance stands, with what has been heard. It is asked where the
// story is about to wait and has heard all there is. A run that an earlier
// release made long goes on as it did, and is asked again when it is longer by as much.
func (s *story) anew() error {
	chapters := workflow.GetInfo(s.ctx).GetCurrentHistoryLength() / longStory
	if chapters == 0 || workflow.GetVersion(s.ctx, changeAnew+strconv.Itoa(chapters), workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	s.drain() // What is not heard here is not heard by the next run.
	return workflow.NewContinueAsNewError(s.ctx, WorkflowName, Input{
		RemittanceID: s.id, Canceling: s.canceling, Freeze: s.freeze, FundBy: s.fundBy,
	})
}

// rest waits without listening: nothing that is told makes the wait shorter.
func (s *story) rest(pause time.Duration) error {
	if err := s.anew(); err != nil {
		return err
	}
	return workflow.Sleep(s.ctx, pause)
}
