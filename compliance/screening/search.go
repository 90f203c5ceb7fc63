package screening

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening/list"
	"github.com/openremit/remit/compliance/screening/name"
)

// Query asks who on the lists a party may be. It is personal data.
type Query struct {
	// Kind is what the party is; empty for not known.
	Kind list.Kind
	// Names are all the names the party goes by.
	Names []string
	// Born is the date of birth, as exactly as it is known. OrBorn is another
	// reading of it, where 03/04/1960 may be either day; zero for none.
	Born, OrBorn list.Date
	Countries    []remit.Country
	// Documents are what identifies the party; only the numbers are compared.
	Documents []list.Document
	// Gender is "male", "female" or empty.
	Gender  string
	Wallets []string
}

// Match is one listed party that a query may mean.
type Match struct {
	// Entry is what the list says of the party; nobody may change it.
	Entry *list.Entry
	// Score is 0 to 10,000 basis points.
	Score int
	// Name is the place in Entry.Names of the name that matched, or -1.
	Name int
	// Wallet and Document say that a wallet or a document's number is listed.
	Wallet, Document bool
	// Pairs are the words that were compared, Points what each property of the
	// match took or added.
	Pairs  []Pair
	Points []Point
}

// Pair is two words taken for the same. Alike is in basis points, 0 for a word
// without partner, of which the other text is empty.
type Pair struct {
	Asked, Listed string
	Alike         int
}

// Point is one property of a match: its value in basis points of what it could
// be, and by how many basis points of the score it changed it.
type Point struct {
	What   string
	Value  int
	Points int
}

// ErrUnscreened means that a query could not be compared as a whole: no name,
// one too long, or in a script that is not read. It never carries a name.
var ErrUnscreened = errors.New("the party could not be screened")

// maxQueryNames bounds the names of one party.
const maxQueryNames = 8

// found is a match before it is told: what it takes to tell it.
type found struct {
	score int
	words []asked
	al    alignment
	f     [featCount]int
	// exact is set for what matched by its number instead.
	exact *Match
}

// Search returns the listed parties that score at least least, best first, at
// most limit (0 for no limit). With ErrUnscreened the matches are those of what
// could be compared.
func (x *Index) Search(q Query, least, limit int) ([]Match, error) {
	best := map[int32]*found{}
	x.searchNumbers(q, best)
	var failed error
	if len(q.Names) == 0 {
		failed = fmt.Errorf("%w: it has no name", ErrUnscreened)
	}
	if len(q.Names) > maxQueryNames {
		failed = fmt.Errorf("%w: it has more than %d names", ErrUnscreened, maxQueryNames)
	}
	t, ok := x.tallies.Get().(*tally)
	if !ok {
		return nil, ErrUnscreened
	}
	defer x.tallies.Put(t)
	for _, text := range q.Names[:min(len(q.Names), maxQueryNames)] {
		readings, err := readAsked(text, q.Kind)
		if err != nil {
			failed = fmt.Errorf("%w: %w", ErrUnscreened, err)
			continue
		}
		for _, words := range readings {
			if split, ok := x.searchName(q, words, t, max(least, 1), best); ok {
				x.searchName(q, split, t, max(least, 1), best)
			}
		}
	}
	order := slices.Collect(maps.Keys(best))
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(best[b].score, best[a].score), cmp.Compare(a, b))
	})
	if limit > 0 {
		order = order[:min(len(order), limit)]
	}
	out := make([]Match, 0, len(order))
	for _, number := range order {
		f := best[number]
		if f.exact != nil {
			out = append(out, *f.exact)
			continue
		}
		out = append(out, x.tell(q, f))
	}
	return out, failed
}

