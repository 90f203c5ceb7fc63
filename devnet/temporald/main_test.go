package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// childEnv makes the test binary behave as temporald, so that tests can kill a
// real process.
const childEnv = "TEMPORALD_TEST_CHILD"

const taskQueue = "temporald-test"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

type child struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	address string
}

// startChild runs temporald on db and a free port and waits for its ready line.
func startChild(t *testing.T, db string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "--db", db, "--port", "0", "--exit-with-parent", "--log-level", "error")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("read ready line: %v", err)
	}
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready address=")
	if !ok {
		t.Fatalf("got line %q, want ready address=…", line)
	}
	t.Logf("ready on %s after %v", address, time.Since(begin))
	return &child{cmd: cmd, stdin: stdin, address: address}
}

func (c *child) kill(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait()
}

// greet waits for a name and says hello to it.
func greet(ctx workflow.Context) (string, error) {
	var name string
	workflow.GetSignalChannel(ctx, "name").Receive(ctx, &name)
	return "hello " + name, nil
}

func connect(t *testing.T, address string) (client.Client, worker.Worker) {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: address})
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	w := worker.New(c, taskQueue, worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflow(greet)
	if err := w.Start(); err != nil {
		t.Fatalf("start worker: %v", err)
	}
	return c, w
}

func TestWorkflowSurvivesKill(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := filepath.Join(t.TempDir(), "temporal.db")

	first := startChild(t, db)
	c, w := connect(t, first.address)
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "greet", TaskQueue: taskQueue}, greet)
	if err != nil {
		t.Fatalf("start workflow: %v", err)
	}
	first.kill(t)
	w.Stop()
	c.Close()

	// The dead process left its rows behind; the next one must not wait for them.
	second := startChild(t, db)
	c, w = connect(t, second.address)
	defer c.Close()
	defer w.Stop()
	if err := c.SignalWorkflow(ctx, "greet", run.GetRunID(), "name", "Amina"); err != nil {
		t.Fatalf("signal workflow: %v", err)
	}
	var got string
	if err := c.GetWorkflow(ctx, "greet", run.GetRunID()).Get(ctx, &got); err != nil {
		t.Fatalf("get result: %v", err)
	}
	if want := "hello Amina"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStopsWhenStandardInputEnds(t *testing.T) {
	t.Parallel()
	c := startChild(t, filepath.Join(t.TempDir(), "temporal.db"))
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("got %v, want a clean exit", err)
		}
	case <-time.After(2 * stopTimeout):
		t.Fatal("still running after its standard input ended")
	}
}

func TestSecondServerOnOneFileIsRefused(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "temporal.db")
	startChild(t, db)
	err := run(context.Background(), []string{"--db", db, "--port", "0"}, strings.NewReader(""), io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v, want an error that the file is in use", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, args, want string
	}{
		{"a file is required", "", "--db is required"},
		{"port out of range", "--db x --port 70000", "a port is between"},
		{"unknown level", "--db x --log-level loud", "unknown --log-level"},
		{"stray argument", "--db x start", "unexpected argument"},
		{"empty namespace", "--db x --namespace=", "--namespace must not"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseOptions(strings.Fields(tt.args), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
