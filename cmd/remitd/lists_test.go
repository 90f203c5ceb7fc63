package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance/screening"
)

// listFolder writes the sample as an operator keeps it, with a mark at the end of
// the files that are named and with rows more.
func listFolder(t *testing.T, dir, rows string, marked ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sdn.csv", "alt.csv", "add.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "compliance", "screening", "sample", name))
		if err != nil {
			t.Fatal(err)
		}
		text = append(bytes.TrimRight(text, "\x1a\r\n"), "\r\n"...)
		if name == "sdn.csv" {
			text = append(text, rows...)
		}
		if strings.Contains(strings.Join(marked, " "), name) {
			text = append(text, "\x1a\r\n"...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func sampleOnly() (*screening.Index, error) { return screening.Sample() }

const listedRow = `99999,"XYZZYKOV, Plughomir",individual,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\r\n"

// TestListsThatSomebodyEdited: files that may be cut alarm, those that surely are
// are refused and the ones before stay; what changed is told, also after a restart.
func TestListsThatSomebodyEdited(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "lists")
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	all := []string{"sdn.csv", "alt.csv", "add.csv"}
	listFolder(t, dir, "", all...)
	lists, err := openLists(t.Context(), dir, sampleOnly, remit.SystemClock{}, log)
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(&lists.known)
	kinds := func() string {
		var out []string
		for _, trouble := range lists.news().Troubles {
			out = append(out, trouble.Kind)
		}
		return strings.Join(out, " ")
	}
	before := lists.Counts()["ofac-sdn"]
	if before == 0 || kinds() != "" || len(lists.news().Changes) != 0 {
		t.Fatalf("%d entries of whole files, and %+v", before, lists.news())
	}
	listFolder(t, dir, listedRow, all...)
	lists.reload(t.Context(), log)
	change := lists.news().Changes
	if len(change) != 1 || change[0].Added != 1 || change[0].Removed != 0 || change[0].After != before+1 || len(change[0].Entries) != 1 ||
		change[0].Entries[0] != (api.ListedEntry{ID: "99999", Name: "XYZZYKOV, Plughomir", Change: "added"}) {
		t.Fatalf("got %+v", change)
	}
	listFolder(t, dir, "", "sdn.csv", "add.csv")
	lists.reload(t.Context(), log)
	if kinds() != api.ListRefused || lists.Counts()["ofac-sdn"] != before+1 || !strings.Contains(lists.news().Troubles[0].Message, "no mark") {
		t.Fatalf("a file without the mark of the others: %+v with %v in force", lists.news().Troubles, lists.Counts())
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 3 {
		t.Fatalf("gathered %v, %v", families, err)
	}
	for _, m := range families[0].GetMetric() {
		if refused := m.GetLabel()[0].GetValue() == api.ListRefused; (m.GetGauge().GetValue() == 1) != refused {
			t.Errorf("the gauge says %v", m)
		}
	}
	if _, err := openLists(t.Context(), dir, sampleOnly, remit.SystemClock{}, log); err == nil {
		t.Error("a gateway starts by lists that are cut")
	}
	listFolder(t, dir, "")
	lists.reload(t.Context(), log)
	if got := kinds(); got == "" || strings.Trim(strings.ReplaceAll(got, api.ListDoubtful, ""), " ") != "" {
		t.Errorf("files without any mark alarm as %q, want doubtful", got)
	}
	if !strings.Contains(said.String(), "may not be whole") {
		t.Errorf("nothing of it is logged: %s", said.String())
	}
	again, err := openLists(t.Context(), dir, sampleOnly, remit.SystemClock{}, log)
	if err != nil || len(again.news().Changes) != 1 || again.news().Changes[0].Removed != 1 || len(again.news().Troubles) == 0 {
		t.Errorf("after a restart it tells %+v, %v", again.news(), err)
	}
	listFolder(t, dir, "", all...)
	lists.reload(t.Context(), log)
	if got := kinds(); got != "" {
		t.Errorf("whole files leave %q", got)
	}
}
