package screening

import (
	"strings"

	"github.com/openremit/remit/compliance/screening/name"
)

// leastWhole is how many letters a name written as one word has at least to be
// looked for so.
const leastWhole = 4

// wholeTexts writes all words of a name as one, without what says that a ship is
// one; where it ends with a Roman numeral also with the digit for it.
func wholeTexts(words []name.Word) []string {
	var b strings.Builder
	last := ""
	for _, w := range words {
		if w.Bare {
			return nil // Its vowels are not known.
		}
		if w.Class != name.Title || !shipPrefixes[w.Text] {
			b.WriteString(w.Text)
			last = w.Text
		}
	}
	text := b.String()
	if len(text) < leastWhole || len(text) > name.MaxWord {
		return nil
	}
	if digit, ok := romans[last]; ok && len(last) < len(text) {
		return []string{text, strings.TrimSuffix(text, last) + digit}
	}
	return []string{text}
}

// shipPrefixes are the titles of ships.
var shipPrefixes = map[string]bool{"mv": true, "mt": true, "ms": true, "ss": true, "fv": true}

// romans are the numerals that ships and companies have.
var romans = map[string]string{"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}

// sameWhole reports whether a query and a listed name are the same but for where
// words end and how numbers are written.
func (x *Index) sameWhole(asked []name.Word, number int32) bool {
	texts := wholeTexts(asked)
	places := x.wordsOf(&x.names[number])
	words := make([]name.Word, 0, len(places))
	for _, p := range places {
		words = append(words, name.Word{Text: x.vocab[p.term].spelling.Text, Class: p.class, Bare: x.vocab[p.term].spelling.Bare})
	}
	for _, listed := range wholeTexts(words) {
		for _, text := range texts {
			if text == listed {
				return true
			}
		}
	}
	return false
}
