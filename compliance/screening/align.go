package screening

import (
	"slices"

	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/compliance/screening/name"
)

// How like words are, in basis points, that are not like each other as words.
const (
	// gluedPair: one word and two neighbours written as one.
	gluedPair = 9_600
	// initialPair: a letter and a word that begins with it. No other pair has it.
	initialPair = 4_000
	// formPair: two forms of companies.
	formPair = 9_000
	// acronymPair: one word and the first letters of a company's words.
	acronymPair = 9_000
	// leastGlued is how like joined words must be.
	leastGlued = 8_000
)

// pairing is a possible pair of an asked and a listed word.
type pairing struct {
	worth         int32
	asked, listed int16
	alike         int16
}

// alignment pairs the words of an asked and a listed name one to one.
type alignment struct {
	name int32
	// asked and listed hold for each word how like its partner is, 0 without one;
	// partner the place of each asked word's listed one, or -1.
	asked, listed []int16
	partner       []int8
	glued, letter int
	// east says that both names are Chinese or Korean.
	east bool
}

// align pairs the words of the asked and a listed name, the most worth first.
func (x *Index) align(words []asked, number int32, t *tally) alignment {
	n := &x.names[number]
	places := x.wordsOf(n)
	al := t.alignment(number, len(words), len(places))
	for i := range al.partner {
		al.partner[i] = -1
	}
	al.east = t.east && x.entries[n.entry].Kind == list.Person && x.eastern(places)
	t.pairs = t.pairs[:0]
	for j, p := range places {
		for at := t.heads[p.term]; at != 0; at = t.links[at].next {
			l := t.links[at]
			if al.east && !l.sure {
				l.alike = int16(bySyllables(&words[l.asked].syllables, &x.vocab[p.term].syllables, int(l.alike)))
				if l.alike < leastLeft {
					continue
				}
			}
			worth := int32(l.alike)*16 + x.weightAt(p)*int32(l.alike)/name.Equal
			if int(l.asked) == j {
				worth++ // Of equal words the ones in the same place.
			}
			t.pairs = append(t.pairs, pairing{worth, l.asked, int16(j), l.alike})
		}
	}
	slices.SortFunc(t.pairs, func(a, b pairing) int {
		if a.worth != b.worth {
			return int(b.worth - a.worth)
		}
		if a.asked != b.asked {
			return int(a.asked - b.asked)
		}
		return int(a.listed - b.listed)
	})
	for _, p := range t.pairs {
		if al.asked[p.asked] == 0 && al.listed[p.listed] == 0 {
			al.pair(int(p.asked), int(p.listed), p.alike)
		}
	}
	x.pairGlued(words, places, &al)
	x.pairInitials(words, places, &al)
	x.pairLeft(words, places, &al)
	return al
}

// Bounds of pairing what is left over.
const (
	// leastLeft is how like words must be that nothing but the rest of their names
	// leads to, leastAmong that of words among at least two that agree.
	leastLeft  = 4_500
	leastAmong = 3_300
	// maxLeft bounds the words on either side that are compared so.
	maxLeft = 3
	// shortened: a word and the letters it begins with. Abd is short for many names.
	shortened    = 7_000
	shortenedAbd = 8_000
	// shortenedCommon: a common word of companies and how forms shorten it, which they
	// do with all but names: Mktg, Hldgs, Constr.
	shortenedCommon = 9_300
)

