package screening_test

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit/compliance/screening"
)

// TestSpeed measures queries, memory and loading with all lists. It asserts
// nothing but that it works: how fast a busy machine is says nothing.
func TestSpeed(t *testing.T) {
	if os.Getenv("REMIT_BENCH_SCREENING") == "" {
		t.Skip("REMIT_BENCH_SCREENING is not set")
	}
	dir := sharedLists(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	started := time.Now()
	x, err := screening.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	loaded := time.Since(started)
	runtime.GC()
	runtime.ReadMemStats(&after)
	entries := 0
	for _, n := range x.Counts() {
		entries += n
	}
	t.Logf("load %s: %d entries, %d names, %d unread; heap %d MB in all, %d MB of it the index", loaded.Round(time.Millisecond), entries,
		x.Names(), x.Unread(), after.HeapAlloc>>20, (after.HeapAlloc-before.HeapAlloc)>>20)

	whole := wholeEntries(t)
	kept, withheld := withhold(whole)
	queries := slices.Concat(negatives(t, whole, 4_000), positives(kept, withheld[:1_000], 60))
	// Few queries share words with the one before, as in an ordinary day.
	slices.SortFunc(queries, func(a, b labelled) int { return dice(1<<30, a.query.Names[0]) - dice(1<<30, b.query.Names[0]) })
	// No query is asked twice: an index remembers words.
	for part := range slices.Chunk(queries, (len(queries)+1)/2) {
		took := make([]time.Duration, 0, len(part))
		used := processorTime()
		for _, q := range part {
			started := time.Now()
			if _, err := x.Search(q.query, screening.LeastScore, 10); err != nil {
				continue
			}
			took = append(took, time.Since(started))
		}
		total := time.Duration(0)
		for _, one := range took {
			total += one
		}
		slices.Sort(took)
		used = processorTime() - used
		t.Logf("%d queries: %d a second on one core, mean %s (of CPU %s), p50 %s, p99 %s, longest %s", len(took), int(float64(len(took))/total.Seconds()),
			(total / time.Duration(len(took))).Round(time.Microsecond), (used / time.Duration(len(took))).Round(time.Microsecond), took[len(took)/2].Round(time.Microsecond),
			took[len(took)*99/100].Round(time.Microsecond), took[len(took)-1].Round(time.Microsecond))
	}
}

// processorTime is what this process has used, garbage collection included: on a
// machine that others use too it says more than the time on the wall. It is zero
// where there is no /proc.
func processorTime() time.Duration {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	// The fields after the command's name, which ends with the last bracket.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	ticks := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / clockTicks
}

// clockTicks is how many parts of a second Linux counts processor time in.
const clockTicks = 100
