package screening

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/openremit/remit/compliance"
)

// Bounds of the work that one name may cause.
const (
	// maxLike bounds the listed words that one word is compared with further.
	maxLike = 400
	// maxAligned bounds the listed names that are compared word by word.
	maxAligned = 300
	// leastBound is the share of a score, in basis points, that a name must be
	// able to reach to be compared.
	leastBound = 7_000
)

// Shares, in percent, of a word's weight when it has no partner.
const (
	// extraInQuery: the party gives more names than the list has.
	extraInQueryPerson  = 50
	extraInQueryCompany = 70
	// moreInList: the list gives middle names or patronymics the party left out.
	moreInList      = 35
	moreInListLoose = 60
	// moreFamily: the list gives a second family name.
	moreFamily = 60
)

// gluedPair is the similarity of one word with two neighbours written as one.
const gluedPair = 9_500

// asked is one name of a query, ready to be compared.
type asked struct {
	kind  compliance.PartyKind
	words []word
	// like holds for each word the listed words like it.
	like []map[int32]int
	// weight is each word's weight: its listed likeness's, or that of a word no
	// list holds.
	weight []int
	slight []bool
	total  int
}

// match is how well one listed name fits.
type match struct {
	name  int32
	score int
	// pairs name the listed words that have a partner.
	pairs   []string
	missing []string
}

// candidate is a listed name that shares words with the query.
type candidate struct {
	name  int32
	bound int
}

// ask prepares a name: it finds the listed words that are like its words.
func (x *Index) ask(kind compliance.PartyKind, spelled []word) asked {
	a := asked{kind: kind, words: spelled}
	for _, w := range spelled {
		like := x.like(w)
		slight := particles[w.text] || forms[w.text] || len(w.text) == 1
		weight, best := unlistedWeight, 0
		for number, s := range like {
			t := x.vocab[number]
			if s > best || (s == best && t.weight > weight) {
				weight, best = t.weight, s
			}
		}
		if slight {
			weight = slightWeight
		}
		a.like = append(a.like, like)
		a.slight = append(a.slight, slight)
		a.weight = append(a.weight, weight)
		a.total += weight
	}
	return a
}

// like returns the listed words that are like w with their similarity.
func (x *Index) like(w word) map[int32]int {
	found := map[int32]int{}
	if number, ok := x.byText[w.text]; ok {
		found[number] = same
	}
	if len(w.text) < 3 || (particles[w.text] && !w.bare) {
		return found
	}
	seen := 0
	for _, k := range keys(w.text) {
		for _, number := range x.near[k] {
			if _, had := found[number]; had {
				continue
			}
			if seen++; seen > maxLike*8 {
				return found
			}
			found[number] = similarity(w.text, x.vocab[number].text, w.bare)
		}
	}
	for number, s := range found {
		if s < leastSimilar {
			delete(found, number)
		}
	}
	return found
}

// match returns the listed names that are like the asked one.
func (x *Index) match(a asked) []match {
	var out []match
	for _, c := range x.candidates(a) {
		if m := x.align(a, c.name); m.score >= leastBound {
			out = append(out, m)
		}
	}
	return out
}

// candidates collects the names that have like words, the most promising
// first. Slight words find nothing unless there are no others.
func (x *Index) candidates(a asked) []candidate {
	gain := map[int32]int{}
	for i, like := range a.like {
		if a.slight[i] && !a.onlySlight() {
			continue
		}
		best := map[int32]int{}
		for number, s := range like {
			worth := s * a.weight[i] / same
			for _, name := range x.vocab[number].names {
				best[name] = max(best[name], worth)
			}
		}
		for _, name := range x.glued[a.words[i].text] {
			best[name] = a.weight[i]
		}
		if i+1 < len(a.words) {
			pair := a.words[i].text + a.words[i+1].text
			if number, ok := x.byText[pair]; ok {
				for _, name := range x.vocab[number].names {
					best[name] = a.weight[i] + a.weight[i+1]
				}
			}
		}
		for name, worth := range best {
			gain[name] += worth
		}
	}
	out := make([]candidate, 0, len(gain))
	for name, got := range gain {
		if bound := a.bound(got); bound >= leastBound && x.comparable(a.kind, name) {
			out = append(out, candidate{name: name, bound: bound*1000 - len(x.names[name].terms)})
		}
	}
	slices.SortFunc(out, func(l, r candidate) int {
		return cmp.Or(cmp.Compare(r.bound, l.bound), cmp.Compare(l.name, r.name))
	})
	return out[:min(len(out), maxAligned)]
}

// bound is the best score that a name can have whose words gained so much.
func (a asked) bound(gain int) int {
	covered := min(gain+slightWeight*len(a.words), a.total)
	rest := (a.total - covered) * extraInQueryPerson / 100
	return (same*covered/max(covered+rest, 1) + same) / 2
}

func (a asked) onlySlight() bool { return !slices.Contains(a.slight, false) }

// comparable leaves ships and aircraft out for persons, and aircraft for all.
func (x *Index) comparable(kind compliance.PartyKind, name int32) bool {
	switch x.entries[x.names[name].entry].kind {
	case kindAircraft:
		return false
	case kindVessel:
		return kind == compliance.PartyCompany
	default:
		return true
	}
}

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
	m := match{name: number}
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
			m.pairs = append(m.pairs, fmt.Sprintf("%s %d%%", t.text, s/100))
			continue
		}
		all += t.weight * shape.share(j) / 100
		m.missing = append(m.missing, t.text)
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
func (m match) why(name listed, main string) []string {
	var out []string
	if name.text != main {
		out = append(out, fmt.Sprintf("listed alias %q", name.text))
	}
	out = append(out, "words that match: "+strings.Join(m.pairs, ", "))
	if len(m.missing) > 0 {
		out = append(out, "listed words not given: "+strings.Join(m.missing, ", "))
	}
	return out
}
