package policy_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
)

// withThresholds returns the shipped rules with other thresholds among their facts.
func withThresholds(t testing.TB, thresholds string) (modules map[string]string, data map[string]any) {
	t.Helper()
	modules, data, err := policy.Read(policy.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	var screening map[string]any
	if err := json.Unmarshal([]byte(thresholds), &screening); err != nil {
		t.Fatal(err)
	}
	facts, ok := data["facts"].(map[string]any)
	if !ok {
		t.Fatal("the data has no facts")
	}
	facts["screening"] = screening
	return modules, data
}

func TestThresholdsOfListsAndCorridors(t *testing.T) {
	t.Parallel()
	modules, data := withThresholds(t, `{"threshold_basis_points": 8500, "lists": {"un": 9000, "own": 9200},
		"corridors": {"US-MX": 8200, "US-CO": 9100}, "lists_in_corridors": {"US-MX": {"own": 9500}, "US-CO": {}}}`)
	p, err := policy.New(t.Context(), modules, data)
	if err != nil {
		t.Fatal(err)
	}
	thresholds, err := policy.Thresholds(data)
	if err != nil {
		t.Fatal(err)
	}
	if inForce := p.Thresholds(); !reflect.DeepEqual(inForce, thresholds) {
		t.Errorf("the policy in force alerts by %+v, want %+v", inForce, thresholds)
	}
	for _, list := range []string{"ofac-sdn", "un", "own"} {
		for _, to := range []remit.Country{"PH", "MX", "CO"} {
			want := thresholds.Of(list, "US-"+string(to))
			for score, outcome := range map[int]compliance.Outcome{want - 1: compliance.OutcomeAllow, want: compliance.OutcomeReview} {
				in := good()
				in.To = to
				in.Screening.Hits = []compliance.InputHit{{Key: "k", Role: "originator", List: list, Kind: compliance.HitName, Score: score}}
				if got, err := p.Evaluate(t.Context(), in); err != nil || got.Outcome != outcome {
					t.Errorf("%s to %s at %d: %s (%v), want %s", list, to, score, got.Outcome, err, outcome)
				}
			}
		}
	}
}

func TestAbsurdThresholdsAreRefused(t *testing.T) {
	t.Parallel()
	whole := func(change string) string {
		return fmt.Sprintf(`{"threshold_basis_points": 8500, "lists": {}, "corridors": {}, "lists_in_corridors": {}%s}`, change)
	}
	only := func(threshold string) string { return strings.Replace(whole(""), "8500", threshold, 1) }
	for _, tt := range []struct{ why, facts, want string }{
		{"none at all", `{}`, "no screening.threshold_basis_points"},
		{"no facts of screening", `null`, "no screening.threshold_basis_points"},
		{"no default", `{"lists": {}, "corridors": {}, "lists_in_corridors": {}}`, "no screening.threshold_basis_points"},
		{"no table", `{"threshold_basis_points": 8500, "Lists": {}, "corridors": {}, "lists_in_corridors": {}}`, "no screening.lists "},
		{"a default that all names reach", only("100"), "all lists is 100"},
		{"a default that none reaches", only("10001"), "want 8000 to 10000"},
		{"a share", only("0.85"), "screening"},
		{"a text", only(`"8500"`), "screening"},
		{"a list's", whole(`, "lists": {"un": 7999}`), "list un is 7999"},
		{"a corridor's", whole(`, "corridors": {"US-PH": 0}`), "corridor US-PH is 0"},
		{"a list's in a corridor", whole(`, "lists_in_corridors": {"US-PH": {"un": -1}}`), "list un in US-PH is -1"},
		{"a corridor that is none", whole(`, "corridors": {"us-ph": 9000}`), "no corridor"},
		{"a corridor of lists that is none", whole(`, "lists_in_corridors": {"un": {"US-PH": 9000}}`), "no corridor"},
		{"a list that is none", whole(`, "lists": {"OFAC SDN": 9000}`), "no name of a list"},
		{"a misspelt table", whole(`, "list": {"un": 9000}`), "unknown field"},
	} {
		modules, data := withThresholds(t, tt.facts)
		if _, err := policy.New(t.Context(), modules, data); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q", tt.why, err, tt.want)
		}
	}
}

func TestShippedThresholds(t *testing.T) {
	t.Parallel()
	_, data, err := policy.Read(policy.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	thresholds, err := policy.Thresholds(data)
	if err != nil || thresholds.Of("ofac-sdn", "US-PH") != 8_500 {
		t.Errorf("thresholds are %+v, %v; want 8,500 for all", thresholds, err)
	}
}
