package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

const (
	startTimeout = 3 * time.Minute
	stopTimeout  = 90 * time.Second
	lookEvery    = 20 * time.Millisecond
	logTail      = 8000
)

// Gateway is a running `remitd dev` with a connection to it.
type Gateway struct {
	// Dir is the gateway's data folder.
	Dir string
	// REST is the base URL, APIKey the demo tenant's key and SecondAPIKey that of
	// its second officer.
	REST, APIKey, SecondAPIKey string
	Conn                       *grpc.ClientConn
	Counterparts               Counterparts

	t       testing.TB
	args    []string
	command *exec.Cmd
	exited  chan error
	output  bytes.Buffer
}

// Counterparts says where the stand-ins are and which addresses pay and receive.
type Counterparts struct {
	Horizon    string            `json:"horizon"`
	StellarRPC string            `json:"stellar_rpc"`
	Solana     string            `json:"solana"`
	Bank       string            `json:"bank"`
	BankAPIKey string            `json:"bank_api_key"`
	Temporal   string            `json:"temporal"`
	Treasury   map[string]string `json:"treasury"`
	Partner    map[string]string `json:"partner"`
	Wallet     map[string]string `json:"wallet"`
}

// Start runs a fresh gateway with more flags for `remitd dev`, and ends it
// with the test. It skips the test where there is no Temporal server.
func Start(t testing.TB, args ...string) *Gateway {
	t.Helper()
	require(t)
	g := &Gateway{t: t, Dir: t.TempDir(), args: args}
	g.Run()
	t.Cleanup(g.stop)
	return g
}

// Run starts the process on the gateway's folder and waits until it is ready;
// after Kill it starts it again.
func (g *Gateway) Run() {
	g.t.Helper()
	demo := filepath.Join(g.Dir, "demo.json")
	if err := os.Remove(demo); err != nil && !errors.Is(err, os.ErrNotExist) {
		g.t.Fatal(err)
	}
	args := append([]string{
		"dev", "--data", g.Dir, "--temporald", binaries.temporald, "--no-demo", "--rest-port", "0", "--grpc-port", "0",
		"--temporal-port", "0", "--horizon-port", "0", "--stellar-rpc-port", "0", "--solana-port", "0", "--bank-port", "0",
	}, g.args...)
	g.command = exec.Command(binaries.remitd, args...)
	g.command.Env = append(os.Environ(), "GORACE=halt_on_error=1")
	g.command.Stdout, g.command.Stderr = &g.output, &g.output
	g.exited = make(chan error, 1)
	if err := g.command.Start(); err != nil {
		g.t.Fatal(err)
	}
	go func(c *exec.Cmd, exited chan<- error) { exited <- c.Wait() }(g.command, g.exited)
	Until(g.t, startTimeout, "the gateway is ready", func() bool {
		select {
		case err := <-g.exited:
			g.t.Fatalf("remitd ended at its start: %v\n%s", err, g.output.String())
		default:
		}
		_, err := os.Stat(demo)
		return err == nil
	})
	var where struct {
		REST, GRPC string
		APIKey     string `json:"api_key"`
		SecondKey  string `json:"second_api_key"`
	}
	g.readJSON(demo, &where)
	g.readJSON(filepath.Join(g.Dir, "counterparts.json"), &g.Counterparts)
	g.REST, g.APIKey, g.SecondAPIKey = where.REST, where.APIKey, where.SecondKey
	conn, err := grpc.NewClient(where.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		g.t.Fatal(err)
	}
	g.Conn = conn
}

func (g *Gateway) readJSON(path string, into any) {
	g.t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// stop ends the gateway as Ctrl-C does.
func (g *Gateway) stop() {
	if g.command.ProcessState == nil {
		if err := g.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			g.t.Error(err)
		}
		select {
		case err := <-g.exited:
			if err != nil {
				g.t.Errorf("remitd ended with %v", err)
			}
		case <-time.After(stopTimeout):
			g.t.Error("remitd does not stop")
			g.Kill()
		}
	}
	if g.t.Failed() {
		g.t.Logf("remitd said:\n%s", g.output.String())
		if log, err := os.ReadFile(filepath.Join(g.Dir, "remitd.log")); err == nil {
			g.t.Logf("log, last part:\n%s", log[max(0, len(log)-logTail):])
		}
	}
	if err := g.Conn.Close(); err != nil {
		g.t.Error(err)
	}
}

// Kill ends the gateway as a crash does.
func (g *Gateway) Kill() {
	g.t.Helper()
	if err := g.command.Process.Signal(syscall.SIGKILL); err != nil {
		g.t.Fatal(err)
	}
	<-g.exited
}

// Context carries the demo key, and for writes an idempotency key.
func (g *Gateway) Context(idempotencyKey string) context.Context {
	md := metadata.Pairs("authorization", "Bearer "+g.APIKey)
	if idempotencyKey != "" {
		md.Set("idempotency-key", idempotencyKey)
	}
	return metadata.NewOutgoingContext(g.t.Context(), md)
}

// Until waits for a condition by asking for it again and again.
func Until(t testing.TB, most time.Duration, what string, holds func() bool) {
	t.Helper()
	if !Comes(most, holds) {
		t.Fatalf("waited %s for: %s", most, what)
	}
}

// Comes waits for a condition by asking for it again and again; false when it
// did not come in time.
func Comes(most time.Duration, holds func() bool) bool {
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			return false
		case <-tick.C:
		}
	}
	return true
}
