package bench_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	temporallog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

const (
	bareQueue = "bench-bare"
	bareSteps = 4
)

// bare runs workflows of a remittance's shape and nothing else: four local
// activities, which do nothing but tell the caller, with a signal between each
// two; payloads, converter, start options and worker are as the gateway's.
type bare struct {
	b      *testing.B
	client client.Client

	mu      sync.Mutex
	callers map[remit.RemittanceID]chan struct{}
	started int
}

func startBare(b *testing.B, address string) *bare {
	b.Helper()
	key := make([]byte, workflows.CodecKeySize)
	if _, err := rand.Read(key); err != nil {
		b.Fatal(err)
	}
	converter, err := workflows.NewConverter(key)
	if err != nil {
		b.Fatal(err)
	}
	c, err := client.DialContext(b.Context(), client.Options{
		HostPort: address, DataConverter: converter, Logger: temporallog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	s := &bare{b: b, client: c, callers: make(map[remit.RemittanceID]chan struct{})}
	w := worker.New(c, bareQueue, worker.Options{
		MaxConcurrentLocalActivityExecutionSize: 256, MaxConcurrentWorkflowTaskExecutionSize: 256,
	})
	w.RegisterWorkflow(s.story)
	w.RegisterActivity(s.step)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.Stop)
	return s
}

func (s *bare) story(ctx workflow.Context, in workflows.Input) error {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 30 * time.Second})
	notices := workflow.GetSignalChannel(ctx, workflows.SignalNotice)
	for i := range bareSteps {
		if i > 0 {
			var n remit.Notice
			notices.Receive(ctx, &n)
		}
		var at workflows.Standing
		if err := workflow.ExecuteLocalActivity(ctx, s.step, workflows.StepInput{RemittanceID: in.RemittanceID}).Get(ctx, &at); err != nil {
			return err
		}
	}
	return nil
}

func (s *bare) step(_ context.Context, in workflows.StepInput) (workflows.Standing, error) {
	s.caller(in.RemittanceID) <- struct{}{}
	return workflows.Standing{State: remit.StateFunded}, nil
}

// caller is where a workflow's caller hears that a step is done. It holds all
// steps, and their repetitions, without a wait.
func (s *bare) caller(id remit.RemittanceID) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callers[id] == nil {
		s.callers[id] = make(chan struct{}, 8*bareSteps)
	}
	return s.callers[id]
}

// round runs n bare workflows.
func (s *bare) round(n int) result {
	s.b.Helper()
	first := s.started
	s.started += n
	return drive(s.b, n, func(i int) (timing, error) { return s.run(first + i) })
}

// run starts a workflow and signals it as soon as the step before is done.
func (s *bare) run(i int) (timing, error) {
	ctx, start := s.b.Context(), time.Now()
	id := remit.RemittanceID(fmt.Sprintf("rem_bare%026d", i))
	steps := s.caller(id)
	_, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.WorkflowID(id), TaskQueue: bareQueue, EnableEagerStart: true,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, s.story, workflows.Input{RemittanceID: id})
	if err != nil {
		return timing{}, fmt.Errorf("start bare workflow: %w", err)
	}
	timeout := time.NewTimer(completionTimeout)
	defer timeout.Stop()
	for step := range bareSteps {
		select {
		case <-steps:
		case <-timeout.C:
			return timing{}, fmt.Errorf("bare workflow %s is at step %d after %s", id, step, completionTimeout)
		}
		if step == bareSteps-1 {
			break
		}
		if err := s.client.SignalWorkflow(ctx, workflows.WorkflowID(id), "", workflows.SignalNotice, remit.Notice{RemittanceID: id, Kind: remit.NoticeFunding}); err != nil {
			return timing{}, fmt.Errorf("signal bare workflow: %w", err)
		}
	}
	return timing{whole: time.Since(start)}, nil
}
