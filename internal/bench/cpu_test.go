package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// clockTicks is how many parts of a second Linux counts processor time in.
const clockTicks = 100

// processorTime is what this process and all below it (the gateway with its
// stand-ins, the Temporal server) have used so far: on a machine that others
// use too it says more than the time on the wall. It is zero where there is no /proc.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	used, parent := make(map[int]time.Duration), make(map[int]int)
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		var pid, ppid int
		if pid, err = strconv.Atoi(filepath.Base(filepath.Dir(path))); err != nil {
			b.Fatal(err)
		}
		// The second field, the name in brackets, may hold spaces.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		user, userErr := strconv.ParseInt(string(fields[11]), 10, 64)
		system, systemErr := strconv.ParseInt(string(fields[12]), 10, 64)
		if _, err := fmt.Sscan(string(fields[1]), &ppid); err != nil || userErr != nil || systemErr != nil {
			b.Fatalf("%s reads %q", path, text)
		}
		used[pid], parent[pid] = time.Duration(user+system)*time.Second/clockTicks, ppid
	}
	var sum time.Duration
	for pid, t := range used {
		for p := pid; p != 0; p = parent[p] {
			if p == os.Getpid() {
				sum += t
				break
			}
		}
	}
	return sum
}
