package counter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/ramps/counter"
)

func TestParseSignature(t *testing.T) {
	t.Parallel()
	const good = "100,100 400,200 700,60;120,200 500,240;10,10"
	s, err := counter.ParseSignature(good)
	if err != nil || s.String() != good || !strings.Contains(s.SVG(), `points="100,100 400,200 700,60"`) {
		t.Fatalf("got %q and %v", s, err)
	}
	for name, text := range map[string]string{
		"empty": "", "a dot": "5,5", "too little": "0,0 100,100", "outside": "0,0 1001,300", "above": "0,-5 1000,300", "below": "0,0 900,321",
		"no numbers": "a,b c,d", "signs": "+1,5 900,100", "zeros": "01,5 900,100", "half a point": "1, 900,100", "no strokes": ";;;", "markup": `0,0"/><script> 900,1`,
		"long": strings.Repeat("0,0 900,300 ", 2500), "many points": strings.TrimSpace(strings.Repeat("0,0 9,9 ", 1501)), "many strokes": strings.Repeat("0,0 9,9;", 80) + "1,1",
	} {
		if _, err := counter.ParseSignature(text); remit.ReasonOf(err) != remit.ReasonSignatureInvalid {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}

func FuzzParseSignature(f *testing.F) {
	f.Add("100,100 400,200 700,60;120,200 500,240")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := counter.ParseSignature(text)
		if err == nil && s.String() != text {
			t.Errorf("%q is written %q", text, s.String())
		}
	})
}

func TestRulesOver(t *testing.T) {
	t.Parallel()
	built, err := counter.LoadIdentityRules()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := built.With([]byte(`{
		"PH": {"photo": "above", "photo_above": {"PHP": "5000"}, "proofs": ["paper"], "expiry_days": 45, "expiry_days_from": {"US": 60}},
		"ZA": {"expiry_days": 7}, "*": {"photo": "always"}}`))
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	for _, test := range []struct {
		rules    *counter.IdentityRules
		from, to remit.Country
		want     time.Duration
	}{
		{built, "US", "PH", counter.DefaultExpiry}, {rules, "US", "PH", 60 * day}, {rules, "SG", "PH", 45 * day}, {rules, "US", "ZA", 7 * day},
		{rules, "US", "CO", counter.DefaultExpiry}, {rules, "US", "BR", counter.DefaultExpiry},
	} {
		if got := test.rules.Expiry(test.from, test.to); got != test.want {
			t.Errorf("from %s to %s: got %s, want %s", test.from, test.to, got, test.want)
		}
	}
	for _, test := range []struct {
		country remit.Country
		code    string
		minor   int64
		want    bool
	}{
		{"PH", "PHP", 500_000, false}, {"PH", "PHP", 500_001, true}, {"PH", "USD", 1, true}, {"ZA", "ZAR", 1, true}, {"KE", "KES", 1 << 40, false}, {"CO", "COP", 200_000_001, true},
	} {
		if got := rules.PhotoNeeded(test.country, remit.NewMoney(remit.MustFiat(test.code), test.minor)); got != test.want {
			t.Errorf("%s %d in %s: a photo is needed: %v, want %v", test.code, test.minor, test.country, got, test.want)
		}
	}
	if got := len(rules.Documents("PH")); got != len(built.Documents("PH")) || got == 0 {
		t.Errorf("got %d documents, want those that were there", got)
	}
	if got := rules.Proofs("PH", counter.Agent{}); len(got) != 1 || got[0] != counter.ProofPaper {
		t.Errorf("got %v", got)
	}
	if len(built.Proofs("PH", counter.Agent{})) != 0 || built.PhotoNeeded("ZA", remit.NewMoney(remit.MustFiat("ZAR"), 1)) {
		t.Error("the rules below were changed")
	}
}

// TestRulesMistakes: all mistakes are told at once, by where they are.
func TestRulesMistakes(t *testing.T) {
	t.Parallel()
	built, err := counter.LoadIdentityRules()
	if err != nil {
		t.Fatal(err)
	}
	_, err = built.With([]byte(`{"PH": {"photo": "sometimes", "proofs": ["thumb"], "expiry_days": -1, "expiry_days_from": {"US": 0, "usa": 4}},
		"KE": {"photo": "above"}, "GH": {"foto": "always"}, "philippines": {"expiry_days": 4}, "NG": {"photo": "above", "photo_above": {"NAIRA": "1", "NGN": "1.234"}},
		"MX": {"documents": [{"type": "passport", "issuer": "anybody", "number": "("}], "minimum_age": 200}, "VN": {"documents": []}}`))
	for _, part := range []string{
		`"PH": photo is "sometimes"`, `proofs has "thumb"`, "expiry_days is -1", "expiry_days_from.US is 0", "expiry_days_from.usa is 4", "photo_above names no amount",
		`unknown field "foto"`, `"philippines": this is not a country`, `"NAIRA" is not a currency`, "photo_above.NGN", "documents[0] needs a type", "documents[0].number", "minimum_age is 200",
		`"VN": documents has none`,
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want it to tell %s", err, part)
		}
	}
	for _, text := range []string{"", "[]", "null x", `{"PH": 5}`, `{} {}`} {
		if _, err := built.With([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
