package screening

import (
	"cmp"
	"slices"

	"github.com/openremit/remit/compliance"
)

// Bounds of the work that one name may cause.
const (
	// maxLike bounds the listed words that one word is compared with.
	maxLike = 4_000
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
	// used holds for each listed word how like its partner is, 0 without one.
	used []int
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
		slight := slight(w.text)
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
	if found, ok := x.liked.get(w); ok {
		return found
	}
	found := x.findLike(w)
	x.liked.put(w, found)
	return found
}

func (x *Index) findLike(w word) map[int32]int {
	found := map[int32]int{}
	if number, ok := x.byText[w.text]; ok {
		found[number] = same
	}
	if len(w.text) < 3 || (particles[w.text] && !w.bare) {
		return found
	}
	spelled := spellings(w.text)
	tried := map[int32]bool{}
	for _, k := range keys(spelled) {
		for _, number := range x.near[k] {
			if _, had := found[number]; had || tried[number] {
				continue
			}
			if len(tried) == maxLike {
				return found
			}
			tried[number] = true
			if s := similarity(spelled, x.vocab[number].spellings, w.bare); s > 0 {
				found[number] = s
			}
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

// tally counts, for each listed name, what a query's words gain by it. It is
// kept for the next query: a map of thousands of names costs more than all else.
type tally struct {
	// gain is the sum over the words so far, best what the present word gains.
	gain, best []int32
	// words counts the asked words that a name has.
	words []int16
	// touched are the names with a gain, fresh those with a best.
	touched, fresh []int32
}

func (t *tally) note(name int32, worth int) {
	if t.best[name] == 0 {
		t.fresh = append(t.fresh, name)
	}
	t.best[name] = max(t.best[name], int32(worth))
}

// next adds the present word's gains and starts the next word.
func (t *tally) next() {
	for _, name := range t.fresh {
		if t.gain[name] == 0 {
			t.touched = append(t.touched, name)
		}
		t.gain[name] += t.best[name]
		t.words[name]++
		t.best[name] = 0
	}
	t.fresh = t.fresh[:0]
}

func (t *tally) clear() {
	for _, name := range t.touched {
		t.gain[name], t.words[name] = 0, 0
	}
	t.touched = t.touched[:0]
}

// candidates collects the names that have like words, the most promising
// first. Slight words find nothing unless there are no others, and one shared
// word is no name where several were asked for (see score).
func (x *Index) candidates(a asked) []candidate {
	t := x.tallies.Get().(*tally)
	for i := range a.like {
		if !a.slight[i] || a.onlySlight() {
			x.count(a, i, t)
			t.next()
		}
	}
	least := int16(min(a.telling(), 2))
	var out []candidate
	for _, name := range t.touched {
		if t.words[name] < least {
			continue
		}
		if bound := a.bound(int(t.gain[name])); bound >= leastBound && x.comparable(a.kind, name) {
			out = append(out, candidate{name: name, bound: bound*1000 - len(x.names[name].terms)})
		}
	}
	t.clear()
	x.tallies.Put(t)
	slices.SortFunc(out, func(l, r candidate) int {
		return cmp.Or(cmp.Compare(r.bound, l.bound), cmp.Compare(l.name, r.name))
	})
	return out[:min(len(out), maxAligned)]
}

// count notes the names that have a word like the asked one, or two that it
// glues, or one that glues it and the next.
func (x *Index) count(a asked, i int, t *tally) {
	for number, s := range a.like[i] {
		worth := max(s*a.weight[i]/same, 1)
		for _, name := range x.vocab[number].names {
			t.note(name, worth)
		}
	}
	for _, name := range x.glued[a.words[i].text] {
		t.note(name, a.weight[i])
	}
	if i+1 == len(a.words) {
		return
	}
	if number, ok := x.byText[a.words[i].text+a.words[i+1].text]; ok {
		for _, name := range x.vocab[number].names {
			t.note(name, a.weight[i]+a.weight[i+1])
			t.words[name]++ // It has the next word too.
		}
	}
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
