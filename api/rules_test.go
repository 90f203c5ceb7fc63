package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/openremit/remit"
)

// TestEveryCallHasARule: a call without a row would be refused, and a row
// without a call is a mistake.
func TestEveryCallHasARule(t *testing.T) {
	t.Parallel()
	known := make(map[string]bool)
	protoregistry.GlobalFiles.RangeFilesByPackage("remit.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			service := f.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				name := "/" + string(service.FullName()) + "/" + string(method.Name())
				known[name] = true
				r, ok := rules[name]
				joins := slices.Contains([]string{"GetInvitation", "BeginJoin", "CompleteJoin"}, string(method.Name()))
				signsIn := joins || strings.HasPrefix(name, "/remit.v1.StaffService/") && strings.HasSuffix(name, "SignIn")
				if !ok || r.public != signsIn || (len(r.anyOf) == 0) != signsIn {
					t.Errorf("%s has no rule with a scope", name)
				}
				if streams := method.IsStreamingServer(); streams == (r.timeout > 0) {
					t.Errorf("%s: timeout %s, streams %v", name, r.timeout, streams)
				}
				for _, verb := range []string{"Create", "Cancel", "Decide", "Update"} {
					if strings.HasPrefix(string(method.Name()), verb) && r.answer == nil {
						t.Errorf("%s writes and needs no idempotency key", name)
					}
				}
				if r.answer != nil && r.answer().ProtoReflect().Descriptor() != method.Output() {
					t.Errorf("%s: stored answers are read as %s", name, r.answer().ProtoReflect().Descriptor().Name())
				}
			}
		}
		return true
	})
	for name := range rules {
		if !known[name] && !strings.HasPrefix(name, "/grpc.health.v1.") {
			t.Errorf("the rule for %s is for no call", name)
		}
	}
}

// TestEveryReasonIsExplained reads the reasons from their source: each has its
// line on the docs page.
func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	explained := func(reason remit.Reason) bool {
		is := func(r reasonText) bool { return r.reason == reason && r.text != "" }
		return slices.ContainsFunc(refusalTexts, is) || slices.ContainsFunc(standingTexts, is)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if reason := remit.Reason(strings.Trim(lit.Value, `"`)); !explained(reason) {
				t.Errorf("the docs page does not explain %s", reason)
			}
		}
		return true
	})
}
