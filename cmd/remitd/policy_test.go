package main

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance/policy"
)

// ownPolicy writes a policy as an operator keeps it: the shipped one with another
// text of its facts, and with tests of their own where they say other things.
func ownPolicy(t *testing.T, from, to, tests string) string {
	t.Helper()
	dir := t.TempDir()
	err := fs.WalkDir(policy.Shipped(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(policy.Shipped(), name)
		if err != nil {
			return err
		}
		if name == "facts.json" {
			if !strings.Contains(string(text), from) {
				t.Fatalf("the shipped facts do not say %q", from)
			}
			text = []byte(strings.Replace(string(text), from, to, 1))
		}
		if tests != "" && name == "remit/gate_test.rego" {
			text = []byte(tests)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return os.WriteFile(path, text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

const shippedThreshold = `"threshold_basis_points": 8500`

// ownTest is what an operator tests of a policy of their own.
const ownTest = `# METADATA
# title: Tests of one's own
package remit.gate_test

import data.remit.gate

test_no_input_is_reviewed if gate.decision.outcome == "review" with input as {}
`

// TestRescreeningByOnesOwnPolicy: which hits alert when parties are compared
// again is said by the policy in force. It hid because the thresholds were read
// from the shipped one, which every test uses.
func TestRescreeningByOnesOwnPolicy(t *testing.T) {
	t.Parallel()
	score := 0
	cases := func(dir string) int {
		t.Helper()
		clock, log := remit.SystemClock{}, slog.New(slog.DiscardHandler)
		db, err := openStore(t.Context(), gatewayOptions{dir: t.TempDir(), log: log}, clock)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		lists, rules, gate, err := openCompliance(t.Context(), gatewayOptions{dir: t.TempDir(), policy: dir, log: log, sample: sampleOnly}, clock)
		if err != nil {
			t.Fatal(err)
		}
		worker, err := openRescreener(db, lists, rules, gate, clock, log, prometheus.NewRegistry())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.CreateTenant(t.Context(), demoTenant, "Demo"); err != nil {
			t.Fatal(err)
		}
		err = db.CreateCustomer(t.Context(), remit.Customer{
			ID: "cus_one", TenantID: demoTenant, Tier: remit.TierVerified, Party: remit.Party{GivenName: "Robert", FamilyName: "Mugabi", Country: "US"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := worker.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := db.Cases(t.Context(), demoTenant, api.CaseFilter{}, api.CasePage{Size: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range found {
			for _, h := range c.Hits {
				score = max(score, h.ScoreBasisPoints)
			}
		}
		return len(found)
	}
	if n := cases(""); n != 1 || score >= 9_999 {
		t.Fatalf("by the shipped policy there are %d cases with scores to %d, want one of a name that is not the same", n, score)
	}
	strict := ownPolicy(t, shippedThreshold, `"threshold_basis_points": `+strconv.Itoa(score+1), ownTest)
	if n := cases(strict); n != 0 {
		t.Errorf("by a policy that alerts from %d on there are %d cases of a score of %d", score+1, n, score)
	}
}

// TestPoliciesThatAreRefused: a policy of one's own is taken into use whole and
// with its tests, or not at all.
func TestPoliciesThatAreRefused(t *testing.T) {
	t.Parallel()
	absurd := ownPolicy(t, shippedThreshold, `"threshold_basis_points": 100`, ownTest)
	failing := ownPolicy(t, `"KP": "comprehensive sanctions"`, `"XX": "comprehensive sanctions"`, "")
	for name, c := range map[string]struct{ dir, want string }{
		"no folder":           {filepath.Join(absurd, "nowhere"), "no such file"},
		"an absurd threshold": {absurd, "want 8000 to 10000"},
		"a test that fails":   {failing, "does not hold"},
	} {
		if _, err := openPolicy(t.Context(), c.dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want %q", name, err, c.want)
		}
	}
	rules, err := openPolicy(t.Context(), "")
	if err != nil || rules.Thresholds().Default != 8_500 {
		t.Errorf("the shipped policy: %v, %v", rules, err)
	}
}
