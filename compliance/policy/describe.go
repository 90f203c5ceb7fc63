package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance"
)

// testSuffix ends the names of files with tests.
const testSuffix = "_test.rego"

// Load makes a policy of a folder, see Read, and keeps its tests, so that
// Describe can run them on what is in force.
func Load(ctx context.Context, folder fs.FS) (*Policy, error) {
	all, data, err := read(folder)
	if err != nil {
		return nil, err
	}
	modules, tests := map[string]string{}, map[string]string{}
	for name, text := range all {
		if strings.HasSuffix(name, testSuffix) {
			tests[name] = text
		} else {
			modules[name] = text
		}
	}
	next, err := prepare(ctx, modules, data)
	if err != nil {
		return nil, err
	}
	next.tests = tests
	p := &Policy{}
	p.current.Store(next)
	return p, nil
}

// Describe tells what is in force: files, rules by what is written over them,
// and what the policy's tests say of it, which is found out once per policy.
// Errors: unavailable when ctx ends before the tests do.
func (p *Policy) Describe(ctx context.Context) (compliance.PolicyDescription, error) {
	now := p.current.Load()
	out := compliance.PolicyDescription{Hash: now.hash}
	for _, files := range []map[string]string{now.modules, now.tests} {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			out.Files = append(out.Files, compliance.PolicyFile{Path: name, Text: files[name]})
		}
	}
	if facts, there := now.data["facts"]; there {
		text, err := json.MarshalIndent(facts, "", "  ")
		if err != nil {
			return compliance.PolicyDescription{}, fmt.Errorf("encode policy facts: %w", err)
		}
		out.Files = append(out.Files, compliance.PolicyFile{Path: factsFile, Text: string(text) + "\n"})
	}
	slices.SortFunc(out.Files, func(a, b compliance.PolicyFile) int { return strings.Compare(a.Path, b.Path) })
	rules, err := now.rules()
	if err != nil {
		return compliance.PolicyDescription{}, err
	}
	out.Rules = rules
	out.Tests, err = now.testResults(ctx)
	return out, err
}

// rules lists the rules that ask for an outcome, by package and title.
func (p *prepared) rules() ([]compliance.PolicyRule, error) {
	var out []compliance.PolicyRule
	for _, name := range slices.Sorted(maps.Keys(p.modules)) {
		module, err := ast.ParseModuleWithOpts(name, p.modules[name], parserOptions())
		if err != nil {
			return nil, fmt.Errorf("parse policy: %w", err)
		}
		for _, note := range module.Annotations {
			outcome, _ := note.Custom["outcome"].(string)
			if outcome == "" {
				continue
			}
			reason, _ := note.Custom["reason"].(string)
			out = append(out, compliance.PolicyRule{
				Package: strings.TrimPrefix(module.Package.Path.String(), "data."), Title: note.Title, Description: note.Description,
				Outcome: compliance.Outcome(outcome), Reason: remit.Reason(reason),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b compliance.PolicyRule) int {
		if a.Package != b.Package {
			return strings.Compare(a.Package, b.Package)
		}
		return strings.Compare(a.Title, b.Title)
	})
	return out, nil
}

// testResults runs the tests on the rules and facts in force, once.
func (p *prepared) testResults(ctx context.Context) ([]compliance.PolicyTest, error) {
	p.testing.Lock()
	defer p.testing.Unlock()
	if p.tested || len(p.tests) == 0 {
		return p.results, nil
	}
	parsed := map[string]*ast.Module{}
	for _, files := range []map[string]string{p.modules, p.tests} {
		for name, text := range files {
			module, err := ast.ParseModuleWithOpts(name, text, parserOptions())
			if err != nil {
				return nil, fmt.Errorf("parse policy: %w", err)
			}
			parsed[name] = module
		}
	}
	store := inmem.NewFromObject(withSeverity(p.data))
	txn, err := store.NewTransaction(ctx, storage.WriteParams)
	if err != nil {
		return nil, fmt.Errorf("open policy facts: %w", err)
	}
	defer store.Abort(ctx, txn)
	running, err := tester.NewRunner().SetStore(store).SetModules(parsed).RunTests(ctx, txn)
	if err != nil {
		return nil, fmt.Errorf("run policy tests: %w", err)
	}
	var results []compliance.PolicyTest
	for result := range running {
		name := strings.TrimPrefix(result.Package, "data.") + "." + path.Base(result.Name)
		results = append(results, compliance.PolicyTest{Name: name, Passed: result.Error == nil && result.Pass()})
	}
	if ctx.Err() != nil {
		return nil, remit.Wrap(context.Cause(ctx), remit.KindUnavailable, remit.ReasonUnavailable, "the policy's tests were interrupted")
	}
	slices.SortFunc(results, func(a, b compliance.PolicyTest) int { return strings.Compare(a.Name, b.Name) })
	p.results, p.tested = results, true
	return results, nil
}
