package workflows_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/openremit/remit"
	"github.com/openremit/remit/workflows"
)

const histories = "testdata/histories"

var record = flag.Bool("record", false, "record histories anew, with the server that REMIT_TEMPORALD names")

// TestReplay replays every recorded history: a change of the story that a
// remittance in flight would not survive fails here.
func TestReplay(t *testing.T) {
	t.Parallel()
	if *record {
		recordHistories(t)
	}
	files, err := filepath.Glob(histories + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories in %s: %v", histories, err)
	}
	for _, file := range files {
		replayer := worker.NewWorkflowReplayer()
		workflows.Register(replayer)
		if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestHistoriesHoldNoPersonalData keeps histories to ids, states and reasons.
func TestHistoriesHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(histories + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"given_name", "family_name", "account_number", "phone", "date_of_birth"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s holds %q", file, word)
			}
		}
	}
}

// recorded are the stories that need no long wait in real time, with the
// number of steps after which the workflow waits for each notice.
var recorded = map[string][]int{
	"completed": {1, 3, 4}, "rejected at intake": {}, "reviewed, declined funding": {1, 2},
	"cash, notices doubled and early": {1, 2, 4, 5, 6, 7}, "payout failed, refund refused once": {2, 3, 4, 6},
	"canceled while waiting for the money": {1, 3}, "taken back from a wallet that did not claim": {2, 4, 5},
	"pickup frozen, approved, fetched": {2, 3, 4, 5, 6, 7, 8}, "pickup frozen, rejected, refunded": {2, 3, 4, 5, 6, 7},
	"pickup recalled, refunded": {2, 3, 4, 5, 6}, "recalled while settling, withdrawn at once": {2, 3, 5, 6},
}

func recordHistories(t *testing.T) {
	t.Helper()
	c := temporal(t, os.Getenv("REMIT_TEMPORALD"))
	for _, story := range stories {
		if waits, ok := recorded[story.name]; ok {
			recordHistory(t, c, strings.ReplaceAll(strings.ReplaceAll(story.name, ",", ""), " ", "-"), story.answers, story.notices, waits)
		}
	}
}

// recordHistory runs one story and writes its history. Each notice is sent
// once the workflow has taken the steps after which it waits.
func recordHistory(t *testing.T, c client.Client, name string, answers map[string][]workflows.Standing, notices []notice, waits []int) {
	t.Helper()
	queue := "record-" + name
	steps := &script{answers: cloneAnswers(answers)}
	w := worker.New(c, queue, worker.Options{})
	workflows.Register(w)
	w.RegisterActivity(steps)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: name, TaskQueue: queue}, workflows.WorkflowName, workflows.Input{RemittanceID: "rem_x"})
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range notices {
		for steps.count() < waits[i] && ctx.Err() == nil {
			<-time.After(10 * time.Millisecond)
		}
		if err := c.SignalWorkflow(ctx, name, "", workflows.SignalNotice, remit.Notice{Kind: n.kind}); err != nil {
			t.Logf("%s: notice %d came after the end: %v", name, i, err)
		}
	}
	if err := run.Get(ctx, nil); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var h historypb.History
	events := c.GetWorkflowHistory(ctx, name, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	text, err := protojson.MarshalOptions{Indent: " "}.Marshal(&h)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(histories, name+".json"), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken)
}
