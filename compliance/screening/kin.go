package screening

import (
	"slices"

	"github.com/openremit/remit/compliance/screening/name"
)

// agrees is how like words are that are taken to be the same name when names of
// two people are held apart, kinAgrees is that of fathers' and of family names, of
// which other languages change more.
const (
	agrees    = 7_000
	kinAgrees = 5_800
)

// measureKin measures what tells people apart who share a part of their names, and
// companies that share common words only.
func (x *Index) measureKin(f *[featCount]int, words []asked, places []place, al *alignment, person bool) {
	if !person {
		if common, other := onlyCommon(places, al); common {
			f[featGeneric] = min(most, 3*(f[featMissing]+f[featMore]+f[featMoreThing]+f[featLeft]+f[featFuzzy]+f[featFuzzyKnown]))
			if other {
				f[featGeneric] = max(f[featGeneric], otherCommon)
			}
		}
		return
	}
	x.measureFathers(f, words, places, al)
	telling, slight, given, other := 0, 0, false, false
	for j, p := range places {
		switch {
		case p.class == name.Title || p.class == name.Particle:
			if al.listed[j] == 0 {
				slight++
			}
		case !p.class.Slight():
			telling++
			given = given || p.part == partGiven && al.listed[j] == 0
			other = other || p.part == partMiddle && al.listed[j] >= agrees
		}
	}
	for i, w := range words {
		if (w.Class == name.Title || w.Class == name.Particle) && al.asked[i] == 0 {
			slight++
		}
	}
	if telling == 1 && slight > 0 {
		f[featStripped] = most
	}
	if given && other {
		f[featGiven] = most
	}
}

// measureFathers compares the fathers' names where both parties have one: that of
// the listed party may be in another name of its entry.
func (x *Index) measureFathers(f *[featCount]int, words []asked, places []place, al *alignment) {
	at := -1
	for i, a := range words {
		// Ianukovych and Petrovich are family names too.
		if a.father != "" && (al.asked[i] < agrees || places[al.partner[i]].part != partFamily) {
			at = i
			break
		}
	}
	if at < 0 {
		return
	}
	listed := x.fathers[x.names[al.name].entry]
	if len(listed) == 0 {
		return
	}
	one := name.Spell(words[at].father, false)
	if !slices.ContainsFunc(listed, func(other name.Spelling) bool { return sameGiven(&one, &other) }) {
		f[featPatronymic] = most
		return
	}
	agree, open, openListed := 0, false, false
	for i, s := range al.asked {
		if i == at || words[i].Class.Slight() {
			continue
		}
		if s >= agrees {
			agree++
		}
		open = open || s < kinAgrees
	}
	for j, s := range al.listed {
		openListed = openListed || x.vocab[places[j].term].father == "" && s < kinAgrees && !places[j].class.Slight()
	}
	if agree == 1 && open && openListed {
		f[featNamesake] = most
	}
}

// sameGiven reports whether two given names may be spellings of one.
func sameGiven(a, b *name.Spelling) bool {
	if name.AlikeFrom(a, b, kinAgrees) >= kinAgrees {
		return true
	}
	for _, other := range name.Same(a.Text) {
		if other == b.Text {
			return true
		}
	}
	return false
}

// otherCommon is the least value of featGeneric where common words are not the very same.
const otherCommon = 4_000

// onlyCommon reports whether all pairs are of words that many companies have, and
// whether one of them is of two different words.
func onlyCommon(places []place, al *alignment) (common, other bool) {
	for j, s := range al.listed {
		if s == 0 || places[j].class.Slight() {
			continue
		}
		if places[j].class == name.Telling {
			return false, false
		}
		other = other || s < name.Equal
	}
	return true, other
}
