package screening

import (
	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/compliance/screening/name"
)

// most is the highest score, in basis points.
const most = 10_000

// feature is one property of a match that takes points off a perfect score or
// adds to it. Values are basis points.
type feature uint8

const (
	// featMissing is the share of the asked name, by weight, that is not listed.
	featMissing feature = iota
	// featFuzzy is how far the asked words are from the listed ones.
	featFuzzy
	// featLeft is the share of the listed name that was not asked for.
	featLeft
	// featLeftMiddle is the same of middle names with the others found.
	featLeftMiddle
	// featThin is how little the words found tell, at most 10,000.
	featThin
	// featThinMiss is featThin of names that miss something.
	featThinMiss
	// featOrder: the words stand in another order than the list allows.
	featOrder
	// featInitial is the share of words of which only the initial was compared.
	featInitial
	// featSingle: only one telling word of several was found.
	featSingle
	featWeak
	featKind
	featVessel
	// featMore is featMissing where all of the listed name was asked for.
	featMore
	// featMissingThing is featMissing of names of companies and ships.
	featMissingThing
	// featThinFuzzy is featFuzzy of names that tell little.
	featThinFuzzy
	// featFamily is the share of the listed family name where none of it was asked for.
	featFamily
	featCount
)

// featureNames are what people read.
var featureNames = [featCount]string{
	"asked words not listed", "spelling differs", "listed words not asked", "listed middle names not asked", "common words only",
	"common words and others missing", "word order", "initials only", "one word of several", "weak alias",
	"person against company", "the entry is a vessel", "asked words beside the whole listed name",
	"asked words of a company not listed", "common words and spelling differs", "listed family name not asked",
}

// weights are the points that 10,000 of a feature takes off a score. They were
// fitted on half of the labelled set of docs/screening.md, and rounded.
var weights = [featCount]int{
	featMissing: 14_000, featFuzzy: 7_400, featLeft: 1_500, featLeftMiddle: 1_250, featThin: 550, featThinMiss: 3_800,
	featOrder: 100, featInitial: 100, featSingle: 100, featWeak: 1_600, featKind: 700, featVessel: 1_400,
	featMore: 3_900, featMissingThing: 700, featThinFuzzy: 750,
	featFamily: 1_500,
}

// enoughBits is what the words found must tell, in hundredths of a bit, not to
// be thin: about one party in four million.
const enoughBits = 2_200

// features measures an alignment.
func (x *Index) features(words []asked, al *alignment, kind list.Kind) [featCount]int {
	var f [featCount]int
	n := &x.names[al.name]
	e := &x.entries[n.entry]
	places := x.wordsOf(n)
	total, missing, fuzzy, initials := 0, 0, 0, 0
	tellingAsked, found := 0, 0
	for i, s := range al.asked {
		w := int(words[i].weight)
		if !words[i].Class.Slight() {
			tellingAsked++
			if s > 0 {
				found++
			}
		} else if s == initialPair {
			tellingAsked++
			found++
		}
		switch {
		case s == 0 && words[i].Class.Slight():
			total += w
			missing += w / 2
		case s == 0:
			total += w
			missing += w
		case s == initialPair:
			total += w
			initials += w
			if words[i].Class != name.Initial {
				missing += w / 4 // The list has no more than the letter.
			}
		default:
			total += w
			fuzzy += w * (most - int(s)) / most
		}
	}
	f[featMissing] = share(missing, total)
	f[featFuzzy] = share(fuzzy, total)
	bits, tellingListed := x.measureListed(&f, places, al, e.Kind == list.Person)
	f[featThin] = share(max(0, enoughBits-bits), enoughBits)
	f[featThinMiss] = f[featThin] * min(most, f[featMissing]+f[featLeft]+f[featLeftMiddle]/2+2*f[featFuzzy]) / most
	f[featThinFuzzy] = f[featThin] * min(most, f[featFuzzy]*4) / most
	if f[featLeft]+f[featLeftMiddle] < 600 && found >= 2 {
		f[featMore], f[featMissing] = f[featMissing], 0
	}
	if e.Kind != list.Person {
		f[featMissingThing] = f[featMissing]
	}
	f[featOrder] = orderOf(al)
	f[featInitial] += share(initials, total)
	if found < 2 && al.glued == 0 && max(tellingAsked, tellingListed) > 1 {
		f[featSingle] = most
	}
	if n.weak {
		f[featWeak] = f[featThin]
		if len(places) == 1 {
			f[featWeak] = most
		}
	}
	switch {
	case kind == "" || e.Kind == "" || kind == e.Kind:
	case e.Kind == list.Vessel:
		f[featVessel] = most
	case (e.Kind == list.Person) != (kind == list.Person):
		f[featKind] = most
	}
	return f
}

// measureListed measures the listed side, and returns what the words found tell
// in hundredths of a bit, and how many listed words are telling.
func (x *Index) measureListed(f *[featCount]int, places []place, al *alignment, person bool) (bits, telling int) {
	total, left, middle, initials, noFamily := 0, 0, 0, 0, 0
	family, given := false, false
	for j, p := range places {
		if al.listed[j] > 0 && !p.class.Slight() {
			family = family || p.part == partFamily
			given = given || p.part == partGiven
		}
	}
	for j, p := range places {
		w := int(x.weightAt(p))
		total += w
		s := int(al.listed[j])
		if !p.class.Slight() {
			telling++
		}
		switch {
		case s == initialPair:
			initials += w / 2
		case s > 0:
			bits += w * max(0, 2*s-most) / most
		case p.class.Slight():
			left += w / 2
		case p.part == partFamily && !family:
			left += w
			noFamily += w
		case person && family && given && (p.part == partMiddle || p.part == partFamily):
			middle += w
		default:
			left += w
		}
	}
	f[featLeft], f[featFamily] = share(left, total), share(noFamily, total)
	f[featLeftMiddle] = share(middle, total)
	f[featInitial] = share(initials, total)
	return bits, telling
}

func share(part, of int) int {
	if of <= 0 {
		return 0
	}
	return min(most, most*part/of)
}

// orderOf is how far the listed words are from the order of the asked ones.
// Family name first or last are both in order: a rotation costs nothing.
func orderOf(al *alignment) int {
	breaks, pairs, last, first := 0, 0, -1, -1
	for _, j := range al.partner {
		if j < 0 {
			continue
		}
		if first < 0 {
			first = int(j)
		}
		if last >= 0 && int(j) < last {
			breaks++
		}
		last = int(j)
		pairs++
	}
	if breaks > 0 && last < first {
		breaks-- // It goes around once.
	}
	if pairs < 3 {
		return 0
	}
	return min(most, most*breaks/(pairs-1))
}

// nameScore is the score by the name alone.
func nameScore(f *[featCount]int) int {
	score := most
	for i, value := range f {
		score -= weights[i] * value / most
	}
	return max(0, score)
}
