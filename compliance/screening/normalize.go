package screening

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Limits of a name. What is longer is no name that can be compared.
const (
	maxNameBytes  = 4096
	maxNameLetter = 300
	maxNameWords  = 32
	maxWordLetter = 48
)

// errUnreadable means that a name cannot be compared: it is empty, too long, or
// in a script that this package does not read.
var errUnreadable = errors.New("name cannot be read")

// word is one word of a name in letters a to z and digits.
type word struct {
	text string
	// bare marks a word from a script that writes no short vowels.
	bare bool
}

// script is what a run of letters is written in.
type script uint8

const (
	scriptNone script = iota
	scriptLatin
	scriptCyrillic
	scriptGreek
	scriptArabic
)

// words folds a name to words. It returns errUnreadable where that cannot be
// done without losing letters.
func words(name string) ([]word, error) {
	if len(name) > maxNameBytes {
		return nil, errUnreadable
	}
	var out []word
	var run []rune
	letters := 0
	var failed error
	flush := func() {
		w, err := spell(run)
		if err != nil {
			failed = err
		}
		if w.bare && strings.HasPrefix(w.text, "al") && len(w.text) > 4 {
			out = append(out, word{text: "al"})
			w.text = w.text[2:]
		}
		if w.text != "" {
			out = append(out, w)
		}
		run = run[:0]
	}
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Me, r), joins(r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			run = append(run, r)
			letters++
		case unicode.IsControl(r) && !unicode.IsSpace(r):
		default:
			flush()
		}
	}
	flush()
	if failed != nil || letters > maxNameLetter || len(out) > maxNameWords || len(out) == 0 {
		return nil, errUnreadable
	}
	return joinAbd(joinInitials(out)), nil
}

// joins reports whether r stands inside one word: O'Brien is one word.
func joins(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʻ', '`', '´', 'ʹ', 'ʿ', 'ʾ', '"', 'ـ':
		return true
	default:
		return false
	}
}

// spell writes one run of letters in a to z and digits.
func spell(run []rune) (word, error) {
	var has [scriptArabic + 1]bool
	for _, r := range run {
		s := scriptOf(r)
		if s == scriptNone && unicode.IsLetter(r) {
			return word{}, errUnreadable
		}
		has[s] = true
	}
	var b strings.Builder
	text := run
	if has[scriptGreek] && !has[scriptLatin] {
		text = []rune(greekPairs.Replace(string(run)))
	}
	for _, r := range text {
		b.WriteString(letter(r, has[scriptLatin]))
	}
	spelled := b.String()
	if len(spelled) > maxWordLetter {
		return word{}, errUnreadable
	}
	return word{text: spelled, bare: has[scriptArabic]}, nil
}

var greekPairs = strings.NewReplacer("μπ", "b", "ντ", "nt", "γκ", "g", "γγ", "ng", "ου", "ou")

// letter spells one letter; amongLatin says that Latin letters stand in the
// same word, so that others are look-alikes.
func letter(r rune, amongLatin bool) string {
	if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
		return string(r)
	}
	if amongLatin {
		if s, ok := lookalike[r]; ok {
			return s
		}
	}
	for _, table := range []map[rune]string{latin, cyrillic, greek, arabic} {
		if s, ok := table[r]; ok {
			return s
		}
	}
	if digit, ok := digitValue(r); ok {
		return string(rune('0' + digit))
	}
	return ""
}

func scriptOf(r rune) script {
	if (r >= 'a' && r <= 'z') || latin[r] != "" {
		return scriptLatin
	}
	if _, ok := cyrillic[r]; ok {
		return scriptCyrillic
	}
	if _, ok := greek[r]; ok {
		return scriptGreek
	}
	if _, ok := arabic[r]; ok {
		return scriptArabic
	}
	return scriptNone
}

// digitValue reads decimal digits of any script, which Unicode keeps in runs of ten.
func digitValue(r rune) (int, bool) {
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	for zero := r; zero > r-10; zero-- {
		if !unicode.Is(unicode.Nd, zero-1) {
			return int(r - zero), true
		}
	}
	return int(r) % 10, true
}

// joinInitials makes one word of single letters in a row: "L. L. C." is "llc".
func joinInitials(in []word) []word {
	var out []word
	for i := 0; i < len(in); i++ {
		j := i
		for j < len(in) && len(in[j].text) == 1 && in[j].text >= "a" {
			j++
		}
		if j-i < 2 {
			out = append(out, in[i])
			continue
		}
		var b strings.Builder
		for _, w := range in[i:j] {
			b.WriteString(w.text)
		}
		out = append(out, word{text: b.String()})
		i = j - 1
	}
	return out
}

// joinAbd writes the many spellings of Abd al-X (Abdul X, Abdel-X, Abdulx) as
// one word, abdx, as X alone is another name.
func joinAbd(in []word) []word {
	var out []word
	for i := 0; i < len(in); i++ {
		w := in[i]
		switch w.text {
		case "abd", "abdul", "abdal", "abdel", "abdoul", "abdur", "abdol":
			j := i + 1
			for j < len(in) && articles[in[j].text] {
				j++
			}
			if j < len(in) {
				out = append(out, word{text: "abd" + in[j].text, bare: w.bare || in[j].bare})
				i = j
				continue
			}
		default:
			for _, prefix := range []string{"abdoul", "abdul", "abdal", "abdel", "abdol"} {
				if rest, ok := strings.CutPrefix(w.text, prefix); ok && len(rest) > 2 {
					w.text = "abd" + rest
					break
				}
			}
		}
		out = append(out, w)
	}
	return out
}

var articles = set("al", "el", "ul", "ur", "ar", "as", "er", "ir", "an", "az")
