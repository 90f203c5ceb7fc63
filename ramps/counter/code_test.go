package counter_test

import (
	"strings"
	"testing"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

func newCoder(t testing.TB, secret string) *counter.Coder {
	t.Helper()
	c, err := counter.NewCoder([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// TestCodeSlips: every single wrong character and every exchange of two is found.
func TestCodeSlips(t *testing.T) {
	t.Parallel()
	c := newCoder(t, "a secret of sixteen or more")
	for _, seed := range []string{"rem_1", "rem_2", "rem_3"} {
		code := []byte(c.Code(seed))
		if got, err := counter.ParseCode(c.Text(seed)); err != nil || got != counter.Code(code) {
			t.Fatalf("got %q and %v for %q", got, err, c.Text(seed))
		}
		for i := range code {
			for _, other := range []byte(alphabet) {
				slip := append([]byte(nil), code...)
				slip[i] = other
				if _, err := counter.ParseCode(string(slip)); (err == nil) != (other == code[i]) {
					t.Errorf("%s for %s: %v", slip, code, err)
				}
			}
			for j := range i {
				swap := append([]byte(nil), code...)
				swap[i], swap[j] = swap[j], swap[i]
				if _, err := counter.ParseCode(string(swap)); (err == nil) != (code[i] == code[j]) {
					t.Errorf("%s for %s: %v", swap, code, err)
				}
			}
		}
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	c := newCoder(t, "a secret of sixteen or more")
	want := c.Code("rem_1")
	text := c.Text("rem_1")
	for _, good := range []string{text, strings.ToLower(text), " " + strings.ReplaceAll(text, "-", "  ") + "\n", strings.ReplaceAll(text, "-", "."), string(want), strings.ReplaceAll(text, "-", "–")} {
		if got, err := counter.ParseCode(good); err != nil || got != want {
			t.Errorf("%q: got %q and %v", good, got, err)
		}
	}
	for bad, says := range map[string]string{
		"":                                     "has 10",
		text + "2":                             "has 11",
		text[:8]:                               "has 10",
		"0" + text[1:]:                         "no 0, O, 1, I or L",
		"l" + text[1:]:                         "no 0, O, 1, I or L",
		"É" + text[1:]:                         "letters and digits only",
		strings.Repeat("2", 100):               "too long",
		text[:2] + "\x00" + text[2:]:           "letters and digits only",
		strings.Repeat("２", len(string(want))): "letters and digits only",
	} {
		_, err := counter.ParseCode(bad)
		if remit.ReasonOf(err) != remit.ReasonCodeMalformed || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want it to say %q", bad, err, says)
		}
	}
}

// TestCodeSecret: codes and hashes follow from the secret, and from nothing else.
func TestCodeSecret(t *testing.T) {
	t.Parallel()
	a, b := newCoder(t, "a secret of sixteen or more"), newCoder(t, "another of sixteen or more")
	code := a.Code("rem_1")
	if code != a.Code("rem_1") || code == b.Code("rem_1") || code == a.Code("rem_2") {
		t.Error("codes do not follow from secret and seed")
	}
	again := newCoder(t, "a secret of sixteen or more")
	if a.Hash(code) != again.Hash(code) || a.Hash(code) == b.Hash(code) || strings.Contains(strings.ToUpper(string(a.Hash(code))), string(code)) {
		t.Error("hashes do not follow from secret and code")
	}
	if _, err := counter.NewCoder([]byte("short")); err == nil {
		t.Error("a short secret is taken")
	}
}

// FuzzParseCode: whatever is read as a code is one, and is read again the same.
func FuzzParseCode(f *testing.F) {
	c := newCoder(f, "a secret of sixteen or more")
	for _, seed := range []string{c.Text("rem_1"), "7KQ-2M9-XD4H", "", "0", " ", "ǅ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := counter.ParseCode(text)
		if err != nil {
			if remit.ReasonOf(err) != remit.ReasonCodeMalformed {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if again, err := counter.ParseCode(strings.ToLower(code.String())); err != nil || again != code || strings.Trim(string(code), alphabet) != "" {
			t.Fatalf("%q became %q, then %q and %v", text, code, again, err)
		}
	})
}
