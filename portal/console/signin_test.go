package console

import "testing"

// TestSafeNext: after signing in one is on a page of the console, whatever was
// asked for, and whoever made the cookie that says so.
func TestSafeNext(t *testing.T) {
	t.Parallel()
	const queue = "/console/cases"
	for next, want := range map[string]string{
		"/console/cases/cas_1?do=approve&hit=2": "/console/cases/cas_1?do=approve&hit=2", "/console/audit?act=case.": "/console/audit?act=case.",
		"": queue, "/": queue, "cases": queue, "/consoles/x": queue, "/agent/pay": queue, "/console/sign-in": queue, "/console/sign-out": queue,
		"https://evil.example/console/cases": queue, "//evil.example/console/cases": queue, "///evil.example/console/cases": queue,
		"/console/../evil": queue, "/console/%2e%2e/evil": queue, "/console//evil.example": queue, "/\\evil.example/console/": queue,
		"/console/\\evil": queue, "javascript:alert(1)//console/": queue, "/console/x\r\nSet-Cookie: a=b": queue, "http:/console/cases": queue,
		"http://[::1/console": queue, "/console/cases#x": "/console/cases",
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
		if _, got := readProviderState(value); got != queue {
			t.Errorf("the cookie %q leads to %q", value, got)
		}
	}
}
