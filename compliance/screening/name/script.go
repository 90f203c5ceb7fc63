package name

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// script is what a letter belongs to.
type script uint8

const (
	scriptNone script = iota
	scriptLatin
	scriptCyrillic
	scriptGreek
	scriptArmenian
	scriptGeorgian
	scriptArabic
	scriptHebrew
	scriptHan
	scriptKana
	scriptHangul
	scriptThai
	scriptEthiopic
	scriptIndic
	scriptCount
)

func scriptOf(r rune) script {
	switch {
	case r >= 'a' && r <= 'z', r < 0x370 && (latin[r] != "" || unicode.Is(unicode.Latin, r)), r >= 0x1E00 && r < 0x1F00:
		return scriptLatin
	case r >= 0x370 && r < 0x400, r >= 0x1F00 && r < 0x2000:
		return scriptGreek
	case r >= 0x400 && r < 0x530:
		return scriptCyrillic
	case r >= 0x530 && r < 0x590:
		return scriptArmenian
	case r >= 0x590 && r < 0x600:
		return scriptHebrew
	case r >= 0x600 && r < 0x700, r >= 0x750 && r < 0x780:
		return scriptArabic
	case r >= 0x900 && r < 0xD80:
		return scriptIndic
	case r >= 0xE00 && r < 0xE80:
		return scriptThai
	case r >= 0x10A0 && r < 0x1100, r >= 0x1C90 && r < 0x1CC0:
		return scriptGeorgian
	case r >= 0x1200 && r < 0x1380:
		return scriptEthiopic
	case r >= 0x3040 && r < 0x3100:
		return scriptKana
	case r >= 0xAC00 && r < 0xD7A4, r >= 0x1100 && r < 0x1200:
		return scriptHangul
	case unicode.Is(unicode.Han, r):
		return scriptHan
	default:
		return scriptNone
	}
}

// spell writes one run of letters in a to z and digits; ok is false where a
// letter's script is not read.
func (r *reader) spell() (words []Word, ok bool) {
	run := r.run
	if plain(run) {
		return []Word{{Text: string(run)}}, true
	}
	var has [scriptCount]bool
	for _, r := range run {
		s := scriptOf(r)
		if s == scriptNone && unicode.IsLetter(r) {
			return nil, false
		}
		has[s] = true
	}
	switch {
	case has[scriptHan] || has[scriptKana] || has[scriptHangul]:
		return r.spellEast()
	case has[scriptIndic]:
		return one(indic(run), false)
	case has[scriptThai]:
		return one(thai(run), true)
	case has[scriptEthiopic]:
		return one(ethiopic(run), false)
	case has[scriptGreek] && !has[scriptLatin]:
		run = []rune(greekPairs.Replace(norm.NFC.String(stripMarks(run))))
	case has[scriptHebrew]:
		return one(unvowelled(run, hebrewLetter), true)
	case has[scriptCyrillic]:
		run, has[scriptLatin] = cyrillic(run)
	}
	if has[scriptArabic] {
		return arabic(run)
	}
	var b strings.Builder
	for _, r := range run {
		b.WriteString(letter(r, has[scriptLatin]))
	}
	return one(b.String(), false)
}

// cyrillic undoes look-alikes: a word with letters that only Cyrillic has is
// Cyrillic, and its Latin letters are made so; of any other word amongLatin says
// that its Cyrillic letters pretend. A hard sign between consonants is a vowel.
func cyrillic(run []rune) (out []rune, amongLatin bool) {
	own, foreign := 0, 0
	for _, r := range run {
		switch {
		case scriptOf(r) == scriptLatin:
			foreign++
		case scriptOf(r) == scriptCyrillic && lookalike[r] == "":
			own++
		}
	}
	if foreign > 0 && own == 0 {
		return run, true
	}
	out = make([]rune, len(run))
	for i, r := range run {
		if as, ok := cyrillicOf[r]; ok && foreign > 0 {
			r = as
		}
		if r == 'ъ' && i > 0 && i+1 < len(run) && !strings.ContainsRune("еёюяєї", run[i+1]) {
			r = 'а'
		}
		out[i] = r
	}
	return out, false
}

func one(text string, bare bool) ([]Word, bool) { return []Word{{Text: text, Bare: bare}}, true }

func plain(run []rune) bool {
	for _, r := range run {
		if r >= 0x80 {
			return false
		}
	}
	return true
}

// stripMarks takes accents off, which leaves letters that tables know.
func stripMarks(run []rune) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(string(run)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

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
	if s, ok := latin[r]; ok {
		return s
	}
	if unicode.IsMark(r) {
		return ""
	}
	if digit, ok := digitValue(r); ok {
		return string(rune('0' + digit))
	}
	decomposed := norm.NFKD.String(string(r))
	if decomposed == string(r) {
		return ""
	}
	var b strings.Builder
	for _, part := range decomposed {
		if part != r {
			b.WriteString(letter(part, amongLatin))
		}
	}
	return b.String()
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
