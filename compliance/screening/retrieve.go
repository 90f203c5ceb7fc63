package screening

import (
	"slices"

	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/compliance/screening/name"
)

// Bounds of the work that one name may cause.
const (
	// maxVisits bounds the names that the words of a query lead to.
	maxVisits = 12_000
	// maxAligned bounds the listed names that are compared word by word.
	maxAligned = 100
	// leastPromise is how many basis points a name must promise to be compared after
	// the fewAligned best.
	leastPromise = 4500
	fewAligned   = 12
	// longestJoined bounds the letters of two words that are looked for as one.
	longestJoined = 18
)

// asked is one word of a query with the listed words like it.
type asked struct {
	name.Word
	spelling name.Spelling
	alikes   []like
	// weight is that of the listed word it is most like, or unlistedWeight.
	weight int32
	// kind is the class of that listed word.
	kind name.Class
	// visits is how many names its like words lead to.
	visits int
	// father is the given name of which it is a father's name: vladimir of
	// Vladimirovich; empty for other words.
	father string
	// syllables are those of a Chinese or Korean word where the whole name is one.
	syllables name.Syllables
	// known says that it is listed as it stands, in whichever name.
	known bool
}

// tally is what one query counts in. It is kept for the next: its columns cost
// more to clear than to use.
type tally struct {
	// gain is, for each name, the sum over the words so far, best what the
	// present word gains.
	gain, best []int32
	// touched are the names with a gain, fresh those with a best.
	touched, fresh []int32
	// seen marks the terms that the present word was compared with.
	seen []int32
	mark int32
	keys []uint32
	// heads and links hold, for each term, the asked words like it.
	heads []int32
	links []link
	used  []int32
	pairs []pairing
	// promising and counts are those of the present reading.
	promising []promising
	counts    [promiseBins]int32
	// whole are the names that are the query but for where words end.
	whole []int32
	// east says that the asked name is Chinese or Korean.
	east bool
	// cells and partner are those of the present alignment.
	cells   []int16
	partner []int8
}

// link is one asked word that a term is like.
type link struct {
	next  int32
	asked int16
	alike int16
	sure  bool
}

func newTally(names, terms int) *tally {
	return &tally{
		gain: make([]int32, names), best: make([]int32, names), seen: make([]int32, terms), mark: 1, heads: make([]int32, terms),
		links: make([]link, 1),
	}
}

func (t *tally) clear() {
	for _, number := range t.touched {
		t.gain[number] = 0
	}
	for _, number := range t.used {
		t.heads[number] = 0
	}
	t.touched, t.used, t.links = t.touched[:0], t.used[:0], t.links[:1]
	if t.mark > 1<<30 {
		clear(t.seen)
		t.mark = 1
	}
}

// ask makes the words of a query ready.
func (x *Index) ask(words []name.Word, kind list.Kind, t *tally) []asked {
	out := make([]asked, len(words))
	t.east = isEastern(words)
	for i, w := range words {
		a := asked{Word: w, spelling: name.Spell(w.Text, w.Bare), weight: unlistedWeight, father: name.Father(w.Text)}
		if w.Class.Slight() {
			if number, ok := x.byText[wordKey(w.Text, w.Bare, len(w.Alts) > 0)]; ok {
				a.alikes = []like{{number, name.Equal, true}}
			}
		} else {
			a.alikes = x.recall(&a.spelling, w.Stands, w.Alts, t)
		}
		if t.east {
			a.syllables = name.SyllablesOf(w.Text)
		}
		a.known = len(a.alikes) > 0 && a.alikes[0].alike == name.Equal
		best, class := int32(0), w.Class
		for _, l := range a.alikes {
			// A likeness short of equal is no proof that the word is that common.
			weight := x.vocab[l.term].weight
			if l.alike > best {
				best, a.weight = l.alike, weight+(name.Equal-l.alike)/20
				if class == name.Telling && (x.vocab[l.term].class != name.Title || kind == "" || kind == list.Person) {
					a.kind = x.vocab[l.term].class // Queen is a title of persons, and a name of ships.
				}
			}
			a.visits += int(x.vocab[l.term].names)
		}
		a.weight = classWeight(min(a.weight, unlistedWeight+250), max(w.Class, a.kind))
		out[i] = a
		for _, l := range a.alikes {
			if t.heads[l.term] == 0 {
				t.used = append(t.used, l.term)
			}
			t.links = append(t.links, link{next: t.heads[l.term], asked: int16(i), alike: int16(l.alike), sure: l.sure})
			t.heads[l.term] = int32(len(t.links) - 1)
		}
	}
	return out
}

