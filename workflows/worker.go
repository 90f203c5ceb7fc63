package workflows

import (
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register tells a worker, or a replayer, the workflow.
func Register(r interface {
	RegisterWorkflowWithOptions(any, workflow.RegisterOptions)
}) {
	r.RegisterWorkflowWithOptions(Remittance, workflow.RegisterOptions{Name: WorkflowName})
}

// NewWorker makes the worker that runs remittances.
func NewWorker(c client.Client, steps *Steps) worker.Worker {
	w := worker.New(c, TaskQueue, worker.Options{
		MaxConcurrentLocalActivityExecutionSize: 256,
		MaxConcurrentWorkflowTaskExecutionSize:  256,
		// A remittance that waits for the money holds no memory for long.
		WorkerStopTimeout: 10 * time.Second,
	})
	Register(w)
	w.RegisterActivity(steps)
	return w
}