// pairLeft pairs words that are left on both sides when others agree: two names
// that agree in all but one word make of that word a mistake that by itself is
// too much for a short or twice mistyped word.
func (x *Index) pairLeft(words []asked, places []place, al *alignment) {
	var left, leftListed [maxLeft]int
	n, m, agree := 0, 0, 0
	for i, s := range al.asked {
		switch {
		case s >= leastGlued && !words[i].Class.Slight():
			agree++
		case s != 0 || words[i].Class.Slight() || isNumber(words[i].Text):
		case n == maxLeft:
			return
		default:
			left[n] = i
			n++
		}
	}
	if n == 0 || agree == 0 {
		return
	}
	for j, s := range al.listed {
		if s != 0 || places[j].class.Slight() || isNumber(x.vocab[places[j].term].spelling.Text) {
			continue
		}
		if m == maxLeft {
			return
		}
		leftListed[m] = j
		m++
	}
	least := leastLeft
	if agree > 1 {
		least = leastAmong
	}
	for range min(n, m) {
		best, bi, bj := least-1, 0, 0
		for _, i := range left[:n] {
			for _, j := range leftListed[:m] {
				if al.asked[i] != 0 || al.listed[j] != 0 {
					continue
				}
				alike := leftAlike(&words[i].spelling, &x.vocab[places[j].term].spelling)
				if alike < shortenedCommon && (words[i].Class == name.Common && shortFor(x.vocab[places[j].term].spelling.Text, words[i].Text) ||
					places[j].class == name.Common && shortFor(words[i].Text, x.vocab[places[j].term].spelling.Text)) {
					alike = shortenedCommon
				}
				if al.east {
					alike = bySyllables(&words[i].syllables, &x.vocab[places[j].term].syllables, alike)
				}
				if alike > best {
					best, bi, bj = alike, i, j
				}
			}
		}
		if best < least {
			return
		}
		if best == initialPair {
			best-- // Initials are told apart by theirs.
		}
		al.pair(bi, bj, int16(best))
	}
}

// leftAlike compares words that are left over.
func leftAlike(a, b *name.Spelling) int {
	if a.Bare == b.Bare {
		short, long := a.Text, b.Text
		if len(short) > len(long) {
			short, long = long, short
		}
		if len(short) >= 3 && len(long) >= len(short)+3 && long[:len(short)] == short {
			if short == "abd" || short == "abdul" {
				return shortenedAbd
			}
			return shortened
		}
		if short == "abdul" && long[:3] == "abd" {
			return shortenedAbd
		}
	}
	if a.Outline().Far(b.Outline()) {
		return 0
	}
	return name.AlikeFrom(a, b, leastAmong)
}

// shortFor reports whether a word is a short form of another: its beginning, its
// letters without the vowels, or some of its letters up to the last.
func shortFor(short, long string) bool {
	if len(short) < 2 || len(long) < len(short)+2 || short[0] != long[0] {
		return false
	}
	at, vowels := 0, 0
	for i := range len(long) {
		if at < len(short) && long[i] == short[at] {
			at++
		}
	}
	for i := 1; i < len(short); i++ {
		if name.Vowel(short[i]) {
			vowels++
		}
	}
	return at == len(short) && (vowels == 0 || len(short) > 2 && (long[:len(short)] == short || short[len(short)-1] == long[len(long)-1]))
}

// alignment returns an empty one in the tally's memory, good until the next.
func (t *tally) alignment(number int32, asked, listed int) alignment {
	if cap(t.cells) < asked+listed {
		t.cells = make([]int16, 2*(asked+listed))
	}
	if cap(t.partner) < asked {
		t.partner = make([]int8, 2*asked)
	}
	cells := t.cells[:asked+listed]
	clear(cells)
	return alignment{name: number, asked: cells[:asked], listed: cells[asked:], partner: t.partner[:asked]}
}

func (al *alignment) clone() alignment {
	out := *al
	cells := make([]int16, len(al.asked)+len(al.listed))
	n := copy(cells, al.asked)
	copy(cells[n:], al.listed)
	out.asked, out.listed, out.partner = cells[:n], cells[n:], slices.Clone(al.partner)
	return out
}

func (al *alignment) pair(i, j int, alike int16) {
	al.asked[i], al.listed[j] = alike, alike
	al.partner[i] = int8(j)
}

// weakPair is below what a pair gives way to a joined word.
const weakPair = 9_300

func (al *alignment) open(i int) bool  { return al.asked[i] < weakPair }
func (al *alignment) openL(j int) bool { return al.listed[j] < weakPair }

