package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	temporalReadyTimeout = 60 * time.Second
	temporalStopTimeout  = 10 * time.Second
	temporalRetryFor     = 10 * time.Second
	temporalRetryPause   = 200 * time.Millisecond
)

// temporalServer is a Temporal server that runs as a child process and ends
// with this one, however this one ends.
type temporalServer struct {
	address string
	command *exec.Cmd
	stdin   io.Closer
	exited  chan error
}

// findTemporald finds the server's binary: where told, or beside this one.
func findTemporald(told string) (string, error) {
	if told == "" {
		told = os.Getenv("REMIT_TEMPORALD")
	}
	if told == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find own executable: %w", err)
		}
		told = filepath.Join(filepath.Dir(self), "temporald")
	}
	if _, err := os.Stat(told); err != nil {
		return "", fmt.Errorf("no Temporal server at %s: run `make build`, or give --temporal-address of one that runs: %w", told, err)
	}
	return told, nil
}

// startTemporal starts the server and waits until it answers. The server of a
// gateway that was killed a moment ago may still hold the database while it
// ends, so a start that fails is tried again for a while.
func startTemporal(ctx context.Context, binary, database string, port int, logs io.Writer) (*temporalServer, error) {
	deadline := time.Now().Add(temporalRetryFor)
	for {
		server, err := launchTemporal(ctx, binary, database, port, logs)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return server, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(temporalRetryPause):
		}
	}
}

// launchTemporal starts the server once.
func launchTemporal(ctx context.Context, binary, database string, port int, logs io.Writer) (*temporalServer, error) {
	command := exec.Command(binary, "--db", database, "--port", strconv.Itoa(port), "--exit-with-parent", "--log-level", "error")
	command.Stderr = logs
	// Ctrl-C reaches the whole process group; the server must outlive the
	// worker by a moment, so it gets a group of its own.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("open pipe to the Temporal server: %w", err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("open pipe from the Temporal server: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the Temporal server: %w", err)
	}
	t := &temporalServer{command: command, stdin: stdin, exited: make(chan error, 1)}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if address, ok := strings.CutPrefix(lines.Text(), "ready address="); ok {
				ready <- address
			}
		}
		t.exited <- command.Wait()
	}()
	select {
	case t.address = <-ready:
		return t, nil
	case err := <-t.exited:
		t.exited <- err
		return nil, fmt.Errorf("the Temporal server ended at its start (%w); its log says why", errors.Join(err))
	case <-time.After(temporalReadyTimeout):
		return nil, errors.Join(fmt.Errorf("the Temporal server was not ready within %s", temporalReadyTimeout), t.stop())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), t.stop())
	}
}

// stop ends the server, gently first.
func (t *temporalServer) stop() error {
	if err := t.stdin.Close(); err != nil {
		return fmt.Errorf("close pipe to the Temporal server: %w", err)
	}
	select {
	case err := <-t.exited:
		t.exited <- err
		return nil
	case <-time.After(temporalStopTimeout):
		return t.command.Process.Kill()
	}
}
