package workflows_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

// temporal starts a Temporal server of the test's own.
func temporal(t *testing.T, binary string) client.Client {
	t.Helper()
	server := exec.Command(binary, "--db", filepath.Join(t.TempDir(), "t.db"), "--port", "0", "--exit-with-parent")
	stdin, err := server.StdinPipe()
	must(t, err)
	stdout, err := server.StdoutPipe()
	must(t, err)
	must(t, server.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(t, err)
	c, err := client.Dial(client.Options{
		HostPort: strings.TrimPrefix(strings.TrimSpace(line), "ready address="), Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	t.Cleanup(func() {
		c.Close()
		must(t, stdin.Close())
		if err := server.Wait(); err != nil {
			t.Log(err)
		}
	})
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// outbox is a workflows.Outbox of one process that ends with its test.
type outbox struct {
	notices   chan workflows.NumberedNotice
	arrived   chan struct{}
	delivered chan int64
}

func (o *outbox) PendingNotices(context.Context, int) (out []workflows.NumberedNotice, _ error) {
	for {
		select {
		case n := <-o.notices:
			out = append(out, n)
		default:
			return out, nil
		}
	}
}

func (o *outbox) Delivered(_ context.Context, numbers []int64) error {
	for _, n := range numbers {
		o.delivered <- n
	}
	return nil
}

func (o *outbox) Postpone(context.Context, []int64, time.Time) error {
	return errors.New("nothing is to be postponed")
}

func (o *outbox) Arrived() <-chan struct{} { return o.arrived }

// TestCourierTellsForcedStoriesAnew: a story that Temporal or an operator ended
// by force goes on at the next notice, from where the remittance stands. It was
// taken for one that had come to its end, and the money waited for ever.
func TestCourierTellsForcedStoriesAnew(t *testing.T) {
	t.Parallel()
	binary := os.Getenv("REMIT_TEMPORALD")
	if binary == "" {
		binary = filepath.Join("..", "bin", "temporald")
	}
	if _, err := os.Stat(binary); err != nil {
		if os.Getenv("REMIT_REQUIRE_E2E") != "" {
			t.Fatal(err)
		}
		t.Skip("no Temporal server: run `make build`, or set REMIT_TEMPORALD")
	}
	c := temporal(t, binary)
	steps := &script{answers: map[string][]workflows.Standing{
		"Intake": at(remit.StateAwaitingFunds), "Fund": {{State: remit.StateCanceled, Moved: true}},
	}}
	w := worker.New(c, workflows.TaskQueue, worker.Options{})
	workflows.Register(w)
	w.RegisterActivity(steps)
	must(t, w.Start())
	t.Cleanup(w.Stop)
	box := &outbox{notices: make(chan workflows.NumberedNotice, 1), arrived: make(chan struct{}, 1), delivered: make(chan int64)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		courier := &workflows.Courier{Outbox: box, Client: c, Clock: remit.NewFakeClock(time.Unix(1, 0)), Logger: slog.New(slog.DiscardHandler)}
		ended <- courier.Run(ctx)
	}()
	hand := func(number int64, kind remit.NoticeKind) {
		t.Helper()
		box.notices <- workflows.NumberedNotice{Number: number, Notice: remit.Notice{RemittanceID: "rem_x", Kind: kind}}
		box.arrived <- struct{}{}
		select {
		case got := <-box.delivered:
			if got != number {
				t.Fatalf("delivered notice %d, want %d", got, number)
			}
		case <-ctx.Done():
			t.Fatalf("notice %d was not delivered", number)
		}
	}
	id := workflows.WorkflowID("rem_x")
	hand(1, remit.NoticeStart)
	must(t, c.TerminateWorkflow(ctx, id, "", "its history is too long"))
	hand(2, remit.NoticeFunding)
	var got workflows.Result
	must(t, c.GetWorkflow(ctx, id, "").Get(ctx, &got))
	if got.State != remit.StateCanceled {
		t.Fatalf("the story told anew ended as %q", got.State)
	}
	// One that came to its end is not told again.
	taken := steps.count()
	hand(3, remit.NoticeFunding)
	hand(4, remit.NoticeStart)
	last, err := c.DescribeWorkflowExecution(ctx, id, "")
	must(t, err)
	if last.GetWorkflowExecutionInfo().GetCloseTime() == nil || steps.count() != taken {
		t.Errorf("a story that had ended was told again: %v", steps.taken)
	}
	if !slices.Contains(steps.taken, "Fund") {
		t.Errorf("took the steps %v", steps.taken)
	}
	cancel()
	must(t, <-ended)
}
