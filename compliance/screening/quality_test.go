package screening_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// wholeEntries reads all lists of past days from the folder of shared data.
func wholeEntries(t testing.TB) []list.Entry {
	t.Helper()
	lists, err := list.Read(os.DirFS(sharedLists(t)))
	if err != nil {
		t.Fatal(err)
	}
	var out []list.Entry
	for _, one := range lists.Lists {
		out = append(out, one.Entries...)
	}
	return out
}

// answered is a labelled query with its score: that of the meant entry, or of
// the best.
type answered struct {
	labelled
	score int
	match screening.Match
}

func answer(t testing.TB, x *screening.Index, queries []labelled) []answered {
	t.Helper()
	out := make([]answered, 0, len(queries))
	for _, l := range queries {
		matches, err := x.Search(l.query, 1, 50)
		if err != nil {
			continue
		}
		a := answered{labelled: l}
		for _, m := range matches {
			if l.entry == nil || (m.Entry.List == l.entry.List && m.Entry.ID == l.entry.ID) {
				a.score, a.match = m.Score, m
				break
			}
		}
		out = append(out, a)
	}
	return out
}

// threshold is the least score that at most so many in ten thousand of the
// negatives reach.
func threshold(negatives []answered, in10000 int) int {
	scores := make([]int, len(negatives))
	for i, a := range negatives {
		scores[i] = a.score
	}
	slices.SortFunc(scores, func(a, b int) int { return b - a })
	return scores[len(scores)*in10000/10_000] + 1
}

func recall(positives []answered, threshold int) int {
	n := 0
	for _, a := range positives {
		if a.score >= threshold {
			n++
		}
	}
	return n * 10_000 / max(len(positives), 1)
}

// auc is the chance, in ten-thousandths, that a positive scores above a negative.
func auc(positives, negatives []answered) int {
	var have [10_002]int
	for _, a := range negatives {
		have[a.score+1]++
	}
	below := make([]int, 10_002)
	for i := 1; i < len(have); i++ {
		below[i] = below[i-1] + have[i]
	}
	sum := 0
	for _, a := range positives {
		sum += 2*below[a.score] + have[a.score+1]
	}
	return sum * 5_000 / (len(positives) * len(negatives))
}

// TestQuality asks for the labelled set. In ordinary runs it takes a part of it
// and holds it to lower bars, as few negatives say little about rare mistakes;
// REMIT_BENCH_SCREENING=1 takes all and prints what docs/screening.md shows.
func TestQuality(t *testing.T) {
	t.Parallel()
	entries := wholeEntries(t)
	kept, withheld := withhold(entries)
	x := screening.NewIndex(kept)
	every, n, whole := 60, 2_000, os.Getenv("REMIT_BENCH_SCREENING") != ""
	if whole {
		every, n = 12, 20_000
	} else {
		withheld = slices.DeleteFunc(withheld, func(l labelled) bool { return dice(5, "part", l.query.Names[0]) != 0 })
	}
	pos := answer(t, x, positives(kept, withheld, every))
	neg := answer(t, x, negatives(t, entries, n))
	half := func(all []answered, tune bool) []answered {
		return slices.DeleteFunc(slices.Clone(all), func(a answered) bool { return a.tune != tune || a.kind == anotherName })
	}
	p, ng := half(pos, false), half(neg, false)
	at1, at01 := threshold(ng, 100), threshold(ng, 10)
	t.Logf("%d positives, %d negatives; found at 1%% false alarms: %s (score %d), at 0.1%%: %s (score %d), AUC 0.%04d", len(p), len(ng),
		percent(recall(p, at1)), at1, percent(recall(p, at01)), at01, auc(p, ng))
	bars := partBars
	if whole {
		bars = wholeBars
	}
	if one, rare := recall(p, at1), recall(p, at01); one < bars.recall || rare < bars.rare {
		t.Errorf("at 1%% and 0.1%% false alarms %s and %s are found, want %s and %s", percent(one), percent(rare), percent(bars.recall), percent(bars.rare))
	}
	if got := auc(p, ng); got < bars.auc {
		t.Errorf("the area under the curve is 0.%04d, want 0.%04d", got, bars.auc)
	}
	if whole {
		report(t, pos, neg, at1, at01)
	}
	if path := os.Getenv("REMIT_DUMP_SCREENING"); path != "" {
		dump(t, path, half(pos, true), half(neg, true))
	}
}

// bars are what TestQuality wants to be found at 1% and 0.1% false alarms, and the
// area under the curve, in ten-thousandths. Of a part of the set they are lower, as
// one negative more or less at the top moves the threshold.
type bars struct{ recall, rare, auc int }

var (
	wholeBars = bars{recall: 9_500, rare: 8_500, auc: 9_900}
	partBars  = bars{recall: 9_300, rare: 7_500, auc: 9_800}
)

func percent(tenThousandths int) string {
	return fmt.Sprintf("%d.%02d%%", tenThousandths/100, tenThousandths%100)
}

// report prints what was found for each kind of query of the half that nothing
// was fitted to, and the curve.
func report(t *testing.T, pos, neg []answered, at1, at01 int) {
	t.Helper()
	of := func(all []answered) map[string][]answered {
		by := map[string][]answered{}
		for _, a := range all {
			if !a.tune {
				by[a.kind] = append(by[a.kind], a)
			}
		}
		return by
	}
	for what, all := range map[string]map[string][]answered{"found": of(pos), "false alarms": of(neg)} {
		for _, kind := range slices.Sorted(maps.Keys(all)) {
			one := all[kind]
			t.Logf("%-12s %-28s of %5d: %7s at 1%%, %7s at 0.1%%", what, kind, len(one), percent(recall(one, at1)), percent(recall(one, at01)))
		}
	}
	var p, ng []answered
	for _, a := range pos {
		if !a.tune && a.kind != anotherName {
			p = append(p, a)
		}
	}
	for _, a := range neg {
		if !a.tune {
			ng = append(ng, a)
		}
	}
	for at := 6_000; at <= 10_000; at += 250 {
		t.Logf("score %5d: found %7s, false alarms %7s", at, percent(recall(p, at)), percent(recall(ng, at)))
	}
}

// dump writes the features of the half that weights may be fitted to.
func dump(t *testing.T, path string, pos, neg []answered) {
	t.Helper()
	var out bytes.Buffer
	w := json.NewEncoder(&out)
	for _, a := range append(slices.Clone(pos), neg...) {
		if a.match.Entry == nil {
			continue
		}
		m := map[string]any{"y": a.entry != nil, "kind": a.kind, "score": a.score, "name": a.query.Names[0], "pairs": fmt.Sprint(a.match.Pairs)}
		for _, p := range a.match.Points {
			m[p.What] = p.Value
		}
		if err := w.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
