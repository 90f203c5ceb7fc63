// Command skipped reads the output of `go test -json`, prints one line for
// each package, the output of what failed, and every skipped test with its
// reason. It exits with 1 when anything failed.
//
// A test that cannot run on a machine skips, which is easy to overlook: a
// green run that skipped the database tests proves little.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is what test2json writes; see `go doc test2json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

func main() {
	failed, err := summarize(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "skipped:", err)
		os.Exit(1)
	}
	if failed {
		os.Exit(1)
	}
}

type skip struct{ test, reason string }

func summarize(in io.Reader, out io.Writer) (failed bool, err error) {
	var (
		output         = map[string]*strings.Builder{}
		skips          []skip
		passed, broken int
	)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Action == "" {
			// Not an event: what the go command itself has to say.
			fmt.Fprintln(out, lines.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "build-fail":
			failed = true
		case "output":
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "pass", "fail", "skip":
			text := ""
			if b := output[key]; b != nil {
				text = b.String()
			}
			delete(output, key)
			if e.Action == "fail" {
				failed = true
				fmt.Fprintf(out, "FAIL %s\n%s", key, text)
			}
			if e.Test == "" {
				if e.Action == "pass" {
					fmt.Fprintf(out, "ok   %s  %.1fs\n", e.Package, e.Elapsed)
				}
				continue
			}
			switch e.Action {
			case "pass":
				passed++
			case "fail":
				broken++
			case "skip":
				skips = append(skips, skip{key, reason(text)})
			}
		}
	}
	if err := lines.Err(); err != nil {
		return true, fmt.Errorf("read events: %w", err)
	}
	fmt.Fprintf(out, "\n%d passed, %d failed, %d skipped\n", passed, broken, len(skips))
	for _, s := range skips {
		fmt.Fprintf(out, "  skipped %s: %s\n", s.test, s.reason)
	}
	return failed, nil
}

// reason keeps what t.Skip said: the output without the frame that the testing
// package draws around it.
func reason(output string) string {
	var said []string
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if i := strings.Index(line, ".go:"); i >= 0 {
			if _, after, ok := strings.Cut(line[i:], " "); ok {
				line = after
			}
		}
		said = append(said, line)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
