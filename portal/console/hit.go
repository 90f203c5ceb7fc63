package console

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// hitTab leads to one of several hits.
type hitTab struct {
	*v1.Hit
	Number  int
	Current bool
}

// hitView is one hit: the party beside the list entry.
type hitView struct {
	*v1.Hit
	Number int
	Given  []nameWord
	Listed []nameWord
	// Alias says that Listed is not the entry's first name.
	Alias  bool
	Others []string
	Pairs  []pairView
	Rows   []compareRow
	Steps  []scoreStep
}

// nameWord is a piece of a name as written; Pair is the number of the pair that
// it belongs to, 0 for none.
type nameWord struct {
	Text  string
	Pair  int
	Alike int32
}

// pairView is two words that were compared.
type pairView struct {
	Number        int
	Asked, Listed string
	Alike         int32
}

// Class says how well the two agree, for the way they are drawn.
func (p pairView) Class() string { return alikeClass(p.Alike) }

// Class is that of the word's pair.
func (w nameWord) Class() string { return alikeClass(w.Alike) }

func alikeClass(alike int32) string {
	switch {
	case alike >= fullAlike:
		return "same"
	case alike > 0:
		return "near"
	}
	return "alone"
}

const fullAlike = 10_000

// compareRow is one property of both sides, and what the screening said of it.
type compareRow struct {
	Label         string
	Given, Listed []string
	Verdict       string
	Points        int32
}

// scoreStep is one row of how the score came about.
type scoreStep struct {
	What     string
	Points   int32
	From, To int32
}

// hitViews makes the tabs of all hits, strongest first, and the view of the one
// that is asked for by its number.
func hitViews(f *caseFile, asked string) ([]hitTab, *hitView) {
	hits := slices.Clone(f.Case.GetHits())
	slices.SortStableFunc(hits, func(a, b *v1.Hit) int { return int(b.GetScoreBasisPoints() - a.GetScoreBasisPoints()) })
	if len(hits) == 0 {
		return nil, nil
	}
	current, err := strconv.Atoi(asked)
	if err != nil || current < 1 || current > len(hits) {
		current = 1
	}
	tabs := make([]hitTab, len(hits))
	for i, h := range hits {
		tabs[i] = hitTab{Hit: h, Number: i + 1, Current: i+1 == current}
	}
	return tabs, newHitView(f, hits[current-1], current)
}

func newHitView(f *caseFile, h *v1.Hit, number int) *hitView {
	party := f.Party(h.GetRole())
	view := &hitView{Hit: h, Number: number}
	paired := 0
	for _, w := range h.GetWords() {
		p := pairView{Asked: w.GetAsked(), Listed: w.GetListed(), Alike: w.GetAlikeBasisPoints()}
		if p.Alike > 0 && p.Listed != "" {
			paired++
			p.Number = paired
		}
		view.Pairs = append(view.Pairs, p)
	}
	view.Given = markWords(fullName(party), view.Pairs, func(p pairView) string {
		if p.Asked == "" {
			return p.Listed // The asked words are not told any more; equal ones show all the same.
		}
		return p.Asked
	})
	names := h.GetEntry().GetNames()
	if len(names) == 0 {
		names = []string{h.GetEntryName()}
	}
	best := bestName(names, view.Pairs)
	view.Listed = markWords(names[best], view.Pairs, func(p pairView) string { return p.Listed })
	view.Alias = best > 0
	for i, n := range names {
		if i != best {
			view.Others = append(view.Others, n)
		}
	}
	view.Rows = compareRows(f, h, party)
	view.Steps = scoreSteps(h)
	return view
}

// bestName finds the listed name that holds most of the words that were compared.
func bestName(names []string, pairs []pairView) int {
	best, most := 0, -1
	for i, name := range names {
		words := make(map[string]bool)
		for _, w := range splitWords(name) {
			words[folded(w)] = true
		}
		held := 0
		for _, p := range pairs {
			if p.Listed != "" && words[folded(p.Listed)] {
				held++
			}
		}
		if held > most {
			best, most = i, held
		}
	}
	return best
}

// markWords splits a name into pieces and marks those that were paired. Words
// that were read from another script, or joined, stay unmarked: the pairs below
// the names show them as they were compared.
func markWords(name string, pairs []pairView, side func(pairView) string) []nameWord {
	used := make([]bool, len(pairs))
	var out []nameWord
	for _, piece := range splitPieces(name) {
		word := nameWord{Text: piece}
		for i, p := range pairs {
			if !used[i] && p.Number > 0 && side(p) != "" && folded(side(p)) == folded(piece) {
				used[i] = true
				word.Pair, word.Alike = p.Number, p.Alike
				break
			}
		}
		out = append(out, word)
	}
	return out
}

