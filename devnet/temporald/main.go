package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopTimeout bounds a graceful stop. The server is crash-safe, so cutting it
// short costs nothing but a replay of the last few tasks.
const stopTimeout = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// Stdout is a protocol of one line; what libraries print goes to stderr.
	stdout := os.Stdout
	os.Stdout = os.Stderr
	err := run(ctx, os.Args[1:], os.Stdin, stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "temporald:", err)
		os.Exit(1)
	}
}

// options are the command line, validated.
type options struct {
	db             string
	port           int
	namespace      string
	uiPort         int
	logLevel       string
	parentPID      int
	exitWithParent bool
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("temporald", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.db, "db", "", "`path` of the SQLite file, made when it is missing (required)")
	fs.IntVar(&o.port, "port", 7233, "frontend gRPC port on 127.0.0.1; 0 picks a free one")
	fs.StringVar(&o.namespace, "namespace", "default", "namespace to create")
	fs.IntVar(&o.uiPort, "ui-port", 0, "port of the web UI on 127.0.0.1; 0 is off")
	fs.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn or error")
	fs.IntVar(&o.parentPID, "parent-pid", 0, "stop when this process is gone; 0 is off")
	fs.BoolVar(&o.exitWithParent, "exit-with-parent", false, "stop when standard input ends")
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}

	var errs []error
	if fs.NArg() > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q", fs.Arg(0)))
	}
	if o.db == "" {
		errs = append(errs, errors.New("--db is required"))
	}
	if o.namespace == "" {
		errs = append(errs, errors.New("--namespace must not be empty"))
	}
	if o.port < 0 || o.port > 65535 || o.uiPort < 0 || o.uiPort > 65535 {
		errs = append(errs, errors.New("a port is between 0 and 65535"))
	}
	switch o.logLevel {
	case "debug", "info", "warn", "error":
	default:
		errs = append(errs, fmt.Errorf("unknown --log-level %q", o.logLevel))
	}
	return o, errors.Join(errs...)
}

// run starts the server, announces it and waits until ctx, standard input or
// the parent ends.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}

	// The watchers start before the server: a parent may die while it starts.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if o.exitWithParent {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			cancel(errors.New("standard input ended"))
		}()
	}
	if o.parentPID != 0 {
		go watchProcess(ctx, o.parentPID, cancel)
	}

	unlock, err := lockDatabase(o.db)
	if err != nil {
		return err
	}
	defer unlock()

	srv, err := newServer(ctx, o)
	if err != nil {
		return err
	}
	// Start blocks while a failing part retries, so it runs aside and a parent
	// that dies meanwhile still ends the process.
	started := make(chan error, 1)
	go func() { started <- srv.start(ctx) }()
	select {
	case err := <-started:
		if err != nil && ctx.Err() == nil {
			srv.stop(stopTimeout)
			return err
		}
	case <-ctx.Done():
		return nil
	}
	if ctx.Err() == nil {
		if _, err := fmt.Fprintf(stdout, "ready address=%s\n", srv.address); err != nil {
			srv.stop(stopTimeout)
			return fmt.Errorf("announce: %w", err)
		}
	}
	<-ctx.Done()
	srv.stop(stopTimeout)
	return nil
}

// watchProcess polls, because no portable call waits for a process that is
// not a child.
func watchProcess(ctx context.Context, pid int, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		if !processExists(pid) {
			cancel(fmt.Errorf("process %d is gone", pid))
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
