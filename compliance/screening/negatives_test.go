package screening_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// negatives are names that mean nobody listed: ordinary names, and names that
// share words with listed ones. What has all its words, or for companies all
// its rarer words, in one listed name, and what differs from one by no more than
// a typing error, is left out: by its name it is that party.
func negatives(t testing.TB, entries []list.Entry, n int) []labelled {
	t.Helper()
	countries := ordinary(t)
	var persons, companies []*list.Entry
	for i := range entries {
		switch e := &entries[i]; e.Kind {
		case list.Person:
			persons = append(persons, e)
		case list.Company:
			companies = append(companies, e)
		case list.Vessel, list.Aircraft:
		}
	}
	listed := newBags(entries)
	var out []labelled
	for i := 0; len(out) < n; i++ {
		seed := fmt.Sprint("negative", i)
		pick := func(from []string, what string) string { return from[dice(len(from), what, seed)] }
		c := countries[dice(len(countries), "country", seed)]
		q, kind := screening.Query{Kind: list.Person}, ""
		switch dice(10, "kind", seed) {
		case 0, 1, 2, 3:
			kind = "ordinary"
			q.Names = []string{pick(c.given, "given") + " " + pick(c.family, "family")}
		case 4:
			kind = "ordinary, three names"
			q.Names = []string{pick(c.given, "given") + " " + pick(c.given, "second") + " " + pick(c.family, "family")}
		case 5, 6:
			kind = "a listed family name"
			q.Names = []string{pick(c.given, "given") + " " + lastWord(persons[dice(len(persons), "entry", seed)], true)}
		case 7:
			kind = "two listed names mixed"
			q.Names = []string{lastWord(persons[dice(len(persons), "entry", seed)], false) + " " + lastWord(persons[dice(len(persons), "other", seed)], true)}
		case 8:
			kind = "ordinary company"
			q.Kind = list.Company
			q.Names = []string{pick(c.family, "family") + " " + pick(trades, "trade") + " " + pick(companyForms, "form")}
		default:
			kind = "two listed companies mixed"
			q.Kind = list.Company
			a, b := companies[dice(len(companies), "entry", seed)], companies[dice(len(companies), "other", seed)]
			first, second := strings.Fields(a.Names[0].Text), strings.Fields(b.Names[0].Text)
			q.Names = []string{strings.Join(append(slices.Clone(first[:(len(first)+1)/2]), second[len(second)/2:]...), " ")}
		}
		if strings.TrimSpace(q.Names[0]) == "" || listed.hold(q.Names[0], q.Kind == list.Company) || mixed(q.Names[0]) {
			continue
		}
		out = append(out, labelled{kind: kind, query: q, tune: dice(2, "half", seed) == 0})
	}
	return out
}

// misspelt reports whether a name differs from a listed one that has one of its
// words by at most one letter in seven.
func (b bags) misspelt(text string, words []string) bool {
	asked := bag(text)
	for _, w := range words {
		if slices.ContainsFunc(b[w][:min(len(b[w]), 2_000)], func(listed string) bool { return within(asked, strings.TrimSpace(listed), 15) }) {
			return true
		}
	}
	return false
}

// mixed reports whether a name has words in several scripts.
func mixed(text string) bool {
	words := strings.Fields(text)
	return slices.ContainsFunc(words, func(w string) bool { return latin(w) != latin(words[0]) })
}

var trades = strings.Split("Trading|Import Export|Shipping|Foods|Textiles|Construction|Consulting|Electronics|Travel|Logistics|Farms|Bakery|Motors|Pharmacy", "|")

// lastWord returns the family or the first given name of a listed person.
func lastWord(e *list.Entry, family bool) string {
	n := e.Names[0]
	words := strings.Fields(n.Family)
	if !family {
		words = strings.Fields(n.Given)
	}
	if len(words) == 0 {
		words = strings.Fields(strings.ReplaceAll(n.Text, ",", " "))
		if family {
			return words[len(words)-1]
		}
	}
	return words[0]
}

// bags finds listed names by their words.
type bags map[string][]string

// usual is how many listed names have a word that tells little.
const usual = 15

func newBags(entries []list.Entry) bags {
	out := bags{}
	for _, e := range entries {
		for _, n := range e.Names {
			b := " " + bag(n.Text) + " "
			for word := range strings.FieldsSeq(b) {
				out[word] = append(out[word], b)
			}
		}
	}
	return out
}

// hold reports whether a listed name has all words of a name.
func (b bags) hold(text string, company bool) bool {
	words := strings.Fields(bag(text))
	if len(words) == 0 || b.misspelt(text, words) {
		return true
	}
	if company {
		words = slices.DeleteFunc(words, func(w string) bool { return len(b[w]) > usual || len(w) <= 3 })
	}
	if len(words) == 0 {
		return true
	}
	shortest := words[0]
	for _, w := range words {
		if len(b[w]) < len(b[shortest]) {
			shortest = w
		}
	}
	return slices.ContainsFunc(b[shortest], func(listed string) bool {
		for _, w := range words {
			if !strings.Contains(listed, " "+w+" ") {
				return false
			}
		}
		return true
	})
}
