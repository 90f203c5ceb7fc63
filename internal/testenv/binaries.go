package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binaries holds what the tests run, built once by Main.
var binaries struct {
	remitd, temporald string
	// missing says why the tests cannot run here, problem why they fail.
	missing, problem error
}

// Main builds the binaries, runs a package's tests and ends the process. A
// package that starts gateways calls it from its TestMain.
func Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "remit-testenv")
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
	args := append(append([]string{"build"}, raceFlags...), "-o", binaries.remitd, "github.com/openremit/remit/cmd/remitd")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("build remitd: %w: %s", err, out)
	}
	return nil
}

// require skips a test that cannot run here, or fails it where REMIT_REQUIRE_E2E
// says that it must.
func require(t testing.TB) {
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
}
