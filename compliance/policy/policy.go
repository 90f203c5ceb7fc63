package policy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// Query is the rule that decides.
const Query = "data.remit.gate.decision"

// timeouts bound the attempts at one evaluation. A policy answers in less than a
// millisecond: what is not there after the first of them was mostly kept waiting
// by the machine, and is asked for once more before a person has to look. A
// policy that needs longer than the last rules review.
var timeouts = [2]time.Duration{250 * time.Millisecond, 2 * time.Second}

// ErrUndecided means that the policy gave no answer that can be used.
var ErrUndecided = errors.New("policy undecided")

// Policy evaluates the rules it holds. It is safe for concurrent use.
type Policy struct {
	current atomic.Pointer[prepared]
}

var _ compliance.Policy = (*Policy)(nil)

// prepared is one set of rules and facts, ready to be asked.
type prepared struct {
	query rego.PreparedEvalQuery
	hash  string
	// thresholds say which hits alert.
	thresholds compliance.Thresholds
	// What it was made of, and its tests where they were kept.
	modules, tests map[string]string
	data           map[string]any

	testing sync.Mutex
	tested  bool
	results []compliance.PolicyTest
}

// New compiles modules (file name to Rego text) with data and prepares them.
// Errors: any that a module has, strict ones included.
func New(ctx context.Context, modules map[string]string, data map[string]any) (*Policy, error) {
	p := &Policy{}
	if err := p.Swap(ctx, modules, data); err != nil {
		return nil, err
	}
	return p, nil
}

// Swap replaces rules and facts at once: an evaluation uses either all of the
// old or all of the new. With an error the old ones stay.
func (p *Policy) Swap(ctx context.Context, modules map[string]string, data map[string]any) error {
	next, err := prepare(ctx, modules, data)
	if err != nil {
		return err
	}
	p.current.Store(next)
	return nil
}

// Hash is the SHA-256 over all modules and data, in hexadecimal.
func (p *Policy) Hash() string { return p.current.Load().hash }

// Thresholds returns from which score on hits alert by the policy in force. A
// policy that has none, since it does not use the shipped rules on sanctions,
// alerts on all hits that are told.
func (p *Policy) Thresholds() compliance.Thresholds { return p.current.Load().thresholds }

// Evaluate rules on an input. The ruling can always be used; an error, which
// wraps ErrUndecided, says why the rules gave no answer, and the ruling is then
// review with ReasonPolicyUndecided.
func (p *Policy) Evaluate(ctx context.Context, in compliance.PolicyInput) (compliance.Ruling, error) {
	return p.evaluateWithin(ctx, in, timeouts)
}

func (p *Policy) evaluateWithin(ctx context.Context, in compliance.PolicyInput, timeouts [2]time.Duration) (compliance.Ruling, error) {
	now := p.current.Load()
	ruling, late, err := now.within(ctx, timeouts[0], in)
	if late {
		ruling, _, err = now.within(ctx, timeouts[1], in)
	}
	if err != nil {
		return compliance.Ruling{
			Outcome:    compliance.OutcomeReview,
			Reasons:    []remit.Reason{remit.ReasonPolicyUndecided},
			PolicyHash: now.hash,
		}, fmt.Errorf("%w: %w", ErrUndecided, err)
	}
	return ruling, nil
}

func prepare(ctx context.Context, modules map[string]string, data map[string]any) (*prepared, error) {
	if len(modules) == 0 {
		return nil, errors.New("prepare policy: no modules")
	}
	if err := checkThresholds(modules, data); err != nil {
		return nil, fmt.Errorf("prepare policy: %w", err)
	}
	thresholds, err := Thresholds(data)
	if err != nil {
		thresholds = compliance.Thresholds{Default: compliance.LeastScore}
	}
	hash, err := hashOf(modules, data)
	if err != nil {
		return nil, err
	}
	compiler, err := compile(modules)
	if err != nil {
		return nil, err
	}
	full := withSeverity(data)
	query, err := rego.New(
		rego.Query(Query),
		rego.Compiler(compiler),
		rego.Store(inmem.NewFromObject(full)),
		rego.StrictBuiltinErrors(true),
	).PrepareForEval(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare policy: %w", err)
	}
	return &prepared{query: query, hash: hash, thresholds: thresholds, modules: maps.Clone(modules), data: maps.Clone(data)}, nil
}

