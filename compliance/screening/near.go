package screening

import (
	"slices"

	"github.com/openremit/remit/compliance/screening/name"
)

// Bounds of what one word may be compared with.
const (
	// maxBucket bounds the listed words that share one key.
	maxBucket = 600
	// maxTried bounds the listed words that one word is compared with.
	maxTried = 1_500
	// maxLike bounds the listed words that one word is taken to be like.
	maxLike = 64
	// leastAlike is what two words must reach to be a pair, in basis points.
	leastAlike = 6_000
	// otherStem is taken off where one word has an article glued to it.
	otherStem = 300
	// longWord is how many letters allow for two mistakes.
	longWord = 7
	// longestTwice bounds the words that are filed with two letters dropped.
	longestTwice = 14
)

// nearby finds words that may be like a word: by what is left when a letter or,
// of long words, two are dropped, and by sound. It is two sorted columns, which
// take a tenth of the memory of a map.
type nearby struct {
	keys  []uint32
	terms []int32
	// start is where the keys with the same first 16 bits begin.
	start []int32
}

// filed is one key of one term while a nearby is built.
type filed struct {
	key  uint32
	term int32
}

func newNearby(all []filed) nearby {
	slices.SortFunc(all, func(a, b filed) int {
		if a.key != b.key {
			if a.key < b.key {
				return -1
			}
			return 1
		}
		return int(a.term) - int(b.term)
	})
	all = slices.Compact(all)
	n := nearby{keys: make([]uint32, len(all)), terms: make([]int32, len(all)), start: make([]int32, 1<<16+1)}
	for i, f := range all {
		n.keys[i], n.terms[i] = f.key, f.term
		n.start[f.key>>16+1]++
	}
	for i := range 1 << 16 {
		n.start[i+1] += n.start[i]
	}
	return n
}

// find returns the terms filed under a key, at most maxBucket.
func (n *nearby) find(key uint32) []int32 {
	from, to := n.start[key>>16], n.start[key>>16+1]
	i, found := slices.BinarySearch(n.keys[from:to], key)
	if !found {
		return nil
	}
	first := int(from) + i
	last := first
	for last < int(to) && n.keys[last] == key && last-first < maxBucket {
		last++
	}
	return n.terms[first:last]
}

