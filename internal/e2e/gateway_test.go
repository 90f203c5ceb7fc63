package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	remitv1 "github.com/openremit/remit/proto/remit/v1"
)

const (
	startTimeout = 90 * time.Second
	endTimeout   = 120 * time.Second
)

// binaries holds what the tests run, built once.
var binaries struct {
	remitd, temporald string
	// missing says why the tests cannot run here, problem why they fail.
	missing, problem error
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "remit-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binaries.problem = build(dir)
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// build compiles remitd and finds the Temporal server, which is a module of its own.
func build(dir string) error {
	binaries.temporald = os.Getenv("REMIT_TEMPORALD")
	if binaries.temporald == "" {
		binaries.temporald = filepath.Join("..", "..", "bin", "temporald")
	}
	if _, err := os.Stat(binaries.temporald); err != nil {
		binaries.missing = errors.New("no Temporal server: run `make build`, or set REMIT_TEMPORALD")
		return nil
	}
	binaries.remitd = filepath.Join(dir, "remitd")
	if out, err := exec.Command("go", "build", "-o", binaries.remitd, "../../cmd/remitd").CombinedOutput(); err != nil {
		return fmt.Errorf("build remitd: %w: %s", err, out)
	}
	return nil
}

// gateway is a running `remitd dev` with a client to it.
type gateway struct {
	t       *testing.T
	dir     string
	args    []string
	command *exec.Cmd
	exited  chan error
	output  bytes.Buffer

	rest, apiKey string
	conn         *grpc.ClientConn
	counterparts struct {
		Horizon    string            `json:"horizon"`
		Solana     string            `json:"solana"`
		Bank       string            `json:"bank"`
		BankAPIKey string            `json:"bank_api_key"`
		Treasury   map[string]string `json:"treasury"`
		Partner    map[string]string `json:"partner"`
	}
}

// start runs a fresh gateway and ends it with the test.
func start(t *testing.T, args ...string) *gateway {
	t.Helper()
	if binaries.problem != nil {
		t.Fatal(binaries.problem)
	}
	if binaries.missing != nil {
		if os.Getenv("REMIT_REQUIRE_E2E") != "" {
			t.Fatal(binaries.missing)
		}
		t.Skip(binaries.missing)
	}
	g := &gateway{t: t, dir: t.TempDir(), args: args}
	g.run()
	t.Cleanup(g.stop)
	return g
}

// run starts the process on the gateway's folder and waits until it is ready.
func (g *gateway) run() {
	g.t.Helper()
	demo := filepath.Join(g.dir, "demo.json")
	if err := os.Remove(demo); err != nil && !errors.Is(err, os.ErrNotExist) {
		g.t.Fatal(err)
	}
	args := append([]string{
		"dev", "--data", g.dir, "--temporald", binaries.temporald, "--no-demo", "--rest-port", "0", "--grpc-port", "0",
		"--temporal-port", "0", "--horizon-port", "0", "--solana-port", "0", "--bank-port", "0",
		"--ledger-interval", "200ms", "--slot-interval", "100ms", "--bank-settle", "50ms", "--pickup-delay", "200ms",
	}, g.args...)
	g.command = exec.Command(binaries.remitd, args...)
	g.command.Stdout, g.command.Stderr = &g.output, &g.output
	g.exited = make(chan error, 1)
	if err := g.command.Start(); err != nil {
		g.t.Fatal(err)
	}
	go func(c *exec.Cmd, exited chan<- error) { exited <- c.Wait() }(g.command, g.exited)
	g.until(startTimeout, "the gateway is ready", func() bool {
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
	}
	g.readJSON(demo, &where)
	g.readJSON(filepath.Join(g.dir, "counterparts.json"), &g.counterparts)
	g.rest, g.apiKey = where.REST, where.APIKey
	conn, err := grpc.NewClient(where.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		g.t.Fatal(err)
	}
	g.conn = conn
}

func (g *gateway) readJSON(path string, into any) {
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
func (g *gateway) stop() {
	if g.command.ProcessState == nil {
		if err := g.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			g.t.Error(err)
		}
		select {
		case err := <-g.exited:
			if err != nil {
				g.t.Errorf("remitd ended with %v", err)
			}
		case <-time.After(30 * time.Second):
			g.t.Error("remitd does not stop")
			g.kill()
		}
	}
	if g.t.Failed() {
		g.t.Logf("remitd said:\n%s", g.output.String())
		if log, err := os.ReadFile(filepath.Join(g.dir, "remitd.log")); err == nil {
			g.t.Logf("log, last part:\n%s", log[max(0, len(log)-8000):])
		}
	}
	if err := g.conn.Close(); err != nil {
		g.t.Error(err)
	}
}

// kill ends the gateway as a crash does.
func (g *gateway) kill() {
	g.t.Helper()
	if err := g.command.Process.Signal(syscall.SIGKILL); err != nil {
		g.t.Fatal(err)
	}
	<-g.exited
}

// ctx carries the demo key, and for writes an idempotency key.
func (g *gateway) ctx(idempotencyKey string) context.Context {
	md := metadata.Pairs("authorization", "Bearer "+g.apiKey)
	if idempotencyKey != "" {
		md.Set("idempotency-key", idempotencyKey)
	}
	return metadata.NewOutgoingContext(g.t.Context(), md)
}

// until waits for a condition by asking for it again and again.
func (g *gateway) until(most time.Duration, what string, holds func() bool) {
	g.t.Helper()
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			g.t.Fatalf("waited %s for: %s", most, what)
		case <-tick.C:
		}
	}
}

// post sends JSON to a counterpart.
func (g *gateway) post(url string, body any) {
	g.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	g.call(http.MethodPost, url, bytes.NewReader(text), nil)
}

// get reads JSON from a counterpart.
func (g *gateway) get(url string, into any) {
	g.t.Helper()
	g.call(http.MethodGet, url, nil, into)
}

func (g *gateway) call(method, url string, body io.Reader, into any) {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, url, body)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+g.counterparts.BankAPIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	if response.StatusCode >= 300 {
		g.t.Fatalf("%s %s: %s: %s", method, url, response.Status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			g.t.Fatalf("%s %s: %v in %s", method, url, err, text)
		}
	}
}

// clients of the services.
func (g *gateway) quotes() remitv1.QuoteServiceClient { return remitv1.NewQuoteServiceClient(g.conn) }
func (g *gateway) customers() remitv1.CustomerServiceClient {
	return remitv1.NewCustomerServiceClient(g.conn)
}
func (g *gateway) beneficiaries() remitv1.BeneficiaryServiceClient {
	return remitv1.NewBeneficiaryServiceClient(g.conn)
}
func (g *gateway) remittances() remitv1.RemittanceServiceClient {
	return remitv1.NewRemittanceServiceClient(g.conn)
}
func (g *gateway) cases() remitv1.CaseServiceClient { return remitv1.NewCaseServiceClient(g.conn) }
