package screening

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// pairing is a possible pair of an asked and a listed word.
type pairing struct{ asked, listed, score, worth int }

// align pairs the words of the asked and a listed name one to one, the most
// worth first, and scores the whole.
func (x *Index) align(a asked, number int32) match {
	name := x.names[number]
	usedAsked, usedListed := make([]int, len(a.words)), make([]int, len(name.terms))
	for _, p := range x.pairings(a, name) {
		if usedAsked[p.asked] == 0 && usedListed[p.listed] == 0 {
			usedAsked[p.asked], usedListed[p.listed] = p.score, p.score
		}
	}
	x.pairGlued(a, name, usedAsked, usedListed)
	return x.score(a, number, usedAsked, usedListed)
}

func (x *Index) pairings(a asked, name listed) []pairing {
	var out []pairing
	for i, like := range a.like {
		for j, number := range name.terms {
			if s := like[number]; s > 0 {
				out = append(out, pairing{i, j, s, s * x.vocab[number].weight})
			}
		}
	}
	slices.SortFunc(out, func(l, r pairing) int {
		return cmp.Or(cmp.Compare(r.worth, l.worth), cmp.Compare(l.asked, r.asked), cmp.Compare(l.listed, r.listed))
	})
	return out
}

// pairGlued pairs a word with two neighbours that are written apart.
func (x *Index) pairGlued(a asked, name listed, usedAsked, usedListed []int) {
	for i := range a.words {
		for j := range len(name.terms) - 1 {
			pair := x.vocab[name.terms[j]].text + x.vocab[name.terms[j+1]].text
			if usedAsked[i] == 0 && usedListed[j] == 0 && usedListed[j+1] == 0 && a.words[i].text == pair {
				usedAsked[i], usedListed[j], usedListed[j+1] = gluedPair, gluedPair, gluedPair
			}
		}
	}
	for i := range len(a.words) - 1 {
		for j, number := range name.terms {
			pair := a.words[i].text + a.words[i+1].text
			if usedAsked[i] == 0 && usedAsked[i+1] == 0 && usedListed[j] == 0 && x.vocab[number].text == pair {
				usedAsked[i], usedAsked[i+1], usedListed[j] = gluedPair, gluedPair, gluedPair
			}
		}
	}
}

// score is the mean of how much of the asked name the list has, and how much
// of the listed name was asked for, both by weight.
func (x *Index) score(a asked, number int32, usedAsked, usedListed []int) match {
	name := x.names[number]
	shape := x.shape(name, usedListed)
	m := match{name: number, used: usedListed}
	got, of, telling := 0, 0, 0
	for i, s := range usedAsked {
		switch {
		case s > 0:
			got += a.weight[i] * s
			of += a.weight[i]
			if !a.slight[i] {
				telling++
			}
		case shape.person:
			of += a.weight[i] * extraInQueryPerson / 100
		default:
			of += a.weight[i] * extraInQueryCompany / 100
		}
	}
	found, all, tellingListed := 0, 0, 0
	for j, s := range usedListed {
		t := x.vocab[name.terms[j]]
		if !t.slight {
			tellingListed++
		}
		if s > 0 {
			found += t.weight * s
			all += t.weight
			continue
		}
		all += t.weight * shape.share(j) / 100
	}
	if of == 0 || all == 0 {
		return m
	}
	m.score = (got/of + found/all) / 2
	if telling < 2 && (tellingListed > 1 || a.telling() > 1) {
		m.score = min(m.score, leastBound) // One shared word is no name.
	}
	return m
}

func (a asked) telling() int {
	n := 0
	for _, slight := range a.slight {
		if !slight {
			n++
		}
	}
	return n
}

// shape is what is known of the order of a listed name and of what was found.
type shape struct {
	person bool
	// family counts the family names, 0 where the list does not tell; given is
	// the place of the first given name.
	family, given           int
	foundFamily, foundGiven bool
}

func (x *Index) shape(name listed, used []int) shape {
	s := shape{person: x.entries[name.entry].kind == kindPerson, family: name.family, given: name.family}
	for s.given < len(used)-1 && x.vocab[name.terms[s.given]].slight {
		s.given++
	}
	for j, score := range used {
		if score == 0 || x.vocab[name.terms[j]].slight {
			continue
		}
		if j < s.family {
			s.foundFamily = true
		} else if j == s.given {
			s.foundGiven = true
		}
	}
	return s
}

// share is how much, in percent, a listed word weighs that was not asked for.
// With the first given and a family name found, the others weigh less.
func (s shape) share(place int) int {
	switch {
	case !s.person:
		return 100
	case s.family == 0:
		return moreInListLoose
	case !s.foundGiven || !s.foundFamily:
		return 100
	case place < s.family:
		return moreFamily
	default:
		return moreInList
	}
}

// why tells the match in the list's words.
func (x *Index) why(m match) []string {
	name := x.names[m.name]
	var out, pairs, missing []string
	for j, score := range m.used {
		text := x.vocab[name.terms[j]].text
		if score > 0 {
			pairs = append(pairs, fmt.Sprintf("%s %d%%", text, score/100))
		} else {
			missing = append(missing, text)
		}
	}
	if name.text != x.entries[name.entry].name {
		out = append(out, fmt.Sprintf("listed alias %q", name.text))
	}
	out = append(out, "words that match: "+strings.Join(pairs, ", "))
	if len(missing) > 0 {
		out = append(out, "listed words not given: "+strings.Join(missing, ", "))
	}
	return out
}
