package policy_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
)

// good is an input that the shipped policy allows.
func good() compliance.PolicyInput {
	return compliance.PolicyInput{
		Gate: compliance.GateIntake, From: "US", To: "PH", Funding: "bank_debit", Payout: "bank",
		Source:      compliance.InputAmount{Currency: "USD", Scale: 2, Minor: 20_399},
		Tier:        1,
		Originator:  compliance.InputParty{Kind: compliance.PartyPerson, Country: "US"},
		Beneficiary: compliance.InputParty{Kind: compliance.PartyPerson, Country: "PH"},
		Screening:   compliance.InputScreening{Available: true, Hits: []compliance.InputHit{}},
	}
}

func shipped(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Default(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShippedPolicyPassesItsChecks(t *testing.T) {
	t.Parallel()
	if err := policy.Check(t.Context(), policy.Shipped()); err != nil {
		t.Fatal(err)
	}
}

func TestShippedPolicyAllowsAndRefuses(t *testing.T) {
	t.Parallel()
	p := shipped(t)
	for _, tt := range []struct {
		why     string
		change  func(*compliance.PolicyInput)
		outcome compliance.Outcome
		reasons []remit.Reason
	}{
		{"good", func(*compliance.PolicyInput) {}, compliance.OutcomeAllow, []remit.Reason{}},
		{"no tier", func(in *compliance.PolicyInput) { in.Tier = 0 }, compliance.OutcomeReject, []remit.Reason{remit.ReasonKYCRequired}},
		{"over the limit by a cent", func(in *compliance.PolicyInput) { in.Source.Minor = 50_001 },
			compliance.OutcomeReject, []remit.Reason{remit.ReasonKYCLimitExceeded}},
		{"more than 53 bits hold", func(in *compliance.PolicyInput) { in.Source.Minor = 1<<63 - 1 },
			compliance.OutcomeReject, []remit.Reason{remit.ReasonKYCLimitExceeded}},
		{"yen have no cents", func(in *compliance.PolicyInput) {
			in.Source = compliance.InputAmount{Currency: "JPY", Scale: 0, Minor: 75_000}
		}, compliance.OutcomeAllow, []remit.Reason{}},
		{"zero input", func(in *compliance.PolicyInput) { *in = compliance.PolicyInput{} },
			compliance.OutcomeReject, []remit.Reason{remit.ReasonKYCRequired, remit.ReasonPolicyUndecided, remit.ReasonScreeningDown}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			in := good()
			tt.change(&in)
			got, err := p.Evaluate(t.Context(), in)
			if err != nil || got.Outcome != tt.outcome || !slices.Equal(got.Reasons, tt.reasons) {
				t.Errorf("ruling is %s %v (%v), want %s %v", got.Outcome, got.Reasons, err, tt.outcome, tt.reasons)
			}
			if got.PolicyHash != p.Hash() {
				t.Errorf("ruling has policy hash %q, want %q", got.PolicyHash, p.Hash())
			}
		})
	}
}

func TestLimitsAreExactBeyondFloatingPoint(t *testing.T) {
	t.Parallel()
	// 2^53+1 is the first whole number that a float64 cannot hold.
	modules, _, err := policy.Read(policy.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(policy.Shipped(), "facts.json")
	if err != nil {
		t.Fatal(err)
	}
	facts := strings.Replace(string(text), `"per_transaction_minor": 50000, "per_30_days_minor": 100000}`,
		`"per_transaction_minor": 9007199254740992, "per_30_days_minor": 9007199254740992}`, 1)
	folder := fstest.MapFS{"facts.json": {Data: []byte(facts)}}
	for name, text := range modules {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	modules, data, err := policy.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.New(t.Context(), modules, data)
	if err != nil {
		t.Fatal(err)
	}
	in := good()
	in.Source.Currency = "EUR"
	for minor, want := range map[int64]compliance.Outcome{1 << 53: compliance.OutcomeAllow, 1<<53 + 1: compliance.OutcomeReject} {
		in.Source.Minor = minor
		if got, err := p.Evaluate(t.Context(), in); err != nil || got.Outcome != want {
			t.Errorf("%d minor units: %s (%v), want %s", minor, got.Outcome, err, want)
		}
	}
}

func TestNoAnswerIsReview(t *testing.T) {
	t.Parallel()
	for why, rules := range map[string]string{
		"undefined":          `decision := {"outcome": "allow", "reasons": []} if input.tier == 99`,
		"empty":              `decision := {}`,
		"not an object":      `decision := "allow"`,
		"no reasons":         `decision := {"outcome": "allow"}`,
		"empty outcome":      `decision := {"outcome": "", "reasons": []}`,
		"unknown outcome":    `decision := {"outcome": "approve", "reasons": []}`,
		"allow with reasons": `decision := {"outcome": "allow", "reasons": ["X"]}`,
		"review without one": `decision := {"outcome": "review", "reasons": []}`,
		"reason no text":     `decision := {"outcome": "review", "reasons": [7]}`,
		"two answers": `decision := {"outcome": "allow", "reasons": []} if input.tier == 1
decision := {"outcome": "reject", "reasons": ["X"]} if input.from == "US"`,
		"built-in error": `decision := {"outcome": "allow", "reasons": []} if not to_number(input.from) == 1`,
		"too slow": `decision := {"outcome": "allow", "reasons": []} if {
	count([x | some x in numbers.range(1, 20000); some y in numbers.range(1, 20000); x == y]) == 20000
}`,
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			p, err := policy.New(t.Context(), map[string]string{"remit/gate.rego": "package remit.gate\n" + rules}, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Evaluate(t.Context(), good())
			if !errors.Is(err, policy.ErrUndecided) {
				t.Errorf("error is %v, want ErrUndecided", err)
			}
			if got.Outcome != compliance.OutcomeReview || !slices.Equal(got.Reasons, []remit.Reason{remit.ReasonPolicyUndecided}) {
				t.Errorf("ruling is %s %v, want review POLICY_UNDECIDED", got.Outcome, got.Reasons)
			}
		})
	}
}

// TestLateAnswerIsAskedForAgain: a machine that was busy does not make work for
// people; a policy that is late every time does.
func TestLateAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	p := shipped(t)
	if got, err := policy.EvaluateWithin(p, t.Context(), good(), [2]time.Duration{0, time.Minute}); err != nil || got.Outcome != compliance.OutcomeAllow {
		t.Errorf("asked again: %s (%v), want allow", got.Outcome, err)
	}
	if got, err := policy.EvaluateWithin(p, t.Context(), good(), [2]time.Duration{0, 0}); !errors.Is(err, policy.ErrUndecided) || got.Outcome != compliance.OutcomeReview {
		t.Errorf("late twice: %s (%v), want review", got.Outcome, err)
	}
}

func TestSwapReplacesAllOrNothing(t *testing.T) {
	t.Parallel()
	p := shipped(t)
	first := p.Hash()
	if err := p.Swap(t.Context(), map[string]string{"x.rego": "package x\nfoo := "}, nil); err == nil {
		t.Error("a policy that does not compile was taken")
	}
	if err := p.Swap(t.Context(), nil, nil); err == nil {
		t.Error("a policy without modules was taken")
	}
	if got, err := p.Evaluate(t.Context(), good()); err != nil || got.Outcome != compliance.OutcomeAllow || p.Hash() != first {
		t.Errorf("after refused swaps: %s (%v), hash kept: %t", got.Outcome, err, p.Hash() == first)
	}
	closed := map[string]string{"remit/gate.rego": "package remit.gate\ndecision := {\"outcome\": \"rfi\", \"reasons\": [\"X\"]}"}
	if err := p.Swap(t.Context(), closed, nil); err != nil {
		t.Fatal(err)
	}
	got, err := p.Evaluate(t.Context(), good())
	if err != nil || got.Outcome != compliance.OutcomeRFI || got.PolicyHash == first {
		t.Errorf("after the swap: %s (%v), hash changed: %t", got.Outcome, err, got.PolicyHash != first)
	}
}

func TestHashCoversRulesAndFacts(t *testing.T) {
	t.Parallel()
	if a, b := shipped(t).Hash(), shipped(t).Hash(); a != b {
		t.Errorf("the same files have hashes %s and %s", a, b)
	}
	modules, data, err := policy.Read(policy.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	hash := func() string {
		p, err := policy.New(t.Context(), modules, data)
		if err != nil {
			t.Fatal(err)
		}
		return p.Hash()
	}
	seen := map[string]bool{hash(): true}
	modules["remit/kyc.rego"] += "\n# a comment\n"
	seen[hash()] = true
	data["other"] = map[string]any{"fact": 1}
	seen[hash()] = true
	if len(seen) != 3 {
		t.Errorf("three policies have %d hashes", len(seen))
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const rule = "package remit.gate\n\n# METADATA\n# title: T\n# description: D.\ndecision := 1\n"
	const test = "package remit.gate_test\n\nimport data.remit.gate\n\ntest_one if gate.decision == 1\n"
	for _, tt := range []struct{ why, rule, test, want string }{
		{"nothing", rule, test, ""},
		{"unformatted", strings.Replace(rule, " := ", ":=", 1), test, "is not formatted"},
		{"no metadata", "package remit.gate\n\ndecision := 1\n", test, "has no METADATA"},
		{"failing test", strings.Replace(rule, "1\n", "2\n", 1), test, "does not hold"},
		{"no tests", rule, "package remit.gate_test\n", "no tests"},
		{"unused import", "package remit.gate\n\nimport data.remit.other\n\n# METADATA\n# title: T\n# description: D.\ndecision := 1\n", test, "unused"},
		{"package elsewhere", strings.Replace(rule, "remit.gate", "remit.door", 1), test, "want data.remit.gate"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			err := policy.Check(t.Context(), fstest.MapFS{
				"remit/gate.rego":      {Data: []byte(tt.rule)},
				"remit/gate_test.rego": {Data: []byte(tt.test)},
				"facts.json":           {Data: []byte("{}")},
			})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

func TestReadRefusesBadFolders(t *testing.T) {
	t.Parallel()
	for why, folder := range map[string]fstest.MapFS{
		"no facts":      {},
		"facts no JSON": {"facts.json": {Data: []byte("{")}},
		"two values":    {"facts.json": {Data: []byte("{} {}")}},
		"a list":        {"facts.json": {Data: []byte("[]")}},
		"huge":          {"facts.json": {Data: []byte(strings.Repeat(" ", 1<<20+1))}},
		"not Rego":      {"facts.json": {Data: []byte("{}")}, "a.rego": {Data: []byte("hello")}},
	} {
		if _, _, err := policy.Read(folder); err == nil {
			t.Errorf("%s: the folder was read", why)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	p := shipped(b)
	in := good()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Evaluate(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}
