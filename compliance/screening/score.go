package screening

import (
	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/compliance/screening/name"
)

// most is the highest score, in basis points.
const most = 10_000

// enoughBits is what the words found must tell, in hundredths of a bit, not to
// be thin: about one party in four million.
const enoughBits = 2_200

// enoughBitsVessel is the same among ships, as of nineteen listed parties one is a
// ship: the fewer a name may be taken for, the less it has to tell.
const enoughBitsVessel = enoughBits - 4*weightStep

// features measures an alignment.
func (x *Index) features(words []asked, al *alignment, kind list.Kind) [featCount]int {
	var f [featCount]int
	n := &x.names[al.name]
	e := &x.entries[n.entry]
	places := x.wordsOf(n)
	person := e.Kind == list.Person
	a := x.measureAsked(&f, words, places, al)
	bits, tellingListed := x.measureListed(&f, places, al, person)
	enough := enoughBits
	if kind == list.Vessel && e.Kind == list.Vessel {
		enough = enoughBitsVessel
	}
	f[featThin] = share(max(0, enough-bits), enough)
	fuzzy := f[featFuzzy] + f[featFuzzyKnown] + f[featFuzzyBare]
	f[featThinMiss] = f[featThin] * min(most, f[featMissing]+f[featLeft]+f[featLeftMiddle]/2+2*fuzzy) / most
	f[featThinFuzzy] = f[featThin] * min(most, fuzzy*4) / most
	if f[featInitial] > 0 {
		f[featInitialFuzzy] = min(most, fuzzy*4)
	}
	if f[featLeft]+f[featLeftMiddle] < 600 && a.found >= 2 && !al.east {
		switch {
		case !person:
			f[featMoreThing] = f[featMissing]
		case a.outer == 0:
			f[featMoreInside] = f[featMissing]
		default:
			f[featMore] = f[featMissing]
		}
		f[featMissing] = 0
	}
	x.measureKin(&f, words, places, al, person)
	f[featOrder] = orderOf(al)
	if al.east {
		f[featShort] = f[featLeft] + f[featLeftMiddle]
		if syllablesMoved(al) {
			f[featSyllables] = most
		}
	}
	if a.found < 2 && al.glued == 0 && max(a.telling, tellingListed) > 1 {
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
	case person != (kind == list.Person):
		f[featKind] = most
	}
	return f
}

// fairAlike is how like words are that differ by a typing error or a spelling.
const fairAlike = 7_800

// initialWeight is what an initial counts that no listed word begins with.
const initialWeight = 300

// askedSide is what measureAsked counts beside the features.
type askedSide struct {
	// telling counts the words that tell who it is, found those with a partner.
	telling, found int
	// outer counts the words without partner before the first or after the last
	// word that has one.
	outer int
}

// measureAsked measures the asked side.
func (x *Index) measureAsked(f *[featCount]int, words []asked, places []place, al *alignment) askedSide {
	var out askedSide
	total, missing, fuzzy, known, bare, poor, initials, worst := 0, 0, 0, 0, 0, 0, 0, 0
	first, last := len(words), -1
	for i, s := range al.asked {
		w := int(words[i].weight)
		slight := words[i].Class.Slight()
		if s >= leastLeft && words[i].Class == name.Telling && !words[i].known {
			// A mistyped common word, Nank for Bank, says no more than that word.
			if p := places[al.partner[i]]; p.class == name.Common || p.class == name.Form {
				w = min(w, int(x.weightAt(p)))
			}
		}
		if s > 0 && !slight {
			first, last = min(first, i), i
		}
		total += w
		if !slight {
			out.telling++
			if s > 0 {
				out.found++
			}
		} else if s == initialPair {
			out.telling++
			out.found++
		}
		switch {
		case s == 0 && words[i].Class == name.Initial:
			total += initialWeight - w
			missing += initialWeight
		case s == 0 && slight:
			missing += w / 2
		case s == 0:
			missing += w
		case s == initialPair:
			initials += w
			if words[i].Class != name.Initial {
				missing += w / 4 // The list has no more than the letter.
			}
		default:
			differs := most - int(s)
			poor += w * max(0, fairAlike-int(s))
			if !slight {
				worst = max(worst, differs)
			}
			switch {
			case words[i].Bare:
				bare += w * differs
			case words[i].known && !slight:
				known += w * differs
			default:
				fuzzy += w * differs
			}
		}
	}
	for i, s := range al.asked {
		if s == 0 && !words[i].Class.Slight() && (i < first || i > last) {
			out.outer++
		}
	}
	f[featMissing], f[featInitial] = share(missing, total), share(initials, total)
	f[featFuzzy], f[featFuzzyKnown], f[featFuzzyBare] = share(fuzzy/most, total), share(known/most, total), share(bare/most, total)
	f[featPoor], f[featWorst] = share(poor/most, total), worst
	return out
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
			bits += min(w, mostBits(len(x.vocab[p.term].spelling.Text))) * max(0, 2*s-most) / most
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
	f[featInitial] += share(initials, total)
	return bits, telling
}

// mostBits bounds what a word of so many letters tells, in hundredths of a bit:
// a syllable is rare in the lists only where few listed names are Chinese or Korean.
func mostBits(letters int) int { return 150 + 225*letters }

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

// syllablesMoved reports whether the partners of three or more words follow each
// other in an order that no place of the family name makes.
func syllablesMoved(al *alignment) bool {
	last, first, pairs, breaks := -1, -1, 0, 0
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
	return pairs >= 3 && (breaks > 1 || breaks == 1 && last > first)
}

// mostLost is how many points a name may lose to be told at all. Who alerts asks for
// far more; the weakest are for people who look at lists of matches.
var mostLost = 5_000

// nameScore is the score by the name alone, 0 for no match.
func nameScore(f *[featCount]int) int {
	lost := 0
	for i, value := range f {
		lost += weights[i] * value / most
	}
	if lost > mostLost {
		return 0
	}
	return most - lost
}