// candidates collects the names that have like words, the most promising
// first. The rarest word leads; words that very many names have only count where
// rarer ones were not found.
func (x *Index) candidates(words []asked, kind list.Kind, t *tally) []int32 {
	order := make([]int, 0, len(words))
	slight := !slices.ContainsFunc(words, func(a asked) bool { return !a.Class.Slight() })
	for i, a := range words {
		if a.visits > 0 && (slight || !a.Class.Slight()) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return words[i].visits - words[j].visits })
	left := maxVisits
	for _, i := range order {
		for _, l := range words[i].alikes {
			term := &x.vocab[l.term]
			visits := x.postings[term.first : term.first+min(term.names, int32(max(left, 0)))]
			left -= len(visits)
			t.note(visits, words[i].weight*l.alike/name.Equal)
		}
		t.next()
		if left <= 0 {
			break
		}
	}
	x.gluedCandidates(words, t)
	x.wholeCandidates(words, t)
	return x.bestOf(words, kind, t)
}

// gluedCandidates notes the names that write apart what the query joins, join
// what it writes apart, or have the asked word for initials.
func (x *Index) gluedCandidates(words []asked, t *tally) {
	for i := range words {
		a := &words[i]
		if len(a.Text) >= 4 && !a.Class.Slight() {
			t.note(x.glued.find(gluedKey(a.Text)), a.weight)
		}
		if len(a.Text) >= 3 && len(words) == 1 {
			t.note(x.initials.find(hash('i', a.Text, "", "")), a.weight)
		}
		if i+1 < len(words) {
			x.joinedCandidates(a, &words[i+1], t)
		}
		t.next()
	}
}

// wholeCandidates notes the names that are the query but for where words end.
func (x *Index) wholeCandidates(words []asked, t *tally) {
	total := int32(0)
	plain := make([]name.Word, len(words))
	for i, w := range words {
		plain[i] = w.Word
		total += w.weight
	}
	t.whole = t.whole[:0]
	for _, text := range wholeTexts(plain) {
		names := x.whole.find(hash('w', text, "", ""))
		t.note(names, 2*total)
		t.whole = append(t.whole, names...)
	}
	t.next()
}

// joinedCandidates notes the names that join two asked words. Only where one of
// them is not listed as it stands is more than the very same looked for.
func (x *Index) joinedCandidates(a, b *asked, t *tally) {
	if len(a.Text)+len(b.Text) < 5 || len(a.Text)+len(b.Text) > name.MaxWord {
		return
	}
	joined := name.Spell(a.Text+b.Text, a.Bare)
	if number, ok := x.byText[wordKey(joined.Text, a.Bare, false)]; ok {
		term := &x.vocab[number]
		t.note(x.postings[term.first:term.first+term.names], a.weight+b.weight)
	}
	if a.sure() && b.sure() || len(joined.Text) > longestJoined {
		return
	}
	for _, l := range x.alikes(&joined, "", nil, t) {
		if l.alike >= leastGlued {
			term := &x.vocab[l.term]
			t.note(x.postings[term.first:term.first+min(term.names, maxBucket)], (a.weight+b.weight)*l.alike/name.Equal)
		}
	}
}

// sure reports whether a listed word is much like the asked one.
func (a *asked) sure() bool {
	return a.Class.Slight() || len(a.alikes) > 0 && a.alikes[0].alike >= weakPair && !a.Bare
}