func letterLike(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// splitPieces cuts a text into words and what is between them, losing nothing.
func splitPieces(text string) []string {
	var out []string
	start, inside := 0, false
	for i, r := range text {
		if i > start && letterLike(r) != inside {
			out = append(out, text[start:i])
			start = i
		}
		inside = letterLike(r)
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

func splitWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !letterLike(r) })
}

// folded is a word without case and accents.
func folded(word string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// compareRows sets both sides beside one another, row by row.
func compareRows(f *caseFile, h *v1.Hit, p *v1.Party) []compareRow {
	entry := h.GetEntry()
	kind := "person"
	if p.GetCompanyName() != "" {
		kind = "company"
	}
	rows := []compareRow{
		{Label: "Kind", Given: texts(kind), Listed: texts(entry.GetKind())},
		{Label: "Born", Given: texts(p.GetDateOfBirth()), Listed: entry.GetBirths()},
		{Label: "Country", Given: countries(p.GetCountry(), p.GetNationality()), Listed: countries(entry.GetCountries()...)},
		{Label: "Document", Given: texts(strings.TrimSpace(strings.ReplaceAll(p.GetDocumentType(), "_", " ") + " " + p.GetDocumentNumber())), Listed: entry.GetDocuments()},
		{Label: "Gender", Listed: texts(entry.GetGender())},
		{Label: "Lives", Given: texts(address(p))},
		{Label: "Programmes", Listed: entry.GetPrograms()},
		{Label: "The list says", Listed: texts(entry.GetRemarks())},
	}
	if h.GetRole() == roleBeneficiary {
		rows = append(rows, compareRow{Label: "Paid to", Given: account(f.Beneficiary)})
	}
	topics := map[string]string{"Kind": "person against", "Born": "date of birth", "Country": "country agrees", "Document": "document is", "Gender": "gender"}
	var out []compareRow
	for _, r := range rows {
		if topic := topics[r.Label]; topic != "" {
			for _, point := range h.GetPoints() {
				if strings.Contains(point.GetWhat(), topic) {
					r.Verdict, r.Points = point.GetWhat(), point.GetPointsBasis()
				}
			}
		}
		if len(r.Given)+len(r.Listed) > 0 {
			out = append(out, r)
		}
	}
	return out
}

func texts(all ...string) []string {
	return slices.DeleteFunc(all, func(t string) bool { return t == "" })
}

func countries(codes ...string) []string {
	var out []string
	for _, code := range codes {
		if name := countryName(code); code != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func address(p *v1.Party) string {
	return strings.Join(texts(p.GetAddressLine(), strings.TrimSpace(p.GetPostalCode()+" "+p.GetCity())), ", ")
}

// account writes where a beneficiary is paid, numbers by their last digits.
func account(b *v1.Beneficiary) []string {
	out := texts(capital(orSame(methodWords, b.GetPayoutMethod())))
	for _, name := range sortedKeys(b.GetAccount()) {
		value := b.GetAccount()[name]
		if digits := []rune(value); len(digits) > 8 && strings.ContainsAny(value, "0123456789") {
			value = "…" + string(digits[len(digits)-4:])
		}
		out = append(out, strings.ReplaceAll(name, "_", " ")+" "+value)
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// scoreSteps tells how a score came about. Names begin with all points and lose
// some; numbers that are equal begin with none.
func scoreSteps(h *v1.Hit) []scoreStep {
	var sum int32
	for _, p := range h.GetPoints() {
		sum += p.GetPointsBasis()
	}
	at := int32(fullAlike)
	steps := []scoreStep{{What: "The same name would have", From: 0, To: at}}
	if score := h.GetScoreBasisPoints(); sum > 0 && abs(sum-score) < abs(fullAlike+sum-score) {
		at, steps = 0, nil
	}
	for _, p := range h.GetPoints() {
		if p.GetPointsBasis() == 0 {
			continue // It was looked at and changed nothing.
		}
		steps = append(steps, scoreStep{What: capital(p.GetWhat()), Points: p.GetPointsBasis(), From: at, To: at + p.GetPointsBasis()})
		at += p.GetPointsBasis()
	}
	return steps
}

func abs(n int32) int32 { return max(n, -n) }
