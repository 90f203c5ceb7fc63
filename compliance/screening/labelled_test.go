package screening_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// The labelled set: queries that mean an entry, and queries that mean nobody,
// made of the lists' entries and of ordinary names by fixed rules. Everything is
// chosen by hash, so that two runs make the same set. See docs/screening.md.

// anotherName is the kind of aliases that are no spelling of any name that was
// kept. Nothing finds them by the name, so they are counted apart.
const anotherName = "alias, another name"

// labelled is one query of the set.
type labelled struct {
	kind  string
	query screening.Query
	// entry is the one that is meant, nil for none.
	entry *list.Entry
	// tune says that weights may be fitted to it; the report is of the others.
	tune bool
}

// dice returns a number below n that depends on the texts only.
func dice(n int, texts ...string) int {
	h := fnv.New64a()
	for _, text := range texts {
		fmt.Fprintf(h, "%d:%s,", len(text), text)
	}
	z := h.Sum64()
	z ^= z >> 31
	z *= 0x9e3779b97f4a7c15
	return int((z >> 33) % uint64(n))
}

// withhold takes each eighth alias out of the entries and returns them beside.
func withhold(entries []list.Entry) (kept []list.Entry, withheld []labelled) {
	for _, e := range entries {
		out := e
		out.Names = nil
		for i, n := range e.Names {
			if i == 0 || dice(8, "withhold", e.List, e.ID, n.Text) != 0 || n.Kind == list.Weak {
				out.Names = append(out.Names, n)
				continue
			}
		}
		kept = append(kept, out)
	}
	for i := range kept {
		e := &kept[i]
		for _, n := range entries[i].Names {
			if slices.ContainsFunc(e.Names, func(k list.Name) bool { return bag(k.Text) == bag(n.Text) }) {
				continue
			}
			kind := anotherName
			switch {
			case !latin(n.Text):
				kind = "alias, native script"
				if !slices.ContainsFunc(e.Names, func(k list.Name) bool { return latin(k.Text) }) {
					continue
				}
			case slices.ContainsFunc(e.Names, func(k list.Name) bool { return plainlyLike(k.Text, n.Text) }):
				kind = "alias, other spelling"
			}
			withheld = append(withheld, newLabelled(kind, n.Text, e))
		}
	}
	return kept, withheld
}

func newLabelled(kind, text string, e *list.Entry) labelled {
	return labelled{kind: kind, query: screening.Query{Kind: e.Kind, Names: []string{text}}, entry: e, tune: dice(2, "half", e.List, e.ID) == 0}
}

// bag folds a name to its sorted words.
func bag(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(words)
	return strings.Join(words, " ")
}

func latin(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return true
}

// plainlyLike says by plain edit distance, which the engine does not use, that
// two names are spellings of one: at most a third of the letters differ.
func plainlyLike(a, b string) bool { return within(bag(a), bag(b), 33) }

