package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCounterRules: a file over the built-in rules, its mistakes told together
// with its name, and a file that is not there.
func TestCounterRules(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rules.json")
	for text, want := range map[string]string{
		`{"PH": {"expiry_days": 45, "expiry_days_from": {"US": 60}}}`: "",
		`{"PH": {"expiry_days": -4}, "KE": {"photo": "often"}}`:       `photo is "often"`,
		`{"PH": {"expiry_days": 9999}}`:                               path + `: rules of the counters in "PH": expiry_days is 9999`,
		`not JSON`:                                                    "read rules of the counters",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		rules, err := counterRules(path)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", text, err, want)
			}
			continue
		}
		if err != nil || rules.Expiry("US", "PH") != 60*24*time.Hour || rules.Expiry("AE", "PH") != 45*24*time.Hour {
			t.Errorf("%s: got %v and %v", text, rules, err)
		}
	}
	// A wrong file is found before anything starts.
	data := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte(`{"CO": {"photo": "sometimes"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	err := runDev(t.Context(), devOptions{dir: data, counterRules: path}, io.Discard, io.Discard)
	if want := path + `: rules of the counters in "CO": photo is "sometimes"; write optional, above or always`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the data folder was made: %v", err)
	}
	if _, err := counterRules(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("a file that is not there is read")
	}
}
