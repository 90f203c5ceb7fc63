package agent_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit/portal/agent"
)

// catalogue reads the messages of one language.
func catalogue(t *testing.T, code string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("messages", code+".json"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return all
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func places(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestEveryTextIsInEveryLanguage: the same keys, none empty, with the same
// things to fill in, and not left in English.
func TestEveryTextIsInEveryLanguage(t *testing.T) {
	t.Parallel()
	first := catalogue(t, agent.Languages[0])
	for _, code := range agent.Languages[1:] {
		texts := catalogue(t, code)
		same := 0
		for key, english := range first {
			text, there := texts[key]
			switch {
			case !there || strings.TrimSpace(text) == "":
				t.Errorf("%s has no %q", code, key)
			case !slices.Equal(places(text), places(english)):
				t.Errorf("%s: %q fills in %v, want %v", code, key, places(text), places(english))
			case text == english:
				same++
			}
		}
		for key := range texts {
			if _, there := first[key]; !there {
				t.Errorf("%s has %q, which English has not", code, key)
			}
		}
		if got := strings.Count(texts["date.months"], ","); got != 11 {
			t.Errorf("%s has %d months", code, got+1)
		}
		if same > len(first)/10 {
			t.Errorf("%s: %d of %d texts are in English", code, same, len(first))
		}
	}
}

// TestEveryKeyIsThere: templates and code use keys that there are.
func TestEveryKeyIsThere(t *testing.T) {
	t.Parallel()
	first := catalogue(t, agent.Languages[0])
	used := regexp.MustCompile(`\bT[ (]"([a-z0-9]+(?:[.-][a-zA-Z0-9._-]+)?)"[ )},]`)
	files, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	code, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, file := range append(files, code...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range used.FindAllStringSubmatch(string(text), -1) {
			seen[match[1]] = true
			if first[match[1]] == "" {
				t.Errorf("%s uses %q, which there is not", file, match[1])
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("found only these keys: %v", slices.Sorted(maps.Keys(seen)))
	}
}
