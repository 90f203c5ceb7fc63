package name

import "strings"

// Arabic and Hebrew letters are written for a word without short vowels. In such a
// word an e says that a vowel stands there or none: for letters that only carry
// vowels, and between letters that would read as one sound, as k and h do.

// hebrewLetters: alef and ayin carry any vowel, vav and yod may.
var hebrewLetters = table("א a ב b ג g ד d ה h ו w ז z ח kh ט t י y כ k ך k ל l מ m ם m נ n ן n ס s ע a פ p ף f צ ts ץ ts ק k ר r ש sh ת t")

// unvowelled writes a word of a script without short vowels.
func unvowelled(run []rune, spellOf func(run []rune, i int) string) string {
	out := make([]byte, 0, 2*len(run))
	for i := range run {
		text := spellOf(run, i)
		if len(out) > 0 && text != "" && merges(out[len(out)-1], text[0]) {
			out = append(out, 'e')
		}
		out = append(out, text...)
	}
	return string(out)
}

// merges reports whether two letters beside each other would read as one sound,
// as soundGroups has them.
func merges(a, b byte) bool {
	switch {
	case a == b:
		return a != 'a' && a != 'e' && a != 'y' && a != 'w'
	case b == 'h':
		return strings.IndexByte("cdgkpstz", a) >= 0
	case b == 'z', b == 's':
		return a == 't' || a == 'd' && b == 'z'
	case b == 'j':
		return strings.IndexByte("dstz", a) >= 0
	default:
		return false
	}
}

func hebrewLetter(run []rune, i int) string {
	switch r := run[i]; {
	case i > 0 && i+1 < len(run) && (r == 'א' || r == 'ע'):
		return "e"
	case hebrewLetters[r] != "":
		return hebrewLetters[r]
	default:
		return letter(r, false)
	}
}

func arabicLetter(run []rune, i int) string {
	if i > 0 && run[i] == 'ع' {
		return "e"
	}
	return letter(run[i], false)
}

// arabic writes a word of the Arabic script, the article apart.
func arabic(run []rune) ([]Word, bool) {
	text := strings.ReplaceAll(unvowelled(run, arabicLetter), "alelh", "allh") // Allah, whose l is one.
	rest, ok := strings.CutPrefix(text, "al")
	if ok && len(rest) > 2 && run[0] == 'ا' && !strings.HasPrefix(rest, "lh") {
		if rest[0] == 'e' {
			rest = "a" + rest[1:]
		}
		return []Word{{Text: "al"}, {Text: rest, Bare: true}}, true
	}
	return one(text, true)
}

// geresh makes of a Hebrew letter with the mark after it the letter of the sound
// that it stands for: j of g, ch of ts, zh of z.
var geresh = map[rune]rune{'ג': 'ج', 'צ': 'چ', 'ץ': 'چ', 'ז': 'ژ'}