// keysOf appends the keys under which a word is looked for or, if listed, filed.
func keysOf(out []uint32, s *name.Spelling, listed bool) []uint32 {
	for _, sound := range s.Keys() {
		if len(sound) >= 2 {
			out = append(out, hash('s', sound, "", ""))
		}
	}
	if bones := s.Bones(); len(bones) >= 2 {
		out = append(out, hash('b', bones, "", ""))
	} else if len(bones) == 1 && len(s.Text) > 2 {
		// One consonant leads from words without vowels to others and back only.
		kind := byte('o')
		if s.Bare == listed {
			kind = 'p'
		}
		out = append(out, hash(kind, bones, "", ""))
	}
	if s.Bare {
		return bareKeys(out, s)
	}
	out = dropped(out, s.Text, len(s.Text) >= longWord && len(s.Text) <= longestTwice)
	if sound := s.Sound(); sound != s.Text {
		out = dropped(out, sound, len(sound) >= longWord && len(sound) <= longestTwice)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bareKeys appends the keys of a word without short vowels, whose consonants
// languages read in their own ways, see name.Spelling.BareKeys.
func bareKeys(out []uint32, s *name.Spelling) []uint32 {
	for _, sound := range s.BareKeys() {
		if len(sound) >= 2 {
			out = append(out, hash('s', sound, "", ""))
		}
	}
	return append(out, hash('d', s.Text, "", ""))
}

// dropped appends the keys of a text with one or two letters left out.
func dropped(out []uint32, text string, twice bool) []uint32 {
	out = append(out, hash('d', text, "", ""))
	if len(text) < 4 {
		return out
	}
	for i := range len(text) {
		out = append(out, hash('d', text[:i], text[i+1:], ""))
		if !twice {
			continue
		}
		for j := i + 1; j < len(text); j++ {
			out = append(out, hash('d', text[:i], text[i+1:j], text[j+1:]))
		}
	}
	return out
}

// hash joins the parts of a word (FNV-1a). That two words share a key by
// accident does no harm, as they are compared afterwards.
func hash(kind byte, a, b, c string) uint32 {
	const offset, prime = 2166136261, 16777619
	h := (uint32(offset) ^ uint32(kind)) * prime
	for i := range len(a) {
		h = (h ^ uint32(a[i])) * prime
	}
	for i := range len(b) {
		h = (h ^ uint32(b[i])) * prime
	}
	for i := range len(c) {
		h = (h ^ uint32(c[i])) * prime
	}
	return h ^ h>>15*0x2c1b3c6d // Spread to the upper bits, which choose the bucket.
}

// gluedKey is where two words that are written as one are found: by the sounds of
// their consonants, as the words may be spelt in several ways.
func gluedKey(text string) uint32 {
	if key := name.Skeleton(text); len(key) >= leastGluedSounds {
		return hash('g', key, "", "")
	}
	return hash('g', text, "", "")
}

// leastGluedSounds is how many consonants tell enough to look for words by them.
const leastGluedSounds = 5

// like is a listed word that an asked one is like, in basis points.
type like struct {
	term  int32
	alike int32
	// sure says that something other than the letters tells so.
	sure bool
}

// alikes finds the listed words that a word is like, the most like first.
func (x *Index) alikes(s *name.Spelling, stands string, alts []string, t *tally) []like {
	var out []like
	exact, known := x.byText[wordKey(s.Text, s.Bare, len(alts) > 0)]
	if known {
		out = append(out, like{exact, name.Equal, true})
		for _, v := range x.variants[exact] {
			out = append(out, v)
			t.seen[v.term] = t.mark
		}
		t.seen[exact] = t.mark
	}
	out = x.heardAs(out, s, alts, t)
	for _, number := range x.standing[stands] {
		if t.seen[number] != t.mark {
			t.seen[number] = t.mark
			out = append(out, like{number, standsAlike, true})
		}
	}
	for _, other := range name.Same(s.Text) {
		for _, number := range x.heard[other] {
			if t.seen[number] != t.mark {
				t.seen[number] = t.mark
				out = append(out, like{number, nicknameAlike, true})
			}
		}
		if number, ok := x.byText[other]; ok && t.seen[number] != t.mark {
			t.seen[number] = t.mark
			out = append(out, like{number, int32(max(nicknameAlike, x.alike(s, number))), true})
		}
	}
	if letters := name.Undigit(s.Text); !known && letters != "" {
		if number, ok := x.byText[letters]; ok {
			t.seen[number] = t.mark
			out = append(out, like{number, undigitAlike, true})
		}
	}
	if len(s.Text) < 2 || isNumber(s.Text) {
		t.mark++
		return out
	}
	tried := 0
	look := func(s *name.Spelling, off int) {
		t.keys = keysOf(t.keys[:0], s, false)
		outline := s.Outline()
		for _, key := range t.keys {
			for _, number := range x.near.find(key) {
				if t.seen[number] == t.mark {
					continue
				}
				t.seen[number] = t.mark
				if outline.Far(x.outlines[number]) {
					continue
				}
				if tried++; tried > maxTried {
					return
				}
				if alike := x.alike(s, number) - off; alike >= leastAlike {
					out = append(out, like{number, int32(alike), false})
				}
			}
		}
	}
	look(s, 0)
	if stem, ok := stemOf(s.Text, s.Bare); ok {
		look(&stem, otherStem)
	}
	t.mark++
	slices.SortFunc(out, func(a, b like) int {
		if a.alike != b.alike {
			return int(b.alike - a.alike)
		}
		return int(a.term - b.term)
	})
	return out[:min(len(out), maxLike)]
}

// The likeness of words that stand for each other: nicknames, and words of companies.
const (
	nicknameAlike = 9_000
	standsAlike   = 9_800
	// heardAlike: a syllable of another script and a spelling of it.
	heardAlike = 9_700
	// undigitAlike: a word that a machine read with digits for letters.
	undigitAlike = 9_300
)

// heardAs appends the listed words that are another script's syllable for a word,
// or a spelling of one. The very same syllable is equal.
func (x *Index) heardAs(out []like, s *name.Spelling, alts []string, t *tally) []like {
	add := func(number int32, alike int32) {
		if t.seen[number] != t.mark {
			t.seen[number] = t.mark
			out = append(out, like{number, alike, true})
		}
	}
	for _, number := range x.heard[s.Text] {
		if x.vocab[number].spelling.Text == s.Text {
			add(number, name.Equal)
		} else if len(alts) == 0 {
			add(number, heardAlike)
		}
	}
	if len(alts) == 0 {
		return out
	}
	if number, ok := x.byText[s.Text]; ok {
		add(number, name.Equal)
	}
	for _, alt := range alts {
		if number, ok := x.byText[alt]; ok {
			add(number, heardAlike)
		}
	}
	return out
}

// alike compares a word with a listed one and with the listed one's stem.
func (x *Index) alike(s *name.Spelling, number int32) int {
	t := &x.vocab[number]
	best := name.AlikeFrom(s, &t.spelling, leastAlike)
	if t.stem >= 0 {
		best = max(best, name.AlikeFrom(s, &x.stems[t.stem], leastAlike)-otherStem)
	}
	return best
}

// stemOf returns a word without the article that may be glued to it:
// alzawahiri, zawahiri.
func stemOf(text string, bare bool) (name.Spelling, bool) {
	if len(text) < 6 || bare || (text[:2] != "al" && text[:2] != "el") {
		return name.Spelling{}, false
	}
	return name.Spell(text[2:], false), true
}

// wordKey tells a word from one of the same letters that has no vowels, or is a
// syllable of another script.
func wordKey(text string, bare, syllable bool) string {
	if syllable {
		return "^" + text
	}
	if bare {
		return "'" + text
	}
	return text
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
