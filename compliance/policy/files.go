package policy

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

//go:embed rego
var shipped embed.FS

// factsFile holds the tables; it becomes data.facts.
const factsFile = "facts.json"

// maxFile bounds each policy file in bytes.
const maxFile = 1 << 20

// Shipped returns the folder of rules and facts that come with the gateway.
func Shipped() fs.FS {
	sub, err := fs.Sub(shipped, "rego")
	if err != nil {
		panic(err) // "rego" is a valid path written above.
	}
	return sub
}

// Default makes a policy of the files that come with the gateway.
func Default(ctx context.Context) (*Policy, error) { return Load(ctx, Shipped()) }

// Read takes the rules (*.rego but no tests) and facts (facts.json) of a folder
// for New. Errors: a file that cannot be read, is too large, or whose package is
// not its path; facts that are not one JSON object.
func Read(folder fs.FS) (modules map[string]string, data map[string]any, err error) {
	all, data, err := read(folder)
	if err != nil {
		return nil, nil, err
	}
	for name := range all {
		if strings.HasSuffix(name, testSuffix) {
			delete(all, name)
		}
	}
	return all, data, nil
}

// Check tells whether a folder of rules may be used: every file is written as
// `opa fmt` writes it, everything compiles strictly, every rule but tests has
// METADATA with a title and a description, there are tests, and all pass.
func Check(ctx context.Context, folder fs.FS) error {
	modules, data, err := read(folder)
	if err != nil {
		return err
	}
	problems := []error{}
	for name, text := range modules {
		formatted, err := format.SourceWithOpts(name, []byte(text), format.Opts{RegoVersion: ast.RegoV1})
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("format %s: %w", name, err))
		case string(formatted) != text:
			problems = append(problems, fmt.Errorf("%s is not formatted; run opa fmt", name))
		}
	}
	if _, err := compile(modules); err != nil {
		return errors.Join(append(problems, err)...)
	}
	problems = append(problems, checkThresholds(modules, data))
	for name, text := range modules {
		problems = append(problems, undocumented(name, text)...)
	}
	return errors.Join(append(problems, runTests(ctx, modules, data))...)
}

// undocumented names the rules of a module that say nothing about themselves.
func undocumented(name, text string) []error {
	module, err := ast.ParseModuleWithOpts(name, text, parserOptions())
	if err != nil {
		return []error{fmt.Errorf("parse policy: %w", err)}
	}
	told := map[string]bool{}
	for _, rule := range module.Rules {
		for _, note := range rule.Annotations {
			if note.Title != "" && note.Description != "" {
				told[rule.Head.Ref().String()] = true
			}
		}
	}
	var problems []error
	for _, rule := range module.Rules {
		ref := rule.Head.Ref().String()
		if !told[ref] && !strings.HasPrefix(ref, "test_") {
			problems = append(problems, fmt.Errorf("%s: rule %s has no METADATA with title and description", name, ref))
			told[ref] = true
		}
	}
	return problems
}

func runTests(ctx context.Context, modules map[string]string, data map[string]any) error {
	parsed := map[string]*ast.Module{}
	for name, text := range modules {
		module, err := ast.ParseModuleWithOpts(name, text, parserOptions())
		if err != nil {
			return fmt.Errorf("parse policy: %w", err)
		}
		parsed[name] = module
	}
	store := inmem.NewFromObject(withSeverity(data))
	txn, err := store.NewTransaction(ctx, storage.WriteParams)
	if err != nil {
		return fmt.Errorf("open policy facts: %w", err)
	}
	defer store.Abort(ctx, txn)
	results, err := tester.NewRunner().SetStore(store).SetModules(parsed).RunTests(ctx, txn)
	if err != nil {
		return fmt.Errorf("run policy tests: %w", err)
	}
	ran, problems := 0, []error{}
	for result := range results {
		ran++
		switch {
		case result.Error != nil:
			problems = append(problems, fmt.Errorf("policy test %s.%s: %w", result.Package, result.Name, result.Error))
		case !result.Pass():
			problems = append(problems, fmt.Errorf("policy test %s.%s does not hold (%s)", result.Package, result.Name, result.Location))
		}
	}
	if ran == 0 {
		problems = append(problems, errors.New("policy has no tests"))
	}
	return errors.Join(problems...)
}

// read takes all rules, tests included, and the facts of a folder.
func read(folder fs.FS) (modules map[string]string, data map[string]any, err error) {
	modules = map[string]string{}
	err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || (path.Ext(name) != ".rego" && name != factsFile) {
			return err
		}
		text, err := readFile(folder, name)
		if err != nil {
			return err
		}
		if name == factsFile {
			data, err = facts(text)
			return err
		}
		modules[name] = text
		return checkPackage(name, text)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read policy: %w", err)
	}
	if data == nil {
		return nil, nil, fmt.Errorf("read policy: there is no %s", factsFile)
	}
	return modules, data, nil
}

func readFile(folder fs.FS, name string) (string, error) {
	file, err := folder.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close() // Read only: nothing to lose.
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxFile {
		return "", fmt.Errorf("%s has over %d bytes", name, maxFile)
	}
	return string(text), nil
}

// facts reads the tables with their numbers as written, so that no amount
// passes through a floating-point number.
func facts(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("%s: %w", factsFile, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s holds more than one value", factsFile)
	}
	return map[string]any{"facts": object}, nil
}

// checkPackage wants data.remit.kyc to stand in remit/kyc.rego.
func checkPackage(name, text string) error {
	module, err := ast.ParseModuleWithOpts(name, text, parserOptions())
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	want := "data." + strings.ReplaceAll(strings.TrimSuffix(name, ".rego"), "/", ".")
	if got := module.Package.Path.String(); got != want {
		return fmt.Errorf("%s holds package %s, want %s", name, got, want)
	}
	return nil
}
