package name

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// Syllables are the Chinese or Korean syllables of a word, one or two, each as its
// sound without what romanisations differ in. Number is 0 for other words.
type Syllables struct {
	Number int8
	// Family says that the word is a family name of China or Korea.
	Family bool
	text   string
	cut    int8
	keys   [2]string
}

// Same counts the syllables that two words share in place; all of them is equal.
func (s *Syllables) Same(other *Syllables) int {
	if s.Number != other.Number {
		return 0
	}
	same := 0
	for i := range int(s.Number) {
		if s.keys[i] == other.keys[i] || standFor(s.part(i), other.part(i)) {
			same++
		}
	}
	return same
}

func (s *Syllables) part(i int) string {
	switch {
	case s.Number == 1:
		return s.text
	case i == 0:
		return s.text[:s.cut]
	default:
		return s.text[s.cut:]
	}
}

func standFor(a, b string) bool {
	for _, other := range Same(a) {
		if other == b {
			return true
		}
	}
	return false
}

// longestSyllables bounds the letters of two syllables.
const longestSyllables = 12

// SyllablesOf takes a word apart, evenly where there are several ways.
func SyllablesOf(text string) Syllables {
	known := eastern()
	if len(text) < 2 || len(text) > longestSyllables {
		return Syllables{}
	}
	if key, ok := known.keys[text]; ok {
		return Syllables{Number: 1, Family: known.families[text], text: text, keys: [2]string{key}}
	}
	best, out := len(text), Syllables{}
	for cut := 2; cut <= len(text)-2; cut++ {
		one, ok := known.keys[text[:cut]]
		two, other := known.keys[text[cut:]]
		if uneven := max(2*cut-len(text), len(text)-2*cut); ok && other && uneven < best {
			best, out = uneven, Syllables{Number: 2, text: text, cut: int8(cut), keys: [2]string{one, two}}
		}
	}
	return out
}

// allSyllables reports whether a name is made of syllables of China or Korea, as many
// as their names have, with a family name among them.
func allSyllables(words []Word) bool {
	family, number := false, 0
	for _, w := range words {
		s := SyllablesOf(w.Text)
		if s.Number == 0 || w.Bare {
			return false
		}
		family = family || s.Family
		number += int(s.Number)
	}
	return family && number >= 2 && number <= mostHan
}

// syllableTable holds the keys of all syllables, and which are family names.
type syllableTable struct {
	keys     map[string]string
	families map[string]bool
}

var eastern = sync.OnceValue(func() *syllableTable {
	t := &syllableTable{keys: map[string]string{}, families: map[string]bool{}}
	add := func(text string) {
		if len(text) > 1 {
			t.keys[text] = syllableKey(text)
		}
	}
	for char := range pinyin.PinyinDict {
		if text, ok := mandarin(rune(char)); ok && ascii(text) {
			add(text)
			add(wadeGiles(text))
		}
	}
	for r := rune(0xAC00); r < 0xD7A4; r++ {
		if text, ok := hangul(r); ok {
			add(text)
		}
	}
	for _, groups := range [][]string{chineseSpellings, koreanSpellings} {
		for i, group := range groups {
			for word := range strings.FieldsSeq(group) {
				add(word)
				t.families[word] = t.families[word] || len(word) > 1 && (len(groups) == len(chineseSpellings) || i < koreanFamilies)
			}
		}
	}
	return t
})

// koreanFamilies is how many of koreanSpellings are those of family names.
const koreanFamilies = 37

// syllableKey leaves of a syllable what all romanisations tell apart.
func syllableKey(text string) string { return syllableSounds.Replace(text) }

var syllableSounds = strings.NewReplacer("zh", "c", "ch", "c", "ts", "c", "hs", "s", "sh", "s", "x", "s", "j", "c", "q", "c", "z", "c", "kk", "k", "g", "k",
	"ng", "N", "d", "t", "tt", "t", "b", "p", "pp", "p", "ss", "s", "l", "r", "eo", "o", "you", "yo", "ou", "o", "woo", "u", "oo", "u", "wu", "u", "ae", "e", "ai", "e",
	"ee", "i", "yi", "i", "ie", "e", "ye", "e", "w", "u")