// read reads a name as what the party is and, where that gives other words, as
// the other sort too: a company's name may stand in a person's fields. Of a name
// in two scripts each part is read beside.
func read(text string, kind list.Kind) ([][]name.Word, error) {
	out, err := readSorts(text, kind)
	if err != nil {
		return nil, err
	}
	if kind != list.Company {
		out = append(out, name.Readings(text, name.Person)...)
	}
	for _, part := range name.Scripts(text) {
		more, err := readSorts(part, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// errDigits: companies and ships may be called by a number, persons are not.
var errDigits = fmt.Errorf("%w: it has no letters", name.ErrUnreadable)

// readAsked reads the name of a party, which is not one for all that lists hold.
func readAsked(text string, kind list.Kind) ([][]name.Word, error) {
	readings, err := read(text, kind)
	if err != nil || kind != "" && kind != list.Person {
		return readings, err
	}
	if !slices.ContainsFunc(readings[0], func(w name.Word) bool { return !isNumber(w.Text) }) {
		return nil, errDigits
	}
	return readings, nil
}

func readSorts(text string, kind list.Kind) ([][]name.Word, error) {
	first, second := name.Person, name.Thing
	if kind != list.Person && kind != "" {
		first, second = second, first
	}
	one, err := name.Read(text, first)
	if err != nil {
		return nil, err
	}
	other, err := name.Read(text, second)
	company := func(w name.Word) bool { return w.Class == name.Common || w.Class == name.Form }
	sameText := func(a, b name.Word) bool { return a.Text == b.Text }
	if err != nil || slices.EqualFunc(one, other, sameText) && !slices.ContainsFunc(other, company) {
		return [][]name.Word{one}, nil
	}
	return [][]name.Word{one, other}, nil
}

// searchName scores the names that are like one reading of the asked name.
// It returns the reading with joined words split, where there are any.
func (x *Index) searchName(q Query, words []name.Word, t *tally, least int, best map[int32]*found) (split []name.Word, ok bool) {
	asked := x.ask(words, q.Kind, t)
	for _, number := range x.candidates(asked, q.Kind, t) {
		al := x.align(asked, number, t)
		f := x.features(asked, &al, q.Kind)
		if x.acronym(asked, number) {
			f = [featCount]int{featThin: f[featThin], featInitial: most}
		}
		if slices.Contains(t.whole, number) && x.sameWhole(words, number) {
			if joined := [featCount]int{featInitial: most}; nameScore(&joined) > nameScore(&f) {
				f = joined
			}
		}
		entry := x.names[number].entry
		score := nameScore(&f)
		if score == 0 || score+mostFor < least {
			continue
		}
		score = x.weigh(q, &x.entries[entry], score, nil)
		had := best[entry]
		if score < least || had != nil && score <= had.score {
			continue
		}
		if had == nil {
			had = &found{}
			best[entry] = had
		}
		*had = found{score: score, words: asked, al: al.clone(), f: f}
	}
	t.clear()
	return x.splitJoined(asked)
}

// splitJoined splits words that no listed word is like, but that two listed words
// make when written as one.
func (x *Index) splitJoined(words []asked) (out []name.Word, ok bool) {
	for _, a := range words {
		left, right, found := "", "", false
		if len(a.Text) >= 7 && !a.Bare && (len(a.alikes) == 0 || a.alikes[0].alike < leastGlued) {
			left, right, found = x.splitAt(a.Text)
		}
		if !found {
			out = append(out, a.Word)
			continue
		}
		ok = true
		for _, part := range [2]string{left, right} {
			out = append(out, name.Word{Text: part, Class: x.vocab[x.byText[part]].class})
		}
	}
	return out, ok
}

// splitAt returns the two listed words of which a text is made, of several pairs
// the one whose shorter word is longest.
func (x *Index) splitAt(text string) (left, right string, found bool) {
	longest := 0
	for k := 2; k <= len(text)-2; k++ {
		shorter := min(k, len(text)-k)
		_, one := x.byText[text[:k]]
		_, other := x.byText[text[k:]]
		if one && other && shorter > longest {
			left, right, found, longest = text[:k], text[k:], true, shorter
		}
	}
	return left, right, found && longest >= 2
}

// searchNumbers finds wallets and documents, whose numbers are equal or not.
func (x *Index) searchNumbers(q Query, best map[int32]*found) {
	for _, d := range q.Documents {
		for _, number := range x.numbers[numberKey(d.Number)] {
			best[number] = &found{score: leastWithDocument, exact: &Match{
				Entry: &x.entries[number], Name: -1, Document: true, Score: leastWithDocument,
				Points: []Point{{"the number of a document is listed", most, leastWithDocument}},
			}}
		}
	}
	for _, wallet := range q.Wallets {
		if len(wallet) > maxWallet {
			continue // Longer than any address of any chain.
		}
		for _, number := range x.wallets[walletKey(wallet)] {
			best[number] = &found{score: most, exact: &Match{
				Entry: &x.entries[number], Name: -1, Wallet: true, Score: most,
				Points: []Point{{"the wallet address is listed", most, most}},
			}}
		}
	}
}

// maxWallet is the longest wallet address in bytes.
const maxWallet = 4096

// tell makes a match of what was found, with all that speaks for and against.
func (x *Index) tell(q Query, found *found) Match {
	n := &x.names[found.al.name]
	m := Match{Entry: &x.entries[n.entry], Name: int(n.number), Score: found.score}
	for i, value := range found.f {
		if value > 0 && weights[i] > 0 {
			m.Points = append(m.Points, Point{featureNames[i], value, -weights[i] * value / most})
		}
	}
	x.weigh(q, m.Entry, 0, &m.Points)
	m.Pairs = x.pairsFor(found.words, &found.al)
	return m
}

func (x *Index) pairsFor(words []asked, al *alignment) []Pair {
	places := x.wordsOf(&x.names[al.name])
	out := make([]Pair, 0, len(words)+2)
	for i, w := range words {
		p := Pair{Asked: w.Text, Alike: int(al.asked[i])}
		if j := al.partner[i]; j >= 0 {
			p.Listed = x.vocab[places[j].term].spelling.Text
		}
		out = append(out, p)
	}
	for j, s := range al.listed {
		if s == 0 {
			out = append(out, Pair{Listed: x.vocab[places[j].term].spelling.Text})
		}
	}
	return out
}

// weigh adds the evidence beside the name to a score, and notes it in points
// where those are wanted.
func (x *Index) weigh(q Query, e *list.Entry, score int, points *[]Point) int {
	add := func(change int, what, listed string) {
		score += change
		if points != nil {
			*points = append(*points, Point{what + listed, most, change})
		}
	}
	if q.Born.Year >= earliestBirth && (e.Kind == list.Person || e.Kind == "") && q.Kind != list.Company {
		weighBirth(q, e, add)
	}
	if e.Gender != "" && q.Gender != "" && e.Gender != q.Gender {
		add(-againstGender, "the gender differs", "")
	}
	if len(e.Countries) > 0 && len(q.Countries) > 0 {
		if slices.ContainsFunc(q.Countries, func(c remit.Country) bool {
			return slices.Contains(e.Countries, c) || slices.Contains(e.BirthCountries, c)
		}) {
			add(forCountry, "a country agrees", "")
		} else {
			add(-againstCountry, "no country agrees", "")
		}
	}
	return max(0, min(score, most))
}

func weighBirth(q Query, e *list.Entry, add func(int, string, string)) {
	agreed, text := compareBirth(q.Born, e.Births)
	if q.OrBorn.Year >= earliestBirth {
		if or, other := compareBirth(q.OrBorn, e.Births); or != birthUnknown && or < agreed {
			agreed, text = or, other
		}
	}
	switch agreed {
	case birthEqual:
		add(forBirthEqual, "the date of birth agrees with the listed ", text)
	case birthSwapped:
		add(forBirthSwapped, "the date of birth agrees but for a typing error with the listed ", text)
	case birthWithin:
		add(forBirthWithin, "the date of birth agrees as far as known with the listed ", text)
	case birthOff:
		add(-againstBirthOff, "the date of birth is somewhat off the listed ", text)
	case birthFar:
		add(-againstBirth, "the date of birth is far from the listed ", text)
	case birthUnknown, birthNear:
	}
}
