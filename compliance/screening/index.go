package screening

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/compliance/screening/name"
)

// Index answers which listed parties are like a given one. What it answers
// never changes after it was built, and it is safe for concurrent use.
type Index struct {
	entries []list.Entry
	names   []listed
	// places holds the words of all names, one after the other.
	places []place
	vocab  []term
	// outlines are those of vocab, in a column of their own: most words are far.
	outlines []name.Outline
	stems    []name.Spelling
	byText   map[string]int32
	// postings holds, for each term from its first on, the names that have it.
	postings []int32
	near     nearby
	// glued finds names by two neighbouring words written as one, initials those
	// of companies by the first letters of their words.
	glued, initials nearby
	// whole finds names by all their words written as one, see wholeTexts.
	whole nearby
	// standing finds terms by what they stand for.
	standing map[string][]int32
	// heard finds syllables of other scripts by all their spellings.
	heard map[string][]int32
	// variants are spellings that the lists use for one another.
	variants map[int32][]like
	wallets  map[string][]int32
	numbers  map[string][]int32
	versions map[string]string
	counts   map[string]int
	// fathers holds the fathers' given names of the persons whose names tell them.
	fathers map[int32][]name.Spelling
	// warnings are those of the files that were read.
	warnings []string
	// unread counts the names that could not be read.
	unread     int
	remembered remembered
	// tallies keeps what queries count in.
	tallies sync.Pool
}

// listed is one name of an entry.
type listed struct {
	entry int32
	// number is the name's place among the entry's names.
	number int16
	// words counts its words, which begin at first in Index.places.
	words uint8
	weak  bool
	// kind is that of its entry, beginnings the letters that its words begin with.
	kind       kind
	beginnings uint32
	first      int32
	// weight is the sum of its words' weights, share what a hundredth of a bit is of
	// it in 4,000, shifted left by shareBits.
	weight, share int32
}

const shareBits = 10

// place is one word of a listed name.
type place struct {
	term  int32
	class name.Class
	// part tells family from given names where the list does.
	part part
}

// part is which part of a person's name a word belongs to.
type part uint8

const (
	partUnknown part = iota
	partFamily
	partGiven
	partMiddle
)

// term is one word of the lists.
type term struct {
	spelling name.Spelling
	// stem is the place in Index.stems of the word without its article, or -1.
	stem int32
	// weight grows with rarity, in hundredths of a bit.
	weight int32
	class  name.Class
	// father is the given name of a father's name, see name.Father.
	father string
	// syllables are those of a word of Chinese or Korean.
	syllables name.Syllables
	// first and names say which of Index.postings are this term's.
	first, names int32
}

// The weights of words.
const (
	// weightStep is the weight of each halving of how many entries have a word.
	weightStep   = 100
	slightWeight = 70
	// mostCommon bounds the weight of words that many companies have.
	mostCommon = 450
	// unlistedWeight is that of a word which no list holds.
	unlistedWeight = 1_250
)

// NewIndex indexes entries. Of names that cannot be read it keeps count, see
// Unread; an entry's other names are found all the same.
func NewIndex(entries []list.Entry) *Index {
	b := builder{x: &Index{
		entries: entries, byText: map[string]int32{}, standing: map[string][]int32{}, heard: map[string][]int32{}, wallets: map[string][]int32{}, numbers: map[string][]int32{},
		versions: map[string]string{}, counts: map[string]int{}, fathers: map[int32][]name.Spelling{},
	}}
	for i := range entries {
		b.entry(int32(i))
	}
	return b.finish()
}

// Versions names the state of each list by the hash of its files.
func (x *Index) Versions() map[string]string { return maps.Clone(x.versions) }

// Counts returns how many entries each list has.
func (x *Index) Counts() map[string]int { return maps.Clone(x.counts) }

// Warnings tells which list files were read that may not be whole.
func (x *Index) Warnings() []string { return slices.Clone(x.warnings) }

// Names returns how many names are indexed.
func (x *Index) Names() int { return len(x.names) }

// Unread returns how many listed names could not be read, and so are not found.
func (x *Index) Unread() int { return x.unread }

// builder gathers what an index is made of.
type builder struct {
	x *Index
	// byTerm holds the names of each term, having how many entries have it.
	byTerm [][]int32
	having []int32
	last   []int32
	// slight counts the places where a term says little, all those where it is.
	slight, all []int32
	glued       []filed
	acronym     []filed
	whole       []filed
}

