// Package payee says how like two names of one person are: what somebody says
// at a counter, or what stands on a document, and the name that is known. It
// reads names as screening does, and asks another question: there a resemblance
// must not be missed, here a difference must not.
package payee

import (
	"strings"

	"github.com/openremit/remit/compliance/screening/name"
)

// Equal is the likeness of the same name.
const Equal = name.Equal

const (
	// leastWord is the likeness below which two words are different words.
	leastWord = 6_800
	// initialWord is the likeness of an initial and a word that begins with it.
	initialWord = 8_500
	// sparePenalty is what each word costs that only one of the names has.
	sparePenalty = 500
	// oneWord is the most that one word of a longer name is worth: a first name
	// alone is nobody's name.
	oneWord = 6_000
)

// Likeness compares two whole names in any order of their words, from 0 to
// Equal. A name that cannot be read is like no other.
func Likeness(a, b string) int {
	best := 0
	// Al Fayed and Alfayed are one name, and so are de la Cruz and Cruz.
	for _, joined := range []bool{false, true} {
		x, y := words(a, joined), words(b, joined)
		best = max(best, min(likeness(x, y), likeness(y, x)))
	}
	return best
}

// likeness compares the shorter name's words with the longer's.
func likeness(short, long []name.Word) int {
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) == 0 {
		return 0
	}
	used := make([]bool, len(long))
	sum, letters, whole := 0, 0, 0
	for _, w := range short {
		best, at := 0, -1
		for i, other := range long {
			if !used[i] {
				if like := alike(w, other); like > best {
					best, at = like, i
				}
			}
		}
		weight := max(len(w.Text), 2)
		letters += weight
		if best >= leastWord {
			used[at] = true
			sum += best * weight
			if len(w.Text) > 1 && len(long[at].Text) > 1 {
				whole++
			}
		}
	}
	score := max(0, sum/letters-sparePenalty*(len(long)-len(short)))
	if len(long) > 1 && whole < 2 && (len(short) == 1 || whole == 0) {
		score = min(score, oneWord)
	}
	return score
}

// words are the words of a name that tell who it is; particles are left out, or
// joined to the word that follows.
func words(text string, joined bool) []name.Word {
	read, err := name.Read(strings.TrimSpace(text), name.Person)
	if err != nil {
		return nil
	}
	var out []name.Word
	before := ""
	for _, w := range read {
		switch {
		case w.Class == name.Particle && joined:
			before += w.Text
		case w.Class == name.Telling || w.Class == name.Common || w.Class == name.Initial:
			w.Text, before = before+w.Text, ""
			out = append(out, w)
		}
	}
	return out
}

func alike(a, b name.Word) int {
	if len(a.Text) == 1 || len(b.Text) == 1 {
		switch {
		case a.Text == b.Text:
			return Equal
		case a.Text[0] == b.Text[0]:
			return initialWord
		default:
			return 0
		}
	}
	x, y := name.Spell(a.Text, a.Bare), name.Spell(b.Text, b.Bare)
	return name.Alike(&x, &y)
}
