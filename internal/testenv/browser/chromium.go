package browser

import (
	"os"
	"os/exec"
	"testing"
)

// Chromium finds the browser: REMIT_CHROMIUM, or the usual names. It skips the
// test where there is none, and fails it when REMIT_REQUIRE_CHROMIUM is set.
func Chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{os.Getenv("REMIT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	if os.Getenv("REMIT_REQUIRE_CHROMIUM") != "" {
		t.Fatal("REMIT_REQUIRE_CHROMIUM is set and there is no Chromium: install it, or set REMIT_CHROMIUM")
	}
	t.Skip("there is no Chromium: install it, or set REMIT_CHROMIUM")
	return ""
}