func (b *builder) entry(number int32) {
	x := b.x
	e := &x.entries[number]
	x.counts[e.List]++
	for _, wallet := range e.Wallets {
		key := walletKey(wallet)
		x.wallets[key] = append(x.wallets[key], number)
	}
	for _, d := range e.Documents {
		if key := numberKey(d.Number); key != "" {
			x.numbers[key] = append(x.numbers[key], number)
		}
	}
	seen := map[string]bool{}
	for i, n := range e.Names {
		b.name(number, i, n, seen)
		for _, part := range name.Scripts(n.Text) {
			b.name(number, i, list.Name{Text: part, Kind: n.Kind}, seen)
		}
	}
}

// sortOf says as what names of an entry are read.
func sortOf(kind list.Kind) name.Sort {
	if kind == list.Person {
		return name.Person
	}
	return name.Thing
}

func (b *builder) name(entry int32, i int, n list.Name, seen map[string]bool) {
	x := b.x
	e := &x.entries[entry]
	// A letter that the list's issuer lost hides no name.
	words, err := name.Read(strings.ReplaceAll(n.Text, "\ufffd", ""), sortOf(e.Kind))
	if err != nil {
		x.unread++
		return
	}
	b.words(entry, i, n, words, seen)
	for _, words := range name.Readings(n.Text, sortOf(e.Kind)) {
		b.words(entry, i, n, words, seen)
	}
}

// words files one reading of a name.
func (b *builder) words(entry int32, i int, n list.Name, words []name.Word, seen map[string]bool) {
	x := b.x
	e := &x.entries[entry]
	var key strings.Builder
	for _, w := range words {
		key.WriteString(wordKey(w.Text, w.Bare, len(w.Alts) > 0))
		key.WriteByte(' ')
	}
	if seen[key.String()] {
		return // Spellings that fold to the same words are one name.
	}
	seen[key.String()] = true
	number := int32(len(x.names))
	x.names = append(x.names, listed{
		entry: entry, number: int16(min(i, 1<<15-1)), words: uint8(len(words)), weak: n.Kind == list.Weak, kind: kindOf(e.Kind), first: int32(len(x.places)),
	})
	parts := partsOf(e.Kind, n, words)
	for j, w := range words {
		term := b.term(w, number, entry)
		x.places = append(x.places, place{term: term, class: w.Class, part: parts[j]})
		if father := x.vocab[term].father; father != "" && e.Kind == list.Person && parts[j] != partFamily &&
			!slices.ContainsFunc(x.fathers[entry], func(had name.Spelling) bool { return had.Text == father }) {
			x.fathers[entry] = append(x.fathers[entry], name.Spell(father, false))
		}
		if j+1 < len(words) {
			b.glued = append(b.glued, filed{gluedKey(w.Text + words[j+1].Text), number})
		}
	}
	for _, text := range wholeTexts(words) {
		b.whole = append(b.whole, filed{hash('w', text, "", ""), number})
	}
	if e.Kind != list.Person {
		if letters := firstLetters(words); len(letters) >= 3 {
			b.acronym = append(b.acronym, filed{hash('i', letters, "", ""), number})
		}
	}
}

// partsOf tells family from given names, by the list's parts or by the comma.
func partsOf(kind list.Kind, n list.Name, words []name.Word) []part {
	parts := make([]part, len(words))
	if kind != list.Person {
		return parts
	}
	family := n.Family
	if family == "" {
		before, _, found := strings.Cut(n.Text, ",")
		if !found {
			return parts
		}
		family = before
	}
	of, err := name.Read(family, name.Person)
	if err != nil {
		return parts
	}
	left := map[string]int{}
	for _, w := range of {
		left[w.Text]++
	}
	given := false
	for i, w := range words {
		switch {
		case left[w.Text] > 0:
			left[w.Text]--
			parts[i] = partFamily
		case given:
			parts[i] = partMiddle
		default:
			parts[i] = partGiven
			given = !w.Class.Slight()
		}
	}
	return parts
}

func firstLetters(words []name.Word) string {
	var out []byte
	for _, w := range words {
		if w.Class == name.Telling || w.Class == name.Common {
			out = append(out, w.Text[0])
		}
	}
	return string(out)
}

