package console

import "testing"

// TestSafeNext: after signing in one is on a page of the console, whatever was
// asked for, and whoever made the cookie that says so.
func TestSafeNext(t *testing.T) {
	t.Parallel()
	const first = "/console"
	for next, want := range map[string]string{
		"/console/cases/cas_1?do=approve&hit=2": "/console/cases/cas_1?do=approve&hit=2", "/console/audit?act=case.": "/console/audit?act=case.",
		"": first, "/": first, "cases": first, "/consoles/x": first, "/agent/pay": first, "/console/sign-in": first, "/console/sign-out": first,
		"https://evil.example/console/cases": first, "//evil.example/console/cases": first, "///evil.example/console/cases": first,
		"/console/../evil": first, "/console/%2e%2e/evil": first, "/console//evil.example": first, "/\\evil.example/console/": first,
		"/console/\\evil": first, "javascript:alert(1)//console/": first, "/console/x\r\nSet-Cookie: a=b": first, "http:/console/cases": first,
		"http://[::1/console": first, "/console/cases#x": "/console/cases",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
		challenge, got := readProviderState(providerState("chl_1", next))
		if challenge != "chl_1" || got != want {
			t.Errorf("%q in the cookie is %q for %q, want %q", next, got, challenge, want)
		}
	}
	for _, value := range []string{"", "chl_1", "chl_1/", "chl_1/***", "chl_1/aHR0cHM6Ly9ldmlsLmV4YW1wbGU"} {
		if _, got := readProviderState(value); got != first {
			t.Errorf("the cookie %q leads to %q", value, got)
		}
	}
}