// within reports whether two texts differ in at most so many of a hundred letters.
func within(a, b string, percent int) bool {
	x, y := []rune(a), []rune(b)
	longest := max(len(x), len(y))
	if len(x) == 0 || len(y) == 0 || (longest-min(len(x), len(y)))*100 > percent*longest {
		return false
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		last := row[0]
		row[0] = i + 1
		for j := range y {
			cost := last
			if x[i] != y[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]*100 <= percent*longest
}

// variants are the ways in which listed names come misspelt. Each returns "" for
// a name that it does not apply to.
var variants = []struct {
	kind string
	make func(name string, e *list.Entry, seed string) string
}{
	{"as listed", func(n string, _ *list.Entry, _ string) string { return n }},
	{"word order", func(n string, e *list.Entry, seed string) string {
		words := strings.Fields(strings.ReplaceAll(n, ",", " "))
		if e.Kind != list.Person || len(words) < 2 {
			return ""
		}
		at := 1 + dice(len(words)-1, "order", seed)
		return strings.Join(append(slices.Clone(words[at:]), words[:at]...), " ")
	}},
	{"initial", func(n string, e *list.Entry, seed string) string {
		family, given := parts(n, e)
		if family == "" || len([]rune(family)) < 4 {
			return ""
		}
		return string([]rune(given)[:1]) + ". " + family
	}},
	{"one typing error", func(n string, _ *list.Entry, seed string) string { return mistypeBy(n, seed, 1, 4) }},
	{"two typing errors", func(n string, _ *list.Entry, seed string) string { return mistypeBy(n, seed, 2, 12) }},
	{"a word left out", func(n string, e *list.Entry, seed string) string {
		words := strings.Fields(strings.ReplaceAll(n, ",", " "))
		if len(words) < 3 {
			return ""
		}
		family, given := parts(n, e)
		at := 1 + dice(len(words)-1, "drop", seed)
		if e.Kind == list.Person && family != "" { // Never the family or the first given name.
			keep := strings.Fields(family + " " + strings.Fields(given)[0])
			for slices.Contains(keep, words[at]) {
				at++
				if at == len(words) {
					return ""
				}
			}
		}
		return strings.Join(slices.Delete(slices.Clone(words), at, at+1), " ")
	}},
	{"words joined", func(n string, _ *list.Entry, seed string) string {
		words := strings.Fields(strings.ReplaceAll(n, ",", " "))
		if len(words) < 2 {
			return ""
		}
		at := dice(len(words)-1, "join", seed)
		return strings.Join(append(append(slices.Clone(words[:at]), words[at]+words[at+1]), words[at+2:]...), " ")
	}},
	{"a word split", func(n string, _ *list.Entry, seed string) string {
		words := strings.Fields(strings.ReplaceAll(n, ",", " "))
		at := dice(max(len(words), 1), "split", seed)
		if len(words) == 0 || len(words[at]) < 7 || !latin(words[at]) {
			return ""
		}
		cut := 3 + dice(len(words[at])-5, "cut", seed)
		words[at] = words[at][:cut] + " " + words[at][cut:]
		return strings.Join(words, " ")
	}},
	{"transliteration", func(n string, e *list.Entry, seed string) string {
		other := respellings[dice(len(respellings), "spell", seed)].Replace(strings.ToLower(n))
		if e.Kind == list.Vessel || e.Kind == list.Aircraft || strings.EqualFold(other, n) {
			return ""
		}
		return other
	}},
	{"company form", func(n string, e *list.Entry, seed string) string {
		words := strings.Fields(n)
		if e.Kind != list.Company || len(words) < 2 || !slices.Contains(companyForms, strings.ToLower(strings.Trim(words[len(words)-1], ".,"))) {
			return ""
		}
		words = words[:len(words)-1]
		if dice(2, "form", seed) == 0 {
			words = append(words, strings.ToUpper(companyForms[dice(len(companyForms), "which", seed)]))
		}
		return strings.Join(words, " ")
	}},
	{"accents and look-alikes", func(n string, _ *list.Entry, seed string) string {
		if dice(2, "marks", seed) == 0 {
			return strings.NewReplacer("a", "á", "e", "ë", "o", "ö", "A", "Á", "E", "É", "u", "ū", "c", "ç").Replace(n)
		}
		return strings.NewReplacer("a", "а", "e", "е", "o", "о", "p", "р", "A", "А", "E", "Е", "O", "О", "i", "і").Replace(n)
	}},
	{"a title", func(n string, e *list.Entry, seed string) string {
		if e.Kind != list.Person {
			return ""
		}
		return []string{"Mr ", "Dr. ", "Sheikh ", "Haji ", "Mrs "}[dice(5, "title", seed)] + strings.ReplaceAll(n, ",", "")
	}},
	{"a name more", func(n string, e *list.Entry, seed string) string {
		words := strings.Fields(strings.ReplaceAll(n, ",", " "))
		if e.Kind != list.Person || len(words) < 2 {
			return ""
		}
		more := []string{"Hassan", "Maria", "Ivanovich", "Ali", "Jose", "Karim", "Viktor", "John", "Luis", "Mohamed"}[dice(10, "more", seed)]
		return strings.Join(slices.Insert(words, 1+dice(len(words)-1, "where", seed), more), " ")
	}},
}

var companyForms = strings.Fields("llc ltd limited inc corp corporation gmbh ag sa sarl srl co company bv fze pjsc ojsc jsc ooo zao oao plc")

// respellings write sounds as other languages do.
var respellings = []*strings.Replacer{
	strings.NewReplacer("sh", "sch", "y", "j", "v", "w", "ch", "tsch", "zh", "sch", "kh", "ch"),
	strings.NewReplacer("sh", "ch", "u", "ou", "kh", "kh", "v", "v", "y", "i", "j", "dj"),
	strings.NewReplacer("kh", "h", "iy", "y", "ya", "ia", "yu", "iu", "ye", "e", "w", "v"),
	strings.NewReplacer("q", "k", "dh", "d", "gh", "g", "aa", "a", "ee", "i", "oo", "u", "ou", "u", "ss", "s", "mm", "m", "dd", "d"),
	strings.NewReplacer("k", "c", "f", "ph", "i", "y", "z", "s"),
}

// parts returns the family and given names where the list tells them.
func parts(text string, e *list.Entry) (family, given string) {
	if e.Kind != list.Person {
		return "", ""
	}
	for _, n := range e.Names {
		if n.Text == text && n.Family != "" && n.Given != "" {
			return n.Family, n.Given
		}
	}
	return "", ""
}

// mistypeBy makes typing errors in a name of at least so many letters.
func mistypeBy(text, seed string, errors, least int) string {
	letters := []rune(text)
	if len(letters) < least {
		return ""
	}
	for n := range errors {
		turn := fmt.Sprint(n)
		var at []int
		for i := 1; i+1 < len(letters); i++ {
			if unicode.IsLetter(letters[i-1]) && unicode.IsLetter(letters[i]) && unicode.IsLetter(letters[i+1]) {
				at = append(at, i)
			}
		}
		if len(at) == 0 {
			return ""
		}
		i := at[dice(len(at), "at", seed, turn)]
		switch dice(4, "how", seed, turn) {
		case 0:
			letters = slices.Delete(letters, i, i+1)
		case 1:
			letters = slices.Insert(letters, i, letters[i-1])
		case 2:
			letters[i], letters[i+1] = letters[i+1], letters[i]
		default:
			letters[i] = rune("etaoinsrhldcumfpgwyb"[dice(20, "to", seed, turn)])
		}
	}
	return string(letters)
}

// positives are the withheld aliases and one variant of each kind for one
// entry in so many.
func positives(kept []list.Entry, withheld []labelled, every int) []labelled {
	out := withheld
	for i := range kept {
		e := &kept[i]
		for _, v := range variants {
			if dice(every, "pick", v.kind, e.List, e.ID) != 0 || len(e.Names) == 0 {
				continue
			}
			n := e.Names[dice(len(e.Names), "name", v.kind, e.List, e.ID)]
			if n.Kind == list.Weak || !latin(n.Text) || len(strings.Fields(n.Text)) < 2 && e.Kind == list.Person {
				continue
			}
			if text := v.make(n.Text, e, e.List+e.ID+v.kind); text != "" {
				out = append(out, newLabelled(v.kind, text, e))
			}
		}
	}
	return out
}

// country is the ordinary names of one.
type country struct {
	code          string
	given, family []string
}

func ordinary(t testing.TB) []country {
	t.Helper()
	text, err := os.ReadFile("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []country
	for line := range strings.Lines(string(text)) {
		code, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		kind, names, _ := strings.Cut(rest, " ")
		switch kind {
		case "given":
			out = append(out, country{code: code, given: strings.Split(names, "|")})
		case "family":
			out[len(out)-1].family = strings.Split(names, "|")
		}
	}
	return out
}
