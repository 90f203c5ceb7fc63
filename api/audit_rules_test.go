package api

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/openremit/remit/compliance"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestActsHaveAuditRules: what changes cases, people or lists, and what proves
// the books, is written into the trail, and each rule names fields that exist.
func TestActsHaveAuditRules(t *testing.T) {
	t.Parallel()
	// These tell of themselves, or only begin something.
	exempt := map[string]bool{
		v1.StaffService_SignOut_FullMethodName: true, v1.StaffService_BeginPasskeyRegistration_FullMethodName: true,
		v1.AgentService_FindOutlets_FullMethodName: true, // Tells where outlets are, and nothing of people.
	}
	seen := make(map[string]bool)
	protoregistry.GlobalFiles.RangeFilesByPackage("remit.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			service := f.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				name := "/" + string(service.FullName()) + "/" + string(method.Name())
				r, ok := audited[name]
				seen[name] = ok
				reads := strings.HasPrefix(string(method.Name()), "Get") || strings.HasPrefix(string(method.Name()), "List")
				room := service.Name() == "CaseService" || service.Name() == "StaffService" || service.Name() == "ListsService" ||
					service.Name() == "LedgerService" || service.Name() == "CounterService" || service.Name() == "AgentService" || method.Name() == "VerifyAudit"
				if room && !reads && !rules[name].public && !exempt[name] && !ok {
					t.Errorf("%s is not written into the audit trail", name)
				}
				if ok {
					checkAuditRule(t, name, r, method)
				}
			}
		}
		return true
	})
	for name := range audited {
		if !seen[name] {
			t.Errorf("the audit rule for %s is for no call", name)
		}
	}
}

func checkAuditRule(t *testing.T, name string, r auditRule, method protoreflect.MethodDescriptor) {
	t.Helper()
	if before, after, ok := strings.Cut(r.act, "."); !ok || before == "" || after == "" {
		t.Errorf("%s: the act %q is not thing.verb", name, r.act)
	}
	has := func(m protoreflect.MessageDescriptor, path string) {
		t.Helper()
		for part := range strings.SplitSeq(path, ".") {
			if m == nil || m.Fields().ByName(protoreflect.Name(part)) == nil {
				t.Errorf("%s: there is no field %s", name, path)
				return
			}
			m = m.Fields().ByName(protoreflect.Name(part)).Message()
		}
		if m != nil {
			t.Errorf("%s: the field %s is a message", name, path)
		}
	}
	if r.subject != "" {
		has(method.Input(), r.subject)
	}
	if r.made != "" {
		has(method.Output(), r.made)
	}
	for _, path := range r.facts {
		has(method.Input(), path)
	}
	for _, path := range r.told {
		has(method.Output(), path)
	}
}

func TestAuditValues(t *testing.T) {
	t.Parallel()
	yes := false
	for name, c := range map[string]struct {
		m    protoreflect.ProtoMessage
		path string
		want string
		ok   bool
	}{
		"an id":            {&v1.GetCaseRequest{Id: "cas_01h"}, "id", "cas_01h", true},
		"words":            {&v1.GetCaseRequest{Id: "Maria Santos"}, "id", "malformed", true},
		"letters of names": {&v1.GetCaseRequest{Id: "José"}, "id", "malformed", true},
		"too long":         {&v1.GetCaseRequest{Id: strings.Repeat("a", 65)}, "id", "malformed", true},
		"absent":           {&v1.GetCaseRequest{}, "id", "", false},
		"unknown field":    {&v1.GetCaseRequest{Id: "x"}, "name", "", false},
		"optional absent":  {&v1.UpdateStaffRequest{}, "suspended", "", false},
		"optional false":   {&v1.UpdateStaffRequest{Suspended: &yes}, "suspended", "false", true},
		"false":            {&v1.VerifyAuditResponse{}, "clean", "false", true},
		"number":           {&v1.VerifyAuditResponse{Records: 7}, "records", "7", true},
		"a list":           {&v1.VerifyAuditResponse{Findings: []string{"x"}}, "findings", "", false},
		"within":           {&v1.CreateStaffResponse{Staff: &v1.Staff{Id: "stf_1"}}, "staff.id", "stf_1", true},
		"within nothing":   {&v1.CreateStaffResponse{}, "staff.id", "", false},
		"a message":        {&v1.CreateStaffResponse{Staff: &v1.Staff{Id: "stf_1"}}, "staff", "", false},
		"below a text":     {&v1.GetCaseRequest{Id: "x"}, "id.x", "", false},
	} {
		if got, ok := auditValue(c.m.ProtoReflect(), c.path); got != c.want || ok != c.ok {
			t.Errorf("%s: got %q and %v", name, got, ok)
		}
	}
}

// FuzzAuditValue: whatever is sent, the trail takes over ids and codes only.
func FuzzAuditValue(f *testing.F) {
	f.Add("cas_01h")
	f.Add("Maria\x00Santos")
	f.Fuzz(func(t *testing.T, id string) {
		m := dynamicpb.NewMessage((&v1.GetCaseRequest{}).ProtoReflect().Descriptor())
		m.Set(m.Descriptor().Fields().ByName("id"), protoreflect.ValueOfString(id))
		got, _ := auditValue(m, "id")
		if got != "" && got != "malformed" && (got != id || strings.ContainsFunc(got, func(r rune) bool { return !auditRune(r) }) || len(got) > maxAuditValue) {
			t.Errorf("%q became %q", id, got)
		}
	})
}

// FuzzClientOf: only addresses go into the trail.
func FuzzClientOf(f *testing.F) {
	for _, seed := range []string{"192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0", "2001:db8::1", "x", "1.2.3.4, 5.6.7.8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := clientOf(text)
		if strings.Trim(got, "0123456789abcdef.:") != "" || got != "" && clientOf(got) != got {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// TestRolesHaveScopes: every permission is a scope that a call asks for.
func TestRolesHaveScopes(t *testing.T) {
	t.Parallel()
	asked := make(map[Scope]bool)
	for _, r := range rules {
		for _, scope := range r.anyOf {
			asked[scope] = true
		}
	}
	for _, role := range compliance.Roles() {
		for _, p := range role.Permissions() {
			// What blocks money asks for its scope in the handler.
			if !asked[Scope(p)] && p != compliance.PermitCasesBlock {
				t.Errorf("%s may %s, which no call asks for", role, p)
			}
		}
	}
}