// compile parses and compiles modules strictly, with their annotations.
func compile(modules map[string]string) (*ast.Compiler, error) {
	parsed := make(map[string]*ast.Module, len(modules))
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		module, err := ast.ParseModuleWithOpts(name, modules[name], parserOptions())
		if err != nil {
			return nil, fmt.Errorf("parse policy: %w", err)
		}
		parsed[name] = module
	}
	compiler := ast.NewCompiler().WithStrict(true)
	if compiler.Compile(parsed); compiler.Failed() {
		return nil, fmt.Errorf("compile policy: %w", compiler.Errors)
	}
	return compiler, nil
}

func parserOptions() ast.ParserOptions { return ast.ParserOptions{ProcessAnnotation: true} }

// withSeverity adds the order of outcomes to the facts, so that it stands in
// one place only, compliance.Outcomes.
func withSeverity(data map[string]any) map[string]any {
	full := maps.Clone(data)
	if full == nil {
		full = map[string]any{}
	}
	order := map[string]any{}
	for i, outcome := range compliance.Outcomes() {
		order[string(outcome)] = json.Number(fmt.Sprint(i))
	}
	full["severity"] = order
	return full
}

// hashOf covers each module's name and text with their lengths, and the data as
// JSON with sorted keys.
func hashOf(modules map[string]string, data map[string]any) (string, error) {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		fmt.Fprintf(sum, "%d:%s%d:%s", len(name), name, len(modules[name]), modules[name])
	}
	text, err := json.Marshal(withSeverity(data))
	if err != nil {
		return "", fmt.Errorf("encode policy facts: %w", err)
	}
	sum.Write(text)
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// within evaluates in bounded time; late says that the time was not enough.
func (p *prepared) within(ctx context.Context, most time.Duration, in compliance.PolicyInput) (ruling compliance.Ruling, late bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	if err = bounded.Err(); err == nil {
		ruling, err = p.evaluate(bounded, in)
	}
	return ruling, err != nil && bounded.Err() != nil && ctx.Err() == nil, err
}

func (p *prepared) evaluate(ctx context.Context, in compliance.PolicyInput) (compliance.Ruling, error) {
	input, err := ast.InterfaceToValue(in)
	if err != nil {
		return compliance.Ruling{}, fmt.Errorf("encode input: %w", err)
	}
	results, err := p.query.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		return compliance.Ruling{}, fmt.Errorf("evaluate: %w", err)
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return compliance.Ruling{}, errors.New("the decision is undefined")
	}
	return p.ruling(results[0].Expressions[0].Value)
}

// ruling reads what the rules decided and refuses what is not a decision.
func (p *prepared) ruling(value any) (compliance.Ruling, error) {
	decision, ok := value.(map[string]any)
	if !ok {
		return compliance.Ruling{}, fmt.Errorf("the decision is a %T, not an object", value)
	}
	text, ok := decision["outcome"].(string)
	outcome := compliance.Outcome(text)
	if !ok || !outcome.Valid() {
		return compliance.Ruling{}, errors.New("the decision has no known outcome")
	}
	list, ok := decision["reasons"].([]any)
	if !ok {
		return compliance.Ruling{}, errors.New("the decision has no list of reasons")
	}
	reasons := make([]remit.Reason, 0, len(list))
	for _, one := range list {
		reason, ok := one.(string)
		if !ok || reason == "" {
			return compliance.Ruling{}, errors.New("the decision has a reason that is no text")
		}
		if !slices.Contains(reasons, remit.Reason(reason)) {
			reasons = append(reasons, remit.Reason(reason))
		}
	}
	if (outcome == compliance.OutcomeAllow) != (len(reasons) == 0) {
		return compliance.Ruling{}, errors.New("a decision has reasons exactly when it does not allow")
	}
	return compliance.Ruling{Outcome: outcome, Reasons: reasons, PolicyHash: p.hash}, nil
}
