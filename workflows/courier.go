package workflows

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// Limits of the courier.
const (
	courierBatch  = 256
	courierHands  = 32
	courierPoll   = 2 * time.Second
	courierPause  = 2 * time.Second
	deliveryLimit = 10 * time.Second
)

// Courier delivers the notices of the outbox to the remittances' workflows, at
// least once and in the order they were written per remittance. A notice to a workflow that
// has not started starts it; one to a workflow that has come to its end is done. A workflow
// that was ended by force, or failed, is told anew from where the remittance stands.
type Courier struct {
	Outbox Outbox
	Client client.Client
	Clock  remit.Clock
	Logger *slog.Logger
}

// Run delivers until ctx ends.
func (c *Courier) Run(ctx context.Context) error {
	ticker := time.NewTicker(courierPoll)
	defer ticker.Stop()
	for {
		n, err := c.deliver(ctx)
		if err != nil && ctx.Err() == nil {
			c.Logger.Error("deliver notices", "err", err)
		}
		if n == courierBatch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.Outbox.Arrived():
		case <-ticker.C:
		}
	}
}

// deliver delivers one batch and returns how many notices it held.
func (c *Courier) deliver(ctx context.Context) (int, error) {
	notices, err := c.Outbox.PendingNotices(ctx, courierBatch)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	if len(notices) == 0 {
		return 0, nil
	}
	var (
		mu           sync.Mutex
		done, failed []int64
		wait         sync.WaitGroup
		hands        = make(chan struct{}, courierHands)
	)
	for _, batch := range byRemittance(notices) {
		wait.Add(1)
		hands <- struct{}{}
		go func() {
			defer func() { <-hands; wait.Done() }()
			for i, n := range batch {
				err := c.hand(ctx, n.Notice)
				mu.Lock()
				if err == nil {
					done = append(done, n.Number)
				} else {
					for _, rest := range batch[i:] {
						failed = append(failed, rest.Number)
					}
				}
				mu.Unlock()
				if err != nil {
					c.Logger.Warn("notice not delivered, will retry", "remittance_id", n.RemittanceID, "kind", n.Kind, "err", err)
					return
				}
			}
		}()
	}
	wait.Wait()
	if err := c.Outbox.Delivered(ctx, done); err != nil {
		return len(notices), fmt.Errorf("mark delivered: %w", err)
	}
	if len(failed) > 0 {
		if err := c.Outbox.Postpone(ctx, failed, c.Clock.Now().Add(courierPause)); err != nil {
			return len(notices), fmt.Errorf("postpone: %w", err)
		}
	}
	return len(notices), nil
}

// hand hands one notice over.
func (c *Courier) hand(ctx context.Context, n remit.Notice) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryLimit)
	defer cancel()
	options := client.StartWorkflowOptions{
		ID: WorkflowID(n.RemittanceID), TaskQueue: TaskQueue,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		EnableEagerStart:                         true,
	}
	input := Input{RemittanceID: n.RemittanceID}
	var err error
	if n.Kind == remit.NoticeStart {
		_, err = c.Client.ExecuteWorkflow(ctx, options, WorkflowName, input)
	} else {
		err = c.Client.SignalWorkflow(ctx, options.ID, "", SignalNotice, n)
		var missing *serviceerror.NotFound
		if errors.As(err, &missing) {
			// Not started yet, or ended: start it with the notice; if it has come
			// to its end, the start is refused and the notice has no reader.
			options.EnableEagerStart = false
			if n.Kind == remit.NoticeReview && n.Status == string(compliance.CaseUnblocked) {
				// Stories of earlier releases ended when the money was blocked. One
				// told anew finds where the remittance stands and goes on from there.
				options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
			}
			_, err = c.Client.SignalWithStartWorkflow(ctx, options.ID, SignalNotice, n, options, WorkflowName, input)
		}
	}
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return nil
	}
	return err
}

// byRemittance groups notices by remittance, keeping their order.
func byRemittance(notices []NumberedNotice) [][]NumberedNotice {
	place := make(map[remit.RemittanceID]int)
	var groups [][]NumberedNotice
	for _, n := range notices {
		i, ok := place[n.RemittanceID]
		if !ok {
			i = len(groups)
			place[n.RemittanceID] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], n)
	}
	return groups
}
