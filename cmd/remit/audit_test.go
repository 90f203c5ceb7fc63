package main

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/openremit/remit/compliance"
)

// acts writes records into the trail.
func (g *gateway) acts(n int) {
	g.t.Helper()
	for range n {
		_, err := g.store.AppendAudit(g.t.Context(), compliance.AuditEntry{
			Phase: compliance.AuditFact, Act: "case.view", Subject: "cas_1", Outcome: compliance.AuditDone,
			Actor: compliance.Actor{Kind: compliance.ActorStaff, ID: "stf_1", Name: " ＝Olive"}, Facts: map[string]string{"b": "2", "a": "1"},
		})
		must(g.t, err)
	}
}

// audit runs a command and returns what it wrote and how it ended.
func (g *gateway) audit(args ...string) (out, errOut string, code int) {
	g.t.Helper()
	r := g.run(args...)
	return r.out, r.err, r.code
}

func TestAuditVerify(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.acts(3)
	out, errOut, code := g.audit("audit", "verify")
	if code != exitOK || !strings.Contains(out, "clean") {
		t.Fatalf("got %d %s %s", code, out, errOut)
	}
	head := regexp.MustCompile(`\d+:[0-9a-f]{64}`).FindString(out)
	if !strings.HasPrefix(head, "4:") { // The walk's own intent is the fourth.
		t.Errorf("got %s", out)
	}
	if out, _, code := g.audit("audit", "verify", "--expect", head); code != exitOK {
		t.Errorf("got %d %s", code, out)
	}
	other := head[:len(head)-1] + "0"
	if strings.HasSuffix(head, "0") {
		other = head[:len(head)-1] + "1"
	}
	if out, _, code := g.audit("audit", "verify", "--expect", other); code != exitFailed || !strings.Contains(out, "rewritten") {
		t.Errorf("got %d %s", code, out)
	}
	if out, _, code := g.audit("audit", "verify", "--expect", "900"+head[1:]); code != exitFailed || !strings.Contains(out, "is gone") {
		t.Errorf("got %d %s", code, out)
	}
	for _, bad := range []string{"x", "4", "0" + head[1:], head + "0", "4:" + strings.Repeat("Z", 64)} {
		if _, _, code := g.audit("audit", "verify", "--expect", bad); code != exitUsage {
			t.Errorf("%s: got %d", bad, code)
		}
	}
}

func TestAuditListAndExport(t *testing.T) {
	t.Parallel()
	g := setup(t)
	if out, _, code := g.audit("audit", "list"); code != exitOK || out != "No records.\n" {
		t.Errorf("got %d %s", code, out)
	}
	g.acts(501)
	out, _, code := g.audit("audit", "list", "--limit", "2", "--act", "case", "--from", "2026-11-20")
	if code != exitOK || strings.Count(out, "\n") != 3 || !strings.Contains(out, "501") || !strings.Contains(out, `{"a":"1","b":"2"}`) {
		t.Errorf("got %d %s", code, out)
	}
	if out, _, _ := g.audit("audit", "list", "--until", "2026-11-20"); out != "No records.\n" {
		t.Errorf("got %s", out)
	}
	out, _, code = g.audit("audit", "export", "--format", "csv")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if code != exitOK || err != nil || len(rows) != 502 || rows[0][0] != "number" || rows[1][0] != "501" || rows[501][0] != "1" || rows[1][6] != "' ＝Olive" {
		t.Errorf("got %d, %v and %d rows: %v", code, err, len(rows), rows[:2])
	}
	out, _, code = g.audit("audit", "export", "--from", "2026-11-20T00:00:00Z", "--until", "2026-11-21")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var one struct {
		Number string            `json:"number"`
		Facts  map[string]string `json:"facts"`
	}
	if err := json.Unmarshal([]byte(lines[500]), &one); code != exitOK || err != nil || len(lines) != 501 || one.Number != "1" || one.Facts["a"] != "1" {
		t.Errorf("got %d, %v and %d lines: %+v", code, err, len(lines), one)
	}
	if out, _, code := g.audit("audit", "export", "--format", "csv", "--act", "none"); code != exitOK || strings.Count(out, "\n") != 1 {
		t.Errorf("got %d %q", code, out)
	}
	for _, bad := range [][]string{{"--format", "xml"}, {"--from", "yesterday"}, {"--until", "2026-13-01"}, {"extra"}} {
		if _, _, code := g.audit(append([]string{"audit", "export"}, bad...)...); code != exitUsage {
			t.Errorf("%v: got %d", bad, code)
		}
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add("4:" + strings.Repeat("0a", 32))
	f.Fuzz(func(t *testing.T, text string) {
		number, hash, err := parseHead(text)
		if err == nil && text != "" && (number < 1 || len(hash) != 64) {
			t.Errorf("%q: got %d %q", text, number, hash)
		}
	})
}