// pairGlued pairs a word with two neighbours that are written apart.
func (x *Index) pairGlued(words []asked, places []place, al *alignment) {
	for i := range words {
		if !al.open(i) || len(words[i].Text) < 4 {
			continue
		}
		for j := range len(places) - 1 {
			a, b := x.vocab[places[j].term].spelling.Text, x.vocab[places[j+1].term].spelling.Text
			alike, exact := gluedAlike(a, b, words[i].Bare, &words[i].spelling)
			if alike == 0 || !exact && (!al.openL(j) || !al.openL(j+1)) || al.heldBeside(i, j, j+1) {
				continue
			}
			al.pair(i, j, alike)
			al.listed[j+1] = alike
			al.glued++
		}
	}
	for i := range len(words) - 1 {
		for j := range places {
			listed := &x.vocab[places[j].term].spelling
			alike, exact := gluedAlike(words[i].Text, words[i+1].Text, words[i].Bare, listed)
			if alike == 0 || !exact && (!al.open(i) || !al.open(i+1) || !al.openL(j)) {
				continue
			}
			if k := slices.Index(al.partner, int8(j)); k >= 0 && k != i && k != i+1 {
				continue
			}
			for _, k := range [2]int{i, i + 1} {
				if had := al.partner[k]; had >= 0 && int(had) != j {
					al.listed[had] = 0
				}
				al.asked[k], al.partner[k] = alike, int8(j)
			}
			al.listed[j] = alike
			al.glued++
		}
	}
}

// heldBeside reports whether word i has a partner outside of j and k, or another
// word holds one of them.
func (al *alignment) heldBeside(i, j, k int) bool {
	if p := int(al.partner[i]); p >= 0 && p != j && p != k {
		return true
	}
	for other, p := range al.partner {
		if other != i && (int(p) == j || int(p) == k) {
			return true
		}
	}
	return false
}

// gluedAlike compares two words written as one with another, 0 for not alike.
func gluedAlike(a, b string, bare bool, whole *name.Spelling) (alike int16, exact bool) {
	n := len(a) + len(b)
	if bare != whole.Bare {
		short, long := n, len(whole.Text) // Short is written without vowels.
		if whole.Bare {
			short, long = long, short
		}
		if n < 5 || short > long+2 || long > 2*short+1 || whole.Text[0] != a[0] {
			return 0, false
		}
	} else if d := n - len(whole.Text); d > 2 || d < -2 || a[0] != whole.Text[0] {
		return 0, false
	}
	if n == len(whole.Text) && whole.Text[:len(a)] == a && whole.Text[len(a):] == b {
		return gluedPair, true
	}
	joined := name.Spell(a+b, bare)
	if alike := name.AlikeFrom(&joined, whole, leastGlued); alike >= leastGlued {
		return int16(alike * gluedPair / name.Equal), false
	}
	return 0, false
}

// pairInitials pairs a single letter with a word that begins with it, and forms
// of companies with each other.
func (x *Index) pairInitials(words []asked, places []place, al *alignment) {
	single := 0
	for _, w := range words {
		if w.Class == name.Initial {
			single++
		}
	}
	givenOpen := false
	for j, p := range places {
		givenOpen = givenOpen || p.part == partGiven && !p.class.Slight() && al.listed[j] == 0
	}
	for i := range words {
		for j, p := range places {
			if al.asked[i] != 0 || al.listed[j] != 0 || single == 1 && givenOpen && p.part == partMiddle && words[i].Class == name.Initial {
				continue // One initial is that of the given name.
			}
			listed := x.vocab[p.term].spelling.Text
			one, other := words[i].Class == name.Initial, p.class == name.Initial && p.part != partUnknown
			if words[i].Class == name.Form && p.class == name.Form {
				al.pair(i, j, formPair)
				continue
			}
			if (one || other) && words[i].Text[0] == listed[0] && !p.class.Slight() != other && words[i].Class.Slight() == one {
				al.pair(i, j, initialPair)
				al.letter++
			}
		}
	}
}

// acronym reports whether the only asked word is made of a name's first letters.
func (x *Index) acronym(words []asked, number int32) bool {
	n := &x.names[number]
	if len(words) != 1 || x.entries[n.entry].Kind == list.Person || len(words[0].Text) < 3 {
		return false
	}
	letters := make([]byte, 0, 8)
	for _, p := range x.wordsOf(n) {
		if p.class == name.Telling || p.class == name.Common {
			letters = append(letters, x.vocab[p.term].spelling.Text[0])
		}
	}
	return len(letters) >= 3 && string(letters) == words[0].Text
}
