package screening_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// small is an index of made-up entries.
func small() *screening.Index {
	day := list.Date{Year: 1961, Month: 3, Day: 12}
	return screening.NewIndex([]list.Entry{
		{List: "own-a", ID: "1", Kind: list.Person, Gender: "male", Births: []list.Birth{{From: day, To: day}},
			Names: []list.Name{{Text: "Quagmire, Zebedee Ignatius", Family: "Quagmire", Given: "Zebedee Ignatius"}, {Text: "Зебеди Квагмайр"}}},
		{List: "own-a", ID: "2", Kind: list.Company, Names: []list.Name{{Text: "Blorptech Trading Limited Liability Company"}},
			Documents: []list.Document{{Type: "registration", Number: "HRB 12345"}}},
		{List: "own-b", ID: "3", Kind: list.Vessel, Names: []list.Name{{Text: "MV Northern Zephyr"}},
			Documents: []list.Document{{Type: "imo", Number: "IMO 9123456"}}},
		{List: "own-b", ID: "4", Kind: list.Company, Names: []list.Name{{Text: "Federal Office of Zinc Yards"}}},
	})
}

func best(t testing.TB, x *screening.Index, q screening.Query) (string, int) {
	t.Helper()
	matches, err := x.Search(q, 1, 1)
	if err != nil {
		t.Fatalf("search %v: %v", q.Names, err)
	}
	if len(matches) == 0 {
		return "", 0
	}
	return matches[0].Entry.ID, matches[0].Score
}

func TestVariantsOfANameAreFound(t *testing.T) {
	t.Parallel()
	x := small()
	for _, tt := range []struct{ why, name, entry string }{
		{"word order", "Zebedee Quagmire", "1"},
		{"an initial", "Z. Quagmire", "1"},
		{"initials after the family name", "QUAGMIRE Z.I.", "1"},
		{"digits that a machine read", "Zeb3d3e Quagmire", "1"},
		{"a badly mistyped word among good ones", "Zebedee Igantis Quagmire", "1"},
		{"two scripts", "Zebedee Quagmire (Зебеди Квагмайр)", "1"},
		{"joined words", "ZebedeeQuagmire", "1"},
		{"a split word", "Zebedee Quag mire", "1"},
		{"a title", "Dr. Zebedee Quagmire Jr.", "1"},
		{"a name more", "Zebedee Hassan Quagmire Ignatius", "1"},
		{"two mistakes", "Zebedde Quagmyre", "1"},
		{"another form of company", "Blorptech Trading GmbH", "2"},
		{"no form of company", "Blorptech Trading", "2"},
		{"a word in another language", "Blorptech торговый ООО", "2"},
		{"a ship without its prefix", "Northern Zephyr", "3"},
		{"a ship with another prefix", "M/T Northern Zephyr", "3"},
		{"the first letters", "FOZY", "4"},
	} {
		if entry, score := best(t, x, screening.Query{Names: []string{tt.name}}); entry != tt.entry || score < 7_500 {
			t.Errorf("%s: %q finds %q with %d, want %s", tt.why, tt.name, entry, score, tt.entry)
		}
	}
}

func TestInitialsAreNoNames(t *testing.T) {
	t.Parallel()
	x := small()
	for _, name := range []string{"K. Quagmire", "Z. Quagmyer", "Quagmire K.L."} {
		if entry, score := best(t, x, screening.Query{Kind: list.Person, Names: []string{name}}); score >= alert {
			t.Errorf("%q alerts on %s with %d", name, entry, score)
		}
	}
}

func TestBirthDates(t *testing.T) {
	t.Parallel()
	x := small()
	scores := map[string]int{}
	for _, born := range []string{"1961-03-12", "1961-12-03", "1961", "1962-03-12", "1961-13-03", "1985", "1985-03-12", "1963", "1964", "1971-03-12", ""} {
		q := screening.Query{Names: []string{"Zebedee Quagmyre"}, Kind: list.Person}
		if born != "" {
			day, _, err := screening.ParseBirth(born, 2026)
			if err != nil {
				t.Fatalf("%s: %v", born, err)
			}
			q.Born = day
		}
		_, scores[born] = best(t, x, q)
	}
	for _, tt := range [][2]string{
		{"1961-03-12", "1961-12-03"}, {"1961-12-03", ""}, {"1961", ""}, {"1961-13-03", ""}, {"", "1985"}, {"1962-03-12", "1985-03-12"},
		{"", "1963"}, {"1963", "1964"}, {"1963", "1971-03-12"},
	} {
		if scores[tt[0]] <= scores[tt[1]] {
			t.Errorf("born %q scores %d, want more than %d of %q", tt[0], scores[tt[0]], scores[tt[1]], tt[1])
		}
	}
	far, _, err := screening.ParseBirth("1985-03-12", 2026)
	if err != nil {
		t.Fatal(err)
	}
	if _, score := best(t, x, screening.Query{Names: []string{"Zebedee Ignatius Quagmire"}, Born: far}); score >= alert {
		t.Errorf("the same name with a far-off date of birth alerts at %d", score)
	}
}