// note remembers what the present word gains in names.
func (t *tally) note(names []int32, worth int32) {
	for _, number := range names {
		had := t.best[number]
		if had == 0 {
			t.fresh = append(t.fresh, number)
		}
		if worth > had {
			t.best[number] = worth
		}
	}
}

// next adds the present word's gains and starts the next word.
func (t *tally) next() {
	for _, number := range t.fresh {
		if t.gain[number] == 0 {
			t.touched = append(t.touched, number)
		}
		t.gain[number] += t.best[number]
		t.best[number] = 0
	}
	t.fresh = t.fresh[:0]
}

// bestOf returns the touched names that can score best by what they gained of
// the query's weight and of their own.
func (x *Index) bestOf(words []asked, of list.Kind, t *tally) []int32 {
	total := int32(0)
	for _, a := range words {
		total += a.weight
	}
	total = max(total, 1)
	var initials []uint32
	for _, a := range words {
		if a.Class == name.Initial {
			initials = append(initials, letterBit(a.Text[0]))
		}
	}
	allowed := comparables(of)
	t.promising, t.counts = t.promising[:0], [promiseBins]int32{}
	for _, number := range t.touched {
		n := &x.names[number]
		gain := t.gain[number]
		promise := 6_000*min(gain, total)/total + int32(int64(min(gain, n.weight))*int64(n.share)>>shareBits)
		if !allowed[n.kind] {
			continue
		}
		for _, letter := range initials {
			if n.beginnings&letter != 0 {
				promise += initialPromise
			}
		}
		t.promising = append(t.promising, promising{promise, number})
		t.counts[min(promise>>promiseBits, promiseBins-1)]++
	}
	least, n := promiseBins-1, t.counts[promiseBins-1]
	for least > 0 && n < maxAligned {
		least--
		n += t.counts[least]
	}
	found := slices.DeleteFunc(t.promising, func(p promising) bool { return p.promise>>promiseBits < int32(least) })
	slices.SortFunc(found, func(a, b promising) int {
		if a.promise != b.promise {
			return int(b.promise - a.promise)
		}
		return int(a.number - b.number)
	})
	out := make([]int32, 0, min(len(found), maxAligned))
	for _, p := range found[:cap(out)] {
		if p.promise < leastPromise && len(out) >= fewAligned {
			break
		}
		out = append(out, p.number)
	}
	return out
}

// promising is a name with what it promises of a score, in basis points.
type promising struct{ promise, number int32 }

// Names are counted by what they promise in bins of 1<<promiseBits basis points,
// so that only the best are sorted.
const (
	promiseBits = 5
	promiseBins = 350
)

// initialPromise is what an initial of a query adds for a name with such a word.
const initialPromise = 300

// letterBit is the bit of a letter in listed.beginnings. Digits share them.
func letterBit(letter byte) uint32 { return 1 << (letter & 31) }

// kind is a list.Kind in a byte.
type kind uint8

// kinds are what entries can be; the first is for those that do not say.
var kinds = [...]list.Kind{"", list.Person, list.Company, list.Vessel, list.Aircraft}

func kindOf(k list.Kind) kind { return kind(max(slices.Index(kinds[:], k), 0)) }

// comparables says of each kind whether a party of the asked kind may be one.
func comparables(asked list.Kind) (allowed [len(kinds)]bool) {
	for i, listed := range kinds {
		allowed[i] = comparable(asked, listed)
	}
	return allowed
}

// comparable says whether a party of one kind may be an entry of another:
// companies are asked for as persons and listed as unknown, but nobody is a ship
// unless asked for as something other than a person.
func comparable(asked, listed list.Kind) bool {
	switch asked {
	case "":
		return true
	case list.Person:
		return listed != list.Vessel && listed != list.Aircraft
	case list.Company:
		return listed != list.Aircraft
	default:
		return listed == asked || listed == "" || listed == list.Company
	}
}