// term returns the number of a word and notes the name and entry that have it.
func (b *builder) term(w name.Word, number, entry int32) int32 {
	x := b.x
	key := wordKey(w.Text, w.Bare, len(w.Alts) > 0)
	at, ok := x.byText[key]
	if !ok {
		at = int32(len(x.vocab))
		x.byText[key] = at
		t := term{spelling: name.Spell(w.Text, w.Bare), stem: -1, class: w.Class, father: name.Father(w.Text)}
		if !w.Bare {
			t.syllables = name.SyllablesOf(w.Text)
		}
		if len(w.Alts) > 0 {
			x.heard[w.Text] = append(x.heard[w.Text], at)
			for _, alt := range w.Alts {
				x.heard[alt] = append(x.heard[alt], at)
			}
		}
		if stem, ok := stemOf(w.Text, w.Bare); ok && w.Class == name.Telling {
			t.stem = int32(len(x.stems))
			x.stems = append(x.stems, stem)
		}
		x.vocab = append(x.vocab, t)
		b.byTerm = append(b.byTerm, nil)
		b.having = append(b.having, 0)
		b.last = append(b.last, -1)
		b.slight, b.all = append(b.slight, 0), append(b.all, 0)
	}
	if w.Stands != "" && !slices.Contains(x.standing[w.Stands], at) {
		x.standing[w.Stands] = append(x.standing[w.Stands], at) // It may first have been read within a longer phrase.
	}
	b.all[at]++
	if w.Class.Slight() {
		b.slight[at]++
		x.vocab[at].class = w.Class
	}
	if had := b.byTerm[at]; len(had) == 0 || had[len(had)-1] != number {
		b.byTerm[at] = append(had, number)
	}
	if b.last[at] != entry {
		b.last[at] = entry
		b.having[at]++
	}
	return at
}

// finish weighs the words and files them, once all names are known.
func (b *builder) finish() *Index {
	x := b.x
	var keys []filed
	var scratch []uint32
	for i := range x.vocab {
		t := &x.vocab[i]
		t.first, t.names = int32(len(x.postings)), int32(len(b.byTerm[i]))
		x.postings = append(x.postings, b.byTerm[i]...)
		b.byTerm[i] = nil
		if t.class.Slight() && 2*b.slight[i] < b.all[i] {
			t.class = name.Common // It says little only beside certain words.
		}
		t.weight = rarity(len(x.entries), int(b.having[i]))
		if isNumber(t.spelling.Text) {
			continue
		}
		scratch = keysOf(scratch[:0], &t.spelling, true)
		if t.stem >= 0 {
			scratch = keysOf(scratch, &x.stems[t.stem], true)
		}
		for _, key := range scratch {
			keys = append(keys, filed{key, int32(i)})
		}
	}
	x.near = newNearby(keys)
	x.pack()
	x.glued, x.initials, x.whole = newNearby(b.glued), newNearby(b.acronym), newNearby(b.whole)
	for i := range x.names {
		n := &x.names[i]
		for _, p := range x.wordsOf(n) {
			n.weight += x.weightAt(p)
			if !p.class.Slight() {
				n.beginnings |= letterBit(x.vocab[p.term].spelling.Text[0])
			}
		}
		n.share = 4_000 << shareBits / max(n.weight, 1)
	}
	x.places = slices.Clip(x.places)
	x.postings = slices.Clip(x.postings)
	x.variants = x.mineVariants()
	names, terms := len(x.names), len(x.vocab)
	x.tallies.New = func() any { return newTally(names, terms) }
	return x
}

// pack lays the words side by side and their outlines in a column.
func (x *Index) pack() {
	words := make([]*name.Spelling, 0, len(x.vocab)+len(x.stems))
	x.outlines = make([]name.Outline, len(x.vocab))
	for i := range x.vocab {
		t := &x.vocab[i]
		words = append(words, &t.spelling)
		x.outlines[i] = t.spelling.Outline()
		if t.stem >= 0 {
			words = append(words, &x.stems[t.stem])
			x.outlines[i] = name.Open
		}
	}
	name.Pack(words)
}

func (x *Index) wordsOf(n *listed) []place { return x.places[n.first : n.first+int32(n.words)] }

// weightAt is the weight of a word in its place.
func (x *Index) weightAt(p place) int32 { return classWeight(x.vocab[p.term].weight, p.class) }

func classWeight(weight int32, class name.Class) int32 {
	switch {
	case class.Slight():
		return slightWeight
	case class == name.Common:
		return min(weight, mostCommon)
	default:
		return weight
	}
}

// fewEntries is how many entries at least tell how rare a word is: in a short
// list every word is as frequent as any.
const fewEntries = 20_000

// rarity is weightStep for each halving of the entries that have a word, with
// steps between by straight lines: whole numbers are equal on every machine.
func rarity(entries, having int) int32 {
	n := max(entries, fewEntries) * 16 / max(having, 1)
	if n < 32 {
		return weightStep
	}
	log := bits.Len(uint(n)) - 1
	rest := (n - 1<<log) * weightStep >> log
	return int32(weightStep*(log-4) + rest)
}