func TestDatesThatDoNotExistAreRefused(t *testing.T) {
	t.Parallel()
	for _, born := range []string{"", "61", "1961-02-30", "1961-13-13", "1961-00-01", "0000", "31/02/1961", "1961-03-12-01", "-961", "1961-+3",
		"12/03/61", "1700-01-01", "2090-01-01", "19610230", "12 Foo 1961", "abc"} {
		if day, _, err := screening.ParseBirth(born, 2026); err == nil {
			t.Errorf("%q is read as %v", born, day)
		}
	}
}

func TestDatesOfBirthInOtherForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"1961": {"1961", ""}, "1961-03": {"1961-03", ""}, "1961-3-12": {"1961-03-12", ""}, "19610312": {"1961-03-12", ""},
		"12 Mar 1961": {"1961-03-12", ""}, "March 12, 1961": {"1961-03-12", ""}, "12-MAR-1961": {"1961-03-12", ""}, "1961 Mar 12": {"1961-03-12", ""},
		"Sept 1961": {"1961-09", ""}, "25/12/1954": {"1954-12-25", ""}, "12/25/1954": {"1954-12-25", ""}, "03.04.1960": {"1960-04-03", "1960-03-04"},
		"04/04/1960": {"1960-04-04", ""}, "03/1960": {"1960-03", ""}, "1961-13-03": {"1961-03-13", ""}, "1961/03/12": {"1961-03-12", ""},
	} {
		born, or, err := screening.ParseBirth(text, 2026)
		if err != nil || born.String() != want[0] || or.String() != want[1] {
			t.Errorf("%q is read as %q or %q, %v; want %q", text, born, or, err, want)
		}
	}
}

func TestEitherReadingOfADateCounts(t *testing.T) {
	t.Parallel()
	x := small()
	born, or, err := screening.ParseBirth("03/12/1961", 2026)
	if err != nil {
		t.Fatal(err)
	}
	q := screening.Query{Names: []string{"Zebedee Quagmyre"}, Kind: list.Person, Born: born, OrBorn: or}
	_, both := best(t, x, q)
	q.Born, q.OrBorn = list.Date{Year: 1961, Month: 3, Day: 12}, list.Date{}
	if _, exact := best(t, x, q); both != exact {
		t.Errorf("a date of two readings scores %d, the listed day %d", both, exact)
	}
	q.Born = list.Date{Year: 1700, Month: 3, Day: 12}
	_, absurd := best(t, x, q)
	q.Born = list.Date{}
	if _, none := best(t, x, q); absurd != none {
		t.Errorf("an absurd date of birth scores %d, none %d", absurd, none)
	}
}

func TestNumbersMatchExactly(t *testing.T) {
	t.Parallel()
	x := small()
	for number, want := range map[string]string{"hrb12345": "2", "9123456": "3", "IMO9123456": "3", "9123457": "", "12": ""} {
		q := screening.Query{Names: []string{"Wholly Otherwise"}, Documents: []list.Document{{Number: number}}}
		if entry, score := best(t, x, q); entry != want || (want != "" && score < 9_000) {
			t.Errorf("%s finds %q with %d, want %q", number, entry, score, want)
		}
	}
}

func TestUnreadableQueriesAreErrors(t *testing.T) {
	t.Parallel()
	x := small()
	for _, names := range [][]string{
		nil, {""}, {"\u200b\u202e"}, {strings.Repeat("Zebedee ", 1_250)}, {"မြန်မာ"}, {"Zebedee Quagmire", "မြန်မာ"},
		{"a b", "a b", "a b", "a b", "a b", "a b", "a b", "a b", "a b"},
	} {
		started := time.Now()
		_, err := x.Search(screening.Query{Names: names}, 1, 10)
		if !errors.Is(err, screening.ErrUnscreened) {
			t.Errorf("%.1q: error is %v, want unscreened", names, err)
		}
		if took := time.Since(started); took > 2*time.Second {
			t.Errorf("%.1q took %s", names, took)
		}
	}
}

func TestMatchExplainsItself(t *testing.T) {
	t.Parallel()
	matches, err := small().Search(screening.Query{Names: []string{"Zebedee Quagmyre"}, Kind: list.Person, Gender: "female"}, 1, 1)
	if err != nil || len(matches) != 1 {
		t.Fatalf("%d matches, %v", len(matches), err)
	}
	m := matches[0]
	sum := 10_000
	for _, p := range m.Points {
		sum += p.Points
	}
	if sum != m.Score {
		t.Errorf("the points %v make %d, the score is %d", m.Points, sum, m.Score)
	}
	var quagmyre, missing bool
	for _, p := range m.Pairs {
		quagmyre = quagmyre || p.Asked == "quagmyre" && p.Listed == "quagmire" && p.Alike > 9_000
		missing = missing || p.Asked == "" && p.Listed == "ignatius"
	}
	if !quagmyre || !missing {
		t.Errorf("pairs are %v", m.Pairs)
	}
	found, err := small().Screen(t.Context(), person("Zebedee Quagmire"))
	if err != nil || len(found.Hits) != 1 {
		t.Fatalf("%d hits, %v", len(found.Hits), err)
	}
	e := found.Hits[0].Explanation
	if e == nil || len(e.Entry.Names) != 2 || len(e.Words) == 0 || e.Entry.ID != "1" || found.Hits[0].Kind != compliance.HitName {
		t.Errorf("explanation is %+v", e)
	}
}
