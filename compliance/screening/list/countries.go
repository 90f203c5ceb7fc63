package list

import (
	_ "embed"
	"strings"

	"github.com/openremit/remit"
)

//go:embed countries.txt
var countryTable string

// CountryOf returns the ISO code of a country that is written as a code of two
// letters or by its name; ok is false for what is no country.
func CountryOf(text string) (code remit.Country, ok bool) { return countryOf(text) }

// countryOf returns the ISO code of a country as lists write it: a code, or a
// name of the ISO, the UN, the EU, OFAC or the UK. Regions, unions that are no
// more and names that it does not know have none.
func countryOf(text string) (remit.Country, bool) {
	text = strings.TrimSpace(text)
	if len(text) == 2 && text != "na" {
		code, ok := countryCodes[strings.ToUpper(text)]
		return code, ok
	}
	if code, ok := countryCodes[text]; ok {
		return code, true
	}
	code, ok := countryCodes[countryKey(text)]
	return code, ok
}

// countryKey leaves of a country's name what tells it from others.
func countryKey(text string) string {
	text = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(text), "possibly "))
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case r > 0x7f:
			b.WriteString(plainLetters[r])
		}
	}
	return b.String()
}

var plainLetters = map[rune]string{'ç': "c", 'é': "e", 'è': "e", 'ã': "a", 'á': "a", 'å': "a", 'Å': "a", 'í': "i", 'ô': "o", 'ó': "o", 'ü': "u", 'ñ': "n"}

var countryCodes = func() map[string]remit.Country {
	m := map[string]remit.Country{}
	for line := range strings.SplitSeq(strings.TrimSpace(countryTable), "\n") {
		code, names, _ := strings.Cut(line, " ")
		m[code] = remit.Country(code)
		for name := range strings.SplitSeq(names, "|") {
			m[name] = remit.Country(code)
			m[countryKey(name)] = remit.Country(code)
		}
	}
	return m
}()

// countriesIn reads names of countries that are joined by commas, some of which
// hold commas themselves ("MOLDOVA, REPUBLIC OF, ISRAEL").
func countriesIn(text string) []string {
	parts := split(text, ",")
	var out []string
	for i := 0; i < len(parts); {
		length := 1
		for n := min(3, len(parts)-i); n > 1; n-- {
			if _, ok := countryOf(strings.Join(parts[i:i+n], ", ")); ok {
				length = n
				break
			}
		}
		out = append(out, strings.Join(parts[i:i+length], ", "))
		i += length
	}
	return out
}
