package console

import (
	"strings"
	"testing"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// TestMarkedWords: the pieces of a name are all there in their order, and those
// that were paired carry the number of their pair.
func TestMarkedWords(t *testing.T) {
	t.Parallel()
	words := func(pairs ...string) []*v1.MatchedWords {
		var out []*v1.MatchedWords
		for _, p := range pairs {
			asked, listed, _ := strings.Cut(p, "=")
			alike := int32(10_000)
			switch {
			case asked == "" || listed == "":
				alike = 0
			case asked != listed:
				alike = 8_200
			}
			out = append(out, &v1.MatchedWords{Asked: asked, Listed: listed, AlikeBasisPoints: alike})
		}
		return out
	}
	for _, c := range []struct {
		name, given, family string
		listed              []string
		words               []*v1.MatchedWords
		wantGiven, wantList string
		alias               bool
	}{
		{"order differs", "Ismael", "Zambada García", []string{"ZAMBADA GARCIA, Ismael"}, words("ismael=ismael", "zambada=zambada", "garcia=garcia"),
			"[1Ismael] [2Zambada] [3García]", "[2ZAMBADA] [3GARCIA], [1Ismael]", false},
		{"spelling differs", "Victor", "Bout", []string{"BOUT, Viktor Anatolijevitch"}, words("victor=viktor", "bout=bout", "=anatolijevitch"),
			"[1Victor] [2Bout]", "[2BOUT], [1Viktor] Anatolijevitch", false},
		{"an alias", "El", "Mayo", []string{"ZAMBADA, Ismael", "EL MAYO"}, words("el=el", "mayo=mayo"), "[1El] [2Mayo]", "[1EL] [2MAYO]", true},
		{"another script", "Виктор", "Бут", []string{"BOUT, Viktor"}, words("viktor=viktor", "but=bout"), "Виктор Бут", "[2BOUT], [1Viktor]", false},
		{"the same word twice", "Ali", "Ali", []string{"ALI, Hassan"}, words("ali=ali", "ali="), "[1Ali] Ali", "[1ALI], Hassan", false},
		{"nothing known", "", "", nil, nil, "", "", false},
	} {
		f := &caseFile{Case: &v1.Case{}, Customer: &v1.Customer{Party: &v1.Party{GivenName: c.given, FamilyName: c.family}}}
		h := &v1.Hit{Role: roleOriginator, Entry: &v1.ListedParty{Names: c.listed}, Words: c.words}
		view := newHitView(f, h, 1)
		if got := spell(view.Given); got != c.wantGiven {
			t.Errorf("%s: given %q, want %q", c.name, got, c.wantGiven)
		}
		if got := spell(view.Listed); got != c.wantList || view.Alias != c.alias {
			t.Errorf("%s: listed %q (alias %v), want %q", c.name, got, view.Alias, c.wantList)
		}
	}
}

func spell(words []nameWord) string {
	var out strings.Builder
	for _, w := range words {
		if w.Pair > 0 {
			out.WriteString("[" + string(rune('0'+w.Pair)) + w.Text + "]")
		} else {
			out.WriteString(w.Text)
		}
	}
	return out.String()
}

// TestScoreSteps: the steps lead from what the same name would have, or from
// nothing for a number, to the score.
func TestScoreSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		score  int32
		points []int32
		first  int32
	}{{"a name", 9_100, []int32{-1_000, 100}, 0}, {"a document", 9_500, []int32{9_500}, 0}, {"capped", 10_000, []int32{200, 100}, 0}} {
		h := &v1.Hit{ScoreBasisPoints: c.score}
		for _, p := range c.points {
			h.Points = append(h.Points, &v1.ScorePoint{What: "x", PointsBasis: p})
		}
		steps := scoreSteps(h)
		last := steps[len(steps)-1].To
		if steps[0].From != c.first || min(last, fullAlike) != c.score {
			t.Errorf("%s: %+v, want them to end at %d", c.name, steps, c.score)
		}
	}
}
