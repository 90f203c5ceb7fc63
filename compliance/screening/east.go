package screening

import "github.com/openremit/remit/compliance/screening/name"

// Chinese and Korean names are made of few and short syllables that differ in one
// letter: they are compared by syllables, of which one for another is another name.

// The likeness of words of which no syllable, and of which one of two agrees.
const (
	noSyllable  = 3_000
	oneSyllable = 5_500
)

// isEastern reports whether all words of a name are syllables of Chinese or Korean, and
// one of them a family name.
func isEastern(words []name.Word) bool {
	family, number := false, 0
	for _, w := range words {
		if w.Class.Slight() && w.Class != name.Initial && len(w.Text) > 1 && w.Class != name.Particle {
			continue
		}
		s := name.SyllablesOf(w.Text)
		if s.Number == 0 && len(w.Text) > 1 || w.Bare {
			return false
		}
		family = family || s.Family
		number += max(1, int(s.Number))
	}
	return family && number >= 2 && number <= 4
}

// eastern is isEastern of a listed name.
func (x *Index) eastern(places []place) bool {
	family, number := false, 0
	for _, p := range places {
		s := &x.vocab[p.term].syllables
		if s.Number == 0 && len(x.vocab[p.term].spelling.Text) > 1 && p.class != name.Title && p.class != name.Form {
			return false
		}
		family = family || s.Family
		number += max(1, int(s.Number))
	}
	return family && number >= 2 && number <= 4
}

// bySyllables bounds the likeness of two words of Chinese or Korean names.
func bySyllables(a, b *name.Syllables, alike int) int {
	if a.Number == 0 || b.Number == 0 || a.Number != b.Number {
		return alike
	}
	switch a.Same(b) {
	case int(a.Number):
		return alike
	case 0:
		return min(alike, noSyllable)
	default:
		return min(alike, oneSyllable)
	}
}
